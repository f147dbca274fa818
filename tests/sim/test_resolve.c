/* SPDX-License-Identifier: MIT */
/* Stories of resolution and withdrawal: requester, transit server, station. */
#include "story.h"

#define SEED 20260102

static void traffic_to_another_spoke_goes_straight_after_resolution(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	world_traffic(c.w, c.a, SPOKE_B);
	assert_cache(c.w, c.a, SPOKE_B, "type", "incomplete");
	world_run_s(c.w, 1);
	assert_cache(c.w, c.a, SPOKE_B, "type", "cached");
	assert_cache(c.w, c.a, SPOKE_B, "nbma", B_NBMA);
	assert_cache(c.w, c.a, SPOKE_B, "reason", "resolved");
	assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), B_NBMA);
	/* The packet that started it waited, and arrived. */
	assert_int_equal(world_arrived(c.w, c.b), 1);
	/* The hub passed the request and the reply on, and answered nothing. */
	assert_int_equal(world_counter(c.w, c.hub, "forwarded"), 2);
	assert_int_equal(world_counter(c.w, c.hub, "resolutions_answered"), 0);
	assert_int_equal(world_counter(c.w, c.b, "resolutions_answered"), 1);
	world_free(c.w);
}

static void the_answering_spoke_learns_the_way_back(void **state)
{
	struct cast c = story_with_shortcut(SEED);

	(void)state;
	assert_cache(c.w, c.b, SPOKE_A, "type", "cached");
	assert_cache(c.w, c.b, SPOKE_A, "nbma", A_NBMA);
	assert_int_equal(world_counter(c.w, c.b, "tx_resolution_request"), 0);
	world_free(c.w);
}

static void an_address_that_nobody_has_is_refused_and_asked_for_again_later(
	void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	world_traffic(c.w, c.a, "10.0.0.77");
	world_run_s(c.w, 1);
	assert_cache(c.w, c.a, "10.0.0.77", "type", "negative");
	assert_cache(c.w, c.a, "10.0.0.77", "reason",
		     packet_cie_code_str(NHRP_CODE_NO_BINDING));
	assert_string_equal(world_kernel(c.w, c.a, "10.0.0.77"), "failed");
	assert_int_equal(world_refused(c.w, c.a), 1);
	/* More packets are refused from the table, without a request each. */
	for (int k = 0; k < 20; k++)
		world_traffic(c.w, c.a, "10.0.0.77");
	world_run_s(c.w, 1);
	assert_int_equal(world_counter(c.w, c.a, "tx_resolution_request"), 1);
	world_run_s(c.w, 65);
	assert_cache(c.w, c.a, "10.0.0.77", "type", "");
	story_spoke(c.w, 77, SPOKE_WORDS);
	world_run_s(c.w, 1);
	world_traffic(c.w, c.a, "10.0.0.77");
	world_run_s(c.w, 1);
	assert_cache(c.w, c.a, "10.0.0.77", "type", "cached");
	world_free(c.w);
}

static void a_silent_server_makes_a_short_refusal(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	world_kill(c.w, c.hub);
	world_traffic(c.w, c.a, SPOKE_B);
	world_run_s(c.w, 10);
	assert_cache(c.w, c.a, SPOKE_B, "type", "negative");
	assert_cache(c.w, c.a, SPOKE_B, "reason", "no answer");
	assert_int_equal(world_counter(c.w, c.a, "tx_resolution_request"), 4);
	world_start(c.w, c.hub);
	world_run_s(c.w, 12);
	world_traffic(c.w, c.a, SPOKE_B);
	world_run_s(c.w, 1);
	assert_cache(c.w, c.a, SPOKE_B, "type", "cached");
	world_free(c.w);
}

static void without_a_server_an_unknown_address_is_refused_at_once(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	world_traffic(c.w, c.hub, "10.0.0.99");
	assert_cache(c.w, c.hub, "10.0.0.99", "type", "negative");
	assert_cache(c.w, c.hub, "10.0.0.99", "reason", "no next hop server to ask");
	world_free(c.w);
}

static void an_entry_in_use_is_renewed_without_a_gap(void **state)
{
	struct cast c = story_with_shortcut(SEED);
	unsigned sent = 0;

	(void)state;
	for (int s = 0; s < 3000; s++, sent++) {
		world_traffic(c.w, c.a, SPOKE_B);
		world_run_s(c.w, 1);
		assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), B_NBMA);
	}
	assert_int_equal(world_arrived(c.w, c.b), sent + 1);
	assert_cache(c.w, c.a, SPOKE_B, "used", "true");
	assert_in_range(world_counter(c.w, c.a, "tx_resolution_request"), 5, 12);
	world_free(c.w);
}

static void an_idle_entry_ends_with_its_holding_time(void **state)
{
	struct cast c = story_with_shortcut(SEED);

	(void)state;
	world_run_s(c.w, 605);
	assert_cache(c.w, c.a, SPOKE_B, "type", "");
	assert_cache(c.w, c.b, SPOKE_A, "type", "");
	assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), "");
	assert_int_equal(world_counter(c.w, c.a, "tx_resolution_request"), 1);
	world_free(c.w);
}

static void a_station_that_stops_withdraws_what_others_learnt(void **state)
{
	struct cast c = story_with_shortcut(SEED);

	(void)state;
	world_stop(c.w, c.b);
	world_run_s(c.w, 1);
	assert_cache(c.w, c.a, SPOKE_B, "type", "");
	assert_cache(c.w, c.hub, SPOKE_B, "type", "");
	world_free(c.w);
}

static void a_station_with_a_new_wan_address_is_found_again(void **state)
{
	struct cast c = story_with_shortcut(SEED);

	(void)state;
	world_move(c.w, c.b, "192.0.2.88");
	world_run_s(c.w, 6);
	world_traffic(c.w, c.a, SPOKE_B);
	world_run_s(c.w, 1);
	assert_cache(c.w, c.a, SPOKE_B, "nbma", "192.0.2.88");
	assert_int_equal(world_arrived(c.w, c.b), 2);
	world_free(c.w);
}

static void a_requester_that_moves_tells_who_learnt_it_from_its_request(void **state)
{
	struct cast c = story_with_shortcut(SEED);

	(void)state;
	assert_cache(c.w, c.b, SPOKE_A, "nbma", A_NBMA);
	world_move(c.w, c.a, "192.0.2.77");
	world_run_s(c.w, 6);
	world_traffic(c.w, c.b, SPOKE_A);
	world_run_s(c.w, 1);
	assert_cache(c.w, c.b, SPOKE_A, "nbma", "192.0.2.77");
	assert_int_equal(world_arrived(c.w, c.a), 1);
	world_free(c.w);
}

static void a_server_that_lost_a_client_tells_who_learnt_of_it(void **state)
{
	struct cast c = story_with_shortcut(SEED);

	(void)state;
	/* The station is gone without a word; its registration runs out first. */
	world_run_s(c.w, 250);
	world_kill(c.w, c.b);
	for (int s = 0; s < 620; s++) {
		world_traffic(c.w, c.a, SPOKE_B);
		world_run_s(c.w, 1);
	}
	assert_cache(c.w, c.hub, SPOKE_B, "type", "");
	assert_string_not_equal(world_cache(c.w, c.a, SPOKE_B, "type"), "cached");
	world_free(c.w);
}

static void nobody_else_can_withdraw_a_registration(void **state)
{
	struct cast c = story_begin(SEED);
	struct packet *p = calloc(1, sizeof(*p));
	uint8_t pdu[256];
	struct cie *cie;
	size_t len;

	(void)state;
	assert_non_null(p);
	packet_init(p, NHRP_PURGE_REQUEST, ADDR_IP4, ADDR_IP4);
	p->src_nbma = unit_addr("192.0.2.66");
	p->src_proto = unit_addr("10.0.0.66");
	p->dst_proto = unit_addr(HUB);
	cie = packet_add_cie(p);
	cie->proto = unit_addr(SPOKE_A);
	cie->prefix_len = 32;
	cie = packet_add_cie(p);
	cie->proto = unit_addr("10.0.0.0");
	cie->prefix_len = 24;
	len = packet_encode(p, pdu, sizeof(pdu));
	world_inject(c.w, c.hub, "192.0.2.66", pdu, len);
	assert_cache(c.w, c.hub, SPOKE_A, "type", "dynamic");
	assert_cache(c.w, c.hub, SPOKE_B, "type", "dynamic");
	assert_int_equal(world_counter(c.w, c.hub, "drop_purge_not_by_owner"), 3);
	/* A purge is answered even when nothing was purged (5.2.6). */
	assert_int_equal(world_counter(c.w, c.hub, "tx_purge_reply"), 1);
	free(p);
	world_free(c.w);
}

static void spokes_behind_different_nats_find_each_others_outside(void **state)
{
	struct world *w = world_new(SEED);
	int a, b;

	(void)state;
	story_hub(w, "holding-time 600");
	a = world_add(w, &(struct node_spec){ "a", "192.168.7.3", "198.51.100.33",
					      SPOKE_A "/24", SPOKE_WORDS });
	b = world_add(w, &(struct node_spec){ "b", "192.168.7.3", "198.51.100.44",
					      SPOKE_B "/24", SPOKE_WORDS });
	world_run_s(w, 1);
	world_traffic(w, a, SPOKE_B);
	world_run_s(w, 1);
	assert_cache(w, a, SPOKE_B, "nbma", "198.51.100.44");
	assert_cache(w, a, SPOKE_B, "claimed_nbma", "192.168.7.3");
	assert_cache(w, b, SPOKE_A, "nbma", "198.51.100.33");
	assert_int_equal(world_arrived(w, b), 1);
	world_free(w);
}

static void an_operator_can_ask_and_is_answered(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	world_command(c.w, c.a, CMD_RESOLVE, SPOKE_B);
	world_run_s(c.w, 1);
	assert_true(world_answer(c.w)->ok);
	assert_string_equal(ADDR_STR(&world_answer(c.w)->nbma), B_NBMA);
	world_command(c.w, c.a, CMD_RESOLVE, "10.0.0.77");
	world_run_s(c.w, 1);
	assert_int_equal(world_answer(c.w)->token, 1);
	assert_false(world_answer(c.w)->ok);
	assert_string_equal(world_answer(c.w)->reason,
			    packet_cie_code_str(NHRP_CODE_NO_BINDING));
	world_command(c.w, c.hub, CMD_RESOLVE, "10.0.0.77");
	assert_int_equal(world_answer(c.w)->token, 1);
	assert_false(world_answer(c.w)->ok);
	world_free(c.w);
}

static void a_flush_drops_what_is_learnt_and_keeps_what_is_configured(void **state)
{
	struct cast c = story_with_shortcut(SEED);

	(void)state;
	world_command(c.w, c.a, CMD_FLUSH, NULL);
	assert_int_equal(world_answer(c.w)->count, 1);
	assert_cache(c.w, c.a, SPOKE_B, "type", "");
	assert_cache(c.w, c.a, HUB, "state", "up");
	assert_string_equal(world_nhs(c.w, c.a, "state"), "up");
	world_free(c.w);
}

static void a_purge_registers_again(void **state)
{
	struct cast c = story_begin(SEED);
	uint64_t sent = world_counter(c.w, c.a, "tx_registration_request");

	(void)state;
	world_command(c.w, c.a, CMD_PURGE, NULL);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "registering");
	world_run_s(c.w, 1);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "up");
	assert_int_equal(world_counter(c.w, c.a, "tx_registration_request"), sent + 1);
	world_free(c.w);
}

static void a_request_that_circles_between_two_servers_ends_in_an_error(void **state)
{
	struct world *w = world_new(SEED);
	int one, two, spoke;

	(void)state;
	/* Each thinks that the other knows. */
	one = story_hub(w, "map 10.0.0.9/24 203.0.113.9 register");
	two = world_add(w, &(struct node_spec){
				   .name = "hub9",
				   .nbma = "203.0.113.9",
				   .addr = "10.0.0.9/24",
				   .words = "map 10.0.0.8/24 203.0.113.8 register" });
	world_add(w, &(struct node_spec){
			     .name = "hub8",
			     .nbma = "203.0.113.8",
			     .addr = "10.0.0.8/24",
			     .words = "map 10.0.0.1/24 203.0.113.1 register" });
	spoke = story_spoke(w, 2, SPOKE_WORDS);
	world_run_s(w, 2);
	world_traffic(w, spoke, "10.0.0.77");
	world_run_s(w, 12);
	assert_true(world_counter(w, one, "drop_loop_detected") +
			    world_counter(w, two, "drop_loop_detected") >
		    0);
	assert_cache(w, spoke, "10.0.0.77", "type", "negative");
	world_free(w);
}

static void servers_in_a_chain_pass_a_request_along(void **state)
{
	struct world *w = world_new(SEED);
	int low, spoke, far;

	(void)state;
	/* The spoke's hub is itself a spoke of the hub that the far one uses. */
	world_add(w, &(struct node_spec){ .name = "top",
					  .nbma = "203.0.113.9",
					  .addr = "10.0.0.9/24",
					  .words = "holding-time 600" });
	low = story_hub(w, "map 10.0.0.9/24 203.0.113.9 register");
	spoke = story_spoke(w, 2, SPOKE_WORDS);
	far = story_spoke(w, 3, "map 10.0.0.9/24 203.0.113.9 register");
	world_run_s(w, 2);
	world_traffic(w, spoke, SPOKE_B);
	world_run_s(w, 1);
	assert_cache(w, spoke, SPOKE_B, "nbma", B_NBMA);
	assert_int_equal(world_arrived(w, far), 1);
	assert_int_equal(world_counter(w, low, "forwarded"), 2);
	world_free(w);
}

static void a_scan_of_the_subnet_is_bounded(void **state)
{
	struct world *w = world_new(SEED);
	int spoke;

	(void)state;
	story_hub(w, "holding-time 600");
	spoke = world_add(w, &(struct node_spec){
				     .name = "spoke",
				     .nbma = A_NBMA,
				     .addr = "10.0.0.2/16",
				     .words = "map 10.0.0.1/16 203.0.113.1 register" });
	world_run_s(w, 1);
	for (int k = 0; k < 3000; k++) {
		char target[24];

		snprintf(target, sizeof(target), "10.0.%d.%d", 1 + k / 250,
			 k % 250 + 1);
		world_traffic(w, spoke, target);
		world_run_ms(w, 1);
	}
	assert_true(world_cache_size(w, spoke, "incomplete") +
			    world_cache_size(w, spoke, "negative") <=
		    1024);
	assert_true(world_counter(w, spoke, "resolutions_limited") > 0);
	assert_cache(w, spoke, HUB, "state", "up");
	world_free(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			traffic_to_another_spoke_goes_straight_after_resolution),
		cmocka_unit_test(the_answering_spoke_learns_the_way_back),
		cmocka_unit_test(
			an_address_that_nobody_has_is_refused_and_asked_for_again_later),
		cmocka_unit_test(a_silent_server_makes_a_short_refusal),
		cmocka_unit_test(
			without_a_server_an_unknown_address_is_refused_at_once),
		cmocka_unit_test(an_entry_in_use_is_renewed_without_a_gap),
		cmocka_unit_test(an_idle_entry_ends_with_its_holding_time),
		cmocka_unit_test(a_station_that_stops_withdraws_what_others_learnt),
		cmocka_unit_test(a_station_with_a_new_wan_address_is_found_again),
		cmocka_unit_test(
			a_requester_that_moves_tells_who_learnt_it_from_its_request),
		cmocka_unit_test(a_server_that_lost_a_client_tells_who_learnt_of_it),
		cmocka_unit_test(nobody_else_can_withdraw_a_registration),
		cmocka_unit_test(spokes_behind_different_nats_find_each_others_outside),
		cmocka_unit_test(an_operator_can_ask_and_is_answered),
		cmocka_unit_test(
			a_flush_drops_what_is_learnt_and_keeps_what_is_configured),
		cmocka_unit_test(a_purge_registers_again),
		cmocka_unit_test(
			a_request_that_circles_between_two_servers_ends_in_an_error),
		cmocka_unit_test(servers_in_a_chain_pass_a_request_along),
		cmocka_unit_test(a_scan_of_the_subnet_is_bounded),
	};

	return cmocka_run_group_tests_name("resolution", tests, NULL, NULL);
}
