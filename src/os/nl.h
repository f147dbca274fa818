/* SPDX-License-Identifier: MIT */
/*
 * Netlink transport: one socket on the loop, for routing, netfilter or IPsec.
 *
 * Messages are queued and sent many at a time; the kernel answers only what it
 * refuses, and its answer quotes the refused message, so nothing about pending
 * requests is kept. Whatever may have been lost - a full receive buffer, a
 * message the socket did not take - is told as an overrun: its owner looks at
 * everything again. Handlers are called from the loop and from nl_drain() only.
 */
#ifndef NHRP_OS_NL_H
#define NHRP_OS_NL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/defs.h>
#include <nhrp/log.h>

struct ev_loop;
struct nl;
struct nlmsghdr;
struct sock_fprog;

struct nl_handlers {
	void *ctx;
	/* Something has come and will be taken in now; NULL: never mind. */
	void (*arriving)(void *ctx);
	/* One message of a dump, or of a group that is listened to. */
	void (*message)(void *ctx, const struct nlmsghdr *h);
	/* The kernel refused this message; its words, or those of errno. */
	void (*refused)(void *ctx, const struct nlmsghdr *request, int error,
			const char *text);
	/*
	 * The dump is at its end. Not whole: the tables changed on the way. Never
	 * called when none was asked for.
	 */
	void (*dumped)(void *ctx, int error, bool whole);
	void (*overrun)(void *ctx);
};

/* A bit of enum rtnetlink_groups, nfnetlink_groups or xfrm_nlgroups. */
#define NL_GROUP(g) (1u << ((g)-1))

/*
 * Opens a socket. `groups` is a mask of what to listen to: NL_GROUP() of each.
 * The filter, NULL: none, keeps away what nobody wants before it takes room in
 * the buffer. NULL when the system refuses; errno says why.
 */
struct nl *nl_new(struct ev_loop *loop, const struct nl_handlers *handlers,
		  uint32_t groups, const struct sock_fprog *filter);
struct nl *nl_new_netfilter(struct ev_loop *loop, const struct nl_handlers *handlers,
			    uint32_t groups);
struct nl *nl_new_xfrm(struct ev_loop *loop, const struct nl_handlers *handlers,
		       uint32_t groups, const struct sock_fprog *filter);
void nl_free(struct nl *nl);

/* Another filter in place of the last one. -errno when the system refuses. */
int nl_filter(struct nl *nl, const struct sock_fprog *filter) MUST_CHECK;

uint32_t nl_port(const struct nl *nl);

/*
 * Room for one message of at most NL_MSG_MAX, and its place in the queue; it is
 * given the next sequence number, which is never 0.
 */
void *nl_reserve(struct nl *nl);
uint32_t nl_commit(struct nl *nl, size_t len);

/* As nl_commit() for a dump. One at a time: the last one must have ended. */
void nl_commit_dump(struct nl *nl, size_t len);

/* Sends the queue; also happens when it is full. */
void nl_flush(struct nl *nl);

/*
 * Takes in all that has arrived. In a handler of the same socket it does nothing: what
 * is being taken in would be written over, and the rest comes after it anyway.
 */
void nl_drain(struct nl *nl);

#endif
