/* SPDX-License-Identifier: MIT */
#include "nl_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <nhrp/hash.h>
#include <nhrp/mem.h>

#include "nl.h"
#include "nl_msg.h"

/* A table that changes under every dump is taken as it comes at last. */
#define DUMP_TRIES 3

struct device {
	int ifindex;
	bool dump_wanted;
	UT_hash_handle hh;
};

struct nl_table {
	struct ev_loop *loop;
	const struct nl_table_ops *ops;
	void *ctx;
	const struct log_sink *log;
	struct nl *ctl, *watch;
	struct device *devices;
	int dumping; /* ifindex; 0: no dump under way */
	unsigned part, tries;
	bool whole, begun;
	struct nl_table_counters counters;
};

static struct device *find(const struct nl_table *t, int ifindex)
{
	struct device *d;

	HASH_FIND_INT(t->devices, &ifindex, d);
	return d;
}

static void dump_part(struct nl_table *t)
{
	size_t len =
		t->ops->dump_build(nl_reserve(t->ctl), NL_MSG_MAX, t->dumping, t->part);

	nl_commit_dump(t->ctl, len);
}

static void dump_start(struct nl_table *t, int ifindex)
{
	t->dumping = ifindex;
	t->part = 0;
	t->whole = true;
	t->begun = false;
	t->counters.dumps++;
	dump_part(t);
}

static void dump_next(struct nl_table *t)
{
	struct device *d, *next;

	HASH_ITER (hh, t->devices, d, next) {
		if (t->dumping == 0 && d->dump_wanted) {
			d->dump_wanted = false;
			t->tries = 0;
			dump_start(t, d->ifindex);
		}
	}
}

void nl_table_dump(struct nl_table *t, int ifindex)
{
	struct device *d = find(t, ifindex);

	if (!d)
		return;
	d->dump_wanted = true;
	dump_next(t);
}

void nl_table_resync(struct nl_table *t)
{
	struct device *d, *next;

	HASH_ITER (hh, t->devices, d, next)
		d->dump_wanted = true;
	dump_next(t);
}

bool nl_table_dumps(const struct nl_table *t)
{
	const struct device *d;

	for (d = t->devices; d; d = d->hh.next) {
		if (d->dump_wanted)
			return true;
	}
	return t->dumping != 0;
}

/* --- what the sockets tell --- */

/* With its first message, since nothing may be told while a dump is asked for. */
static void dump_begins(struct nl_table *t)
{
	if (t->begun)
		return;
	t->begun = true;
	if (t->ops->dump_begin)
		t->ops->dump_begin(t->ctx, t->dumping);
}

static void take_entry(void *ctx, const struct nlmsghdr *h)
{
	struct nl_table *t = ctx;

	if (!t->dumping)
		return;
	dump_begins(t);
	t->ops->dump_entry(t->ctx, t->dumping, h);
}

/*
 * A dump is as old as the asking for it. Were a younger notification taken in
 * before it, it would be undone.
 */
static void notices_arrive(void *ctx)
{
	struct nl_table *t = ctx;

	if (t->dumping)
		nl_drain(t->ctl);
}

static void take_notice(void *ctx, const struct nlmsghdr *h)
{
	struct nl_table *t = ctx;

	t->ops->notice(t->ctx, h);
}

static void take_refusal(void *ctx, const struct nlmsghdr *request, int error,
			 const char *text)
{
	struct nl_table *t = ctx;

	t->counters.refused++;
	t->ops->refused(t->ctx, request, error, text);
}

static void dump_over(struct nl_table *t, int error)
{
	int ifindex = t->dumping;

	t->dumping = 0;
	if (error)
		log_to(t->log, LOG_LEVEL_WARN,
		       "kernel: the table of %s of device %d "
		       "cannot be read: %s",
		       t->ops->what, ifindex, strerror(error));
	else if (find(t, ifindex))
		t->ops->dump_end(t->ctx, ifindex);
	dump_next(t);
}

static void take_dumped(void *ctx, int error, bool whole)
{
	struct nl_table *t = ctx;

	/* A device that is gone has nothing. */
	if (error == ENODEV)
		error = 0;
	t->whole = t->whole && whole;
	if (!error)
		dump_begins(t);
	if (!error && ++t->part < t->ops->dump_parts)
		dump_part(t);
	else if (!error && !t->whole && ++t->tries < DUMP_TRIES)
		dump_start(t, t->dumping);
	else
		dump_over(t, error);
}

static void take_overrun(void *ctx)
{
	struct nl_table *t = ctx;

	t->counters.overruns++;
	log_to(t->log, LOG_LEVEL_DEBUG,
	       "kernel: messages about %s were lost, "
	       "reading the table again",
	       t->ops->what);
	nl_table_resync(t);
	if (t->ops->lost)
		t->ops->lost(t->ctx);
}

/* --- making and using one --- */

static struct nl *open_socket(struct nl_table *t, uint32_t groups,
			      const struct sock_fprog *filter)
{
	const struct nl_handlers handlers = {
		.ctx = t,
		.arriving = groups ? notices_arrive : NULL,
		.message = groups ? take_notice : take_entry,
		.refused = take_refusal,
		.dumped = take_dumped,
		.overrun = take_overrun,
	};

	return nl_new(t->loop, &handlers, groups, filter);
}

struct nl_table *nl_table_new(struct ev_loop *loop, const struct nl_table_ops *ops,
			      void *ctx, const struct log_sink *log)
{
	struct nl_table *t = mem_new(sizeof(*t));

	t->loop = loop;
	t->ops = ops;
	t->ctx = ctx;
	t->log = log;
	t->ctl = open_socket(t, 0, NULL);
	if (!t->ctl) {
		free(t);
		return NULL;
	}
	return t;
}

void nl_table_free(struct nl_table *t)
{
	struct device *d, *next;

	if (!t)
		return;
	HASH_ITER (hh, t->devices, d, next) {
		HASH_DEL(t->devices, d);
		free(d);
	}
	nl_free(t->watch);
	nl_free(t->ctl);
	free(t);
}

uint32_t nl_table_port(const struct nl_table *t)
{
	return nl_port(t->ctl);
}

int nl_table_listen(struct nl_table *t, uint32_t groups,
		    const struct sock_fprog *filter)
{
	t->watch = open_socket(t, groups, filter);
	return t->watch ? 0 : -errno;
}

int nl_table_filter(struct nl_table *t, const struct sock_fprog *filter)
{
	return nl_filter(t->watch, filter);
}

void nl_table_watch(struct nl_table *t, int ifindex)
{
	struct device *d;

	if (find(t, ifindex))
		return;
	d = mem_new(sizeof(*d));
	d->ifindex = ifindex;
	HASH_ADD_INT(t->devices, ifindex, d);
}

void nl_table_unwatch(struct nl_table *t, int ifindex)
{
	struct device *d = find(t, ifindex);

	if (!d)
		return;
	HASH_DEL(t->devices, d);
	free(d);
}

bool nl_table_watches(const struct nl_table *t, int ifindex)
{
	return find(t, ifindex) != NULL;
}

void *nl_table_reserve(struct nl_table *t)
{
	return nl_reserve(t->ctl);
}

void nl_table_commit(struct nl_table *t, size_t len)
{
	if (len == 0)
		return;
	t->counters.changes++;
	nl_commit(t->ctl, len);
}

void nl_table_flush(struct nl_table *t)
{
	nl_flush(t->ctl);
}

const struct nl_table_counters *nl_table_counters(const struct nl_table *t)
{
	return &t->counters;
}
