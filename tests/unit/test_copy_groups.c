/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>

#include "../../src/os/copy_groups.h"

static struct addr group(unsigned n)
{
	char text[32];

	snprintf(text, sizeof(text), "239.0.%u.%u", n / 256, n % 256);
	return unit_addr(text);
}

static mono at(int64_t s)
{
	return (mono){ s * 1000000 };
}

static void a_group_of_an_interface_has_one_row(void **state)
{
	struct copy_groups *t = calloc(1, sizeof(*t));
	struct addr a = group(1), b = group(2);
	struct copy_group *row = copy_groups_get(t, "gre1", &a, at(1));

	(void)state;
	row->packets = 5;
	assert_ptr_equal(copy_groups_get(t, "gre1", &a, at(2)), row);
	assert_int_equal(row->packets, 5);
	assert_int_equal(row->last.us, at(2).us);
	assert_ptr_not_equal(copy_groups_get(t, "gre1", &b, at(3)), row);
	assert_ptr_not_equal(copy_groups_get(t, "gre2", &a, at(4)), row);
	assert_int_equal(t->count, 3);
	free(t);
}

/* A program that sends to one group after the other pushes nobody out who speaks. */
static void a_full_table_gives_up_the_one_that_was_silent_the_longest(void **state)
{
	struct copy_groups *t = calloc(1, sizeof(*t));
	struct addr ospf = unit_addr("224.0.0.5"), first = group(0);

	(void)state;
	copy_groups_get(t, "gre1", &ospf, at(0))->packets = 77;
	for (unsigned n = 0; n < 1000; n++) {
		struct addr g = group(n);

		copy_groups_get(t, "gre1", &g, at(2 * n));
		copy_groups_get(t, "gre1", &ospf, at(2 * n + 1));
	}
	assert_int_equal(t->count, COPY_GROUPS_MAX);
	assert_int_equal(copy_groups_get(t, "gre1", &ospf, at(3000))->packets, 77);
	copy_groups_get(t, "gre1", &first, at(3001))->packets++;
	assert_int_equal(copy_groups_get(t, "gre1", &first, at(3002))->packets, 1);
	assert_int_equal(t->count, COPY_GROUPS_MAX);
	free(t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_group_of_an_interface_has_one_row),
		cmocka_unit_test(
			a_full_table_gives_up_the_one_that_was_silent_the_longest),
	};

	return cmocka_run_group_tests_name("copy_groups", tests, NULL, NULL);
}
