/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <nhrp/log.h>

struct heard {
	unsigned lines;
	enum log_level level;
	char text[LOG_LINE_MAX + 1];
};

static void hear(void *ctx, enum log_level level, const char *text)
{
	struct heard *h = ctx;

	h->lines++;
	h->level = level;
	assert_in_range(strlen(text), 0, LOG_LINE_MAX - 1);
	strcpy(h->text, text);
}

static void a_line_arrives_formatted_with_its_level(void **state)
{
	struct heard h = { 0 };
	struct log_sink sink = { &h, LOG_LEVEL_INFO, hear };

	(void)state;
	log_to(&sink, LOG_LEVEL_WARN, "peer %s: %d", "192.0.2.1", 7);
	assert_int_equal(h.lines, 1);
	assert_int_equal(h.level, LOG_LEVEL_WARN);
	assert_string_equal(h.text, "peer 192.0.2.1: 7");
}

static void lines_above_the_level_are_not_heard(void **state)
{
	(void)state;
	for (int max = LOG_LEVEL_ERROR; max <= LOG_LEVEL_DEBUG; max++) {
		struct heard h = { 0 };
		struct log_sink sink = { &h, (enum log_level)max, hear };

		for (int level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++)
			log_to(&sink, (enum log_level)level, "x");
		assert_int_equal(h.lines, max + 1);
	}
}

static void a_long_line_is_cut(void **state)
{
	char text[2 * LOG_LINE_MAX];
	struct heard h = { 0 };
	struct log_sink sink = { &h, LOG_LEVEL_INFO, hear };

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_to(&sink, LOG_LEVEL_INFO, "%s", text);
	assert_int_equal(strlen(h.text), LOG_LINE_MAX - 1);
}

static void without_a_sink_it_is_silent(void **state)
{
	struct log_sink deaf = { NULL, LOG_LEVEL_DEBUG, NULL };

	(void)state;
	log_to(NULL, LOG_LEVEL_ERROR, "%s", "x");
	log_to(&deaf, LOG_LEVEL_ERROR, "%s", "x");
}

static void every_level_has_its_name(void **state)
{
	(void)state;
	assert_string_equal(log_level_str(LOG_LEVEL_ERROR), "error");
	assert_string_equal(log_level_str(LOG_LEVEL_WARN), "warn");
	assert_string_equal(log_level_str(LOG_LEVEL_INFO), "info");
	assert_string_equal(log_level_str(LOG_LEVEL_DEBUG), "debug");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_arrives_formatted_with_its_level),
		cmocka_unit_test(lines_above_the_level_are_not_heard),
		cmocka_unit_test(a_long_line_is_cut),
		cmocka_unit_test(without_a_sink_it_is_silent),
		cmocka_unit_test(every_level_has_its_name),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
