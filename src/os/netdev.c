/* SPDX-License-Identifier: MIT */
#include "netdev.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_tunnel.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/ipgre.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>

#include <nhrp/mem.h>

struct netdev {
	struct nl_sock *sock;
	struct nl_cache *links, *addrs;
};

struct netdev *netdev_new(void)
{
	struct netdev *n = mem_new(sizeof(*n));

	n->sock = nl_socket_alloc();
	if (!n->sock || nl_connect(n->sock, NETLINK_ROUTE) < 0 ||
	    rtnl_link_alloc_cache(n->sock, AF_UNSPEC, &n->links) < 0 ||
	    rtnl_addr_alloc_cache(n->sock, &n->addrs) < 0) {
		netdev_free(n);
		return NULL;
	}
	return n;
}

void netdev_free(struct netdev *n)
{
	if (!n)
		return;
	nl_cache_free(n->addrs);
	nl_cache_free(n->links);
	nl_socket_free(n->sock);
	free(n);
}

int netdev_refresh(struct netdev *n)
{
	int rc = nl_cache_refill(n->sock, n->links);

	return rc < 0 ? rc : nl_cache_refill(n->sock, n->addrs);
}

/* --- reading the picture --- */

static struct addr addr_from_nl(struct nl_addr *nl)
{
	struct addr a = { ADDR_NONE };

	if (nl &&
	    !addr_from_bytes(&a, nl_addr_get_binary_addr(nl), nl_addr_get_len(nl)))
		a = (struct addr){ ADDR_NONE };
	return a;
}

/* 0.0.0.0 stands for any there, ADDR_NONE here. */
static struct addr addr_from_gre(uint32_t net)
{
	struct addr a;

	if (net == 0 || !addr_from_bytes(&a, (const uint8_t *)&net, sizeof(net)))
		return (struct addr){ ADDR_NONE };
	return a;
}

static uint32_t addr_to_gre(const struct addr *a)
{
	uint32_t net;

	memcpy(&net, a->bytes, sizeof(net));
	return net;
}

static void read_link(struct rtnl_link *link, struct netdev_info *out)
{
	unsigned flags = rtnl_link_get_flags(link);
	const char *kind = rtnl_link_get_type(link);

	*out = (struct netdev_info){ .ifindex = rtnl_link_get_ifindex(link),
				     .mtu = rtnl_link_get_mtu(link),
				     .up = flags & IFF_UP,
				     .arp = !(flags & IFF_NOARP),
				     .multicast = flags & IFF_MULTICAST,
				     .loopback = flags & IFF_LOOPBACK };
	snprintf(out->kind, sizeof(out->kind), "%s", kind ? kind : "");
	snprintf(out->name, sizeof(out->name), "%s", rtnl_link_get_name(link));
	if (!rtnl_link_is_ipgre(link))
		return;
	out->local = addr_from_gre(rtnl_link_ipgre_get_local(link));
	out->remote = addr_from_gre(rtnl_link_ipgre_get_remote(link));
	out->bound_to = (int)rtnl_link_ipgre_get_link(link);
	out->has_key = rtnl_link_ipgre_get_oflags(link) & GRE_KEY;
	out->in_has_key = rtnl_link_ipgre_get_iflags(link) & GRE_KEY;
	out->in_key = out->in_has_key ? ntohl(rtnl_link_ipgre_get_ikey(link)) : 0;
	out->key = out->has_key ? ntohl(rtnl_link_ipgre_get_okey(link)) : 0;
}

static bool take_link(struct rtnl_link *link, struct netdev_info *out)
{
	if (!link)
		return false;
	read_link(link, out);
	rtnl_link_put(link);
	return true;
}

bool netdev_by_name(struct netdev *n, const char *name, struct netdev_info *out)
{
	return take_link(rtnl_link_get_by_name(n->links, name), out);
}

bool netdev_by_index(struct netdev *n, int ifindex, struct netdev_info *out)
{
	return take_link(rtnl_link_get(n->links, ifindex), out);
}

/* With a peer, the prefix is the peer's and says nothing about this end. */
static bool read_addr(struct nl_object *object, struct prefix *out)
{
	struct rtnl_addr *ra = (void *)object;
	struct addr peer = addr_from_nl(rtnl_addr_get_peer(ra));

	out->addr = addr_from_nl(rtnl_addr_get_local(ra));
	out->len = (uint8_t)rtnl_addr_get_prefixlen(ra);
	if (addr_is_set(&peer) && !addr_eq(&peer, &out->addr))
		out->len = addr_host_bits(&out->addr);
	return addr_is_unicast(&out->addr) &&
	       !(rtnl_addr_get_flags(ra) & IFA_F_DADFAILED);
}

static int ifindex_of(struct nl_object *object)
{
	return rtnl_addr_get_ifindex((void *)object);
}

/* Loopback addresses are no unicast addresses in the sense of addr.h. */
int netdev_with_addr(struct netdev *n, const struct addr *a)
{
	struct prefix p;

	for (struct nl_object *o = nl_cache_get_first(n->addrs); o;
	     o = nl_cache_get_next(o)) {
		if (read_addr(o, &p) && addr_eq(&p.addr, a))
			return ifindex_of(o);
	}
	return 0;
}

struct addr netdev_ip4_of(struct netdev *n, int ifindex, const struct addr *preferred)
{
	struct addr first = { ADDR_NONE };
	struct prefix p;

	for (struct nl_object *o = nl_cache_get_first(n->addrs); o;
	     o = nl_cache_get_next(o)) {
		if (ifindex_of(o) != ifindex || !read_addr(o, &p) ||
		    p.addr.family != ADDR_IP4 || addr_is_link_local(&p.addr))
			continue;
		if (addr_eq(&p.addr, preferred))
			return p.addr;
		if (!addr_is_set(&first))
			first = p.addr;
	}
	return first;
}

size_t netdev_addrs(struct netdev *n, int ifindex, struct prefix *out, size_t cap)
{
	size_t count = 0;
	struct prefix p;

	for (struct nl_object *o = nl_cache_get_first(n->addrs); o;
	     o = nl_cache_get_next(o)) {
		if ((ifindex && ifindex_of(o) != ifindex) || !read_addr(o, &p))
			continue;
		if (count < cap)
			out[count] = p;
		count++;
	}
	return count < cap ? count : cap;
}

static struct nl_addr *addr_to_nl(const struct addr *a)
{
	return nl_addr_build(a->family == ADDR_IP6 ? AF_INET6 : AF_INET, a->bytes,
			     addr_family_len(a->family));
}

struct addr netdev_source_towards(struct netdev *n, const struct addr *to, int *ifindex)
{
	struct nl_addr *dst = addr_to_nl(to);
	struct addr source = { ADDR_NONE };
	struct rtnl_route *route = NULL;

	*ifindex = 0;
	if (dst && rtnl_route_lookup(n->sock, dst, &route) == 0 && route) {
		struct rtnl_nexthop *nh = rtnl_route_nexthop_n(route, 0);

		source = addr_from_nl(rtnl_route_get_pref_src(route));
		*ifindex = nh ? rtnl_route_nh_get_ifindex(nh) : 0;
		rtnl_route_put(route);
	}
	nl_addr_put(dst);
	return source;
}

/* --- tunnel devices --- */

static uint16_t key_flag(const struct gre_want *w)
{
	return w->has_key ? GRE_KEY : 0;
}

/* The kernel has keys in network order, and libnl leaves them so. */
static uint32_t key_of(const struct gre_want *w)
{
	return w->has_key ? htonl(w->key) : 0;
}

bool netdev_gre_differs(struct netdev *n, int ifindex, const struct gre_want *w)
{
	struct rtnl_link *link = rtnl_link_get(n->links, ifindex);
	bool same;

	if (!link)
		return true;
	same = rtnl_link_ipgre_get_local(link) == addr_to_gre(&w->local) &&
	       rtnl_link_ipgre_get_remote(link) == 0 &&
	       rtnl_link_ipgre_get_link(link) == 0 &&
	       (rtnl_link_ipgre_get_iflags(link) & GRE_KEY) == key_flag(w) &&
	       (rtnl_link_ipgre_get_oflags(link) & GRE_KEY) == key_flag(w) &&
	       rtnl_link_ipgre_get_ikey(link) == key_of(w) &&
	       rtnl_link_ipgre_get_okey(link) == key_of(w) &&
	       rtnl_link_ipgre_get_ttl(link) == w->ttl &&
	       rtnl_link_get_mtu(link) == w->mtu;
	rtnl_link_put(link);
	return !same;
}

/*
 * A change of a GRE device replaces its whole state, so all attributes are sent
 * for making and for changing alike.
 */
int netdev_gre_put(struct netdev *n, int ifindex, const char *name,
		   const struct gre_want *w)
{
	struct rtnl_link *link = rtnl_link_ipgre_alloc();
	int rc;

	if (!link)
		return -NLE_NOMEM;
	if (ifindex)
		rtnl_link_set_ifindex(link, ifindex);
	else
		rtnl_link_set_name(link, name);
	rtnl_link_set_mtu(link, w->mtu);
	rtnl_link_ipgre_set_link(link, 0);
	rtnl_link_ipgre_set_local(link, addr_to_gre(&w->local));
	rtnl_link_ipgre_set_remote(link, 0);
	rtnl_link_ipgre_set_iflags(link, key_flag(w));
	rtnl_link_ipgre_set_oflags(link, key_flag(w));
	rtnl_link_ipgre_set_ikey(link, key_of(w));
	rtnl_link_ipgre_set_okey(link, key_of(w));
	rtnl_link_ipgre_set_ttl(link, w->ttl);
	rtnl_link_ipgre_set_pmtudisc(link, 1);
	rc = rtnl_link_add(n->sock, link, ifindex ? 0 : NLM_F_CREATE | NLM_F_EXCL);
	rtnl_link_put(link);
	return rc;
}

int netdev_delete(struct netdev *n, int ifindex)
{
	struct rtnl_link *link = rtnl_link_alloc();
	int rc;

	if (!link)
		return -NLE_NOMEM;
	rtnl_link_set_ifindex(link, ifindex);
	rc = rtnl_link_delete(n->sock, link);
	rtnl_link_put(link);
	return rc;
}

static int change_flags(struct netdev *n, int ifindex, unsigned set, unsigned clear)
{
	struct rtnl_link *now = rtnl_link_get(n->links, ifindex);
	struct rtnl_link *link = rtnl_link_alloc();
	int rc = -NLE_NODEV;

	if (now && link) {
		rtnl_link_set_ifindex(link, ifindex);
		rtnl_link_set_flags(link, set);
		rtnl_link_unset_flags(link, clear);
		rc = rtnl_link_change(n->sock, now, link, 0);
	}
	rtnl_link_put(link);
	rtnl_link_put(now);
	return rc;
}

int netdev_clear_noarp(struct netdev *n, int ifindex)
{
	return change_flags(n, ifindex, 0, IFF_NOARP);
}

int netdev_allow_multicast(struct netdev *n, int ifindex)
{
	return change_flags(n, ifindex, IFF_MULTICAST, 0);
}

int netdev_raise(struct netdev *n, int ifindex)
{
	return change_flags(n, ifindex, IFF_UP, 0);
}

/*
 * In the dormant mode the kernel leaves it to us to say that a device works, also
 * after it was down and up again. The first state of a tunnel, unknown, counts as up
 * and cannot be set again.
 */
int netdev_carrier(struct netdev *n, int ifindex, enum carrier state)
{
	struct rtnl_link *now = rtnl_link_get(n->links, ifindex);
	struct rtnl_link *link = rtnl_link_alloc();
	int rc = -NLE_NODEV;

	if (now && link) {
		rtnl_link_set_ifindex(link, ifindex);
		rtnl_link_set_operstate(link, state == CARRIER_OFF ? IF_OPER_DORMANT
								   : IF_OPER_UP);
		rtnl_link_set_linkmode(link, state == CARRIER_FREE
						     ? IF_LINK_MODE_DEFAULT
						     : IF_LINK_MODE_DORMANT);
		rc = rtnl_link_change(n->sock, now, link, 0);
	}
	rtnl_link_put(link);
	rtnl_link_put(now);
	return rc;
}

/* --- addresses --- */

static struct rtnl_addr *build_addr(int ifindex, const struct prefix *p)
{
	struct rtnl_addr *ra = rtnl_addr_alloc();
	struct nl_addr *local = addr_to_nl(&p->addr);

	if (ra && local) {
		rtnl_addr_set_ifindex(ra, ifindex);
		rtnl_addr_set_local(ra, local);
		rtnl_addr_set_prefixlen(ra, p->len);
	}
	nl_addr_put(local);
	return ra;
}

/* Nobody on a tunnel like this hears the question of a duplicate address. */
int netdev_addr_add(struct netdev *n, int ifindex, const struct prefix *p)
{
	struct rtnl_addr *ra = build_addr(ifindex, p);
	int rc;

	if (!ra)
		return -NLE_NOMEM;
	if (p->addr.family == ADDR_IP6)
		rtnl_addr_set_flags(ra, IFA_F_NODAD);
	rc = rtnl_addr_add(n->sock, ra, 0);
	rtnl_addr_put(ra);
	return rc;
}

int netdev_addr_del(struct netdev *n, int ifindex, const struct prefix *p)
{
	struct rtnl_addr *ra = build_addr(ifindex, p);
	int rc;

	if (!ra)
		return -NLE_NOMEM;
	rc = rtnl_addr_delete(n->sock, ra, 0);
	rtnl_addr_put(ra);
	return rc;
}
