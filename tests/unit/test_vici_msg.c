/* SPDX-License-Identifier: MIT */
#include "unit_vici.h"

#define TREE                                                                          \
	"uniqueid=7 dmvpn-gre1{version=2 local-host=100.64.1.1 child-sas{gre-3{name=" \
	"gre reqid=1 local-ts=[100.64.1.1/32|gre] remote-ts=[a b c] empty=}}} up=yes"

static uint8_t buf[8192];

static size_t put(enum vici_packet type, const char *name, const char *text)
{
	return unit_vici_frame(buf, sizeof(buf), type, name, text);
}

static struct vici_frame taken(size_t len)
{
	struct vici_frame f;

	assert_int_equal(vici_frame_peek(buf, len, &f), len);
	return f;
}

/* A frame of these octets behind the header, in a heap block of its own. */
static int peek_body(const void *body, size_t len)
{
	uint8_t *bytes = malloc(VICI_HEADER_LEN + len);
	struct vici_frame f;
	int n;

	assert_non_null(bytes);
	memset(bytes, 0, VICI_HEADER_LEN);
	bytes[2] = (uint8_t)(len >> 8);
	bytes[3] = (uint8_t)len;
	memcpy(bytes + VICI_HEADER_LEN, body, len);
	n = vici_frame_peek(bytes, VICI_HEADER_LEN + len, &f);
	free(bytes);
	return n;
}

static void a_frame_is_the_octets_that_charon_takes(void **state)
{
	/* clang-format off */
	static const uint8_t wanted[] = {
		0, 0, 0, 35,
		0, 3, 'c', 'm', 'd',
		3, 1, 'k', 0, 2, 'v', 'w',
		1, 3, 's', 'e', 'c',
		4, 1, 'l', 5, 0, 1, 'x', 5, 0, 0, 6,
		3, 1, 'a', 0, 1, 'b',
		2,
	};
	/* clang-format on */
	struct vici_out o;
	size_t len;

	(void)state;
	vici_out_begin(&o, buf, sizeof(buf), VICI_CMD_REQUEST, "cmd");
	vici_out_value(&o, "k", "vw");
	vici_out_open(&o, "sec");
	vici_out_open_list(&o, "l");
	vici_out_entry(&o, "x", 1);
	vici_out_entry(&o, NULL, 0);
	vici_out_close_list(&o);
	vici_out_value(&o, "a", "b");
	vici_out_close(&o);
	len = vici_out_end(&o);
	assert_int_equal(len, sizeof(wanted));
	assert_memory_equal(buf, wanted, len);
}

static void what_was_written_is_read(void **state)
{
	struct vici_frame f = taken(put(VICI_EVENT, "child-updown", TREE));
	char *text = unit_vici_text(f.msg);

	(void)state;
	assert_int_equal(f.type, VICI_EVENT);
	assert_true(vici_str_is(f.name, "child-updown"));
	assert_string_equal(text, TREE);
	free(text);
}

static void each_type_has_a_name_or_not(void **state)
{
	static const struct {
		enum vici_packet type;
		const char *name, *text;
	} cases[] = {
		{ VICI_CMD_REQUEST, "get-conns", "" },
		{ VICI_CMD_RESPONSE, NULL, "conns=[a b]" },
		{ VICI_CMD_UNKNOWN, NULL, "" },
		{ VICI_EVENT_REGISTER, "ike-updown", "" },
		{ VICI_EVENT_UNREGISTER, "ike-updown", "" },
		{ VICI_EVENT_CONFIRM, NULL, "" },
		{ VICI_EVENT_UNKNOWN, NULL, "" },
		{ VICI_EVENT, "ike-updown", "up=yes" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vici_frame f =
			taken(put(cases[i].type, cases[i].name, cases[i].text));

		assert_int_equal(f.type, cases[i].type);
		assert_true(vici_str_is(f.name, cases[i].name ? cases[i].name : ""));
	}
}

static void items_are_found_by_kind_and_name(void **state)
{
	struct vici_frame f = taken(put(VICI_EVENT, "e", "a=1 b=[x y] b=2 c{a=3} a=4"));
	struct vici_sec c = vici_inside(&f.msg, VICI_SECTION, "c");
	struct vici_sec b = vici_inside(&f.msg, VICI_LIST, "b");
	struct vici_item item;

	(void)state;
	assert_true(vici_str_is(vici_value(&f.msg, "a"), "1")); /* the first */
	assert_true(vici_str_is(vici_value(&f.msg, "b"), "2"));
	assert_true(vici_str_is(vici_value(&c, "a"), "3"));
	assert_true(vici_next(&b, &item));
	assert_true(vici_str_is(item.value, "x"));
	assert_true(vici_next(&b, &item));
	assert_true(vici_str_is(item.value, "y"));
	assert_false(vici_next(&b, &item));
}

static void what_is_not_there_is_empty(void **state)
{
	struct vici_frame f = taken(put(VICI_EVENT, "e", "a=1 b=[x y]"));
	struct vici_sec none = vici_inside(&f.msg, VICI_SECTION, "a");
	struct vici_item item;

	(void)state;
	assert_int_equal(vici_value(&f.msg, "b").len, 0);
	assert_int_equal(vici_value(&f.msg, "aa").len, 0);
	assert_false(vici_next(&none, &item));
	assert_int_equal(vici_value(&none, "a").len, 0);
	f = taken(put(VICI_CMD_UNKNOWN, NULL, ""));
	assert_false(vici_next(&f.msg, &item));
}

static void a_frame_cut_anywhere_needs_more(void **state)
{
	size_t len = put(VICI_EVENT, "child-updown", TREE);
	struct vici_frame f;

	(void)state;
	for (size_t n = 0; n < len; n++) {
		uint8_t *cut = unit_exact_copy(buf, n);

		assert_int_equal(vici_frame_peek(cut, n, &f), 0);
		free(cut);
	}
}

/* The octets are there, and the length says that they are all. */
static void a_message_cut_anywhere_is_refused(void **state)
{
	size_t len = put(VICI_EVENT, "child-updown", "a{b=c d=[e]}") - VICI_HEADER_LEN;

	(void)state;
	assert_true(peek_body(buf + VICI_HEADER_LEN, len) > 0);
	for (size_t n = 1; n < len; n++) {
		/* behind its name an event may be empty */
		if (n != 1 + 1 + strlen("child-updown"))
			assert_int_equal(peek_body(buf + VICI_HEADER_LEN, n), -1);
	}
}

static void lengths_that_cannot_be_are_refused_at_once(void **state)
{
	static const uint32_t lengths[] = { 0, VICI_FRAME_MAX + 1, 0x7fffffff,
					    0x80000000, 0xffffffff };
	struct vici_frame f;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct wr w = wr_init(buf, 4);

		wr_u32(&w, lengths[i]);
		assert_int_equal(vici_frame_peek(buf, 4, &f), -1);
	}
	buf[0] = 0, buf[1] = 8, buf[2] = 0, buf[3] = 0; /* the limit itself */
	assert_int_equal(vici_frame_peek(buf, 4, &f), 0);
}

static void what_does_not_nest_is_refused(void **state)
{
	static const struct {
		const char *what, *body;
		size_t len;
	} cases[] = {
#define BODY(s) "\1" s, sizeof("\1" s) - 1
		{ "no such element", BODY("\7") },
		{ "element zero", BODY("\0") },
		{ "an end of no section", BODY("\2") },
		{ "an end too many", BODY("\1\1a\2\2") },
		{ "an open section", BODY("\1\1a") },
		{ "an end of no list", BODY("\6") },
		{ "an open list", BODY("\4\1a") },
		{ "an entry outside of a list", BODY("\5\0\1a") },
		{ "a value in a list", BODY("\4\1a\3\1k\0\1v\6") },
		{ "a section in a list", BODY("\4\1a\1\1s\2\6") },
		{ "a list in a list", BODY("\4\1a\4\1b\6\6") },
		{ "a section's end in a list", BODY("\1\1s\4\1a\2\6") },
		{ "a name beyond the end", BODY("\3\377k") },
		{ "a value beyond the end", BODY("\3\1k\377\377v") },
		{ "octets behind a type that has none", "\2x", 2 },
		{ "no such type", "\10", 1 },
#undef BODY
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (peek_body(cases[i].body, cases[i].len) != -1)
			fail_msg("taken: %s", cases[i].what);
	}
}

static size_t put_deep(unsigned depth)
{
	struct vici_out o;

	vici_out_begin(&o, buf, sizeof(buf), VICI_EVENT, "e");
	for (unsigned i = 0; i < depth; i++)
		vici_out_open(&o, "s");
	for (unsigned i = 0; i < depth; i++)
		vici_out_close(&o);
	return vici_out_end(&o);
}

static void sections_nest_so_deep_and_no_deeper(void **state)
{
	uint8_t body[3 + VICI_DEPTH_MAX * 4 + 4] = { VICI_EVENT, 1, 'e' };
	size_t n = 3;

	(void)state;
	assert_int_not_equal(put_deep(VICI_DEPTH_MAX), 0);
	assert_int_equal(put_deep(VICI_DEPTH_MAX + 1), 0);
	for (unsigned i = 0; i < VICI_DEPTH_MAX + 1; i++) {
		body[n++] = 1;
		body[n++] = 1;
		body[n++] = 's';
	}
	for (unsigned i = 0; i < VICI_DEPTH_MAX + 1; i++)
		body[n++] = 2;
	assert_int_equal(n, sizeof(body));
	assert_int_equal(peek_body(body, n), -1);
}

static void a_writer_fails_for_good(void **state)
{
	char name[VICI_NAME_MAX + 2];
	struct vici_out o;

	(void)state;
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	for (int i = 0; i < 6; i++) {
		vici_out_begin(&o, buf, i == 0 ? 12 : sizeof(buf), VICI_CMD_REQUEST,
			       "c");
		if (i == 0)
			vici_out_value(&o, "longer", "than its room");
		if (i == 1)
			vici_out_value(&o, name, "a name too long");
		if (i == 2)
			vici_out_open(&o, "never closed");
		if (i == 3)
			vici_out_close(&o);
		if (i == 4)
			vici_out_entry(&o, "no list", 7);
		if (i == 5)
			vici_out_open_list(&o, "never closed");
		assert_int_equal(vici_out_end(&o), 0);
	}
}

static void the_longest_value_is_written_and_one_more_is_not(void **state)
{
	size_t room = VICI_VALUE_MAX + 64;
	uint8_t *big = malloc(room), *value = calloc(1, VICI_VALUE_MAX + 1);
	struct vici_frame f;
	struct vici_out o;

	(void)state;
	vici_out_begin(&o, big, room, VICI_CMD_REQUEST, "c");
	vici_out_octets(&o, "v", value, VICI_VALUE_MAX);
	assert_int_equal(vici_frame_peek(big, vici_out_end(&o), &f),
			 4 + 1 + 2 + 1 + 2 + 2 + VICI_VALUE_MAX);
	assert_int_equal(vici_value(&f.msg, "v").len, VICI_VALUE_MAX);
	vici_out_begin(&o, big, room, VICI_CMD_REQUEST, "c");
	vici_out_octets(&o, "v", value, VICI_VALUE_MAX + 1);
	assert_int_equal(vici_out_end(&o), 0);
	free(value);
	free(big);
}

static void strings_are_copied_when_they_are_text_and_fit(void **state)
{
	const struct vici_str text = { "abc", 3 }, zero = { "a\0c", 3 },
			      none = { NULL, 0 };
	char out[4];

	(void)state;
	assert_true(vici_str_copy(text, out, 4));
	assert_string_equal(out, "abc");
	assert_false(vici_str_copy(text, out, 3));
	assert_false(vici_str_copy(zero, out, 4));
	assert_true(vici_str_copy(none, out, 4));
	assert_string_equal(out, "");
}

static void numbers_are_digits_and_nothing_else(void **state)
{
	static const struct {
		const char *text;
		unsigned base;
		bool good;
		uint64_t value;
	} cases[] = {
		{ "0", 10, true, 0 },
		{ "4294967295", 10, true, 4294967295u },
		{ "18446744073709551615", 10, true, UINT64_MAX },
		{ "18446744073709551616", 10, false, 0 },
		{ "99999999999999999999", 10, false, 0 },
		{ "", 10, false, 0 },
		{ "-1", 10, false, 0 },
		{ " 1", 10, false, 0 },
		{ "1 ", 10, false, 0 },
		{ "1f", 10, false, 0 },
		{ "c3a1f0e29d8b7a65", 16, true, 0xc3a1f0e29d8b7a65 },
		{ "1c3a1f0e29d8b7a65", 16, false, 0 },
		{ "0x12", 16, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vici_str s = { cases[i].text, strlen(cases[i].text) };
		uint64_t value;

		assert_int_equal(vici_str_number(s, cases[i].base, &value),
				 cases[i].good);
		if (cases[i].good)
			assert_true(value == cases[i].value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_the_octets_that_charon_takes),
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(each_type_has_a_name_or_not),
		cmocka_unit_test(items_are_found_by_kind_and_name),
		cmocka_unit_test(what_is_not_there_is_empty),
		cmocka_unit_test(a_frame_cut_anywhere_needs_more),
		cmocka_unit_test(a_message_cut_anywhere_is_refused),
		cmocka_unit_test(lengths_that_cannot_be_are_refused_at_once),
		cmocka_unit_test(what_does_not_nest_is_refused),
		cmocka_unit_test(sections_nest_so_deep_and_no_deeper),
		cmocka_unit_test(a_writer_fails_for_good),
		cmocka_unit_test(the_longest_value_is_written_and_one_more_is_not),
		cmocka_unit_test(strings_are_copied_when_they_are_text_and_fit),
		cmocka_unit_test(numbers_are_digits_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
