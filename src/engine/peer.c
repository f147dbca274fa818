/* SPDX-License-Identifier: MIT */
/*
 * NBMA peers: what lies behind one outer address. A station may register several
 * protocol addresses, but two stations behind one translated address cannot be
 * told apart without IPsec: what is sent to one reaches the other by chance. They
 * give themselves away by what each claims to be its own address.
 */
#include <stdlib.h>

#include "engine_int.h"

struct peer *peer_find(const struct iface *i, const struct addr *nbma)
{
	struct peer *p;

	HASH_FIND(hh, i->peers, nbma, sizeof(*nbma), p);
	return p;
}

enum peer_verdict peer_admits(const struct iface *i, const struct addr *nbma,
			      const struct addr *claimed)
{
	const struct peer *p = peer_find(i, nbma);

	if (!p)
		return PEER_ADMITTED;
	if (!addr_eq(&p->claimed, claimed))
		return PEER_SHARED;
	return p->stations < PEER_STATIONS_MAX ? PEER_ADMITTED : PEER_FULL;
}

void peer_join(struct iface *i, const struct addr *nbma, const struct addr *claimed)
{
	struct peer *p = peer_find(i, nbma);

	if (!p) {
		p = mem_new(sizeof(*p));
		p->nbma = *nbma;
		HASH_ADD(hh, i->peers, nbma, sizeof(p->nbma), p);
	}
	p->claimed = *claimed;
	p->stations++;
}

void peer_leave(struct iface *i, const struct addr *nbma)
{
	struct peer *p = peer_find(i, nbma);

	if (!p || --p->stations > 0)
		return;
	HASH_DEL(i->peers, p);
	free(p);
}
