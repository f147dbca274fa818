/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <nhrp/buf.h>

static void numbers_are_big_endian(void **state)
{
	static const uint8_t octets[] = { 0x01, 0x02, 0x03, 0x84, 0x05, 0x06, 0x07 };
	struct rd r = rd_init(octets, sizeof(octets));
	uint8_t out[sizeof(octets)];
	struct wr w = wr_init(out, sizeof(out));

	(void)state;
	assert_int_equal(rd_u8(&r), 0x01);
	assert_int_equal(rd_u16(&r), 0x0203);
	assert_int_equal(rd_u32(&r), 0x84050607);
	assert_int_equal(rd_left(&r), 0);
	assert_false(r.bad);
	wr_u8(&w, 0x01);
	wr_u16(&w, 0x0203);
	wr_u32(&w, 0x84050607);
	assert_false(w.bad);
	assert_memory_equal(out, octets, sizeof(octets));
}

static void a_read_past_the_end_yields_zero_and_stays_bad(void **state)
{
	static const uint8_t octets[] = { 0xaa, 0xbb, 0xcc };
	uint8_t *exact = unit_exact_copy(octets, sizeof(octets));
	struct rd r = rd_init(exact, sizeof(octets));

	(void)state;
	assert_int_equal(rd_u32(&r), 0);
	assert_true(r.bad);
	/* There would be room for these; a failure is not forgotten. */
	assert_int_equal(rd_u16(&r), 0);
	assert_int_equal(rd_u8(&r), 0);
	assert_null(rd_take(&r, 0));
	assert_int_equal(rd_pos(&r), 0);
	free(exact);
}

static void the_last_octet_can_be_taken_and_no_more(void **state)
{
	static const uint8_t octets[] = { 1, 2, 3 };
	uint8_t *exact = unit_exact_copy(octets, sizeof(octets));
	struct rd r = rd_init(exact, sizeof(octets));

	(void)state;
	assert_ptr_equal(rd_take(&r, 3), exact);
	assert_ptr_equal(rd_take(&r, 0), exact + 3);
	assert_false(r.bad);
	assert_null(rd_take(&r, 1));
	assert_true(r.bad);
	free(exact);
}

static void a_length_that_would_wrap_is_refused(void **state)
{
	static const uint8_t octets[] = { 1, 2, 3 };
	uint8_t out[3];
	struct rd r = rd_init(octets, sizeof(octets));
	struct wr w = wr_init(out, sizeof(out));

	(void)state;
	rd_u8(&r);
	wr_u8(&w, 0);
	assert_null(rd_take(&r, SIZE_MAX));
	assert_null(wr_take(&w, SIZE_MAX));
	assert_true(r.bad);
	assert_true(w.bad);
}

static void a_reader_of_nothing_is_empty(void **state)
{
	struct rd r = rd_init(NULL, 0);

	(void)state;
	assert_int_equal(rd_left(&r), 0);
	assert_int_equal(rd_u8(&r), 0);
	assert_true(r.bad);
}

static void a_write_past_the_end_writes_nothing_and_stays_bad(void **state)
{
	uint8_t *exact = unit_exact_copy("\xee\xee\xee", 3);
	struct wr w = wr_init(exact, 3);

	(void)state;
	wr_bytes(&w, "abcd", 4);
	assert_true(w.bad);
	wr_u8(&w, 1); /* would fit */
	assert_int_equal(wr_pos(&w), 0);
	assert_memory_equal(exact, "\xee\xee\xee", 3);
	free(exact);
}

static void no_octets_are_written_from_nowhere(void **state)
{
	uint8_t out[1];
	struct wr w = wr_init(out, sizeof(out));

	(void)state;
	wr_bytes(&w, NULL, 0);
	assert_false(w.bad);
	assert_int_equal(wr_pos(&w), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_big_endian),
		cmocka_unit_test(a_read_past_the_end_yields_zero_and_stays_bad),
		cmocka_unit_test(the_last_octet_can_be_taken_and_no_more),
		cmocka_unit_test(a_length_that_would_wrap_is_refused),
		cmocka_unit_test(a_reader_of_nothing_is_empty),
		cmocka_unit_test(a_write_past_the_end_writes_nothing_and_stays_bad),
		cmocka_unit_test(no_octets_are_written_from_nowhere),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
