/* SPDX-License-Identifier: MIT */
/*
 * A string that grows by whole pieces.
 *
 * Begins as zeroes. The owner of `s` releases it with free(); it is NULL until
 * something, be it "", was put.
 */
#ifndef NHRP_TEXT_H
#define NHRP_TEXT_H

#include <stddef.h>

#include <nhrp/defs.h>

struct text {
	char *s;
	size_t len, cap;
};

void text_put(struct text *t, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
