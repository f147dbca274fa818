/* SPDX-License-Identifier: MIT */
/* Real programs are run; what they do is seen in files, pipes and answers. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ev.h>

#include <nhrp/hook.h>
#include <nhrp/loop.h>

#define ANSWERS_MAX 64
#define PATIENCE_S  30.

struct fixture {
	char dir[64];
	struct loop *loop;
	struct event_sink sink;
	struct log_sink log;
	struct hook *hook;
	struct ev_hook answers[ANSWERS_MAX];
	size_t answer_count;
	char log_text[16384];
	bool idle;
};

/* --- the fixture ------------------------------------------------------------- */

static void nothing(void *ctx)
{
	(void)ctx;
}

static void put_event(void *ctx, const struct event *ev)
{
	struct fixture *fx = ctx;

	assert_int_equal(ev->type, EV_HOOK);
	assert_true(fx->answer_count < ANSWERS_MAX);
	fx->answers[fx->answer_count++] = ev->hook;
}

static void keep_line(void *ctx, enum log_level level, const char *text)
{
	struct fixture *fx = ctx;
	size_t n = strlen(fx->log_text);

	(void)level;
	snprintf(fx->log_text + n, sizeof(fx->log_text) - n, "%s\n", text);
}

static void begin(struct fixture *fx, struct hook_limits limits)
{
	hook_free(fx->hook);
	fx->hook = hook_new(fx->loop, &fx->sink, &fx->log, &limits);
}

static int setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));
	const struct loop_handlers handlers = { fx,	 nothing, nothing,
						nothing, nothing, nothing };

	strcpy(fx->dir, "/tmp/test_hook.XXXXXX");
	assert_non_null(mkdtemp(fx->dir));
	fx->loop = loop_new(&handlers);
	fx->sink = (struct event_sink){ fx, put_event };
	fx->log = (struct log_sink){ fx, LOG_LEVEL_DEBUG, keep_line };
	begin(fx, (struct hook_limits)HOOK_LIMITS_DEFAULT);
	*state = fx;
	return fx->loop ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *fx = *state;
	char command[96];

	hook_free(fx->hook);
	loop_free(fx->loop);
	snprintf(command, sizeof(command), "rm -r %s", fx->dir);
	assert_int_equal(system(command), 0);
	free(fx);
	return 0;
}

static const char *in_dir(struct fixture *fx, const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", fx->dir, name);
	return path;
}

/* A shell script that begins in a directory of its own, and is the program. */
static void script(struct fixture *fx, const char *text)
{
	const char *path = in_dir(fx, "hook");
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\nhere=%s\n%s\n", fx->dir, text);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0700), 0);
	hook_conf(fx->hook, path);
}

static void run(struct fixture *fx, enum hook_event event, const char *peer,
		uint32_t token)
{
	struct act_hook a = {
		.token = token, .event = event, .type = "dynamic", .ifname = "gre1"
	};

	if (peer)
		a.dst = unit_prefix(peer);
	hook_run(fx->hook, &a);
}

static void idle(void *ctx)
{
	struct fixture *fx = ctx;

	fx->idle = true;
	loop_end(fx->loop, 0);
}

static void too_slow(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)w;
	(void)revents;
	fail_msg("nothing happened for so long");
}

/* Until nothing runs or waits. */
static void until_idle(struct fixture *fx)
{
	ev_timer limit;

	fx->idle = false;
	if (hook_idle(fx->hook, idle, fx))
		return;
	ev_timer_init(&limit, too_slow, PATIENCE_S, 0.);
	ev_timer_start(loop_ev(fx->loop), &limit);
	loop_run(fx->loop);
	ev_timer_stop(loop_ev(fx->loop), &limit);
	assert_true(fx->idle);
}

static const char *text_of(struct fixture *fx, const char *name)
{
	static char text[65536];
	FILE *f = fopen(in_dir(fx, name), "re");

	text[f ? fread(text, 1, sizeof(text) - 1, f) : 0] = '\0';
	if (f)
		fclose(f);
	return text;
}

static unsigned lines_of(const char *text)
{
	unsigned n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* Turns of the loop until a file has so many lines. */
static void until_lines(struct fixture *fx, const char *name, unsigned lines)
{
	ev_tstamp end = ev_time() + PATIENCE_S;

	while (lines_of(text_of(fx, name)) < lines) {
		assert_true(ev_time() < end);
		ev_run(loop_ev(fx->loop), EVRUN_NOWAIT);
		usleep(1000);
	}
}

static unsigned logged(const struct fixture *fx, const char *text)
{
	unsigned n = 0;

	for (const char *p = fx->log_text; (p = strstr(p, text)); p++)
		n++;
	return n;
}

struct counter_sink {
	struct show_sink sink;
	const char *name;
	int64_t value;
};

static void read_counter(struct show_sink *sink, const struct record *r)
{
	struct counter_sink *c = container_of(sink, struct counter_sink, sink);

	if (strcmp(record_find(r, "name")->text, c->name) == 0)
		c->value = record_find(r, "value")->number;
}

static int64_t counter(const struct fixture *fx, const char *name)
{
	struct counter_sink c = { { read_counter }, name, -1 };

	hook_show(fx->hook, &c.sink);
	return c.value;
}

/* --- answers ----------------------------------------------------------------- */

static const struct {
	const char *text;
	enum hook_outcome outcome;
	const char *counter, *logged;
} endings[] = {
	{ "exit 0", HOOK_YES, NULL, NULL },
	{ "exit 1", HOOK_NO, "script_refusals", NULL },
	{ "exit 255", HOOK_NO, "script_refusals", NULL },
	{ "kill -SEGV $$", HOOK_BROKEN, "script_failures", "killed by signal 11" },
};

static void a_question_is_answered_by_how_the_script_ends(void **state)
{
	struct fixture *fx = *state;

	for (uint32_t k = 0; k < ARRAY_SIZE(endings); k++) {
		int64_t before =
			endings[k].counter ? counter(fx, endings[k].counter) : 0;

		script(fx, endings[k].text);
		run(fx, HOOK_PEER_REGISTER, "10.0.0.2", k + 1);
		until_idle(fx);
		assert_int_equal(fx->answer_count, k + 1);
		assert_int_equal(fx->answers[k].token, k + 1);
		assert_int_equal(fx->answers[k].outcome, endings[k].outcome);
		if (endings[k].counter)
			assert_int_equal(counter(fx, endings[k].counter), before + 1);
		if (endings[k].logged)
			assert_int_equal(logged(fx, endings[k].logged), 1);
	}
	assert_int_equal(counter(fx, "script_runs"), ARRAY_SIZE(endings));
}

static void what_is_told_is_not_answered_but_a_failure_is_logged(void **state)
{
	struct fixture *fx = *state;

	script(fx, "exit 3");
	run(fx, HOOK_PEER_DOWN, "10.0.0.2", 0);
	until_idle(fx);
	assert_int_equal(fx->answer_count, 0);
	assert_int_equal(logged(fx, "script peer-down 10.0.0.2 on gre1: exit status 3"),
			 1);
	assert_int_equal(counter(fx, "script_failures"), 1);
}

static void a_script_that_cannot_be_run_is_named_and_refuses(void **state)
{
	struct fixture *fx = *state;

	hook_conf(fx->hook, "/nowhere/hook");
	assert_int_equal(logged(fx, "script /nowhere/hook cannot be run"), 1);
	assert_string_equal(hook_problem(fx->hook), strerror(ENOENT));
	run(fx, HOOK_PEER_REGISTER, "10.0.0.2", 7);
	/* Never from inside the call. */
	assert_int_equal(fx->answer_count, 0);
	until_idle(fx);
	assert_int_equal(fx->answer_count, 1);
	assert_int_equal(fx->answers[0].outcome, HOOK_BROKEN);
	assert_int_equal(counter(fx, "script_failures"), 1);
	assert_int_equal(logged(fx, "/nowhere/hook cannot be run"), 2);
}

static void a_file_without_the_right_to_run_is_a_problem(void **state)
{
	struct fixture *fx = *state;

	script(fx, "exit 0");
	assert_null(hook_problem(fx->hook));
	assert_int_equal(chmod(in_dir(fx, "hook"), 0600), 0);
	assert_string_equal(hook_problem(fx->hook), "it is not executable");
	hook_conf(fx->hook, fx->dir);
	assert_string_equal(hook_problem(fx->hook), "it is no file");
	hook_conf(fx->hook, "");
	assert_null(hook_problem(fx->hook));
}

/* --- what the script gets ------------------------------------------------------ */

static void the_environment_is_all_of_the_event_and_nothing_else(void **state)
{
	struct fixture *fx = *state;
	const struct act_hook a = { .event = HOOK_PEER_DOWN,
				    .type = "dynamic",
				    .ifname = "gre1",
				    .gre_key = 4294967295u,
				    .src = unit_addr("10.0.0.1"),
				    .src_nbma = unit_addr("203.0.113.1"),
				    .dst = unit_prefix("10.0.0.2/32"),
				    .nbma = unit_addr("198.51.100.2"),
				    .claimed = unit_addr("192.168.7.3"),
				    .mtu = 1400,
				    .reason = "expired" };

	setenv("NHRP_SECRET", "of the daemon", 1);
	script(fx, "tr '\\0' '\\n' < /proc/$$/environ > $here/env");
	hook_run(fx->hook, &a);
	until_idle(fx);
	assert_string_equal(
		text_of(fx, "env"),
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
		"NHRP_TYPE=dynamic\n"
		"NHRP_INTERFACE=gre1\n"
		"NHRP_GRE_KEY=4294967295\n"
		"NHRP_SRCADDR=10.0.0.1\n"
		"NHRP_SRCNBMA=203.0.113.1\n"
		"NHRP_DESTADDR=10.0.0.2\n"
		"NHRP_DESTPREFIX=32\n"
		"NHRP_DESTNBMA=198.51.100.2\n"
		"NHRP_DESTNBMA_NAT_OA=192.168.7.3\n"
		"NHRP_DESTMTU=1400\n"
		"NHRP_PEER_DOWN_REASON=expired\n");
}

static void the_event_is_the_only_argument(void **state)
{
	static const char *const names[HOOK_EVENTS] = {
		"interface-up", "peer-register", "peer-up",  "peer-down",
		"nhs-up",	"nhs-down",	 "route-up", "route-down",
	};
	struct fixture *fx = *state;
	char want[256] = "";

	script(fx, "echo $# \"$@\" >> $here/args");
	for (int k = 0; k < HOOK_EVENTS; k++) {
		snprintf(want + strlen(want), sizeof(want) - strlen(want), "1 %s\n",
			 names[k]);
		run(fx, (enum hook_event)k, "10.0.0.2", 0);
		until_idle(fx);
	}
	assert_string_equal(text_of(fx, "args"), want);
}

static void it_gets_no_descriptor_signal_or_directory_of_the_daemon(void **state)
{
	struct fixture *fx = *state;
	int fd = open("/dev/null", O_RDONLY); /* not close-on-exec */
	sigset_t blocked;

	assert_int_equal(dup2(fd, 50), 50);
	script(fx, "exec > $here/seen\n"
		   "[ -e /proc/$$/fd/50 ] || echo no descriptor\n"
		   "cat\n"
		   "[ $(readlink /proc/$$/cwd) = / ] && echo root directory\n"
		   "sh -c 'kill -PIPE $$; echo ignored'\n"
		   "sh -c 'kill -USR2 $$; echo blocked'\n"
		   "[ $(cut -d' ' -f5 /proc/$$/stat) = $$ ] && echo own group\n");
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR2);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	signal(SIGPIPE, SIG_IGN);
	run(fx, HOOK_PEER_DOWN, "10.0.0.2", 0);
	until_idle(fx);
	sigprocmask(SIG_UNBLOCK, &blocked, NULL);
	close(fd);
	close(50);
	assert_string_equal(text_of(fx, "seen"), "no descriptor\n"
						 "root directory\n"
						 "own group\n");
}

/* --- output -------------------------------------------------------------------- */

static void what_it_prints_is_logged_line_by_line(void **state)
{
	struct fixture *fx = *state;

	script(fx, "echo one; echo; echo two >&2; printf three");
	run(fx, HOOK_PEER_DOWN, "10.0.0.2", 0);
	until_idle(fx);
	assert_string_equal(fx->log_text,
			    "script peer-down 10.0.0.2 on gre1: says: one\n"
			    "script peer-down 10.0.0.2 on gre1: says: two\n"
			    "script peer-down 10.0.0.2 on gre1: says: three\n");
}

static void a_flood_of_output_is_bounded_and_counted(void **state)
{
	struct fixture *fx = *state;

	script(fx, "seq 5000; head -c 20000 /dev/zero | tr '\\0' x");
	run(fx, HOOK_PEER_DOWN, "10.0.0.2", 0);
	until_idle(fx);
	assert_in_range(lines_of(fx->log_text), 50, 200);
	assert_int_equal(lines_of(fx->log_text) + counter(fx, "script_lines_dropped"),
			 5001);
}

static void a_script_that_closes_its_output_goes_on(void **state)
{
	struct fixture *fx = *state;

	script(fx, "exec >&- 2>&-; echo ok > $here/done; exit 4");
	run(fx, HOOK_PEER_REGISTER, "10.0.0.2", 1);
	until_idle(fx);
	assert_string_equal(text_of(fx, "done"), "ok\n");
	assert_int_equal(fx->answers[0].outcome, HOOK_NO);
}

/* --- time ---------------------------------------------------------------------- */

static void a_script_that_takes_too_long_is_ended_and_counts_as_no(void **state)
{
	struct fixture *fx = *state;

	begin(fx, (struct hook_limits){ 4, 100, 100, .1, 20., 60. });
	/* What it runs at the moment ends with it. */
	script(fx, "echo $$ > $here/began; sleep 1000; echo on > $here/on");
	run(fx, HOOK_PEER_REGISTER, "10.0.0.2", 1);
	until_idle(fx);
	assert_int_equal(fx->answer_count, 1);
	assert_int_equal(fx->answers[0].outcome, HOOK_LATE);
	assert_int_equal(counter(fx, "script_timeouts"), 1);
	assert_int_equal(logged(fx,
				"peer-register 10.0.0.2 on gre1: not over after 0.1 s"),
			 1);
	assert_string_equal(text_of(fx, "on"), "");
}

static void one_that_ignores_the_first_signal_gets_the_second(void **state)
{
	struct fixture *fx = *state;

	begin(fx, (struct hook_limits){ 4, 100, 100, .3, .1, 60. });
	script(fx, "trap '' TERM; echo > $here/began; while :; do sleep 1000; done");
	run(fx, HOOK_PEER_REGISTER, "10.0.0.2", 1);
	until_idle(fx);
	assert_int_equal(fx->answers[0].outcome, HOOK_LATE);
	assert_int_equal(fx->answer_count, 1);
}

/* The end of a pipe tells when the last one that could write is gone. */
static void until_hung_up(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&p, 1, (int)PATIENCE_S * 1000), 1);
	assert_true(p.revents & POLLHUP);
}

static void what_a_script_leaves_behind_ends_with_it(void **state)
{
	struct fixture *fx = *state;
	int fd;

	assert_int_equal(mkfifo(in_dir(fx, "fifo"), 0600), 0);
	fd = open(in_dir(fx, "fifo"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	script(fx, "exec 9> $here/fifo; sleep 1000 & exit 0");
	run(fx, HOOK_PEER_REGISTER, "10.0.0.2", 1);
	until_idle(fx);
	assert_int_equal(fx->answers[0].outcome, HOOK_YES);
	until_hung_up(fd);
	close(fd);
}

static void what_runs_when_the_daemon_ends_is_killed(void **state)
{
	struct fixture *fx = *state;
	int fd;

	assert_int_equal(mkfifo(in_dir(fx, "fifo"), 0600), 0);
	fd = open(in_dir(fx, "fifo"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	script(fx, "exec 9> $here/fifo; echo > $here/began; sleep 1000");
	run(fx, HOOK_PEER_DOWN, "10.0.0.2", 0);
	run(fx, HOOK_PEER_UP, "10.0.0.2", 1);
	until_lines(fx, "began", 1);
	hook_free(fx->hook);
	fx->hook = NULL;
	until_hung_up(fd);
	assert_int_equal(fx->answer_count, 0);
	close(fd);
}

/* --- number -------------------------------------------------------------------- */

/* Each begins, and ends when a line comes to its pipe. */
#define GATED "echo $NHRP_DESTADDR >> $here/began; read x < $here/gate"

static void open_gate(struct fixture *fx, int fd, unsigned count)
{
	for (unsigned k = 0; k < count; k++)
		assert_int_equal(write(fd, "\n", 1), 1);
	until_idle(fx);
}

static void no_more_run_at_a_time_than_allowed(void **state)
{
	struct fixture *fx = *state;
	int fd;

	begin(fx, (struct hook_limits){ 3, 100, 100, 60., 1., 60. });
	assert_int_equal(mkfifo(in_dir(fx, "gate"), 0600), 0);
	fd = open(in_dir(fx, "gate"), O_RDWR | O_CLOEXEC);
	script(fx, GATED);
	for (int k = 2; k < 22; k++) {
		char peer[20];

		snprintf(peer, sizeof(peer), "10.0.0.%d", k);
		run(fx, HOOK_PEER_DOWN, peer, 0);
	}
	until_lines(fx, "began", 3);
	for (int turn = 0; turn < 50; turn++) {
		ev_run(loop_ev(fx->loop), EVRUN_NOWAIT);
		usleep(1000);
	}
	assert_int_equal(lines_of(text_of(fx, "began")), 3);
	assert_int_equal(counter(fx, "script_runs"), 3);
	assert_int_equal(hook_pending(fx->hook), 20);
	open_gate(fx, fd, 20);
	assert_int_equal(lines_of(text_of(fx, "began")), 20);
	close(fd);
}

static void a_flood_of_events_is_bounded_and_counted(void **state)
{
	struct fixture *fx = *state;

	begin(fx, (struct hook_limits){ 2, 10, 5, 60., 1., 60. });
	script(fx, "echo $1 >> $here/ran");
	for (uint32_t k = 0; k < 1000; k++) {
		run(fx, HOOK_PEER_DOWN, "10.0.0.2", 0);
		run(fx, HOOK_PEER_REGISTER, "10.0.0.3", k + 1);
	}
	assert_int_equal(hook_pending(fx->hook), 15);
	until_idle(fx);
	assert_int_equal(lines_of(text_of(fx, "ran")), 15);
	assert_int_equal(fx->answer_count, 5);
	assert_int_equal(counter(fx, "script_events_dropped"), 2000 - 15);
	assert_in_range(logged(fx, "left out: too many wait"), 1, 25);
}

static void a_question_whose_turn_comes_too_late_is_left_out(void **state)
{
	struct fixture *fx = *state;

	begin(fx, (struct hook_limits){ 1, 100, 100, 60., 1., 0.05 });
	script(fx, "echo $1 >> $here/ran; sleep 0.1");
	run(fx, HOOK_PEER_REGISTER, "10.0.0.2", 1);
	run(fx, HOOK_PEER_REGISTER, "10.0.0.3", 2);
	/* What is only told can wait. */
	run(fx, HOOK_PEER_DOWN, "10.0.0.4", 0);
	until_idle(fx);
	assert_int_equal(fx->answer_count, 1);
	assert_int_equal(fx->answers[0].token, 1);
	assert_string_equal(text_of(fx, "ran"), "peer-register\npeer-down\n");
	assert_int_equal(counter(fx, "script_events_dropped"), 1);
	assert_int_equal(logged(fx, "left out: its turn came too late"), 1);
}

static void events_of_one_peer_are_over_before_its_next_begins(void **state)
{
	struct fixture *fx = *state;

	script(fx, "echo begin $1 >> $here/$NHRP_DESTADDR\n"
		   "cat /dev/null; echo end $1 >> $here/$NHRP_DESTADDR");
	for (int k = 0; k < 5; k++) {
		run(fx, HOOK_PEER_UP, "10.0.0.2", 1);
		run(fx, HOOK_PEER_UP, "10.0.0.3", 1);
		run(fx, HOOK_PEER_DOWN, "10.0.0.2", 0);
		run(fx, HOOK_PEER_DOWN, "10.0.0.3", 0);
	}
	until_idle(fx);
	for (size_t peer = 0; peer < 2; peer++) {
		static const char *const names[] = { "10.0.0.2", "10.0.0.3" };
		static const char once[] = "begin peer-up\nend peer-up\n"
					   "begin peer-down\nend peer-down\n";
		const char *text = text_of(fx, names[peer]);

		for (int k = 0; k < 5; k++, text += strlen(once))
			assert_memory_equal(text, once, strlen(once));
		assert_string_equal(text, "");
	}
}

/* --- the configuration --------------------------------------------------------- */

static void without_a_script_nothing_is_run_or_answered(void **state)
{
	struct fixture *fx = *state;

	run(fx, HOOK_PEER_REGISTER, "10.0.0.2", 1);
	assert_int_equal(hook_pending(fx->hook), 0);
	until_idle(fx);
	assert_int_equal(fx->answer_count, 0);
	assert_int_equal(counter(fx, "script_runs"), 0);
}

static void a_script_taken_away_leaves_out_what_waits(void **state)
{
	struct fixture *fx = *state;
	int fd;

	begin(fx, (struct hook_limits){ 1, 100, 100, 60., 1., 60. });
	assert_int_equal(mkfifo(in_dir(fx, "gate"), 0600), 0);
	fd = open(in_dir(fx, "gate"), O_RDWR | O_CLOEXEC);
	script(fx, GATED);
	run(fx, HOOK_PEER_REGISTER, "10.0.0.2", 1);
	run(fx, HOOK_PEER_REGISTER, "10.0.0.3", 2);
	run(fx, HOOK_PEER_DOWN, "10.0.0.4", 0);
	until_lines(fx, "began", 1);
	hook_conf(fx->hook, "");
	assert_int_equal(hook_pending(fx->hook), 1);
	open_gate(fx, fd, 1);
	assert_int_equal(fx->answer_count, 1);
	assert_string_equal(text_of(fx, "began"), "10.0.0.2\n");
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_question_is_answered_by_how_the_script_ends),
		TEST(what_is_told_is_not_answered_but_a_failure_is_logged),
		TEST(a_script_that_cannot_be_run_is_named_and_refuses),
		TEST(a_file_without_the_right_to_run_is_a_problem),
		TEST(the_environment_is_all_of_the_event_and_nothing_else),
		TEST(the_event_is_the_only_argument),
		TEST(it_gets_no_descriptor_signal_or_directory_of_the_daemon),
		TEST(what_it_prints_is_logged_line_by_line),
		TEST(a_flood_of_output_is_bounded_and_counted),
		TEST(a_script_that_closes_its_output_goes_on),
		TEST(a_script_that_takes_too_long_is_ended_and_counts_as_no),
		TEST(one_that_ignores_the_first_signal_gets_the_second),
		TEST(what_a_script_leaves_behind_ends_with_it),
		TEST(what_runs_when_the_daemon_ends_is_killed),
		TEST(no_more_run_at_a_time_than_allowed),
		TEST(a_flood_of_events_is_bounded_and_counted),
		TEST(a_question_whose_turn_comes_too_late_is_left_out),
		TEST(events_of_one_peer_are_over_before_its_next_begins),
		TEST(without_a_script_nothing_is_run_or_answered),
		TEST(a_script_taken_away_leaves_out_what_waits),
	};

	return cmocka_run_group_tests_name("hook", tests, NULL, NULL);
}
