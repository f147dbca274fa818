/* SPDX-License-Identifier: MIT */
#include <nhrp/hook.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ev.h>
#include <utlist.h>

#include <nhrp/limit.h>
#include <nhrp/loop.h>
#include <nhrp/mem.h>

#include "counter_row.h"
#include "hook_env.h"
#include "hook_queue.h"

#define LINE_MAX_LEN 200 /* of its output, as it is logged */
#define READ_SIZE    4096
#define READS_AT_END 16 /* what a pipe holds */

struct run {
	struct run *prev, *next;
	struct hook *hook;
	struct hook_line *line;
	struct act_hook what;
	pid_t pid;
	bool late, answered;
	ev_io ended, output;
	ev_timer limit;
	char text[LINE_MAX_LEN + 1]; /* a line of output, as far as it has come */
	size_t text_len;
};

struct hook {
	struct loop *loop;
	const struct event_sink *sink;
	const struct log_sink *log;
	struct hook_limits limits;
	char path[CONF_PATH_MAX];
	struct hook_queue *queue;
	struct run *runs;
	unsigned running;
	ev_timer next; /* starts what may start, one a turn of the loop */
	struct limit failure_lines, output_lines;
	uint64_t started, refused, failed, late, dropped, lines_dropped;
	void (*idle)(void *ctx);
	void *idle_ctx;
};

static struct ev_loop *ev(const struct hook *h)
{
	return loop_ev(h->loop);
}

/* --- what is said of it ------------------------------------------------------ */

struct subject {
	char s[CONF_IFNAME_MAX + 80];
};

/* `peer-up 10.0.0.2 on gre1` */
static const char *subject_str(struct subject *out, const struct act_hook *a)
{
	const char *event = hook_event_str(a->event);

	if (!addr_is_set(&a->dst.addr))
		snprintf(out->s, sizeof(out->s), "%s %s", event, a->ifname);
	else
		snprintf(out->s, sizeof(out->s), "%s %s on %s", event,
			 a->dst.len == addr_host_bits(&a->dst.addr)
				 ? ADDR_STR(&a->dst.addr)
				 : PREFIX_STR(&a->dst),
			 a->ifname);
	return out->s;
}

#define SUBJECT_STR(a) subject_str(&(struct subject){ { 0 } }, a)

static void complain(struct hook *h, const struct act_hook *a, const char *what)
{
	if (limit_take(&h->failure_lines, loop_now(h->loop)))
		log_to(h->log, LOG_LEVEL_WARN, "script %s: %s", SUBJECT_STR(a), what);
}

static void log_line(struct run *r)
{
	struct hook *h = r->hook;

	if (r->text_len == 0)
		return;
	r->text[r->text_len] = '\0';
	r->text_len = 0;
	if (limit_take(&h->output_lines, loop_now(h->loop)))
		log_to(h->log, LOG_LEVEL_INFO, "script %s: says: %s",
		       SUBJECT_STR(&r->what), r->text);
	else
		h->lines_dropped++;
}

/* --- outcomes ---------------------------------------------------------------- */

static void answer(struct run *r, enum hook_outcome outcome)
{
	const struct event event = { .type = EV_HOOK,
				     .hook = { r->what.token, outcome } };

	if (!r->what.token || r->answered)
		return;
	r->answered = true;
	event_put(r->hook->sink, &event);
}

/* A question that is answered no is no failure: who asked tells of it. */
static enum hook_outcome outcome_of(struct run *r, int status)
{
	struct hook *h = r->hook;
	char what[64];

	if (r->late)
		return HOOK_LATE;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return HOOK_YES;
	if (WIFEXITED(status) && r->what.token) {
		h->refused++;
		return HOOK_NO;
	}
	h->failed++;
	if (WIFEXITED(status))
		snprintf(what, sizeof(what), "exit status %d", WEXITSTATUS(status));
	else
		snprintf(what, sizeof(what), "killed by signal %d", WTERMSIG(status));
	complain(h, &r->what, what);
	return WIFEXITED(status) ? HOOK_NO : HOOK_BROKEN;
}

static void kick(struct hook *h);

static void run_free(struct hook *h, struct run *r)
{
	ev_timer_stop(ev(h), &r->limit);
	if (ev_is_active(&r->ended)) {
		ev_io_stop(ev(h), &r->ended);
		close(r->ended.fd);
	}
	if (ev_is_active(&r->output)) {
		ev_io_stop(ev(h), &r->output);
		close(r->output.fd);
	}
	hook_queue_done(h->queue, r->line);
	DL_DELETE(h->runs, r);
	h->running--;
	free(r);
	kick(h);
}

/* --- output ------------------------------------------------------------------ */

static void take_text(struct run *r, const char *text, size_t len)
{
	for (size_t k = 0; k < len; k++) {
		if (text[k] == '\n')
			log_line(r);
		else if (r->text_len < LINE_MAX_LEN)
			r->text[r->text_len++] = text[k];
	}
}

/* False when there is no more, now or ever. */
static bool read_output(struct run *r)
{
	char buf[READ_SIZE];
	ssize_t n = read(r->output.fd, buf, sizeof(buf));

	if (n > 0)
		take_text(r, buf, (size_t)n);
	if (n == 0) {
		ev_io_stop(ev(r->hook), &r->output);
		close(r->output.fd);
	}
	return n > 0;
}

static void output_ready(struct ev_loop *loop, ev_io *w, int revents)
{
	(void)loop;
	(void)revents;
	read_output(w->data);
}

static void read_rest(struct run *r)
{
	int reads = 0;

	while (ev_is_active(&r->output) && reads++ < READS_AT_END && read_output(r))
		;
	log_line(r);
}

/* --- a run ------------------------------------------------------------------- */

/* Until it is waited for, its number is nobody else's, and so is its group's. */
static void ended(struct ev_loop *loop, ev_io *w, int revents)
{
	struct run *r = w->data;
	int status = 0;

	(void)loop;
	(void)revents;
	kill(-r->pid, SIGKILL);
	if (waitpid(r->pid, &status, 0) < 0)
		status = SIGKILL;
	read_rest(r);
	answer(r, outcome_of(r, status));
	run_free(r->hook, r);
}

static void too_long(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct run *r = w->data;
	struct hook *h = r->hook;
	char what[64];

	(void)revents;
	if (r->late) {
		kill(-r->pid, SIGKILL);
		return;
	}
	r->late = true;
	h->late++;
	snprintf(what, sizeof(what), "not over after %g s: ended", h->limits.time_s);
	complain(h, &r->what, what);
	kill(-r->pid, SIGTERM);
	ev_timer_set(w, h->limits.grace_s, 0.);
	ev_timer_start(loop, w);
	answer(r, HOOK_LATE);
}

/* As a service manager would: nothing of ours but the two ends of a pipe. */
static int spawn(struct hook *h, const struct act_hook *a, int out, pid_t *pid)
{
	char event[32];
	char *const argv[] = { h->path, event, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	struct hook_env env;
	sigset_t set;
	int rc;

	snprintf(event, sizeof(event), "%s", hook_event_str(a->event));
	hook_env_init(&env, a);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY,
					 0);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	posix_spawn_file_actions_addchdir_np(&files, "/");
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&attr, 0);
	sigemptyset(&set);
	posix_spawnattr_setsigmask(&attr, &set);
	sigfillset(&set);
	posix_spawnattr_setsigdefault(&attr, &set);
	rc = posix_spawn(pid, h->path, &files, &attr, argv, env.vars);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return rc;
}

static int watch_end(struct run *r)
{
	int fd = pidfd_open(r->pid, 0);

	if (fd < 0) {
		kill(-r->pid, SIGKILL);
		waitpid(r->pid, NULL, 0);
		return errno;
	}
	ev_io_set(&r->ended, fd, EV_READ);
	ev_io_start(ev(r->hook), &r->ended);
	return 0;
}

static int start(struct run *r)
{
	struct hook *h = r->hook;
	int fds[2], rc;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return errno;
	rc = fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0
		     ? errno
		     : spawn(h, &r->what, fds[1], &r->pid);
	close(fds[1]);
	if (!rc)
		rc = watch_end(r);
	if (rc) {
		close(fds[0]);
		return rc;
	}
	ev_io_set(&r->output, fds[0], EV_READ);
	ev_io_start(ev(h), &r->output);
	ev_timer_start(ev(h), &r->limit);
	return 0;
}

static void run_new(struct hook *h, struct hook_line *line, const struct act_hook *what)
{
	struct run *r = mem_new(sizeof(*r));
	char why[CONF_PATH_MAX + 128];
	int rc;

	r->hook = h;
	r->line = line;
	r->what = *what;
	ev_init(&r->ended, ended);
	ev_init(&r->output, output_ready);
	ev_timer_init(&r->limit, too_long, h->limits.time_s, 0.);
	r->ended.data = r->output.data = r->limit.data = r;
	DL_APPEND(h->runs, r);
	h->running++;
	h->started++;
	rc = start(r);
	if (!rc)
		return;
	h->failed++;
	snprintf(why, sizeof(why), "%s cannot be run: %s", h->path, strerror(rc));
	complain(h, what, why);
	answer(r, HOOK_BROKEN);
	run_free(h, r);
}

/* --- the queue --------------------------------------------------------------- */

static void kick(struct hook *h)
{
	if (ev_is_active(&h->next))
		return;
	ev_timer_set(&h->next, 0., 0.);
	ev_timer_start(ev(h), &h->next);
}

size_t hook_pending(const struct hook *h)
{
	return h->running + hook_queue_waiting(h->queue);
}

static void tell_idle(struct hook *h)
{
	void (*idle)(void *ctx) = h->idle;

	if (!idle || hook_pending(h))
		return;
	h->idle = NULL;
	idle(h->idle_ctx);
}

/* Nobody waits for the answer any more. */
static bool is_stale(const struct hook *h, const struct hook_item *item)
{
	int64_t waited_us = mono_diff_us(loop_now(h->loop), item->since);

	return item->what.token && (double)waited_us > h->limits.patience_s * 1e6;
}

static void drop(struct hook *h, const struct act_hook *a, const char *why)
{
	h->dropped++;
	complain(h, a, why);
}

static void start_next(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct hook *h = w->data;
	struct hook_line *line = NULL;
	struct hook_item item;

	(void)loop;
	(void)revents;
	if (h->running < h->limits.running)
		line = hook_queue_take(h->queue, &item);
	if (line && is_stale(h, &item)) {
		drop(h, &item.what, "left out: its turn came too late");
		hook_queue_done(h->queue, line);
	} else if (line) {
		run_new(h, line, &item.what);
	}
	if (line)
		kick(h);
	tell_idle(h);
}

void hook_run(struct hook *h, const struct act_hook *a)
{
	if (!h->path[0])
		return;
	if (hook_queue_put(h->queue, a, loop_now(h->loop)))
		kick(h);
	else
		drop(h, a, "left out: too many wait for their turn");
}

bool hook_idle(struct hook *h, void (*idle)(void *ctx), void *ctx)
{
	if (!hook_pending(h))
		return true;
	h->idle = idle;
	h->idle_ctx = ctx;
	return false;
}

/* --- the program ------------------------------------------------------------- */

const char *hook_problem(const struct hook *h)
{
	struct stat st;

	if (!h->path[0])
		return NULL;
	if (stat(h->path, &st) < 0)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "it is no file";
	return access(h->path, X_OK) < 0 ? "it is not executable" : NULL;
}

void hook_conf(struct hook *h, const char *path)
{
	const char *problem;

	if (strcmp(h->path, path) == 0)
		return;
	snprintf(h->path, sizeof(h->path), "%s", path);
	if (!path[0])
		hook_queue_clear(h->queue);
	problem = hook_problem(h);
	if (problem)
		log_to(h->log, LOG_LEVEL_ERROR,
		       "script %s cannot be run: %s: whoever registers is refused",
		       path, problem);
}

struct hook *hook_new(struct loop *loop, const struct event_sink *sink,
		      const struct log_sink *log, const struct hook_limits *limits)
{
	struct hook *h = mem_new(sizeof(*h));

	h->loop = loop;
	h->sink = sink;
	h->log = log;
	h->limits = *limits;
	h->queue = hook_queue_new(limits->waiting, limits->questions);
	h->failure_lines = limit_init(2, 20);
	h->output_lines = limit_init(10, 50);
	ev_timer_init(&h->next, start_next, 0., 0.);
	h->next.data = h;
	return h;
}

void hook_free(struct hook *h)
{
	if (!h)
		return;
	hook_queue_clear(h->queue);
	while (h->runs) {
		kill(-h->runs->pid, SIGKILL);
		/* One that cannot be killed now is waited for by the system. */
		waitpid(h->runs->pid, NULL, WNOHANG);
		run_free(h, h->runs);
	}
	ev_timer_stop(ev(h), &h->next);
	hook_queue_free(h->queue);
	free(h);
}

void hook_show(const struct hook *h, struct show_sink *sink)
{
	counter_row(sink, "script_runs", h->started);
	counter_row(sink, "script_refusals", h->refused);
	counter_row(sink, "script_failures", h->failed);
	counter_row(sink, "script_timeouts", h->late);
	counter_row(sink, "script_events_dropped", h->dropped);
	counter_row(sink, "script_lines_dropped", h->lines_dropped);
}
