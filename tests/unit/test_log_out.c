/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nhrp/log_out.h>

struct pipe_ends {
	int rd, wr;
};

static struct pipe_ends pipe_new(void)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	return (struct pipe_ends){ fds[0], fds[1] };
}

/* What was logged to the pipe, once the writer is closed. */
static const char *written(struct pipe_ends p, char *buf, size_t cap)
{
	ssize_t n;

	close(p.wr);
	n = read(p.rd, buf, cap - 1);
	assert_true(n >= 0);
	buf[n] = '\0';
	close(p.rd);
	return buf;
}

static void a_line_carries_its_time_and_level(void **state)
{
	struct pipe_ends p = pipe_new();
	struct log_out *out = log_out_new(p.wr, LOG_LEVEL_INFO);
	unsigned y, mo, d, h, mi, s;
	char buf[256], rest[64] = "";

	(void)state;
	log_to(log_out_sink(out), LOG_LEVEL_WARN, "peer %s: up", "192.0.2.1");
	assert_int_equal(sscanf(written(p, buf, sizeof(buf)),
				"%u-%u-%u %u:%u:%u %63[^\n]", &y, &mo, &d, &h, &mi, &s,
				rest),
			 7);
	assert_string_equal(rest, "warn  peer 192.0.2.1: up");
	log_out_free(out);
}

static void the_journal_gets_a_priority_and_no_time(void **state)
{
	struct pipe_ends p = pipe_new();
	struct log_out *out;
	char buf[256];
	struct stat st;

	(void)state;
	assert_int_equal(fstat(p.wr, &st), 0);
	snprintf(buf, sizeof(buf), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", buf, 1);
	out = log_out_new(p.wr, LOG_LEVEL_DEBUG);
	unsetenv("JOURNAL_STREAM");
	log_to(log_out_sink(out), LOG_LEVEL_ERROR, "a");
	log_to(log_out_sink(out), LOG_LEVEL_WARN, "b");
	log_to(log_out_sink(out), LOG_LEVEL_INFO, "c");
	log_to(log_out_sink(out), LOG_LEVEL_DEBUG, "d");
	assert_string_equal(written(p, buf, sizeof(buf)), "<3>a\n<4>b\n<6>c\n<7>d\n");
	log_out_free(out);
}

static void the_journal_of_somebody_else_is_not_ours(void **state)
{
	struct pipe_ends p = pipe_new();
	struct log_out *out;
	char buf[256];

	(void)state;
	setenv("JOURNAL_STREAM", "8:1", 1);
	out = log_out_new(p.wr, LOG_LEVEL_INFO);
	unsetenv("JOURNAL_STREAM");
	log_to(log_out_sink(out), LOG_LEVEL_INFO, "a");
	assert_null(strstr(written(p, buf, sizeof(buf)), "<6>"));
	log_out_free(out);
}

static void no_text_begins_a_line_of_its_own(void **state)
{
	struct pipe_ends p = pipe_new();
	struct log_out *out = log_out_new(p.wr, LOG_LEVEL_INFO);
	char buf[256];

	(void)state;
	log_to(log_out_sink(out), LOG_LEVEL_INFO, "name a\n<0>b\x1b[2J\x7f");
	assert_non_null(strstr(written(p, buf, sizeof(buf)), "name a?<0>b?[2J?\n"));
	assert_string_equal(log_out_line(out, 0).text, "name a?<0>b?[2J?");
	log_out_free(out);
}

static void the_last_thousand_lines_are_kept(void **state)
{
	struct log_out *out = log_out_new(-1, LOG_LEVEL_INFO);

	(void)state;
	assert_int_equal(log_out_kept(out), 0);
	for (int i = 0; i < 2500; i++) {
		char want[32];

		log_to(log_out_sink(out), LOG_LEVEL_INFO, "line %d", i);
		snprintf(want, sizeof(want), "line %d", i);
		assert_string_equal(log_out_line(out, log_out_kept(out) - 1).text,
				    want);
	}
	assert_int_equal(log_out_kept(out), LOG_OUT_LINES);
	assert_string_equal(log_out_line(out, 0).text, "line 1500");
	assert_string_equal(log_out_line(out, 999).text, "line 2499");
	log_out_free(out);
}

static void lines_above_the_level_are_nowhere(void **state)
{
	struct log_out *out = log_out_new(-1, LOG_LEVEL_INFO);

	(void)state;
	log_to(log_out_sink(out), LOG_LEVEL_DEBUG, "why");
	assert_int_equal(log_out_kept(out), 0);
	log_out_free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_carries_its_time_and_level),
		cmocka_unit_test(the_journal_gets_a_priority_and_no_time),
		cmocka_unit_test(the_journal_of_somebody_else_is_not_ours),
		cmocka_unit_test(no_text_begins_a_line_of_its_own),
		cmocka_unit_test(the_last_thousand_lines_are_kept),
		cmocka_unit_test(lines_above_the_level_are_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
