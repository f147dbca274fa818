/* SPDX-License-Identifier: MIT */
/*
 * Shortcuts: from a Traffic Indication to a route through the station that has
 * the destination behind it (draft-detienne-dmvpn 4.3 to 4.7).
 *
 *	indication -> is the traffic from behind us? -> does it leave by this
 *	tunnel? -> RESOLVING --answer--> UP --time over, withdrawn, station gone,
 *			|  |		 ^ |	 base route gone or overruled--> end
 *			|  |		 | '--> REFUSED, by who the station is
 *			|  '-> WAITING --+--- for the script's yes to its station
 *			|      SECURING -'    for an SA to it
 *			'-no--> REFUSED --time over--> end
 *
 * A shortcut never covers the base route it is laid over entirely from above:
 * its prefix is made at least as long, never a default. What is more specific in
 * the kernel wins by itself.
 */
#include <assert.h>
#include <stdlib.h>

#include <nhrp/inner.h>

#include "engine_int.h"

#define REFUSED_NAK_S	 60
#define REFUSED_SILENT_S 10

const char *shortcut_state_str(enum shortcut_state s)
{
	switch (s) {
	case SHORTCUT_RESOLVING:
		return "resolving";
	case SHORTCUT_SECURING:
		return "securing";
	case SHORTCUT_WAITING:
		return "waiting";
	case SHORTCUT_UP:
		return "up";
	case SHORTCUT_REFUSED:
		return "refused";
	}
	return "?";
}

/* --- the table -------------------------------------------------------------- */

static struct shortcut *find(struct iface *i, const struct prefix *dst)
{
	struct shortcut *s;

	HASH_FIND(hh, i->shortcuts, dst, sizeof(*dst), s);
	return s;
}

/* An entry that stands for this address, whatever its state. */
static struct shortcut *covering(struct iface *i, const struct addr *dst)
{
	for (struct shortcut *s = i->shortcuts; s; s = s->hh.next) {
		if (prefix_contains(&s->dst, dst))
			return s;
	}
	return NULL;
}

/* To its station itself: a gateway cannot be behind itself. */
static bool is_station(const struct shortcut *s)
{
	return addr_eq(&s->dst.addr, &s->via) && s->dst.len == addr_host_bits(&s->via);
}

static void end(struct shortcut *s, const char *why, mono now)
{
	struct iface *i = s->iface;

	if (s->state == SHORTCUT_UP) {
		if (engine_may_log(i->engine, now))
			log_to(i->engine->log, LOG_LEVEL_INFO,
			       "shortcut %s on %s via %s: ended (%s)",
			       PREFIX_STR(&s->dst), i->name, ADDR_STR(&s->via), why);
		if (is_station(s))
			route_drop(i, &s->dst);
		else
			route_drop_via(i, &s->dst);
		engine_push(i->engine, ACT_WATCH_DEL)->watch = s->dst;
		if (s->script_told)
			script_shortcut(s, false);
	}
	timers_disarm(&i->engine->timers, &s->expiry);
	timers_disarm(&i->engine->timers, &s->review);
	HASH_DEL(i->shortcuts, s);
	free(s);
}

static void expired(struct timer *t, void *ctx, mono now)
{
	(void)ctx;
	end(container_of(t, struct shortcut, expiry), "holding time over", now);
}

/*
 * Half of its time is over: is there traffic? Its station's entry may be younger,
 * when that one asked us; but what is behind it only an answer tells.
 */
static void review(struct timer *t, void *ctx, mono now)
{
	struct shortcut *s = container_of(t, struct shortcut, review);
	struct binding *via = binding_find(s->iface, &s->via);

	(void)ctx;
	(void)now;
	assert(via); /* or it would have taken this one along */
	s->asked = true;
	neigh_ask_via(via);
}

static void arm(struct shortcut *s, uint32_t hold_s, mono now)
{
	struct timers *ts = &s->iface->engine->timers;

	s->asked = false;
	s->expires = mono_add_s(now, hold_s);
	timers_arm(ts, &s->expiry, s->expires);
	timers_disarm(ts, &s->review);
}

static struct shortcut *add(struct iface *i, const struct prefix *dst,
			    const struct addr *target, mono now)
{
	struct shortcut *s = mem_new(sizeof(*s));

	s->iface = i;
	s->dst = *dst;
	s->target = *target;
	s->since = now;
	s->expiry.fire = expired;
	s->review.fire = review;
	HASH_ADD(hh, i->shortcuts, dst, sizeof(s->dst), s);
	return s;
}

/* --- from the indication to the question ------------------------------------- */

void shortcut_indication(struct rx *rx)
{
	struct iface *i = rx->iface;
	struct lookup l = { .purpose = LOOKUP_FOR_INDICATED_SRC };
	struct inner in;

	if (!i->conf->shortcut ||
	    !inner_decode(&in, rx->p->payload, rx->p->payload_len) ||
	    !addr_is_unicast(&in.src) || !addr_is_unicast(&in.dst)) {
		count(i, CNT_DROP_INDICATION);
		return;
	}
	if (covering(i, &in.dst) || !limit_take(&i->asking, rx->now)) {
		count(i, CNT_INDICATIONS_IGNORED);
		return;
	}
	l.src = in.src;
	l.dst = in.dst;
	lookup_start(i, &l, NULL, rx->now);
}

/* Domino guard: traffic that came by this tunnel is somebody else's to shorten. */
void shortcut_src_routed(struct iface *i, const struct lookup *l,
			 const struct ev_lookup *route, mono now)
{
	struct lookup next = { .purpose = LOOKUP_FOR_INDICATED_DST };

	if (route->kind == LOOKUP_UNREACHABLE || route->ifindex == i->ifindex) {
		count(i, CNT_INDICATIONS_TRANSIT);
		return;
	}
	next.src = l->src;
	next.dst = l->dst;
	lookup_start(i, &next, NULL, now);
}

void shortcut_dst_routed(struct iface *i, const struct lookup *l,
			 const struct ev_lookup *route, mono now)
{
	struct prefix host = prefix_host(&l->dst);
	struct request *r;

	/* Local, elsewhere, refused, or shortened already: nothing to do. */
	if (route->kind != LOOKUP_UNICAST || route->ifindex != i->ifindex ||
	    covering(i, &l->dst)) {
		count(i, CNT_INDICATIONS_IGNORED);
		return;
	}
	/* A station of the tunnel itself: the kernel asks for it as a neighbour. */
	if (!addr_is_set(&route->gateway))
		return;
	if (HASH_COUNT(i->shortcuts) >= i->conf->max_bindings) {
		count(i, CNT_RES_LIMITED);
		return;
	}
	r = request_new(i, REQUEST_SHORTCUT, &l->dst, now);
	if (!r) {
		count(i, CNT_RES_LIMITED);
		return;
	}
	add(i, &host, &l->dst, now)->reason = "resolving";
	r->to = route->gateway;
	request_send(r, now);
}

/* --- the answer --------------------------------------------------------------- */

/*
 * How much of the answer is used: not more than the base route below it, never a
 * default, and the whole answer when that is already longer.
 */
static struct prefix usable_prefix(const struct iface *i, const struct addr *target,
				   uint8_t len)
{
	struct prefix p = { *target, len };
	struct prefix host = prefix_host(target);
	const struct other_route *base = route_base(i, &host);

	if (p.len == 0 || p.len > host.len)
		p.len = host.len;
	if (base && p.len < base->dst.len)
		p.len = base->dst.len;
	return prefix_masked(&p);
}

/* `shortcut-filter`: only inside one of these, or anywhere. */
static bool permitted(const struct iface *i, const struct prefix *dst)
{
	for (size_t k = 0; k < i->conf->shortcut_filter_count; k++) {
		const struct prefix *f = &i->conf->shortcut_filters[k];

		if (f->len <= dst->len && prefix_contains(f, &dst->addr))
			return true;
	}
	return i->conf->shortcut_filter_count == 0;
}

/* It has its answer, and its station is not to be used yet. */
static bool waits(const struct shortcut *s)
{
	return s->state == SHORTCUT_WAITING || s->state == SHORTCUT_SECURING;
}

static void refuse(struct shortcut *s, const char *reason, uint32_t hold_s, mono now)
{
	s->state = SHORTCUT_REFUSED;
	s->reason = reason;
	s->since = now;
	arm(s, hold_s, now);
}

/* Into the kernel. */
static void lay(struct shortcut *s, mono now)
{
	struct iface *i = s->iface;

	s->state = SHORTCUT_UP;
	s->reason = "resolved";
	s->since = now;
	count(i, CNT_SHORTCUTS_UP);
	engine_push(i->engine, ACT_WATCH_SET)->watch = s->dst;
	if (is_station(s))
		route_want(i, &s->dst);
	else
		route_want_via(i, &s->dst, &s->via);
	if (engine_may_log(i->engine, now))
		log_to(i->engine->log, LOG_LEVEL_INFO, "shortcut %s on %s via %s: up",
		       PREFIX_STR(&s->dst), i->name, ADDR_STR(&s->via));
	if (script_knows(binding_find(i, &s->via)))
		script_shortcut(s, true);
}

static bool is_refused(enum policy p)
{
	return p == POLICY_REFUSED || p == POLICY_BEYOND;
}

/* Its station has an SA. */
static void settle(struct shortcut *s, const struct binding *via, mono now)
{
	struct iface *i = s->iface;
	enum policy p = policy_judge_station(i, via->peer, &s->dst);

	if (p == POLICY_GRANTED) {
		lay(s, now);
	} else if (is_refused(p)) {
		refuse(s, policy_refuse_station(i, p), REFUSED_NAK_S, now);
	} else {
		s->state = SHORTCUT_SECURING;
		s->reason = "waits for its station's certificate";
	}
}

/* One that stands, when who is there is known (again). */
static bool overtaken(struct shortcut *s, const struct binding *via, mono now)
{
	enum policy p = policy_judge_station(s->iface, via->peer, &s->dst);

	if (!is_refused(p))
		return false;
	end(s, policy_refuse_station(s->iface, p), now);
	return true;
}

/* NAT is a better reason than that there is no SA. */
static const char *why_not_by(const struct binding *via, const char *why)
{
	const char *nat = via->peer ? nat_hinders(via->peer) : NULL;

	return nat ? nat : why;
}

/* As far as its station allows now. */
static void advance(struct shortcut *s, mono now)
{
	const struct binding *via = binding_find(s->iface, &s->via);

	assert(via); /* or it would have taken this one along */
	if (via->held) {
		s->state = SHORTCUT_WAITING;
		s->reason = SCRIPT_IS_ASKED;
	} else if (via->peer && via->peer->state == PEER_BACKOFF) {
		refuse(s, why_not_by(via, REASON_NO_SA), REFUSED_SILENT_S, now);
	} else if (via->peer && !peer_is_secured(via->peer)) {
		s->state = SHORTCUT_SECURING;
		s->reason = "waits for an SA to its station";
	} else {
		settle(s, via, now);
	}
}

static void install(struct iface *i, const struct prefix *dst,
		    const struct addr *target, const struct cie *c, mono now)
{
	struct shortcut *s = find(i, dst);
	bool news = !s || s->state != SHORTCUT_UP || !addr_eq(&s->via, &c->proto);

	if (s && s->state == SHORTCUT_UP && news) {
		end(s, "another station answers", now);
		s = NULL;
	}
	if (!s)
		s = add(i, dst, target, now);
	s->target = *target;
	s->via = c->proto;
	s->reason = "resolved";
	arm(s, c->hold_s, now);
	timers_arm(&i->engine->timers, &s->review,
		   mono_add_ms(now, (int64_t)c->hold_s * 500));
	if (!news)
		return;
	s->since = now;
	advance(s, now);
}

/* The route below it may have gone meanwhile. */
void shortcut_via_ready(struct iface *i, const struct addr *via, mono now)
{
	const struct binding *b = binding_find(i, via);
	struct shortcut *s, *next;

	HASH_ITER (hh, i->shortcuts, s, next) {
		if (!addr_eq(&s->via, via))
			continue;
		if (s->state == SHORTCUT_UP && overtaken(s, b, now))
			continue;
		if (!waits(s))
			continue;
		if (route_base(i, &s->dst))
			advance(s, now);
		else
			end(s, "no route below it any more", now);
	}
}

void shortcut_via_told(struct iface *i, const struct addr *via)
{
	for (struct shortcut *s = i->shortcuts; s; s = s->hh.next) {
		if (s->state == SHORTCUT_UP && !s->script_told && addr_eq(&s->via, via))
			script_shortcut(s, true);
	}
}

/* Some address inside it, to ask for when it is renewed. */
static struct addr inside(const struct prefix *p)
{
	struct addr a = p->addr;

	if (p->len < addr_host_bits(&a))
		a.bytes[addr_family_len((enum addr_family)a.family) - 1] |= 1;
	return a;
}

bool shortcut_adopt(struct iface *i, const struct ev_route *ev, mono now)
{
	struct binding *via = binding_find(i, &ev->gateway);
	struct addr target = inside(&ev->dst);
	struct cie c = { .proto = ev->gateway };

	if (!i->conf->shortcut || !via || via->type != BINDING_CACHED ||
	    mono_is_never(via->expires))
		return false;
	if (via->peer)
		peer_believe(via->peer, now);
	c.hold_s = (uint16_t)mono_s_until(via->expires, now);
	install(i, &ev->dst, &target, &c, now);
	return route_own(i, &ev->dst) != NULL;
}

/* The entry that waited under the host prefix, or one whose renewal covers another. */
static void drop_answered(struct iface *i, const struct addr *target,
			  const struct prefix *but, mono now)
{
	struct shortcut *s, *next;

	HASH_ITER (hh, i->shortcuts, s, next) {
		if (addr_eq(&s->target, target) && !prefix_eq(&s->dst, but))
			end(s, "answered for another prefix", now);
	}
}

static void use_answer(struct request *r, struct rx *rx, const struct cie *c,
		       const struct where *w)
{
	struct iface *i = r->iface;
	struct prefix dst = usable_prefix(i, &r->target, c->prefix_len);
	struct prefix host = prefix_host(&r->target);
	struct addr via = c->proto;
	struct binding *b;

	if (iface_owns(i, &via) || !addr_is_unicast(&via)) {
		shortcut_refused(r, "the answer names no station", REFUSED_NAK_S,
				 rx->now);
		return;
	}
	/* The base route may have gone while we asked. */
	if (!route_base(i, &host)) {
		shortcut_refused(r, "no route below it any more", REFUSED_SILENT_S,
				 rx->now);
		return;
	}
	if (!permitted(i, &dst)) {
		shortcut_refused(r, "shortcut-filter leaves it out", REFUSED_NAK_S,
				 rx->now);
		return;
	}
	/* First where the station is, then what is behind it. */
	resolve_learn(r, &via, w, rx->now);
	b = binding_find(i, &via);
	if (!b || !binding_is_placed(b)) {
		shortcut_refused(r, b ? b->reason : "its address cannot be used",
				 REFUSED_NAK_S, rx->now);
		return;
	}
	/* Traffic is why it was asked for, and why it is renewed. */
	b->used_at = rx->now;
	install(i, &dst, &r->target, c, rx->now);
	drop_answered(i, &r->target, &dst, rx->now);
}

/*
 * Through NAT a station may be known and yet not be reached. So what a server
 * passed on is asked once more, straight where it says that the station is, and
 * only what comes from there is used. A server's answer that comes after that
 * changes nothing.
 */
static bool has_to_answer_itself(struct request *r, const struct rx *rx,
				 const struct where *w)
{
	const struct addr *from = &rx->ev->from;
	struct shortcut *s = covering(r->iface, &r->target);

	if (!addr_is_set(from) || addr_eq(from, &w->nbma) ||
	    !nat_between(r->iface, &w->nbma, &w->claimed))
		return false;
	if (addr_eq(&r->to_nbma, &w->nbma))
		return true;
	if (s && s->state == SHORTCUT_RESOLVING)
		s->reason = "behind NAT: asking there";
	r->to_nbma = w->nbma;
	r->tries = 0;
	request_send(r, rx->now);
	return true;
}

bool shortcut_answered(struct request *r, struct rx *rx, const struct cie *c,
		       const struct addr *nbma)
{
	struct where w = { *nbma, c->nbma, c->hold_s, c->mtu, "resolved", true };
	struct cie usable = *c;

	if (has_to_answer_itself(r, rx, &w))
		return false;
	w.hold_s = nat_hold_s(r->iface, &w);
	usable.hold_s = (uint16_t)w.hold_s;
	use_answer(r, rx, &usable, &w);
	return true;
}

/* Whoever answered for it no longer does, even if that was never withdrawn. */
void shortcut_denied(struct request *r, const char *reason, mono now)
{
	struct shortcut *s = covering(r->iface, &r->target);

	if (s && s->state == SHORTCUT_UP && addr_eq(&s->target, &r->target))
		end(s, reason, now);
}

/* One that is up stays until its time is over: only its renewal failed. */
void shortcut_refused(struct request *r, const char *reason, uint32_t hold_s, mono now)
{
	struct shortcut *s = covering(r->iface, &r->target);

	if (s && s->state != SHORTCUT_UP)
		refuse(s, reason, hold_s, now);
}

/* --- life and end --------------------------------------------------------------- */

/* Traffic was seen to the station in the last half of their time: renew. */
bool shortcut_via_used(struct iface *i, const struct addr *via, mono now)
{
	for (struct shortcut *s = i->shortcuts; s; s = s->hh.next) {
		struct request *r;

		if (s->state != SHORTCUT_UP || !s->asked || !addr_eq(&s->via, via) ||
		    request_find(i, REQUEST_SHORTCUT, &s->target))
			continue;
		r = request_new(i, REQUEST_SHORTCUT, &s->target, now);
		if (!r)
			return false;
		r->to = *via;
		request_send(r, now);
	}
	return true;
}

void shortcut_via_gone(struct iface *i, const struct addr *via, const char *why,
		       mono now)
{
	struct shortcut *s, *next;

	HASH_ITER (hh, i->shortcuts, s, next) {
		if ((s->state == SHORTCUT_UP || waits(s)) && addr_eq(&s->via, via))
			end(s, why, now);
	}
}

/* One that waited for its station is refused, one that stood ends with it. */
void shortcut_via_refused(struct iface *i, const struct addr *via, const char *why,
			  uint32_t hold_s, mono now)
{
	const char *reason = why_not_by(binding_find(i, via), why);

	for (struct shortcut *s = i->shortcuts; s; s = s->hh.next) {
		if (waits(s) && addr_eq(&s->via, via))
			refuse(s, reason, hold_s, now);
	}
}

unsigned shortcut_purged(struct rx *rx, const struct prefix *scope)
{
	struct iface *i = rx->iface;
	struct shortcut *s, *next;
	unsigned ended = 0;

	HASH_ITER (hh, i->shortcuts, s, next) {
		bool inside = scope->len <= s->dst.len &&
			      prefix_contains(scope, &s->dst.addr);
		bool covers = s->dst.len < scope->len &&
			      prefix_contains(&s->dst, &scope->addr);

		if (!inside && !covers)
			continue;
		if (!addr_eq(&rx->p->src_proto, &s->via) &&
		    !nhs_is_server(i, &rx->ev->from)) {
			count(i, CNT_DROP_PURGE_DENIED);
			continue;
		}
		end(s, "withdrawn", rx->now);
		ended++;
	}
	return ended;
}

void shortcut_recheck(struct iface *i, mono now)
{
	struct shortcut *s, *next;

	HASH_ITER (hh, i->shortcuts, s, next) {
		if (s->state == SHORTCUT_UP && !route_base(i, &s->dst))
			end(s, "the route below it is gone", now);
	}
}

/* Somebody's route elsewhere now covers it more closely than the one below it. */
void shortcut_overruled(struct iface *i, const struct ev_route *ev, mono now)
{
	struct shortcut *s = find(i, &ev->dst);
	const struct other_route *base;

	if (!s || s->state != SHORTCUT_UP || ev->removed ||
	    !addr_is_set(&ev->cause.addr) || ev->ifindex == i->ifindex ||
	    ev->cause.len > s->dst.len)
		return;
	base = route_base(i, &s->dst);
	if (!base || ev->cause.len >= base->dst.len)
		end(s, "another route leads elsewhere", now);
}

void shortcut_end_all(struct iface *i, const char *why, mono now)
{
	struct shortcut *s, *next;

	HASH_ITER (hh, i->shortcuts, s, next)
		end(s, why, now);
}

/* --- commands ------------------------------------------------------------------- */

bool shortcut_matches(const struct shortcut *s, const struct selector *sel)
{
	const struct binding *via = binding_find(s->iface, &s->via);

	if (!selector_has_iface(sel, s->iface))
		return false;
	if (sel->has_protocol && (sel->protocol.len > s->dst.len ||
				  !prefix_contains(&sel->protocol, &s->dst.addr)))
		return false;
	return !addr_is_set(&sel->nbma) ||
	       (via && (addr_eq(&sel->nbma, &via->nbma) ||
			addr_eq(&sel->nbma, &via->claimed)));
}

/* An answer that is still on its way is not waited for. */
static void drop_question(struct shortcut *s)
{
	struct request *r = request_find(s->iface, REQUEST_SHORTCUT, &s->target);

	if (r)
		request_free(r);
}

unsigned shortcut_flush(struct iface *i, const struct selector *sel, const char *why,
			mono now)
{
	struct shortcut *s, *next;
	unsigned ended = 0;

	HASH_ITER (hh, i->shortcuts, s, next) {
		if (!shortcut_matches(s, sel))
			continue;
		drop_question(s);
		end(s, why, now);
		ended++;
	}
	return ended;
}
