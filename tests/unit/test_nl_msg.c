/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <sys/socket.h>

#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "../../src/os/nl_msg.h"

/*
 * What the kernel's headers say a message is, written out field by field; an
 * attribute holds its length with the four octets of its own header.
 */
struct attr_u32 {
	uint16_t len, type;
	uint32_t value;
};
struct attr_ip4 {
	uint16_t len, type;
	uint8_t bytes[4];
};
struct attr_ip6 {
	uint16_t len, type;
	uint8_t bytes[16];
};
struct attr_u8 {
	uint16_t len, type;
	uint8_t value, pad[3];
};

static _Alignas(8) uint8_t buf[NL_MSG_MAX];

static void assert_message(size_t len, const void *wanted, size_t wanted_len)
{
	assert_int_equal(len, wanted_len);
	assert_memory_equal(buf, wanted, wanted_len);
}

static void a_neighbour_is_reachable_and_learnt_from_outside(void **state)
{
	const struct act_neigh a = { 7, unit_addr("10.0.0.2"), unit_addr("203.0.113.9"),
				     false };
	const struct {
		struct nlmsghdr h;
		struct ndmsg nd;
		struct attr_ip4 dst, lladdr;
		struct attr_u8 protocol;
	} wanted = {
		{ sizeof(wanted), RTM_NEWNEIGH,
		  NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE, 0, 0 },
		{ .ndm_family = AF_INET,
		  .ndm_ifindex = 7,
		  .ndm_state = NUD_REACHABLE,
		  .ndm_flags = NTF_EXT_LEARNED },
		{ 8, NDA_DST, { 10, 0, 0, 2 } },
		{ 8, NDA_LLADDR, { 203, 0, 113, 9 } },
		{ 5, NDA_PROTOCOL, 77, { 0 } },
	};

	(void)state;
	assert_message(nl_msg_neigh_set(buf, sizeof(buf), &a), &wanted, sizeof(wanted));
}

static void an_entry_is_written_stale_to_ask_whether_it_is_in_use(void **state)
{
	const struct act_neigh a = { 7, unit_addr("10.0.0.2"), unit_addr("203.0.113.9"),
				     true };
	const struct ndmsg *nd = (const void *)((const char *)buf + NLMSG_HDRLEN);

	(void)state;
	assert_true(nl_msg_neigh_set(buf, sizeof(buf), &a) > 0);
	assert_int_equal(nd->ndm_state, NUD_STALE);
	assert_int_equal(nd->ndm_flags, NTF_EXT_LEARNED);
}

static void an_ipv6_neighbour_may_have_an_ipv4_link_address(void **state)
{
	const struct act_neigh a = { 7, unit_addr("fd00::2"), unit_addr("203.0.113.9"),
				     false };
	const struct {
		struct nlmsghdr h;
		struct ndmsg nd;
		struct attr_ip6 dst;
		struct attr_ip4 lladdr;
		struct attr_u8 protocol;
	} wanted = {
		{ sizeof(wanted), RTM_NEWNEIGH,
		  NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE, 0, 0 },
		{ .ndm_family = AF_INET6,
		  .ndm_ifindex = 7,
		  .ndm_state = NUD_REACHABLE,
		  .ndm_flags = NTF_EXT_LEARNED },
		{ 20, NDA_DST, { 0xfd, [15] = 2 } },
		{ 8, NDA_LLADDR, { 203, 0, 113, 9 } },
		{ 5, NDA_PROTOCOL, 77, { 0 } },
	};

	(void)state;
	assert_message(nl_msg_neigh_set(buf, sizeof(buf), &a), &wanted, sizeof(wanted));
}

static void a_refused_address_is_a_failed_entry_that_may_be_collected(void **state)
{
	const struct act_neigh a = { 7, unit_addr("10.0.0.2"), { ADDR_NONE }, false };
	const struct {
		struct nlmsghdr h;
		struct ndmsg nd;
		struct attr_ip4 dst;
		struct attr_u8 protocol;
	} wanted = {
		{ sizeof(wanted), RTM_NEWNEIGH,
		  NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE, 0, 0 },
		{ .ndm_family = AF_INET, .ndm_ifindex = 7, .ndm_state = NUD_FAILED },
		{ 8, NDA_DST, { 10, 0, 0, 2 } },
		{ 5, NDA_PROTOCOL, 77, { 0 } },
	};

	(void)state;
	assert_message(nl_msg_neigh_set(buf, sizeof(buf), &a), &wanted, sizeof(wanted));
}

static void a_neighbour_is_removed_by_its_address(void **state)
{
	const struct act_neigh a = { 7, unit_addr("10.0.0.2"), { ADDR_NONE }, false };
	const struct {
		struct nlmsghdr h;
		struct ndmsg nd;
		struct attr_ip4 dst;
	} wanted = {
		{ sizeof(wanted), RTM_DELNEIGH, NLM_F_REQUEST, 0, 0 },
		{ .ndm_family = AF_INET, .ndm_ifindex = 7 },
		{ 8, NDA_DST, { 10, 0, 0, 2 } },
	};

	(void)state;
	assert_message(nl_msg_neigh_del(buf, sizeof(buf), &a), &wanted, sizeof(wanted));
}

static void a_neighbour_dump_names_its_device(void **state)
{
	const struct {
		struct nlmsghdr h;
		struct ndmsg nd;
		struct attr_u32 ifindex;
	} wanted = {
		{ sizeof(wanted), RTM_GETNEIGH, NLM_F_REQUEST | NLM_F_DUMP, 0, 0 },
		{ 0 },
		{ 8, NDA_IFINDEX, 7 },
	};

	(void)state;
	assert_message(nl_msg_neigh_dump(buf, sizeof(buf), 7), &wanted, sizeof(wanted));
}

/* One shape for both: only the type, the flags and the table differ. */
static void assert_route(size_t len, uint16_t type, uint16_t flags, uint32_t table,
			 uint8_t short_table)
{
	const struct {
		struct nlmsghdr h;
		struct rtmsg rt;
		struct attr_ip4 dst;
		struct attr_u32 table, oif, metric;
	} wanted = {
		{ sizeof(wanted), type, flags, 0, 0 },
		{ .rtm_family = AF_INET,
		  .rtm_dst_len = 24,
		  .rtm_table = short_table,
		  .rtm_protocol = 77,
		  .rtm_scope = RT_SCOPE_LINK,
		  .rtm_type = RTN_UNICAST },
		{ 8, RTA_DST, { 10, 1, 2, 0 } },
		{ 8, RTA_TABLE, table },
		{ 8, RTA_OIF, 7 },
		{ 8, RTA_PRIORITY, NL_ROUTE_METRIC },
	};

	assert_message(len, &wanted, sizeof(wanted));
}

static void a_route_is_on_link_and_has_no_host_bits(void **state)
{
	const struct act_route r = {
		7, unit_prefix("10.1.2.3/24"), { ADDR_NONE }, 254
	};

	(void)state;
	assert_route(nl_msg_route_set(buf, sizeof(buf), &r), RTM_NEWROUTE,
		     NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE, 254, 254);
}

static void a_route_is_removed_only_with_our_protocol_and_metric(void **state)
{
	const struct act_route r = {
		7, unit_prefix("10.1.2.0/24"), { ADDR_NONE }, 254
	};

	(void)state;
	assert_route(nl_msg_route_del(buf, sizeof(buf), &r), RTM_DELROUTE,
		     NLM_F_REQUEST, 254, 254);
}

static void a_table_above_255_stands_in_the_attribute_alone(void **state)
{
	const struct act_route r = {
		7, unit_prefix("10.1.2.0/24"), { ADDR_NONE }, 1000
	};

	(void)state;
	assert_route(nl_msg_route_set(buf, sizeof(buf), &r), RTM_NEWROUTE,
		     NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE, 1000,
		     RT_TABLE_UNSPEC);
}

static void a_route_by_a_gateway_needs_no_subnet_that_covers_it(void **state)
{
	const struct act_route r = { 7, unit_prefix("fd01::/64"), unit_addr("fd00::2"),
				     254 };
	const struct {
		struct nlmsghdr h;
		struct rtmsg rt;
		struct attr_ip6 dst;
		struct attr_u32 table, oif, metric;
		struct attr_ip6 gateway;
	} wanted = {
		{ sizeof(wanted), RTM_NEWROUTE,
		  NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE, 0, 0 },
		{ .rtm_family = AF_INET6,
		  .rtm_dst_len = 64,
		  .rtm_table = 254,
		  .rtm_protocol = 191,
		  .rtm_scope = RT_SCOPE_UNIVERSE,
		  .rtm_type = RTN_UNICAST,
		  .rtm_flags = RTNH_F_ONLINK },
		{ 20, RTA_DST, { 0xfd, 1 } },
		{ 8, RTA_TABLE, 254 },
		{ 8, RTA_OIF, 7 },
		{ 8, RTA_PRIORITY, NL_ROUTE_METRIC },
		{ 20, RTA_GATEWAY, { 0xfd, [15] = 2 } },
	};

	(void)state;
	assert_message(nl_msg_route_set(buf, sizeof(buf), &r), &wanted, sizeof(wanted));
}

static void a_route_dump_names_device_and_kind(void **state)
{
	const struct {
		struct nlmsghdr h;
		struct rtmsg rt;
		struct attr_u32 oif;
	} wanted = {
		{ sizeof(wanted), RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP, 0, 0 },
		{ .rtm_family = AF_INET6, .rtm_type = RTN_UNICAST },
		{ 8, RTA_OIF, 7 },
	};

	(void)state;
	assert_message(nl_msg_route_dump(buf, sizeof(buf), 7, ADDR_IP6), &wanted,
		       sizeof(wanted));
}

static void a_lookup_asks_for_the_route_of_the_table(void **state)
{
	const struct addr dst = unit_addr("10.1.2.3");
	const struct {
		struct nlmsghdr h;
		struct rtmsg rt;
		struct attr_ip4 dst;
	} wanted = {
		{ sizeof(wanted), RTM_GETROUTE, NLM_F_REQUEST, 0, 0 },
		{ .rtm_family = AF_INET,
		  .rtm_dst_len = 32,
		  .rtm_flags = RTM_F_FIB_MATCH },
		{ 8, RTA_DST, { 10, 1, 2, 3 } },
	};

	(void)state;
	assert_message(nl_msg_route_lookup(buf, sizeof(buf), &dst), &wanted,
		       sizeof(wanted));
}

static void nothing_is_built_without_room_or_address(void **state)
{
	const struct act_neigh a = { 7, unit_addr("10.0.0.2"), { ADDR_NONE }, false };
	const struct act_neigh none = { .ifindex = 7 };
	const struct act_route r = {
		7, unit_prefix("10.1.2.0/24"), { ADDR_NONE }, 254
	};
	const struct act_route nowhere = { .ifindex = 7, .table = 254 };
	const struct addr no_addr = { ADDR_NONE };
	const size_t small = NL_MSG_MAX - 1;

	(void)state;
	assert_int_equal(nl_msg_neigh_set(buf, small, &a), 0);
	assert_int_equal(nl_msg_neigh_del(buf, small, &a), 0);
	assert_int_equal(nl_msg_neigh_dump(buf, small, 7), 0);
	assert_int_equal(nl_msg_route_set(buf, small, &r), 0);
	assert_int_equal(nl_msg_route_del(buf, small, &r), 0);
	assert_int_equal(nl_msg_route_dump(buf, small, 7, ADDR_IP4), 0);
	assert_int_equal(nl_msg_route_lookup(buf, small, &r.dst.addr), 0);
	assert_int_equal(nl_msg_neigh_set(buf, sizeof(buf), &none), 0);
	assert_int_equal(nl_msg_route_lookup(buf, sizeof(buf), &no_addr), 0);
	assert_int_equal(nl_msg_route_set(buf, sizeof(buf), &nowhere), 0);
}

static void a_neighbour_reads_back_as_it_was_written(void **state)
{
	const struct act_neigh a = { 7, unit_addr("fd00::2"), unit_addr("203.0.113.9"),
				     false };
	struct nl_neigh_entry e;

	(void)state;
	assert_int_not_equal(nl_msg_neigh_set(buf, sizeof(buf), &a), 0);
	assert_true(nl_msg_neigh_parse(&e, (const struct nlmsghdr *)(void *)buf));
	assert_int_equal(e.ifindex, 7);
	assert_int_equal(e.state, NUD_REACHABLE);
	assert_int_equal(e.protocol, NL_PROTOCOL);
	assert_true(addr_eq(&e.proto, &a.proto));
	assert_true(addr_eq(&e.nbma, &a.nbma));
}

static void a_route_reads_back_as_it_was_written(void **state)
{
	const struct act_route r = { 7, unit_prefix("10.1.2.0/24"),
				     unit_addr("10.0.0.2"), 1000 };
	struct nl_route_entry e;

	(void)state;
	assert_int_not_equal(nl_msg_route_set(buf, sizeof(buf), &r), 0);
	assert_true(nl_msg_route_parse(&e, (const struct nlmsghdr *)(void *)buf));
	assert_int_equal(e.ifindex, 7);
	assert_int_equal(e.protocol, NL_SHORTCUT_PROTOCOL);
	assert_int_equal(e.table, 1000);
	assert_int_equal(e.metric, NL_ROUTE_METRIC);
	assert_true(prefix_eq(&e.dst, &r.dst));
	assert_true(addr_eq(&e.gateway, &r.gateway));
}

/* 191 is zebra's number too, 77 a guard's as well. */
static void a_route_is_ours_by_its_number_and_metric(void **state)
{
	static const struct {
		uint8_t protocol;
		uint32_t metric;
		bool ours;
	} cases[] = {
		{ 77, NL_ROUTE_METRIC, true },	{ 191, NL_ROUTE_METRIC, true },
		{ 77, NL_GUARD_METRIC, false }, { 191, 20, false },
		{ 4, NL_ROUTE_METRIC, false },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		const struct nl_route_entry e = { .protocol = cases[k].protocol,
						  .metric = cases[k].metric };

		assert_int_equal(nl_msg_route_is_own(&e), cases[k].ours);
	}
}

/* Two next hops: the second by a gateway of the other family. */
static const struct {
	struct nlmsghdr h;
	struct rtmsg rt;
	struct attr_ip4 dst;
	uint16_t multipath_len, multipath_type;
	struct rtnexthop first;
	struct attr_ip4 first_gateway;
	struct rtnexthop second;
	struct {
		uint16_t len, type, family;
		uint8_t bytes[16], pad[2];
	} second_via;
} two_hops = {
	{ sizeof(two_hops), RTM_NEWROUTE, 0, 0, 0 },
	{ .rtm_family = AF_INET, .rtm_dst_len = 8, .rtm_type = RTN_UNICAST },
	{ 8, RTA_DST, { 10 } },
	4 + 16 + 32,
	RTA_MULTIPATH,
	{ .rtnh_len = 16, .rtnh_ifindex = 3 },
	{ 8, RTA_GATEWAY, { 192, 0, 2, 1 } },
	{ .rtnh_len = 30, .rtnh_ifindex = 7 },
	{ 22, RTA_VIA, AF_INET6, { 0xfd, [15] = 9 }, { 0 } },
};

static void of_several_next_hops_the_first_is_read(void **state)
{
	const struct addr gateway = unit_addr("192.0.2.1");
	struct nl_route_entry e;

	(void)state;
	assert_true(nl_msg_route_parse(&e, &two_hops.h));
	assert_int_equal(e.type, RTN_UNICAST);
	assert_int_equal(e.ifindex, 3);
	assert_true(addr_eq(&e.gateway, &gateway));
}

struct hops {
	unsigned count;
	int ifindex[4];
	struct addr gateway[4];
};

static void take_hop(void *ctx, int ifindex, const struct addr *gateway)
{
	struct hops *hops = ctx;

	assert_in_range(hops->count, 0, 3);
	hops->ifindex[hops->count] = ifindex;
	hops->gateway[hops->count++] = *gateway;
}

static void each_of_several_next_hops_is_read(void **state)
{
	const struct addr first = unit_addr("192.0.2.1");
	const struct addr second = unit_addr("fd00::9");
	struct hops hops = { 0 };

	(void)state;
	nl_msg_route_hops(&two_hops.h, take_hop, &hops);
	assert_int_equal(hops.count, 2);
	assert_int_equal(hops.ifindex[0], 3);
	assert_true(addr_eq(&hops.gateway[0], &first));
	assert_int_equal(hops.ifindex[1], 7);
	assert_true(addr_eq(&hops.gateway[1], &second));
}

static void a_single_next_hop_is_one(void **state)
{
	const struct act_route r = { 7, unit_prefix("10.1.2.0/24"),
				     unit_addr("10.0.0.2"), 254 };
	struct hops hops = { 0 };

	(void)state;
	assert_int_not_equal(nl_msg_route_set(buf, sizeof(buf), &r), 0);
	nl_msg_route_hops((const void *)buf, take_hop, &hops);
	assert_int_equal(hops.count, 1);
	assert_int_equal(hops.ifindex[0], 7);
	assert_true(addr_eq(&hops.gateway[0], &r.gateway));
}

/* A length of 0 would be read for ever, one too long beyond the message. */
static void next_hops_of_a_wrong_length_are_left_out(void **state)
{
	static const uint16_t lengths[] = { 0, 7, 200, UINT16_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		uint8_t *copy = unit_exact_copy(&two_hops, sizeof(two_hops));
		struct rtnexthop *first =
			(void *)(copy + offsetof(__typeof__(two_hops), first));
		struct hops hops = { 0 };

		first->rtnh_len = lengths[i];
		nl_msg_route_hops((const void *)copy, take_hop, &hops);
		assert_int_equal(hops.count, 0);
		free(copy);
	}
}

static void a_default_route_has_no_destination_attribute(void **state)
{
	const struct {
		struct nlmsghdr h;
		struct rtmsg rt;
	} message = {
		{ sizeof(message), RTM_NEWROUTE, 0, 0, 0 },
		{ .rtm_family = AF_INET6, .rtm_protocol = 77, .rtm_table = 254 },
	};
	const struct prefix wanted = unit_prefix("::/0");
	struct nl_route_entry e;

	(void)state;
	assert_true(nl_msg_route_parse(&e, &message.h));
	assert_true(prefix_eq(&e.dst, &wanted));
	assert_int_equal(e.table, 254);
}

/* An Ethernet neighbour has six octets there, which are no NBMA address. */
static void a_link_address_of_another_length_is_none(void **state)
{
	const struct {
		struct nlmsghdr h;
		struct ndmsg nd;
		struct attr_ip4 dst;
		struct {
			uint16_t len, type;
			uint8_t mac[8];
		} lladdr;
	} message = {
		{ sizeof(message), RTM_NEWNEIGH, 0, 0, 0 },
		{ .ndm_family = AF_INET, .ndm_ifindex = 2, .ndm_state = NUD_STALE },
		{ 8, NDA_DST, { 10, 0, 0, 2 } },
		{ 10, NDA_LLADDR, { 2, 0, 0, 0, 0, 1 } },
	};
	struct nl_neigh_entry e;

	(void)state;
	assert_true(nl_msg_neigh_parse(&e, &message.h));
	assert_false(addr_is_set(&e.nbma));
	assert_int_equal(e.protocol, 0);
}

static void a_neighbour_of_another_family_is_refused(void **state)
{
	static const uint8_t families[] = { AF_UNSPEC, AF_BRIDGE, AF_INET6 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		const struct {
			struct nlmsghdr h;
			struct ndmsg nd;
			struct attr_ip4 dst;
		} message = {
			{ sizeof(message), RTM_NEWNEIGH, 0, 0, 0 },
			{ .ndm_family = families[i], .ndm_ifindex = 2 },
			{ 8, NDA_DST, { 10, 0, 0, 2 } },
		};
		struct nl_neigh_entry e;

		assert_false(nl_msg_neigh_parse(&e, &message.h));
	}
}

/*
 * Each cut gets its own heap block, so the sanitizer sees a read past its
 * padding.
 */
static void messages_cut_anywhere_are_read_within_their_bounds(void **state)
{
	const struct act_neigh a = { 7, unit_addr("10.0.0.2"), unit_addr("10.9.9.9"),
				     false };
	const struct act_route r = {
		7, unit_prefix("10.1.2.0/24"), { ADDR_NONE }, 1000
	};
	size_t neigh_len = nl_msg_neigh_set(buf, sizeof(buf), &a);

	(void)state;
	for (size_t n = sizeof(struct nlmsghdr); n < neigh_len; n++) {
		struct nlmsghdr *h = unit_exact_copy(buf, NLMSG_ALIGN(n));
		struct nl_neigh_entry e;

		h->nlmsg_len = (uint32_t)n;
		if (nl_msg_neigh_parse(&e, h))
			assert_true(addr_eq(&e.proto, &a.proto));
		free(h);
	}
	for (size_t n = sizeof(struct nlmsghdr),
		    route_len = nl_msg_route_set(buf, sizeof(buf), &r);
	     n < route_len; n++) {
		struct nlmsghdr *h = unit_exact_copy(buf, NLMSG_ALIGN(n));
		struct nl_route_entry e;

		h->nlmsg_len = (uint32_t)n;
		if (nl_msg_route_parse(&e, h))
			assert_int_equal(e.protocol, NL_PROTOCOL);
		free(h);
	}
	for (size_t n = sizeof(struct nlmsghdr); n < sizeof(two_hops); n++) {
		struct nlmsghdr *h = unit_exact_copy(&two_hops, NLMSG_ALIGN(n));
		struct nl_route_entry e;

		h->nlmsg_len = (uint32_t)n;
		if (nl_msg_route_parse(&e, h))
			assert_true(e.ifindex == 0 || e.ifindex == 3);
		free(h);
	}
}

static void a_number_cut_short_reads_as_zero(void **state)
{
	const struct {
		struct nlmsghdr h;
		struct rtmsg rt;
		struct attr_u8 oif;
	} message = {
		{ sizeof(message), RTM_NEWROUTE, 0, 0, 0 },
		{ .rtm_family = AF_INET },
		{ 5, RTA_OIF, 7, { 0 } },
	};
	struct nl_route_entry e;

	(void)state;
	assert_true(nl_msg_route_parse(&e, &message.h));
	assert_int_equal(e.ifindex, 0);
}

static void a_prefix_longer_than_its_family_is_refused(void **state)
{
	const struct {
		struct nlmsghdr h;
		struct rtmsg rt;
	} message = {
		{ sizeof(message), RTM_NEWROUTE, 0, 0, 0 },
		{ .rtm_family = AF_INET, .rtm_dst_len = 33 },
	};
	struct nl_route_entry e;

	(void)state;
	assert_false(nl_msg_route_parse(&e, &message.h));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_neighbour_is_reachable_and_learnt_from_outside),
		cmocka_unit_test(an_entry_is_written_stale_to_ask_whether_it_is_in_use),
		cmocka_unit_test(an_ipv6_neighbour_may_have_an_ipv4_link_address),
		cmocka_unit_test(
			a_refused_address_is_a_failed_entry_that_may_be_collected),
		cmocka_unit_test(a_neighbour_is_removed_by_its_address),
		cmocka_unit_test(a_neighbour_dump_names_its_device),
		cmocka_unit_test(a_route_is_on_link_and_has_no_host_bits),
		cmocka_unit_test(a_route_is_removed_only_with_our_protocol_and_metric),
		cmocka_unit_test(a_table_above_255_stands_in_the_attribute_alone),
		cmocka_unit_test(a_route_by_a_gateway_needs_no_subnet_that_covers_it),
		cmocka_unit_test(a_route_dump_names_device_and_kind),
		cmocka_unit_test(a_lookup_asks_for_the_route_of_the_table),
		cmocka_unit_test(nothing_is_built_without_room_or_address),
		cmocka_unit_test(a_neighbour_reads_back_as_it_was_written),
		cmocka_unit_test(a_route_reads_back_as_it_was_written),
		cmocka_unit_test(a_route_is_ours_by_its_number_and_metric),
		cmocka_unit_test(of_several_next_hops_the_first_is_read),
		cmocka_unit_test(each_of_several_next_hops_is_read),
		cmocka_unit_test(a_single_next_hop_is_one),
		cmocka_unit_test(next_hops_of_a_wrong_length_are_left_out),
		cmocka_unit_test(a_default_route_has_no_destination_attribute),
		cmocka_unit_test(a_link_address_of_another_length_is_none),
		cmocka_unit_test(a_neighbour_of_another_family_is_refused),
		cmocka_unit_test(messages_cut_anywhere_are_read_within_their_bounds),
		cmocka_unit_test(a_number_cut_short_reads_as_zero),
		cmocka_unit_test(a_prefix_longer_than_its_family_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
