/* SPDX-License-Identifier: MIT */
#include <nhrp/nl_link.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ev.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <utlist.h>

#include <nhrp/guard.h>
#include <nhrp/limit.h>
#include <nhrp/loop.h>
#include <nhrp/mem.h>

#include "guard_link.h"
#include "link_facts.h"
#include "netdev.h"
#include "nl.h"
#include "sysctl.h"

#define PASSES_MAX  4 /* changes may call for further ones */
#define TTL_DEFAULT 64
#define MTU_DEFAULT 1500 /* of an underlay that does not say */

/* Looking costs a dump: not more often than this, seconds. */
#define GAP_LINKS  0.02
#define GAP_ROUTES 1.
/* Until something that failed, or was held back, is tried again. */
#define RETRY_FAILED 10.
#define RETRY_LIMIT  1.

struct iface {
	struct iface *next;
	const struct conf_iface *conf;
	bool was_told, flapped;
	struct link_facts told;
	struct limit changes;
	char fault[160]; /* of the last change that failed */
	/* Its packets, as they were known last. */
	struct guard_match matches[GUARD_LINK_MAX];
	size_t match_count;
};

struct nl_link {
	struct loop *loop;
	const struct event_sink *sink;
	const struct log_sink *log;
	void (*lost)(void *ctx);
	void *lost_ctx;
	struct netdev *netdev;
	struct nl *watch;
	struct nl *routes; /* only while an NBMA address depends on a route */
	ev_timer look;
	ev_tstamp looked;
	struct iface *ifaces;
	bool needs_routes;
	struct guard *guard;
	bool guarded; /* every tunnel with a profile is */
};

/* --- when to look --- */

static void look_in(struct nl_link *l, ev_tstamp gap)
{
	struct ev_loop *ev = loop_ev(l->loop);
	ev_tstamp wait = l->looked + gap - ev_now(ev);

	if (wait < 0)
		wait = 0;
	if (ev_is_active(&l->look) && ev_timer_remaining(ev, &l->look) <= wait)
		return;
	ev_timer_stop(ev, &l->look);
	ev_timer_set(&l->look, wait, 0.);
	ev_timer_start(ev, &l->look);
}

/*
 * The picture shows what is; that a device was down or gone for a moment, which
 * empties its tables, shows only here.
 */
static void take_link(struct nl_link *l, const struct nlmsghdr *h)
{
	const struct ifinfomsg *m = mnl_nlmsg_get_payload(h);
	struct iface *i;

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*m))
		return;
	LL_FOREACH (l->ifaces, i) {
		if (i->told.ifindex == m->ifi_index &&
		    (h->nlmsg_type == RTM_DELLINK || !(m->ifi_flags & IFF_UP)))
			i->flapped = true;
	}
}

static void take_message(void *ctx, const struct nlmsghdr *h)
{
	struct nl_link *l = ctx;

	if (h->nlmsg_type == RTM_NEWLINK || h->nlmsg_type == RTM_DELLINK)
		take_link(l, h);
	look_in(l, GAP_LINKS);
}

static void take_overrun(void *ctx)
{
	struct nl_link *l = ctx;

	look_in(l, GAP_LINKS);
	l->lost(l->lost_ctx);
}

static void take_route(void *ctx, const struct nlmsghdr *h)
{
	(void)h;
	look_in(ctx, GAP_ROUTES);
}

static void take_route_overrun(void *ctx)
{
	look_in(ctx, GAP_ROUTES);
}

/* --- making it so --- */

static void set_fault(struct iface *i, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void set_fault(struct iface *i, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(i->fault, sizeof(i->fault), fmt, args);
	va_end(args);
}

/* Against a program that undoes what we do, again and again. */
static bool may_change(struct nl_link *l, struct iface *i)
{
	if (limit_take(&i->changes, loop_now(l->loop)))
		return true;
	set_fault(i, "something else keeps changing it, trying again");
	look_in(l, RETRY_LIMIT);
	return false;
}

static bool failed(struct nl_link *l, struct iface *i, const char *why)
{
	set_fault(i, "%s", why);
	look_in(l, RETRY_FAILED);
	return false;
}

/* Whether the picture has to be taken again. */
static bool changed(struct nl_link *l, struct iface *i, int rc, const char *what)
{
	char why[sizeof(i->fault)];

	if (rc < 0) {
		snprintf(why, sizeof(why), "%s failed: %s", what, nl_geterror(rc));
		return failed(l, i, why);
	}
	log_to(l->log, LOG_LEVEL_INFO, "interface %s: %s", i->conf->name, what);
	return true;
}

/* A loopback's MTU says nothing about the way packets take. */
static uint32_t tunnel_mtu(struct nl_link *l, const struct conf_iface *c,
			   const struct addr *source)
{
	const struct conf_tunnel *t = &c->tunnel;
	uint32_t mtu = MTU_DEFAULT;
	struct netdev_info dev;

	if (t->mtu)
		return t->mtu;
	if (netdev_by_index(l->netdev, netdev_with_addr(l->netdev, source), &dev) &&
	    !dev.loopback)
		mtu = dev.mtu;
	return mtu - netdev_gre_overhead(t->has_key) - netdev_esp_room(c->profile);
}

/* A device of this name that cannot become ours is left alone, and told of. */
static bool keep_tunnel(struct nl_link *l, struct iface *i,
			const struct netdev_info *dev)
{
	const struct conf_tunnel *t = &i->conf->tunnel;
	struct gre_want want = { .has_key = t->has_key,
				 .key = t->key,
				 .ttl = t->ttl ? t->ttl : TTL_DEFAULT };
	int rc;

	if (dev->ifindex && !netdev_is_mgre(dev))
		return false;
	want.local = link_facts_source(l->netdev, t, &dev->local, i->fault,
				       sizeof(i->fault));
	if (!addr_is_set(&want.local))
		return false;
	want.mtu = tunnel_mtu(l, i->conf, &want.local);
	if ((dev->ifindex && !netdev_gre_differs(l->netdev, dev->ifindex, &want)) ||
	    !may_change(l, i))
		return false;
	rc = netdev_gre_put(l->netdev, dev->ifindex, i->conf->name, &want);
	if (rc == -NLE_EXIST)
		return failed(l, i, "another tunnel has the same source and key");
	if (rc == -NLE_OPNOTSUPP)
		return failed(l, i, "this kernel has no GRE: modprobe ip_gre");
	return changed(l, i, rc,
		       dev->ifindex ? "changing the tunnel device"
				    : "making the tunnel device");
}

static bool has_addr(const struct prefix *list, size_t count, const struct prefix *p)
{
	for (size_t k = 0; k < count; k++) {
		if (prefix_eq(&list[k], p))
			return true;
	}
	return false;
}

static bool keep_addrs(struct nl_link *l, struct iface *i,
		       const struct netdev_info *dev)
{
	struct prefix there[LINK_ADDRS_MAX];
	size_t count = netdev_addrs(l->netdev, dev->ifindex, there, LINK_ADDRS_MAX);
	bool any = false;

	for (size_t k = 0; k < i->conf->addr_count; k++) {
		const struct prefix *p = &i->conf->addrs[k];
		char what[80];

		if (has_addr(there, count, p) || !may_change(l, i))
			continue;
		snprintf(what, sizeof(what), "adding the address %s", PREFIX_STR(p));
		any |= changed(l, i, netdev_addr_add(l->netdev, dev->ifindex, p), what);
	}
	return any;
}

/* To set or clear the ARP flag empties the neighbour table: only when needed. */
static bool prepare(struct nl_link *l, struct iface *i, const struct netdev_info *dev)
{
	char path[SYSCTL_PATH_MAX];
	bool any = false;
	int rc;

	if (!dev->arp && may_change(l, i))
		any |= changed(l, i, netdev_clear_noarp(l->netdev, dev->ifindex),
			       "clearing NOARP");
	if (i->conf->mcast_count && !dev->multicast && may_change(l, i))
		any |= changed(l, i, netdev_allow_multicast(l->netdev, dev->ifindex),
			       "allowing multicast");
	rc = sysctl_prepare_tunnel(i->conf->name, path, sizeof(path));
	if (rc) {
		set_fault(i, "%s cannot be set: %s", path, strerror(-rc));
		look_in(l, RETRY_FAILED);
	}
	any |= keep_addrs(l, i, dev);
	if (i->conf->tunnel.wanted && !dev->up && may_change(l, i))
		any |= changed(l, i, netdev_raise(l->netdev, dev->ifindex),
			       "raising the device");
	return any;
}

/* True when something was changed, so that it is to be looked at again. */
static bool reconcile(struct nl_link *l, struct iface *i)
{
	struct netdev_info dev = { 0 };
	bool there = netdev_by_name(l->netdev, i->conf->name, &dev);

	i->fault[0] = 0;
	if (i->conf->shortcut_destination)
		return false;
	if (i->conf->profile && !l->guarded) {
		set_fault(i, "nothing keeps it from sending in clear: %s",
			  l->guard ? guard_problem(l->guard) : "there is no guard");
		look_in(l, RETRY_FAILED);
		return false;
	}
	if (i->conf->tunnel.wanted && keep_tunnel(l, i, &dev))
		return true;
	return there && netdev_is_mgre(&dev) && prepare(l, i, &dev);
}

/* --- telling --- */

static void tell(struct nl_link *l, struct iface *i)
{
	const struct link_view view = { .netdev = l->netdev,
					.conf = i->conf,
					.was = &i->told.nbma,
					.fault = i->fault,
					.guarded = l->guarded };
	bool flapped = i->flapped;
	struct link_facts now, between;

	link_facts_find(&now, &view);
	l->needs_routes |= now.by_route;
	i->flapped = false;
	if (i->was_told && i->told.up && now.up &&
	    (flapped || i->told.ifindex != now.ifindex)) {
		between = i->told;
		between.up = false;
		if (i->told.ifindex != now.ifindex)
			between.ifindex = 0;
		snprintf(between.problem, sizeof(between.problem),
			 "it was down for a moment");
		link_facts_put(&between, i->conf->name, l->sink);
	} else if (i->was_told && link_facts_eq(&i->told, &now)) {
		return;
	}
	i->told = now;
	i->was_told = true;
	link_facts_put(&now, i->conf->name, l->sink);
}

/* --- looking --- */

/*
 * Before a device is made or changed, what it will send is guarded. What a device
 * sent that is gone stays so: it may come again.
 */
static void guard_all(struct nl_link *l)
{
	struct guard_match list[GUARD_LINK_MAX], *all = NULL;
	size_t total = 0;
	struct iface *i;

	LL_FOREACH (l->ifaces, i) {
		size_t count = 0;

		if (i->conf->profile)
			count = guard_link_matches(list, i->conf, l->netdev);
		if (count) {
			memcpy(i->matches, list, count * sizeof(*list));
			i->match_count = count;
		}
		if (!i->conf->profile)
			i->match_count = 0;
		all = mem_resize(all, total + i->match_count + 1, sizeof(*all));
		memcpy(all + total, i->matches, i->match_count * sizeof(*all));
		total += i->match_count;
	}
	l->guarded = l->guard && guard_link_set(l->guard, all, total, l->netdev);
	free(all);
}

static bool reconcile_all(struct nl_link *l)
{
	struct iface *i;
	bool any = false;

	guard_all(l);
	LL_FOREACH (l->ifaces, i)
		any |= reconcile(l, i);
	return any;
}

static void watch_routes(struct nl_link *l)
{
	const struct nl_handlers handlers = { .ctx = l,
					      .message = take_route,
					      .overrun = take_route_overrun };

	if (l->needs_routes && !l->routes)
		l->routes = nl_new(loop_ev(l->loop), &handlers,
				   NL_GROUP(RTNLGRP_IPV4_ROUTE), NULL);
	if (!l->needs_routes && l->routes) {
		nl_free(l->routes);
		l->routes = NULL;
	}
}

static void look(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct nl_link *l = w->data;
	struct iface *i;
	int rc;

	(void)revents;
	l->looked = ev_now(loop);
	l->needs_routes = false;
	rc = netdev_refresh(l->netdev);
	for (int pass = 1; rc >= 0 && reconcile_all(l) && pass < PASSES_MAX; pass++)
		rc = netdev_refresh(l->netdev);
	if (rc < 0) {
		log_to(l->log, LOG_LEVEL_WARN, "kernel: links cannot be read: %s",
		       nl_geterror(rc));
		look_in(l, RETRY_LIMIT);
		return;
	}
	/* What our own changes caused is not taken for a flap after the telling. */
	nl_drain(l->watch);
	LL_FOREACH (l->ifaces, i)
		tell(l, i);
	watch_routes(l);
}

/* --- the configuration --- */

static struct iface *find_iface(struct iface *list, const char *name)
{
	struct iface *i;

	LL_FOREACH (list, i) {
		if (strcmp(i->conf->name, name) == 0)
			return i;
	}
	return NULL;
}

static void remove_addrs(struct nl_link *l, const struct conf_iface *was,
			 const struct conf_iface *is, int ifindex)
{
	for (size_t k = 0; k < was->addr_count; k++) {
		if (is && has_addr(is->addrs, is->addr_count, &was->addrs[k]))
			continue;
		if (netdev_addr_del(l->netdev, ifindex, &was->addrs[k]) >= 0)
			log_to(l->log, LOG_LEVEL_INFO,
			       "interface %s: removed the address %s", was->name,
			       PREFIX_STR(&was->addrs[k]));
	}
}

/* What `was` alone wanted; a device under that name that cannot be ours stays. */
static void remove_leftovers(struct nl_link *l, const struct conf_iface *was,
			     const struct conf_iface *is)
{
	struct netdev_info dev;

	if (!netdev_by_name(l->netdev, was->name, &dev))
		return;
	if (!was->tunnel.wanted || (is && is->tunnel.wanted))
		remove_addrs(l, was, is, dev.ifindex);
	else if (netdev_is_mgre(&dev) && netdev_delete(l->netdev, dev.ifindex) >= 0)
		log_to(l->log, LOG_LEVEL_INFO,
		       "interface %s: removed the tunnel device", was->name);
}

static struct iface *iface_new(const struct conf_iface *c, const struct iface *was)
{
	struct iface *i = mem_new(sizeof(*i));

	if (was)
		*i = *was;
	else
		i->changes = limit_init(1, 10);
	i->next = NULL;
	i->conf = c;
	return i;
}

void nl_link_conf(struct nl_link *l, const struct conf *conf)
{
	struct iface *before = l->ifaces, *i, *next;

	l->ifaces = NULL;
	if (before && netdev_refresh(l->netdev) >= 0) {
		LL_FOREACH (before, i)
			remove_leftovers(l, i->conf,
					 conf_find_iface(conf, i->conf->name));
	}
	for (size_t k = 0; k < conf->iface_count; k++) {
		const struct conf_iface *c = &conf->ifaces[k];

		i = iface_new(c, find_iface(before, c->name));
		LL_APPEND(l->ifaces, i);
	}
	LL_FOREACH_SAFE (before, i, next)
		free(i);
	look_in(l, 0.);
}

struct nl_link *nl_link_new(struct loop *loop, const struct event_sink *sink,
			    const struct log_sink *log, struct guard *guard,
			    void (*lost)(void *ctx), void *lost_ctx)
{
	struct nl_link *l = mem_new(sizeof(*l));
	const struct nl_handlers handlers = { .ctx = l,
					      .message = take_message,
					      .overrun = take_overrun };

	l->loop = loop;
	l->sink = sink;
	l->log = log;
	l->guard = guard;
	l->lost = lost;
	l->lost_ctx = lost_ctx;
	ev_timer_init(&l->look, look, 0., 0.);
	l->look.data = l;
	l->watch = nl_new(loop_ev(loop), &handlers,
			  NL_GROUP(RTNLGRP_LINK) | NL_GROUP(RTNLGRP_IPV4_IFADDR) |
				  NL_GROUP(RTNLGRP_IPV6_IFADDR),
			  NULL);
	l->netdev = l->watch ? netdev_new() : NULL;
	if (!l->netdev) {
		nl_link_free(l);
		return NULL;
	}
	return l;
}

void nl_link_carrier(struct nl_link *l, const struct act_carrier *a)
{
	int rc = netdev_carrier(l->netdev, a->ifindex, a->state);

	if (rc < 0)
		log_to(l->log, LOG_LEVEL_WARN,
		       "device %d: its operational state cannot be set: %s", a->ifindex,
		       nl_geterror(rc));
}

const char *nl_link_problem(const struct nl_link *l, const char *name)
{
	const struct iface *i;

	LL_FOREACH (l->ifaces, i) {
		if (strcmp(i->conf->name, name) == 0)
			return i->told.problem;
	}
	return "";
}

void nl_link_free(struct nl_link *l)
{
	struct iface *i, *next;

	if (!l)
		return;
	LL_FOREACH_SAFE (l->ifaces, i, next)
		free(i);
	ev_timer_stop(loop_ev(l->loop), &l->look);
	nl_free(l->routes);
	nl_free(l->watch);
	netdev_free(l->netdev);
	free(l);
}
