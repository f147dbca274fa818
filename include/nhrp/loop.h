/* SPDX-License-Identifier: MIT */
/*
 * The event loop: descriptors and timers by libev, signals, and the one
 * deadline of the engine. The only reader of the clock.
 *
 * Time is CLOCK_BOOTTIME, which goes on while the machine sleeps: a holding
 * time ends when it ends. Adapters watch their descriptors on loop_ev(); what
 * they queued during a turn is sent in `before_sleep`, once a turn, so that
 * everything that arrived together leaves together.
 */
#ifndef NHRP_LOOP_H
#define NHRP_LOOP_H

#include <stdint.h>

#include <nhrp/defs.h>
#include <nhrp/mono.h>

struct ev_loop;
struct loop;

struct loop_handlers {
	void *ctx;
	void (*deadline)(void *ctx);	 /* the deadline has passed */
	void (*stop)(void *ctx);	 /* TERM, INT: withdraw and end */
	void (*leave)(void *ctx);	 /* USR1: end at once, leave all as it is */
	void (*reload)(void *ctx);	 /* HUP */
	void (*before_sleep)(void *ctx); /* the turn is over: send what is queued */
};

/* NULL when the system refuses a descriptor; errno says why. */
struct loop *loop_new(const struct loop_handlers *handlers);
void loop_free(struct loop *l);

struct ev_loop *loop_ev(const struct loop *l);

/* Runs until loop_end() is called; returns its status. */
int loop_run(struct loop *l);
void loop_end(struct loop *l, int status);

/*
 * Now, and the wall clock for show and for files: microseconds since 1970. Both
 * are read when a turn begins: what arrived together has one time. That somebody
 * has set the wall clock shows within a tenth of a second.
 */
mono loop_now(const struct loop *l);
int64_t loop_wall_us(const struct loop *l);

/* When to call `deadline` next; MONO_NEVER: not at all. */
void loop_set_deadline(struct loop *l, mono at);

#endif
