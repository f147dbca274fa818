/* SPDX-License-Identifier: MIT */
/*
 * What is told of an interface of the configuration, out of the picture of the
 * devices: the facts of EV_LINK by value, and why it cannot be used.
 */
#ifndef NHRP_OS_LINK_FACTS_H
#define NHRP_OS_LINK_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/conf.h>
#include <nhrp/event_sink.h>

struct netdev;

#define LINK_ADDRS_MAX 32

struct link_facts {
	int ifindex;
	bool up;
	uint32_t mtu, gre_key;
	struct addr nbma;
	bool by_route; /* ... which is that of the way out: a route may change it */
	struct prefix addrs[LINK_ADDRS_MAX];
	size_t addr_count;
	char problem[240]; /* "": none */
};

/* One interface, as it is looked at. */
struct link_view {
	struct netdev *netdev;
	const struct conf_iface *conf;
	const struct addr *was; /* its NBMA address, as told last */
	const char *fault;	/* of the last change that failed; "": none */
	bool guarded;		/* every tunnel with a profile is */
};

void link_facts_find(struct link_facts *f, const struct link_view *v);
bool link_facts_eq(const struct link_facts *a, const struct link_facts *b);
void link_facts_put(const struct link_facts *f, const char *name,
		    const struct event_sink *sink);

/* The source of a tunnel we keep; ADDR_NONE, and into `why`, while it has none. */
struct addr link_facts_source(struct netdev *n, const struct conf_tunnel *t,
			      const struct addr *now, char *why, size_t cap);

#endif
