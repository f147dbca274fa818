/* SPDX-License-Identifier: MIT */
#include <nhrp/service.h>

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ev.h>
#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include <nhrp/mem.h>

struct service {
	struct ev_loop *loop;
	int background; /* the pipe to the parent that waits */
	ev_timer watchdog;
};

static void tell(const char *state)
{
#ifdef HAVE_SYSTEMD
	sd_notify(0, state);
#else
	(void)state;
#endif
}

/* Seconds between two signs of life, or 0 when nobody wants any. */
static double watchdog_interval(void)
{
#ifdef HAVE_SYSTEMD
	uint64_t us;

	if (sd_watchdog_enabled(0, &us) > 0)
		return (double)us / 2e6;
#endif
	return 0.;
}

static void watchdog_due(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)w;
	(void)revents;
	tell("WATCHDOG=1");
}

struct service *service_new(struct ev_loop *loop, int background)
{
	struct service *s = mem_new(sizeof(*s));
	double interval = watchdog_interval();

	s->loop = loop;
	s->background = background;
	ev_timer_init(&s->watchdog, watchdog_due, interval, interval);
	if (interval > 0.)
		ev_timer_start(loop, &s->watchdog);
	return s;
}

void service_free(struct service *s)
{
	if (!s)
		return;
	ev_timer_stop(s->loop, &s->watchdog);
	if (s->background >= 0)
		close(s->background);
	free(s);
}

/* From here on the terminal is not ours. */
static void leave_terminal(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	close(null);
}

void service_ready(struct service *s)
{
	tell("READY=1");
	if (s->background < 0)
		return;
	leave_terminal();
	if (write(s->background, "", 1) == 1) {
		close(s->background);
		s->background = SERVICE_FOREGROUND;
	}
}

void service_reloading(struct service *s)
{
	(void)s;
	tell("RELOADING=1");
}

void service_stopping(struct service *s)
{
	(void)s;
	tell("STOPPING=1");
}

/* One octet means ready; the end of the pipe without it, that the child ends. */
static void wait_for(int fd, pid_t child)
{
	char octet;
	int status;
	ssize_t n;

	do
		n = read(fd, &octet, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		_exit(EXIT_SUCCESS);
	if (waitpid(child, &status, 0) == child && WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	_exit(EXIT_FAILURE);
}

int service_background(void)
{
	int fds[2];
	pid_t child;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	child = fork();
	if (child < 0)
		return -errno;
	if (child > 0) {
		close(fds[1]);
		wait_for(fds[0], child);
	}
	close(fds[0]);
	setsid();
	return fds[1];
}
