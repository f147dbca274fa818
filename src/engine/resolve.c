/* SPDX-License-Identifier: MIT */
/*
 * Resolution: as requester (started by a packet that waits in the kernel, or by
 * an operator) and as the station or server that answers (RFC 2332 5.2.1,
 * 5.2.2, 6.2).
 */
#include "engine_int.h"

/* How long packets to an address are refused before it is asked for again. */
#define NEGATIVE_NAK_S	  60
#define NEGATIVE_SILENT_S 10

/* --- requester -------------------------------------------------------------- */

bool resolve_start(struct iface *i, const struct addr *target, mono now)
{
	struct request *r;

	if (request_find(i, REQUEST_RESOLVE, target))
		return true;
	r = request_new(i, REQUEST_RESOLVE, target, now);
	if (!r) {
		count(i, CNT_RES_LIMITED);
		return false;
	}
	request_send(r, now);
	return true;
}

void resolve_greet(struct iface *i, const struct addr *proto, const struct addr *nbma,
		   mono now)
{
	struct request *r;

	if (!addr_is_unicast(nbma) || request_find(i, REQUEST_OPEN, proto) ||
	    !limit_take(&i->asking, now))
		return;
	r = request_new(i, REQUEST_OPEN, proto, now);
	if (!r)
		return;
	r->to_nbma = *nbma;
	request_send(r, now);
}

bool resolve_command(struct iface *i, const struct addr *target, uint32_t token,
		     mono now)
{
	struct request *r = request_new(i, REQUEST_COMMAND, target, now);

	if (!r)
		return false;
	r->token = token;
	request_send(r, now);
	return true;
}

void resolve_miss(struct iface *i, const struct addr *target, mono now)
{
	struct binding *b = binding_find(i, target);

	if (b && b->type == BINDING_NEGATIVE)
		neigh_set(b);
	if (b || !i->usable || iface_is_local(i, target) || !addr_is_unicast(target))
		return;
	if (!limit_take(&i->asking, now)) {
		count(i, CNT_RES_LIMITED);
		return;
	}
	if (!nhs_server_for(i, target, NULL)) {
		binding_negative(i, target, REASON_NO_SERVER, NEGATIVE_SILENT_S, now);
		return;
	}
	if (!binding_get(i, target, BINDING_INCOMPLETE, now)) {
		count(i, CNT_RES_LIMITED);
		return;
	}
	count(i, CNT_RES_SENT_MISS);
	if (!resolve_start(i, target, now))
		binding_negative(i, target, "too many requests under way",
				 NEGATIVE_SILENT_S, now);
}

/* The entry stays when it is a renewal that failed: it ends by its time. */
static void give_up(struct request *r, const char *reason, uint32_t hold_s, mono now)
{
	struct iface *i = r->iface;
	struct binding *b = binding_find(i, &r->target);

	if (r->kind == REQUEST_COMMAND)
		engine_answer(i->engine, r->token, false, reason, 0);
	if (r->kind == REQUEST_SHORTCUT)
		shortcut_refused(r, reason, hold_s, now);
	else if (b && b->type == BINDING_INCOMPLETE)
		binding_negative(i, &r->target, reason, hold_s, now);
}

void resolve_unanswered(struct request *r, mono now)
{
	count(r->iface, CNT_RES_UNANSWERED);
	if (r->kind == REQUEST_SHORTCUT && addr_is_set(&r->to_nbma))
		give_up(r, REASON_NOT_STRAIGHT, NEGATIVE_NAK_S, now);
	else
		give_up(r, REASON_SILENCE, NEGATIVE_SILENT_S, now);
}

void resolve_refused(struct request *r, const char *reason, mono now)
{
	struct binding *b = binding_find(r->iface, &r->target);

	count(r->iface, CNT_RES_NEGATIVE);
	if (r->kind == REQUEST_VERIFY)
		contest_unanswered(r, "it is not at", now);
	/* The station that served us until now says that this has ended. */
	if (b && b->type == BINDING_CACHED)
		binding_negative(r->iface, &r->target, reason, NEGATIVE_NAK_S, now);
	if (r->kind == REQUEST_SHORTCUT)
		shortcut_denied(r, reason, now);
	give_up(r, reason, NEGATIVE_NAK_S, now);
	request_free(r);
}

/* Highest preference first; it has to say where (5.2.2). */
static const struct cie *best_cie(const struct packet *p)
{
	const struct cie *best = NULL;

	for (size_t k = 0; k < p->cie_count; k++) {
		const struct cie *c = &p->cies[k];

		if (c->code != NHRP_CODE_SUCCESS || !addr_is_unicast(&c->nbma) ||
		    c->hold_s == 0)
			continue;
		if (!best || c->preference > best->preference)
			best = c;
	}
	return best;
}

/*
 * Behind NAT the extension tells; without it (a foreign peer) an answer that
 * came straight from an address that is no server's tells too.
 */
static struct addr answered_nbma(struct rx *rx, const struct cie *c)
{
	struct packet *p = rx->p;
	const struct addr *proto = addr_is_set(&c->proto) ? &c->proto : &p->dst_proto;
	const struct ext *nat = packet_find_ext(p, NHRP_EXT_NAT);
	const struct ext *passed = packet_find_ext(p, NHRP_EXT_REVERSE_TRANSIT);

	if (!nat && addr_is_set(&rx->ev->from) && !(passed && passed->cie_count) &&
	    !nhs_is_server(rx->iface, &rx->ev->from))
		return rx->ev->from;
	return nat_real_nbma(p, proto, &c->nbma);
}

static bool may_cache(const struct binding *b)
{
	return !b || b->type == BINDING_CACHED || b->type == BINDING_INCOMPLETE ||
	       b->type == BINDING_NEGATIVE;
}

/* Whose SA leads there already is known: nothing is written that would go again. */
static bool is_refused_there(struct iface *i, const struct addr *proto,
			     const struct addr *nbma, mono now)
{
	const struct peer *p = peer_find(i, nbma);
	struct prefix host = prefix_host(proto);
	enum policy policy;

	if (!p || !peer_is_secured(p))
		return false;
	policy = policy_judge_station(i, p, &host);
	if (policy == POLICY_GRANTED || policy == POLICY_AWAITED)
		return false;
	binding_negative(i, proto, policy_refuse_station(i, policy), NEGATIVE_NAK_S,
			 now);
	return true;
}

void resolve_keep(struct iface *i, const struct addr *proto, const struct where *w,
		  mono now)
{
	struct binding *b = binding_find(i, proto);
	struct where capped = *w;

	if (!may_cache(b))
		return;
	capped.hold_s = nat_hold_s(i, w);
	if (addr_eq(&w->nbma, &i->nbma) || !addr_is_unicast(&w->nbma))
		return;
	if (is_refused_there(i, proto, &w->nbma, now))
		return;
	b = binding_get(i, proto, BINDING_CACHED, now);
	if (b)
		binding_place(b, BINDING_CACHED, &capped, now);
	else
		binding_negative(i, proto, REASON_FULL, NEGATIVE_SILENT_S, now);
}

void resolve_learn(const struct request *r, const struct addr *proto,
		   const struct where *w, mono now)
{
	peer_answered_us(r->iface, &w->nbma, r->began, now);
	resolve_keep(r->iface, proto, w, now);
}

/* It learnt us from our request: it is told when we move or end. */
static void remember_answerer(struct rx *rx, const struct addr *station)
{
	struct iface *i = rx->iface;

	if (addr_is_unicast(station) && !iface_owns(i, station))
		purge_remember(i, &i->told,
			       &(struct told_key){ prefix_host(&rx->p->src_proto),
						   *station },
			       i->conf->holding_s, rx->now);
}

/* What stands beside an answer is worth something when that one was taken. */
static void learn_beside(struct rx *rx, const struct addr *station, const struct cie *c,
			 const struct where *w)
{
	const struct binding *b = binding_find(rx->iface, station);

	if (b && binding_is_placed(b) && addr_eq(&b->nbma, &w->nbma))
		linklocal_answered(rx, c, w);
}

static void answered(struct rx *rx, struct request *r, const struct cie *c)
{
	struct iface *i = rx->iface;
	struct addr nbma = answered_nbma(rx, c);
	struct where w = { nbma, c->nbma, c->hold_s, c->mtu, "resolved", true };
	struct binding *b;
	bool traffic = r->kind == REQUEST_RESOLVE;

	count(i, CNT_RES_LEARNT);
	remember_answerer(rx, r->kind == REQUEST_SHORTCUT ? &c->proto : &r->target);
	if (r->kind == REQUEST_SHORTCUT) {
		if (shortcut_answered(r, rx, c, &nbma)) {
			learn_beside(rx, &c->proto, c, &w);
			request_free(r);
		}
		return;
	}
	resolve_learn(r, &r->target, &w, rx->now);
	learn_beside(rx, &r->target, c, &w);
	b = binding_find(i, &r->target);
	if (b && traffic)
		b->used_at = rx->now;
	/* Nobody else is going to answer for what was not learnt from this. */
	if (b && traffic && b->type == BINDING_INCOMPLETE)
		binding_negative(i, &r->target, "the answer names our own NBMA address",
				 NEGATIVE_NAK_S, rx->now);
	if (r->kind == REQUEST_COMMAND) {
		struct act_answer *a = &engine_push(i->engine, ACT_ANSWER)->answer;

		*a = (struct act_answer){
			.token = r->token,
			.ok = true,
			.reason = "",
			.protocol = { r->target, c->prefix_len },
			.nbma = nbma,
			.claimed = c->nbma,
			.hold_s = c->hold_s,
		};
		if (c->prefix_len == 0 || c->prefix_len > addr_host_bits(&r->target))
			a->protocol.len = addr_host_bits(&r->target);
	}
	request_free(r);
}

/* None of it says where the station is: because it refuses, or because it does not. */
static const char *why_useless(const struct packet *p)
{
	return p->cie_count && p->cies[0].code != NHRP_CODE_SUCCESS
		       ? packet_cie_code_str(p->cies[0].code)
		       : "answer without an address";
}

void resolve_reply(struct rx *rx)
{
	struct packet *p = rx->p;
	struct request *r = request_match(rx, p->request_id);
	const struct cie *c;

	if (!r || r->kind == REQUEST_PURGE || !addr_eq(&p->dst_proto, &r->target)) {
		count(rx->iface, CNT_DROP_UNEXPECTED_REPLY);
		tx_error(rx, NHRP_ERR_INVALID_REPLY, 0);
		return;
	}
	if (!request_went_to(r, &rx->ev->from)) {
		count(rx->iface, CNT_DROP_UNEXPECTED_REPLY);
		return;
	}
	c = best_cie(p);
	if (r->kind == REQUEST_VERIFY && c)
		contest_answered(r, rx->now);
	if (r->kind == REQUEST_CONFIRM && !c)
		purge_confirmed(r, rx->now);
	if ((r->kind == REQUEST_VERIFY && c) || r->kind == REQUEST_OPEN ||
	    r->kind == REQUEST_CONFIRM) {
		request_free(r);
		return;
	}
	if (c)
		answered(rx, r, c);
	else
		resolve_refused(r, why_useless(p), rx->now);
}

/* --- answering -------------------------------------------------------------- */

/*
 * The answering station learns the requester from the request, so that its
 * packets go straight too: only when it says it is stable and for how long
 * (6.2.1).
 */
void resolve_learn_requester(struct rx *rx)
{
	struct packet *p = rx->p;
	struct where w = { .reason = "asked for us" };
	const struct ext *passed = packet_find_ext(p, NHRP_EXT_FORWARD_TRANSIT);

	if (!(p->flags & NHRP_RES_SRC_STABLE) || p->cie_count == 0 ||
	    p->cies[0].hold_s == 0)
		return;
	w.claimed = p->src_nbma;
	w.nbma = nat_real_nbma(p, &p->src_proto, &p->src_nbma);
	if (addr_is_set(&rx->ev->from) && passed && passed->cie_count == 0)
		w.nbma = rx->ev->from;
	w.hold_s = p->cies[0].hold_s;
	w.mtu = p->cies[0].mtu;
	/* Whoever asks calls, except when only we can. */
	w.dials = nat_is_ours(rx->iface);
	resolve_keep(rx->iface, &p->src_proto, &w, rx->now);
	if (!w.dials)
		peer_asked_us(rx->iface, &w.nbma, rx->now);
	if (!addr_eq(&rx->ev->from, &w.nbma))
		nat_open(rx->iface, &p->src_proto, &w.nbma, rx->now);
}

static void send_reply(struct rx *rx)
{
	struct hop hop;

	tx_make_reply(rx, NHRP_RESOLUTION_REPLY);
	/* The way it came is known to work, and lets the server add what it knows. */
	if (addr_is_set(&rx->ev->from)) {
		tx_send(rx->iface, rx->p, &rx->ev->from);
		return;
	}
	hop = transit_route(rx->iface, &rx->p->src_proto, NULL);
	if (hop.kind == HOP_FORWARD)
		tx_send(rx->iface, rx->p, &hop.nbma);
}

/* One CIE, all else 0 (5.2.2). */
void resolve_refuse(struct rx *rx, enum nhrp_cie_code code)
{
	struct packet *p = rx->p;
	struct cie *c;

	count(rx->iface, CNT_RES_NO_BINDING);
	p->cie_count = 0;
	c = packet_add_cie(p);
	if (!c)
		return;
	*c = (struct cie){ .code = (uint8_t)code };
	p->flags &= (uint16_t) ~(NHRP_RES_DEST_STABLE | NHRP_RES_AUTHORITATIVE);
	send_reply(rx);
}

/* Our link-local address, withdrawn with the others. */
static void add_beside(struct rx *rx, uint32_t hold_s)
{
	struct iface *i = rx->iface;
	const struct addr *own = linklocal_add(i, rx->p);

	if (own)
		purge_remember(i, &i->told,
			       &(struct told_key){ prefix_host(own), rx->p->src_proto },
			       hold_s, rx->now);
}

void resolve_answer(struct rx *rx, const struct cie *with)
{
	struct packet *p = rx->p;
	struct cie *c;

	count(rx->iface, CNT_RES_ANSWERED);
	p->cie_count = 0;
	c = packet_add_cie(p);
	if (!c)
		return;
	*c = *with;
	p->flags |= NHRP_RES_DEST_STABLE;
	if (addr_eq(&with->nbma, &rx->iface->nbma))
		add_beside(rx, with->hold_s);
	send_reply(rx);
}

static void answer_as_station(struct rx *rx)
{
	struct iface *i = rx->iface;
	struct addr own = rx->p->dst_proto;

	resolve_learn_requester(rx);
	purge_remember(i, &i->told,
		       &(struct told_key){ prefix_host(&own), rx->p->src_proto },
		       i->conf->holding_s, rx->now);
	nat_add_own(i, rx->p, &own);
	resolve_answer(rx, &(struct cie){
				   .prefix_len = addr_host_bits(&own),
				   .mtu = iface_mtu(i),
				   .hold_s = i->conf->holding_s,
				   .nbma = i->nbma,
				   .proto = own,
				   .preference = 255,
			   });
}

static void answer_from_binding(struct rx *rx, struct binding *b)
{
	uint32_t left_s = rx->iface->conf->holding_s;

	if (!mono_is_never(b->expires))
		left_s = mono_s_until(b->expires, rx->now);
	purge_remember(rx->iface, &b->told,
		       &(struct told_key){ prefix_host(&b->proto), rx->p->src_proto },
		       left_s, rx->now);
	rx->p->flags &= (uint16_t)~NHRP_RES_AUTHORITATIVE;
	nat_add_station(rx->iface, rx->p, b);
	resolve_answer(rx, &(struct cie){
				   .prefix_len = addr_host_bits(&b->proto),
				   .mtu = b->mtu,
				   .hold_s = (uint16_t)left_s,
				   .nbma = b->claimed,
				   .proto = b->proto,
			   });
}

void resolve_request(struct rx *rx)
{
	struct iface *i = rx->iface;
	const struct addr *target = &rx->p->dst_proto;
	struct binding *b = binding_find(i, target);

	/* Who is about to be gone is not there any more. */
	if (iface_owns(i, target) && !i->engine->stopping)
		answer_as_station(rx);
	else if (b && binding_is_up(b) && !addr_eq(target, &rx->p->src_proto) &&
		 !(rx->p->flags & NHRP_RES_AUTHORITATIVE))
		answer_from_binding(rx, b);
	else
		resolve_refuse(rx, NHRP_CODE_NO_BINDING);
}
