/* SPDX-License-Identifier: MIT */
/*
 * Somebody else's routes by one device, as the kernel tells of them. A prefix may
 * have several, and what a message removes or replaces is one of those: only who
 * knows them all knows what is left, without asking the kernel for its tables.
 */
#ifndef NHRP_OS_ROUTE_OTHERS_H
#define NHRP_OS_ROUTE_OTHERS_H

#include <stdbool.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/trie.h>

#include "route_range.h"

struct route_other {
	uint32_t table, metric;
	struct addr gateway; /* ADDR_NONE: on-link */
};

/* Begins as zeroes. */
struct route_others {
	struct trie prefixes;
};

void route_others_add(struct route_others *o, const struct prefix *dst,
		      const struct route_other *r);

/* The one route, or all of its table and metric: what a replacement displaces. */
void route_others_del(struct route_others *o, const struct prefix *dst,
		      const struct route_other *r);
void route_others_displace(struct route_others *o, const struct prefix *dst,
			   const struct route_other *r);

/* Of the lowest metric; NULL: there is none. Valid until the next change. */
const struct route_other *route_others_best(const struct route_others *o,
					    const struct prefix *dst);

/* Takes all of `from`, in place of what was there. */
void route_others_move(struct route_others *o, struct route_others *from);

/* Of each prefix of a family the first address; the room is for all prefixes. */
size_t route_others_points(const struct route_others *o, enum addr_family family,
			   struct route_range *out);

void route_others_clear(struct route_others *o);

#endif
