/* SPDX-License-Identifier: MIT */
#include <nhrp/nl_log.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nhrp/mem.h>

#include "counter_row.h"
#include "nl.h"
#include "nl_msg.h"
#include "nl_nf_msg.h"

/* No header that is quoted to anybody is longer. */
#define RANGE 128

struct nl_log {
	struct ev_loop *loop;
	const struct event_sink *sink;
	const struct log_sink *log;
	struct nl *nl; /* NULL: not listening */
	uint16_t group;
	char problem[160];
	uint64_t samples, unclear, overruns;
};

static void take_message(void *ctx, const struct nlmsghdr *h)
{
	struct nl_log *l = ctx;
	struct event ev = { .type = EV_SAMPLE };

	if (!nl_nf_msg_packet(&ev.sample, h)) {
		l->unclear++;
		return;
	}
	l->samples++;
	event_put(l->sink, &ev);
}

static void set_problem(struct nl_log *l, const char *why)
{
	snprintf(l->problem, sizeof(l->problem),
		 "no redirects are sent: group %u of the kernel's packet log cannot be "
		 "listened to: %s",
		 l->group, why);
	log_to(l->log, LOG_LEVEL_ERROR, "%s", l->problem);
}

static void take_refusal(void *ctx, const struct nlmsghdr *request, int error,
			 const char *text)
{
	(void)request;
	/* The group is another socket's: it is not that we may not. */
	set_problem(ctx,
		    error == EPERM ? "another program does; see nflog-group" : text);
}

/* A sample that is lost comes again: traffic goes on. */
static void take_overrun(void *ctx)
{
	struct nl_log *l = ctx;

	l->overruns++;
}

struct nl_log *nl_log_new(struct ev_loop *loop, const struct event_sink *sink,
			  const struct log_sink *log)
{
	struct nl_log *l = mem_new(sizeof(*l));

	l->loop = loop;
	l->sink = sink;
	l->log = log;
	return l;
}

void nl_log_free(struct nl_log *l)
{
	if (!l)
		return;
	nl_free(l->nl);
	free(l);
}

/* The kernel listens to a socket's group no longer than the socket is open. */
void nl_log_listen(struct nl_log *l, uint16_t group)
{
	const struct nl_handlers handlers = { .ctx = l,
					      .message = take_message,
					      .refused = take_refusal,
					      .overrun = take_overrun };

	if (group == l->group)
		return;
	nl_free(l->nl);
	l->nl = NULL;
	l->group = group;
	l->problem[0] = '\0';
	if (!group)
		return;
	l->nl = nl_new_netfilter(l->loop, &handlers, 0);
	if (!l->nl) {
		set_problem(l, strerror(errno));
		return;
	}
	nl_commit(l->nl, nl_nf_msg_listen(nl_reserve(l->nl), NL_MSG_MAX, group, RANGE));
	nl_flush(l->nl);
}

const char *nl_log_problem(const struct nl_log *l)
{
	return l->problem[0] ? l->problem : NULL;
}

void nl_log_show(const struct nl_log *l, struct show_sink *sink)
{
	counter_row(sink, "kernel_samples", l->samples);
	counter_row(sink, "kernel_samples_unclear", l->unclear);
	counter_row(sink, "kernel_sample_overruns", l->overruns);
}
