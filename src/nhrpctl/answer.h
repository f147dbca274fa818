/* SPDX-License-Identifier: MIT */
/*
 * A daemon's whole answer, as the frames that came.
 *
 * Rows are decoded where they stand, as often as somebody walks over them; what
 * they say lives as long as the answer. Release `bytes` with free().
 */
#ifndef NHRPCTL_ANSWER_H
#define NHRPCTL_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/ctl_proto.h>
#include <nhrp/defs.h>
#include <nhrp/record.h>

struct answer {
	uint8_t *bytes;
	size_t len, room;
	size_t rows_len; /* octets of whole rows, which come first */
	bool ended;
	struct ctl_end end; /* when ended */
};

/* A walk over the rows. */
struct answer_walk {
	const uint8_t *at, *end;
};

static inline struct answer_walk answer_rows(const struct answer *a)
{
	return (struct answer_walk){ a->bytes,
				     a->bytes ? a->bytes + a->rows_len : NULL };
}

bool answer_next(struct answer_walk *walk, struct record *out) MUST_CHECK;

/*
 * Sends the words to the socket and collects the answer. False, with what is
 * wrong and what to do in err, when there is none.
 */
bool answer_get(struct answer *out, const char *path, const char *const *words,
		size_t count, char *err, size_t err_cap) MUST_CHECK;

/* Takes in octets as they came; false when they are no answer. */
bool answer_add(struct answer *a, const uint8_t *bytes, size_t n) MUST_CHECK;

#endif
