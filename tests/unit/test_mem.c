/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nhrp/mem.h>

static void new_memory_is_zero(void **state)
{
	static const uint8_t zero[300];
	uint8_t *p = mem_new(sizeof(zero));

	(void)state;
	assert_memory_equal(p, zero, sizeof(zero));
	free(p);
}

static void nothing_is_still_something_to_free(void **state)
{
	void *p = mem_new(0), *q = mem_dup(NULL, 0), *r = mem_resize(NULL, 0, 8);

	(void)state;
	assert_non_null(p);
	assert_non_null(q);
	assert_non_null(r);
	free(p);
	free(q);
	free(r);
}

static void a_copy_is_its_own(void **state)
{
	char text[] = "hub1";
	char *s = mem_strdup(text), *d = mem_dup(text, 3);

	(void)state;
	text[0] = 'x';
	assert_string_equal(s, "hub1");
	assert_memory_equal(d, "hub", 3);
	free(s);
	free(d);
}

static void growing_keeps_what_is_there(void **state)
{
	uint32_t *p = mem_resize(NULL, 2, sizeof(*p));

	(void)state;
	p[0] = 1;
	p[1] = 2;
	p = mem_resize(p, 1000, sizeof(*p));
	p[999] = 3;
	assert_int_equal(p[0], 1);
	assert_int_equal(p[1], 2);
	p = mem_resize(p, 1, sizeof(*p));
	assert_int_equal(p[0], 1);
	free(p);
}

/* A count that overflows must not become a small block. */
static void a_size_that_wraps_ends_the_process(void **state)
{
	int status;
	pid_t child;

	(void)state;
	child = fork();
	assert_int_not_equal(child, -1);
	if (child == 0) {
		signal(SIGABRT, SIG_DFL);
		fclose(stderr); /* its last line is no news to the reader of this test */
		free(mem_resize(NULL, SIZE_MAX / 4, 8));
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_memory_is_zero),
		cmocka_unit_test(nothing_is_still_something_to_free),
		cmocka_unit_test(a_copy_is_its_own),
		cmocka_unit_test(growing_keeps_what_is_there),
		cmocka_unit_test(a_size_that_wraps_ends_the_process),
	};

	return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
