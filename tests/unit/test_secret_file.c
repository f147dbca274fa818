/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nhrp/secret_file.h>

#define CAP 16

struct fixture {
	char dir[64], path[96], buf[CAP], err[200];
	size_t len;
};

static int setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));

	snprintf(fx->dir, sizeof(fx->dir), "/tmp/test_secret_file.XXXXXX");
	if (!mkdtemp(fx->dir))
		return -1;
	snprintf(fx->path, sizeof(fx->path), "%s/secret", fx->dir);
	*state = fx;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fx = *state;

	unlink(fx->path);
	rmdir(fx->dir);
	free(fx);
	return 0;
}

static void put(struct fixture *fx, const char *text, size_t len, mode_t mode)
{
	int fd;

	unlink(fx->path);
	fd = open(fx->path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static bool reads(struct fixture *fx, const char *path)
{
	fx->err[0] = '\0';
	fx->len = secret_file_read(path, fx->buf, CAP, fx->err, sizeof(fx->err));
	assert_int_equal(fx->len == 0, fx->err[0] != '\0');
	return fx->len > 0;
}

static void a_secret_is_the_line_in_the_file(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} cases[] = {
		{ "hunter2", 7 },	    { "hunter2\n", 7 },
		{ "hunter2\r\n", 7 },	    { "hunter2\n\n", 8 },
		{ "0123456789abcdef", 16 }, { "0123456789abcdef\n", 16 },
	};
	struct fixture *fx = *state;

	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		put(fx, cases[n].text, strlen(cases[n].text), 0600);
		assert_true(reads(fx, fx->path));
		assert_int_equal(fx->len, cases[n].len);
		assert_memory_equal(fx->buf, cases[n].text, fx->len);
	}
}

static void what_others_may_read_is_refused(void **state)
{
	static const mode_t bad[] = { 0644, 0640, 0604, 0620, 0601 };
	static const mode_t good[] = { 0600, 0400, 0700 };
	struct fixture *fx = *state;

	for (size_t n = 0; n < ARRAY_SIZE(bad); n++) {
		put(fx, "hunter2", 7, bad[n]);
		assert_false(reads(fx, fx->path));
		assert_non_null(strstr(fx->err, "others may read it"));
	}
	for (size_t n = 0; n < ARRAY_SIZE(good); n++) {
		put(fx, "hunter2", 7, good[n]);
		assert_true(reads(fx, fx->path));
	}
}

static void what_is_no_secret_is_refused_with_the_reason(void **state)
{
	struct fixture *fx = *state;

	assert_false(reads(fx, fx->path));
	assert_non_null(strstr(fx->err, "No such file"));
	assert_non_null(strstr(fx->err, fx->path));
	put(fx, "\n", 1, 0600);
	assert_false(reads(fx, fx->path));
	assert_non_null(strstr(fx->err, "empty"));
	put(fx, "0123456789abcdefX", 17, 0600);
	assert_false(reads(fx, fx->path));
	assert_non_null(strstr(fx->err, "too long"));
	assert_false(reads(fx, fx->dir));
	assert_non_null(strstr(fx->err, "no file"));
	unlink(fx->path);
	assert_int_equal(mkfifo(fx->path, 0600), 0);
	assert_false(reads(fx, fx->path));
	assert_non_null(strstr(fx->err, "no file"));
}

static void a_credential_of_the_unit_is_found(void **state)
{
	struct fixture *fx = *state;

	put(fx, "hunter2\n", 8, 0400);
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_false(reads(fx, "%d/secret"));
	assert_non_null(strstr(fx->err, "credentials"));
	setenv("CREDENTIALS_DIRECTORY", fx->dir, 1);
	assert_true(reads(fx, "%d/secret"));
	assert_int_equal(fx->len, 7);
	assert_false(reads(fx, "%d/other"));
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void an_open_file_is_private_or_not(void **state)
{
	struct fixture *fx = *state;
	int fd, ends[2];

	put(fx, "hunter2", 7, 0640);
	fd = open(fx->path, O_RDONLY | O_CLOEXEC);
	assert_false(secret_file_is_private(fd));
	assert_int_equal(fchmod(fd, 0600), 0);
	assert_true(secret_file_is_private(fd));
	close(fd);
	assert_false(secret_file_is_private(fd));
	assert_int_equal(pipe(ends), 0);
	assert_true(secret_file_is_private(ends[0]));
	close(ends[0]);
	close(ends[1]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_secret_is_the_line_in_the_file),
		TEST(what_others_may_read_is_refused),
		TEST(what_is_no_secret_is_refused_with_the_reason),
		TEST(a_credential_of_the_unit_is_found),
		TEST(an_open_file_is_private_or_not),
	};

	return cmocka_run_group_tests_name("secret_file", tests, NULL, NULL);
}
