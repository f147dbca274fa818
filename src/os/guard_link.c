/* SPDX-License-Identifier: MIT */
#include "guard_link.h"

#include <stdio.h>
#include <string.h>

#include "netdev.h"

#define OWN_MAX 512 /* addresses; packets from others meet one layer alone */

/* The device as the kernel has it. */
static struct guard_match as_it_is(const struct netdev_info *dev)
{
	return (struct guard_match){ .in_has_key = dev->in_has_key,
				     .out_has_key = dev->has_key,
				     .in_key = dev->in_key,
				     .out_key = dev->key,
				     .local = dev->local };
}

/* The device as it will be made, or made anew; nothing is sent without a source. */
static bool as_it_will_be(struct guard_match *out, const struct conf_tunnel *t,
			  const struct netdev_info *now, struct netdev *n)
{
	struct netdev_info source;

	*out = (struct guard_match){ .in_has_key = t->has_key,
				     .out_has_key = t->has_key,
				     .in_key = t->key,
				     .out_key = t->key,
				     .local = t->source };
	if (!addr_is_set(&out->local) && netdev_by_name(n, t->source_dev, &source))
		out->local = netdev_ip4_of(n, source.ifindex, &now->local);
	return addr_is_set(&out->local);
}

static bool same(const struct guard_match *a, const struct guard_match *b)
{
	return a->in_has_key == b->in_has_key && a->out_has_key == b->out_has_key &&
	       a->in_key == b->in_key && a->out_key == b->out_key &&
	       addr_eq(&a->local, &b->local);
}

size_t guard_link_matches(struct guard_match out[GUARD_LINK_MAX],
			  const struct conf_iface *c, struct netdev *n)
{
	struct netdev_info dev = { 0 };
	size_t count = 0;

	if (netdev_by_name(n, c->name, &dev) && strcmp(dev.kind, "gre") == 0)
		out[count++] = as_it_is(&dev);
	if (c->tunnel.wanted && as_it_will_be(&out[count], &c->tunnel, &dev, n) &&
	    !(count && same(&out[0], &out[count])))
		count++;
	for (size_t k = 0; k < count; k++)
		snprintf(out[k].ifname, sizeof(out[k].ifname), "%s", c->name);
	return count;
}

/* Of every device: which one packets leave by, and from where, is the routes' matter. */
static size_t own_addrs(struct addr out[OWN_MAX], struct netdev *n)
{
	struct prefix all[OWN_MAX];
	size_t count = netdev_addrs(n, 0, all, OWN_MAX);

	for (size_t k = 0; k < count; k++)
		out[k] = all[k].addr;
	return count;
}

bool guard_link_set(struct guard *g, const struct guard_match *list, size_t count,
		    struct netdev *n)
{
	struct addr own[OWN_MAX];
	size_t own_count = 0;

	for (size_t k = 0; k < count && !own_count; k++)
		if (!addr_is_set(&list[k].local))
			own_count = own_addrs(own, n);
	return guard_set(g, list, count, own, own_count);
}
