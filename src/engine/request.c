/* SPDX-License-Identifier: MIT */
/*
 * Requests of ours that wait for an answer: their ids, retransmission with the
 * same id, and the pairing of replies and errors with them.
 */
#include <assert.h>
#include <stdlib.h>

#include <nhrp/mem.h>

#include "engine_int.h"

/* How long each try waits. */
static const struct schedule {
	unsigned tries;
	uint16_t wait_ms[5];
} schedules[] = {
	[REQUEST_RESOLVE] = { 4, { 1000, 1000, 2000, 4000 } },
	[REQUEST_SHORTCUT] = { 4, { 1000, 1000, 2000, 4000 } },
	[REQUEST_COMMAND] = { 4, { 1000, 1000, 2000, 4000 } },
	[REQUEST_VERIFY] = { 4, { 500, 500, 500, 500 } },
	[REQUEST_OPEN] = { 3, { 300, 700, 2000 } },
	[REQUEST_PURGE] = { 5, { 300, 700, 2000, 4000, 8000 } },
	[REQUEST_CONFIRM] = { 3, { 200, 300, 500 } },
};

static void unanswered(struct request *r, mono now)
{
	switch (r->kind) {
	case REQUEST_RESOLVE:
	case REQUEST_SHORTCUT:
	case REQUEST_COMMAND:
		resolve_unanswered(r, now);
		break;
	case REQUEST_VERIFY:
		contest_unanswered(r, "no answer from", now);
		break;
	case REQUEST_CONFIRM:
		purge_confirmed(r, now);
		break;
	case REQUEST_OPEN:
	case REQUEST_PURGE: /* the entry there ends with its holding time */
		break;
	}
}

static void timed_out(struct timer *t, void *ctx, mono now)
{
	struct request *r = container_of(t, struct request, timer);

	(void)ctx;
	if (r->tries < schedules[r->kind].tries) {
		request_send(r, now);
		return;
	}
	unanswered(r, now);
	request_free(r);
}

struct request *request_new(struct iface *i, enum request_kind kind,
			    const struct addr *target, mono now)
{
	struct engine *e = i->engine;
	struct request *r;

	if (HASH_COUNT(e->requests) >= REQUESTS_MAX ||
	    (kind == REQUEST_COMMAND && e->commands >= COMMANDS_MAX))
		return NULL;
	r = mem_new(sizeof(*r));
	r->id = e->next_id++;
	r->kind = kind;
	r->iface = i;
	r->target = *target;
	r->began = now;
	r->timer.fire = timed_out;
	HASH_ADD(hh, e->requests, id, sizeof(r->id), r);
	e->commands += kind == REQUEST_COMMAND;
	return r;
}

void request_free(struct request *r)
{
	struct engine *e = r->iface->engine;

	timers_disarm(&e->timers, &r->timer);
	e->commands -= r->kind == REQUEST_COMMAND;
	HASH_DEL(e->requests, r);
	free(r);
}

static void send_resolution(struct request *r, const struct addr *own,
			    const struct addr *to_nbma)
{
	struct iface *i = r->iface;
	struct packet *p =
		tx_request(i, NHRP_RESOLUTION_REQUEST, own, &r->target, r->id);
	struct cie *c = packet_add_cie(p);

	p->flags = NHRP_RES_ROUTER | NHRP_RES_AUTHORITATIVE | NHRP_RES_SRC_STABLE |
		   NHRP_FLAG_NAT;
	assert(c); /* the packet is new */
	c->prefix_len = addr_host_bits(&r->target);
	c->mtu = iface_mtu(i);
	c->hold_s = i->conf->holding_s;
	c->preference = 255;
	packet_add_ext(p, NHRP_EXT_NAT, false, EXT_CIES);
	nat_add_own(i, p, own);
	tx_send(i, p, to_nbma);
}

/* Where this try goes; ADDR_NONE: nowhere at the moment. */
static struct addr next_hop(const struct request *r)
{
	struct station *s;
	struct hop hop = { .kind = HOP_NONE };

	if (addr_is_set(&r->to_nbma))
		return r->to_nbma;
	if (addr_is_set(&r->to))
		hop = transit_route(r->iface, &r->to, NULL);
	if (hop.kind == HOP_FORWARD || r->kind == REQUEST_PURGE)
		return hop.nbma;
	s = nhs_server_for(r->iface, &r->target, NULL);
	return s ? s->nbma : (struct addr){ 0 };
}

void request_send(struct request *r, mono now)
{
	struct iface *i = r->iface;
	const struct addr *own =
		iface_own_addr(i, (enum addr_family)r->target.family,
			       addr_is_set(&r->to) ? &r->to : &r->target);
	struct prefix withdrawn = { r->target, r->target_len };
	struct addr to = next_hop(r);
	int64_t wait_ms = schedules[r->kind].wait_ms[r->tries++];

	timers_arm(&i->engine->timers, &r->timer,
		   mono_add_ms(now, rng_jitter(&i->engine->rng, wait_ms, 10)));
	if (!own || !i->usable || !addr_is_set(&to))
		return;
	if (r->kind == REQUEST_PURGE)
		tx_send(i, purge_build(i, own, &withdrawn, &r->to, r->id), &to);
	else
		send_resolution(r, own, &to);
}

struct request *request_match(struct rx *rx, uint32_t id)
{
	struct request *r;

	HASH_FIND(hh, rx->iface->engine->requests, &id, sizeof(id), r);
	return r && r->iface == rx->iface ? r : NULL;
}

bool request_went_to(const struct request *r, const struct addr *from)
{
	return r->kind != REQUEST_VERIFY || addr_eq(from, &r->to_nbma);
}

struct request *request_find(struct iface *i, enum request_kind kind,
			     const struct addr *target)
{
	for (struct request *r = i->engine->requests; r; r = r->hh.next) {
		if (r->iface == i && r->kind == kind && addr_eq(&r->target, target))
			return r;
	}
	return NULL;
}

void request_drop_iface(struct iface *i)
{
	struct request *r, *next;

	HASH_ITER (hh, i->engine->requests, r, next) {
		if (r->iface != i)
			continue;
		if (r->kind == REQUEST_COMMAND)
			engine_answer(i->engine, r->token, false,
				      "the interface is being removed", 0);
		request_free(r);
	}
}
