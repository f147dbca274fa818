/* SPDX-License-Identifier: MIT */
/*
 * Nothing grows without a limit: what happens when a table is full, who is told, and
 * that it passes.
 */
#include "story.h"

#include "world_int.h"

#define SEED	 20260116
#define TOO_MANY "too many requests under way"

#define count_of(c, node, name) world_counter((c)->w, node, name)

/* --- look-ups of routes --------------------------------------------------- */

/* Data that the hub turns round, each packet of which it looks up. */
static void data_past_the_hub(struct cast *c, unsigned packets)
{
	for (unsigned k = 0; k < packets; k++)
		world_data(c->w, c->a, A_HOST, B_HOST);
}

static void routes_that_the_kernel_owes_are_waited_for_up_to_a_limit(void **state)
{
	struct cast c = story_sites(SEED, SPOKE_WORDS);

	(void)state;
	world_hold_lookups(c.w, c.hub, true);
	data_past_the_hub(&c, LOOKUPS_MAX + 20);
	assert_int_equal(count_of(&c, c.hub, "route_lookups_limited"), 20);
	assert_int_equal(count_of(&c, c.hub, "redirects_sent"), 0);
	/* What is answered late is used still, as far as redirects go. */
	world_hold_lookups(c.w, c.hub, false);
	assert_int_equal(count_of(&c, c.hub, "redirects_sent"), 200);
	assert_int_equal(count_of(&c, c.hub, "redirects_limited"), LOOKUPS_MAX - 200);
	world_free(c.w);
}

static void a_question_that_has_to_be_routed_is_dropped_then(void **state)
{
	struct cast c = story_sites(SEED, SPOKE_WORDS);

	(void)state;
	world_hold_lookups(c.w, c.hub, true);
	data_past_the_hub(&c, LOOKUPS_MAX);
	story_inject(c.w, c.hub, A_NBMA,
		     story_packet(NHRP_RESOLUTION_REQUEST, A_NBMA, SPOKE_A, B_HOST));
	assert_int_equal(count_of(&c, c.hub, "drop_no_next_hop"), 1);
	assert_int_equal(count_of(&c, c.hub, "forwarded"), 0);
	world_free(c.w);
}

static void a_route_that_is_never_answered_gives_way_after_a_while(void **state)
{
	struct cast c = story_sites(SEED, SPOKE_WORDS);

	(void)state;
	world_hold_lookups(c.w, c.hub, true);
	data_past_the_hub(&c, LOOKUPS_MAX / 2);
	world_run_s(c.w, 4);
	data_past_the_hub(&c, LOOKUPS_MAX / 2 + 1);
	assert_int_equal(count_of(&c, c.hub, "route_lookups_limited"), 1);
	/* Half of them are too old by now, and the other half is not. */
	world_run_s(c.w, 2);
	data_past_the_hub(&c, LOOKUPS_MAX / 2 + 1);
	assert_int_equal(count_of(&c, c.hub, "route_lookups_limited"), 2);
	world_free(c.w);
}

static void a_route_that_is_found_after_the_device_went_is_not_used(void **state)
{
	struct cast c = story_sites(SEED, SPOKE_WORDS);

	(void)state;
	world_hold_lookups(c.w, c.hub, true);
	data_past_the_hub(&c, 1);
	story_inject(c.w, c.hub, A_NBMA,
		     story_packet(NHRP_RESOLUTION_REQUEST, A_NBMA, SPOKE_A, B_HOST));
	world_link(c.w, c.hub, false);
	world_hold_lookups(c.w, c.hub, false);
	assert_int_equal(count_of(&c, c.hub, "redirects_sent"), 0);
	assert_int_equal(count_of(&c, c.hub, "forwarded"), 0);
	world_free(c.w);
}

/* Nor is one that a predecessor asked for, of the same number or not. */
static void what_a_predecessor_asked_for_is_nobodys(void **state)
{
	struct cast c = story_sites(SEED, SPOKE_WORDS);
	struct event ev = { EV_LOOKUP,
			    .lookup = { .token = 1, .kind = LOOKUP_UNICAST } };

	(void)state;
	world_hold_lookups(c.w, c.hub, true);
	data_past_the_hub(&c, 1);
	world_kill(c.w, c.hub);
	world_start(c.w, c.hub);
	world_handle(world_node(c.w, c.hub), &ev);
	assert_int_equal(count_of(&c, c.hub, "redirects_sent"), 0);
	world_free(c.w);
}

/* --- requests under way --------------------------------------------------- */

#define A_OTHER_LAN  "172.16.2.0/24"
#define A_OTHER_HOST "172.16.2.1"

/* So many ask a node the way to an address. */
static void asked_by_many(struct cast *c, int node, const char *dst, unsigned askers)
{
	char src[20];

	for (unsigned k = 0; k < askers; k++) {
		snprintf(src, sizeof(src), "10.0.%u.%u", 10 + k / 250, k % 250 + 1);
		story_inject(c->w, node, HUB_NBMA,
			     story_packet(NHRP_RESOLUTION_REQUEST, "192.0.2.1", src,
					  dst));
	}
}

/*
 * All who asked spoke A for a network behind it have to be told that it is not there
 * any more: there is no place for another request.
 */
static void owes_withdrawals(struct cast *c, unsigned how_many)
{
	world_lan(c->w, c->a, A_OTHER_LAN);
	asked_by_many(c, c->a, A_OTHER_HOST, how_many);
	world_unroute(c->w, c->a, A_OTHER_LAN);
	assert_int_equal(HASH_COUNT(world_node(c->w, c->a)->engine->requests),
			 REQUESTS_MAX);
}

static void withdrawals_that_cannot_be_waited_for_are_sent_once(void **state)
{
	struct cast c = { .w = world_new(SEED) };

	(void)state;
	c.hub = story_hub(c.w, HUB_WORDS);
	c.a = story_spoke(c.w, 2, "map 10.0.0.1/16 203.0.113.1 register");
	assert_true(world_until_nhs(c.w, 5, c.a, "up"));
	owes_withdrawals(&c, REQUESTS_MAX + 100);
	assert_int_equal(count_of(&c, c.a, "tx_purge_request"), REQUESTS_MAX + 100);
	world_cut(c.w, c.hub, c.a, true);
	world_run_s(c.w, 1);
	/* Those that wait are sent again. */
	assert_true(count_of(&c, c.a, "tx_purge_request") >= 2 * REQUESTS_MAX);
	world_free(c.w);
}

static void a_packet_is_refused_while_no_request_can_be_sent(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	owes_withdrawals(&c, REQUESTS_MAX);
	world_traffic(c.w, c.a, SPOKE_B);
	assert_cache(c.w, c.a, SPOKE_B, "type", "negative");
	assert_cache(c.w, c.a, SPOKE_B, "reason", TOO_MANY);
	assert_int_equal(count_of(&c, c.a, "resolutions_limited"), 1);
	/* It passes. */
	world_run_s(c.w, 20);
	world_traffic(c.w, c.a, SPOKE_B);
	world_run_s(c.w, 1);
	assert_cache(c.w, c.a, SPOKE_B, "type", "cached");
	world_free(c.w);
}

static void an_operator_is_told_that_no_request_can_be_sent(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	owes_withdrawals(&c, REQUESTS_MAX);
	world_command(c.w, c.a, CMD_RESOLVE, SPOKE_B);
	assert_int_equal(world_answer(c.w)->token, 1);
	assert_false(world_answer(c.w)->ok);
	assert_string_equal(world_answer(c.w)->reason, TOO_MANY);
	world_free(c.w);
}

/* What a server withdraws is asked about first, and goes at once when it cannot be. */
static void what_a_server_withdraws_goes_then_without_a_question(void **state)
{
	struct cast c = story_with_shortcut(SEED);
	struct packet *p;

	(void)state;
	owes_withdrawals(&c, REQUESTS_MAX);
	p = story_packet(NHRP_PURGE_REQUEST, HUB_NBMA, HUB, SPOKE_A);
	story_cie(p, NULL, SPOKE_B, 0);
	story_inject(c.w, c.a, HUB_NBMA, p);
	assert_cache(c.w, c.a, SPOKE_B, "type", "");
	assert_int_equal(count_of(&c, c.a, "bindings_purged"), 1);
	world_free(c.w);
}

static void no_shortcut_is_begun_while_no_request_can_be_sent(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS);

	(void)state;
	owes_withdrawals(&c, REQUESTS_MAX);
	world_data(c.w, c.a, A_HOST, B_HOST);
	world_run_ms(c.w, 50);
	assert_int_equal(world_rows(c.w, c.a, SHOW_SHORTCUTS), 0);
	assert_int_equal(count_of(&c, c.a, "resolutions_limited"), 1);
	world_run_s(c.w, 20);
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	world_run_s(c.w, 1);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
	world_free(c.w);
}

/* The one in use is renewed as soon as there is room, before its time is over. */
static void a_shortcut_in_use_is_renewed_when_there_is_room_again(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);

	(void)state;
	world_run_s(c.w, 295);
	owes_withdrawals(&c, REQUESTS_MAX);
	for (int s = 0; s < 320; s++) {
		assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 1);
		world_run_s(c.w, 1);
	}
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
	world_free(c.w);
}

/* A hub that is busy like that refuses the second claimant, and asks the first later. */
static void a_contested_address_stays_where_it_is_then(void **state)
{
	struct cast c = story_begin(SEED);
	int thief;

	(void)state;
	asked_by_many(&c, c.hub, HUB, REQUESTS_MAX);
	world_move(c.w, c.hub, "203.0.113.2");
	world_kill(c.w, c.a);
	thief = world_add(c.w,
			  &(struct node_spec){
				  .name = "thief",
				  .nbma = "192.0.2.66",
				  .addr = SPOKE_A "/24",
				  .words = "map 10.0.0.1/24 203.0.113.2 register" });
	world_run_ms(c.w, 200);
	assert_string_equal(world_nhs(c.w, thief, "state"), "refused");
	assert_int_equal(world_logged(c.w, c.hub, "asking the holder"), 0);
	/* The holder is gone, which is found out once there is room to ask. */
	world_run_s(c.w, 60);
	assert_true(world_logged(c.w, c.hub, "asking the holder") > 0);
	assert_string_equal(world_nhs(c.w, thief, "state"), "up");
	world_free(c.w);
}

static void so_many_commands_wait_and_no_more(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	world_kill(c.w, c.hub);
	for (int k = 0; k < COMMANDS_MAX; k++) {
		world_command(c.w, c.a, CMD_RESOLVE, SPOKE_B);
		assert_int_equal(world_answer(c.w)->token, 0);
	}
	world_command(c.w, c.a, CMD_RESOLVE, SPOKE_B);
	assert_int_equal(world_answer(c.w)->token, 1);
	assert_string_equal(world_answer(c.w)->reason, TOO_MANY);
	world_run_s(c.w, 20);
	world_command(c.w, c.a, CMD_RESOLVE, SPOKE_B);
	assert_int_equal(world_answer(c.w)->token, 0);
	world_free(c.w);
}

/* --- tables --------------------------------------------------------------- */

/*
 * Packets to addresses that nobody has, of a wide subnet. To look at each of a
 * thousand entries after each packet takes long: it is done at the end.
 */
static void scan(struct world *w, int node, unsigned count)
{
	char proto[20];

	for (unsigned k = 0; k < count; k++) {
		w->trusting = k + 60 < count;
		snprintf(proto, sizeof(proto), "10.0.%u.%u", 10 + k / 250, k % 250 + 1);
		world_traffic(w, node, proto);
		if (k % 10 == 0)
			world_run_ms(w, 60);
	}
}

static void a_scan_fills_the_table_of_the_unresolved_and_no_other(void **state)
{
	static const char *const words[] = { "holding-time 600",
					     "map 10.0.0.1/16 203.0.113.99 register" };

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(words); k++) {
		struct world *w = world_new(SEED);
		int a = world_add(w, &(struct node_spec){ .name = "scanned",
							  .nbma = A_NBMA,
							  .addr = SPOKE_A "/16",
							  .words = words[k] });

		scan(w, a, UNRESOLVED_MAX + 50);
		assert_int_equal(world_cache_size(w, a, "negative") +
					 world_cache_size(w, a, "incomplete"),
				 UNRESOLVED_MAX);
		assert_true(world_counter(w, a, "resolutions_limited") >= 50);
		/* It passes. */
		w->trusting = true;
		world_run_s(w, 60);
		w->trusting = false;
		assert_int_equal(world_cache_size(w, a, "incomplete"), 0);
		world_traffic(w, a, "10.0.9.9");
		assert_string_not_equal(world_cache(w, a, "10.0.9.9", "type"), "");
		world_free(w);
	}
}

#define WIDE "map 10.0.0.1/16 203.0.113.1 register holding-time 600"

/* Spoke A has no room for another address that is refused. */
static struct cast scanned(const char *words)
{
	struct cast c = { .w = world_new(SEED) };

	c.hub = story_hub(c.w, "holding-time 600");
	c.a = world_add(c.w, &(struct node_spec){ .name = "scanned",
						  .nbma = A_NBMA,
						  .addr = SPOKE_A "/16",
						  .words = words });
	c.b = story_spoke(c.w, 3, SPOKE_WORDS);
	world_run_s(c.w, 1);
	world_traffic(c.w, c.a, SPOKE_B);
	world_run_s(c.w, 1);
	scan(c.w, c.a, UNRESOLVED_MAX);
	world_run_s(c.w, 1);
	assert_int_equal(world_cache_size(c.w, c.a, "negative"), UNRESOLVED_MAX);
	return c;
}

static void who_is_denied_is_gone_even_if_that_cannot_be_remembered(void **state)
{
	struct cast c = scanned(WIDE);

	(void)state;
	assert_cache(c.w, c.a, SPOKE_B, "type", "cached");
	world_kill(c.w, c.b);
	world_drop(c.w, c.hub, CMD_FLUSH, SPOKE_B);
	world_command(c.w, c.a, CMD_RESOLVE, SPOKE_B);
	world_run_s(c.w, 1);
	assert_false(world_answer(c.w)->ok);
	assert_cache(c.w, c.a, SPOKE_B, "type", "");
	assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), "");
	world_free(c.w);
}

static void nor_is_used_whom_the_script_refuses_then(void **state)
{
	struct cast c = scanned(WIDE " script /etc/nhrpd/hook");

	(void)state;
	world_drop(c.w, c.a, CMD_FLUSH, SPOKE_B);
	world_script(c.w, c.a, "peer-up", SPOKE_B, HOOK_NO, 10);
	world_command(c.w, c.a, CMD_RESOLVE, SPOKE_B);
	world_run_s(c.w, 1);
	assert_int_equal(count_of(&c, c.a, "peers_refused_by_script"), 1);
	assert_cache(c.w, c.a, SPOKE_B, "type", "");
	assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), "");
	world_free(c.w);
}

static void nor_who_cannot_be_secured(void **state)
{
	struct world *w = world_new(SEED);
	struct cast c = { .w = w };

	(void)state;
	c.hub = story_hub(w, "holding-time 600 ipsec lab");
	c.a = world_add(w, &(struct node_spec){ .name = "scanned",
						.nbma = A_NBMA,
						.addr = SPOKE_A "/16",
						.words = WIDE " ipsec lab" });
	c.b = story_spoke(w, 3, SPOKE_WORDS " ipsec lab");
	world_run_s(w, 1);
	scan(w, c.a, UNRESOLVED_MAX);
	world_run_s(w, 1);
	world_ike_refuses(w, c.b, true);
	world_command(w, c.a, CMD_RESOLVE, SPOKE_B);
	world_run_s(w, 5);
	assert_true(world_answer(w)->ok);
	assert_cache(w, c.a, SPOKE_B, "type", "");
	assert_int_equal(world_clear(w), 0);
	world_free(w);
}

/* Whoever is known already, by whatever way, is no more when it registers. */
static void a_full_table_lets_a_station_that_is_in_it_register(void **state)
{
	struct cast c = { .w = world_new(SEED) };

	(void)state;
	c.hub = story_hub(c.w, "holding-time 600");
	c.b = world_add(c.w,
			&(struct node_spec){ .name = "hub9",
					     .nbma = "203.0.113.9",
					     .addr = "10.0.0.9/24",
					     .words = SPOKE_WORDS " max-bindings 1" });
	c.a = story_spoke(c.w, 2, SPOKE_WORDS);
	world_run_s(c.w, 1);
	world_traffic(c.w, c.b, SPOKE_A);
	world_run_s(c.w, 1);
	assert_cache(c.w, c.b, SPOKE_A, "type", "cached");
	world_reload(c.w, c.a, SPOKE_WORDS " map 10.0.0.9/24 203.0.113.9 register");
	world_run_s(c.w, 1);
	assert_cache(c.w, c.b, SPOKE_A, "type", "dynamic");
	world_free(c.w);
}

static void there_are_as_many_shortcuts_as_bindings_at_most(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS " max-bindings 2");

	(void)state;
	world_network(c.w, 0, 0, 200, 200);
	world_data(c.w, c.a, A_HOST, "192.168.3.10");
	world_data(c.w, c.a, A_HOST, "192.168.3.11");
	world_data(c.w, c.a, A_HOST, "192.168.3.12");
	world_run_ms(c.w, 300);
	assert_int_equal(world_rows(c.w, c.a, SHOW_SHORTCUTS), 2);
	assert_int_equal(count_of(&c, c.a, "resolutions_limited"), 1);
	world_free(c.w);
}

/* It is answered all the same; only its end will not be told. */
static void what_cannot_be_remembered_is_answered_and_counted(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS " max-bindings 1");

	(void)state;
	world_lan(c.w, c.b, "172.16.3.0/24");
	world_route_via(c.w, c.hub, "172.16.3.0/24", SPOKE_B);
	world_route_via(c.w, c.a, "172.16.0.0/16", HUB);
	world_data(c.w, c.a, A_HOST, B_HOST);
	world_run_s(c.w, 1);
	assert_int_equal(count_of(&c, c.b, "withdrawal_list_full"), 0);
	world_drop(c.w, c.a, CMD_FLUSH, NULL);
	world_data(c.w, c.a, A_HOST, "172.16.3.1");
	world_run_s(c.w, 1);
	assert_int_equal(count_of(&c, c.b, "withdrawal_list_full"), 1);
	assert_string_equal(world_shortcut(c.w, c.a, "172.16.3.0/24"), SPOKE_B);
	world_free(c.w);
}

/* Who need not be told any more gives way to who has to be. */
static void who_was_told_long_ago_gives_way(void **state)
{
	struct cast c = { .w = world_new(SEED) };

	(void)state;
	c.hub = story_hub(c.w, "holding-time 600");
	c.a = story_spoke(c.w, 2,
			  "map 10.0.0.1/24 203.0.113.1 register "
			  "holding-time 60 max-bindings 2");
	world_run_s(c.w, 1);
	asked_by_many(&c, c.a, SPOKE_A, 1);
	world_run_s(c.w, 30);
	asked_by_many(&c, c.a, SPOKE_A, 3);
	assert_int_equal(count_of(&c, c.a, "withdrawal_list_full"), 1);
	/* The first asked again meanwhile; the second's time is over with his. */
	world_run_s(c.w, 61);
	asked_by_many(&c, c.a, SPOKE_A, 2);
	assert_int_equal(count_of(&c, c.a, "withdrawal_list_full"), 1);
	world_free(c.w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			routes_that_the_kernel_owes_are_waited_for_up_to_a_limit),
		cmocka_unit_test(a_question_that_has_to_be_routed_is_dropped_then),
		cmocka_unit_test(
			a_route_that_is_never_answered_gives_way_after_a_while),
		cmocka_unit_test(
			a_route_that_is_found_after_the_device_went_is_not_used),
		cmocka_unit_test(what_a_predecessor_asked_for_is_nobodys),
		cmocka_unit_test(withdrawals_that_cannot_be_waited_for_are_sent_once),
		cmocka_unit_test(a_packet_is_refused_while_no_request_can_be_sent),
		cmocka_unit_test(an_operator_is_told_that_no_request_can_be_sent),
		cmocka_unit_test(what_a_server_withdraws_goes_then_without_a_question),
		cmocka_unit_test(no_shortcut_is_begun_while_no_request_can_be_sent),
		cmocka_unit_test(a_shortcut_in_use_is_renewed_when_there_is_room_again),
		cmocka_unit_test(a_contested_address_stays_where_it_is_then),
		cmocka_unit_test(so_many_commands_wait_and_no_more),
		cmocka_unit_test(a_scan_fills_the_table_of_the_unresolved_and_no_other),
		cmocka_unit_test(
			who_is_denied_is_gone_even_if_that_cannot_be_remembered),
		cmocka_unit_test(nor_is_used_whom_the_script_refuses_then),
		cmocka_unit_test(nor_who_cannot_be_secured),
		cmocka_unit_test(a_full_table_lets_a_station_that_is_in_it_register),
		cmocka_unit_test(there_are_as_many_shortcuts_as_bindings_at_most),
		cmocka_unit_test(what_cannot_be_remembered_is_answered_and_counted),
		cmocka_unit_test(who_was_told_long_ago_gives_way),
	};

	return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
