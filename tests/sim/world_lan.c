/* SPDX-License-Identifier: MIT */
/* Routing behind the nodes, and data packets that follow it. */
#include "world_int.h"

#include <stdio.h>
#include <string.h>

#include "../unit/unit.h"

#define HOPS_MAX 8

/* --- the fake kernel's routes --------------------------------------------------- */

static struct forwarding *find(struct node *n, const struct prefix *dst)
{
	for (size_t k = 0; k < ARRAY_SIZE(n->others); k++) {
		if (n->others[k].used && prefix_eq(&n->others[k].dst, dst))
			return &n->others[k];
	}
	return NULL;
}

/* What nhrpd watches is told when it overlaps. */
static void tell_change(struct node *n, const struct forwarding *f, bool removed)
{
	struct event ev = { EV_ROUTE,
			    .route = { .fact = removed ? ROUTE_OTHER_GONE : ROUTE_OTHER,
				       .ifindex = n->ifindex,
				       .dst = f->dst,
				       .gateway = f->gateway } };

	if (n->deaf)
		return;
	if (!f->lan)
		world_handle(n, &ev);
	ev.route.fact = ROUTE_CHANGED;
	ev.route.ifindex = f->lan ? LAN_IFINDEX : n->ifindex;
	ev.route.cause = f->dst;
	ev.route.removed = removed;
	for (size_t k = 0; k < n->watched_count; k++) {
		ev.route.dst = n->watched[k];
		if (prefix_contains(&f->dst, &ev.route.dst.addr) ||
		    prefix_contains(&ev.route.dst, &f->dst.addr))
			world_handle(n, &ev);
	}
}

void world_tell_doubt(struct node *n)
{
	/* What is told may change what is watched. */
	for (size_t k = n->watched_count; k-- > 0;) {
		struct event ev = { EV_ROUTE, .route = { .fact = ROUTE_CHANGED } };

		if (k >= n->watched_count)
			continue;
		ev.route.dst = n->watched[k];
		world_handle(n, &ev);
	}
}

static void add(struct node *n, const struct forwarding *f)
{
	for (size_t k = 0; k < ARRAY_SIZE(n->others); k++) {
		if (n->others[k].used)
			continue;
		n->others[k] = *f;
		tell_change(n, f, false);
		return;
	}
	fail_msg("more routes than the fake kernel holds");
}

void world_lan(struct world *w, int node, const char *prefix)
{
	struct prefix p = unit_prefix(prefix);

	add(world_node(w, node),
	    &(struct forwarding){ true, true, prefix_masked(&p), { 0 } });
}

int world_verdict_ifindex(const struct node *n, const struct verdict *v)
{
	if (v->kind == LOOKUP_LOCAL)
		return LO_IFINDEX;
	return v->tunnel ? n->ifindex : LAN_IFINDEX;
}

void world_tell_lan(struct node *n)
{
	if (n->deaf)
		return;
	world_handle(n, &(struct event){ EV_LINK,
					 .link = { .name = "lan0",
						   .ifindex = LAN_IFINDEX,
						   .up = !n->lan_down,
						   .addrs = &n->lan_addr,
						   .addr_count = addr_is_set(
							   &n->lan_addr.addr) } });
}

void world_lan_addr(struct world *w, int node, const char *addr)
{
	struct node *n = world_node(w, node);

	n->lan_addr = unit_prefix(addr);
	world_tell_lan(n);
}

void world_lan_down(struct world *w, int node, const char *prefix)
{
	struct node *n = world_node(w, node);

	n->lan_down = true;
	world_tell_lan(n);
	world_unroute(w, node, prefix);
}

void world_lan_up(struct world *w, int node, const char *prefix)
{
	struct node *n = world_node(w, node);

	n->lan_down = false;
	world_lan(w, node, prefix);
	world_tell_lan(n);
}

void world_route_via(struct world *w, int node, const char *prefix, const char *via)
{
	add(world_node(w, node),
	    &(struct forwarding){ true, false, unit_prefix(prefix), unit_addr(via) });
}

void world_unroute(struct world *w, int node, const char *prefix)
{
	struct node *n = world_node(w, node);
	struct prefix p = unit_prefix(prefix);
	struct forwarding *f = find(n, &p), copy;

	assert_non_null(f);
	copy = *f;
	f->used = false;
	tell_change(n, &copy, true);
}

void world_refuse_route(struct world *w, int node, const char *prefix, int error)
{
	struct node *n = world_node(w, node);
	struct prefix p = unit_prefix(prefix);
	struct kroute *r = world_route(n, &p);

	assert_non_null(r);
	r->used = false;
	world_unsettle(n);
	world_handle(n, &(struct event){ EV_ROUTE, .route = { .fact = ROUTE_FAILED,
							      .ifindex = n->ifindex,
							      .dst = p,
							      .error = error } });
}

void world_refuse_neigh(struct world *w, int node, const char *proto, int error)
{
	struct node *n = world_node(w, node);
	struct addr a = unit_addr(proto);

	world_del_neigh(n, &a);
	world_unsettle(n);
	world_handle(n, &(struct event){ EV_NEIGH, .neigh = { .fact = NEIGH_FAILED,
							      .ifindex = n->ifindex,
							      .proto = a,
							      .error = error } });
}

static void better(struct verdict *best, const struct verdict *v, int *best_len)
{
	int len = v->matched.len;

	/* Ours has the lower metric of two by the tunnel. */
	if (len < *best_len || (len == *best_len && !(v->ours && best->tunnel)))
		return;
	*best = *v;
	*best_len = len;
}

/* In a subnet of the tunnel's device. */
static void on_tunnel(const struct node *n, const struct prefix *own,
		      const struct addr *dst, struct verdict *best, int *len)
{
	if (n->device && n->up && addr_is_set(&own->addr) && prefix_contains(own, dst))
		better(best,
		       &(struct verdict){ LOOKUP_UNICAST,
					  true,
					  false,
					  false,
					  { 0 },
					  prefix_masked(own) },
		       len);
}

struct verdict world_route_of(struct node *n, const struct addr *dst)
{
	struct verdict best = { .kind = LOOKUP_UNREACHABLE };
	int len = -1;

	/* An address is the router's own also while its device is down. */
	if (addr_eq(&n->addr.addr, dst) || addr_eq(&n->beside.addr, dst) ||
	    addr_eq(&n->lan_addr.addr, dst))
		return (struct verdict){ .kind = LOOKUP_LOCAL,
					 .matched = prefix_host(dst) };
	on_tunnel(n, &n->addr, dst, &best, &len);
	on_tunnel(n, &n->beside, dst, &best, &len);
	for (size_t k = 0; k < ARRAY_SIZE(n->others); k++) {
		const struct forwarding *f = &n->others[k];

		if (f->used && prefix_contains(&f->dst, dst))
			better(&best,
			       &(struct verdict){ LOOKUP_UNICAST, !f->lan, f->lan,
						  false, f->gateway, f->dst },
			       &len);
	}
	for (size_t k = 0; k < ARRAY_SIZE(n->routes); k++) {
		const struct kroute *r = &n->routes[k];

		if (r->used && prefix_contains(&r->dst, dst))
			better(&best,
			       &(struct verdict){ LOOKUP_UNICAST, true, false, true,
						  r->gateway, r->dst },
			       &len);
	}
	return best;
}

const char *world_shortcut(struct world *w, int node, const char *prefix)
{
	struct prefix p = unit_prefix(prefix);
	const struct kroute *r = world_route(world_node(w, node), &p);

	if (!r)
		return "";
	snprintf(w->text, sizeof(w->text), "%s",
		 addr_is_set(&r->gateway) ? ADDR_STR(&r->gateway) : "on-link");
	return w->text;
}

/* --- data ------------------------------------------------------------------------- */

static struct node *next_node(struct world *w, struct node *n, const struct addr *hop)
{
	struct neigh *k;

	world_traffic_to(w, n->number, hop);
	k = world_neigh(n, hop);
	if (!k || k->state != KERNEL_VALID || !world_protects(n, &k->nbma))
		return NULL;
	for (int i = 0; i < w->count; i++) {
		struct node *to = w->nodes[i];
		struct addr out = world_outside(to);

		if (addr_eq(&out, &k->nbma))
			return world_passes(n, to) ? to : NULL;
	}
	return NULL;
}

/* An IP header and eight octets, as the kernel's sample has them. */
static void sample(struct node *n, const struct addr *src, const struct addr *dst)
{
	static const uint8_t ip4[12] = { 0x45, 0, 0, 84, 0, 0, 0, 0, 62, 1 };
	static const uint8_t ip6[8] = { 0x60, 0, 0, 0, 0, 64, 58, 62 };
	uint8_t packet[48] = { 0 };
	bool is6 = src->family == ADDR_IP6;
	size_t at = is6 ? sizeof(ip6) : sizeof(ip4), len = addr_host_bits(src) / 8;
	struct event ev = { EV_SAMPLE, .sample = { n->ifindex, n->ifindex, packet,
						   at + 2 * len + 8 } };

	memcpy(packet, is6 ? ip6 : ip4, at);
	memcpy(packet + at, src->bytes, len);
	memcpy(packet + at + len, dst->bytes, len);
	world_handle(n, &ev);
}

int world_data(struct world *w, int node, const char *src, const char *dst)
{
	struct addr from = unit_addr(src), to = unit_addr(dst);
	struct node *n = world_node(w, node);
	bool by_tunnel = false;

	for (int hops = 0; hops < HOPS_MAX; hops++) {
		struct verdict v = world_route_of(n, &to);

		if (v.kind == LOOKUP_UNREACHABLE)
			return 0;
		if (v.kind == LOOKUP_LOCAL || v.lan)
			return hops;
		if (by_tunnel)
			sample(n, &from, &to);
		n = next_node(w, n, addr_is_set(&v.gateway) ? &v.gateway : &to);
		if (!n)
			return 0;
		by_tunnel = true;
	}
	if (!w->tolerant)
		fail_msg("seed %llu: a data packet circles",
			 (unsigned long long)w->seed);
	return 0;
}
