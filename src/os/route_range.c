/* SPDX-License-Identifier: MIT */
#include "route_range.h"

#include <stdlib.h>

/* Bits by which ranges are made coarser until there are few enough. */
#define COARSER_BITS 4

struct route_range route_range_of(const struct prefix *p)
{
	const struct prefix masked = prefix_masked(p);
	const uint8_t *b = masked.addr.bytes;
	uint32_t first = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
			 (uint32_t)b[2] << 8 | b[3];
	uint32_t rest = p->len < 32 ? UINT32_MAX >> p->len : 0;

	return (struct route_range){ first, first | rest };
}

static int compare(const void *a, const void *b)
{
	const struct route_range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* Ranges in order; false when they are too many even where those that touch join. */
static bool join(struct route_ranges *out, const struct route_range *all, size_t n,
		 uint32_t blur)
{
	struct route_range *last = NULL;

	out->count = 0;
	for (size_t i = 0; i < n; i++) {
		const struct route_range r = { all[i].first & ~blur,
					       all[i].last | blur };

		if (last && (last->last == UINT32_MAX || r.first <= last->last + 1)) {
			if (r.last > last->last)
				last->last = r.last;
			continue;
		}
		if (out->count == ROUTE_RANGES_MAX)
			return false;
		last = &out->list[out->count++];
		*last = r;
	}
	return true;
}

void route_ranges_make(struct route_ranges *out, struct route_range *all, size_t n)
{
	uint32_t blur = 0;

	if (n)
		qsort(all, n, sizeof(*all), compare);
	while (!join(out, all, n, blur))
		blur = blur << COARSER_BITS | ((1u << COARSER_BITS) - 1);
}

bool route_ranges_hold(const struct route_ranges *r, struct route_range wanted)
{
	for (size_t i = 0; i < r->count; i++) {
		if (r->list[i].first <= wanted.first && wanted.last <= r->list[i].last)
			return true;
	}
	return false;
}
