/* SPDX-License-Identifier: MIT */
#include <nhrp/nl_route.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <ev.h>
#include <linux/filter.h>
#include <linux/rtnetlink.h>

#include <utlist.h>

#include <nhrp/mem.h>

#include "counter_row.h"
#include "nl.h"
#include "nl_msg.h"
#include "nl_table.h"
#include "route_filter.h"
#include "route_others.h"
#include "route_watch.h"

/*
 * What changes unseen is looked at as soon as it is known, and once more: the
 * kernel tells of a link or an address that goes before it takes the routes away,
 * and only its lock makes our question wait until it has. In between nothing is
 * looked at, however often links come and go, seconds.
 */
#define UNSEEN_GAP   .5
#define UNSEEN_LOOKS 2

/* To read the tables takes the kernel long where they are large, seconds. */
#define RESYNC_GAP 10.

/* Watched prefixes told of in one turn of the loop: each may cause a lookup. */
#define SUSPECTS_A_TURN 64

/* A tunnel, and what is known of somebody else's routes by it. */
struct device {
	struct device *next;
	int ifindex;
	bool dumping, known;
	struct route_others others;
	struct route_others dumped; /* takes their place when the dump is whole */
};

struct nl_route {
	struct ev_loop *loop;
	struct nl_table *table;
	struct route_watch *watched;
	const struct event_sink *sink;
	const struct log_sink *log;

	struct device *devices;

	struct route_filter filter;
	bool filter_old;
	bool unsure;	     /* of somebody else's routes some may not be known yet */
	size_t watched_then; /* how many were, when the filter was made */
	uint64_t notices;

	ev_timer unseen; /* something may have changed that is not told */
	unsigned unseen_looks;
	ev_tstamp unseen_next; /* not before */
	ev_timer resync;       /* routes by our devices may be gone, likewise */
	ev_tstamp resync_next;
	ev_timer suspects; /* there are some to be told of */
};

static const enum addr_family families[] = { ADDR_IP4, ADDR_IP6 };

static void tell(struct nl_route *r, enum route_fact fact,
		 const struct nl_route_entry *entry)
{
	const struct event ev = { .type = EV_ROUTE,
				  .route = { .fact = fact,
					     .ifindex = entry->ifindex,
					     .dst = entry->dst,
					     .gateway = entry->gateway,
					     .table = entry->table } };

	event_put(r->sink, &ev);
}

static void tell_refused(struct nl_route *r, const struct nl_route_entry *entry,
			 int error, bool removed)
{
	const struct event ev = { .type = EV_ROUTE,
				  .route = { .fact = ROUTE_FAILED,
					     .ifindex = entry->ifindex,
					     .dst = entry->dst,
					     .gateway = entry->gateway,
					     .table = entry->table,
					     .error = error,
					     .removed = removed } };

	event_put(r->sink, &ev);
}

static void renew_filter(struct nl_route *r);

/*
 * A route that replaces another does not say by what device that one led, and full
 * tables replace a great many. So only those are heard of that may replace one that
 * is known; where one may not be known yet, all of them, until the next dump that
 * is whole.
 */
static void be_unsure(struct nl_route *r)
{
	if (r->unsure)
		return;
	r->unsure = true;
	renew_filter(r);
}

static void be_sure(struct nl_route *r)
{
	const struct device *d;

	LL_FOREACH (r->devices, d) {
		if (!d->known)
			return;
	}
	if (nl_table_dumps(r->table))
		return;
	r->unsure = false;
	renew_filter(r);
}

/* --- dumps -------------------------------------------------------------------- */

static size_t dump_build(void *buf, size_t cap, int ifindex, unsigned part)
{
	return nl_msg_route_dump(buf, cap, ifindex, families[part]);
}

static struct device *find_device(const struct nl_route *r, int ifindex)
{
	struct device *d;

	LL_FOREACH (r->devices, d) {
		if (d->ifindex == ifindex)
			break;
	}
	return d;
}

static void dump_begin(void *ctx, int ifindex)
{
	const struct nl_route_entry none = { .ifindex = ifindex };
	struct device *d = find_device(ctx, ifindex);

	if (!d)
		return;
	route_others_clear(&d->dumped);
	d->dumping = true;
	tell(ctx, ROUTE_DUMP_BEGIN, &none);
}

/* One message, as a change of what is known by one device. */
struct change {
	struct route_others *others;
	const struct nl_route_entry *entry;
	int ifindex;
	bool removed;
};

static void change_by_hop(void *ctx, int ifindex, const struct addr *gateway)
{
	const struct change *c = ctx;
	const struct nl_route_entry *e = c->entry;
	const struct route_other route = { e->table, e->metric, *gateway };

	if (ifindex != c->ifindex)
		return;
	if (c->removed)
		route_others_del(c->others, &e->dst, &route);
	else
		route_others_add(c->others, &e->dst, &route);
}

/* What replaces a route takes its place without a word about that one. */
static void change_others(struct route_others *others, int ifindex,
			  const struct nl_route_entry *entry, const struct nlmsghdr *h)
{
	const struct route_other any = { .table = entry->table,
					 .metric = entry->metric };
	struct change c = { others, entry, ifindex, h->nlmsg_type == RTM_DELROUTE };

	if (!c.removed && h->nlmsg_flags & NLM_F_REPLACE)
		route_others_displace(others, &entry->dst, &any);
	if (entry->type == RTN_UNICAST)
		nl_msg_route_hops(h, change_by_hop, &c);
}

static void tell_other(struct nl_route *r, enum route_fact fact, int ifindex,
		       const struct prefix *dst, const struct route_other *route)
{
	const struct nl_route_entry entry = { .ifindex = ifindex,
					      .dst = *dst,
					      .table = route->table,
					      .metric = route->metric,
					      .gateway = route->gateway };

	tell(r, fact, &entry);
}

static void dump_other(struct nl_route *r, struct device *d,
		       const struct nl_route_entry *entry, const struct nlmsghdr *h)
{
	const struct route_other *best;

	change_others(&d->dumped, d->ifindex, entry, h);
	best = route_others_best(&d->dumped, &entry->dst);
	if (best)
		tell_other(r, ROUTE_OTHER, d->ifindex, &entry->dst, best);
}

static void dump_entry(void *ctx, int ifindex, const struct nlmsghdr *h)
{
	struct device *d = find_device(ctx, ifindex);
	struct nl_route_entry entry;

	if (!d || h->nlmsg_type != RTM_NEWROUTE || !nl_msg_route_parse(&entry, h))
		return;
	if (!nl_msg_route_is_own(&entry))
		dump_other(ctx, d, &entry, h);
	else if (entry.ifindex == ifindex)
		tell(ctx, ROUTE_SEEN, &entry);
}

static void dump_end(void *ctx, int ifindex)
{
	const struct nl_route_entry none = { .ifindex = ifindex };
	struct device *d = find_device(ctx, ifindex);

	if (!d)
		return;
	route_others_move(&d->others, &d->dumped);
	d->dumping = false;
	d->known = true;
	be_sure(ctx);
	tell(ctx, ROUTE_DUMP_END, &none);
}

/* --- what may have changed unseen ----------------------------------------------- */

static void tell_changed(struct nl_route *r, const struct prefix *watched,
			 const struct nl_route_entry *cause, bool removed)
{
	const struct event ev = { .type = EV_ROUTE,
				  .route = { .fact = ROUTE_CHANGED,
					     .ifindex = cause->ifindex,
					     .dst = *watched,
					     .gateway = cause->gateway,
					     .table = cause->table,
					     .cause = cause->dst,
					     .removed = removed } };

	event_put(r->sink, &ev);
}

static void start_timer(struct nl_route *r, ev_timer *timer, ev_tstamp after)
{
	if (ev_is_active(timer))
		return;
	ev_timer_set(timer, after > 0 ? after : 0, 0);
	ev_timer_start(r->loop, timer);
}

static void suspects_due(struct ev_loop *loop, ev_timer *w, int revents)
{
	const struct nl_route_entry none = { 0 };
	struct nl_route *r = w->data;
	struct prefix p;

	(void)loop;
	(void)revents;
	for (unsigned i = 0; i < SUSPECTS_A_TURN; i++) {
		if (!route_watch_take_suspect(r->watched, &p))
			return;
		tell_changed(r, &p, &none, false);
	}
	start_timer(r, &r->suspects, 0);
}

static void suspect_all(struct nl_route *r)
{
	route_watch_suspect_all(r->watched);
	start_timer(r, &r->suspects, 0);
}

static void unseen_due(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct nl_route *r = w->data;

	(void)revents;
	r->unseen_next = ev_now(loop) + UNSEEN_GAP;
	suspect_all(r);
	if (--r->unseen_looks > 0)
		start_timer(r, &r->unseen, UNSEEN_GAP);
}

static void resync_due(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct nl_route *r = w->data;

	(void)revents;
	r->resync_next = ev_now(loop) + RESYNC_GAP;
	be_unsure(r);
	nl_table_resync(r->table);
}

static void look_for_unseen(struct nl_route *r)
{
	r->unseen_looks = UNSEEN_LOOKS;
	start_timer(r, &r->unseen, r->unseen_next - ev_now(r->loop));
}

static void resync_soon(struct nl_route *r)
{
	const ev_tstamp wait = r->resync_next - ev_now(r->loop);

	start_timer(r, &r->resync, wait > UNSEEN_GAP ? wait : UNSEEN_GAP);
}

/* --- news ------------------------------------------------------------------------- */

/* It may have been replaced since, before the filter knew of it. */
static void may_be_new(struct nl_route *r, const struct prefix *dst)
{
	struct route_range at = route_range_of(dst);

	at.last = at.first;
	if (r->unsure ||
	    route_ranges_hold(&r->filter.known[dst->addr.family == ADDR_IP6], at))
		return;
	be_unsure(r);
	resync_soon(r);
}

/* Messages were lost, and all tables are read again. */
static void lost(void *ctx)
{
	be_unsure(ctx);
	suspect_all(ctx);
}

static void notice_other(struct nl_route *r, struct device *d,
			 const struct nl_route_entry *entry, const struct nlmsghdr *h)
{
	const struct route_other *best = route_others_best(&d->others, &entry->dst);
	const struct route_other before = best ? *best : (struct route_other){ 0 };
	const bool was_there = best != NULL;

	change_others(&d->others, d->ifindex, entry, h);
	if (d->dumping)
		change_others(&d->dumped, d->ifindex, entry, h);
	best = route_others_best(&d->others, &entry->dst);
	if (best)
		may_be_new(r, &entry->dst);
	if (best &&
	    (!was_there || d->dumping || !addr_eq(&best->gateway, &before.gateway)))
		tell_other(r, ROUTE_OTHER, d->ifindex, &entry->dst, best);
	else if (was_there && !best)
		tell_other(r, ROUTE_OTHER_GONE, d->ifindex, &entry->dst, &before);
}

static void notice_route(struct nl_route *r, const struct nlmsghdr *h)
{
	bool removed = h->nlmsg_type == RTM_DELROUTE;
	struct nl_route_entry entry;
	struct device *d;
	struct prefix p;

	if (!nl_msg_route_parse(&entry, h))
		return;
	if (nl_msg_route_is_own(&entry)) {
		if (removed && nl_table_watches(r->table, entry.ifindex))
			tell(r, ROUTE_GONE, &entry);
		return;
	}
	LL_FOREACH (r->devices, d)
		notice_other(r, d, &entry, h);
	route_watch_hit(r->watched, &entry.dst);
	while (route_watch_take_hit(r->watched, &p))
		tell_changed(r, &p, &entry, removed);
}

/*
 * IPv4 routes vanish without a word when their device goes down, and by some
 * kernels when the address goes that they name as source, or their next hop object.
 */
static void notice(void *ctx, const struct nlmsghdr *h)
{
	struct nl_route *r = ctx;

	r->notices++;
	switch (h->nlmsg_type) {
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		notice_route(r, h);
		break;
	case RTM_DELADDR:
	case RTM_DELNEXTHOP:
		resync_soon(r);
		look_for_unseen(r);
		break;
	default:
		look_for_unseen(r);
		break;
	}
}

/* To remove what is not there is done; all else that is refused is the engine's. */
static void refused(void *ctx, const struct nlmsghdr *request, int error,
		    const char *text)
{
	struct nl_route *r = ctx;
	struct nl_route_entry entry;

	if (!nl_msg_route_parse(&entry, request) ||
	    (request->nlmsg_type == RTM_DELROUTE && error == ESRCH))
		return;
	log_to(r->log, LOG_LEVEL_DEBUG, "kernel: route %s by device %d refused: %s",
	       PREFIX_STR(&entry.dst), entry.ifindex, text);
	tell_refused(r, &entry, error, request->nlmsg_type == RTM_DELROUTE);
}

static const struct nl_table_ops ops = {
	.what = "routes",
	.dump_parts = ARRAY_SIZE(families),
	.dump_build = dump_build,
	.dump_begin = dump_begin,
	.dump_entry = dump_entry,
	.dump_end = dump_end,
	.notice = notice,
	.lost = lost,
	.refused = refused,
};

/* --- the filter ------------------------------------------------------------------- */

static void set_devices(struct route_filter *f, const struct device *devices)
{
	const struct device *d;

	f->device_count = 0;
	f->any_device = false;
	LL_FOREACH (devices, d) {
		if (f->device_count < ROUTE_FILTER_DEVICES_MAX)
			f->devices[f->device_count++] = d->ifindex;
		else
			f->any_device = true;
	}
}

static void set_known(struct route_filter *f, const struct device *devices)
{
	const struct device *d;
	size_t room = 1, n;
	struct route_range *all;

	LL_FOREACH (devices, d)
		room += d->others.prefixes.count;
	all = mem_new(room * sizeof(*all));
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		n = 0;
		LL_FOREACH (devices, d)
			n += route_others_points(&d->others, families[i], all + n);
		route_ranges_make(&f->known[i], all, n);
	}
	free(all);
}

static struct sock_fprog make_filter(struct nl_route *r, struct sock_filter *code)
{
	struct route_filter *f = &r->filter;

	f->port = nl_table_port(r->table);
	set_devices(f, r->devices);
	f->any_replacing = r->unsure;
	set_known(f, r->devices);
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		route_watch_ranges(r->watched, families[i], &f->watched[i]);
	r->watched_then = route_watch_count(r->watched);
	r->filter_old = false;
	return (struct sock_fprog){ (unsigned short)route_filter_build(code, f), code };
}

/* Refused, the last one stays in force, and the next change tries again. */
static void renew_filter(struct nl_route *r)
{
	struct sock_filter code[ROUTE_FILTER_CODE_MAX];
	const struct sock_fprog filter = make_filter(r, code);
	int rc = nl_table_filter(r->table, &filter);

	if (rc == 0)
		return;
	r->filter = (struct route_filter){ 0 };
	log_to(r->log, LOG_LEVEL_WARN,
	       "kernel: routes cannot be watched as they should: %s", strerror(-rc));
}

static int listen_filtered(struct nl_route *r)
{
	struct sock_filter code[ROUTE_FILTER_CODE_MAX];
	const struct sock_fprog filter = make_filter(r, code);

	return nl_table_listen(r->table,
			       NL_GROUP(RTNLGRP_IPV4_ROUTE) |
				       NL_GROUP(RTNLGRP_IPV6_ROUTE) |
				       NL_GROUP(RTNLGRP_LINK) |
				       NL_GROUP(RTNLGRP_IPV4_IFADDR) |
				       NL_GROUP(RTNLGRP_IPV6_IFADDR) |
				       NL_GROUP(RTNLGRP_NEXTHOP),
			       &filter);
}

/* --- making and using one --------------------------------------------------------- */

struct nl_route *nl_route_new(struct ev_loop *loop, const struct event_sink *sink,
			      const struct log_sink *log)
{
	struct nl_route *r = mem_new(sizeof(*r));

	r->loop = loop;
	r->sink = sink;
	r->log = log;
	r->watched = route_watch_new();
	ev_timer_init(&r->unseen, unseen_due, 0, 0);
	r->unseen.data = r;
	ev_timer_init(&r->resync, resync_due, 0, 0);
	r->resync.data = r;
	ev_timer_init(&r->suspects, suspects_due, 0, 0);
	r->suspects.data = r;
	r->table = nl_table_new(loop, &ops, r, log);
	if (!r->table || listen_filtered(r) < 0) {
		nl_route_free(r);
		return NULL;
	}
	return r;
}

static void free_device(struct nl_route *r, struct device *d)
{
	LL_DELETE(r->devices, d);
	route_others_clear(&d->others);
	route_others_clear(&d->dumped);
	free(d);
}

void nl_route_free(struct nl_route *r)
{
	if (!r)
		return;
	ev_timer_stop(r->loop, &r->unseen);
	ev_timer_stop(r->loop, &r->resync);
	ev_timer_stop(r->loop, &r->suspects);
	while (r->devices)
		free_device(r, r->devices);
	nl_table_free(r->table);
	route_watch_free(r->watched);
	free(r);
}

/* The filter is renewed at once: a dump may be on its way before the next flush. */
void nl_route_watch(struct nl_route *r, int ifindex)
{
	struct device *d;

	if (find_device(r, ifindex))
		return;
	d = mem_new(sizeof(*d));
	d->ifindex = ifindex;
	LL_PREPEND(r->devices, d);
	nl_table_watch(r->table, ifindex);
	r->unsure = true;
	renew_filter(r);
}

void nl_route_unwatch(struct nl_route *r, int ifindex)
{
	struct device *d = find_device(r, ifindex);

	if (!d)
		return;
	free_device(r, d);
	nl_table_unwatch(r->table, ifindex);
	renew_filter(r);
}

void nl_route_watch_prefix(struct nl_route *r, const struct prefix *p)
{
	route_watch_add(r->watched, p);
	start_timer(r, &r->suspects, 0);
	if (!route_ranges_hold(&r->filter.watched[p->addr.family == ADDR_IP6],
			       route_range_of(p)))
		r->filter_old = true;
}

/* What is let through without need costs little, so that can wait. */
void nl_route_unwatch_prefix(struct nl_route *r, const struct prefix *p)
{
	route_watch_del(r->watched, p);
	if (route_watch_count(r->watched) <= r->watched_then / 2)
		r->filter_old = true;
}

void nl_route_set(struct nl_route *r, const struct act_route *a)
{
	nl_table_commit(r->table,
			nl_msg_route_set(nl_table_reserve(r->table), NL_MSG_MAX, a));
}

void nl_route_del(struct nl_route *r, const struct act_route *a)
{
	nl_table_commit(r->table,
			nl_msg_route_del(nl_table_reserve(r->table), NL_MSG_MAX, a));
}

void nl_route_dump(struct nl_route *r, int ifindex)
{
	be_unsure(r);
	nl_table_dump(r->table, ifindex);
}

void nl_route_resync(struct nl_route *r)
{
	be_unsure(r);
	nl_table_resync(r->table);
	suspect_all(r);
}

void nl_route_flush(struct nl_route *r)
{
	if (r->filter_old)
		renew_filter(r);
	nl_table_flush(r->table);
}

void nl_route_show(const struct nl_route *r, struct show_sink *sink)
{
	const struct nl_table_counters *c = nl_table_counters(r->table);

	counter_row(sink, "kernel_route_changes", c->changes);
	counter_row(sink, "kernel_route_refusals", c->refused);
	counter_row(sink, "kernel_route_overruns", c->overruns);
	counter_row(sink, "kernel_route_dumps", c->dumps);
	counter_row(sink, "kernel_route_notices", r->notices);
	counter_row(sink, "kernel_routes_watched", route_watch_count(r->watched));
}
