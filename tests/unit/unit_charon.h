/* SPDX-License-Identifier: MIT */
/*
 * A charon that does as it is told: the other end of a vici socket, in the same
 * process and on the same loop. It writes down what it is asked, a line each, and
 * answers a request at once with what `answers` has for its name; else it has what
 * was loaded and not unloaded, and says "success=yes" to the rest.
 * As charon does, it sends only events that were registered for.
 */
#ifndef NHRP_TEST_UNIT_CHARON_H
#define NHRP_TEST_UNIT_CHARON_H

#include "unit_vici.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <ev.h>

#define CHARON_ROOM (VICI_FRAME_MAX + 1024)

struct charon_answer {
	const char *request; /* "list-sas", or "load-conn NAME" for just that one */
	/*
	 * Parts of a stream, each a line "EVENT TEXT", and the answer as the last
	 * line. NULL: it never answers. "?": it does not know the request.
	 */
	const char *text;
};

struct charon {
	struct ev_loop *loop;
	char folder[32], path[64];
	int client;
	unsigned connections;
	bool deaf; /* answers nothing, not even registrations */
	const struct charon_answer *answers; /* ends with a request NULL */
	/* Answers list-certs, whose values are no text; NULL: as any other request. */
	void (*certs)(struct charon *c, const char *line);
	void *ctx;		 /* of the test's */
	struct text asked;	 /* "request TEXT\n", "register EVENT\n" */
	struct text conns, keys; /* "NAME\n" that are loaded */
	struct text events;	 /* "EVENT\n" that this connection registered for */
	unsigned requests, registrations;
	ev_io listener, readable;
	size_t in_len;
	uint8_t *in, *out;
};

static inline void charon_write(struct charon *c, const void *bytes, size_t n)
{
	assert_int_equal(send(c->client, bytes, n, MSG_NOSIGNAL), n);
}

static inline void charon_frame(struct charon *c, enum vici_packet type,
				const char *name, const char *text)
{
	size_t n = unit_vici_frame(c->out, CHARON_ROOM, type, name, text);

	charon_write(c, c->out, n);
}

/* Where the line "NAME\n" is in a text; NULL: nowhere. */
static inline char *charon_line(const struct text *t, const char *name, size_t len)
{
	for (char *l = t->s; *l; l = strchr(l, '\n') + 1) {
		if (strncmp(l, name, len) == 0 && l[len] == '\n')
			return l;
	}
	return NULL;
}

static inline bool charon_registered(const struct charon *c, const char *name)
{
	return charon_line(&c->events, name, strlen(name)) != NULL;
}

static inline void charon_put(struct text *t, const char *name, bool there)
{
	size_t len = strcspn(name, " {\n");
	char *at = charon_line(t, name, len);

	if (there && !at)
		text_put(t, "%.*s\n", (int)len, name);
	if (there || !at)
		return;
	memmove(at, at + len + 1, strlen(at + len + 1) + 1);
	t->len -= len + 1;
}

/* "load-conn NAME{...", "unload-shared id=NAME": it remembers. */
static inline void charon_remember(struct charon *c, const char *line)
{
	static const struct {
		const char *begin;
		bool shared, there;
	} commands[] = { { "load-conn ", false, true },
			 { "unload-conn name=", false, false },
			 { "load-shared id=", true, true },
			 { "unload-shared id=", true, false } };

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		size_t len = strlen(commands[i].begin);

		if (strncmp(line, commands[i].begin, len) == 0)
			charon_put(commands[i].shared ? &c->keys : &c->conns,
				   line + len, commands[i].there);
	}
}

static inline void charon_event(struct charon *c, const char *name, const char *text)
{
	if (charon_registered(c, name))
		charon_frame(c, VICI_EVENT, name, text);
}

static inline void charon_hang_up(struct charon *c)
{
	if (c->client < 0)
		return;
	ev_io_stop(c->loop, &c->readable);
	close(c->client);
	c->client = -1;
	c->in_len = 0;
	c->events.len = 0;
	c->events.s[0] = '\0';
}

/* The lines of an answer: all but the last are parts. */
static inline void charon_say(struct charon *c, const char *text)
{
	const char *end;
	char part[8192];

	while ((end = strchr(text, '\n'))) {
		size_t name = strcspn(text, " ");

		assert_true((size_t)(end - text) < sizeof(part));
		memcpy(part, text, (size_t)(end - text));
		part[end - text] = part[name] = '\0';
		charon_event(c, part, part + name + 1);
		text = end + 1;
	}
	charon_frame(c, VICI_CMD_RESPONSE, NULL, text);
}

static inline void charon_say_list(struct charon *c, const char *key,
				   const struct text *names)
{
	struct text answer = { 0 };

	text_put(&answer, "%s=[", key);
	for (const char *l = names->s; *l; l = strchr(l, '\n') + 1)
		text_put(&answer, "%s%.*s", l == names->s ? "" : " ",
			 (int)strcspn(l, "\n"), l);
	text_put(&answer, "]");
	charon_say(c, answer.s);
	free(answer.s);
}

/* What `answers` has for this line; false: nothing. */
static inline bool charon_find(const struct charon *c, const char *line,
			       const char **text)
{
	for (const struct charon_answer *a = c->answers; a && a->request; a++) {
		size_t n = strlen(a->request);

		*text = a->text;
		if (strncmp(line, a->request, n) == 0 && strchr(" {\n", line[n]))
			return true;
	}
	return false;
}

static inline void charon_answer(struct charon *c, const char *line)
{
	const char *text;

	if (charon_find(c, line, &text)) {
		if (text && strcmp(text, "?") == 0)
			charon_frame(c, VICI_CMD_UNKNOWN, NULL, "");
		else if (text)
			charon_say(c, text);
		return;
	}
	if (c->certs && strncmp(line, "list-certs ", 11) == 0) {
		c->certs(c, line);
		return;
	}
	charon_remember(c, line);
	if (strcmp(line, "get-conns\n") == 0)
		charon_say_list(c, "conns", &c->conns);
	else if (strcmp(line, "get-shared\n") == 0)
		charon_say_list(c, "keys", &c->keys);
	else
		charon_say(c, "success=yes");
}

static inline void charon_take(struct charon *c, const struct vici_frame *f)
{
	size_t at = c->asked.len;
	char *text;

	if (f->type == VICI_EVENT_REGISTER) {
		c->registrations++;
		text_put(&c->asked, "register %.*s\n", (int)f->name.len, f->name.s);
		text_put(&c->events, "%.*s\n", (int)f->name.len, f->name.s);
		if (!c->deaf)
			charon_frame(c, VICI_EVENT_CONFIRM, NULL, "");
		return;
	}
	assert_int_equal(f->type, VICI_CMD_REQUEST);
	c->requests++;
	text = unit_vici_text(f->msg);
	text_put(&c->asked, "%.*s%s%s\n", (int)f->name.len, f->name.s, *text ? " " : "",
		 text);
	free(text);
	if (!c->deaf)
		charon_answer(c, c->asked.s + at);
}

static inline void charon_readable(struct ev_loop *loop, ev_io *w, int events)
{
	struct charon *c = w->data;
	ssize_t n =
		recv(w->fd, c->in + c->in_len, CHARON_ROOM - c->in_len, MSG_DONTWAIT);
	size_t at = 0;

	(void)loop;
	(void)events;
	if (n <= 0) {
		charon_hang_up(c);
		return;
	}
	c->in_len += (size_t)n;
	for (;;) {
		struct vici_frame f;
		int len = vici_frame_peek(c->in + at, c->in_len - at, &f);

		assert_true(len >= 0);
		if (len == 0)
			break;
		charon_take(c, &f);
		at += (size_t)len;
	}
	c->in_len -= at;
	memmove(c->in, c->in + at, c->in_len);
}

static inline void charon_connected(struct ev_loop *loop, ev_io *w, int events)
{
	struct charon *c = w->data;

	(void)events;
	charon_hang_up(c);
	c->client = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC);
	assert_true(c->client >= 0);
	c->connections++;
	ev_io_set(&c->readable, c->client, EV_READ);
	ev_io_start(loop, &c->readable);
}

/* Where its socket will be, before it starts. */
static inline void charon_init(struct charon *c, struct ev_loop *loop)
{
	*c = (struct charon){ .loop = loop, .client = -1 };
	strcpy(c->folder, "/tmp/nhrpd-test-XXXXXX");
	assert_non_null(mkdtemp(c->folder));
	snprintf(c->path, sizeof(c->path), "%s/charon.vici", c->folder);
	c->in = malloc(CHARON_ROOM);
	c->out = malloc(CHARON_ROOM);
	ev_init(&c->listener, charon_connected);
	ev_init(&c->readable, charon_readable);
	c->listener.data = c->readable.data = c;
	text_put(&c->asked, "%s", "");
	text_put(&c->events, "%s", "");
	text_put(&c->conns, "%s", "");
	text_put(&c->keys, "%s", "");
}

static inline void charon_start(struct charon *c)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	strcpy(at.sun_path, c->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 8), 0);
	ev_io_set(&c->listener, fd, EV_READ);
	ev_io_start(c->loop, &c->listener);
}

/* As when it is killed: the socket's name stays, and nobody is behind it. */
static inline void charon_kill(struct charon *c)
{
	if (!ev_is_active(&c->listener))
		return;
	charon_hang_up(c);
	c->conns.s[c->conns.len = 0] = c->keys.s[c->keys.len = 0] = '\0';
	ev_io_stop(c->loop, &c->listener);
	close(c->listener.fd);
}

/* As when it ends by itself: the name is gone too. */
static inline void charon_stop(struct charon *c)
{
	charon_kill(c);
	unlink(c->path);
}

static inline void charon_free(struct charon *c)
{
	charon_stop(c);
	rmdir(c->folder);
	free(c->asked.s);
	free(c->events.s);
	free(c->conns.s);
	free(c->keys.s);
	free(c->in);
	free(c->out);
}

static inline void charon_forget(struct charon *c)
{
	c->asked.len = 0;
	c->asked.s[0] = '\0';
	c->requests = c->registrations = 0;
}

/* How many lines begin with this. */
static inline unsigned charon_asked(const struct charon *c, const char *begin)
{
	unsigned count = 0;

	for (const char *l = c->asked.s; *l; l = strchr(l, '\n') + 1)
		count += strncmp(l, begin, strlen(begin)) == 0;
	return count;
}

#endif
