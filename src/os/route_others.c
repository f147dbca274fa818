/* SPDX-License-Identifier: MIT */
#include "route_others.h"

#include <stdlib.h>

#include <nhrp/defs.h>
#include <nhrp/mem.h>

/* The routes of a prefix, in the order of their metrics. */
struct entry {
	struct route_other route; /* first, since the best one is handed out */
	struct entry *next;
};

static bool is_same(const struct route_other *a, const struct route_other *b)
{
	return a->table == b->table && a->metric == b->metric &&
	       addr_eq(&a->gateway, &b->gateway);
}

static bool is_displaced(const struct route_other *a, const struct route_other *b)
{
	return a->table == b->table && a->metric == b->metric;
}

void route_others_add(struct route_others *o, const struct prefix *dst,
		      const struct route_other *r)
{
	struct entry *head = trie_get(&o->prefixes, dst), **at = &head, *new;

	for (const struct entry *e = head; e; e = e->next) {
		if (is_same(&e->route, r))
			return;
	}
	while (*at && (*at)->route.metric <= r->metric)
		at = &(*at)->next;
	new = mem_new(sizeof(*new));
	new->route = *r;
	new->next = *at;
	*at = new;
	trie_set(&o->prefixes, dst, head);
}

static void remove_those(struct route_others *o, const struct prefix *dst,
			 const struct route_other *r,
			 bool (*is_meant)(const struct route_other *,
					  const struct route_other *))
{
	struct entry *head = trie_get(&o->prefixes, dst), **at = &head, *gone;

	if (!head)
		return;
	while (*at) {
		gone = *at;
		if (is_meant(&gone->route, r)) {
			*at = gone->next;
			free(gone);
		} else {
			at = &gone->next;
		}
	}
	if (head)
		trie_set(&o->prefixes, dst, head);
	else
		trie_del(&o->prefixes, dst);
}

void route_others_del(struct route_others *o, const struct prefix *dst,
		      const struct route_other *r)
{
	remove_those(o, dst, r, is_same);
}

void route_others_displace(struct route_others *o, const struct prefix *dst,
			   const struct route_other *r)
{
	remove_those(o, dst, r, is_displaced);
}

const struct route_other *route_others_best(const struct route_others *o,
					    const struct prefix *dst)
{
	const struct entry *head = trie_get(&o->prefixes, dst);

	return head ? &head->route : NULL;
}

void route_others_move(struct route_others *o, struct route_others *from)
{
	route_others_clear(o);
	*o = *from;
	*from = (struct route_others){ 0 };
}

struct points {
	struct route_range *out;
	size_t count;
};

static void add_point(void *ctx, const struct prefix *at, void *value)
{
	struct points *p = ctx;
	const struct route_range r = route_range_of(at);

	(void)value;
	p->out[p->count++] = (struct route_range){ r.first, r.first };
}

size_t route_others_points(const struct route_others *o, enum addr_family family,
			   struct route_range *out)
{
	const struct prefix all = { { .family = (uint8_t)family }, 0 };
	struct points p = { out, 0 };

	trie_walk(&o->prefixes, &all, add_point, &p);
	return p.count;
}

static void free_list(void *ctx, const struct prefix *at, void *value)
{
	struct entry *e = value, *next;

	(void)ctx;
	(void)at;
	for (; e; e = next) {
		next = e->next;
		free(e);
	}
}

void route_others_clear(struct route_others *o)
{
	static const struct prefix everything[] = { { { .family = ADDR_IP4 }, 0 },
						    { { .family = ADDR_IP6 }, 0 } };

	for (size_t i = 0; i < ARRAY_SIZE(everything); i++)
		trie_walk(&o->prefixes, &everything[i], free_list, NULL);
	trie_free(&o->prefixes);
}
