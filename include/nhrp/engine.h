/* SPDX-License-Identifier: MIT */
/*
 * The protocol, as a library: facts with a time go in, actions come out.
 *
 * An engine is one NHRP node. It reads no clock, opens nothing and knows no
 * global state, so a process may hold one (nhrpd) or thousands (the simulator).
 * It is not reentrant: handle an event, take all actions, repeat. Time never
 * runs backwards from one call to the next.
 */
#ifndef NHRP_ENGINE_H
#define NHRP_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include <nhrp/action.h>
#include <nhrp/defs.h>
#include <nhrp/event.h>
#include <nhrp/log.h>
#include <nhrp/mono.h>
#include <nhrp/record.h>
#include <nhrp/selector.h>

struct engine;

/* `log` must outlive the engine; NULL is silent. The seed decides all jitter. */
struct engine *engine_new(uint64_t seed, const struct log_sink *log);
void engine_free(struct engine *e);

/* Takes in one fact, and does what fell due by `now`. */
void engine_handle(struct engine *e, const struct event *ev, mono now);

/* The next thing to do, oldest first, valid as action.h says; NULL: there is none. */
const struct action *engine_next_action(struct engine *e) MUST_CHECK;

/* When to call engine_handle() with EV_TICK at the latest; MONO_NEVER: no need. */
mono engine_deadline(const struct engine *e);

enum show_table {
	SHOW_CACHE,
	SHOW_PEERS,
	SHOW_NHS,
	SHOW_SHORTCUTS,
	SHOW_ROUTES,
	SHOW_INTERFACES,
	SHOW_COUNTERS,
};

/*
 * Walks a table, read only, rows in a stable order. The selector applies to
 * the cache, to shortcuts and to peers, its interface to all.
 */
void engine_show(const struct engine *e, enum show_table table,
		 const struct selector *sel, struct show_sink *sink, mono now);

/*
 * The cache in pieces, with events handled between them: an entry that ends before
 * its turn is left out, one that comes may be there. Freed before the engine is.
 */
struct listing *engine_list_cache(struct engine *e, const struct selector *sel);
void listing_free(struct listing *l);

/* Looks at so many entries more, and shows those that are selected; false: at the end. */
bool listing_show(struct listing *l, struct show_sink *sink, unsigned most, mono now);

#endif
