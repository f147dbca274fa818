/* SPDX-License-Identifier: MIT */
/* Stories of registration: client, server, and what lies between. */
#include "story.h"

#define SEED 20260101

static void a_spoke_registers_and_its_hub_knows_it(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	assert_cache(c.w, c.hub, SPOKE_A, "type", "dynamic");
	assert_cache(c.w, c.hub, SPOKE_A, "nbma", A_NBMA);
	assert_cache(c.w, c.hub, SPOKE_A, "state", "up");
	assert_cache(c.w, c.hub, SPOKE_A, "reason", "registered");
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), A_NBMA);
	assert_cache(c.w, c.a, HUB, "type", "nhs");
	assert_string_equal(world_kernel(c.w, c.a, HUB), HUB_NBMA);
	assert_cache(c.w, c.a, SPOKE_A, "type", "local");
	world_free(c.w);
}

static void a_registration_is_refreshed_at_a_third_of_its_time(void **state)
{
	struct cast c = story_begin(SEED);
	uint64_t sent = world_counter(c.w, c.a, "tx_registration_request");

	(void)state;
	world_run_s(c.w, 170);
	assert_int_equal(world_counter(c.w, c.a, "tx_registration_request"), sent);
	world_run_s(c.w, 35);
	assert_int_equal(world_counter(c.w, c.a, "tx_registration_request"), sent + 1);
	world_run_s(c.w, 3600);
	assert_cache(c.w, c.hub, SPOKE_A, "state", "up");
	/* A refresh changes nothing: nothing is written, nothing is told. */
	assert_int_equal(world_neigh_writes(c.w, c.hub), 2);
	assert_int_equal(world_logged(c.w, c.a, "nhs 10.0.0.1"), 2);
	world_free(c.w);
}

static void a_spoke_registers_through_a_lossy_network(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct world *w = world_new(seed);
		int hub, spoke;

		world_network(w, 30, 20, 1, 700);
		hub = story_hub(w, "holding-time 60");
		spoke = story_spoke(
			w, 2, "map 10.0.0.1/24 203.0.113.1 register holding-time 60");
		assert_true(world_until_nhs(w, 240, spoke, "up"));
		world_run_s(w, 600);
		world_network(w, 0, 0, 1, 50);
		assert_true(world_until(w, 130, hub, SPOKE_A, "state", "up"));
		world_free(w);
	}
}

static void an_unanswered_request_is_repeated_with_the_same_id(void **state)
{
	struct world *w = world_new(SEED);
	int hub, spoke;

	(void)state;
	hub = story_hub(w, "holding-time 600");
	world_kill(w, hub);
	spoke = story_spoke(w, 2, SPOKE_WORDS);
	world_run_s(w, 20);
	assert_in_range(world_counter(w, spoke, "tx_registration_request"), 4, 6);
	assert_string_equal(world_nhs(w, spoke, "state"), "registering");
	assert_non_null(strstr(world_nhs(w, spoke, "reason"), "no answer to"));
	/* An answer to the first copy is an answer. */
	world_start(w, hub);
	assert_true(world_until_nhs(w, 40, spoke, "up"));
	world_free(w);
}

/* Begun after a third of it, the refresh is tried until it is over. */
static void a_line_that_is_back_in_the_holding_time_costs_no_registration(void **state)
{
	struct world *w = world_new(SEED);
	int hub = story_hub(w, "holding-time 600");
	int spoke = story_spoke(w, 2,
				"map 10.0.0.1/24 203.0.113.1 register holding-time 30");

	(void)state;
	world_run_s(w, 2);
	for (int k = 0; k < 20; k++) {
		mono refreshed = world_now(w);

		/* Until the next answer, which all else is counted from. */
		for (uint64_t had = world_counter(w, spoke, "rx_registration_reply");
		     world_counter(w, spoke, "rx_registration_reply") == had;
		     refreshed = world_now(w))
			world_run_ms(w, 100);
		world_cut(w, hub, spoke, true);
		world_run_ms(w, 25500 - mono_diff_us(world_now(w), refreshed) / 1000);
		world_cut(w, hub, spoke, false);
		world_run_ms(w, 5000);
		assert_string_equal(world_nhs(w, spoke, "state"), "up");
	}
	assert_int_equal(world_counter(w, hub, "bindings_expired"), 0);
	world_free(w);
}

static void a_silent_spoke_is_forgotten_after_its_holding_time(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	world_kill(c.w, c.a);
	world_run_s(c.w, 590);
	assert_cache(c.w, c.hub, SPOKE_A, "type", "dynamic");
	world_run_s(c.w, 15);
	assert_cache(c.w, c.hub, SPOKE_A, "type", "");
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), "");
	assert_int_equal(world_counter(c.w, c.hub, "bindings_expired"), 1);
	world_free(c.w);
}

static void a_spoke_that_stops_is_forgotten_at_once(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	world_stop(c.w, c.a);
	assert_int_equal(world_kernel_size(c.w, c.a), 0);
	assert_cache(c.w, c.hub, SPOKE_A, "type", "");
	assert_cache(c.w, c.hub, SPOKE_B, "type", "dynamic");
	assert_int_equal(world_counter(c.w, c.hub, "bindings_purged"), 1);
	world_free(c.w);
}

static void a_second_claimant_of_a_unique_address_is_refused(void **state)
{
	struct cast c = story_begin(SEED);
	int thief = world_add(c.w, &(struct node_spec){ .name = "thief",
							.nbma = "192.0.2.66",
							.addr = SPOKE_A "/24",
							.words = SPOKE_WORDS });

	(void)state;
	world_run_s(c.w, 1800);
	assert_cache(c.w, c.hub, SPOKE_A, "nbma", A_NBMA);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "up");
	assert_string_not_equal(world_nhs(c.w, thief, "state"), "up");
	assert_string_equal(world_nhs(c.w, thief, "reason"),
			    packet_cie_code_str(NHRP_CODE_ALREADY_REGISTERED));
	assert_int_equal(world_neigh_writes(c.w, c.hub), 2);
	assert_true(world_counter(c.w, c.hub,
				  "registrations_refused_already_registered") > 10);
	world_free(c.w);
}

static void a_spoke_with_a_new_wan_address_is_let_in_within_seconds(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	world_move(c.w, c.a, "192.0.2.77");
	assert_true(world_until(c.w, 6, c.hub, SPOKE_A, "nbma", "192.0.2.77"));
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), "192.0.2.77");
	assert_int_equal(world_counter(c.w, c.hub, "registrations_moved"), 1);
	assert_int_equal(world_counter(c.w, c.hub,
				       "registrations_refused_already_registered"),
			 1);
	world_free(c.w);
}

static void without_the_unique_bit_an_address_moves_at_once(void **state)
{
	struct world *w = world_new(SEED);
	int hub = story_hub(w, "holding-time 600");
	int spoke = story_spoke(
		w, 2,
		"map 10.0.0.1/24 203.0.113.1 register no-unique holding-time 600");

	(void)state;
	world_run_s(w, 1);
	world_move(w, spoke, "192.0.2.77");
	world_run_ms(w, 50);
	assert_cache(w, hub, SPOKE_A, "nbma", "192.0.2.77");
	world_free(w);
}

static void a_full_hub_says_so_and_keeps_those_it_has(void **state)
{
	struct world *w = world_new(SEED);
	int hub = story_hub(w, "max-bindings 2"), late;

	(void)state;
	story_spoke(w, 2, SPOKE_WORDS);
	story_spoke(w, 3, SPOKE_WORDS);
	world_run_s(w, 1);
	late = story_spoke(w, 4, SPOKE_WORDS);
	world_run_s(w, 1);
	assert_string_equal(world_nhs(w, late, "state"), "refused");
	assert_string_equal(world_nhs(w, late, "reason"),
			    packet_cie_code_str(NHRP_CODE_NO_RESOURCES));
	assert_int_equal(world_cache_size(w, hub, "dynamic"), 2);
	world_free(w);
}

static void a_wrong_key_is_refused_and_both_ends_say_so(void **state)
{
	struct world *w = world_new(SEED);
	int hub = story_hub(w, "authentication right"), spoke;

	(void)state;
	spoke = story_spoke(w, 2,
			    "map 10.0.0.1/24 203.0.113.1 register "
			    "authentication wrong");
	world_run_s(w, 2);
	assert_int_equal(world_cache_size(w, hub, "dynamic"), 0);
	assert_true(world_counter(w, hub, "drop_authentication_failed") > 0);
	assert_true(world_logged(w, hub, "authentication key") > 0);
	assert_string_equal(world_nhs(w, spoke, "state"), "registering");
	world_run_ms(w, 500);
	assert_non_null(strstr(world_nhs(w, spoke, "reason"), "uthentication"));
	/* The key itself is never in a log. */
	assert_int_equal(world_logged(w, hub, "right"), 0);
	assert_int_equal(world_logged(w, spoke, "right"), 0);
	/* After a minute of back-off the right key counts at once. */
	world_run_s(w, 60);
	world_reload(w, spoke,
		     "map 10.0.0.1/24 203.0.113.1 register "
		     "authentication right");
	assert_true(world_until_nhs(w, 1, spoke, "up"));
	world_free(w);
}

static void a_hub_given_by_name_is_looked_up(void **state)
{
	struct world *w = world_new(SEED);
	int spoke;

	(void)state;
	story_hub(w, "holding-time 600");
	spoke = story_spoke(w, 2, "map 10.0.0.1/24 hub.example.net register");
	world_run_s(w, 5);
	assert_string_equal(world_nhs(w, spoke, "state"), "naming");
	assert_string_equal(world_nhs(w, spoke, "reason"), "no such name");
	world_name(w, "hub.example.net", HUB_NBMA);
	assert_true(world_until_nhs(w, 15, spoke, "up"));
	world_free(w);
}

static void a_name_with_a_dead_first_address_leads_to_the_second(void **state)
{
	struct world *w = world_new(SEED);
	int spoke;

	(void)state;
	world_name(w, "hub.example.net", "192.0.2.200 " HUB_NBMA);
	story_hub(w, "holding-time 600");
	spoke = story_spoke(w, 2, "map 10.0.0.1/24 hub.example.net register");
	assert_true(world_until_nhs(w, 20, spoke, "up"));
	assert_string_equal(world_nhs(w, spoke, "nbma"), HUB_NBMA);
	world_free(w);
}

static void each_address_of_a_dynamic_map_becomes_a_server(void **state)
{
	struct world *w = world_new(SEED);
	int spoke;

	(void)state;
	spoke = story_spoke(w, 2, "dynamic-map 10.0.0.0/24 hubs.example.net");
	world_run_s(w, 5);
	assert_string_equal(world_nhs(w, spoke, "name"), "hubs.example.net");
	assert_string_equal(world_nhs(w, spoke, "reason"), "no such name");
	world_name(w, "hubs.example.net", HUB_NBMA " 203.0.113.9");
	story_hub(w, "holding-time 600");
	world_add(w, &(struct node_spec){ .name = "hub9",
					  .nbma = "203.0.113.9",
					  .addr = "10.0.0.9/24",
					  .words = "holding-time 600" });
	assert_true(world_until(w, 15, spoke, HUB, "type", "nhs"));
	assert_true(world_until(w, 5, spoke, "10.0.0.9", "type", "nhs"));
	assert_cache(w, spoke, "10.0.0.9", "nbma", "203.0.113.9");
	/* One of them leaves the name: its entry goes. */
	world_name(w, "hubs.example.net", HUB_NBMA);
	world_run_s(w, 301);
	assert_cache(w, spoke, "10.0.0.9", "type", "");
	assert_cache(w, spoke, HUB, "type", "nhs");
	world_free(w);
}

static void a_spoke_registers_with_every_server_it_has(void **state)
{
	struct world *w = world_new(SEED);
	int hub = story_hub(w, "holding-time 600"), other, spoke;

	(void)state;
	other = world_add(w, &(struct node_spec){ .name = "hub9",
						  .nbma = "203.0.113.9",
						  .addr = "10.0.0.9/24",
						  .words = "holding-time 600" });
	spoke = story_spoke(w, 2,
			    "map 10.0.0.1/24 203.0.113.1 register priority 10 "
			    "map 10.0.0.9/24 203.0.113.9 register priority 20");
	world_run_s(w, 1);
	assert_cache(w, hub, SPOKE_A, "type", "dynamic");
	assert_cache(w, other, SPOKE_A, "type", "dynamic");
	assert_cache(w, spoke, "10.0.0.9", "state", "up");
	world_free(w);
}

static void a_spoke_behind_nat_is_known_by_its_outside_address(void **state)
{
	struct world *w = world_new(SEED);
	int hub = story_hub(w, "holding-time 600");
	int spoke = world_add(w, &(struct node_spec){ .name = "natted",
						      .nbma = "192.168.7.3",
						      .nat = "198.51.100.33",
						      .addr = SPOKE_A "/24",
						      .words = SPOKE_WORDS });

	(void)state;
	world_run_s(w, 1);
	assert_cache(w, hub, SPOKE_A, "nbma", "198.51.100.33");
	assert_cache(w, hub, SPOKE_A, "claimed_nbma", "192.168.7.3");
	assert_string_equal(world_nhs(w, spoke, "seen_nbma"), "198.51.100.33");
	world_free(w);
}

static void a_registration_that_was_passed_on_is_its_clients(void **state)
{
	struct world *w = world_new(SEED);
	int hub = story_hub(w, "holding-time 600"), middle, far;

	(void)state;
	middle = story_spoke(w, 9, SPOKE_WORDS);
	/* It thinks that the hub's address is where the middle one is. */
	far = story_spoke(w, 3, "map 10.0.0.1/24 198.51.100.9 register no-unique");
	world_run_s(w, 2);
	assert_int_equal(world_counter(w, middle, "forwarded"), 1);
	assert_cache(w, hub, SPOKE_B, "nbma", B_NBMA);
	assert_string_equal(world_nhs(w, far, "state"), "up");
	world_free(w);
}

static void a_second_spoke_behind_one_nat_address_is_refused_and_told_why(void **state)
{
	struct world *w = world_new(SEED);
	int hub = story_hub(w, "holding-time 600"), first, second;

	(void)state;
	first = world_add(w,
			  &(struct node_spec){ "first", "192.168.7.3", "198.51.100.33",
					       SPOKE_A "/24", SPOKE_WORDS });
	world_run_s(w, 1);
	second = world_add(w, &(struct node_spec){ "second", "192.168.7.4",
						   "198.51.100.33", SPOKE_B "/24",
						   SPOKE_WORDS });
	world_answers_reach(w, second);
	world_run_s(w, 5);
	assert_cache(w, hub, SPOKE_A, "claimed_nbma", "192.168.7.3");
	assert_cache(w, hub, SPOKE_B, "type", "");
	assert_string_equal(
		world_nhs(w, second, "reason"),
		"another station is registered from 198.51.100.33: two behind "
		"one NAT");
	assert_true(world_logged(w, hub, "two behind one NAT") > 0);
	/* The first is as it was. */
	world_answers_reach(w, first);
	world_run_s(w, 700);
	assert_string_equal(world_nhs(w, first, "state"), "up");
	assert_cache(w, hub, SPOKE_A, "state", "up");
	world_free(w);
}

static void one_outer_address_cannot_register_without_end(void **state)
{
	struct world *w = world_new(SEED);
	int hub = story_hub(w, "holding-time 600");
	struct packet *p = calloc(1, sizeof(*p));
	uint8_t pdu[256];

	(void)state;
	assert_non_null(p);
	for (int k = 0; k < 200; k++) {
		char proto[20];

		snprintf(proto, sizeof(proto), "10.0.0.%d", k + 20);
		packet_init(p, NHRP_REGISTRATION_REQUEST, ADDR_IP4, ADDR_IP4);
		p->src_nbma = unit_addr("192.0.2.66");
		p->src_proto = unit_addr(proto);
		p->dst_proto = unit_addr(HUB);
		packet_add_cie(p)->prefix_len = 32;
		world_inject(w, hub, "192.0.2.66", pdu,
			     packet_encode(p, pdu, sizeof(pdu)));
	}
	assert_int_equal(world_cache_size(w, hub, "dynamic"), 16);
	assert_int_equal(world_counter(w, hub, "registrations_refused_no_resources"),
			 184);
	free(p);
	world_free(w);
}

static void host_addresses_get_routes_of_their_own(void **state)
{
	struct world *w = world_new(SEED);
	int hub = world_add(w, &(struct node_spec){ .name = "hub",
						    .nbma = HUB_NBMA,
						    .addr = HUB "/32",
						    .words = "holding-time 600" });
	int spoke = world_add(w, &(struct node_spec){ .name = "spoke",
						      .nbma = A_NBMA,
						      .addr = SPOKE_A "/32",
						      .words = SPOKE_WORDS });

	(void)state;
	world_run_s(w, 1);
	assert_true(world_kernel_route(w, hub, SPOKE_A "/32"));
	assert_true(world_kernel_route(w, spoke, "10.0.0.0/24"));
	world_stop(w, spoke);
	assert_false(world_kernel_route(w, hub, SPOKE_A "/32"));
	assert_false(world_kernel_route(w, spoke, "10.0.0.0/24"));
	world_free(w);
}

static void a_subnet_address_needs_no_routes(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	assert_false(world_kernel_route(c.w, c.hub, SPOKE_A "/32"));
	assert_false(world_kernel_route(c.w, c.a, "10.0.0.0/24"));
	world_free(c.w);
}

/* Each address is claimed by a spoke that has it on its tunnel. */
static void what_is_nobodys_address_cannot_be_registered(void **state)
{
	static const char *const claims[] = { "127.0.0.1",	 "224.0.0.5",
					      "255.255.255.255", HUB_NBMA,
					      "10.0.0.1",	 "192.0.2.50" };
	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(claims); k++) {
		struct world *w = world_new(SEED);
		int hub = story_hub(w, "holding-time 600");
		char addr[32];

		snprintf(addr, sizeof(addr), "%s/32", claims[k]);
		/* The last one would make the NBMA address its own next hop. */
		world_add(w, &(struct node_spec){ .name = "liar",
						  .nbma = "192.0.2.50",
						  .addr = addr,
						  .words = SPOKE_WORDS });
		world_run_s(w, 5);
		assert_int_equal(world_cache_size(w, hub, "dynamic"), 0);
		world_free(w);
	}
}

/* It is not registered with, so nothing but its name tells where it is. */
static void a_station_of_the_configuration_is_where_its_name_says(void **state)
{
	struct world *w = world_new(SEED);
	int hub;

	(void)state;
	world_name(w, "b.example", B_NBMA);
	hub = story_hub(w, "map 10.0.0.3 b.example");
	world_run_s(w, 1);
	assert_string_equal(world_kernel(w, hub, SPOKE_B), B_NBMA);
	world_name(w, "b.example", "");
	world_run_s(w, 301);
	assert_string_equal(world_kernel(w, hub, SPOKE_B), B_NBMA);
	world_name(w, "b.example", "192.0.2.77");
	world_run_s(w, 301);
	assert_string_equal(world_kernel(w, hub, SPOKE_B), "192.0.2.77");
	world_free(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_station_of_the_configuration_is_where_its_name_says),
		cmocka_unit_test(a_spoke_registers_and_its_hub_knows_it),
		cmocka_unit_test(a_registration_is_refreshed_at_a_third_of_its_time),
		cmocka_unit_test(a_spoke_registers_through_a_lossy_network),
		cmocka_unit_test(an_unanswered_request_is_repeated_with_the_same_id),
		cmocka_unit_test(
			a_line_that_is_back_in_the_holding_time_costs_no_registration),
		cmocka_unit_test(a_silent_spoke_is_forgotten_after_its_holding_time),
		cmocka_unit_test(a_spoke_that_stops_is_forgotten_at_once),
		cmocka_unit_test(a_second_claimant_of_a_unique_address_is_refused),
		cmocka_unit_test(
			a_spoke_with_a_new_wan_address_is_let_in_within_seconds),
		cmocka_unit_test(without_the_unique_bit_an_address_moves_at_once),
		cmocka_unit_test(a_full_hub_says_so_and_keeps_those_it_has),
		cmocka_unit_test(a_wrong_key_is_refused_and_both_ends_say_so),
		cmocka_unit_test(a_hub_given_by_name_is_looked_up),
		cmocka_unit_test(a_name_with_a_dead_first_address_leads_to_the_second),
		cmocka_unit_test(each_address_of_a_dynamic_map_becomes_a_server),
		cmocka_unit_test(a_spoke_registers_with_every_server_it_has),
		cmocka_unit_test(a_spoke_behind_nat_is_known_by_its_outside_address),
		cmocka_unit_test(a_registration_that_was_passed_on_is_its_clients),
		cmocka_unit_test(
			a_second_spoke_behind_one_nat_address_is_refused_and_told_why),
		cmocka_unit_test(one_outer_address_cannot_register_without_end),
		cmocka_unit_test(host_addresses_get_routes_of_their_own),
		cmocka_unit_test(a_subnet_address_needs_no_routes),
		cmocka_unit_test(what_is_nobodys_address_cannot_be_registered),
	};

	return cmocka_run_group_tests_name("registration", tests, NULL, NULL);
}
