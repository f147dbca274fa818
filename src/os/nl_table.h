/* SPDX-License-Identifier: MIT */
/*
 * What neighbours and routes have in common: a kernel table that is written by
 * one socket and listened to by another, for the devices that are watched.
 *
 * Two sockets, so that no storm of notifications takes the room of a dump or a
 * refusal; what has come of a dump is taken in before newer notifications are.
 * Dumps run one after the other, a device at a time; one that the kernel says is
 * inconsistent is done again. A loss on either socket dumps all watched devices.
 */
#ifndef NHRP_OS_NL_TABLE_H
#define NHRP_OS_NL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/defs.h>
#include <nhrp/limit.h>
#include <nhrp/log.h>

struct ev_loop;
struct nl_table;
struct nlmsghdr;
struct sock_fprog;

struct nl_table_ops {
	const char *what; /* for logs: "neighbours" */
	unsigned dump_parts;
	size_t (*dump_build)(void *buf, size_t cap, int ifindex, unsigned part);
	void (*dump_begin)(void *ctx, int ifindex); /* once a try; NULL: never mind */
	void (*dump_entry)(void *ctx, int ifindex, const struct nlmsghdr *h);
	void (*dump_end)(void *ctx, int ifindex);
	void (*notice)(void *ctx, const struct nlmsghdr *h);
	void (*lost)(void *ctx); /* notices may have been; NULL: never mind */
	void (*refused)(void *ctx, const struct nlmsghdr *request, int error,
			const char *text);
};

struct nl_table_counters {
	uint64_t changes, refused, overruns, dumps;
};

/* NULL when the system refuses a socket; errno says why. */
struct nl_table *nl_table_new(struct ev_loop *loop, const struct nl_table_ops *ops,
			      void *ctx, const struct log_sink *log);
void nl_table_free(struct nl_table *t);

/*
 * Begins to listen; the filter may name the port of the socket that writes.
 * -errno when the system refuses.
 */
uint32_t nl_table_port(const struct nl_table *t);
int nl_table_listen(struct nl_table *t, uint32_t groups,
		    const struct sock_fprog *filter) MUST_CHECK;

/* Another filter for what is listened to. -errno when the system refuses. */
int nl_table_filter(struct nl_table *t, const struct sock_fprog *filter) MUST_CHECK;

void nl_table_watch(struct nl_table *t, int ifindex);
void nl_table_unwatch(struct nl_table *t, int ifindex);
bool nl_table_watches(const struct nl_table *t, int ifindex);

/* Room for one change, and its place in the queue; 0 takes none. */
void *nl_table_reserve(struct nl_table *t);
void nl_table_commit(struct nl_table *t, size_t len);
void nl_table_flush(struct nl_table *t);

void nl_table_dump(struct nl_table *t, int ifindex);
void nl_table_resync(struct nl_table *t);

/* Is one under way or to come? In dump_end: another one. */
bool nl_table_dumps(const struct nl_table *t);

const struct nl_table_counters *nl_table_counters(const struct nl_table *t);

#endif
