/* SPDX-License-Identifier: MIT */
/*
 * There is one way to make it so: look at what there is, and write the difference.
 * Whatever happens to these routes only makes it look again.
 */
#include <nhrp/guard_route.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <ev.h>
#include <linux/filter.h>
#include <linux/rtnetlink.h>

#include <nhrp/mem.h>

#include "counter_row.h"
#include "nl.h"
#include "nl_msg.h"

/* Against a program that undoes what we do, and after a refusal; seconds. */
#define LOOK_GAP    .5
#define RETRY_PAUSE 60.

struct want {
	struct prefix dst;
	uint32_t table;
	bool there;	/* so the dump says */
	bool was_there; /* or was written: what is missing then was taken away */
};

struct guard_route {
	struct ev_loop *loop;
	const struct log_sink *log;
	struct nl *nl;
	struct want *wants;
	size_t count;
	ev_timer look;
	ev_tstamp looked;
	bool looking, look_again;
	unsigned part; /* of the dump: a family */
	bool whole;
	char problem[200];
	uint64_t written, repaired, refused;
};

static const enum addr_family families[] = { ADDR_IP4, ADDR_IP6 };

/* --- when to look --- */

static void look_in(struct guard_route *g, ev_tstamp wait)
{
	if (g->looking) {
		g->look_again = true;
		return;
	}
	if (ev_is_active(&g->look) && ev_timer_remaining(g->loop, &g->look) <= wait)
		return;
	ev_timer_stop(g->loop, &g->look);
	ev_timer_set(&g->look, wait > 0. ? wait : 0., 0.);
	ev_timer_start(g->loop, &g->look);
}

static void look_soon(struct guard_route *g)
{
	look_in(g, g->looked + LOOK_GAP - ev_now(g->loop));
}

static void ask(struct guard_route *g)
{
	nl_commit_dump(g->nl, nl_msg_unreachable_dump(nl_reserve(g->nl), NL_MSG_MAX,
						      families[g->part]));
	nl_flush(g->nl);
}

static void look(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct guard_route *g = w->data;

	(void)revents;
	g->looked = ev_now(loop);
	g->looking = g->whole = true;
	g->look_again = false;
	g->part = 0;
	g->problem[0] = '\0';
	for (size_t n = 0; n < g->count; n++)
		g->wants[n].there = false;
	ask(g);
}

/* --- what there is --- */

static bool is_guard(const struct nl_route_entry *r)
{
	return r->protocol == NL_PROTOCOL && r->metric == NL_GUARD_METRIC &&
	       r->type == RTN_UNREACHABLE;
}

static struct want *find(struct guard_route *g, const struct prefix *dst,
			 uint32_t table)
{
	for (size_t n = 0; n < g->count; n++)
		if (g->wants[n].table == table && prefix_eq(&g->wants[n].dst, dst))
			return &g->wants[n];
	return NULL;
}

static void see(struct guard_route *g, const struct nl_route_entry *r)
{
	struct want *want = find(g, &r->dst, r->table);

	if (want)
		want->there = want->was_there = true;
	else
		nl_commit(g->nl, nl_msg_unreachable_del(nl_reserve(g->nl), NL_MSG_MAX,
							&r->dst, r->table));
}

/* Of a dump, or a notice of what somebody else did. */
static void take_message(void *ctx, const struct nlmsghdr *h)
{
	struct guard_route *g = ctx;
	struct nl_route_entry r;

	if (!nl_msg_route_parse(&r, h) || !is_guard(&r))
		return;
	if (h->nlmsg_flags & NLM_F_MULTI)
		see(g, &r);
	else if (h->nlmsg_pid != nl_port(g->nl))
		look_soon(g);
}

/* --- making it so --- */

static void put(struct guard_route *g, struct want *want)
{
	const bool again = want->was_there;

	want->was_there = true;
	g->written++;
	g->repaired += again;
	nl_commit(g->nl, nl_msg_unreachable_set(nl_reserve(g->nl), NL_MSG_MAX,
						&want->dst, want->table));
	if (again)
		log_to(g->log, LOG_LEVEL_WARN,
		       "guard: somebody removed the unreachable route %s: it is "
		       "written "
		       "again",
		       PREFIX_STR(&want->dst));
}

static void put_missing(struct guard_route *g)
{
	for (size_t n = 0; n < g->count; n++)
		if (!g->wants[n].there)
			put(g, &g->wants[n]);
}

static void looked(struct guard_route *g)
{
	g->looking = false;
	/* Of what is not known to be all, the rest cannot be told. */
	if (g->whole)
		put_missing(g);
	nl_flush(g->nl);
	if (g->look_again || !g->whole)
		look_soon(g);
}

static void take_dumped(void *ctx, int error, bool whole)
{
	struct guard_route *g = ctx;

	g->whole &= whole && error == 0;
	if (++g->part < ARRAY_SIZE(families))
		ask(g);
	else
		looked(g);
}

static void take_refusal(void *ctx, const struct nlmsghdr *request, int error,
			 const char *text)
{
	struct guard_route *g = ctx;
	struct nl_route_entry r;
	struct want *want;

	if (error == EEXIST || error == ESRCH || !nl_msg_route_parse(&r, request))
		return;
	want = find(g, &r.dst, r.table);
	if (want)
		want->was_there = false;
	g->refused++;
	snprintf(g->problem, sizeof(g->problem), "the unreachable route %s: %s",
		 PREFIX_STR(&r.dst), text);
	log_to(g->log, LOG_LEVEL_ERROR, "guard: %s", g->problem);
	look_in(g, RETRY_PAUSE);
}

static void take_overrun(void *ctx)
{
	look_soon(ctx);
}

/* --- hearing of no other routes, of which a router may have a million --- */

#define HEADER(field)	     offsetof(struct nlmsghdr, field)
#define ROUTE(field)	     (NLMSG_HDRLEN + offsetof(struct rtmsg, field))
#define LOAD(size, at)	     BPF_STMT(BPF_LD | (size) | BPF_ABS, (uint32_t)(at))
#define IF(test, k, yes, no) BPF_JUMP(BPF_JMP | (test) | BPF_K, k, yes, no)

/* Answers are taken, and notices of unreachable routes with our number. */
static int set_filter(struct nl *nl)
{
	struct sock_filter code[] = {
		LOAD(BPF_H, HEADER(nlmsg_type)),
		IF(BPF_JEQ, htons(NLMSG_ERROR), 6, 0),
		LOAD(BPF_H, HEADER(nlmsg_flags)),
		IF(BPF_JSET, htons(NLM_F_MULTI), 4, 0),
		LOAD(BPF_B, ROUTE(rtm_protocol)),
		IF(BPF_JEQ, NL_PROTOCOL, 0, 3),
		LOAD(BPF_B, ROUTE(rtm_type)),
		IF(BPF_JEQ, RTN_UNREACHABLE, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog filter = { ARRAY_SIZE(code), code };

	return nl_filter(nl, &filter);
}

/* --- making and using it --- */

struct guard_route *guard_route_new(struct ev_loop *loop, const struct log_sink *log)
{
	struct guard_route *g = mem_new(sizeof(*g));
	const struct nl_handlers handlers = { .ctx = g,
					      .message = take_message,
					      .refused = take_refusal,
					      .dumped = take_dumped,
					      .overrun = take_overrun };

	g->loop = loop;
	g->log = log;
	ev_timer_init(&g->look, look, 0., 0.);
	g->look.data = g;
	g->nl = nl_new(loop, &handlers,
		       NL_GROUP(RTNLGRP_IPV4_ROUTE) | NL_GROUP(RTNLGRP_IPV6_ROUTE),
		       NULL);
	if (!g->nl || set_filter(g->nl) < 0) {
		guard_route_free(g);
		return NULL;
	}
	return g;
}

void guard_route_free(struct guard_route *g)
{
	if (!g)
		return;
	ev_timer_stop(g->loop, &g->look);
	nl_free(g->nl);
	free(g->wants);
	free(g);
}

/* Two interfaces may guard the same. */
static void want_all(struct guard_route *g, const struct conf_iface *c)
{
	for (size_t n = 0; n < c->guard_count; n++) {
		struct want want = { .dst = prefix_masked(&c->guards[n]),
				     .table = c->route_table };

		if (find(g, &want.dst, want.table))
			continue;
		g->wants = mem_resize(g->wants, g->count + 1, sizeof(*g->wants));
		g->wants[g->count++] = want;
	}
}

void guard_route_conf(struct guard_route *g, const struct conf *conf)
{
	free(g->wants);
	g->wants = NULL;
	g->count = 0;
	for (size_t n = 0; n < conf->iface_count; n++)
		want_all(g, &conf->ifaces[n]);
	look_in(g, 0.);
}

const char *guard_route_problem(const struct guard_route *g)
{
	return g->problem[0] ? g->problem : NULL;
}

void guard_route_show(const struct guard_route *g, struct show_sink *sink)
{
	counter_row(sink, "guard_routes", g->count);
	counter_row(sink, "guard_routes_written", g->written);
	counter_row(sink, "guard_routes_repaired", g->repaired);
	counter_row(sink, "guard_routes_refused", g->refused);
}
