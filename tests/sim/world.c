/* SPDX-License-Identifier: MIT */
#include "world_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"

/* --- time passes, and events -------------------------------------------------------- */

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

	/* Time that has passed is not to be waited for: that would be for ever. */
	if (mono_before(next, world_node_now(n)))
		fail_msg("seed %llu: %s wants to be woken in the past",
			 (unsigned long long)n->w->seed, n->name);

	if (mono_is_never(next) || n->stopping)
		timers_disarm(&n->w->timers, &n->tick);
	else
		timers_arm(&n->w->timers, &n->tick, mono_add_us(next, -n->ahead_us));
}

void world_begin(struct node *n)
{
	n->depth++;
}

void world_end(struct node *n)
{
	if (--n->depth == 0 && !n->w->trusting)
		invariant_check(n);
}

void world_handle(struct node *n, const struct event *ev)
{
	struct later later;
	const struct action *a;

	if (!n->engine || n->stopping || n->frozen)
		return;
	world_begin(n);
	later.neighs = later.routes = false;
	later.lookup_count = later.name_count = 0;
	later.refusal_count = later.sa_count = 0;
	if (!n->w->trusting)
		invariant_before(n);
	engine_handle(n->engine, ev, world_node_now(n));
	while ((a = engine_next_action(n->engine)))
		world_act(n, a, &later);
	rearm(n);
	world_act_later(n, &later);
	world_end(n);
}

/* --- time ----------------------------------------------------------------------- */

mono world_node_now(const struct node *n)
{
	return mono_add_us(n->w->now, n->ahead_us);
}

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
	int len;

	(void)level;
	if (getenv("WORLD_LOG"))
		printf("%9.3f %s: %s\n", (double)n->w->now.us / 1e6, n->name, text);
	if (!n->log_text)
		n->log_text = mem_new(LOG_TEXT_MAX);
	len = snprintf(n->log_text + n->log_len, LOG_TEXT_MAX - n->log_len, "%s\n",
		       text);
	if (len > 0 && n->log_len + (size_t)len < LOG_TEXT_MAX)
		n->log_len += (size_t)len;
}

void world_tell_link(struct node *n)
{
	const struct prefix addrs[] = { n->addr, n->beside };
	struct event ev = {
		EV_LINK, .link = { .name = "gre1",
				   .ifindex = n->device ? n->ifindex : 0,
				   .up = n->up,
				   .mtu = n->mtu,
				   .gre_key = 42,
				   .nbma = n->nbma,
				   .addrs = addrs,
				   .addr_count = 1 + addr_is_set(&n->beside.addr) }
	};

	if (n->deaf)
		return;
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
		 "ipsec-profile certs remote auth pubkey cacerts ca.pem\n"
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
	n->frozen = false;
	timers_disarm(&w->timers, &n->thaws);
	world_begin(n); /* half of what it knows is not all it knows */
	n->life++;
	n->engine = engine_new(rng_next(&w->rng), &n->log);
	n->held_count = 0;
	if (w->hushed)
		n->engine->peer_log = limit_init(0, 0);
	ev.conf.conf = n->conf;
	world_handle(n, &ev);
	for (size_t k = 0; k < n->slot_count; k++) {
		struct event restore = { EV_RESTORE,
					 .restore = { (uint32_t)k, n->slots[k].b } };

		if (n->slots[k].used)
			world_handle(n, &restore);
	}
	if (n->ike_early)
		world_ike_tell(n);
	world_tell_link(n);
	if (!n->ike_early)
		world_ike_tell(n);
	world_end(n);
}

int world_add(struct world *w, const struct node_spec *spec)
{
	struct node *n = mem_new(sizeof(*n));

	if (w->count == w->room) {
		w->room = w->room ? w->room * 2 : 8;
		w->nodes = mem_resize(w->nodes, (size_t)w->room, sizeof(*w->nodes));
	}
	n->w = w;
	n->number = w->count;
	snprintf(n->name, sizeof(n->name), "%s", spec->name);
	snprintf(n->words, sizeof(n->words), "%s", spec->words);
	n->nbma = unit_addr(spec->nbma);
	if (spec->nat)
		n->nat = unit_addr(spec->nat);
	n->masquerade = spec->masquerade;
	n->addr = unit_prefix(spec->addr);
	if (spec->beside)
		n->beside = unit_prefix(spec->beside);
	n->log = (struct log_sink){ n, w->quiet ? LOG_LEVEL_ERROR : LOG_LEVEL_DEBUG,
				    keep_line };
	n->device = n->up = n->charon = true;
	snprintf(n->identity, sizeof(n->identity), "CN=%.50s", spec->name);
	n->ifindex = IFINDEX;
	n->mtu = 1400;
	n->tick.fire = tick;
	w->nodes[w->count++] = n;
	world_forget_places(w);
	world_start(w, n->number);
	return n->number;
}

/* What the engine counted, and which cells of its tables it took. */
static void harvest(struct node *n)
{
	const struct cells *c = &n->engine->cells;
	struct cells *sum = &n->w->cells;

	for (size_t k = 0; k < sizeof(*c) / sizeof(uint32_t); k++)
		((uint32_t *)sum)[k] += ((const uint32_t *)c)[k];
	for (const struct iface *i = n->engine->ifaces; i; i = i->next) {
		for (size_t k = 0; k < COUNTERS; k++)
			n->w->counters[k] += i->counters[k];
	}
}

static void end_engine(struct node *n)
{
	n->watched_count = 0;
	timers_disarm(&n->w->timers, &n->tick);
	world_end_scripts(n);
	world_forget_copies(n);
	if (n->engine)
		harvest(n);
	engine_free(n->engine);
	conf_free(n->conf);
	n->engine = NULL;
	n->conf = NULL;
	invariant_forget(n);
}

void world_kill(struct world *w, int node)
{
	end_engine(world_node(w, node));
}

void world_lose_state(struct world *w, int node)
{
	struct node *n = world_node(w, node);

	for (size_t k = 0; k < n->slot_count; k++)
		n->slots[k].used = false;
}

void world_stop(struct world *w, int node)
{
	struct node *n = world_node(w, node);

	if (n->frozen)
		world_thaw(w, node);
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

	if (n->frozen)
		world_thaw(w, node);
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
		world_flush_kernel(n);
	world_tell_link(n);
}

void world_delete_device(struct world *w, int node)
{
	struct node *n = world_node(w, node);

	n->device = false;
	world_flush_kernel(n);
	world_tell_link(n);
}

void world_create_device(struct world *w, int node)
{
	struct node *n = world_node(w, node);

	n->device = true;
	n->ifindex++;
	world_tell_link(n);
}

void world_move(struct world *w, int node, const char *nbma)
{
	struct node *n = world_node(w, node);

	n->nbma = unit_addr(nbma);
	world_forget_places(w);
	world_tell_link(n);
}

void world_mtu(struct world *w, int node, uint32_t mtu)
{
	struct node *n = world_node(w, node);

	n->mtu = mtu;
	world_tell_link(n);
}

void world_jump(struct world *w, int node, int64_t s)
{
	struct node *n = world_node(w, node);

	n->ahead_us += s * 1000000;
	world_handle(n, &(struct event){ .type = EV_TICK });
}

void world_inject(struct world *w, int node, const char *from, const void *pdu,
		  size_t len)
{
	struct node *n = world_node(w, node);
	struct event ev = { EV_PACKET, .packet = { n->ifindex, { 0 }, pdu, len } };

	if (from)
		ev.packet.from = unit_addr(from);
	invariant_received(n, pdu, len);
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

/* --- the world ------------------------------------------------------------------ */

struct world *world_new(uint64_t seed)
{
	struct world *w = mem_new(sizeof(*w));

	w->seed = seed;
	w->rng = rng_init(seed);
	w->timers = timers_init((mono){ -1 });
	w->faults = (struct faults){ .delay_min_ms = 5, .delay_max_ms = 20 };
	w->name_ttl_s = 300;
	return w;
}

void world_hush(struct world *w)
{
	w->hushed = true;
}

void world_hurry(struct world *w)
{
	w->quiet = true;
	w->trusting = true;
}

static void free_node(struct node *n)
{
	struct timers *ts = &n->w->timers;

	end_engine(n);
	world_free_kernel(n);
	timers_disarm(ts, &n->hears);
	timers_disarm(ts, &n->thaws);
	timers_disarm(ts, &n->moves);
	timers_disarm(ts, &n->obeys);
	free(n->slots);
	free(n->log_text);
	free(n->runs);
	free(n->script_text);
	free(n->held);
	free(n);
}

void world_drop_timers(struct world *w,
		       void (*fire)(struct timer *t, void *ctx, mono now),
		       void (*release)(struct timer *t))
{
	for (size_t k = 0; k < w->timers.count;) {
		struct timer *t = w->timers.heap[k].timer;

		if (t->fire != fire) {
			k++;
			continue;
		}
		timers_disarm(&w->timers, t);
		release(t);
		k = 0;
	}
}

void world_free(struct world *w)
{
	for (int k = 0; k < w->count; k++)
		free_node(w->nodes[k]);
	free(w->nodes);
	world_free_network(w);
	world_free_dumps(w);
	world_free_names(w);
	world_free_ike(w);
	/* Whatever is armed now is of something that was freed. */
	assert_int_equal(w->timers.count, 0);
	timers_free(&w->timers);
	free(w);
}

void world_network(struct world *w, unsigned loss_percent, unsigned dup_percent,
		   unsigned delay_min_ms, unsigned delay_max_ms)
{
	world_faults(w, &(struct faults){ .loss = loss_percent,
					  .dup = dup_percent,
					  .delay_min_ms = delay_min_ms,
					  .delay_max_ms = delay_max_ms });
}

void world_answers_reach(struct world *w, int node)
{
	struct addr shared = world_outside(world_node(w, node));

	world_forget_places(w);
	for (int k = 0; k < w->count; k++) {
		struct addr out = world_outside(w->nodes[k]);

		w->nodes[k]->hidden = k != node && addr_eq(&out, &shared);
	}
}
