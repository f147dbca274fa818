/* SPDX-License-Identifier: MIT */
/*
 * Routes over a tunnel. Ours, of which this is the only writer: on-link for
 * stations that no subnet on the device covers, and the ways of shortcuts. Several may
 * want the same one; a station that is on the link is not gone to by a gateway. And
 * somebody else's, which shortcuts are laid over.
 */
#include <stdlib.h>

#include "engine_int.h"

struct route *route_own(struct iface *i, const struct prefix *dst)
{
	struct route *r;

	HASH_FIND(hh, i->routes, dst, sizeof(*dst), r);
	return r;
}

static void write_into(struct iface *i, uint32_t table, enum action_type type,
		       const struct prefix *dst, const struct addr *via)
{
	struct act_route *a;

	if (!i->ifindex)
		return;
	a = &engine_push(i->engine, type)->route;
	a->ifindex = i->ifindex;
	a->dst = *dst;
	a->gateway = *via;
	a->table = table;
}

static void write_route(struct iface *i, enum action_type type,
			const struct prefix *dst, const struct addr *via)
{
	write_into(i, i->conf->route_table, type, dst, via);
}

static void set_route(struct iface *i, struct route *r)
{
	r->in_kernel = true;
	r->error = 0;
	write_route(i, ACT_ROUTE_SET, &r->dst, &r->via);
}

/* What is wanted of it has changed: the way it takes from now on. */
static void take_way(struct iface *i, struct route *r)
{
	static const struct addr on_link;
	const struct addr *via = r->on_link ? &on_link : &r->gateway;

	if (addr_eq(&r->via, via) && r->in_kernel)
		return;
	r->via = *via;
	if (i->usable && i->adopted)
		set_route(i, r);
}

static struct route *get(struct iface *i, const struct prefix *dst)
{
	struct route *r = route_own(i, dst);

	if (!r) {
		r = mem_new(sizeof(*r));
		r->dst = *dst;
		HASH_ADD(hh, i->routes, dst, sizeof(r->dst), r);
	}
	return r;
}

void route_want_via(struct iface *i, const struct prefix *dst, const struct addr *via)
{
	struct route *r = get(i, dst);

	r->gateway = *via;
	take_way(i, r);
}

void route_want(struct iface *i, const struct prefix *dst)
{
	struct route *r = get(i, dst);

	r->on_link++;
	take_way(i, r);
}

static void wanted_less(struct iface *i, struct route *r)
{
	if (r->on_link || addr_is_set(&r->gateway)) {
		take_way(i, r);
		return;
	}
	/* What was to be replaced may still stand. */
	if (r->in_kernel || r->error)
		write_route(i, ACT_ROUTE_DEL, &r->dst, &r->via);
	HASH_DEL(i->routes, r);
	free(r);
}

void route_drop(struct iface *i, const struct prefix *dst)
{
	struct route *r = route_own(i, dst);

	if (!r || !r->on_link)
		return;
	r->on_link--;
	wanted_less(i, r);
}

void route_drop_via(struct iface *i, const struct prefix *dst)
{
	struct route *r = route_own(i, dst);

	if (!r)
		return;
	r->gateway.family = ADDR_NONE;
	wanted_less(i, r);
}

void route_rewrite_all(struct iface *i)
{
	for (struct route *r = i->routes; r; r = r->hh.next)
		set_route(i, r);
}

void route_change_table(struct iface *i, uint32_t from)
{
	for (struct route *r = i->routes; r; r = r->hh.next) {
		if (!r->in_kernel)
			continue;
		set_route(i, r);
		write_into(i, from, ACT_ROUTE_DEL, &r->dst, &r->via);
	}
}

void route_lost_kernel(struct iface *i)
{
	for (struct route *r = i->routes; r; r = r->hh.next)
		r->in_kernel = false;
}

void route_write_waiting(struct iface *i)
{
	for (struct route *r = i->routes; r; r = r->hh.next) {
		if (!r->in_kernel && !r->error)
			set_route(i, r);
	}
}

/* --- somebody else's ------------------------------------------------------------ */

const struct other_route *route_base(const struct iface *i, const struct prefix *dst)
{
	return trie_match(&i->others, dst, NULL);
}

static void other_seen(struct iface *i, const struct ev_route *ev)
{
	struct other_route *o;

	if (!addr_is_set(&ev->dst.addr))
		return;
	o = trie_get(&i->others, &ev->dst);
	if (!o) {
		o = mem_new(sizeof(*o));
		o->dst = prefix_masked(&ev->dst);
		trie_set(&i->others, &o->dst, o);
	}
	o->gateway = ev->gateway;
	o->table = ev->table;
	o->seen = true;
}

static void other_gone(struct iface *i, const struct prefix *dst)
{
	free(trie_del(&i->others, dst));
}

/* The walk must not change the trie: what goes is strung together first. */
struct sweep {
	struct other_route *gone;
	bool all;
};

static void sweep_one(void *ctx, const struct prefix *at, void *value)
{
	struct sweep *s = ctx;
	struct other_route *o = value;

	(void)at;
	if (s->all || !o->seen) {
		o->next_gone = s->gone;
		s->gone = o;
	}
}

static void unsee_one(void *ctx, const struct prefix *at, void *value)
{
	struct other_route *o = value;

	(void)ctx;
	(void)at;
	o->seen = false;
}

static const struct prefix everything[] = { { { .family = ADDR_IP4 }, 0 },
					    { { .family = ADDR_IP6 }, 0 } };

void route_walk_others(const struct iface *i,
		       void (*each)(void *ctx, const struct prefix *at, void *other),
		       void *ctx)
{
	for (size_t k = 0; k < ARRAY_SIZE(everything); k++)
		trie_walk(&i->others, &everything[k], each, ctx);
}

/* What came by news before the dump has to be seen in it. */
static void dump_begin(struct iface *i)
{
	for (struct route *r = i->routes; r; r = r->hh.next)
		r->seen = false;
	route_walk_others(i, unsee_one, NULL);
}

static void sweep(struct iface *i, bool all)
{
	struct sweep s = { NULL, all };

	route_walk_others(i, sweep_one, &s);
	while (s.gone) {
		struct other_route *o = s.gone;

		s.gone = o->next_gone;
		trie_del(&i->others, &o->dst);
		free(o);
	}
}

/* --- facts ------------------------------------------------------------------------ */

/* After a dump, what was not seen is written, what nobody wants is removed. */
static void dump_end(struct iface *i, mono now)
{
	for (struct route *r = i->routes; r; r = r->hh.next) {
		if (!r->seen)
			set_route(i, r);
	}
	sweep(i, false);
	shortcut_recheck(i, now);
}

/* A predecessor's shortcut is taken over; what nobody wants is removed. */
static void seen(struct iface *i, const struct ev_route *ev, mono now)
{
	struct route *r = route_own(i, &ev->dst);

	if (!r && addr_is_set(&ev->gateway) && shortcut_adopt(i, ev, now)) {
		r = route_own(i, &ev->dst);
		r->in_kernel = true;
	}
	if (r && addr_eq(&r->via, &ev->gateway))
		r->seen = r->in_kernel = true;
	else if (!r)
		write_route(i, ACT_ROUTE_DEL, &ev->dst, &ev->gateway);
}

static void refused(struct iface *i, struct route *r, const struct ev_route *ev,
		    mono now)
{
	count(i, CNT_ROUTE_REFUSED);
	iface_refused(i, now);
	if (r && !ev->removed) {
		r->in_kernel = false;
		r->error = ev->error;
	}
	if (engine_may_log(i->engine, now))
		log_to(i->engine->log, LOG_LEVEL_WARN,
		       "interface %s: the kernel refused %sthe route %s (error %d)",
		       i->name, ev->removed ? "to remove " : "", PREFIX_STR(&ev->dst),
		       ev->error);
}

void route_event(struct iface *i, const struct ev_route *ev, mono now)
{
	struct route *r = route_own(i, &ev->dst);

	switch (ev->fact) {
	case ROUTE_DUMP_BEGIN:
		dump_begin(i);
		break;
	case ROUTE_SEEN:
		seen(i, ev, now);
		break;
	case ROUTE_DUMP_END:
		dump_end(i, now);
		break;
	case ROUTE_GONE:
		if (r && i->usable)
			set_route(i, r);
		break;
	case ROUTE_FAILED:
		refused(i, r, ev, now);
		break;
	case ROUTE_OTHER:
		other_seen(i, ev);
		break;
	case ROUTE_OTHER_GONE:
		other_gone(i, &ev->dst);
		shortcut_recheck(i, now);
		break;
	case ROUTE_CHANGED:
		shortcut_overruled(i, ev, now);
		break;
	}
}

void route_free_all(struct iface *i)
{
	struct route *r, *next;

	HASH_ITER (hh, i->routes, r, next) {
		if (r->in_kernel || r->error)
			write_route(i, ACT_ROUTE_DEL, &r->dst, &r->via);
		HASH_DEL(i->routes, r);
		free(r);
	}
	sweep(i, true);
	trie_free(&i->others);
}
