/* SPDX-License-Identifier: MIT */
/*
 * What went through SAs, asked for when somebody wants to know. list-sas of all of
 * them would have charon ask the kernel about each, for seconds on a large hub, while
 * it does nothing else for us; so it is asked about few, one by one, and not waited
 * for long.
 */
#include "ike_int.h"

#include <stdio.h>
#include <stdlib.h>

#include <utlist.h>

#include <nhrp/mem.h>

#define FRESH_S 5 /* what was measured so lately is an answer */

static void finish(struct ike *k, struct measure *m, bool over)
{
	struct ike_measured then = m->then;

	ev_timer_stop(loop_ev(k->loop), &m->limit);
	DL_DELETE(k->measures, m);
	free(m);
	then.done(then.ctx, over);
}

void ike_measure_end_all(struct ike *k, bool over)
{
	while (k->measures)
		finish(k, k->measures, over);
}

static void limit_over(struct ev_loop *ev, ev_timer *w, int events)
{
	struct measure *m = w->data;

	(void)ev;
	(void)events;
	finish(m->ike, m, false);
}

static struct measure *find_measure(const struct ike *k, uint32_t token)
{
	struct measure *m;

	DL_SEARCH_SCALAR(k->measures, m, token, token);
	return m;
}

static void measured(void *ctx, uint32_t token, enum vici_outcome outcome,
		     const struct vici_sec *msg)
{
	struct ike *k = ctx;
	struct measure *m = find_measure(k, token);
	struct ike_fact fact;

	if (outcome == VICI_PART) {
		if (ike_fact_find(&fact, msg))
			ike_sa_measured(k, &fact);
		else
			k->counters.unclear++;
	} else if (m && --m->waits == 0) {
		finish(k, m, false);
	}
}

static bool ask(struct ike *k, const struct measure *m, uint32_t ike)
{
	char id[16];
	size_t len;

	snprintf(id, sizeof(id), "%u", ike);
	len = ike_msg_command(k->frame, sizeof(k->frame), "list-sas", "ike-id", id);
	return ike_send(k, len, &(struct vici_call){ measured, m->token, "list-sa" });
}

void ike_measure(struct ike *k, const uint32_t *ikes, size_t count,
		 struct ike_measured then)
{
	struct measure *m = mem_new(sizeof(*m));

	m->ike = k;
	m->token = ++k->last_token;
	m->then = then;
	ev_timer_init(&m->limit, limit_over, k->limits.measure_s, 0.);
	m->limit.data = m;
	DL_APPEND(k->measures, m);
	for (size_t n = 0; n < count && n < IKE_MEASURE_MAX && k->ready; n++)
		m->waits += ask(k, m, ikes[n]);
	if (m->waits == 0)
		finish(k, m, false);
	else
		ev_timer_start(loop_ev(k->loop), &m->limit);
}

bool ike_traffic(const struct ike *k, uint32_t child, struct sa_traffic *out)
{
	struct sa *s;

	HASH_FIND(by_child, k->sas, &child, sizeof(child), s);
	if (!s || mono_is_never(s->measured) ||
	    mono_before(mono_add_s(s->measured, FRESH_S), loop_now(k->loop)))
		return false;
	*out = s->traffic;
	return true;
}
