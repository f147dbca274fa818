/* SPDX-License-Identifier: MIT */
#include "nl_msg.h"

#include <stddef.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

static uint8_t family_to_kernel(enum addr_family family)
{
	switch (family) {
	case ADDR_IP4:
		return AF_INET;
	case ADDR_IP6:
		return AF_INET6;
	case ADDR_NONE:
		break;
	}
	return AF_UNSPEC;
}

static enum addr_family family_from_kernel(uint8_t family)
{
	switch (family) {
	case AF_INET:
		return ADDR_IP4;
	case AF_INET6:
		return ADDR_IP6;
	default:
		return ADDR_NONE;
	}
}

static void put_addr(struct nlmsghdr *h, uint16_t type, const struct addr *a)
{
	mnl_attr_put(h, type, addr_family_len(a->family), a->bytes);
}

/* With this room the rest of a message needs no check: none is longer. */
static struct nlmsghdr *start(void *buf, size_t cap, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *h;

	if (cap < NL_MSG_MAX)
		return NULL;
	h = mnl_nlmsg_put_header(buf);
	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | flags;
	return h;
}

/* --- neighbours --- */

static struct nlmsghdr *start_neigh(void *buf, size_t cap, uint16_t type,
				    uint16_t flags, const struct act_neigh *a)
{
	struct nlmsghdr *h = start(buf, cap, type, flags);
	struct ndmsg *nd;

	if (!h || !addr_is_set(&a->proto))
		return NULL;
	nd = mnl_nlmsg_put_extra_header(h, sizeof(*nd));
	nd->ndm_family = family_to_kernel(a->proto.family);
	nd->ndm_ifindex = a->ifindex;
	put_addr(h, NDA_DST, &a->proto);
	return h;
}

/*
 * Without NLM_F_ACK: the kernel reports a refusal in any case, and success is
 * what ten thousand changes a second are about. A failed entry is not marked
 * NTF_EXT_LEARNED, so that the kernel may collect it.
 */
size_t nl_msg_neigh_set(void *buf, size_t cap, const struct act_neigh *a)
{
	struct nlmsghdr *h =
		start_neigh(buf, cap, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, a);
	struct ndmsg *nd;

	if (!h)
		return 0;
	nd = mnl_nlmsg_get_payload(h);
	nd->ndm_state = NUD_FAILED;
	if (addr_is_set(&a->nbma)) {
		nd->ndm_state = a->ask_use ? NUD_STALE : NUD_REACHABLE;
		nd->ndm_flags = NTF_EXT_LEARNED;
		put_addr(h, NDA_LLADDR, &a->nbma);
	}
	mnl_attr_put_u8(h, NDA_PROTOCOL, NL_PROTOCOL);
	return h->nlmsg_len;
}

size_t nl_msg_neigh_del(void *buf, size_t cap, const struct act_neigh *a)
{
	struct nlmsghdr *h = start_neigh(buf, cap, RTM_DELNEIGH, 0, a);

	return h ? h->nlmsg_len : 0;
}

size_t nl_msg_neigh_dump(void *buf, size_t cap, int ifindex)
{
	struct nlmsghdr *h = start(buf, cap, RTM_GETNEIGH, NLM_F_DUMP);

	if (!h)
		return 0;
	mnl_nlmsg_put_extra_header(h, sizeof(struct ndmsg));
	mnl_attr_put_u32(h, NDA_IFINDEX, (uint32_t)ifindex);
	return h->nlmsg_len;
}

size_t nl_msg_neigh_get(void *buf, size_t cap, int ifindex, const struct addr *proto)
{
	const struct act_neigh a = { .ifindex = ifindex, .proto = *proto };
	struct nlmsghdr *h = start_neigh(buf, cap, RTM_GETNEIGH, 0, &a);

	return h ? h->nlmsg_len : 0;
}

/* Reads an address attribute of whatever length; other lengths leave it unset. */
static void read_addr(struct addr *out, const struct nlattr *attr)
{
	if (!addr_from_bytes(out, mnl_attr_get_payload(attr),
			     mnl_attr_get_payload_len(attr)))
		*out = (struct addr){ ADDR_NONE };
}

/* A number of fewer octets than asked for is malformed and reads as 0. */
static uint32_t read_u32(const struct nlattr *attr)
{
	return mnl_attr_get_payload_len(attr) >= sizeof(uint32_t)
		       ? mnl_attr_get_u32(attr)
		       : 0;
}

static int read_neigh_attr(const struct nlattr *attr, void *entry)
{
	struct nl_neigh_entry *out = entry;

	switch (mnl_attr_get_type(attr)) {
	case NDA_DST:
		read_addr(&out->proto, attr);
		break;
	case NDA_LLADDR:
		read_addr(&out->nbma, attr);
		break;
	case NDA_PROTOCOL:
		if (mnl_attr_get_payload_len(attr) >= 1)
			out->protocol = mnl_attr_get_u8(attr);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

bool nl_msg_neigh_parse(struct nl_neigh_entry *out, const struct nlmsghdr *h)
{
	const struct ndmsg *nd = mnl_nlmsg_get_payload(h);

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*nd))
		return false;
	*out = (struct nl_neigh_entry){ .ifindex = nd->ndm_ifindex,
					.state = nd->ndm_state };
	mnl_attr_parse(h, sizeof(*nd), read_neigh_attr, out);
	return addr_is_set(&out->proto) &&
	       out->proto.family == family_from_kernel(nd->ndm_family);
}

/* --- routes --- */

/* What all our routes have. */
static struct nlmsghdr *start_own(void *buf, size_t cap, uint16_t type, uint16_t flags,
				  const struct prefix *to, uint32_t table)
{
	struct nlmsghdr *h = start(buf, cap, type, flags);
	struct prefix dst = prefix_masked(to);
	struct rtmsg *rt;

	if (!h || !addr_is_set(&dst.addr))
		return NULL;
	rt = mnl_nlmsg_put_extra_header(h, sizeof(*rt));
	rt->rtm_family = family_to_kernel(dst.addr.family);
	rt->rtm_dst_len = dst.len;
	rt->rtm_table = table <= UINT8_MAX ? (uint8_t)table : RT_TABLE_UNSPEC;
	rt->rtm_protocol = NL_PROTOCOL;
	put_addr(h, RTA_DST, &dst.addr);
	mnl_attr_put_u32(h, RTA_TABLE, table);
	return h;
}

/*
 * A gateway is on the device even where no subnet there covers it: with host
 * prefixes none does.
 */
static struct nlmsghdr *start_route(void *buf, size_t cap, uint16_t type,
				    uint16_t flags, const struct act_route *r)
{
	struct rtmsg *rt;
	struct nlmsghdr *h = start_own(buf, cap, type, flags, &r->dst, r->table);

	if (!h)
		return NULL;
	rt = mnl_nlmsg_get_payload(h);
	rt->rtm_scope = RT_SCOPE_LINK;
	rt->rtm_type = RTN_UNICAST;
	if (addr_is_set(&r->gateway)) {
		rt->rtm_protocol = NL_SHORTCUT_PROTOCOL;
		rt->rtm_scope = RT_SCOPE_UNIVERSE;
		rt->rtm_flags = RTNH_F_ONLINK;
	}
	mnl_attr_put_u32(h, RTA_OIF, (uint32_t)r->ifindex);
	mnl_attr_put_u32(h, RTA_PRIORITY, NL_ROUTE_METRIC);
	if (addr_is_set(&r->gateway))
		put_addr(h, RTA_GATEWAY, &r->gateway);
	return h;
}

size_t nl_msg_route_set(void *buf, size_t cap, const struct act_route *r)
{
	struct nlmsghdr *h =
		start_route(buf, cap, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, r);

	return h ? h->nlmsg_len : 0;
}

size_t nl_msg_route_del(void *buf, size_t cap, const struct act_route *r)
{
	struct nlmsghdr *h = start_route(buf, cap, RTM_DELROUTE, 0, r);

	return h ? h->nlmsg_len : 0;
}

static size_t unreachable(void *buf, size_t cap, uint16_t type, uint16_t flags,
			  const struct prefix *dst, uint32_t table)
{
	struct rtmsg *rt;
	struct nlmsghdr *h = start_own(buf, cap, type, flags, dst, table);

	if (!h)
		return 0;
	rt = mnl_nlmsg_get_payload(h);
	rt->rtm_type = RTN_UNREACHABLE;
	mnl_attr_put_u32(h, RTA_PRIORITY, NL_GUARD_METRIC);
	return h->nlmsg_len;
}

size_t nl_msg_unreachable_set(void *buf, size_t cap, const struct prefix *dst,
			      uint32_t table)
{
	return unreachable(buf, cap, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, dst,
			   table);
}

size_t nl_msg_unreachable_del(void *buf, size_t cap, const struct prefix *dst,
			      uint32_t table)
{
	return unreachable(buf, cap, RTM_DELROUTE, 0, dst, table);
}

static struct nlmsghdr *start_get(void *buf, size_t cap, uint16_t flags,
				  enum addr_family family)
{
	struct nlmsghdr *h = start(buf, cap, RTM_GETROUTE, flags);
	struct rtmsg *rt;

	if (!h)
		return NULL;
	rt = mnl_nlmsg_put_extra_header(h, sizeof(*rt));
	rt->rtm_family = family_to_kernel(family);
	return h;
}

size_t nl_msg_route_dump(void *buf, size_t cap, int ifindex, enum addr_family family)
{
	struct nlmsghdr *h = start_get(buf, cap, NLM_F_DUMP, family);
	struct rtmsg *rt;

	if (!h)
		return 0;
	rt = mnl_nlmsg_get_payload(h);
	rt->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(h, RTA_OIF, (uint32_t)ifindex);
	return h->nlmsg_len;
}

size_t nl_msg_unreachable_dump(void *buf, size_t cap, enum addr_family family)
{
	struct nlmsghdr *h = start_get(buf, cap, NLM_F_DUMP, family);
	struct rtmsg *rt;

	if (!h)
		return 0;
	rt = mnl_nlmsg_get_payload(h);
	rt->rtm_type = RTN_UNREACHABLE;
	rt->rtm_protocol = NL_PROTOCOL;
	return h->nlmsg_len;
}

/* The route as it stands in the table, rather than what it says of this address. */
size_t nl_msg_route_lookup(void *buf, size_t cap, const struct addr *dst)
{
	struct nlmsghdr *h = start_get(buf, cap, 0, (enum addr_family)dst->family);
	struct rtmsg *rt;

	if (!h || !addr_is_set(dst))
		return 0;
	rt = mnl_nlmsg_get_payload(h);
	rt->rtm_dst_len = addr_host_bits(dst);
	rt->rtm_flags = RTM_F_FIB_MATCH;
	put_addr(h, RTA_DST, dst);
	return h->nlmsg_len;
}

struct hop {
	int ifindex;
	struct addr gateway;
};

/* RTA_VIA: the gateway is of another family than the route. */
static void read_via(struct addr *out, const struct nlattr *attr)
{
	const uint8_t *bytes = mnl_attr_get_payload(attr);
	size_t len = mnl_attr_get_payload_len(attr);
	const size_t at = offsetof(struct rtvia, rtvia_addr);

	if (len < at || !addr_from_bytes(out, bytes + at, len - at))
		*out = (struct addr){ ADDR_NONE };
}

static int read_hop_attr(const struct nlattr *attr, void *hop)
{
	struct hop *out = hop;

	switch (mnl_attr_get_type(attr)) {
	case RTA_OIF:
		out->ifindex = (int)read_u32(attr);
		break;
	case RTA_GATEWAY:
		read_addr(&out->gateway, attr);
		break;
	case RTA_VIA:
		read_via(&out->gateway, attr);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

struct hop_visit {
	void (*each)(void *ctx, int ifindex, const struct addr *gateway);
	void *ctx;
};

static void visit_several(const struct hop_visit *v, const struct nlattr *multipath)
{
	const struct rtnexthop *nh = mnl_attr_get_payload(multipath);
	size_t left = mnl_attr_get_payload_len(multipath);

	while (left >= sizeof(*nh) && nh->rtnh_len >= sizeof(*nh) &&
	       nh->rtnh_len <= left) {
		size_t step = RTNH_ALIGN(nh->rtnh_len);
		struct hop hop = { 0 };

		mnl_attr_parse_payload(nh + 1, nh->rtnh_len - sizeof(*nh),
				       read_hop_attr, &hop);
		v->each(v->ctx, nh->rtnh_ifindex, &hop.gateway);
		if (step > left)
			break;
		left -= step;
		nh = (const void *)((const uint8_t *)nh + step);
	}
}

static int visit_attr(const struct nlattr *attr, void *visit)
{
	if (mnl_attr_get_type(attr) == RTA_MULTIPATH)
		visit_several(visit, attr);
	return MNL_CB_OK;
}

/* A route has either one next hop, as attributes of its own, or several. */
void nl_msg_route_hops(const struct nlmsghdr *h,
		       void (*each)(void *ctx, int ifindex, const struct addr *gateway),
		       void *ctx)
{
	struct hop_visit v = { each, ctx };
	struct hop single = { 0 };

	mnl_attr_parse(h, sizeof(struct rtmsg), read_hop_attr, &single);
	if (single.ifindex)
		each(ctx, single.ifindex, &single.gateway);
	else
		mnl_attr_parse(h, sizeof(struct rtmsg), visit_attr, &v);
}

static void take_first_hop(void *entry, int ifindex, const struct addr *gateway)
{
	struct nl_route_entry *out = entry;

	if (out->ifindex)
		return;
	out->ifindex = ifindex;
	out->gateway = *gateway;
}

static int read_route_attr(const struct nlattr *attr, void *entry)
{
	struct nl_route_entry *out = entry;

	switch (mnl_attr_get_type(attr)) {
	case RTA_DST:
		read_addr(&out->dst.addr, attr);
		break;
	case RTA_TABLE:
		out->table = read_u32(attr);
		break;
	case RTA_PRIORITY:
		out->metric = read_u32(attr);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

bool nl_msg_route_parse(struct nl_route_entry *out, const struct nlmsghdr *h)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(h);

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*rt))
		return false;
	*out = (struct nl_route_entry){ .protocol = rt->rtm_protocol,
					.type = rt->rtm_type,
					.table = rt->rtm_table };
	out->dst.len = rt->rtm_dst_len;
	/* A default route has no RTA_DST. */
	out->dst.addr.family = (uint8_t)family_from_kernel(rt->rtm_family);
	mnl_attr_parse(h, sizeof(*rt), read_route_attr, out);
	nl_msg_route_hops(h, take_first_hop, out);
	return addr_is_set(&out->dst.addr) &&
	       out->dst.addr.family == family_from_kernel(rt->rtm_family) &&
	       out->dst.len <= addr_host_bits(&out->dst.addr);
}

bool nl_msg_route_is_own(const struct nl_route_entry *route)
{
	return (route->protocol == NL_PROTOCOL ||
		route->protocol == NL_SHORTCUT_PROTOCOL) &&
	       route->metric == NL_ROUTE_METRIC;
}

/* A next hop that is not told, as of an object with nexthop_compat_mode 0, is none. */
static enum lookup_kind kind_of(const struct nl_route_entry *route)
{
	switch (route->type) {
	case RTN_UNICAST:
		return route->ifindex ? LOOKUP_UNICAST : LOOKUP_UNREACHABLE;
	case RTN_LOCAL:
	case RTN_ANYCAST:
		return LOOKUP_LOCAL;
	default: /* it refuses, or is for many */
		return LOOKUP_UNREACHABLE;
	}
}

struct ev_lookup nl_msg_route_answer(const struct nl_route_entry *route)
{
	return (struct ev_lookup){ .kind = kind_of(route),
				   .ifindex = route->ifindex,
				   .gateway = route->gateway,
				   .matched = route->dst,
				   .ours = route->protocol == NL_PROTOCOL ||
					   nl_msg_route_is_own(route) };
}
