/* SPDX-License-Identifier: MIT */
/*
 * The usual cast of a story: a hub at 10.0.0.1 (203.0.113.1) and spokes at
 * 10.0.0.2, .3, ... (198.51.100.2, .3, ...), subnet addresses, one seed.
 */
#ifndef NHRP_TEST_STORY_H
#define NHRP_TEST_STORY_H

#include "../unit/unit.h"

#include <stdio.h>

#include <nhrp/packet.h>

#include "world.h"

#define HUB_NBMA    "203.0.113.1"
#define HUB	    "10.0.0.1"
#define SPOKE_A	    "10.0.0.2"
#define SPOKE_B	    "10.0.0.3"
#define A_NBMA	    "198.51.100.2"
#define B_NBMA	    "198.51.100.3"
#define SPOKE_WORDS "map 10.0.0.1/24 203.0.113.1 register holding-time 600"

struct cast {
	struct world *w;
	int hub, a, b;
};

static inline int story_hub(struct world *w, const char *words)
{
	return world_add(w, &(struct node_spec){ .name = "hub",
						 .nbma = HUB_NBMA,
						 .addr = HUB "/24",
						 .words = words });
}

static inline int story_spoke(struct world *w, int number, const char *words)
{
	char name[16], nbma[20], addr[20];

	snprintf(name, sizeof(name), "spoke%d", number);
	snprintf(nbma, sizeof(nbma), "198.51.100.%d", number);
	snprintf(addr, sizeof(addr), "10.0.0.%d/24", number);
	return world_add(w, &(struct node_spec){ .name = name,
						 .nbma = nbma,
						 .addr = addr,
						 .words = words });
}

/* A hub and two spokes, registered. */
static inline struct cast story_begin(uint64_t seed)
{
	struct cast c = { .w = world_new(seed) };

	c.hub = story_hub(c.w, "holding-time 600");
	c.a = story_spoke(c.w, 2, SPOKE_WORDS);
	c.b = story_spoke(c.w, 3, SPOKE_WORDS);
	assert_true(world_until_nhs(c.w, 5, c.a, "up"));
	assert_true(world_until_nhs(c.w, 5, c.b, "up"));
	return c;
}

/* ... and with spoke A's way to spoke B learnt, by traffic. */
static inline struct cast story_with_shortcut(uint64_t seed)
{
	struct cast c = story_begin(seed);

	world_traffic(c.w, c.a, SPOKE_B);
	assert_true(world_until(c.w, 5, c.a, SPOKE_B, "type", "cached"));
	world_run_s(c.w, 1);
	return c;
}

/* --- sites: a LAN behind each spoke ------------------------------------------- */

#define HUB_WORDS  "redirect holding-time 600"
#define EDGE_WORDS SPOKE_WORDS " shortcut"
#define A_HOST	   "192.168.2.10"
#define B_HOST	   "192.168.3.10"
#define B_LAN	   "192.168.3.0/24"

/* LANs behind two spokes, a summary route to the hub on each of them. */
static inline void story_lans(const struct cast *c)
{
	world_lan(c->w, c->a, "192.168.2.0/24");
	world_lan(c->w, c->b, B_LAN);
	world_route_via(c->w, c->a, "192.168.0.0/16", HUB);
	world_route_via(c->w, c->b, "192.168.0.0/16", HUB);
	world_route_via(c->w, c->hub, "192.168.2.0/24", SPOKE_A);
	world_route_via(c->w, c->hub, B_LAN, SPOKE_B);
	assert_true(world_until_nhs(c->w, 5, c->a, "up"));
	assert_true(world_until_nhs(c->w, 5, c->b, "up"));
}

static inline struct cast story_sites_with(uint64_t seed, const char *hub_words,
					   const char *edge_words)
{
	struct cast c = { .w = world_new(seed) };

	c.hub = story_hub(c.w, hub_words);
	c.a = story_spoke(c.w, 2, edge_words);
	c.b = story_spoke(c.w, 3, edge_words);
	story_lans(&c);
	return c;
}

static inline struct cast story_sites(uint64_t seed, const char *edge_words)
{
	return story_sites_with(seed, HUB_WORDS, edge_words);
}

/* ... and with A's way to the LAN of B found. */
static inline struct cast story_sites_shortened(uint64_t seed, const char *edge_words)
{
	struct cast c = story_sites(seed, edge_words);

	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	world_run_s(c.w, 1);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
	return c;
}

/* Behind B there is more than its LAN: all lead there, and A sends to it. */
#define BEYOND	    "172.16.0.0/16"
#define BEYOND_HOST "172.16.0.1"

static inline void story_send_beyond(const struct cast *c)
{
	world_route_via(c->w, c->hub, BEYOND, SPOKE_B);
	world_route_via(c->w, c->a, BEYOND, HUB);
	world_data(c->w, c->a, A_HOST, BEYOND_HOST);
}

/* --- host addresses: no subnet on the tunnel ------------------------------------ */

/* Spokes whose way to each other is somebody's route to the hub. */
static inline struct cast story_hosts(uint64_t seed, const char *more)
{
	struct cast c = { .w = world_new(seed) };
	char hub[128], spoke[128];
	struct node_spec spec = { "hub", HUB_NBMA, NULL, HUB "/32", hub, false };

	snprintf(hub, sizeof(hub), "redirect holding-time 600%s", more);
	snprintf(spoke, sizeof(spoke), "map %s/32 %s register shortcut%s", HUB,
		 HUB_NBMA, more);
	c.hub = world_add(c.w, &spec);
	spec = (struct node_spec){ "a", A_NBMA, NULL, SPOKE_A "/32", spoke, false };
	c.a = world_add(c.w, &spec);
	spec = (struct node_spec){ "b", B_NBMA, NULL, SPOKE_B "/32", spoke, false };
	c.b = world_add(c.w, &spec);
	world_route_via(c.w, c.a, "10.0.0.0/24", HUB);
	world_route_via(c.w, c.b, "10.0.0.0/24", HUB);
	assert_true(world_until_nhs(c.w, 5, c.a, "up"));
	assert_true(world_until_nhs(c.w, 5, c.b, "up"));
	return c;
}

/* --- packets of somebody else's making ------------------------------------ */

/* Without an extension, for the test to fill. */
static inline struct packet *story_packet(enum nhrp_type type, const char *nbma,
					  const char *src, const char *dst)
{
	struct packet *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	packet_init(p, type, ADDR_IP4, ADDR_IP4);
	p->src_nbma = unit_addr(nbma);
	p->src_proto = unit_addr(src);
	p->dst_proto = unit_addr(dst);
	return p;
}

static inline struct cie *story_cie(struct packet *p, const char *nbma,
				    const char *proto, uint16_t hold_s)
{
	struct cie *c = packet_add_cie(p);

	assert_non_null(c);
	c->hold_s = hold_s;
	if (nbma)
		c->nbma = unit_addr(nbma);
	if (proto)
		c->proto = unit_addr(proto);
	return c;
}

/* It comes in from there, and is over. */
static inline void story_inject(struct world *w, int node, const char *from,
				struct packet *p)
{
	uint8_t pdu[PKT_MAX_LEN];
	size_t len = packet_encode(p, pdu, sizeof(pdu));

	assert_true(len > 0);
	world_inject(w, node, from, pdu, len);
	free(p);
}

#define assert_cache(w, node, proto, key, value) \
	assert_string_equal(world_cache(w, node, proto, key), value)

#endif
