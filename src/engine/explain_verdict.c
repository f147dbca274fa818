/* SPDX-License-Identifier: MIT */
/*
 * What a way amounts to: the first thing on it that stops a packet, or that
 * none does. The checks stand in the order of cause and effect: a server cannot
 * answer when its address is routed into the tunnel itself.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "explain_int.h"
#include "mcast.h"

enum effect { STOPS, PASSES };

static bool say(struct verdict *v, enum effect effect, const char *word,
		const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Always true: the matter is decided. */
static bool say(struct verdict *v, enum effect effect, const char *word,
		const char *fmt, ...)
{
	va_list args;

	v->word = word;
	v->passes = effect == PASSES;
	va_start(args, fmt);
	vsnprintf(v->text, sizeof(v->text), fmt, args);
	va_end(args);
	return true;
}

/* --- no tunnel ------------------------------------------------------------------- */

static bool not_unicast(const struct way *w, struct verdict *v, mono now)
{
	(void)now;
	if (addr_is_unicast(w->dst))
		return false;
	return say(v, STOPS, "not_unicast",
		   "%s is no unicast address: nhrpd knows no way to it",
		   ADDR_STR(w->dst));
}

/* The tunnel that copies it, else one that copies something; NULL: none does. */
static const struct iface *copying(const struct engine *e, const struct addr *group)
{
	const struct iface *found = NULL;

	for (const struct iface *i = e->ifaces; i; i = i->next) {
		if (!i->conf->mcast_count)
			continue;
		if (conf_copies_group(i->conf, group))
			return i;
		if (!found)
			found = i;
	}
	return found;
}

static bool copied(const struct way *w, struct verdict *v, mono now)
{
	bool many = addr_is_multicast(w->dst) || addr_is_broadcast(w->dst);
	const struct iface *i = many ? copying(w->engine, w->dst) : NULL;
	unsigned count;

	(void)now;
	if (!i)
		return false;
	if (!conf_copies_group(i->conf, w->dst))
		return say(v, STOPS, "not_copied",
			   "what leaves by %s for %s is dropped: no 'multicast-group' "
			   "covers it",
			   i->name, ADDR_STR(w->dst));
	count = HASH_COUNT(i->copies);
	if (!count)
		return say(v, STOPS, "copied_to_nobody",
			   "what leaves by %s for %s is dropped: none of the stations "
			   "that 'multicast' means can be reached now",
			   i->name, ADDR_STR(w->dst));
	return say(v, PASSES, "copied",
		   "what leaves by %s for %s is copied to %u station%s", i->name,
		   ADDR_STR(w->dst), count, count == 1 ? "" : "s");
}

static bool not_known(const struct way *w, struct verdict *v, mono now)
{
	(void)now;
	if (w->facts->route.known)
		return false;
	return say(v, STOPS, "kernel_silent",
		   "the kernel does not say where packets to %s go", ADDR_STR(w->dst));
}

static bool local(const struct way *w, struct verdict *v, mono now)
{
	(void)now;
	if (w->facts->route.found.kind != LOOKUP_LOCAL)
		return false;
	return say(v, PASSES, "local", "%s is an address of this machine",
		   ADDR_STR(w->dst));
}

static bool cannot_be_used(const struct way *w, const struct iface *i,
			   struct verdict *v)
{
	const char *word = "interface_unusable";

	if (!i->ifindex)
		word = "interface_missing";
	else if (!i->up && addr_is_set(&i->nbma))
		word = "interface_down";
	return say(v, STOPS, word, "packets to %s cannot go by %s: %s",
		   ADDR_STR(w->dst), i->name, i->problem);
}

static bool expected_unusable(const struct way *w, struct verdict *v, mono now)
{
	(void)now;
	if (w->iface || !w->expected || w->expected->usable)
		return false;
	return cannot_be_used(w, w->expected, v);
}

/* A tunnel that is down takes the routes over it along. */
static const struct iface *broken_tunnel(const struct engine *e)
{
	for (const struct iface *i = e->ifaces; i; i = i->next) {
		if (!i->usable && !iface_is_lan(i))
			return i;
	}
	return NULL;
}

static bool no_route(const struct way *w, struct verdict *v, mono now)
{
	const struct iface *i = broken_tunnel(w->engine);

	(void)now;
	if (w->facts->route.found.kind != LOOKUP_UNREACHABLE)
		return false;
	if (i)
		return say(v, STOPS, "no_route",
			   "the kernel has no route to %s; routes by %s are gone: %s",
			   ADDR_STR(w->dst), i->name, i->problem);
	return say(v, STOPS, "no_route", "the kernel has no route to %s",
		   ADDR_STR(w->dst));
}

static bool elsewhere(const struct way *w, struct verdict *v, mono now)
{
	const struct explain_route *r = &w->facts->route;
	const struct iface *out = engine_find_iface(w->engine, r->found.ifindex);
	const struct iface *broken = broken_tunnel(w->engine);

	(void)now;
	if (w->iface)
		return false;
	if (out)
		return say(v, PASSES, "lan",
			   "packets to %s leave by %s, a network that this node "
			   "answers for",
			   ADDR_STR(w->dst), out->name);
	if (w->expected)
		return say(v, STOPS, "routed_elsewhere",
			   "packets to %s leave by %s, not by %s as its network does: "
			   "the route %s leads them there",
			   ADDR_STR(w->dst), r->device, w->expected->name,
			   PREFIX_STR(&r->found.matched));
	if (broken)
		return say(v, PASSES, "elsewhere",
			   "packets to %s leave by %s and by no tunnel; routes by %s "
			   "are gone: %s",
			   ADDR_STR(w->dst), r->device, broken->name, broken->problem);
	return say(v, PASSES, "elsewhere", "packets to %s leave by %s and by no tunnel",
		   ADDR_STR(w->dst), r->device);
}

/* --- the tunnel, and what carries it -------------------------------------- */

static bool unusable(const struct way *w, struct verdict *v, mono now)
{
	(void)now;
	if (w->iface->usable)
		return false;
	return cannot_be_used(w, w->iface, v);
}

static bool underlay(const struct way *w, struct verdict *v, mono now)
{
	const struct explain_route *r = &w->facts->underlay;

	(void)now;
	if (!r->known)
		return false;
	if (r->found.kind == LOOKUP_UNREACHABLE)
		return say(v, STOPS, "underlay_unreachable",
			   "there is no route to %s, where the packets of %s go to",
			   ADDR_STR(&w->nbma), w->iface->name);
	if (r->found.kind == LOOKUP_LOCAL)
		return say(v, STOPS, "underlay_local",
			   "%s is given as the NBMA address of another station, and is "
			   "an address of this machine",
			   ADDR_STR(&w->nbma));
	if (r->found.ifindex == w->iface->ifindex)
		return say(v, STOPS, "underlay_loops",
			   "the packets of %s to %s are routed into %s itself, by %s: "
			   "give that address a route by the way out",
			   w->iface->name, ADDR_STR(&w->nbma), w->iface->name,
			   PREFIX_STR(&r->found.matched));
	return false;
}

/* --- the server ----------------------------------------------------------- */

static bool is_known(const struct binding *b)
{
	return b && binding_is_up(b);
}

/* What is known already needs no server, unless it is the server. */
static bool needs_station(const struct way *w)
{
	return !is_known(w->binding) || w->binding->station;
}

static bool mute(const struct way *w, struct verdict *v)
{
	const struct sa_traffic *t = &w->facts->sa;

	return say(
		v, STOPS, "esp_blocked",
		"the SA to the server %s is up; %llu packets went into it and %llu "
		"came back, none for %u s: ESP (IP protocol 50; behind NAT UDP 4500) "
		"is dropped on the way there or back",
		ADDR_STR(&w->station->nbma), (unsigned long long)t->packets_out,
		(unsigned long long)t->packets_in,
		t->packets_in ? t->idle_in_s : t->age_s);
}

static bool asking(const struct way *w, struct verdict *v)
{
	const struct station *s = w->station;
	const struct trouble *t = trouble_of(w->iface, &s->proto, &s->nbma);

	if (s->tries > 1 && explain_is_mute(w))
		return mute(w, v);
	if (t && !t->by_us && !mono_before(t->at, s->since))
		return say(v, STOPS, "server_error",
			   "the server %s at %s answers our %s with an error: %s",
			   ADDR_STR(&s->proto), ADDR_STR(&s->nbma), t->about, t->what);
	if (s->tries <= 1)
		return say(v, STOPS, "registering",
			   "the server %s at %s was asked just now and has not "
			   "answered yet",
			   ADDR_STR(&s->proto), ADDR_STR(&s->nbma));
	return say(v, STOPS, "server_silent",
		   "the server %s at %s does not answer, after %u registrations: "
		   "another NBMA address, another key on one side, or GRE is filtered "
		   "on the way",
		   ADDR_STR(&s->proto), ADDR_STR(&s->nbma), s->tries);
}

/* What the site's own script decides comes before what a server says. */
static bool script(const struct way *w, struct verdict *v, mono now)
{
	const struct binding *b = w->binding;

	if (b && b->held)
		return say(v, STOPS, "script_runs",
			   "%s is at %s, but not used yet: the script is asked first, "
			   "since %u s",
			   ADDR_STR(&w->hop), ADDR_STR(&b->nbma),
			   (unsigned)(mono_diff_us(now, b->since) / 1000000));
	if (!b || b->type != BINDING_NEGATIVE || !script_is_refusal(b->reason))
		return false;
	return say(v, STOPS, "script_refuses",
		   "packets to %s are refused for %u s more: about %s %s",
		   ADDR_STR(w->dst), mono_s_until(b->expires, now), ADDR_STR(&w->hop),
		   b->reason);
}

static bool server_unsecured(const struct way *w, struct verdict *v, mono now)
{
	const struct station *s = w->station;
	const struct peer *p = peer_find(w->iface, &s->nbma);
	char who[128];

	snprintf(who, sizeof(who), "the server %s at %s", ADDR_STR(&s->proto),
		 ADDR_STR(&s->nbma));
	if (p)
		return explain_no_sa(p, who, v, now);
	return say(v, STOPS, "no_sa", "there is no SA to %s: %s", who, s->reason);
}

static bool station(const struct way *w, struct verdict *v, mono now)
{
	const struct station *s = w->station;

	if (!s || !needs_station(w))
		return false;
	switch ((enum client_state)s->state) {
	case CLIENT_NAMING:
		return say(v, STOPS, "name_unresolved",
			   "no address is known for the server %s: %s: %s",
			   ADDR_STR(&s->proto), s->map.nbma.name, s->reason);
	case CLIENT_REFUSED:
		return say(v, STOPS, "server_refuses",
			   "the server %s at %s refuses to register %s: %s",
			   ADDR_STR(&s->proto), ADDR_STR(&s->nbma),
			   ADDR_STR(&s->own_proto), s->reason);
	case CLIENT_SECURING:
		return server_unsecured(w, v, now);
	case CLIENT_ASKING:
		return asking(w, v);
	case CLIENT_DOWN:
	case CLIENT_UP:
	case CLIENT_REFRESHING:
	case CLIENT_STANDBY:
	case CLIENT_WAITING:
	case CLIENT_STATES:
		break;
	}
	return false;
}

static bool nameless(const struct way *w, struct verdict *v, mono now)
{
	(void)now;
	for (const struct dynamic_name *n = w->iface->names; n; n = n->next) {
		if (!w->station && !is_known(w->binding) && n->problem[0] &&
		    prefix_contains(&n->map.proto, &w->hop))
			return say(v, STOPS, "name_unresolved",
				   "no server is known for %s: %s: %s",
				   ADDR_STR(&w->hop), n->map.name, n->problem);
	}
	return false;
}

/* --- the station ---------------------------------------------------------- */

static bool nobody_to_ask(const struct way *w, struct verdict *v)
{
	const struct trouble *t = w->trouble;

	if (t && t->by_us)
		return say(v, STOPS, "peer_refused",
			   "%s is not registered here: its %s from %s was refused: %s",
			   ADDR_STR(&w->hop), t->about, ADDR_STR(&t->nbma), t->what);
	return say(v, STOPS, "no_server",
		   "%s is not registered here, and no server is configured to be "
		   "asked for it",
		   ADDR_STR(&w->hop));
}

static bool unknown(const struct way *w, struct verdict *v, mono now)
{
	(void)now;
	if (w->binding)
		return false;
	if (!w->station)
		return nobody_to_ask(w, v);
	return say(v, STOPS, "not_resolved",
		   "%s is not resolved yet: the first packet makes nhrpd ask %s at %s",
		   ADDR_STR(&w->hop), ADDR_STR(&w->station->proto),
		   ADDR_STR(&w->station->nbma));
}

/* Given up for a while, since there was no SA to where it is. */
static bool unsecurable(const struct way *w, struct verdict *v, mono now)
{
	const struct binding *b = w->binding;
	char who[128];

	snprintf(who, sizeof(who), "%s, and packets to it are refused for %u s more",
		 ADDR_STR(&w->hop), mono_s_until(b->expires, now));
	(void)explain_cause((enum sa_cause)b->no_sa, who, v);
	return true;
}

static bool unresolved(const struct way *w, struct verdict *v, mono now)
{
	const struct binding *b = w->binding;
	unsigned age_s = (unsigned)(mono_diff_us(now, b->since) / 1000000);

	if (b->type == BINDING_INCOMPLETE)
		return say(v, STOPS, "resolving",
			   "the servers were asked for %s %u s ago and have not "
			   "answered yet",
			   ADDR_STR(&w->hop), age_s);
	if (b->type != BINDING_NEGATIVE)
		return false;
	if (strcmp(b->reason, REASON_NO_SERVER) == 0)
		return nobody_to_ask(w, v);
	if (strcmp(b->reason, REASON_NO_SA) == 0)
		return unsecurable(w, v, now);
	if (strcmp(b->reason, REASON_FULL) == 0)
		return say(v, STOPS, "table_full",
			   "%s cannot be learnt: %u addresses are known on %s, and "
			   "max-bindings allows no more",
			   ADDR_STR(&w->hop),
			   w->iface->by_type[BINDING_DYNAMIC] +
				   w->iface->by_type[BINDING_CACHED],
			   w->iface->name);
	return say(v, STOPS,
		   strcmp(b->reason, REASON_SILENCE) == 0 ? "unanswered" : "refused",
		   "packets to %s are refused for %u s more: the answer about %s was: "
		   "%s",
		   ADDR_STR(w->dst), mono_s_until(b->expires, now), ADDR_STR(&w->hop),
		   b->reason);
}

/* --- what the kernel makes of it ------------------------------------------ */

static bool refused_by_kernel(const struct way *w, struct verdict *v)
{
	int error = w->binding->error;

	if (error == ENOBUFS || error == ENOMEM || error == ENOSPC)
		return say(v, STOPS, "kernel_table_full",
			   "the kernel refused the neighbour %s: its table is full: "
			   "raise net.ipv%d.neigh.default.gc_thresh3",
			   ADDR_STR(&w->hop), w->hop.family == ADDR_IP6 ? 6 : 4);
	return say(v, STOPS, "neighbour_missing",
		   "the kernel refused the neighbour %s: %s", ADDR_STR(&w->hop),
		   strerror(error));
}

static bool secured(const struct way *w, struct verdict *v, mono now)
{
	const struct peer *p = w->binding->peer;
	char who[128];

	if (p && peer_is_secured(p) && binding_why_not_led(w->binding))
		return say(v, STOPS, "no_certificate",
			   "packets to %s wait until it is known what the certificate "
			   "of '%s' gives",
			   ADDR_STR(w->dst), identity_of(p));
	if (!p || peer_is_secured(p))
		return false;
	snprintf(who, sizeof(who), "%s at %s, which packets to it wait for",
		 ADDR_STR(&w->hop), ADDR_STR(&p->nbma));
	return explain_no_sa(p, who, v, now);
}

static bool neighbour(const struct way *w, struct verdict *v, mono now)
{
	const struct kernel_neigh *k = &w->facts->neigh;
	const struct binding *b = w->binding;

	(void)now;
	if (!w->facts->neigh_known)
		return false;
	if (k->state != KERNEL_NEIGH_VALID && b->error)
		return refused_by_kernel(w, v);
	switch (k->state) {
	case KERNEL_NEIGH_NONE:
	case KERNEL_NEIGH_WAITING:
		return say(v, STOPS, "neighbour_missing",
			   "the kernel has no address for its neighbour %s, which is "
			   "at %s",
			   ADDR_STR(&w->hop), ADDR_STR(&b->nbma));
	case KERNEL_NEIGH_REFUSED:
		return say(v, STOPS, "neighbour_differs",
			   "the kernel refuses packets to its neighbour %s, which is "
			   "at %s",
			   ADDR_STR(&w->hop), ADDR_STR(&b->nbma));
	case KERNEL_NEIGH_VALID:
		break;
	}
	if (addr_eq(&k->nbma, &b->nbma))
		return false;
	return say(v, STOPS, "neighbour_differs",
		   "the kernel sends packets for %s to %s, but it is at %s: somebody "
		   "else wrote the entry",
		   ADDR_STR(&w->hop), ADDR_STR(&k->nbma), ADDR_STR(&b->nbma));
}

/* --- all is well, directly or not ----------------------------------------- */

static void way_str(const struct way *w, char *out, size_t cap)
{
	if (addr_eq(&w->hop, w->dst))
		snprintf(out, cap, "packets to %s go by %s straight to %s",
			 ADDR_STR(w->dst), w->iface->name, ADDR_STR(&w->binding->nbma));
	else
		snprintf(out, cap, "packets to %s go by %s to %s at %s",
			 ADDR_STR(w->dst), w->iface->name, ADDR_STR(&w->hop),
			 ADDR_STR(&w->binding->nbma));
}

static bool goes(const struct way *w, struct verdict *v, mono now)
{
	const struct shortcut *s = w->shortcut;
	char way[160];

	way_str(w, way, sizeof(way));
	if (explain_is_one_way(w))
		return say(
			v, PASSES, "sa_one_way",
			"%s; %llu packets went into its SA and 0 came back: the other "
			"end answers by another way, or ESP is dropped",
			way, (unsigned long long)w->facts->sa.packets_out);
	if (!s)
		return say(v, PASSES, "ok", "%s", way);
	switch (s->state) {
	case SHORTCUT_RESOLVING:
		return say(v, PASSES, "shortcut_resolving",
			   "%s; a direct way was asked for and is not answered yet",
			   way);
	case SHORTCUT_SECURING:
		return say(v, PASSES, "shortcut_securing",
			   "%s; the direct way by %s waits for an SA to it", way,
			   ADDR_STR(&s->via));
	case SHORTCUT_WAITING:
		return say(v, PASSES, "shortcut_waiting",
			   "%s; the direct way by %s is not taken yet: %s", way,
			   ADDR_STR(&s->via), s->reason);
	case SHORTCUT_REFUSED:
		return say(v, PASSES, "shortcut_refused",
			   "%s; a direct way was refused, and may be asked for again "
			   "in %u s: %s",
			   way, mono_s_until(s->expires, now), s->reason);
	case SHORTCUT_UP:
		break;
	}
	if (!addr_eq(&s->via, &w->hop))
		return say(v, PASSES, "shortcut_unused",
			   "%s; the shortcut by %s is not taken: the kernel prefers "
			   "the route %s",
			   way, ADDR_STR(&s->via),
			   PREFIX_STR(&w->facts->route.found.matched));
	return say(v, PASSES, "ok", "%s, by a shortcut", way);
}

void explain_judge(const struct way *w, struct verdict *out, mono now)
{
	static bool (*const checks[])(const struct way *, struct verdict *, mono) = {
		copied,	   not_unicast, not_known, local,      expected_unusable,
		no_route,  elsewhere,	unusable,  underlay,   script,
		station,   nameless,	unknown,   unresolved, secured,
		neighbour, goes,
	};
	size_t k = 0;

	while (!checks[k](w, out, now))
		k++;
}
