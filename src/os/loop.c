/* SPDX-License-Identifier: MIT */
#include <nhrp/loop.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <ev.h>

#include <nhrp/mem.h>

#define WALL_EACH_MS 100 /* how often the wall clock is looked at */

struct loop {
	struct ev_loop *ev;
	struct loop_handlers handlers;
	int timer_fd; /* libev's own timers stand still while the machine sleeps */
	mono now;     /* of this turn */
	mono wall_read;
	int64_t wall_offset_us; /* from `now` to the wall clock, as read then */
	mono deadline, armed;
	int status;
	ev_io timer;
	ev_check turn_begun;
	ev_prepare turn_over;
	ev_signal term, intr, usr1, hup;
};

static int64_t clock_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Where the machine has no good clock a reading costs as much as a packet. */
static void read_clocks(struct loop *l)
{
	l->now.us = clock_us(CLOCK_BOOTTIME);
	if (mono_before(l->now, mono_add_ms(l->wall_read, WALL_EACH_MS)))
		return;
	l->wall_read = l->now;
	l->wall_offset_us = clock_us(CLOCK_REALTIME) - l->now.us;
}

mono loop_now(const struct loop *l)
{
	return l->now;
}

int64_t loop_wall_us(const struct loop *l)
{
	return l->now.us + l->wall_offset_us;
}

static void arm(struct loop *l, mono at)
{
	struct itimerspec when = { 0 };

	l->armed = at;
	if (!mono_is_never(at)) {
		/* Zero would disarm it; any time that has passed fires at once. */
		int64_t us = at.us > 0 ? at.us : 1;

		when.it_value.tv_sec = us / 1000000;
		when.it_value.tv_nsec = us % 1000000 * 1000;
	}
	timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

/*
 * A deadline that moves away, as one does with every packet, costs no system
 * call: the timer fires at the old time and is armed anew then.
 */
void loop_set_deadline(struct loop *l, mono at)
{
	l->deadline = at;
	if (mono_before(at, l->armed))
		arm(l, at);
}

static void timer_fired(struct ev_loop *ev, ev_io *w, int revents)
{
	struct loop *l = w->data;
	uint64_t count;

	(void)ev;
	(void)revents;
	if (read(l->timer_fd, &count, sizeof(count)) < 0 && errno == EAGAIN)
		return;
	l->armed = MONO_NEVER;
	if (mono_before(loop_now(l), l->deadline))
		arm(l, l->deadline);
	else
		l->handlers.deadline(l->handlers.ctx);
}

static void turn_begun(struct ev_loop *ev, ev_check *w, int revents)
{
	(void)ev;
	(void)revents;
	read_clocks(w->data);
}

static void turn_over(struct ev_loop *ev, ev_prepare *w, int revents)
{
	struct loop *l = w->data;

	(void)ev;
	(void)revents;
	l->handlers.before_sleep(l->handlers.ctx);
}

static void signalled(struct ev_loop *ev, ev_signal *w, int revents)
{
	struct loop *l = w->data;

	(void)ev;
	(void)revents;
	switch (w->signum) {
	case SIGHUP:
		l->handlers.reload(l->handlers.ctx);
		break;
	case SIGUSR1:
		l->handlers.leave(l->handlers.ctx);
		break;
	default:
		l->handlers.stop(l->handlers.ctx);
	}
}

static void watch_signal(struct loop *l, ev_signal *w, int signum)
{
	ev_signal_init(w, signalled, signum);
	w->data = l;
	ev_signal_start(l->ev, w);
}

struct loop *loop_new(const struct loop_handlers *handlers)
{
	int fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	struct ev_loop *ev = fd < 0 ? NULL : ev_loop_new(EVFLAG_AUTO);
	struct loop *l;

	if (!ev) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	l = mem_new(sizeof(*l));
	l->ev = ev;
	l->handlers = *handlers;
	l->timer_fd = fd;
	l->deadline = l->armed = MONO_NEVER;
	ev_io_init(&l->timer, timer_fired, fd, EV_READ);
	l->timer.data = l;
	ev_io_start(ev, &l->timer);
	l->wall_read.us = -WALL_EACH_MS * 1000;
	read_clocks(l);
	ev_check_init(&l->turn_begun, turn_begun);
	ev_set_priority(&l->turn_begun, EV_MAXPRI); /* before who asks for the time */
	l->turn_begun.data = l;
	ev_check_start(ev, &l->turn_begun);
	ev_prepare_init(&l->turn_over, turn_over);
	l->turn_over.data = l;
	ev_prepare_start(ev, &l->turn_over);
	watch_signal(l, &l->term, SIGTERM);
	watch_signal(l, &l->intr, SIGINT);
	watch_signal(l, &l->usr1, SIGUSR1);
	watch_signal(l, &l->hup, SIGHUP);
	signal(SIGPIPE, SIG_IGN);
	return l;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	/* A signal belongs to one loop of the process, even when that is gone. */
	ev_signal_stop(l->ev, &l->term);
	ev_signal_stop(l->ev, &l->intr);
	ev_signal_stop(l->ev, &l->usr1);
	ev_signal_stop(l->ev, &l->hup);
	ev_loop_destroy(l->ev);
	close(l->timer_fd);
	free(l);
}

struct ev_loop *loop_ev(const struct loop *l)
{
	return l->ev;
}

int loop_run(struct loop *l)
{
	ev_run(l->ev, 0);
	return l->status;
}

void loop_end(struct loop *l, int status)
{
	l->status = status;
	ev_break(l->ev, EVBREAK_ALL);
}
