/* SPDX-License-Identifier: MIT */
/*
 * The site's script and what comes over its daemon: a restart, a reload, a stop, and
 * whatever else in any order.
 */
#include "story_script.h"

#include <nhrp/rng.h>

/* --- restart, reload, stop ------------------------------------------------ */

static void a_restart_tells_it_all_again_and_uses_what_was_used(void **state)
{
	struct cast c = hooked();
	unsigned writes;

	(void)state;
	world_kill(c.w, c.hub);
	world_forget_scripted(c.w, c.hub);
	world_script(c.w, c.hub, "peer-up", SPOKE_A, HOOK_YES, 5000);
	writes = world_neigh_writes(c.w, c.hub);
	world_start(c.w, c.hub);
	world_run_s(c.w, 1);
	assert_cache(c.w, c.hub, SPOKE_A, "state", "up");
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), A_NBMA);
	assert_int_equal(world_neigh_writes(c.w, c.hub), writes);
	assert_string_equal(world_scripted(c.w, c.hub),
			    "interface-up interface gre1\n"
			    "peer-up dynamic 10.0.0.2/32 at 198.51.100.2\n"
			    "peer-up dynamic 10.0.0.3/32 at 198.51.100.3\n"
			    "interface-up interface lan0\n");
	/* It may have another opinion now. */
	world_script(c.w, c.hub, "peer-up", SPOKE_A, HOOK_NO, 10);
	world_kill(c.w, c.hub);
	world_start(c.w, c.hub);
	world_run_s(c.w, 1);
	assert_cache(c.w, c.hub, SPOKE_A, "type", "negative");
	assert_cache(c.w, c.hub, SPOKE_B, "state", "up");
	world_free(c.w);
}

static void what_the_script_has_not_permitted_is_not_restored(void **state)
{
	struct cast c = hooked_hub();

	(void)state;
	world_script(c.w, c.hub, "peer-up", SPOKE_A, HOOK_YES, SCRIPT_SILENT);
	c.a = story_spoke(c.w, 2, SPOKE_WORDS);
	world_run_s(c.w, 1);
	assert_cache(c.w, c.hub, SPOKE_A, "state", "waiting");
	world_kill(c.w, c.hub);
	world_start(c.w, c.hub);
	world_run_s(c.w, 1);
	assert_cache(c.w, c.hub, SPOKE_A, "type", "");
	world_free(c.w);
}

static void a_spoke_that_restarts_uses_its_server_while_the_script_runs(void **state)
{
	struct cast c = { .w = world_new(SEED) };

	(void)state;
	c.hub = story_hub(c.w, "holding-time 600");
	c.a = story_spoke(c.w, 2, SPOKE_WORDS WITH);
	world_run_s(c.w, 1);
	world_kill(c.w, c.a);
	world_script(c.w, c.a, "peer-up", HUB, HOOK_YES, 5000);
	world_start(c.w, c.a);
	world_run_s(c.w, 2);
	assert_string_equal(world_kernel(c.w, c.a, HUB), HUB_NBMA);
	world_run_s(c.w, 4);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "up");
	world_free(c.w);
}

static void what_a_restart_finds_is_told_a_few_at_a_time(void **state)
{
	struct cast c = { .w = world_new(SEED) };
	unsigned at_once;

	(void)state;
	c.hub = world_add(c.w, &(struct node_spec){ "hub", HUB_NBMA, NULL, HUB "/16",
						    "holding-time 600" });
	flood(&c, 400);
	world_kill(c.w, c.hub);
	world_start(c.w, c.hub);
	world_script(c.w, c.hub, "peer-up", NULL, HOOK_YES, 1000);
	world_reload(c.w, c.hub, HUB_HOOKED);
	at_once = times(world_scripted(c.w, c.hub), "peer-up");
	/* The rest of the places is for news. */
	assert_int_equal(at_once, 32);
	world_run_s(c.w, 60);
	assert_ran(c.w, c.hub, "peer-up", 400);
	world_free(c.w);
}

static void a_script_that_comes_by_reload_is_told_what_is_there(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);

	(void)state;
	world_reload(c.w, c.a, EDGE_WORDS WITH);
	world_run_s(c.w, 1);
	assert_string_equal(world_scripted(c.w, c.a),
			    "interface-up interface gre1\n"
			    "interface-up interface lan0\n"
			    "peer-up static 10.0.0.1/24 at 203.0.113.1\n"
			    "peer-up cached 10.0.0.3/32 at 198.51.100.3\n"
			    "nhs-up static 10.0.0.1/24 at 203.0.113.1\n"
			    "route-up route 192.168.3.0/24 via 10.0.0.3\n");
	/* All of it was in use, and goes on. */
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 1);
	/* The same once more is no news; another one is told from the begin. */
	world_forget_scripted(c.w, c.a);
	world_reload(c.w, c.a, EDGE_WORDS WITH);
	world_run_s(c.w, 1);
	assert_string_equal(world_scripted(c.w, c.a), "");
	world_reload(c.w, c.a, EDGE_WORDS " script /etc/nhrpd/other");
	world_run_s(c.w, 1);
	assert_ran(c.w, c.a, "-up", 6);
	world_free(c.w);
}

static void a_script_that_goes_by_reload_holds_nobody_up(void **state)
{
	struct cast c = hooked_hub();

	(void)state;
	world_script(c.w, c.hub, "peer-register", SPOKE_A, HOOK_YES, SCRIPT_SILENT);
	world_script(c.w, c.hub, "peer-up", SPOKE_B, HOOK_YES, SCRIPT_SILENT);
	c.a = story_spoke(c.w, 2, SPOKE_WORDS);
	c.b = story_spoke(c.w, 3, SPOKE_WORDS);
	world_run_s(c.w, 1);
	assert_cache(c.w, c.hub, SPOKE_A, "type", "");
	assert_cache(c.w, c.hub, SPOKE_B, "state", "waiting");
	world_reload(c.w, c.hub, "holding-time 600");
	assert_cache(c.w, c.hub, SPOKE_A, "state", "up");
	assert_cache(c.w, c.hub, SPOKE_B, "state", "up");
	world_run_s(c.w, 700);
	assert_int_equal(world_counter(c.w, c.hub, "registrations_refused_prohibited"),
			 0);
	assert_int_equal(world_counter(c.w, c.hub, "script_questions_unanswered"), 0);
	world_stop(c.w, c.hub);
	assert_ran(c.w, c.hub, "peer-down", 0);
	world_free(c.w);
}

/* More than it can be asked of at once: those whose turn had not come as well. */
static void nor_any_of_many_whose_turn_had_not_come(void **state)
{
	struct cast c = { .w = world_new(SEED) };

	(void)state;
	c.hub = world_add(c.w,
			  &(struct node_spec){ "hub", HUB_NBMA, NULL, HUB "/16",
					       HUB_HOOKED " map 10.0.9.9/32 192.0.9.9",
					       false });
	world_script(c.w, c.hub, "peer-up", NULL, HOOK_YES, SCRIPT_SILENT);
	flood(&c, 100);
	world_run_ms(c.w, 100);
	assert_int_equal(world_cache_size(c.w, c.hub, "dynamic"), 100);
	assert_cache(c.w, c.hub, "10.0.1.100", "state", "waiting");
	assert_string_equal(world_kernel(c.w, c.hub, "10.0.1.100"), "");
	world_reload(c.w, c.hub, "holding-time 600 map 10.0.9.9/32 192.0.9.9");
	assert_cache(c.w, c.hub, "10.0.1.1", "state", "up");
	assert_cache(c.w, c.hub, "10.0.1.100", "state", "up");
	assert_string_equal(world_kernel(c.w, c.hub, "10.0.1.100"), "192.0.2.100");
	assert_string_equal(world_kernel(c.w, c.hub, "10.0.9.9"), "192.0.9.9");
	world_free(c.w);
}

static void a_stop_tells_of_all_that_ends(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS WITH);

	(void)state;
	world_forget_scripted(c.w, c.a);
	world_stop(c.w, c.a);
	assert_string_equal(world_scripted(c.w, c.a),
			    "route-down route 192.168.3.0/24 via 10.0.0.3\n"
			    "nhs-down static 10.0.0.1/24 at 203.0.113.1\n"
			    "peer-down static 10.0.0.1/24 at 203.0.113.1 "
			    "(user-request)\n"
			    "peer-down cached 10.0.0.3/32 at 198.51.100.3 "
			    "(user-request)\n");
	world_free(c.w);
}

/* --- whatever happens ----------------------------------------------------- */

/* Per address: an up, then its down, and so on; no use without a yes. */
static void check_order(const char *text)
{
	bool up[256] = { false };

	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		unsigned last;
		char event[16];

		if (sscanf(line, "%15s %*s 10.0.0.%u", event, &last) != 2)
			continue;
		if (strcmp(event, "peer-down") == 0) {
			assert_true(up[last]);
			up[last] = false;
		} else if (strcmp(event, "peer-up") == 0) {
			up[last] = true;
		}
	}
}

static void accident(struct cast *c, struct rng *r)
{
	static const enum hook_outcome any[] = { HOOK_YES, HOOK_YES, HOOK_NO,
						 HOOK_LATE };
	int node = rng_below(r, 2) ? c->hub : c->a;

	switch (rng_below(r, 6)) {
	case 0:
		world_script(c->w, node, "peer-up", NULL, any[rng_below(r, 4)],
			     rng_below(r, 8000));
		break;
	case 1:
		world_script(c->w, node, "peer-register", NULL, any[rng_below(r, 4)],
			     rng_below(r, 8000));
		break;
	case 2:
		world_link(c->w, node, false);
		world_run_ms(c->w, rng_below(r, 3000));
		world_link(c->w, node, true);
		break;
	case 3:
		world_drop(c->w, node, rng_below(r, 2) ? CMD_FLUSH : CMD_PURGE, NULL);
		break;
	case 4:
		world_move(c->w, c->a, rng_below(r, 2) ? A_NBMA : "192.0.2.77");
		break;
	default:
		world_traffic(c->w, c->a, SPOKE_B);
	}
}

static void any_course_of_events(uint64_t seed, const char *ipsec)
{
	struct rng r = rng_init(seed);
	struct cast c = { .w = world_new(seed) };
	char hub[128], hooked_spoke[192], spoke[160];

	snprintf(hub, sizeof(hub), "holding-time 60" WITH "%s", ipsec);
	snprintf(spoke, sizeof(spoke),
		 "map 10.0.0.1/24 203.0.113.1 register holding-time 60%s", ipsec);
	snprintf(hooked_spoke, sizeof(hooked_spoke), "%s" WITH, spoke);
	world_network(c.w, 10, 5, 1, 200);
	c.hub = story_hub(c.w, hub);
	c.a = story_spoke(c.w, 2, hooked_spoke);
	c.b = story_spoke(c.w, 3, spoke);
	for (int k = 0; k < 12; k++) {
		accident(&c, &r);
		world_run_ms(c.w, rng_below(&r, 20000));
	}
	world_network(c.w, 0, 0, 1, 50);
	world_script(c.w, c.hub, "peer-up", NULL, HOOK_YES, 10);
	world_script(c.w, c.a, "peer-up", NULL, HOOK_YES, 10);
	world_script(c.w, c.hub, "peer-register", NULL, HOOK_YES, 10);
	world_run_s(c.w, 200);
	assert_true(world_until_nhs(c.w, 5, c.a, "up"));
	assert_cache(c.w, c.hub, SPOKE_A, "state", "up");
	check_order(world_scripted(c.w, c.hub));
	check_order(world_scripted(c.w, c.a));
	assert_int_equal(ipsec[0] ? world_clear(c.w) : 0, 0);
	world_free(c.w);
}

static void whatever_it_says_and_when_the_order_holds_and_all_end_well(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		any_course_of_events(seed, "");
		any_course_of_events(seed, " ipsec lab");
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_restart_tells_it_all_again_and_uses_what_was_used),
		cmocka_unit_test(what_the_script_has_not_permitted_is_not_restored),
		cmocka_unit_test(
			a_spoke_that_restarts_uses_its_server_while_the_script_runs),
		cmocka_unit_test(what_a_restart_finds_is_told_a_few_at_a_time),
		cmocka_unit_test(a_script_that_comes_by_reload_is_told_what_is_there),
		cmocka_unit_test(a_script_that_goes_by_reload_holds_nobody_up),
		cmocka_unit_test(nor_any_of_many_whose_turn_had_not_come),
		cmocka_unit_test(a_stop_tells_of_all_that_ends),
		cmocka_unit_test(
			whatever_it_says_and_when_the_order_holds_and_all_end_well),
	};

	return cmocka_run_group_tests_name("script restart", tests, NULL, NULL);
}
