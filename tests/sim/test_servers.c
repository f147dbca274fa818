/* SPDX-License-Identifier: MIT */
/*
 * Which of several servers is asked, what a node offers of what is behind it, and
 * which of its entries a withdrawal or another route ends.
 */
#include "story.h"

#include "world_int.h"

#define SEED	  20260124
#define HUB9	  "10.0.0.9"
#define HUB9_NBMA "203.0.113.9"

static uint64_t count_of(const struct cast *c, int node, const char *name)
{
	return world_counter(c->w, node, name);
}

/* --- whom to ask ---------------------------------------------------------- */

static void of_several_servers_the_one_of_the_longest_prefix_is_asked(void **state)
{
	static const struct {
		const char *words;
		const char *dst;
		bool by_nine;
	} cases[] = {
		{ "map 10.0.0.1 203.0.113.1 register "
		  "map 10.0.0.9/24 203.0.113.9 register",
		  "10.0.0.77", true },
		{ "map 10.0.0.9/24 203.0.113.9 register "
		  "map 10.0.0.1 203.0.113.1 register",
		  "10.0.0.77", true },
		{ "map 10.0.0.9/24 203.0.113.9 register "
		  "map 10.0.0.1 203.0.113.1 register",
		  "10.0.7.7", false },
		{ "map 10.0.0.9/20 203.0.113.9 register "
		  "map 10.0.0.1/16 203.0.113.1 register",
		  "10.0.7.7", true },
		{ "map 10.0.0.1/16 203.0.113.1 register "
		  "map 10.0.0.9/20 203.0.113.9 register",
		  "10.0.77.7", false },
		/* One of another family is none. */
		{ "map fd00::9 203.0.113.9 register map 10.0.0.1 203.0.113.1 register",
		  "10.0.7.7", false },
		/* Who is not registered with and has no prefix is just a station. */
		{ "map 10.0.0.9 203.0.113.9 map 10.0.0.1 203.0.113.1 register",
		  "10.0.7.7", false },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct cast c = { .w = world_new(SEED) };

		c.hub = story_hub(c.w, "holding-time 600");
		c.b = world_add(c.w,
				&(struct node_spec){ .name = "hub9",
						     .nbma = HUB9_NBMA,
						     .addr = HUB9 "/24",
						     .words = "holding-time 600" });
		c.a = world_add(c.w, &(struct node_spec){ .name = "spoke",
							  .nbma = A_NBMA,
							  .addr = SPOKE_A "/16",
							  .words = cases[k].words });
		world_run_s(c.w, 1);
		world_traffic(c.w, c.a, cases[k].dst);
		world_run_s(c.w, 1);
		if (count_of(&c, c.b, "rx_resolution_request") != cases[k].by_nine ||
		    count_of(&c, c.hub, "rx_resolution_request") == cases[k].by_nine)
			fail_msg("%s: %s", cases[k].words, cases[k].dst);
		world_free(c.w);
	}
}

static void a_mapped_station_is_no_server(void **state)
{
	struct cast c = { .w = world_new(SEED) };
	struct explain_facts f;

	(void)state;
	c.a = story_spoke(c.w, 2, "map 10.0.0.9 203.0.113.9");
	world_run_s(c.w, 1);
	assert_int_equal(world_rows(c.w, c.a, SHOW_NHS), 0);
	assert_cache(c.w, c.a, HUB9, "type", "static");
	world_traffic(c.w, c.a, SPOKE_B);
	assert_cache(c.w, c.a, SPOKE_B, "reason", "no next hop server to ask");
	f = world_facts(c.w, c.a, SPOKE_B);
	assert_string_equal(world_explain(c.w, c.a, SPOKE_B, &f, "verdict", "verdict"),
			    "no_server");
	world_free(c.w);
}

/* An old Cisco server takes a purge that has the number of the registration. */
static void for_a_cisco_server_the_number_is_the_same_for_ever(void **state)
{
	static const struct {
		const char *words;
		bool same;
	} cases[] = { { SPOKE_WORDS, false },
		      { "map 10.0.0.1/24 203.0.113.1 register cisco", true } };

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct cast c = { .w = world_new(SEED) };
		uint32_t first;

		c.hub = story_hub(c.w, "holding-time 600");
		c.a = story_spoke(c.w, 2, cases[k].words);
		first = world_last_sent(c.w, c.a)->request_id;
		assert_int_not_equal(first, 0);
		world_run_s(c.w, 1);
		assert_string_equal(world_nhs(c.w, c.a, "state"), "up");
		world_link(c.w, c.a, false);
		world_link(c.w, c.a, true);
		assert_int_equal(world_last_sent(c.w, c.a)->request_id == first,
				 cases[k].same);
		world_free(c.w);
	}
}

static void a_packet_to_nobody_in_particular_asks_nobody(void **state)
{
	static const char *const dsts[] = { SPOKE_A, "10.0.0.255", "224.0.0.5",
					    "255.255.255.255" };
	struct cast c = story_begin(SEED);

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(dsts); k++) {
		world_handle(world_node(c.w, c.a),
			     &(struct event){
				     EV_NEIGH,
				     .neigh = { .fact = NEIGH_MISS,
						.ifindex = IFINDEX,
						.proto = unit_addr(dsts[k]) } });
		assert_int_equal(world_cache_size(c.w, c.a, "incomplete"), 0);
		assert_int_equal(world_cache_size(c.w, c.a, "negative"), 0);
	}
	assert_int_equal(count_of(&c, c.a, "tx_resolution_request"), 0);
	world_free(c.w);
}

/* It waited while the device went. */
static void a_packet_that_waits_at_a_device_that_is_down_asks_nobody(void **state)
{
	struct cast c = story_begin(SEED);
	struct event miss = { EV_NEIGH, .neigh = { .fact = NEIGH_MISS,
						   .ifindex = IFINDEX,
						   .proto = unit_addr(SPOKE_B) } };

	(void)state;
	world_link(c.w, c.a, false);
	world_handle(world_node(c.w, c.a), &miss);
	assert_cache(c.w, c.a, SPOKE_B, "type", "");
	/* Nor is anything known of entries that are told to be gone, or refused. */
	miss.neigh.fact = NEIGH_GONE;
	world_handle(world_node(c.w, c.a), &miss);
	world_link(c.w, c.a, true);
	miss.neigh.fact = NEIGH_FAILED;
	miss.neigh.error = 12;
	world_handle(world_node(c.w, c.a), &miss);
	assert_int_equal(count_of(&c, c.a, "neighbours_refused_by_kernel"), 1);
	assert_cache(c.w, c.a, SPOKE_B, "type", "");
	world_free(c.w);
}

/* --- what is offered ------------------------------------------------------ */

static void of_several_targets_the_longest_is_answered(void **state)
{
	static const struct {
		const char *words, *prefix, *expires_s;
	} cases[] = {
		{ " shortcut-target 192.168.0.0/16 shortcut-target 192.168.3.0/24 "
		  "holding-time 300",
		  B_LAN, "300" },
		{ " shortcut-target 192.168.3.0/24 shortcut-target 192.168.0.0/16 "
		  "holding-time 300",
		  B_LAN, "600" },
		{ " shortcut-target 192.168.3.0/24 shortcut-target 192.168.3.0/28",
		  "192.168.3.0/28", "600" },
		{ " shortcut-target 172.16.0.0/12", B_LAN, "600" },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct cast c = { .w = world_new(SEED) };
		char words[256];

		snprintf(words, sizeof(words), "%s%s", EDGE_WORDS, cases[k].words);
		c.hub = story_hub(c.w, HUB_WORDS);
		c.a = story_spoke(c.w, 2, EDGE_WORDS);
		c.b = story_spoke(c.w, 3, words);
		story_lans(&c);
		world_data(c.w, c.a, A_HOST, B_HOST);
		world_run_ms(c.w, 200);
		assert_string_equal(world_show(c.w, c.a, SHOW_SHORTCUTS, "prefix",
					       cases[k].prefix, "expires_s"),
				    cases[k].expires_s);
		world_free(c.w);
	}
}

/* Only networks that are named; others may be reached, but not by a straight way. */
static void what_is_not_offered_is_refused(void **state)
{
	static const struct {
		enum lookup_kind kind;
		int ifindex;
		uint8_t code;
	} cases[] = {
		{ LOOKUP_UNICAST, LAN_IFINDEX, NHRP_CODE_SUCCESS },
		{ LOOKUP_UNICAST, 99, NHRP_CODE_PROHIBITED },
		{ LOOKUP_LOCAL, LO_IFINDEX, NHRP_CODE_PROHIBITED },
		{ LOOKUP_UNREACHABLE, 0, NHRP_CODE_NO_BINDING },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct cast c = story_sites(SEED, EDGE_WORDS);
		struct node *b = world_node(c.w, c.b);
		struct event ev = { EV_LOOKUP };

		world_lan_addr(c.w, c.b, "192.168.3.1/24");
		world_hold_lookups(c.w, c.b, true);
		story_inject(c.w, c.b, HUB_NBMA,
			     story_packet(NHRP_RESOLUTION_REQUEST, A_NBMA, SPOKE_A,
					  "172.31.9.9"));
		ev.lookup.token = b->held[0].token;
		ev.lookup.kind = cases[k].kind;
		ev.lookup.ifindex = cases[k].ifindex;
		ev.lookup.matched = unit_prefix("172.31.9.0/24");
		world_handle(b, &ev);
		assert_int_equal(world_last_sent(c.w, c.b)->type,
				 NHRP_RESOLUTION_REPLY);
		assert_int_equal(world_last_sent(c.w, c.b)->cies[0].code,
				 cases[k].code);
		world_free(c.w);
	}
}

/* Who has no address of a family has nobody to answer for in it. */
static void a_question_of_another_family_is_refused(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS);
	struct packet *p = calloc(1, sizeof(*p));

	(void)state;
	assert_non_null(p);
	packet_init(p, NHRP_RESOLUTION_REQUEST, ADDR_IP4, ADDR_IP6);
	p->src_nbma = unit_addr(A_NBMA);
	p->src_proto = unit_addr("fd00::2");
	p->dst_proto = unit_addr("fd00:3::10");
	world_lan(c.w, c.b, "fd00:3::/64");
	story_inject(c.w, c.b, HUB_NBMA, p);
	assert_int_equal(world_last_sent(c.w, c.b)->cies[0].code, NHRP_CODE_NO_BINDING);
	world_free(c.w);
}

/* A's ways to both networks behind B. */
static struct cast two_networks_shortened(void)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);

	world_lan(c.w, c.b, "172.16.3.0/24");
	world_route_via(c.w, c.hub, "172.16.3.0/24", SPOKE_B);
	world_route_via(c.w, c.a, BEYOND, HUB);
	world_data(c.w, c.a, A_HOST, "172.16.3.1");
	world_run_s(c.w, 1);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
	assert_string_equal(world_shortcut(c.w, c.a, "172.16.3.0/24"), SPOKE_B);
	return c;
}

static void who_stops_withdraws_each_network_behind_it(void **state)
{
	struct cast c = two_networks_shortened();

	(void)state;
	world_stop(c.w, c.b);
	world_run_s(c.w, 1);
	assert_int_equal(world_rows(c.w, c.a, SHOW_SHORTCUTS), 0);
	world_free(c.w);
}

/* The kernel is asked whether it holds still, and says so when it is over already. */
static void an_answer_that_ended_while_it_was_looked_at_is_withdrawn_once(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);

	(void)state;
	world_hold_lookups(c.w, c.b, true);
	world_tell_doubt(world_node(c.w, c.b));
	world_tell_doubt(world_node(c.w, c.b));
	world_unroute(c.w, c.b, B_LAN);
	world_hold_lookups(c.w, c.b, false);
	world_run_s(c.w, 1);
	assert_int_equal(count_of(&c, c.b, "answers_withdrawn"), 1);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	world_free(c.w);
}

/* --- what ends a shortcut ------------------------------------------------- */

static void a_purge_ends_the_shortcuts_that_it_touches(void **state)
{
	static const struct {
		const char *proto;
		uint8_t len;
		bool lan_ends, other_ends;
	} cases[] = {
		{ "192.168.3.0", 24, true, false },
		{ "192.168.3.10", 32, true, false },
		{ "192.168.0.0", 16, true, false },
		{ "192.168.4.0", 24, false, false },
		{ "192.168.4.10", 32, false, false },
		{ "172.16.3.0", 25, false, true },
		{ "128.0.0.0", 1, true, true },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct cast c = two_networks_shortened();
		struct packet *p =
			story_packet(NHRP_PURGE_REQUEST, B_NBMA, SPOKE_B, SPOKE_A);

		story_cie(p, NULL, cases[k].proto, 0)->prefix_len = cases[k].len;
		story_inject(c.w, c.a, B_NBMA, p);
		if ((world_shortcut(c.w, c.a, B_LAN)[0] == '\0') != cases[k].lan_ends ||
		    (world_shortcut(c.w, c.a, "172.16.3.0/24")[0] == '\0') !=
			    cases[k].other_ends)
			fail_msg("%s/%u", cases[k].proto, cases[k].len);
		world_free(c.w);
	}
}

/* One inside of it is for others than the shortcut; one above, less than its base. */
static void a_route_elsewhere_overrules_only_from_its_base_to_its_prefix(void **state)
{
	static const struct {
		const char *cause; /* NULL: which one is not known */
		int ifindex;
		bool removed, ends;
	} cases[] = {
		{ B_LAN, LAN_IFINDEX, false, true },
		{ "192.168.0.0/16", LAN_IFINDEX, false, true },
		{ "192.168.0.0/20", LAN_IFINDEX, false, true },
		{ "192.168.3.128/25", LAN_IFINDEX, false, false },
		{ "0.0.0.0/0", LAN_IFINDEX, false, false },
		{ B_LAN, LAN_IFINDEX, true, false },
		{ B_LAN, IFINDEX, false, false },
		{ NULL, LAN_IFINDEX, false, false },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct cast c = story_sites_shortened(SEED, EDGE_WORDS);
		struct event ev = { EV_ROUTE,
				    .route = { .fact = ROUTE_CHANGED,
					       .ifindex = cases[k].ifindex,
					       .dst = unit_prefix(B_LAN),
					       .removed = cases[k].removed } };

		if (cases[k].cause)
			ev.route.cause = unit_prefix(cases[k].cause);
		world_handle(world_node(c.w, c.a), &ev);
		if ((world_shortcut(c.w, c.a, B_LAN)[0] == '\0') != cases[k].ends)
			fail_msg("%s by %d", cases[k].cause, cases[k].ifindex);
		world_free(c.w);
	}
}

static void two_hosts_of_one_network_get_one_shortcut(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS);

	(void)state;
	/* Two hosts are asked for before either is answered: the first is the LAN's. */
	world_network(c.w, 0, 0, 100, 100);
	world_data(c.w, c.a, A_HOST, "192.168.3.10");
	world_data(c.w, c.a, A_HOST, "192.168.3.20");
	world_run_s(c.w, 2);
	assert_int_equal(world_rows(c.w, c.a, SHOW_SHORTCUTS), 1);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
	world_free(c.w);
}

static void an_idle_shortcut_is_seen_to_be(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);

	(void)state;
	world_run_s(c.w, 250);
	assert_string_equal(world_show(c.w, c.a, SHOW_SHORTCUTS, "prefix", B_LAN,
				       "used"),
			    "true");
	/* By a restart it is not known any more whether there was traffic. */
	world_kill(c.w, c.a);
	world_start(c.w, c.a);
	world_run_s(c.w, 1);
	assert_string_equal(world_show(c.w, c.a, SHOW_SHORTCUTS, "prefix", B_LAN,
				       "used"),
			    "false");
	world_free(c.w);
}

/* The one that was refused stays so for a while, whatever it would be laid over. */
static void a_refused_shortcut_may_lose_its_base(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS);

	(void)state;
	story_send_beyond(&c);
	world_run_s(c.w, 1);
	assert_string_equal(world_show(c.w, c.a, SHOW_SHORTCUTS, "state", "refused",
				       "base"),
			    BEYOND);
	world_unroute(c.w, c.a, BEYOND);
	assert_string_equal(world_show(c.w, c.a, SHOW_SHORTCUTS, "state", "refused",
				       "base"),
			    "");
	world_free(c.w);
}

/* Traffic long ago is none: the holding time of the registration went by since. */
static void a_station_that_was_used_long_ago_is_not_in_use(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	/* As the kernel asks about an entry in use. */
	world_handle(world_node(c.w, c.hub),
		     &(struct event){ EV_NEIGH,
				      .neigh = { .fact = NEIGH_PROBE,
						 .ifindex = IFINDEX,
						 .proto = unit_addr(SPOKE_A) } });
	assert_cache(c.w, c.hub, SPOKE_A, "used", "true");
	world_run_s(c.w, 601);
	assert_cache(c.w, c.hub, SPOKE_A, "type", "dynamic");
	assert_cache(c.w, c.hub, SPOKE_A, "used", "false");
	world_free(c.w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			of_several_servers_the_one_of_the_longest_prefix_is_asked),
		cmocka_unit_test(a_mapped_station_is_no_server),
		cmocka_unit_test(for_a_cisco_server_the_number_is_the_same_for_ever),
		cmocka_unit_test(a_packet_to_nobody_in_particular_asks_nobody),
		cmocka_unit_test(
			a_packet_that_waits_at_a_device_that_is_down_asks_nobody),
		cmocka_unit_test(of_several_targets_the_longest_is_answered),
		cmocka_unit_test(what_is_not_offered_is_refused),
		cmocka_unit_test(a_question_of_another_family_is_refused),
		cmocka_unit_test(who_stops_withdraws_each_network_behind_it),
		cmocka_unit_test(
			an_answer_that_ended_while_it_was_looked_at_is_withdrawn_once),
		cmocka_unit_test(a_purge_ends_the_shortcuts_that_it_touches),
		cmocka_unit_test(
			a_route_elsewhere_overrules_only_from_its_base_to_its_prefix),
		cmocka_unit_test(two_hosts_of_one_network_get_one_shortcut),
		cmocka_unit_test(an_idle_shortcut_is_seen_to_be),
		cmocka_unit_test(a_refused_shortcut_may_lose_its_base),
		cmocka_unit_test(a_station_that_was_used_long_ago_is_not_in_use),
	};

	return cmocka_run_group_tests_name("servers", tests, NULL, NULL);
}
