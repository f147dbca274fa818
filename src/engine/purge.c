/* SPDX-License-Identifier: MIT */
/*
 * Withdrawal, both ways (RFC 2332 5.2.5, 5.2.6): what others withdraw from us,
 * and who has to be told when an answer of ours no longer holds.
 */
#include <assert.h>
#include <stdlib.h>

#include <nhrp/mem.h>

#include "engine_int.h"

/* A prefix costs a walk over the table; a packet may ask for so many. */
#define WALKS_PER_PACKET 4

/* --- being told ------------------------------------------------------------- */

/*
 * Who may withdraw an entry: a registered one its own station, a learnt one its
 * station or a server of ours. Nobody else, and nothing that is configured.
 */
static bool may_purge(const struct rx *rx, const struct binding *b)
{
	bool from_holder = addr_eq(&rx->ev->from, &b->nbma);

	switch ((enum binding_type)b->type) {
	case BINDING_DYNAMIC:
		return from_holder;
	case BINDING_CACHED:
	case BINDING_NEGATIVE:
		return from_holder || addr_eq(&rx->p->src_proto, &b->proto) ||
		       nhs_is_server(rx->iface, &rx->ev->from);
	case BINDING_LOCAL:
	case BINDING_STATIC:
	case BINDING_NHS:
	case BINDING_INCOMPLETE:
	case BINDING_TYPES:
		break;
	}
	return false;
}

/*
 * A server that withdraws a station may only have lost sight of it: a station with
 * several servers leaves one for another, and is where it was. So it is asked
 * itself, straight, before its entry ends with all that leads through it.
 */
static bool ask_station(struct rx *rx, struct binding *b)
{
	struct iface *i = rx->iface;
	struct request *r;

	if (b->type != BINDING_CACHED || addr_eq(&rx->ev->from, &b->nbma) ||
	    addr_eq(&rx->p->src_proto, &b->proto) || !binding_is_up(b) ||
	    binding_why_not_led(b))
		return false;
	if (request_find(i, REQUEST_CONFIRM, &b->proto))
		return true;
	r = request_new(i, REQUEST_CONFIRM, &b->proto, rx->now);
	if (!r)
		return false;
	r->to_nbma = b->nbma;
	request_send(r, rx->now);
	return true;
}

void purge_confirmed(struct request *r, mono now)
{
	struct binding *b = binding_find(r->iface, &r->target);

	if (!b || b->type != BINDING_CACHED || !addr_eq(&b->nbma, &r->to_nbma))
		return;
	count(r->iface, CNT_BINDINGS_PURGED);
	binding_end(b, "purged", now);
}

static void purge_one(struct rx *rx, struct binding *b)
{
	if (!may_purge(rx, b)) {
		count(rx->iface, CNT_DROP_PURGE_DENIED);
		return;
	}
	if (ask_station(rx, b))
		return;
	count(rx->iface, CNT_BINDINGS_PURGED);
	binding_end(b, "purged", rx->now);
}

static void purge_inside(struct rx *rx, const struct prefix *scope)
{
	struct binding *b, *next;

	HASH_ITER (hh, rx->iface->bindings, b, next) {
		if (prefix_contains(scope, &b->proto))
			purge_one(rx, b);
	}
}

static void purge_scope(struct rx *rx, const struct prefix *scope, unsigned *walks)
{
	struct binding *b;

	if (scope->len < addr_host_bits(&scope->addr)) {
		if ((*walks)++ < WALKS_PER_PACKET)
			purge_inside(rx, scope);
	} else {
		b = binding_find(rx->iface, &scope->addr);
		if (b)
			purge_one(rx, b);
		/* What is taken back must not be granted in a moment. */
		lookup_drop_registration(rx->iface, &scope->addr, &rx->ev->from);
	}
	count_n(rx->iface, CNT_SHORTCUTS_PURGED, shortcut_purged(rx, scope));
}

void purge_request(struct rx *rx)
{
	struct packet *p = rx->p;
	unsigned walks = 0;

	for (size_t k = 0; k < p->cie_count; k++) {
		struct prefix scope = { p->cies[k].proto, p->cies[k].prefix_len };
		uint8_t host = addr_host_bits(&scope.addr);

		if (scope.len == 0 || scope.len > host)
			scope.len = host;
		if (addr_is_set(&scope.addr))
			purge_scope(rx, &scope, &walks);
	}
	if ((p->flags & NHRP_PURGE_NO_REPLY) || !addr_is_set(&rx->ev->from))
		return;
	tx_make_reply(rx, NHRP_PURGE_REPLY);
	tx_send(rx->iface, p, &rx->ev->from);
}

void purge_reply(struct rx *rx)
{
	struct request *r = request_match(rx, rx->p->request_id);

	if (!r || r->kind != REQUEST_PURGE || !addr_eq(&rx->p->dst_proto, &r->to)) {
		count(rx->iface, CNT_DROP_UNEXPECTED_REPLY);
		return;
	}
	request_free(r);
}

/* --- telling ---------------------------------------------------------------- */

static void send_unacknowledged(struct iface *i, const struct prefix *target,
				const struct addr *to, const struct addr *to_nbma)
{
	const struct addr *own = iface_own_addr(i, (enum addr_family)to->family, to);
	struct packet *p;

	if (!own || !i->usable)
		return;
	p = purge_build(i, own, target, to, i->engine->next_id++);
	p->flags |= NHRP_PURGE_NO_REPLY;
	tx_send(i, p, to_nbma);
}

struct packet *purge_build(struct iface *i, const struct addr *own,
			   const struct prefix *target, const struct addr *to,
			   uint32_t id)
{
	struct packet *p = tx_request(i, NHRP_PURGE_REQUEST, own, to, id);
	struct cie *c = packet_add_cie(p);

	assert(c); /* the packet is new */
	c->prefix_len = target->len;
	c->proto = target->addr;
	return p;
}

void purge_send(struct iface *i, const struct prefix *target, const struct addr *to,
		const struct addr *to_nbma, mono now)
{
	struct request *r = request_new(i, REQUEST_PURGE, &target->addr, now);
	struct hop hop;

	if (r) {
		r->target_len = target->len;
		r->to = *to;
		r->to_nbma = *to_nbma;
		request_send(r, now);
		return;
	}
	/* More than can be waited for: better once than not at all. */
	hop = transit_route(i, to, NULL);
	if (hop.kind == HOP_FORWARD)
		send_unacknowledged(i, target, to, &hop.nbma);
}

static void drop_ended(struct told_list *list, mono now)
{
	struct told *t, *next;

	HASH_ITER (hh, list->head, t, next) {
		if (mono_before(now, t->until))
			continue;
		HASH_DEL(list->head, t);
		free(t);
	}
}

void purge_remember(struct iface *i, struct told_list *list, const struct told_key *key,
		    uint32_t hold_s, mono now)
{
	struct told *t;

	HASH_FIND(hh, list->head, key, sizeof(*key), t);
	if (!t) {
		if (HASH_COUNT(list->head) >= i->conf->max_bindings)
			drop_ended(list, now);
		if (HASH_COUNT(list->head) >= i->conf->max_bindings) {
			count(i, CNT_TOLD_FULL);
			return;
		}
		t = mem_new(sizeof(*t));
		t->key = *key;
		HASH_ADD(hh, list->head, key, sizeof(t->key), t);
	}
	t->until = mono_add_s(now, hold_s);
}

void purge_tell(struct iface *i, struct told_list *list, mono now)
{
	static const struct addr routed;

	for (const struct told *t = list->head; t; t = t->hh.next) {
		if (mono_before(now, t->until))
			purge_send(i, &t->key.about, &t->key.requester, &routed, now);
	}
	purge_forget(list);
}

void purge_forget(struct told_list *list)
{
	struct told *t, *next;

	HASH_ITER (hh, list->head, t, next) {
		HASH_DEL(list->head, t);
		free(t);
	}
}
