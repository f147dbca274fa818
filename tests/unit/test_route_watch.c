/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>

#include <nhrp/defs.h>

#include "../../src/os/route_watch.h"

static void add(struct route_watch *w, const char *prefix)
{
	const struct prefix p = unit_prefix(prefix);

	route_watch_add(w, &p);
}

static void del(struct route_watch *w, const char *prefix)
{
	const struct prefix p = unit_prefix(prefix);

	route_watch_del(w, &p);
}

/* One after the other, each with a blank behind it. */
static const char *taken(struct route_watch *w,
			 bool (*take)(struct route_watch *w, struct prefix *out))
{
	static char text[512];
	struct prefix p;

	text[0] = 0;
	while (take(w, &p)) {
		strcat(text, PREFIX_STR(&p));
		strcat(text, " ");
	}
	return text;
}

static void a_change_hits_what_it_covers_and_what_it_lies_in(void **state)
{
	static const struct {
		const char *changed, *hit;
	} cases[] = {
		{ "10.1.2.0/24", "10.1.2.0/24 10.1.0.0/16 10.0.0.0/8 " },
		{ "10.1.0.0/16", "10.1.0.0/16 10.1.2.0/24 10.1.3.0/24 10.0.0.0/8 " },
		{ "10.1.2.7/32", "10.1.2.0/24 10.1.0.0/16 10.0.0.0/8 " },
		{ "10.2.0.0/16", "10.0.0.0/8 " },
		{ "0.0.0.0/0",
		  "10.0.0.0/8 10.1.0.0/16 10.1.2.0/24 10.1.3.0/24 192.168.0.0/16 " },
		{ "172.16.0.0/12", "" },
		{ "fd00:1::/48", "fd00:1::/32 " },
		{ "::/0", "fd00:1::/32 " },
	};
	struct route_watch *w = route_watch_new();

	(void)state;
	add(w, "10.1.2.0/24");
	add(w, "192.168.0.0/16");
	add(w, "10.1.3.0/24");
	add(w, "10.0.0.0/8");
	add(w, "10.1.0.0/16");
	add(w, "fd00:1::/32");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct prefix changed = unit_prefix(cases[i].changed);

		route_watch_hit(w, &changed);
		assert_string_equal(taken(w, route_watch_take_hit), cases[i].hit);
	}
	route_watch_free(w);
}

static void the_whole_family_is_hit_by_any_of_it(void **state)
{
	const struct prefix any = unit_prefix("192.0.2.7/32");
	struct route_watch *w = route_watch_new();

	(void)state;
	add(w, "::/0");
	add(w, "0.0.0.0/0");
	add(w, "192.0.0.0/1");
	route_watch_hit(w, &any);
	assert_string_equal(taken(w, route_watch_take_hit), "192.0.0.0/1 0.0.0.0/0 ");
	route_watch_free(w);
}

static void a_prefix_is_watched_as_often_as_it_is_wanted(void **state)
{
	const struct prefix changed = unit_prefix("10.1.2.0/24");
	struct route_watch *w = route_watch_new();

	(void)state;
	add(w, "10.1.2.0/24");
	add(w, "10.1.2.0/24");
	del(w, "10.1.2.0/24");
	route_watch_hit(w, &changed);
	assert_string_equal(taken(w, route_watch_take_hit), "10.1.2.0/24 ");
	del(w, "10.1.2.0/24");
	route_watch_hit(w, &changed);
	assert_string_equal(taken(w, route_watch_take_hit), "");
	assert_int_equal(route_watch_count(w), 0);
	route_watch_free(w);
}

static void to_remove_what_is_not_watched_does_nothing(void **state)
{
	struct route_watch *w = route_watch_new();

	(void)state;
	add(w, "10.0.0.0/8");
	del(w, "10.1.0.0/16");
	assert_int_equal(route_watch_count(w), 1);
	route_watch_free(w);
}

/* What changed between the question and the watching would be missed. */
static void a_new_prefix_is_suspected_once(void **state)
{
	struct route_watch *w = route_watch_new();

	(void)state;
	add(w, "10.1.2.0/24");
	add(w, "10.1.2.0/24");
	assert_string_equal(taken(w, route_watch_take_suspect), "10.1.2.0/24 ");
	add(w, "10.1.2.0/24");
	assert_string_equal(taken(w, route_watch_take_suspect), "");
	route_watch_free(w);
}

static void all_are_suspected_once_each(void **state)
{
	struct route_watch *w = route_watch_new();

	(void)state;
	add(w, "10.1.2.0/24");
	add(w, "fd00::/64");
	(void)taken(w, route_watch_take_suspect);
	route_watch_suspect_all(w);
	route_watch_suspect_all(w);
	assert_string_equal(taken(w, route_watch_take_suspect),
			    "10.1.2.0/24 fd00::/64 ");
	route_watch_free(w);
}

static void what_is_removed_meanwhile_is_not_taken_out(void **state)
{
	const struct prefix all = unit_prefix("10.0.0.0/8");
	struct route_watch *w = route_watch_new();
	struct prefix p;

	(void)state;
	add(w, "10.1.0.0/16");
	add(w, "10.2.0.0/16");
	add(w, "10.3.0.0/16");
	route_watch_hit(w, &all);
	assert_true(route_watch_take_hit(w, &p));
	del(w, "10.2.0.0/16");
	del(w, "10.1.0.0/16");
	assert_string_equal(taken(w, route_watch_take_hit), "10.3.0.0/16 ");
	assert_string_equal(taken(w, route_watch_take_suspect), "10.3.0.0/16 ");
	route_watch_free(w);
}

static void ranges_join_what_touches(void **state)
{
	struct route_ranges r;
	struct route_watch *w = route_watch_new();

	(void)state;
	add(w, "10.1.1.0/24");
	add(w, "10.1.0.0/24");
	add(w, "10.1.0.7/32");
	add(w, "255.255.255.255/32");
	add(w, "10.9.0.0/16");
	route_watch_ranges(w, ADDR_IP4, &r);
	assert_int_equal(r.count, 3);
	assert_int_equal(r.list[0].first, 0x0a010000);
	assert_int_equal(r.list[0].last, 0x0a0101ff);
	assert_int_equal(r.list[1].first, 0x0a090000);
	assert_int_equal(r.list[1].last, 0x0a09ffff);
	assert_int_equal(r.list[2].first, 0xffffffff);
	assert_int_equal(r.list[2].last, 0xffffffff);
	route_watch_free(w);
}

static void ranges_of_ipv6_are_those_of_the_first_32_bits(void **state)
{
	struct route_ranges r;
	struct route_watch *w = route_watch_new();

	(void)state;
	add(w, "2001:db8:1::/48");
	add(w, "2001:db8:2::/48");
	add(w, "fd00::/8");
	route_watch_ranges(w, ADDR_IP4, &r);
	assert_int_equal(r.count, 0);
	route_watch_ranges(w, ADDR_IP6, &r);
	assert_int_equal(r.count, 2);
	assert_int_equal(r.list[0].first, 0x20010db8);
	assert_int_equal(r.list[0].last, 0x20010db8);
	assert_int_equal(r.list[1].first, 0xfd000000);
	assert_int_equal(r.list[1].last, 0xfdffffff);
	route_watch_free(w);
}

static void everything_is_one_range(void **state)
{
	struct route_ranges r;
	struct route_watch *w = route_watch_new();

	(void)state;
	add(w, "0.0.0.0/0");
	add(w, "10.0.0.0/8");
	add(w, "192.168.1.0/24");
	route_watch_ranges(w, ADDR_IP4, &r);
	assert_int_equal(r.count, 1);
	assert_int_equal(r.list[0].first, 0);
	assert_int_equal(r.list[0].last, UINT32_MAX);
	route_watch_free(w);
}

static void many_prefixes_are_few_ranges_that_hold_all_of_them(void **state)
{
	const struct prefix elsewhere = unit_prefix("192.0.2.0/24");
	struct route_ranges r;
	struct route_watch *w = route_watch_new();
	struct prefix p;

	(void)state;
	for (unsigned i = 0; i < 500; i++) {
		char text[32];

		snprintf(text, sizeof(text), "10.%u.%u.0/24", i / 100, i % 100 * 2);
		add(w, text);
	}
	route_watch_ranges(w, ADDR_IP4, &r);
	assert_in_range(r.count, 1, ROUTE_RANGES_MAX);
	while (route_watch_take_suspect(w, &p))
		assert_true(route_ranges_hold(&r, route_range_of(&p)));
	assert_false(route_ranges_hold(&r, route_range_of(&elsewhere)));
	route_watch_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_hits_what_it_covers_and_what_it_lies_in),
		cmocka_unit_test(the_whole_family_is_hit_by_any_of_it),
		cmocka_unit_test(a_prefix_is_watched_as_often_as_it_is_wanted),
		cmocka_unit_test(to_remove_what_is_not_watched_does_nothing),
		cmocka_unit_test(a_new_prefix_is_suspected_once),
		cmocka_unit_test(all_are_suspected_once_each),
		cmocka_unit_test(what_is_removed_meanwhile_is_not_taken_out),
		cmocka_unit_test(ranges_join_what_touches),
		cmocka_unit_test(ranges_of_ipv6_are_those_of_the_first_32_bits),
		cmocka_unit_test(everything_is_one_range),
		cmocka_unit_test(many_prefixes_are_few_ranges_that_hold_all_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
