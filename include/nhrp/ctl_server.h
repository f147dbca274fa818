/* SPDX-License-Identifier: MIT */
/*
 * The control socket: clients, framing and limits.
 *
 * Each client sends one request, which is handed over with a token and the
 * client's uid. Rows and the end are given back under that token, at once or
 * later; a token whose client is gone is ignored. Nothing a client does or
 * leaves undone costs more than its limits: a slow one is closed; when all seats
 * are taken, who has not asked yet gives way, and else others wait in the
 * socket's backlog.
 */
#ifndef NHRP_CTL_SERVER_H
#define NHRP_CTL_SERVER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <nhrp/ctl_proto.h>
#include <nhrp/defs.h>
#include <nhrp/mono.h>
#include <nhrp/record.h>

struct ev_loop;
struct ctl_server;

struct ctl_limits {
	unsigned clients;
	double request_s;  /* to send the request */
	double stalled_s;  /* without reading any of the answer */
	size_t out_octets; /* of answers not yet read, of all clients */
};

#define CTL_LIMITS_DEFAULT                     \
	((struct ctl_limits){ .clients = 32,   \
			      .request_s = 5,  \
			      .stalled_s = 10, \
			      .out_octets = 64u << 20 })

struct ctl_handler {
	void *ctx;
	void (*request)(void *ctx, uint32_t token, uid_t uid,
			const struct ctl_request *request);
};

/*
 * Listens at `path`, mode 0660. A socket that a dead daemon left is replaced;
 * one that answers is not. NULL with a sentence in err.
 */
struct ctl_server *ctl_server_new(struct ev_loop *loop, const char *path,
				  const struct ctl_limits *limits,
				  struct ctl_handler handler, char *err,
				  size_t err_cap);

/* Drops all clients and removes the socket. */
void ctl_server_free(struct ctl_server *s);

/*
 * Whoever gives many rows over many turns asks before each: a reader that is far
 * behind has none to spare, one that has left wants no more.
 */
enum ctl_room { CTL_ROOM_LEFT, CTL_ROOM_LATER, CTL_ROOM_SOME };
enum ctl_room ctl_server_room(const struct ctl_server *s, uint32_t token);

/* Rows above the limit are dropped, and the end says so. */
void ctl_server_row(struct ctl_server *s, uint32_t token, const struct record *r,
		    mono now, int64_t now_time_us);
void ctl_server_end(struct ctl_server *s, uint32_t token, enum ctl_status status,
		    const char *message);

#endif
