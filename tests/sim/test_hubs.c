/* SPDX-License-Identifier: MIT */
/*
 * Stories of several hubs: groups of which some are registered with, a hub that is
 * lost and comes back, and what goes on meanwhile.
 */
#include "story_hubs.h"

#include "world_int.h"

/* --- who is registered with ----------------------------------------------------- */

static void the_best_of_a_group_is_registered_with_and_no_other(void **state)
{
	struct hubs h = begin(ONE_OF SECOND " " FIRST " " THIRD HOLDING);

	(void)state;
	assert_nhs(&h, HUB, "state", "up");
	assert_nhs(&h, HUB, "group", "g");
	assert_nhs(&h, HUB, "priority", "10");
	assert_nhs(&h, HUB, "role", "active");
	assert_nhs(&h, HUB2, "state", "standby");
	assert_nhs(&h, HUB2, "reason", "its group has enough servers");
	assert_nhs(&h, HUB2, "role", "standby");
	assert_nhs(&h, HUB3, "state", "standby");
	assert_cache(h.w, h.hub, SPOKE_A, "type", "dynamic");
	assert_cache(h.w, h.hub2, SPOKE_A, "type", "");
	assert_int_equal(world_counter(h.w, h.hub2, "rx_registration_request"), 0);
	world_run_s(h.w, 300);
	assert_int_equal(world_counter(h.w, h.hub2, "rx_registration_request"), 0);
	world_free(h.w);
}

static void a_group_of_two_has_two_of_three(void **state)
{
	struct hubs h = begin(TWO_OF FIRST " " SECOND " " THIRD HOLDING);

	(void)state;
	assert_nhs(&h, HUB, "state", "up");
	assert_nhs(&h, HUB2, "state", "up");
	assert_nhs(&h, HUB3, "state", "standby");
	world_kill(h.w, h.hub2);
	assert_true(until(&h, 40000, HUB3, "up"));
	assert_true(serves(&h, HUB));
	world_free(h.w);
}

static void without_a_group_all_are_registered_with(void **state)
{
	struct hubs h =
		begin(ONE_OF FIRST " map 10.0.0.9/24 203.0.113.9 register" HOLDING);

	(void)state;
	assert_nhs(&h, HUB, "state", "up");
	assert_nhs(&h, HUB2, "state", "up");
	assert_nhs(&h, HUB2, "group", "");
	world_free(h.w);
}

static void each_address_of_a_name_may_be_one_of_a_group(void **state)
{
	struct hubs h = { .w = world_new(SEED) };

	(void)state;
	world_name(h.w, "hubs.example", HUB_NBMA " " HUB2_NBMA " " HUB3_NBMA);
	h.hub = story_hub(h.w, "holding-time 600");
	h.hub2 = add_hub(h.w, "hub9", HUB2_NBMA, HUB2, "");
	h.hub3 = add_hub(h.w, "hub8", HUB3_NBMA, HUB3, "");
	h.a = story_spoke(h.w, 2,
			  TWO_OF
			  "dynamic-map 10.0.0.0/24 hubs.example group g" HOLDING);
	world_run_s(h.w, 2);
	assert_nhs(&h, HUB, "state", "up");
	assert_nhs(&h, HUB2, "state", "up");
	assert_int_equal(world_counter(h.w, h.hub3, "rx_registration_request"), 0);
	/* One leaves the name: the third has its place. */
	world_name(h.w, "hubs.example", HUB_NBMA " " HUB3_NBMA);
	world_run_s(h.w, 301);
	assert_nhs(&h, HUB3, "state", "up");
	assert_nhs(&h, HUB2, "state", "");
	assert_cache(h.w, h.hub2, SPOKE_A, "type", "");
	world_free(h.w);
}

static void a_reload_gives_and_takes_places(void **state)
{
	struct hubs h = begin(ONE_OF FIRST " " SECOND HOLDING);

	(void)state;
	world_reload(h.w, h.a, TWO_OF FIRST " " SECOND HOLDING);
	world_run_ms(h.w, 500);
	assert_nhs(&h, HUB2, "state", "up");
	assert_cache(h.w, h.hub2, SPOKE_A, "type", "dynamic");
	world_reload(h.w, h.a, ONE_OF FIRST " " SECOND HOLDING);
	world_run_ms(h.w, 500);
	assert_nhs(&h, HUB2, "state", "standby");
	assert_cache(h.w, h.hub2, SPOKE_A, "type", "");
	assert_int_equal(world_logged(h.w, h.a, "nhs 10.0.0.1 at 203.0.113.1"), 2);
	world_free(h.w);
}

/* --- a hub is lost -------------------------------------------------------- */

static void the_next_takes_the_place_of_a_silent_hub(void **state)
{
	struct hubs h = begin(ONE_OF FIRST " " SECOND " " THIRD HOLDING);

	(void)state;
	lose_first(&h);
	assert_nhs(&h, HUB, "state", "registering");
	assert_non_null(strstr(nhs(&h, HUB, "reason"), "no answer to"));
	assert_nhs(&h, HUB, "role", "standby");
	assert_nhs(&h, HUB2, "role", "active");
	assert_nhs(&h, HUB3, "state", "standby");
	/* Asked on and on, ten times in a holding time in the end. */
	world_run_s(h.w, 600);
	assert_nhs(&h, HUB, "state", "registering");
	assert_in_range(world_counter(h.w, h.a, "tx_registration_request"), 100, 160);
	world_free(h.w);
}

static void when_all_are_lost_all_are_asked(void **state)
{
	struct hubs h = begin(ONE_OF FIRST " " SECOND " " THIRD HOLDING);

	(void)state;
	lose_first(&h);
	world_kill(h.w, h.hub2);
	world_kill(h.w, h.hub3);
	world_run_s(h.w, 60);
	assert_nhs(&h, HUB, "state", "registering");
	assert_nhs(&h, HUB2, "state", "registering");
	assert_nhs(&h, HUB3, "state", "registering");
	/* Whoever is first to answer is good enough at once, ... */
	world_start(h.w, h.hub3);
	assert_true(until(&h, 80000, HUB3, "up"));
	/* ... and those that are better have their time. */
	world_start(h.w, h.hub2);
	assert_true(until(&h, 80000, HUB2, "waiting"));
	assert_true(serves(&h, HUB3));
	assert_true(until(&h, 35000, HUB2, "up"));
	assert_nhs(&h, HUB3, "state", "standby");
	world_free(h.w);
}

static void a_hub_that_refuses_has_no_place(void **state)
{
	struct hubs h = { .w = world_new(SEED) };

	(void)state;
	h.hub = story_hub(h.w, "max-bindings 1");
	h.hub2 = add_hub(h.w, "hub9", HUB2_NBMA, HUB2, "");
	h.b = story_spoke(h.w, 3, SPOKE_WORDS);
	world_run_s(h.w, 1);
	h.a = story_spoke(h.w, 2, ONE_OF FIRST " " SECOND HOLDING);
	world_run_s(h.w, 1);
	assert_nhs(&h, HUB, "state", "refused");
	assert_nhs(&h, HUB2, "state", "up");
	world_free(h.w);
}

static void the_link_takes_all_and_gives_the_best_back(void **state)
{
	struct hubs h = begin(ONE_OF FIRST " " SECOND HOLDING);

	(void)state;
	lose_first(&h);
	world_start(h.w, h.hub);
	world_link(h.w, h.a, false);
	world_run_s(h.w, 1);
	assert_nhs(&h, HUB, "state", "down");
	assert_nhs(&h, HUB2, "state", "down");
	world_link(h.w, h.a, true);
	world_run_s(h.w, 1);
	assert_nhs(&h, HUB, "state", "up");
	assert_nhs(&h, HUB2, "state", "standby");
	world_free(h.w);
}

static void the_end_of_its_sa_is_the_end_of_a_hub(void **state)
{
	struct hubs h = begin_with("holding-time 600 ipsec lab",
				   ONE_OF FIRST " " SECOND " ipsec lab" HOLDING);

	(void)state;
	assert_nhs(&h, HUB, "state", "up");
	assert_int_equal(world_sas(h.w, h.a, h.hub2), 0);
	world_ike_refuses(h.w, h.hub, true);
	world_delete_sas(h.w, h.a, h.hub);
	assert_true(until(&h, 1000, HUB2, "up"));
	assert_nhs(&h, HUB, "state", "securing");
	world_run_s(h.w, 120);
	/* Back by its SA: it waits, and then has its place; the other's SA ends. */
	world_ike_refuses(h.w, h.hub, false);
	assert_true(until(&h, 120000, HUB, "waiting"));
	assert_true(until(&h, 35000, HUB, "up"));
	world_run_s(h.w, 30);
	assert_nhs(&h, HUB2, "state", "standby");
	assert_int_equal(world_sas(h.w, h.a, h.hub2), 0);
	assert_int_equal(world_clear(h.w), 0);
	world_free(h.w);
}

/* charon says nothing for minutes when nobody answers it. */
static void a_hub_that_no_sa_leads_to_is_not_waited_for(void **state)
{
	struct hubs h = { .w = world_new(SEED) };

	(void)state;
	h.hub2 = add_hub(h.w, "hub9", HUB2_NBMA, HUB2, "ipsec lab");
	h.a = story_spoke(h.w, 2, ONE_OF FIRST " " SECOND " ipsec lab" HOLDING);
	assert_true(until(&h, 10000, HUB2, "up"));
	world_free(h.w);
}

/* --- a hub is back -------------------------------------------------------- */

static void a_better_hub_that_is_back_has_to_be_well_for_a_while(void **state)
{
	struct hubs h = begin("nhs-group g max-connections 1 fall-back 45 " FIRST
			      " " SECOND HOLDING);
	mono waits;

	(void)state;
	lose_first(&h);
	world_run_s(h.w, 20);
	world_start(h.w, h.hub);
	assert_true(until(&h, 80000, HUB, "waiting"));
	assert_nhs(&h, HUB, "reason", "registered, waits for its place");
	assert_nhs(&h, HUB, "role", "standby");
	waits = world_now(h.w);
	/* Made before the other is broken. */
	while (!serves(&h, HUB)) {
		assert_true(serves(&h, HUB2));
		assert_cache(h.w, h.hub2, SPOKE_A, "type", "dynamic");
		world_run_ms(h.w, 20);
	}
	assert_in_range(mono_diff_us(world_now(h.w), waits) / 1000, 45000, 47000);
	assert_cache(h.w, h.hub, SPOKE_A, "type", "dynamic");
	world_run_s(h.w, 1);
	assert_nhs(&h, HUB2, "state", "standby");
	assert_nhs(&h, HUB, "role", "active");
	/* Nothing old is left there. */
	assert_cache(h.w, h.hub2, SPOKE_A, "type", "");
	assert_true(world_counter(h.w, h.hub2, "bindings_purged") > 0);
	world_free(h.w);
}

static void without_a_fall_back_delay_it_has_its_place_at_once(void **state)
{
	struct hubs h = begin("nhs-group g max-connections 1 fall-back 0 " FIRST
			      " " SECOND HOLDING);

	(void)state;
	lose_first(&h);
	world_start(h.w, h.hub);
	assert_true(until(&h, 80000, HUB, "up"));
	world_run_ms(h.w, 200);
	assert_nhs(&h, HUB2, "state", "standby");
	assert_int_equal(world_logged(h.w, h.a, "waiting"), 0);
	world_free(h.w);
}

static void a_hub_that_comes_and_goes_is_not_followed(void **state)
{
	struct hubs h = begin(ONE_OF FIRST " " SECOND HOLDING);

	(void)state;
	lose_first(&h);
	for (int k = 0; k < 10; k++) {
		world_start(h.w, h.hub);
		assert_true(until(&h, 80000, HUB, "waiting"));
		world_run_s(h.w, 5);
		world_kill(h.w, h.hub);
		assert_true(until(&h, 30000, HUB, "registering"));
	}
	assert_true(serves(&h, HUB2));
	assert_int_equal(world_logged(h.w, h.a, "standby -> registering"), 1);
	assert_int_equal(world_logged(h.w, h.a, "waiting -> up"), 0);
	world_free(h.w);
}

static void one_that_waits_is_used_when_it_is_needed(void **state)
{
	struct hubs h = begin("nhs-group g max-connections 1 fall-back 600 " FIRST
			      " " SECOND HOLDING);

	(void)state;
	lose_first(&h);
	world_start(h.w, h.hub);
	assert_true(until(&h, 80000, HUB, "waiting"));
	world_kill(h.w, h.hub2);
	assert_true(until(&h, 40000, HUB, "up"));
	assert_nhs(&h, HUB, "reason", "registered, and needed");
	world_free(h.w);
}

static void of_two_equals_who_has_the_place_keeps_it(void **state)
{
	struct hubs h =
		begin(ONE_OF "map 10.0.0.1/24 203.0.113.1 register group g "
			     "map 10.0.0.9/24 203.0.113.9 register group g" HOLDING);

	(void)state;
	lose_first(&h);
	world_start(h.w, h.hub);
	world_run_s(h.w, 300);
	assert_true(serves(&h, HUB2));
	assert_nhs(&h, HUB, "state", "standby");
	world_free(h.w);
}

/* A link that loses a third of all does not make it change its mind all the time. */
static void a_bad_network_makes_no_hub_flap(void **state)
{
	struct hubs h = begin(ONE_OF FIRST " " SECOND HOLDING);

	(void)state;
	world_network(h.w, 30, 10, 1, 200);
	world_run_s(h.w, 3600);
	assert_in_range(world_logged(h.w, h.a, "waiting -> up"), 0, 12);
	world_network(h.w, 0, 0, 1, 20);
	world_run_s(h.w, 120);
	assert_true(serves(&h, HUB));
	assert_nhs(&h, HUB2, "state", "standby");
	assert_cache(h.w, h.hub2, SPOKE_A, "type", "");
	world_free(h.w);
}

/* --- probing -------------------------------------------------------------- */

static void a_hub_that_is_probed_is_missed_within_seconds(void **state)
{
	struct hubs h = begin(ONE_OF FIRST " probe 1 " SECOND " probe 1" HOLDING);

	(void)state;
	for (int k = 0; k < 20; k++) {
		world_run_ms(h.w, 1000 + k * 137);
		assert_true(serves(&h, HUB));
		world_kill(h.w, h.hub);
		world_run_ms(h.w, 2500);
		assert_true(serves(&h, HUB2));
		world_start(h.w, h.hub);
		assert_true(until(&h, 120000, HUB, "up"));
	}
	world_free(h.w);
}

static void a_probed_hub_that_is_back_is_found_in_ten_probes(void **state)
{
	struct hubs h = begin(ONE_OF FIRST " probe 1 " SECOND " probe 1" HOLDING);

	(void)state;
	lose_first(&h);
	for (int k = 0; k < 10; k++) {
		world_run_s(h.w, 100 + k * 3);
		world_start(h.w, h.hub);
		assert_true(until(&h, 12500, HUB, "waiting"));
		world_kill(h.w, h.hub);
		world_run_s(h.w, 3);
		assert_true(serves(&h, HUB2));
	}
	world_free(h.w);
}

/* Longer than any holding time: by the probe alone the other is known to be better. */
static void a_probed_hub_that_is_lost_is_not_asked_for_others(void **state)
{
	struct hubs h = begin("map 10.0.0.1/24 203.0.113.1 register priority 1 probe 2 "
			      "map 10.0.0.9/24 203.0.113.9 register holding-time 7200");

	(void)state;
	world_kill(h.w, h.hub);
	world_run_ms(h.w, 3200);
	assert_nhs(&h, HUB, "state", "registering");
	world_traffic(h.w, h.a, SPOKE_B);
	world_run_ms(h.w, 200);
	assert_cache(h.w, h.a, SPOKE_B, "type", "cached");
	world_start(h.w, h.hub);
	assert_true(until(&h, 70000, HUB, "up"));
	world_free(h.w);
}

static void a_probe_costs_what_it_says(void **state)
{
	struct hubs h = begin(ONE_OF FIRST " probe 5 " SECOND " probe 5" HOLDING);
	uint64_t before = world_counter(h.w, h.a, "tx_registration_request");

	(void)state;
	world_run_s(h.w, 1000);
	assert_in_range(world_counter(h.w, h.a, "tx_registration_request") - before,
			200, 225);
	assert_int_equal(world_counter(h.w, h.hub2, "rx_registration_request"), 0);
	world_free(h.w);
}

/* --- what goes on meanwhile ----------------------------------------------- */

static void resolution_goes_by_whom_is_live(void **state)
{
	struct hubs h = begin(ONE_OF FIRST " " SECOND HOLDING);

	(void)state;
	lose_first(&h);
	world_run_s(h.w, 25);
	world_traffic(h.w, h.a, SPOKE_B);
	world_run_ms(h.w, 500);
	assert_cache(h.w, h.a, SPOKE_B, "nbma", B_NBMA);
	assert_int_equal(world_counter(h.w, h.hub2, "rx_resolution_request"), 1);
	world_free(h.w);
}

static void a_shortcut_outlives_the_hub_that_made_it(void **state)
{
	struct hubs h = begin(ONE_OF FIRST " " SECOND " shortcut" HOLDING);
	unsigned lost = 0;

	(void)state;
	world_traffic(h.w, h.a, SPOKE_B);
	world_run_s(h.w, 1);
	assert_cache(h.w, h.a, SPOKE_B, "type", "cached");
	world_kill(h.w, h.hub);
	/* Four holding times: renewed by the other hub. */
	for (int k = 0; k < 480; k++) {
		unsigned before = world_arrived(h.w, h.b);

		world_traffic(h.w, h.a, SPOKE_B);
		world_run_ms(h.w, 500);
		lost += world_arrived(h.w, h.b) == before;
	}
	assert_int_equal(lost, 0);
	assert_cache(h.w, h.a, SPOKE_B, "type", "cached");
	/* Nor does the way back end it. */
	world_start(h.w, h.hub);
	for (int k = 0; k < 240; k++) {
		unsigned before = world_arrived(h.w, h.b);

		world_traffic(h.w, h.a, SPOKE_B);
		world_run_ms(h.w, 500);
		lost += world_arrived(h.w, h.b) == before;
	}
	assert_int_equal(lost, 0);
	assert_true(serves(&h, HUB));
	assert_nhs(&h, HUB2, "state", "standby");
	world_free(h.w);
}

/* It is no server of ours just now, but a station like others. */
static void a_hub_in_standby_is_found_by_the_other(void **state)
{
	struct hubs h = { .w = world_new(SEED) };

	(void)state;
	h.hub = story_hub(h.w, "holding-time 600");
	h.hub2 = add_hub(h.w, "hub9", HUB2_NBMA, HUB2, SPOKE_WORDS);
	h.a = story_spoke(h.w, 2, ONE_OF FIRST " " SECOND HOLDING);
	world_run_s(h.w, 2);
	assert_nhs(&h, HUB2, "state", "standby");
	assert_cache(h.w, h.a, HUB2, "type", "");
	world_traffic(h.w, h.a, HUB2);
	world_run_s(h.w, 1);
	assert_cache(h.w, h.a, HUB2, "type", "cached");
	assert_int_equal(world_arrived(h.w, h.hub2), 1);
	/* And is a server again when it is one. */
	world_kill(h.w, h.hub);
	assert_true(until(&h, 40000, HUB2, "up"));
	assert_cache(h.w, h.a, HUB2, "type", "nhs");
	world_free(h.w);
}

static void the_script_hears_of_those_that_serve(void **state)
{
	struct hubs h = begin(ONE_OF FIRST " " SECOND " script /site/hook" HOLDING);

	(void)state;
	lose_first(&h);
	world_run_s(h.w, 1);
	assert_non_null(strstr(world_scripted(h.w, h.a), "nhs-down"));
	world_forget_scripted(h.w, h.a);
	world_start(h.w, h.hub);
	assert_true(until(&h, 80000, HUB, "waiting"));
	assert_null(strstr(world_scripted(h.w, h.a), "nhs-up"));
	assert_true(until(&h, 35000, HUB, "up"));
	world_run_s(h.w, 1);
	assert_non_null(strstr(world_scripted(h.w, h.a), "nhs-up"));
	assert_non_null(strstr(world_scripted(h.w, h.a), "nhs-down"));
	world_free(h.w);
}

static void a_restart_begins_with_the_best(void **state)
{
	struct hubs h = begin(ONE_OF FIRST " " SECOND HOLDING);

	(void)state;
	lose_first(&h);
	world_kill(h.w, h.a);
	world_run_s(h.w, 2);
	world_start(h.w, h.a);
	/* The hub of before goes on being used until the first is given up. */
	assert_string_equal(world_kernel(h.w, h.a, HUB2), HUB2_NBMA);
	assert_true(until(&h, 12000, HUB2, "up"));
	world_free(h.w);
}

static void a_stop_withdraws_from_all_that_know_of_it(void **state)
{
	struct hubs h = begin("nhs-group g max-connections 1 fall-back 600 " FIRST
			      " " SECOND HOLDING);

	(void)state;
	lose_first(&h);
	world_start(h.w, h.hub);
	assert_true(until(&h, 80000, HUB, "waiting"));
	world_stop(h.w, h.a);
	assert_cache(h.w, h.hub, SPOKE_A, "type", "");
	assert_cache(h.w, h.hub2, SPOKE_A, "type", "");
	world_free(h.w);
}

/* It has left the one hub, and waits for a word from the other, which is dead. */
static void who_is_about_to_stop_is_not_there_any_more(void **state)
{
	struct hubs h = begin("map 10.0.0.1/24 203.0.113.1 register "
			      "map 10.0.0.9/24 203.0.113.9 register" HOLDING);

	(void)state;
	world_traffic(h.w, h.a, SPOKE_B);
	world_run_s(h.w, 1);
	assert_cache(h.w, h.a, SPOKE_B, "type", "cached");
	world_cut(h.w, h.b, h.hub2, true);
	world_stop(h.w, h.b);
	world_run_ms(h.w, 200);
	assert_cache(h.w, h.a, SPOKE_B, "type", "");
	world_free(h.w);
}

/* An error has no record of its way; between two servers it would go for ever. */
static void an_error_is_not_passed_from_server_to_server(void **state)
{
	struct hubs h = begin("map 10.0.0.1/24 203.0.113.1 register "
			      "map 10.0.0.9/24 203.0.113.9 register" HOLDING);
	struct packet *p = calloc(1, sizeof(*p));
	static const uint8_t about[28] = { 0 };
	uint8_t pdu[256];

	(void)state;
	assert_non_null(p);
	packet_init(p, NHRP_ERROR_INDICATION, ADDR_IP4, ADDR_IP4);
	p->src_nbma = unit_addr(HUB_NBMA);
	p->src_proto = unit_addr(HUB);
	p->dst_proto = unit_addr("10.0.0.77");
	p->error_code = NHRP_ERR_UNREACHABLE;
	p->payload = about;
	p->payload_len = sizeof(about);
	world_inject(h.w, h.a, HUB_NBMA, pdu, packet_encode(p, pdu, sizeof(pdu)));
	assert_int_equal(world_counter(h.w, h.a, "rx_error_indication"), 1);
	assert_int_equal(world_counter(h.w, h.a, "forwarded"), 0);
	assert_int_equal(world_counter(h.w, h.a, "drop_no_next_hop"), 1);
	free(p);
	world_free(h.w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_of_a_group_is_registered_with_and_no_other),
		cmocka_unit_test(a_group_of_two_has_two_of_three),
		cmocka_unit_test(without_a_group_all_are_registered_with),
		cmocka_unit_test(each_address_of_a_name_may_be_one_of_a_group),
		cmocka_unit_test(a_reload_gives_and_takes_places),
		cmocka_unit_test(the_next_takes_the_place_of_a_silent_hub),
		cmocka_unit_test(when_all_are_lost_all_are_asked),
		cmocka_unit_test(a_hub_that_refuses_has_no_place),
		cmocka_unit_test(the_link_takes_all_and_gives_the_best_back),
		cmocka_unit_test(the_end_of_its_sa_is_the_end_of_a_hub),
		cmocka_unit_test(a_hub_that_no_sa_leads_to_is_not_waited_for),
		cmocka_unit_test(a_better_hub_that_is_back_has_to_be_well_for_a_while),
		cmocka_unit_test(without_a_fall_back_delay_it_has_its_place_at_once),
		cmocka_unit_test(a_hub_that_comes_and_goes_is_not_followed),
		cmocka_unit_test(one_that_waits_is_used_when_it_is_needed),
		cmocka_unit_test(of_two_equals_who_has_the_place_keeps_it),
		cmocka_unit_test(a_bad_network_makes_no_hub_flap),
		cmocka_unit_test(a_hub_that_is_probed_is_missed_within_seconds),
		cmocka_unit_test(a_probed_hub_that_is_back_is_found_in_ten_probes),
		cmocka_unit_test(a_probed_hub_that_is_lost_is_not_asked_for_others),
		cmocka_unit_test(a_probe_costs_what_it_says),
		cmocka_unit_test(resolution_goes_by_whom_is_live),
		cmocka_unit_test(a_shortcut_outlives_the_hub_that_made_it),
		cmocka_unit_test(a_hub_in_standby_is_found_by_the_other),
		cmocka_unit_test(the_script_hears_of_those_that_serve),
		cmocka_unit_test(a_restart_begins_with_the_best),
		cmocka_unit_test(a_stop_withdraws_from_all_that_know_of_it),
		cmocka_unit_test(who_is_about_to_stop_is_not_there_any_more),
		cmocka_unit_test(an_error_is_not_passed_from_server_to_server),
	};

	return cmocka_run_group_tests_name("hubs", tests, NULL, NULL);
}
