/* SPDX-License-Identifier: MIT */
/*
 * Stories of encrypted tunnels: who calls whom and when, what waits for an SA, what
 * ends with it, and who may claim what. In none of them a packet leaves in clear.
 */
#include "story.h"

#include "world_int.h"

#include "../../src/engine/engine_int.h"

#define SECRET_HUB  HUB_WORDS " ipsec lab"
#define SECRET_EDGE EDGE_WORDS " ipsec lab"

static struct cast begin(uint64_t seed)
{
	return story_sites_with(seed, SECRET_HUB, SECRET_EDGE);
}

static struct cast begin_shortened(uint64_t seed)
{
	struct cast c = begin(seed);

	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	world_run_s(c.w, 2);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
	return c;
}

static void end(struct cast *c)
{
	assert_int_equal(world_clear(c->w), 0);
	world_free(c->w);
}

static const char *peer(struct cast *c, int node, const char *nbma, const char *key)
{
	return world_show(c->w, node, SHOW_PEERS, "nbma", nbma, key);
}

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

/* --- spoke to spoke ------------------------------------------------------------------ */

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

/* --- the end of SAs -------------------------------------------------------------------- */

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

/* --- restarts ------------------------------------------------------------------------------ */

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

/* --- NAT ------------------------------------------------------------------------------------- */

static int natted(struct world *w, int number, const char *outside)
{
	char name[16], nbma[20], addr[20];

	snprintf(name, sizeof(name), "spoke%d", number);
	snprintf(nbma, sizeof(nbma), "10.99.0.%d", number);
	snprintf(addr, sizeof(addr), "10.0.0.%d/24", number);
	return world_add(w, &(struct node_spec){ .name = name,
						 .nbma = nbma,
						 .nat = outside,
						 .addr = addr,
						 .words = SECRET_EDGE });
}

static void a_spoke_behind_nat_is_not_called_but_calls(void **state)
{
	struct world *w = world_new(15);
	struct cast c = { .w = w };

	(void)state;
	c.hub = story_hub(w, SECRET_HUB);
	c.a = story_spoke(w, 2, SECRET_EDGE);
	c.b = natted(w, 3, "192.0.2.33");
	assert_true(world_until_nhs(w, 5, c.a, "up"));
	assert_true(world_until_nhs(w, 5, c.b, "up"));
	world_traffic(w, c.a, SPOKE_B);
	world_run_s(w, 2);
	assert_cache(w, c.a, SPOKE_B, "state", "up");
	assert_int_equal(world_arrived(w, c.b), 1);
	assert_int_equal(world_sas(w, c.a, c.b), 1);
	end(&c);
}

static void two_behind_different_nats_keep_to_the_hub_and_know_why(void **state)
{
	struct world *w = world_new(16);
	struct cast c = { .w = w };

	(void)state;
	c.hub = story_hub(w, SECRET_HUB);
	c.a = natted(w, 2, "192.0.2.22");
	c.b = natted(w, 3, "192.0.2.33");
	assert_true(world_until_nhs(w, 5, c.a, "up"));
	assert_true(world_until_nhs(w, 5, c.b, "up"));
	world_traffic(w, c.a, SPOKE_B);
	world_run_s(w, 2);
	assert_cache(w, c.a, SPOKE_B, "state", "refused");
	assert_int_equal(world_logged(w, c.a, "both ends are behind NAT") > 0, 1);
	end(&c);
}

static void two_sites_behind_nat_are_told_why_there_is_no_shortcut(void **state)
{
	static const char why[] = "both ends are behind NAT";
	const char *reason;

	(void)state;
	for (uint64_t seed = 30; seed < 40; seed++) {
		struct world *w = world_new(seed);
		struct cast c = { .w = w };
		struct explain_facts f;

		c.hub = story_hub(w, SECRET_HUB);
		c.a = natted(w, 2, "192.0.2.22");
		c.b = natted(w, 3, "192.0.2.33");
		story_lans(&c);
		assert_int_equal(world_data(w, c.a, A_HOST, B_HOST), 2);
		world_run_s(w, 2);
		reason = world_show(w, c.a, SHOW_SHORTCUTS, NULL, NULL, "reason");
		assert_string_equal(reason, why);
		f = world_facts(w, c.a, B_HOST);
		reason = world_explain(w, c.a, B_HOST, &f, "shortcut", "reason");
		assert_string_equal(reason, why);
		assert_int_equal(world_data(w, c.a, A_HOST, B_HOST), 2);
		end(&c);
	}
}

/* ... and the second does not make it hard for him by calling all the time. */
static void of_two_behind_one_nat_the_first_stays(void **state)
{
	struct world *w = world_new(17);
	struct cast c = { .w = w };

	(void)state;
	c.hub = story_hub(w, SECRET_HUB);
	c.a = natted(w, 2, "192.0.2.22");
	assert_true(world_until_nhs(w, 5, c.a, "up"));
	c.b = natted(w, 3, "192.0.2.22");
	for (int k = 0; k < 3000; k++) {
		world_run_ms(w, 20);
		assert_int_equal(world_cache_size(w, c.hub, "dynamic"), 1);
	}
	assert_in_range(world_counter(w, c.hub, "sas_refused_shared_address"), 3, 8);
	assert_string_equal(peer(&c, c.b, HUB_NBMA, "reason"),
			    "the peer ends each SA at once");
	assert_string_equal(world_nhs(w, c.a, "state"), "up");
	assert_string_equal(world_kernel(w, c.hub, SPOKE_A), "192.0.2.22");
	assert_string_equal(world_kernel(w, c.hub, SPOKE_B), "");
	assert_true(world_counter(w, c.hub, "sas_refused_shared_address") > 0);
	assert_string_equal(peer(&c, c.hub, "192.0.2.22", "turned_away"), "CN=spoke3");
	end(&c);
}

static void a_hub_whose_nat_lets_calls_in_is_called_again_after_a_loss(void **state)
{
	struct world *w = world_new(171);
	struct cast c = { .w = w };

	(void)state;
	c.hub = world_add(w, &(struct node_spec){ .name = "hub",
						  .nbma = "10.99.0.1",
						  .nat = HUB_NBMA,
						  .addr = HUB "/24",
						  .words = SECRET_HUB });
	world_nat_forwards(w, c.hub);
	c.a = story_spoke(w, 2, SECRET_EDGE);
	assert_true(world_until_nhs(w, 5, c.a, "up"));
	world_delete_sas(w, c.a, c.hub);
	assert_true(world_until_nhs(w, 5, c.a, "up"));
	end(&c);
}

static void of_two_sas_of_one_caller_the_responder_keeps_the_newest(void **state)
{
	struct cast c = begin(172);

	(void)state;
	world_delete_sas(c.w, c.a, c.hub);
	world_half_call(c.w, c.a, c.hub);
	assert_true(world_until_nhs(c.w, 5, c.a, "up"));
	world_run_s(c.w, 5);
	assert_int_equal(world_sas(c.w, c.a, c.hub), 1);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "up");
	assert_int_equal(world_data(c.w, c.b, B_HOST, A_HOST), 2);
	end(&c);
}

static void a_plain_tunnel_does_not_care_for_the_ike_daemon(void **state)
{
	struct cast c = story_begin(174);
	struct event ev = { EV_SA, .sa = { .fact = SA_READY } };

	(void)state;
	world_handle(world_node(c.w, c.hub), &ev);
	ev.sa.fact = SA_GONE;
	world_handle(world_node(c.w, c.hub), &ev);
	ev.sa.fact = SA_READY;
	world_handle(world_node(c.w, c.hub), &ev);
	world_run_s(c.w, 120);
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), A_NBMA);
	end(&c);
}

/* charon counts in whole seconds: a handshake that crosses one is no older for it. */
static void a_new_sa_is_new_whatever_its_age(void **state)
{
	struct cast c = begin(173);
	struct event ev = { EV_SA, .sa = { .fact = SA_UP,
					   .ifname = "gre1",
					   .local = unit_addr(A_NBMA),
					   .remote = unit_addr("198.51.100.44"),
					   .outer = unit_addr("198.51.100.44"),
					   .ike = 4000,
					   .child = 4000,
					   .fresh = true,
					   .age_s = 1,
					   .identity = "CN=other" } };

	(void)state;
	world_handle(world_node(c.w, c.a), &ev);
	assert_string_equal(peer(&c, c.a, "198.51.100.44", "state"), "answering");
	ev.sa.child = ev.sa.ike = 4001;
	ev.sa.remote = ev.sa.outer = unit_addr("198.51.100.45");
	ev.sa.fresh = false;
	world_handle(world_node(c.w, c.a), &ev);
	assert_string_equal(peer(&c, c.a, "198.51.100.45", "state"), "up");
	end(&c);
}

/* --- authority ----------------------------------------------------------------------------------- */

static void another_identity_may_not_take_an_address(void **state)
{
	struct cast c = begin(18);
	int thief = world_add(c.w, &(struct node_spec){ .name = "thief",
							.nbma = "198.51.100.66",
							.addr = SPOKE_A "/24",
							.words = SECRET_EDGE });

	(void)state;
	world_run_s(c.w, 30);
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), A_NBMA);
	assert_string_equal(world_nhs(c.w, thief, "state"), "refused");
	assert_int_equal(world_logged(c.w, c.hub,
				      "held by 'CN=spoke2', claimed by 'CN=thief'") > 0,
			 1);
	assert_true(world_counter(c.w, c.hub, "registrations_refused_identity") > 0);
	end(&c);
}

/* Its station is away, and the hub knows only from its state file whose it is. */
static void nor_may_it_after_restarts_of_the_hub(void **state)
{
	struct cast c = begin(24);
	int thief;

	(void)state;
	world_kill(c.w, c.a);
	world_delete_sas(c.w, c.hub, c.a);
	for (int k = 0; k < 2; k++) {
		world_kill(c.w, c.hub);
		world_start(c.w, c.hub);
		world_run_s(c.w, 2);
	}
	thief = world_add(c.w, &(struct node_spec){ .name = "thief",
						    .nbma = "198.51.100.66",
						    .addr = SPOKE_A "/24",
						    .words = SECRET_EDGE });
	world_run_s(c.w, 30);
	assert_cache(c.w, c.hub, SPOKE_A, "nbma", A_NBMA);
	assert_string_equal(world_nhs(c.w, thief, "state"), "refused");
	assert_true(world_counter(c.w, c.hub, "registrations_refused_identity") > 0);
	/* and its own identity has it at once, wherever it is */
	world_start(c.w, c.a);
	world_move(c.w, c.a, "192.0.2.77");
	assert_true(world_until(c.w, 5, c.hub, SPOKE_A, "nbma", "192.0.2.77"));
	assert_cache(c.w, c.hub, SPOKE_A, "identity", "CN=spoke2");
	end(&c);
}

/* Somebody else is at its address by the time the script has spoken. */
static void a_registration_that_waited_is_nobody_elses(void **state)
{
	struct world *w = world_new(25);
	struct cast c = { .w = w };

	(void)state;
	c.hub = story_hub(w, SECRET_HUB " script /site/hook");
	world_script(w, c.hub, "peer-register", NULL, HOOK_YES, 4000);
	c.a = story_spoke(w, 2, SECRET_EDGE);
	world_run_s(w, 2);
	world_kill(w, c.a);
	world_delete_sas(w, c.hub, c.a);
	world_identity(w, c.a, "CN=other");
	world_start(w, c.a);
	world_run_s(w, 3);
	assert_cache(w, c.hub, SPOKE_A, "type", "");
	assert_true(world_counter(w, c.hub, "drop_from_shared_address") > 0);
	/* what it says itself is taken as its own */
	assert_true(world_until(w, 30, c.hub, SPOKE_A, "identity", "CN=other"));
	end(&c);
}

static void the_same_identity_may_move_at_once(void **state)
{
	struct cast c = begin(19);

	(void)state;
	world_move(c.w, c.a, "192.0.2.77");
	assert_true(world_until(c.w, 2, c.hub, SPOKE_A, "nbma", "192.0.2.77"));
	assert_true(world_until_nhs(c.w, 1, c.a, "up"));
	end(&c);
}

static void an_identity_registers_only_what_it_is_authorised_for(void **state)
{
	struct world *w = world_new(20);
	struct cast c = { .w = w };

	(void)state;
	c.hub = story_hub(w, SECRET_HUB " authorize CN=spoke2 10.0.0.2/32");
	c.a = story_spoke(w, 2, SECRET_EDGE);
	c.b = story_spoke(w, 3, SECRET_EDGE);
	world_run_s(w, 3);
	assert_string_equal(world_nhs(w, c.a, "state"), "up");
	assert_string_equal(world_nhs(w, c.b, "state"), "refused");
	assert_string_equal(world_kernel(w, c.hub, SPOKE_B), "");
	end(&c);
}

static void an_identity_answers_only_for_what_it_is_authorised_for(void **state)
{
	struct cast c = begin(21);

	(void)state;
	world_reload(c.w, c.a,
		     SECRET_EDGE " authorize CN=hub 10.0.0.1/32 "
				 "authorize CN=spoke* 10.0.0.0/24 192.168.4.0/24");
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	world_run_s(c.w, 2);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	assert_string_equal(world_show(c.w, c.a, SHOW_SHORTCUTS, NULL, NULL, "reason"),
			    "its identity may not answer for this");
	assert_true(world_counter(c.w, c.a, "resolutions_refused_identity") > 0);
	end(&c);
}

/* Its SA is there already when it is learnt once more. */
static void who_may_not_be_a_station_is_none_at_the_second_try_either(void **state)
{
	struct cast c = begin(23);

	(void)state;
	world_reload(c.w, c.a,
		     SECRET_EDGE " authorize CN=hub 10.0.0.1/32 "
				 "authorize CN=spoke* 192.168.0.0/16");
	world_traffic(c.w, c.b, SPOKE_A); /* b calls, and keeps the SA */
	world_run_s(c.w, 2);
	assert_int_equal(world_sas(c.w, c.a, c.b), 1);
	assert_cache(c.w, c.a, SPOKE_B, "state", "refused");
	world_run_s(c.w, 70);
	assert_int_equal(world_sas(c.w, c.a, c.b), 1);
	world_traffic(c.w, c.a, SPOKE_B);
	world_run_s(c.w, 2);
	assert_cache(c.w, c.a, SPOKE_B, "state", "refused");
	assert_cache(c.w, c.a, SPOKE_B, "reason",
		     "its identity may not answer for this");
	assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), "failed");
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

/* --- the table -------------------------------------------------------------------------------- */

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
		cmocka_unit_test(a_spoke_behind_nat_is_not_called_but_calls),
		cmocka_unit_test(
			two_behind_different_nats_keep_to_the_hub_and_know_why),
		cmocka_unit_test(
			two_sites_behind_nat_are_told_why_there_is_no_shortcut),
		cmocka_unit_test(of_two_behind_one_nat_the_first_stays),
		cmocka_unit_test(
			a_hub_whose_nat_lets_calls_in_is_called_again_after_a_loss),
		cmocka_unit_test(
			of_two_sas_of_one_caller_the_responder_keeps_the_newest),
		cmocka_unit_test(a_plain_tunnel_does_not_care_for_the_ike_daemon),
		cmocka_unit_test(a_new_sa_is_new_whatever_its_age),
		cmocka_unit_test(another_identity_may_not_take_an_address),
		cmocka_unit_test(nor_may_it_after_restarts_of_the_hub),
		cmocka_unit_test(a_registration_that_waited_is_nobody_elses),
		cmocka_unit_test(the_same_identity_may_move_at_once),
		cmocka_unit_test(an_identity_registers_only_what_it_is_authorised_for),
		cmocka_unit_test(
			an_identity_answers_only_for_what_it_is_authorised_for),
		cmocka_unit_test(
			who_may_not_be_a_station_is_none_at_the_second_try_either),
		cmocka_unit_test(explain_names_the_missing_sa_and_why),
		cmocka_unit_test(every_cell_of_the_peer_table_is_decided),
	};

	return cmocka_run_group_tests_name("ipsec", tests, NULL, NULL);
}
