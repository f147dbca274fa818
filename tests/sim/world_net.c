/* SPDX-License-Identifier: MIT */
/*
 * The network of a world: who has which outer address, NATs, and NHRP packets on
 * their way, with what befalls them there.
 */
#include "world_int.h"

#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"

#define LATE_MS 300 /* how much later than the others, at most */

/* --- who is where ---------------------------------------------------------------- */

struct addr world_outside(const struct node *n)
{
	return addr_is_set(&n->nat) ? n->nat : n->nbma;
}

void world_forget_places(struct world *w)
{
	struct place *p, *next;

	HASH_ITER (hh, w->places, p, next) {
		HASH_DEL(w->places, p);
		free(p);
	}
}

static struct node *look_outside(const struct world *w, const struct addr *a)
{
	for (int k = 0; k < w->count; k++) {
		struct addr out = world_outside(w->nodes[k]);

		if (addr_eq(&out, a) && !w->nodes[k]->hidden)
			return w->nodes[k];
	}
	return NULL;
}

struct node *world_by_outside(struct world *w, const struct addr *a)
{
	struct place *p;

	HASH_FIND(hh, w->places, a, sizeof(*a), p);
	if (p)
		return p->node;
	p = mem_new(sizeof(*p));
	p->outside = *a;
	p->node = look_outside(w, a);
	HASH_ADD(hh, w->places, outside, sizeof(p->outside), p);
	return p->node;
}

/* --- address translation --------------------------------------------------------- */

static bool is_open(const struct node *n, const struct hole *h)
{
	return mono_before(n->w->now, h->until);
}

static struct hole *find_hole(struct node *n, const struct addr *outer)
{
	for (size_t k = 0; k < n->hole_count; k++) {
		if (addr_eq(&n->holes[k].from, outer))
			return &n->holes[k];
	}
	return NULL;
}

/* In place of one that is closed, if there is no room. */
static struct hole *new_hole(struct node *n)
{
	for (size_t k = 0; k < n->hole_count; k++) {
		if (!is_open(n, &n->holes[k]))
			return &n->holes[k];
	}
	assert_true(n->hole_count < ARRAY_SIZE(n->holes));
	return &n->holes[n->hole_count++];
}

void world_nat_out(struct node *n, const struct addr *to)
{
	struct hole *h = find_hole(n, to);

	if (!n->masquerade)
		return;
	if (!h) {
		h = new_hole(n);
		h->from = *to;
	}
	h->until = mono_add_s(n->w->now, NAT_FORGETS_S);
}

bool world_nat_in(struct node *n, const struct addr *from)
{
	struct hole *h = find_hole(n, from);

	if (!n->masquerade)
		return true;
	if (!h || !is_open(n, h))
		return false;
	h->until = mono_add_s(n->w->now, NAT_FORGETS_S);
	return true;
}

bool world_passes(struct node *from, struct node *to)
{
	struct addr source = world_outside(from), target = world_outside(to);

	world_nat_out(from, &target);
	return to->device && to->up && world_nat_in(to, &source) &&
	       world_opens(to, world_seal(from, &target));
}

/* --- links ------------------------------------------------------------------------ */

static struct link *find_link(const struct world *w, int from, int to)
{
	struct link key = { .ends = { from, to } }, *l;

	HASH_FIND(hh, w->links, &key.ends, sizeof(key.ends), l);
	return l;
}

static struct link *get_link(struct world *w, int from, int to)
{
	struct link *l = find_link(w, from, to);

	if (l)
		return l;
	l = mem_new(sizeof(*l));
	l->ends.from = world_node(w, from)->number;
	l->ends.to = world_node(w, to)->number;
	HASH_ADD(hh, w->links, ends, sizeof(l->ends), l);
	return l;
}

void world_faults(struct world *w, const struct faults *f)
{
	w->faults = *f;
}

void world_faults_between(struct world *w, int from, int to, const struct faults *f)
{
	struct link *l = get_link(w, from, to);

	l->own = f != NULL;
	if (f)
		l->faults = *f;
}

void world_cut_one_way(struct world *w, int from, int to, bool cut)
{
	get_link(w, from, to)->cut = cut;
}

void world_cut(struct world *w, int a, int b, bool cut)
{
	world_cut_one_way(w, a, b, cut);
	world_cut_one_way(w, b, a, cut);
}

void world_heal_network(struct world *w)
{
	struct link *l, *next;

	HASH_ITER (hh, w->links, l, next) {
		HASH_DEL(w->links, l);
		free(l);
	}
	w->faults = (struct faults){ .delay_min_ms = 5, .delay_max_ms = 20 };
	w->tampering.percent = 0;
}

bool world_is_cut(const struct world *w, const struct node *from, const struct node *to)
{
	const struct link *l = find_link(w, from->number, to->number);

	return l && l->cut;
}

static struct faults faults_between(struct world *w, const struct node *from,
				    const struct addr *to)
{
	const struct node *n = w->links ? world_by_outside(w, to) : NULL;
	const struct link *l = n ? find_link(w, from->number, n->number) : NULL;

	return l && l->own ? l->faults : w->faults;
}

/* --- packets ------------------------------------------------------------------------ */

static void arrive(struct node *to, const struct flight *f)
{
	struct world *w = to->w;
	struct event ev = { EV_PACKET,
			    .packet = { to->ifindex, f->from, f->pdu, f->len } };

	invariant_received(to, f->pdu, f->len);
	w->carrying = f;
	world_handle(to, &ev);
	w->carrying = NULL;
}

static void deliver(struct timer *t, void *ctx, mono now)
{
	struct flight *f = container_of(t, struct flight, timer);
	struct world *w = ctx;
	struct node *to = world_by_outside(w, &f->to);
	struct node *from = world_by_outside(w, &f->from);

	(void)now;
	if (to && to->engine && !to->frozen && to->device && to->up &&
	    world_nat_in(to, &f->from) && world_opens(to, f->seal) &&
	    !(from && world_is_cut(w, from, to)))
		arrive(to, f);
	free(f);
}

static struct flight *new_flight(struct world *w, const struct addr *from,
				 const struct addr *to, const void *pdu, size_t len)
{
	struct flight *f = mem_new(sizeof(*f) + len + TAMPER_ROOM);

	f->w = w;
	f->from = *from;
	f->to = *to;
	f->len = len;
	memcpy(f->pdu, pdu, len);
	f->timer.fire = deliver;
	return f;
}

static void begin_flight(struct flight *fl, const struct faults *f)
{
	struct world *w = fl->w;
	unsigned ms = f->delay_min_ms +
		      rng_below(&w->rng, f->delay_max_ms - f->delay_min_ms + 1);

	if (f->late && rng_below(&w->rng, 100) < f->late)
		ms += rng_below(&w->rng, LATE_MS);
	timers_arm(&w->timers, &fl->timer, mono_add_ms(w->now, ms));
}

static void launch(struct node *n, const struct act_send *s, const struct faults *f,
		   uint64_t passed)
{
	struct addr from = world_outside(n);
	struct flight *fl = new_flight(n->w, &from, &s->to, s->pdu, s->len);

	world_nat_out(n, &fl->to);
	fl->passed = passed;
	fl->foreign = n->w->carrying && n->w->carrying->foreign;
	fl->seal = world_seal(n, &s->to);
	world_tape(fl);
	world_tamper(fl);
	begin_flight(fl, f);
}

void world_fly(struct world *w, const struct addr *from, const struct node *to,
	       const void *pdu, size_t len)
{
	struct addr at = world_outside(to);
	struct flight *f = new_flight(w, from, &at, pdu, len);
	const struct node *by = world_by_outside(w, from);

	f->foreign = true;
	f->seal = by ? world_seal(by, &at) : 0;
	begin_flight(f, &w->faults);
}

static void keep_packet(struct node *n, const struct act_send *s)
{
	struct world *w = n->w;

	if (w->quiet)
		return;
	w->last.node = n->number;
	w->last.len = s->len;
	memcpy(w->last.pdu, s->pdu, s->len);
}

const struct packet *world_last_sent(struct world *w, int node)
{
	uint16_t offset;

	assert_int_equal(w->last.node, node);
	assert_true(w->last.len > 0);
	assert_int_equal(packet_decode(&w->last.packet, w->last.pdu, w->last.len,
				       &offset),
			 PKT_OK);
	return &w->last.packet;
}

void world_send(struct node *n, const struct act_send *s)
{
	struct world *w = n->w;
	struct faults f = faults_between(w, n, &s->to);
	uint64_t passed = invariant_sent(n, s);

	keep_packet(n, s);
	n->sent++;
	w->sent++;
	if (!n->device || !n->up || !world_protects(n, &s->to) ||
	    rng_below(&w->rng, 100) < f.loss)
		return;
	launch(n, s, &f, passed);
	if (rng_below(&w->rng, 100) < f.dup)
		launch(n, s, &f, passed);
}

static void free_flight(struct timer *t)
{
	free(container_of(t, struct flight, timer));
}

void world_free_network(struct world *w)
{
	world_drop_timers(w, deliver, free_flight);
	world_heal_network(w);
	world_forget_places(w);
	world_free_tape(w);
}
