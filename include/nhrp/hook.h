/* SPDX-License-Identifier: MIT */
/*
 * The site's script: ACT_HOOK in, EV_HOOK out.
 *
 * An event is one run of the program that `script` names, with the event as its
 * argument and a fixed environment. Nothing waits for it: runs are bounded in
 * number and in time, and what waits for its turn is bounded too. Events of one
 * peer run one after the other, in order; those of an interface run before those
 * of its peers; questions run before what is only told.
 *
 * A run is a process group of its own. It is ended when it takes too long, and
 * what it leaves behind in its group ends with it. What it prints goes to the log.
 * A question that finds no room, or its turn too late, is not answered: silence is
 * a refusal.
 */
#ifndef NHRP_HOOK_H
#define NHRP_HOOK_H

#include <stdbool.h>
#include <stddef.h>

#include <nhrp/action.h>
#include <nhrp/defs.h>
#include <nhrp/event_sink.h>
#include <nhrp/log.h>
#include <nhrp/record.h>

struct hook;
struct loop;

struct hook_limits {
	unsigned running;
	unsigned waiting;   /* told, not asked */
	unsigned questions; /* waiting too */
	double time_s;	    /* of one run; then its group gets TERM, */
	double grace_s;	    /* and after so long KILL */
	double patience_s;  /* that a question waits for its turn */
};

/* Room for all that a hub of the default size can lose at once. */
#define HOOK_LIMITS_DEFAULT                   \
	{                                     \
		16, 32768, 1024, 10., 2., 20. \
	}

struct hook *hook_new(struct loop *loop, const struct event_sink *sink,
		      const struct log_sink *log, const struct hook_limits *limits);
/* What runs is killed, what waits is left out. */
void hook_free(struct hook *h);

/* From now on this program; "": none, and what waits is left out unanswered. */
void hook_conf(struct hook *h, const char *path);

void hook_run(struct hook *h, const struct act_hook *a);

/* Nothing runs or waits? If not, calls back once, when that is so. */
bool hook_idle(struct hook *h, void (*idle)(void *ctx), void *ctx);

/* How many events run or wait. */
size_t hook_pending(const struct hook *h);

/* Why the program cannot be run, for people; NULL: it can, or there is none. */
const char *hook_problem(const struct hook *h);

/* Rows `name value`. */
void hook_show(const struct hook *h, struct show_sink *sink);

#endif
