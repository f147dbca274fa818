/* SPDX-License-Identifier: MIT */
/*
 * What the system tells of a device, in every shape, and what an operator sees of it:
 * no address yet, several, of two families, another device by the same name.
 */
#include "story.h"

#include "world_int.h"

#include <errno.h>

#define SEED 20260121

static const char *shown(const struct cast *c, int node, const char *name,
			 const char *key)
{
	return world_show(c->w, node, SHOW_INTERFACES, "interface", name, key);
}

static void tell(const struct cast *c, const struct ev_link *link)
{
	struct event ev = { EV_LINK, .link = *link };

	if (!ev.link.name)
		ev.link.name = "gre1";
	world_handle(world_node(c->w, c->a), &ev);
}

/* --- whether it can be used ----------------------------------------------- */

static void what_is_missing_of_a_device_is_said(void **state)
{
	static const struct {
		int ifindex;
		bool up, has_nbma, has_addr;
		const char *problem; /* as the adapter knows it */
		const char *reason;
	} cases[] = {
		{ 0, false, false, false, NULL, "there is no such device" },
		{ IFINDEX, false, true, true, NULL,
		  "the device is down: ip link set up" },
		{ IFINDEX, true, false, true, NULL, "it has no NBMA address yet" },
		{ IFINDEX, true, true, false, NULL,
		  "it has no protocol address: ip address add, or 'address' in the "
		  "configuration" },
		{ IFINDEX, false, true, true, "eth0 is down", "eth0 is down" },
		{ IFINDEX, true, true, true, NULL, "in use" },
	};
	struct cast c = story_begin(SEED);
	struct prefix own = unit_prefix(SPOKE_A "/24");

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct ev_link link = { .ifindex = cases[k].ifindex,
					.up = cases[k].up,
					.mtu = 1400,
					.addrs = &own,
					.addr_count = cases[k].has_addr,
					.problem = cases[k].problem };

		if (cases[k].has_nbma)
			link.nbma = unit_addr(A_NBMA);
		tell(&c, &link);
		assert_string_equal(shown(&c, c.a, "gre1", "reason"), cases[k].reason);
		/* Twice the same is nothing new. */
		tell(&c, &link);
		assert_string_equal(shown(&c, c.a, "gre1", "reason"), cases[k].reason);
	}
	assert_int_equal(world_logged(c.w, c.a, "not usable: it has no NBMA"), 1);
	world_run_s(c.w, 5);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "up");
	world_free(c.w);
}

static void a_device_that_is_not_configured_is_none_of_ours(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	tell(&c, &(struct ev_link){ .name = "gre7", .ifindex = 77, .up = true });
	assert_string_equal(shown(&c, c.a, "gre7", "state"), "");
	assert_string_equal(shown(&c, c.a, "gre1", "state"), "up");
	world_free(c.w);
}

/* Its addresses are for the kernel to speak with, and ours to register. */
static void another_address_of_the_device_is_registered_instead(void **state)
{
	struct cast c = story_begin(SEED);
	struct prefix own = unit_prefix("10.0.0.44/24");

	(void)state;
	world_node(c.w, c.a)->addr = own;
	world_tell_link(world_node(c.w, c.a));
	world_run_s(c.w, 5);
	assert_cache(c.w, c.hub, "10.0.0.44", "type", "dynamic");
	assert_int_equal(world_logged(c.w, c.a, "now 10.0.0.44 at " A_NBMA), 1);
	world_free(c.w);
}

/* Of several the one in the server's subnet, and no link-local one. */
static void of_several_addresses_that_of_the_subnet_is_registered(void **state)
{
	static const char *const orders[][4] = {
		{ "fe80::2/64", "172.16.0.2/24", SPOKE_A "/24", "fd00::2/64" },
		{ "fd00::2/64", SPOKE_A "/24", "172.16.0.2/24", "fe80::2/64" },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(orders); k++) {
		struct cast c = story_begin(SEED);
		struct prefix own[4];

		for (size_t j = 0; j < 4; j++)
			own[j] = unit_prefix(orders[k][j]);
		tell(&c, &(struct ev_link){ .ifindex = IFINDEX,
					    .up = true,
					    .mtu = 1400,
					    .nbma = unit_addr(A_NBMA),
					    .addrs = own,
					    .addr_count = 4 });
		world_run_s(c.w, 2);
		assert_string_equal(world_nhs(c.w, c.a, "registered_as"), SPOKE_A);
		assert_string_equal(world_nhs(c.w, c.a, "state"), "up");
		world_free(c.w);
	}
}

/* None of the server's family: there is nothing to register. */
static void a_server_of_a_family_that_the_device_has_not_is_not_asked(void **state)
{
	struct cast c = { .w = world_new(SEED) };

	(void)state;
	c.a = story_spoke(c.w, 2, "map fd00::1/64 203.0.113.1 register");
	world_run_s(c.w, 5);
	assert_string_equal(world_nhs(c.w, c.a, "reason"),
			    "no own protocol address of this family");
	assert_int_equal(world_counter(c.w, c.a, "tx_registration_request"), 0);
	world_traffic(c.w, c.a, "fd00::7");
	world_run_s(c.w, 1);
	assert_int_equal(world_counter(c.w, c.a, "tx_resolution_request"), 0);
	world_free(c.w);
}

/* What it can take in one packet is told to others; where that is not known, 1400. */
static void the_size_that_is_told_is_one_that_a_packet_can_have(void **state)
{
	static const struct {
		uint32_t mtu;
		uint16_t told;
	} cases[] = { { 1280, 1280 }, { 0, 1400 }, { 70000, 1400 }, { 65535, 65535 } };

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct cast c = { .w = world_new(SEED) };

		c.a = story_spoke(c.w, 2, SPOKE_WORDS);
		world_mtu(c.w, c.a, cases[k].mtu);
		world_link(c.w, c.a, false);
		world_link(c.w, c.a, true);
		assert_int_equal(world_last_sent(c.w, c.a)->cies[0].mtu, cases[k].told);
		assert_string_equal(shown(&c, c.a, "gre1", "mtu"),
				    cases[k].mtu == 1280    ? "1280"
				    : cases[k].mtu == 0	    ? ""
				    : cases[k].mtu == 70000 ? "70000"
							    : "65535");
		world_free(c.w);
	}
}

/* The second of two that ask by one name in one moment, say. */
static void another_device_by_the_same_name_is_filled_like_a_new_one(void **state)
{
	struct cast c = story_with_shortcut(SEED);
	struct node *a = world_node(c.w, c.a);

	(void)state;
	a->ifindex++;
	world_flush_kernel(a);
	world_tell_link(a);
	world_run_s(c.w, 1);
	assert_string_equal(world_kernel(c.w, c.a, HUB), HUB_NBMA);
	assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), B_NBMA);
	world_free(c.w);
}

/* --- what is seen of it --------------------------------------------------- */

static void a_lan_that_is_down_is_seen_to_be(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS);

	(void)state;
	assert_string_equal(shown(&c, c.a, "lan0", "state"), "up");
	assert_string_equal(shown(&c, c.a, "lan0", "reason"), "shortcut destination");
	world_lan_addr(c.w, c.a, "192.168.2.1/24");
	world_lan_down(c.w, c.a, "192.168.2.0/24");
	assert_string_equal(shown(&c, c.a, "lan0", "state"), "down");
	assert_cache(c.w, c.a, "192.168.2.1", "state", "down");
	assert_cache(c.w, c.a, "192.168.2.1", "reason", "the device is down");
	tell(&c, &(struct ev_link){ .name = "lan0" });
	assert_string_equal(shown(&c, c.a, "lan0", "reason"),
			    "there is no such device");
	world_free(c.w);
}

static void a_tunnel_that_is_down_is_seen_to_be(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	assert_string_equal(shown(&c, c.a, "gre1", "protocol"), SPOKE_A "/24");
	tell(&c, &(struct ev_link){ .ifindex = 0 });
	assert_string_equal(shown(&c, c.a, "gre1", "state"), "down");
	assert_string_equal(shown(&c, c.a, "gre1", "protocol"), "");
	assert_string_equal(shown(&c, c.a, "gre1", "nbma"), "");
	world_free(c.w);
}

static void a_device_that_works_as_long_as_a_server_answers_says_so(void **state)
{
	struct cast c = { .w = world_new(SEED) };

	(void)state;
	c.hub = story_hub(c.w, "holding-time 600");
	c.a = story_spoke(c.w, 2, SPOKE_WORDS " if-state nhrp");
	world_run_s(c.w, 1);
	assert_string_equal(shown(&c, c.a, "gre1", "if_state"), "up");
	world_kill(c.w, c.hub);
	world_run_s(c.w, 900);
	assert_string_equal(shown(&c, c.a, "gre1", "if_state"), "down");
	/* The word goes: the device is what it is. */
	world_reload(c.w, c.a, SPOKE_WORDS);
	assert_string_equal(shown(&c, c.a, "gre1", "if_state"), "");
	world_free(c.w);
}

/* Its device is gone before the word is. */
static void of_a_device_that_is_gone_there_is_nothing_to_say(void **state)
{
	struct cast c = { .w = world_new(SEED) };

	(void)state;
	c.hub = story_hub(c.w, "holding-time 600");
	c.a = story_spoke(c.w, 2, SPOKE_WORDS " if-state nhrp");
	world_run_s(c.w, 1);
	world_delete_device(c.w, c.a);
	world_reload(c.w, c.a, SPOKE_WORDS);
	assert_string_equal(shown(&c, c.a, "gre1", "if_state"), "");
	world_create_device(c.w, c.a);
	world_run_s(c.w, 2);
	assert_string_equal(shown(&c, c.a, "gre1", "state"), "up");
	world_free(c.w);
}

/* --- routes of it --------------------------------------------------------- */

#define route_of(c, node, prefix, key) \
	world_show((c)->w, node, SHOW_ROUTES, "prefix", prefix, key)

static void a_route_that_is_not_written_yet_says_what_it_waits_for(void **state)
{
	struct cast c = story_hosts(SEED, "");

	(void)state;
	assert_string_equal(route_of(&c, c.hub, SPOKE_A "/32", "state"), "installed");
	assert_string_equal(route_of(&c, c.hub, SPOKE_A "/32", "reason"),
			    "a station beyond the device's subnets");
	world_link(c.w, c.hub, false);
	assert_string_equal(route_of(&c, c.hub, SPOKE_A "/32", "state"), "waiting");
	assert_string_equal(route_of(&c, c.hub, SPOKE_A "/32", "reason"),
			    "the device is down: ip link set up");
	world_link(c.w, c.hub, true);
	assert_string_equal(route_of(&c, c.hub, SPOKE_A "/32", "state"), "installed");
	world_free(c.w);
}

/* Somebody takes it away while the device is down: it comes with the device. */
static void a_route_that_goes_while_the_device_is_down_is_not_written(void **state)
{
	struct cast c = story_hosts(SEED, "");
	struct event gone = { EV_ROUTE,
			      .route = { .fact = ROUTE_GONE,
					 .ifindex = IFINDEX,
					 .dst = unit_prefix(SPOKE_A "/32") } };

	(void)state;
	world_forget_route(c.w, c.hub, SPOKE_A "/32");
	assert_true(world_kernel_route(c.w, c.hub, SPOKE_A "/32"));
	world_link(c.w, c.hub, false);
	world_handle(world_node(c.w, c.hub), &gone);
	assert_false(world_kernel_route(c.w, c.hub, SPOKE_A "/32"));
	/* Nor is one that is none of ours. */
	gone.route.dst = unit_prefix("10.9.9.9/32");
	world_link(c.w, c.hub, true);
	world_handle(world_node(c.w, c.hub), &gone);
	assert_false(world_kernel_route(c.w, c.hub, "10.9.9.9/32"));
	assert_true(world_kernel_route(c.w, c.hub, SPOKE_A "/32"));
	world_free(c.w);
}

static void a_route_that_was_refused_stays_so_in_another_table(void **state)
{
	struct cast c = story_hosts(SEED, "");

	(void)state;
	world_refuse_route(c.w, c.hub, SPOKE_A "/32", EINVAL);
	assert_string_equal(route_of(&c, c.hub, SPOKE_A "/32", "state"), "refused");
	world_reload(c.w, c.hub, "redirect holding-time 600 route-table 100");
	assert_string_equal(route_of(&c, c.hub, SPOKE_A "/32", "state"), "refused");
	assert_string_equal(route_of(&c, c.hub, SPOKE_B "/32", "state"), "installed");
	assert_string_equal(route_of(&c, c.hub, SPOKE_B "/32", "table"), "100");
	world_free(c.w);
}

/* Those of others, which shortcuts may be laid over, or which are the device's own. */
static void routes_of_others_are_told_apart(void **state)
{
	static const struct {
		const char *prefix, *gateway;
		uint32_t table;
		const char *reason, *shown_table;
	} cases[] = {
		{ "172.16.0.0/12", HUB, 0, "shortcuts are laid over it", "" },
		{ "172.31.0.0/16", HUB, 100, "shortcuts are laid over it", "100" },
		{ "10.0.0.0/24", NULL, 0, "a network on the device", "" },
		{ "fe80::/64", NULL, 0, "", "" }, /* every device has it */
	};
	struct cast c = story_begin(SEED);

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct event ev = { EV_ROUTE,
				    .route = { .fact = ROUTE_OTHER,
					       .ifindex = IFINDEX,
					       .dst = unit_prefix(cases[k].prefix),
					       .table = cases[k].table } };

		if (cases[k].gateway)
			ev.route.gateway = unit_addr(cases[k].gateway);
		world_handle(world_node(c.w, c.a), &ev);
		assert_string_equal(route_of(&c, c.a, cases[k].prefix, "reason"),
				    cases[k].reason);
		assert_string_equal(route_of(&c, c.a, cases[k].prefix, "table"),
				    cases[k].shown_table);
	}
	world_free(c.w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_missing_of_a_device_is_said),
		cmocka_unit_test(a_device_that_is_not_configured_is_none_of_ours),
		cmocka_unit_test(another_address_of_the_device_is_registered_instead),
		cmocka_unit_test(of_several_addresses_that_of_the_subnet_is_registered),
		cmocka_unit_test(
			a_server_of_a_family_that_the_device_has_not_is_not_asked),
		cmocka_unit_test(the_size_that_is_told_is_one_that_a_packet_can_have),
		cmocka_unit_test(
			another_device_by_the_same_name_is_filled_like_a_new_one),
		cmocka_unit_test(a_lan_that_is_down_is_seen_to_be),
		cmocka_unit_test(a_tunnel_that_is_down_is_seen_to_be),
		cmocka_unit_test(
			a_device_that_works_as_long_as_a_server_answers_says_so),
		cmocka_unit_test(of_a_device_that_is_gone_there_is_nothing_to_say),
		cmocka_unit_test(
			a_route_that_is_not_written_yet_says_what_it_waits_for),
		cmocka_unit_test(
			a_route_that_goes_while_the_device_is_down_is_not_written),
		cmocka_unit_test(a_route_that_was_refused_stays_so_in_another_table),
		cmocka_unit_test(routes_of_others_are_told_apart),
	};

	return cmocka_run_group_tests_name("iface", tests, NULL, NULL);
}
