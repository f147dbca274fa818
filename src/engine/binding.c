/* SPDX-License-Identifier: MIT */
/*
 * Bindings: which protocol address is where. The table is the truth; the kernel's
 * neighbour table (neigh.c) and the state file are its outputs, and of the latter
 * this file is the only writer. What the network can add is bounded: registered and
 * learnt entries by `max-bindings`, unresolved ones by UNRESOLVED_MAX.
 */
#include <stdlib.h>

#include <nhrp/mem.h>

#include "engine_int.h"
#include "mcast.h"

#define UNAUTHORISED_S 60

const char *binding_type_str(enum binding_type type)
{
	static const char *const names[BINDING_TYPES] = {
		[BINDING_LOCAL] = "local",	 [BINDING_STATIC] = "static",
		[BINDING_NHS] = "nhs",		 [BINDING_DYNAMIC] = "dynamic",
		[BINDING_CACHED] = "cached",	 [BINDING_INCOMPLETE] = "incomplete",
		[BINDING_NEGATIVE] = "negative",
	};

	return names[type];
}

bool binding_is_placed(const struct binding *b)
{
	return b->type != BINDING_INCOMPLETE && b->type != BINDING_NEGATIVE;
}

bool binding_is_up(const struct binding *b)
{
	return binding_is_placed(b) && !b->held;
}

static bool is_permanent(const struct binding *b)
{
	return b->type == BINDING_STATIC || b->type == BINDING_NHS;
}

static bool is_unresolved(enum binding_type type)
{
	return type == BINDING_INCOMPLETE || type == BINDING_NEGATIVE;
}

static bool is_learnt(enum binding_type type)
{
	return type == BINDING_DYNAMIC || type == BINDING_CACHED;
}

static bool is_kept(const struct binding *b)
{
	return is_learnt((enum binding_type)b->type);
}

struct binding *binding_find(struct iface *i, const struct addr *proto)
{
	struct binding *b;

	HASH_FIND(hh, i->bindings, proto, sizeof(*proto), b);
	return b;
}

/* --- may packets go there, and by a route of its own? ----------------------- */

/* What was learnt from others says nothing about who is there. */
static enum policy judge(const struct binding *b)
{
	struct prefix host = prefix_host(&b->proto);

	if (b->type != BINDING_CACHED || !b->peer)
		return POLICY_GRANTED;
	return policy_judge_station(b->iface, b->peer, &host);
}

/* What a predecessor led there goes on until something is known against it. */
const char *binding_why_not_led(const struct binding *b)
{
	if (b->peer && !peer_is_secured(b->peer))
		return b->peer->reason;
	if (!b->in_kernel && judge(b) == POLICY_AWAITED)
		return "waits for its station's certificate";
	return NULL;
}

static struct prefix route_of(const struct binding *b)
{
	struct prefix p = { b->proto, b->prefix_len };

	return prefix_masked(&p);
}

/* One that others are told of: by it they find the server of this station. */
static bool is_announced(const struct binding *b)
{
	return b->iface->conf->host_routes && b->type == BINDING_DYNAMIC &&
	       !linklocal_is(&b->proto);
}

/* What was learnt may be reached another way until there is an SA to it. */
static bool needs_route(const struct binding *b)
{
	if (!binding_is_up(b))
		return false;
	if (iface_onlink(b->iface, &b->proto) && !is_announced(b))
		return false;
	return b->type != BINDING_CACHED || !b->peer || peer_is_secured(b->peer);
}

static void set_route(struct binding *b, bool wanted)
{
	struct prefix dst = route_of(b);

	if (wanted == b->routed)
		return;
	b->routed = wanted;
	if (wanted)
		route_want(b->iface, &dst);
	else
		route_drop(b->iface, &dst);
}

void binding_reroute(struct binding *b)
{
	set_route(b, needs_route(b));
}

void binding_reroute_all(struct iface *i)
{
	for (struct binding *b = i->bindings; b; b = b->hh.next)
		binding_reroute(b);
}

/* --- the state file --------------------------------------------------------- */

static uint32_t slot_take(struct engine *e)
{
	if (e->free_slot_count)
		return e->free_slots[--e->free_slot_count];
	return e->next_slot++;
}

static void slot_give(struct engine *e, struct binding *b)
{
	if (b->slot == STATE_SLOT_NONE)
		return;
	engine_push(e, ACT_STATE_DEL)->state.slot = b->slot;
	engine_free_slot(e, b->slot);
	b->slot = STATE_SLOT_NONE;
}

static void state_put(struct binding *b)
{
	struct engine *e = b->iface->engine;
	struct act_state *a;

	if (!is_kept(b) || b->held) {
		slot_give(e, b);
		return;
	}
	if (b->slot == STATE_SLOT_NONE)
		b->slot = slot_take(e);
	a = &engine_push(e, ACT_STATE_PUT)->state;
	a->slot = b->slot;
	a->binding = (struct state_binding){
		.type = b->type,
		.unique = b->unique,
		.hold_s = b->hold_s,
		.mtu = b->mtu,
		.proto = { b->proto, b->prefix_len },
		.nbma = b->nbma,
		.claimed = b->claimed,
		.since = b->since,
		.expires = b->expires,
		.identity = identity_digest(b->peer),
	};
	for (size_t k = 0; k < sizeof(a->binding.ifname); k++)
		a->binding.ifname[k] = b->iface->name[k];
}

/* --- timers ----------------------------------------------------------------- */

static void expired(struct timer *t, void *ctx, mono now)
{
	struct binding *b = container_of(t, struct binding, expiry);

	(void)ctx;
	if (is_kept(b))
		count(b->iface, CNT_BINDINGS_EXPIRED);
	binding_end(b, REASON_EXPIRED, now);
}

/* Half of its time is over: is there traffic? The answer is a NEIGH_PROBE. */
static void review(struct timer *t, void *ctx, mono now)
{
	struct binding *b = container_of(t, struct binding, review);

	(void)ctx;
	(void)now;
	b->asked = true;
	neigh_ask(b);
}

static void arm(struct binding *b, uint32_t hold_s, mono now)
{
	struct timers *ts = &b->iface->engine->timers;

	b->hold_s = (uint16_t)(hold_s < UINT16_MAX ? hold_s : UINT16_MAX);
	b->asked = false;
	timers_disarm(ts, &b->review);
	if (!hold_s) {
		b->expires = MONO_NEVER;
		timers_disarm(ts, &b->expiry);
		return;
	}
	b->expires = mono_add_s(now, hold_s);
	timers_arm(ts, &b->expiry, b->expires);
	if (b->type == BINDING_CACHED)
		timers_arm(ts, &b->review, mono_add_ms(now, (int64_t)hold_s * 500));
}

/* --- life ------------------------------------------------------------------- */

/* Within its kind an entry takes no room that it does not have. */
static bool fits(const struct iface *i, const struct binding *b, enum binding_type type)
{
	enum binding_type has = b ? (enum binding_type)b->type : BINDING_TYPES;

	if (is_unresolved(type))
		return is_unresolved(has) ||
		       i->by_type[BINDING_INCOMPLETE] + i->by_type[BINDING_NEGATIVE] <
			       UNRESOLVED_MAX;
	if (is_learnt(type))
		return is_learnt(has) ||
		       i->by_type[BINDING_DYNAMIC] + i->by_type[BINDING_CACHED] <
			       i->conf->max_bindings;
	return true;
}

struct binding *binding_get(struct iface *i, const struct addr *proto,
			    enum binding_type type, mono now)
{
	struct binding *b = binding_find(i, proto);

	if (!fits(i, b, type))
		return NULL;
	if (b)
		return b;
	b = mem_new(sizeof(*b));
	b->iface = i;
	b->proto = *proto;
	b->prefix_len = addr_host_bits(proto);
	b->type = BINDING_INCOMPLETE;
	b->slot = STATE_SLOT_NONE;
	b->reason = "resolving";
	b->since = now;
	b->used_at = b->expires = MONO_NEVER;
	b->expiry.fire = expired;
	b->review.fire = review;
	i->by_type[b->type]++;
	HASH_ADD(hh, i->bindings, proto, sizeof(b->proto), b);
	return b;
}

static void log_place(const struct binding *b, bool moved, mono now)
{
	struct iface *i = b->iface;

	if (!engine_may_log(i->engine, now))
		return;
	log_to(i->engine->log, LOG_LEVEL_INFO, "binding %s on %s: %s at %s (%s%s)",
	       ADDR_STR(&b->proto), i->name, binding_type_str(b->type),
	       ADDR_STR(&b->nbma), b->reason, moved ? ", moved" : "");
}

static void set_type(struct binding *b, enum binding_type type)
{
	b->iface->by_type[b->type]--;
	b->iface->by_type[type]++;
	b->type = (uint8_t)type;
}

/* Its route goes first: a packet that comes in between would be nowhere. */
static void lead_nowhere(struct binding *b)
{
	binding_reroute(b);
	neigh_strip(b);
}

/* Under the peer it leads to now; of the same one it is wanted all the time. */
static void rejoin(struct binding *b, enum binding_type type, const struct where *w,
		   mono now)
{
	struct peer *same = addr_eq(&b->nbma, &w->nbma) ? b->peer : NULL;

	if (same)
		peer_pin(same);
	peer_leave(b, now);
	set_type(b, type);
	b->nbma = w->nbma;
	b->claimed = w->claimed;
	peer_join(b, w->dials, now);
	if (same)
		peer_unpin(same, now);
	/* What stood for the old one must not stand without an SA. */
	if (b->peer && !peer_is_secured(b->peer))
		lead_nowhere(b);
}

/*
 * A new place is not used before the script has said yes; nor is the old one, whose
 * entry goes. The same place under another type goes on being used.
 */
static void hold(struct binding *b, bool in_use)
{
	b->held = script_is_on(b->iface->engine) && !in_use;
	if (b->held)
		lead_nowhere(b);
}

void binding_place(struct binding *b, enum binding_type type, const struct where *w,
		   mono now)
{
	bool was_placed = binding_is_placed(b), was_up = binding_is_up(b);
	bool moved = was_placed && !addr_eq(&b->nbma, &w->nbma);
	bool news = moved || b->type != type;

	if (moved) {
		purge_tell(b->iface, &b->told, now);
		script_peer_down(b, NULL);
	}
	if (!b->peer || moved || b->type != type)
		rejoin(b, type, w, now);
	else if (w->dials)
		peer_want(b, now);
	b->claimed = w->claimed;
	b->mtu = w->mtu;
	b->reason = w->reason;
	if (news) {
		b->since = now;
		log_place(b, moved, now);
		hold(b, w->in_use || (was_up && !moved));
	}
	arm(b, w->hold_s, now);
	if (news || !b->in_kernel)
		neigh_set(b);
	mcast_follow(b);
	binding_reroute(b);
	state_put(b);
	if (news && script_is_on(b->iface->engine))
		script_peer_up(b, now);
}

void binding_release(struct binding *b, mono now)
{
	b->held = false;
	neigh_set(b);
	binding_reroute(b);
	state_put(b);
	shortcut_via_ready(b->iface, &b->proto, now);
}

void binding_refresh(struct binding *b, uint32_t hold_s, mono now)
{
	arm(b, hold_s, now);
	if (!b->in_kernel)
		neigh_set(b);
	state_put(b);
}

void binding_negative(struct iface *i, const struct addr *proto, const char *reason,
		      uint32_t hold_s, mono now)
{
	struct binding *b = binding_get(i, proto, BINDING_NEGATIVE, now);

	/* No room to remember it: it is not used all the same. */
	if (!b) {
		count(i, CNT_RES_LIMITED);
		b = binding_find(i, proto);
		if (b)
			binding_end(b, reason, now);
		return;
	}
	shortcut_via_gone(i, proto, reason, now);
	if (binding_is_placed(b))
		script_peer_down(b, reason);
	/* Off the route first: it may lead elsewhere by a shorter prefix. */
	set_route(b, false);
	peer_leave(b, now);
	b->held = false;
	set_type(b, BINDING_NEGATIVE);
	mcast_follow(b);
	slot_give(i->engine, b);
	b->nbma = b->claimed = (struct addr){ 0 };
	b->reason = reason;
	b->since = now;
	arm(b, hold_s, now);
	neigh_set(b);
}

void binding_end(struct binding *b, const char *reason, mono now)
{
	struct iface *i = b->iface;
	struct engine *e = i->engine;

	if (binding_is_up(b) && engine_may_log(e, now))
		log_to(e->log, LOG_LEVEL_INFO, "binding %s on %s: ended (%s)",
		       ADDR_STR(&b->proto), i->name, reason);
	purge_tell(i, &b->told, now);
	shortcut_via_gone(i, &b->proto, reason, now);
	if (binding_is_placed(b))
		script_peer_down(b, reason);
	/* Routes before the neighbour they lead to: no packet comes in between. */
	set_route(b, false);
	neigh_strip(b);
	peer_leave(b, now);
	slot_give(e, b);
	timers_disarm(&e->timers, &b->expiry);
	timers_disarm(&e->timers, &b->review);
	i->by_type[b->type]--;
	listing_pass(e, b);
	HASH_DEL(i->bindings, b);
	free(b->contest);
	free(b);
}

void binding_nbma_is_ours(struct iface *i, mono now)
{
	struct binding *b, *next;

	HASH_ITER (hh, i->bindings, b, next) {
		if (!is_permanent(b) && addr_eq(&b->nbma, &i->nbma))
			binding_end(b, "its NBMA address is our own now", now);
	}
}

void binding_mode_changed(struct iface *i, mono now)
{
	struct binding *b, *next;

	HASH_ITER (hh, i->bindings, b, next) {
		if (b->type == BINDING_CACHED)
			binding_end(b, "the configuration changed", now);
	}
}

/* --- its SA ------------------------------------------------------------------ */

void binding_secured(struct binding *b, mono now)
{
	enum policy p = judge(b);

	if (p == POLICY_REFUSED || p == POLICY_BEYOND) {
		binding_unsecurable(b, policy_refuse_station(b->iface, p),
				    UNAUTHORISED_S, now);
		return;
	}
	if (!b->in_kernel)
		neigh_set(b);
	binding_reroute(b);
	/* Whose it is may be known only now. */
	if (is_kept(b))
		state_put(b);
	shortcut_via_ready(b->iface, &b->proto, now);
}

void binding_unsecurable(struct binding *b, const char *reason, uint32_t hold_s,
			 mono now)
{
	enum sa_cause cause = b->peer ? sa_cause(b->peer) : SA_CAUSE_NONE;
	struct iface *i = b->iface;
	struct addr proto = b->proto;

	shortcut_via_refused(i, &proto, reason, hold_s, now);
	binding_negative(i, &proto, reason, hold_s, now);
	b = binding_find(i, &proto);
	if (b)
		b->no_sa = (uint8_t)cause;
}

void binding_moved(struct binding *b, const struct addr *nbma, const char *reason,
		   mono now)
{
	binding_place(b, (enum binding_type)b->type,
		      &(struct where){ .nbma = *nbma,
				       .claimed = b->claimed,
				       .hold_s =
					       mono_is_never(b->expires)
						       ? 0
						       : mono_s_until(b->expires, now),
				       .mtu = b->mtu,
				       .reason = reason,
				       .dials = b->dials },
		      now);
}

/* --- what a predecessor left ------------------------------------------------ */

void binding_restore(struct iface *i, const struct ev_restore *ev, mono now)
{
	const struct state_binding *s = &ev->binding;
	bool kept = s->type == BINDING_DYNAMIC || s->type == BINDING_CACHED;
	struct binding *b = NULL;

	if (kept && mono_before(now, s->expires) && !binding_find(i, &s->proto.addr) &&
	    addr_is_unicast(&s->proto.addr) && addr_is_unicast(&s->nbma))
		b = binding_get(i, &s->proto.addr, (enum binding_type)s->type, now);
	if (!b) {
		engine_push(i->engine, ACT_STATE_DEL)->state.slot = ev->slot;
		engine_free_slot(i->engine, ev->slot);
		return;
	}
	b->slot = ev->slot;
	b->unique = s->unique;
	if (iface_is_secured(i))
		identity_restore(peer_get(i, &s->nbma, now), &s->identity);
	binding_place(b, (enum binding_type)s->type,
		      &(struct where){
			      .nbma = s->nbma,
			      .claimed = s->claimed,
			      .hold_s = mono_s_until(s->expires, now),
			      .mtu = s->mtu,
			      .reason = "restored after a restart",
			      .dials = s->type == BINDING_CACHED,
			      .in_use = true,
		      },
		      now);
	b->hold_s = s->hold_s;
	b->since = s->since;
}

/* --- commands --------------------------------------------------------------- */

bool selector_has_iface(const struct selector *sel, const struct iface *i)
{
	for (size_t k = 0; sel->ifname[0] && k < sizeof(sel->ifname); k++) {
		if (sel->ifname[k] != i->name[k])
			return false;
		if (!sel->ifname[k])
			break;
	}
	if (addr_is_set(&sel->local_nbma) && !addr_eq(&sel->local_nbma, &i->nbma))
		return false;
	return !addr_is_set(&sel->local_protocol) ||
	       iface_owns(i, &sel->local_protocol);
}

bool binding_matches(const struct binding *b, const struct selector *sel)
{
	if (!selector_has_iface(sel, b->iface))
		return false;
	if (sel->has_protocol && (sel->protocol.len > b->prefix_len ||
				  !prefix_contains(&sel->protocol, &b->proto)))
		return false;
	return !addr_is_set(&sel->nbma) || addr_eq(&sel->nbma, &b->nbma) ||
	       addr_eq(&sel->nbma, &b->claimed);
}

unsigned binding_flush(struct iface *i, const struct selector *sel, const char *reason,
		       mono now)
{
	struct binding *b, *next;
	unsigned ended = 0;

	HASH_ITER (hh, i->bindings, b, next) {
		if (is_permanent(b) || !binding_matches(b, sel))
			continue;
		binding_end(b, reason, now);
		ended++;
	}
	return ended;
}
