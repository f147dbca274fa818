/* SPDX-License-Identifier: MIT */
/*
 * Outgoing packets: the header and extensions that every packet of ours has,
 * replies, error indications, and the one place that encodes and queues.
 */
#include <string.h>

#include "engine_int.h"

/* Room left for the outer headers' sake when an offender is quoted. */
#define ERROR_PAYLOAD_MAX 1200
#define ERROR_HEADER_MAX  80 /* of what stands before it */

static void add_auth(struct iface *i, struct packet *p)
{
	struct ext *x;

	if (!i->auth_len)
		return;
	x = packet_add_ext(p, NHRP_EXT_AUTHENTICATION, true, EXT_RAW);
	if (!x)
		return;
	x->raw = i->auth;
	x->raw_len = i->auth_len;
}

struct packet *tx_request(struct iface *i, enum nhrp_type type, const struct addr *own,
			  const struct addr *dst, uint32_t id)
{
	struct packet *p = &i->engine->tx;

	packet_init(p, type, (enum addr_family)i->nbma.family,
		    (enum addr_family)own->family);
	p->request_id = id;
	p->src_nbma = i->nbma;
	p->src_proto = *own;
	p->dst_proto = *dst;
	/* Cisco's order: 3, 4, 5, 7, 9. The NAT extension is the caller's. */
	packet_add_ext(p, NHRP_EXT_RESPONDER, true, EXT_CIES);
	packet_add_ext(p, NHRP_EXT_FORWARD_TRANSIT, true, EXT_CIES);
	packet_add_ext(p, NHRP_EXT_REVERSE_TRANSIT, true, EXT_CIES);
	add_auth(i, p);
	return p;
}

/* The authentication is hop by hop: ours, in the place of the one received. */
static void redo_auth(struct iface *i, struct packet *p)
{
	struct ext *x = packet_find_ext(p, NHRP_EXT_AUTHENTICATION);

	if (x && i->auth_len) {
		x->raw = i->auth;
		x->raw_len = i->auth_len;
	} else if (!x && p->type != NHRP_ERROR_INDICATION) {
		add_auth(i, p);
	}
}

bool tx_send(struct iface *i, struct packet *p, const struct addr *to_nbma)
{
	static const enum counter by_type[] = {
		[NHRP_RESOLUTION_REQUEST] = CNT_TX_RESOLUTION_REQUEST,
		[NHRP_RESOLUTION_REPLY] = CNT_TX_RESOLUTION_REPLY,
		[NHRP_REGISTRATION_REQUEST] = CNT_TX_REGISTRATION_REQUEST,
		[NHRP_REGISTRATION_REPLY] = CNT_TX_REGISTRATION_REPLY,
		[NHRP_PURGE_REQUEST] = CNT_TX_PURGE_REQUEST,
		[NHRP_PURGE_REPLY] = CNT_TX_PURGE_REPLY,
		[NHRP_ERROR_INDICATION] = CNT_TX_ERROR_INDICATION,
		[NHRP_TRAFFIC_INDICATION] = CNT_TX_TRAFFIC_INDICATION,
	};
	uint8_t *pdu = engine_room(i->engine, PKT_MAX_LEN);
	struct act_send *a;
	size_t len;

	if (!peer_carries(i, to_nbma)) {
		count(i, CNT_DROP_NO_SA);
		return true;
	}
	redo_auth(i, p);
	len = packet_encode(p, pdu, PKT_MAX_LEN);
	if (!len || len > iface_mtu(i)) {
		count(i, CNT_DROP_TOO_BIG);
		return false;
	}
	a = &engine_push_room(i->engine, ACT_SEND, len)->send;
	a->ifindex = i->ifindex;
	a->to = *to_nbma;
	a->len = len;
	count(i, CNT_TX_PACKETS);
	count(i, by_type[p->type]);
	return true;
}

/* Who we are, as a responder or transit record tells it (5.3.1 to 5.3.3). */
void tx_add_ourselves(struct rx *rx, struct ext *x)
{
	struct iface *i = rx->iface;
	const struct addr *own =
		iface_own_addr(i, (enum addr_family)rx->p->proto_family,
			       &rx->p->src_proto);
	struct cie *c = own ? packet_ext_add_cie(rx->p, x) : NULL;

	if (!c)
		return;
	c->prefix_len = addr_host_bits(own);
	c->mtu = iface_mtu(i);
	c->hold_s = i->conf->holding_s;
	c->nbma = i->nbma;
	c->proto = *own;
}

void tx_make_reply(struct rx *rx, enum nhrp_type type)
{
	struct ext *x = packet_find_ext(rx->p, NHRP_EXT_RESPONDER);

	rx->p->type = (uint8_t)type;
	rx->p->hops = NHRP_HOPS;
	if (x && x->cie_count == 0)
		tx_add_ourselves(rx, x);
}

struct packet *tx_indication(struct iface *i, const struct addr *own,
			     const struct addr *data_src)
{
	struct packet *p = &i->engine->tx;

	packet_init(p, NHRP_TRAFFIC_INDICATION, (enum addr_family)i->nbma.family,
		    (enum addr_family)own->family);
	p->src_nbma = i->nbma;
	p->src_proto = *own;
	p->dst_proto = *data_src;
	packet_add_ext(p, NHRP_EXT_FORWARD_TRANSIT, true, EXT_CIES);
	packet_add_ext(p, NHRP_EXT_REVERSE_TRANSIT, true, EXT_CIES);
	add_auth(i, p);
	packet_add_ext(p, NHRP_EXT_NAT, false, EXT_CIES);
	return p;
}

/* Of the offender as much as the device lets pass. */
static size_t quoted_len(const struct iface *i, size_t len)
{
	size_t most =
		iface_mtu(i) > ERROR_HEADER_MAX ? iface_mtu(i) - ERROR_HEADER_MAX : 0;

	if (most > ERROR_PAYLOAD_MAX)
		most = ERROR_PAYLOAD_MAX;
	return len < most ? len : most;
}

/*
 * RFC 2332 5.2.7: about no error indication, at most one a packet, without
 * extensions, the offender quoted. Bounded in rate: anybody can send offenders.
 */
void tx_error(struct rx *rx, enum nhrp_error code, uint16_t offset)
{
	struct iface *i = rx->iface;
	const struct addr *own;
	struct packet *p = &i->engine->tx;

	if (rx->p->type == NHRP_ERROR_INDICATION || !addr_is_set(&rx->p->src_proto) ||
	    !addr_is_set(&rx->ev->from))
		return;
	own = iface_own_addr(i, (enum addr_family)rx->p->proto_family,
			     &rx->p->src_proto);
	if (!own)
		return;
	trouble_note(i,
		     &(struct trouble){ .proto = rx->p->src_proto,
					.nbma = rx->ev->from,
					.what = packet_error_code_str((uint16_t)code),
					.about = packet_type_str(rx->p->type),
					.by_us = true,
					.at = rx->now });
	if (!limit_take(&i->errors, rx->now)) {
		count(i, CNT_ERRORS_LIMITED);
		return;
	}
	packet_init(p, NHRP_ERROR_INDICATION, (enum addr_family)i->nbma.family,
		    (enum addr_family)own->family);
	p->error_code = (uint16_t)code;
	p->error_offset = offset;
	p->src_nbma = i->nbma;
	p->src_proto = *own;
	p->dst_proto = rx->p->src_proto;
	p->payload = rx->ev->pdu;
	p->payload_len = (uint16_t)quoted_len(i, rx->ev->len);
	tx_send(i, p, &rx->ev->from);
}
