/* SPDX-License-Identifier: MIT */
#include <nhrp/guard.h>

#include <stdlib.h>
#include <string.h>

#include <ev.h>

#include <nhrp/mem.h>

#include "counter_row.h"
#include "guard_policy.h"
#include "guard_text.h"
#include "nft_counters.h"
#include "nft_table.h"

/* Short: as long as it lasts, the table may be missing, seconds. */
#define REPAIR_PAUSE .1

/* Recent is what came since the last time but one that this was over, seconds. */
#define RECENT 60.

struct past {
	bool begun;
	uint64_t in[2], out[2]; /* the older first */
};

/* The same of the policies, which count for the whole machine. */
struct past_blocked {
	int64_t begun[2]; /* wall clock, seconds */
	struct guard_blocked count[2];
};

struct guard {
	struct ev_loop *loop;
	struct nft_table *table;
	struct guard_policy *policy;
	struct past_blocked blocked;
	ev_timer recent;
	bool configured;
	struct guard_match *list; /* what is guarded */
	size_t count;
	char *shape; /* its text, counters apart; NULL: nothing is */
	/* As the kernel told last, one of each tunnel in the list. */
	struct guard_drops *drops;
	struct past *pasts;
	size_t drop_count;
};

/* --- counters --- */

static const char *after(const char *name, const char *begin)
{
	size_t len = strlen(begin);

	return strncmp(name, begin, len) == 0 ? name + len : NULL;
}

static struct guard_drops *find(struct guard *g, const char *ifname)
{
	for (size_t n = 0; n < g->drop_count; n++)
		if (strcmp(g->drops[n].ifname, ifname) == 0)
			return &g->drops[n];
	return NULL;
}

static void take_counter(void *ctx, const char *name, uint64_t packets, uint64_t octets)
{
	const char *in = after(name, GUARD_IN), *out = after(name, GUARD_OUT);
	struct guard_drops *d = in || out ? find(ctx, in ? in : out) : NULL;

	if (!d)
		return;
	*(in ? &d->in : &d->out) = packets;
	*(in ? &d->in_octets : &d->out_octets) = octets;
}

/* When somebody removed the table, what it had counted last is still known. */
static void read_counters(struct guard *g)
{
	if (g->drop_count)
		(void)!nft_counters_read(GUARD_TABLE, take_counter, g);
	for (size_t n = 0; n < g->drop_count; n++) {
		struct guard_drops *d = &g->drops[n];
		struct past *past = &g->pasts[n];

		/* What a predecessor's table had counted is not recent. */
		if (!past->begun)
			*past = (struct past){ true,
					       { d->in, d->in },
					       { d->out, d->out } };
		d->recent_in = d->in - past->in[0];
		d->recent_out = d->out - past->out[0];
	}
}

static void begin_blocked(struct guard *g, unsigned at)
{
	g->blocked.begun[at] = (int64_t)ev_now(g->loop);
	g->blocked.count[at] = guard_policy_blocked();
}

/* Where a tunnel's policy was used there was one packet, counted or not. */
static uint64_t recent_blocked(uint64_t now, uint64_t then, int64_t used, int64_t begun)
{
	if (used == 0 || used < begun)
		return 0;
	return now > then ? now - then : 1;
}

/*
 * The kernel counts what policies block, but not by policy; of each it knows the last
 * use. When several tunnels had theirs used, all of it is told of each.
 */
static void add_blocked(struct guard *g, struct guard_drops *d)
{
	const struct guard_policy_use use = guard_policy_use(g->policy, d->ifname);
	const struct guard_blocked now = guard_policy_blocked();
	const struct past_blocked *past = &g->blocked;

	d->recent_in +=
		recent_blocked(now.in, past->count[0].in, use.in, past->begun[0]);
	d->recent_out +=
		recent_blocked(now.out, past->count[0].out, use.out, past->begun[0]);
}

static void recent_over(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct guard *g = w->data;

	(void)loop;
	(void)revents;
	g->blocked.begun[0] = g->blocked.begun[1];
	g->blocked.count[0] = g->blocked.count[1];
	begin_blocked(g, 1);
	read_counters(g);
	for (size_t n = 0; n < g->drop_count; n++) {
		struct past *past = &g->pasts[n];

		past->in[0] = past->in[1];
		past->in[1] = g->drops[n].in;
		past->out[0] = past->out[1];
		past->out[1] = g->drops[n].out;
	}
}

/* --- the table --- */

static char *make_text(void *ctx)
{
	struct guard *g = ctx;

	read_counters(g);
	return guard_text(g->list, g->count, g->drops, g->drop_count);
}

static const struct nft_table_ops ops = {
	.name = GUARD_TABLE,
	.pause = REPAIR_PAUSE,
	.text = make_text,
};

/* Tunnels that stay keep what they have counted. */
static void set_list(struct guard *g, const struct guard_match *list, size_t count)
{
	struct guard_drops *drops = mem_new((count + 1) * sizeof(*drops));
	struct past *pasts = mem_new((count + 1) * sizeof(*pasts));
	size_t n = 0;

	for (size_t k = 0; k < count; k++) {
		const struct guard_drops *was = find(g, list[k].ifname);

		if (k && strcmp(list[k].ifname, list[k - 1].ifname) == 0)
			continue;
		memcpy(drops[n].ifname, list[k].ifname, CONF_IFNAME_MAX);
		if (was) {
			drops[n] = *was;
			pasts[n] = g->pasts[was - g->drops];
		}
		n++;
	}
	free(g->drops);
	free(g->pasts);
	g->drops = drops;
	g->pasts = pasts;
	g->drop_count = n;
	free(g->list);
	g->list = mem_dup(list, count * sizeof(*list));
	g->count = count;
}

static void follow(struct guard *g)
{
	if (g->count) {
		nft_table_write(g->table);
		if (!ev_is_active(&g->recent)) {
			begin_blocked(g, 0);
			begin_blocked(g, 1);
		}
		ev_timer_again(g->loop, &g->recent);
	} else {
		nft_table_remove(g->table);
		ev_timer_stop(g->loop, &g->recent);
	}
}

/* What a predecessor wrote is replaced, or removed, as if it were our own. */
bool guard_set(struct guard *g, const struct guard_match *list, size_t count,
	       const struct addr *own, size_t own_count)
{
	char *shape = count ? guard_text(list, count, NULL, 0) : NULL;
	bool same = g->configured && !shape == !g->shape &&
		    (!shape || strcmp(shape, g->shape) == 0);

	free(g->shape);
	g->shape = shape;
	g->configured = true;
	guard_policy_set(g->policy, list, count, own, own_count);
	if (!same) {
		set_list(g, list, count);
		follow(g);
	}
	return guard_problem(g) == NULL;
}

/* --- making and using it --- */

struct guard *guard_new(struct ev_loop *loop, const struct log_sink *log)
{
	struct guard *g = mem_new(sizeof(*g));

	g->loop = loop;
	g->table = nft_table_new(loop, log, &ops, g);
	g->policy = guard_policy_new(loop, log);
	ev_timer_init(&g->recent, recent_over, 0., RECENT);
	g->recent.data = g;
	return g;
}

void guard_free(struct guard *g)
{
	if (!g)
		return;
	ev_timer_stop(g->loop, &g->recent);
	nft_table_free(g->table);
	guard_policy_free(g->policy);
	free(g->shape);
	free(g->list);
	free(g->drops);
	free(g->pasts);
	free(g);
}

const char *guard_problem(const struct guard *g)
{
	return nft_table_problem(g->table);
}

const char *guard_weakness(const struct guard *g)
{
	return guard_policy_problem(g->policy);
}

size_t guard_drops(struct guard *g, struct guard_drops *out, size_t cap)
{
	read_counters(g);
	guard_policy_ask(g->policy);
	for (size_t n = 0; n < g->drop_count && n < cap; n++) {
		out[n] = g->drops[n];
		add_blocked(g, &out[n]);
	}
	return g->drop_count;
}

void guard_show(struct guard *g, struct show_sink *sink)
{
	const struct nft_table_counts c = nft_table_counts(g->table);
	uint64_t in = 0, out = 0;

	read_counters(g);
	for (size_t n = 0; n < g->drop_count; n++) {
		in += g->drops[n].in;
		out += g->drops[n].out;
	}
	counter_row(sink, "guard_dropped_in", in);
	counter_row(sink, "guard_dropped_out", out);
	counter_row(sink, "guard_written", c.written);
	counter_row(sink, "guard_repaired", c.repaired);
	counter_row(sink, "guard_failed", c.failed);
	guard_policy_show(g->policy, sink);
}
