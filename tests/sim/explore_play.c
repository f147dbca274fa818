/* SPDX-License-Identifier: MIT */
#include "explore.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../unit/unit.h"

#include "totals.h"
#include "world_int.h"

#define FAULTS	      60
#define STEP_MS	      8000 /* between faults, at most */
#define POLL_S	      5
#define SETTLED_POLLS 2

/* How long after the end of all faults everybody has to reach everybody: what was
 * told of a station is believed for a holding time, and the longest pause before
 * another try is 75 s (a peer that was refused), twice: for hub and station. */
#define CONVERGE_S 180

/* More is a storm: so many at once for each node, and so many a second. */
#define BURST 200
#define RATE  20

void explore_say(const struct play *p, const char *fmt, ...)
{
	va_list args;

	if (!p->loud)
		return;
	va_start(args, fmt);
	printf("%9.3f -- ", p->w ? (double)world_now(p->w).us / 1e6 : 0);
	vprintf(fmt, args);
	printf("\n");
	va_end(args);
}

bool explore_chance(struct play *p, unsigned percent)
{
	return rng_below(&p->rng, 100) < percent;
}

/* Any of those that the tunnel has. */
int explore_net(struct play *p)
{
	return (int)rng_below(&p->rng, (uint32_t)p->nets);
}

static void not_so(const struct play *p, const char *what, const char *who)
{
	fail_msg("seed %llu at %.3f s: %s: %s", (unsigned long long)p->seed,
		 (double)world_now(p->w).us / 1e6, who, what);
}

/* --- faults ---------------------------------------------------------------------------- */

static void run_ms(struct play *p, int64_t ms)
{
	uint64_t before = p->w->sent, sent;

	world_run_ms(p->w, ms);
	sent = p->w->sent - before;
	if (sent > (uint64_t)p->count * (BURST + (uint64_t)ms * RATE / 1000))
		not_so(p, "more packets than there is reason for", "all");
}

static void suffer(struct play *p)
{
	for (int k = 0; k < FAULTS; k++) {
		run_ms(p,
		       1 + rng_below(&p->rng, explore_chance(p, 30) ? 200 : STEP_MS));
		if (explore_chance(p, 40))
			explore_traffic(p);
		else
			explore_fault(p);
	}
}

/* --- convergence ------------------------------------------------------------------------ */

/* Both behind NAT, neither can call the other. */
static bool can_meet(const struct play *p, const struct site *a, const struct site *b)
{
	return !(p->secret && a->natted && b->natted);
}

static bool meets(struct play *p, const struct site *a, const struct site *b, int net)
{
	const char *from = a->nets[net].addr, *to = b->nets[net].addr;
	unsigned before = world_arrived(p->w, b->node);

	if (p->topology == TREE)
		return world_data(p->w, a->node, from, to) > 0;
	if (!can_meet(p, a, b))
		return true;
	world_traffic(p->w, a->node, to);
	return world_arrived(p->w, b->node) > before;
}

/* Where a packet goes that did not arrive, as far as the kernels say. */
static void tell_way(struct play *p, const struct site *from, const char *to)
{
	struct node *n = world_node(p->w, from->node);
	struct addr dst = unit_addr(to);

	for (int hops = 0; p->loud && n && hops < SITES_MAX; hops++) {
		struct verdict v = world_route_of(n, &dst);
		struct addr hop = addr_is_set(&v.gateway) ? v.gateway : dst;
		struct neigh *k = world_neigh(n, &hop);

		explore_say(p, "  %s: to %s by %s via %s: neighbour %d at %s", n->name,
			    to, PREFIX_STR(&v.matched), ADDR_STR(&hop),
			    k ? (int)k->state : -1, k ? ADDR_STR(&k->nbma) : "");
		explore_say(p, "    %s",
			    world_cache(p->w, n->number, ADDR_STR(&hop), "reason"));
		n = v.tunnel && k && k->state == KERNEL_VALID
			    ? world_by_outside(p->w, &k->nbma)
			    : NULL;
	}
}

/* In one address family: the stations themselves, and what is behind them. */
static bool meet(struct play *p, const struct site *from, const struct site *to,
		 int net, char *who, size_t room)
{
	const struct net *a = &from->nets[net], *b = &to->nets[net];
	bool met = meets(p, from, to, net);
	bool got = world_data(p->w, from->node, a->host, b->host) > 0;

	if (met && got)
		return true;
	tell_way(p, from, met ? b->host : b->addr);
	snprintf(who, room, "%s to %s%s, %s", from->name, to->name,
		 met ? ", from LAN to LAN" : "", p->is6[net] ? "IPv6" : "IPv4");
	return false;
}

/* Everybody, behind everybody; who does not is in `who`. */
static bool all_meet(struct play *p, char *who, size_t room)
{
	bool all = true;

	for (int a = 0; a < p->count; a++) {
		for (int b = 0; b < p->count; b++) {
			for (int net = 0; net < p->nets && a != b; net++)
				all = meet(p, &p->sites[a], &p->sites[b], net, who,
					   room) &&
				      all;
		}
	}
	return all;
}

/* Of a group of one: the first choice is what has to be. */
static bool is_second_choice(const struct station *st)
{
	return group_has(st) && st->map.priority == 20 && st->state == CLIENT_STANDBY;
}

static bool is_registered(struct play *p, const struct site *s, char *who, size_t room)
{
	struct node *n = world_node(p->w, s->node);

	for (const struct iface *i = n->engine->ifaces; i; i = i->next) {
		for (const struct station *st = i->stations; st; st = st->next) {
			if (st->state == CLIENT_UP || st->state == CLIENT_REFRESHING ||
			    is_second_choice(st))
				continue;
			snprintf(who, room, "%s at %s: %s", s->name,
				 ADDR_STR(&st->proto), st->reason);
			return false;
		}
	}
	return true;
}

static bool all_registered(struct play *p, char *who, size_t room)
{
	bool all = true;

	for (int k = 0; k < p->count; k++)
		all = is_registered(p, &p->sites[k], who, room) && all;
	return all;
}

/* What was refused while there were faults is made up for. */
static bool all_is_written(struct play *p, char *who, size_t room)
{
	for (int k = 0; k < p->count; k++) {
		if (!world_is_unsettled(world_node(p->w, p->sites[k].node)))
			continue;
		snprintf(who, room, "%s: the kernel refuses", p->sites[k].name);
		return false;
	}
	return true;
}

/* Of two SAs one is enough. */
static bool no_sa_too_many(struct play *p, char *who, size_t room)
{
	for (int a = 0; a < p->count; a++) {
		for (int b = 0; b < a; b++) {
			if (world_sas(p->w, p->sites[a].node, p->sites[b].node) <= 1)
				continue;
			snprintf(who, room, "%s and %s: too many SAs", p->sites[a].name,
				 p->sites[b].name);
			return false;
		}
	}
	return true;
}

static void converge(struct play *p)
{
	char who[300] = "";
	int settled = 0;

	for (int s = 0; settled < SETTLED_POLLS; s += POLL_S) {
		bool well = all_meet(p, who, sizeof(who));

		/* What comes of which is what is told. */
		well = all_is_written(p, who, sizeof(who)) && well;
		well = no_sa_too_many(p, who, sizeof(who)) && well;
		well = all_registered(p, who, sizeof(who)) && well;
		settled = well ? settled + 1 : 0;
		if (s > p->holding_s + CONVERGE_S)
			not_so(p, "not well long after the end of all faults", who);
		run_ms(p, POLL_S * 1000);
	}
	explore_say(p, "everybody reaches everybody");
}

/* --- the end ------------------------------------------------------------------------------- */

static void check_empty(struct play *p, const struct site *s)
{
	const struct node *n = world_node(p->w, s->node);

	for (const struct neigh *k = n->neighs; k; k = k->hh.next) {
		if (k->state != KERNEL_INCOMPLETE)
			not_so(p, "a stop leaves a neighbour in the kernel", s->name);
	}
	for (size_t k = 0; k < ARRAY_SIZE(n->routes); k++) {
		if (n->routes[k].used)
			not_so(p, "a stop leaves a route in the kernel", s->name);
	}
	for (size_t k = 0; k < n->slot_count; k++) {
		if (n->slots[k].used)
			not_so(p, "a stop leaves something in the state file", s->name);
	}
}

static void stop_all(struct play *p)
{
	for (int k = p->count; k-- > 0;) {
		world_stop(p->w, p->sites[k].node);
		check_empty(p, &p->sites[k]);
	}
	world_run_s(p->w, 60);
	for (int a = 0; a < p->count; a++) {
		for (int b = 0; b < a; b++) {
			if (world_sas(p->w, p->sites[a].node, p->sites[b].node))
				not_so(p, "an SA is left that nobody wants",
				       p->sites[a].name);
		}
	}
}

/* --- memory ---------------------------------------------------------------------------------- */

size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

/* Known where a sanitizer counts; the C library's figure has its own caches in it. */
static size_t memory_in_use(void)
{
	return __sanitizer_get_current_allocated_bytes
		       ? __sanitizer_get_current_allocated_bytes()
		       : 0;
}

static void play(struct play *p)
{
	p->w = world_new(p->seed);
	p->w->quiet = !p->loud;
	/* What others were told may lead in a circle until it is over. */
	p->w->tolerant = true;
	world_tapes(p->w);
	explore_plan(p);
	if (explore_chance(p, 50))
		run_ms(p, 5000);
	suffer(p);
	explore_heal(p);
	converge(p);
	stop_all(p);
}

void explore_play(uint64_t seed, bool loud, struct world_totals *totals)
{
	struct play p = { .seed = seed, .rng = rng_init(seed), .loud = loud };
	size_t before = memory_in_use(), after;

	play(&p);
	totals_add(totals, p.w, p.happened, FAULTS_MAX);
	for (size_t k = 0; explore_kind_name(k); k++) {
		if (explore_is_kind(&p, k))
			totals_add_kind(totals, k);
	}
	world_free(p.w);
	after = memory_in_use();
	if (after != before)
		fail_msg("seed %llu: %zd octets are not given back",
			 (unsigned long long)seed, (ssize_t)(after - before));
}
