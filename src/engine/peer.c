/* SPDX-License-Identifier: MIT */
/*
 * NBMA peers: what lies behind one outer address, and whether packets may go
 * there. On an encrypted tunnel that takes an SA, which this file has set up when
 * somebody wants it and taken down when nobody does; sa.c keeps the SAs themselves.
 *
 *	 DOWN --wanted--> INITIATING --SA--> UP --last SA gone--> LOST
 *	  ^ ^		      |		     | charon is gone	    | a moment
 *	  | '--- a moment --- | ---- refused v			    v
 *	  |		   BACKOFF	  UNKNOWN --no SA after all-> LOST
 *	  '---- nobody wants it, from anywhere but UP
 *
 * An SA of the peer's making leads from anywhere to ANSWERING, which takes packets
 * and sends none: charon has the SA installed before its answer goes to who called,
 * and what is sent earlier is lost there. The first NHRP packet by it, or a moment
 * without one (a foreign peer need not send any), leads to UP. UNKNOWN goes on as UP
 * did: what charon left in the kernel may live on, and the firewall table drops what
 * has no SA.
 *
 * A peer that ends each SA of our making at once is called as one that refuses.
 *
 * Of two that want each other at once one calls (RFC 7296 has no words for it, and
 * charon keeps both SAs): who asks for a station calls it, and expects not to be
 * called; when their questions crossed, who has the lower address does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include <nhrp/mem.h>

#include "engine_int.h"

#define GUARD_S		 40   /* an SA_START that nobody answers */
#define BACKOFF_FIRST_MS 1000 /* doubled at each try, six times */
#define BACKOFF_MAX_MS	 60000
#define REDIAL_MAX_MS	 1000 /* after a loss, by chance */
#define READY_EACH_MS	 20   /* start of many peers: so much for each of them */
#define READY_MAX_MS	 5000
#define ANSWER_MS	 1000 /* a caller has its SA by then, whoever it is */
#define LINGER_S	 10   /* an SA that nobody wants any more */
#define VERIFY_S	 15   /* charon is back without the SA, and we dial */
#define ORPHAN_S	 60   /* ... and the peer has to find out by itself */

/* A station without an SA is not asked for again: doubled at each try, to the most. */
#define REFUSED_FIRST_S 5
#define REFUSED_MAX_S	60

typedef void peer_step(struct peer *p, mono now);

static peer_step ignore, start, again, secured, connected, attend, idle, due, stay,
	linger, hang_up, doubt, verify, lost, cut, redial, back_off, reconsider, soon,
	forget;

struct step {
	enum peer_state next;
	peer_step *act;
};

/* clang-format off */
static const struct step table[PEER_STATES][PEER_EVENTS] = {
	[PEER_DOWN] = {
		[PEER_EV_WANTED]   = { PEER_INITIATING, start },
		[PEER_EV_UNWANTED] = { PEER_DOWN,       idle },
		[PEER_EV_SECURED]  = { PEER_UP,         secured },
		[PEER_EV_CALLED]   = { PEER_ANSWERING,  attend },
		[PEER_EV_HEARD]    = { PEER_DOWN,       ignore },
		[PEER_EV_STRIPPED] = { PEER_DOWN,       ignore },
		[PEER_EV_CUT]      = { PEER_DOWN,       ignore },
		[PEER_EV_FAILED]   = { PEER_BACKOFF,    back_off },
		[PEER_EV_TIMER]    = { PEER_DOWN,       due },
		[PEER_EV_GONE]     = { PEER_DOWN,       ignore },
		[PEER_EV_READY]    = { PEER_DOWN,       soon },
	},
	[PEER_INITIATING] = {
		[PEER_EV_WANTED]   = { PEER_INITIATING, ignore },
		[PEER_EV_UNWANTED] = { PEER_DOWN,       forget },
		[PEER_EV_SECURED]  = { PEER_UP,         connected },
		[PEER_EV_CALLED]   = { PEER_ANSWERING,  attend },
		[PEER_EV_HEARD]    = { PEER_INITIATING, ignore },
		[PEER_EV_STRIPPED] = { PEER_INITIATING, ignore },
		[PEER_EV_CUT]      = { PEER_INITIATING, ignore },
		[PEER_EV_FAILED]   = { PEER_BACKOFF,    back_off },
		[PEER_EV_TIMER]    = { PEER_BACKOFF,    back_off },
		[PEER_EV_GONE]     = { PEER_DOWN,       idle },
		[PEER_EV_READY]    = { PEER_INITIATING, again },
	},
	[PEER_ANSWERING] = {
		[PEER_EV_WANTED]   = { PEER_ANSWERING,  ignore },
		[PEER_EV_UNWANTED] = { PEER_ANSWERING,  ignore },
		[PEER_EV_SECURED]  = { PEER_UP,         connected },
		[PEER_EV_CALLED]   = { PEER_ANSWERING,  ignore },
		[PEER_EV_HEARD]    = { PEER_UP,         secured },
		[PEER_EV_STRIPPED] = { PEER_LOST,       lost },
		[PEER_EV_CUT]      = { PEER_LOST,       lost },
		[PEER_EV_FAILED]   = { PEER_ANSWERING,  ignore },
		[PEER_EV_TIMER]    = { PEER_UP,         secured },
		[PEER_EV_GONE]     = { PEER_DOWN,       idle },
		[PEER_EV_READY]    = { PEER_ANSWERING,  ignore },
	},
	[PEER_UP] = {
		[PEER_EV_WANTED]   = { PEER_UP,         stay },
		[PEER_EV_UNWANTED] = { PEER_UP,         linger },
		[PEER_EV_SECURED]  = { PEER_UP,         ignore },
		[PEER_EV_CALLED]   = { PEER_UP,         ignore },
		[PEER_EV_HEARD]    = { PEER_UP,         ignore },
		[PEER_EV_STRIPPED] = { PEER_LOST,       lost },
		[PEER_EV_CUT]      = { PEER_BACKOFF,    cut },
		[PEER_EV_FAILED]   = { PEER_UP,         ignore },
		[PEER_EV_TIMER]    = { PEER_UP,         hang_up },
		[PEER_EV_GONE]     = { PEER_UNKNOWN,    doubt },
		[PEER_EV_READY]    = { PEER_UP,         ignore },
	},
	[PEER_UNKNOWN] = {
		[PEER_EV_WANTED]   = { PEER_UNKNOWN,    ignore },
		[PEER_EV_UNWANTED] = { PEER_DOWN,       forget },
		[PEER_EV_SECURED]  = { PEER_UP,         secured },
		[PEER_EV_CALLED]   = { PEER_UP,         secured },
		[PEER_EV_HEARD]    = { PEER_UNKNOWN,    ignore },
		[PEER_EV_STRIPPED] = { PEER_LOST,       lost },
		[PEER_EV_CUT]      = { PEER_BACKOFF,    cut },
		[PEER_EV_FAILED]   = { PEER_LOST,       lost },
		[PEER_EV_TIMER]    = { PEER_LOST,       lost },
		[PEER_EV_GONE]     = { PEER_UNKNOWN,    doubt },
		[PEER_EV_READY]    = { PEER_UNKNOWN,    verify },
	},
	[PEER_LOST] = {
		[PEER_EV_WANTED]   = { PEER_LOST,       ignore },
		[PEER_EV_UNWANTED] = { PEER_DOWN,       idle },
		[PEER_EV_SECURED]  = { PEER_UP,         secured },
		[PEER_EV_CALLED]   = { PEER_ANSWERING,  attend },
		[PEER_EV_HEARD]    = { PEER_LOST,       ignore },
		[PEER_EV_STRIPPED] = { PEER_LOST,       ignore },
		[PEER_EV_CUT]      = { PEER_LOST,       ignore },
		[PEER_EV_FAILED]   = { PEER_LOST,       ignore },
		[PEER_EV_TIMER]    = { PEER_DOWN,       redial },
		[PEER_EV_GONE]     = { PEER_DOWN,       idle },
		[PEER_EV_READY]    = { PEER_LOST,       ignore },
	},
	[PEER_BACKOFF] = {
		[PEER_EV_WANTED]   = { PEER_BACKOFF,    reconsider },
		[PEER_EV_UNWANTED] = { PEER_BACKOFF,    ignore },
		[PEER_EV_SECURED]  = { PEER_UP,         secured },
		[PEER_EV_CALLED]   = { PEER_ANSWERING,  attend },
		[PEER_EV_HEARD]    = { PEER_BACKOFF,    ignore },
		[PEER_EV_STRIPPED] = { PEER_BACKOFF,    ignore },
		[PEER_EV_CUT]      = { PEER_BACKOFF,    ignore },
		[PEER_EV_FAILED]   = { PEER_BACKOFF,    ignore },
		[PEER_EV_TIMER]    = { PEER_DOWN,       redial },
		[PEER_EV_GONE]     = { PEER_DOWN,       idle },
		[PEER_EV_READY]    = { PEER_DOWN,       soon },
	},
};
/* clang-format on */

const char *peer_state_str(enum peer_state s)
{
	static const char *const names[PEER_STATES] = {
		[PEER_DOWN] = "down",		[PEER_INITIATING] = "initiating",
		[PEER_ANSWERING] = "answering", [PEER_UP] = "up",
		[PEER_UNKNOWN] = "unknown",	[PEER_LOST] = "lost",
		[PEER_BACKOFF] = "back-off",
	};

	return names[s];
}

bool peer_cell_decided(enum peer_state s, enum peer_event ev)
{
	return table[s][ev].act != NULL;
}

void peer_because(struct peer *p, const char *constant)
{
	free(p->quoted);
	p->quoted = NULL;
	p->reason = constant;
}

void peer_quote(struct peer *p, const char *why)
{
	size_t len = strnlen(why, PEER_REASON_MAX);
	char *copy = mem_new(len + 1);

	memcpy(copy, why, len);
	peer_because(p, copy);
	p->quoted = copy;
}

/* The IKE daemon's words may be among them. */
void peer_move(struct peer *p, enum peer_event ev, const char *why, mono now)
{
	const struct step *step = &table[p->state][ev];
	enum peer_state before = (enum peer_state)p->state;
	struct engine *e = p->iface->engine;

	e->cells.peer[before][ev]++;
	if (step->act == ignore)
		return;
	p->state = (uint8_t)step->next;
	if (why && (before != step->next || before != PEER_UP))
		peer_quote(p, why);
	if (before != step->next) {
		p->since = now;
		if (engine_may_log(e, now))
			log_to(e->log, LOG_LEVEL_INFO, "peer %s on %s: %s -> %s (%s)",
			       ADDR_STR(&p->nbma), p->iface->name,
			       peer_state_str(before), peer_state_str(step->next),
			       p->reason);
	}
	p->held++;
	step->act(p, now);
	p->held--;
}

/* --- the table -------------------------------------------------------------- */

struct peer *peer_find(const struct iface *i, const struct addr *nbma)
{
	struct peer *p;

	HASH_FIND(hh, i->peers, nbma, sizeof(*nbma), p);
	return p;
}

static void timer_fired(struct timer *t, void *ctx, mono now)
{
	struct peer *p = container_of(t, struct peer, timer);
	const char *why = NULL;

	(void)ctx;
	if (p->state == PEER_INITIATING)
		why = "no answer from the IKE daemon";
	else if (p->state == PEER_UNKNOWN)
		why = "no SA since the IKE daemon is back";
	else if (p->state == PEER_ANSWERING)
		why = "SA established";
	peer_move(p, PEER_EV_TIMER, why, now);
	peer_release(p);
}

struct peer *peer_get(struct iface *i, const struct addr *nbma, mono now)
{
	struct peer *p = peer_find(i, nbma);

	if (p)
		return p;
	p = mem_new(sizeof(*p));
	p->iface = i;
	p->nbma = *nbma;
	p->since = now;
	p->asked_us = MONO_NEVER;
	p->state = iface_is_secured(i) ? PEER_DOWN : PEER_UP;
	peer_because(p,
		     iface_is_secured(i) ? "no SA yet" : "the tunnel is not encrypted");
	p->timer.fire = timer_fired;
	p->tie.fire = sa_tie_fired;
	HASH_ADD(hh, i->peers, nbma, sizeof(p->nbma), p);
	return p;
}

static void free_peer(struct peer *p)
{
	authority_forget(p);
	identity_drop(p);
	HASH_DEL(p->iface->peers, p);
	free(p->quoted);
	free(p);
}

void peer_release(struct peer *p)
{
	struct timers *ts = &p->iface->engine->timers;

	if (p->held || peer_is_wanted(p) || p->sas ||
	    (iface_is_secured(p->iface) && p->state != PEER_DOWN))
		return;
	timers_disarm(ts, &p->timer);
	timers_disarm(ts, &p->tie);
	free_peer(p);
}

bool peer_is_secured(const struct peer *p)
{
	return p->state == PEER_UP || p->state == PEER_UNKNOWN;
}

bool peer_carries(const struct iface *i, const struct addr *nbma)
{
	const struct peer *p;

	if (!iface_is_secured(i))
		return true;
	p = peer_find(i, nbma);
	return p && peer_is_secured(p);
}

bool peer_hears(const struct iface *i, const struct addr *nbma, mono now)
{
	struct peer *p = iface_is_secured(i) ? peer_find(i, nbma) : NULL;

	if (p && p->state == PEER_ANSWERING)
		peer_move(p, PEER_EV_HEARD, "SA established", now);
	return peer_carries(i, nbma);
}

bool peer_has_stranger(const struct iface *i, const struct addr *nbma, mono now)
{
	const struct peer *p = iface_is_secured(i) ? peer_find(i, nbma) : NULL;

	return p && p->strangers && mono_before(now, p->strangers_until);
}

/*
 * Nobody has said yet what charon holds: what a predecessor left in the kernel may
 * well be carried. Who has no SA by what was said once has none.
 */
void peer_believe(struct peer *p, mono now)
{
	struct engine *e = p->iface->engine;

	if (p->state != PEER_DOWN || e->ike_told || !iface_is_secured(p->iface))
		return;
	p->state = PEER_UNKNOWN;
	p->since = now;
	peer_because(p, "left by a predecessor");
}

/* --- two behind one address -------------------------------------------------- */

/*
 * A station may register several protocol addresses, but two stations behind one
 * translated address cannot be told apart without IPsec: what is sent to one
 * reaches the other by chance. They give themselves away by what each claims to be
 * its own address. With IPsec it is sa.c that tells them apart.
 */
enum peer_verdict peer_admits(const struct iface *i, const struct addr *nbma,
			      const struct addr *claimed)
{
	const struct peer *p = peer_find(i, nbma);

	if (!p || p->stations == 0)
		return PEER_ADMITTED;
	if (!iface_is_secured(i) && !addr_eq(&p->claimed, claimed))
		return PEER_SHARED;
	return p->stations < PEER_STATIONS_MAX ? PEER_ADMITTED : PEER_FULL;
}

/* --- what a step does --------------------------------------------------------- */

static void arm_ms(struct peer *p, int64_t ms, mono now)
{
	timers_arm(&p->iface->engine->timers, &p->timer, mono_add_ms(now, ms));
}

static void disarm(struct peer *p)
{
	timers_disarm(&p->iface->engine->timers, &p->timer);
}

static struct act_sa *ask(struct peer *p, enum sa_want want)
{
	struct act_sa *a = &engine_push(p->iface->engine, ACT_SA)->sa;

	a->want = want;
	snprintf(a->ifname, sizeof(a->ifname), "%s", p->iface->name);
	a->local = p->iface->nbma;
	a->remote = p->nbma;
	return a;
}

static void ignore(struct peer *p, mono now)
{
	(void)p;
	(void)now;
}

static void idle(struct peer *p, mono now)
{
	(void)now;
	disarm(p);
	p->tries = 0;
}

static void forget(struct peer *p, mono now)
{
	idle(p, now);
	if (p->iface->engine->ike_ready)
		ask(p, SA_FORGET);
}

static void start(struct peer *p, mono now)
{
	p->tries++;
	arm_ms(p, GUARD_S * 1000, now);
	ask(p, SA_START);
}

/* The IKE daemon is another one now: what it was asked for is forgotten. */
static void again(struct peer *p, mono now)
{
	start(p, now);
}

static void secured(struct peer *p, mono now)
{
	disarm(p);
	p->tries = 0;
	count(p->iface, CNT_SAS_UP);
	for (struct binding *b = p->bindings, *next; b; b = next) {
		next = b->peer_next;
		binding_secured(b, now);
	}
	client_peer_changed(p->iface, &p->nbma, NULL, now);
	if (!peer_is_wanted(p))
		linger(p, now);
}

/*
 * Our call went through, and it waits to hear from us. A server does from the
 * registration; a station that we know only from others is asked something.
 */
static void connected(struct peer *p, mono now)
{
	secured(p, now);
	for (const struct binding *b = p->bindings; b; b = b->peer_next) {
		if (b->type != BINDING_CACHED)
			continue;
		resolve_greet(p->iface, &b->proto, &p->nbma, now);
		return;
	}
}

static void attend(struct peer *p, mono now)
{
	p->tries = 0;
	arm_ms(p, ANSWER_MS, now);
}

/* A copy: what they do about it may give it another reason. */
static void tell_clients(struct peer *p, mono now)
{
	char why[PEER_REASON_MAX + 1];

	snprintf(why, sizeof(why), "%s", p->reason);
	client_peer_changed(p->iface, &p->nbma, why, now);
}

/* What leads through it ends; what is configured or registered waits for it. */
static void strip(struct peer *p, mono now)
{
	for (struct binding *b = p->bindings, *next; b; b = next) {
		next = b->peer_next;
		if (b->type == BINDING_CACHED)
			binding_end(b, "its SA is gone", now);
		else
			neigh_strip(b);
	}
	tell_clients(p, now);
}

static void lost(struct peer *p, mono now)
{
	count(p->iface, CNT_SAS_LOST);
	strip(p, now);
	arm_ms(p, rng_below(&p->iface->engine->rng, REDIAL_MAX_MS), now);
}

/* NAT does not go away in a moment. */
static uint32_t refused_s(const struct peer *p)
{
	unsigned doublings = p->tries > 4 ? 4 : p->tries ? p->tries - 1 : 0;
	uint32_t s = REFUSED_FIRST_S << doublings;

	if (p->natted)
		return REFUSED_MAX_S;
	return s < REFUSED_MAX_S ? s : REFUSED_MAX_S;
}

static void refuse_cached(struct peer *p, mono now)
{
	for (struct binding *b = p->bindings, *next; b; b = next) {
		next = b->peer_next;
		if (b->type == BINDING_CACHED)
			binding_unsecurable(b, REASON_NO_SA, refused_s(p), now);
	}
}

/* Learnt stations are given up for a while, configured ones are tried again. */
static void back_off(struct peer *p, mono now)
{
	unsigned doublings = p->tries > 6 ? 6 : p->tries ? p->tries - 1 : 0;
	int64_t ms = (int64_t)BACKOFF_FIRST_MS << doublings;

	count(p->iface, CNT_SAS_FAILED);
	refuse_cached(p, now);
	tell_clients(p, now);
	p->again_at =
		mono_add_ms(now, peer_is_wanted(p) ? ms : refused_s(p) * 1000 / 2);
	/* Nobody waits: it stays for people to see, and to know how often it failed. */
	if (!peer_is_wanted(p))
		ms = 2 * REFUSED_MAX_S * 1000;
	arm_ms(p, rng_jitter(&p->iface->engine->rng, ms, 25), now);
}

/* It is asked for anew: its turn comes when it may be called. */
static void reconsider(struct peer *p, mono now)
{
	struct timer *t = &p->timer;

	if (!mono_before(now, p->again_at))
		peer_move(p, PEER_EV_TIMER, NULL, now);
	else if (mono_before(p->again_at, t->at))
		timers_arm(&p->iface->engine->timers, t, p->again_at);
}

static void cut(struct peer *p, mono now)
{
	count(p->iface, CNT_SAS_LOST);
	for (struct binding *b = p->bindings; b; b = b->peer_next) {
		if (b->type != BINDING_CACHED)
			neigh_strip(b);
	}
	p->tries = p->cuts;
	back_off(p, now);
}

static void redial(struct peer *p, mono now)
{
	if (peer_is_wanted(p))
		peer_dial(p, now);
	else
		forget(p, now);
}

/* Its turn has come; or a peer behind NAT had its time to call. */
static void due(struct peer *p, mono now)
{
	if (!p->natted)
		peer_dial(p, now);
	else if (nat_is_ours(p->iface))
		peer_move(p, PEER_EV_FAILED, "both ends are behind NAT", now);
	else
		peer_move(p, PEER_EV_FAILED, "behind NAT, and it did not call us", now);
}

/* Of many that start at once each takes its turn. */
static void soon(struct peer *p, mono now)
{
	uint32_t ms = HASH_COUNT(p->iface->peers) * READY_EACH_MS;

	arm_ms(p,
	       rng_below(&p->iface->engine->rng, ms < READY_MAX_MS ? ms : READY_MAX_MS),
	       now);
}

static void stay(struct peer *p, mono now)
{
	(void)now;
	disarm(p);
}

static void linger(struct peer *p, mono now)
{
	arm_ms(p, LINGER_S * 1000, now);
}

/* An SA of the peer's making is the peer's to end. */
static void hang_up(struct peer *p, mono now)
{
	(void)now;
	if (peer_is_wanted(p))
		return;
	sa_stop_ours(p);
	ask(p, SA_FORGET);
}

static void doubt(struct peer *p, mono now)
{
	(void)now;
	disarm(p);
}

static void verify(struct peer *p, mono now)
{
	if (peer_dialable(p, now))
		ask(p, SA_START);
	arm_ms(p, (peer_dialable(p, now) ? VERIFY_S : ORPHAN_S) * 1000, now);
}

/* --- facts of all peers -------------------------------------------------------- */

/* Who makes SAs is nothing to a tunnel that has none. */
void peer_ike_gone(struct iface *i, mono now)
{
	struct peer *p, *next;

	if (!iface_is_secured(i))
		return;
	HASH_ITER (hh, i->peers, p, next) {
		p->held++;
		peer_move(p, PEER_EV_GONE, i->engine->ike_reason, now);
		p->held--;
		peer_await(p, now);
		peer_release(p);
	}
}

void peer_ike_ready(struct iface *i, mono now)
{
	struct peer *p, *next;

	if (!iface_is_secured(i))
		return;
	HASH_ITER (hh, i->peers, p, next) {
		bool redials = p->dials && !p->natted;

		if (p->sas || (!redials && p->state != PEER_UNKNOWN))
			peer_await(p, now);
		else
			peer_move(p, PEER_EV_READY, "the IKE daemon answers", now);
		peer_release(p);
	}
}

void peer_iface_usable(struct iface *i, mono now)
{
	struct peer *p, *next;

	HASH_ITER (hh, i->peers, p, next)
		peer_dial(p, now);
}

/* Our own address is another one: SAs of the old one protect nothing any more. */
void peer_local_moved(struct iface *i, mono now)
{
	struct peer *p, *next;

	HASH_ITER (hh, i->peers, p, next) {
		p->held++;
		sa_stop_all(p);
		if (p->state == PEER_INITIATING)
			peer_move(p, PEER_EV_READY, NULL, now);
		else
			peer_move(p, PEER_EV_STRIPPED, "own address changed", now);
		if (p->state == PEER_LOST)
			arm_ms(p, 0, now);
		p->held--;
		peer_release(p);
	}
}

/* What was refused may not be with other words: it is tried at once. */
void peer_profile_changed(struct iface *i, mono now)
{
	struct peer *p, *next;

	HASH_ITER (hh, i->peers, p, next) {
		if (p->state != PEER_BACKOFF)
			continue;
		p->tries = 0;
		peer_move(p, PEER_EV_TIMER, "its profile changed", now);
		peer_release(p);
	}
}

/* `ipsec` came or went: everything begins anew. */
void peer_mode_changed(struct iface *i, mono now)
{
	struct peer *p, *next;

	HASH_ITER (hh, i->peers, p, next) {
		p->held++;
		disarm(p);
		sa_drop_all(p);
		authority_forget(p);
		p->state = iface_is_secured(i) ? PEER_DOWN : PEER_UP;
		peer_because(p, "the configuration changed");
		p->since = now;
		if (peer_is_secured(p))
			secured(p, now);
		else
			strip(p, now);
		p->held--;
		peer_dial(p, now);
		peer_release(p);
	}
}

/* This tunnel is given up: nothing is wanted of anybody. */
void peer_hang_up_all(struct iface *i)
{
	for (struct peer *p = i->peers; p; p = p->hh.next) {
		sa_stop_ours(p);
		if (iface_is_secured(i) && i->engine->ike_ready)
			ask(p, SA_FORGET);
	}
}

void peer_free_all(struct iface *i)
{
	struct peer *p, *next;

	HASH_ITER (hh, i->peers, p, next) {
		timers_disarm(&i->engine->timers, &p->timer);
		timers_disarm(&i->engine->timers, &p->tie);
		sa_drop_all(p);
		free_peer(p);
	}
}
