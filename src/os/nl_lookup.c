/* SPDX-License-Identifier: MIT */
#include <nhrp/nl_lookup.h>

#include <stdlib.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <nhrp/mem.h>

#include "counter_row.h"
#include "nl.h"
#include "nl_msg.h"

#define WAITING_MAX 1024

/* Sequence numbers are given in order, so each has a place of its own. */
struct waiting {
	uint32_t seq; /* 0: free */
	uint32_t token;
};

struct nl_lookup {
	struct nl *nl;
	const struct event_sink *sink;
	struct waiting waiting[WAITING_MAX];
	uint64_t asked, lost;
};

static struct waiting *place(struct nl_lookup *l, uint32_t seq)
{
	return &l->waiting[seq % WAITING_MAX];
}

static void answer(struct nl_lookup *l, struct waiting *w,
		   const struct nl_route_entry *route)
{
	struct event ev = { .type = EV_LOOKUP };

	w->seq = 0;
	if (route)
		ev.lookup = nl_msg_route_answer(route);
	ev.lookup.token = w->token;
	event_put(l->sink, &ev);
}

static void take_message(void *ctx, const struct nlmsghdr *h)
{
	struct nl_lookup *l = ctx;
	struct waiting *w = place(l, h->nlmsg_seq);
	struct nl_route_entry route;
	bool good = h->nlmsg_type == RTM_NEWROUTE && nl_msg_route_parse(&route, h);

	if (w->seq && w->seq == h->nlmsg_seq)
		answer(l, w, good ? &route : NULL);
}

static void take_refusal(void *ctx, const struct nlmsghdr *request, int error,
			 const char *text)
{
	struct nl_lookup *l = ctx;
	struct waiting *w = place(l, request->nlmsg_seq);

	(void)error;
	(void)text;
	if (w->seq && w->seq == request->nlmsg_seq)
		answer(l, w, NULL);
}

/* Nobody knows which; all of them are told, an answer that comes yet is late. */
static void take_overrun(void *ctx)
{
	struct nl_lookup *l = ctx;

	for (size_t i = 0; i < WAITING_MAX; i++) {
		if (!l->waiting[i].seq)
			continue;
		l->lost++;
		answer(l, &l->waiting[i], NULL);
	}
}

struct nl_lookup *nl_lookup_new(struct ev_loop *loop, const struct event_sink *sink)
{
	struct nl_lookup *l = mem_new(sizeof(*l));
	const struct nl_handlers handlers = {
		.ctx = l,
		.message = take_message,
		.refused = take_refusal,
		.overrun = take_overrun,
	};

	l->sink = sink;
	l->nl = nl_new(loop, &handlers, 0, NULL);
	if (!l->nl) {
		free(l);
		return NULL;
	}
	return l;
}

void nl_lookup_free(struct nl_lookup *l)
{
	if (!l)
		return;
	nl_free(l->nl);
	free(l);
}

void nl_lookup_ask(struct nl_lookup *l, const struct act_lookup *a)
{
	size_t len = nl_msg_route_lookup(nl_reserve(l->nl), NL_MSG_MAX, &a->dst);
	uint32_t seq;

	if (len == 0)
		return;
	seq = nl_commit(l->nl, len);
	l->lost += place(l, seq)->seq != 0;
	*place(l, seq) = (struct waiting){ seq, a->token };
	l->asked++;
}

void nl_lookup_flush(struct nl_lookup *l)
{
	nl_flush(l->nl);
}

void nl_lookup_show(const struct nl_lookup *l, struct show_sink *sink)
{
	counter_row(sink, "kernel_lookups", l->asked);
	counter_row(sink, "kernel_lookups_lost", l->lost);
}
