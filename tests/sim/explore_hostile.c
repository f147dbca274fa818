/* SPDX-License-Identifier: MIT */
/*
 * An adversary. What it forges is well formed, names those who are there, and is not
 * meant to be believed for longer than a holding time; in clear it says that it
 * comes from anywhere, and where there is an IPsec profile, from its own address.
 */
#include "explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nhrp/auth.h>
#include <nhrp/mem.h>

#include "../unit/unit.h"

#include "world_int.h"

#define STRANGER   "192.0.2.66"
#define OTHERS	   "2001:db8::66" /* another underlay */
#define BURST_MOST 8

/* A packet, what it points to, and its octets. */
struct forgery {
	struct packet packet;
	uint8_t payload[300], key[AUTH_VALUE_MAX];
	uint8_t pdu[PKT_MAX_LEN];
	size_t len;
};

static bool one_in(struct play *p, unsigned n)
{
	return rng_below(&p->rng, n) == 0;
}

static const struct site *some_site(struct play *p)
{
	return &p->sites[rng_below(&p->rng, (uint32_t)p->count)];
}

/* --- what it says ----------------------------------------------------------------------- */

static struct addr any_nbma(struct play *p)
{
	const struct site *s = some_site(p);

	if (one_in(p, 20))
		return unit_addr(OTHERS);
	if (one_in(p, 3))
		return unit_addr(STRANGER);
	return unit_addr(s->natted && one_in(p, 2) ? s->nat : s->nbma);
}

/* A station's, one that nobody has, and what is no station's. */
static struct addr any_proto(struct play *p)
{
	static const char *const odd[] = { "10.0.0.200", "10.0.0.255", "0.0.0.0",
					   "224.0.0.5",	 "127.0.0.1",  "10.0.0.0",
					   "10.0.0.201", "192.0.2.66" };
	const struct site *s = some_site(p);

	if (one_in(p, 4))
		return unit_addr(odd[rng_below(&p->rng, ARRAY_SIZE(odd))]);
	return unit_addr(one_in(p, 4) ? s->host : s->addr);
}

/* Of that underlay there is one. */
static bool nbma_of(struct play *p, enum addr_family family, struct addr *out)
{
	*out = family == ADDR_IP6 ? unit_addr(OTHERS) : any_nbma(p);
	return out->family == family;
}

static void fill_cie(struct play *p, struct cie *c, enum addr_family nbma)
{
	static const uint8_t lens[] = { 0, 0, 8, 16, 24, 32, 33, 128, 255 };
	static const uint8_t codes[] = { 0, 0, 0, 4, 5, 12, 13, 14, 77 };
	struct addr at;

	c->code = codes[rng_below(&p->rng, ARRAY_SIZE(codes))];
	c->prefix_len = lens[rng_below(&p->rng, ARRAY_SIZE(lens))];
	c->preference = (uint8_t)rng_below(&p->rng, 256);
	c->mtu = (uint16_t)rng_below(&p->rng, one_in(p, 2) ? 1500 : 65536);
	c->hold_s = (uint16_t)rng_below(&p->rng, (uint32_t)p->holding_s + 1);
	if (nbma_of(p, nbma, &at) && !one_in(p, 8))
		c->nbma = at;
	if (!one_in(p, 5))
		c->proto = any_proto(p);
}

static void fill_exts(struct play *p, struct packet *k, enum addr_family nbma)
{
	static const enum nhrp_ext_type lists[] = { NHRP_EXT_RESPONDER,
						    NHRP_EXT_FORWARD_TRANSIT,
						    NHRP_EXT_REVERSE_TRANSIT,
						    NHRP_EXT_NAT };

	for (size_t n = 0; n < ARRAY_SIZE(lists); n++) {
		struct ext *x = one_in(p, 3) ? NULL
					     : packet_add_ext(k, lists[n], one_in(p, 2),
							      EXT_CIES);

		for (unsigned c = rng_below(&p->rng, 3); x && c > 0; c--)
			fill_cie(p, packet_ext_add_cie(k, x), nbma);
	}
	/* One that nobody knows. */
	if (one_in(p, 10))
		packet_add_ext(k, 1000, one_in(p, 2), EXT_RAW);
}

/* The header of a packet between two, as a hub quotes it. */
static size_t quote_data(struct play *p, uint8_t *out)
{
	static const uint8_t ip4[12] = { 0x45, 0, 0, 84, 0, 0, 0, 0, 62, 1 };
	struct addr src = any_proto(p), dst = any_proto(p);

	memcpy(out, ip4, sizeof(ip4));
	memcpy(out + 12, src.bytes, 4);
	memcpy(out + 16, dst.bytes, 4);
	memset(out + 20, 0, 8);
	return 28;
}

/* What an error or an indication is about: a packet that somebody did send, or not. */
static void fill_payload(struct play *p, struct packet *k, uint8_t *room, size_t cap)
{
	const struct taped *t = world_overheard(p->w);
	size_t len = 0;

	if (k->type == NHRP_TRAFFIC_INDICATION) {
		len = quote_data(p, room);
	} else if (t) {
		len = t->len < cap ? t->len : cap;
		memcpy(room, t->pdu, len);
	}
	if (one_in(p, 4))
		len = rng_below(&p->rng, (uint32_t)len + 1);
	k->payload = room;
	k->payload_len = (uint16_t)len;
}

/* An id that somebody waits for, as far as it was overheard. */
static uint32_t any_id(struct play *p)
{
	const struct taped *t = world_overheard(p->w);
	struct packet *k;
	uint32_t id = (uint32_t)rng_next(&p->rng);
	uint16_t off;

	if (!t || one_in(p, 3))
		return id;
	k = mem_new(sizeof(*k));
	if (packet_decode(k, t->pdu, t->len, &off) == PKT_OK)
		id = k->request_id + (one_in(p, 3) ? 1 : 0);
	free(k);
	return id;
}

static void fill(struct play *p, struct packet *k, enum addr_family nbma)
{
	struct addr at;

	k->hops = (uint8_t)(one_in(p, 4) ? rng_below(&p->rng, 4) : 255);
	k->flags = (uint16_t)rng_next(&p->rng);
	k->request_id = any_id(p);
	k->error_code = (uint16_t)rng_below(&p->rng, 20);
	k->error_offset = (uint16_t)rng_below(&p->rng, 100);
	k->src_proto = any_proto(p);
	k->dst_proto = any_proto(p);
	if (nbma_of(p, nbma, &at) && !one_in(p, 10))
		k->src_nbma = at;
	for (unsigned c = one_in(p, 3) ? rng_below(&p->rng, 4) : 1; c > 0; c--)
		fill_cie(p, packet_add_cie(k), nbma);
}

/* Of any type; false: it cannot be said. */
static bool make(struct play *p, struct forgery *f, bool keyed)
{
	const struct auth_key key = { 3, "k3y" };
	enum addr_family nbma = one_in(p, 12) ? ADDR_IP6 : ADDR_IP4;
	struct packet *k = &f->packet;
	struct ext *x;

	packet_init(k, (enum nhrp_type)(1 + rng_below(&p->rng, 8)), nbma, ADDR_IP4);
	fill(p, k, nbma);
	if (k->type >= NHRP_ERROR_INDICATION) {
		k->cie_count = k->cie_used = 0;
		fill_payload(p, k, f->payload, sizeof(f->payload));
	}
	fill_exts(p, k, nbma);
	x = keyed ? packet_add_ext(k, NHRP_EXT_AUTHENTICATION, true, EXT_RAW) : NULL;
	if (x) {
		x->raw = f->key;
		x->raw_len = (uint16_t)auth_value(&key, f->key);
	}
	f->len = packet_encode(k, f->pdu, sizeof(f->pdu));
	return f->len > 0;
}

/* --- whom it says it to ------------------------------------------------------------------- */

/* Somebody may not have overheard the key; errors need none. */
static void forge_one(struct play *p, const struct site *to)
{
	struct forgery *f = mem_new(sizeof(*f));
	bool keyed = one_in(p, 2), needed = p->seed % 4 == 1;
	struct addr at;
	char line[200];

	do
		at = p->secret ? unit_addr(STRANGER) : any_nbma(p);
	while (at.family != unit_addr(to->nbma).family);
	if (make(p, f, keyed)) {
		packet_line(&f->packet, line, sizeof(line));
		explore_say(p, "somebody at %s to %s: %s", ADDR_STR(&at), to->name,
			    line);
		world_forge(p->w, to->node, ADDR_STR(&at),
			    keyed || !needed || f->packet.type == NHRP_ERROR_INDICATION,
			    f->pdu, f->len);
	}
	free(f);
}

void explore_forge(struct play *p)
{
	const struct site *to = some_site(p);

	for (unsigned n = 1 + rng_below(&p->rng, BURST_MOST); n > 0; n--)
		forge_one(p, to);
}

void explore_replay(struct play *p)
{
	for (unsigned n = 1 + rng_below(&p->rng, BURST_MOST); n > 0; n--)
		world_replay(p->w, one_in(p, 2) ? -1 : some_site(p)->node, STRANGER);
	explore_say(p, "somebody replays what it has overheard");
}

/* Within SAs only where rules say who may be what: a mad station is somebody, too. */
void explore_tamper(struct play *p)
{
	struct tampering t = { .percent = 5 + rng_below(&p->rng, 40),
			       .within = p->ruled,
			       .hold_most_s = (uint16_t)p->holding_s };

	explore_say(p, "somebody changes %u %% of all packets", t.percent);
	world_tampers(p->w, &t);
}
