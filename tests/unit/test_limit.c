/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <nhrp/limit.h>

static const mono start = { 77 };

/* How many of `tries` at the same moment are let through. */
static unsigned taken_at(struct limit *l, mono now, unsigned tries)
{
	unsigned taken = 0;

	while (tries--)
		taken += limit_take(l, now);
	return taken;
}

static void a_burst_passes_at_once_and_then_none(void **state)
{
	struct limit l = limit_init(10, 5);

	(void)state;
	assert_int_equal(taken_at(&l, start, 20), 5);
	assert_int_equal(l.refused, 15);
}

static void the_long_run_is_the_rate(void **state)
{
	static const uint32_t rates[] = { 1, 3, 7, 10, 999, 30000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		struct limit l = limit_init(rates[i], 2);
		unsigned taken = 0;

		/* Asked ten times as often as allowed, for ten seconds and a bit. */
		for (int64_t n = 0; n <= 100 * (int64_t)rates[i]; n++)
			taken += limit_take(&l,
					    mono_add_us(start,
							n * 100000 / rates[i] + n % 2));
		assert_in_range(taken, 10 * rates[i], 10 * rates[i] + 2);
	}
}

static void a_rate_above_one_a_microsecond_is_still_a_rate(void **state)
{
	struct limit l = limit_init(3000000, 1000);

	(void)state;
	assert_int_equal(taken_at(&l, start, 2000), 1000);
	assert_int_equal(taken_at(&l, mono_add_us(start, 100), 2000), 300);
}

static void idleness_earns_one_burst_and_no_more(void **state)
{
	struct limit l = limit_init(10, 5);

	(void)state;
	assert_int_equal(taken_at(&l, start, 20), 5);
	assert_int_equal(taken_at(&l, mono_add_s(start, 1000000000), 20), 5);
}

static void time_that_goes_back_earns_nothing(void **state)
{
	struct limit l = limit_init(10, 1);

	(void)state;
	assert_true(limit_take(&l, mono_add_s(start, 10)));
	assert_false(limit_take(&l, start));
	assert_false(limit_take(&l, mono_add_s(start, 10)));
	assert_true(limit_take(&l, mono_add_ms(start, 10100)));
}

static void without_a_rate_the_burst_is_all(void **state)
{
	struct limit l = limit_init(0, 2);

	(void)state;
	assert_int_equal(taken_at(&l, start, 5), 2);
	assert_int_equal(taken_at(&l, mono_add_s(start, 1000), 5), 0);
}

static void the_largest_numbers_do_not_wrap(void **state)
{
	struct limit l = limit_init(UINT32_MAX, UINT32_MAX);

	(void)state;
	assert_true(limit_take(&l, start));
	assert_true(limit_take(&l, MONO_NEVER));
	assert_true(limit_take(&l, MONO_NEVER));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_passes_at_once_and_then_none),
		cmocka_unit_test(the_long_run_is_the_rate),
		cmocka_unit_test(a_rate_above_one_a_microsecond_is_still_a_rate),
		cmocka_unit_test(idleness_earns_one_burst_and_no_more),
		cmocka_unit_test(time_that_goes_back_earns_nothing),
		cmocka_unit_test(without_a_rate_the_burst_is_all),
		cmocka_unit_test(the_largest_numbers_do_not_wrap),
	};

	return cmocka_run_group_tests_name("limit", tests, NULL, NULL);
}
