/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "../../src/engine/engine_int.h"

static void every_cell_of_the_client_table_is_decided(void **state)
{
	(void)state;
	for (int s = 0; s < CLIENT_STATES; s++) {
		for (int ev = 0; ev < CLIENT_EVENTS; ev++) {
			if (!client_cell_decided((enum client_state)s,
						 (enum client_event)ev))
				fail_msg("state %s, event %d",
					 client_state_str((enum client_state)s), ev);
		}
	}
}

static void every_state_type_and_counter_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int s = 0; s < CLIENT_STATES; s++)
		assert_non_null(client_state_str((enum client_state)s));
	for (int t = 0; t < BINDING_TYPES; t++)
		assert_non_null(binding_type_str((enum binding_type)t));
	for (int c = 0; c < COUNTERS; c++) {
		assert_non_null(counter_names[c]);
		for (int d = 0; d < c; d++)
			assert_string_not_equal(counter_names[c], counter_names[d]);
	}
}

/* rx.c counts a malformed packet by adding the error to the first of them. */
static void each_decoding_error_has_its_counter(void **state)
{
	(void)state;
	assert_int_equal(CNT_BAD_DUPLICATE_EXT - CNT_BAD_TOO_SHORT,
			 PKT_DUPLICATE_EXT - PKT_TOO_SHORT);
	assert_int_equal(PKT_DUPLICATE_EXT, PKT_ERRS - 1);
	assert_int_equal(CNT_BAD_CHECKSUM - CNT_BAD_TOO_SHORT,
			 PKT_BAD_CHECKSUM - PKT_TOO_SHORT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell_of_the_client_table_is_decided),
		cmocka_unit_test(every_state_type_and_counter_has_a_name_of_its_own),
		cmocka_unit_test(each_decoding_error_has_its_counter),
	};

	return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
