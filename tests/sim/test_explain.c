/* SPDX-License-Identifier: MIT */
/*
 * `explain` on prepared faults: its verdict has the word for each, and says in a
 * sentence what is at fault.
 */
#include "story.h"

#include "world_int.h"

#include <errno.h>

#define SEED 20260109

/* What a fault does to a sound network, and to what its kernel answers. */
struct fault {
	const char *name;
	const char *a_words; /* of spoke A; NULL: as usual */
	const char *hub_words;
	void (*happens)(struct cast *c);
	void (*bends)(struct explain_facts *f);
	bool on_hub;
	const char *dst;
	const char *word;
	bool passes;
	const char *said;
};

static struct cast cast_for(const struct fault *f)
{
	struct cast c = { .w = world_new(SEED) };

	c.hub = story_hub(c.w, f->hub_words ? f->hub_words : HUB_WORDS);
	c.a = story_spoke(c.w, 2, f->a_words ? f->a_words : EDGE_WORDS);
	c.b = story_spoke(c.w, 3, EDGE_WORDS);
	world_lan(c.w, c.a, "192.168.2.0/24");
	world_lan(c.w, c.b, B_LAN);
	world_route_via(c.w, c.a, "192.168.0.0/16", HUB);
	world_route_via(c.w, c.b, "192.168.0.0/16", HUB);
	world_route_via(c.w, c.hub, "192.168.2.0/24", SPOKE_A);
	world_route_via(c.w, c.hub, B_LAN, SPOKE_B);
	world_run_s(c.w, 5);
	return c;
}

/* --- what happens ------------------------------------------------------------- */

static void device_deleted(struct cast *c)
{
	world_delete_device(c->w, c->a);
}

static void device_down(struct cast *c)
{
	world_link(c->w, c->a, false);
}

static void a_packet_to_b(struct cast *c)
{
	world_traffic(c->w, c->a, SPOKE_B);
}

static void resolved_b(struct cast *c)
{
	world_traffic(c->w, c->a, SPOKE_B);
	world_run_s(c->w, 1);
}

static void resolved_nobody(struct cast *c)
{
	world_traffic(c->w, c->a, "10.0.0.77");
	world_run_s(c->w, 1);
}

static void hub_cut_off(struct cast *c)
{
	world_cut(c->w, c->hub, c->a, true);
	world_traffic(c->w, c->a, "10.0.0.77");
	world_run_s(c->w, 15);
}

static void second_with_one_address(struct cast *c)
{
	int other = world_add(c->w, &(struct node_spec){ .name = "other",
							 .nbma = "198.51.100.9",
							 .addr = SPOKE_A "/24",
							 .words = EDGE_WORDS });

	world_run_s(c->w, 1);
	c->a = other;
}

static void traffic_to_the_lan(struct cast *c)
{
	world_data(c->w, c->a, A_HOST, B_HOST);
	world_run_s(c->w, 1);
}

static void refused_shortcut(struct cast *c)
{
	story_send_beyond(c);
	world_run_s(c->w, 1);
}

static void asked_for_a_shortcut(struct cast *c)
{
	world_network(c->w, 0, 0, 200, 200);
	world_data(c->w, c->a, A_HOST, B_HOST);
	world_run_ms(c->w, 300);
}

static void hub_asked_for_an_unknown(struct cast *c)
{
	world_traffic(c->w, c->hub, "10.0.0.77");
	world_run_ms(c->w, 10);
}

static void kernel_refuses_b(struct cast *c)
{
	resolved_b(c);
	world_refuse_neigh(c->w, c->a, SPOKE_B, ENOBUFS);
}

/* One address is known, which is one too many for the next. */
static void refused_by_size(struct cast *c)
{
	story_spoke(c->w, 4, EDGE_WORDS);
	world_run_s(c->w, 1);
	world_traffic(c->w, c->a, "10.0.0.4");
	world_run_s(c->w, 1);
	resolved_b(c);
}

static void tunnel_route_to_the_hub(struct cast *c)
{
	world_route_via(c->w, c->a, "203.0.113.0/24", HUB);
}

static void asked_the_hub_just_now(struct cast *c)
{
	world_network(c->w, 0, 0, 200, 200);
	world_link(c->w, c->a, false);
	world_link(c->w, c->a, true);
	world_run_ms(c->w, 100);
}

/* As of a provider whose address has not been given yet. */
static void no_address_yet(struct cast *c)
{
	struct prefix own = unit_prefix(SPOKE_A "/24");
	struct event ev = { EV_LINK, .link = { .name = "gre1",
					       .ifindex = IFINDEX,
					       .up = true,
					       .addrs = &own,
					       .addr_count = 1 } };

	world_handle(world_node(c->w, c->a), &ev);
}

static void kernel_dislikes_b(struct cast *c)
{
	resolved_b(c);
	world_refuse_neigh(c->w, c->a, SPOKE_B, EINVAL);
}

static void kernel_has_no_memory_for_b(struct cast *c)
{
	resolved_b(c);
	world_refuse_neigh(c->w, c->a, SPOKE_B, ENOMEM);
}

static void script_says_nothing_of_b(struct cast *c)
{
	world_script(c->w, c->a, "peer-up", SPOKE_B, HOOK_YES, 5000);
	traffic_to_the_lan(c);
}

static void a_name_fails(struct cast *c)
{
	world_run_s(c->w, 1);
	assert_string_equal(world_show(c->w, c->hub, SHOW_NHS, NULL, NULL, "reason"),
			    "no such name");
}

/* --- what the kernel answers ---------------------------------------------------- */

static void nothing_there(struct explain_facts *f)
{
	f->neigh = (struct kernel_neigh){ KERNEL_NEIGH_NONE };
}

static void another_address(struct explain_facts *f)
{
	f->neigh = (struct kernel_neigh){ KERNEL_NEIGH_VALID, unit_addr("192.0.2.66"),
					  false };
}

static void by_eth0(struct explain_facts *f)
{
	f->route.found.kind = LOOKUP_UNICAST;
	f->route.found.ifindex = 2;
	f->route.found.matched = unit_prefix("0.0.0.0/0");
	snprintf(f->route.device, sizeof(f->route.device), "eth0");
}

static void silent(struct explain_facts *f)
{
	f->route.known = false;
}

static void silent_about_neighbours(struct explain_facts *f)
{
	f->neigh_known = false;
}

static void refused_there(struct explain_facts *f)
{
	f->neigh.state = KERNEL_NEIGH_REFUSED;
}

/* As an older route in another table might: what the shortcut has is passed over. */
static void by_the_hub_all_the_same(struct explain_facts *f)
{
	f->route.found.gateway = unit_addr(HUB);
	f->route.found.matched = unit_prefix("192.168.3.0/25");
	f->neigh =
		(struct kernel_neigh){ KERNEL_NEIGH_VALID, unit_addr(HUB_NBMA), true };
}

/* The device is not what it was when the kernel was asked. */
static void by_gre1(struct explain_facts *f)
{
	f->route.found.kind = LOOKUP_UNICAST;
	f->route.found.ifindex = IFINDEX;
	f->route.found.matched = unit_prefix("10.0.0.0/24");
}

static void no_way_out(struct explain_facts *f)
{
	f->underlay.found.kind = LOOKUP_UNREACHABLE;
}

static void own_address(struct explain_facts *f)
{
	f->underlay.found.kind = LOOKUP_LOCAL;
}

/* --- the table ------------------------------------------------------------------ */

#define STOPS  false
#define PASSES true

static const struct fault faults[] = {
	{ .name = "all is well",
	  .happens = resolved_b,
	  .dst = SPOKE_B,
	  .word = "ok",
	  .passes = PASSES,
	  .said = "go by gre1 straight to 198.51.100.3" },
	{ .name = "by the hub",
	  .dst = B_HOST,
	  .word = "ok",
	  .passes = PASSES,
	  .said = "go by gre1 to 10.0.0.1 at 203.0.113.1" },
	{ .name = "by a shortcut",
	  .happens = traffic_to_the_lan,
	  .dst = B_HOST,
	  .word = "ok",
	  .passes = PASSES,
	  .said = "to 10.0.0.3 at 198.51.100.3, by a shortcut" },
	{ .name = "a registered spoke, seen from the hub",
	  .on_hub = true,
	  .dst = SPOKE_A,
	  .word = "ok",
	  .passes = PASSES,
	  .said = "straight to 198.51.100.2" },
	{ .name = "own address",
	  .dst = SPOKE_A,
	  .word = "local",
	  .passes = PASSES,
	  .said = "an address of this machine" },
	{ .name = "a network of our own",
	  .dst = "192.168.2.10",
	  .word = "lan",
	  .passes = PASSES,
	  .said = "leave by lan0" },
	{ .name = "not through a tunnel",
	  .bends = by_eth0,
	  .dst = "192.0.2.200",
	  .word = "elsewhere",
	  .passes = PASSES,
	  .said = "leave by eth0 and by no tunnel" },
	{ .name = "multicast",
	  .dst = "224.0.0.5",
	  .word = "not_unicast",
	  .said = "no unicast address" },
	{ .name = "multicast that is copied",
	  .on_hub = true,
	  .hub_words = HUB_WORDS " multicast dynamic",
	  .dst = "224.0.0.5",
	  .word = "copied",
	  .passes = PASSES,
	  .said = "for 224.0.0.5 is copied to 2 stations" },
	{ .name = "multicast in no group that is",
	  .a_words = EDGE_WORDS " multicast nhs",
	  .dst = "239.1.1.1",
	  .word = "not_copied",
	  .said = "no 'multicast-group' covers it" },
	{ .name = "broadcast that is",
	  .a_words = EDGE_WORDS " multicast nhs multicast-group 255.255.255.255",
	  .dst = "255.255.255.255",
	  .word = "copied",
	  .passes = PASSES,
	  .said = "is copied to 1 station" },
	{ .name = "multicast for nobody",
	  .a_words = EDGE_WORDS " multicast dynamic",
	  .dst = "ff02::5",
	  .word = "copied_to_nobody",
	  .said = "none of the stations" },
	{ .name = "no route",
	  .dst = "172.31.0.1",
	  .word = "no_route",
	  .said = "has no route to 172.31.0.1" },
	{ .name = "no route, because the tunnel is down",
	  .happens = device_down,
	  .dst = B_HOST,
	  .word = "no_route",
	  .said = "routes by gre1 are gone: the device is down" },
	{ .name = "elsewhere, because the tunnel is down",
	  .happens = device_down,
	  .bends = by_eth0,
	  .dst = B_HOST,
	  .word = "elsewhere",
	  .passes = PASSES,
	  .said = "routes by gre1 are gone: the device is down" },
	{ .name = "the device is not there",
	  .happens = device_deleted,
	  .bends = by_eth0,
	  .dst = SPOKE_B,
	  .word = "interface_missing",
	  .said = "there is no such device" },
	{ .name = "the kernel says nothing",
	  .bends = silent,
	  .dst = SPOKE_B,
	  .word = "kernel_silent",
	  .said = "does not say where packets to 10.0.0.3 go" },
	{ .name = "the device went while the kernel was asked",
	  .happens = device_down,
	  .bends = by_gre1,
	  .dst = SPOKE_B,
	  .word = "interface_down",
	  .said = "cannot go by gre1: the device is down: ip link set up" },
	{ .name = "the device has no NBMA address",
	  .happens = no_address_yet,
	  .bends = by_gre1,
	  .dst = SPOKE_B,
	  .word = "interface_unusable",
	  .said = "cannot go by gre1: it has no NBMA address yet" },
	{ .name = "the device is down",
	  .happens = device_down,
	  .bends = by_eth0,
	  .dst = SPOKE_B,
	  .word = "interface_down",
	  .said = "cannot go by gre1: the device is down: ip link set up" },
	{ .name = "a route elsewhere",
	  .bends = by_eth0,
	  .dst = SPOKE_B,
	  .word = "routed_elsewhere",
	  .said = "leave by eth0, not by gre1" },
	{ .name = "the network of the configuration, and the device is without it",
	  .a_words = "address 10.7.0.2/24 holding-time 600",
	  .bends = by_eth0,
	  .dst = "10.7.0.3",
	  .word = "routed_elsewhere",
	  .said = "leave by eth0, not by gre1" },
	{ .name = "the server was asked just now",
	  .happens = asked_the_hub_just_now,
	  .dst = SPOKE_B,
	  .word = "registering",
	  .said = "was asked just now and has not answered yet" },
	{ .name = "the server does not answer",
	  .a_words = "map 10.0.0.1/24 203.0.113.99 register",
	  .dst = SPOKE_B,
	  .word = "server_silent",
	  .said = "server 10.0.0.1 at 203.0.113.99 does not answer" },
	{ .name = "another key",
	  .a_words = EDGE_WORDS " authentication left",
	  .hub_words = HUB_WORDS " authentication right",
	  .dst = HUB,
	  .word = "server_error",
	  .said = "our Registration Request with an error: authentication failure" },
	{ .name = "another key, seen from the hub",
	  .a_words = EDGE_WORDS " authentication left",
	  .hub_words = HUB_WORDS " authentication right",
	  .happens = hub_asked_for_an_unknown,
	  .on_hub = true,
	  .dst = SPOKE_A,
	  .word = "peer_refused",
	  .said = "Registration Request from 198.51.100.2 was refused: "
		  "authentication failure" },
	{ .name = "the address is registered by another",
	  .happens = second_with_one_address,
	  .dst = HUB,
	  .word = "server_refuses",
	  .said = "refuses to register 10.0.0.2: unique address already registered" },
	{ .name = "a name that does not resolve",
	  .a_words = "map 10.0.0.1/24 hub.example.net register",
	  .dst = SPOKE_B,
	  .word = "name_unresolved",
	  .said = "hub.example.net: no such name" },
	{ .name = "a name of many servers that does not resolve",
	  .a_words = "dynamic-map 10.0.0.0/24 hubs.example.net",
	  .dst = SPOKE_B,
	  .word = "name_unresolved",
	  .said = "hubs.example.net: no such name" },
	{ .name = "a name that does not resolve is no matter for a spoke that is here",
	  .hub_words = HUB_WORDS " dynamic-map 10.0.0.0/24 hubs.example.net",
	  .happens = a_name_fails,
	  .on_hub = true,
	  .dst = SPOKE_A,
	  .word = "ok",
	  .passes = PASSES,
	  .said = "straight to 198.51.100.2" },
	{ .name = "nor is one that serves another network",
	  .hub_words = HUB_WORDS " dynamic-map 10.9.0.0/24 hubs.example.net",
	  .happens = a_name_fails,
	  .on_hub = true,
	  .dst = "10.0.0.77",
	  .word = "no_server",
	  .said = "10.0.0.77 is not registered here" },
	{ .name = "nobody to ask",
	  .a_words = "holding-time 600",
	  .dst = SPOKE_B,
	  .word = "no_server",
	  .said = "10.0.0.3 is not registered here" },
	{ .name = "nobody to ask, after a packet",
	  .happens = hub_asked_for_an_unknown,
	  .on_hub = true,
	  .dst = "10.0.0.77",
	  .word = "no_server",
	  .said = "no server is configured to be asked" },
	{ .name = "nothing sent so far",
	  .dst = SPOKE_B,
	  .word = "not_resolved",
	  .said = "the first packet makes nhrpd ask 10.0.0.1 at 203.0.113.1" },
	{ .name = "asked, not answered yet",
	  .happens = a_packet_to_b,
	  .dst = SPOKE_B,
	  .word = "resolving",
	  .said = "have not answered yet" },
	{ .name = "there is no such station",
	  .happens = resolved_nobody,
	  .dst = "10.0.0.77",
	  .word = "refused",
	  .said = "no binding exists" },
	{ .name = "no answer",
	  .happens = hub_cut_off,
	  .dst = "10.0.0.77",
	  .word = "unanswered",
	  .said = "no answer" },
	{ .name = "as many as are allowed",
	  .a_words = EDGE_WORDS " max-bindings 1",
	  .happens = refused_by_size,
	  .dst = SPOKE_B,
	  .word = "table_full",
	  .said = "max-bindings allows no more" },
	{ .name = "a shortcut was refused",
	  .happens = refused_shortcut,
	  .dst = BEYOND_HOST,
	  .word = "shortcut_refused",
	  .passes = PASSES,
	  .said = "a direct way was refused, and may be asked for again in " },
	{ .name = "the policy is against a shortcut",
	  .a_words = EDGE_WORDS " shortcut-filter 10.99.0.0/16",
	  .happens = traffic_to_the_lan,
	  .dst = B_HOST,
	  .word = "shortcut_refused",
	  .passes = PASSES,
	  .said = "shortcut-filter" },
	{ .name = "a shortcut is asked for",
	  .happens = asked_for_a_shortcut,
	  .dst = B_HOST,
	  .word = "shortcut_resolving",
	  .passes = PASSES,
	  .said = "to 10.0.0.1 at 203.0.113.1; a direct way was asked for" },
	{ .name = "a shortcut waits for the script",
	  .a_words = EDGE_WORDS " script /etc/nhrpd/hook",
	  .happens = script_says_nothing_of_b,
	  .dst = B_HOST,
	  .word = "shortcut_waiting",
	  .passes = PASSES,
	  .said = "the direct way by 10.0.0.3 is not taken yet: the script is asked" },
	{ .name = "a shortcut is passed over",
	  .happens = traffic_to_the_lan,
	  .bends = by_the_hub_all_the_same,
	  .dst = B_HOST,
	  .word = "shortcut_unused",
	  .passes = PASSES,
	  .said = "the shortcut by 10.0.0.3 is not taken: the kernel prefers the route "
		  "192.168.3.0/25" },
	{ .name = "the tunnel's own packets enter the tunnel",
	  .happens = tunnel_route_to_the_hub,
	  .dst = HUB,
	  .word = "underlay_loops",
	  .said = "are routed into gre1 itself, by 203.0.113.0/24" },
	{ .name = "no route to the station's NBMA address",
	  .bends = no_way_out,
	  .dst = HUB,
	  .word = "underlay_unreachable",
	  .said = "no route to 203.0.113.1" },
	{ .name = "the map has our own NBMA address",
	  .bends = own_address,
	  .dst = HUB,
	  .word = "underlay_local",
	  .said = "is an address of this machine" },
	{ .name = "the neighbour is gone",
	  .happens = resolved_b,
	  .bends = nothing_there,
	  .dst = SPOKE_B,
	  .word = "neighbour_missing",
	  .said = "has no address for its neighbour 10.0.0.3" },
	{ .name = "the neighbour is another",
	  .happens = resolved_b,
	  .bends = another_address,
	  .dst = SPOKE_B,
	  .word = "neighbour_differs",
	  .said = "sends packets for 10.0.0.3 to 192.0.2.66" },
	{ .name = "the neighbour is refused",
	  .happens = resolved_b,
	  .bends = refused_there,
	  .dst = SPOKE_B,
	  .word = "neighbour_differs",
	  .said = "the kernel refuses packets to its neighbour 10.0.0.3" },
	{ .name = "the kernel says nothing of its neighbour",
	  .happens = resolved_b,
	  .bends = silent_about_neighbours,
	  .dst = SPOKE_B,
	  .word = "ok",
	  .passes = PASSES,
	  .said = "straight to 198.51.100.3" },
	{ .name = "the kernel does not take it",
	  .happens = kernel_dislikes_b,
	  .bends = nothing_there,
	  .dst = SPOKE_B,
	  .word = "neighbour_missing",
	  .said = "refused the neighbour 10.0.0.3: Invalid argument" },
	{ .name = "the kernel has no memory",
	  .happens = kernel_has_no_memory_for_b,
	  .bends = nothing_there,
	  .dst = SPOKE_B,
	  .word = "kernel_table_full",
	  .said = "net.ipv4.neigh" },
	{ .name = "the kernel's table is full",
	  .happens = kernel_refuses_b,
	  .bends = nothing_there,
	  .dst = SPOKE_B,
	  .word = "kernel_table_full",
	  .said = "gc_thresh3" },
};

static void each_fault_is_named_by_its_verdict(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(faults); k++) {
		const struct fault *f = &faults[k];
		struct cast c = cast_for(f);
		struct explain_facts facts;
		int node;

		if (f->happens)
			f->happens(&c);
		node = f->on_hub ? c.hub : c.a;
		facts = world_facts(c.w, node, f->dst);
		if (f->bends)
			f->bends(&facts);
#define FIELD(key) world_explain(c.w, node, f->dst, &facts, "verdict", key)
		if (strcmp(FIELD("verdict"), f->word) != 0 ||
		    strcmp(FIELD("passes"), f->passes ? "true" : "false") != 0 ||
		    !strstr(FIELD("reason"), f->said)) {
			print_error("%s: %s\n", f->name, FIELD("verdict"));
			fail_msg("%s", FIELD("reason"));
		}
#undef FIELD
		world_free(c.w);
	}
}

/* --- the steps -------------------------------------------------------------------- */

static void a_tunnel_without_an_address_is_told_by_its_name(void **state)
{
	struct cast c = story_begin(SEED);
	struct explain_facts f;

	(void)state;
	no_address_yet(&c);
	f = world_facts(c.w, c.a, SPOKE_B);
	by_gre1(&f);
	assert_string_equal(world_explain(c.w, c.a, SPOKE_B, &f, "interface", "what"),
			    "gre1");
	world_free(c.w);
}

static void the_last_error_of_a_peer_is_shown_from_both_ends(void **state)
{
	const struct fault keys = { .a_words = EDGE_WORDS " authentication left",
				    .hub_words = HUB_WORDS " authentication right" };
	struct cast c = cast_for(&keys);
	struct explain_facts a = world_facts(c.w, c.a, HUB);
	struct explain_facts hub = world_facts(c.w, c.hub, SPOKE_A);

	(void)state;
	assert_string_equal(world_explain(c.w, c.a, HUB, &a, "error", "what"),
			    HUB " at " HUB_NBMA);
	assert_string_equal(world_explain(c.w, c.a, HUB, &a, "error", "state"),
			    "received");
	assert_string_equal(world_explain(c.w, c.hub, SPOKE_A, &hub, "error", "state"),
			    "sent");
	assert_string_equal(world_explain(c.w, c.hub, SPOKE_A, &hub, "error", "reason"),
			    "authentication failure, about its Registration Request");
	world_free(c.w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_named_by_its_verdict),
		cmocka_unit_test(a_tunnel_without_an_address_is_told_by_its_name),
		cmocka_unit_test(the_last_error_of_a_peer_is_shown_from_both_ends),
	};

	return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
