/* SPDX-License-Identifier: MIT */
/*
 * Stories of stations behind address translation. A masquerading router lets in
 * only what answers to something that went out, and soon forgets.
 */
#include "story.h"

#define SEED 20261123

#define A_OUTSIDE "198.51.100.33"
#define B_OUTSIDE "198.51.100.44"

/* Sites whose spokes are behind NAT: those named masquerade, the others have one
 * outer address for themselves. */
static struct cast sites(uint64_t seed, const char *words, bool a_hidden, bool b_hidden)
{
	struct cast c = { .w = world_new(seed) };

	c.hub = story_hub(c.w, HUB_WORDS);
	c.a = world_add(c.w, &(struct node_spec){ "a", "192.168.77.3", A_OUTSIDE,
						  SPOKE_A "/24", words, a_hidden });
	c.b = world_add(c.w, &(struct node_spec){ "b", "192.168.77.3", B_OUTSIDE,
						  SPOKE_B "/24", words, b_hidden });
	world_lan(c.w, c.a, "192.168.2.0/24");
	world_lan(c.w, c.b, B_LAN);
	world_route_via(c.w, c.a, "192.168.0.0/16", HUB);
	world_route_via(c.w, c.b, "192.168.0.0/16", HUB);
	world_route_via(c.w, c.hub, "192.168.2.0/24", SPOKE_A);
	world_route_via(c.w, c.hub, B_LAN, SPOKE_B);
	assert_true(world_until_nhs(c.w, 5, c.a, "up"));
	assert_true(world_until_nhs(c.w, 5, c.b, "up"));
	return c;
}

/* Ten seconds of it, one way; none may be lost, and at the end it goes straight. */
static void goes_straight(struct cast *c)
{
	int hops = 0;

	for (int ms = 0; ms < 10000; ms += 50) {
		hops = world_data(c->w, c->a, A_HOST, B_HOST);
		assert_in_range(hops, 1, 2);
		world_run_ms(c->w, 50);
	}
	assert_int_equal(hops, 1);
}

static void nothing_is_lost_on_the_way_into_a_nat_that_lets_in_answers_only(
	void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct cast c = sites(seed, EDGE_WORDS, seed & 1, true);

		goes_straight(&c);
		world_free(c.w);
	}
}

static void nothing_is_lost_where_packets_are(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct cast c = sites(seed, EDGE_WORDS, seed & 1, true);
		int hops = 0;

		world_network(c.w, 20, 10, 1, 80);
		for (int ms = 0; ms < 60000; ms += 20) {
			hops = world_data(c.w, c.a, A_HOST, B_HOST);
			assert_in_range(hops, 1, 2);
			world_run_ms(c.w, 20);
		}
		world_free(c.w);
	}
}

/* A foreign station opens nothing for those it answers. */
static void what_cannot_be_reached_straight_stays_on_the_hub(void **state)
{
	struct cast c = sites(SEED, EDGE_WORDS, false, false);

	(void)state;
	world_cut(c.w, c.a, c.b, true);
	for (int ms = 0; ms < 30000; ms += 50) {
		assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
		world_run_ms(c.w, 50);
	}
	assert_string_equal(world_show(c.w, c.a, SHOW_SHORTCUTS, "prefix", B_HOST "/32",
				       "reason"),
			    "behind NAT, and no answer straight from there");
	/* Nor is it asked again and again. */
	assert_in_range(world_counter(c.w, c.a, "tx_resolution_request"), 1, 6);
	world_free(c.w);
}

/* Longer than the NAT remembers, shorter than the holding time. */
static void after_a_pause_nothing_is_lost_either(void **state)
{
	struct cast c = sites(SEED, EDGE_WORDS, true, true);

	(void)state;
	for (int pause_s = 10; pause_s < 120; pause_s += 7) {
		goes_straight(&c);
		world_run_s(c.w, pause_s);
		assert_in_range(world_data(c.w, c.a, A_HOST, B_HOST), 1, 2);
	}
	world_free(c.w);
}

static void a_spoke_behind_a_forgetful_nat_stays_reachable(void **state)
{
	struct cast c = sites(SEED, EDGE_WORDS, true, true);

	(void)state;
	for (int s = 0; s < 1200; s += 37) {
		world_run_s(c.w, 37);
		assert_int_equal(world_data(c.w, c.hub, "192.168.1.10", B_HOST), 1);
	}
	world_free(c.w);
}

/* The first packet waits for the answer, which comes after the way is open. */
static void a_neighbour_behind_such_a_nat_is_reached_at_once(void **state)
{
	struct cast c = sites(SEED, SPOKE_WORDS, true, true);

	(void)state;
	world_traffic(c.w, c.a, SPOKE_B);
	world_run_s(c.w, 1);
	assert_int_equal(world_arrived(c.w, c.b), 1);
	world_traffic(c.w, c.b, SPOKE_A);
	assert_int_equal(world_arrived(c.w, c.a), 1);
	/* And again when the way has been forgotten. */
	world_run_s(c.w, 100);
	world_traffic(c.w, c.a, SPOKE_B);
	world_run_s(c.w, 1);
	assert_int_equal(world_arrived(c.w, c.b), 2);
	world_free(c.w);
}

static void without_nat_nobody_asks_twice(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);

	(void)state;
	assert_int_equal(world_counter(c.w, c.a, "tx_resolution_request"), 1);
	assert_int_equal(world_counter(c.w, c.b, "tx_resolution_request"), 0);
	world_free(c.w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			nothing_is_lost_on_the_way_into_a_nat_that_lets_in_answers_only),
		cmocka_unit_test(nothing_is_lost_where_packets_are),
		cmocka_unit_test(what_cannot_be_reached_straight_stays_on_the_hub),
		cmocka_unit_test(after_a_pause_nothing_is_lost_either),
		cmocka_unit_test(a_spoke_behind_a_forgetful_nat_stays_reachable),
		cmocka_unit_test(a_neighbour_behind_such_a_nat_is_reached_at_once),
		cmocka_unit_test(without_nat_nobody_asks_twice),
	};

	return cmocka_run_group_tests_name("nat", tests, NULL, NULL);
}
