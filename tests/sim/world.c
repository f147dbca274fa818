/* SPDX-License-Identifier: MIT */
#include "world_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"

#include <nhrp/mem.h>
#include <nhrp/packet.h>

/* --- lookups ----------------------------------------------------------------- */

static struct addr outside(const struct node *n)
{
	return addr_is_set(&n->nat) ? n->nat : n->nbma;
}

static struct node *by_outside(const struct world *w, const struct addr *a)
{
	for (int k = 0; k < w->count; k++) {
		struct addr out = outside(w->nodes[k]);

		if (addr_eq(&out, a) && !w->nodes[k]->hidden)
			return w->nodes[k];
	}
	return NULL;
}

/* --- address translation --------------------------------------------------------- */

static struct hole *find_hole(struct node *n, const struct addr *outer)
{
	for (size_t k = 0; k < n->hole_count; k++) {
		if (addr_eq(&n->holes[k].from, outer))
			return &n->holes[k];
	}
	return NULL;
}

void world_nat_out(struct node *n, const struct addr *to)
{
	struct hole *h = find_hole(n, to);

	if (!n->masquerade)
		return;
	if (!h) {
		assert_true(n->hole_count < ARRAY_SIZE(n->holes));
		h = &n->holes[n->hole_count++];
		h->from = *to;
	}
	h->until = mono_add_s(n->w->now, NAT_FORGETS_S);
}

bool world_nat_in(struct node *n, const struct addr *from)
{
	struct hole *h = find_hole(n, from);

	if (!n->masquerade)
		return true;
	if (!h || !mono_before(n->w->now, h->until))
		return false;
	h->until = mono_add_s(n->w->now, NAT_FORGETS_S);
	return true;
}

bool world_passes(struct node *from, struct node *to)
{
	struct addr source = outside(from), target = outside(to);

	world_nat_out(from, &target);
	return to->device && to->up && world_nat_in(to, &source) &&
	       world_decrypts(from, to);
}

/* --- the network --------------------------------------------------------------- */

static void deliver(struct timer *t, void *ctx, mono now)
{
	struct flight *f = container_of(t, struct flight, timer);
	struct world *w = ctx;
	struct node *to = by_outside(w, &f->to), *from = by_outside(w, &f->from);
	struct event ev = { EV_PACKET, .packet = { IFINDEX, f->from, f->pdu, f->len } };

	(void)now;
	if (to && to->engine && to->device && to->up && world_nat_in(to, &f->from) &&
	    !(from && (w->cut[from->number][to->number] || !f->decrypts))) {
		ev.packet.ifindex = to->ifindex;
		world_handle(to, &ev);
	}
	free(f);
}

static void launch(struct node *n, const struct act_send *s)
{
	struct world *w = n->w;
	struct flight *f = mem_new(sizeof(*f) + s->len);
	const struct node *to = by_outside(w, &s->to);

	f->w = w;
	f->from = outside(n);
	f->to = s->to;
	f->decrypts = !to || world_decrypts(n, to);
	world_nat_out(n, &f->to);
	f->len = s->len;
	memcpy(f->pdu, s->pdu, s->len);
	f->timer.fire = deliver;
	timers_arm(&w->timers, &f->timer,
		   mono_add_ms(w->now,
			       w->delay_min +
				       rng_below(&w->rng,
						 w->delay_max - w->delay_min + 1)));
}

static void send_packet(struct node *n, const struct act_send *s)
{
	struct packet *p = mem_new(sizeof(*p));
	uint16_t off;

	/* Whatever an engine sends is well formed, and never with 0 hops. */
	assert_int_equal(packet_decode(p, s->pdu, s->len, &off), PKT_OK);
	assert_true(p->hops > 0);
	free(p);
	if (!n->device || !n->up || !world_protects(n, &s->to) ||
	    rng_below(&n->w->rng, 100) < n->w->loss)
		return;
	launch(n, s);
	if (rng_below(&n->w->rng, 100) < n->w->dup)
		launch(n, s);
}

/* --- the fake kernel ----------------------------------------------------------- */

static void neigh_event(struct node *n, enum neigh_fact fact, const struct neigh *k)
{
	struct event ev = { EV_NEIGH,
			    .neigh = { .fact = fact, .ifindex = n->ifindex } };

	if (k) {
		ev.neigh.proto = k->proto;
		ev.neigh.nbma = k->nbma;
	}
	world_handle(n, &ev);
}

/* app_solicit: the kernel asks once a second as long as it has no answer. */
static void solicit(struct timer *t, void *ctx, mono now)
{
	struct neigh *k = container_of(t, struct neigh, solicit);
	struct node *n = k->node;
	struct world *w = ctx;

	timers_arm(&w->timers, t, mono_add_ms(now, RETRANS_MS));
	neigh_event(n, k->state == KERNEL_INCOMPLETE ? NEIGH_MISS : NEIGH_PROBE, k);
}

static struct neigh *new_neigh(struct node *n, const struct addr *proto)
{
	struct neigh *k = NULL;

	for (size_t i = 0; i < n->neigh_count && !k; i++) {
		if (n->neighs[i].state == KERNEL_NONE)
			k = &n->neighs[i];
	}
	if (!k) {
		assert_true(n->neigh_count < KERNEL_MAX);
		k = &n->neighs[n->neigh_count++];
	}
	*k = (struct neigh){ .proto = *proto, .node = n, .solicit.fire = solicit };
	return k;
}

static void drop_neigh(struct node *n, struct neigh *k)
{
	timers_disarm(&n->w->timers, &k->solicit);
	k->state = KERNEL_NONE;
	k->waiting = 0;
}

static void flush_kernel(struct node *n)
{
	for (size_t k = 0; k < n->neigh_count; k++)
		drop_neigh(n, &n->neighs[k]);
	memset(n->routes, 0, sizeof(n->routes));
	for (size_t k = 0; k < ARRAY_SIZE(n->others); k++)
		n->others[k].used = n->others[k].used && n->others[k].lan;
}

/* A data packet over the network: there is no loss, to count what the tables do. */
static void carry(struct node *n, const struct addr *nbma, const struct addr *proto)
{
	struct node *to = by_outside(n->w, nbma);

	if (to && world_protects(n, nbma) && world_passes(n, to) &&
	    addr_eq(&to->addr.addr, proto))
		to->arrived++;
}

static void set_neigh(struct node *n, const struct act_neigh *a)
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
	for (; waiting > 0; waiting--) {
		if (k->state == KERNEL_VALID)
			carry(n, &k->nbma, &k->proto);
		else
			n->refused++;
	}
}

static void dump_neighs(struct node *n)
{
	for (size_t k = 0; k < n->neigh_count; k++) {
		struct neigh copy = n->neighs[k];

		if (copy.state == KERNEL_VALID || copy.state == KERNEL_FAILED)
			neigh_event(n, NEIGH_SEEN, &copy);
	}
	neigh_event(n, NEIGH_DUMP_END, NULL);
}

static void set_route(struct node *n, const struct act_route *a)
{
	struct kroute *old = world_route(n, &a->dst);

	if (old) {
		old->gateway = a->gateway;
		return;
	}
	for (size_t k = 0; k < ARRAY_SIZE(n->routes); k++) {
		if (n->routes[k].used)
			continue;
		n->routes[k] = (struct kroute){ true, a->dst, a->gateway };
		return;
	}
	fail_msg("more routes than the fake kernel holds");
}

static void dump_routes(struct node *n)
{
	struct event ev = { EV_ROUTE, .route = { .ifindex = n->ifindex } };

	ev.route.fact = ROUTE_DUMP_BEGIN;
	world_handle(n, &ev);
	for (size_t k = 0; k < ARRAY_SIZE(n->routes); k++) {
		if (!n->routes[k].used)
			continue;
		ev.route.fact = ROUTE_SEEN;
		ev.route.dst = n->routes[k].dst;
		ev.route.gateway = n->routes[k].gateway;
		world_handle(n, &ev);
	}
	for (size_t k = 0; k < ARRAY_SIZE(n->others); k++) {
		if (!n->others[k].used || n->others[k].lan)
			continue;
		ev.route.fact = ROUTE_OTHER;
		ev.route.dst = n->others[k].dst;
		ev.route.gateway = n->others[k].gateway;
		world_handle(n, &ev);
	}
	ev.route.fact = ROUTE_DUMP_END;
	ev.route.dst = (struct prefix){ 0 };
	world_handle(n, &ev);
}

/* --- names ---------------------------------------------------------------------- */

static void answer_name(struct node *n, const char *name)
{
	struct event ev = { EV_NAME, .name = { .name = name, .ttl_s = 300 } };

	for (size_t k = 0; k < n->w->name_count; k++) {
		if (strcmp(n->w->names[k].name, name) != 0)
			continue;
		ev.name.addrs = n->w->names[k].addrs;
		ev.name.addr_count = n->w->names[k].count;
	}
	if (!ev.name.addr_count)
		ev.name.problem = "no such name";
	world_handle(n, &ev);
}

/* --- actions -------------------------------------------------------------------- */

static void put_slot(struct node *n, const struct act_state *a, bool used)
{
	assert_true(a->slot < SLOTS_MAX);
	n->slots[a->slot].used = used;
	n->slots[a->slot].b = a->binding;
}

static void stopped(struct node *n)
{
	timers_disarm(&n->w->timers, &n->tick);
	world_end_scripts(n);
	n->stopping = true;
}

static void watch(struct node *n, const struct prefix *p)
{
	assert_true(n->watched_count < ARRAY_SIZE(n->watched));
	n->watched[n->watched_count++] = *p;
}

static void unwatch(struct node *n, const struct prefix *p)
{
	for (size_t k = 0; k < n->watched_count; k++) {
		if (!prefix_eq(&n->watched[k], p))
			continue;
		n->watched[k] = n->watched[--n->watched_count];
		return;
	}
	fail_msg("%s stops to watch what it does not watch", n->name);
}

static void answer_lookup(struct node *n, const struct act_lookup *a)
{
	struct verdict v = world_route_of(n, &a->dst);
	struct event ev = { EV_LOOKUP,
			    .lookup = { .token = a->token,
					.kind = v.kind,
					.ifindex = world_verdict_ifindex(n, &v),
					.gateway = v.gateway,
					.matched = v.matched,
					.ours = v.ours } };

	world_handle(n, &ev);
}

/*
 * Packets that a route leads to a neighbour that goes are lost: the route has to go
 * before. One to more than this station may stay.
 */
static void check_unled(const struct node *n, const struct addr *proto)
{
	struct prefix host = prefix_host(proto);

	for (size_t k = 0; k < ARRAY_SIZE(n->routes); k++) {
		const struct kroute *r = &n->routes[k];

		if (r->used &&
		    (addr_eq(&r->gateway, proto) || prefix_eq(&r->dst, &host)))
			fail_msg("seed %llu: %s removes the neighbour %s, and the "
				 "route %s still leads to it",
				 (unsigned long long)n->w->seed, n->name,
				 ADDR_STR(proto), PREFIX_STR(&r->dst));
	}
}

/* Dumps and names are answered after the queue is empty, as by a real adapter. */
struct later {
	bool neighs, routes;
	struct act_lookup lookups[16];
	size_t lookup_count;
	char names[16][64];
	size_t name_count;
};

static void act(struct node *n, const struct action *a, struct later *later)
{
	struct kroute *r;
	struct neigh *k;

	switch (a->type) {
	case ACT_SEND:
		send_packet(n, &a->send);
		break;
	case ACT_NEIGH_SET:
		if (!addr_is_set(&a->neigh.nbma))
			check_unled(n, &a->neigh.proto);
		if (n->device && n->up)
			set_neigh(n, &a->neigh);
		break;
	case ACT_NEIGH_DEL:
		check_unled(n, &a->neigh.proto);
		k = world_neigh(n, &a->neigh.proto);
		if (k)
			drop_neigh(n, k);
		break;
	case ACT_NEIGH_DUMP:
		later->neighs = true;
		break;
	case ACT_ROUTE_SET:
		set_route(n, &a->route);
		break;
	case ACT_ROUTE_DEL:
		r = world_route(n, &a->route.dst);
		if (r)
			r->used = false;
		break;
	case ACT_ROUTE_DUMP:
		later->routes = true;
		break;
	case ACT_WATCH_SET:
		watch(n, &a->watch);
		break;
	case ACT_WATCH_DEL:
		unwatch(n, &a->watch);
		break;
	case ACT_LOOKUP:
		assert_true(later->lookup_count < ARRAY_SIZE(later->lookups));
		later->lookups[later->lookup_count++] = a->lookup;
		break;
	case ACT_RESOLVE_NAME:
		snprintf(later->names[later->name_count++], sizeof(later->names[0]),
			 "%s", a->name.name);
		break;
	case ACT_HOOK:
		world_run_script(n, &a->hook);
		break;
	case ACT_SA:
		world_ike_act(n, &a->sa);
		break;
	case ACT_STATE_PUT:
		put_slot(n, &a->state, true);
		break;
	case ACT_STATE_DEL:
		put_slot(n, &a->state, false);
		break;
	case ACT_ANSWER:
		n->w->answer = a->answer;
		break;
	case ACT_STOPPED:
		stopped(n);
		break;
	}
}

static void tick(struct timer *t, void *ctx, mono now)
{
	struct node *n = container_of(t, struct node, tick);

	(void)ctx;
	(void)now;
	world_handle(n, &(struct event){ .type = EV_TICK });
}

static void rearm(struct node *n)
{
	mono next = engine_deadline(n->engine);

	if (mono_is_never(next) || n->stopping)
		timers_disarm(&n->w->timers, &n->tick);
	else
		timers_arm(&n->w->timers, &n->tick, next);
}

void world_handle(struct node *n, const struct event *ev)
{
	struct later later = { 0 };
	struct action a;

	if (!n->engine || n->stopping)
		return;
	engine_handle(n->engine, ev, n->w->now);
	while (engine_next_action(n->engine, &a))
		act(n, &a, &later);
	rearm(n);
	/* Two sockets: which of them is read first is not for us to say. */
	if (later.routes)
		dump_routes(n);
	if (later.neighs)
		dump_neighs(n);
	for (size_t k = 0; k < later.lookup_count; k++)
		answer_lookup(n, &later.lookups[k]);
	for (size_t k = 0; k < later.name_count; k++)
		answer_name(n, later.names[k]);
}

/* --- time ----------------------------------------------------------------------- */

void world_run_ms(struct world *w, int64_t ms)
{
	mono until = mono_add_ms(w->now, ms);

	for (;;) {
		mono next = timers_next(&w->timers);

		if (mono_before(until, next))
			break;
		w->now = mono_before(w->now, next) ? next : w->now;
		timers_run(&w->timers, w, w->now);
	}
	w->now = until;
	for (int k = 0; k < w->count; k++)
		world_check_node(w->nodes[k]);
}

void world_run_s(struct world *w, int64_t s)
{
	world_run_ms(w, s * 1000);
}

bool world_until(struct world *w, int64_t s, int node, const char *proto,
		 const char *key, const char *value)
{
	mono end = mono_add_s(w->now, s);

	while (strcmp(world_cache(w, node, proto, key), value) != 0) {
		if (!mono_before(w->now, end))
			return false;
		world_run_ms(w, 10);
	}
	return true;
}

bool world_until_nhs(struct world *w, int64_t s, int node, const char *state)
{
	mono end = mono_add_s(w->now, s);

	while (strcmp(world_nhs(w, node, "state"), state) != 0) {
		if (!mono_before(w->now, end))
			return false;
		world_run_ms(w, 10);
	}
	return true;
}

/* --- nodes ---------------------------------------------------------------------- */

static void keep_line(void *ctx, enum log_level level, const char *text)
{
	struct node *n = ctx;
	int len = snprintf(n->log_text + n->log_len, LOG_TEXT_MAX - n->log_len, "%s\n",
			   text);

	(void)level;
	if (len > 0 && n->log_len + (size_t)len < LOG_TEXT_MAX)
		n->log_len += (size_t)len;
	if (getenv("WORLD_LOG"))
		printf("%9.3f %s: %s\n", (double)n->w->now.us / 1e6, n->name, text);
}

static void tell_link(struct node *n)
{
	struct event ev = { EV_LINK, .link = { .name = "gre1",
					       .ifindex = n->device ? n->ifindex : 0,
					       .up = n->up,
					       .mtu = 1400,
					       .gre_key = 42,
					       .nbma = n->nbma,
					       .addrs = &n->addr,
					       .addr_count = 1 } };

	world_handle(n, &ev);
	world_tell_lan(n);
}

static struct conf *parse(const char *words)
{
	struct conf_diags diags = { 0 };
	char text[2048];
	struct conf *c;

	snprintf(text, sizeof(text),
		 "ipsec-profile lab local auth psk remote auth psk psk sesame-open\n"
		 "interface gre1 %s\ninterface lan0 shortcut-destination\n",
		 words);
	c = conf_parse(text, strlen(text), &diags);
	if (!c)
		fail_msg("configuration of a node: %s",
			 diags.list[diags.count - 1].text);
	conf_diags_free(&diags);
	return c;
}

void world_start(struct world *w, int node)
{
	struct node *n = world_node(w, node);
	struct event ev = { .type = EV_CONF };

	assert_null(n->engine);
	n->conf = parse(n->words);
	n->stopping = false;
	n->engine = engine_new(rng_next(&w->rng), &n->log);
	ev.conf.conf = n->conf;
	world_handle(n, &ev);
	for (uint32_t k = 0; k < SLOTS_MAX; k++) {
		struct event restore = { EV_RESTORE, .restore = { k, n->slots[k].b } };

		if (n->slots[k].used)
			world_handle(n, &restore);
	}
	if (n->ike_early)
		world_ike_tell(n);
	tell_link(n);
	if (!n->ike_early)
		world_ike_tell(n);
}

int world_add(struct world *w, const struct node_spec *spec)
{
	struct node *n = mem_new(sizeof(*n));

	assert_true(w->count < WORLD_MAX_NODES);
	n->w = w;
	n->number = w->count;
	snprintf(n->name, sizeof(n->name), "%s", spec->name);
	snprintf(n->words, sizeof(n->words), "%s", spec->words);
	n->nbma = unit_addr(spec->nbma);
	if (spec->nat)
		n->nat = unit_addr(spec->nat);
	n->masquerade = spec->masquerade;
	n->addr = unit_prefix(spec->addr);
	n->log = (struct log_sink){ n, LOG_LEVEL_DEBUG, keep_line };
	n->device = n->up = n->charon = true;
	snprintf(n->identity, sizeof(n->identity), "CN=%.50s", spec->name);
	n->ifindex = IFINDEX;
	n->tick.fire = tick;
	n->neighs = mem_new(KERNEL_MAX * sizeof(*n->neighs));
	n->slots = mem_new(SLOTS_MAX * sizeof(*n->slots));
	w->nodes[w->count++] = n;
	world_start(w, n->number);
	return n->number;
}

static void end_engine(struct node *n)
{
	n->watched_count = 0;
	timers_disarm(&n->w->timers, &n->tick);
	world_end_scripts(n);
	engine_free(n->engine);
	conf_free(n->conf);
	n->engine = NULL;
	n->conf = NULL;
}

void world_kill(struct world *w, int node)
{
	end_engine(world_node(w, node));
}

void world_lose_state(struct world *w, int node)
{
	struct node *n = world_node(w, node);

	memset(n->slots, 0, SLOTS_MAX * sizeof(*n->slots));
}

void world_stop(struct world *w, int node)
{
	struct node *n = world_node(w, node);

	world_handle(n, &(struct event){ .type = EV_STOP });
	for (int tries = 0; !n->stopping; tries++) {
		assert_true(tries < 300);
		world_run_ms(w, 10);
	}
	end_engine(n);
	n->stopping = false;
}

void world_reload(struct world *w, int node, const char *words)
{
	struct node *n = world_node(w, node);
	struct conf *before = n->conf;
	struct event ev = { .type = EV_CONF };

	snprintf(n->words, sizeof(n->words), "%s", words);
	n->conf = parse(words);
	ev.conf.conf = n->conf;
	world_handle(n, &ev);
	conf_free(before);
}

void world_link(struct world *w, int node, bool up)
{
	struct node *n = world_node(w, node);

	n->up = up;
	if (!up)
		flush_kernel(n);
	tell_link(n);
}

void world_delete_device(struct world *w, int node)
{
	struct node *n = world_node(w, node);

	n->device = false;
	flush_kernel(n);
	tell_link(n);
}

void world_create_device(struct world *w, int node)
{
	struct node *n = world_node(w, node);

	n->device = true;
	n->ifindex++;
	tell_link(n);
}

void world_move(struct world *w, int node, const char *nbma)
{
	struct node *n = world_node(w, node);

	n->nbma = unit_addr(nbma);
	tell_link(n);
}

void world_overrun(struct world *w, int node)
{
	dump_neighs(world_node(w, node));
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

void world_inject(struct world *w, int node, const char *from, const void *pdu,
		  size_t len)
{
	struct node *n = world_node(w, node);
	struct event ev = { EV_PACKET, .packet = { n->ifindex, { 0 }, pdu, len } };

	if (from)
		ev.packet.from = unit_addr(from);
	world_handle(n, &ev);
}

void world_command(struct world *w, int node, enum command c, const char *target)
{
	struct event ev = { EV_COMMAND, .command = { .command = c, .token = 1 } };

	w->answer = (struct act_answer){ 0 };
	if (target)
		ev.command.target = unit_addr(target);
	world_handle(world_node(w, node), &ev);
}

void world_drop(struct world *w, int node, enum command c, const char *prefix)
{
	struct event ev = { EV_COMMAND, .command = { .command = c, .token = 1 } };

	w->answer = (struct act_answer){ 0 };
	if (prefix) {
		ev.command.selector.has_protocol = true;
		ev.command.selector.protocol = unit_prefix(prefix);
	}
	world_handle(world_node(w, node), &ev);
}

void world_traffic(struct world *w, int node, const char *proto)
{
	struct node *n = world_node(w, node);
	struct addr dst = unit_addr(proto);
	struct neigh *k = world_neigh(n, &dst);

	assert_true(n->device && n->up);
	if (!k)
		k = new_neigh(n, &dst);
	if (k->state == KERNEL_VALID) {
		bool old = k->stale ||
			   mono_before(mono_add_s(k->confirmed, REACHABLE_S), w->now);

		carry(n, &k->nbma, &dst);
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

/* --- the world ------------------------------------------------------------------ */

struct world *world_new(uint64_t seed)
{
	struct world *w = mem_new(sizeof(*w));

	w->seed = seed;
	w->rng = rng_init(seed);
	w->timers = timers_init((mono){ -1 });
	w->delay_min = 5;
	w->delay_max = 20;
	return w;
}

void world_free(struct world *w)
{
	for (int k = 0; k < w->count; k++) {
		end_engine(w->nodes[k]);
		flush_kernel(w->nodes[k]);
		free(w->nodes[k]->neighs);
		free(w->nodes[k]->slots);
		free(w->nodes[k]);
	}
	/* What is left in the heap are packets in flight. */
	while (w->timers.count) {
		struct flight *f =
			container_of(w->timers.heap[0], struct flight, timer);

		timers_disarm(&w->timers, &f->timer);
		free(f);
	}
	timers_free(&w->timers);
	free(w);
}

void world_network(struct world *w, unsigned loss_percent, unsigned dup_percent,
		   unsigned delay_min_ms, unsigned delay_max_ms)
{
	w->loss = loss_percent;
	w->dup = dup_percent;
	w->delay_min = delay_min_ms;
	w->delay_max = delay_max_ms;
}

void world_cut(struct world *w, int a, int b, bool cut)
{
	w->cut[a][b] = w->cut[b][a] = cut;
}

void world_answers_reach(struct world *w, int node)
{
	struct addr shared = outside(world_node(w, node));

	for (int k = 0; k < w->count; k++) {
		struct addr out = outside(w->nodes[k]);

		w->nodes[k]->hidden = k != node && addr_eq(&out, &shared);
	}
}

void world_name(struct world *w, const char *name, const char *addrs)
{
	struct name *n = NULL;
	char copy[256], *rest = copy, *one;

	for (size_t k = 0; k < w->name_count; k++) {
		if (strcmp(w->names[k].name, name) == 0)
			n = &w->names[k];
	}
	if (!n) {
		assert_true(w->name_count < NAMES_MAX);
		n = &w->names[w->name_count++];
		snprintf(n->name, sizeof(n->name), "%s", name);
	}
	n->count = 0;
	snprintf(copy, sizeof(copy), "%s", addrs ? addrs : "");
	while ((one = strsep(&rest, " "))) {
		if (*one)
			n->addrs[n->count++] = unit_addr(one);
	}
}
