/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <nhrp/ctl_proto.h>

static uint8_t frame[CTL_HEADER_LEN + CTL_ROW_MAX];

/* The body of the whole frame in the first n octets of `frame`. */
static struct rd body_of(size_t n, enum ctl_frame want)
{
	enum ctl_frame type;
	struct rd body;

	assert_int_equal(ctl_frame_peek(frame, n, CTL_ROW_MAX, &type, &body), n);
	assert_int_equal(type, want);
	return body;
}

static void sample_row(struct record *r)
{
	record_init(r);
	record_text(r, "interface", "gre1");
	record_text(r, "reason", "");
	record_number(r, "prefix", 32);
	record_number(r, "least", INT64_MIN);
	record_bool(r, "used", true);
	record_bool(r, "unique", false);
	record_time(r, "time", 1795333591);
}

static size_t encode_sample_row(void)
{
	struct record r;

	sample_row(&r);
	return ctl_row_encode(&r, (mono){ 0 }, 0, frame, sizeof(frame));
}

static void a_request_comes_back_word_by_word(void **state)
{
	static const char *const words[] = { "show", "cache", "", "10.0.0.1" };
	size_t n = ctl_request_encode(words, 4, frame, sizeof(frame));
	struct rd body = body_of(n, CTL_REQUEST);
	struct ctl_request request;

	(void)state;
	assert_true(ctl_request_decode(&request, &body));
	assert_int_equal(request.version, CTL_VERSION);
	assert_int_equal(request.word_count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(request.words[i], words[i]);
}

static void a_row_comes_back_field_by_field(void **state)
{
	struct rd body = body_of(encode_sample_row(), CTL_ROW);
	struct record want, got;

	(void)state;
	sample_row(&want);
	assert_true(ctl_row_decode(&got, &body));
	assert_int_equal(got.count, want.count);
	for (size_t i = 0; i < want.count; i++) {
		assert_string_equal(got.fields[i].key, want.fields[i].key);
		assert_int_equal(got.fields[i].kind, want.fields[i].kind);
	}
	assert_string_equal(record_find(&got, "interface")->text, "gre1");
	assert_string_equal(record_find(&got, "reason")->text, "");
	assert_int_equal(record_find(&got, "prefix")->number, 32);
	assert_int_equal(record_find(&got, "least")->number, INT64_MIN);
	assert_true(record_find(&got, "used")->flag);
	assert_false(record_find(&got, "unique")->flag);
	assert_int_equal(record_find(&got, "time")->time_s, 1795333591);
}

static void a_monotonic_time_arrives_as_wall_clock(void **state)
{
	struct record r, got;
	struct rd body;
	size_t n;

	(void)state;
	record_init(&r);
	record_mono(&r, "since", (mono){ 40 * 1000000 });
	record_mono(&r, "never", MONO_NEVER);
	n = ctl_row_encode(&r, (mono){ 100 * 1000000 }, 1795333591LL * 1000000, frame,
			   sizeof(frame));
	body = body_of(n, CTL_ROW);
	assert_true(ctl_row_decode(&got, &body));
	assert_int_equal(got.count, 1);
	assert_int_equal(got.fields[0].kind, FIELD_TIME);
	assert_int_equal(got.fields[0].time_s, 1795333591 - 60);
}

static void a_point_in_time_is_the_same_whenever_it_is_asked_for(void **state)
{
	int64_t first = 0;

	(void)state;
	for (int64_t us = 0; us < 3000000; us += 100000) {
		struct record r, got;
		struct rd body;
		size_t n;

		record_init(&r);
		record_mono(&r, "since", (mono){ 500000 });
		n = ctl_row_encode(&r, (mono){ us }, 1795333591700000 + us, frame,
				   sizeof(frame));
		body = body_of(n, CTL_ROW);
		assert_true(ctl_row_decode(&got, &body));
		if (us == 0)
			first = got.fields[0].time_s;
		assert_int_equal(got.fields[0].time_s, first);
	}
}

static void an_end_comes_back(void **state)
{
	size_t n = ctl_end_encode(CTL_REFUSED, "only root may", frame, sizeof(frame));
	struct rd body = body_of(n, CTL_END);
	struct ctl_end end;

	(void)state;
	assert_true(ctl_end_decode(&end, &body));
	assert_int_equal(end.status, CTL_REFUSED);
	assert_string_equal(end.message, "only root may");
}

static void the_biggest_record_fits_a_frame(void **state)
{
	struct record r, got;
	struct rd body;
	char text[64];
	size_t n;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	record_init(&r);
	for (size_t i = 0; i < RECORD_MAX_FIELDS; i++)
		record_text(&r, "a_key_of_twentyfour_char", text);
	n = ctl_row_encode(&r, (mono){ 0 }, 0, frame, sizeof(frame));
	body = body_of(n, CTL_ROW);
	assert_true(ctl_row_decode(&got, &body));
	assert_int_equal(got.count, r.count);
}

static void a_frame_cut_anywhere_waits_for_the_rest(void **state)
{
	size_t n = encode_sample_row();

	(void)state;
	for (size_t cut = 0; cut < n; cut++) {
		uint8_t *copy = unit_exact_copy(frame, cut);
		enum ctl_frame type;
		struct rd body;

		assert_int_equal(ctl_frame_peek(copy, cut, CTL_ROW_MAX, &type, &body),
				 0);
		free(copy);
	}
}

static void a_length_beyond_the_limit_is_refused_at_once(void **state)
{
	static const uint32_t bad[] = { 0,	    CTL_REQUEST_MAX + 2, 0x7fffffff,
					0x80000000, 0xfffffffb,		 0xffffffff };
	enum ctl_frame type;
	struct rd body;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		uint8_t head[5] = { (uint8_t)(bad[i] >> 24), (uint8_t)(bad[i] >> 16),
				    (uint8_t)(bad[i] >> 8), (uint8_t)bad[i], 1 };

		assert_int_equal(ctl_frame_peek(head, 5, CTL_REQUEST_MAX, &type, &body),
				 -1);
	}
}

static bool decode(enum ctl_frame type, struct rd *body)
{
	struct ctl_request request;
	struct record row;
	struct ctl_end end;

	switch (type) {
	case CTL_REQUEST:
		return ctl_request_decode(&request, body);
	case CTL_ROW:
		return ctl_row_decode(&row, body);
	case CTL_END:
		return ctl_end_decode(&end, body);
	}
	return false;
}

static size_t encode(enum ctl_frame type)
{
	static const char *const words[] = { "purge", "nbma", "192.0.2.1" };

	switch (type) {
	case CTL_REQUEST:
		return ctl_request_encode(words, 3, frame, sizeof(frame));
	case CTL_ROW:
		return encode_sample_row();
	case CTL_END:
		return ctl_end_encode(CTL_DONE, "fine", frame, sizeof(frame));
	}
	return 0;
}

static void a_body_cut_anywhere_is_refused(void **state)
{
	(void)state;
	for (enum ctl_frame type = CTL_REQUEST; type <= CTL_END; type++) {
		size_t n = encode(type) - CTL_HEADER_LEN;

		for (size_t cut = 0; cut < n; cut++) {
			uint8_t *copy = unit_exact_copy(frame + CTL_HEADER_LEN, cut);
			struct rd body = rd_init(copy, cut);

			assert_false(decode(type, &body));
			free(copy);
		}
	}
}

static void a_body_with_something_behind_it_is_refused(void **state)
{
	(void)state;
	for (enum ctl_frame type = CTL_REQUEST; type <= CTL_END; type++) {
		size_t n = encode(type);
		struct rd body;

		frame[n] = 0;
		body = rd_init(frame + CTL_HEADER_LEN, n - CTL_HEADER_LEN + 1);
		assert_false(decode(type, &body));
	}
}

/* Whatever an octet becomes, no decoder reads outside (the sanitizer looks). */
static void any_octet_may_have_any_value(void **state)
{
	(void)state;
	for (enum ctl_frame type = CTL_REQUEST; type <= CTL_END; type++) {
		size_t n = encode(type) - CTL_HEADER_LEN;

		for (size_t i = 0; i < n * 256; i++) {
			uint8_t *copy = unit_exact_copy(frame + CTL_HEADER_LEN, n);
			struct rd body = rd_init(copy, n);

			copy[i / 256] = (uint8_t)i;
			if (decode(type, &body) && rd_left(&body) > 0)
				assert_int_not_equal(copy[0], CTL_VERSION);
			free(copy);
		}
	}
}

static void another_version_is_told_apart_from_garbage(void **state)
{
	uint8_t next[] = { CTL_VERSION + 1, 0xff, 0xff };
	struct rd body = rd_init(next, sizeof(next));
	struct ctl_request request;

	(void)state;
	assert_true(ctl_request_decode(&request, &body));
	assert_int_equal(request.version, CTL_VERSION + 1);
	assert_int_equal(request.word_count, 0);
}

static void too_many_or_too_long_words_are_not_encoded(void **state)
{
	static char big[CTL_REQUEST_MAX];
	const char *words[CTL_MAX_WORDS + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = "x";
	assert_int_equal(ctl_request_encode(words, CTL_MAX_WORDS + 1, frame,
					    sizeof(frame)),
			 0);
	memset(big, 'x', sizeof(big) - 1);
	words[0] = big;
	assert_int_equal(ctl_request_encode(words, 1, frame, sizeof(frame)), 0);
}

static void a_short_buffer_takes_no_frame(void **state)
{
	size_t n = encode_sample_row();
	struct record r;

	(void)state;
	sample_row(&r);
	for (size_t cap = 0; cap < n; cap++) {
		uint8_t *small = malloc(cap ? cap : 1);

		assert_non_null(small);
		assert_int_equal(ctl_row_encode(&r, (mono){ 0 }, 0, small, cap), 0);
		free(small);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_comes_back_word_by_word),
		cmocka_unit_test(a_row_comes_back_field_by_field),
		cmocka_unit_test(a_monotonic_time_arrives_as_wall_clock),
		cmocka_unit_test(a_point_in_time_is_the_same_whenever_it_is_asked_for),
		cmocka_unit_test(an_end_comes_back),
		cmocka_unit_test(the_biggest_record_fits_a_frame),
		cmocka_unit_test(a_frame_cut_anywhere_waits_for_the_rest),
		cmocka_unit_test(a_length_beyond_the_limit_is_refused_at_once),
		cmocka_unit_test(a_body_cut_anywhere_is_refused),
		cmocka_unit_test(a_body_with_something_behind_it_is_refused),
		cmocka_unit_test(any_octet_may_have_any_value),
		cmocka_unit_test(another_version_is_told_apart_from_garbage),
		cmocka_unit_test(too_many_or_too_long_words_are_not_encoded),
		cmocka_unit_test(a_short_buffer_takes_no_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
