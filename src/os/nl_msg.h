/* SPDX-License-Identifier: MIT */
/*
 * Netlink messages as values: built and parsed here, never sent.
 *
 * Builders write one message into `buf` and return its length, 0 when `cap` is
 * below NL_MSG_MAX or an address has no family. Length, type, flags and
 * attributes are theirs; sequence number and port are the transport's. Parsers
 * take a message of which the transport has checked that it lies, padding
 * included, within its buffer, and believe nothing else in it.
 */
#ifndef NHRP_OS_NL_MSG_H
#define NHRP_OS_NL_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/action.h>
#include <nhrp/defs.h>

struct nlmsghdr;

/*
 * What marks neighbours and routes as the daemon's own: a successor knows them
 * by it, and nothing else is ever touched. From the range that iproute2 leaves
 * to the administrator; not 191, which FRR's zebra sweeps.
 */
#define NL_PROTOCOL 77

/*
 * ... but for shortcuts, together with the metric below: FRR's own number for NHRP.
 * zebra takes a route of any other number for better than the one of BGP or OSPF to
 * the same network and removes that one, on which the shortcut stands; of this one it
 * takes no notice. When it starts it sweeps what has its numbers, but by its metric.
 */
#define NL_SHORTCUT_PROTOCOL 191

/*
 * Metric of its routes. A replacement meets only routes of equal metric, so
 * with one that nobody else uses it meets only ours. Below the 20 and 32 of
 * routing daemons: a peer that is here is reached here. Above the 0 of what an
 * administrator writes.
 */
#define NL_ROUTE_METRIC 7

/* Metric of unreachable routes that are a guard's: behind whatever anybody writes. */
#define NL_GUARD_METRIC 4294967000

#define NL_MSG_MAX 256 /* no message of ours is longer */

size_t nl_msg_neigh_set(void *buf, size_t cap, const struct act_neigh *a) MUST_CHECK;
size_t nl_msg_neigh_del(void *buf, size_t cap, const struct act_neigh *a) MUST_CHECK;
size_t nl_msg_neigh_dump(void *buf, size_t cap, int ifindex) MUST_CHECK;
/* One entry; its answer is an RTM_NEWNEIGH, or ENOENT. */
size_t nl_msg_neigh_get(void *buf, size_t cap, int ifindex,
			const struct addr *proto) MUST_CHECK;

size_t nl_msg_route_set(void *buf, size_t cap, const struct act_route *r) MUST_CHECK;
size_t nl_msg_route_del(void *buf, size_t cap, const struct act_route *r) MUST_CHECK;
/* The kernel filters: unicast routes of all tables by this device. */
size_t nl_msg_route_dump(void *buf, size_t cap, int ifindex,
			 enum addr_family family) MUST_CHECK;
/* Unreachable routes with our number and NL_GUARD_METRIC; all of them, with any. */
size_t nl_msg_unreachable_set(void *buf, size_t cap, const struct prefix *dst,
			      uint32_t table) MUST_CHECK;
size_t nl_msg_unreachable_del(void *buf, size_t cap, const struct prefix *dst,
			      uint32_t table) MUST_CHECK;
size_t nl_msg_unreachable_dump(void *buf, size_t cap,
			       enum addr_family family) MUST_CHECK;
/* Which route is taken to this address; its answer is an RTM_NEWROUTE. */
size_t nl_msg_route_lookup(void *buf, size_t cap, const struct addr *dst) MUST_CHECK;

struct nl_neigh_entry {
	int ifindex;
	uint16_t state;	  /* NUD_... */
	uint8_t protocol; /* 0: not given */
	struct addr proto, nbma;
};

/* RTM_{NEW,DEL,GET}NEIGH; false when it is malformed or of another family. */
bool nl_msg_neigh_parse(struct nl_neigh_entry *out,
			const struct nlmsghdr *h) MUST_CHECK;

struct nl_route_entry {
	uint8_t protocol;
	uint8_t type; /* RTN_... */
	uint32_t table, metric;
	struct prefix dst;
	int ifindex;	     /* of the first next hop; 0: none */
	struct addr gateway; /* likewise */
};

/* RTM_{NEW,DEL}ROUTE, likewise. */
bool nl_msg_route_parse(struct nl_route_entry *out,
			const struct nlmsghdr *h) MUST_CHECK;

/* A route that the tables of a tunnel can have been given by us; no guard's. */
bool nl_msg_route_is_own(const struct nl_route_entry *route);

/* As the answer to a lookup, but for its token. */
struct ev_lookup nl_msg_route_answer(const struct nl_route_entry *route);

/* Calls for each next hop of a route that could be parsed. */
void nl_msg_route_hops(const struct nlmsghdr *h,
		       void (*each)(void *ctx, int ifindex, const struct addr *gateway),
		       void *ctx);

#endif
