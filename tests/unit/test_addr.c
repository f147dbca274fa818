/* SPDX-License-Identifier: MIT */
#include "unit.h"

static void text_and_back_is_the_same(void **state)
{
	static const char *const cases[] = {
		"0.0.0.0", "10.0.0.1", "255.255.255.255",
		"::",	   "fe80::1",  "2001:db8::ff:0:1"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct addr a = unit_addr(cases[i]);

		assert_string_equal(ADDR_STR(&a), cases[i]);
	}
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const cases[] = {
		"", "10.0.0", "10.0.0.256", "10.0.0.1 ", "fe80::1%1", ":::", "hub1"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct addr a;

		assert_false(addr_parse(&a, cases[i]));
		assert_int_equal(a.family, ADDR_NONE);
	}
}

static void a_prefix_length_fits_its_family(void **state)
{
	struct prefix p;

	(void)state;
	assert_true(prefix_parse(&p, "10.0.0.1/24"));
	assert_int_equal(p.len, 24);
	assert_true(prefix_parse(&p, "10.0.0.1"));
	assert_int_equal(p.len, 32);
	assert_true(prefix_parse(&p, "fd00::/128"));
	assert_false(prefix_parse(&p, "10.0.0.1/33"));
	assert_false(prefix_parse(&p, "10.0.0.1/"));
	assert_false(prefix_parse(&p, "10.0.0.1/2x"));
	assert_false(prefix_parse(&p, "fd00::/129"));
	assert_false(prefix_parse(&p, "fd00::/0129"));
}

static void containment_looks_at_the_prefix_bits_only(void **state)
{
	static const struct {
		const char *prefix, *addr;
		bool inside;
	} cases[] = {
		{ "10.0.0.0/24", "10.0.0.255", true },
		{ "10.0.0.77/24", "10.0.0.255", true },
		{ "10.0.0.0/24", "10.0.1.0", false },
		{ "10.0.0.128/25", "10.0.0.127", false },
		{ "0.0.0.0/0", "192.0.2.1", true },
		{ "0.0.0.0/0", "fd00::1", false },
		{ "fd00::/7", "fc00::1", true },
		{ "10.0.0.1/32", "10.0.0.1", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct prefix p = unit_prefix(cases[i].prefix);
		struct addr a = unit_addr(cases[i].addr);

		assert_int_equal(prefix_contains(&p, &a), cases[i].inside);
	}
}

static void masking_clears_and_last_sets_the_host_bits(void **state)
{
	struct prefix p = unit_prefix("10.1.255.200/20"), m = prefix_masked(&p);
	struct addr last = prefix_last(&p);

	(void)state;
	assert_string_equal(PREFIX_STR(&m), "10.1.240.0/20");
	assert_string_equal(ADDR_STR(&last), "10.1.255.255");
}

static void only_a_unicast_address_may_be_a_stations(void **state)
{
	static const struct {
		const char *addr;
		bool unicast;
	} cases[] = {
		{ "10.0.0.1", true },	 { "127.0.0.1", false },
		{ "224.0.0.5", false },	 { "255.255.255.255", false },
		{ "0.0.0.0", false },	 { "0.1.2.3", false },
		{ "fe80::1", true },	 { "::1", false },
		{ "ff02::5", false },	 { "::", false },
		{ "2001:db8::1", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct addr a = unit_addr(cases[i].addr);

		assert_int_equal(addr_is_unicast(&a), cases[i].unicast);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_and_back_is_the_same),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(a_prefix_length_fits_its_family),
		cmocka_unit_test(containment_looks_at_the_prefix_bits_only),
		cmocka_unit_test(masking_clears_and_last_sets_the_host_bits),
		cmocka_unit_test(only_a_unicast_address_may_be_a_stations),
	};

	return cmocka_run_group_tests_name("addr", tests, NULL, NULL);
}
