/* SPDX-License-Identifier: MIT */
/*
 * The kernel refuses: a table is full, memory is short. It says so once, and never
 * that there is room again; so its tables are looked at in a while, and what is
 * missing or too much in them is put right. The world looks after every event.
 */
#include "story.h"

#include "world_int.h"

#include <errno.h>

#define SEED 20260212

static uint64_t refusals(const struct cast *c, const char *name)
{
	return world_counter(c->w, c->hub, name);
}

/* Registered while the hub's kernel refuses everything, for so long. */
static struct cast refused_for(int64_t ms)
{
	struct cast c = { .w = world_new(SEED) };

	c.hub = story_hub(c.w, "holding-time 600");
	world_kernel_refuses(c.w, c.hub, 100, ms);
	c.b = story_spoke(c.w, 3, SPOKE_WORDS);
	assert_true(world_until_nhs(c.w, 5, c.b, "up"));
	assert_cache(c.w, c.hub, SPOKE_B, "state", "up");
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_B), "");
	return c;
}

static void a_neighbour_that_was_refused_is_written_when_there_is_room(void **state)
{
	struct cast c = refused_for(1000);

	(void)state;
	world_run_s(c.w, 6);
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_B), B_NBMA);
	assert_int_equal(refusals(&c, "neighbours_refused_by_kernel"), 1);
	world_free(c.w);
}

static void the_longer_it_refuses_the_less_often_it_is_asked(void **state)
{
	struct cast c = refused_for(600 * 1000);

	(void)state;
	world_run_s(c.w, 599);
	/* After 5, 10, 20, 40 and then every 60 s; and at each registration. */
	assert_in_range(refusals(&c, "neighbours_refused_by_kernel"), 12, 24);
	world_run_s(c.w, WORLD_SETTLES_S);
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_B), B_NBMA);
	world_free(c.w);
}

static void what_was_refused_once_is_looked_at_soon_the_next_time_too(void **state)
{
	struct cast c = refused_for(200 * 1000);

	(void)state;
	world_run_s(c.w, 300);
	world_kernel_refuses(c.w, c.hub, 100, 1000);
	c.a = story_spoke(c.w, 2, SPOKE_WORDS);
	world_run_s(c.w, 6);
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), A_NBMA);
	world_free(c.w);
}

static void a_route_that_was_refused_is_written_when_there_is_room(void **state)
{
	struct cast c = story_hosts(SEED, "");

	(void)state;
	assert_true(world_kernel_route(c.w, c.hub, SPOKE_B "/32"));
	world_stop(c.w, c.b);
	world_run_s(c.w, 1);
	assert_false(world_kernel_route(c.w, c.hub, SPOKE_B "/32"));
	world_kernel_refuses(c.w, c.hub, 100, 1000);
	world_start(c.w, c.b);
	world_run_s(c.w, 1);
	assert_false(world_kernel_route(c.w, c.hub, SPOKE_B "/32"));
	assert_true(refusals(&c, "routes_refused_by_kernel") > 0);
	world_run_s(c.w, 6);
	assert_true(world_kernel_route(c.w, c.hub, SPOKE_B "/32"));
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_B), B_NBMA);
	world_free(c.w);
}

static void what_it_would_not_remove_is_removed_later(void **state)
{
	struct cast c = story_hosts(SEED, "");

	(void)state;
	world_kernel_refuses(c.w, c.hub, 100, 1000);
	world_stop(c.w, c.b);
	world_run_s(c.w, 1);
	assert_cache(c.w, c.hub, SPOKE_B, "type", "");
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_B), B_NBMA);
	assert_true(world_kernel_route(c.w, c.hub, SPOKE_B "/32"));
	assert_true(world_logged(c.w, c.hub, "refused to remove the neighbour") > 0);
	assert_true(world_logged(c.w, c.hub, "refused to remove the route") > 0);
	world_run_s(c.w, 6);
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_B), "");
	assert_false(world_kernel_route(c.w, c.hub, SPOKE_B "/32"));
	world_free(c.w);
}

/* It would not take the new place, and has the old one. */
static void an_entry_that_could_not_be_replaced_goes_with_its_binding(void **state)
{
	struct cast c = { .w = world_new(SEED) };

	(void)state;
	c.hub = story_hub(c.w, "holding-time 600");
	c.b = story_spoke(c.w, 3, "map " HUB "/24 " HUB_NBMA " register no-unique");
	assert_true(world_until_nhs(c.w, 5, c.b, "up"));
	world_kernel_refuses(c.w, c.hub, 100, 1000);
	world_move(c.w, c.b, "198.51.100.77");
	world_run_ms(c.w, 1500);
	assert_cache(c.w, c.hub, SPOKE_B, "nbma", "198.51.100.77");
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_B), B_NBMA);
	world_drop(c.w, c.hub, CMD_FLUSH, SPOKE_B "/32");
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_B), "");
	world_free(c.w);
}

/* A shortcut's way could not be replaced by one through another station. */
static void so_does_a_route_with_its_shortcut(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);
	struct node *n = world_node(c.w, c.a);
	struct event ev = { EV_ROUTE, .route = { .fact = ROUTE_FAILED,
						 .ifindex = n->ifindex,
						 .dst = unit_prefix(B_LAN),
						 .error = ENOBUFS } };

	(void)state;
	world_unsettle(n);
	world_handle(n, &ev);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
	world_drop(c.w, c.a, CMD_FLUSH, SPOKE_B "/32");
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	world_free(c.w);
}

static void who_stops_does_not_look_any_more(void **state)
{
	struct cast c = refused_for(1000);

	(void)state;
	world_stop(c.w, c.hub);
	world_run_s(c.w, 100);
	assert_int_equal(world_kernel_size(c.w, c.hub), 0);
	world_free(c.w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_neighbour_that_was_refused_is_written_when_there_is_room),
		cmocka_unit_test(the_longer_it_refuses_the_less_often_it_is_asked),
		cmocka_unit_test(
			what_was_refused_once_is_looked_at_soon_the_next_time_too),
		cmocka_unit_test(
			a_route_that_was_refused_is_written_when_there_is_room),
		cmocka_unit_test(what_it_would_not_remove_is_removed_later),
		cmocka_unit_test(
			an_entry_that_could_not_be_replaced_goes_with_its_binding),
		cmocka_unit_test(so_does_a_route_with_its_shortcut),
		cmocka_unit_test(who_stops_does_not_look_any_more),
	};

	return cmocka_run_group_tests_name("refused", tests, NULL, NULL);
}
