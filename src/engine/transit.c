/* SPDX-License-Identifier: MIT */
/*
 * Forwarding NHRP packets for others (RFC 2332 5.3.2, 5.3.3): the next hop, the
 * transit record, loop refusal by protocol address.
 */
#include "engine_int.h"

static bool usable_hop(const struct binding *b, const struct addr *came_from)
{
	return b && binding_is_up(b) && !(came_from && addr_eq(&b->nbma, came_from));
}

struct hop transit_route(struct iface *i, const struct addr *dst,
			 const struct addr *came_from)
{
	struct binding *b;
	struct station *s;

	if (iface_is_local(i, dst))
		return (struct hop){ .kind = HOP_LOCAL };
	b = binding_find(i, dst);
	if (usable_hop(b, came_from))
		return (struct hop){ HOP_FORWARD, b->nbma, b };
	s = nhs_server_for(i, dst, came_from);
	if (s)
		return (struct hop){ HOP_FORWARD, s->nbma, NULL };
	return (struct hop){ .kind = HOP_NONE };
}

static bool is_reply(const struct packet *p)
{
	return p->type == NHRP_RESOLUTION_REPLY || p->type == NHRP_REGISTRATION_REPLY ||
	       p->type == NHRP_PURGE_REPLY;
}

/* It comes back marked, and ends here then: whose way it tells itself may go round. */
static bool is_marked_by_us(struct packet *p)
{
	return packet_find_ext(p, NHRP_EXT_REVERSE_TRANSIT) &&
	       p->cie_used < PKT_MAX_CIES && !transit_unknown_compulsory(p);
}

/*
 * A reply may come to a server that has no entry for the requester: the servers
 * that passed the request on are recorded in it, and the one before us knows.
 */
bool transit_way_back(struct rx *rx, struct addr *nbma)
{
	struct packet *p = rx->p;
	const struct ext *x = packet_find_ext(p, NHRP_EXT_FORWARD_TRANSIT);

	if (!is_reply(p) || !x || !is_marked_by_us(p))
		return false;
	for (size_t k = 1; k < x->cie_count; k++) {
		if (!iface_owns(rx->iface, &p->cies[x->first_cie + k].proto))
			continue;
		*nbma = p->cies[x->first_cie + k - 1].nbma;
		return addr_is_unicast(nbma) && !addr_eq(nbma, &rx->ev->from) &&
		       !addr_eq(nbma, &rx->iface->nbma);
	}
	return false;
}

static struct ext *record_of(struct packet *p)
{
	return packet_find_ext(p, is_reply(p) ? NHRP_EXT_REVERSE_TRANSIT
					      : NHRP_EXT_FORWARD_TRANSIT);
}

bool transit_loops(struct rx *rx, uint16_t *offset)
{
	const struct ext *x = record_of(rx->p);

	for (size_t k = 0; x && k < x->cie_count; k++) {
		if (!iface_owns(rx->iface, &rx->p->cies[x->first_cie + k].proto))
			continue;
		*offset = x->offset;
		return true;
	}
	return false;
}

const struct ext *transit_unknown_compulsory(const struct packet *p)
{
	for (size_t k = 0; k < p->ext_count; k++) {
		const struct ext *x = &p->exts[k];

		if (!x->compulsory)
			continue;
		switch (x->type) {
		case NHRP_EXT_RESPONDER:
		case NHRP_EXT_FORWARD_TRANSIT:
		case NHRP_EXT_REVERSE_TRANSIT:
		case NHRP_EXT_AUTHENTICATION:
		case NHRP_EXT_VENDOR:
		case NHRP_EXT_NAT:
			continue;
		default:
			return x;
		}
	}
	return NULL;
}

/* Not into a packet with a compulsory extension that is not understood (5.3). */
static void add_record(struct rx *rx)
{
	struct ext *x = record_of(rx->p);

	if (x && !transit_unknown_compulsory(rx->p))
		tx_add_ourselves(rx, x);
}

/* Those who learn of a station through us are told when it goes. */
static void remember_answer(struct rx *rx)
{
	struct packet *p = rx->p;
	struct binding *b;

	if (p->type != NHRP_RESOLUTION_REPLY || p->cie_count == 0 ||
	    p->cies[0].code != NHRP_CODE_SUCCESS)
		return;
	b = binding_find(rx->iface, &p->cies[0].proto);
	if (b && b->type == BINDING_DYNAMIC)
		purge_remember(rx->iface, &b->told,
			       &(struct told_key){ prefix_host(&b->proto),
						   p->src_proto },
			       p->cies[0].hold_s, rx->now);
}

void transit_forward(struct rx *rx, const struct addr *to_nbma)
{
	/* 0 is never sent, so a packet with one hop left ends here. */
	if (rx->p->hops <= 1) {
		count(rx->iface, CNT_DROP_HOP_COUNT);
		tx_error(rx, NHRP_ERR_HOP_COUNT, 9);
		return;
	}
	rx->p->hops--;
	remember_answer(rx);
	nat_fill_forwarded(rx);
	add_record(rx);
	if (tx_send(rx->iface, rx->p, to_nbma))
		count(rx->iface, CNT_FORWARDED);
	else
		tx_error(rx, NHRP_ERR_SDU_SIZE, 0);
}
