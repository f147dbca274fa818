/* SPDX-License-Identifier: MIT */
#include "invariant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"

#include "world_int.h"

#include "../../src/engine/mcast.h"

/* What is looked at, and what is wrong with it. */
struct look {
	struct node *n;
	struct iface *i;
	mono now;
	char why[1024];
};

#define WRONG(l, ...) (snprintf((l)->why, sizeof((l)->why), __VA_ARGS__), false)

/* Notifications are under way, or lost or refused and about to be made up for. */
static bool is_resyncing(const struct look *l)
{
	const struct node *n = l->n;

	return n->deaf || n->dumping[0] || n->dumping[1] || !l->i->adopted ||
	       !l->i->usable || l->i->ifindex != n->ifindex || !n->device || !n->up ||
	       world_is_unsettled(n);
}

/* --- the kernel --------------------------------------------------------------------- */

static bool binding_agrees(struct look *l, const struct binding *b)
{
	const struct neigh *k = world_neigh(l->n, &b->proto);
	bool valid = k && k->state == KERNEL_VALID;
	bool led = !binding_why_not_led(b);

	/* A predecessor's entry stays until the script has spoken. */
	if (b->held)
		return true;
	if (!binding_is_up(b) || !led)
		return !valid || WRONG(l, "%s is not to be used, and the kernel has it",
				       ADDR_STR(&b->proto));
	if (!valid)
		return WRONG(l, "the kernel has no entry for %s", ADDR_STR(&b->proto));
	return addr_eq(&k->nbma, &b->nbma) ||
	       WRONG(l, "%s is at %s, for the kernel at %s", ADDR_STR(&b->proto),
		     ADDR_STR(&b->nbma), ADDR_STR(&k->nbma));
}

static bool neighbours_agree(struct look *l)
{
	if (is_resyncing(l))
		return true;
	for (const struct binding *b = l->i->bindings; b; b = b->hh.next) {
		if (!binding_agrees(l, b))
			return false;
	}
	for (const struct neigh *k = l->n->neighs; k; k = k->hh.next) {
		if (k->state != KERNEL_INCOMPLETE && !binding_find(l->i, &k->proto))
			return WRONG(l, "the kernel has %s, which we do not",
				     ADDR_STR(&k->proto));
	}
	return true;
}

static bool routes_agree(struct look *l)
{
	const struct node *n = l->n;

	if (is_resyncing(l))
		return true;
	for (const struct route *r = l->i->routes; r; r = r->hh.next) {
		const struct kroute *k = world_route(l->n, &r->dst);

		if (!k || !addr_eq(&k->gateway, &r->via))
			return WRONG(l, "the kernel has no such route as our %s",
				     PREFIX_STR(&r->dst));
	}
	for (size_t k = 0; k < ARRAY_SIZE(n->routes); k++) {
		if (n->routes[k].used && !route_own(l->i, &n->routes[k].dst))
			return WRONG(l, "the kernel has our route %s, we do not",
				     PREFIX_STR(&n->routes[k].dst));
	}
	return true;
}

/* The way of a shortcut to a station itself is the link. */
static bool goes_to_itself(const struct shortcut *s)
{
	return addr_eq(&s->dst.addr, &s->via) && s->dst.len == addr_host_bits(&s->via);
}

static unsigned wanted_on_link(const struct iface *i, const struct prefix *dst)
{
	unsigned n = 0;

	for (const struct binding *b = i->bindings; b; b = b->hh.next) {
		struct prefix own = { b->proto, b->prefix_len };

		own = prefix_masked(&own);
		n += b->routed && prefix_eq(&own, dst);
	}
	for (const struct shortcut *s = i->shortcuts; s; s = s->hh.next)
		n += s->state == SHORTCUT_UP && goes_to_itself(s) &&
		     prefix_eq(&s->dst, dst);
	return n;
}

static const struct shortcut *wanted_by_gateway(const struct iface *i,
						const struct prefix *dst)
{
	for (const struct shortcut *s = i->shortcuts; s; s = s->hh.next) {
		if (s->state == SHORTCUT_UP && !goes_to_itself(s) &&
		    prefix_eq(&s->dst, dst))
			return s;
	}
	return NULL;
}

static bool routes_go_as_wanted(struct look *l)
{
	for (const struct route *r = l->i->routes; r; r = r->hh.next) {
		unsigned n = wanted_on_link(l->i, &r->dst);
		const struct shortcut *s = wanted_by_gateway(l->i, &r->dst);

		if (n == 0 && !s)
			return WRONG(l, "nobody wants %s", PREFIX_STR(&r->dst));
		if (n != 0 ? addr_is_set(&r->via) : !addr_eq(&r->via, &s->via))
			return WRONG(l, "%s goes by %s", PREFIX_STR(&r->dst),
				     ADDR_STR(&r->via));
	}
	return true;
}

/* Without us a packet to there goes by this route, or by none. */
static const struct forwarding *without_us(const struct node *n, const struct addr *dst)
{
	const struct forwarding *best = NULL;

	for (size_t k = 0; k < ARRAY_SIZE(n->others); k++) {
		const struct forwarding *f = &n->others[k];

		if (f->used && prefix_contains(&f->dst, dst) &&
		    (!best || f->dst.len > best->dst.len))
			best = f;
	}
	return best;
}

static bool nothing_local_is_covered(struct look *l)
{
	if (is_resyncing(l))
		return true;
	for (const struct shortcut *s = l->i->shortcuts; s; s = s->hh.next) {
		const struct forwarding *f = without_us(l->n, &s->dst.addr);

		if (s->state == SHORTCUT_UP && f && f->lan && f->dst.len <= s->dst.len)
			return WRONG(l, "%s lies in the local %s", PREFIX_STR(&s->dst),
				     PREFIX_STR(&f->dst));
	}
	return true;
}

static size_t watches_of(const struct iface *i)
{
	size_t needed = HASH_COUNT(i->answers);

	for (const struct shortcut *s = i->shortcuts; s; s = s->hh.next)
		needed += s->state == SHORTCUT_UP;
	return needed;
}

static bool watches_are_needed(struct look *l)
{
	size_t needed = 0;

	for (const struct iface *i = l->n->engine->ifaces; i; i = i->next)
		needed += watches_of(i);
	return needed == l->n->watched_count ||
	       WRONG(l, "%zu prefixes are watched, %zu need it", l->n->watched_count,
		     needed);
}

/* --- time ------------------------------------------------------------------------------ */

static bool nothing_outlives_its_time(struct look *l)
{
	for (const struct binding *b = l->i->bindings; b; b = b->hh.next) {
		if (!mono_is_never(b->expires) && !mono_before(l->now, b->expires))
			return WRONG(l, "%s should have ended", ADDR_STR(&b->proto));
	}
	for (const struct shortcut *s = l->i->shortcuts; s; s = s->hh.next) {
		if ((s->state == SHORTCUT_UP || s->state == SHORTCUT_REFUSED) &&
		    !mono_before(l->now, s->expires))
			return WRONG(l, "the shortcut %s should have ended",
				     PREFIX_STR(&s->dst));
	}
	return true;
}

static bool what_waits_is_waited_for(struct look *l)
{
	const struct engine *e = l->i->engine;

	for (const struct request *r = e->requests; r; r = r->hh.next) {
		if (!timer_armed(&r->timer))
			return WRONG(l, "the request about %s waits for ever",
				     ADDR_STR(&r->target));
	}
	for (const struct binding *b = l->i->bindings; b; b = b->hh.next) {
		if (b->type == BINDING_INCOMPLETE &&
		    !request_find(l->i, REQUEST_RESOLVE, &b->proto))
			return WRONG(l, "%s is being resolved, and nobody was asked",
				     ADDR_STR(&b->proto));
	}
	for (const struct shortcut *s = l->i->shortcuts; s; s = s->hh.next) {
		if (s->state == SHORTCUT_RESOLVING &&
		    !request_find(l->i, REQUEST_SHORTCUT, &s->target))
			return WRONG(l,
				     "the shortcut %s is being resolved, and nobody "
				     "was asked",
				     PREFIX_STR(&s->dst));
	}
	return HASH_COUNT(e->lookups) <= l->n->held_count ||
	       WRONG(l, "%u look-ups were answered, and still wait",
		     HASH_COUNT(e->lookups));
}

/* --- groups ----------------------------------------------------------------------------- */

static bool group_is_right(struct look *l, const struct conf_group *g)
{
	unsigned placed = 0, serve = 0;

	for (const struct station *s = l->i->stations; s; s = s->next) {
		bool forgotten = !s->benched && !timer_armed(&s->timer) &&
				 s->state != CLIENT_SECURING && s->state != CLIENT_DOWN;

		if (strcmp(s->map.group, g->name) != 0)
			continue;
		placed += s->placed;
		serve += client_serves(s);
		if (l->i->usable && s->benched != (s->state == CLIENT_STANDBY))
			return WRONG(l, "the server %s is %s", ADDR_STR(&s->nbma),
				     client_state_str((enum client_state)s->state));
		if (l->i->usable && forgotten)
			return WRONG(l, "the server %s is %s for ever",
				     ADDR_STR(&s->nbma),
				     client_state_str((enum client_state)s->state));
	}
	return (placed <= g->most && serve <= g->most) ||
	       WRONG(l, "%u places, %u of them given, and %u serve", g->most, placed,
		     serve);
}

static bool groups_keep_to_their_places(struct look *l)
{
	for (size_t k = 0; k < l->i->conf->group_count; k++) {
		if (l->i->engine->stopping)
			return true;
		if (!group_is_right(l, &l->i->conf->groups[k]))
			return false;
	}
	return true;
}

/* --- SAs and identities --------------------------------------------------------------- */

static bool has_its_sa(const struct peer *p)
{
	return p->state != PEER_UP || p->sas || !iface_is_secured(p->iface);
}

static bool peers_are_what_they_seem(struct look *l)
{
	for (const struct peer *p = l->i->peers; p; p = p->hh.next) {
		unsigned dials = p->holds, stations = 0;

		for (const struct binding *b = p->bindings; b; b = b->peer_next) {
			dials += b->dials;
			stations += b->type == BINDING_DYNAMIC;
			if (!addr_eq(&b->nbma, &p->nbma))
				return WRONG(l, "%s is under the peer %s",
					     ADDR_STR(&b->proto), ADDR_STR(&p->nbma));
		}
		if (dials != p->dials || stations != p->stations)
			return WRONG(l, "the peer %s counts wrongly",
				     ADDR_STR(&p->nbma));
		if (!p->bindings && !p->holds && !p->sas &&
		    (p->state == PEER_DOWN || !iface_is_secured(l->i)))
			return WRONG(l, "nobody wants the peer %s, and it is there",
				     ADDR_STR(&p->nbma));
		if (!has_its_sa(p))
			return WRONG(l, "the peer %s is up without an SA",
				     ADDR_STR(&p->nbma));
	}
	return true;
}

static const struct node *owner_of(const struct world *w, const struct addr *proto)
{
	for (int k = 0; k < w->count; k++) {
		if (addr_eq(&w->nodes[k]->addr.addr, proto) ||
		    addr_eq(&w->nodes[k]->beside.addr, proto))
			return w->nodes[k];
	}
	return NULL;
}

/* The kernel does not say whose it was. */
static bool is_adopted(const struct binding *b)
{
	return strcmp(b->reason, "adopted from the kernel") == 0;
}

/* Nor does the state file, of one that was adopted before. */
static bool is_nobodys(const struct node *n, const struct binding *b)
{
	return is_adopted(b) || world_was_adopted(n, &b->proto);
}

/* By rules what others told of it is judged as well. */
static bool is_judged(const struct binding *b)
{
	return b->type == BINDING_DYNAMIC ||
	       (b->type == BINDING_CACHED && b->iface->conf->authority_count > 0);
}

static bool nobody_has_anothers_address(struct look *l)
{
	for (const struct binding *b = l->i->bindings; b; b = b->hh.next) {
		const struct node *owner = owner_of(l->n->w, &b->proto);

		if (!is_judged(b) || !b->peer || !*identity_of(b->peer) ||
		    !peer_is_secured(b->peer) || !owner || is_nobodys(l->n, b))
			continue;
		if (!identity_is(b->peer, owner->identity))
			return WRONG(l, "'%s' holds %s of '%s'", identity_of(b->peer),
				     ADDR_STR(&b->proto), owner->identity);
	}
	return true;
}

/* What is said of others may be wrong; of ourselves nothing is believed, but what the
 * configuration says. */
static bool own_addresses_are_ours(struct look *l)
{
	for (const struct binding *b = l->i->bindings; b; b = b->hh.next) {
		if (b->type == BINDING_STATIC || b->type == BINDING_NHS)
			continue;
		if (iface_owns(l->i, &b->proto))
			return WRONG(l, "our own %s is %s at %s", ADDR_STR(&b->proto),
				     binding_type_str((enum binding_type)b->type),
				     ADDR_STR(&b->nbma));
		if (binding_is_up(b) && addr_eq(&b->nbma, &l->i->nbma))
			return WRONG(l, "%s is at our own %s", ADDR_STR(&b->proto),
				     ADDR_STR(&b->nbma));
	}
	return true;
}

/* What the device cannot carry is of no use, and the kernel does not take it. */
static bool all_is_of_the_underlay(struct look *l)
{
	for (const struct binding *b = l->i->bindings; b; b = b->hh.next) {
		if (binding_is_placed(b) && b->nbma.family != l->n->nbma.family)
			return WRONG(l, "%s is at %s, and we are at %s",
				     ADDR_STR(&b->proto), ADDR_STR(&b->nbma),
				     ADDR_STR(&l->n->nbma));
	}
	return true;
}

/* --- multicast ------------------------------------------------------------------------- */

static bool copies_go_where_packets_go(struct look *l)
{
	unsigned wanted = 0, there = 0;
	const struct copied *c;

	for (const struct binding *b = l->i->bindings; b; b = b->hh.next) {
		if (!b->copy)
			continue;
		wanted++;
		HASH_FIND(hh, l->n->copied, &b->nbma, sizeof(b->nbma), c);
		if (!c || !b->in_kernel || !binding_is_up(b))
			return WRONG(l,
				     "%s at %s should get copies and does not, or "
				     "the other way",
				     ADDR_STR(&b->proto), ADDR_STR(&b->nbma));
	}
	for (c = l->n->copied; c; c = c->hh.next) {
		struct copy *ours;

		HASH_FIND(hh, l->i->copies, &c->nbma, sizeof(c->nbma), ours);
		if (!ours || !peer_carries(l->i, &c->nbma))
			return WRONG(l, "%s gets copies, and no packets",
				     ADDR_STR(&c->nbma));
		there += ours->wanted;
	}
	return wanted == there ||
	       WRONG(l, "%u bindings want a copy, %u are counted", wanted, there);
}

/* --- the state file, and sums ------------------------------------------------------------ */

static bool is_filed(const struct node *n, const struct binding *b)
{
	const struct state_binding *s;

	if (b->slot >= n->slot_count || !n->slots[b->slot].used)
		return false;
	s = &n->slots[b->slot].b;
	return s->type == b->type && addr_eq(&s->proto.addr, &b->proto) &&
	       addr_eq(&s->nbma, &b->nbma) &&
	       (mono_diff_us(s->expires, b->expires) == 0 ||
		strcmp(b->reason, "restored after a restart") == 0 || is_adopted(b));
}

static bool the_file_has_what_would_be_lost(struct look *l)
{
	size_t kept = 0, filed = 0;

	for (const struct binding *b = l->i->bindings; b; b = b->hh.next) {
		if ((b->type != BINDING_DYNAMIC && b->type != BINDING_CACHED) ||
		    b->held)
			continue;
		kept++;
		if (!is_filed(l->n, b))
			return WRONG(l, "%s is not in the state file as it is",
				     ADDR_STR(&b->proto));
	}
	for (size_t k = 0; k < l->n->slot_count; k++)
		filed += l->n->slots[k].used &&
			 strcmp(l->n->slots[k].b.ifname, l->i->name) == 0;
	return kept == filed ||
	       WRONG(l, "the state file has %zu entries, we %zu", filed, kept);
}

static bool sums_are_right(struct look *l)
{
	unsigned by_type[BINDING_TYPES] = { 0 };

	for (const struct binding *b = l->i->bindings; b; b = b->hh.next)
		by_type[b->type]++;
	return memcmp(by_type, l->i->by_type, sizeof(by_type)) == 0 ||
	       WRONG(l, "entries of each type are miscounted");
}

/* --- the table ----------------------------------------------------------------------------- */

static const struct {
	const char *sentence;
	bool (*holds)(struct look *l);
} invariants[] = {
	{ "the kernel's neighbours agree with the bindings, or are about to",
	  neighbours_agree },
	{ "the kernel's routes agree with ours, or are about to", routes_agree },
	{ "a route of ours goes on the link where that is wanted, else as the shortcut",
	  routes_go_as_wanted },
	{ "a shortcut never covers a local route", nothing_local_is_covered },
	{ "what is watched is what somebody relies on", watches_are_needed },
	{ "no binding outlives its holding time", nothing_outlives_its_time },
	{ "what waits for an answer has asked, and gives up some day",
	  what_waits_is_waited_for },
	{ "of a group the servers that have a place are asked, and no more than that",
	  groups_keep_to_their_places },
	{ "a peer is up by an SA, and has what leads to it", peers_are_what_they_seem },
	{ "no identity holds another's address", nobody_has_anothers_address },
	{ "our own addresses are nobody else's", own_addresses_are_ours },
	{ "stations are where the device reaches", all_is_of_the_underlay },
	{ "multicast is copied to where packets would be led, once each",
	  copies_go_where_packets_go },
	{ "the state file has what a crash would lose",
	  the_file_has_what_would_be_lost },
	{ "entries are counted by their type", sums_are_right },
};

void invariant_broken(const struct node *n, const char *sentence, const char *why)
{
	fail_msg("seed %llu at %.3f s, %s: not true: %s: %s",
		 (unsigned long long)n->w->seed, (double)n->w->now.us / 1e6, n->name,
		 sentence, why);
}

void invariant_check(struct node *n)
{
	struct look l = { .n = n, .now = world_node_now(n) };

	if (!n->engine || n->stopping || n->frozen)
		return;
	for (l.i = n->engine->ifaces; l.i; l.i = l.i->next) {
		if (iface_is_lan(l.i))
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(invariants); k++) {
			if (!invariants[k].holds(&l))
				invariant_broken(n, invariants[k].sentence, l.why);
		}
	}
}

/* --- packets ---------------------------------------------------------------------------------- */

/* Of whichever tunnel. */
static bool is_own(const struct node *n, const struct addr *proto)
{
	const struct iface *i = n->engine ? n->engine->ifaces : NULL;

	while (i && !iface_owns(i, proto))
		i = i->next;
	return i || addr_eq(proto, &n->addr.addr);
}

/* The request that a packet is, or answers; false: neither. */
static bool key_of(const struct node *n, const struct packet *p, struct ledger_key *key)
{
	static const uint8_t asked_by[] = {
		[NHRP_RESOLUTION_REQUEST] = NHRP_RESOLUTION_REQUEST,
		[NHRP_RESOLUTION_REPLY] = NHRP_RESOLUTION_REQUEST,
		[NHRP_REGISTRATION_REQUEST] = NHRP_REGISTRATION_REQUEST,
		[NHRP_REGISTRATION_REPLY] = NHRP_REGISTRATION_REQUEST,
		[NHRP_PURGE_REQUEST] = NHRP_PURGE_REQUEST,
		[NHRP_PURGE_REPLY] = NHRP_PURGE_REQUEST,
	};

	if (p->type >= ARRAY_SIZE(asked_by) || !asked_by[p->type])
		return false;
	memset(key, 0, sizeof(*key));
	key->src = p->src_proto;
	key->id = p->request_id;
	key->type = asked_by[p->type];
	return !is_own(n, &p->src_proto);
}

static struct ledger *ledger_of(struct node *n, const struct ledger_key *key)
{
	struct ledger *l;

	HASH_FIND(hh, n->ledger, key, sizeof(*key), l);
	if (l)
		return l;
	l = mem_new(sizeof(*l));
	l->key = *key;
	HASH_ADD(hh, n->ledger, key, sizeof(l->key), l);
	return l;
}

void invariant_forget(struct node *n)
{
	struct ledger *l, *next;

	HASH_ITER (hh, n->ledger, l, next) {
		HASH_DEL(n->ledger, l);
		free(l);
	}
}

void invariant_received(struct node *n, const void *pdu, size_t len)
{
	struct ledger_key key;
	uint16_t off;

	if (n->w->trusting || packet_decode(&n->w->scratch, pdu, len, &off) != PKT_OK)
		return;
	if (key_of(n, &n->w->scratch, &key))
		ledger_of(n, &key)->received++;
}

void invariant_before(struct node *n)
{
	const struct iface *i = n->engine->ifaces;

	n->believed_count = 0;
	while (i && iface_is_lan(i))
		i = i->next;
	for (const struct peer *p = i ? i->peers : NULL; p; p = p->hh.next) {
		if (p->state == PEER_UNKNOWN &&
		    n->believed_count < ARRAY_SIZE(n->believed))
			n->believed[n->believed_count++] = p->nbma;
	}
}

static bool was_believed(const struct node *n, const struct addr *to)
{
	for (size_t k = 0; k < n->believed_count; k++) {
		if (addr_eq(&n->believed[k], to))
			return true;
	}
	return false;
}

/*
 * Not to whom no SA leads. One that was there when it was sent may be ended by what
 * follows; one of which the engine was told may be gone without a word, and while
 * nobody tells it believes in those that it had, and takes leave of them. Who stops
 * does that too, and has forgotten them by now.
 */
static void check_protected(struct node *n, const struct addr *to)
{
	const struct iface *i = n->engine ? n->engine->ifaces : NULL;

	while (i && iface_is_lan(i))
		i = i->next;
	if (i && n->engine->ike_ready && !n->engine->stopping && !peer_carries(i, to) &&
	    !was_believed(n, to) && !world_has_sa(n, to, true))
		invariant_broken(n,
				 "where a profile is set nothing is sent without an SA",
				 ADDR_STR(to));
}

/*
 * Where it can be recorded in it who has passed it on, a circle is seen. What we send
 * has room for that, and what an adversary makes goes as far as its hops.
 */
static bool can_be_marked(struct packet *p)
{
	bool reply = p->type == NHRP_RESOLUTION_REPLY ||
		     p->type == NHRP_REGISTRATION_REPLY || p->type == NHRP_PURGE_REPLY;

	return packet_find_ext(p, reply ? NHRP_EXT_REVERSE_TRANSIT
					: NHRP_EXT_FORWARD_TRANSIT) &&
	       p->cie_used < PKT_MAX_CIES && !transit_unknown_compulsory(p);
}

/* What came with the event at hand; NULL: nothing, or nothing that can be read. */
static const struct packet *came(const struct node *n)
{
	const struct flight *f = n->w->carrying;
	struct packet *p = &n->w->came;
	uint16_t off;

	return f && packet_decode(p, f->pdu, f->len, &off) == PKT_OK ? p : NULL;
}

/* The nodes that passed on this very packet; whose own it is has not. */
static uint64_t passed_by(struct node *n, struct packet *p)
{
	const struct flight *f = n->w->carrying;
	const uint64_t own = UINT64_C(1) << (n->number & 63);
	const struct packet *before = came(n);

	if (!before || before->type != p->type || before->request_id != p->request_id ||
	    !addr_eq(&before->src_proto, &p->src_proto) ||
	    (f->foreign && !can_be_marked(p)))
		return 0;
	if (f->passed & own)
		invariant_broken(n, "no packet is forwarded in a circle",
				 packet_type_str(p->type));
	return f->passed | own;
}

/* Of its own making, when an error indication has just come (RFC 2332 5.2.7). */
static void check_no_error_for_an_error(struct node *n, const struct packet *p)
{
	const struct packet *before;

	if (p->type != NHRP_ERROR_INDICATION || !is_own(n, &p->src_proto))
		return;
	before = came(n);
	if (before && before->type == NHRP_ERROR_INDICATION)
		invariant_broken(n, "no error is answered with an error",
				 ADDR_STR(&p->dst_proto));
}

uint64_t invariant_sent(struct node *n, const struct act_send *s)
{
	struct packet *p = &n->w->scratch;
	struct ledger_key key;
	struct ledger *l;
	uint16_t off;

	if (n->w->trusting)
		return 0;
	/* Whatever an engine sends is well formed, and never with 0 hops. */
	assert_int_equal(packet_decode(p, s->pdu, s->len, &off), PKT_OK);
	assert_true(p->hops > 0);
	check_protected(n, &s->to);
	check_no_error_for_an_error(n, p);
	if (key_of(n, p, &key)) {
		l = ledger_of(n, &key);
		if (++l->sent > l->received)
			invariant_broken(n, "no packet is answered twice",
					 packet_type_str(p->type));
	}
	return passed_by(n, p);
}
