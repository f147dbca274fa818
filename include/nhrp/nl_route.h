/* SPDX-License-Identifier: MIT */
/*
 * The kernel's routes to what lies on a tunnel: ACT_ROUTE_*, ACT_WATCH_* in,
 * EV_ROUTE out.
 *
 * Routes are `dst dev IF scope link` or `dst via GATEWAY dev IF onlink` with the
 * daemon's protocol number (77) and a metric of their own (7), so that replacing
 * one meets no other; other routes are never touched, only told of: unicast routes
 * of any table by a watched device. The rest is as in nl_neigh.h.
 */
#ifndef NHRP_NL_ROUTE_H
#define NHRP_NL_ROUTE_H

#include <nhrp/action.h>
#include <nhrp/event_sink.h>
#include <nhrp/log.h>
#include <nhrp/record.h>

struct ev_loop;
struct nl_route;

/* NULL when the system refuses a socket; errno says why. */
struct nl_route *nl_route_new(struct ev_loop *loop, const struct event_sink *sink,
			      const struct log_sink *log);
void nl_route_free(struct nl_route *r);

void nl_route_watch(struct nl_route *r, int ifindex);
void nl_route_unwatch(struct nl_route *r, int ifindex);

/*
 * Changes of routes to a prefix; counted. Told is each one that is known, once it
 * is watched, and without a cause what may have changed unseen: before that, or
 * because a device or an address went.
 */
void nl_route_watch_prefix(struct nl_route *r, const struct prefix *p);
void nl_route_unwatch_prefix(struct nl_route *r, const struct prefix *p);

void nl_route_set(struct nl_route *r, const struct act_route *a);
void nl_route_del(struct nl_route *r, const struct act_route *a);

/* Of one watched device; of all of them. */
void nl_route_dump(struct nl_route *r, int ifindex);
void nl_route_resync(struct nl_route *r);

void nl_route_flush(struct nl_route *r);

/* Rows of `show counters`. */
void nl_route_show(const struct nl_route *r, struct show_sink *sink);

#endif
