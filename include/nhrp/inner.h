/* SPDX-License-Identifier: MIT */
/*
 * Source and destination of the IP header that a Traffic Indication quotes.
 */
#ifndef NHRP_INNER_H
#define NHRP_INNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/defs.h>

struct inner {
	struct addr src, dst;
};

/* False when the bytes do not begin with a whole IPv4 or IPv6 header. */
bool inner_decode(struct inner *out, const uint8_t *bytes, size_t len) MUST_CHECK;

#endif
