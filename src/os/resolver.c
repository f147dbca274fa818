/* SPDX-License-Identifier: MIT */
#include <nhrp/resolver.h>

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <ares.h>
#include <ev.h>
#include <utlist.h>

#include <nhrp/mem.h>

/* At once; the rest wait. Names come from the configuration, which bounds them. */
#define ACTIVE_MAX 32
#define ADDRS_MAX  32
#define TIMEOUT_MS 2000 /* of the first try; each further one takes twice as long */
#define TRIES	   3

/*
 * A question has its own channel: it lives as long as the question and knows
 * the configuration of the moment. c-ares calls back from inside its functions,
 * where neither it may be destroyed nor the engine be called; what came is kept
 * and told by the timer.
 */
struct question {
	struct question *prev, *next;
	struct resolver *resolver;
	char *name;
	enum addr_family family;
	ares_channel channel; /* NULL: waits for its turn, or could not begin */
	bool started, done;
	ev_io fds[ARES_GETSOCK_MAXNUM];
	ev_timer timer;
	struct addr addrs[ADDRS_MAX];
	size_t addr_count;
	uint32_t ttl_s;
	char problem[128];
};

struct resolver {
	struct ev_loop *loop;
	const struct event_sink *sink;
	struct question *questions;
	unsigned active;
};

static void question_start(struct question *q);

/* What c-ares wants next: to be called at a time, or the answer told. */
static void question_arm(struct question *q)
{
	struct timeval tv = { 0, 0 };

	if (!q->done)
		ares_timeout(q->channel, NULL, &tv);
	ev_timer_stop(q->resolver->loop, &q->timer);
	ev_timer_set(&q->timer, (double)tv.tv_sec + (double)tv.tv_usec / 1e6, 0.);
	ev_timer_start(q->resolver->loop, &q->timer);
}

static void question_free(struct question *q)
{
	struct resolver *r = q->resolver;

	DL_DELETE(r->questions, q);
	ev_timer_stop(r->loop, &q->timer);
	if (q->channel)
		ares_destroy(q->channel);
	if (q->started)
		r->active--;
	free(q->name);
	free(q);
}

static void start_waiting(struct resolver *r)
{
	struct question *q;

	DL_FOREACH (r->questions, q) {
		if (r->active >= ACTIVE_MAX)
			return;
		if (!q->started)
			question_start(q);
	}
}

static void question_tell(struct question *q)
{
	struct resolver *r = q->resolver;
	const struct event ev = { .type = EV_NAME,
				  .name = { .name = q->name,
					    .addrs = q->addrs,
					    .addr_count = q->addr_count,
					    .ttl_s = q->ttl_s,
					    .problem = q->addr_count ? NULL
								     : q->problem } };

	/* A name asked for again because of this answer is a new question. */
	DL_DELETE(r->questions, q);
	event_put(r->sink, &ev);
	DL_APPEND(r->questions, q);
	question_free(q);
	start_waiting(r);
}

static void timer_fired(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct question *q = w->data;

	(void)loop;
	(void)revents;
	if (q->done) {
		question_tell(q);
		return;
	}
	ares_process_fd(q->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	question_arm(q);
}

static void fd_ready(struct ev_loop *loop, ev_io *w, int revents)
{
	struct question *q = w->data;

	(void)loop;
	ares_process_fd(q->channel, revents & EV_READ ? w->fd : ARES_SOCKET_BAD,
			revents & EV_WRITE ? w->fd : ARES_SOCKET_BAD);
	question_arm(q);
}

/* The watcher of this descriptor, or one that is free; c-ares has no more. */
static ev_io *find_watcher(struct question *q, int fd)
{
	ev_io *unused = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(q->fds); i++) {
		ev_io *w = &q->fds[i];

		if (ev_is_active(w) && w->fd == fd)
			return w;
		if (!ev_is_active(w))
			unused = w;
	}
	return unused;
}

static void fd_wanted(void *data, ares_socket_t fd, int to_read, int to_write)
{
	struct question *q = data;
	ev_io *w = find_watcher(q, fd);

	if (!w)
		return;
	ev_io_stop(q->resolver->loop, w);
	if (!to_read && !to_write)
		return;
	ev_io_init(w, fd_ready, fd,
		   (to_read ? EV_READ : 0) | (to_write ? EV_WRITE : 0));
	w->data = q;
	ev_io_start(q->resolver->loop, w);
}

static bool addr_from_sockaddr(struct addr *out, const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)sa;

		return addr_from_bytes(out, (const void *)&in->sin_addr, 4);
	}
	if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)sa;

		return addr_from_bytes(out, (const void *)&in6->sin6_addr, 16);
	}
	return false;
}

static uint32_t bound_ttl(int ttl)
{
	if (ttl < RESOLVER_TTL_MIN_S)
		return RESOLVER_TTL_MIN_S;
	return ttl > RESOLVER_TTL_MAX_S ? RESOLVER_TTL_MAX_S : (uint32_t)ttl;
}

static void take_addrs(struct question *q, const struct ares_addrinfo *info)
{
	int ttl = RESOLVER_TTL_MAX_S;

	for (const struct ares_addrinfo_node *n = info->nodes;
	     n && q->addr_count < ADDRS_MAX; n = n->ai_next) {
		if (!addr_from_sockaddr(&q->addrs[q->addr_count], n->ai_addr))
			continue;
		q->addr_count++;
		if (n->ai_ttl < ttl)
			ttl = n->ai_ttl;
	}
	q->ttl_s = bound_ttl(ttl);
}

static void question_fail(struct question *q, int status)
{
	q->done = true;
	snprintf(q->problem, sizeof(q->problem), "%s", ares_strerror(status));
}

static void answered(void *data, int status, int timeouts, struct ares_addrinfo *info)
{
	struct question *q = data;

	(void)timeouts;
	if (status == ARES_EDESTRUCTION)
		return;
	question_fail(q, status == ARES_SUCCESS ? ARES_ENODATA : status);
	if (status == ARES_SUCCESS)
		take_addrs(q, info);
	if (info)
		ares_freeaddrinfo(info);
}

static void question_start(struct question *q)
{
	static char lookups[] = "fb"; /* /etc/hosts, then DNS */
	const struct ares_addrinfo_hints hints = {
		.ai_flags = ARES_AI_NOSORT,
		.ai_family = q->family == ADDR_IP6 ? AF_INET6 : AF_INET,
		.ai_socktype = SOCK_DGRAM,
	};
	struct ares_options options = { .timeout = TIMEOUT_MS,
					.tries = TRIES,
					.lookups = lookups,
					.sock_state_cb = fd_wanted,
					.sock_state_cb_data = q };
	int status;

	q->started = true;
	q->resolver->active++;
	status = ares_init_options(&q->channel, &options,
				   ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
					   ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB);
	if (status == ARES_SUCCESS) {
		ares_getaddrinfo(q->channel, q->name, NULL, &hints, answered, q);
	} else {
		q->channel = NULL;
		question_fail(q, status);
	}
	question_arm(q);
}

void resolver_ask(struct resolver *r, const struct act_name *a)
{
	struct question *q;

	DL_FOREACH (r->questions, q) {
		if (q->family == a->family && strcmp(q->name, a->name) == 0)
			return;
	}
	q = mem_new(sizeof(*q));
	q->resolver = r;
	q->name = mem_strdup(a->name);
	q->family = a->family;
	ev_timer_init(&q->timer, timer_fired, 0., 0.);
	q->timer.data = q;
	DL_APPEND(r->questions, q);
	start_waiting(r);
}

struct resolver *resolver_new(struct ev_loop *loop, const struct event_sink *sink)
{
	struct resolver *r;

	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		return NULL;
	r = mem_new(sizeof(*r));
	r->loop = loop;
	r->sink = sink;
	return r;
}

void resolver_free(struct resolver *r)
{
	struct question *q, *next;

	if (!r)
		return;
	DL_FOREACH_SAFE (r->questions, q, next)
		question_free(q);
	ares_library_cleanup();
	free(r);
}
