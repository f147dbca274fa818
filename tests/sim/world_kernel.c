/* SPDX-License-Identifier: MIT */
/*
 * The fake kernel under each engine: neighbour entries that age and are probed as
 * Linux does it, routes over the tunnel, dumps, and notifications that get lost.
 */
#include "world_int.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"

/* --- what it refuses ------------------------------------------------------------------ */

bool world_is_unsettled(const struct node *n)
{
	return mono_before(n->w->now, n->settles);
}

void world_unsettle(struct node *n)
{
	n->settles = mono_add_s(n->w->now, WORLD_SETTLES_S);
}

static void obey(struct timer *t, void *ctx, mono now)
{
	(void)ctx;
	(void)now;
	container_of(t, struct node, obeys)->refuses = 0;
}

void world_kernel_refuses(struct world *w, int node, unsigned percent, int64_t ms)
{
	struct node *n = world_node(w, node);

	n->refuses = percent;
	n->obeys.fire = obey;
	timers_arm(&w->timers, &n->obeys, mono_add_ms(w->now, ms));
}

/* --- neighbours ------------------------------------------------------------------ */

struct neigh *world_neigh(struct node *n, const struct addr *proto)
{
	struct neigh *k;

	HASH_FIND(hh, n->neighs, proto, sizeof(*proto), k);
	return k;
}

static void finish_dump(struct node *n, bool routes);

static void neigh_event(struct node *n, enum neigh_fact fact, const struct neigh *k)
{
	struct event ev = { EV_NEIGH,
			    .neigh = { .fact = fact, .ifindex = n->ifindex } };

	if (n->deaf)
		return;
	if (k) {
		ev.neigh.proto = k->proto;
		ev.neigh.nbma = k->nbma;
	}
	world_begin(n);
	if (fact == NEIGH_GONE)
		finish_dump(n, false);
	world_handle(n, &ev);
	world_end(n);
}

static void drop_neigh(struct node *n, struct neigh *k)
{
	timers_disarm(&n->w->timers, &k->solicit);
	HASH_DEL(n->neighs, k);
	free(k);
}

/* app_solicit: asks once a second as long as there is no answer, for an hour. */
static void solicit(struct timer *t, void *ctx, mono now)
{
	struct neigh *k = container_of(t, struct neigh, solicit);
	struct node *n = k->node;
	struct world *w = ctx;

	if (++k->probes > PROBES_MAX) {
		n->refused += k->waiting;
		drop_neigh(n, k);
		return;
	}
	timers_arm(&w->timers, t, mono_add_ms(now, RETRANS_MS));
	neigh_event(n, k->state == KERNEL_INCOMPLETE ? NEIGH_MISS : NEIGH_PROBE, k);
}

static struct neigh *new_neigh(struct node *n, const struct addr *proto)
{
	struct neigh *k = mem_new(sizeof(*k));

	k->proto = *proto;
	k->node = n;
	k->solicit.fire = solicit;
	HASH_ADD(hh, n->neighs, proto, sizeof(k->proto), k);
	return k;
}

void world_free_kernel(struct node *n)
{
	struct neigh *k, *next;

	HASH_ITER (hh, n->neighs, k, next)
		drop_neigh(n, k);
}

void world_flush_kernel(struct node *n)
{
	world_free_kernel(n);
	memset(n->routes, 0, sizeof(n->routes));
	for (size_t k = 0; k < ARRAY_SIZE(n->others); k++)
		n->others[k].used = n->others[k].used && n->others[k].lan;
}

/* A data packet over the network: there is no loss, to count what the tables do. */
static void carry(struct node *n, const struct addr *nbma, const struct addr *proto)
{
	struct node *to = world_by_outside(n->w, nbma);

	if (to && world_protects(n, nbma) && !world_is_cut(n->w, n, to) &&
	    world_passes(n, to) &&
	    (addr_eq(&to->addr.addr, proto) || addr_eq(&to->beside.addr, proto)))
		to->arrived++;
}

void world_set_neigh(struct node *n, const struct act_neigh *a)
{
	struct neigh *k = world_neigh(n, &a->proto);
	unsigned waiting = k ? k->waiting : 0;

	n->neigh_writes++;
	if (!k)
		k = new_neigh(n, &a->proto);
	timers_disarm(&n->w->timers, &k->solicit);
	k->state = addr_is_set(&a->nbma) ? KERNEL_VALID : KERNEL_FAILED;
	k->nbma = a->nbma;
	k->stale = a->ask_use;
	k->confirmed = n->w->now;
	k->waiting = 0;
	k->probes = 0;
	for (; waiting > 0; waiting--) {
		if (k->state == KERNEL_VALID)
			carry(n, &k->nbma, &k->proto);
		else
			n->refused++;
	}
}

void world_del_neigh(struct node *n, const struct addr *proto)
{
	struct neigh *k = world_neigh(n, proto);

	if (k)
		drop_neigh(n, k);
}

void world_kernel_forgets(struct world *w, int node, const char *proto)
{
	struct node *n = world_node(w, node);
	struct addr a = unit_addr(proto);
	struct neigh *k = world_neigh(n, &a), copy;

	assert_non_null(k);
	copy = *k;
	drop_neigh(n, k);
	neigh_event(n, NEIGH_GONE, &copy);
}

/* Failed entries are not EXT_LEARNED: the kernel takes back what it can. */
void world_collect(struct world *w, int node)
{
	struct node *n = world_node(w, node);
	struct neigh *k, *next;

	HASH_ITER (hh, n->neighs, k, next) {
		if (k->state == KERNEL_FAILED)
			drop_neigh(n, k);
	}
}

void world_traffic(struct world *w, int node, const char *proto)
{
	struct addr dst = unit_addr(proto);

	world_traffic_to(w, node, &dst);
}

void world_traffic_to(struct world *w, int node, const struct addr *dst)
{
	struct node *n = world_node(w, node);
	struct neigh *k = world_neigh(n, dst);

	assert_true(n->device && n->up);
	if (!k)
		k = new_neigh(n, dst);
	if (k->state == KERNEL_VALID) {
		bool old = k->stale ||
			   mono_before(mono_add_s(k->confirmed, REACHABLE_S), w->now);

		carry(n, &k->nbma, dst);
		if (old && !timer_armed(&k->solicit))
			timers_arm(&w->timers, &k->solicit,
				   mono_add_s(w->now, DELAY_PROBE_S));
		return;
	}
	k->waiting++;
	if (k->state == KERNEL_INCOMPLETE)
		return;
	k->state = KERNEL_INCOMPLETE;
	timers_arm(&w->timers, &k->solicit, mono_add_ms(w->now, RETRANS_MS));
	neigh_event(n, NEIGH_MISS, k);
}

/* --- routes over the tunnel -------------------------------------------------------- */

struct kroute *world_route(struct node *n, const struct prefix *dst)
{
	for (size_t k = 0; k < ARRAY_SIZE(n->routes); k++) {
		if (n->routes[k].used && prefix_eq(&n->routes[k].dst, dst))
			return &n->routes[k];
	}
	return NULL;
}

struct kroute *world_route_in(struct node *n, const struct prefix *dst, uint32_t table)
{
	for (size_t k = 0; k < ARRAY_SIZE(n->routes); k++) {
		struct kroute *r = &n->routes[k];

		if (r->used && r->table == table && prefix_eq(&r->dst, dst))
			return r;
	}
	return NULL;
}

void world_set_route(struct node *n, const struct act_route *a)
{
	struct kroute *old = world_route_in(n, &a->dst, a->table);

	if (old) {
		old->gateway = a->gateway;
		return;
	}
	for (size_t k = 0; k < ARRAY_SIZE(n->routes); k++) {
		if (n->routes[k].used)
			continue;
		n->routes[k] = (struct kroute){ true, a->dst, a->gateway, a->table };
		return;
	}
	fail_msg("more routes than the fake kernel holds");
}

void world_forget_route(struct world *w, int node, const char *prefix)
{
	struct node *n = world_node(w, node);
	struct prefix p = unit_prefix(prefix);
	struct kroute *r = world_route(n, &p), copy;

	assert_non_null(r);
	copy = *r;
	r->used = false;
	if (n->deaf)
		return;
	world_begin(n);
	finish_dump(n, true);
	world_handle(n,
		     &(struct event){ EV_ROUTE, .route = { .fact = ROUTE_GONE,
							   .ifindex = n->ifindex,
							   .dst = copy.dst,
							   .gateway = copy.gateway } });
	world_end(n);
}

/* --- dumps --------------------------------------------------------------------------- */

/* The table as it was when it was asked for; told a moment later. */
struct dump {
	struct timer timer;
	struct node *node;
	unsigned life; /* the engine that asked */
	int ifindex;
	bool routes;
	size_t count;
	struct ev_neigh *neighs;
	struct ev_route *found;
};

static void dump_neigh_rows(struct node *n, struct dump *d)
{
	struct neigh *k;

	d->neighs = mem_new((HASH_COUNT(n->neighs) + 1) * sizeof(*d->neighs));
	for (k = n->neighs; k; k = k->hh.next) {
		if (k->state == KERNEL_VALID || k->state == KERNEL_FAILED)
			d->neighs[d->count++] =
				(struct ev_neigh){ NEIGH_SEEN, n->ifindex, k->proto,
						   k->nbma, 0 };
	}
	d->neighs[d->count++] =
		(struct ev_neigh){ NEIGH_DUMP_END, n->ifindex, { 0 }, { 0 }, 0 };
}

static void add_route_row(struct dump *d, enum route_fact fact,
			  const struct prefix *dst, const struct addr *gateway)
{
	struct ev_route *row = &d->found[d->count++];

	row->fact = fact;
	row->ifindex = d->ifindex;
	if (dst)
		row->dst = *dst;
	if (gateway)
		row->gateway = *gateway;
}

static void dump_route_rows(struct node *n, struct dump *d)
{
	d->found = mem_new((ARRAY_SIZE(n->routes) + ARRAY_SIZE(n->others) + 2) *
			   sizeof(*d->found));
	add_route_row(d, ROUTE_DUMP_BEGIN, NULL, NULL);
	for (size_t k = 0; k < ARRAY_SIZE(n->routes); k++) {
		if (n->routes[k].used)
			add_route_row(d, ROUTE_SEEN, &n->routes[k].dst,
				      &n->routes[k].gateway);
	}
	for (size_t k = 0; k < ARRAY_SIZE(n->others); k++) {
		if (n->others[k].used && !n->others[k].lan)
			add_route_row(d, ROUTE_OTHER, &n->others[k].dst,
				      &n->others[k].gateway);
	}
	add_route_row(d, ROUTE_DUMP_END, NULL, NULL);
}

static void free_dump(struct timer *t)
{
	struct dump *d = container_of(t, struct dump, timer);

	free(d->neighs);
	free(d->found);
	free(d);
}

static void start_dump(struct node *n, bool routes);

/* All at once: what is told in the meantime waits, as the adapter has it. */
static void tell_dump(struct dump *d)
{
	struct node *n = d->node;
	bool routes = d->routes, again = n->dump_again[routes];

	if (n->under_way[routes] == d)
		n->under_way[routes] = NULL;
	world_begin(n);
	for (size_t k = 0; k < d->count && n->life == d->life; k++) {
		struct event ev = { routes ? EV_ROUTE : EV_NEIGH };

		if (routes)
			ev.route = d->found[k];
		else
			ev.neigh = d->neighs[k];
		world_handle(n, &ev);
	}
	n->dumping[routes] = n->dump_again[routes] = false;
	free_dump(&d->timer);
	if (again)
		start_dump(n, routes);
	world_end(n);
}

/* The adapter reads what it asked for before it hears of what came after. */
static void finish_dump(struct node *n, bool routes)
{
	struct dump *d = n->under_way[routes];

	if (!d || d->life != n->life)
		return;
	timers_disarm(&n->w->timers, &d->timer);
	tell_dump(d);
}

static void dump_over(struct timer *t, void *ctx, mono now)
{
	(void)ctx;
	(void)now;
	tell_dump(container_of(t, struct dump, timer));
}

/* One after the other: what is asked for while one is under way comes after it. */
static void start_dump(struct node *n, bool routes)
{
	struct world *w = n->w;
	struct dump *d;

	if (n->dumping[routes]) {
		n->dump_again[routes] = true;
		return;
	}
	n->dumping[routes] = true;
	d = mem_new(sizeof(*d));
	d->node = n;
	d->life = n->life;
	d->ifindex = n->ifindex;
	d->routes = routes;
	n->under_way[routes] = d;
	d->timer.fire = dump_over;
	if (routes)
		dump_route_rows(n, d);
	else
		dump_neigh_rows(n, d);
	if (w->dump_ms)
		timers_arm(&w->timers, &d->timer,
			   mono_add_ms(w->now, rng_below(&w->rng, w->dump_ms)));
	else
		tell_dump(d);
}

void world_free_dumps(struct world *w)
{
	world_drop_timers(w, dump_over, free_dump);
}

void world_dump_neighs(struct node *n)
{
	start_dump(n, false);
}

void world_dump_routes(struct node *n)
{
	start_dump(n, true);
}

void world_slow_dumps(struct world *w, unsigned ms)
{
	w->dump_ms = ms;
}

/* --- what is lost ---------------------------------------------------------------------- */

void world_overrun(struct world *w, int node)
{
	world_dump_neighs(world_node(w, node));
}

void world_resync(struct node *n)
{
	world_begin(n);
	world_tell_link(n);
	world_dump_neighs(n);
	world_dump_routes(n);
	world_tell_doubt(n);
	world_end(n);
}

/* ENOBUFS was read: links, neighbours and routes are looked at again. */
static void hear_again(struct timer *t, void *ctx, mono now)
{
	struct node *n = container_of(t, struct node, hears);

	(void)ctx;
	(void)now;
	n->deaf = false;
	if (n->engine)
		world_resync(n);
}

void world_deafen(struct world *w, int node, int64_t ms)
{
	struct node *n = world_node(w, node);

	n->deaf = true;
	n->hears.fire = hear_again;
	timers_arm(&w->timers, &n->hears, mono_add_ms(w->now, ms));
}

/* What it missed is told anew. */
void world_thaw(struct world *w, int node)
{
	struct node *n = world_node(w, node);

	timers_disarm(&w->timers, &n->thaws);
	n->frozen = false;
	if (!n->engine)
		return;
	world_begin(n);
	world_handle(n, &(struct event){ .type = EV_TICK });
	world_ike_again(n);
	world_resync(n);
	world_end(n);
}

static void thaw(struct timer *t, void *ctx, mono now)
{
	(void)now;
	world_thaw(ctx, container_of(t, struct node, thaws)->number);
}

void world_freeze(struct world *w, int node, int64_t ms)
{
	struct node *n = world_node(w, node);

	n->frozen = true;
	n->thaws.fire = thaw;
	timers_arm(&w->timers, &n->thaws, mono_add_ms(w->now, ms));
}
