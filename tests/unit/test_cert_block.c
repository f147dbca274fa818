/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>

#include <nhrp/text.h>

#include "../../src/os/cert_block.h"

static const char *text(const struct cert_facts *f, char room[4096])
{
	size_t at = 0;

	room[0] = '\0';
	for (size_t k = 0; k < f->count; k++)
		at += (size_t)snprintf(room + at, 4096 - at, "%s%s", k ? " " : "",
				       PREFIX_STR(&f->prefixes[k]));
	return room;
}

static bool add(struct cert_facts *f, const char *first, const char *last)
{
	struct addr from = unit_addr(first), to = unit_addr(last);

	return cert_block_add(f, &from, &to);
}

static void a_range_becomes_the_fewest_prefixes_inside_of_it(void **state)
{
	static const char *const cases[][3] = {
		{ "10.0.0.1", "10.0.0.1", "10.0.0.1/32" },
		{ "10.0.0.0", "10.0.0.255", "10.0.0.0/24" },
		{ "10.0.0.1", "10.0.0.6",
		  "10.0.0.1/32 10.0.0.2/31 10.0.0.4/31 10.0.0.6/32" },
		{ "10.0.0.255", "10.0.1.0", "10.0.0.255/32 10.0.1.0/32" },
		{ "0.0.0.0", "255.255.255.255", "0.0.0.0/0" },
		{ "128.0.0.0", "255.255.255.255", "128.0.0.0/1" },
		{ "255.255.255.254", "255.255.255.255", "255.255.255.254/31" },
		{ "10.0.0.2", "10.0.0.1", "" },
		{ "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0" },
		{ "fd00::1", "fd00::4", "fd00::1/128 fd00::2/127 fd00::4/128" },
		{ "fd00::ffff", "fd00::1:0", "fd00::ffff/128 fd00::1:0/128" },
	};
	char room[4096];

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct cert_facts f = { .count = 0 };

		assert_true(add(&f, cases[k][0], cases[k][1]));
		assert_string_equal(text(&f, room), cases[k][2]);
	}
}

/* Whatever is inside of the range is inside of one of its prefixes. */
static void no_prefix_of_a_range_falls_between_its_pieces(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 64; first += 3) {
		for (unsigned last = first; last < 64; last += 5) {
			struct cert_facts f = { .count = 0 };
			struct addr from = unit_addr("10.0.0.0"), to = from;

			from.bytes[3] = (uint8_t)first;
			to.bytes[3] = (uint8_t)last;
			assert_true(cert_block_add(&f, &from, &to));
			for (unsigned a = 0; a < 64; a++) {
				bool found = false;

				from.bytes[3] = (uint8_t)a;
				for (size_t k = 0; k < f.count; k++)
					found |= prefix_contains(&f.prefixes[k], &from);
				assert_int_equal(found, a >= first && a <= last);
			}
		}
	}
}

static void more_than_there_is_room_for_is_said_and_not_cut(void **state)
{
	struct cert_facts f = { .count = 0 };

	(void)state;
	assert_true(add(&f, "0.0.0.1", "255.255.255.254")); /* 62 prefixes */
	assert_int_equal(f.count, 62);
	assert_true(add(&f, "fd00::1", "fd00::2"));
	assert_false(add(&f, "fd00::1", "fd00::1"));
	/* the worst range there is */
	f.count = 0;
	assert_false(add(&f, "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"));
}

static void what_two_give_is_what_is_inside_of_both(void **state)
{
	struct cert_facts a = { .until_s = 20 }, b = { .until_s = 10 };
	char room[4096];

	(void)state;
	assert_true(add(&a, "10.0.0.0", "10.0.255.255"));
	assert_true(add(&a, "192.168.2.0", "192.168.2.255"));
	assert_true(add(&a, "fd00::", "fd00::ff"));
	assert_true(add(&b, "10.0.0.2", "10.0.0.2"));
	assert_true(add(&b, "192.168.0.0", "192.168.255.255"));
	assert_true(add(&b, "172.16.0.0", "172.16.0.255"));
	assert_true(cert_block_meet(&a, &b));
	assert_string_equal(text(&a, room), "10.0.0.2/32 192.168.2.0/24");
	assert_int_equal(a.until_s, 10);
	b.count = 0;
	assert_true(cert_block_meet(&a, &b));
	assert_int_equal(a.count, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_range_becomes_the_fewest_prefixes_inside_of_it),
		cmocka_unit_test(no_prefix_of_a_range_falls_between_its_pieces),
		cmocka_unit_test(more_than_there_is_room_for_is_said_and_not_cut),
		cmocka_unit_test(what_two_give_is_what_is_inside_of_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
