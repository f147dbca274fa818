/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "../../src/os/route_others.h"

#define MAIN 254

static struct route_other route(uint32_t table, uint32_t metric, const char *gateway)
{
	struct route_other r = { .table = table, .metric = metric };

	if (gateway)
		r.gateway = unit_addr(gateway);
	return r;
}

static void add(struct route_others *o, const char *dst, uint32_t table,
		uint32_t metric, const char *gateway)
{
	const struct prefix p = unit_prefix(dst);
	const struct route_other r = route(table, metric, gateway);

	route_others_add(o, &p, &r);
}

static void del(struct route_others *o, const char *dst, uint32_t table,
		uint32_t metric, const char *gateway)
{
	const struct prefix p = unit_prefix(dst);
	const struct route_other r = route(table, metric, gateway);

	route_others_del(o, &p, &r);
}

static void displace(struct route_others *o, const char *dst, uint32_t table,
		     uint32_t metric)
{
	const struct prefix p = unit_prefix(dst);
	const struct route_other r = route(table, metric, NULL);

	route_others_displace(o, &p, &r);
}

/* The best one's gateway; "on-link", or "none" of the prefix. */
static const char *best(const struct route_others *o, const char *dst)
{
	static struct addr_text text;
	const struct prefix p = unit_prefix(dst);
	const struct route_other *r = route_others_best(o, &p);

	if (!r)
		return "none";
	return addr_is_set(&r->gateway) ? addr_str(&text, &r->gateway) : "on-link";
}

static void the_best_has_the_lowest_metric(void **state)
{
	struct route_others o = { 0 };

	(void)state;
	add(&o, "10.1.0.0/16", MAIN, 20, "10.0.0.2");
	add(&o, "10.1.0.0/16", MAIN, 5, "10.0.0.1");
	add(&o, "10.1.0.0/16", MAIN, 30, "10.0.0.3");
	assert_string_equal(best(&o, "10.1.0.0/16"), "10.0.0.1");
	del(&o, "10.1.0.0/16", MAIN, 5, "10.0.0.1");
	assert_string_equal(best(&o, "10.1.0.0/16"), "10.0.0.2");
	route_others_clear(&o);
}

static void a_prefix_is_not_another_that_covers_it(void **state)
{
	struct route_others o = { 0 };

	(void)state;
	add(&o, "10.0.0.0/8", MAIN, 0, "10.0.0.1");
	assert_string_equal(best(&o, "10.1.0.0/16"), "none");
	assert_string_equal(best(&o, "10.0.0.0/8"), "10.0.0.1");
	route_others_clear(&o);
}

static void one_of_two_that_goes_leaves_the_other(void **state)
{
	static const struct {
		uint32_t table, metric;
		const char *gateway;
	} others[] = {
		{ 100, 20, "10.0.0.2" },
		{ MAIN, 30, "10.0.0.2" },
		{ MAIN, 20, "10.0.0.3" },
		{ MAIN, 20, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		struct route_others o = { 0 };

		add(&o, "fd01::/64", MAIN, 20, "10.0.0.2");
		add(&o, "fd01::/64", others[i].table, others[i].metric,
		    others[i].gateway);
		del(&o, "fd01::/64", MAIN, 20, "10.0.0.2");
		assert_string_equal(best(&o, "fd01::/64"),
				    others[i].gateway ? others[i].gateway : "on-link");
		del(&o, "fd01::/64", others[i].table, others[i].metric,
		    others[i].gateway);
		assert_string_equal(best(&o, "fd01::/64"), "none");
		route_others_clear(&o);
	}
}

static void one_that_is_told_twice_goes_at_once(void **state)
{
	struct route_others o = { 0 };

	(void)state;
	add(&o, "0.0.0.0/0", MAIN, 0, "10.0.0.1");
	add(&o, "0.0.0.0/0", MAIN, 0, "10.0.0.1");
	del(&o, "0.0.0.0/0", MAIN, 0, "10.0.0.1");
	assert_string_equal(best(&o, "0.0.0.0/0"), "none");
	route_others_clear(&o);
}

static void a_replacement_displaces_those_of_its_table_and_metric(void **state)
{
	struct route_others o = { 0 };

	(void)state;
	add(&o, "10.1.0.0/16", MAIN, 20, "10.0.0.2");
	add(&o, "10.1.0.0/16", MAIN, 20, "10.0.0.3");
	add(&o, "10.1.0.0/16", MAIN, 21, "10.0.0.4");
	displace(&o, "10.1.0.0/16", 100, 20);
	assert_string_equal(best(&o, "10.1.0.0/16"), "10.0.0.2");
	displace(&o, "10.1.0.0/16", MAIN, 20);
	assert_string_equal(best(&o, "10.1.0.0/16"), "10.0.0.4");
	displace(&o, "10.1.0.0/16", MAIN, 21);
	assert_string_equal(best(&o, "10.1.0.0/16"), "none");
	route_others_clear(&o);
}

static void what_is_not_known_is_removed_without_harm(void **state)
{
	struct route_others o = { 0 };

	(void)state;
	del(&o, "10.1.0.0/16", MAIN, 20, NULL);
	displace(&o, "10.1.0.0/16", MAIN, 20);
	add(&o, "10.1.0.0/16", MAIN, 20, NULL);
	del(&o, "10.1.0.0/16", MAIN, 20, "10.0.0.9");
	assert_string_equal(best(&o, "10.1.0.0/16"), "on-link");
	route_others_clear(&o);
}

static void all_are_moved_in_place_of_what_was_there(void **state)
{
	struct route_others o = { 0 }, from = { 0 };

	(void)state;
	add(&o, "10.1.0.0/16", MAIN, 20, NULL);
	add(&from, "10.2.0.0/16", MAIN, 20, NULL);
	route_others_move(&o, &from);
	assert_string_equal(best(&o, "10.1.0.0/16"), "none");
	assert_string_equal(best(&o, "10.2.0.0/16"), "on-link");
	assert_string_equal(best(&from, "10.2.0.0/16"), "none");
	route_others_clear(&o);
}

static void each_prefix_has_a_point(void **state)
{
	struct route_others o = { 0 };
	struct route_range points[3];

	(void)state;
	add(&o, "10.1.0.0/16", MAIN, 20, NULL);
	add(&o, "10.1.0.0/16", MAIN, 30, NULL);
	add(&o, "10.0.0.0/8", MAIN, 20, NULL);
	add(&o, "fd00::/8", MAIN, 20, NULL);
	assert_int_equal(route_others_points(&o, ADDR_IP6, points), 1);
	assert_int_equal(points[0].first, 0xfd000000);
	assert_int_equal(points[0].last, 0xfd000000);
	assert_int_equal(route_others_points(&o, ADDR_IP4, points), 2);
	assert_int_equal(points[0].first, 0x0a000000);
	assert_int_equal(points[1].last, 0x0a010000);
	route_others_clear(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_has_the_lowest_metric),
		cmocka_unit_test(a_prefix_is_not_another_that_covers_it),
		cmocka_unit_test(one_of_two_that_goes_leaves_the_other),
		cmocka_unit_test(one_that_is_told_twice_goes_at_once),
		cmocka_unit_test(a_replacement_displaces_those_of_its_table_and_metric),
		cmocka_unit_test(what_is_not_known_is_removed_without_harm),
		cmocka_unit_test(each_prefix_has_a_point),
		cmocka_unit_test(all_are_moved_in_place_of_what_was_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
