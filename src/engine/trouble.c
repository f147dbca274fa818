/* SPDX-License-Identifier: MIT */
/*
 * The last error of each peer, for people who want to know why: what it told us,
 * and what we told it. Anybody can cause these, so there are few, and the oldest
 * gives way.
 */
#include "engine_int.h"

static struct trouble *place_for(struct iface *i, const struct trouble *t)
{
	struct trouble *best = &i->troubles[0];

	for (size_t k = 0; k < TROUBLES_MAX; k++) {
		struct trouble *at = &i->troubles[k];

		if (at->what && at->by_us == t->by_us && addr_eq(&at->nbma, &t->nbma) &&
		    addr_eq(&at->proto, &t->proto))
			return at;
		if (best->what && (!at->what || mono_before(at->at, best->at)))
			best = at;
	}
	return best;
}

void trouble_note(struct iface *i, const struct trouble *t)
{
	*place_for(i, t) = *t;
}

const struct trouble *trouble_of(const struct iface *i, const struct addr *proto,
				 const struct addr *nbma)
{
	const struct trouble *newest = NULL;

	for (size_t k = 0; k < TROUBLES_MAX; k++) {
		const struct trouble *t = &i->troubles[k];
		bool its = addr_eq(&t->proto, proto) ||
			   (addr_is_set(nbma) && addr_eq(&t->nbma, nbma));

		if (t->what && its && (!newest || mono_before(newest->at, t->at)))
			newest = t;
	}
	return newest;
}
