/* SPDX-License-Identifier: MIT */
#include "vici.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <ev.h>
#include <utlist.h>

#include <nhrp/mem.h>

#define IN_ROOM 16384 /* enough for all but long lists */

/* A request or a registration, until its answer is there. */
struct command {
	struct command *prev, *next;
	struct vici_call call;
	enum vici_packet type;
	size_t len, sent;
	uint8_t *frame; /* wiped and freed when sent */
};

struct vici {
	struct loop *loop;
	struct vici_limits limits;
	struct vici_handlers handlers;
	struct sockaddr_un at;

	int fd; /* -1: not connected */
	mono since;
	char reason[VICI_REASON_MAX];
	double retry_s;
	ev_timer retry, patience;
	ev_io readable, writable;

	struct command *commands; /* in the order of their answers */
	struct command *to_send;  /* the first that is not sent whole */
	size_t count, queued;	  /* commands; octets not sent */

	uint8_t *in;
	size_t in_len, in_room;
};

/* --- commands ----------------------------------------------------------------- */

static void frame_free(struct command *c)
{
	if (c->frame)
		explicit_bzero(c->frame, c->len);
	free(c->frame);
	c->frame = NULL;
}

static void command_free(struct vici *v, struct command *c)
{
	DL_DELETE(v->commands, c);
	v->count--;
	frame_free(c);
	free(c);
}

static void expect_answer(struct vici *v)
{
	v->patience.repeat = v->count > 0 ? v->limits.answer_s : 0;
	ev_timer_again(loop_ev(v->loop), &v->patience);
}

static void enqueue(struct vici *v, enum vici_packet type, const struct vici_call *call,
		    const void *frame, size_t len)
{
	struct command *c = mem_new(sizeof(*c));

	c->type = type;
	c->call = *call;
	c->len = len;
	c->frame = mem_dup(frame, len);
	DL_APPEND(v->commands, c);
	if (!v->to_send)
		v->to_send = c;
	v->queued += len;
	if (v->count++ == 0)
		expect_answer(v);
	ev_io_start(loop_ev(v->loop), &v->writable);
}

bool vici_send(struct vici *v, const struct vici_call *call, const void *frame,
	       size_t len)
{
	if (v->fd < 0 || v->count >= VICI_COMMANDS_MAX ||
	    v->queued + len > VICI_QUEUE_MAX)
		return false;
	enqueue(v, VICI_CMD_REQUEST, call, frame, len);
	return true;
}

size_t vici_pending(const struct vici *v)
{
	return v->count;
}

/* --- connection --------------------------------------------------------------- */

static void disconnect(struct vici *v)
{
	struct ev_loop *ev = loop_ev(v->loop);

	if (v->fd < 0)
		return;
	ev_io_stop(ev, &v->readable);
	ev_io_stop(ev, &v->writable);
	ev_timer_stop(ev, &v->patience);
	close(v->fd);
	v->fd = -1;
	while (v->commands)
		command_free(v, v->commands);
	v->to_send = NULL;
	v->queued = 0;
	v->in_len = 0;
}

static void try_later(struct vici *v)
{
	ev_timer_stop(loop_ev(v->loop), &v->retry);
	ev_timer_set(&v->retry, v->retry_s, 0.);
	ev_timer_start(loop_ev(v->loop), &v->retry);
	v->retry_s *= 2;
	if (v->retry_s > v->limits.retry_most_s)
		v->retry_s = v->limits.retry_most_s;
}

static void drop(struct vici *v, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Ends the connection, or the try to make one. */
static void drop(struct vici *v, const char *fmt, ...)
{
	bool was_up = v->fd >= 0;
	char reason[VICI_REASON_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	disconnect(v);
	try_later(v);
	if (!was_up && strcmp(reason, v->reason) == 0)
		return;
	if (was_up)
		v->since = loop_now(v->loop);
	strcpy(v->reason, reason);
	v->handlers.down(v->handlers.ctx, v->reason);
}

static void register_events(struct vici *v)
{
	uint8_t frame[VICI_HEADER_LEN + 2 + VICI_NAME_MAX];

	for (const char *const *e = v->handlers.events; *e; e++) {
		struct vici_out o;
		size_t len;

		vici_out_begin(&o, frame, sizeof(frame), VICI_EVENT_REGISTER, *e);
		len = vici_out_end(&o);
		enqueue(v, VICI_EVENT_REGISTER, &(struct vici_call){ 0 }, frame, len);
	}
}

static const char *what_to_do(int error)
{
	switch (error) {
	case ENOENT:
	case ECONNREFUSED:
		return "; does charon run?";
	case EACCES:
	case EPERM:
		return "; charon.group in strongswan.conf decides who may";
	}
	return "";
}

/* A unix socket connects at once or not at all. */
static void try_connect(struct ev_loop *ev, ev_timer *w, int events)
{
	struct vici *v = w->data;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	(void)events;
	if (fd < 0 || connect(fd, (const struct sockaddr *)&v->at, sizeof(v->at)) < 0) {
		int error = errno;

		if (fd >= 0)
			close(fd);
		drop(v, "%s: %s%s", v->at.sun_path, strerror(error), what_to_do(error));
		return;
	}
	v->fd = fd;
	v->since = loop_now(v->loop);
	ev_io_set(&v->readable, fd, EV_READ);
	ev_io_set(&v->writable, fd, EV_WRITE);
	ev_io_start(ev, &v->readable);
	register_events(v);
	v->handlers.up(v->handlers.ctx);
}

static void patience_over(struct ev_loop *ev, ev_timer *w, int events)
{
	struct vici *v = w->data;

	(void)ev;
	(void)events;
	drop(v, "%s: charon owes an answer for %g s", v->at.sun_path,
	     v->limits.answer_s);
}

/* --- out ---------------------------------------------------------------------- */

static void writable(struct ev_loop *ev, ev_io *w, int events)
{
	struct vici *v = w->data;
	struct command *c = v->to_send;
	ssize_t n;

	(void)events;
	if (!c) {
		ev_io_stop(ev, w);
		return;
	}
	n = send(v->fd, c->frame + c->sent, c->len - c->sent, MSG_NOSIGNAL);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		drop(v, "%s: %s", v->at.sun_path, strerror(errno));
		return;
	}
	c->sent += (size_t)n;
	v->queued -= (size_t)n;
	if (c->sent < c->len)
		return;
	frame_free(c);
	v->to_send = c->next;
}

/* --- in ----------------------------------------------------------------------- */

/* The first command gets its answer; false when this is none of its type. */
static bool answered(struct vici *v, const struct vici_frame *f)
{
	struct command *c = v->commands;
	struct vici_call call;
	bool registers = f->type == VICI_EVENT_CONFIRM || f->type == VICI_EVENT_UNKNOWN;

	if (!c || c == v->to_send || registers != (c->type == VICI_EVENT_REGISTER))
		return false;
	call = c->call;
	command_free(v, c);
	expect_answer(v);
	v->retry_s = v->limits.retry_first_s;
	if (call.reply)
		call.reply(v->handlers.ctx, call.token,
			   f->type == VICI_CMD_RESPONSE ? VICI_DONE : VICI_UNKNOWN,
			   &f->msg);
	return true;
}

/* charon works on one command of ours at a time: a stream is of the first one. */
static void told(struct vici *v, const struct vici_frame *f)
{
	const struct command *c = v->commands;

	if (c && c->call.stream && vici_str_is(f->name, c->call.stream))
		c->call.reply(v->handlers.ctx, c->call.token, VICI_PART, &f->msg);
	else
		v->handlers.event(v->handlers.ctx, f->name, &f->msg);
}

static bool take_frame(struct vici *v, const struct vici_frame *f)
{
	switch (f->type) {
	case VICI_CMD_RESPONSE:
	case VICI_CMD_UNKNOWN:
	case VICI_EVENT_CONFIRM:
	case VICI_EVENT_UNKNOWN:
		return answered(v, f);
	case VICI_EVENT:
		told(v, f);
		return true;
	case VICI_CMD_REQUEST:
	case VICI_EVENT_REGISTER:
	case VICI_EVENT_UNREGISTER:
	case VICI_PACKETS:
		break;
	}
	return false;
}

/* Takes what is whole; the rest moves to the begin. */
static void take_frames(struct vici *v)
{
	size_t at = 0;

	for (;;) {
		struct vici_frame f;
		int n = vici_frame_peek(v->in + at, v->in_len - at, &f);

		if (n < 0) {
			drop(v, "%s: what it sends is no message of vici",
			     v->at.sun_path);
			return;
		}
		if (n == 0)
			break;
		if (!take_frame(v, &f)) {
			drop(v, "%s: it answers what was not asked", v->at.sun_path);
			return;
		}
		at += (size_t)n;
	}
	v->in_len -= at;
	memmove(v->in, v->in + at, v->in_len);
}

/* Room for the frame that has begun; a checked header is never beyond the limit. */
static void make_room(struct vici *v)
{
	size_t room = IN_ROOM;

	if (v->in_len >= VICI_HEADER_LEN) {
		struct rd r = rd_init(v->in, v->in_len);
		size_t frame = VICI_HEADER_LEN + (size_t)rd_u32(&r);

		if (frame > room)
			room = frame;
	}
	if (room == v->in_room)
		return;
	v->in = mem_resize(v->in, room, 1);
	v->in_room = room;
}

static void readable(struct ev_loop *ev, ev_io *w, int events)
{
	struct vici *v = w->data;
	ssize_t n;

	(void)ev;
	(void)events;
	make_room(v);
	n = recv(v->fd, v->in + v->in_len, v->in_room - v->in_len, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		drop(v, "%s: %s", v->at.sun_path, strerror(errno));
		return;
	}
	if (n == 0) {
		drop(v, "%s: charon closed the connection", v->at.sun_path);
		return;
	}
	v->in_len += (size_t)n;
	expect_answer(v);
	take_frames(v);
}

/* --- life --------------------------------------------------------------------- */

struct vici *vici_new(struct loop *loop, const char *path,
		      const struct vici_limits *limits,
		      const struct vici_handlers *handlers)
{
	struct vici *v = mem_new(sizeof(*v));

	v->loop = loop;
	v->limits = *limits;
	v->handlers = *handlers;
	v->at.sun_family = AF_UNIX;
	snprintf(v->at.sun_path, sizeof(v->at.sun_path), "%s", path);
	v->fd = -1;
	v->since = loop_now(loop);
	v->retry_s = limits->retry_first_s;
	ev_timer_init(&v->retry, try_connect, 0., 0.);
	ev_init(&v->patience, patience_over);
	ev_init(&v->readable, readable);
	ev_init(&v->writable, writable);
	v->retry.data = v->patience.data = v->readable.data = v->writable.data = v;
	ev_timer_start(loop_ev(loop), &v->retry);
	return v;
}

void vici_free(struct vici *v)
{
	if (!v)
		return;
	disconnect(v);
	ev_timer_stop(loop_ev(v->loop), &v->retry);
	free(v->in);
	free(v);
}

struct vici_state vici_state(const struct vici *v)
{
	return (struct vici_state){ v->fd >= 0, v->since, v->reason };
}
