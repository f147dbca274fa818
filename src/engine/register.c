/* SPDX-License-Identifier: MIT */
/*
 * Registration server (RFC 2332 5.2.3, 5.2.4): each CIE is judged, the reply is
 * the request with the judgement in it, sent straight back to the client.
 */
#include <stdlib.h>
#include <string.h>

#include "engine_int.h"

static const char crowded[] = "too many wait for the script";

#define PERMITTED_MAX 32 /* bits of lookup.permitted */

enum claim {
	CLAIM_NEW,
	CLAIM_REFRESH,
	CLAIM_MOVED,
	CLAIM_STANDS, /* it is configured like this already */
	CLAIM_PROHIBITED,
	CLAIM_UNAUTHORISED,
	CLAIM_BEYOND,  /* its certificate does not give it */
	CLAIM_AWAITED, /* its certificate is not known */
	CLAIM_FULL,
	CLAIM_TAKEN,
	CLAIM_TAKEN_BY_OTHER, /* another identity has it */
	CLAIM_SHARED,
	CLAIM_UNASKED, /* the script cannot be asked now */
	CLAIMS
};

static const struct {
	enum nhrp_cie_code code;
	enum counter counter;
} outcomes[CLAIMS] = {
	[CLAIM_NEW] = { NHRP_CODE_SUCCESS, CNT_REG_NEW },
	[CLAIM_REFRESH] = { NHRP_CODE_SUCCESS, CNT_REG_REFRESH },
	[CLAIM_MOVED] = { NHRP_CODE_SUCCESS, CNT_REG_MOVED },
	[CLAIM_STANDS] = { NHRP_CODE_SUCCESS, CNT_REG_REFRESH },
	[CLAIM_PROHIBITED] = { NHRP_CODE_PROHIBITED, CNT_REG_PROHIBITED },
	[CLAIM_UNAUTHORISED] = { NHRP_CODE_PROHIBITED, CNT_REG_IDENTITY },
	[CLAIM_BEYOND] = { NHRP_CODE_PROHIBITED, CNT_REG_CERTIFICATE },
	[CLAIM_AWAITED] = { NHRP_CODE_NO_RESOURCES, CNT_REG_NO_RESOURCES },
	[CLAIM_FULL] = { NHRP_CODE_NO_RESOURCES, CNT_REG_NO_RESOURCES },
	[CLAIM_TAKEN] = { NHRP_CODE_ALREADY_REGISTERED, CNT_REG_NOT_UNIQUE },
	[CLAIM_TAKEN_BY_OTHER] = { NHRP_CODE_ALREADY_REGISTERED, CNT_REG_IDENTITY },
	[CLAIM_UNASKED] = { NHRP_CODE_NO_RESOURCES, CNT_REG_NO_RESOURCES },
	[CLAIM_SHARED] = { NHRP_CODE_NOT_UNIQUE, CNT_REG_SHARED },
};

/* What one CIE registers. */
struct registration {
	struct addr proto;
	struct where where;
	const struct peer *peer; /* whose SA it came by, or NULL */
	const char *identity;	 /* its; "": none */
	bool unique;
};

static void note_refusal(struct rx *rx, const struct registration *g, const char *why)
{
	struct iface *i = rx->iface;

	trouble_note(i, &(struct trouble){ .proto = g->proto,
					   .nbma = g->where.nbma,
					   .what = why,
					   .about = packet_type_str(rx->p->type),
					   .by_us = true,
					   .at = rx->now });
	if (engine_may_log(i->engine, rx->now))
		log_to(i->engine->log, LOG_LEVEL_WARN,
		       "interface %s: registration of %s from %s%s%s%s refused: %s",
		       i->name, ADDR_STR(&g->proto), ADDR_STR(&g->where.nbma),
		       g->identity[0] ? " ('" : "", g->identity,
		       g->identity[0] ? "')" : "", why);
}

/* Both are named: one of them is not who it should be. */
static void taken_by(struct rx *rx, const struct registration *g, const struct peer *by)
{
	struct engine *e = rx->iface->engine;
	const char *holder = identity_of(by);

	note_refusal(rx, g, "it belongs to another identity");
	if (engine_may_log(e, rx->now))
		log_to(e->log, LOG_LEVEL_WARN,
		       "binding %s on %s: held by '%s', claimed by '%s'",
		       ADDR_STR(&g->proto), rx->iface->name,
		       *holder ? holder : "who had it before the restart", g->identity);
}

/* Addresses that are nobody's, ours, or not of this kind of tunnel. */
static const char *why_not_claimable(const struct rx *rx, const struct registration *g,
				     uint8_t prefix_len)
{
	const struct iface *i = rx->iface;

	if (!addr_is_unicast(&g->proto))
		return "not a unicast address";
	if (iface_is_local(i, &g->proto))
		return "it is an address of this router";
	if (addr_eq(&g->proto, &i->nbma))
		return "it is this router's NBMA address";
	if (addr_eq(&g->proto, &g->where.nbma))
		return "protocol and NBMA address are the same";
	if (!addr_is_unicast(&g->where.nbma) || addr_eq(&g->where.nbma, &i->nbma))
		return "its NBMA address cannot be used";
	if (prefix_len != 0 && prefix_len != NHRP_PREFIX_ONLY_THIS &&
	    prefix_len != addr_host_bits(&g->proto))
		return "a prefix instead of one address";
	return NULL;
}

static enum claim place(struct rx *rx, struct binding *b, const struct registration *g,
			enum claim as)
{
	b->unique = g->unique;
	free(b->contest);
	b->contest = NULL;
	binding_place(b, BINDING_DYNAMIC, &g->where, rx->now);
	return as;
}

/* A station that is not there yet: is there room for it at its outer address? */
static enum claim admit(struct rx *rx, const struct registration *g, enum claim as)
{
	struct binding *b;

	switch (peer_admits(rx->iface, &g->where.nbma, &g->where.claimed)) {
	case PEER_SHARED:
		note_refusal(rx, g,
			     "another station is registered from this address: two "
			     "behind one NAT cannot be told apart without IPsec");
		return CLAIM_SHARED;
	case PEER_FULL:
		note_refusal(rx, g, "too many addresses from one station");
		return CLAIM_FULL;
	case PEER_ADMITTED:
		break;
	}
	b = binding_get(rx->iface, &g->proto, BINDING_DYNAMIC, rx->now);
	if (b)
		return place(rx, b, g, as);
	note_refusal(rx, g, REASON_FULL);
	return CLAIM_FULL;
}

/* The same station again: nothing to write but the time. */
static enum claim refresh(struct rx *rx, struct binding *b,
			  const struct registration *g)
{
	b->unique = g->unique;
	/* Another address of it may have said otherwise, and have been wrong. */
	b->peer->claimed = g->where.claimed;
	b->claimed = g->where.claimed;
	b->mtu = g->where.mtu;
	b->reason = g->where.reason;
	if (b->contest) {
		/* It speaks for itself. */
		b->contest->settled = rx->now;
	}
	binding_refresh(b, g->where.hold_s, rx->now);
	return CLAIM_REFRESH;
}

/*
 * An address that is registered from elsewhere. The same identity may take it
 * along at once; another one may not have it. Without identities the RFC's unique
 * bit decides, and the holder is asked.
 */
static enum claim elsewhere(struct rx *rx, struct binding *b,
			    const struct registration *g)
{
	bool known = g->identity[0] && identity_known(b->peer);

	if (known && identity_is(b->peer, g->identity))
		return admit(rx, g, CLAIM_MOVED);
	if (known) {
		taken_by(rx, g, b->peer);
		return CLAIM_TAKEN_BY_OTHER;
	}
	if (!b->unique)
		return admit(rx, g, CLAIM_MOVED);
	note_refusal(rx, g, "unique address already registered");
	contest_start(b, &g->where.nbma, rx->now);
	return CLAIM_TAKEN;
}

static enum claim judge(struct rx *rx, const struct registration *g)
{
	struct binding *b = binding_find(rx->iface, &g->proto);
	bool same = b && addr_eq(&b->nbma, &g->where.nbma);

	if (b && (b->type == BINDING_STATIC || b->type == BINDING_NHS)) {
		if (same)
			return CLAIM_STANDS;
		note_refusal(rx, g, "a 'map' gives this address another NBMA address");
		return CLAIM_PROHIBITED;
	}
	if (b && b->type == BINDING_DYNAMIC) {
		if (same)
			return refresh(rx, b, g);
		return elsewhere(rx, b, g);
	}
	return admit(rx, g, CLAIM_NEW);
}

/*
 * Where the client is: what the packet came from, when it came from the client
 * itself; a server that passed it on is not the client.
 */
static struct addr client_nbma(const struct rx *rx, const struct addr *claimed)
{
	const struct ext *passed = packet_find_ext(rx->p, NHRP_EXT_FORWARD_TRANSIT);

	if (!addr_is_set(&rx->ev->from) || (passed && passed->cie_count > 0))
		return *claimed;
	return rx->ev->from;
}

static struct registration read_cie(const struct rx *rx, const struct cie *c)
{
	const struct packet *p = rx->p;
	struct registration g = { .unique = p->flags & NHRP_REG_UNIQUE };

	g.proto = addr_is_set(&c->proto) ? c->proto : p->src_proto;
	g.where.claimed = addr_is_set(&c->nbma) ? c->nbma : p->src_nbma;
	g.where.nbma = client_nbma(rx, &g.where.claimed);
	g.where.hold_s = c->hold_s ? c->hold_s : rx->iface->conf->holding_s;
	g.where.mtu = c->mtu;
	g.where.reason = "registered";
	if (iface_is_secured(rx->iface))
		g.peer = peer_find(rx->iface, &rx->ev->from);
	g.identity = identity_of(g.peer);
	return g;
}

/* What the script did not say yes to: it said no, or there was no asking it. */
static const char *why_not_permitted(const struct rx *rx, size_t k)
{
	const struct lookup *l = rx->asked;

	if (!l || (k < PERMITTED_MAX && l->permitted >> k & 1))
		return NULL;
	return l->why;
}

/* What it may claim is said as well: it is not in the configuration. */
static enum claim beyond(struct rx *rx, const struct registration *g)
{
	struct engine *e = rx->iface->engine;

	note_refusal(rx, g, "its certificate does not give it this address");
	if (engine_may_log(e, rx->now))
		log_to(e->log, LOG_LEVEL_WARN,
		       "interface %s: '%s' may claim by its certificate: %s",
		       rx->iface->name, g->identity,
		       authority_str(&(struct authority_text){ { 0 } }, g->peer));
	return CLAIM_BEYOND;
}

/* A server passed it on: who is where the client is said to be has its own rights. */
static enum policy policy_of(const struct rx *rx, const struct registration *g)
{
	struct prefix host = prefix_host(&g->proto);
	enum policy sender = policy_judge(rx->iface, g->peer, &host);

	if (sender != POLICY_GRANTED || addr_eq(&g->where.nbma, &rx->ev->from))
		return sender;
	return policy_judge(rx->iface, peer_find(rx->iface, &g->where.nbma), &host);
}

/* False where judging goes on. */
static bool policy_objects(struct rx *rx, const struct registration *g,
			   enum claim *claim)
{
	switch (policy_of(rx, g)) {
	case POLICY_GRANTED:
		return false;
	case POLICY_AWAITED:
		note_refusal(rx, g, "its certificate is not known yet");
		*claim = CLAIM_AWAITED;
		break;
	case POLICY_REFUSED:
		note_refusal(rx, g, "its identity is not authorised for it");
		*claim = CLAIM_UNAUTHORISED;
		break;
	case POLICY_BEYOND:
		*claim = beyond(rx, g);
		break;
	}
	return true;
}

static enum claim claim_of(struct rx *rx, const struct registration *g, size_t k)
{
	const char *why = why_not_claimable(rx, g, rx->p->cies[k].prefix_len);
	enum claim claim = CLAIM_PROHIBITED;

	if (why) {
		note_refusal(rx, g, why);
		return CLAIM_PROHIBITED;
	}
	if (policy_objects(rx, g, &claim))
		return claim;
	why = why_not_permitted(rx, k);
	if (why) {
		note_refusal(rx, g, why);
		return why == crowded ? CLAIM_UNASKED : CLAIM_PROHIBITED;
	}
	return judge(rx, g);
}

static void one_cie(struct rx *rx, size_t k)
{
	struct cie *c = &rx->p->cies[k];
	struct registration g = read_cie(rx, c);
	enum claim claim = claim_of(rx, &g, k);

	count(rx->iface, outcomes[claim].counter);
	c->code = (uint8_t)outcomes[claim].code;
	c->hold_s = c->code == NHRP_CODE_SUCCESS ? (uint16_t)g.where.hold_s : 0;
}

/* A client that did not know our address learns it from here (5.2.3). */
static void name_ourselves(struct rx *rx)
{
	struct packet *p = rx->p;
	const struct addr *own;

	if (iface_owns(rx->iface, &p->dst_proto))
		return;
	own = iface_own_addr(rx->iface, (enum addr_family)p->proto_family,
			     &p->src_proto);
	if (own)
		p->dst_proto = *own;
}

static void answer(struct rx *rx)
{
	struct packet *p = rx->p;
	struct addr back = client_nbma(rx, &p->src_nbma);

	for (size_t k = 0; k < p->cie_count; k++)
		one_cie(rx, k);
	name_ourselves(rx);
	nat_fill_registration_reply(rx);
	tx_make_reply(rx, NHRP_REGISTRATION_REPLY);
	linklocal_tell(rx);
	tx_send(rx->iface, p, &back);
}

/* --- the site's script ----------------------------------------------------------- */

/* There is nothing to ask about what is refused in any case. */
static bool is_to_be_asked(const struct rx *rx, const struct registration *g,
			   uint8_t prefix_len)
{
	struct prefix host = prefix_host(&g->proto);

	return !why_not_claimable(rx, g, prefix_len) &&
	       policy_judge(rx->iface, g->peer, &host) == POLICY_GRANTED;
}

/*
 * Asks about the next address that could be registered; false when there is none
 * left, or no asking. The packet goes along and is judged when it comes back.
 */
static bool ask_next(struct rx *rx, struct lookup *l)
{
	for (; l->cie < rx->p->cie_count && l->cie < PERMITTED_MAX; l->cie++) {
		const struct cie *c = &rx->p->cies[l->cie];
		struct registration g = read_cie(rx, c);

		if (!is_to_be_asked(rx, &g, c->prefix_len))
			continue;
		if (script_ask_registration(rx, l, &g.proto, &g.where))
			return true;
		l->why = crowded;
		return false;
	}
	return false;
}

static void ask_script(struct rx *rx)
{
	struct lookup l = { .purpose = LOOKUP_FOR_REGISTRATION,
			    .dst = rx->p->src_proto,
			    .from = rx->ev->from,
			    .why = "too many addresses at once",
			    .len = rx->ev->len };

	/* A request that is repeated: the answer to the first copy is an answer. */
	if (lookup_has_registration(rx->iface, &l.dst, &l.from)) {
		count(rx->iface, CNT_DROP_REPEATED);
		return;
	}
	if (ask_next(rx, &l))
		return;
	/* cppcheck-suppress autoVariables ; no longer than `rx`, the caller's own */
	rx->asked = &l;
	answer(rx);
}

void register_asked(struct lookup *l, enum hook_outcome outcome, mono now)
{
	struct ev_packet ev;
	struct rx rx;

	/* What came by an SA is not answered after its end. */
	if (!peer_carries(l->iface, &l->from) || !rx_reread(&rx, l, &ev, now))
		return;
	if (outcome == HOOK_YES)
		l->permitted |= 1u << l->cie;
	else
		l->why = script_refusal_str(outcome);
	l->cie++;
	if (script_is_on(l->iface->engine)) {
		if (ask_next(&rx, l))
			return;
		rx.asked = l;
	}
	answer(&rx);
}

/* --- the certificate ------------------------------------------------------------- */

/* With one address that needs it the whole request waits. */
static bool await_certificate(struct rx *rx)
{
	for (size_t k = 0; k < rx->p->cie_count; k++) {
		struct registration g = read_cie(rx, &rx->p->cies[k]);
		struct prefix host = prefix_host(&g.proto);

		if (policy_judge(rx->iface, g.peer, &host) != POLICY_AWAITED)
			continue;
		authority_await(peer_find(rx->iface, &rx->ev->from), rx);
		return true;
	}
	return false;
}

void register_again(const struct lookup *l, mono now)
{
	struct ev_packet ev;
	struct rx rx;

	if (peer_carries(l->iface, &l->from) && rx_reread(&rx, l, &ev, now))
		register_request(&rx);
}

void register_request(struct rx *rx)
{
	if (rx->p->cie_count == 0) {
		count(rx->iface, CNT_DROP_NO_CIE);
		tx_error(rx, NHRP_ERR_PROTOCOL, 0);
	} else if (await_certificate(rx)) {
		return;
	} else if (script_is_on(rx->iface->engine)) {
		ask_script(rx);
	} else {
		answer(rx);
	}
}
