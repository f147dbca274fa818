/* SPDX-License-Identifier: MIT */
#include "answer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <nhrp/mem.h>

#define SILENCE_S 60 /* longer than a resolution goes on asking */
#define READ_LEN  65536

bool answer_next(struct answer_walk *walk, struct record *out)
{
	enum ctl_frame type;
	struct rd body;
	int n = ctl_frame_peek(walk->at, (size_t)(walk->end - walk->at), CTL_ROW_MAX,
			       &type, &body);

	if (n <= 0)
		return false;
	walk->at += n;
	return ctl_row_decode(out, &body);
}

/* Octets of the frame behind the rows taken so far; 0: not whole, -1: bad. */
static int take_frame(struct answer *a)
{
	enum ctl_frame type;
	struct record row;
	struct rd body;
	int n = ctl_frame_peek(a->bytes + a->rows_len, a->len - a->rows_len,
			       CTL_ROW_MAX, &type, &body);

	if (n <= 0)
		return n;
	if (type == CTL_ROW && ctl_row_decode(&row, &body)) {
		a->rows_len += (size_t)n;
		return n;
	}
	a->ended = type == CTL_END && ctl_end_decode(&a->end, &body);
	return a->ended ? n : -1;
}

static void make_room(struct answer *a, size_t n)
{
	if (a->room - a->len >= n)
		return;
	a->room = 2 * a->room + n;
	a->bytes = mem_resize(a->bytes, a->room, 1);
}

/* The end's message points into the buffer, which no longer moves then. */
bool answer_add(struct answer *a, const uint8_t *bytes, size_t n)
{
	int taken;

	if (a->ended)
		return false;
	make_room(a, n);
	memcpy(a->bytes + a->len, bytes, n);
	a->len += n;
	do
		taken = take_frame(a);
	while (taken > 0 && !a->ended);
	return taken >= 0;
}

static bool fail(char *err, size_t cap, const char *fmt, ...) PRINTF_LIKE(3, 4);

static bool fail(char *err, size_t cap, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err, cap, fmt, args);
	va_end(args);
	return false;
}

static const char *hint(int error)
{
	switch (error) {
	case ENOENT:
	case ECONNREFUSED:
		return "\nnhrpd does not run, or listens elsewhere (-s): see systemctl "
		       "status nhrpd";
	case EACCES:
	case EPERM:
		return "\nonly root and the socket's group may ask nhrpd";
	case EAGAIN:
		return "\nnhrpd is too busy to answer: see its log";
	default:
		return "";
	}
}

static int dial(const char *path, char *err, size_t cap)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = SILENCE_S };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(at.sun_path)) {
		fail(err, cap, "%s: a socket's path has at most %zu characters", path,
		     sizeof(at.sun_path) - 1);
		goto out;
	}
	memcpy(at.sun_path, path, strlen(path) + 1);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
			return fd;
	}
	fail(err, cap, "cannot reach nhrpd at %s: %s%s", path, strerror(errno),
	     hint(errno));
out:
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool collect(struct answer *a, int fd, char *err, size_t cap)
{
	uint8_t buf[READ_LEN];

	while (!a->ended) {
		ssize_t n = recv(fd, buf, sizeof(buf), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return fail(err, cap,
				    "nhrpd says nothing for %d s: see its log, or "
				    "systemctl status nhrpd",
				    SILENCE_S);
		if (n <= 0)
			return fail(err, cap,
				    "nhrpd broke off in the middle of its answer: see "
				    "its log");
		if (!answer_add(a, buf, (size_t)n))
			return fail(err, cap,
				    "what answers does not speak as nhrpd does: use "
				    "both from one package");
	}
	return true;
}

bool answer_get(struct answer *out, const char *path, const char *const *words,
		size_t count, char *err, size_t err_cap)
{
	uint8_t request[CTL_HEADER_LEN + CTL_REQUEST_MAX];
	size_t n = ctl_request_encode(words, count, request, sizeof(request));
	bool ok;
	int fd;

	*out = (struct answer){ 0 };
	if (n == 0)
		return fail(err, err_cap, "the command is too long");
	fd = dial(path, err, err_cap);
	if (fd < 0)
		return false;
	if (send(fd, request, n, MSG_NOSIGNAL) != (ssize_t)n)
		ok = fail(err, err_cap, "cannot ask nhrpd at %s: %s%s", path,
			  strerror(errno), hint(errno));
	else
		ok = collect(out, fd, err, err_cap);
	close(fd);
	return ok;
}
