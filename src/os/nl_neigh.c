/* SPDX-License-Identifier: MIT */
#include <nhrp/nl_neigh.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include <linux/filter.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include <nhrp/mem.h>

#include "counter_row.h"
#include "nl.h"
#include "nl_msg.h"
#include "nl_table.h"

/* The states in which an entry has a link address. */
#define NUD_VALID \
	(NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY)

struct nl_neigh {
	struct nl_table *table;
	const struct event_sink *sink;
	const struct log_sink *log;
};

static void tell(struct nl_neigh *n, enum neigh_fact fact,
		 const struct nl_neigh_entry *entry, int error)
{
	const struct event ev = { .type = EV_NEIGH,
				  .neigh = { .fact = fact,
					     .ifindex = entry->ifindex,
					     .proto = entry->proto,
					     .nbma = entry->nbma,
					     .error = error } };

	event_put(n->sink, &ev);
}

static size_t dump_build(void *buf, size_t cap, int ifindex, unsigned part)
{
	(void)part; /* one dump holds both families */
	return nl_msg_neigh_dump(buf, cap, ifindex);
}

static void dump_entry(void *ctx, int ifindex, const struct nlmsghdr *h)
{
	struct nl_neigh *n = ctx;
	struct nl_neigh_entry entry;

	if (h->nlmsg_type != RTM_NEWNEIGH || !nl_msg_neigh_parse(&entry, h) ||
	    entry.ifindex != ifindex || entry.protocol != NL_PROTOCOL)
		return;
	if (!(entry.state & NUD_VALID))
		entry.nbma = (struct addr){ ADDR_NONE };
	tell(n, NEIGH_SEEN, &entry, 0);
}

static void dump_end(void *ctx, int ifindex)
{
	const struct nl_neigh_entry none = { .ifindex = ifindex };

	tell(ctx, NEIGH_DUMP_END, &none, 0);
}

/* What the filter lets through; see listen_filtered(). */
static void notice(void *ctx, const struct nlmsghdr *h)
{
	struct nl_neigh *n = ctx;
	struct nl_neigh_entry entry;

	if (!nl_msg_neigh_parse(&entry, h) ||
	    !nl_table_watches(n->table, entry.ifindex))
		return;
	if (h->nlmsg_type == RTM_GETNEIGH)
		tell(n, entry.state & NUD_INCOMPLETE ? NEIGH_MISS : NEIGH_PROBE, &entry,
		     0);
	else if (entry.protocol == NL_PROTOCOL)
		tell(n, NEIGH_GONE, &entry, 0);
}

/* To remove what is not there is done; what cannot be written is the engine's. */
static void refused(void *ctx, const struct nlmsghdr *request, int error,
		    const char *text)
{
	struct nl_neigh *n = ctx;
	struct nl_neigh_entry entry;

	if (!nl_msg_neigh_parse(&entry, request) ||
	    (request->nlmsg_type == RTM_DELNEIGH && error == ENOENT))
		return;
	log_to(n->log, LOG_LEVEL_DEBUG, "kernel: neighbour %s of device %d refused: %s",
	       ADDR_STR(&entry.proto), entry.ifindex, text);
	if (request->nlmsg_type == RTM_NEWNEIGH)
		tell(n, NEIGH_FAILED, &entry, error);
}

static const struct nl_table_ops ops = {
	.what = "neighbours",
	.dump_parts = 1,
	.dump_build = dump_build,
	.dump_entry = dump_entry,
	.dump_end = dump_end,
	.notice = notice,
	.refused = refused,
};

/*
 * The kernel tells every listener about every change, our own ten thousand a
 * second included. What it means, measured on Linux 6.1:
 *
 *   RTM_GETNEIGH               a miss or a probe
 *   RTM_DELNEIGH, state valid  flushed: link down, ARP flag changed, device gone
 *   RTM_NEWNEIGH, state failed, with the port of a socket
 *                              that socket's owner removed the entry
 *   RTM_DELNEIGH, state failed follows it at once, without the port
 *
 * The first three are wanted, and of the third only those that name another
 * socket than ours; all else ends here, before it takes room in the buffer. A
 * filter reads numbers in network order, while these are in the host's.
 */
static int listen_filtered(struct nl_table *t)
{
	const uint32_t type = offsetof(struct nlmsghdr, nlmsg_type);
	const uint32_t port = offsetof(struct nlmsghdr, nlmsg_pid);
	const uint32_t state = NLMSG_HDRLEN + offsetof(struct ndmsg, ndm_state);
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, type),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_GETNEIGH), 9, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELNEIGH), 6, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWNEIGH), 0, 8),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, port),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 6, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(nl_table_port(t)), 5, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, state),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(NUD_FAILED), 2, 3),
		/* RTM_DELNEIGH */
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, state),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(NUD_FAILED), 1, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog filter = { ARRAY_SIZE(code), code };

	return nl_table_listen(t, NL_GROUP(RTNLGRP_NEIGH), &filter);
}

struct nl_neigh *nl_neigh_new(struct ev_loop *loop, const struct event_sink *sink,
			      const struct log_sink *log)
{
	struct nl_neigh *n = mem_new(sizeof(*n));

	n->sink = sink;
	n->log = log;
	n->table = nl_table_new(loop, &ops, n, log);
	if (!n->table || listen_filtered(n->table) < 0) {
		nl_neigh_free(n);
		return NULL;
	}
	return n;
}

void nl_neigh_free(struct nl_neigh *n)
{
	if (!n)
		return;
	nl_table_free(n->table);
	free(n);
}

void nl_neigh_watch(struct nl_neigh *n, int ifindex)
{
	nl_table_watch(n->table, ifindex);
}

void nl_neigh_unwatch(struct nl_neigh *n, int ifindex)
{
	nl_table_unwatch(n->table, ifindex);
}

void nl_neigh_set(struct nl_neigh *n, const struct act_neigh *a)
{
	nl_table_commit(n->table,
			nl_msg_neigh_set(nl_table_reserve(n->table), NL_MSG_MAX, a));
}

void nl_neigh_del(struct nl_neigh *n, const struct act_neigh *a)
{
	nl_table_commit(n->table,
			nl_msg_neigh_del(nl_table_reserve(n->table), NL_MSG_MAX, a));
}

void nl_neigh_dump(struct nl_neigh *n, int ifindex)
{
	nl_table_dump(n->table, ifindex);
}

void nl_neigh_resync(struct nl_neigh *n)
{
	nl_table_resync(n->table);
}

void nl_neigh_flush(struct nl_neigh *n)
{
	nl_table_flush(n->table);
}

void nl_neigh_show(const struct nl_neigh *n, struct show_sink *sink)
{
	const struct nl_table_counters *c = nl_table_counters(n->table);

	counter_row(sink, "kernel_neighbour_changes", c->changes);
	counter_row(sink, "kernel_neighbour_refusals", c->refused);
	counter_row(sink, "kernel_neighbour_overruns", c->overruns);
	counter_row(sink, "kernel_neighbour_dumps", c->dumps);
}
