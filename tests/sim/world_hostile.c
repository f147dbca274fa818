/* SPDX-License-Identifier: MIT */
/*
 * Who means harm: packets that are changed on their way, old ones that come once
 * more, and what a stranger makes up. What an SA protects is thrown away when it was
 * changed, and cannot be read, so not be replayed either; there is nothing left but
 * to send it in clear, and then nothing may come of it.
 */
#include "world_int.h"

#include <stdlib.h>
#include <string.h>

#include "../fuzz/pdu.h"
#include "../unit/unit.h"

#define CHANGES_MAX 4  /* octets */
#define HEADER_LEN  64 /* about so much: fixed header, addresses, a CIE */

const char *const world_mischief_names[MISCHIEFS] = {
	[MISCHIEF_CHANGED] = "changed",
	[MISCHIEF_CUT] = "cut short",
	[MISCHIEF_LONGER] = "made longer",
	[MISCHIEF_MENDED] = "of those with a right checksum",
	[MISCHIEF_SEALED] = "changed within an SA",
	[MISCHIEF_REPLAYED] = "come again",
	[MISCHIEF_MISLED] = "come to somebody else",
	[MISCHIEF_FORGED] = "forged",
	[MISCHIEF_KEYLESS] = "forged without the key",
	[MISCHIEF_UNSEALED] = "forged without an SA",
	[MISCHIEF_WITHIN] = "forged by a station gone mad",
};

static void played(struct world *w, enum mischief m)
{
	w->mischief[m]++;
}

/* --- on the way --------------------------------------------------------------------- */

void world_tampers(struct world *w, const struct tampering *t)
{
	w->tampering = *t;
}

static void change(struct world *w, uint8_t *pdu, size_t len)
{
	static const uint8_t any[] = { 0, 1, 4, 16, 127, 255 };
	size_t within = rng_below(&w->rng, 2) && len > HEADER_LEN ? HEADER_LEN : len;

	for (unsigned k = 1 + rng_below(&w->rng, CHANGES_MAX); k > 0 && len > 0; k--) {
		uint8_t *at = &pdu[rng_below(&w->rng, (uint32_t)within)];

		if (rng_below(&w->rng, 2))
			*at ^= (uint8_t)(1u << rng_below(&w->rng, 8));
		else
			*at = any[rng_below(&w->rng, ARRAY_SIZE(any))];
	}
	played(w, MISCHIEF_CHANGED);
}

static size_t lengthen(struct world *w, uint8_t *pdu, size_t len)
{
	unsigned by = 1 + rng_below(&w->rng, TAMPER_ROOM);

	for (unsigned k = 0; k < by; k++)
		pdu[len++] = (uint8_t)rng_next(&w->rng);
	played(w, MISCHIEF_LONGER);
	return len;
}

/* Size and checksum, so that what is behind them is looked at. */
static void mend(struct world *w, uint8_t *pdu, size_t len)
{
	if (len < NHRP_MIN_LEN || !rng_below(&w->rng, 4))
		return;
	if (rng_below(&w->rng, 2))
		pdu[10] = pdu[11] = 0;
	pdu_mend(pdu, len);
	played(w, MISCHIEF_MENDED);
}

static size_t spoil(struct world *w, uint8_t *pdu, size_t len)
{
	unsigned how = rng_below(&w->rng, 6);

	if (how == 0) {
		len = rng_below(&w->rng, (uint32_t)len);
		played(w, MISCHIEF_CUT);
	} else if (how == 1) {
		len = lengthen(w, pdu, len);
	} else {
		change(w, pdu, len);
	}
	mend(w, pdu, len);
	return len;
}

/* When everybody has to be well again is known only if nobody is lied to for longer. */
static bool lies_for_long(struct world *w, const uint8_t *pdu, size_t len)
{
	struct packet *p = &w->scratch;
	uint16_t off;

	if (packet_decode(p, pdu, len, &off) != PKT_OK)
		return false;
	for (size_t k = 0; k < p->cie_used; k++) {
		if (p->cies[k].hold_s > w->tampering.hold_most_s)
			return true;
	}
	return false;
}

void world_tamper(struct flight *f)
{
	struct world *w = f->w;
	uint8_t *was;
	size_t len = f->len;

	if (!w->tampering.percent || rng_below(&w->rng, 100) >= w->tampering.percent)
		return;
	if (f->seal && !w->tampering.within) {
		f->seal = ~f->seal;
		played(w, MISCHIEF_SEALED);
		return;
	}
	was = mem_new(len + 1);
	memcpy(was, f->pdu, len);
	f->len = spoil(w, f->pdu, len);
	f->passed = 0;
	f->foreign = true;
	if (lies_for_long(w, f->pdu, f->len)) {
		memcpy(f->pdu, was, len);
		f->len = len;
	}
	free(was);
}

/* --- what was overheard ----------------------------------------------------------------- */

void world_tapes(struct world *w)
{
	w->taping = true;
}

void world_tape(const struct flight *f)
{
	struct world *w = f->w;
	struct taped *t = &w->tape[w->taped % TAPE_LEN];

	if (!w->taping)
		return;
	w->taped++;
	t->from = f->from;
	t->to = f->to;
	t->sealed = f->seal != 0;
	t->len = f->len;
	t->pdu = mem_resize(t->pdu, f->len + 1, 1);
	memcpy(t->pdu, f->pdu, f->len);
}

const struct taped *world_overheard(struct world *w)
{
	size_t there = w->taped < TAPE_LEN ? (size_t)w->taped : TAPE_LEN;

	return there ? &w->tape[rng_below(&w->rng, (uint32_t)there)] : NULL;
}

void world_free_tape(struct world *w)
{
	for (size_t k = 0; k < TAPE_LEN; k++)
		free(w->tape[k].pdu);
}

void world_replay(struct world *w, int node, const char *stranger)
{
	const struct taped *t = world_overheard(w);
	struct node *to;

	if (!t)
		return;
	to = node < 0 ? world_by_outside(w, &t->to) : world_node(w, node);
	if (!to)
		return;
	played(w, node < 0 ? MISCHIEF_REPLAYED : MISCHIEF_MISLED);
	if (t->sealed)
		world_forge(w, to->number, stranger, true, t->pdu, t->len);
	else
		world_fly(w, &t->from, to, t->pdu, t->len);
}

/* --- what comes of nothing ------------------------------------------------------------------ */

struct summing {
	struct show_sink sink;
	uint64_t sum;
};

static void add_octets(struct summing *s, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t k = 0; k < len; k++)
		s->sum = (s->sum ^ at[k]) * UINT64_C(0x100000001b3);
}

static void sum_row(struct show_sink *sink, const struct record *r)
{
	struct summing *s = container_of(sink, struct summing, sink);

	for (size_t k = 0; k < r->count; k++) {
		const struct field *f = &r->fields[k];

		add_octets(s, f->key, strlen(f->key));
		if (f->kind == FIELD_TEXT)
			add_octets(s, f->text, strlen(f->text));
		else if (f->kind == FIELD_BOOL)
			add_octets(s, &f->flag, sizeof(f->flag));
		else
			add_octets(s, &f->number, sizeof(f->number));
	}
}

/* All that can be seen of it, but what it counts. */
static uint64_t sum_of(struct node *n)
{
	static const struct selector all;
	struct summing s = { .sink.row = sum_row };

	for (int t = SHOW_CACHE; t < SHOW_COUNTERS; t++)
		engine_show(n->engine, (enum show_table)t, &all, &s.sink,
			    world_node_now(n));
	return s.sum;
}

/* It is handled at once, between two events: whatever is different comes of it. */
static void hear_unmoved(struct node *n, const struct addr *from, const void *pdu,
			 size_t len, bool answers)
{
	struct event ev = { EV_PACKET, .packet = { n->ifindex, *from, pdu, len } };
	uint64_t acted, before;

	world_handle(n, &(struct event){ .type = EV_TICK });
	acted = n->acted;
	before = sum_of(n);
	invariant_received(n, pdu, len);
	world_handle(n, &ev);
	if (sum_of(n) != before)
		invariant_broken(n, "who may not speak changes nothing",
				 ADDR_STR(from));
	if (!answers && n->acted != acted)
		invariant_broken(n, "who has no SA is not answered", ADDR_STR(from));
}

void world_forge(struct world *w, int node, const char *from, bool keyed,
		 const void *pdu, size_t len)
{
	struct node *n = world_node(w, node);
	struct addr a = unit_addr(from);
	bool secured = n->conf && n->conf->ifaces[0].profile;

	if (!n->engine || n->stopping || n->frozen)
		return;
	if (secured ? world_by_outside(w, &a) != NULL : keyed) {
		played(w, secured ? MISCHIEF_WITHIN : MISCHIEF_FORGED);
		world_fly(w, &a, n, pdu, len);
		return;
	}
	played(w, secured ? MISCHIEF_UNSEALED : MISCHIEF_KEYLESS);
	hear_unmoved(n, &a, pdu, len, !secured);
}
