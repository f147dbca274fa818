/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>

#include <nhrp/record.h>

static void each_kind_is_found_by_its_key(void **state)
{
	struct addr a = unit_addr("10.0.0.1");
	struct record r;

	(void)state;
	record_init(&r);
	record_text(&r, "state", "up");
	record_number(&r, "metric", -7);
	record_bool(&r, "used", true);
	record_mono(&r, "since", (mono){ 5 });
	record_addr(&r, "nbma", &a);
	assert_int_equal(r.count, 5);
	assert_int_equal(record_find(&r, "state")->kind, FIELD_TEXT);
	assert_string_equal(record_find(&r, "state")->text, "up");
	assert_int_equal(record_find(&r, "metric")->kind, FIELD_NUMBER);
	assert_int_equal(record_find(&r, "metric")->number, -7);
	assert_int_equal(record_find(&r, "used")->kind, FIELD_BOOL);
	assert_true(record_find(&r, "used")->flag);
	assert_int_equal(record_find(&r, "since")->kind, FIELD_MONO);
	assert_int_equal(record_find(&r, "since")->at.us, 5);
	assert_string_equal(record_find(&r, "nbma")->text, "10.0.0.1");
	assert_null(record_find(&r, "stat"));
	assert_null(record_find(&r, "states"));
}

static void fields_keep_the_order_they_came_in(void **state)
{
	static const char *const keys[] = { "z", "a", "m" };
	struct record r;

	(void)state;
	record_init(&r);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		record_number(&r, keys[i], (int64_t)i);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		assert_string_equal(r.fields[i].key, keys[i]);
}

static void a_text_is_a_copy(void **state)
{
	char text[] = "before";
	struct record r;

	(void)state;
	record_init(&r);
	record_text(&r, "reason", text);
	strcpy(text, "after");
	assert_string_equal(record_find(&r, "reason")->text, "before");
}

static void a_copy_outlives_what_it_was_copied_from(void **state)
{
	static const char *const elsewhere = "in a frame";
	struct record r, copy;

	(void)state;
	record_init(&r);
	record_text(&r, "state", "up");
	record_number(&r, "metric", 7);
	record_text(&r, "reason", "told so");
	r.fields[r.count++] =
		(struct field){ .key = "from", .kind = FIELD_TEXT, .text = elsewhere };
	record_copy(&copy, &r);
	memset(&r, 0xaa, sizeof(r));
	assert_string_equal(record_find(&copy, "state")->text, "up");
	assert_int_equal(record_find(&copy, "metric")->number, 7);
	assert_string_equal(record_find(&copy, "reason")->text, "told so");
	assert_ptr_equal(record_find(&copy, "from")->text, elsewhere);
	record_text(&copy, "more", "room");
	assert_string_equal(record_find(&copy, "reason")->text, "told so");
}

static void an_address_that_is_none_is_left_out(void **state)
{
	struct addr none = { 0 };
	struct record r;

	(void)state;
	record_init(&r);
	record_addr(&r, "nbma", &none);
	assert_int_equal(r.count, 0);
}

static void a_text_is_cut_when_the_room_is_used_up(void **state)
{
	char text[RECORD_TEXT_ROOM - 10];
	struct record r;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	record_init(&r);
	record_text(&r, "first", text);
	record_text(&r, "second", "0123456789abc");
	assert_string_equal(record_find(&r, "first")->text, text);
	assert_string_equal(record_find(&r, "second")->text, "012345678");
	record_text(&r, "third", "nothing left");
	assert_null(record_find(&r, "third"));
	record_number(&r, "fourth", 4); /* needs no room */
	assert_int_equal(record_find(&r, "fourth")->number, 4);
}

static void more_fields_than_fit_are_left_out(void **state)
{
	struct addr a = unit_addr("10.0.0.1");
	struct record r;

	(void)state;
	record_init(&r);
	for (int i = 0; i < RECORD_MAX_FIELDS; i++)
		record_number(&r, "n", i);
	record_text(&r, "text", "x");
	record_number(&r, "number", 1);
	record_bool(&r, "bool", true);
	record_mono(&r, "mono", (mono){ 1 });
	record_addr(&r, "addr", &a);
	assert_int_equal(r.count, RECORD_MAX_FIELDS);
	assert_int_equal(r.used, 0);
	assert_string_equal(r.fields[RECORD_MAX_FIELDS - 1].key, "n");
}

static void a_record_can_be_filled_again(void **state)
{
	struct record r;

	(void)state;
	record_init(&r);
	record_text(&r, "old", "x");
	record_init(&r);
	record_text(&r, "new", "y");
	assert_int_equal(r.count, 1);
	assert_null(record_find(&r, "old"));
	assert_string_equal(record_find(&r, "new")->text, "y");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_found_by_its_key),
		cmocka_unit_test(fields_keep_the_order_they_came_in),
		cmocka_unit_test(a_text_is_a_copy),
		cmocka_unit_test(a_copy_outlives_what_it_was_copied_from),
		cmocka_unit_test(an_address_that_is_none_is_left_out),
		cmocka_unit_test(a_text_is_cut_when_the_room_is_used_up),
		cmocka_unit_test(more_fields_than_fit_are_left_out),
		cmocka_unit_test(a_record_can_be_filled_again),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
