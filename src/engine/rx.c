/* SPDX-License-Identifier: MIT */
/*
 * One received packet: form, authentication, loops, then local or transit, and
 * to its owner. Each way out has a counter.
 */
#include "engine_int.h"

static const enum counter rx_by_type[] = {
	[NHRP_RESOLUTION_REQUEST] = CNT_RX_RESOLUTION_REQUEST,
	[NHRP_RESOLUTION_REPLY] = CNT_RX_RESOLUTION_REPLY,
	[NHRP_REGISTRATION_REQUEST] = CNT_RX_REGISTRATION_REQUEST,
	[NHRP_REGISTRATION_REPLY] = CNT_RX_REGISTRATION_REPLY,
	[NHRP_PURGE_REQUEST] = CNT_RX_PURGE_REQUEST,
	[NHRP_PURGE_REPLY] = CNT_RX_PURGE_REPLY,
	[NHRP_ERROR_INDICATION] = CNT_RX_ERROR_INDICATION,
	[NHRP_TRAFFIC_INDICATION] = CNT_RX_TRAFFIC_INDICATION,
};

static void malformed(struct rx *rx, enum pkt_err err, uint16_t offset)
{
	struct iface *i = rx->iface;
	uint16_t code = packet_err_code(err);

	count(i, (enum counter)(CNT_BAD_TOO_SHORT + (err - PKT_TOO_SHORT)));
	if (engine_may_log(i->engine, rx->now))
		log_to(i->engine->log, LOG_LEVEL_DEBUG,
		       "interface %s: packet from %s dropped: %s at octet %u", i->name,
		       ADDR_STR(&rx->ev->from), packet_err_str(err), offset);
	/* In an authenticated domain an answer needs a key that was read. */
	if (code && !i->auth_len)
		tx_error(rx, (enum nhrp_error)code, offset);
}

/* An error indication has no extensions, hence no key: it is only advice. */
static bool authentic(struct rx *rx)
{
	struct iface *i = rx->iface;
	const struct ext *x;

	if (rx->p->type == NHRP_ERROR_INDICATION || auth_accepts(&i->conf->auth, rx->p))
		return true;
	count(i, CNT_DROP_AUTH);
	if (engine_may_log(i->engine, rx->now))
		log_to(i->engine->log, LOG_LEVEL_WARN,
		       "interface %s: %s from %s at %s refused: wrong or missing "
		       "authentication key",
		       i->name, packet_type_str(rx->p->type),
		       ADDR_STR(&rx->p->src_proto), ADDR_STR(&rx->ev->from));
	x = packet_find_ext(rx->p, NHRP_EXT_AUTHENTICATION);
	tx_error(rx, NHRP_ERR_AUTHENTICATION, x ? x->offset : 0);
	return false;
}

/* What nobody on this tunnel can have sent honestly. */
static bool source_is_sane(struct rx *rx)
{
	struct iface *i = rx->iface;
	const struct packet *p = rx->p;
	bool reply = p->type == NHRP_RESOLUTION_REPLY ||
		     p->type == NHRP_REGISTRATION_REPLY || p->type == NHRP_PURGE_REPLY;

	if (!addr_is_unicast(&p->src_proto) ||
	    (addr_is_set(&rx->ev->from) && !addr_is_unicast(&rx->ev->from))) {
		count(i, CNT_DROP_BAD_SOURCE);
		return false;
	}
	/* A reply carries the addresses of the request, so of ours. */
	if (!reply && iface_owns(i, &p->src_proto)) {
		count(i, CNT_DROP_OWN_SOURCE);
		return false;
	}
	return true;
}

/* Advice about a packet of ours: find out which, and tell its owner. */
static void error_indication(struct rx *rx)
{
	struct iface *i = rx->iface;
	struct packet *quoted = &i->engine->tx;
	struct request *r;

	if (packet_decode_excerpt(quoted, rx->p->payload, rx->p->payload_len) !=
		    PKT_OK ||
	    !iface_owns(i, &quoted->src_proto))
		return;
	if (engine_may_log(i->engine, rx->now))
		log_to(i->engine->log, LOG_LEVEL_WARN,
		       "interface %s: %s at %s reports an error about our %s: %s",
		       i->name, ADDR_STR(&rx->p->src_proto), ADDR_STR(&rx->ev->from),
		       packet_type_str(quoted->type),
		       packet_error_code_str(rx->p->error_code));
	trouble_note(i, &(struct trouble){
				.proto = rx->p->src_proto,
				.nbma = rx->ev->from,
				.what = packet_error_code_str(rx->p->error_code),
				.about = packet_type_str(quoted->type),
				.at = rx->now });
	if (quoted->type == NHRP_REGISTRATION_REQUEST) {
		client_error(rx, quoted->request_id, rx->p->error_code);
		return;
	}
	r = request_match(rx, quoted->request_id);
	if (r && quoted->type == NHRP_RESOLUTION_REQUEST &&
	    request_went_to(r, &rx->ev->from) &&
	    rx->p->error_code == NHRP_ERR_UNREACHABLE)
		resolve_refused(r, "reported unreachable", rx->now);
}

/* A request that must be understood and is not: RFC 2332 5.3. */
static bool understood(struct rx *rx)
{
	const struct ext *x = transit_unknown_compulsory(rx->p);

	if (!x)
		return true;
	count(rx->iface, CNT_DROP_COMPULSORY);
	tx_error(rx, NHRP_ERR_UNRECOGNIZED_EXTENSION, x->offset);
	return false;
}

static void local(struct rx *rx)
{
	if (!understood(rx))
		return;
	switch ((enum nhrp_type)rx->p->type) {
	case NHRP_RESOLUTION_REQUEST:
		resolve_request(rx);
		break;
	case NHRP_RESOLUTION_REPLY:
		resolve_reply(rx);
		break;
	case NHRP_REGISTRATION_REQUEST:
		register_request(rx);
		break;
	case NHRP_REGISTRATION_REPLY:
		client_reply(rx);
		break;
	case NHRP_PURGE_REQUEST:
		purge_request(rx);
		break;
	case NHRP_PURGE_REPLY:
		purge_reply(rx);
		break;
	case NHRP_ERROR_INDICATION:
		error_indication(rx);
		break;
	case NHRP_TRAFFIC_INDICATION:
		shortcut_indication(rx);
		break;
	}
}

/* Replies travel towards their source protocol address, the rest to the
 * destination (RFC 2332 5.2.0.1). */
static const struct addr *heading_for(const struct packet *p)
{
	switch (p->type) {
	case NHRP_RESOLUTION_REPLY:
	case NHRP_REGISTRATION_REPLY:
	case NHRP_PURGE_REPLY:
		return &p->src_proto;
	default:
		return &p->dst_proto;
	}
}

/*
 * A client that does not know its server's address names itself as destination
 * (5.2.3). Whatever is not ours and has no way on is answered by its owner: a
 * resolution with a NAK, the rest with an error.
 */
static bool is_for_us(const struct rx *rx, const struct hop *hop)
{
	const struct packet *p = rx->p;

	if (hop->kind == HOP_LOCAL)
		return true;
	if (p->type == NHRP_REGISTRATION_REQUEST)
		return addr_eq(&p->dst_proto, &p->src_proto) ||
		       !addr_is_unicast(&p->dst_proto);
	if (p->type != NHRP_RESOLUTION_REQUEST)
		return false;
	if (hop->kind == HOP_NONE || addr_eq(&p->dst_proto, &p->src_proto))
		return true;
	/* A binding answers when the requester does not insist on the station. */
	return hop->binding && !(p->flags & NHRP_RES_AUTHORITATIVE);
}

/* Nobody knows yet whether the station is used: who asks will ask again. */
static bool must_wait(const struct rx *rx, const struct addr *dst)
{
	const struct binding *b = NULL;

	if (script_is_on(rx->iface->engine))
		b = binding_find(rx->iface, dst);
	if (!b || !b->held)
		return false;
	count(rx->iface, CNT_DROP_HELD);
	return true;
}

/*
 * A destination that is no station of the tunnel: what the kernel would do with
 * a packet to it decides who answers. False when that is not known yet.
 */
static bool behind_somebody(struct rx *rx, struct hop *hop)
{
	const struct ev_lookup *r = rx->route;
	struct binding *b = NULL;

	if (r->kind != LOOKUP_UNICAST || r->ifindex != rx->iface->ifindex) {
		answer_request(rx);
		return true;
	}
	if (!addr_is_set(&r->gateway))
		return false;
	if (must_wait(rx, &r->gateway))
		return true;
	b = binding_find(rx->iface, &r->gateway);
	*hop = (struct hop){ .kind = HOP_NONE };
	/* Back to where it came from would be a circle. */
	if (b && binding_is_up(b) && !addr_eq(&b->nbma, &rx->ev->from))
		*hop = (struct hop){ HOP_FORWARD, b->nbma, NULL };
	return false;
}

static bool look_up(struct rx *rx)
{
	return lookup_start(rx->iface,
			    &(struct lookup){ .purpose = LOOKUP_FOR_PACKET,
					      .dst = rx->p->dst_proto,
					      .from = rx->ev->from,
					      .len = rx->ev->len },
			    rx->ev->pdu, rx->now);
}

/* It has no record of its way: from one server to the next it might go for ever. */
static bool would_stray(const struct rx *rx, const struct hop *hop)
{
	return rx->p->type == NHRP_ERROR_INDICATION && !hop->binding &&
	       nhs_is_server(rx->iface, &rx->ev->from);
}

/* Another server's station: its way is a route, also where a subnet has it. */
static bool is_routed(const struct rx *rx, const struct addr *dst)
{
	return !iface_onlink(rx->iface, dst) || rx->iface->conf->host_routes;
}

/* An indication names the source of the data; it is for whom it was sent to. */
static void route(struct rx *rx)
{
	const struct addr *dst = heading_for(rx->p);
	struct hop hop = transit_route(rx->iface, dst, &rx->ev->from);
	bool asks = rx->p->type == NHRP_RESOLUTION_REQUEST;

	if (asks && must_wait(rx, dst))
		return;
	if (rx->p->type == NHRP_TRAFFIC_INDICATION && !hop.binding) {
		local(rx);
		return;
	}
	if (asks && !rx->route && hop.kind != HOP_LOCAL && !hop.binding &&
	    is_routed(rx, dst)) {
		if (!look_up(rx))
			count(rx->iface, CNT_DROP_UNREACHABLE);
		return;
	}
	if (asks && rx->route && (!understood(rx) || behind_somebody(rx, &hop)))
		return;
	if (is_for_us(rx, &hop)) {
		local(rx);
	} else if (would_stray(rx, &hop)) {
		count(rx->iface, CNT_DROP_UNREACHABLE);
	} else if (hop.kind == HOP_FORWARD || transit_way_back(rx, &hop.nbma)) {
		transit_forward(rx, &hop.nbma);
	} else {
		count(rx->iface, CNT_DROP_UNREACHABLE);
		tx_error(rx, NHRP_ERR_UNREACHABLE, 0);
	}
}

/* Somebody else may have come to its address since, and would be taken for the sender. */
static bool is_whose_it_was(const struct lookup *l)
{
	struct digest now = identity_digest(peer_find(l->iface, &l->from));

	if (digest_eq(&now, &l->whose))
		return true;
	count(l->iface, CNT_DROP_STRANGER);
	return false;
}

/* It passed every other test the first time. */
bool rx_reread(struct rx *rx, const struct lookup *l, struct ev_packet *room, mono now)
{
	uint16_t offset;

	if (!is_whose_it_was(l))
		return false;
	*room = (struct ev_packet){ l->iface->ifindex, l->from, l->bytes, l->len };
	*rx = (struct rx){ l->iface, &l->iface->engine->rx, room, now, NULL, NULL };
	return packet_decode(rx->p, room->pdu, room->len, &offset) == PKT_OK;
}

void rx_again(const struct lookup *l, const struct ev_lookup *found, mono now)
{
	struct ev_packet ev;
	struct rx rx;

	if (!rx_reread(&rx, l, &ev, now))
		return;
	rx.route = found;
	route(&rx);
}

void rx_packet(struct engine *e, const struct ev_packet *ev, mono now)
{
	struct iface *i = engine_find_iface(e, ev->ifindex);
	struct rx rx = { i, &e->rx, ev, now, NULL, NULL };
	uint16_t offset = 0;
	enum pkt_err err;

	if (!rx.iface)
		return;
	count(rx.iface, CNT_RX_PACKETS);
	if (!rx.iface->usable || e->stopped) {
		count(rx.iface, CNT_DROP_NOT_READY);
		return;
	}
	/* The firewall table lets nothing in clear pass; whose it is has to be known. */
	if (!peer_hears(rx.iface, &ev->from, now)) {
		count(rx.iface, CNT_DROP_CLEAR);
		return;
	}
	if (peer_has_stranger(rx.iface, &ev->from, now)) {
		count(rx.iface, CNT_DROP_STRANGER);
		return;
	}
	/* A decoder that stops early must not leave the last packet's sender. */
	rx.p->type = 0;
	rx.p->proto_family = ADDR_NONE;
	rx.p->src_proto = (struct addr){ 0 };
	err = packet_decode(rx.p, ev->pdu, ev->len, &offset);
	/* What it tells of is nowhere that this device reaches. */
	if (err == PKT_OK && rx.p->nbma_family != rx.iface->nbma.family)
		err = PKT_BAD_FAMILY;
	if (err != PKT_OK) {
		malformed(&rx, err, offset);
		return;
	}
	count(rx.iface, rx_by_type[rx.p->type]);
	if (!authentic(&rx) || !source_is_sane(&rx))
		return;
	if (transit_loops(&rx, &offset)) {
		count(rx.iface, CNT_DROP_LOOP);
		tx_error(&rx, NHRP_ERR_LOOP_DETECTED, offset);
		return;
	}
	route(&rx);
}
