/* SPDX-License-Identifier: MIT */
/*
 * Prefixes as ranges of the first 32 bits of their addresses, few enough to be
 * looked through by a socket filter: where there are many, wider than they are.
 */
#ifndef NHRP_OS_ROUTE_RANGE_H
#define NHRP_OS_ROUTE_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/defs.h>

#define ROUTE_RANGES_MAX 32

struct route_range {
	uint32_t first, last;
};

struct route_ranges {
	struct route_range list[ROUTE_RANGES_MAX]; /* in order, and apart */
	size_t count;
};

struct route_range route_range_of(const struct prefix *p);

/* Holds all of these, which are put in order on the way. */
void route_ranges_make(struct route_ranges *out, struct route_range *all, size_t n);

bool route_ranges_hold(const struct route_ranges *r,
		       struct route_range wanted) MUST_CHECK;

#endif
