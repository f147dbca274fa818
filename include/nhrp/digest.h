/* SPDX-License-Identifier: MIT */
/*
 * A text by which it is known again where there is no room for it: the first half of
 * its SHA-256. Nobody finds a second text for one, nor the text itself. Values only;
 * anybody may call it.
 */
#ifndef NHRP_DIGEST_H
#define NHRP_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#define DIGEST_LEN 16

struct digest {
	uint8_t bytes[DIGEST_LEN]; /* all zero: of nothing */
};

/* Of the empty text: nothing. */
struct digest digest_of(const char *text);

bool digest_is_set(const struct digest *d);
bool digest_eq(const struct digest *a, const struct digest *b);

#endif
