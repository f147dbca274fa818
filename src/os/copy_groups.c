/* SPDX-License-Identifier: MIT */
#include "copy_groups.h"

#include <stdio.h>
#include <string.h>

static bool is_of(const struct copy_group *g, const char *ifname,
		  const struct addr *group)
{
	return addr_eq(&g->group, group) && strcmp(g->ifname, ifname) == 0;
}

static struct copy_group *oldest(struct copy_groups *t)
{
	struct copy_group *found = t->list;

	for (size_t n = 1; n < t->count; n++)
		if (mono_before(t->list[n].last, found->last))
			found = &t->list[n];
	return found;
}

static struct copy_group *find(struct copy_groups *t, const char *ifname,
			       const struct addr *group)
{
	for (size_t n = 0; n < t->count; n++)
		if (is_of(&t->list[n], ifname, group))
			return &t->list[n];
	return NULL;
}

struct copy_group *copy_groups_get(struct copy_groups *t, const char *ifname,
				   const struct addr *group, mono now)
{
	struct copy_group *g = find(t, ifname, group);

	if (!g) {
		g = t->count < COPY_GROUPS_MAX ? &t->list[t->count++] : oldest(t);
		*g = (struct copy_group){ .group = *group };
		snprintf(g->ifname, sizeof(g->ifname), "%s", ifname);
	}
	g->last = now;
	return g;
}
