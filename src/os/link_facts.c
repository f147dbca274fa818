/* SPDX-License-Identifier: MIT */
#include "link_facts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "netdev.h"

/* Nobody's address (RFC 5737): its route is the default route. */
#define NOWHERE ((struct addr){ ADDR_IP4, { 192, 0, 2, 1 } })

/* --- where packets come from ------------------------------------------------ */

struct addr link_facts_source(struct netdev *n, const struct conf_tunnel *t,
			      const struct addr *now, char *why, size_t cap)
{
	struct netdev_info dev;
	struct addr source = t->source;

	if (source.family == ADDR_IP6) {
		snprintf(why, cap,
			 "this version carries tunnels over IPv4 only, and its "
			 "source is an IPv6 address");
		return (struct addr){ ADDR_NONE };
	}
	if (addr_is_set(&source))
		return source;
	if (!netdev_by_name(n, t->source_dev, &dev)) {
		snprintf(why, cap,
			 "it waits for its source device %s, which does not exist",
			 t->source_dev);
		return source;
	}
	source = netdev_ip4_of(n, dev.ifindex, now);
	if (!addr_is_set(&source))
		snprintf(why, cap,
			 "it waits for an IPv4 address on its source device %s",
			 t->source_dev);
	return source;
}

/* Where the first station of the configuration is, as far as it is written. */
static struct addr first_station(const struct conf_iface *c)
{
	for (size_t k = 0; k < c->map_count; k++) {
		if (c->maps[k].nbma.addr.family == ADDR_IP4)
			return c->maps[k].nbma.addr;
	}
	return NOWHERE;
}

/*
 * The address that our packets come from. The kernel takes the device's local
 * address; without one it takes that of the way out, and so do we.
 */
static struct addr own_nbma(const struct link_view *v, const struct netdev_info *dev,
			    struct link_facts *f)
{
	static const struct addr none;
	struct addr nbma = dev->local, to;
	int out;

	if (v->conf->tunnel.wanted)
		return link_facts_source(v->netdev, &v->conf->tunnel, &dev->local,
					 f->problem, sizeof(f->problem));
	if (addr_is_set(&nbma))
		return nbma;
	if (dev->bound_to)
		return netdev_ip4_of(v->netdev, dev->bound_to, v->was);
	f->by_route = true;
	to = first_station(v->conf);
	nbma = netdev_source_towards(v->netdev, &to, &out);
	return out == dev->ifindex ? none : nbma;
}

/* --- why it cannot be used -------------------------------------------------- */

static void set_problem(struct link_facts *f, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void set_problem(struct link_facts *f, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(f->problem, sizeof(f->problem), fmt, args);
	va_end(args);
}

static void find_problem(const struct link_view *v, const struct netdev_info *dev,
			 struct link_facts *f)
{
	const char *name = v->conf->name;

	if (strcmp(dev->kind, "gre") != 0)
		set_problem(f,
			    "it is no GRE device but of kind '%s': remove it, or "
			    "give the tunnel another name",
			    dev->kind[0] ? dev->kind : "none");
	else if (addr_is_set(&dev->remote))
		set_problem(f,
			    "it has a remote address, %s, which makes it "
			    "point-to-point: make it without 'remote'",
			    ADDR_STR(&dev->remote));
	else if (v->fault[0])
		set_problem(f, "%s", v->fault);
	else if (!addr_is_set(&f->nbma))
		set_problem(f,
			    "it has no local address, and there is no route to take "
			    "one from: ip tunnel change %s local ADDRESS",
			    name);
	else if (!netdev_with_addr(v->netdev, &f->nbma))
		set_problem(f, "no device has its local address %s",
			    ADDR_STR(&f->nbma));
	else if (!dev->up)
		set_problem(f, "the device is down: ip link set %s up", name);
	else if (f->addr_count == 0)
		set_problem(f, "it has no protocol address: ip address add, or "
			       "'address' in the configuration");
}

static void no_device(const struct link_view *v, struct link_facts *f)
{
	if (v->conf->tunnel.wanted)
		set_problem(f, "%s", v->fault);
	else if (v->conf->shortcut_destination)
		set_problem(f, "there is no such device");
	else
		set_problem(f,
			    "there is no such device: ip tunnel add %s mode "
			    "gre key KEY ttl 64, or 'tunnel source DEVICE' "
			    "in the configuration",
			    v->conf->name);
}

/* --- all of it -------------------------------------------------------------- */

static void find_tunnel(const struct link_view *v, const struct netdev_info *dev,
			struct link_facts *f)
{
	if (netdev_is_mgre(dev))
		f->nbma = own_nbma(v, dev, f);
	f->gre_key = dev->key;
	f->up = dev->up && addr_is_set(&f->nbma) &&
		netdev_with_addr(v->netdev, &f->nbma) != 0;
	if (!f->problem[0])
		find_problem(v, dev, f);
	if (v->conf->profile && !v->guarded)
		f->up = false;
}

void link_facts_find(struct link_facts *f, const struct link_view *v)
{
	struct netdev_info dev;

	*f = (struct link_facts){ 0 };
	if (!netdev_by_name(v->netdev, v->conf->name, &dev)) {
		no_device(v, f);
		return;
	}
	f->ifindex = dev.ifindex;
	f->mtu = dev.mtu;
	f->addr_count = netdev_addrs(v->netdev, dev.ifindex, f->addrs, LINK_ADDRS_MAX);
	if (!v->conf->shortcut_destination) {
		find_tunnel(v, &dev, f);
		return;
	}
	f->up = dev.up;
	set_problem(f, "it is no tunnel: only its networks count");
}

bool link_facts_eq(const struct link_facts *a, const struct link_facts *b)
{
	if (a->ifindex != b->ifindex || a->up != b->up || a->mtu != b->mtu ||
	    a->gre_key != b->gre_key || !addr_eq(&a->nbma, &b->nbma) ||
	    a->addr_count != b->addr_count || strcmp(a->problem, b->problem) != 0)
		return false;
	for (size_t k = 0; k < a->addr_count; k++) {
		if (!prefix_eq(&a->addrs[k], &b->addrs[k]))
			return false;
	}
	return true;
}

void link_facts_put(const struct link_facts *f, const char *name,
		    const struct event_sink *sink)
{
	const struct event ev = { .type = EV_LINK,
				  .link = { .name = name,
					    .ifindex = f->ifindex,
					    .up = f->up,
					    .mtu = f->mtu,
					    .gre_key = f->gre_key,
					    .nbma = f->nbma,
					    .addrs = f->addrs,
					    .addr_count = f->addr_count,
					    .problem = f->problem[0] ? f->problem
								     : NULL } };

	event_put(sink, &ev);
}
