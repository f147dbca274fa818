/* SPDX-License-Identifier: MIT */
/*
 * The program nhrpctl as scripts see it: exit codes and both outputs. What
 * answers is a control server in a child, which does what the address in
 * `resolve` says.
 */
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ev.h>

#include <nhrp/ctl_command.h>
#include <nhrp/ctl_server.h>

#define KNOWN	 "resolve 10.0.0.1"
#define REFUSED	 "resolve 10.0.0.2"
#define BREAKS	 "resolve 10.0.0.3"
#define SILENT	 "explain 10.0.0.4"
#define MESSAGE	 "reload"
#define OUT_ROOM 4096

static char folder[32], path[64];
static pid_t child;

struct fake {
	struct ctl_server *server;
	uint32_t token;
};

static void known(struct fake *f)
{
	struct record r;

	record_init(&r);
	record_text(&r, "protocol", "10.0.0.1");
	record_text(&r, "nbma", "203.0.113.1");
	ctl_server_row(f->server, f->token, &r, (mono){ 0 }, 0);
	ctl_server_end(f->server, f->token, CTL_DONE, "");
}

static void take_request(void *ctx, uint32_t token, uid_t uid,
			 const struct ctl_request *request)
{
	struct fake *f = ctx;
	const char *about = request->word_count > 1 ? request->words[1] : "";

	(void)uid;
	f->token = token;
	if (strcmp(about, "10.0.0.1") == 0)
		known(f);
	else if (strcmp(about, "10.0.0.2") == 0)
		ctl_server_end(f->server, token, CTL_REFUSED, "only root may");
	else if (strcmp(about, "10.0.0.3") == 0)
		_exit(0);
	else if (strcmp(about, "10.0.0.4") == 0)
		ctl_server_end(f->server, token, CTL_REFUSED, "");
	else
		ctl_server_end(f->server, token, CTL_DONE, "nothing changed");
}

/* Closes `ready` when it listens. */
static int serve(int ready)
{
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	struct ctl_limits limits = CTL_LIMITS_DEFAULT;
	struct fake f = { 0 };
	char err[256];

	f.server = ctl_server_new(loop, path, &limits,
				  (struct ctl_handler){ &f, take_request }, err,
				  sizeof(err));
	close(ready);
	if (!f.server)
		return 1;
	ev_run(loop, 0);
	return 0;
}

/* Each test has a server of its own, for one of them makes it end. */
static int setup(void **state)
{
	int ready[2];
	char none;

	(void)state;
	strcpy(folder, "/tmp/nhrpd-test-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/ctl.sock", folder);
	if (pipe(ready) < 0)
		return -1;
	child = fork();
	if (child == 0)
		_exit(serve(ready[1]));
	close(ready[1]);
	alarm(60);
	if (read(ready[0], &none, 1) != 0)
		return -1;
	close(ready[0]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	unlink(path);
	rmdir(folder);
	return 0;
}

struct outcome {
	int status;
	char out[OUT_ROOM], err[OUT_ROOM];
};

static void read_file(const char *name, char *buf)
{
	FILE *f = fopen(name, "r");

	assert_non_null(f);
	buf[fread(buf, 1, OUT_ROOM - 1, f)] = '\0';
	fclose(f);
	unlink(name);
}

static struct outcome run(const char *words)
{
	char line[512], out[128], err[128];
	struct outcome o;

	snprintf(out, sizeof(out), "%s/out", folder);
	snprintf(err, sizeof(err), "%s/err", folder);
	snprintf(line, sizeof(line), "./nhrpctl %s >%s 2>%s", words, out, err);
	o.status = system(line);
	assert_true(WIFEXITED(o.status));
	o.status = WEXITSTATUS(o.status);
	read_file(out, o.out);
	read_file(err, o.err);
	return o;
}

static struct outcome ask(const char *words)
{
	char line[256];

	snprintf(line, sizeof(line), "-s %s %s", path, words);
	return run(line);
}

static void an_answer_goes_to_standard_output(void **state)
{
	struct outcome o = ask(KNOWN);

	(void)state;
	assert_int_equal(o.status, 0);
	assert_string_equal(o.out, "PROTOCOL  NBMA\n10.0.0.1  203.0.113.1\n");
	assert_string_equal(o.err, "");
}

static void an_option_may_stand_behind_the_command(void **state)
{
	struct outcome before = ask("-j " KNOWN), behind = ask(KNOWN " -j");

	(void)state;
	assert_string_equal(before.out, "{\"schema\":1,\"resolve\":[{\"protocol\":"
					"\"10.0.0.1\",\"nbma\":\"203.0.113.1\"}]}\n");
	assert_string_equal(behind.out, before.out);
}

static void what_the_daemon_says_of_a_success_is_printed(void **state)
{
	struct outcome o = ask(MESSAGE);

	(void)state;
	assert_int_equal(o.status, 0);
	assert_string_equal(o.out, "nothing changed\n");
}

static void a_refusal_is_one(void **state)
{
	struct outcome o = ask(REFUSED);

	(void)state;
	assert_int_equal(o.status, 1);
	assert_string_equal(o.out, "");
	assert_string_equal(o.err, "nhrpctl: only root may\n");
	o = ask("-j " REFUSED);
	assert_int_equal(o.status, 1);
	assert_string_equal(
		o.out, "{\"schema\":1,\"resolve\":[],\"error\":\"only root may\"}\n");
}

/* What does not pass, or what the doctor found: the rows have said it. */
static void a_refusal_may_have_nothing_to_add(void **state)
{
	struct outcome o = ask(SILENT);

	(void)state;
	assert_int_equal(o.status, 1);
	assert_string_equal(o.err, "");
	o = ask("-j " SILENT);
	assert_int_equal(o.status, 1);
	assert_string_equal(o.out, "{\"schema\":1,\"explain\":[]}\n");
}

static void wrong_usage_is_two_with_or_without_a_daemon(void **state)
{
	static const char *const cases[] = { "",	"shwo",	   "show cash",
					     "-x show", "resolve", "-s" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct outcome o = run(cases[i]);

		assert_int_equal(o.status, 2);
		assert_string_equal(o.out, "");
		assert_string_not_equal(o.err, "");
	}
}

static void no_daemon_is_three_and_the_hint_says_what_to_do(void **state)
{
	struct outcome o = run("-s /nowhere/nhrpd.sock show cache");

	(void)state;
	assert_int_equal(o.status, 3);
	assert_string_equal(o.out, "");
	assert_non_null(strstr(o.err, "/nowhere/nhrpd.sock: No such file"));
	assert_non_null(strstr(o.err, "systemctl status nhrpd"));
	o = run("-j -s /nowhere/nhrpd.sock show cache");
	assert_int_equal(o.status, 3);
	assert_non_null(strstr(o.out, "{\"schema\":1,\"cache\":[],\"error\":\"cannot"));
}

static void a_daemon_that_dies_in_its_answer_is_three(void **state)
{
	struct outcome o = ask(BREAKS);

	(void)state;
	assert_int_equal(o.status, 3);
	assert_non_null(strstr(o.err, "broke off"));
}

static void an_answer_that_cannot_be_written_is_a_failure(void **state)
{
	char line[256];

	(void)state;
	snprintf(line, sizeof(line), "./nhrpctl -s %s " KNOWN " >/dev/full 2>&1", path);
	assert_int_equal(WEXITSTATUS(system(line)), 1);
}

static void help_names_every_command(void **state)
{
	struct outcome o = run("--help");

	(void)state;
	assert_int_equal(o.status, 0);
	for (enum ctl_verb v = 0; v < CTL_VERBS; v++)
		assert_non_null(strstr(o.out, ctl_commands[v].words));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_answer_goes_to_standard_output),
		TEST(an_option_may_stand_behind_the_command),
		TEST(what_the_daemon_says_of_a_success_is_printed),
		TEST(a_refusal_is_one),
		TEST(a_refusal_may_have_nothing_to_add),
		TEST(wrong_usage_is_two_with_or_without_a_daemon),
		TEST(no_daemon_is_three_and_the_hint_says_what_to_do),
		TEST(a_daemon_that_dies_in_its_answer_is_three),
		TEST(an_answer_that_cannot_be_written_is_a_failure),
		TEST(help_names_every_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
