/* SPDX-License-Identifier: MIT */
/*
 * The IKE daemons of a world. An SA is one row for both ends; each end has it or
 * not, and its daemon knows of it or not: one that was killed does not know what
 * its kernel still has. An end whose peer is silent for long enough gives up.
 */
#include "world_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"

#define HANDSHAKE_MS  150
#define ANSWER_MS     20 /* from the responder back to the initiator */
#define RETRANSMIT_MS 4000
#define SILENCE_MS    10000
#define MOVE_MS	      500
#define DPD_S	      10
#define DPD_TRIES     4

static bool is_secured(const struct node *n)
{
	return n->conf && n->conf->ifaces[0].profile;
}

static bool is_between(const struct world_sa *s, int a, int b)
{
	return s->used && ((s->ends[0].node == a && s->ends[1].node == b) ||
			   (s->ends[0].node == b && s->ends[1].node == a));
}

/* Which end of it the node is; -1: none. */
static int end_of(const struct world_sa *s, const struct node *n)
{
	for (int k = 0; k < 2; k++) {
		if (s->used && s->ends[k].node == n->number)
			return k;
	}
	return -1;
}

/* `anywhere`: also one of an address that the node has no more. */
bool world_has_sa(const struct node *n, const struct addr *peer, bool anywhere)
{
	const struct world *w = n->w;

	for (size_t k = 0; k < w->sa_count; k++) {
		const struct world_sa *s = &w->sas[k];
		int end = end_of(s, n);

		if (end >= 0 && s->ends[end].present &&
		    (anywhere || addr_eq(&s->ends[end].local, &n->nbma)) &&
		    addr_eq(&s->ends[!end].outside, peer))
			return true;
	}
	return false;
}

bool world_protects(struct node *from, const struct addr *to)
{
	if (!is_secured(from) || world_has_sa(from, to, false))
		return true;
	from->w->clear++;
	return false;
}

uint64_t world_seal(const struct node *from, const struct addr *to)
{
	const struct world *w = from->w;
	const struct world_sa *newest = NULL;

	for (size_t k = 0; k < w->sa_count; k++) {
		const struct world_sa *s = &w->sas[k];
		int end = end_of(s, from);

		if (end >= 0 && s->ends[end].present &&
		    addr_eq(&s->ends[!end].outside, to) &&
		    (!newest || newest->child < s->child))
			newest = s;
	}
	return newest ? newest->spi : 0;
}

bool world_opens(const struct node *to, uint64_t seal)
{
	const struct world *w = to->w;

	for (size_t k = 0; k < w->sa_count; k++) {
		const struct world_sa *s = &w->sas[k];
		int end = end_of(s, to);

		if (end >= 0 && s->spi == seal)
			return s->ends[end].present &&
			       addr_eq(&s->ends[end].local, &to->nbma);
	}
	return !is_secured(to);
}

/* --- what a daemon tells its node ---------------------------------------------- */

static void look_for_certificate(struct node *n, const struct world_sa *s);

static bool hears(const struct node *n)
{
	return n->engine && !n->stopping;
}

static void tell(struct node *n, enum sa_fact fact, const struct world_sa *s,
		 const char *reason)
{
	struct event ev = { EV_SA, .sa = { .fact = fact, .reason = reason } };

	if (s) {
		int end = end_of(s, n);
		const struct sa_end *other = &s->ends[!end];
		struct node *peer = n->w->nodes[other->node];

		ev.sa.ifname = "gre1";
		ev.sa.local = s->ends[end].local;
		ev.sa.remote = ev.sa.outer = other->outside;
		ev.sa.ike = s->ike;
		ev.sa.child = s->child;
		ev.sa.initiator_spi = s->spi;
		ev.sa.initiator = end == 0;
		ev.sa.natted = addr_is_set(&peer->nat);
		ev.sa.identity = peer->identity;
		ev.sa.fresh = fact == SA_UP && !n->w->listing;
		ev.sa.age_s = (uint32_t)(mono_diff_us(n->w->now, s->since) / 1000000);
	}
	/* Without a profile nobody speaks to the daemon. */
	if (hears(n) && is_secured(n))
		world_handle(n, &ev);
	if (fact == SA_UP)
		look_for_certificate(n, s);
}

/* --- certificates -------------------------------------------------------------- */

struct certificate {
	struct timer timer;
	struct node *node; /* who is told of it */
	struct world_sa sa;
};

static void free_certificate(struct timer *t)
{
	free(container_of(t, struct certificate, timer));
}

static bool asks_certificate(const struct node *n, const char *identity)
{
	const struct conf_iface *c = &n->conf->ifaces[0];

	for (size_t k = 0; k < c->authority_count; k++) {
		if (c->authorities[k].certificate &&
		    conf_identity_matches(c->authorities[k].identity, identity))
			return true;
	}
	return false;
}

static void certificate_found(struct timer *t, void *ctx, mono now)
{
	struct certificate *c = container_of(t, struct certificate, timer);
	struct node *n = c->node;
	const struct sa_end *other = &c->sa.ends[!end_of(&c->sa, n)];
	struct node *peer = n->w->nodes[other->node];
	struct event ev = { EV_SA, .sa = { .fact = SA_AUTHORITY,
					   .ifname = "gre1",
					   .local = n->nbma,
					   .remote = other->outside,
					   .ike = c->sa.ike,
					   .child = c->sa.child,
					   .identity = peer->identity,
					   .prefixes = peer->blocks,
					   .prefix_count = peer->block_count,
					   .valid_s = peer->valid_s,
					   .reason = "it was not found" } };

	(void)ctx;
	(void)now;
	if (hears(n) && n->charon)
		world_handle(n, &ev);
	free(c);
}

static void look_for_certificate(struct node *n, const struct world_sa *s)
{
	struct node *peer = n->w->nodes[s->ends[!end_of(s, n)].node];
	struct certificate *c;

	if (!n->conf || !asks_certificate(n, peer->identity) || peer->cert_ms < 0)
		return;
	c = mem_new(sizeof(*c));
	c->node = n;
	c->sa = *s;
	c->timer.fire = certificate_found;
	timers_arm(&n->w->timers, &c->timer, mono_add_ms(n->w->now, peer->cert_ms));
}

void world_certificate(struct world *w, int node, const char *blocks, int delay_ms)
{
	struct node *n = world_node(w, node);
	char *copy = mem_strdup(blocks), *save = NULL;

	n->block_count = 0;
	for (char *b = strtok_r(copy, " ", &save); b; b = strtok_r(NULL, " ", &save)) {
		assert_true(n->block_count < ARRAY_SIZE(n->blocks));
		n->blocks[n->block_count++] = unit_prefix(b);
	}
	n->cert_ms = delay_ms;
	n->valid_s = 86400;
	free(copy);
}

void world_certificate_ends(struct world *w, int node, uint32_t valid_s)
{
	world_node(w, node)->valid_s = valid_s;
}

void world_certificate_told(struct world *w, int node)
{
	for (size_t k = 0; k < w->sa_count; k++) {
		const struct world_sa *s = &w->sas[k];
		int end = end_of(s, world_node(w, node));

		if (end >= 0)
			look_for_certificate(w->nodes[s->ends[!end].node], s);
	}
}

void world_ike_tell(struct node *n)
{
	struct world *w = n->w;

	if (!n->charon) {
		tell(n, SA_GONE, NULL, "the IKE daemon was not reached yet");
		return;
	}
	w->listing = true;
	for (size_t k = 0; k < w->sa_count; k++) {
		int end = end_of(&w->sas[k], n);

		if (end >= 0 && w->sas[k].ends[end].known)
			tell(n, SA_UP, &w->sas[k], NULL);
	}
	w->listing = false;
	tell(n, SA_READY, NULL, NULL);
}

void world_ike_again(struct node *n)
{
	tell(n, SA_GONE, NULL, "the conversation was interrupted");
	if (n->charon)
		world_ike_tell(n);
}

/* --- ends --------------------------------------------------------------------------- */

/* One end is no more; the row goes with the last one. */
static void end_one(struct world *w, struct world_sa *s, int end, const char *why)
{
	struct sa_end *e = &s->ends[end];
	struct node *n = w->nodes[e->node];
	struct world_sa copy = *s;

	if (!e->present)
		return;
	e->present = e->known = false;
	s->used = s->ends[!end].present || s->answering;
	if (n->charon && copy.ends[end].known)
		tell(n, SA_DOWN, &copy, why);
}

/* The other end hears of it unless it cannot. */
static void end_sa(struct world *w, struct world_sa *s, int by)
{
	struct node *from = w->nodes[s->ends[by].node],
		    *to = w->nodes[s->ends[!by].node];
	bool heard = to->charon && s->ends[!by].known && !world_is_cut(w, from, to);
	size_t at = (size_t)(s - w->sas);

	end_one(w, s, by, "SA deleted");
	if (heard)
		end_one(w, &w->sas[at], !by, "SA deleted");
}

/* --- handshakes ------------------------------------------------------------------- */

struct handshake {
	struct timer timer;
	struct world *w;
	int from;
	struct addr to;
	bool half;    /* the last message is lost, and those after it */
	uint32_t ike; /* the answer is on its way */
};

static void call_failed(struct node *n, const struct addr *remote, enum sa_cause cause,
			const char *why)
{
	struct event ev = { EV_SA, .sa = { .fact = SA_FAILED,
					   .ifname = "gre1",
					   .local = n->nbma,
					   .remote = *remote,
					   .reason = why,
					   .cause = cause } };

	if (hears(n))
		world_handle(n, &ev);
}

static struct world_sa *new_sa(struct world *w, struct node *a, struct node *b)
{
	struct world_sa *s;
	size_t at = 0;

	while (at < w->sa_count && w->sas[at].used)
		at++;
	if (at == w->sa_room) {
		w->sa_room = w->sa_room ? w->sa_room * 2 : 64;
		w->sas = mem_resize(w->sas, w->sa_room, sizeof(*w->sas));
	}
	if (at == w->sa_count)
		w->sa_count++;
	s = &w->sas[at];
	memset(s, 0, sizeof(*s));
	s->used = true;
	s->ike = s->child = ++w->next_sa;
	s->spi = rng_next(&w->rng);
	s->since = w->now;
	s->ends[0] =
		(struct sa_end){ a->number, a->nbma, world_outside(a), true, true, 0 };
	s->ends[1] =
		(struct sa_end){ b->number, b->nbma, world_outside(b), true, true, 0 };
	return s;
}

/* What its other end has ended meanwhile ends at once. */
static void take_answer(struct world *w, size_t at, struct node *n)
{
	struct world_sa *s = &w->sas[at];

	s->answering = false;
	s->ends[0].present = s->ends[0].known = n->charon;
	if (n->charon)
		tell(n, SA_UP, s, NULL);
	s = &w->sas[at];
	if (!s->ends[1].present)
		end_one(w, s, 0, "SA deleted");
	s->used = s->ends[0].present || s->ends[1].present;
}

static void answered(struct timer *t, void *ctx, mono now)
{
	struct handshake *h = container_of(t, struct handshake, timer);
	struct world *w = h->w;
	struct node *n = w->nodes[h->from];

	(void)ctx;
	(void)now;
	for (size_t k = 0; k < w->sa_count; k++) {
		if (w->sas[k].used && w->sas[k].ike == h->ike) {
			take_answer(w, k, n);
			break;
		}
	}
	free(h);
}

/* The responder has the SA before its answer goes, or is lost. */
static void establish(struct world *w, struct node *a, struct node *b,
		      struct handshake *h)
{
	struct world_sa *s = new_sa(w, a, b);

	s->ends[0].present = s->ends[0].known = false;
	h->ike = s->ike;
	h->timer.fire = answered;
	s->answering = !h->half;
	if (s->answering)
		timers_arm(&w->timers, &h->timer, mono_add_ms(w->now, ANSWER_MS));
	tell(b, SA_UP, s, NULL);
}

static bool reaches(struct world *w, const struct node *from, const struct node *to)
{
	return to && to->charon && !world_is_cut(w, from, to) &&
	       !world_is_cut(w, to, from) && (to->forwards || !addr_is_set(&to->nat));
}

static void finish(struct timer *t, void *ctx, mono now)
{
	struct handshake *h = container_of(t, struct handshake, timer);
	struct world *w = h->w;
	struct node *from = w->nodes[h->from], *to = world_by_outside(w, &h->to);

	(void)ctx;
	(void)now;
	if (!from->charon) {
		free(h);
		return;
	}
	if (!reaches(w, from, to) || !is_secured(to) || !is_secured(from)) {
		call_failed(from, &h->to, SA_CAUSE_SILENT, "no answer");
	} else if (to->ike_refuses) {
		call_failed(from, &h->to, to->ike_cause, "AUTHENTICATION_FAILED");
	} else {
		establish(w, from, to, h);
		if (!h->half)
			return;
		call_failed(from, &h->to, SA_CAUSE_STALLED, "no answer");
	}
	free(h);
}

static void free_handshake(struct timer *t)
{
	free(container_of(t, struct handshake, timer));
}

/* Messages that are lost are sent again, a little later each time. */
static int64_t handshake_ms(struct world *w, bool *half)
{
	int64_t ms = HANDSHAKE_MS;

	while (w->handshake_loss && rng_below(&w->rng, 100) < w->handshake_loss &&
	       ms < SILENCE_MS)
		ms += RETRANSMIT_MS;
	*half = ms >= SILENCE_MS && rng_below(&w->rng, 2);
	return ms;
}

static void call(struct node *n, const struct addr *remote)
{
	struct world *w = n->w;
	struct handshake *h = mem_new(sizeof(*h));
	struct node *to = world_by_outside(w, remote);
	int64_t ms = handshake_ms(w, &h->half);

	h->w = w;
	h->from = n->number;
	h->to = *remote;
	h->timer.fire = finish;
	timers_arm(&w->timers, &h->timer,
		   mono_add_ms(w->now, reaches(w, n, to) ? ms : SILENCE_MS));
}

void world_ike_act(struct node *n, const struct act_sa *a)
{
	struct world *w = n->w;

	/* Before the node hears of it there may be no daemon any more. */
	if (a->want == SA_START && n->charon)
		call(n, &a->remote);
	for (size_t k = 0; k < w->sa_count && a->want == SA_STOP; k++) {
		int end = end_of(&w->sas[k], n);

		if (end >= 0 && w->sas[k].ike == a->ike && w->sas[k].ends[end].known) {
			end_sa(w, &w->sas[k], end);
			return;
		}
	}
}

/* --- signs of life --------------------------------------------------------------------- */

/* It is where the SA has it. */
static bool is_there(const struct world *w, const struct sa_end *e)
{
	const struct node *n = w->nodes[e->node];
	struct addr out = world_outside(n);

	return n->charon && e->known && addr_eq(&n->nbma, &e->local) &&
	       addr_eq(&out, &e->outside);
}

static void ask_other_end(struct world *w, struct world_sa *s, int end)
{
	struct node *n = w->nodes[s->ends[end].node],
		    *peer = w->nodes[s->ends[!end].node];
	bool answers = is_there(w, &s->ends[0]) && is_there(w, &s->ends[1]) &&
		       !world_is_cut(w, n, peer) && !world_is_cut(w, peer, n);

	if (!s->ends[end].present)
		return;
	s->ends[end].silent = answers ? 0 : s->ends[end].silent + 1;
	if (s->ends[end].silent >= DPD_TRIES)
		end_one(w, s, end, "the peer is dead");
}

static void ask_all(struct timer *t, void *ctx, mono now)
{
	struct world *w = container_of(t, struct world, dpd);

	(void)ctx;
	for (size_t k = 0; k < w->sa_count; k++) {
		for (int end = 0; end < 2; end++)
			ask_other_end(w, &w->sas[k], end);
	}
	timers_arm(&w->timers, t, mono_add_s(now, DPD_S));
}

void world_ike_dpd(struct world *w)
{
	w->dpd.fire = ask_all;
	timers_arm(&w->timers, &w->dpd, mono_add_s(w->now, DPD_S));
}

void world_nat_forwards(struct world *w, int node)
{
	world_node(w, node)->forwards = true;
}

void world_half_call(struct world *w, int from, int to)
{
	struct world_sa *s = new_sa(w, world_node(w, from), world_node(w, to));

	s->ends[0].present = s->ends[0].known = false;
	tell(world_node(w, to), SA_UP, s, NULL);
}

void world_ike_loss(struct world *w, unsigned percent)
{
	w->handshake_loss = percent;
}

/* --- accidents ----------------------------------------------------------------------- */

void world_charon(struct world *w, int node, bool up)
{
	struct node *n = world_node(w, node);

	n->charon = up;
	for (size_t k = 0; k < w->sa_count && !up; k++) {
		int end = end_of(&w->sas[k], n);

		if (end >= 0)
			w->sas[k].ends[end].known = false;
	}
	world_ike_tell(n);
}

void world_charon_stops(struct world *w, int node)
{
	struct node *n = world_node(w, node);

	for (size_t k = 0; k < w->sa_count; k++) {
		int end = end_of(&w->sas[k], n);

		if (end >= 0)
			end_sa(w, &w->sas[k], end);
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
	world_ike_refuses_for(w, node, refuses ? SA_CAUSE_AUTH : SA_CAUSE_NONE);
}

void world_ike_refuses_for(struct world *w, int node, enum sa_cause cause)
{
	world_node(w, node)->ike_refuses = cause != SA_CAUSE_NONE;
	world_node(w, node)->ike_cause = cause;
}

void world_delete_sas(struct world *w, int a, int b)
{
	for (size_t k = 0; k < w->sa_count; k++) {
		if (is_between(&w->sas[k], a, b))
			end_sa(w, &w->sas[k], 0);
	}
}

static void tell_rekeyed(struct world *w, const struct world_sa *s, struct event *ev)
{
	const struct world_sa copy = *s;

	for (int k = 0; k < 2; k++) {
		struct node *n = w->nodes[copy.ends[k].node];

		if (n->charon && copy.ends[k].known && hears(n))
			world_handle(n, ev);
	}
}

static void rekey(struct world *w, struct world_sa *s)
{
	struct event ev = { EV_SA, .sa = { .fact = SA_REKEYED } };
	size_t at = (size_t)(s - w->sas);

	ev.sa.old = s->child;
	ev.sa.child = s->child = ++w->next_sa;
	tell_rekeyed(w, s, &ev);
	s = &w->sas[at];
	if (!s->used)
		return;
	ev.sa.fact = SA_IKE_REKEYED;
	ev.sa.old = s->ike;
	ev.sa.ike = s->ike = ++w->next_sa;
	tell_rekeyed(w, s, &ev);
}

void world_rekey(struct world *w, int a, int b)
{
	for (size_t k = 0; k < w->sa_count; k++) {
		const struct world_sa *s = &w->sas[k];

		if (is_between(s, a, b) && s->ends[0].known && s->ends[1].known)
			rekey(w, &w->sas[k]);
	}
}

/* The other daemon sees it when the next packet comes from elsewhere. */
static void sa_moved(struct world *w, struct world_sa *s, int end)
{
	struct node *n = w->nodes[s->ends[end].node],
		    *peer = w->nodes[s->ends[!end].node];
	struct event ev = { EV_SA, .sa = { .fact = SA_MOVED, .ike = s->ike } };

	if (!s->ends[end].known || !s->ends[!end].known || !peer->charon)
		return;
	s->ends[end].outside = world_outside(n);
	ev.sa.remote = ev.sa.outer = s->ends[end].outside;
	if (hears(peer))
		world_handle(peer, &ev);
}

static void seen_elsewhere(struct timer *t, void *ctx, mono now)
{
	struct node *n = container_of(t, struct node, moves);
	struct world *w = ctx;

	(void)now;
	for (size_t k = 0; k < w->sa_count; k++) {
		int end = end_of(&w->sas[k], n);

		if (end >= 0 && n->charon)
			sa_moved(w, &w->sas[k], end);
	}
}

void world_rebind(struct world *w, int node, const char *nat)
{
	struct node *n = world_node(w, node);

	n->nat = unit_addr(nat);
	n->hole_count = 0;
	world_forget_places(w);
	n->moves.fire = seen_elsewhere;
	timers_arm(&w->timers, &n->moves, mono_add_ms(w->now, MOVE_MS));
}

unsigned world_sas(const struct world *w, int a, int b)
{
	unsigned count = 0;

	for (size_t k = 0; k < w->sa_count; k++)
		count += is_between(&w->sas[k], a, b);
	return count;
}

unsigned world_clear(const struct world *w)
{
	return w->clear;
}

void world_free_ike(struct world *w)
{
	world_drop_timers(w, finish, free_handshake);
	world_drop_timers(w, answered, free_handshake);
	world_drop_timers(w, certificate_found, free_certificate);
	timers_disarm(&w->timers, &w->dpd);
	free(w->sas);
}
