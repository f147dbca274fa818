/* SPDX-License-Identifier: MIT */
/*
 * The children that charon has for GRE, and what is told of them. They are kept
 * because events are about IKE SAs or about numbers alone, and because a tunnel may
 * become known after its SAs. Strangers' children are kept too: an address may be
 * a tunnel's tomorrow, and who is authenticated is limited by charon.
 */
#include "ike_int.h"

#include <stdlib.h>
#include <string.h>

#include <nhrp/mem.h>

static struct sa *find_child(const struct ike *k, uint32_t child)
{
	struct sa *s;

	HASH_FIND(by_child, k->sas, &child, sizeof(child), s);
	return s;
}

static void sa_free(struct ike *k, struct sa *s)
{
	ike_cert_drop(k, s);
	free(s->identity);
	free(s->ike_suite);
	free(s->suite);
	free(s);
}

void ike_sa_forget_all(struct ike *k)
{
	struct sa *s, *next;

	HASH_ITER (by_child, k->sas, s, next) {
		HASH_DELETE(by_child, k->sas, s);
		sa_free(k, s);
	}
}

/* --- telling ------------------------------------------------------------------ */

static uint32_t age_s(const struct ike *k, const struct sa *s)
{
	int64_t us = mono_diff_us(loop_now(k->loop), s->established);

	return us > 0 ? (uint32_t)(us / 1000000) : 0;
}

static void tell_tunnel(struct ike *k, const struct tunnel *t, enum sa_fact fact,
			const struct sa *s, uint32_t old)
{
	const struct ev_sa ev = {
		.fact = fact,
		.ifname = t->ifname,
		.local = s->local,
		.remote = s->remote,
		.outer = s->outer,
		.ike = s->ike,
		.child = s->child,
		.old = old,
		.initiator_spi = s->initiator_spi,
		.initiator = s->initiator,
		.fresh = s->fresh,
		.natted = s->natted,
		.age_s = age_s(k, s),
		.identity = s->identity,
	};

	ike_put(k, &ev);
}

/* Tunnels may share an address; then they share its SAs, for charon knows no key. */
static void tell(struct ike *k, enum sa_fact fact, struct sa *s, uint32_t old)
{
	struct tunnel *t = NULL;

	while ((t = ike_tunnel_at(k, &s->local, t)) != NULL) {
		tell_tunnel(k, t, fact, s, old);
		if (fact == SA_UP)
			ike_call_child_up(k, t, &s->remote);
	}
	if (fact == SA_UP)
		ike_cert_ask(k, s);
}

void ike_sa_retell(struct ike *k, struct tunnel *t)
{
	struct sa *s, *next;

	HASH_ITER (by_child, k->sas, s, next) {
		if (!addr_eq(&s->local, &t->local))
			continue;
		tell_tunnel(k, t, SA_UP, s, 0);
		ike_call_child_up(k, t, &s->remote);
		ike_cert_ask(k, s);
	}
}

/* --- children ----------------------------------------------------------------- */

static void set_text(char **text, const char *value)
{
	free(*text);
	*text = mem_strdup(value);
}

static void set_ike(const struct ike *k, struct sa *s, const struct ike_fact *fact)
{
	s->ike = fact->ike;
	s->outer = fact->outer;
	s->initiator_spi = fact->initiator_spi;
	s->initiator = fact->initiator;
	s->natted = fact->natted;
	s->established = mono_add_s(loop_now(k->loop), -(int64_t)fact->age_s);
	set_text(&s->identity, fact->identity);
	set_text(&s->ike_suite, fact->suite);
}

static void set_child(struct sa *s, const struct child_fact *c)
{
	s->child = c->child;
	s->local = c->local;
	s->remote = c->remote;
	set_text(&s->suite, c->suite);
}

static void turn_away(struct ike *k, const struct ike_fact *fact)
{
	if (ike_may_log(k))
		log_to(k->log, LOG_LEVEL_ERROR,
		       "charon: %u children for GRE are all there can be: %s (%s) is "
		       "turned away",
		       k->limits.children, ADDR_STR(&fact->outer), fact->identity);
	ike_call_stop(k, fact->ike, true);
}

static void child_up(struct ike *k, const struct ike_fact *fact,
		     const struct child_fact *c)
{
	struct sa *s = find_child(k, c->child);

	if (!s && HASH_CNT(by_child, k->sas) >= k->limits.children) {
		turn_away(k, fact);
		return;
	}
	if (!s) {
		s = mem_new(sizeof(*s));
		s->child = c->child;
		s->measured = MONO_NEVER;
		HASH_ADD(by_child, k->sas, child, sizeof(s->child), s);
		k->counters.children_up++;
	}
	set_ike(k, s, fact);
	set_child(s, c);
	s->fresh = !k->listing;
	tell(k, SA_UP, s, 0);
	s->fresh = false;
}

static void child_down(struct ike *k, uint32_t child)
{
	struct sa *s = find_child(k, child);

	if (!s)
		return;
	HASH_DELETE(by_child, k->sas, s);
	k->counters.children_down++;
	tell(k, SA_DOWN, s, 0);
	sa_free(k, s);
}

static bool is_ours(struct vici_str name)
{
	return name.len >= strlen(IKE_PREFIX) &&
	       memcmp(name.s, IKE_PREFIX, strlen(IKE_PREFIX)) == 0;
}

/*
 * In tunnel mode a peer proposes its address, and the connection that takes calls
 * has to accept any. More than one would draw other peers' packets to it.
 */
static void refuse_wide(struct ike *k, const struct ike_fact *fact)
{
	if (!is_ours(fact->name))
		return;
	if (ike_may_log(k))
		log_to(k->log, LOG_LEVEL_WARN,
		       "charon: IKE SA %u with %s (%s) asks for more than the GRE of "
		       "one "
		       "address: ended",
		       fact->ike, ADDR_STR(&fact->outer), fact->identity);
	ike_call_stop(k, fact->ike, true);
}

/* Each child in the list of an IKE SA, as far as it is for GRE. */
static void each_child(struct ike *k, const struct ike_fact *fact,
		       void (*act)(struct ike *k, const struct ike_fact *fact,
				   const struct child_fact *c))
{
	struct vici_sec at = vici_inside(&fact->sec, VICI_SECTION, "child-sas");
	struct vici_item item;

	while (vici_next(&at, &item)) {
		struct child_fact c;

		if (item.kind != VICI_SECTION)
			continue;
		if (!child_fact_read(&c, &item.inside))
			k->counters.unclear++;
		else if (c.kind != CHILD_OTHER)
			act(k, fact, &c);
	}
}

static void event_child_up(struct ike *k, const struct ike_fact *fact,
			   const struct child_fact *c)
{
	if (c->kind == CHILD_WIDE)
		refuse_wide(k, fact);
	else
		child_up(k, fact, c);
}

static void event_child_down(struct ike *k, const struct ike_fact *fact,
			     const struct child_fact *c)
{
	(void)fact;
	child_down(k, c->child);
}

static void listed_child(struct ike *k, const struct ike_fact *fact,
			 const struct child_fact *c)
{
	if (c->installed)
		event_child_up(k, fact, c);
}

void ike_sa_listed(struct ike *k, const struct ike_fact *fact)
{
	k->listing = true;
	each_child(k, fact, listed_child);
	k->listing = false;
}

static void measured_child(struct ike *k, const struct ike_fact *fact,
			   const struct child_fact *c)
{
	struct sa *s = find_child(k, c->child);

	(void)fact;
	if (!s)
		return;
	s->traffic = c->traffic;
	s->measured = loop_now(k->loop);
}

void ike_sa_measured(struct ike *k, const struct ike_fact *fact)
{
	each_child(k, fact, measured_child);
}

bool ike_sa_is_new(const struct ike *k, uint32_t ike)
{
	mono answered = mono_add_ms(loop_now(k->loop), -IKE_ANSWERED_MS);

	for (const struct sa *s = k->sas; s; s = s->by_child.next) {
		if (s->ike == ike && !s->initiator)
			return mono_before(answered, s->established);
	}
	return false;
}

void ike_sa_gone(struct ike *k, uint32_t ike)
{
	struct sa *s, *next;

	HASH_ITER (by_child, k->sas, s, next) {
		if (s->ike == ike)
			child_down(k, s->child);
	}
}

/* --- events ------------------------------------------------------------------- */

/* "up" is not there on the way down; the state still is as it was. */
static bool is_up(const struct vici_sec *msg)
{
	return vici_str_is(vici_value(msg, "up"), "yes");
}

static void ike_updown(struct ike *k, const struct ike_fact *fact,
		       const struct vici_sec *msg)
{
	if (is_up(msg))
		ike_call_ike_up(k, fact);
	else
		ike_call_ike_down(k, fact);
}

static void child_updown(struct ike *k, const struct ike_fact *fact,
			 const struct vici_sec *msg)
{
	each_child(k, fact, is_up(msg) ? event_child_up : event_child_down);
}

/*
 * When both ends rekey a child at once, charon tells of the peer's and then of ours
 * that stays, each as the successor of the old one, and of no end.
 */
static struct sa *find_successor(const struct ike *k, uint32_t old)
{
	for (struct sa *s = k->sas; s; s = s->by_child.next) {
		if (s->was == old)
			return s;
	}
	return NULL;
}

static void rekeyed(struct ike *k, const struct ike_fact *fact,
		    const struct child_fact *old, const struct child_fact *new)
{
	struct sa *s = find_child(k, old->child);
	uint32_t before;

	if (!s)
		s = find_successor(k, old->child);
	if (!s) {
		child_up(k, fact, new);
		return;
	}
	before = s->child;
	HASH_DELETE(by_child, k->sas, s);
	set_ike(k, s, fact);
	set_child(s, new);
	s->was = old->child;
	s->measured = MONO_NEVER;
	HASH_ADD(by_child, k->sas, child, sizeof(s->child), s);
	k->counters.rekeys++;
	tell(k, SA_REKEYED, s, before);
}

static void child_rekey(struct ike *k, const struct ike_fact *fact,
			const struct vici_sec *msg)
{
	struct vici_sec at = vici_inside(&fact->sec, VICI_SECTION, "child-sas");
	struct vici_item item;

	(void)msg;
	while (vici_next(&at, &item)) {
		struct vici_sec old = vici_inside(&item.inside, VICI_SECTION, "old");
		struct vici_sec new = vici_inside(&item.inside, VICI_SECTION, "new");
		struct child_fact from, to;

		if (!child_fact_read(&from, &old) || !child_fact_read(&to, &new))
			k->counters.unclear++;
		else if (to.kind == CHILD_GRE)
			rekeyed(k, fact, &from, &to);
	}
}

/* Its children go with it, and nothing more is said of them. */
static void ike_rekeyed(struct ike *k, uint32_t old, const struct ike_fact *fact)
{
	struct sa *s, *next;

	HASH_ITER (by_child, k->sas, s, next) {
		if (s->ike != old)
			continue;
		set_ike(k, s, fact);
		tell(k, SA_IKE_REKEYED, s, old);
	}
}

static void ike_rekey(struct ike *k, const struct vici_sec *msg)
{
	struct vici_sec at = *msg;
	struct vici_item item;

	while (vici_next(&at, &item)) {
		struct vici_sec old = vici_inside(&item.inside, VICI_SECTION, "old");
		struct vici_sec new = vici_inside(&item.inside, VICI_SECTION, "new");
		struct ike_fact from, to;

		if (item.kind != VICI_SECTION)
			continue;
		if (!ike_fact_read(&from, item.name, &old) ||
		    !ike_fact_read(&to, item.name, &new))
			k->counters.unclear++;
		else
			ike_rekeyed(k, from.ike, &to);
	}
}

/* In tunnel mode what is inside stays where it is. */
static bool move(struct sa *s, const struct ike_fact *from, const struct addr *local,
		 const struct addr *outer)
{
	if (addr_eq(&from->local, local) && addr_eq(&from->outer, outer))
		return false;
	if (addr_eq(&s->remote, &from->outer))
		s->remote = *outer;
	if (addr_eq(&s->local, &from->local))
		s->local = *local;
	s->outer = *outer;
	return true;
}

/*
 * The addresses beside the IKE SA are the new ones, those in it the old. It also
 * comes for an SA in the making, when its port changes.
 */
static void ike_update(struct ike *k, const struct ike_fact *fact,
		       const struct vici_sec *msg)
{
	struct addr local, outer;
	struct sa *s, *next;

	if (fact->connecting)
		return;
	if (!ike_addr_read(&local, vici_value(msg, "local-host")) ||
	    !ike_addr_read(&outer, vici_value(msg, "remote-host"))) {
		k->counters.unclear++;
		return;
	}
	HASH_ITER (by_child, k->sas, s, next) {
		if (s->ike != fact->ike || !move(s, fact, &local, &outer))
			continue;
		k->counters.moves++;
		tell(k, SA_MOVED, s, 0);
	}
}

void ike_sa_event(struct ike *k, struct vici_str name, const struct vici_sec *msg)
{
	static const struct {
		const char *name;
		void (*take)(struct ike *k, const struct ike_fact *fact,
			     const struct vici_sec *msg);
	} events[] = {
		{ "ike-updown", ike_updown },
		{ "child-updown", child_updown },
		{ "child-rekey", child_rekey },
		{ "ike-update", ike_update },
	};
	struct ike_fact fact;

	if (vici_str_is(name, "ike-rekey")) {
		ike_rekey(k, msg);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		if (!vici_str_is(name, events[i].name))
			continue;
		if (ike_fact_find(&fact, msg))
			events[i].take(k, &fact, msg);
		else
			k->counters.unclear++;
	}
}
