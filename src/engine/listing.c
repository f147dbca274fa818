/* SPDX-License-Identifier: MIT */
/*
 * The cache, row by row, while it goes on changing. A listing stands on the entry
 * that comes next; whoever takes that one away moves it on.
 */
#include <stdlib.h>

#include <utlist.h>

#include <nhrp/mem.h>

#include "engine_int.h"

struct listing {
	struct engine *engine;
	struct listing *prev, *next; /* of the engine */
	struct selector sel;
	const struct iface *iface; /* NULL: at the end */
	size_t own;		   /* its own addresses that were shown */
	const struct binding *at;  /* the next one, once those are */
};

static void enter(struct listing *l, const struct iface *i)
{
	while (i && !selector_has_iface(&l->sel, i))
		i = i->next;
	l->iface = i;
	l->own = 0;
	l->at = i ? i->bindings : NULL;
}

struct listing *engine_list_cache(struct engine *e, const struct selector *sel)
{
	struct listing *l = mem_new(sizeof(*l));

	l->engine = e;
	l->sel = *sel;
	enter(l, e->ifaces);
	DL_APPEND(e->listings, l);
	return l;
}

static void show_next(struct listing *l, struct show_sink *sink, mono now)
{
	const struct iface *i = l->iface;

	if (l->own < i->addr_count) {
		show_local(i, &i->addrs[l->own++], &l->sel, sink);
	} else if (l->at) {
		show_binding(l->at, &l->sel, sink, now);
		l->at = l->at->hh.next;
	} else {
		enter(l, i->next);
	}
}

bool listing_show(struct listing *l, struct show_sink *sink, unsigned most, mono now)
{
	while (l->iface && most-- > 0)
		show_next(l, sink, now);
	return l->iface != NULL;
}

void listing_free(struct listing *l)
{
	DL_DELETE(l->engine->listings, l);
	free(l);
}

void listing_pass(struct engine *e, const struct binding *b)
{
	for (struct listing *l = e->listings; l; l = l->next) {
		if (l->at == b)
			l->at = b->hh.next;
	}
}

void listing_pass_iface(struct engine *e, const struct iface *i)
{
	for (struct listing *l = e->listings; l; l = l->next) {
		if (l->iface == i)
			enter(l, i->next);
	}
}
