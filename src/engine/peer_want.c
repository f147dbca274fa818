/* SPDX-License-Identifier: MIT */
/*
 * Who wants an SA with a peer: bindings and stations lead to it, packets wait for it;
 * and whether it is ours to call it. How it is had is peer.c's.
 */
#include <utlist.h>

#include "engine_int.h"

#define YIELD_S 3  /* who asked for us calls by then */
#define CALL_S	10 /* a peer behind NAT has to call us */

bool peer_is_wanted(const struct peer *p)
{
	return p->bindings || p->holds;
}

bool peer_dialable(const struct peer *p, mono now)
{
	return p->dials && p->iface->usable && p->iface->engine->ike_ready &&
	       !p->iface->engine->stopping && !p->natted &&
	       !mono_before(now, p->calls_until);
}

/* Why it is not dialled, where somebody wants it. */
void peer_await(struct peer *p, mono now)
{
	struct engine *e = p->iface->engine;

	if (p->state != PEER_DOWN || !peer_is_wanted(p))
		return;
	if (!e->ike_ready) {
		peer_quote(p, e->ike_reason);
	} else if (p->natted) {
		peer_because(p, nat_is_ours(p->iface)
					? "both ends are behind NAT"
					: "behind NAT: it has to call us");
		if (!timer_armed(&p->timer))
			timers_arm(&e->timers, &p->timer,
				   nat_is_ours(p->iface) ? now
							 : mono_add_s(now, CALL_S));
	} else if (mono_before(now, p->calls_until)) {
		peer_because(p, "it asked for us, and calls");
		timers_arm(&e->timers, &p->timer, p->calls_until);
	}
}

void peer_dial(struct peer *p, mono now)
{
	if (!iface_is_secured(p->iface))
		return;
	if (peer_dialable(p, now))
		peer_move(p, PEER_EV_WANTED, "setting up an SA", now);
	else
		peer_await(p, now);
}

/* By a `map`: it is called there, whatever else is said of that address. */
static bool is_configured(const struct peer *p)
{
	const struct binding *b;

	DL_FOREACH2(p->bindings, b, peer_next)
	{
		if (b->type == BINDING_STATIC || b->type == BINDING_NHS)
			return true;
	}
	return p->holds > 0;
}

void peer_join(struct binding *b, bool dials, mono now)
{
	struct peer *p;

	if (b->type != BINDING_DYNAMIC && !iface_is_secured(b->iface))
		return;
	p = peer_get(b->iface, &b->nbma, now);
	b->peer = p;
	b->dials = dials;
	DL_APPEND2(p->bindings, b, peer_prev, peer_next);
	p->dials += dials;
	if (b->type == BINDING_DYNAMIC) {
		p->stations++;
		p->claimed = b->claimed;
	}
	p->natted = !is_configured(p) && (p->natted || !addr_eq(&b->nbma, &b->claimed));
	if (dials)
		peer_dial(p, now);
}

static void unwanted(struct peer *p, mono now)
{
	if (!peer_is_wanted(p) && iface_is_secured(p->iface))
		peer_move(p, PEER_EV_UNWANTED, "nobody wants it any more", now);
	peer_release(p);
}

void peer_leave(struct binding *b, mono now)
{
	struct peer *p = b->peer;

	if (!p)
		return;
	b->peer = NULL;
	DL_DELETE2(p->bindings, b, peer_prev, peer_next);
	p->dials -= b->dials;
	if (b->type == BINDING_DYNAMIC)
		p->stations--;
	b->dials = false;
	unwanted(p, now);
}

void peer_pin(struct peer *p)
{
	p->holds++;
}

void peer_unpin(struct peer *p, mono now)
{
	p->holds--;
	unwanted(p, now);
}

struct peer *peer_hold(struct iface *i, const struct addr *nbma, mono now)
{
	struct peer *p = peer_get(i, nbma, now);

	p->holds++;
	p->dials++;
	peer_dial(p, now);
	return p;
}

void peer_unhold(struct peer *p, mono now)
{
	p->holds--;
	p->dials--;
	unwanted(p, now);
}

void peer_want(struct binding *b, mono now)
{
	struct peer *p = b->peer;

	if (!p || b->dials)
		return;
	b->dials = true;
	p->dials++;
	peer_dial(p, now);
}

/* A packet waits for it: call, even when the other end was expected to. */
void peer_traffic(struct binding *b, mono now)
{
	struct peer *p = b->peer;

	if (!p || peer_is_secured(p))
		return;
	if (b->type == BINDING_CACHED)
		peer_want(b, now);
	peer_dial(p, now);
}

void peer_asked_us(struct iface *i, const struct addr *nbma, mono now)
{
	struct peer *p = iface_is_secured(i) ? peer_find(i, nbma) : NULL;

	if (!p || peer_is_secured(p) || p->natted)
		return;
	p->asked_us = now;
	p->calls_until = mono_add_s(now, YIELD_S);
}

void peer_answered_us(struct iface *i, const struct addr *nbma, mono began, mono now)
{
	struct peer *p = iface_is_secured(i) ? peer_find(i, nbma) : NULL;

	/* It will have seen our question before its answer, as we have seen its. */
	if (p && !mono_is_never(p->asked_us) && mono_before(began, p->asked_us) &&
	    addr_cmp(&i->nbma, &p->nbma) < 0)
		p->calls_until = now;
}
