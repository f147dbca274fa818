/* SPDX-License-Identifier: MIT */
/*
 * Selectors: which rows of each table, and which entries of a command, an operator
 * means by them. A spoke with two tunnels and a LAN, and what it has learnt.
 */
#include "story.h"

#include "world_int.h"

#define SEED	     20260114
#define GRE2_IFINDEX 8
#define GRE2_NBMA    "198.51.100.102"
#define GRE2_ADDR    "10.9.0.2"
#define GRE2_HUB     "10.9.0.1"

#define TWO_TUNNELS \
	EDGE_WORDS "\ninterface gre2 map " GRE2_HUB "/24 203.0.113.9 register"

/* The world's kernel has one tunnel: whatever is written to this one is refused. */
static void tell_gre2(struct node *n, bool up)
{
	struct prefix own = unit_prefix(GRE2_ADDR "/24");

	world_handle(n,
		     &(struct event){ EV_LINK, .link = { .name = "gre2",
							 .ifindex = GRE2_IFINDEX,
							 .up = up,
							 .mtu = 1400,
							 .nbma = unit_addr(GRE2_NBMA),
							 .addrs = &own,
							 .addr_count = 1 } });
}

/* Spoke A knows its servers, spoke B, and the way to the LAN behind that one. */
static struct cast begin(void)
{
	struct cast c = { .w = world_new(SEED) };

	c.hub = story_hub(c.w, HUB_WORDS);
	c.a = story_spoke(c.w, 2, TWO_TUNNELS);
	c.b = story_spoke(c.w, 3, EDGE_WORDS);
	tell_gre2(world_node(c.w, c.a), true);
	story_lans(&c);
	world_lan_addr(c.w, c.a, "192.168.2.1/24");
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	world_run_s(c.w, 1);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
	return c;
}

static struct selector selector_of(const char *text)
{
	char copy[128], *rest = copy, *word;
	const char *words[8];
	size_t count = 0;
	struct selector s;
	char err[128];

	snprintf(copy, sizeof(copy), "%s", text);
	while ((word = strsep(&rest, " "))) {
		if (*word)
			words[count++] = word;
	}
	if (!selector_parse(&s, words, count, err, sizeof(err)))
		fail_msg("%s: %s", text, err);
	return s;
}

/* --- rows ------------------------------------------------------------------------ */

struct listed {
	struct show_sink sink;
	const char *key;
	char text[512];
};

static void list_row(struct show_sink *sink, const struct record *r)
{
	struct listed *l = container_of(sink, struct listed, sink);
	const struct field *f = record_find(r, l->key);
	size_t len = strlen(l->text);

	assert_non_null(f);
	snprintf(l->text + len, sizeof(l->text) - len, "%s%s", len ? " " : "", f->text);
}

#define GRE1_ROWS "10.0.0.2 10.0.0.1 10.0.0.3"
#define GRE2_ROWS GRE2_ADDR " " GRE2_HUB

static const struct {
	enum show_table table;
	const char *selector;
	const char *key, *rows;
} shown[] = {
	{ SHOW_CACHE, "", "protocol", GRE1_ROWS " " GRE2_ROWS " 192.168.2.1" },
	{ SHOW_CACHE, "interface gre1", "protocol", GRE1_ROWS },
	{ SHOW_CACHE, "interface gre2", "protocol", GRE2_ROWS },
	{ SHOW_CACHE, "interface lan0", "protocol", "192.168.2.1" },
	/* A name is a whole name. */
	{ SHOW_CACHE, "interface gre", "protocol", "" },
	{ SHOW_CACHE, "interface gre10", "protocol", "" },
	{ SHOW_CACHE, "protocol " SPOKE_B, "protocol", SPOKE_B },
	{ SHOW_CACHE, "protocol 10.0.0.0/24", "protocol", GRE1_ROWS },
	{ SHOW_CACHE, "protocol 10.9.0.0/16", "protocol", GRE2_ROWS },
	/* What serves a whole network does not lie in half of it. */
	{ SHOW_CACHE, "protocol 10.0.0.0/25", "protocol", "10.0.0.2 10.0.0.3" },
	{ SHOW_CACHE, "protocol 2001:db8::/32", "protocol", "" },
	{ SHOW_CACHE, "nbma " B_NBMA, "protocol", SPOKE_B },
	{ SHOW_CACHE, "nbma " A_NBMA, "protocol", SPOKE_A },
	{ SHOW_CACHE, "nbma 192.0.2.1", "protocol", "" },
	{ SHOW_CACHE, "local-nbma " GRE2_NBMA, "protocol", GRE2_ROWS },
	{ SHOW_CACHE, "local-protocol " SPOKE_A, "protocol", GRE1_ROWS },
	{ SHOW_CACHE, "local-protocol " SPOKE_B, "protocol", "" },
	{ SHOW_CACHE, "interface gre1 nbma " HUB_NBMA, "protocol", HUB },
	{ SHOW_CACHE, "interface gre2 nbma " HUB_NBMA, "protocol", "" },
	{ SHOW_SHORTCUTS, "", "prefix", B_LAN },
	{ SHOW_SHORTCUTS, "interface gre2", "prefix", "" },
	{ SHOW_SHORTCUTS, "protocol 192.168.0.0/16", "prefix", B_LAN },
	{ SHOW_SHORTCUTS, "protocol " B_HOST, "prefix", "" },
	{ SHOW_SHORTCUTS, "nbma " B_NBMA, "prefix", B_LAN },
	{ SHOW_SHORTCUTS, "nbma " HUB_NBMA, "prefix", "" },
	{ SHOW_ROUTES, "interface gre1", "prefix", B_LAN " 192.168.0.0/16" },
	{ SHOW_ROUTES, "interface gre2", "prefix", "" },
	{ SHOW_NHS, "", "nbma", HUB_NBMA " 203.0.113.9" },
	{ SHOW_NHS, "local-nbma " GRE2_NBMA, "nbma", "203.0.113.9" },
	{ SHOW_INTERFACES, "", "interface", "gre1 gre2 lan0" },
	{ SHOW_INTERFACES, "interface lan0", "interface", "lan0" },
};

static void a_table_shows_the_rows_that_are_selected(void **state)
{
	struct cast c = begin();

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(shown); k++) {
		struct selector s = selector_of(shown[k].selector);
		struct listed l = { .sink = { list_row }, .key = shown[k].key };

		engine_show(world_node(c.w, c.a)->engine, shown[k].table, &s, &l.sink,
			    c.w->now);
		if (strcmp(l.text, shown[k].rows) != 0)
			fail_msg("table %d, '%s': %s", (int)shown[k].table,
				 shown[k].selector, l.text);
	}
	world_free(c.w);
}

/* Those who are registered here. */
static void a_hub_shows_the_peers_that_are_selected(void **state)
{
	static const char *const cases[][2] = {
		{ "", A_NBMA " " B_NBMA },
		{ "interface lan0", "" },
		{ "nbma " B_NBMA, B_NBMA },
		{ "nbma 192.0.2.1", "" },
		{ "protocol " SPOKE_B, B_NBMA },
		{ "protocol 10.0.0.0/24", A_NBMA " " B_NBMA },
		{ "protocol " SPOKE_B " nbma " A_NBMA, "" },
		{ "protocol 10.0.0.77", "" },
	};
	struct cast c = begin();

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct selector s = selector_of(cases[k][0]);
		struct listed l = { .sink = { list_row }, .key = "nbma" };

		engine_show(world_node(c.w, c.hub)->engine, SHOW_PEERS, &s, &l.sink,
			    c.w->now);
		if (strcmp(l.text, cases[k][1]) != 0)
			fail_msg("'%s': %s", cases[k][0], l.text);
	}
	world_free(c.w);
}

/* The same as a listing that is taken piece by piece. */
static void a_listing_is_of_the_tunnels_that_are_selected(void **state)
{
	struct cast c = begin();

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(shown); k++) {
		struct selector s = selector_of(shown[k].selector);
		struct listed l = { .sink = { list_row }, .key = shown[k].key };
		struct listing *it;

		if (shown[k].table != SHOW_CACHE)
			continue;
		it = engine_list_cache(world_node(c.w, c.a)->engine, &s);
		while (listing_show(it, &l.sink, 1, c.w->now))
			;
		listing_free(it);
		if (strcmp(l.text, shown[k].rows) != 0)
			fail_msg("'%s': %s", shown[k].selector, l.text);
	}
	world_free(c.w);
}

/* Behind NAT a station is known by either address. */
static void a_station_behind_nat_is_selected_by_both_its_addresses(void **state)
{
	static const char *const selectors[] = { "nbma 198.51.100.33",
						 "nbma 192.168.7.3" };
	struct world *w = world_new(SEED);
	int hub = story_hub(w, "holding-time 600");

	(void)state;
	world_add(w, &(struct node_spec){ "a", "192.168.7.3", "198.51.100.33",
					  SPOKE_A "/24", SPOKE_WORDS });
	world_run_s(w, 1);
	for (size_t k = 0; k < ARRAY_SIZE(selectors); k++) {
		struct selector s = selector_of(selectors[k]);
		struct listed l = { .sink = { list_row }, .key = "protocol" };

		engine_show(world_node(w, hub)->engine, SHOW_CACHE, &s, &l.sink,
			    w->now);
		assert_string_equal(l.text, SPOKE_A);
	}
	world_free(w);
}

/* --- commands ------------------------------------------------------------- */

static void command(struct cast *c, enum command cmd, const char *selector,
		    const char *target)
{
	struct event ev = { EV_COMMAND,
			    .command = { cmd, 1, selector_of(selector), { 0 } } };

	if (target)
		ev.command.target = unit_addr(target);
	c->w->answer = (struct act_answer){ 0 };
	world_handle(world_node(c->w, c->a), &ev);
}

static void a_command_touches_what_is_selected(void **state)
{
	static const struct {
		enum command command;
		const char *selector;
		unsigned touched;
		bool b_is_left, shortcut_is_left;
	} cases[] = {
		{ CMD_FLUSH, "interface gre2", 0, true, true },
		{ CMD_FLUSH, "nbma " B_NBMA, 2, false, false },
		{ CMD_FLUSH, "protocol " SPOKE_B, 1, false, false },
		{ CMD_FLUSH, "local-protocol " GRE2_ADDR, 0, true, true },
		{ CMD_REDIRECT_PURGE, "nbma " HUB_NBMA, 0, true, true },
		{ CMD_REDIRECT_PURGE, "nbma " B_NBMA, 1, true, false },
		{ CMD_REDIRECT_PURGE, "interface gre2", 0, true, true },
		/* The server as well. */
		{ CMD_PURGE, "interface gre1", 3, false, false },
		{ CMD_PURGE, "interface gre2", 1, true, true },
		{ CMD_PURGE, "nbma " HUB_NBMA, 1, true, true },
		{ CMD_LOWERDOWN, "local-nbma " A_NBMA, 3, false, false },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct cast c = begin();
		bool known, shortened;

		command(&c, cases[k].command, cases[k].selector, NULL);
		known = strcmp(world_cache(c.w, c.a, SPOKE_B, "type"), "cached") == 0;
		shortened = strcmp(world_shortcut(c.w, c.a, B_LAN), SPOKE_B) == 0;
		if (world_answer(c.w)->count != cases[k].touched ||
		    known != cases[k].b_is_left ||
		    shortened != cases[k].shortcut_is_left)
			fail_msg("%d '%s': %u touched, station %d, shortcut %d",
				 (int)cases[k].command, cases[k].selector,
				 world_answer(c.w)->count, known, shortened);
		world_free(c.w);
	}
}

/* Of two tunnels that may both know, the one that is named is asked. */
static void an_operator_asks_by_the_tunnel_that_is_selected(void **state)
{
	struct cast c = begin();

	(void)state;
	command(&c, CMD_RESOLVE, "interface gre1", SPOKE_B);
	world_run_s(c.w, 1);
	assert_true(world_answer(c.w)->ok);
	command(&c, CMD_RESOLVE, "interface gre2", SPOKE_B);
	assert_false(world_answer(c.w)->ok);
	assert_string_equal(world_answer(c.w)->reason,
			    "no next hop server is configured for this address");
	command(&c, CMD_RESOLVE, "interface gre2", GRE2_HUB);
	world_run_s(c.w, 10);
	assert_false(world_answer(c.w)->ok);
	assert_string_equal(world_answer(c.w)->reason, "no answer");
	world_free(c.w);
}

/* --- one tunnel of two ---------------------------------------------------- */

static void a_tunnel_that_is_removed_leaves_the_other_alone(void **state)
{
	struct cast c = begin();

	(void)state;
	/* Questions under way on both, of which one's end is told. */
	world_cut(c.w, c.hub, c.a, true);
	world_command(c.w, c.a, CMD_RESOLVE, "10.0.0.99");
	command(&c, CMD_RESOLVE, "interface gre2", "10.9.0.99");
	assert_false(world_answer(c.w)->token);
	world_reload(c.w, c.a, EDGE_WORDS);
	assert_int_equal(world_answer(c.w)->token, 1);
	assert_false(world_answer(c.w)->ok);
	assert_string_equal(world_show(c.w, c.a, SHOW_INTERFACES, "interface", "gre2",
				       "state"),
			    "");
	assert_cache(c.w, c.a, SPOKE_B, "type", "cached");
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
	world_run_s(c.w, 15);
	assert_string_equal(world_answer(c.w)->reason, "no answer");
	world_free(c.w);
}

static void a_tunnel_that_is_down_leaves_the_other_alone(void **state)
{
	struct cast c = begin();

	(void)state;
	tell_gre2(world_node(c.w, c.a), false);
	assert_string_equal(world_show(c.w, c.a, SHOW_INTERFACES, "interface", "gre2",
				       "reason"),
			    "the device is down: ip link set up");
	assert_string_equal(world_show(c.w, c.a, SHOW_INTERFACES, "interface", "gre1",
				       "state"),
			    "up");
	assert_cache(c.w, c.a, GRE2_HUB, "state", "down");
	assert_cache(c.w, c.a, HUB, "state", "up");
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
	tell_gre2(world_node(c.w, c.a), true);
	assert_cache(c.w, c.a, GRE2_HUB, "state", "registering");
	world_free(c.w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_shows_the_rows_that_are_selected),
		cmocka_unit_test(a_hub_shows_the_peers_that_are_selected),
		cmocka_unit_test(a_listing_is_of_the_tunnels_that_are_selected),
		cmocka_unit_test(
			a_station_behind_nat_is_selected_by_both_its_addresses),
		cmocka_unit_test(a_command_touches_what_is_selected),
		cmocka_unit_test(an_operator_asks_by_the_tunnel_that_is_selected),
		cmocka_unit_test(a_tunnel_that_is_removed_leaves_the_other_alone),
		cmocka_unit_test(a_tunnel_that_is_down_leaves_the_other_alone),
	};

	return cmocka_run_group_tests_name("select", tests, NULL, NULL);
}
