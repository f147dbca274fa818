/* SPDX-License-Identifier: MIT */
/*
 * Events to the engine, its actions to the adapters. Adapters only queue what
 * they are given; daemon_flush() sends it when the turn of the loop is over, so
 * what sixty-four packets caused leaves in one batch.
 */
#include "daemon.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include <nhrp/copier.h>
#include <nhrp/firewall.h>
#include <nhrp/guard.h>
#include <nhrp/guard_route.h>
#include <nhrp/hook.h>
#include <nhrp/ike.h>
#include <nhrp/mem.h>
#include <nhrp/nhrp_sock.h>
#include <nhrp/nl_link.h>
#include <nhrp/nl_lookup.h>
#include <nhrp/nl_log.h>
#include <nhrp/nl_neigh.h>
#include <nhrp/nl_route.h>
#include <nhrp/resolver.h>
#include <nhrp/state_file.h>

#include "ctl_cmds.h"

/* A device of the configuration that exists. */
struct device {
	struct device *next;
	char name[CONF_IFNAME_MAX];
	int ifindex;
};

static void device_remove(struct daemon *d, struct device *dev)
{
	nl_neigh_unwatch(d->neigh, dev->ifindex);
	nl_route_unwatch(d->route, dev->ifindex);
	LL_DELETE(d->devices, dev);
	free(dev);
}

static void device_add(struct daemon *d, const struct ev_link *link)
{
	struct device *dev = mem_new(sizeof(*dev));

	strncpy(dev->name, link->name, sizeof(dev->name) - 1);
	dev->ifindex = link->ifindex;
	LL_PREPEND(d->devices, dev);
	nl_neigh_watch(d->neigh, dev->ifindex);
}

/* Before the engine asks for the neighbours of a device, they are watched. */
static void follow_device(struct daemon *d, const struct ev_link *link)
{
	struct device *dev;

	LL_FOREACH (d->devices, dev) {
		if (strcmp(dev->name, link->name) == 0)
			break;
	}
	if (dev && dev->ifindex == link->ifindex)
		return;
	if (dev)
		device_remove(d, dev);
	if (link->ifindex)
		device_add(d, link);
}

/* Where calls come in, before the engine wants to make one. */
static void follow_link(struct daemon *d, const struct ev_link *link)
{
	follow_device(d, link);
	ike_local(d->ike, link->name, &link->nbma);
}

void daemon_forget_devices(struct daemon *d)
{
	while (d->devices)
		device_remove(d, d->devices);
}

static int64_t wall_offset_us(const struct daemon *d)
{
	return loop_wall_us(d->loop) - loop_now(d->loop).us;
}

static void act(struct daemon *d, const struct action *a)
{
	switch (a->type) {
	case ACT_SEND:
		nhrp_sock_send(d->sock, &a->send);
		break;
	case ACT_NEIGH_SET:
		tables_neigh_set(d, &a->neigh);
		break;
	case ACT_NEIGH_DEL:
		tables_neigh_del(d, &a->neigh);
		break;
	case ACT_NEIGH_DUMP:
		nl_neigh_dump(d->neigh, a->dump.ifindex);
		break;
	case ACT_ROUTE_SET:
		tables_route_set(d, &a->route);
		break;
	case ACT_ROUTE_DEL:
		tables_route_del(d, &a->route);
		break;
	case ACT_ROUTE_DUMP:
		/* Of tunnels; by a LAN there may be very many, and nobody asks. */
		nl_route_watch(d->route, a->dump.ifindex);
		nl_route_dump(d->route, a->dump.ifindex);
		break;
	case ACT_WATCH_SET:
		nl_route_watch_prefix(d->route, &a->watch);
		break;
	case ACT_WATCH_DEL:
		nl_route_unwatch_prefix(d->route, &a->watch);
		break;
	case ACT_LOOKUP:
		nl_lookup_ask(d->lookup, &a->lookup);
		break;
	case ACT_RESOLVE_NAME:
		resolver_ask(d->resolver, &a->name);
		break;
	case ACT_COPY_ADD:
		copier_add(d->copier, &a->copy);
		break;
	case ACT_COPY_DEL:
		copier_del(d->copier, &a->copy);
		break;
	case ACT_HOOK:
		hook_run(d->hook, &a->hook);
		break;
	case ACT_SA:
		ike_act(d->ike, &a->sa);
		break;
	case ACT_CARRIER:
		nl_link_carrier(d->link, &a->carrier);
		break;
	case ACT_STATE_PUT:
		state_file_put(d->state, &a->state, wall_offset_us(d));
		break;
	case ACT_STATE_DEL:
		state_file_del(d->state, a->state.slot);
		break;
	case ACT_ANSWER:
		ctl_cmds_answer(d, &a->answer);
		break;
	case ACT_STOPPED:
		daemon_stopped(d);
		break;
	}
}

void daemon_handle(struct daemon *d, const struct event *ev)
{
	const struct action *a;

	if (ev->type == EV_LINK)
		follow_link(d, &ev->link);
	engine_handle(d->engine, ev, loop_now(d->loop));
	while ((a = engine_next_action(d->engine)))
		act(d, a);
}

/* The kernel's tables first: an answer may bring traffic at once. */
void daemon_flush(struct daemon *d)
{
	tables_flush(d);
	nl_lookup_flush(d->lookup);
	nhrp_sock_flush(d->sock);
	loop_set_deadline(d->loop, engine_deadline(d->engine));
}

void daemon_resync(struct daemon *d)
{
	nl_neigh_resync(d->neigh);
	nl_route_resync(d->route);
}

void daemon_show_counters(const struct daemon *d, struct show_sink *sink)
{
	nhrp_sock_show(d->sock, sink);
	nl_neigh_show(d->neigh, sink);
	nl_route_show(d->route, sink);
	nl_lookup_show(d->lookup, sink);
	nl_log_show(d->samples, sink);
	copier_show(d->copier, sink);
	firewall_show(d->firewall, sink);
	guard_show(d->guard, sink);
	guard_route_show(d->guard_route, sink);
	hook_show(d->hook, sink);
	ike_show(d->ike, sink);
}
