/* SPDX-License-Identifier: MIT */
/*
 * The second layer of guard.h: policies of IPsec that block the GRE packets of guarded
 * tunnels, for those that no SA takes first. Written here, without charon; known again
 * by their priority, and replaced in place by the next daemon.
 *
 * What is missing is written again at once, and after that not more often than every
 * tenth of a second. A kernel without IPsec has none of it, and nothing else stops.
 */
#ifndef NHRP_OS_GUARD_POLICY_H
#define NHRP_OS_GUARD_POLICY_H

#include <stddef.h>
#include <stdint.h>

#include <nhrp/guard.h>

struct guard_policy;

struct guard_policy *guard_policy_new(struct ev_loop *loop, const struct log_sink *log);
void guard_policy_free(struct guard_policy *p); /* the policies stay */

/*
 * From now on for these, and nothing else. `own` are this machine's addresses: a
 * tunnel without one sends from any of them. A policy that means any source would
 * take packets as well that are only forwarded here.
 */
void guard_policy_set(struct guard_policy *p, const struct guard_match *list,
		      size_t count, const struct addr *own, size_t own_count);

/* Why there are none, for people; NULL: they are there, or need not be. */
const char *guard_policy_problem(const struct guard_policy *p);

/* Packets of this machine that met a policy that blocks, since its start. */
struct guard_blocked {
	uint64_t in, out;
};
struct guard_blocked guard_policy_blocked(void);

/* When the last packet met a tunnel's policies: seconds of the wall clock, 0: never. */
struct guard_policy_use {
	int64_t in, out;
};
/* Asks the kernel for all of them; then each may be read. */
void guard_policy_ask(struct guard_policy *p);
struct guard_policy_use guard_policy_use(const struct guard_policy *p,
					 const char *ifname);

/* Rows of `show counters`. */
void guard_policy_show(const struct guard_policy *p, struct show_sink *sink);

#endif
