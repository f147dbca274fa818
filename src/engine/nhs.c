/* SPDX-License-Identifier: MIT */
/* Whom to ask for an address: the best of those that can be asked. */
#include "engine_int.h"

static bool serves(const struct station *s, const struct addr *dst)
{
	/* In no prefix of a `map`: that of a station registered with it is known. */
	if (linklocal_is(dst))
		return s->map.registers && s->map.proto.addr.family == ADDR_IP6;
	if (s->map.has_len)
		return prefix_contains(&s->map.proto, dst);
	/* `map ADDRESS NBMA register` without a length: a server for everything. */
	return s->map.registers && s->map.proto.addr.family == dst->family;
}

static unsigned liveness(const struct station *s)
{
	if (s->state == CLIENT_UP || s->state == CLIENT_REFRESHING)
		return 2;
	return s->state == CLIENT_WAITING;
}

/* Longest prefix, then those registered with, then the lowest priority number. */
static bool better(const struct station *a, const struct station *b)
{
	uint8_t len_a = a->map.has_len ? a->map.proto.len : 0;
	uint8_t len_b = b->map.has_len ? b->map.proto.len : 0;
	unsigned up_a = liveness(a), up_b = liveness(b);
	uint8_t rank_a = client_rank(a), rank_b = client_rank(b);

	if (len_a != len_b)
		return len_a > len_b;
	if (up_a != up_b)
		return up_a > up_b;
	return rank_a < rank_b;
}

struct station *nhs_server_for(struct iface *i, const struct addr *dst,
			       const struct addr *but_not_nbma)
{
	struct station *best = NULL;

	for (struct station *s = i->stations; s; s = s->next) {
		if (!addr_is_set(&s->nbma) || s->state == CLIENT_DOWN ||
		    s->state == CLIENT_STANDBY || !serves(s, dst))
			continue;
		if (but_not_nbma && addr_eq(&s->nbma, but_not_nbma))
			continue;
		if (!best || better(s, best))
			best = s;
	}
	return best;
}

struct station *nhs_station_for(struct iface *i, const struct addr *dst)
{
	struct station *best = nhs_server_for(i, dst, NULL);

	for (struct station *s = i->stations; s && !best; s = s->next) {
		if (serves(s, dst))
			best = s;
	}
	return best;
}

bool nhs_is_server(const struct iface *i, const struct addr *nbma)
{
	for (const struct station *s = i->stations; s; s = s->next) {
		if (addr_eq(&s->nbma, nbma))
			return true;
	}
	return false;
}
