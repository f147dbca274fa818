/* SPDX-License-Identifier: MIT */
/*
 * Stories of who gets a copy of multicast: whom the words mean, as long as a packet
 * would be led there.
 */
#include "story.h"

#include "world_int.h"

#define TO_SPOKES  "holding-time 600 multicast dynamic"
#define TO_SERVERS SPOKE_WORDS " multicast nhs"

static struct cast begin_with(uint64_t seed, const char *hub_words,
			      const char *spoke_words)
{
	struct cast c = { .w = world_new(seed) };

	c.hub = story_hub(c.w, hub_words);
	c.a = story_spoke(c.w, 2, spoke_words);
	c.b = story_spoke(c.w, 3, spoke_words);
	assert_true(world_until_nhs(c.w, 5, c.a, "up"));
	assert_true(world_until_nhs(c.w, 5, c.b, "up"));
	return c;
}

static struct cast begin(uint64_t seed)
{
	return begin_with(seed, TO_SPOKES, TO_SERVERS);
}

static void a_hub_copies_to_whoever_is_registered(void **state)
{
	struct cast c = begin(1);

	(void)state;
	assert_int_equal(world_copies(c.w, c.hub), 2);
	assert_true(world_copies_to(c.w, c.hub, A_NBMA));
	assert_true(world_copies_to(c.w, c.hub, B_NBMA));
	world_stop(c.w, c.a);
	world_run_s(c.w, 2);
	assert_int_equal(world_copies(c.w, c.hub), 1);
	assert_true(world_copies_to(c.w, c.hub, B_NBMA));
	world_kill(c.w, c.b);
	world_run_s(c.w, 601);
	assert_int_equal(world_copies(c.w, c.hub), 0);
	world_free(c.w);
}

static void a_spoke_copies_to_a_server_that_has_it_registered(void **state)
{
	struct world *w = world_new(2);
	int hub = story_hub(w, TO_SPOKES), a;

	(void)state;
	world_kill(w, hub);
	a = story_spoke(w, 2, TO_SERVERS);
	world_run_s(w, 30);
	assert_int_equal(world_copies(w, a), 0);
	world_start(w, hub);
	assert_true(world_until_nhs(w, 70, a, "up"));
	assert_int_equal(world_copies(w, a), 1);
	assert_true(world_copies_to(w, a, HUB_NBMA));
	/* While it is asked anew it still knows the spoke. */
	world_run_s(w, 300);
	assert_int_equal(world_copies(w, a), 1);
	world_kill(w, hub);
	world_run_s(w, 700);
	assert_int_equal(world_copies(w, a), 0);
	world_free(w);
}

/* Nothing is said where no word is, and of what is meant nothing else. */
static void the_words_say_who_is_meant(void **state)
{
	static const struct {
		const char *words;
		bool hub, b; /* of spoke A's list, its way to B learnt */
	} cases[] = {
		{ "", false, false },
		{ " multicast nhs", true, false },
		{ " multicast dynamic", false, true },
		{ " multicast nhs multicast dynamic", true, true },
		{ " multicast 10.0.0.1", true, false },
		{ " multicast 10.0.0.3", false, true },
		{ " multicast 10.0.0.4", false, false },
		{ " multicast 10.0.0.1 multicast nhs", true, false },
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		char words[200];
		struct cast c;

		snprintf(words, sizeof(words), SPOKE_WORDS "%s", cases[n].words);
		c = begin_with(3, TO_SPOKES, words);
		world_traffic(c.w, c.a, SPOKE_B);
		assert_true(world_until(c.w, 5, c.a, SPOKE_B, "type", "cached"));
		if (world_copies_to(c.w, c.a, HUB_NBMA) != cases[n].hub ||
		    world_copies_to(c.w, c.a, B_NBMA) != cases[n].b)
			fail_msg("'%s'", cases[n].words);
		assert_int_equal(world_copies(c.w, c.a), cases[n].hub + cases[n].b);
		world_free(c.w);
	}
}

static void a_reload_moves_the_list_and_nothing_else(void **state)
{
	struct cast c = begin(4);
	unsigned writes = world_neigh_writes(c.w, c.hub);

	(void)state;
	world_reload(c.w, c.hub, "holding-time 600");
	assert_int_equal(world_copies(c.w, c.hub), 0);
	world_reload(c.w, c.hub, "holding-time 600 multicast 10.0.0.3");
	assert_int_equal(world_copies(c.w, c.hub), 1);
	assert_true(world_copies_to(c.w, c.hub, B_NBMA));
	world_reload(c.w, c.hub, TO_SPOKES);
	assert_int_equal(world_copies(c.w, c.hub), 2);
	assert_int_equal(world_neigh_writes(c.w, c.hub), writes);
	world_free(c.w);
}

static void a_spoke_that_moves_gets_its_copies_there(void **state)
{
	struct cast c = begin(5);

	(void)state;
	world_move(c.w, c.a, "198.51.100.77");
	assert_true(world_until(c.w, 10, c.hub, SPOKE_A, "nbma", "198.51.100.77"));
	assert_int_equal(world_copies(c.w, c.hub), 2);
	assert_true(world_copies_to(c.w, c.hub, "198.51.100.77"));
	assert_false(world_copies_to(c.w, c.hub, A_NBMA));
	world_free(c.w);
}

/* Two protocol addresses at one place: one of them may go, the copies stay. */
static void a_station_of_two_addresses_gets_one_copy(void **state)
{
	struct world *w = world_new(6);
	int hub = story_hub(w, "holding-time 600 map 10.0.0.8 198.51.100.9 "
			       "map 10.0.0.9 198.51.100.9 multicast 10.0.0.8 "
			       "multicast 10.0.0.9");

	(void)state;
	world_run_s(w, 1);
	assert_int_equal(world_copies(w, hub), 1);
	world_reload(w, hub,
		     "holding-time 600 map 10.0.0.8 198.51.100.9 "
		     "map 10.0.0.9 198.51.100.9 multicast 10.0.0.9");
	assert_int_equal(world_copies(w, hub), 1);
	world_reload(w, hub,
		     "holding-time 600 map 10.0.0.8 198.51.100.9 "
		     "multicast 10.0.0.9");
	assert_int_equal(world_copies(w, hub), 0);
	world_free(w);
}

static void the_list_goes_and_comes_with_the_device(void **state)
{
	struct cast c = begin(7);

	(void)state;
	world_link(c.w, c.hub, false);
	assert_int_equal(world_copies(c.w, c.hub), 0);
	world_link(c.w, c.hub, true);
	assert_int_equal(world_copies(c.w, c.hub), 2);
	world_delete_device(c.w, c.hub);
	assert_int_equal(world_copies(c.w, c.hub), 0);
	world_create_device(c.w, c.hub);
	world_run_s(c.w, 1);
	assert_int_equal(world_copies(c.w, c.hub), 2);
	world_free(c.w);
}

static void a_restart_takes_over_who_was_registered(void **state)
{
	struct cast c = begin(8);

	(void)state;
	world_kill(c.w, c.hub);
	world_start(c.w, c.hub);
	assert_int_equal(world_copies(c.w, c.hub), 2);
	world_stop(c.w, c.hub);
	world_run_s(c.w, 3);
	assert_int_equal(world_copies(c.w, c.hub), 0);
	world_free(c.w);
}

static void a_station_that_the_kernel_refused_gets_none(void **state)
{
	struct cast c = begin(9);

	(void)state;
	world_refuse_neigh(c.w, c.hub, SPOKE_A, 28);
	assert_int_equal(world_copies(c.w, c.hub), 1);
	assert_true(world_copies_to(c.w, c.hub, B_NBMA));
	world_free(c.w);
}

/* --- encrypted */

static void without_an_sa_there_is_no_copy(void **state)
{
	struct cast c = begin_with(10, TO_SPOKES " ipsec lab", TO_SERVERS " ipsec lab");

	(void)state;
	assert_int_equal(world_copies(c.w, c.hub), 2);
	assert_true(world_copies_to(c.w, c.a, HUB_NBMA));
	world_charon(c.w, c.a, false);
	world_delete_sas(c.w, c.hub, c.a);
	world_run_s(c.w, 1);
	assert_false(world_copies_to(c.w, c.hub, A_NBMA));
	assert_true(world_copies_to(c.w, c.hub, B_NBMA));
	world_charon(c.w, c.a, true);
	assert_true(world_until(c.w, 90, c.hub, SPOKE_A, "state", "up"));
	assert_int_equal(world_copies(c.w, c.hub), 2);
	assert_true(world_until_nhs(c.w, 90, c.a, "up"));
	assert_int_equal(world_copies(c.w, c.a), 1);
	world_free(c.w);
}

static void a_rekey_says_nothing_about_the_list(void **state)
{
	struct cast c = begin_with(11, TO_SPOKES " ipsec lab", TO_SERVERS " ipsec lab");

	(void)state;
	world_rekey(c.w, c.hub, c.a);
	assert_int_equal(world_copies(c.w, c.hub), 2);
	world_run_s(c.w, 5);
	assert_int_equal(world_copies(c.w, c.hub), 2);
	world_free(c.w);
}

static void what_was_sent_in_clear_waits_for_an_sa_when_ipsec_is_configured(
	void **state)
{
	struct cast c = begin(12);

	(void)state;
	world_reload(c.w, c.hub, TO_SPOKES " ipsec lab");
	assert_int_equal(world_copies(c.w, c.hub), 0);
	world_free(c.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hub_copies_to_whoever_is_registered),
		cmocka_unit_test(a_spoke_copies_to_a_server_that_has_it_registered),
		cmocka_unit_test(the_words_say_who_is_meant),
		cmocka_unit_test(a_reload_moves_the_list_and_nothing_else),
		cmocka_unit_test(a_spoke_that_moves_gets_its_copies_there),
		cmocka_unit_test(a_station_of_two_addresses_gets_one_copy),
		cmocka_unit_test(the_list_goes_and_comes_with_the_device),
		cmocka_unit_test(a_restart_takes_over_who_was_registered),
		cmocka_unit_test(a_station_that_the_kernel_refused_gets_none),
		cmocka_unit_test(without_an_sa_there_is_no_copy),
		cmocka_unit_test(a_rekey_says_nothing_about_the_list),
		cmocka_unit_test(
			what_was_sent_in_clear_waits_for_an_sa_when_ipsec_is_configured),
	};

	return cmocka_run_group_tests_name("mcast", tests, NULL, NULL);
}
