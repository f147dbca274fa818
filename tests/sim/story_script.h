/* SPDX-License-Identifier: MIT */
/* A hub with a script, and what it was told. */
#ifndef NHRP_TEST_STORY_SCRIPT_H
#define NHRP_TEST_STORY_SCRIPT_H

#include "story.h"

#define SEED	   20260707
#define WITH	   " script /etc/nhrpd/hook"
#define HUB_HOOKED "holding-time 600" WITH
#define REFRESH_S  210 /* the latest that a spoke of this holding time asks again */

#define PROHIBITED packet_cie_code_str(NHRP_CODE_PROHIBITED)

static inline unsigned times(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

#define assert_ran(w, node, what, n) \
	assert_int_equal(times(world_scripted(w, node), what), n)

/* A hub with a script, and nobody there yet. */
static inline struct cast hooked_hub(void)
{
	struct cast c = { .w = world_new(SEED) };

	c.hub = story_hub(c.w, HUB_HOOKED);
	return c;
}

/* ... with two spokes, registered. */
static inline struct cast hooked(void)
{
	struct cast c = hooked_hub();

	c.a = story_spoke(c.w, 2, SPOKE_WORDS);
	c.b = story_spoke(c.w, 3, SPOKE_WORDS);
	assert_true(world_until(c.w, 5, c.hub, SPOKE_A, "state", "up"));
	assert_true(world_until(c.w, 5, c.hub, SPOKE_B, "state", "up"));
	return c;
}

/* Registrations of so many stations, all at once. */
static inline void flood(struct cast *c, unsigned count)
{
	struct packet *p = calloc(1, sizeof(*p));
	uint8_t pdu[256];

	assert_non_null(p);
	for (unsigned k = 0; k < count; k++) {
		char proto[20], nbma[20];

		snprintf(proto, sizeof(proto), "10.0.%u.%u", 1 + k / 200, 1 + k % 200);
		snprintf(nbma, sizeof(nbma), "192.0.%u.%u", 2 + k / 200, 1 + k % 200);
		packet_init(p, NHRP_REGISTRATION_REQUEST, ADDR_IP4, ADDR_IP4);
		p->src_nbma = unit_addr(nbma);
		p->src_proto = unit_addr(proto);
		p->dst_proto = unit_addr(HUB);
		packet_add_cie(p)->prefix_len = 32;
		world_inject(c->w, c->hub, nbma, pdu,
			     packet_encode(p, pdu, sizeof(pdu)));
	}
	free(p);
}

#endif
