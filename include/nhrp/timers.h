/* SPDX-License-Identifier: MIT */
/*
 * A heap of deadlines.
 *
 * A timer is embedded in its owner, has one meaning and one callback, and is
 * disarmed before its owner is freed. Time is a parameter; nothing here reads a
 * clock.
 *
 * To put a timer off costs nothing: it keeps its place in the heap until that comes
 * up, and only then moves to where it belongs. Most timers are put off again and
 * again and seldom fire.
 */
#ifndef NHRP_TIMERS_H
#define NHRP_TIMERS_H

#include <stdbool.h>
#include <stddef.h>

#include <nhrp/mono.h>

struct timer {
	mono at;
	size_t slot; /* 1 + index in the heap; 0: not armed */
	void (*fire)(struct timer *t, void *ctx, mono now);
};

struct timers {
	struct timer_place {
		mono at; /* the timer's deadline, or one it had before */
		struct timer *timer;
	} * heap;
	size_t count, room;
	mono ran; /* `now` of the last run: nothing is armed at or before it */
};

void timers_free(struct timers *ts);

/* An empty heap whose time begins at `now`. */
static inline struct timers timers_init(mono now)
{
	return (struct timers){ .ran = now };
}

/*
 * Arms, or moves, a timer; `fire` must be set. A deadline that has passed is
 * taken as just after the last run, so no timer fires twice in one.
 */
void timers_arm(struct timers *ts, struct timer *t, mono at);
void timers_disarm(struct timers *ts, struct timer *t);

static inline bool timer_armed(const struct timer *t)
{
	return t->slot != 0;
}

/* When to run them again: the first deadline or earlier; MONO_NEVER: none is armed. */
mono timers_next(const struct timers *ts);

/*
 * Fires every timer due at `now`, earliest first. A callback may arm, disarm
 * and free timers.
 */
void timers_run(struct timers *ts, void *ctx, mono now);

#endif
