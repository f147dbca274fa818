/* SPDX-License-Identifier: MIT */
/*
 * A read-only walk of the tables into records. Rows come in the order in which
 * the entries came to be, own addresses first.
 */
#include <stdio.h>
#include <string.h>

#include "engine_int.h"

/* Traffic seen within its holding time, or since it was learnt. */
static bool is_used(const struct binding *b, mono now)
{
	if (mono_is_never(b->used_at))
		return false;
	return b->hold_s == 0 || mono_before(now, mono_add_s(b->used_at, b->hold_s));
}

const char *show_binding_state(const struct binding *b)
{
	if (b->type == BINDING_INCOMPLETE)
		return "resolving";
	if (b->type == BINDING_NEGATIVE)
		return "refused";
	if (!b->iface->usable)
		return "down";
	if (b->held)
		return "waiting";
	if (b->station)
		return client_state_str((enum client_state)b->station->state);
	if (binding_why_not_led(b))
		return "securing";
	return "up";
}

const char *show_binding_reason(const struct binding *b)
{
	if (!b->iface->usable)
		return b->iface->problem;
	if (b->held)
		return SCRIPT_IS_ASKED;
	if (binding_why_not_led(b))
		return binding_why_not_led(b);
	return b->station ? b->station->reason : b->reason;
}

void show_binding(const struct binding *b, const struct selector *sel,
		  struct show_sink *sink, mono now)
{
	bool station = b->station != NULL;
	struct record r;

	if (!binding_matches(b, sel))
		return;
	record_init(&r);
	record_text(&r, "interface", b->iface->name);
	record_text(&r, "type", binding_type_str((enum binding_type)b->type));
	record_addr(&r, "protocol", &b->proto);
	record_number(&r, "prefix", b->prefix_len);
	record_addr(&r, "nbma", &b->nbma);
	record_addr(&r, "claimed_nbma", &b->claimed);
	record_text(&r, "state", show_binding_state(b));
	record_text(&r, "reason", show_binding_reason(b));
	record_mono(&r, "since", station ? b->station->since : b->since);
	if (!mono_is_never(b->expires))
		record_number(&r, "expires_s", mono_s_until(b->expires, now));
	record_bool(&r, "used", is_used(b, now));
	if (*identity_of(b->peer))
		record_text(&r, "identity", identity_of(b->peer));
	sink->row(sink, &r);
}

/* Of a LAN that is answered for only its networks count. */
static const char *local_reason(const struct iface *i)
{
	if (iface_is_lan(i))
		return i->up ? "shortcut destination" : "the device is down";
	return i->usable ? "own address" : i->problem;
}

static bool local_matches(const struct iface *i, const struct prefix *own,
			  const struct selector *sel)
{
	if (sel->has_protocol && !prefix_contains(&sel->protocol, &own->addr))
		return false;
	return !addr_is_set(&sel->nbma) || addr_eq(&sel->nbma, &i->nbma);
}

void show_local(const struct iface *i, const struct prefix *own,
		const struct selector *sel, struct show_sink *sink)
{
	bool up = iface_is_lan(i) ? i->up : i->usable;
	struct record r;

	if (!local_matches(i, own, sel))
		return;
	record_init(&r);
	record_text(&r, "interface", i->name);
	record_text(&r, "type", binding_type_str(BINDING_LOCAL));
	record_addr(&r, "protocol", &own->addr);
	record_number(&r, "prefix", own->len);
	record_addr(&r, "nbma", &i->nbma);
	record_addr(&r, "claimed_nbma", &i->nbma);
	record_text(&r, "state", up ? "up" : "down");
	record_text(&r, "reason", local_reason(i));
	record_mono(&r, "since", i->since);
	sink->row(sink, &r);
}

static void show_cache(const struct iface *i, const struct selector *sel,
		       struct show_sink *sink, mono now)
{
	for (size_t k = 0; k < i->addr_count; k++)
		show_local(i, &i->addrs[k], sel, sink);
	for (const struct binding *b = i->bindings; b; b = b->hh.next)
		show_binding(b, sel, sink, now);
}

/* --- peers ------------------------------------------------------------------- */

static bool has_rival(const struct peer *p, mono now)
{
	const struct rival *r = &p->iface->rival;

	return addr_eq(&r->nbma, &p->nbma) &&
	       mono_before(now, mono_add_s(r->at, RIVAL_S));
}

static void show_peer(const struct peer *p, struct show_sink *sink, mono now)
{
	struct record r;

	record_init(&r);
	record_text(&r, "interface", p->iface->name);
	record_addr(&r, "nbma", &p->nbma);
	record_text(&r, "state", peer_state_str((enum peer_state)p->state));
	record_text(&r, "reason", p->reason);
	record_mono(&r, "since", p->since);
	if (!peer_is_secured(p))
		record_text(&r, "cause", explain_cause_str(sa_cause(p)));
	record_bool(&r, "encrypted", iface_is_secured(p->iface));
	if (*identity_of(p))
		record_text(&r, "identity", identity_of(p));
	if (has_rival(p, now))
		record_text(&r, "turned_away", p->iface->rival.identity);
	if (iface_is_secured(p->iface)) {
		record_bool(&r, "behind_nat", p->natted);
		sa_show(p, &r);
		record_number(&r, "rekeys", p->rekeys);
		authority_show(p, &r);
	}
	sink->row(sink, &r);
}

static bool peer_matches(const struct peer *p, const struct selector *sel)
{
	if (addr_is_set(&sel->nbma) && !addr_eq(&sel->nbma, &p->nbma))
		return false;
	for (const struct binding *b = p->bindings; b && sel->has_protocol;
	     b = b->peer_next) {
		if (binding_matches(b, sel))
			return true;
	}
	return !sel->has_protocol;
}

static void show_peers(const struct iface *i, const struct selector *sel,
		       struct show_sink *sink, mono now)
{
	for (const struct peer *p = i->peers; p; p = p->hh.next) {
		if (peer_matches(p, sel))
			show_peer(p, sink, now);
	}
}

/* --- shortcuts and routes --------------------------------------------------- */

static const char *shortcut_reason(const struct shortcut *s)
{
	const struct route *r = route_own(s->iface, &s->dst);

	if (s->state == SHORTCUT_UP && r && r->error)
		return "resolved, but the kernel refused its route: see show routes";
	return s->reason;
}

static void show_shortcut(const struct shortcut *s, struct show_sink *sink, mono now)
{
	const struct binding *via = binding_find(s->iface, &s->via);
	const struct other_route *base = route_base(s->iface, &s->dst);
	struct record r;

	record_init(&r);
	record_text(&r, "interface", s->iface->name);
	record_text(&r, "prefix", PREFIX_STR(&s->dst));
	record_addr(&r, "via", &s->via);
	if (via)
		record_addr(&r, "nbma", &via->nbma);
	record_text(&r, "state", shortcut_state_str(s->state));
	record_text(&r, "reason", shortcut_reason(s));
	record_mono(&r, "since", s->since);
	if (s->state == SHORTCUT_UP || s->state == SHORTCUT_REFUSED)
		record_number(&r, "expires_s", mono_s_until(s->expires, now));
	if (s->state == SHORTCUT_UP)
		record_bool(&r, "used", via && is_used(via, now));
	if (base)
		record_text(&r, "base", PREFIX_STR(&base->dst));
	sink->row(sink, &r);
}

static void show_shortcuts(const struct iface *i, const struct selector *sel,
			   struct show_sink *sink, mono now)
{
	for (const struct shortcut *s = i->shortcuts; s; s = s->hh.next) {
		if (shortcut_matches(s, sel))
			show_shortcut(s, sink, now);
	}
}

static void begin_route(struct record *r, const struct iface *i,
			const struct prefix *dst, const struct addr *via)
{
	record_init(r);
	record_text(r, "interface", i->name);
	record_text(r, "prefix", PREFIX_STR(dst));
	record_addr(r, "via", via);
}

static const char *why_routed(const struct iface *i, const struct route *own)
{
	if (addr_is_set(&own->via))
		return "shortcut";
	return iface_onlink(i, &own->dst.addr)
		       ? "a station that is registered here"
		       : "a station beyond the device's subnets";
}

static void show_own_route(const struct iface *i, const struct route *own,
			   struct show_sink *sink)
{
	char refused[128];
	struct record r;

	begin_route(&r, i, &own->dst, &own->via);
	record_text(&r, "owner", "nhrpd");
	record_number(&r, "table", i->conf->route_table);
	if (own->in_kernel) {
		record_text(&r, "state", "installed");
		record_text(&r, "reason", why_routed(i, own));
	} else if (own->error) {
		snprintf(refused, sizeof(refused), "the kernel refused it: %s",
			 strerror(own->error));
		record_text(&r, "state", "refused");
		record_text(&r, "reason", refused);
	} else {
		record_text(&r, "state", "waiting");
		record_text(&r, "reason", i->usable ? "written soon" : i->problem);
	}
	sink->row(sink, &r);
}

struct others {
	const struct iface *iface;
	struct show_sink *sink;
};

static void show_other_route(void *ctx, const struct prefix *at, void *other)
{
	const struct others *o = ctx;
	const struct other_route *route = other;
	struct record r;

	/* Every device has this one. */
	if (addr_is_link_local(&at->addr))
		return;
	begin_route(&r, o->iface, at, &route->gateway);
	record_text(&r, "owner", "other");
	if (route->table)
		record_number(&r, "table", route->table);
	record_text(&r, "state", "installed");
	record_text(&r, "reason",
		    addr_is_set(&route->gateway) ? "shortcuts are laid over it"
						 : "a network on the device");
	o->sink->row(o->sink, &r);
}

static void show_routes(const struct iface *i, struct show_sink *sink)
{
	struct others others = { i, sink };

	for (const struct route *r = i->routes; r; r = r->hh.next)
		show_own_route(i, r, sink);
	route_walk_others(i, show_other_route, &others);
}

/* --- stations, interfaces, counters ----------------------------------------- */

static void show_station(const struct station *s, struct show_sink *sink, mono now)
{
	bool registered = client_serves(s) || s->state == CLIENT_WAITING;
	struct record r;

	record_init(&r);
	record_text(&r, "interface", s->iface->name);
	record_addr(&r, "protocol", &s->proto);
	record_addr(&r, "nbma", &s->nbma);
	if (!addr_is_set(&s->map.nbma.addr) || s->dynamic)
		record_text(&r, "name", s->map.nbma.name);
	if (s->map.priority)
		record_number(&r, "priority", s->map.priority);
	if (group_has(s)) {
		record_text(&r, "group", s->map.group);
		record_text(&r, "role", s->placed ? "active" : "standby");
	}
	record_text(&r, "state", client_state_str((enum client_state)s->state));
	record_text(&r, "reason", s->reason);
	record_mono(&r, "since", s->since);
	record_addr(&r, "registered_as", &s->own_proto);
	record_addr(&r, "registered_nbma", &s->own_nbma);
	record_addr(&r, "seen_nbma", &s->seen_as);
	if (registered)
		record_number(&r, "expires_s", mono_s_until(s->valid_until, now));
	if (s->tries)
		record_number(&r, "tries", s->tries);
	if (s->rtt_us >= 0)
		record_number(&r, "rtt_us", s->rtt_us);
	sink->row(sink, &r);
}

static void show_iface(const struct iface *i, struct show_sink *sink)
{
	struct record r;

	record_init(&r);
	record_text(&r, "interface", i->name);
	if (iface_is_lan(i)) {
		record_text(&r, "state", i->up ? "up" : "down");
		record_text(&r, "reason",
			    i->ifindex ? "shortcut destination" : i->problem);
		sink->row(sink, &r);
		return;
	}
	record_text(&r, "state", i->usable ? "up" : "down");
	record_text(&r, "reason", i->usable ? "in use" : i->problem);
	record_mono(&r, "since", i->since);
	if (i->addr_count)
		record_text(&r, "protocol", PREFIX_STR(&i->addrs[0]));
	record_addr(&r, "nbma", &i->nbma);
	if (i->mtu)
		record_number(&r, "mtu", i->mtu);
	if (i->carrier != CARRIER_FREE)
		record_text(&r, "if_state", i->carrier == CARRIER_ON ? "up" : "down");
	record_number(&r, "holding_time_s", i->conf->holding_s);
	record_number(&r, "nhs", i->by_type[BINDING_NHS] + i->by_type[BINDING_STATIC]);
	record_number(&r, "dynamic", i->by_type[BINDING_DYNAMIC]);
	record_number(&r, "cached", i->by_type[BINDING_CACHED]);
	record_number(&r, "incomplete", i->by_type[BINDING_INCOMPLETE]);
	record_number(&r, "negative", i->by_type[BINDING_NEGATIVE]);
	record_number(&r, "max_bindings", i->conf->max_bindings);
	sink->row(sink, &r);
}

static void show_counters(const struct iface *i, struct show_sink *sink)
{
	for (size_t k = 0; k < COUNTERS && !iface_is_lan(i); k++) {
		struct record r;

		record_init(&r);
		record_text(&r, "interface", i->name);
		record_text(&r, "name", counter_names[k]);
		record_number(&r, "value", (int64_t)i->counters[k]);
		sink->row(sink, &r);
	}
}

/* A station appears under `show nhs` when it is asked or registered with. */
static bool is_server(const struct station *s)
{
	return s->map.registers || s->map.has_len;
}

/* A dynamic-map that has no server yet: its name, and why. */
static void show_name(const struct dynamic_name *n, struct show_sink *sink)
{
	struct record r;

	record_init(&r);
	record_text(&r, "interface", n->iface->name);
	record_text(&r, "name", n->map.name);
	record_text(&r, "state", client_state_str(CLIENT_NAMING));
	record_text(&r, "reason", n->iface->usable ? n->problem : n->iface->problem);
	record_mono(&r, "since", n->iface->usable ? n->since : n->iface->since);
	sink->row(sink, &r);
}

static void show_nhs(const struct iface *i, struct show_sink *sink, mono now)
{
	for (const struct station *s = i->stations; s; s = s->next) {
		if (is_server(s))
			show_station(s, sink, now);
	}
	for (const struct dynamic_name *n = i->names; n; n = n->next) {
		if (n->problem[0])
			show_name(n, sink);
	}
}

void engine_show(const struct engine *e, enum show_table table,
		 const struct selector *sel, struct show_sink *sink, mono now)
{
	for (const struct iface *i = e->ifaces; i; i = i->next) {
		if (!selector_has_iface(sel, i))
			continue;
		switch (table) {
		case SHOW_CACHE:
			show_cache(i, sel, sink, now);
			break;
		case SHOW_PEERS:
			show_peers(i, sel, sink, now);
			break;
		case SHOW_NHS:
			show_nhs(i, sink, now);
			break;
		case SHOW_SHORTCUTS:
			show_shortcuts(i, sel, sink, now);
			break;
		case SHOW_ROUTES:
			show_routes(i, sink);
			break;
		case SHOW_INTERFACES:
			show_iface(i, sink);
			break;
		case SHOW_COUNTERS:
			show_counters(i, sink);
			break;
		}
	}
}
