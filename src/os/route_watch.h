/* SPDX-License-Identifier: MIT */
/*
 * The prefixes about whose routing news is wanted, and which of them some news
 * is about. It only keeps the books: nl_route.c hears and tells.
 *
 * Watching is counted, since several may want the same prefix. Two things come
 * to a prefix: it is hit by a change that is known, and it is suspected when
 * something may have changed unseen - or before it was watched, so that who asks
 * first and watches then misses nothing. Both are taken out one by one, and what
 * is done about one may add and remove others.
 */
#ifndef NHRP_OS_ROUTE_WATCH_H
#define NHRP_OS_ROUTE_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include <nhrp/addr.h>
#include <nhrp/defs.h>

#include "route_range.h"

struct route_watch;

struct route_watch *route_watch_new(void);
void route_watch_free(struct route_watch *w);

void route_watch_add(struct route_watch *w, const struct prefix *p);
void route_watch_del(struct route_watch *w, const struct prefix *p);
size_t route_watch_count(const struct route_watch *w);

/* A route to `dst` changed: hits what covers it and what lies inside it. */
void route_watch_hit(struct route_watch *w, const struct prefix *dst);
bool route_watch_take_hit(struct route_watch *w, struct prefix *out) MUST_CHECK;

void route_watch_suspect_all(struct route_watch *w);
bool route_watch_take_suspect(struct route_watch *w, struct prefix *out) MUST_CHECK;

/* All that is watched of a family. */
void route_watch_ranges(const struct route_watch *w, enum addr_family family,
			struct route_ranges *out);

#endif
