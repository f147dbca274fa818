/* SPDX-License-Identifier: MIT */
/*
 * Events that wait for their run. A peer has a line of its own, and so has an
 * interface; of a line one event runs at a time, in order. The lines of an
 * interface's peers stand still while the interface's own is not empty. Lines of
 * interfaces, and those with a question in them, are served before the rest.
 */
#ifndef NHRP_OS_HOOK_QUEUE_H
#define NHRP_OS_HOOK_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include <nhrp/action.h>
#include <nhrp/defs.h>
#include <nhrp/mono.h>

struct hook_queue;
struct hook_line;

struct hook_item {
	struct act_hook what;
	mono since; /* it waits */
};

/* How many may wait, of those that are told and of those that are asked. */
struct hook_queue *hook_queue_new(size_t told_max, size_t asked_max);
void hook_queue_free(struct hook_queue *q);

/* False when there is no room. */
bool hook_queue_put(struct hook_queue *q, const struct act_hook *a,
		    mono now) MUST_CHECK;

/*
 * The next event that may run, and its line, which is busy until it is given
 * back with hook_queue_done(). NULL when there is none.
 */
struct hook_line *hook_queue_take(struct hook_queue *q,
				  struct hook_item *out) MUST_CHECK;
void hook_queue_done(struct hook_queue *q, struct hook_line *line);

/* Drops what waits; what is busy stays so. Returns how many. */
size_t hook_queue_clear(struct hook_queue *q);

/* How many wait. */
size_t hook_queue_waiting(const struct hook_queue *q);

#endif
