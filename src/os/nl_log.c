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
#define SAMPLE_OCTETS 128

struct nl_log {
	struct ev_loop *loop;
	const struct nl_log_use *use;
	void *ctx; /* of the use */
	const struct log_sink *log;
	struct nl *nl; /* NULL: not listening */
	uint16_t group;
	char problem[160];
	uint64_t heard, unclear, overruns;
};

static void take_message(void *ctx, const struct nlmsghdr *h)
{
	struct nl_log *l = ctx;
	struct ev_sample packet;

	if (nl_nf_msg_packet(&packet, h) && l->use->packet(l->ctx, &packet))
		l->heard++;
	else
		l->unclear++;
}

static void set_problem(struct nl_log *l, const char *why)
{
	snprintf(l->problem, sizeof(l->problem),
		 "%s: group %u of the kernel's packet log cannot be listened to: %s",
		 l->use->loss, l->group, why);
	log_to(l->log, LOG_LEVEL_ERROR, "%s", l->problem);
}

static void take_refusal(void *ctx, const struct nlmsghdr *request, int error,
			 const char *text)
{
	struct nl_log *l = ctx;
	char taken[64];

	(void)request;
	/* The group is another socket's: it is not that we may not. */
	snprintf(taken, sizeof(taken), "another program does; see %s", l->use->word);
	set_problem(l, error == EPERM ? taken : text);
}

/* What is lost comes again: traffic goes on. */
static void take_overrun(void *ctx)
{
	struct nl_log *l = ctx;

	l->overruns++;
}

struct nl_log *nl_log_new(struct ev_loop *loop, const struct nl_log_use *use, void *ctx,
			  const struct log_sink *log)
{
	struct nl_log *l = mem_new(sizeof(*l));

	l->loop = loop;
	l->use = use;
	l->ctx = ctx;
	l->log = log;
	return l;
}

/* What this machine sends itself is nobody's to redirect. */
static bool put_sample(void *ctx, const struct ev_sample *packet)
{
	const struct event ev = { .type = EV_SAMPLE, .sample = *packet };

	if (packet->in_ifindex)
		event_put(ctx, &ev);
	return packet->in_ifindex != 0;
}

struct nl_log *nl_log_samples(struct ev_loop *loop, const struct event_sink *sink,
			      const struct log_sink *log)
{
	static const struct nl_log_use use = {
		.word = "nflog-group",
		.loss = "no redirects are sent",
		.octets = SAMPLE_OCTETS,
		.heard = "kernel_samples",
		.unclear = "kernel_samples_unclear",
		.overruns = "kernel_sample_overruns",
		.packet = put_sample,
	};

	return nl_log_new(loop, &use, (void *)(uintptr_t)sink, log);
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
	nl_commit(l->nl, nl_nf_msg_listen(nl_reserve(l->nl), NL_MSG_MAX, group,
					  l->use->octets));
	nl_flush(l->nl);
}

const char *nl_log_problem(const struct nl_log *l)
{
	return l->problem[0] ? l->problem : NULL;
}

void nl_log_show(const struct nl_log *l, struct show_sink *sink)
{
	counter_row(sink, l->use->heard, l->heard);
	counter_row(sink, l->use->unclear, l->unclear);
	counter_row(sink, l->use->overruns, l->overruns);
}
