/* SPDX-License-Identifier: MIT */
/*
 * Cisco's NAT extension (type 9): a station's NBMA address as the outside sees
 * it, beside the one it claims. A list of CIEs, each telling protocol address
 * and NBMA address; the one whose protocol address is asked for counts, wherever
 * in the list it stands.
 */
#include <assert.h>

#include "engine_int.h"

static struct ext *nat_ext(struct packet *p)
{
	struct ext *x = packet_find_ext(p, NHRP_EXT_NAT);

	return x && x->form == EXT_CIES ? x : NULL;
}

static void add(struct iface *i, struct packet *p, struct ext *x,
		const struct addr *nbma, const struct addr *proto)
{
	struct cie *c = packet_ext_add_cie(p, x);

	if (!c)
		return;
	c->prefix_len = addr_host_bits(proto);
	c->mtu = iface_mtu(i);
	c->nbma = *nbma;
	c->proto = *proto;
}

bool nat_is_ours(const struct iface *i)
{
	for (const struct station *s = i->stations; s; s = s->next) {
		if (addr_is_set(&s->seen_as))
			return true;
	}
	return false;
}

const char *nat_hinders(const struct peer *p)
{
	if (!p->natted || peer_is_secured(p))
		return NULL;
	return nat_is_ours(p->iface) ? "both ends are behind NAT"
				     : "behind NAT, and it did not call us";
}

bool nat_between(const struct iface *i, const struct addr *nbma,
		 const struct addr *claimed)
{
	/* IKE finds the way through NAT, and keeps it open, by itself. */
	if (iface_is_secured(i))
		return false;
	return !addr_eq(nbma, claimed) || nat_is_ours(i);
}

uint32_t nat_hold_s(const struct iface *i, const struct where *w)
{
	return w->hold_s > NAT_KEEP_S && nat_between(i, &w->nbma, &w->claimed)
		       ? NAT_KEEP_S
		       : w->hold_s;
}

/*
 * Most NAT lets in only what answers to something that went out. So before a
 * station learns where we are, a question goes straight to it; whether that one
 * arrives does not matter.
 */
void nat_open(struct iface *i, const struct addr *proto, const struct addr *nbma,
	      mono now)
{
	if (!iface_is_secured(i) && nat_is_ours(i))
		resolve_greet(i, proto, nbma, now);
}

/* Our own outside address, when a server told us that we are behind NAT. */
void nat_add_own(struct iface *i, struct packet *p, const struct addr *own)
{
	struct ext *x = nat_ext(p);
	const struct station *s = i->stations;

	while (s && !(addr_is_set(&s->seen_as) && addr_eq(&s->own_proto, own)))
		s = s->next;
	if (s && x)
		add(i, p, x, &s->seen_as, own);
}

/* That of a station that is answered for. */
void nat_add_station(struct iface *i, struct packet *p, const struct binding *b)
{
	struct ext *x = nat_ext(p);

	if (x && !addr_eq(&b->nbma, &b->claimed))
		add(i, p, x, &b->nbma, &b->proto);
}

/* A client tells which address it dials, and whose it thinks that is. */
void nat_add_dialled(struct iface *i, struct packet *p, const struct addr *nbma,
		     const struct addr *proto)
{
	struct ext *x = nat_ext(p);

	assert(x); /* the caller has just put it there */
	add(i, p, x, nbma, proto);
}

struct addr nat_seen_as(struct packet *p, const struct addr *own)
{
	struct ext *x = nat_ext(p);

	for (size_t k = 0; x && k < x->cie_count; k++) {
		const struct cie *c = &p->cies[x->first_cie + k];

		if (addr_eq(&c->proto, own) && addr_is_unicast(&c->nbma))
			return c->nbma;
	}
	return (struct addr){ 0 };
}

struct addr nat_real_nbma(struct packet *p, const struct addr *proto,
			  const struct addr *claimed)
{
	struct addr seen = nat_seen_as(p, proto);

	return seen.family == claimed->family && addr_is_set(&seen) ? seen : *claimed;
}

/* The first server tells a client behind NAT what its address looks like. */
void nat_fill_registration_reply(struct rx *rx)
{
	struct packet *p = rx->p;
	struct ext *x = nat_ext(p);
	struct ext *passed = packet_find_ext(p, NHRP_EXT_FORWARD_TRANSIT);

	if (!x || !addr_is_set(&rx->ev->from) || addr_eq(&rx->ev->from, &p->src_nbma) ||
	    (passed && passed->cie_count > 0))
		return;
	add(rx->iface, p, x, &rx->ev->from, &p->src_proto);
}

/*
 * A server passes a request or reply on: an empty list gets the outside address
 * of the station it is about, when that one is registered behind NAT.
 */
void nat_fill_forwarded(struct rx *rx)
{
	struct packet *p = rx->p;
	struct ext *x = nat_ext(p);
	const struct addr *about = &p->src_proto;
	const struct binding *b;

	if (!x || x->cie_count > 0)
		return;
	if (p->type == NHRP_RESOLUTION_REPLY) {
		if (p->cie_count == 0)
			return;
		about = &p->cies[0].proto;
	} else if (p->type != NHRP_RESOLUTION_REQUEST) {
		return;
	}
	b = binding_find(rx->iface, about);
	if (b && b->type == BINDING_DYNAMIC && !addr_eq(&b->nbma, &b->claimed))
		add(rx->iface, p, x, &b->nbma, &b->proto);
}
