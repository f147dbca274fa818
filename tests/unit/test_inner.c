/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <nhrp/inner.h>

static const uint8_t ip4[] = {
	0x45, 0, 0, 0x54, 0, 0x21, 0, 0, 62, 1, 0x63, 0x4d, 10, 2, 2, 22, 10, 3, 3, 33,
};
static const uint8_t ip6[] = {
	0x60, 0, 0, 0, 0, 64, 58, 64, 0x20, 0x01, 0x0d, 0xb8, 0,    0,
	0,    0, 0, 0, 0, 0,  0,  0,  0,    1,	  0x20, 0x01, 0x0d, 0xb8,
	0,    0, 0, 0, 0, 0,  0,  0,  0,    0,	  0,	2,
};

static void source_and_destination_are_found(void **state)
{
	struct inner in;

	(void)state;
	assert_true(inner_decode(&in, ip4, sizeof(ip4)));
	assert_string_equal(ADDR_STR(&in.src), "10.2.2.22");
	assert_string_equal(ADDR_STR(&in.dst), "10.3.3.33");
	assert_true(inner_decode(&in, ip6, sizeof(ip6)));
	assert_string_equal(ADDR_STR(&in.src), "2001:db8::1");
	assert_string_equal(ADDR_STR(&in.dst), "2001:db8::2");
}

static void a_header_cut_anywhere_is_no_header(void **state)
{
	static const struct {
		const uint8_t *bytes;
		size_t len;
	} cases[] = { { ip4, sizeof(ip4) }, { ip6, sizeof(ip6) } };

	struct inner none;

	(void)state;
	assert_false(inner_decode(&none, NULL, 0));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (size_t cut = 0; cut < cases[i].len; cut++) {
			uint8_t *copy = unit_exact_copy(cases[i].bytes, cut);
			struct inner in;

			assert_false(inner_decode(&in, copy, cut));
			assert_int_equal(in.src.family, ADDR_NONE);
			free(copy);
		}
	}
}

static void options_belong_to_the_header(void **state)
{
	uint8_t packet[24] = { 0 };
	struct inner in;

	(void)state;
	memcpy(packet, ip4, sizeof(ip4));
	packet[0] = 0x46;
	assert_true(inner_decode(&in, packet, 24));
	assert_false(inner_decode(&in, packet, 23));
	packet[0] = 0x44; /* shorter than a header can be */
	assert_false(inner_decode(&in, packet, 24));
}

static void another_version_is_refused(void **state)
{
	uint8_t packet[60];
	struct inner in;

	(void)state;
	for (unsigned version = 0; version < 16; version++) {
		memset(packet, 0x55, sizeof(packet));
		packet[0] = (uint8_t)(version << 4 | 5);
		assert_int_equal(inner_decode(&in, packet, sizeof(packet)),
				 version == 4 || version == 6);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(source_and_destination_are_found),
		cmocka_unit_test(a_header_cut_anywhere_is_no_header),
		cmocka_unit_test(options_belong_to_the_header),
		cmocka_unit_test(another_version_is_refused),
	};

	return cmocka_run_group_tests_name("inner", tests, NULL, NULL);
}
