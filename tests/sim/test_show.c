/* SPDX-License-Identifier: MIT */
/* What an operator sees of shortcuts and routes, and what `redirect purge` does. */
#include "story.h"

#include "world_int.h"

#include <errno.h>

#define SEED 20260107

#define assert_shown(w, node, table, prefix, key, value) \
	assert_string_equal(world_show(w, node, table, "prefix", prefix, key), value)

static void a_shortcut_shows_its_way_and_the_route_below_it(void **state)
{
	static const char *const want[][2] = {
		{ "interface", "gre1" },  { "via", SPOKE_B },
		{ "nbma", B_NBMA },	  { "state", "up" },
		{ "reason", "resolved" }, { "used", "true" },
		{ "expires_s", "600" },	  { "base", "192.168.0.0/16" },
	};
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);

	(void)state;
	assert_int_equal(world_rows(c.w, c.a, SHOW_SHORTCUTS), 1);
	for (size_t k = 0; k < ARRAY_SIZE(want); k++)
		assert_shown(c.w, c.a, SHOW_SHORTCUTS, B_LAN, want[k][0], want[k][1]);
	world_free(c.w);
}

static void a_lan_is_up_when_its_device_is(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS);

	(void)state;
	world_lan_addr(c.w, c.a, "192.168.2.1/24");
	assert_cache(c.w, c.a, "192.168.2.1", "type", "local");
	assert_cache(c.w, c.a, "192.168.2.1", "state", "up");
	assert_cache(c.w, c.a, "192.168.2.1", "reason", "shortcut destination");
	world_free(c.w);
}

static void a_refused_shortcut_says_why(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS);

	(void)state;
	story_send_beyond(&c);
	assert_shown(c.w, c.a, SHOW_SHORTCUTS, BEYOND_HOST "/32", "state", "");
	world_run_s(c.w, 1);
	assert_shown(c.w, c.a, SHOW_SHORTCUTS, BEYOND_HOST "/32", "state", "refused");
	assert_shown(c.w, c.a, SHOW_SHORTCUTS, BEYOND_HOST "/32", "reason",
		     "no binding exists");
	assert_shown(c.w, c.a, SHOW_SHORTCUTS, BEYOND_HOST "/32", "via", "");
	world_free(c.w);
}

struct listed {
	struct show_sink sink;
	char protocols[256];
};

static void list_row(struct show_sink *sink, const struct record *r)
{
	struct listed *l = container_of(sink, struct listed, sink);
	const struct field *f = record_find(r, "protocol");
	size_t len = strlen(l->protocols);

	assert_non_null(f);
	snprintf(l->protocols + len, sizeof(l->protocols) - len, "%s ", f->text);
}

/* The hub's own address is the first entry, those of a and b come after it. */
static void a_listing_goes_on_while_entries_end(void **state)
{
	static const struct selector all;
	struct cast c = story_begin(SEED);
	struct node *hub = world_node(c.w, c.hub);
	struct listed l = { .sink = { list_row } };
	struct listing *it = engine_list_cache(hub->engine, &all);

	(void)state;
	assert_true(listing_show(it, &l.sink, 1, c.w->now));
	world_stop(c.w, c.a);
	assert_cache(c.w, c.hub, SPOKE_A, "type", "");
	while (listing_show(it, &l.sink, 1, c.w->now))
		;
	assert_non_null(strstr(l.protocols, HUB " "));
	assert_null(strstr(l.protocols, SPOKE_A " "));
	assert_non_null(strstr(l.protocols, SPOKE_B " "));
	assert_false(listing_show(it, &l.sink, 1, c.w->now));
	listing_free(it);
	world_free(c.w);
}

static void a_listing_ends_with_its_tunnel(void **state)
{
	static const struct selector all;
	struct cast c = story_begin(SEED);
	struct node *hub = world_node(c.w, c.hub);
	struct listed l = { .sink = { list_row } };
	struct listing *it = engine_list_cache(hub->engine, &all);
	struct conf_diags diags;
	struct conf *none;

	(void)state;
	assert_true(listing_show(it, &l.sink, 2, c.w->now));
	none = conf_parse("", 0, &diags);
	conf_diags_free(&diags);
	world_handle(hub, &(struct event){ EV_CONF, .conf = { none } });
	assert_false(listing_show(it, &l.sink, 100, c.w->now));
	listing_free(it);
	world_reload(c.w, c.hub, HUB_WORDS);
	conf_free(none);
	world_free(c.w);
}

static void routes_are_ours_or_somebody_elses(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS " route-table 100");

	(void)state;
	assert_int_equal(world_rows(c.w, c.a, SHOW_ROUTES), 2);
	assert_shown(c.w, c.a, SHOW_ROUTES, B_LAN, "owner", "nhrpd");
	assert_shown(c.w, c.a, SHOW_ROUTES, B_LAN, "via", SPOKE_B);
	assert_shown(c.w, c.a, SHOW_ROUTES, B_LAN, "table", "100");
	assert_shown(c.w, c.a, SHOW_ROUTES, B_LAN, "state", "installed");
	assert_shown(c.w, c.a, SHOW_ROUTES, B_LAN, "reason", "shortcut");
	assert_shown(c.w, c.a, SHOW_ROUTES, "192.168.0.0/16", "owner", "other");
	assert_shown(c.w, c.a, SHOW_ROUTES, "192.168.0.0/16", "via", HUB);
	world_free(c.w);
}

static void a_route_that_the_kernel_refused_says_why(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);

	(void)state;
	world_refuse_route(c.w, c.a, B_LAN, ENETUNREACH);
	assert_shown(c.w, c.a, SHOW_ROUTES, B_LAN, "state", "refused");
	assert_shown(c.w, c.a, SHOW_ROUTES, B_LAN, "reason",
		     "the kernel refused it: Network is unreachable");
	assert_shown(c.w, c.a, SHOW_SHORTCUTS, B_LAN, "reason",
		     "resolved, but the kernel refused its route: see show routes");
	world_free(c.w);
}

static void redirect_purge_ends_what_lies_inside_its_prefix(void **state)
{
	static const struct {
		const char *prefix;
		unsigned ended;
	} cases[] = {
		{ "192.168.4.0/24", 0 }, { "192.168.3.10", 0 }, { B_LAN, 1 },
		{ "192.168.0.0/16", 1 }, { "fd00::/8", 0 },	{ NULL, 1 },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct cast c = story_sites_shortened(SEED, EDGE_WORDS);

		world_drop(c.w, c.a, CMD_REDIRECT_PURGE, cases[k].prefix);
		assert_true(world_answer(c.w)->ok);
		assert_int_equal(world_answer(c.w)->count, cases[k].ended);
		assert_int_equal(world_rows(c.w, c.a, SHOW_SHORTCUTS),
				 1 - cases[k].ended);
		assert_string_equal(world_shortcut(c.w, c.a, B_LAN),
				    cases[k].ended ? "" : SPOKE_B);
		/* Where the station is stays known. */
		assert_cache(c.w, c.a, SPOKE_B, "type", "cached");
		world_free(c.w);
	}
}

static void after_a_purge_a_refused_destination_is_asked_for_again(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS);

	(void)state;
	story_send_beyond(&c);
	world_run_s(c.w, 1);
	assert_int_equal(world_counter(c.w, c.a, "tx_resolution_request"), 1);
	world_drop(c.w, c.a, CMD_REDIRECT_PURGE, "172.16.0.0/12");
	assert_int_equal(world_answer(c.w)->count, 1);
	world_data(c.w, c.a, A_HOST, BEYOND_HOST);
	world_run_s(c.w, 1);
	assert_int_equal(world_counter(c.w, c.a, "tx_resolution_request"), 2);
	world_free(c.w);
}

static void a_purge_does_not_wait_for_an_answer_under_way(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS);

	(void)state;
	world_network(c.w, 0, 0, 200, 200);
	world_data(c.w, c.a, A_HOST, B_HOST);
	world_run_ms(c.w, 300);
	assert_shown(c.w, c.a, SHOW_SHORTCUTS, "192.168.3.10/32", "state", "resolving");
	world_drop(c.w, c.a, CMD_REDIRECT_PURGE, NULL);
	assert_int_equal(world_answer(c.w)->count, 1);
	world_run_s(c.w, 5);
	assert_int_equal(world_rows(c.w, c.a, SHOW_SHORTCUTS), 0);
	world_free(c.w);
}

/* The limiter is what keeps a hub from telling; its burst is 200. */
static void after_a_purge_a_hub_tells_again(void **state)
{
	struct cast c = story_sites(SEED, SPOKE_WORDS);
	uint64_t before;

	(void)state;
	for (int k = 0; k < 300; k++)
		world_data(c.w, c.a, A_HOST, B_HOST);
	assert_true(world_counter(c.w, c.hub, "redirects_limited") > 0);
	before = world_counter(c.w, c.hub, "redirects_sent");
	world_drop(c.w, c.hub, CMD_REDIRECT_PURGE, NULL);
	world_data(c.w, c.a, A_HOST, B_HOST);
	assert_int_equal(world_counter(c.w, c.hub, "redirects_sent"), before + 1);
	world_free(c.w);
}

static void a_flush_takes_shortcuts_along_once(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);

	(void)state;
	world_drop(c.w, c.a, CMD_FLUSH, NULL);
	assert_int_equal(world_answer(c.w)->count, 2); /* the station, what is behind */
	assert_int_equal(world_rows(c.w, c.a, SHOW_SHORTCUTS), 0);
	world_free(c.w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shortcut_shows_its_way_and_the_route_below_it),
		cmocka_unit_test(a_lan_is_up_when_its_device_is),
		cmocka_unit_test(a_refused_shortcut_says_why),
		cmocka_unit_test(a_listing_goes_on_while_entries_end),
		cmocka_unit_test(a_listing_ends_with_its_tunnel),
		cmocka_unit_test(routes_are_ours_or_somebody_elses),
		cmocka_unit_test(a_route_that_the_kernel_refused_says_why),
		cmocka_unit_test(redirect_purge_ends_what_lies_inside_its_prefix),
		cmocka_unit_test(
			after_a_purge_a_refused_destination_is_asked_for_again),
		cmocka_unit_test(a_purge_does_not_wait_for_an_answer_under_way),
		cmocka_unit_test(after_a_purge_a_hub_tells_again),
		cmocka_unit_test(a_flush_takes_shortcuts_along_once),
	};

	return cmocka_run_group_tests_name("show", tests, NULL, NULL);
}
