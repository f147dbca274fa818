/* SPDX-License-Identifier: MIT */
#include <nhrp/nl_neigh.h>

#include <errno.h>
#include <stdlib.h>

#include <linux/filter.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include <nhrp/mem.h>

#include "counter_row.h"
#include "neigh_filter.h"
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
		 const struct nl_neigh_entry *entry)
{
	const struct event ev = { .type = EV_NEIGH,
				  .neigh = { .fact = fact,
					     .ifindex = entry->ifindex,
					     .proto = entry->proto,
					     .nbma = entry->nbma } };

	event_put(n->sink, &ev);
}

static void tell_refused(struct nl_neigh *n, const struct nl_neigh_entry *entry,
			 int error, bool removed)
{
	const struct event ev = { .type = EV_NEIGH,
				  .neigh = { .fact = NEIGH_FAILED,
					     .ifindex = entry->ifindex,
					     .proto = entry->proto,
					     .error = error,
					     .removed = removed } };

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
	tell(n, NEIGH_SEEN, &entry);
}

static void dump_end(void *ctx, int ifindex)
{
	const struct nl_neigh_entry none = { .ifindex = ifindex };

	tell(ctx, NEIGH_DUMP_END, &none);
}

/* What neigh_filter.h lets through. */
static void notice(void *ctx, const struct nlmsghdr *h)
{
	struct nl_neigh *n = ctx;
	struct nl_neigh_entry entry;

	if (!nl_msg_neigh_parse(&entry, h) ||
	    !nl_table_watches(n->table, entry.ifindex))
		return;
	if (h->nlmsg_type == RTM_GETNEIGH)
		tell(n, entry.state & NUD_INCOMPLETE ? NEIGH_MISS : NEIGH_PROBE,
		     &entry);
	else if (entry.protocol == NL_PROTOCOL)
		tell(n, entry.state & NUD_REACHABLE ? NEIGH_PROBE : NEIGH_GONE, &entry);
}

/* To remove what is not there is done; all else that is refused is the engine's. */
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
	tell_refused(n, &entry, error, request->nlmsg_type == RTM_DELNEIGH);
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

static int listen_filtered(struct nl_table *t)
{
	struct sock_filter code[NEIGH_FILTER_CODE];
	const struct sock_fprog filter = { NEIGH_FILTER_CODE, code };

	neigh_filter_build(code, nl_table_port(t));
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
