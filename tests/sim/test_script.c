/* SPDX-License-Identifier: MIT */
/* Stories of the site's script: what it is told, what it decides, and in what order. */
#include "story_script.h"

/* --- what is told ------------------------------------------------------------ */

static void a_hub_asks_for_each_spoke_and_tells_when_it_goes(void **state)
{
	struct cast c = hooked_hub();

	(void)state;
	c.a = story_spoke(c.w, 2, SPOKE_WORDS);
	world_run_s(c.w, 1);
	world_stop(c.w, c.a);
	assert_string_equal(world_scripted(c.w, c.hub),
			    "interface-up interface gre1\n"
			    "interface-up interface lan0\n"
			    "peer-register dynamic 10.0.0.2/32 at 198.51.100.2\n"
			    "peer-up dynamic 10.0.0.2/32 at 198.51.100.2\n"
			    "peer-down dynamic 10.0.0.2/32 at 198.51.100.2\n");
	world_free(c.w);
}

static void a_spoke_tells_of_its_server_after_the_peer_and_before_it_goes(void **state)
{
	struct cast c = { .w = world_new(SEED) };

	(void)state;
	c.hub = story_hub(c.w, "holding-time 600");
	c.a = story_spoke(c.w, 2, SPOKE_WORDS WITH);
	world_run_s(c.w, 700);
	world_stop(c.w, c.a);
	assert_string_equal(world_scripted(c.w, c.a),
			    "interface-up interface gre1\n"
			    "peer-up static 10.0.0.1/24 at 203.0.113.1\n"
			    "interface-up interface lan0\n"
			    "nhs-up static 10.0.0.1/24 at 203.0.113.1\n"
			    "nhs-down static 10.0.0.1/24 at 203.0.113.1\n"
			    "peer-down static 10.0.0.1/24 at 203.0.113.1 "
			    "(user-request)\n");
	world_free(c.w);
}

static void a_server_that_falls_silent_is_told_to_be_lost_and_back(void **state)
{
	struct cast c = { .w = world_new(SEED) };

	(void)state;
	c.hub = story_hub(c.w, "holding-time 600");
	c.a = story_spoke(c.w, 2, SPOKE_WORDS WITH);
	world_run_s(c.w, 1);
	world_cut(c.w, c.hub, c.a, true);
	world_run_s(c.w, 700);
	assert_ran(c.w, c.a, "nhs-up", 1);
	assert_ran(c.w, c.a, "nhs-down", 1);
	world_cut(c.w, c.hub, c.a, false);
	world_run_s(c.w, 100);
	assert_ran(c.w, c.a, "nhs-up", 2);
	/* The peer was there all the time. */
	assert_ran(c.w, c.a, "peer-", 1);
	world_free(c.w);
}

static const struct {
	enum command command;
	const char *line;
} commands[] = {
	{ CMD_FLUSH, "peer-down dynamic 10.0.0.2/32 at 198.51.100.2 (user-request)" },
	{ CMD_LOWERDOWN, "peer-down dynamic 10.0.0.2/32 at 198.51.100.2 (lower-down)" },
};

static void the_reason_of_an_end_is_told_as_opennhrp_has_it(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(commands); k++) {
		struct cast c = hooked();

		world_drop(c.w, c.hub, commands[k].command, SPOKE_A "/32");
		assert_ran(c.w, c.hub, commands[k].line, 1);
		/* The other one is left to die. */
		world_kill(c.w, c.b);
		world_run_s(c.w, 610);
		assert_ran(c.w, c.hub,
			   "peer-down dynamic 10.0.0.3/32 at 198.51.100.3 (expired)",
			   1);
		world_free(c.w);
	}
}

static void a_spoke_that_moves_goes_down_here_and_up_there(void **state)
{
	struct cast c = hooked();

	(void)state;
	world_forget_scripted(c.w, c.hub);
	world_move(c.w, c.a, "192.0.2.77");
	assert_true(world_until(c.w, 6, c.hub, SPOKE_A, "nbma", "192.0.2.77"));
	assert_true(world_until(c.w, 1, c.hub, SPOKE_A, "state", "up"));
	assert_non_null(strstr(world_scripted(c.w, c.hub),
			       "peer-down dynamic 10.0.0.2/32 at 198.51.100.2\n"
			       "peer-up dynamic 10.0.0.2/32 at 192.0.2.77\n"));
	world_free(c.w);
}

static void a_spoke_behind_nat_is_told_with_both_addresses(void **state)
{
	struct cast c = hooked_hub();

	(void)state;
	world_add(c.w, &(struct node_spec){ "natted", "192.168.7.3", "198.51.100.33",
					    SPOKE_A "/24", SPOKE_WORDS });
	world_run_s(c.w, 1);
	assert_ran(c.w, c.hub,
		   "peer-register dynamic 10.0.0.2/32 at 198.51.100.33 claims "
		   "192.168.7.3\n",
		   1);
	assert_ran(c.w, c.hub,
		   "peer-up dynamic 10.0.0.2/32 at 198.51.100.33 claims 192.168.7.3\n",
		   1);
	world_free(c.w);
}

static void a_server_of_a_dynamic_map_is_told_under_its_own_type(void **state)
{
	struct world *w = world_new(SEED);
	int spoke;

	(void)state;
	world_name(w, "hubs.example.net", HUB_NBMA);
	story_hub(w, "holding-time 600");
	spoke = story_spoke(w, 2, "dynamic-map 10.0.0.0/24 hubs.example.net" WITH);
	world_run_s(w, 2);
	assert_non_null(strstr(world_scripted(w, spoke),
			       "peer-up dynamic-nhs 10.0.0.1/24 at 203.0.113.1\n"
			       "nhs-up dynamic-nhs 10.0.0.1/24 at 203.0.113.1\n"));
	world_free(w);
}

/* --- a registration is asked for ------------------------------------------------ */

static const struct {
	enum hook_outcome outcome;
	int64_t delay_ms;
	const char *logged;
} refusals[] = {
	{ HOOK_NO, 10, "the script says no" },
	{ HOOK_LATE, 10, "the script took too long" },
	{ HOOK_BROKEN, 10, "the script failed" },
	{ HOOK_YES, SCRIPT_SILENT, "the script took too long" },
};

static void what_the_script_does_not_permit_is_refused_and_leaves_no_trace(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(refusals); k++) {
		struct cast c = hooked_hub();

		world_script(c.w, c.hub, "peer-register", SPOKE_A, refusals[k].outcome,
			     refusals[k].delay_ms);
		c.a = story_spoke(c.w, 2, SPOKE_WORDS);
		c.b = story_spoke(c.w, 3, SPOKE_WORDS);
		assert_true(world_until_nhs(c.w, 25, c.a, "refused"));
		assert_string_equal(world_nhs(c.w, c.a, "reason"), PROHIBITED);
		assert_cache(c.w, c.hub, SPOKE_A, "type", "");
		assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), "");
		assert_true(world_logged(c.w, c.hub, refusals[k].logged) > 0);
		assert_true(world_counter(c.w, c.hub,
					  "registrations_refused_prohibited") > 0);
		assert_cache(c.w, c.hub, SPOKE_B, "type", "dynamic");
		assert_ran(c.w, c.hub, "peer-up dynamic 10.0.0.2", 0);
		world_free(c.w);
	}
}

static void a_script_that_changes_its_mind_lets_the_spoke_in(void **state)
{
	struct cast c = hooked_hub();

	(void)state;
	world_script(c.w, c.hub, "peer-register", NULL, HOOK_NO, 10);
	c.a = story_spoke(c.w, 2, SPOKE_WORDS);
	assert_true(world_until_nhs(c.w, 5, c.a, "refused"));
	world_script(c.w, c.hub, "peer-register", NULL, HOOK_YES, 10);
	assert_true(world_until_nhs(c.w, 10, c.a, "up"));
	world_free(c.w);
}

static void a_request_repeated_while_the_script_runs_is_asked_for_once(void **state)
{
	struct cast c = hooked_hub();

	(void)state;
	world_script(c.w, c.hub, "peer-register", NULL, HOOK_YES, 6000);
	c.a = story_spoke(c.w, 2, SPOKE_WORDS);
	assert_true(world_until_nhs(c.w, 10, c.a, "up"));
	assert_ran(c.w, c.hub, "peer-register", 1);
	assert_in_range(world_counter(c.w, c.hub, "drop_registration_waits_for_script"),
			1, 3);
	world_free(c.w);
}

static void every_refresh_asks_and_a_refused_one_changes_nothing(void **state)
{
	struct cast c = hooked();

	(void)state;
	assert_ran(c.w, c.hub, "peer-register dynamic 10.0.0.2", 1);
	world_run_s(c.w, REFRESH_S);
	assert_ran(c.w, c.hub, "peer-register dynamic 10.0.0.2", 2);
	assert_ran(c.w, c.hub, "peer-up dynamic 10.0.0.2", 1);
	world_script(c.w, c.hub, "peer-register", SPOKE_A, HOOK_NO, 10);
	world_run_s(c.w, REFRESH_S);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "refused");
	/* What was granted is granted until its time is over, and no longer. */
	assert_cache(c.w, c.hub, SPOKE_A, "state", "up");
	assert_ran(c.w, c.hub, "peer-down", 0);
	world_run_s(c.w, 610);
	assert_cache(c.w, c.hub, SPOKE_A, "type", "");
	assert_ran(c.w, c.hub,
		   "peer-down dynamic 10.0.0.2/32 at 198.51.100.2 (expired)", 1);
	assert_cache(c.w, c.hub, SPOKE_B, "state", "up");
	world_free(c.w);
}

static void what_is_taken_back_while_the_script_runs_is_not_granted(void **state)
{
	struct cast c = hooked();

	(void)state;
	world_forget_scripted(c.w, c.hub);
	world_script(c.w, c.hub, "peer-register", SPOKE_A, HOOK_YES, 4000);
	while (!times(world_scripted(c.w, c.hub), "peer-register dynamic 10.0.0.2"))
		world_run_ms(c.w, 100);
	world_stop(c.w, c.a);
	assert_cache(c.w, c.hub, SPOKE_A, "type", "");
	world_run_s(c.w, 10);
	assert_cache(c.w, c.hub, SPOKE_A, "type", "");
	assert_cache(c.w, c.hub, SPOKE_B, "state", "up");
	world_free(c.w);
}

/* Of several addresses in one request each is asked for, one after the other. */
static void each_address_of_a_request_is_judged_by_itself(void **state)
{
	struct cast c = hooked_hub();
	struct packet *p = calloc(1, sizeof(*p));
	uint8_t pdu[512];

	(void)state;
	assert_non_null(p);
	packet_init(p, NHRP_REGISTRATION_REQUEST, ADDR_IP4, ADDR_IP4);
	p->src_nbma = unit_addr("192.0.2.66");
	p->src_proto = unit_addr("10.0.0.20");
	p->dst_proto = unit_addr(HUB);
	for (int k = 0; k < 4; k++) {
		struct cie *cie = packet_add_cie(p);
		char proto[20];

		/* The third is nobody's to claim: there is nothing to ask. */
		snprintf(proto, sizeof(proto), k == 2 ? HUB : "10.0.0.%d", k + 20);
		cie->prefix_len = 32;
		cie->proto = unit_addr(proto);
	}
	world_script(c.w, c.hub, "peer-register", "10.0.0.21", HOOK_NO, 10);
	world_inject(c.w, c.hub, "192.0.2.66", pdu, packet_encode(p, pdu, sizeof(pdu)));
	world_run_s(c.w, 1);
	assert_cache(c.w, c.hub, "10.0.0.20", "type", "dynamic");
	assert_cache(c.w, c.hub, "10.0.0.21", "type", "");
	assert_cache(c.w, c.hub, "10.0.0.23", "type", "dynamic");
	assert_ran(c.w, c.hub, "peer-register", 3);
	assert_int_equal(world_counter(c.w, c.hub, "tx_registration_reply"), 1);
	assert_int_equal(world_counter(c.w, c.hub, "registrations_refused_prohibited"),
			 2);
	free(p);
	world_free(c.w);
}

static void more_registrations_than_can_wait_are_refused_for_now(void **state)
{
	struct cast c = { .w = world_new(SEED) };

	(void)state;
	c.hub = world_add(c.w, &(struct node_spec){ "hub", HUB_NBMA, NULL, HUB "/16",
						    HUB_HOOKED });
	world_script(c.w, c.hub, "peer-register", NULL, HOOK_YES, SCRIPT_SILENT);
	flood(&c, 300);
	assert_ran(c.w, c.hub, "peer-register", 256);
	assert_int_equal(world_counter(c.w, c.hub,
				       "registrations_refused_no_resources"),
			 44);
	world_run_s(c.w, 25);
	assert_int_equal(world_counter(c.w, c.hub, "registrations_refused_prohibited"),
			 256);
	assert_int_equal(world_counter(c.w, c.hub, "script_questions_unanswered"), 256);
	assert_int_equal(world_cache_size(c.w, c.hub, "dynamic"), 0);
	/* There is room again. */
	world_script(c.w, c.hub, "peer-register", NULL, HOOK_YES, 10);
	flood(&c, 200);
	world_run_s(c.w, 5);
	assert_int_equal(world_cache_size(c.w, c.hub, "dynamic"), 200);
	assert_ran(c.w, c.hub, "peer-up", 200);
	world_free(c.w);
}

/* --- a peer is asked for -------------------------------------------------------- */

static void a_peer_is_not_used_before_the_script_has_said_yes(void **state)
{
	struct cast c = hooked_hub();

	(void)state;
	world_script(c.w, c.hub, "peer-up", SPOKE_A, HOOK_YES, 5000);
	c.a = story_spoke(c.w, 2, SPOKE_WORDS);
	c.b = story_spoke(c.w, 3, SPOKE_WORDS);
	world_run_s(c.w, 1);
	assert_cache(c.w, c.hub, SPOKE_A, "state", "waiting");
	assert_cache(c.w, c.hub, SPOKE_A, "reason", "the script is asked first");
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), "");
	/* Who asks for it meanwhile is not told that it is nowhere. */
	world_traffic(c.w, c.b, SPOKE_A);
	world_run_s(c.w, 2);
	assert_cache(c.w, c.b, SPOKE_A, "type", "incomplete");
	assert_true(world_counter(c.w, c.hub, "drop_station_waits_for_script") > 0);
	assert_true(world_until(c.w, 5, c.hub, SPOKE_A, "state", "up"));
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), A_NBMA);
	assert_true(world_until(c.w, 5, c.b, SPOKE_A, "type", "cached"));
	assert_int_equal(world_arrived(c.w, c.a), 1);
	world_free(c.w);
}

static void a_peer_that_is_refused_is_not_used_for_a_while(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(refusals); k++) {
		struct cast c = hooked_hub();

		world_script(c.w, c.hub, "peer-up", SPOKE_A, refusals[k].outcome,
			     refusals[k].delay_ms);
		c.a = story_spoke(c.w, 2, SPOKE_WORDS);
		assert_true(world_until(c.w, 25, c.hub, SPOKE_A, "type", "negative"));
		assert_cache(c.w, c.hub, SPOKE_A, "reason", refusals[k].logged);
		assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), "failed");
		assert_int_equal(world_counter(c.w, c.hub, "peers_refused_by_script"),
				 1);
		world_run_s(c.w, 65);
		assert_cache(c.w, c.hub, SPOKE_A, "type", "");
		/* What never was up does not go down. */
		assert_ran(c.w, c.hub, "peer-down", 0);
		world_free(c.w);
	}
}

static void a_server_that_the_script_refuses_is_not_registered_with(void **state)
{
	struct cast c = { .w = world_new(SEED) };

	(void)state;
	c.hub = story_hub(c.w, "holding-time 600");
	c.a = story_spoke(c.w, 2, "holding-time 600" WITH);
	world_script(c.w, c.a, "peer-up", HUB, HOOK_NO, 10);
	world_reload(c.w, c.a, SPOKE_WORDS WITH);
	world_run_s(c.w, 30);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "refused");
	assert_string_equal(world_nhs(c.w, c.a, "reason"), "the script says no");
	assert_int_equal(world_counter(c.w, c.a, "tx_registration_request"), 0);
	assert_in_range(times(world_scripted(c.w, c.a), "peer-up"), 3, 5);
	assert_ran(c.w, c.a, "nhs-", 0);
	world_script(c.w, c.a, "peer-up", HUB, HOOK_YES, 10);
	assert_true(world_until_nhs(c.w, 65, c.a, "up"));
	world_run_s(c.w, 1);
	assert_ran(c.w, c.a, "nhs-up", 1);
	world_free(c.w);
}

static void a_slow_script_delays_the_registration_and_is_no_silence(void **state)
{
	struct cast c = { .w = world_new(SEED) };

	(void)state;
	c.hub = story_hub(c.w, "holding-time 600");
	c.a = story_spoke(c.w, 2, "holding-time 600" WITH);
	world_script(c.w, c.a, "peer-up", HUB, HOOK_YES, 9000);
	world_reload(c.w, c.a, SPOKE_WORDS WITH);
	world_run_s(c.w, 8);
	assert_int_equal(world_counter(c.w, c.a, "tx_registration_request"), 0);
	assert_string_equal(world_nhs(c.w, c.a, "reason"), "the script is asked first");
	assert_string_equal(world_nhs(c.w, c.a, "state"), "registering");
	world_run_ms(c.w, 1100);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "up");
	assert_int_equal(world_counter(c.w, c.a, "tx_registration_request"), 1);
	world_free(c.w);
}

/* It registers with nobody, whatever the script says of it. */
static void a_static_peer_that_is_refused_is_asked_for_again(void **state)
{
	struct world *w = world_new(SEED);
	int hub = story_hub(w, "holding-time 600" WITH);

	(void)state;
	world_script(w, hub, "peer-up", "10.0.0.9", HOOK_NO, 10);
	world_reload(w, hub, "map 10.0.0.9 192.0.2.9" WITH);
	world_run_s(w, 1);
	assert_cache(w, hub, "10.0.0.9", "type", "negative");
	world_script(w, hub, "peer-up", "10.0.0.9", HOOK_YES, 10);
	assert_true(world_until(w, 5, hub, "10.0.0.9", "type", "static"));
	world_run_ms(w, 100);
	assert_string_equal(world_kernel(w, hub, "10.0.0.9"), "192.0.2.9");
	assert_cache(w, hub, "10.0.0.9", "state", "up");
	assert_int_equal(world_counter(w, hub, "tx_registration_request"), 0);
	assert_ran(w, hub, "nhs-", 0);
	world_free(w);
}

static void a_device_that_goes_while_the_script_runs_loses_no_peer(void **state)
{
	struct cast c = hooked_hub();

	(void)state;
	world_script(c.w, c.hub, "peer-up", SPOKE_A, HOOK_YES, 3000);
	c.a = story_spoke(c.w, 2, SPOKE_WORDS);
	world_run_s(c.w, 1);
	world_delete_device(c.w, c.hub);
	world_run_s(c.w, 5);
	world_create_device(c.w, c.hub);
	world_run_s(c.w, 1);
	assert_cache(c.w, c.hub, SPOKE_A, "state", "up");
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), A_NBMA);
	assert_ran(c.w, c.hub, "interface-up interface gre1", 2);
	assert_ran(c.w, c.hub, "peer-up", 1);
	world_free(c.w);
}

/* --- shortcuts -------------------------------------------------------------------- */

static void a_shortcut_waits_for_its_station_and_is_told_after_it(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS WITH);

	(void)state;
	world_forget_scripted(c.w, c.a);
	world_script(c.w, c.a, "peer-up", SPOKE_B, HOOK_YES, 4000);
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	world_run_s(c.w, 2);
	assert_string_equal(world_show(c.w, c.a, SHOW_SHORTCUTS, "prefix", B_LAN,
				       "state"),
			    "waiting");
	/* Meanwhile traffic goes as before. */
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	world_run_s(c.w, 3);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 1);
	world_drop(c.w, c.a, CMD_FLUSH, NULL);
	assert_string_equal(world_scripted(c.w, c.a),
			    "peer-up cached 10.0.0.3/32 at 198.51.100.3\n"
			    "route-up route 192.168.3.0/24 via 10.0.0.3\n"
			    "route-down route 192.168.3.0/24 via 10.0.0.3\n"
			    "peer-down cached 10.0.0.3/32 at 198.51.100.3 "
			    "(user-request)\n");
	world_free(c.w);
}

static void a_shortcut_through_a_refused_station_is_not_taken(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS WITH);

	(void)state;
	world_script(c.w, c.a, "peer-up", SPOKE_B, HOOK_NO, 10);
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	world_run_s(c.w, 2);
	assert_string_equal(world_show(c.w, c.a, SHOW_SHORTCUTS, "prefix", B_LAN,
				       "state"),
			    "refused");
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	assert_ran(c.w, c.a, "route-", 0);
	world_free(c.w);
}

/* --- encrypted -------------------------------------------------------------------- */

#define SECRET_HUB  HUB_WORDS " ipsec lab"
#define SECRET_EDGE EDGE_WORDS " ipsec lab" WITH

static void an_encrypted_peer_needs_the_script_and_an_sa(void **state)
{
	(void)state;
	/* The script is over before the SA is there, and long after. */
	for (int64_t delay_ms = 1; delay_ms < 4000; delay_ms += 3000) {
		struct cast c = story_sites_with(SEED, SECRET_HUB, SECRET_EDGE);

		world_forget_scripted(c.w, c.a);
		world_script(c.w, c.a, "peer-up", SPOKE_B, HOOK_YES, delay_ms);
		assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
		world_run_ms(c.w, 150);
		assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), "");
		assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
		assert_string_equal(world_show(c.w, c.a, SHOW_SHORTCUTS, "prefix",
					       B_LAN, "state"),
				    delay_ms < 100 ? "securing" : "waiting");
		world_run_s(c.w, 4);
		assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), B_NBMA);
		assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
		assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 1);
		assert_string_equal(world_scripted(c.w, c.a),
				    "peer-up cached 10.0.0.3/32 at 198.51.100.3\n"
				    "route-up route 192.168.3.0/24 via 10.0.0.3\n");
		assert_int_equal(world_clear(c.w), 0);
		world_free(c.w);
	}
}

static void an_encrypted_peer_that_is_refused_loses_its_sa(void **state)
{
	struct cast c = story_sites_with(SEED, SECRET_HUB, SECRET_EDGE);

	(void)state;
	world_script(c.w, c.a, "peer-up", SPOKE_B, HOOK_NO, 1000);
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	world_run_s(c.w, 30);
	assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), "failed");
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	assert_int_equal(world_sas(c.w, c.a, c.b), 0);
	assert_int_equal(world_clear(c.w), 0);
	world_free(c.w);
}

static void an_encrypted_server_that_is_refused_is_tried_again(void **state)
{
	struct world *w = world_new(SEED);
	int hub = story_hub(w, SECRET_HUB), spoke;

	(void)state;
	spoke = story_spoke(w, 2, "holding-time 600 ipsec lab" WITH);
	world_script(w, spoke, "peer-up", HUB, HOOK_NO, 10);
	world_reload(w, spoke, SECRET_EDGE);
	world_run_s(w, 20);
	assert_string_equal(world_nhs(w, spoke, "state"), "refused");
	assert_cache(w, hub, SPOKE_A, "type", "");
	world_script(w, spoke, "peer-up", HUB, HOOK_YES, 10);
	assert_true(world_until_nhs(w, 65, spoke, "up"));
	assert_cache(w, hub, SPOKE_A, "state", "up");
	assert_int_equal(world_clear(w), 0);
	world_free(w);
}

static void what_came_by_an_sa_is_not_granted_after_its_end(void **state)
{
	struct world *w = world_new(SEED);
	int hub = story_hub(w, SECRET_HUB WITH), spoke;

	(void)state;
	world_script(w, hub, "peer-register", NULL, HOOK_YES, 3000);
	spoke = story_spoke(w, 2, EDGE_WORDS " ipsec lab");
	world_run_s(w, 2);
	assert_ran(w, hub, "peer-register", 1);
	world_kill(w, spoke);
	world_charon_stops(w, spoke);
	world_run_s(w, 10);
	assert_cache(w, hub, SPOKE_A, "type", "");
	assert_ran(w, hub, "peer-up", 0);
	world_free(w);
}

/* --- explain -------------------------------------------------------------- */

static void explain_says_that_it_is_the_script(void **state)
{
	struct cast c = hooked_hub();
	struct explain_facts facts;

	(void)state;
	world_script(c.w, c.hub, "peer-up", SPOKE_A, HOOK_NO, 3000);
	c.a = story_spoke(c.w, 2, SPOKE_WORDS);
	world_run_s(c.w, 2);
	facts = world_facts(c.w, c.hub, SPOKE_A);
	assert_string_equal(world_explain(c.w, c.hub, SPOKE_A, &facts, "verdict",
					  "verdict"),
			    "script_runs");
	world_run_s(c.w, 2);
	facts = world_facts(c.w, c.hub, SPOKE_A);
	assert_string_equal(world_explain(c.w, c.hub, SPOKE_A, &facts, "verdict",
					  "verdict"),
			    "script_refuses");
	world_free(c.w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hub_asks_for_each_spoke_and_tells_when_it_goes),
		cmocka_unit_test(
			a_spoke_tells_of_its_server_after_the_peer_and_before_it_goes),
		cmocka_unit_test(
			a_server_that_falls_silent_is_told_to_be_lost_and_back),
		cmocka_unit_test(the_reason_of_an_end_is_told_as_opennhrp_has_it),
		cmocka_unit_test(a_spoke_that_moves_goes_down_here_and_up_there),
		cmocka_unit_test(a_spoke_behind_nat_is_told_with_both_addresses),
		cmocka_unit_test(a_server_of_a_dynamic_map_is_told_under_its_own_type),
		cmocka_unit_test(
			what_the_script_does_not_permit_is_refused_and_leaves_no_trace),
		cmocka_unit_test(a_script_that_changes_its_mind_lets_the_spoke_in),
		cmocka_unit_test(
			a_request_repeated_while_the_script_runs_is_asked_for_once),
		cmocka_unit_test(every_refresh_asks_and_a_refused_one_changes_nothing),
		cmocka_unit_test(
			what_is_taken_back_while_the_script_runs_is_not_granted),
		cmocka_unit_test(each_address_of_a_request_is_judged_by_itself),
		cmocka_unit_test(more_registrations_than_can_wait_are_refused_for_now),
		cmocka_unit_test(a_peer_is_not_used_before_the_script_has_said_yes),
		cmocka_unit_test(a_peer_that_is_refused_is_not_used_for_a_while),
		cmocka_unit_test(
			a_server_that_the_script_refuses_is_not_registered_with),
		cmocka_unit_test(
			a_slow_script_delays_the_registration_and_is_no_silence),
		cmocka_unit_test(a_static_peer_that_is_refused_is_asked_for_again),
		cmocka_unit_test(
			a_device_that_goes_while_the_script_runs_loses_no_peer),
		cmocka_unit_test(a_shortcut_waits_for_its_station_and_is_told_after_it),
		cmocka_unit_test(a_shortcut_through_a_refused_station_is_not_taken),
		cmocka_unit_test(an_encrypted_peer_needs_the_script_and_an_sa),
		cmocka_unit_test(an_encrypted_peer_that_is_refused_loses_its_sa),
		cmocka_unit_test(an_encrypted_server_that_is_refused_is_tried_again),
		cmocka_unit_test(what_came_by_an_sa_is_not_granted_after_its_end),
		cmocka_unit_test(explain_says_that_it_is_the_script),
	};

	return cmocka_run_group_tests_name("script", tests, NULL, NULL);
}
