/* SPDX-License-Identifier: MIT */
/*
 * Any octets as what arrives from rtnetlink: each message is tried as a neighbour
 * and as a route. What is read is of a known family, and what the daemon would
 * write of it is read again as the same.
 */
#include "fuzz.h"

#include <string.h>

#include <linux/rtnetlink.h>

#include "../../src/os/nl_msg.h"
#include "netlink.h"

static void write_neigh(const struct nl_neigh_entry *n)
{
	_Alignas(struct nlmsghdr) uint8_t buf[NL_MSG_MAX];
	struct act_neigh a = { n->ifindex, n->proto, n->nbma, false };
	struct nl_neigh_entry again;
	size_t len = nl_msg_neigh_set(buf, sizeof(buf), &a);

	if (!addr_is_set(&n->proto)) {
		MUST_HOLD(len == 0);
		return;
	}
	MUST_HOLD(len > 0 && len <= sizeof(buf));
	MUST_HOLD(nl_msg_neigh_parse(&again, (const void *)buf));
	MUST_HOLD(again.ifindex == n->ifindex && again.protocol == NL_PROTOCOL);
	MUST_HOLD(addr_eq(&again.proto, &n->proto) && addr_eq(&again.nbma, &n->nbma));
}

static void write_route(const struct nl_route_entry *r)
{
	_Alignas(struct nlmsghdr) uint8_t buf[NL_MSG_MAX];
	struct act_route a = { r->ifindex, r->dst, r->gateway, r->table };
	struct prefix dst = prefix_masked(&r->dst);
	struct nl_route_entry again;
	size_t len;

	/* the daemon's own lead by a gateway of their family */
	if (addr_is_set(&a.gateway) && a.gateway.family != a.dst.addr.family)
		a.gateway.family = ADDR_NONE;
	len = nl_msg_route_set(buf, sizeof(buf), &a);
	MUST_HOLD(len > 0 && len <= sizeof(buf));
	MUST_HOLD(nl_msg_route_parse(&again, (const void *)buf));
	MUST_HOLD(prefix_eq(&again.dst, &dst) && again.table == r->table);
	MUST_HOLD(again.ifindex == r->ifindex && again.type == RTN_UNICAST);
	MUST_HOLD(addr_is_set(&again.gateway) == addr_is_set(&a.gateway));
}

static void count_hop(void *hops, int ifindex, const struct addr *gateway)
{
	(void)ifindex;
	MUST_HOLD(gateway->family <= ADDR_IP6);
	++*(unsigned *)hops;
}

static void try_route(const struct nlmsghdr *h)
{
	struct nl_route_entry r;
	struct ev_lookup answer;
	unsigned hops = 0;

	if (!nl_msg_route_parse(&r, h))
		return;
	MUST_HOLD(r.dst.len <= addr_host_bits(&r.dst.addr));
	nl_msg_route_hops(h, count_hop, &hops);
	MUST_HOLD(hops > 0 || (r.ifindex == 0 && !addr_is_set(&r.gateway)));
	answer = nl_msg_route_answer(&r);
	MUST_HOLD(answer.kind <= LOOKUP_UNICAST && prefix_eq(&answer.matched, &r.dst));
	MUST_HOLD(answer.kind != LOOKUP_UNICAST || answer.ifindex != 0);
	if (r.ifindex)
		write_route(&r);
}

static void try_message(const struct nlmsghdr *h)
{
	struct nl_neigh_entry n;

	if (nl_msg_neigh_parse(&n, h))
		write_neigh(&n);
	try_route(h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	netlink_each(data, size, try_message);
	return 0;
}
