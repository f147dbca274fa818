/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <arpa/inet.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <nhrp/defs.h>

#include "../../src/os/nl_msg.h"
#include "../../src/os/route_filter.h"
#include "unit_filter.h"

#define OWN_PORT 4711

static bool passes(const struct route_filter *f, const struct nlmsghdr *h)
{
	struct sock_filter code[ROUTE_FILTER_CODE_MAX];

	return unit_filter_passes(code, route_filter_build(code, f), h);
}

static _Alignas(8) uint8_t buf[256];

/* As the kernel tells it: attributes in its order, addresses in full. */
static struct nlmsghdr *route(uint16_t type, const char *dst, int oif)
{
	const struct prefix p = unit_prefix(dst);
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct rtmsg *rt = mnl_nlmsg_put_extra_header(h, sizeof(*rt));

	h->nlmsg_type = type;
	rt->rtm_family = p.addr.family == ADDR_IP6 ? AF_INET6 : AF_INET;
	rt->rtm_dst_len = p.len;
	rt->rtm_protocol = RTPROT_BOOT;
	rt->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(h, RTA_TABLE, 254);
	if (p.len)
		mnl_attr_put(h, RTA_DST, addr_family_len(p.addr.family), p.addr.bytes);
	if (oif)
		mnl_attr_put_u32(h, RTA_OIF, (uint32_t)oif);
	return h;
}

static struct nlmsghdr *numbered(uint16_t type, uint32_t port, uint8_t protocol)
{
	struct nlmsghdr *h = route(type, "10.1.2.0/24", 7);

	((struct rtmsg *)mnl_nlmsg_get_payload(h))->rtm_protocol = protocol;
	h->nlmsg_pid = port;
	return h;
}

static struct nlmsghdr *own_route(uint16_t type, uint32_t port)
{
	return numbered(type, port, NL_PROTOCOL);
}

static struct nlmsghdr *shortcut(uint16_t type, uint32_t port, uint32_t metric)
{
	struct nlmsghdr *h = numbered(type, port, NL_SHORTCUT_PROTOCOL);

	mnl_attr_put_u32(h, RTA_PRIORITY, metric);
	return h;
}

static struct nlmsghdr *link_with(uint16_t type, unsigned flags)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(h, sizeof(*ifi));

	h->nlmsg_type = type;
	ifi->ifi_flags = flags;
	return h;
}

static const struct route_filter nothing_watched = { .port = OWN_PORT };

static const struct route_filter watching = {
	.port = OWN_PORT,
	.devices = { 7, 8 },
	.device_count = 2,
	.known = { { { { 0x0b000000, 0x0b000000 }, { 0x0b020000, 0x0b02000f } }, 2 },
		   { { { 0xfe800000, 0xfe800000 } }, 1 } },
	.watched = { { { { 0x0a010000, 0x0a01ffff }, { 0xc0a80500, 0xc0a805ff } }, 2 },
		     { { { 0xfd000000, 0xfdffffff } }, 1 } },
};

static void only_a_removal_by_others_of_our_routes_passes(void **state)
{
	(void)state;
	assert_true(passes(&nothing_watched, own_route(RTM_DELROUTE, 99)));
	assert_true(passes(&nothing_watched, own_route(RTM_DELROUTE, 0)));
	assert_false(passes(&nothing_watched, own_route(RTM_DELROUTE, OWN_PORT)));
	assert_false(passes(&nothing_watched, own_route(RTM_NEWROUTE, OWN_PORT)));
	assert_false(passes(&watching, own_route(RTM_NEWROUTE, OWN_PORT)));
	assert_true(
		passes(&nothing_watched, shortcut(RTM_DELROUTE, 99, NL_ROUTE_METRIC)));
	assert_false(passes(&nothing_watched,
			    shortcut(RTM_DELROUTE, OWN_PORT, NL_ROUTE_METRIC)));
	assert_false(
		passes(&watching, shortcut(RTM_NEWROUTE, OWN_PORT, NL_ROUTE_METRIC)));
}

/* zebra's own of that number are somebody else's. */
static void a_number_that_others_have_is_ours_by_its_metric_alone(void **state)
{
	(void)state;
	assert_true(passes(&watching, shortcut(RTM_NEWROUTE, 99, 20)));
	assert_true(
		passes(&watching, numbered(RTM_NEWROUTE, 99, NL_SHORTCUT_PROTOCOL)));
}

static void a_route_elsewhere_that_meets_nothing_is_left_out(void **state)
{
	static const char *const prefixes[] = {
		"10.0.0.0/16", "10.2.0.0/16",	   "8.0.0.0/8",	      "10.0.255.255/32",
		"10.2.0.0/32", "192.168.4.255/32", "192.168.6.0/23",  "2000::/3",
		"fc00::/8",    "fe00::/16",	   "2001:db8::1/128", "a01::/16",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		assert_false(passes(&watching, route(RTM_NEWROUTE, prefixes[i], 3)));
		assert_false(passes(&watching, route(RTM_DELROUTE, prefixes[i], 3)));
	}
}

static void a_route_elsewhere_that_meets_a_range_passes(void **state)
{
	static const char *const prefixes[] = {
		"10.1.0.0/16",	  "10.1.2.0/24", "10.1.2.3/32", "10.0.0.0/8",
		"10.0.0.0/15",	  "0.0.0.0/0",	 "0.0.0.0/1",	"192.168.5.7/32",
		"192.168.4.0/22", "fd00:1::/64", "fc00::/7",	"::/0",
		"fd00::1/128",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		assert_true(passes(&watching, route(RTM_NEWROUTE, prefixes[i], 3)));
		assert_true(passes(&watching, route(RTM_DELROUTE, prefixes[i], 3)));
	}
}

static void with_nothing_watched_even_a_default_route_is_left_out(void **state)
{
	(void)state;
	assert_false(passes(&nothing_watched, route(RTM_NEWROUTE, "0.0.0.0/0", 3)));
	assert_false(passes(&nothing_watched, route(RTM_DELROUTE, "::/0", 3)));
}

static void a_route_by_a_watched_device_passes(void **state)
{
	struct route_filter many = watching;

	(void)state;
	assert_true(passes(&watching, route(RTM_NEWROUTE, "8.0.0.0/8", 7)));
	assert_true(passes(&watching, route(RTM_DELROUTE, "2000::/3", 8)));
	many.any_device = true;
	assert_true(passes(&many, route(RTM_NEWROUTE, "8.0.0.0/8", 3)));
}

/* Several next hops, or one that only an object of its own names. */
static void a_route_that_names_no_device_passes(void **state)
{
	(void)state;
	assert_true(passes(&watching, route(RTM_NEWROUTE, "8.0.0.0/8", 0)));
}

static struct nlmsghdr *replacing(const char *dst, int oif)
{
	struct nlmsghdr *h = route(RTM_NEWROUTE, dst, oif);

	h->nlmsg_flags = NLM_F_REPLACE;
	return h;
}

static void a_route_passes_that_may_replace_one_that_is_known(void **state)
{
	struct nlmsghdr *h;

	(void)state;
	assert_true(passes(&watching, replacing("11.0.0.0/8", 3)));
	assert_true(passes(&watching, replacing("11.0.0.0/32", 3)));
	assert_true(passes(&watching, replacing("11.2.0.7/32", 3)));
	assert_true(passes(&watching, replacing("fe80::/64", 3)));
	assert_true(passes(&watching, replacing("0.0.0.0/0", 3)));
	h = route(RTM_NEWROUTE, "11.0.0.0/8", 3);
	h->nlmsg_flags = NLM_F_CREATE | NLM_F_APPEND | NLM_F_EXCL;
	assert_false(passes(&watching, h));
}

static void a_route_that_replaces_what_nobody_knows_is_left_out(void **state)
{
	(void)state;
	assert_false(passes(&watching, replacing("8.0.0.0/8", 3)));
	assert_false(passes(&watching, replacing("11.0.1.0/24", 3)));
	assert_false(passes(&watching, replacing("11.2.0.16/28", 3)));
	assert_false(passes(&watching, replacing("fe90::/64", 3)));
	/* An IPv6 prefix is not an IPv4 one with the same bits. */
	assert_false(passes(&watching, replacing("b00::/32", 3)));
}

static void as_long_as_some_may_not_be_known_all_that_replace_pass(void **state)
{
	struct route_filter unsure = watching;
	struct nlmsghdr *h;

	(void)state;
	unsure.any_replacing = true;
	assert_true(passes(&unsure, replacing("8.0.0.0/8", 3)));
	h = route(RTM_NEWROUTE, "8.0.0.0/8", 3);
	h->nlmsg_flags = NLM_F_CREATE | NLM_F_APPEND | NLM_F_EXCL;
	assert_false(passes(&unsure, h));
}

static void links_pass_that_are_down_or_gone(void **state)
{
	const unsigned works = IFF_UP | IFF_RUNNING | IFF_NOARP;

	(void)state;
	assert_false(passes(&watching, link_with(RTM_NEWLINK, works)));
	assert_true(passes(&watching, link_with(RTM_NEWLINK, IFF_UP)));
	assert_true(passes(&watching, link_with(RTM_NEWLINK, 0)));
	assert_true(passes(&watching, link_with(RTM_DELLINK, works)));
}

/* What they are about stands behind the type, which is all that is looked at. */
static void addresses_and_next_hops_pass_that_are_gone(void **state)
{
	(void)state;
	assert_true(passes(&watching, link_with(RTM_DELADDR, 0)));
	assert_false(passes(&watching, link_with(RTM_NEWADDR, 0)));
	assert_true(passes(&watching, link_with(RTM_DELNEXTHOP, 0)));
	assert_false(passes(&watching, link_with(RTM_NEWNEXTHOP, 0)));
}

static void the_largest_filter_fits(void **state)
{
	struct sock_filter code[ROUTE_FILTER_CODE_MAX];
	struct route_filter f = { .device_count = ROUTE_FILTER_DEVICES_MAX,
				  .any_device = true,
				  .any_replacing = true };

	(void)state;
	for (uint32_t i = 0; i < ROUTE_RANGES_MAX; i++)
		f.watched[0].list[i] = (struct route_range){ i << 24, i << 24 };
	f.watched[0].count = ROUTE_RANGES_MAX;
	f.watched[1] = f.known[0] = f.known[1] = f.watched[0];
	assert_in_range(route_filter_build(code, &f), 1, ROUTE_FILTER_CODE_MAX);
	f.any_device = f.any_replacing = false;
	assert_true(passes(&f, route(RTM_NEWROUTE, "31.0.0.0/32", 3)));
	assert_true(passes(&f, route(RTM_NEWROUTE, "1f00::/32", 3)));
	assert_true(passes(&f, replacing("1f00::/32", 3)));
	assert_false(passes(&f, replacing("31.0.0.1/32", 3)));
	assert_false(passes(&f, route(RTM_NEWROUTE, "31.0.0.1/32", 3)));
	assert_false(passes(&f, route(RTM_NEWROUTE, "2000::/32", 3)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_removal_by_others_of_our_routes_passes),
		cmocka_unit_test(a_number_that_others_have_is_ours_by_its_metric_alone),
		cmocka_unit_test(a_route_elsewhere_that_meets_nothing_is_left_out),
		cmocka_unit_test(a_route_elsewhere_that_meets_a_range_passes),
		cmocka_unit_test(with_nothing_watched_even_a_default_route_is_left_out),
		cmocka_unit_test(a_route_by_a_watched_device_passes),
		cmocka_unit_test(a_route_that_names_no_device_passes),
		cmocka_unit_test(a_route_passes_that_may_replace_one_that_is_known),
		cmocka_unit_test(a_route_that_replaces_what_nobody_knows_is_left_out),
		cmocka_unit_test(
			as_long_as_some_may_not_be_known_all_that_replace_pass),
		cmocka_unit_test(links_pass_that_are_down_or_gone),
		cmocka_unit_test(addresses_and_next_hops_pass_that_are_gone),
		cmocka_unit_test(the_largest_filter_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
