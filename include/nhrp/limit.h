/* SPDX-License-Identifier: MIT */
/*
 * Token bucket: at most `burst` at once and `per_s` a second in the long run. With
 * a rate of 0 the burst is all there ever is.
 */
#ifndef NHRP_LIMIT_H
#define NHRP_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include <nhrp/mono.h>

struct limit {
	uint32_t per_s, burst;
	uint64_t tokens; /* in hand, in millionths */
	mono last;
	bool started;
	uint64_t refused; /* how often the answer was no */
};

static inline struct limit limit_init(uint32_t per_s, uint32_t burst)
{
	return (struct limit){ .per_s = per_s, .burst = burst };
}

/* Takes one token; false when there is none. */
bool limit_take(struct limit *l, mono now);

#endif
