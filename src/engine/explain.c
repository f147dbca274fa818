/* SPDX-License-Identifier: MIT */
#include <nhrp/explain.h>

#include <stdio.h>
#include <string.h>

#include "explain_int.h"

/* --- finding the way ---------------------------------------------------------- */

static const struct shortcut *shortcut_for(const struct iface *i,
					   const struct addr *dst)
{
	const struct shortcut *best = NULL;

	for (const struct shortcut *s = i->shortcuts; s; s = s->hh.next) {
		if (prefix_contains(&s->dst, dst) &&
		    (!best || s->dst.len > best->dst.len))
			best = s;
	}
	return best;
}

static bool is_known(const struct binding *b)
{
	return b && binding_is_up(b);
}

static void find_station(struct way *w)
{
	w->binding = binding_find(w->iface, &w->hop);
	w->station = w->binding && w->binding->station
			     ? w->binding->station
			     : nhs_station_for(w->iface, &w->hop);
	if (is_known(w->binding))
		w->nbma = w->binding->nbma;
	else if (w->station)
		w->nbma = w->station->nbma;
	w->trouble = trouble_of(w->iface, &w->hop, &w->nbma);
}

/* The network on a tunnel, as configured: the device may be without it. */
static bool lies_on(const struct iface *i, const struct addr *dst)
{
	for (size_t k = 0; k < i->conf->addr_count; k++) {
		if (prefix_contains(&i->conf->addrs[k], dst))
			return true;
	}
	for (size_t k = 0; k < i->conf->map_count; k++) {
		if (prefix_contains(&i->conf->maps[k].proto, dst))
			return true;
	}
	return iface_onlink(i, dst);
}

static struct iface *expected_iface(const struct engine *e, const struct addr *dst)
{
	for (struct iface *i = e->ifaces; i; i = i->next) {
		if (!iface_is_lan(i) && lies_on(i, dst))
			return i;
	}
	return NULL;
}

static struct way find_way(const struct engine *e, const struct addr *dst,
			   const struct explain_facts *facts)
{
	const struct ev_lookup *route = &facts->route.found;
	struct way w = { .engine = e, .dst = dst, .facts = facts };
	struct prefix host = prefix_host(dst);

	w.expected = expected_iface(e, dst);
	if (!facts->route.known || route->kind != LOOKUP_UNICAST)
		return w;
	w.iface = engine_find_iface(e, route->ifindex);
	if (!w.iface || iface_is_lan(w.iface)) {
		w.iface = NULL;
		return w;
	}
	w.hop = addr_is_set(&route->gateway) ? route->gateway : *dst;
	w.shortcut = shortcut_for(w.iface, dst);
	w.base = route_base(w.iface, &host);
	find_station(&w);
	return w;
}

/* --- what is not known here ----------------------------------------------------- */

static struct explain_ask ask_sa(const struct way *w, const struct explain_facts *known)
{
	struct explain_ask ask = { EXPLAIN_NOTHING };
	const struct peer *p = w->iface ? peer_find(w->iface, &w->nbma) : NULL;

	if (p && !known->sa_known)
		ask.ike = sa_only(p, &ask.child);
	if (ask.ike)
		ask.what = EXPLAIN_SA;
	return ask;
}

struct explain_ask engine_explain_ask(const struct engine *e, const struct addr *dst,
				      const struct explain_facts *known)
{
	struct way w;

	if (!addr_is_unicast(dst))
		return (struct explain_ask){ EXPLAIN_NOTHING };
	if (!known->route.known)
		return (struct explain_ask){ EXPLAIN_ROUTE, .addr = *dst };
	w = find_way(e, dst, known);
	if (w.iface && !known->neigh_known)
		return (struct explain_ask){ EXPLAIN_NEIGH, w.iface->ifindex,
					     .addr = w.hop };
	if (w.iface && !known->underlay.known && addr_is_set(&w.nbma))
		return (struct explain_ask){ EXPLAIN_UNDERLAY, .addr = w.nbma };
	return ask_sa(&w, known);
}

/* --- the steps ------------------------------------------------------------ */

struct step {
	const char *step, *what, *state, *reason;
	mono since; /* MONO_NEVER: not known */
};

static void show_step(struct show_sink *sink, const struct step *s)
{
	struct record r;

	record_init(&r);
	record_text(&r, "step", s->step);
	record_text(&r, "what", s->what);
	record_text(&r, "state", s->state);
	record_text(&r, "reason", s->reason);
	record_mono(&r, "since", s->since);
	sink->row(sink, &r);
}

#define WHAT_MAX 160

/* As `ip route` has it. */
static void route_str(char *out, size_t cap, const struct explain_route *r,
		      const struct addr *dst)
{
	const struct ev_lookup *l = &r->found;
	int n;

	if (l->kind != LOOKUP_UNICAST) {
		snprintf(out, cap, "%s", ADDR_STR(dst));
		return;
	}
	n = snprintf(out, cap, "%s", PREFIX_STR(&l->matched));
	if (addr_is_set(&l->gateway))
		n += snprintf(out + n, cap - (size_t)n, " via %s",
			      ADDR_STR(&l->gateway));
	snprintf(out + n, cap - (size_t)n, " dev %s", r->device[0] ? r->device : "?");
}

static const char *kind_str(enum lookup_kind kind)
{
	switch (kind) {
	case LOOKUP_UNREACHABLE:
		return "unreachable";
	case LOOKUP_LOCAL:
		return "local";
	case LOOKUP_UNICAST:
		break;
	}
	return "found";
}

static const char *route_reason(const struct ev_lookup *l)
{
	switch (l->kind) {
	case LOOKUP_UNREACHABLE:
		return "the kernel has no route to it";
	case LOOKUP_LOCAL:
		return "an address of this machine";
	case LOOKUP_UNICAST:
		break;
	}
	if (l->ours)
		return addr_is_set(&l->gateway) ? "a shortcut of nhrpd"
						: "a route of nhrpd";
	return addr_is_set(&l->gateway) ? "somebody else's route"
					: "a network on the device";
}

static void show_route(const struct way *w, struct show_sink *sink)
{
	const struct explain_route *r = &w->facts->route;
	char what[WHAT_MAX];

	route_str(what, sizeof(what), r, w->dst);
	show_step(sink, &(struct step){ "route", what, kind_str(r->found.kind),
					route_reason(&r->found), MONO_NEVER });
}

static void show_iface(const struct iface *i, struct show_sink *sink)
{
	char what[WHAT_MAX];

	if (i->addr_count && addr_is_set(&i->nbma))
		snprintf(what, sizeof(what), "%s, %s at %s", i->name,
			 ADDR_STR(&i->addrs[0].addr), ADDR_STR(&i->nbma));
	else
		snprintf(what, sizeof(what), "%s", i->name);
	show_step(sink, &(struct step){ "interface", what, i->usable ? "up" : "down",
					i->usable ? "in use" : i->problem, i->since });
}

static void show_shortcut(const struct way *w, struct show_sink *sink)
{
	const struct shortcut *s = w->shortcut;
	char what[WHAT_MAX];

	if (s && addr_is_set(&s->via))
		snprintf(what, sizeof(what), "%s via %s", PREFIX_STR(&s->dst),
			 ADDR_STR(&s->via));
	else if (s)
		snprintf(what, sizeof(what), "%s", PREFIX_STR(&s->dst));
	if (s)
		show_step(sink, &(struct step){ "shortcut", what,
						shortcut_state_str(s->state), s->reason,
						s->since });
	if (!w->base || !s)
		return;
	snprintf(what, sizeof(what), "%s via %s", PREFIX_STR(&w->base->dst),
		 ADDR_STR(&w->base->gateway));
	show_step(sink, &(struct step){ "base", what, "found",
					"the route without a shortcut", MONO_NEVER });
}

/* Where something is: `10.0.0.3 at 198.51.100.3`. */
static void place_str(char *out, size_t cap, const struct addr *proto,
		      const struct addr *nbma)
{
	if (addr_is_set(nbma))
		snprintf(out, cap, "%s at %s", ADDR_STR(proto), ADDR_STR(nbma));
	else
		snprintf(out, cap, "%s", ADDR_STR(proto));
}

static void show_hop(const struct way *w, struct show_sink *sink)
{
	const struct binding *b = w->binding;
	struct step s = { "next-hop", NULL, "unknown",
			  "nothing was sent to it so far, or it was forgotten",
			  MONO_NEVER };
	char what[WHAT_MAX];
	size_t n;

	place_str(what, sizeof(what), &w->hop, b ? &b->nbma : &(struct addr){ 0 });
	if (b) {
		n = strlen(what);
		snprintf(what + n, sizeof(what) - n, ", %s",
			 binding_type_str((enum binding_type)b->type));
		s.state = show_binding_state(b);
		s.reason = show_binding_reason(b);
		s.since = b->station ? b->station->since : b->since;
	}
	s.what = what;
	show_step(sink, &s);
}

/* Of an encrypted tunnel: whose SA leads there. */
static void show_peer(const struct way *w, struct show_sink *sink)
{
	const struct peer *p = iface_is_secured(w->iface) && addr_is_set(&w->nbma)
				       ? peer_find(w->iface, &w->nbma)
				       : NULL;
	char what[WHAT_MAX + CONF_IDENTITY_MAX];

	if (!p)
		return;
	snprintf(what, sizeof(what), "%s%s%s", ADDR_STR(&p->nbma),
		 *identity_of(p) ? ", " : "", identity_of(p));
	show_step(sink, &(struct step){ "peer", what,
					peer_state_str((enum peer_state)p->state),
					p->reason, p->since });
}

static void show_neigh(const struct way *w, struct show_sink *sink)
{
	const struct kernel_neigh *k = &w->facts->neigh;
	bool same = is_known(w->binding) && addr_eq(&k->nbma, &w->binding->nbma);
	struct step s = { "neighbour", NULL, NULL, NULL, MONO_NEVER };
	char what[WHAT_MAX];

	if (!w->facts->neigh_known)
		return;
	place_str(what, sizeof(what), &w->hop, &k->nbma);
	s.what = what;
	switch (k->state) {
	case KERNEL_NEIGH_NONE:
		s.state = "missing";
		s.reason = "the kernel has no entry";
		break;
	case KERNEL_NEIGH_WAITING:
		s.state = "waiting";
		s.reason = "packets wait for an address";
		break;
	case KERNEL_NEIGH_REFUSED:
		s.state = "refused";
		s.reason = "packets are refused for a while";
		break;
	case KERNEL_NEIGH_VALID:
		s.state = same ? "agrees" : "differs";
		s.reason =
			same && k->ours ? "written by nhrpd" : "somebody else's entry";
		break;
	}
	show_step(sink, &s);
}

static void show_underlay(const struct way *w, struct show_sink *sink)
{
	const struct explain_route *r = &w->facts->underlay;
	char what[WHAT_MAX];

	if (!r->known)
		return;
	route_str(what, sizeof(what), r, &w->nbma);
	show_step(sink,
		  &(struct step){ "underlay", what, kind_str(r->found.kind),
				  "where the tunnel's own packets go", MONO_NEVER });
}

static void show_server(const struct way *w, struct show_sink *sink)
{
	const struct station *s = w->station;
	char what[WHAT_MAX];

	if (!s)
		return;
	place_str(what, sizeof(what), &s->proto, &s->nbma);
	show_step(sink, &(struct step){ "server", what,
					client_state_str((enum client_state)s->state),
					s->reason, s->since });
}

static void show_trouble(const struct way *w, struct show_sink *sink)
{
	const struct trouble *t = w->trouble;
	char what[WHAT_MAX], reason[WHAT_MAX];

	if (!t)
		return;
	place_str(what, sizeof(what), &t->proto, &t->nbma);
	snprintf(reason, sizeof(reason), "%s, about %s %s", t->what,
		 t->by_us ? "its" : "our", t->about);
	show_step(sink, &(struct step){ "error", what, t->by_us ? "sent" : "received",
					reason, t->at });
}

static void show_verdict(const struct verdict *v, struct show_sink *sink)
{
	struct record r;

	record_init(&r);
	record_text(&r, "step", "verdict");
	record_text(&r, "verdict", v->word);
	record_bool(&r, "passes", v->passes);
	record_text(&r, "reason", v->text);
	sink->row(sink, &r);
}

bool engine_explain(const struct engine *e, const struct addr *dst,
		    const struct explain_facts *facts, struct show_sink *sink, mono now)
{
	struct way w = find_way(e, dst, facts);
	struct verdict v;

	if (facts->route.known)
		show_route(&w, sink);
	if (!w.iface && w.expected)
		show_iface(w.expected, sink);
	if (w.iface) {
		show_iface(w.iface, sink);
		show_shortcut(&w, sink);
		show_hop(&w, sink);
		show_peer(&w, sink);
		show_neigh(&w, sink);
		show_underlay(&w, sink);
		show_server(&w, sink);
		show_trouble(&w, sink);
	}
	explain_judge(&w, &v, now);
	show_verdict(&v, sink);
	return v.passes;
}
