/* SPDX-License-Identifier: MIT */
#include "route_watch.h"

#include <stdlib.h>

#include <utlist.h>

#include <nhrp/mem.h>
#include <nhrp/trie.h>

struct watched {
	struct prefix dst;
	unsigned wanted;
	bool hit, suspect; /* which lists it is in */
	struct watched *hit_prev, *hit_next;
	struct watched *suspect_prev, *suspect_next;
};

struct route_watch {
	struct trie prefixes; /* struct watched */
	struct watched *hits, *suspects;
};

static const struct prefix everything[] = { { { .family = ADDR_IP4 }, 0 },
					    { { .family = ADDR_IP6 }, 0 } };

struct route_watch *route_watch_new(void)
{
	return mem_new(sizeof(struct route_watch));
}

static void put_hit(struct route_watch *w, struct watched *x)
{
	if (!x->hit)
		DL_APPEND2(w->hits, x, hit_prev, hit_next);
	x->hit = true;
}

static void put_suspect(struct route_watch *w, struct watched *x)
{
	if (!x->suspect)
		DL_APPEND2(w->suspects, x, suspect_prev, suspect_next);
	x->suspect = true;
}

static void unhit(struct route_watch *w, struct watched *x)
{
	if (x->hit)
		DL_DELETE2(w->hits, x, hit_prev, hit_next);
	x->hit = false;
}

static void unsuspect(struct route_watch *w, struct watched *x)
{
	if (x->suspect)
		DL_DELETE2(w->suspects, x, suspect_prev, suspect_next);
	x->suspect = false;
}

static void suspect_one(void *ctx, const struct prefix *at, void *value)
{
	(void)at;
	put_suspect(ctx, value);
}

void route_watch_suspect_all(struct route_watch *w)
{
	for (size_t i = 0; i < ARRAY_SIZE(everything); i++)
		trie_walk(&w->prefixes, &everything[i], suspect_one, w);
}

/* All of them are in a list then, which may be freed while it is walked. */
void route_watch_free(struct route_watch *w)
{
	struct watched *x, *next;

	if (!w)
		return;
	route_watch_suspect_all(w);
	DL_FOREACH_SAFE2(w->suspects, x, next, suspect_next)
	free(x);
	trie_free(&w->prefixes);
	free(w);
}

void route_watch_add(struct route_watch *w, const struct prefix *p)
{
	struct watched *x = trie_get(&w->prefixes, p);

	if (!x) {
		x = mem_new(sizeof(*x));
		x->dst = *p;
		trie_set(&w->prefixes, p, x);
		put_suspect(w, x);
	}
	x->wanted++;
}

void route_watch_del(struct route_watch *w, const struct prefix *p)
{
	struct watched *x = trie_get(&w->prefixes, p);

	if (!x || --x->wanted > 0)
		return;
	trie_del(&w->prefixes, p);
	unhit(w, x);
	unsuspect(w, x);
	free(x);
}

size_t route_watch_count(const struct route_watch *w)
{
	return w->prefixes.count;
}

static void hit_one(void *ctx, const struct prefix *at, void *value)
{
	(void)at;
	put_hit(ctx, value);
}

void route_watch_hit(struct route_watch *w, const struct prefix *dst)
{
	struct prefix above = prefix_masked(dst);
	struct watched *x;

	trie_walk(&w->prefixes, dst, hit_one, w);
	while (above.len > 0) {
		above.len--;
		x = trie_match(&w->prefixes, &above, &above);
		if (!x)
			return;
		put_hit(w, x);
	}
}

bool route_watch_take_hit(struct route_watch *w, struct prefix *out)
{
	struct watched *x = w->hits;

	if (!x)
		return false;
	unhit(w, x);
	*out = x->dst;
	return true;
}

bool route_watch_take_suspect(struct route_watch *w, struct prefix *out)
{
	struct watched *x = w->suspects;

	if (!x)
		return false;
	unsuspect(w, x);
	*out = x->dst;
	return true;
}

struct collected {
	struct route_range *all;
	size_t count;
};

static void collect(void *ctx, const struct prefix *at, void *value)
{
	struct collected *c = ctx;

	(void)value;
	c->all[c->count++] = route_range_of(at);
}

void route_watch_ranges(const struct route_watch *w, enum addr_family family,
			struct route_ranges *out)
{
	const struct prefix all = { { .family = (uint8_t)family }, 0 };
	struct collected c = { mem_new((w->prefixes.count + 1) * sizeof(*c.all)), 0 };

	trie_walk(&w->prefixes, &all, collect, &c);
	route_ranges_make(out, c.all, c.count);
	free(c.all);
}
