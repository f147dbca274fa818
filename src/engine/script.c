/* SPDX-License-Identifier: MIT */
/*
 * What the site's script is told and asked: opennhrp's events, which outside of
 * here become runs of a program.
 *
 * A registration waits until it was asked for each of its addresses, at every
 * refresh as well. A place of a binding is asked for once, before it is used; what
 * a predecessor used, and what was in use when the script came into the
 * configuration, goes on meanwhile. The bindings are the list of what is to be
 * told: the script gets as many questions at a time as it can follow.
 */
#include <string.h>

#include "engine_int.h"

/* Told again as soon as so few are under way, up to so many: the rest is for news. */
#define CATCH_UP_BELOW (SCRIPT_PEERS_MAX / 4)
#define CATCH_UP_TO    (SCRIPT_PEERS_MAX / 2)

#define REFUSED_S 60

bool script_is_on(const struct engine *e)
{
	return e->conf && e->conf->script[0];
}

/* --- what an event is about ------------------------------------------------------ */

static struct act_hook event_of(const struct iface *i, enum hook_event event,
				const char *type, const struct addr *towards)
{
	struct act_hook a = {
		.event = event, .type = type, .gre_key = i->gre_key, .src_nbma = i->nbma
	};
	const struct addr *own =
		towards ? iface_own_addr(i, (enum addr_family)towards->family, towards)
			: NULL;

	if (!own && i->addr_count)
		own = &i->addrs[0].addr;
	if (own)
		a.src = *own;
	memcpy(a.ifname, i->name, sizeof(a.ifname));
	return a;
}

/* As opennhrp calls them: a `map` is static, registered with or not. */
static const char *type_of(const struct binding *b)
{
	switch ((enum binding_type)b->type) {
	case BINDING_DYNAMIC:
		return "dynamic";
	case BINDING_CACHED:
		return "cached";
	case BINDING_NHS:
		return b->station && b->station->dynamic ? "dynamic-nhs" : "static";
	case BINDING_STATIC:
	case BINDING_LOCAL:
	case BINDING_INCOMPLETE:
	case BINDING_NEGATIVE:
	case BINDING_TYPES:
		break;
	}
	return "static";
}

static struct act_hook event_of_peer(const struct binding *b, enum hook_event event)
{
	struct act_hook a = event_of(b->iface, event, type_of(b), &b->proto);

	a.dst = (struct prefix){ b->proto, b->prefix_len };
	a.nbma = b->nbma;
	a.claimed = b->claimed;
	a.mtu = b->mtu;
	return a;
}

static void tell(struct engine *e, const struct act_hook *a)
{
	if (script_is_on(e))
		engine_push(e, ACT_HOOK)->hook = *a;
}

/* --- interfaces, servers, shortcuts --------------------------------------- */

void script_interface_up(struct iface *i, mono now)
{
	struct act_hook a = event_of(i, HOOK_INTERFACE_UP, "interface", NULL);

	(void)now;
	tell(i->engine, &a);
	i->engine->script_behind = true;
}

void script_station(struct binding *b, bool serves)
{
	struct act_hook a = event_of_peer(b, serves ? HOOK_NHS_UP : HOOK_NHS_DOWN);

	tell(b->iface->engine, &a);
}

void script_shortcut(struct shortcut *s, bool begins)
{
	struct act_hook a = event_of(s->iface, begins ? HOOK_ROUTE_UP : HOOK_ROUTE_DOWN,
				     "route", &s->via);

	a.dst = s->dst;
	a.next_hop = s->via;
	tell(s->iface->engine, &a);
	s->script_told = begins;
}

/* --- peers ---------------------------------------------------------------- */

bool script_knows(const struct binding *b)
{
	return b && b->script == SCRIPT_TOLD;
}

/* False when there is no room: it is told later. */
static bool ask_peer(struct binding *b, mono now)
{
	struct act_hook a = event_of_peer(b, HOOK_PEER_UP);
	struct lookup l = { .purpose = LOOKUP_FOR_PEER, .dst = b->proto };
	uint32_t token = lookup_start_hook(b->iface, &l, NULL, &a, now);

	if (!token)
		return false;
	b->question = token;
	b->script = SCRIPT_ASKED;
	return true;
}

void script_peer_up(struct binding *b, mono now)
{
	b->script = SCRIPT_UNTOLD;
	if (!b->iface->usable || !ask_peer(b, now))
		b->iface->engine->script_behind = true;
}

static const char *reason_for_script(const char *why)
{
	static const struct {
		const char *why, *reason;
	} reasons[] = {
		{ REASON_EXPIRED, "expired" },
		{ REASON_OPERATOR, "user-request" },
		{ REASON_STOPPED, "user-request" },
		{ REASON_UNCONFIGURED, "user-request" },
		{ REASON_LOWER_DOWN, "lower-down" },
	};

	for (size_t k = 0; why && k < ARRAY_SIZE(reasons); k++) {
		if (strcmp(reasons[k].why, why) == 0)
			return reasons[k].reason;
	}
	return NULL;
}

/* What it never heard of does not end for it. */
void script_peer_down(struct binding *b, const char *reason)
{
	struct act_hook a;

	if (b->station)
		client_unplaced(b);
	if (!b->held || b->script != SCRIPT_UNTOLD) {
		a = event_of_peer(b, HOOK_PEER_DOWN);
		a.reason = reason_for_script(reason);
		tell(b->iface->engine, &a);
	}
	b->script = SCRIPT_UNTOLD;
}

static const char *const refusals[] = {
	[HOOK_YES] = "the script was not asked",
	[HOOK_NO] = "the script says no",
	[HOOK_LATE] = "the script took too long",
	[HOOK_BROKEN] = "the script failed",
};

const char *script_refusal_str(enum hook_outcome outcome)
{
	return refusals[outcome];
}

bool script_is_refusal(const char *reason)
{
	for (size_t k = 0; k < ARRAY_SIZE(refusals); k++) {
		if (refusals[k] == reason)
			return true;
	}
	return false;
}

/* Not used, whatever it was until now; asked for again after a while. */
static void refuse_peer(struct binding *b, const char *why, mono now)
{
	struct iface *i = b->iface;
	struct addr proto = b->proto;
	struct station *s = b->station;

	count(i, CNT_PEERS_REFUSED);
	if (engine_may_log(i->engine, now))
		log_to(i->engine->log, LOG_LEVEL_WARN,
		       "binding %s on %s: at %s: not used: %s", ADDR_STR(&b->proto),
		       i->name, ADDR_STR(&b->nbma), why);
	purge_tell(i, &b->told, now);
	shortcut_via_refused(i, &proto, why, REFUSED_S, now);
	b->held = true;
	b->script = SCRIPT_UNTOLD;
	binding_negative(i, &proto, why, REFUSED_S, now);
	if (s)
		client_forbidden(s, why, now);
}

void script_peer_answered(struct lookup *l, enum hook_outcome outcome, mono now)
{
	struct binding *b = binding_find(l->iface, &l->dst);
	bool waited = b && b->held;

	/* It may have moved since, and be asked for again. */
	if (!b || b->script != SCRIPT_ASKED || b->question != l->token)
		return;
	if (outcome != HOOK_YES) {
		refuse_peer(b, script_refusal_str(outcome), now);
		return;
	}
	b->script = SCRIPT_TOLD;
	if (waited)
		binding_release(b, now);
	if (b->station)
		client_permitted(b->station, waited, now);
	shortcut_via_told(b->iface, &b->proto);
}

/* --- registrations -------------------------------------------------------- */

bool script_ask_registration(struct rx *rx, const struct lookup *what,
			     const struct addr *proto, const struct where *w)
{
	struct act_hook a = event_of(rx->iface, HOOK_PEER_REGISTER, "dynamic", proto);

	a.dst = prefix_host(proto);
	a.nbma = w->nbma;
	a.claimed = w->claimed;
	a.mtu = w->mtu;
	return lookup_start_hook(rx->iface, what, rx->ev->pdu, &a, rx->now) != 0;
}

/* --- all of it ------------------------------------------------------------ */

/* As the list of bindings has it; each call does some of them. */
void script_catch_up(struct engine *e, mono now)
{
	if (!e->script_behind || !script_is_on(e) || e->peers_asked > CATCH_UP_BELOW)
		return;
	for (struct iface *i = e->ifaces; i; i = i->next) {
		for (struct binding *b = i->bindings; b && i->usable; b = b->hh.next) {
			if (b->script != SCRIPT_UNTOLD || !binding_is_placed(b))
				continue;
			if (e->peers_asked >= CATCH_UP_TO || !ask_peer(b, now))
				return;
		}
	}
	e->script_behind = false;
}

static void forget_what_was_told(struct iface *i)
{
	for (struct binding *b = i->bindings; b; b = b->hh.next)
		b->script = SCRIPT_UNTOLD;
	for (struct station *s = i->stations; s; s = s->next)
		s->script_told = false;
	for (struct shortcut *s = i->shortcuts; s; s = s->hh.next)
		s->script_told = false;
}

/* Nobody is left to object. */
static void release_all(struct iface *i, mono now)
{
	for (struct binding *b = i->bindings; b; b = b->hh.next) {
		if (!b->held || !binding_is_placed(b))
			continue;
		binding_release(b, now);
		if (b->station)
			client_permitted(b->station, true, now);
	}
}

void script_conf(struct engine *e, const char *before, mono now)
{
	if (strcmp(before, e->conf->script) == 0)
		return;
	if (!script_is_on(e))
		lookup_answer_hooks(e, HOOK_YES, now);
	for (struct iface *i = e->ifaces; i; i = i->next) {
		forget_what_was_told(i);
		if (!script_is_on(e))
			release_all(i, now);
		else if (iface_is_active(i))
			script_interface_up(i, now);
	}
}
