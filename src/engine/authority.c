/* SPDX-License-Identifier: MIT */
/*
 * What a peer's certificate gives, and who waits to hear of it. An SA comes first,
 * the registration by it right behind, and the answer about the certificate a few
 * milliseconds later: a registration that needs it waits for it here, one of each
 * peer. There is no time-out with a refusal: who hears nothing asks again, as every
 * client does (after a second or two those of Cisco and FRR too), while a NAK lets
 * some of them rest for a long time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nhrp/mem.h>

#include "engine_int.h"

#define STALE_S 5 /* what waited longer was sent again meanwhile */

struct authority {
	mono since;
	struct timer end; /* of the certificate */
	struct peer *peer;
	char reason[96]; /* why it gives nothing */
	size_t count;
	struct prefix prefixes[];
};

static void drop(struct peer *p)
{
	if (!p->authority)
		return;
	timers_disarm(&p->iface->engine->timers, &p->authority->end);
	free(p->authority);
	p->authority = NULL;
}

void authority_forget(struct peer *p)
{
	drop(p);
	free(p->waiting);
	p->waiting = NULL;
}

/* --- what it gives ---------------------------------------------------------------- */

/*
 * What was learnt of its station goes on, or ends. What it has registered stays as
 * long as that was granted for: only its refresh is refused.
 */
static void judge_again(struct peer *p, mono now)
{
	p->held++;
	for (struct binding *b = p->bindings, *next; b && peer_is_secured(p);
	     b = next) {
		next = b->peer_next;
		binding_secured(b, now);
	}
	p->held--;
	peer_release(p);
}

static void ended(struct timer *t, void *ctx, mono now)
{
	struct authority *a = container_of(t, struct authority, end);

	(void)ctx;
	a->count = 0;
	a->since = now;
	snprintf(a->reason, sizeof(a->reason), "its certificate has expired");
	judge_again(a->peer, now);
}

static struct authority *put(struct peer *p, const struct prefix *prefixes,
			     size_t count, mono now)
{
	struct authority *a = mem_new(sizeof(*a) + count * sizeof(*prefixes));

	drop(p);
	a->peer = p;
	a->since = now;
	a->end.fire = ended;
	a->count = count;
	if (count)
		memcpy(a->prefixes, prefixes, count * sizeof(*prefixes));
	p->authority = a;
	return a;
}

bool authority_known(const struct peer *p)
{
	return p->authority != NULL;
}

bool authority_covers(const struct peer *p, const struct prefix *what)
{
	const struct authority *a = p->authority;

	for (size_t k = 0; a && k < a->count; k++) {
		if (a->prefixes[k].len <= what->len &&
		    prefix_contains(&a->prefixes[k], &what->addr))
			return true;
	}
	return false;
}

/* The SA is at another address now. */
void authority_follow(struct peer *to, const struct peer *from)
{
	const struct authority *a = from->authority;
	struct authority *copy;

	if (!a)
		return;
	copy = put(to, a->prefixes, a->count, a->since);
	memcpy(copy->reason, a->reason, sizeof(copy->reason));
	if (timer_armed(&a->end))
		timers_arm(&to->iface->engine->timers, &copy->end, a->end.at);
}

/* --- for people ----------------------------------------------------------- */

static void put_list(struct authority_text *out, const struct authority *a)
{
	size_t at = 0;

	for (size_t k = 0; k < a->count; k++) {
		char more[sizeof(struct prefix_text) + 32];
		int n = snprintf(more, sizeof(more), "%s%s", k ? " " : "",
				 PREFIX_STR(&a->prefixes[k]));

		/* Room for how many are left out. */
		if (at + (size_t)n + 20 > sizeof(out->s)) {
			snprintf(out->s + at, sizeof(out->s) - at, " and %zu more",
				 a->count - k);
			return;
		}
		memcpy(out->s + at, more, (size_t)n + 1);
		at += (size_t)n;
	}
}

const char *authority_str(struct authority_text *out, const struct peer *p)
{
	const struct authority *a = p->authority;

	if (!a)
		snprintf(out->s, sizeof(out->s), "not known yet");
	else if (a->count == 0)
		snprintf(out->s, sizeof(out->s), "none: %s", a->reason);
	else
		put_list(out, a);
	return out->s;
}

void authority_show(const struct peer *p, struct record *r)
{
	if (!policy_asks_certificate(p))
		return;
	record_text(r, "authority",
		    authority_str(&(struct authority_text){ { 0 } }, p));
	if (p->authority)
		record_mono(r, "authority_since", p->authority->since);
}

/* --- what waits ----------------------------------------------------------- */

void authority_await(struct peer *p, const struct rx *rx)
{
	struct lookup *l = mem_new(sizeof(*l) + rx->ev->len);

	/* The last one is what the station says now. */
	if (p->waiting)
		count(p->iface, CNT_DROP_AWAITED);
	free(p->waiting);
	l->iface = p->iface;
	l->from = rx->ev->from;
	l->whose = identity_digest(p);
	l->asked = rx->now;
	l->len = rx->ev->len;
	memcpy(l->bytes, rx->ev->pdu, l->len);
	p->waiting = l;
}

static void take_waiting(struct peer *p, mono now)
{
	struct lookup *l = p->waiting;

	p->waiting = NULL;
	if (!l)
		return;
	if (p->iface->usable && mono_before(now, mono_add_s(l->asked, STALE_S)))
		register_again(l, now);
	else
		count(p->iface, CNT_DROP_AWAITED);
	free(l);
}

/* --- the answer ----------------------------------------------------------- */

static void log_change(const struct peer *p, mono now)
{
	struct engine *e = p->iface->engine;

	if (!engine_may_log(e, now))
		return;
	log_to(e->log, p->authority->count ? LOG_LEVEL_INFO : LOG_LEVEL_WARN,
	       "peer %s on %s: '%s' may claim by its certificate: %s",
	       ADDR_STR(&p->nbma), p->iface->name, identity_of(p),
	       authority_str(&(struct authority_text){ { 0 } }, p));
}

static bool is_news(const struct peer *p, const struct ev_sa *ev)
{
	const struct authority *a = p->authority;

	if (!a || a->count != ev->prefix_count)
		return true;
	for (size_t k = 0; k < a->count; k++) {
		if (!prefix_eq(&a->prefixes[k], &ev->prefixes[k]))
			return true;
	}
	return a->count == 0 && strcmp(a->reason, ev->reason) != 0;
}

void authority_told(struct peer *p, const struct ev_sa *ev, mono now)
{
	struct timers *ts = &p->iface->engine->timers;
	bool news = is_news(p, ev);
	struct authority *a;

	if (news)
		a = put(p, ev->prefixes, ev->prefix_count, now);
	else
		a = p->authority;
	if (a->count)
		timers_arm(ts, &a->end, mono_add_s(now, ev->valid_s));
	else
		snprintf(a->reason, sizeof(a->reason), "%s", ev->reason);
	if (!news)
		return;
	log_change(p, now);
	take_waiting(p, now);
	judge_again(p, now);
}
