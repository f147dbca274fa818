/* SPDX-License-Identifier: MIT */
/* IPv6 between the sites, over IPv4: families are data. */
#include "story.h"

#include "world_int.h"

#include <errno.h>

#define SEED	20260125
#define HUB6	"fd00::1"
#define A6	"fd00::2"
#define B6	"fd00::3"
#define A6_HOST "fd00:2::10"
#define B6_HOST "fd00:3::10"
#define A6_LAN	"fd00:2::/64"
#define B6_LAN	"fd00:3::/64"
#define EDGE6	"map " HUB6 "/64 " HUB_NBMA " register holding-time 600 shortcut"

static int node6(struct world *w, const char *name, const char *nbma, const char *addr,
		 const char *words)
{
	return world_add(w, &(struct node_spec){ .name = name,
						 .nbma = nbma,
						 .addr = addr,
						 .words = words });
}

static struct cast sites6(const char *more)
{
	struct cast c = { .w = world_new(SEED) };
	char words[256];

	snprintf(words, sizeof(words), "%s%s", EDGE6, more);
	c.hub = node6(c.w, "hub", HUB_NBMA, HUB6 "/64", HUB_WORDS);
	c.a = node6(c.w, "a", A_NBMA, A6 "/64", words);
	c.b = node6(c.w, "b", B_NBMA, B6 "/64", words);
	world_lan(c.w, c.a, A6_LAN);
	world_lan(c.w, c.b, B6_LAN);
	world_route_via(c.w, c.a, "fd00::/16", HUB6);
	world_route_via(c.w, c.b, "fd00::/16", HUB6);
	world_route_via(c.w, c.hub, A6_LAN, A6);
	world_route_via(c.w, c.hub, B6_LAN, B6);
	assert_true(world_until_nhs(c.w, 5, c.a, "up"));
	assert_true(world_until_nhs(c.w, 5, c.b, "up"));
	return c;
}

static void a_spoke_registers_and_another_finds_it(void **state)
{
	struct cast c = sites6("");

	(void)state;
	assert_cache(c.w, c.hub, A6, "nbma", A_NBMA);
	world_traffic(c.w, c.a, B6);
	world_run_s(c.w, 1);
	assert_cache(c.w, c.a, B6, "nbma", B_NBMA);
	assert_cache(c.w, c.a, B6, "prefix", "128");
	assert_int_equal(world_arrived(c.w, c.b), 1);
	world_free(c.w);
}

static void traffic_between_sites_finds_its_direct_way(void **state)
{
	struct cast c = sites6("");

	(void)state;
	assert_int_equal(world_data(c.w, c.a, A6_HOST, B6_HOST), 2);
	assert_int_equal(world_counter(c.w, c.hub, "redirects_sent"), 1);
	world_run_s(c.w, 1);
	assert_string_equal(world_shortcut(c.w, c.a, B6_LAN), B6);
	assert_int_equal(world_data(c.w, c.a, A6_HOST, B6_HOST), 1);
	/* The quoted packet was whole enough for its header. */
	assert_int_equal(world_counter(c.w, c.a, "drop_traffic_indication_unwanted"),
			 0);
	world_free(c.w);
}

/* An indication about a family that its addressee's station has no address of. */
static void a_hub_that_cannot_tell_in_a_family_does_not(void **state)
{
	struct cast c = story_begin(SEED);
	uint8_t packet[48] = { 0x60, 0, 0, 0, 0, 64, 58, 62 };
	struct addr src = unit_addr(A6_HOST), dst = unit_addr(B6_HOST);
	struct event ev = { EV_SAMPLE,
			    .sample = { IFINDEX, IFINDEX, packet, sizeof(packet) } };

	(void)state;
	world_reload(c.w, c.hub, "redirect holding-time 600");
	memcpy(packet + 8, src.bytes, 16);
	memcpy(packet + 24, dst.bytes, 16);
	world_route_via(c.w, c.hub, A6_LAN, SPOKE_A);
	world_handle(world_node(c.w, c.hub), &ev);
	assert_int_equal(world_counter(c.w, c.hub, "redirects_sent"), 0);
	assert_int_equal(world_counter(c.w, c.hub, "tx_traffic_indication"), 0);
	world_free(c.w);
}

static void a_full_table_of_the_kernel_is_the_one_of_the_family(void **state)
{
	struct cast c = sites6("");
	struct explain_facts f;

	(void)state;
	world_traffic(c.w, c.a, B6);
	world_run_s(c.w, 1);
	world_refuse_neigh(c.w, c.a, B6, ENOBUFS);
	f = world_facts(c.w, c.a, B6);
	assert_string_equal(world_explain(c.w, c.a, B6, &f, "verdict", "verdict"),
			    "kernel_table_full");
	assert_non_null(strstr(world_explain(c.w, c.a, B6, &f, "verdict", "reason"),
			       "net.ipv6.neigh.default.gc_thresh3"));
	world_free(c.w);
}

static void a_shortcut_to_a_host_is_renewed_like_one_to_a_network(void **state)
{
	struct cast c = sites6(" shortcut-target fd00:3::10/128");

	(void)state;
	assert_int_equal(world_data(c.w, c.a, A6_HOST, B6_HOST), 2);
	world_run_s(c.w, 1);
	assert_string_equal(world_shortcut(c.w, c.a, B6_HOST "/128"), B6);
	/* A successor asks for the very address that it found a route to. */
	world_kill(c.w, c.a);
	world_start(c.w, c.a);
	for (int s = 0; s < 700; s++) {
		world_run_s(c.w, 1);
		assert_int_equal(world_data(c.w, c.a, A6_HOST, B6_HOST), 1);
	}
	assert_string_equal(world_shortcut(c.w, c.a, B6_HOST "/128"), B6);
	world_free(c.w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spoke_registers_and_another_finds_it),
		cmocka_unit_test(traffic_between_sites_finds_its_direct_way),
		cmocka_unit_test(a_hub_that_cannot_tell_in_a_family_does_not),
		cmocka_unit_test(a_full_table_of_the_kernel_is_the_one_of_the_family),
		cmocka_unit_test(a_shortcut_to_a_host_is_renewed_like_one_to_a_network),
	};

	return cmocka_run_group_tests_name("ip6", tests, NULL, NULL);
}
