/* SPDX-License-Identifier: MIT */
/*
 * Stories of several hubs: routes to the stations of each, and what a router's
 * device is worth while none of them answers.
 */
#include "story_hubs.h"

#include "world_int.h"

/* --- routes to stations --------------------------------------------------- */

static void each_registered_station_has_a_route_where_that_is_asked_for(void **state)
{
	struct hubs h = begin_with("host-routes holding-time 600", SPOKE_WORDS);

	(void)state;
	assert_true(world_kernel_route(h.w, h.hub, SPOKE_A "/32"));
	assert_true(world_kernel_route(h.w, h.hub, SPOKE_B "/32"));
	assert_string_equal(world_shortcut(h.w, h.hub, SPOKE_A "/32"), "on-link");
	assert_string_equal(world_show(h.w, h.hub, SHOW_ROUTES, "prefix", SPOKE_A "/32",
				       "reason"),
			    "a station that is registered here");
	assert_false(world_kernel_route(h.w, h.hub2, SPOKE_A "/32"));
	/* It goes with the registration, however that ends. */
	world_stop(h.w, h.a);
	assert_false(world_kernel_route(h.w, h.hub, SPOKE_A "/32"));
	world_kill(h.w, h.b);
	world_run_s(h.w, 601);
	assert_false(world_kernel_route(h.w, h.hub, SPOKE_B "/32"));
	world_free(h.w);
}

static void a_reload_writes_and_removes_the_routes_to_stations(void **state)
{
	struct hubs h = begin(SPOKE_WORDS);

	(void)state;
	assert_false(world_kernel_route(h.w, h.hub, SPOKE_A "/32"));
	world_reload(h.w, h.hub, "host-routes holding-time 600");
	assert_true(world_kernel_route(h.w, h.hub, SPOKE_A "/32"));
	world_reload(h.w, h.hub, "holding-time 600");
	assert_false(world_kernel_route(h.w, h.hub, SPOKE_A "/32"));
	world_free(h.w);
}

/* It is registered elsewhere, and announced there. */
static void what_was_learnt_of_a_station_is_no_reason_for_a_route(void **state)
{
	struct hubs h = begin(SPOKE_WORDS " host-routes");

	(void)state;
	world_traffic(h.w, h.a, SPOKE_B);
	world_run_s(h.w, 1);
	assert_cache(h.w, h.a, SPOKE_B, "type", "cached");
	assert_false(world_kernel_route(h.w, h.a, SPOKE_B "/32"));
	assert_false(world_kernel_route(h.w, h.a, HUB "/32"));
	world_free(h.w);
}

static void a_restart_keeps_the_routes_to_stations(void **state)
{
	struct hubs h = begin_with("host-routes holding-time 600", SPOKE_WORDS);

	(void)state;
	world_kill(h.w, h.hub);
	assert_true(world_kernel_route(h.w, h.hub, SPOKE_A "/32"));
	world_start(h.w, h.hub);
	assert_true(world_kernel_route(h.w, h.hub, SPOKE_A "/32"));
	world_run_s(h.w, 5);
	assert_true(world_kernel_route(h.w, h.hub, SPOKE_A "/32"));
	world_free(h.w);
}

/* What a routing protocol between the hubs would make of those routes. */
static void a_station_of_the_other_hub_is_found_by_its_route(void **state)
{
	struct hubs h = { .w = world_new(SEED) };
	unsigned before;

	(void)state;
	h.hub = story_hub(h.w, "host-routes map 10.0.0.9 203.0.113.9");
	h.hub2 = add_hub(h.w, "hub9", HUB2_NBMA, HUB2,
			 "host-routes map 10.0.0.1 203.0.113.1");
	h.a = story_spoke(h.w, 2, SPOKE_WORDS);
	h.b = story_spoke(h.w, 3, "map 10.0.0.9/24 203.0.113.9 register");
	world_run_s(h.w, 1);
	world_route_via(h.w, h.hub, SPOKE_B "/32", HUB2);
	world_route_via(h.w, h.hub2, SPOKE_A "/32", HUB);
	before = world_arrived(h.w, h.b);
	world_traffic(h.w, h.a, SPOKE_B);
	world_run_s(h.w, 1);
	assert_int_equal(world_arrived(h.w, h.b), before + 1);
	assert_cache(h.w, h.a, SPOKE_B, "nbma", B_NBMA);
	assert_int_equal(world_counter(h.w, h.hub2, "rx_resolution_request"), 1);
	/* Nobody's address is nobody's. */
	world_traffic(h.w, h.a, "10.0.0.55");
	world_run_s(h.w, 1);
	assert_cache(h.w, h.a, "10.0.0.55", "type", "negative");
	world_free(h.w);
}

/* --- what others may think of the device ---------------------------------- */

#define FOLLOWS SPOKE_WORDS " if-state nhrp"

static enum carrier carrier(const struct hubs *h)
{
	return world_node(h->w, h->a)->carrier;
}

static void a_tunnel_works_as_long_as_a_server_answers(void **state)
{
	struct hubs h =
		begin("if-state nhrp map 10.0.0.1/24 203.0.113.1 register probe 1 "
		      "map 10.0.0.9/24 203.0.113.9 register probe 1");

	(void)state;
	assert_int_equal(carrier(&h), CARRIER_ON);
	world_kill(h.w, h.hub);
	world_run_s(h.w, 5);
	assert_int_equal(carrier(&h), CARRIER_ON);
	world_kill(h.w, h.hub2);
	world_run_ms(h.w, 2500);
	assert_int_equal(carrier(&h), CARRIER_OFF);
	assert_string_equal(world_show(h.w, h.a, SHOW_INTERFACES, NULL, NULL,
				       "if_state"),
			    "down");
	world_start(h.w, h.hub2);
	world_run_s(h.w, 10);
	assert_int_equal(carrier(&h), CARRIER_ON);
	assert_int_equal(world_logged(h.w, h.a, "no server answers"), 1);
	world_free(h.w);
}

static void what_a_predecessor_left_stands_until_the_servers_had_their_time(
	void **state)
{
	struct hubs h = { .w = world_new(SEED) };

	(void)state;
	h.hub = story_hub(h.w, "");
	world_kill(h.w, h.hub);
	h.a = story_spoke(h.w, 2, FOLLOWS);
	world_run_ms(h.w, 9900);
	assert_int_equal(carrier(&h), CARRIER_FREE);
	world_run_ms(h.w, 200);
	assert_int_equal(carrier(&h), CARRIER_OFF);
	world_start(h.w, h.hub);
	assert_true(until(&h, 70000, HUB, "up"));
	assert_int_equal(carrier(&h), CARRIER_ON);
	/* A crash and a restart change nothing. */
	world_kill(h.w, h.a);
	world_start(h.w, h.a);
	assert_int_equal(carrier(&h), CARRIER_ON);
	world_run_s(h.w, 20);
	assert_int_equal(carrier(&h), CARRIER_ON);
	assert_int_equal(world_logged(h.w, h.a, "no server answers"), 1);
	world_free(h.w);
}

static void who_goes_for_good_sets_the_device_free(void **state)
{
	struct hubs h = begin(FOLLOWS);

	(void)state;
	assert_int_equal(carrier(&h), CARRIER_ON);
	world_reload(h.w, h.a, SPOKE_WORDS);
	assert_int_equal(carrier(&h), CARRIER_FREE);
	world_reload(h.w, h.a, FOLLOWS);
	assert_int_equal(carrier(&h), CARRIER_ON);
	world_stop(h.w, h.a);
	assert_int_equal(carrier(&h), CARRIER_FREE);
	world_free(h.w);
}

/* Down and up again, the kernel takes it for one that does not work. */
static void a_link_that_was_down_is_told_of_anew(void **state)
{
	struct hubs h = begin(FOLLOWS);

	(void)state;
	world_link(h.w, h.a, false);
	world_node(h.w, h.a)->carrier = CARRIER_OFF;
	world_link(h.w, h.a, true);
	world_run_s(h.w, 1);
	assert_int_equal(carrier(&h), CARRIER_ON);
	world_delete_device(h.w, h.a);
	world_node(h.w, h.a)->carrier = CARRIER_FREE;
	world_create_device(h.w, h.a);
	world_run_s(h.w, 1);
	assert_int_equal(carrier(&h), CARRIER_ON);
	world_free(h.w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			each_registered_station_has_a_route_where_that_is_asked_for),
		cmocka_unit_test(a_reload_writes_and_removes_the_routes_to_stations),
		cmocka_unit_test(what_was_learnt_of_a_station_is_no_reason_for_a_route),
		cmocka_unit_test(a_restart_keeps_the_routes_to_stations),
		cmocka_unit_test(a_station_of_the_other_hub_is_found_by_its_route),
		cmocka_unit_test(a_tunnel_works_as_long_as_a_server_answers),
		cmocka_unit_test(
			what_a_predecessor_left_stands_until_the_servers_had_their_time),
		cmocka_unit_test(who_goes_for_good_sets_the_device_free),
		cmocka_unit_test(a_link_that_was_down_is_told_of_anew),
	};

	return cmocka_run_group_tests_name("hub routes", tests, NULL, NULL);
}
