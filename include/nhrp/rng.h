/* SPDX-License-Identifier: MIT */
/*
 * Seeded generator for jitter and request ids. Reproducible, not for secrets.
 */
#ifndef NHRP_RNG_H
#define NHRP_RNG_H

#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline struct rng rng_init(uint64_t seed)
{
	return (struct rng){ seed };
}

uint64_t rng_next(struct rng *r);

/* Uniform in [0, bound); 0 when bound is 0. */
uint32_t rng_below(struct rng *r, uint32_t bound);

/* `value` moved at random by at most `percent` to either side. */
int64_t rng_jitter(struct rng *r, int64_t value, unsigned percent);

#endif
