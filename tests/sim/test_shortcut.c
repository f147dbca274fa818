/* SPDX-License-Identifier: MIT */
/* Stories of phase 3: redirect, shortcut, answer, withdrawal. */
#include "story.h"

#define SEED 20260105

static void traffic_between_sites_finds_its_direct_way(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS);

	(void)state;
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	world_run_ms(c.w, 100);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 1);
	assert_cache(c.w, c.a, SPOKE_B, "nbma", B_NBMA);
	assert_int_equal(world_counter(c.w, c.hub, "redirects_sent"), 1);
	/* The other way needs an indication of its own. */
	assert_int_equal(world_data(c.w, c.b, B_HOST, A_HOST), 2);
	world_run_ms(c.w, 100);
	assert_int_equal(world_data(c.w, c.b, B_HOST, A_HOST), 1);
	world_free(c.w);
}

static void nothing_is_lost_on_the_way_to_a_shortcut(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct cast c = story_sites(seed, EDGE_WORDS);
		int hops = 0;

		world_network(c.w, 20, 10, 1, 80);
		for (int ms = 0; ms < 30000; ms += 10) {
			hops = world_data(c.w, c.a, A_HOST, B_HOST);
			assert_in_range(hops, 1, 2);
			world_run_ms(c.w, 10);
		}
		assert_int_equal(hops, 1);
		world_free(c.w);
	}
}

static void a_shortcut_in_use_is_renewed_without_a_gap(void **state)
{
	struct cast c =
		story_sites_shortened(SEED, "map 10.0.0.1/24 203.0.113.1 register "
					    "shortcut holding-time 20");

	(void)state;
	for (int ms = 0; ms < 120000; ms += 100) {
		assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 1);
		world_run_ms(c.w, 100);
	}
	assert_int_equal(world_counter(c.w, c.a, "shortcuts_installed"), 1);
	world_free(c.w);
}

/* What the other end asks tells where it is, but not that its LAN is still there. */
static void both_ends_of_a_flow_renew_their_shortcuts(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct cast c =
			story_sites_shortened(seed,
					      "map 10.0.0.1/24 203.0.113.1 register "
					      "shortcut holding-time 20");

		world_run_ms(c.w, (int64_t)seed * 400);
		world_data(c.w, c.b, B_HOST, A_HOST);
		world_run_ms(c.w, 100);
		for (int ms = 0; ms < 120000; ms += 100) {
			assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 1);
			assert_int_equal(world_data(c.w, c.b, B_HOST, A_HOST), 1);
			world_run_ms(c.w, 100);
		}
		assert_int_equal(world_counter(c.w, c.a, "shortcuts_installed"), 1);
		assert_int_equal(world_counter(c.w, c.b, "shortcuts_installed"), 1);
		world_free(c.w);
	}
}

static void an_idle_shortcut_ends_with_its_holding_time(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);

	(void)state;
	world_run_s(c.w, 605);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	assert_cache(c.w, c.a, SPOKE_B, "type", "");
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	world_free(c.w);
}

static void a_lan_that_goes_away_is_withdrawn_at_once(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);

	(void)state;
	world_unroute(c.w, c.b, B_LAN);
	world_run_ms(c.w, 200);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	assert_int_equal(world_counter(c.w, c.b, "answers_withdrawn"), 1);
	assert_int_equal(world_counter(c.w, c.a, "shortcuts_purged"), 1);
	world_free(c.w);
}

/* What people ping first. */
static void the_routers_own_address_on_its_lan_is_behind_it_too(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS);

	(void)state;
	world_lan_addr(c.w, c.b, "192.168.3.1/24");
	assert_int_equal(world_data(c.w, c.a, A_HOST, "192.168.3.1"), 2);
	world_run_ms(c.w, 100);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
	assert_int_equal(world_data(c.w, c.a, A_HOST, "192.168.3.1"), 1);
	world_lan_down(c.w, c.b, B_LAN);
	world_run_ms(c.w, 200);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	world_free(c.w);
}

static void a_successor_can_renew_what_it_took_over(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);

	(void)state;
	world_lan_addr(c.w, c.b, "192.168.3.1/24");
	world_kill(c.w, c.a);
	world_start(c.w, c.a);
	for (int s = 0; s < 1000; s++) {
		assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 1);
		world_run_s(c.w, 1);
	}
	world_free(c.w);
}

static void a_route_into_the_tunnel_inside_an_answer_withdraws_it(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);

	(void)state;
	world_route_via(c.w, c.b, "192.168.3.128/25", HUB);
	world_run_ms(c.w, 200);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	/* The next answer covers only what is routed alike. */
	world_data(c.w, c.a, A_HOST, B_HOST);
	world_run_ms(c.w, 200);
	assert_string_equal(world_shortcut(c.w, c.a, "192.168.3.0/25"), SPOKE_B);
	world_free(c.w);
}

/* B's withdrawals do not arrive, as if it were a station that sends none. */
static void unheard(struct cast *c, void (*change)(struct cast *c))
{
	world_cut(c->w, c->a, c->b, true);
	change(c);
	world_run_s(c->w, 30);
	world_cut(c->w, c->a, c->b, false);
	assert_string_equal(world_shortcut(c->w, c->a, B_LAN), SPOKE_B);
}

/* Until behind the time of renewal, and not yet at the end of the holding time. */
static void use_until_renewed(struct cast *c)
{
	for (int s = 0; s < 330; s++) {
		world_data(c->w, c->a, A_HOST, B_HOST);
		world_run_s(c->w, 1);
	}
}

static void lan_goes(struct cast *c)
{
	world_unroute(c->w, c->b, B_LAN);
	world_unroute(c->w, c->b, "192.168.0.0/16");
}

static void a_station_that_no_longer_answers_for_it_ends_it(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);

	(void)state;
	unheard(&c, lan_goes);
	use_until_renewed(&c);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	assert_int_equal(world_counter(c.w, c.a, "shortcuts_purged"), 0);
	world_free(c.w);
}

static void half_of_it_goes(struct cast *c)
{
	world_route_via(c->w, c->b, "192.168.3.128/25", HUB);
}

static void a_renewal_that_covers_less_leaves_no_more(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);

	(void)state;
	unheard(&c, half_of_it_goes);
	use_until_renewed(&c);
	assert_string_equal(world_shortcut(c.w, c.a, "192.168.3.0/25"), SPOKE_B);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	world_free(c.w);
}

static void without_its_base_route_a_shortcut_ends(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);

	(void)state;
	world_unroute(c.w, c.a, "192.168.0.0/16");
	world_run_ms(c.w, 1);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	world_free(c.w);
}

static void a_route_elsewhere_overrules_a_shortcut(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);

	(void)state;
	/* Shorter than the one below it: no say. */
	world_lan(c.w, c.a, "192.0.0.0/8");
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
	world_lan(c.w, c.a, "192.168.0.0/20");
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	world_free(c.w);
}

static void a_station_that_stops_takes_its_shortcuts_along(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);

	(void)state;
	world_stop(c.w, c.b);
	world_run_ms(c.w, 500);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	/* The hub alone tells that the station itself is gone: it is asked in vain. */
	world_run_ms(c.w, 1000);
	assert_cache(c.w, c.a, SPOKE_B, "type", "");
	world_free(c.w);
}

static void a_crash_keeps_the_shortcut_and_its_traffic(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);

	(void)state;
	world_kill(c.w, c.a);
	for (int s = 0; s < 10; s++) {
		assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 1);
		world_run_s(c.w, 1);
	}
	world_start(c.w, c.a);
	for (int s = 0; s < 1000; s++) {
		assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 1);
		world_run_s(c.w, 1);
	}
	world_free(c.w);
}

static void a_spoke_without_the_word_stays_on_the_hub(void **state)
{
	struct cast c = story_sites(SEED, SPOKE_WORDS);

	(void)state;
	world_data(c.w, c.a, A_HOST, B_HOST);
	world_run_s(c.w, 1);
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	assert_int_equal(world_counter(c.w, c.a, "drop_traffic_indication_unwanted"),
			 1);
	world_free(c.w);
}

static void a_target_of_the_configuration_is_answered_for(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS " shortcut-target 192.168.3.8/29 "
						     "holding-time 60");

	(void)state;
	world_data(c.w, c.a, A_HOST, B_HOST);
	world_run_s(c.w, 1);
	assert_string_equal(world_shortcut(c.w, c.a, "192.168.3.8/29"), SPOKE_B);
	world_free(c.w);
}

static void a_filter_leaves_a_shortcut_out(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS " shortcut-filter 192.168.8.0/21 "
						     "shortcut-filter 192.168.3.0/25");

	(void)state;
	/* The answer is a /24, more than the filter lets through. */
	world_data(c.w, c.a, A_HOST, B_HOST);
	world_run_s(c.w, 1);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	assert_int_equal(world_counter(c.w, c.a, "shortcuts_installed"), 0);
	world_reload(c.w, c.a, EDGE_WORDS " shortcut-filter 192.168.0.0/16");
	world_run_s(c.w, 61);
	world_data(c.w, c.a, A_HOST, B_HOST);
	world_run_s(c.w, 1);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
	world_free(c.w);
}

static void with_shortcut_routed_every_route_is_answered_for(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS " shortcut-routed");

	(void)state;
	world_lan(c.w, c.b, "0.0.0.0/0");
	story_send_beyond(&c);
	world_run_s(c.w, 1);
	/* By its default route, but never as a default. */
	assert_string_equal(world_shortcut(c.w, c.a, BEYOND_HOST "/32"), SPOKE_B);
	world_free(c.w);
}

static void what_is_not_offered_is_refused_for_a_while(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS);

	(void)state;
	/* The hub leads there, the spoke has a route, but answers for LANs only. */
	story_send_beyond(&c);
	world_run_s(c.w, 1);
	assert_string_equal(world_shortcut(c.w, c.a, BEYOND_HOST "/32"), "");
	assert_int_equal(world_counter(c.w, c.a, "resolutions_negative"), 1);
	for (int k = 0; k < 10; k++) {
		world_data(c.w, c.a, A_HOST, BEYOND_HOST);
		world_run_s(c.w, 1);
	}
	assert_int_equal(world_counter(c.w, c.a, "tx_resolution_request"), 1);
	world_free(c.w);
}

/* Nobody can be reached there, so nothing may be led there. */
static void a_station_that_cannot_be_learnt_gets_no_shortcut(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS " max-bindings 1");

	(void)state;
	story_spoke(c.w, 4, EDGE_WORDS);
	world_run_s(c.w, 1);
	world_traffic(c.w, c.a, "10.0.0.4");
	world_run_s(c.w, 1);
	assert_cache(c.w, c.a, "10.0.0.4", "type", "cached");
	world_data(c.w, c.a, A_HOST, B_HOST);
	world_run_s(c.w, 1);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	assert_string_equal(world_show(c.w, c.a, SHOW_SHORTCUTS, "prefix", B_HOST "/32",
				       "reason"),
			    "max-bindings reached");
	/* It does not stand for ever. */
	world_run_s(c.w, 600);
	assert_int_equal(world_rows(c.w, c.a, SHOW_SHORTCUTS), 0);
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	world_free(c.w);
}

/* Two regions of a hub each under one top hub: three levels. */
static void a_tree_of_hubs_shortens_from_edge_to_edge(void **state)
{
	struct world *w = world_new(SEED);
	int top, left, right, a, b, hops = 0;

	(void)state;
	top = world_add(w, &(struct node_spec){ .name = "top",
						.nbma = "203.0.113.9",
						.addr = "10.0.0.9/24",
						.words = HUB_WORDS });
	left = story_hub(w, HUB_WORDS " map 10.0.0.9/24 203.0.113.9 register");
	right = world_add(w, &(struct node_spec){
				     .name = "right",
				     .nbma = "203.0.113.8",
				     .addr = "10.0.0.8/24",
				     .words = HUB_WORDS
				     " map 10.0.0.9/24 203.0.113.9 register" });
	a = story_spoke(w, 2, EDGE_WORDS);
	b = story_spoke(w, 3, "map 10.0.0.8/24 203.0.113.8 register shortcut");
	world_lan(w, a, "192.168.2.0/24");
	world_lan(w, b, B_LAN);
	world_route_via(w, a, "192.168.0.0/16", HUB);
	world_route_via(w, b, "192.168.0.0/16", "10.0.0.8");
	world_route_via(w, left, "192.168.2.0/24", SPOKE_A);
	world_route_via(w, left, "192.168.0.0/16", "10.0.0.9");
	world_route_via(w, right, B_LAN, SPOKE_B);
	world_route_via(w, right, "192.168.0.0/16", "10.0.0.9");
	world_route_via(w, top, "192.168.2.0/24", HUB);
	world_route_via(w, top, B_LAN, "10.0.0.8");
	world_run_s(w, 2);
	assert_int_equal(world_data(w, a, A_HOST, B_HOST), 4);
	for (int k = 0; k < 10; k++) {
		world_run_ms(w, 200);
		hops = world_data(w, a, A_HOST, B_HOST);
		assert_in_range(hops, 1, 4);
	}
	assert_int_equal(hops, 1);
	assert_string_equal(world_shortcut(w, a, B_LAN), SPOKE_B);
	/* The hubs between do not shorten what is only passing through. */
	assert_string_equal(world_shortcut(w, left, B_LAN), "");
	world_free(w);
}

/* A gateway cannot be behind itself: after a flap there would be no way to it. */
static void a_station_itself_is_on_the_link(void **state)
{
	struct cast c = story_hosts(SEED, "");

	(void)state;
	assert_int_equal(world_data(c.w, c.a, SPOKE_A, SPOKE_B), 2);
	world_run_s(c.w, 1);
	assert_string_equal(world_shortcut(c.w, c.a, SPOKE_B "/32"), "on-link");
	assert_int_equal(world_data(c.w, c.a, SPOKE_A, SPOKE_B), 1);
	world_link(c.w, c.a, false);
	world_run_s(c.w, 1);
	world_link(c.w, c.a, true);
	world_route_via(c.w, c.a, "10.0.0.0/24", HUB);
	assert_string_equal(world_shortcut(c.w, c.a, SPOKE_B "/32"), "on-link");
	assert_int_equal(world_data(c.w, c.a, SPOKE_A, SPOKE_B), 1);
	world_free(c.w);
}

#define ROAMER	    "10.0.0.66"
#define ROAMER_NBMA "192.0.2.66"

/* It is behind B, or on the tunnel itself. */
static void says(struct cast *c, enum nhrp_type type, uint16_t flags, uint16_t hold_s)
{
	struct packet *p = story_packet(type, ROAMER_NBMA, ROAMER, SPOKE_A);

	p->flags = flags;
	story_cie(p, NULL, type == NHRP_PURGE_REQUEST ? ROAMER : NULL, hold_s);
	story_inject(c->w, c->a, ROAMER_NBMA, p);
}

static struct cast roamer_behind_b(void)
{
	struct cast c = story_hosts(SEED, "");

	world_lan(c.w, c.b, ROAMER "/32");
	world_route_via(c.w, c.hub, ROAMER "/32", SPOKE_B);
	assert_int_equal(world_data(c.w, c.a, SPOKE_A, ROAMER), 2);
	world_run_s(c.w, 1);
	assert_string_equal(world_shortcut(c.w, c.a, ROAMER "/32"), SPOKE_B);
	says(&c, NHRP_RESOLUTION_REQUEST, NHRP_RES_SRC_STABLE, 600);
	assert_string_equal(world_shortcut(c.w, c.a, ROAMER "/32"), "on-link");
	return c;
}

static void who_leaves_the_tunnel_is_reached_by_the_shortcut_again(void **state)
{
	struct cast c = roamer_behind_b();

	(void)state;
	says(&c, NHRP_PURGE_REQUEST, 0, 0);
	assert_string_equal(world_shortcut(c.w, c.a, ROAMER "/32"), SPOKE_B);
	assert_int_equal(world_data(c.w, c.a, SPOKE_A, ROAMER), 1);
	world_free(c.w);
}

static void who_is_on_the_tunnel_stays_there_when_the_shortcut_ends(void **state)
{
	struct cast c = roamer_behind_b();

	(void)state;
	world_lan_down(c.w, c.b, ROAMER "/32");
	world_run_s(c.w, 1);
	assert_string_equal(world_shortcut(c.w, c.a, ROAMER "/32"), "on-link");
	assert_cache(c.w, c.a, ROAMER, "nbma", ROAMER_NBMA);
	says(&c, NHRP_PURGE_REQUEST, 0, 0);
	assert_string_equal(world_shortcut(c.w, c.a, ROAMER "/32"), "");
	world_free(c.w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			who_leaves_the_tunnel_is_reached_by_the_shortcut_again),
		cmocka_unit_test(
			who_is_on_the_tunnel_stays_there_when_the_shortcut_ends),
		cmocka_unit_test(a_station_itself_is_on_the_link),
		cmocka_unit_test(traffic_between_sites_finds_its_direct_way),
		cmocka_unit_test(nothing_is_lost_on_the_way_to_a_shortcut),
		cmocka_unit_test(a_shortcut_in_use_is_renewed_without_a_gap),
		cmocka_unit_test(both_ends_of_a_flow_renew_their_shortcuts),
		cmocka_unit_test(an_idle_shortcut_ends_with_its_holding_time),
		cmocka_unit_test(a_lan_that_goes_away_is_withdrawn_at_once),
		cmocka_unit_test(the_routers_own_address_on_its_lan_is_behind_it_too),
		cmocka_unit_test(a_successor_can_renew_what_it_took_over),
		cmocka_unit_test(a_route_into_the_tunnel_inside_an_answer_withdraws_it),
		cmocka_unit_test(a_station_that_no_longer_answers_for_it_ends_it),
		cmocka_unit_test(a_renewal_that_covers_less_leaves_no_more),
		cmocka_unit_test(without_its_base_route_a_shortcut_ends),
		cmocka_unit_test(a_route_elsewhere_overrules_a_shortcut),
		cmocka_unit_test(a_station_that_stops_takes_its_shortcuts_along),
		cmocka_unit_test(a_crash_keeps_the_shortcut_and_its_traffic),
		cmocka_unit_test(a_spoke_without_the_word_stays_on_the_hub),
		cmocka_unit_test(a_target_of_the_configuration_is_answered_for),
		cmocka_unit_test(a_filter_leaves_a_shortcut_out),
		cmocka_unit_test(with_shortcut_routed_every_route_is_answered_for),
		cmocka_unit_test(what_is_not_offered_is_refused_for_a_while),
		cmocka_unit_test(a_station_that_cannot_be_learnt_gets_no_shortcut),
		cmocka_unit_test(a_tree_of_hubs_shortens_from_edge_to_edge),
	};

	return cmocka_run_group_tests_name("shortcuts", tests, NULL, NULL);
}
