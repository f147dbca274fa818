/* SPDX-License-Identifier: MIT */
/*
 * The way that a packet to an address takes here and now, step by step, and
 * whether it arrives as far as this node can know.
 *
 * The engine knows its tables and asks for the rest: whoever wants an explanation
 * calls engine_explain_ask() and puts each answer of the kernel, or of charon, into
 * the facts, until nothing is asked for; then engine_explain(). Nothing is changed by it,
 * and no packet sent.
 */
#ifndef NHRP_EXPLAIN_H
#define NHRP_EXPLAIN_H

#include <stdbool.h>

#include <nhrp/addr.h>
#include <nhrp/conf.h>
#include <nhrp/defs.h>
#include <nhrp/event.h>
#include <nhrp/mono.h>
#include <nhrp/record.h>
#include <nhrp/sa.h>

struct engine;

enum explain_question {
	EXPLAIN_NOTHING,
	EXPLAIN_ROUTE,	  /* where do packets to `addr` go? */
	EXPLAIN_NEIGH,	  /* the neighbour entry of `addr` on `ifindex` */
	EXPLAIN_UNDERLAY, /* as EXPLAIN_ROUTE, about the NBMA address of a station */
	EXPLAIN_SA,	  /* what went through `child` of the IKE SA `ike` */
};

struct explain_ask {
	enum explain_question what;
	int ifindex;
	struct addr addr;
	uint32_t ike, child;
};

struct explain_route {
	bool known;
	struct ev_lookup found;
	char device[CONF_IFNAME_MAX]; /* the name of its interface; "": none */
};

struct explain_facts {
	struct explain_route route, underlay;
	bool neigh_known;
	struct kernel_neigh neigh;
	bool sa_known;
	struct sa_traffic sa;
};

/* What is to be asked next. */
struct explain_ask engine_explain_ask(const struct engine *e, const struct addr *dst,
				      const struct explain_facts *known);

/*
 * Rows `step what state reason since`; the last one is `step verdict passes
 * reason`, where step is "verdict", verdict one word that does not change from
 * version to version, and reason a sentence. Returns whether packets pass.
 */
bool engine_explain(const struct engine *e, const struct addr *dst,
		    const struct explain_facts *facts, struct show_sink *sink,
		    mono now);

#endif
