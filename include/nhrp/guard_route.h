/* SPDX-License-Identifier: MIT */
/*
 * `guard PREFIX...`: unreachable routes behind all others, so that packets to what
 * lies behind a tunnel never follow the default route out of the WAN when the
 * tunnel's own route is gone.
 *
 * The routes have the daemon's protocol number (77) and a metric that nobody else
 * uses (4294967000); others are never touched. They are written again when somebody
 * removes them, stay when the daemon stops or dies, and go when the word leaves the
 * configuration.
 */
#ifndef NHRP_GUARD_ROUTE_H
#define NHRP_GUARD_ROUTE_H

#include <nhrp/conf.h>
#include <nhrp/log.h>
#include <nhrp/record.h>

struct ev_loop;
struct guard_route;

/* NULL when the system refuses a socket; errno says why. */
struct guard_route *guard_route_new(struct ev_loop *loop, const struct log_sink *log);
void guard_route_free(struct guard_route *g);

/* From now on these and no others, be they a predecessor's. */
void guard_route_conf(struct guard_route *g, const struct conf *conf);

/* Why not all are there, for people; NULL: they are. */
const char *guard_route_problem(const struct guard_route *g);

/* Rows of `show counters`. */
void guard_route_show(const struct guard_route *g, struct show_sink *sink);

#endif
