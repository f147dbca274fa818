/* SPDX-License-Identifier: MIT */
/*
 * The IKE daemons of a world. An SA is one row for both ends, which know of it
 * apart: a daemon that was killed does not know what its kernel still has.
 */
#include "world_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"

#include <nhrp/mem.h>

#define HANDSHAKE_MS 150
#define ANSWER_MS    20 /* from the responder back to the initiator */
#define SILENCE_MS   10000

static struct addr outside(const struct node *n)
{
	return addr_is_set(&n->nat) ? n->nat : n->nbma;
}

static int by_outside(const struct world *w, const struct addr *a)
{
	for (int k = 0; k < w->count; k++) {
		struct addr out = outside(w->nodes[k]);

		if (addr_eq(&out, a) && !w->nodes[k]->hidden)
			return k;
	}
	return -1;
}

static bool is_secured(const struct node *n)
{
	return n->conf && n->conf->ifaces[0].profile;
}

static bool is_between(const struct world_sa *s, int a, int b)
{
	return s->used && ((s->ends[0] == a && s->ends[1] == b) ||
			   (s->ends[0] == b && s->ends[1] == a));
}

/* By which packets from the one to the other leave; NULL: by none. */
static const struct world_sa *newest(const struct world *w, int from, int to)
{
	const struct world_sa *best = NULL;

	for (size_t k = 0; k < ARRAY_SIZE(w->sas); k++) {
		const struct world_sa *s = &w->sas[k];

		if (is_between(s, from, to) &&
		    s->installed[s->ends[0] == from ? 0 : 1] &&
		    (!best || best->child < s->child))
			best = s;
	}
	return best;
}

bool world_protects(struct node *from, const struct addr *to)
{
	struct world *w = from->w;
	int peer = by_outside(w, to);

	if (!is_secured(from))
		return true;
	if (peer >= 0 && newest(w, from->number, peer))
		return true;
	w->clear++;
	return false;
}

bool world_decrypts(const struct node *from, const struct node *to)
{
	const struct world_sa *s = newest(from->w, from->number, to->number);

	return !s || s->installed[s->ends[0] == to->number ? 0 : 1];
}

/* --- what a daemon tells its node ---------------------------------------------- */

static void tell(struct node *n, enum sa_fact fact, const struct world_sa *s,
		 const char *reason)
{
	struct event ev = { EV_SA, .sa = { .fact = fact, .reason = reason } };

	if (s) {
		bool begun = s->ends[0] == n->number;
		struct node *peer = n->w->nodes[s->ends[begun]];

		ev.sa.ifname = "gre1";
		ev.sa.local = n->nbma;
		ev.sa.remote = ev.sa.outer = outside(peer);
		ev.sa.ike = s->ike;
		ev.sa.child = s->child;
		ev.sa.initiator_spi = s->spi;
		ev.sa.initiator = begun;
		ev.sa.natted = addr_is_set(&peer->nat);
		ev.sa.identity = peer->identity;
		ev.sa.age_s = (uint32_t)(mono_diff_us(n->w->now, s->since) / 1000000);
	}
	if (n->engine && !n->stopping)
		world_handle(n, &ev);
}

static int end_of(const struct world_sa *s, const struct node *n)
{
	return s->ends[0] == n->number ? 0 : 1;
}

void world_ike_tell(struct node *n)
{
	struct world *w = n->w;

	if (!n->charon) {
		tell(n, SA_GONE, NULL, "the IKE daemon was not reached yet");
		return;
	}
	for (size_t k = 0; k < ARRAY_SIZE(w->sas); k++) {
		struct world_sa *s = &w->sas[k];

		if (s->used && (s->ends[0] == n->number || s->ends[1] == n->number) &&
		    s->known[end_of(s, n)])
			tell(n, SA_UP, s, NULL);
	}
	tell(n, SA_READY, NULL, NULL);
}

/* --- handshakes ------------------------------------------------------------------- */

struct handshake {
	struct timer timer;
	struct world *w;
	int from;
	struct addr to;
};

static void call_failed(struct node *n, const struct addr *remote, const char *why)
{
	struct event ev = { EV_SA, .sa = { .fact = SA_FAILED,
					   .ifname = "gre1",
					   .local = n->nbma,
					   .remote = *remote,
					   .reason = why } };

	if (n->engine && !n->stopping)
		world_handle(n, &ev);
}

static void answered(struct timer *t, void *ctx, mono now)
{
	struct world_sa *s = container_of(t, struct world_sa, answer);
	struct node *n = s->w->nodes[s->ends[0]];

	(void)ctx;
	(void)now;
	s->installed[0] = true;
	s->known[0] = n->charon;
	if (n->charon)
		tell(n, SA_UP, s, NULL);
}

static void establish(struct world *w, int a, int b)
{
	struct world_sa *s = w->sas;

	while (s->used)
		s++;
	assert_true(s < w->sas + ARRAY_SIZE(w->sas));
	w->next_sa++;
	*s = (struct world_sa){
		.used = true,
		.ike = w->next_sa,
		.child = w->next_sa,
		.spi = rng_next(&w->rng),
		.ends = { a, b },
		.installed = { false, true },
		.known = { false, true },
		.since = w->now,
		.answer.fire = answered,
		.w = w,
	};
	/* The responder has the SA before its answer goes. */
	timers_arm(&w->timers, &s->answer, mono_add_ms(w->now, ANSWER_MS));
	tell(w->nodes[b], SA_UP, s, NULL);
}

static void finish(struct timer *t, void *ctx, mono now)
{
	struct handshake *h = container_of(t, struct handshake, timer);
	struct world *w = h->w;
	struct node *from = w->nodes[h->from];
	int to = by_outside(w, &h->to);
	bool answers = to >= 0 && w->nodes[to]->charon && !w->cut[h->from][to] &&
		       !addr_is_set(&w->nodes[to]->nat) && is_secured(w->nodes[to]);

	(void)ctx;
	(void)now;
	if (!from->charon) {
		free(h);
		return;
	}
	if (!answers) {
		call_failed(from, &h->to, "no answer");
	} else if (w->nodes[to]->ike_refuses) {
		call_failed(from, &h->to, "AUTHENTICATION_FAILED");
	} else {
		establish(w, h->from, to);
	}
	free(h);
}

static void call(struct node *n, const struct addr *remote)
{
	struct world *w = n->w;
	struct handshake *h = mem_new(sizeof(*h));
	int to = by_outside(w, remote);
	bool silent = to < 0 || !w->nodes[to]->charon || w->cut[n->number][to] ||
		      addr_is_set(&w->nodes[to]->nat);

	h->w = w;
	h->from = n->number;
	h->to = *remote;
	h->timer.fire = finish;
	timers_arm(&w->timers, &h->timer,
		   mono_add_ms(w->now, silent ? SILENCE_MS : HANDSHAKE_MS));
}

/* The other end hears of it unless it cannot. */
static void end_sa(struct world *w, struct world_sa *s)
{
	struct world_sa copy = *s;

	s->used = false;
	timers_disarm(&w->timers, &s->answer);
	for (int k = 0; k < 2; k++) {
		struct node *n = w->nodes[copy.ends[k]];

		if (n->charon && copy.known[k])
			tell(n, SA_DOWN, &copy, "SA deleted");
	}
}

void world_ike_act(struct node *n, const struct act_sa *a)
{
	struct world *w = n->w;

	assert_true(n->charon || a->want != SA_START);
	if (a->want == SA_START)
		call(n, &a->remote);
	for (size_t k = 0; k < ARRAY_SIZE(w->sas) && a->want == SA_STOP; k++) {
		if (w->sas[k].used && w->sas[k].ike == a->ike) {
			end_sa(w, &w->sas[k]);
			return;
		}
	}
}

/* --- accidents ----------------------------------------------------------------------- */

void world_charon(struct world *w, int node, bool up)
{
	struct node *n = world_node(w, node);

	n->charon = up;
	for (size_t k = 0; k < ARRAY_SIZE(w->sas) && !up; k++) {
		struct world_sa *s = &w->sas[k];

		if (s->used && (s->ends[0] == node || s->ends[1] == node))
			s->known[end_of(s, n)] = false;
	}
	world_ike_tell(n);
}

void world_charon_stops(struct world *w, int node)
{
	for (size_t k = 0; k < ARRAY_SIZE(w->sas); k++) {
		struct world_sa *s = &w->sas[k];

		if (s->used && (s->ends[0] == node || s->ends[1] == node))
			end_sa(w, s);
	}
	world_charon(w, node, false);
}

void world_identity(struct world *w, int node, const char *identity)
{
	struct node *n = world_node(w, node);

	snprintf(n->identity, sizeof(n->identity), "%s", identity);
}

void world_ike_is_early(struct world *w, int node, bool early)
{
	world_node(w, node)->ike_early = early;
}

void world_ike_refuses(struct world *w, int node, bool refuses)
{
	world_node(w, node)->ike_refuses = refuses;
}

void world_delete_sas(struct world *w, int a, int b)
{
	for (size_t k = 0; k < ARRAY_SIZE(w->sas); k++) {
		if (is_between(&w->sas[k], a, b))
			end_sa(w, &w->sas[k]);
	}
}

void world_rekey(struct world *w, int a, int b)
{
	for (size_t k = 0; k < ARRAY_SIZE(w->sas); k++) {
		struct world_sa *s = &w->sas[k];
		struct event ev = { EV_SA, .sa = { .fact = SA_REKEYED } };

		if (!is_between(s, a, b))
			continue;
		ev.sa.old = s->child;
		ev.sa.child = s->child = ++w->next_sa;
		for (int n = 0; n < 2; n++)
			world_handle(w->nodes[s->ends[n]], &ev);
		ev.sa.fact = SA_IKE_REKEYED;
		ev.sa.old = s->ike;
		ev.sa.ike = s->ike = ++w->next_sa;
		for (int n = 0; n < 2; n++)
			world_handle(w->nodes[s->ends[n]], &ev);
	}
}

unsigned world_sas(const struct world *w, int a, int b)
{
	unsigned count = 0;

	for (size_t k = 0; k < ARRAY_SIZE(w->sas); k++)
		count += is_between(&w->sas[k], a, b);
	return count;
}

unsigned world_clear(const struct world *w)
{
	return w->clear;
}
