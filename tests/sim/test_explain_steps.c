/* SPDX-License-Identifier: MIT */
/* The steps of `explain`: what lies on the way of a packet, one after the other. */
#include "story.h"

#define SEED 20260118

static void each_step_of_a_shortcut_is_shown(void **state)
{
	static const char *const want[][3] = {
		{ "route", "what", "192.168.3.0/24 via 10.0.0.3 dev gre1" },
		{ "route", "reason", "a shortcut of nhrpd" },
		{ "interface", "what", "gre1, 10.0.0.2 at 198.51.100.2" },
		{ "interface", "state", "up" },
		{ "shortcut", "what", "192.168.3.0/24 via 10.0.0.3" },
		{ "shortcut", "state", "up" },
		{ "base", "what", "192.168.0.0/16 via 10.0.0.1" },
		{ "next-hop", "what", "10.0.0.3 at 198.51.100.3, cached" },
		{ "next-hop", "reason", "resolved" },
		{ "neighbour", "what", "10.0.0.3 at 198.51.100.3" },
		{ "neighbour", "state", "agrees" },
		{ "underlay", "what", "0.0.0.0/0 dev eth0" },
		{ "server", "what", "10.0.0.1 at 203.0.113.1" },
		{ "server", "state", "up" },
		{ "error", "what", "" },
		{ "verdict", "verdict", "ok" },
	};
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);
	struct explain_facts facts = world_facts(c.w, c.a, B_HOST);

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(want); k++)
		assert_string_equal(world_explain(c.w, c.a, B_HOST, &facts, want[k][0],
						  want[k][1]),
				    want[k][2]);
	world_free(c.w);
}

static void of_a_route_its_device_is_told_if_it_is_known(void **state)
{
	struct cast c = story_hosts(SEED, "");
	struct explain_facts f = world_facts(c.w, c.hub, SPOKE_A);

	(void)state;
	assert_string_equal(world_explain(c.w, c.hub, SPOKE_A, &f, "route", "what"),
			    "10.0.0.2/32 dev gre1");
	assert_string_equal(world_explain(c.w, c.hub, SPOKE_A, &f, "route", "reason"),
			    "a route of nhrpd");
	f.route.device[0] = '\0';
	assert_string_equal(world_explain(c.w, c.hub, SPOKE_A, &f, "route", "what"),
			    "10.0.0.2/32 dev ?");
	world_free(c.w);
}

static void a_neighbour_that_somebody_else_wrote_is_told(void **state)
{
	struct cast c = story_with_shortcut(SEED);
	struct explain_facts f = world_facts(c.w, c.a, SPOKE_B);

	(void)state;
#define NEIGHBOUR(key) world_explain(c.w, c.a, SPOKE_B, &f, "neighbour", key)
	assert_string_equal(NEIGHBOUR("reason"), "written by nhrpd");
	f.neigh.ours = false;
	assert_string_equal(NEIGHBOUR("state"), "agrees");
	assert_string_equal(NEIGHBOUR("reason"), "somebody else's entry");
	f.neigh.state = KERNEL_NEIGH_WAITING;
	assert_string_equal(NEIGHBOUR("state"), "waiting");
	f.neigh.state = KERNEL_NEIGH_REFUSED;
	assert_string_equal(NEIGHBOUR("state"), "refused");
	f.neigh_known = false;
	assert_string_equal(NEIGHBOUR("state"), "");
#undef NEIGHBOUR
	world_free(c.w);
}

static void nothing_is_asked_about_what_no_tunnel_carries(void **state)
{
	static const char *const dsts[] = { "192.168.2.10", SPOKE_A, "172.31.0.1",
					    "224.0.0.5" };
	struct cast c = story_sites(SEED, EDGE_WORDS);

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(dsts); k++) {
		struct explain_facts facts = world_facts(c.w, c.a, dsts[k]);

		assert_false(facts.neigh_known || facts.underlay.known);
	}
	world_free(c.w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_step_of_a_shortcut_is_shown),
		cmocka_unit_test(of_a_route_its_device_is_told_if_it_is_known),
		cmocka_unit_test(a_neighbour_that_somebody_else_wrote_is_told),
		cmocka_unit_test(nothing_is_asked_about_what_no_tunnel_carries),
	};

	return cmocka_run_group_tests_name("explain steps", tests, NULL, NULL);
}
