/* SPDX-License-Identifier: MIT */
/*
 * The SAs that the IKE daemon has, by its own numbers, each under the peer it
 * leads to: nothing here goes by the name of a connection. Several under one peer
 * are the way of things (both called at the same moment; one of us restarted): the
 * one with the lowest initiator's SPI stays, a number that both ends know, and
 * whoever began another one ends it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nhrp/mem.h>

#include "engine_int.h"

#define TIE_S	  3
#define CUTS_MAX  2  /* so ended, one after the other, it is no accident */
#define STRANGE_S 10 /* an SA that is to end has ended */
#define SHORT_S	  5  /* who ends one so soon did not want it */
#define RESTART_S 30 /* an SA so much older belongs to the peer's former life */

struct sa {
	UT_hash_handle hh; /* in engine->sas, by child */
	uint32_t child, ike;
	uint64_t initiator_spi;
	bool initiator;
	mono established;
	struct peer *peer;
	struct sa *next; /* of the same peer */
};

static struct sa *find(struct engine *e, uint32_t child)
{
	struct sa *s;

	HASH_FIND(hh, e->sas, &child, sizeof(child), s);
	return s;
}

static struct iface *iface_of(struct engine *e, const struct ev_sa *ev)
{
	for (struct iface *i = e->ifaces; i; i = i->next) {
		if (strcmp(i->name, ev->ifname) == 0)
			return iface_is_secured(i) ? i : NULL;
	}
	return NULL;
}

static void stop(struct engine *e, uint32_t ike, bool force)
{
	struct act_sa *a = &engine_push(e, ACT_SA)->sa;

	a->want = SA_STOP;
	a->ike = ike;
	a->force = force;
}

/* Out of the peer's list and out of the table. */
static void drop(struct peer *p, struct sa *s)
{
	struct sa **at = &p->sas;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	HASH_DEL(p->iface->engine->sas, s);
	free(s);
}

void sa_drop_all(struct peer *p)
{
	p->strangers = 0;
	while (p->sas)
		drop(p, p->sas);
}

void sa_stop_ours(const struct peer *p)
{
	for (const struct sa *s = p->sas; s; s = s->next) {
		if (s->initiator)
			stop(p->iface->engine, s->ike, false);
	}
}

/* Numbers of charon's, to be found again in its own lists; the newest first. */
void sa_show(const struct peer *p, struct record *r)
{
	int64_t count = 0;

	for (const struct sa *s = p->sas; s; s = s->next)
		count++;
	record_number(r, "sas", count);
	if (!p->sas)
		return;
	record_number(r, "ike_id", p->sas->ike);
	record_number(r, "child_id", p->sas->child);
	record_bool(r, "initiator", p->sas->initiator);
	record_mono(r, "established", p->sas->established);
}

enum sa_cause sa_cause(const struct peer *p)
{
	if (!p->iface->engine->ike_ready)
		return SA_CAUSE_CHARON;
	if (p->natted)
		return nat_is_ours(p->iface) ? SA_CAUSE_NAT_BOTH : SA_CAUSE_NAT_CALLER;
	return (enum sa_cause)p->cause;
}

uint32_t sa_only(const struct peer *p, uint32_t *child)
{
	if (!p->sas || p->sas->next)
		return 0;
	*child = p->sas->child;
	return p->sas->ike;
}

void sa_stop_all(struct peer *p)
{
	for (const struct sa *s = p->sas; s; s = s->next)
		stop(p->iface->engine, s->ike, true);
	sa_drop_all(p);
	authority_forget(p);
}

/* --- one is there --------------------------------------------------------------- */

static void note_rival(const struct peer *p, const char *identity, mono now)
{
	struct rival *r = &p->iface->rival;

	r->nbma = p->nbma;
	r->at = now;
	snprintf(r->identity, sizeof(r->identity), "%s", identity);
}

/*
 * Somebody else at an address that is in use: two behind one NAT. Their packets
 * could not be told apart, so the first stays.
 */
static bool collides(struct peer *p, const struct ev_sa *ev, mono now)
{
	struct engine *e = p->iface->engine;

	if (!p->sas || identity_is(p, ev->identity))
		return false;
	count(p->iface, CNT_SAS_COLLIDED);
	note_rival(p, ev->identity, now);
	if (engine_may_log(e, now))
		log_to(e->log, LOG_LEVEL_WARN,
		       "peer %s on %s: '%s' came from the address of '%s': two behind "
		       "one NAT need 'mode tunnel' in the profile; the first stays",
		       ADDR_STR(&p->nbma), p->iface->name, ev->identity,
		       identity_of(p));
	stop(e, ev->ike, false);
	p->strangers++;
	p->strangers_until = mono_add_s(now, STRANGE_S);
	return true;
}

/* Whoever was here before is not who is here now. */
static void identify(struct peer *p, const char *identity, mono now)
{
	bool other = identity_known(p) && !identity_is(p, identity);

	for (struct binding *b = p->bindings, *next; other && b; b = next) {
		next = b->peer_next;
		if (b->type == BINDING_DYNAMIC || b->type == BINDING_CACHED)
			binding_end(b, "another identity is at its address", now);
	}
	/* What an earlier SA proved says nothing about this one. */
	if (other || !p->sas)
		authority_forget(p);
	identity_set(p, identity);
}

static void add(struct peer *p, const struct ev_sa *ev, mono now)
{
	struct engine *e = p->iface->engine;
	struct sa *s = mem_new(sizeof(*s));
	int64_t age_us = (int64_t)ev->age_s * 1000000;

	s->child = ev->child;
	s->ike = ev->ike;
	s->initiator = ev->initiator;
	s->initiator_spi = ev->initiator_spi;
	s->established = mono_add_us(now, -age_us);
	s->peer = p;
	s->next = p->sas;
	p->sas = s;
	HASH_ADD(hh, e->sas, child, sizeof(s->child), s);
	/* Whom we called can be called, whatever stands before it. */
	p->natted = ev->natted && !ev->initiator;
	p->cause = SA_CAUSE_NONE;
	if (s->next)
		timers_arm(&e->timers, &p->tie, mono_add_s(now, TIE_S));
}

static void up(struct engine *e, const struct ev_sa *ev, mono now)
{
	struct iface *i = iface_of(e, ev);
	struct sa *known = find(e, ev->child);
	struct peer *p;

	if (!i || known)
		return;
	if (!peer_find(i, &ev->remote) &&
	    HASH_COUNT(i->peers) >= i->conf->max_bindings) {
		count(i, CNT_SAS_REFUSED);
		stop(e, ev->ike, false);
		return;
	}
	p = peer_get(i, &ev->remote, now);
	p->held++;
	if (!collides(p, ev, now)) {
		identify(p, ev->identity, now);
		add(p, ev, now);
		/* Who answers has it first: its first packets might come too early. */
		if (ev->initiator || !ev->fresh)
			peer_move(p, PEER_EV_SECURED, "SA established", now);
		else
			peer_move(p, PEER_EV_CALLED, "it called us", now);
	}
	p->held--;
	peer_release(p);
}

/* --- and gone -------------------------------------------------------------------- */

static void stranger_down(struct engine *e, const struct ev_sa *ev)
{
	struct iface *i = iface_of(e, ev);
	struct peer *p = i ? peer_find(i, &ev->remote) : NULL;

	if (p && p->strangers)
		p->strangers--;
}

/* Of a peer that has no other. */
static void last_down(struct peer *p, bool cut, mono now)
{
	p->cuts = cut ? p->cuts + 1 : 0;
	authority_forget(p);
	if (p->cuts >= CUTS_MAX)
		peer_move(p, PEER_EV_CUT, "the peer ends each SA at once", now);
	else
		peer_move(p, PEER_EV_STRIPPED, "SA deleted", now);
}

static void down(struct engine *e, const struct ev_sa *ev, mono now)
{
	struct sa *s = find(e, ev->child);
	bool early, cut;
	struct peer *p;

	if (!s) {
		stranger_down(e, ev);
		return;
	}
	p = s->peer;
	early = mono_before(now, mono_add_s(s->established, SHORT_S));
	cut = early && s->initiator;
	if (early)
		p->cause = SA_CAUSE_SHORT_LIVED;
	drop(p, s);
	if (!p->sas)
		last_down(p, cut, now);
	peer_release(p);
}

/* --- changes -------------------------------------------------------------- */

static void rekeyed(struct engine *e, const struct ev_sa *ev)
{
	struct sa *s = find(e, ev->old);

	if (!s || find(e, ev->child))
		return;
	HASH_DEL(e->sas, s);
	s->child = ev->child;
	HASH_ADD(hh, e->sas, child, sizeof(s->child), s);
	s->peer->rekeys++;
}

static void ike_rekeyed(struct engine *e, const struct ev_sa *ev)
{
	for (struct sa *s = e->sas; s; s = s->hh.next) {
		if (s->ike == ev->old)
			s->ike = ev->ike;
	}
}

/* A station is where its SA leads to now. */
static void move_bindings(struct peer *from, const struct addr *to, mono now)
{
	for (struct binding *b = from->bindings, *next; b; b = next) {
		next = b->peer_next;
		if (b->type == BINDING_DYNAMIC || b->type == BINDING_CACHED)
			binding_moved(b, to, "its SA moved", now);
	}
}

static void move_one(struct engine *e, struct sa *s, const struct addr *to, mono now)
{
	struct peer *from = s->peer, *p = peer_get(from->iface, to, now);
	struct sa **at = &from->sas;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	s->next = p->sas;
	p->sas = s;
	s->peer = p;
	p->natted = from->natted;
	from->held++;
	identity_set(p, identity_of(from));
	authority_follow(p, from);
	peer_move(p, PEER_EV_SECURED, "SA moved here", now);
	move_bindings(from, to, now);
	if (!from->sas)
		authority_forget(from);
	if (!from->sas)
		peer_move(from, PEER_EV_STRIPPED, "its SA moved away", now);
	from->held--;
	peer_release(from);
	(void)e;
}

static void moved(struct engine *e, const struct ev_sa *ev, mono now)
{
	struct sa *s, *next;

	HASH_ITER (hh, e->sas, s, next) {
		if (s->ike == ev->ike && !addr_eq(&s->peer->nbma, &ev->remote))
			move_one(e, s, &ev->remote, now);
	}
}

/* --- more than one -------------------------------------------------------- */

static const struct sa *lowest(const struct peer *p)
{
	const struct sa *best = p->sas;

	for (const struct sa *s = best->next; s; s = s->next) {
		if (s->initiator_spi < best->initiator_spi)
			best = s;
	}
	return best;
}

/*
 * The peer called again long after: its former life is over. Or one end began them
 * all: who calls again knows of no other, whatever the responder still has.
 */
static const struct sa *newest_if_restarted(const struct peer *p)
{
	const struct sa *newest = p->sas, *oldest = p->sas;
	bool alike = true;

	for (const struct sa *s = p->sas; s; s = s->next) {
		if (mono_before(newest->established, s->established))
			newest = s;
		if (mono_before(s->established, oldest->established))
			oldest = s;
		alike = alike && s->initiator == p->sas->initiator;
	}
	if (alike)
		return newest;
	if (newest->initiator ||
	    mono_before(newest->established,
			mono_add_s(oldest->established, RESTART_S)))
		return NULL;
	return newest;
}

void sa_tie_fired(struct timer *t, void *ctx, mono now)
{
	struct peer *p = container_of(t, struct peer, tie);
	const struct sa *restarted, *keep;

	(void)ctx;
	(void)now;
	if (!p->sas || !p->sas->next)
		return;
	restarted = newest_if_restarted(p);
	keep = restarted ? restarted : lowest(p);
	for (const struct sa *s = p->sas; s; s = s->next) {
		if (s->ike != keep->ike && (s->initiator || restarted))
			stop(p->iface->engine, s->ike, restarted != NULL);
	}
}

/* --- the IKE daemon itself ------------------------------------------------ */

static void gone(struct engine *e, const char *why, mono now)
{
	e->ike_ready = false;
	e->ike_since = now;
	snprintf(e->ike_reason, sizeof(e->ike_reason), "%s",
		 why ? why : "the IKE daemon does not answer");
	for (struct iface *i = e->ifaces; i; i = i->next) {
		for (struct peer *p = i->peers; p; p = p->hh.next)
			sa_drop_all(p);
		peer_ike_gone(i, now);
	}
}

static void ready(struct engine *e, mono now)
{
	e->ike_ready = e->ike_told = true;
	e->ike_since = now;
	snprintf(e->ike_reason, sizeof(e->ike_reason), "the IKE daemon answers");
	for (struct iface *i = e->ifaces; i; i = i->next)
		peer_ike_ready(i, now);
}

static void failed(struct engine *e, const struct ev_sa *ev, mono now)
{
	struct iface *i = iface_of(e, ev);
	struct peer *p = i ? peer_find(i, &ev->remote) : NULL;

	if (p) {
		p->cause = (uint8_t)ev->cause;
		peer_move(p, PEER_EV_FAILED, ev->reason, now);
		peer_release(p);
	}
}

/* Of somebody who is not there any more it is of no use. */
static void certified(struct engine *e, const struct ev_sa *ev, mono now)
{
	struct iface *i = iface_of(e, ev);
	struct peer *p = i ? peer_find(i, &ev->remote) : NULL;

	if (p && p->sas && identity_is(p, ev->identity))
		authority_told(p, ev, now);
}

void sa_event(struct engine *e, const struct ev_sa *ev, mono now)
{
	switch (ev->fact) {
	case SA_READY:
		ready(e, now);
		break;
	case SA_GONE:
		gone(e, ev->reason, now);
		break;
	case SA_UP:
		up(e, ev, now);
		break;
	case SA_DOWN:
		down(e, ev, now);
		break;
	case SA_REKEYED:
		rekeyed(e, ev);
		break;
	case SA_IKE_REKEYED:
		ike_rekeyed(e, ev);
		break;
	case SA_MOVED:
		moved(e, ev, now);
		break;
	case SA_FAILED:
		failed(e, ev, now);
		break;
	case SA_AUTHORITY:
		certified(e, ev, now);
		break;
	}
}
