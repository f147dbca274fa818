/* SPDX-License-Identifier: MIT */
/*
 * An adversary. What it forges is well formed, names those who are there, and is not
 * meant to be believed for longer than a holding time; in clear it says that it
 * comes from anywhere, and where there is an IPsec profile, from its own address, or
 * by the SA of a station, where rules say what one may claim.
 */
#include "explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nhrp/auth.h>
#include <nhrp/mem.h>

#include "../unit/unit.h"

#include "world_int.h"

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

/* Of nobody, there or in another underlay. */
static const char *stranger(bool is6)
{
	return is6 ? "2001:db8:66::66" : "192.0.2.66";
}

static struct addr any_nbma(struct play *p)
{
	const struct site *s = some_site(p);

	if (one_in(p, 20))
		return unit_addr(stranger(!p->underlay6));
	if (one_in(p, 3))
		return unit_addr(stranger(p->underlay6));
	return unit_addr(s->natted && one_in(p, 2) ? s->nat : s->nbma);
}

/* A station's, one that nobody has, and what is no station's. */
static struct addr any_proto(struct play *p, int net)
{
	static const char *const odd[][8] = {
		{ "10.0.0.200", "10.0.0.255", "0.0.0.0", "224.0.0.5", "127.0.0.1",
		  "10.0.0.0", "10.0.0.201", "192.0.2.66" },
		{ "fd00::200", "fd00::", "::", "ff02::5", "::1", "fe80::1", "fd00::201",
		  "fe80::66" },
	};
	const struct net *n = &some_site(p)->nets[net];

	if (one_in(p, 4))
		return unit_addr(odd[p->is6[net]][rng_below(&p->rng, 8)]);
	return unit_addr(one_in(p, 4) ? n->host : n->addr);
}

/* Of another underlay there is one. */
static struct addr nbma_of(struct play *p, uint8_t family)
{
	struct addr a = any_nbma(p);

	return a.family == family ? a : unit_addr(stranger(family == ADDR_IP6));
}

static void fill_cie(struct play *p, struct packet *k, struct cie *c, int net)
{
	static const uint8_t lens[] = { 0, 0, 8, 16, 24, 32, 33, 128, 255 };
	static const uint8_t codes[] = { 0, 0, 0, 4, 5, 12, 13, 14, 77 };

	c->code = codes[rng_below(&p->rng, ARRAY_SIZE(codes))];
	c->prefix_len = lens[rng_below(&p->rng, ARRAY_SIZE(lens))];
	c->preference = (uint8_t)rng_below(&p->rng, 256);
	c->mtu = (uint16_t)rng_below(&p->rng, one_in(p, 2) ? 1500 : 65536);
	c->hold_s = (uint16_t)rng_below(&p->rng, (uint32_t)p->holding_s + 1);
	if (!one_in(p, 8))
		c->nbma = nbma_of(p, k->nbma_family);
	if (!one_in(p, 5))
		c->proto = any_proto(p, net);
}

static void fill_exts(struct play *p, struct packet *k, int net)
{
	static const uint16_t lists[] = { NHRP_EXT_RESPONDER, NHRP_EXT_FORWARD_TRANSIT,
					  NHRP_EXT_REVERSE_TRANSIT, NHRP_EXT_NAT };

	for (size_t n = 0; n < ARRAY_SIZE(lists); n++) {
		struct ext *x = one_in(p, 3) ? NULL
					     : packet_add_ext(k, lists[n], one_in(p, 2),
							      EXT_CIES);

		for (unsigned c = rng_below(&p->rng, 3); x && c > 0; c--)
			fill_cie(p, k, packet_ext_add_cie(k, x), net);
	}
	/* One that nobody knows. */
	if (one_in(p, 10))
		packet_add_ext(k, 1000, one_in(p, 2), EXT_RAW);
}

/* The header of a packet between two, as a hub quotes it. */
static size_t quote_data(struct play *p, uint8_t *out, int net)
{
	static const uint8_t ip4[12] = { 0x45, 0, 0, 84, 0, 0, 0, 0, 62, 1 };
	static const uint8_t ip6[8] = { 0x60, 0, 0, 0, 0, 64, 58, 62 };
	struct addr src = any_proto(p, net), dst = any_proto(p, net);
	size_t at = p->is6[net] ? sizeof(ip6) : sizeof(ip4);
	size_t len = p->is6[net] ? 16 : 4;

	memcpy(out, p->is6[net] ? ip6 : ip4, at);
	memcpy(out + at, src.bytes, len);
	memcpy(out + at + len, dst.bytes, len);
	memset(out + at + 2 * len, 0, 8);
	return at + 2 * len + 8;
}

/* What an error or an indication is about: a packet that somebody did send, or not. */
static void fill_payload(struct play *p, struct forgery *f, int net)
{
	struct packet *k = &f->packet;
	const struct taped *t = world_overheard(p->w);
	size_t len = 0;

	if (k->type == NHRP_TRAFFIC_INDICATION) {
		len = quote_data(p, f->payload, net);
	} else if (t) {
		len = t->len < sizeof(f->payload) ? t->len : sizeof(f->payload);
		memcpy(f->payload, t->pdu, len);
	}
	if (one_in(p, 4))
		len = rng_below(&p->rng, (uint32_t)len + 1);
	k->payload = f->payload;
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

static void fill(struct play *p, struct packet *k, int net)
{
	k->hops = (uint8_t)(one_in(p, 4) ? rng_below(&p->rng, 4) : 255);
	k->flags = (uint16_t)rng_next(&p->rng);
	k->request_id = any_id(p);
	k->error_code = (uint16_t)rng_below(&p->rng, 20);
	k->error_offset = (uint16_t)rng_below(&p->rng, 100);
	k->src_proto = any_proto(p, net);
	k->dst_proto = any_proto(p, net);
	if (!one_in(p, 10))
		k->src_nbma = nbma_of(p, k->nbma_family);
	for (unsigned c = one_in(p, 3) ? rng_below(&p->rng, 4) : 1; c > 0; c--)
		fill_cie(p, k, packet_add_cie(k), net);
}

/* Of any type; false: it cannot be said. */
static bool make(struct play *p, struct forgery *f, bool keyed)
{
	const struct auth_key key = { 3, "k3y" };
	bool over6 = one_in(p, 12) ? !p->underlay6 : p->underlay6;
	int net = explore_net(p);
	struct packet *k = &f->packet;
	struct ext *x;

	packet_init(k, (enum nhrp_type)(1 + rng_below(&p->rng, 8)),
		    over6 ? ADDR_IP6 : ADDR_IP4, p->is6[net] ? ADDR_IP6 : ADDR_IP4);
	fill(p, k, net);
	if (k->type >= NHRP_ERROR_INDICATION) {
		k->cie_count = k->cie_used = 0;
		fill_payload(p, f, net);
	}
	fill_exts(p, k, net);
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
	bool outside = p->secret && (!p->ruled || one_in(p, 2));
	struct addr at = outside ? unit_addr(stranger(p->underlay6))
				 : nbma_of(p, p->underlay6 ? ADDR_IP6 : ADDR_IP4);
	char line[200];

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
		world_replay(p->w, one_in(p, 2) ? -1 : some_site(p)->node,
			     stranger(p->underlay6));
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
