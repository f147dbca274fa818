/* SPDX-License-Identifier: MIT */
/*
 * The socket filter of nl_route.c: of all that the kernel tells of routes, links
 * and addresses it lets through what may concern us, so that a table of a hundred
 * thousand routes elsewhere changes without waking anybody.
 *
 * Let through are
 *	our routes that another socket than ours removed,
 *	others' that lead by one of the devices, by several next hops or nowhere,
 *	others' that replace another route, which does not say by what device, where
 *	one by ours may be known or not known yet,
 *	others' that meet what is watched,
 *	links that are down or gone, addresses and next hop objects that are gone.
 * It may let through more than asked for, never less.
 */
#ifndef NHRP_OS_ROUTE_FILTER_H
#define NHRP_OS_ROUTE_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "route_range.h"

struct sock_filter;

/* More of them are any device. */
#define ROUTE_FILTER_DEVICES_MAX 32

struct route_filter {
	uint32_t port; /* ours */
	int devices[ROUTE_FILTER_DEVICES_MAX];
	size_t device_count;
	bool any_device;
	bool any_replacing;		/* each that replaces another */
	struct route_ranges known[2];	/* first addresses of others' by the devices */
	struct route_ranges watched[2]; /* of IPv4, of IPv6 */
};

#define ROUTE_FILTER_CODE_MAX 1024

/* Returns the number of instructions, at most ROUTE_FILTER_CODE_MAX. */
size_t route_filter_build(struct sock_filter *code, const struct route_filter *f);

#endif
