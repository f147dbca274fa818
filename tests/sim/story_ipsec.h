/* SPDX-License-Identifier: MIT */
/* An encrypted cast: a hub and two spokes with LANs, by a secret. */
#ifndef NHRP_TEST_STORY_IPSEC_H
#define NHRP_TEST_STORY_IPSEC_H

#include "story.h"

#define SECRET_HUB  HUB_WORDS " ipsec lab"
#define SECRET_EDGE EDGE_WORDS " ipsec lab"

static inline struct cast begin(uint64_t seed)
{
	return story_sites_with(seed, SECRET_HUB, SECRET_EDGE);
}

static inline struct cast begin_shortened(uint64_t seed)
{
	struct cast c = begin(seed);

	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	world_run_s(c.w, 2);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
	return c;
}

static inline void end(struct cast *c)
{
	assert_int_equal(world_clear(c->w), 0);
	world_free(c->w);
}

static inline const char *peer(struct cast *c, int node, const char *nbma,
			       const char *key)
{
	return world_show(c->w, node, SHOW_PEERS, "nbma", nbma, key);
}

#endif
