/* SPDX-License-Identifier: MIT */
#include "world_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"

struct node *world_node(const struct world *w, int node)
{
	assert_in_range(node, 0, w->count - 1);
	return w->nodes[node];
}

/* --- questions ------------------------------------------------------------------ */

struct query {
	struct show_sink sink;
	const char *proto, *key, *want_key, *want;
	char *out;
	size_t cap, rows;
	bool found;
};

static bool field_is(const struct record *r, const char *key, const char *value)
{
	const struct field *f = record_find(r, key);

	return f && f->kind == FIELD_TEXT && strcmp(f->text, value) == 0;
}

static void print_field(const struct field *f, char *out, size_t cap)
{
	switch (f->kind) {
	case FIELD_TEXT:
		snprintf(out, cap, "%s", f->text);
		break;
	case FIELD_NUMBER:
		snprintf(out, cap, "%lld", (long long)f->number);
		break;
	case FIELD_BOOL:
		snprintf(out, cap, "%s", f->flag ? "true" : "false");
		break;
	case FIELD_MONO:
		snprintf(out, cap, "%lld", (long long)f->at.us);
		break;
	case FIELD_TIME:
		fail_msg("the engine knows no wall clock");
	}
}

static void query_row(struct show_sink *sink, const struct record *r)
{
	struct query *q = container_of(sink, struct query, sink);
	const struct field *f;

	if (q->want_key && !field_is(r, q->want_key, q->want))
		return;
	q->rows++;
	if (q->found || !q->key)
		return;
	f = record_find(r, q->key);
	q->found = true;
	if (f)
		print_field(f, q->out, q->cap);
}

static size_t query(struct node *n, enum show_table table, struct query *q)
{
	static const struct selector all;

	q->sink.row = query_row;
	if (q->out)
		q->out[0] = '\0';
	if (n->engine)
		engine_show(n->engine, table, &all, &q->sink, world_node_now(n));
	return q->rows;
}

const char *world_show(struct world *w, int node, enum show_table table,
		       const char *want_key, const char *want, const char *key)
{
	query(world_node(w, node), table,
	      &(struct query){ .key = key,
			       .want_key = want_key,
			       .want = want,
			       .out = w->text,
			       .cap = sizeof(w->text) });
	return w->text;
}

size_t world_rows(struct world *w, int node, enum show_table table)
{
	return query(world_node(w, node), table, &(struct query){ 0 });
}

const char *world_cache(struct world *w, int node, const char *proto, const char *key)
{
	return world_show(w, node, SHOW_CACHE, "protocol", proto, key);
}

size_t world_cache_size(struct world *w, int node, const char *type)
{
	struct query q = { .want_key = type ? "type" : NULL, .want = type };

	return query(world_node(w, node), SHOW_CACHE, &q);
}

const char *world_nhs(struct world *w, int node, const char *key)
{
	return world_show(w, node, SHOW_NHS, NULL, NULL, key);
}

/* --- explanations ----------------------------------------------------------------- */

/* The outside is a default route by eth0; routing within it may override that. */
static struct explain_route ask_route(struct node *n, const struct addr *dst,
				      bool outside)
{
	struct verdict v = world_route_of(n, dst);
	struct explain_route r = { .known = true };

	r.found = (struct ev_lookup){ .kind = v.kind,
				      .ifindex = world_verdict_ifindex(n, &v),
				      .gateway = v.gateway,
				      .matched = v.matched,
				      .ours = v.ours };
	snprintf(r.device, sizeof(r.device), "%s", v.tunnel ? "gre1" : "lan0");
	if (outside && v.kind == LOOKUP_UNREACHABLE) {
		r.found = (struct ev_lookup){ .kind = LOOKUP_UNICAST, .ifindex = 2 };
		r.found.matched.addr.family = dst->family;
		snprintf(r.device, sizeof(r.device), "eth0");
	}
	return r;
}

static struct kernel_neigh ask_neigh(struct node *n, const struct addr *proto)
{
	static const enum kernel_neigh_state states[] = {
		[KERNEL_NONE] = KERNEL_NEIGH_NONE,
		[KERNEL_INCOMPLETE] = KERNEL_NEIGH_WAITING,
		[KERNEL_VALID] = KERNEL_NEIGH_VALID,
		[KERNEL_FAILED] = KERNEL_NEIGH_REFUSED,
	};
	const struct neigh *k = world_neigh(n, proto);

	if (!k)
		return (struct kernel_neigh){ KERNEL_NEIGH_NONE };
	return (struct kernel_neigh){ states[k->state], k->nbma, true };
}

struct explain_facts world_facts(struct world *w, int node, const char *dst)
{
	struct node *n = world_node(w, node);
	struct explain_facts facts = { 0 };
	struct addr a = unit_addr(dst);
	struct explain_ask ask;

	for (int asked = 0;; asked++) {
		assert_true(asked <= 3);
		ask = engine_explain_ask(n->engine, &a, &facts);
		switch (ask.what) {
		case EXPLAIN_SA: /* nobody counts in this world */
		case EXPLAIN_NOTHING:
			return facts;
		case EXPLAIN_ROUTE:
			facts.route = ask_route(n, &ask.addr, false);
			break;
		case EXPLAIN_NEIGH:
			facts.neigh = ask_neigh(n, &ask.addr);
			facts.neigh_known = true;
			break;
		case EXPLAIN_UNDERLAY:
			facts.underlay = ask_route(n, &ask.addr, true);
			break;
		}
	}
}

const char *world_explain(struct world *w, int node, const char *dst,
			  const struct explain_facts *facts, const char *step,
			  const char *key)
{
	struct node *n = world_node(w, node);
	struct addr a = unit_addr(dst);
	struct query q = { .sink.row = query_row,
			   .want_key = "step",
			   .want = step,
			   .key = key,
			   .out = w->text,
			   .cap = sizeof(w->text) };

	w->text[0] = '\0';
	engine_explain(n->engine, &a, facts, &q.sink, world_node_now(n));
	return w->text;
}

uint64_t world_counter(struct world *w, int node, const char *name)
{
	struct query q = { .key = "value",
			   .want_key = "name",
			   .want = name,
			   .out = w->text,
			   .cap = sizeof(w->text) };

	assert_int_equal(query(world_node(w, node), SHOW_COUNTERS, &q), 1);
	return strtoull(w->text, NULL, 10);
}

const char *world_kernel(struct world *w, int node, const char *proto)
{
	struct addr a = unit_addr(proto);
	struct neigh *k = world_neigh(world_node(w, node), &a);

	if (!k || k->state == KERNEL_INCOMPLETE)
		return "";
	if (k->state == KERNEL_FAILED)
		return "failed";
	snprintf(w->text, sizeof(w->text), "%s", ADDR_STR(&k->nbma));
	return w->text;
}

bool world_kernel_route(struct world *w, int node, const char *prefix)
{
	struct prefix p = unit_prefix(prefix);

	return world_route(world_node(w, node), &p) != NULL;
}

size_t world_kernel_size(struct world *w, int node)
{
	return HASH_COUNT(world_node(w, node)->neighs);
}

unsigned world_neigh_writes(const struct world *w, int node)
{
	return world_node(w, node)->neigh_writes;
}

unsigned world_arrived(const struct world *w, int node)
{
	return world_node(w, node)->arrived;
}

unsigned world_refused(const struct world *w, int node)
{
	return world_node(w, node)->refused;
}

unsigned world_logged(const struct world *w, int node, const char *text)
{
	const char *p = world_node(w, node)->log_text;
	unsigned count = 0;

	for (; p && (p = strstr(p, text)); p++)
		count++;
	return count;
}

const struct act_answer *world_answer(const struct world *w)
{
	return &w->answer;
}

mono world_now(const struct world *w)
{
	return w->now;
}
