/* SPDX-License-Identifier: MIT */
/*
 * Stories of encrypted tunnels: who calls whom and when, what waits for an SA, what
 * ends with it. In none of them a packet leaves in clear.
 */
#include "story_ipsec.h"

#include "world_int.h"

#include "../../src/engine/engine_int.h"

/* --- registration ----------------------------------------------------------------- */

static void a_spoke_registers_the_moment_its_sa_is_up(void **state)
{
	struct world *w = world_new(1);
	struct cast c = { .w = w };

	(void)state;
	c.hub = story_hub(w, SECRET_HUB);
	c.a = story_spoke(w, 2, SECRET_EDGE);
	assert_string_equal(world_nhs(w, c.a, "state"), "securing");
	assert_string_equal(world_kernel(w, c.a, HUB), "");
	assert_true(world_until_nhs(w, 1, c.a, "up"));
	assert_string_equal(world_kernel(w, c.a, HUB), HUB_NBMA);
	assert_string_equal(world_kernel(w, c.hub, SPOKE_A), A_NBMA);
	assert_cache(w, c.hub, SPOKE_A, "identity", "CN=spoke2");
	assert_string_equal(peer(&c, c.a, HUB_NBMA, "state"), "up");
	end(&c);
}

static void without_an_ike_daemon_nothing_is_sent_and_the_reason_is_shown(void **state)
{
	struct world *w = world_new(2);
	struct cast c = { .w = w };

	(void)state;
	c.hub = story_hub(w, SECRET_HUB);
	c.a = story_spoke(w, 2, SECRET_EDGE);
	world_kill(w, c.a);
	world_charon(w, c.a, false);
	world_delete_sas(w, c.a, c.hub);
	world_start(w, c.a);
	world_run_s(w, 60);
	assert_string_equal(world_nhs(w, c.a, "state"), "securing");
	assert_string_equal(peer(&c, c.a, HUB_NBMA, "reason"),
			    "the IKE daemon was not reached yet");
	assert_int_equal(world_counter(w, c.a, "tx_packets"), 0);
	world_charon(w, c.a, true);
	assert_true(world_until_nhs(w, 7, c.a, "up"));
	end(&c);
}

static void a_hub_that_refuses_is_called_again_and_again(void **state)
{
	struct world *w = world_new(3);
	struct cast c = { .w = w };

	(void)state;
	c.hub = story_hub(w, SECRET_HUB);
	world_ike_refuses(w, c.hub, true);
	c.a = story_spoke(w, 2, SECRET_EDGE);
	world_run_s(w, 30);
	assert_string_equal(world_nhs(w, c.a, "state"), "securing");
	assert_string_equal(peer(&c, c.a, HUB_NBMA, "state"), "back-off");
	assert_string_equal(peer(&c, c.a, HUB_NBMA, "reason"), "AUTHENTICATION_FAILED");
	assert_string_equal(world_nhs(w, c.a, "reason"), "AUTHENTICATION_FAILED");
	world_ike_refuses(w, c.hub, false);
	assert_true(world_until_nhs(w, 40, c.a, "up"));
	end(&c);
}

static void who_was_refused_is_called_at_once_with_another_profile(void **state)
{
	struct world *w = world_new(6);
	struct cast c = { .w = w };

	(void)state;
	c.hub = story_hub(w, SECRET_HUB);
	world_ike_refuses(w, c.hub, true);
	c.a = story_spoke(w, 2, SECRET_EDGE);
	world_run_s(w, 100);
	assert_string_equal(peer(&c, c.a, HUB_NBMA, "state"), "back-off");
	world_ike_refuses(w, c.hub, false);
	world_reload(w, c.a, EDGE_WORDS " ipsec certs");
	assert_true(world_until_nhs(w, 1, c.a, "up"));
	end(&c);
}

/* --- spoke to spoke ------------------------------------------------------- */

static void a_packet_to_another_spoke_waits_for_its_sa(void **state)
{
	struct cast c = begin(4);

	(void)state;
	world_traffic(c.w, c.a, SPOKE_B);
	world_run_ms(c.w, 100);
	assert_cache(c.w, c.a, SPOKE_B, "state", "securing");
	assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), "");
	world_run_s(c.w, 1);
	assert_cache(c.w, c.a, SPOKE_B, "state", "up");
	assert_int_equal(world_arrived(c.w, c.b), 1);
	assert_int_equal(world_sas(c.w, c.a, c.b), 1);
	end(&c);
}

static void a_shortcut_is_laid_when_its_station_has_an_sa(void **state)
{
	struct cast c = begin(5);

	(void)state;
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	world_run_ms(c.w, 150);
	assert_string_equal(world_show(c.w, c.a, SHOW_SHORTCUTS, NULL, NULL, "state"),
			    "securing");
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	world_run_s(c.w, 1);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 1);
	end(&c);
}

static void a_spoke_that_refuses_leaves_the_way_through_the_hub(void **state)
{
	struct cast c = begin(6);

	(void)state;
	world_ike_refuses(c.w, c.b, true);
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	world_run_s(c.w, 2);
	assert_string_equal(world_show(c.w, c.a, SHOW_SHORTCUTS, NULL, NULL, "state"),
			    "refused");
	assert_string_equal(peer(&c, c.a, B_NBMA, "reason"), "AUTHENTICATION_FAILED");
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	end(&c);
}

/* One has its answer at different times before the other has asked, or after. */
static void of_two_that_ask_for_each_other_at_once_one_calls(void **state)
{
	(void)state;
	for (int k = 0; k < 40; k++) {
		struct cast c = begin(70);
		int first = k & 1 ? c.a : c.b;

		world_network(c.w, 0, 0, 10, 10);
		world_traffic(c.w, first, first == c.a ? SPOKE_B : SPOKE_A);
		world_run_ms(c.w, 2L * k);
		world_traffic(c.w, c.a + c.b - first, first == c.a ? SPOKE_A : SPOKE_B);
		for (int n = 0; n < 50; n++) {
			world_run_ms(c.w, 10);
			assert_true(world_sas(c.w, c.a, c.b) <= 1);
		}
		assert_cache(c.w, c.a, SPOKE_B, "state", "up");
		assert_cache(c.w, c.b, SPOKE_A, "state", "up");
		end(&c);
	}
}

static void who_asked_and_does_not_call_is_called(void **state)
{
	struct cast c = begin(71);

	(void)state;
	world_ike_refuses(c.w, c.b, true);
	world_traffic(c.w, c.a, SPOKE_B);
	world_run_ms(c.w, 100);
	assert_cache(c.w, c.b, SPOKE_A, "state", "securing");
	world_traffic(c.w, c.b, SPOKE_A);
	world_run_s(c.w, 2);
	assert_string_equal(peer(&c, c.b, A_NBMA, "reason"),
			    "it asked for us, and calls");
	world_run_s(c.w, 2);
	assert_cache(c.w, c.b, SPOKE_A, "state", "up");
	end(&c);
}

/* The caller's kernel has the SA later than the other's, which hears from it. */
static void no_packet_is_sent_by_an_sa_before_the_caller_has_it(void **state)
{
	struct cast c = begin(72);

	(void)state;
	for (int k = 0; k < 2000; k++) {
		assert_true(world_data(c.w, c.a, A_HOST, B_HOST) > 0);
		assert_true(world_data(c.w, c.b, B_HOST, A_HOST) > 0);
		world_run_ms(c.w, 1);
	}
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 1);
	assert_int_equal(world_data(c.w, c.b, B_HOST, A_HOST), 1);
	end(&c);
}

static void a_caller_that_is_never_heard_of_gets_packets_after_a_moment(void **state)
{
	struct cast c = begin(73);

	(void)state;
	world_traffic(c.w, c.a, SPOKE_B);
	for (int k = 0;
	     k < 1000 && strcmp(peer(&c, c.b, A_NBMA, "state"), "answering") != 0; k++)
		world_run_ms(c.w, 1);
	world_network(c.w, 100, 0, 5, 20);
	world_run_ms(c.w, 900);
	assert_string_equal(peer(&c, c.b, A_NBMA, "state"), "answering");
	world_run_ms(c.w, 200);
	assert_string_equal(peer(&c, c.b, A_NBMA, "state"), "up");
	end(&c);
}

static void a_refused_call_is_tried_again_soon_and_then_later_and_later(void **state)
{
	struct cast c = begin(74);
	static const int seconds[] = { 5, 10, 20, 40 };

	(void)state;
	world_ike_refuses(c.w, c.b, true);
	for (size_t k = 0; k < ARRAY_SIZE(seconds); k++) {
		world_traffic(c.w, c.a, SPOKE_B);
		world_run_s(c.w, 1);
		assert_cache(c.w, c.a, SPOKE_B, "type", "negative");
		world_run_s(c.w, seconds[k]);
		assert_cache(c.w, c.a, SPOKE_B, "type", "");
	}
	world_ike_refuses(c.w, c.b, false);
	world_traffic(c.w, c.a, SPOKE_B);
	world_run_s(c.w, 1);
	assert_cache(c.w, c.a, SPOKE_B, "state", "up");
	end(&c);
}

/* Both have the other in their configuration, and nobody asks anybody. */
static void two_that_call_each_other_at_once_keep_one_sa(void **state)
{
	struct world *w = world_new(7);
	struct cast c = { .w = w };

	(void)state;
	c.hub = story_hub(w, SECRET_HUB);
	c.a = story_spoke(w, 2, SECRET_EDGE);
	c.b = story_spoke(w, 3, SECRET_EDGE);
	world_reload(w, c.a, SECRET_EDGE " map " SPOKE_B " " B_NBMA);
	world_reload(w, c.b, SECRET_EDGE " map " SPOKE_A " " A_NBMA);
	world_run_s(w, 1);
	assert_int_equal(world_sas(c.w, c.a, c.b), 2);
	world_run_s(c.w, 8);
	assert_int_equal(world_sas(c.w, c.a, c.b), 1);
	assert_cache(c.w, c.a, SPOKE_B, "state", "up");
	assert_cache(c.w, c.b, SPOKE_A, "state", "up");
	end(&c);
}

static void an_sa_that_nobody_wants_any_more_is_ended_by_who_began_it(void **state)
{
	struct cast c = begin_shortened(8);

	(void)state;
	assert_int_equal(world_sas(c.w, c.a, c.b), 1);
	world_run_s(c.w, 1300);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	assert_int_equal(world_sas(c.w, c.a, c.b), 0);
	assert_int_equal(world_sas(c.w, c.a, c.hub), 1);
	end(&c);
}

/* --- the end of SAs ------------------------------------------------------- */

static void the_last_sa_takes_the_shortcut_along_and_traffic_returns_to_the_hub(
	void **state)
{
	struct cast c = begin_shortened(9);

	(void)state;
	world_delete_sas(c.w, c.a, c.b);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), "");
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	end(&c);
}

static void a_lost_hub_is_called_and_registered_with_again(void **state)
{
	struct cast c = begin(10);

	(void)state;
	world_delete_sas(c.w, c.a, c.hub);
	assert_string_equal(world_kernel(c.w, c.a, HUB), "");
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), "");
	assert_string_equal(world_nhs(c.w, c.a, "state"), "securing");
	assert_true(world_until_nhs(c.w, 3, c.a, "up"));
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), A_NBMA);
	end(&c);
}

static void a_rekey_changes_nothing(void **state)
{
	struct cast c = begin_shortened(11);
	unsigned writes = world_neigh_writes(c.w, c.a);

	(void)state;
	for (int k = 0; k < 20; k++) {
		world_rekey(c.w, c.a, c.hub);
		world_rekey(c.w, c.a, c.b);
		world_run_ms(c.w, 100);
	}
	assert_int_equal(world_neigh_writes(c.w, c.a), writes);
	assert_int_equal(world_logged(c.w, c.a, "up -> lost"), 0);
	world_delete_sas(c.w, c.a, c.b);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	end(&c);
}

/* --- restarts ------------------------------------------------------------- */

static void a_killed_ike_daemon_stops_no_traffic(void **state)
{
	struct cast c = begin_shortened(12);

	(void)state;
	world_charon(c.w, c.a, false);
	world_run_s(c.w, 20);
	assert_string_equal(peer(&c, c.a, HUB_NBMA, "state"), "unknown");
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 1);
	world_charon(c.w, c.a, true);
	world_run_s(c.w, 20);
	assert_string_equal(peer(&c, c.a, HUB_NBMA, "state"), "up");
	assert_string_equal(world_nhs(c.w, c.a, "state"), "up");
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 1);
	end(&c);
}

static void a_stopped_ike_daemon_stops_all_and_sends_nothing_in_clear(void **state)
{
	struct cast c = begin_shortened(13);

	(void)state;
	world_charon_stops(c.w, c.hub);
	world_run_s(c.w, 30);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "securing");
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), "");
	world_charon(c.w, c.hub, true);
	assert_true(world_until_nhs(c.w, 80, c.a, "up"));
	end(&c);
}

static void a_restarted_node_goes_on_with_the_sas_that_are_there(void **state)
{
	struct cast c = begin_shortened(14);

	(void)state;
	world_kill(c.w, c.a);
	world_run_s(c.w, 5);
	world_start(c.w, c.a);
	world_run_s(c.w, 5);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "up");
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 1);
	assert_int_equal(world_sas(c.w, c.a, c.hub), 1);
	assert_int_equal(world_sas(c.w, c.a, c.b), 1);
	world_kill(c.w, c.hub);
	world_start(c.w, c.hub);
	world_run_s(c.w, 5);
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), A_NBMA);
	assert_cache(c.w, c.hub, SPOKE_A, "identity", "CN=spoke2");
	end(&c);
}

/* ... whether charon or the kernel answers first, and knows of them or not. */
static void a_route_that_was_left_is_taken_over_whoever_answers_first(void **state)
{
	for (unsigned k = 0; k < 4; k++) {
		struct cast c = begin_shortened(140 + k);
		bool early = k & 1, known = k & 2;

		(void)state;
		world_ike_is_early(c.w, c.a, early);
		world_kill(c.w, c.a);
		if (!known)
			world_delete_sas(c.w, c.a, c.b);
		world_start(c.w, c.a);
		world_run_s(c.w, 5);
		assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
		assert_int_equal(world_sas(c.w, c.a, c.b), 1);
		world_free(c.w);
	}
}

/* Whoever answers first: charon, that it has none, or the kernel with its entry;
 * whether or not the script has to be asked about it. */
static void an_entry_that_was_left_does_not_stand_without_an_sa(void **state)
{
	for (int scripted = 0; scripted < 2; scripted++) {
		struct cast c = begin_shortened(150);

		(void)state;
		world_reload(c.w, c.a,
			     scripted ? SECRET_EDGE " script /site/hook" : SECRET_EDGE);
		world_run_s(c.w, 1);
		world_ike_is_early(c.w, c.a, true);
		world_kill(c.w, c.a);
		world_delete_sas(c.w, c.a, c.hub);
		world_delete_sas(c.w, c.a, c.b);
		world_cut(c.w, c.a, c.hub, true);
		world_cut(c.w, c.a, c.b, true);
		assert_string_equal(world_kernel(c.w, c.a, HUB), HUB_NBMA);
		assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), B_NBMA);
		world_start(c.w, c.a);
		world_run_ms(c.w, 50);
		assert_string_equal(world_kernel(c.w, c.a, HUB), "");
		assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), "");
		end(&c);
	}
}

/* Whether there is an SA nobody can ask at the moment; it may well be there. */
static void an_entry_of_another_kind_keeps_its_peer(void **state)
{
	struct cast c = begin_shortened(155);

	(void)state;
	world_charon(c.w, c.a, false);
	world_run_s(c.w, 1);
	assert_string_equal(peer(&c, c.a, B_NBMA, "state"), "unknown");
	world_reload(c.w, c.a, SECRET_EDGE " map " SPOKE_B " " B_NBMA);
	assert_cache(c.w, c.a, SPOKE_B, "type", "static");
	assert_string_equal(peer(&c, c.a, B_NBMA, "state"), "unknown");
	assert_string_equal(peer(&c, c.a, B_NBMA, "identity"), "CN=spoke3");
	assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), B_NBMA);
	end(&c);
}

static void what_was_learnt_in_clear_ends_when_ipsec_is_configured(void **state)
{
	struct cast c = story_sites_with(154, HUB_WORDS, EDGE_WORDS);

	(void)state;
	world_traffic(c.w, c.a, SPOKE_B);
	world_run_s(c.w, 1);
	assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), B_NBMA);
	world_reload(c.w, c.a, SECRET_EDGE);
	assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), "");
	assert_string_equal(world_kernel(c.w, c.a, HUB), "");
	world_free(c.w);
}

/* Where the hub is another way, nothing has to wait for an SA that may never be. */
static void a_station_without_an_sa_is_reached_by_the_hub(void **state)
{
	struct cast c = story_hosts(153, " ipsec lab");

	(void)state;
	world_cut(c.w, c.a, c.b, true);
	for (int ms = 0; ms < 40000; ms += 100) {
		assert_int_equal(world_data(c.w, c.a, SPOKE_A, SPOKE_B), 2);
		assert_int_equal(world_data(c.w, c.b, SPOKE_B, SPOKE_A), 2);
		world_run_ms(c.w, 100);
	}
	end(&c);
}

/* The name of the server led elsewhere then, and where it leads now is no SA. */
static void an_entry_that_was_left_at_another_place_does_not_stand_either(void **state)
{
	struct world *w = world_new(152);
	int spoke;

	(void)state;
	world_slow_dumps(w, 50);
	story_hub(w, SECRET_HUB);
	world_name(w, "hub.example", HUB_NBMA);
	spoke = story_spoke(w, 2, "map 10.0.0.1/24 hub.example register ipsec lab");
	assert_true(world_until_nhs(w, 5, spoke, "up"));
	world_kill(w, spoke);
	world_name(w, "hub.example", "203.0.113.99");
	world_start(w, spoke);
	world_run_s(w, 1);
	assert_string_equal(world_nhs(w, spoke, "nbma"), "203.0.113.99");
	assert_string_equal(world_kernel(w, spoke, HUB), "");
	world_free(w);
}

/* A withdrawal would: others were told where we are, and now we are elsewhere. */
static void nothing_is_sent_from_an_address_that_has_no_sa_yet(void **state)
{
	struct cast c = begin(151);

	(void)state;
	world_traffic(c.w, c.a, SPOKE_B);
	world_traffic(c.w, c.b, SPOKE_A);
	world_run_s(c.w, 2);
	assert_cache(c.w, c.a, SPOKE_B, "state", "up");
	world_move(c.w, c.b, "192.0.2.77");
	assert_true(world_until_nhs(c.w, 10, c.b, "up"));
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_B), "192.0.2.77");
	end(&c);
}

/* --- for people --------------------------------------------------------------- */

static void explain_names_the_missing_sa_and_why(void **state)
{
	struct cast c = begin(22);
	struct explain_facts f;

	(void)state;
	f = world_facts(c.w, c.a, HUB);
	assert_string_equal(world_explain(c.w, c.a, HUB, &f, "verdict", "verdict"),
			    "ok");
	assert_string_equal(world_explain(c.w, c.a, HUB, &f, "peer", "what"),
			    HUB_NBMA ", CN=hub");
	world_ike_refuses(c.w, c.hub, true);
	world_delete_sas(c.w, c.a, c.hub);
	world_run_s(c.w, 3);
	f = world_facts(c.w, c.a, HUB);
	assert_string_equal(world_explain(c.w, c.a, HUB, &f, "verdict", "verdict"),
			    "auth_refused");
	assert_string_equal(world_explain(c.w, c.a, HUB, &f, "peer", "reason"),
			    "AUTHENTICATION_FAILED");
	end(&c);
}

/* --- the table ------------------------------------------------------------ */

static void every_cell_of_the_peer_table_is_decided(void **state)
{
	(void)state;
	for (int s = 0; s < PEER_STATES; s++) {
		assert_non_null(peer_state_str((enum peer_state)s));
		for (int ev = 0; ev < PEER_EVENTS; ev++) {
			if (!peer_cell_decided((enum peer_state)s, (enum peer_event)ev))
				fail_msg("%s, event %d: not decided",
					 peer_state_str((enum peer_state)s), ev);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spoke_registers_the_moment_its_sa_is_up),
		cmocka_unit_test(
			without_an_ike_daemon_nothing_is_sent_and_the_reason_is_shown),
		cmocka_unit_test(a_hub_that_refuses_is_called_again_and_again),
		cmocka_unit_test(
			who_was_refused_is_called_at_once_with_another_profile),
		cmocka_unit_test(a_packet_to_another_spoke_waits_for_its_sa),
		cmocka_unit_test(a_shortcut_is_laid_when_its_station_has_an_sa),
		cmocka_unit_test(a_spoke_that_refuses_leaves_the_way_through_the_hub),
		cmocka_unit_test(of_two_that_ask_for_each_other_at_once_one_calls),
		cmocka_unit_test(who_asked_and_does_not_call_is_called),
		cmocka_unit_test(no_packet_is_sent_by_an_sa_before_the_caller_has_it),
		cmocka_unit_test(
			a_caller_that_is_never_heard_of_gets_packets_after_a_moment),
		cmocka_unit_test(
			a_refused_call_is_tried_again_soon_and_then_later_and_later),
		cmocka_unit_test(two_that_call_each_other_at_once_keep_one_sa),
		cmocka_unit_test(
			an_sa_that_nobody_wants_any_more_is_ended_by_who_began_it),
		cmocka_unit_test(
			the_last_sa_takes_the_shortcut_along_and_traffic_returns_to_the_hub),
		cmocka_unit_test(a_lost_hub_is_called_and_registered_with_again),
		cmocka_unit_test(a_rekey_changes_nothing),
		cmocka_unit_test(a_killed_ike_daemon_stops_no_traffic),
		cmocka_unit_test(
			a_stopped_ike_daemon_stops_all_and_sends_nothing_in_clear),
		cmocka_unit_test(a_restarted_node_goes_on_with_the_sas_that_are_there),
		cmocka_unit_test(
			a_route_that_was_left_is_taken_over_whoever_answers_first),
		cmocka_unit_test(an_entry_that_was_left_does_not_stand_without_an_sa),
		cmocka_unit_test(an_entry_of_another_kind_keeps_its_peer),
		cmocka_unit_test(
			what_was_learnt_in_clear_ends_when_ipsec_is_configured),
		cmocka_unit_test(
			an_entry_that_was_left_at_another_place_does_not_stand_either),
		cmocka_unit_test(a_station_without_an_sa_is_reached_by_the_hub),
		cmocka_unit_test(nothing_is_sent_from_an_address_that_has_no_sa_yet),
		cmocka_unit_test(explain_names_the_missing_sa_and_why),
		cmocka_unit_test(every_cell_of_the_peer_table_is_decided),
	};

	return cmocka_run_group_tests_name("ipsec", tests, NULL, NULL);
}
