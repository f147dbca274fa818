/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <nhrp/rng.h>

static void the_same_seed_gives_the_same_numbers(void **state)
{
	struct rng a = rng_init(7), b = rng_init(7), c = rng_init(8);

	(void)state;
	for (int i = 0; i < 100; i++) {
		uint64_t n = rng_next(&a);

		assert_true(n == rng_next(&b));
		assert_true(n != rng_next(&c));
	}
}

static void every_number_below_the_bound_comes_up(void **state)
{
	struct rng r = rng_init(1);
	unsigned seen[10] = { 0 };

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint32_t n = rng_below(&r, 10);

		assert_in_range(n, 0, 9);
		seen[n]++;
	}
	for (size_t i = 0; i < ARRAY_SIZE(seen); i++)
		assert_in_range(seen[i], 800, 1200);
	assert_int_equal(rng_below(&r, 0), 0);
	assert_int_equal(rng_below(&r, 1), 0);
}

static void jitter_stays_within_its_percentage_and_varies(void **state)
{
	struct rng r = rng_init(1);
	int64_t low = INT64_MAX, high = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t v = rng_jitter(&r, 1000, 10);

		low = v < low ? v : low;
		high = v > high ? v : high;
	}
	assert_in_range(low, 900, 910);
	assert_in_range(high, 1090, 1100);
}

static void no_percentage_is_no_jitter(void **state)
{
	struct rng r = rng_init(1);

	(void)state;
	assert_int_equal(rng_jitter(&r, 1000000, 0), 1000000);
	assert_int_equal(rng_jitter(&r, 0, 50), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_gives_the_same_numbers),
		cmocka_unit_test(every_number_below_the_bound_comes_up),
		cmocka_unit_test(jitter_stays_within_its_percentage_and_varies),
		cmocka_unit_test(no_percentage_is_no_jitter),
	};

	return cmocka_run_group_tests_name("rng", tests, NULL, NULL);
}
