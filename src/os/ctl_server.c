/* SPDX-License-Identifier: MIT */
#include <nhrp/ctl_server.h>

#include <errno.h>
#include <ev.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <nhrp/mem.h>

#define CHUNK_LEN 65536 /* sent in one turn of the loop, so that packets get theirs */
#define FRAME_MAX (CTL_HEADER_LEN + CTL_ROW_MAX)
#define BACKLOG	  64
#define RETRY_S	  1.0 /* when accept() lacks descriptors or memory */

/* A piece of an answer; octets from `sent` to `len` wait for the reader. */
struct chunk {
	struct chunk *next;
	size_t len, sent;
	uint8_t bytes[CHUNK_LEN];
};

/*
 *   reading --request--> working --end--> ended --all is sent--> closed
 *
 * Rows are sent while working already. Any failure, and any time that runs
 * out, closes.
 */
enum client_state { CLIENT_READING, CLIENT_WORKING, CLIENT_ENDED };

struct client {
	struct ctl_server *server;
	uint32_t token;
	uid_t uid;
	enum client_state state;
	bool cut; /* a row did not fit */
	ev_io readable, writable;
	ev_timer patience;
	struct chunk *first, *last;
	size_t in_len;
	uint8_t in[CTL_HEADER_LEN + CTL_REQUEST_MAX];
};

struct ctl_server {
	struct ev_loop *loop;
	struct ctl_limits limits;
	struct ctl_handler handler;
	ev_io listener;
	ev_timer retry;
	uint32_t last_token;
	size_t out_octets; /* held in chunks, all clients */
	unsigned count;
	struct client **clients;
	struct sockaddr_un at;
};

static void drop_chunk(struct client *c)
{
	struct chunk *done = c->first;

	c->first = done->next;
	if (!c->first)
		c->last = NULL;
	c->server->out_octets -= sizeof(*done);
	free(done);
}

static void client_close(struct client *c)
{
	struct ctl_server *s = c->server;
	unsigned i = 0;

	while (c->first)
		drop_chunk(c);
	ev_io_stop(s->loop, &c->readable);
	ev_io_stop(s->loop, &c->writable);
	ev_timer_stop(s->loop, &c->patience);
	close(c->readable.fd);
	while (s->clients[i] != c)
		i++;
	s->clients[i] = s->clients[--s->count];
	free(c);
	ev_io_start(s->loop, &s->listener);
}

static void patience_over(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)loop;
	(void)events;
	client_close(container_of(w, struct client, patience));
}

static void client_patience(struct client *c, double seconds)
{
	c->patience.repeat = seconds;
	ev_timer_again(c->server->loop, &c->patience);
}

static void client_take_request(struct client *c, struct rd *body)
{
	struct ctl_server *s = c->server;
	struct ctl_request request;

	if (!ctl_request_decode(&request, body)) {
		client_close(c);
		return;
	}
	c->state = CLIENT_WORKING;
	client_patience(c, 0);
	s->handler.request(s->handler.ctx, c->token, c->uid, &request);
}

/* One request and nothing behind it; anything else ends the conversation. */
static void client_parse(struct client *c)
{
	enum ctl_frame type;
	struct rd body;
	int n = ctl_frame_peek(c->in, c->in_len, CTL_REQUEST_MAX, &type, &body);

	if (n == 0)
		return;
	if (n < 0 || (size_t)n != c->in_len || type != CTL_REQUEST)
		client_close(c);
	else
		client_take_request(c, &body);
}

static void client_readable(struct ev_loop *loop, ev_io *w, int events)
{
	struct client *c = container_of(w, struct client, readable);
	ssize_t n = recv(w->fd, c->in + c->in_len, sizeof(c->in) - c->in_len, 0);

	(void)loop;
	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || c->state != CLIENT_READING) {
		client_close(c);
		return;
	}
	c->in_len += (size_t)n;
	client_parse(c);
}

static void client_writable(struct ev_loop *loop, ev_io *w, int events)
{
	struct client *c = container_of(w, struct client, writable);
	struct chunk *head = c->first;
	ssize_t n = send(w->fd, head->bytes + head->sent, head->len - head->sent,
			 MSG_NOSIGNAL);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		client_close(c);
		return;
	}
	head->sent += (size_t)n;
	if (head->sent == head->len)
		drop_chunk(c);
	if (c->first) {
		client_patience(c, c->server->limits.stalled_s);
	} else if (c->state == CLIENT_ENDED) {
		client_close(c);
	} else {
		client_patience(c, 0);
		ev_io_stop(loop, w);
	}
}

static void client_new(struct ctl_server *s, int fd, uid_t uid)
{
	struct client *c = mem_new(sizeof(*c));

	c->server = s;
	c->token = ++s->last_token;
	c->uid = uid;
	ev_io_init(&c->readable, client_readable, fd, EV_READ);
	ev_io_init(&c->writable, client_writable, fd, EV_WRITE);
	ev_init(&c->patience, patience_over);
	s->clients[s->count++] = c;
	ev_io_start(s->loop, &c->readable);
	client_patience(c, s->limits.request_s);
}

static void listener_rest(struct ctl_server *s)
{
	ev_io_stop(s->loop, &s->listener);
	s->retry.repeat = RETRY_S;
	ev_timer_again(s->loop, &s->retry);
}

static void retry_over(struct ev_loop *loop, ev_timer *w, int events)
{
	struct ctl_server *s = container_of(w, struct ctl_server, retry);

	(void)events;
	ev_timer_stop(loop, w);
	ev_io_start(loop, &s->listener);
}

/* Who came first and has not asked yet gives the seat to who comes. */
static bool make_room(struct ctl_server *s)
{
	struct client *first = NULL;

	if (s->count < s->limits.clients)
		return true;
	for (unsigned i = 0; i < s->count; i++) {
		struct client *c = s->clients[i];

		if (c->state == CLIENT_READING && (!first || c->token < first->token))
			first = c;
	}
	if (first)
		client_close(first);
	return first != NULL;
}

static void listener_readable(struct ev_loop *loop, ev_io *w, int events)
{
	struct ctl_server *s = container_of(w, struct ctl_server, listener);
	struct ucred peer;
	socklen_t len = sizeof(peer);
	int fd;

	(void)events;
	if (!make_room(s)) {
		ev_io_stop(loop, w); /* until one of them is served */
		return;
	}
	fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			listener_rest(s);
		return;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0) {
		close(fd);
		return;
	}
	client_new(s, fd, peer.uid);
}

static void refuse(char *err, size_t cap, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void refuse(char *err, size_t cap, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err, cap, fmt, args);
	va_end(args);
}

/* A full backlog is an answer as well: somebody listens. */
static bool somebody_answers(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool dead;

	if (fd < 0)
		return true;
	dead = connect(fd, (const struct sockaddr *)at, sizeof(*at)) < 0 &&
	       (errno == ECONNREFUSED || errno == ENOENT);
	close(fd);
	return !dead;
}

static bool remove_stale(const struct sockaddr_un *at, char *err, size_t cap)
{
	struct stat st;

	if (lstat(at->sun_path, &st) == 0 && !S_ISSOCK(st.st_mode))
		refuse(err, cap, "%s exists and is no socket", at->sun_path);
	else if (somebody_answers(at))
		refuse(err, cap, "another nhrpd answers on %s", at->sun_path);
	else if (unlink(at->sun_path) < 0 && errno != ENOENT)
		refuse(err, cap, "cannot remove the stale socket %s: %s", at->sun_path,
		       strerror(errno));
	else
		return true;
	return false;
}

static void make_folder(const struct sockaddr_un *at)
{
	char path[sizeof(at->sun_path)];

	memcpy(path, at->sun_path, sizeof(path));
	mkdir(dirname(path), 0755); /* when it fails, bind() says why */
}

static int bind_private(int fd, const struct sockaddr_un *at)
{
	mode_t before = umask(0117);
	int r = bind(fd, (const struct sockaddr *)at, sizeof(*at)) < 0 ? -errno : 0;

	umask(before);
	return r;
}

/* Listens on fd, or says why not. */
static bool take_path(int fd, const struct sockaddr_un *at, char *err, size_t cap)
{
	int r;

	make_folder(at);
	r = bind_private(fd, at);
	if (r == -EADDRINUSE) {
		if (!remove_stale(at, err, cap))
			return false;
		r = bind_private(fd, at);
	}
	if (r == 0 && listen(fd, BACKLOG) < 0)
		r = -errno;
	if (r < 0)
		refuse(err, cap, "control socket %s: %s", at->sun_path, strerror(-r));
	return r == 0;
}

static int open_listener(const struct sockaddr_un *at, char *err, size_t cap)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		refuse(err, cap, "control socket: %s", strerror(errno));
		return -1;
	}
	if (!take_path(fd, at, err, cap)) {
		close(fd);
		return -1;
	}
	return fd;
}

struct ctl_server *ctl_server_new(struct ev_loop *loop, const char *path,
				  const struct ctl_limits *limits,
				  struct ctl_handler handler, char *err, size_t err_cap)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	struct ctl_server *s;
	int fd;

	if (len == 0 || len >= sizeof(at.sun_path)) {
		refuse(err, err_cap, "control socket \"%s\": 1 to %zu characters", path,
		       sizeof(at.sun_path) - 1);
		return NULL;
	}
	memcpy(at.sun_path, path, len + 1);
	fd = open_listener(&at, err, err_cap);
	if (fd < 0)
		return NULL;
	s = mem_new(sizeof(*s));
	s->loop = loop;
	s->limits = *limits;
	s->handler = handler;
	s->at = at;
	s->clients = mem_resize(NULL, limits->clients, sizeof(struct client *));
	ev_io_init(&s->listener, listener_readable, fd, EV_READ);
	ev_init(&s->retry, retry_over);
	ev_io_start(loop, &s->listener);
	return s;
}

void ctl_server_free(struct ctl_server *s)
{
	if (!s)
		return;
	while (s->count > 0)
		client_close(s->clients[0]);
	ev_timer_stop(s->loop, &s->retry);
	ev_io_stop(s->loop, &s->listener);
	close(s->listener.fd);
	unlink(s->at.sun_path);
	free(s->clients);
	free(s);
}

static struct client *find_client(const struct ctl_server *s, uint32_t token)
{
	for (unsigned i = 0; i < s->count; i++) {
		if (s->clients[i]->token == token)
			return s->clients[i];
	}
	return NULL;
}

/* One chunk is under way, the next may be filled meanwhile. */
enum ctl_room ctl_server_room(const struct ctl_server *s, uint32_t token)
{
	const struct client *c = find_client(s, token);

	if (!c || c->state != CLIENT_WORKING)
		return CTL_ROOM_LEFT;
	return c->first && c->first->next ? CTL_ROOM_LATER : CTL_ROOM_SOME;
}

/* Room for one more frame in the last chunk; false when `limit` is reached. */
static bool client_room(struct client *c, size_t limit)
{
	struct ctl_server *s = c->server;
	struct chunk *fresh;

	if (c->last && CHUNK_LEN - c->last->len >= FRAME_MAX)
		return true;
	if (s->out_octets + sizeof(*fresh) > limit)
		return false;
	fresh = malloc(sizeof(*fresh));
	if (!fresh)
		return false;
	fresh->next = NULL;
	fresh->len = fresh->sent = 0;
	if (c->last)
		c->last->next = fresh;
	else
		c->first = fresh;
	c->last = fresh;
	s->out_octets += sizeof(*fresh);
	return true;
}

static void client_queued(struct client *c, size_t n)
{
	c->last->len += n;
	if (ev_is_active(&c->writable))
		return;
	ev_io_start(c->server->loop, &c->writable);
	client_patience(c, c->server->limits.stalled_s);
}

void ctl_server_row(struct ctl_server *s, uint32_t token, const struct record *r,
		    mono now, int64_t now_time_us)
{
	struct client *c = find_client(s, token);
	size_t n;

	if (!c || c->state != CLIENT_WORKING || c->cut)
		return;
	if (!client_room(c, s->limits.out_octets)) {
		c->cut = true;
		return;
	}
	n = ctl_row_encode(r, now, now_time_us, c->last->bytes + c->last->len,
			   CHUNK_LEN - c->last->len);
	client_queued(c, n);
}

void ctl_server_end(struct ctl_server *s, uint32_t token, enum ctl_status status,
		    const char *message)
{
	struct client *c = find_client(s, token);
	size_t n;

	if (!c || c->state != CLIENT_WORKING)
		return;
	if (!client_room(c, SIZE_MAX)) {
		client_close(c);
		return;
	}
	if (c->cut) {
		status = CTL_REFUSED;
		message = "the answer is too long to keep for a slow reader, and was "
			  "cut: select less at once";
	}
	n = ctl_end_encode(status, message, c->last->bytes + c->last->len,
			   CHUNK_LEN - c->last->len);
	c->state = CLIENT_ENDED;
	client_queued(c, n);
}
