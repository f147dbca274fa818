/* SPDX-License-Identifier: MIT */
/*
 * Servers that are known by name: a name with several addresses, one that changes,
 * fails or is slow, and a configuration that changes its mind.
 */
#include "story.h"

#include "world_int.h"

#define SEED	  20260115
#define HUBS	  "hubs.example.net"
#define HUB9	  "10.0.0.9"
#define HUB9_NBMA "203.0.113.9"
#define DYNAMIC	  "dynamic-map 10.0.0.0/24 " HUBS

static int hub9(struct world *w, const char *words)
{
	return world_add(w, &(struct node_spec){ .name = "hub9",
						 .nbma = HUB9_NBMA,
						 .addr = HUB9 "/24",
						 .words = words });
}

/* Two hubs under one name, and a spoke that knows no more than that. */
static struct cast two_hubs_of_a_name(const char *spoke_words)
{
	struct cast c = { .w = world_new(SEED) };

	world_name(c.w, HUBS, HUB_NBMA " " HUB9_NBMA);
	c.hub = story_hub(c.w, "holding-time 600");
	c.b = hub9(c.w, "holding-time 600");
	c.a = story_spoke(c.w, 2, spoke_words);
	assert_true(world_until(c.w, 5, c.a, HUB, "state", "up"));
	assert_true(world_until(c.w, 5, c.a, HUB9, "state", "up"));
	return c;
}

static void a_name_is_looked_up_in_the_family_of_the_tunnel(void **state)
{
	static const struct node_spec hub = { "hub",	 "2001:db8:1::1",    NULL,
					      HUB "/24", "holding-time 600", false };
	static const struct node_spec spoke = { "spoke",
						"2001:db8:2::2",
						NULL,
						SPOKE_A "/24",
						"map " HUB "/24 " HUBS " register",
						false };
	struct world *w = world_new(SEED);
	int a;

	(void)state;
	world_name(w, HUBS, HUB_NBMA " 2001:db8:1::1");
	world_add(w, &hub);
	a = world_add(w, &spoke);
	assert_true(world_until_nhs(w, 5, a, "up"));
	assert_string_equal(world_nhs(w, a, "nbma"), "2001:db8:1::1");
	world_free(w);
}

static void a_name_without_an_address_of_that_family_is_no_server(void **state)
{
	struct world *w = world_new(SEED);
	int a;

	(void)state;
	world_name(w, HUBS, "2001:db8:1::1");
	a = story_spoke(w, 2, "map " HUB "/24 " HUBS " register");
	world_run_s(w, 1);
	assert_string_equal(world_nhs(w, a, "state"), "naming");
	assert_string_equal(world_nhs(w, a, "reason"), "no such name");
	world_free(w);
}

/* A name server that fails takes no server away, and is complained of once. */
static void servers_outlive_a_name_that_fails(void **state)
{
	struct cast c = two_hubs_of_a_name(DYNAMIC);

	(void)state;
	world_name(c.w, HUBS, NULL);
	world_run_s(c.w, 1000);
	assert_cache(c.w, c.a, HUB, "state", "up");
	assert_cache(c.w, c.a, HUB9, "state", "up");
	assert_int_equal(world_logged(c.w, c.a, "dynamic-map " HUBS " on gre1"), 1);
	assert_string_equal(world_show(c.w, c.a, SHOW_NHS, "reason", "no such name",
				       "name"),
			    HUBS);
	world_name(c.w, HUBS, HUB_NBMA);
	assert_true(world_until(c.w, 20, c.a, HUB9, "type", ""));
	assert_string_equal(world_show(c.w, c.a, SHOW_NHS, "reason", "no such name",
				       "name"),
			    "");
	world_free(c.w);
}

/* What the name server says of itself is kept within reason. */
static void a_name_is_looked_up_neither_too_often_nor_too_seldom(void **state)
{
	static const struct {
		uint32_t ttl_s;
		int64_t known_by_s, not_before_s;
	} cases[] = {
		{ 0, 61, 59 },
		{ 300, 301, 299 },
		{ 86400, 3601, 3599 },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct world *w = world_new(SEED);
		int a;

		w->name_ttl_s = cases[k].ttl_s;
		world_name(w, HUBS, HUB_NBMA);
		story_hub(w, "holding-time 600");
		hub9(w, "holding-time 600");
		a = story_spoke(w, 2, DYNAMIC);
		world_name(w, HUBS, HUB_NBMA " " HUB9_NBMA);
		world_run_s(w, cases[k].not_before_s);
		assert_cache(w, a, HUB9, "type", "");
		world_run_s(w, cases[k].known_by_s - cases[k].not_before_s);
		assert_cache(w, a, HUB9, "type", "nhs");
		world_free(w);
	}
}

static void of_a_long_name_eight_servers_are_used(void **state)
{
	struct world *w = world_new(SEED);
	int a;

	(void)state;
	world_name(w, HUBS,
		   "203.0.113.1 203.0.113.2 203.0.113.3 203.0.113.4 203.0.113.5 "
		   "203.0.113.6 203.0.113.7 203.0.113.8 203.0.113.9 203.0.113.10");
	story_hub(w, "holding-time 600");
	a = story_spoke(w, 2, DYNAMIC);
	world_run_s(w, 1);
	assert_int_equal(world_rows(w, a, SHOW_NHS), STATION_MAX_ADDRS);
	assert_cache(w, a, HUB, "state", "up");
	world_free(w);
}

/* Of one that is mapped as many are tried, in turn, before the name is asked again. */
static void the_last_of_eight_addresses_is_tried_too(void **state)
{
	struct world *w = world_new(SEED);
	int a;

	(void)state;
	world_name(w, HUBS,
		   "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5 192.0.2.6 "
		   "192.0.2.7 " HUB_NBMA " 192.0.2.9");
	story_hub(w, "holding-time 600");
	a = story_spoke(w, 2, "map " HUB "/24 " HUBS " register");
	assert_true(world_until_nhs(w, 600, a, "up"));
	assert_string_equal(world_nhs(w, a, "nbma"), HUB_NBMA);
	world_free(w);
}

static void an_answer_that_comes_after_the_device_went_is_not_used(void **state)
{
	struct world *w = world_new(SEED);
	int a;

	(void)state;
	world_slow_names(w, 2000);
	world_name(w, HUBS, HUB_NBMA);
	story_hub(w, "holding-time 600");
	a = story_spoke(w, 2, DYNAMIC);
	world_link(w, a, false);
	world_run_s(w, 5);
	assert_cache(w, a, HUB, "type", "");
	assert_string_equal(world_nhs(w, a, "name"), HUBS);
	assert_string_equal(world_nhs(w, a, "reason"),
			    "the device is down: ip link set up");
	world_link(w, a, true);
	assert_true(world_until(w, 5, a, HUB, "state", "up"));
	world_free(w);
}

/* --- configuration -------------------------------------------------------- */

#define OTHERS	 "others.example.net"
#define DYNAMIC2 DYNAMIC " dynamic-map 10.0.0.0/24 " OTHERS

static void a_name_that_leaves_the_configuration_takes_its_servers_along(void **state)
{
	struct world *w = world_new(SEED);
	int hub, nine, a;
	uint64_t asked;

	(void)state;
	world_name(w, HUBS, HUB_NBMA);
	world_name(w, OTHERS, HUB9_NBMA);
	hub = story_hub(w, "holding-time 600");
	nine = hub9(w, "holding-time 600");
	a = story_spoke(w, 2, DYNAMIC2);
	world_run_s(w, 1);
	assert_cache(w, nine, SPOKE_A, "type", "dynamic");
	asked = world_counter(w, hub, "rx_registration_request");
	world_reload(w, a, DYNAMIC);
	world_run_s(w, 1);
	assert_cache(w, a, HUB9, "type", "");
	assert_cache(w, nine, SPOKE_A, "type", "");
	/* The other is not disturbed. */
	assert_cache(w, a, HUB, "state", "up");
	assert_int_equal(world_counter(w, hub, "rx_registration_request"), asked);
	/* It may come back, and then the first may go. */
	world_reload(w, a, DYNAMIC2);
	world_run_s(w, 1);
	assert_cache(w, a, HUB9, "state", "up");
	world_reload(w, a, "dynamic-map 10.0.0.0/24 " OTHERS);
	world_run_s(w, 1);
	assert_cache(w, a, HUB, "type", "");
	assert_cache(w, a, HUB9, "state", "up");
	world_free(w);
}

/* What was asked for a name that is not configured any more comes too late. */
static void an_answer_for_a_name_that_left_makes_no_server(void **state)
{
	struct world *w = world_new(SEED);
	int a;

	(void)state;
	world_slow_names(w, 2000);
	world_name(w, HUBS, HUB_NBMA);
	story_hub(w, "holding-time 600");
	a = story_spoke(w, 2, DYNAMIC);
	world_reload(w, a, "holding-time 600");
	world_run_s(w, 5);
	assert_int_equal(world_rows(w, a, SHOW_NHS), 0);
	world_free(w);
}

static void a_mapped_server_and_a_named_one_live_side_by_side(void **state)
{
	struct world *w = world_new(SEED);
	int a;

	(void)state;
	world_name(w, HUBS, HUB9_NBMA);
	story_hub(w, "holding-time 600");
	hub9(w, "holding-time 600");
	a = story_spoke(w, 2, SPOKE_WORDS " " DYNAMIC);
	world_run_s(w, 1);
	assert_cache(w, a, HUB, "state", "up");
	assert_cache(w, a, HUB9, "state", "up");
	/* The name changes, the map stays as it is; and the other way round. */
	world_name(w, HUBS, "203.0.113.77");
	world_run_s(w, 301);
	assert_cache(w, a, HUB, "state", "up");
	assert_cache(w, a, HUB9, "type", "");
	world_name(w, HUBS, HUB9_NBMA);
	world_run_s(w, 301);
	world_reload(w, a, DYNAMIC " holding-time 600");
	world_run_s(w, 1);
	assert_cache(w, a, HUB, "type", "");
	assert_cache(w, a, HUB9, "state", "up");
	world_free(w);
}

/* --- encrypted ------------------------------------------------------------ */

/* Before its first answer a server has no protocol address, and is called. */
static void a_server_is_secured_before_its_protocol_address_is_known(void **state)
{
	struct world *w = world_new(SEED);
	int hub, a;

	(void)state;
	world_name(w, HUBS, HUB_NBMA);
	hub = story_hub(w, "holding-time 600 ipsec lab");
	a = story_spoke(w, 2, DYNAMIC " ipsec lab");
	assert_true(world_until(w, 5, a, HUB, "state", "up"));
	assert_int_equal(world_sas(w, a, hub), 1);
	assert_int_equal(world_clear(w), 0);
	/* Nobody needs it once it has left the name. */
	world_name(w, HUBS, "203.0.113.77");
	world_run_s(w, 400);
	assert_cache(w, a, HUB, "type", "");
	assert_int_equal(world_sas(w, a, hub), 0);
	world_free(w);
}

/* Who never answers is called as long as the name has it, and no longer. */
static void a_named_server_that_never_answers_is_called_no_longer(void **state)
{
	struct world *w = world_new(SEED);
	int a;

	(void)state;
	world_name(w, HUBS, "203.0.113.77");
	a = story_spoke(w, 2, DYNAMIC " ipsec lab");
	world_run_s(w, 10);
	assert_string_equal(world_show(w, a, SHOW_PEERS, "nbma", "203.0.113.77",
				       "nbma"),
			    "203.0.113.77");
	world_name(w, HUBS, HUB_NBMA);
	world_run_s(w, 400);
	assert_string_equal(world_show(w, a, SHOW_PEERS, "nbma", "203.0.113.77",
				       "nbma"),
			    "");
	world_free(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_looked_up_in_the_family_of_the_tunnel),
		cmocka_unit_test(a_name_without_an_address_of_that_family_is_no_server),
		cmocka_unit_test(servers_outlive_a_name_that_fails),
		cmocka_unit_test(a_name_is_looked_up_neither_too_often_nor_too_seldom),
		cmocka_unit_test(of_a_long_name_eight_servers_are_used),
		cmocka_unit_test(the_last_of_eight_addresses_is_tried_too),
		cmocka_unit_test(
			an_answer_that_comes_after_the_device_went_is_not_used),
		cmocka_unit_test(
			a_name_that_leaves_the_configuration_takes_its_servers_along),
		cmocka_unit_test(an_answer_for_a_name_that_left_makes_no_server),
		cmocka_unit_test(a_mapped_server_and_a_named_one_live_side_by_side),
		cmocka_unit_test(
			a_server_is_secured_before_its_protocol_address_is_known),
		cmocka_unit_test(a_named_server_that_never_answers_is_called_no_longer),
	};

	return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
