/* SPDX-License-Identifier: MIT */
#include "world_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"

static const struct name *find_name(const struct world *w, const char *name)
{
	for (size_t k = 0; k < w->name_count; k++) {
		if (strcmp(w->names[k].name, name) == 0)
			return &w->names[k];
	}
	return NULL;
}

/* Of its addresses those of the family that is wanted. */
static void answer_name(struct node *n, const char *name, enum addr_family family)
{
	const struct name *known = find_name(n->w, name);
	struct addr addrs[NAME_ADDRS_MAX];
	struct event ev = { EV_NAME, .name = { .name = name,
					       .addrs = addrs,
					       .ttl_s = n->w->name_ttl_s } };

	for (size_t k = 0; known && k < known->count; k++) {
		if (known->addrs[k].family == family)
			addrs[ev.name.addr_count++] = known->addrs[k];
	}
	if (!ev.name.addr_count)
		ev.name.problem = "no such name";
	world_handle(n, &ev);
}

/* A question to a slow server. */
struct question {
	struct timer timer;
	struct node *node;
	unsigned life;
	char name[64];
	enum addr_family family;
};

static void name_found(struct timer *t, void *ctx, mono now)
{
	struct question *q = container_of(t, struct question, timer);

	(void)ctx;
	(void)now;
	if (q->node->life == q->life)
		answer_name(q->node, q->name, q->family);
	free(q);
}

static void free_question(struct timer *t)
{
	free(container_of(t, struct question, timer));
}

void world_ask_name(struct node *n, const char *name, enum addr_family family)
{
	struct world *w = n->w;
	struct question *q;

	if (!w->name_ms) {
		answer_name(n, name, family);
		return;
	}
	q = mem_new(sizeof(*q));
	q->node = n;
	q->life = n->life;
	q->family = family;
	snprintf(q->name, sizeof(q->name), "%s", name);
	q->timer.fire = name_found;
	timers_arm(&w->timers, &q->timer,
		   mono_add_ms(w->now, rng_below(&w->rng, w->name_ms)));
}

void world_slow_names(struct world *w, unsigned ms)
{
	w->name_ms = ms;
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

void world_free_names(struct world *w)
{
	world_drop_timers(w, name_found, free_question);
}
