/* SPDX-License-Identifier: MIT */
/*
 * What was copied, by interface and group: a table of a fixed size, in which a new
 * group takes the place of the one that was silent for the longest.
 */
#ifndef NHRP_OS_COPY_GROUPS_H
#define NHRP_OS_COPY_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/conf.h>
#include <nhrp/mono.h>

#define COPY_GROUPS_MAX 128

struct copy_group {
	char ifname[CONF_IFNAME_MAX];
	struct addr group;
	bool refused; /* the last packet was: of a refused group samples arrive */
	uint64_t packets, copies, lost;
	mono last;
};

struct copy_groups {
	struct copy_group list[COPY_GROUPS_MAX];
	size_t count;
};

/* The row of this group, made if need be; a packet of it came now. */
struct copy_group *copy_groups_get(struct copy_groups *t, const char *ifname,
				   const struct addr *group, mono now);

#endif
