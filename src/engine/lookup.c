/* SPDX-License-Identifier: MIT */
/*
 * Questions to the outside, and what waits for their answers: to the kernel's
 * routing, and to the site's script. The question goes out as an action, so
 * whoever asks goes on in the function named here. Bounded in number. A route
 * that is never answered gives its place to a new one after a while; a script
 * that is never heard of has said no.
 */
#include <stdlib.h>
#include <string.h>

#include "engine_int.h"

#define FORGET_S 5
#define SILENT_S 20 /* turn and run of a script together */

/* --- what waits --------------------------------------------------------------- */

/* 0 is nobody's token. */
static uint32_t new_token(struct engine *e)
{
	if (++e->next_token == 0)
		e->next_token++;
	return e->next_token;
}

static struct lookup *park(struct lookup **table, struct iface *i,
			   const struct lookup *what, const void *bytes, mono now)
{
	struct lookup *l = mem_new(sizeof(*l) + what->len);

	*l = *what;
	if (what->len)
		memcpy(l->bytes, bytes, what->len);
	l->token = new_token(i->engine);
	l->iface = i;
	l->asked = now;
	if (addr_is_set(&l->from))
		l->whose = identity_digest(peer_find(i, &l->from));
	HASH_ADD(hh, *table, token, sizeof(l->token), l);
	return l;
}

static struct lookup *take(struct lookup **table, uint32_t token)
{
	struct lookup *l;

	HASH_FIND(hh, *table, &token, sizeof(token), l);
	if (l)
		HASH_DEL(*table, l);
	return l;
}

/* --- routes ------------------------------------------------------------------- */

static void drop_forgotten(struct engine *e, mono now)
{
	struct lookup *l, *next;

	HASH_ITER (hh, e->lookups, l, next) {
		if (mono_before(now, mono_add_s(l->asked, FORGET_S)))
			return; /* in the order of asking */
		HASH_DEL(e->lookups, l);
		free(l);
	}
}

bool lookup_start(struct iface *i, const struct lookup *what, const void *bytes,
		  mono now)
{
	struct engine *e = i->engine;
	struct act_lookup *a;
	struct lookup *l;

	if (HASH_COUNT(e->lookups) >= LOOKUPS_MAX)
		drop_forgotten(e, now);
	if (HASH_COUNT(e->lookups) >= LOOKUPS_MAX) {
		count(i, CNT_LOOKUPS_LIMITED);
		return false;
	}
	l = park(&e->lookups, i, what, bytes, now);
	a = &engine_push(e, ACT_LOOKUP)->lookup;
	a->token = l->token;
	a->dst = l->purpose == LOOKUP_FOR_SAMPLE ||
				 l->purpose == LOOKUP_FOR_INDICATED_SRC
			 ? l->src
			 : l->dst;
	return true;
}

static void route_found(struct lookup *l, const struct ev_lookup *route, mono now)
{
	switch (l->purpose) {
	case LOOKUP_FOR_PACKET:
		rx_again(l, route, now);
		break;
	case LOOKUP_FOR_SAMPLE:
		redirect_routed(l->iface, l, route, now);
		break;
	case LOOKUP_FOR_INDICATED_SRC:
		shortcut_src_routed(l->iface, l, route, now);
		break;
	case LOOKUP_FOR_INDICATED_DST:
		shortcut_dst_routed(l->iface, l, route, now);
		break;
	case LOOKUP_FOR_ANSWER:
		answer_checked(l->iface, l, route, now);
		break;
	case LOOKUP_FOR_REGISTRATION:
	case LOOKUP_FOR_PEER:
		break; /* in the other table */
	}
}

void lookup_answer(struct engine *e, const struct ev_lookup *ev, mono now)
{
	struct lookup *l = take(&e->lookups, ev->token);

	if (l && l->iface->usable)
		route_found(l, ev, now);
	free(l);
}

/* --- the script ---------------------------------------------------------------- */

/* The oldest question is the first in the table. */
static void watch_silence(struct engine *e)
{
	if (e->questions)
		timers_arm(&e->timers, &e->silence,
			   mono_add_s(e->questions->asked, SILENT_S));
	else
		timers_disarm(&e->timers, &e->silence);
}

static struct lookup *take_question(struct engine *e, uint32_t token)
{
	struct lookup *l = take(&e->questions, token);

	if (l)
		e->peers_asked -= l->purpose == LOOKUP_FOR_PEER;
	watch_silence(e);
	return l;
}

static void question_over(struct lookup *l, enum hook_outcome outcome, mono now)
{
	if (l->iface->engine->stopped)
		return;
	if (l->purpose == LOOKUP_FOR_PEER)
		script_peer_answered(l, outcome, now);
	else if (l->iface->usable)
		register_asked(l, outcome, now);
}

static void nothing_heard(struct timer *t, void *ctx, mono now)
{
	struct engine *e = ctx;
	struct lookup *l;

	(void)t;
	while ((l = e->questions) &&
	       !mono_before(now, mono_add_s(l->asked, SILENT_S))) {
		l = take_question(e, l->token);
		count(l->iface, CNT_SCRIPT_SILENT);
		question_over(l, HOOK_LATE, now);
		free(l);
	}
}

uint32_t lookup_start_hook(struct iface *i, const struct lookup *what,
			   const void *bytes, const struct act_hook *question, mono now)
{
	struct engine *e = i->engine;
	bool peer = what->purpose == LOOKUP_FOR_PEER;
	unsigned registrations = HASH_COUNT(e->questions) - e->peers_asked;
	struct act_hook *a;
	struct lookup *l;

	if (peer ? e->peers_asked >= SCRIPT_PEERS_MAX
		 : registrations >= SCRIPT_REGISTRATIONS_MAX)
		return 0;
	l = park(&e->questions, i, what, bytes, now);
	e->peers_asked += peer;
	e->silence.fire = nothing_heard;
	watch_silence(e);
	a = &engine_push(e, ACT_HOOK)->hook;
	*a = *question;
	a->token = l->token;
	return l->token;
}

void lookup_hook_answer(struct engine *e, const struct ev_hook *ev, mono now)
{
	struct lookup *l = take_question(e, ev->token);

	if (l)
		question_over(l, ev->outcome, now);
	free(l);
}

/* What an answer leads to may ask anew; that waits behind those of now. */
void lookup_answer_hooks(struct engine *e, enum hook_outcome outcome, mono now)
{
	for (unsigned left = HASH_COUNT(e->questions); left > 0 && e->questions;
	     left--) {
		struct lookup *l = take_question(e, e->questions->token);

		question_over(l, outcome, now);
		free(l);
	}
}

static struct lookup *find_registration(const struct iface *i, const struct addr *proto,
					const struct addr *from)
{
	for (struct lookup *l = i->engine->questions; l; l = l->hh.next) {
		if (l->purpose == LOOKUP_FOR_REGISTRATION && l->iface == i &&
		    addr_eq(&l->dst, proto) && addr_eq(&l->from, from))
			return l;
	}
	return NULL;
}

bool lookup_has_registration(const struct iface *i, const struct addr *proto,
			     const struct addr *from)
{
	return find_registration(i, proto, from) != NULL;
}

void lookup_drop_registration(struct iface *i, const struct addr *proto,
			      const struct addr *from)
{
	struct lookup *l = find_registration(i, proto, from);

	if (l)
		free(take_question(i->engine, l->token));
}

/* --- the end -------------------------------------------------------------------- */

void lookup_drop_iface(struct iface *i)
{
	struct engine *e = i->engine;
	struct lookup *l, *next;

	HASH_ITER (hh, e->lookups, l, next) {
		if (l->iface == i)
			free(take(&e->lookups, l->token));
	}
	HASH_ITER (hh, e->questions, l, next) {
		if (l->iface == i)
			free(take_question(e, l->token));
	}
}
