/* SPDX-License-Identifier: MIT */
/*
 * The order in which the kernel learns what the engine wants of its neighbours and
 * routes. Each table has its own queue, and both leave when the turn is over: first
 * the neighbours, so that one is there before a route leads to it. But one that goes
 * must still be there until the last route to it is gone, since what is led to a dead
 * entry is dropped. So the removal of a route leaves before the next word about a
 * neighbour.
 */
#include "daemon.h"

#include <nhrp/nl_neigh.h>
#include <nhrp/nl_route.h>

void tables_flush(struct daemon *d)
{
	nl_neigh_flush(d->neigh);
	nl_route_flush(d->route);
	d->route_goes = false;
}

void tables_neigh_set(struct daemon *d, const struct act_neigh *a)
{
	/* It may refuse the packets to it from now on. */
	if (d->route_goes)
		tables_flush(d);
	nl_neigh_set(d->neigh, a);
}

void tables_neigh_del(struct daemon *d, const struct act_neigh *a)
{
	if (d->route_goes)
		tables_flush(d);
	nl_neigh_del(d->neigh, a);
}

void tables_route_set(struct daemon *d, const struct act_route *a)
{
	nl_route_set(d->route, a);
}

void tables_route_del(struct daemon *d, const struct act_route *a)
{
	nl_route_del(d->route, a);
	d->route_goes = true;
}
