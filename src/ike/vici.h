/* SPDX-License-Identifier: MIT */
/*
 * The conversation with charon: one connection, its commands and its events.
 *
 * Nothing blocks. Commands are queued, go out in order from the loop and are
 * answered in order, however many are under way; events come in between. A socket
 * that does not exist, one that nobody serves, an end of the stream, an answer that
 * does not come or cannot be read: each is a reason to connect again, later and
 * later up to a limit. What was queued is lost with the connection, and `down`
 * stands for all its answers. Handlers are called from the loop only, never from
 * inside vici_send(); they may send, and may not free. Frames are wiped when sent.
 */
#ifndef NHRP_IKE_VICI_H
#define NHRP_IKE_VICI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/defs.h>
#include <nhrp/loop.h>
#include <nhrp/mono.h>
#include <nhrp/vici_msg.h>

#define VICI_COMMANDS_MAX 1024		/* not answered yet */
#define VICI_QUEUE_MAX	  (1024u << 10) /* octets not sent yet */
#define VICI_REASON_MAX	  192

struct vici;

enum vici_outcome {
	VICI_PART,    /* an event of the command's stream; more follows */
	VICI_DONE,    /* the answer */
	VICI_UNKNOWN, /* charon has no such command; msg is empty */
};

struct vici_call {
	void (*reply)(void *ctx, uint32_t token, enum vici_outcome outcome,
		      const struct vici_sec *msg); /* NULL: nobody cares */
	uint32_t token;
	const char *stream; /* the event that carries its parts, or NULL; constant */
};

struct vici_handlers {
	void *ctx; /* of these and of replies */
	const char *const
		*events;       /* to register for, once a connection; ends in NULL */
	void (*up)(void *ctx); /* connected, nothing sent but registrations */
	/* Not connected; also when the reason is another one. */
	void (*down)(void *ctx, const char *reason);
	void (*event)(void *ctx, struct vici_str name, const struct vici_sec *msg);
};

struct vici_limits {
	double retry_first_s, retry_most_s; /* doubled in between */
	double answer_s; /* without an octet from charon while it owes an answer */
};

#define VICI_LIMITS_DEFAULT    \
	((struct vici_limits){ \
		.retry_first_s = 0.5, .retry_most_s = 5, .answer_s = 30 })

struct vici_state {
	bool up;
	mono since;
	const char *reason; /* why not up */
};

/* Begins to connect to the socket at `path`, of at most 107 characters, in the loop. */
struct vici *vici_new(struct loop *loop, const char *path,
		      const struct vici_limits *limits,
		      const struct vici_handlers *handlers);

/* What is queued is not sent any more. */
void vici_free(struct vici *v);

struct vici_state vici_state(const struct vici *v);

/*
 * Queues a whole frame of a request, which is copied. False when not connected or
 * a limit above is reached; then there is no reply.
 */
bool vici_send(struct vici *v, const struct vici_call *call, const void *frame,
	       size_t len) MUST_CHECK;

/* How many commands are not answered yet. */
size_t vici_pending(const struct vici *v);

#endif
