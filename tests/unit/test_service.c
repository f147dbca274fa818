/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <config.h>

#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ev.h>

#include <nhrp/service.h>

/* The manager's end of NOTIFY_SOCKET, as an abstract address. */
struct fixture {
	int fd;
	struct ev_loop *loop;
	char text[128];
};

/* An address of its own each time: a child of the last test may hold that one. */
static int setup(void **state)
{
	static int number;
	struct fixture *fx = calloc(1, sizeof(*fx));
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char name[48];
	int len = snprintf(name, sizeof(name), "@test_service.%d.%d", (int)getpid(),
			   number++);

	memcpy(at.sun_path + 1, name + 1, (size_t)len - 1);
	fx->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	fx->loop = ev_loop_new(EVFLAG_AUTO);
	setenv("NOTIFY_SOCKET", name, 1);
	*state = fx;
	return bind(fx->fd, (struct sockaddr *)&at,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)len));
}

static int teardown(void **state)
{
	struct fixture *fx = *state;

	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	ev_loop_destroy(fx->loop);
	close(fx->fd);
	free(fx);
	return 0;
}

static const char *heard(struct fixture *fx)
{
	ssize_t n = recv(fx->fd, fx->text, sizeof(fx->text) - 1, 0);

	assert_true(n > 0);
	fx->text[n] = 0;
	return fx->text;
}

static void need_systemd(void)
{
#ifndef HAVE_SYSTEMD
	skip();
#endif
}

static void the_manager_is_told_of_each_state(void **state)
{
	struct fixture *fx = *state;
	struct service *s = service_new(fx->loop, SERVICE_FOREGROUND);

	need_systemd();
	service_ready(s);
	assert_string_equal(heard(fx), "READY=1");
	service_reloading(s);
	assert_string_equal(heard(fx), "RELOADING=1");
	service_stopping(s);
	assert_string_equal(heard(fx), "STOPPING=1");
	service_free(s);
}

static void a_watchdog_gets_signs_of_life(void **state)
{
	struct fixture *fx = *state;
	struct service *s;

	need_systemd();
	setenv("WATCHDOG_USEC", "20000", 1);
	s = service_new(fx->loop, SERVICE_FOREGROUND);
	ev_run(fx->loop, EVRUN_ONCE);
	assert_string_equal(heard(fx), "WATCHDOG=1");
	ev_run(fx->loop, EVRUN_ONCE);
	assert_string_equal(heard(fx), "WATCHDOG=1");
	service_free(s);
}

/* Runs `daemon` as a program of its own; its status as its caller sees it. */
static int status_of(void (*daemon)(struct fixture *fx), struct fixture *fx)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		daemon(fx);
		_exit(99);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void becomes_ready(struct fixture *fx)
{
	struct service *s = service_new(fx->loop, service_background());

	service_ready(s);
	_exit(7);
}

static void ends_before_it_is_ready(struct fixture *fx)
{
	(void)fx;
	_exit(service_background() < 0 ? 98 : 5);
}

static void is_killed_before_it_is_ready(struct fixture *fx)
{
	(void)fx;
	(void)!service_background();
	raise(SIGKILL);
}

static void who_starts_it_waits_until_it_is_ready(void **state)
{
	assert_int_equal(status_of(becomes_ready, *state), 0);
}

static void who_starts_it_learns_that_it_did_not_start(void **state)
{
	assert_int_equal(status_of(ends_before_it_is_ready, *state), 5);
	assert_int_equal(status_of(is_killed_before_it_is_ready, *state), 1);
}

#define WITH_MANAGER(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_MANAGER(the_manager_is_told_of_each_state),
		WITH_MANAGER(a_watchdog_gets_signs_of_life),
		WITH_MANAGER(who_starts_it_waits_until_it_is_ready),
		WITH_MANAGER(who_starts_it_learns_that_it_did_not_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
