/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <nhrp/auth.h>

static const struct auth_key key = { 8, { 'A', 'U', 'T', 'H', '_', '1', '2', '3' } };

static void the_value_is_spi_1_and_the_key(void **state)
{
	static const uint8_t want[] = { 0,   0,	  0,   1,   'A', 'U',
					'T', 'H', '_', '1', '2', '3' };
	uint8_t value[AUTH_VALUE_MAX];

	(void)state;
	assert_int_equal(auth_value(&key, value), sizeof(want));
	assert_memory_equal(value, want, sizeof(want));
}

static void only_the_very_value_is_accepted(void **state)
{
	static const struct {
		const char *value;
		size_t len;
		bool accepted;
	} cases[] = {
		{ "\0\0\0\1AUTH_123", 12, true },
		{ "\0\0\0\1AUTH_124", 12, false },
		{ "\0\0\0\1BUTH_123", 12, false },
		{ "\0\0\0\1AUTH_12", 11, false },
		{ "\0\0\0\1AUTH_1234", 13, false },
		{ "\0\0\0\1", 4, false },
		{ "\0\0\0\2AUTH_123", 12, false },
		{ "\0\1\0\1AUTH_123", 12, false },
		{ "", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t *value = unit_exact_copy(cases[i].value, cases[i].len);
		struct packet p;
		struct ext *e;

		packet_init(&p, NHRP_REGISTRATION_REQUEST, ADDR_IP4, ADDR_IP4);
		e = packet_add_ext(&p, NHRP_EXT_AUTHENTICATION, true, EXT_RAW);
		assert_non_null(e);
		e->raw = value;
		e->raw_len = (uint16_t)cases[i].len;
		assert_int_equal(auth_accepts(&key, &p), cases[i].accepted);
		free(value);
	}
}

static void a_missing_field_is_a_failure(void **state)
{
	struct packet p;

	(void)state;
	packet_init(&p, NHRP_REGISTRATION_REQUEST, ADDR_IP4, ADDR_IP4);
	assert_false(auth_accepts(&key, &p));
}

static void without_a_key_everything_is_accepted(void **state)
{
	static const struct auth_key none = { 0 };
	struct packet p;
	struct ext *e;

	(void)state;
	packet_init(&p, NHRP_REGISTRATION_REQUEST, ADDR_IP4, ADDR_IP4);
	assert_true(auth_accepts(&none, &p));
	e = packet_add_ext(&p, NHRP_EXT_AUTHENTICATION, true, EXT_RAW);
	assert_non_null(e);
	assert_true(auth_accepts(&none, &p));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_value_is_spi_1_and_the_key),
		cmocka_unit_test(only_the_very_value_is_accepted),
		cmocka_unit_test(a_missing_field_is_a_failure),
		cmocka_unit_test(without_a_key_everything_is_accepted),
	};

	return cmocka_run_group_tests_name("auth", tests, NULL, NULL);
}
