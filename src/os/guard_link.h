/* SPDX-License-Identifier: MIT */
/*
 * What packets a tunnel has, or is about to have: out of the configuration and the
 * picture of the devices.
 */
#ifndef NHRP_OS_GUARD_LINK_H
#define NHRP_OS_GUARD_LINK_H

#include <stddef.h>

#include <nhrp/guard.h>

struct netdev;

#define GUARD_LINK_MAX 2 /* as it is, and as it will be */

/* Returns how many there are; none when neither is known. */
size_t guard_link_matches(struct guard_match out[GUARD_LINK_MAX],
			  const struct conf_iface *c, struct netdev *n);

/* As guard_set(), with the addresses of this machine where they matter. */
bool guard_link_set(struct guard *g, const struct guard_match *list, size_t count,
		    struct netdev *n) MUST_CHECK;

#endif
