/* SPDX-License-Identifier: MIT */
/*
 * The link-local IPv6 address of a station, beside its global one. Routing protocols
 * name it as next hop, and no prefix of a `map` says whom to ask for it, so it goes
 * along with the other as a second CIE (draft-detienne-dmvpn 4.7):
 *
 *	registration	a client registers its own as well; a server that takes one
 *			tells its own, as a second responder record of the reply
 *	resolution	who answers for itself tells its own beside the answer
 *
 * What was learnt so is a cached entry. It is never worth more than what it came
 * with: a refusal of it refuses nothing else, and it takes no other station's place.
 */
#include <stdio.h>

#include "engine_int.h"

bool linklocal_is(const struct addr *a)
{
	return a->family == ADDR_IP6 && addr_is_link_local(a);
}

static const struct addr *own(const struct iface *i)
{
	for (size_t k = 0; k < i->addr_count; k++) {
		const struct addr *a = &i->addrs[k].addr;

		if (linklocal_is(a))
			return a;
	}
	return NULL;
}

const struct addr *linklocal_add(const struct iface *i, struct packet *p)
{
	const struct addr *a = own(i);
	struct cie *c;

	if (!a || p->proto_family != ADDR_IP6 || p->cie_count != 1 ||
	    linklocal_is(&p->cies[0].proto))
		return NULL;
	c = packet_add_cie(p);
	if (!c)
		return NULL;
	*c = p->cies[0];
	c->prefix_len = addr_host_bits(a);
	c->proto = *a;
	return a;
}

/* --- server ------------------------------------------------------------------ */

static bool registers_one(const struct packet *p)
{
	for (size_t k = 1; k < p->cie_count; k++) {
		if (linklocal_is(&p->cies[k].proto) &&
		    p->cies[k].code == NHRP_CODE_SUCCESS)
			return true;
	}
	return false;
}

/* To those alone that have shown that they know of this. */
void linklocal_tell(struct rx *rx)
{
	struct iface *i = rx->iface;
	struct ext *x = packet_find_ext(rx->p, NHRP_EXT_RESPONDER);
	const struct addr *a = own(i);
	struct cie *c;

	if (!a || !registers_one(rx->p) || !x || x->cie_count != 1 ||
	    !iface_owns(i, &rx->p->cies[x->first_cie].proto))
		return;
	c = packet_ext_add_cie(rx->p, x);
	if (!c)
		return;
	*c = rx->p->cies[x->first_cie];
	c->proto = *a;
}

/* --- who learns ---------------------------------------------------------------- */

/* An entry that leads elsewhere stays, unless who told us is sure to have it. */
static void learn(struct iface *i, const struct cie *c, const struct where *w,
		  bool trusted, mono now)
{
	const struct binding *b = binding_find(i, &c->proto);

	if (iface_is_local(i, &c->proto))
		return;
	if (b && binding_is_placed(b) && !trusted && !addr_eq(&b->nbma, &w->nbma))
		return;
	resolve_keep(i, &c->proto, w, now);
}

void linklocal_answered(struct rx *rx, const struct cie *answer, const struct where *w)
{
	const struct packet *p = rx->p;

	for (size_t k = 0; k < p->cie_count; k++) {
		const struct cie *c = &p->cies[k];

		if (c != answer && linklocal_is(&c->proto) &&
		    c->code == NHRP_CODE_SUCCESS && addr_eq(&c->nbma, &answer->nbma)) {
			learn(rx->iface, c, w, false, rx->now);
			return;
		}
	}
}

/* The server's, from its own record in the reply to a registration. */
static void learn_server(struct station *s, struct rx *rx, uint32_t hold_s)
{
	struct packet *p = rx->p;
	const struct ext *x = packet_find_ext(p, NHRP_EXT_RESPONDER);
	const struct cie *first, *c;

	if (!x || x->cie_count < 2)
		return;
	first = &p->cies[x->first_cie];
	c = first + 1;
	if (!addr_eq(&first->proto, &s->proto) || !linklocal_is(&c->proto))
		return;
	learn(s->iface, c,
	      &(struct where){ .nbma = s->nbma,
			       .claimed = c->nbma,
			       .hold_s = hold_s,
			       .mtu = c->mtu,
			       .reason = "told by the server" },
	      true, rx->now);
}

/* What the server said of ours, into `text` when it said no. */
bool linklocal_acknowledged(struct station *s, struct rx *rx, uint32_t hold_s,
			    char *text, size_t cap)
{
	const struct packet *p = rx->p;

	learn_server(s, rx, hold_s);
	for (size_t k = 1; k < p->cie_count; k++) {
		const struct cie *c = &p->cies[k];

		if (!linklocal_is(&c->proto) || c->code == NHRP_CODE_SUCCESS)
			continue;
		snprintf(text, cap, "registered, but not as %s: %s",
			 ADDR_STR(&c->proto), packet_cie_code_str(c->code));
		return false;
	}
	return true;
}
