/* SPDX-License-Identifier: MIT */
/*
 * The way of a packet, as far as it is known: found by explain.c, judged by
 * explain_verdict.c.
 */
#ifndef NHRP_ENGINE_EXPLAIN_INT_H
#define NHRP_ENGINE_EXPLAIN_INT_H

#include <nhrp/explain.h>

#include "engine_int.h"

struct way {
	const struct engine *engine;
	const struct addr *dst;
	const struct explain_facts *facts;
	struct iface *iface;		 /* the tunnel it leaves by, or NULL */
	struct iface *expected;		 /* else the one whose network it lies in */
	struct addr hop;		 /* the station it is sent to */
	struct binding *binding;	 /* of that station, or NULL */
	struct station *station;	 /* it, or who is asked about it, or NULL */
	const struct shortcut *shortcut; /* for dst, in any state, or NULL */
	const struct other_route *base;	 /* what a shortcut is laid over, or NULL */
	struct addr nbma;	       /* where packets or questions go; may be none */
	const struct trouble *trouble; /* the last one with who is at fault, or NULL */
};

#define VERDICT_MAX 400

struct verdict {
	const char *word;
	bool passes;
	char text[VERDICT_MAX];
};

/* explain_sa.c: why there is none to `who`; is one used in one direction alone? */
bool explain_cause(enum sa_cause cause, const char *who, struct verdict *v);
bool explain_no_sa(const struct peer *p, const char *who, struct verdict *v, mono now);
bool explain_is_one_way(const struct way *w);
bool explain_is_mute(const struct way *w);

void explain_judge(const struct way *w, struct verdict *out, mono now);

#endif
