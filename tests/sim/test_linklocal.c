/* SPDX-License-Identifier: MIT */
/*
 * Stories of an IPv6 tunnel: the link-local address of a station goes beside its
 * global one, so that a routing protocol's packets and next hops find their way.
 */
#include "story.h"

#define SEED	20260601
#define HUB6	"2001:db8:ffff::1"
#define A6	"2001:db8:ffff::2"
#define B6	"2001:db8:ffff::3"
#define HUB_LL	"fe80::1"
#define A_LL	"fe80::2"
#define B_LL	"fe80::3"
#define B_LAN6	"2001:db8:0:3::/64"
#define A_HOST6 "2001:db8:0:2::10"
#define B_HOST6 "2001:db8:0:3::10"
#define EDGE_WORDS6 \
	"map 2001:db8:ffff::1/64 203.0.113.1 register holding-time 60 shortcut"

static int node6(struct world *w, const char *name, const char *nbma, const char *addr,
		 const char *beside, const char *words)
{
	return world_add(w, &(struct node_spec){ .name = name,
						 .nbma = nbma,
						 .addr = addr,
						 .words = words,
						 .beside = beside });
}

static struct cast begin_with(const char *hub_words, const char *edge_words)
{
	struct cast c = { .w = world_new(SEED) };

	c.hub = node6(c.w, "hub", HUB_NBMA, HUB6 "/64", HUB_LL "/64", hub_words);
	c.a = node6(c.w, "a", A_NBMA, A6 "/64", A_LL "/64", edge_words);
	c.b = node6(c.w, "b", B_NBMA, B6 "/64", B_LL "/64", edge_words);
	assert_true(world_until_nhs(c.w, 5, c.a, "up"));
	assert_true(world_until_nhs(c.w, 5, c.b, "up"));
	return c;
}

static struct cast begin(void)
{
	return begin_with("redirect holding-time 60", EDGE_WORDS6);
}

/* As OSPFv3 has them: by way of link-local addresses. */
static void lans(const struct cast *c)
{
	world_lan(c->w, c->a, "2001:db8:0:2::/64");
	world_lan(c->w, c->b, B_LAN6);
	world_route_via(c->w, c->hub, "2001:db8:0:2::/64", A_LL);
	world_route_via(c->w, c->hub, B_LAN6, B_LL);
	world_route_via(c->w, c->a, B_LAN6, HUB_LL);
	world_route_via(c->w, c->b, "2001:db8:0:2::/64", HUB_LL);
}

static void a_link_local_address_is_registered_beside_the_other(void **state)
{
	struct cast c = begin();

	(void)state;
	assert_cache(c.w, c.hub, A_LL, "type", "dynamic");
	assert_string_equal(world_kernel(c.w, c.hub, A_LL), A_NBMA);
	assert_string_equal(world_kernel(c.w, c.hub, A6), A_NBMA);
	assert_cache(c.w, c.a, HUB_LL, "type", "cached");
	assert_cache(c.w, c.a, HUB_LL, "reason", "told by the server");
	assert_string_equal(world_kernel(c.w, c.a, HUB_LL), HUB_NBMA);
	/* One registration keeps both for as long as it is repeated, and no more. */
	world_run_s(c.w, 3600);
	assert_cache(c.w, c.hub, A_LL, "state", "up");
	assert_cache(c.w, c.a, HUB_LL, "state", "up");
	assert_int_equal(world_counter(c.w, c.a, "tx_resolution_request"), 0);
	world_kill(c.w, c.a);
	world_run_s(c.w, 61);
	assert_cache(c.w, c.hub, A_LL, "type", "");
	world_free(c.w);
}

static void both_are_withdrawn_by_who_stops(void **state)
{
	struct cast c = begin();

	(void)state;
	world_stop(c.w, c.a);
	assert_cache(c.w, c.hub, A6, "type", "");
	assert_cache(c.w, c.hub, A_LL, "type", "");
	assert_cache(c.w, c.hub, B_LL, "type", "dynamic");
	world_free(c.w);
}

static void who_answers_tells_its_link_local_address_too(void **state)
{
	struct cast c = begin();

	(void)state;
	world_traffic(c.w, c.a, B6);
	assert_true(world_until(c.w, 5, c.a, B6, "type", "cached"));
	assert_cache(c.w, c.a, B_LL, "type", "cached");
	assert_cache(c.w, c.a, B_LL, "nbma", B_NBMA);
	assert_int_equal(world_counter(c.w, c.a, "tx_resolution_request"), 1);
	/* It is told of the end of both. */
	world_stop(c.w, c.b);
	world_run_s(c.w, 10);
	assert_cache(c.w, c.a, B6, "type", "");
	assert_cache(c.w, c.a, B_LL, "type", "");
	world_free(c.w);
}

static void a_next_hop_that_is_link_local_is_asked_for(void **state)
{
	struct cast c = begin();

	(void)state;
	world_traffic(c.w, c.a, B_LL);
	assert_true(world_until(c.w, 5, c.a, B_LL, "type", "cached"));
	assert_cache(c.w, c.a, B_LL, "nbma", B_NBMA);
	world_run_s(c.w, 1);
	assert_int_equal(world_arrived(c.w, c.b), 1);
	world_free(c.w);
}

static void shortcuts_are_found_where_routes_name_link_local_addresses(void **state)
{
	struct cast c = begin();

	(void)state;
	lans(&c);
	assert_int_equal(world_data(c.w, c.a, A_HOST6, B_HOST6), 2);
	world_run_s(c.w, 1);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN6), B6);
	assert_int_equal(world_data(c.w, c.a, A_HOST6, B_HOST6), 1);
	world_free(c.w);
}

static void one_that_moves_is_let_in_with_both(void **state)
{
	struct cast c = begin();

	(void)state;
	world_move(c.w, c.a, "192.0.2.77");
	assert_true(world_until(c.w, 6, c.hub, A6, "nbma", "192.0.2.77"));
	assert_true(world_until(c.w, 6, c.hub, A_LL, "nbma", "192.0.2.77"));
	world_free(c.w);
}

/* Two that have made theirs of the same private address, say. */
static void one_that_is_anothers_costs_the_global_one_nothing(void **state)
{
	struct cast c = begin();
	int twin = node6(c.w, "twin", "192.0.2.66", "2001:db8:ffff::66/64", A_LL "/64",
			 EDGE_WORDS6);

	(void)state;
	assert_true(world_until_nhs(c.w, 5, twin, "up"));
	world_run_s(c.w, 600);
	assert_cache(c.w, c.hub, "2001:db8:ffff::66", "nbma", "192.0.2.66");
	assert_cache(c.w, c.hub, A_LL, "nbma", A_NBMA);
	assert_string_equal(world_nhs(c.w, twin, "state"), "up");
	assert_string_equal(world_nhs(c.w, twin, "reason"),
			    "registered, but not as fe80::2: unique address "
			    "already registered");
	/* It goes on to ask, less and less often. */
	assert_in_range(world_counter(c.w, twin, "tx_registration_request"), 33, 60);
	/* Once it is free it is had. */
	world_stop(c.w, c.a);
	assert_true(world_until(c.w, 65, c.hub, A_LL, "nbma", "192.0.2.66"));
	assert_string_equal(world_nhs(c.w, twin, "reason"), "registered");
	world_free(c.w);
}

static void nobody_takes_the_place_of_one_by_an_answer(void **state)
{
	struct cast c = begin();
	int thief = node6(c.w, "thief", "192.0.2.66", "2001:db8:ffff::66/64",
			  HUB_LL "/64", EDGE_WORDS6);

	(void)state;
	assert_true(world_until_nhs(c.w, 5, thief, "up"));
	world_traffic(c.w, c.a, "2001:db8:ffff::66");
	assert_true(world_until(c.w, 5, c.a, "2001:db8:ffff::66", "type", "cached"));
	world_run_s(c.w, 5);
	assert_cache(c.w, c.a, HUB_LL, "nbma", HUB_NBMA);
	world_free(c.w);
}

static void no_route_is_announced_to_a_link_local_address(void **state)
{
	struct cast c = begin_with("host-routes holding-time 60", EDGE_WORDS6);

	(void)state;
	assert_true(world_kernel_route(c.w, c.hub, A6 "/128"));
	assert_false(world_kernel_route(c.w, c.hub, A_LL "/128"));
	world_free(c.w);
}

static void a_station_with_both_gets_one_copy_of_multicast(void **state)
{
	struct cast c = begin_with("multicast dynamic holding-time 60",
				   EDGE_WORDS6 " multicast nhs");

	(void)state;
	assert_int_equal(world_copies(c.w, c.hub), 2);
	assert_int_equal(world_copies(c.w, c.a), 1);
	/* Nor is a server's that is only told of a station of the other kind. */
	world_reload(c.w, c.a, EDGE_WORDS6 " multicast dynamic");
	world_run_s(c.w, 1);
	assert_int_equal(world_copies(c.w, c.a), 0);
	world_free(c.w);
}

/*
 * A server behind port forwarding says of itself what it is inside. Those that have it
 * configured call it where that says, again and again.
 */
static void a_server_behind_nat_is_called_again_whatever_it_tells(void **state)
{
	struct cast c = { .w = world_new(SEED) };

	(void)state;
	c.hub = world_add(c.w, &(struct node_spec){
				       .name = "hub",
				       .nbma = "192.168.9.1",
				       .nat = HUB_NBMA,
				       .addr = HUB6 "/64",
				       .beside = HUB_LL "/64",
				       .words = "redirect holding-time 60 ipsec lab" });
	world_nat_forwards(c.w, c.hub);
	c.a = node6(c.w, "a", A_NBMA, A6 "/64", A_LL "/64", EDGE_WORDS6 " ipsec lab");
	assert_true(world_until_nhs(c.w, 5, c.a, "up"));
	assert_cache(c.w, c.a, HUB_LL, "claimed_nbma", "192.168.9.1");
	world_charon_stops(c.w, c.hub);
	world_run_s(c.w, 5);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "securing");
	world_charon(c.w, c.hub, true);
	assert_true(world_until_nhs(c.w, 90, c.a, "up"));
	world_free(c.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_local_address_is_registered_beside_the_other),
		cmocka_unit_test(both_are_withdrawn_by_who_stops),
		cmocka_unit_test(who_answers_tells_its_link_local_address_too),
		cmocka_unit_test(a_next_hop_that_is_link_local_is_asked_for),
		cmocka_unit_test(
			shortcuts_are_found_where_routes_name_link_local_addresses),
		cmocka_unit_test(one_that_moves_is_let_in_with_both),
		cmocka_unit_test(one_that_is_anothers_costs_the_global_one_nothing),
		cmocka_unit_test(nobody_takes_the_place_of_one_by_an_answer),
		cmocka_unit_test(no_route_is_announced_to_a_link_local_address),
		cmocka_unit_test(a_station_with_both_gets_one_copy_of_multicast),
		cmocka_unit_test(a_server_behind_nat_is_called_again_whatever_it_tells),
	};

	return cmocka_run_group_tests_name("link-local addresses", tests, NULL, NULL);
}
