/* SPDX-License-Identifier: MIT */
/*
 * What a predecessor left: in the state file, entry by entry and with holes, and in
 * the kernel, for a successor of another configuration.
 */
#include "story.h"

#include "world_int.h"

#define SEED 20260123

static struct state_binding entry(const struct world *w)
{
	return (struct state_binding){ .ifname = "gre1",
				       .type = BINDING_DYNAMIC,
				       .hold_s = 600,
				       .proto = unit_prefix("10.0.0.7/32"),
				       .nbma = unit_addr("192.0.2.7"),
				       .claimed = unit_addr("192.0.2.7"),
				       .since = w->now,
				       .expires = mono_add_s(w->now, 300) };
}

/* A hub whose state file this is: `used` tells which places are. */
static struct cast hub_with(struct world *w, const struct state_binding *entries,
			    const bool *used, size_t count)
{
	struct cast c = { .w = w };
	struct node *n;

	c.hub = story_hub(w, "holding-time 600");
	n = world_node(w, c.hub);
	world_kill(w, c.hub);
	n->slots = mem_resize(n->slots, count, sizeof(*n->slots));
	n->slot_count = count;
	for (size_t k = 0; k < count; k++) {
		n->slots[k] = (struct slot){ .used = used[k], .b = entries[k] };
	}
	world_start(w, c.hub);
	return c;
}

static unsigned places_used(const struct node *n)
{
	unsigned used = 0;

	for (size_t k = 0; k < n->slot_count; k++)
		used += n->slots[k].used;
	return used;
}

/* --- the state file ------------------------------------------------------- */

static void is_whole(struct state_binding *b)
{
	(void)b;
}

static void is_for_ever(struct state_binding *b)
{
	b->expires = mono_add_s(b->since, 500000);
}

static void is_over(struct state_binding *b)
{
	b->expires = b->since;
}

static void is_of_another_type(struct state_binding *b)
{
	b->type = BINDING_NHS;
}

static void is_a_group(struct state_binding *b)
{
	b->proto = unit_prefix("224.0.0.7/32");
}

static void is_at_a_group(struct state_binding *b)
{
	b->nbma = unit_addr("224.0.0.7");
}

static void is_at_nothing(struct state_binding *b)
{
	b->nbma = (struct addr){ 0 };
}

static void is_of_another_tunnel(struct state_binding *b)
{
	snprintf(b->ifname, sizeof(b->ifname), "gre9");
}

static void an_entry_is_restored_if_it_makes_sense(void **state)
{
	static const struct {
		void (*change)(struct state_binding *b);
		bool restored;
	} cases[] = {
		{ is_whole, true },	  { is_for_ever, true },
		{ is_over, false },	  { is_of_another_type, false },
		{ is_a_group, false },	  { is_at_a_group, false },
		{ is_at_nothing, false }, { is_of_another_tunnel, false },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct world *w = world_new(SEED);
		struct state_binding b = entry(w);
		struct cast c;

		cases[k].change(&b);
		c = hub_with(w, &b, &(bool){ true }, 1);
		assert_string_equal(world_cache(w, c.hub, "10.0.0.7", "nbma"),
				    cases[k].restored ? "192.0.2.7" : "");
		/* What was not has left its place. */
		assert_int_equal(places_used(world_node(w, c.hub)), cases[k].restored);
		world_free(w);
	}
}

static void of_two_entries_of_one_address_the_first_is_restored(void **state)
{
	struct world *w = world_new(SEED);
	struct state_binding both[2] = { entry(w), entry(w) };
	struct cast c;

	(void)state;
	both[1].nbma = both[1].claimed = unit_addr("192.0.2.8");
	c = hub_with(w, both, (bool[]){ true, true }, 2);
	assert_cache(w, c.hub, "10.0.0.7", "nbma", "192.0.2.7");
	assert_int_equal(places_used(world_node(w, c.hub)), 1);
	world_free(w);
}

/* Many come and go, and the file is no longer than it ever had to be. */
static void places_of_the_state_file_are_used_again(void **state)
{
	struct cast c = { .w = world_new(SEED) };
	char nbma[20], proto[20];

	(void)state;
	c.hub = story_hub(c.w, "holding-time 600");
	for (int round = 0; round < 3; round++) {
		for (unsigned k = 1; k <= 200; k++) {
			struct packet *p;

			snprintf(nbma, sizeof(nbma), "192.0.2.%u", k);
			snprintf(proto, sizeof(proto), "10.0.0.%u", k + 10);
			p = story_packet(NHRP_REGISTRATION_REQUEST, nbma, proto, HUB);
			story_cie(p, NULL, NULL, 60);
			story_inject(c.w, c.hub, nbma, p);
		}
		assert_int_equal(places_used(world_node(c.w, c.hub)), 200);
		world_run_s(c.w, 61);
		assert_int_equal(places_used(world_node(c.w, c.hub)), 0);
	}
	for (size_t k = 200; k < world_node(c.w, c.hub)->slot_count; k++)
		assert_int_equal(world_node(c.w, c.hub)->slots[k].b.type, 0);
	world_free(c.w);
}

/* --- the kernel ----------------------------------------------------------- */

/* Restarted with other words: what is in the kernel is judged by those. */
static void restart_with(struct cast *c, const char *words)
{
	struct node *a = world_node(c->w, c->a);

	world_kill(c->w, c->a);
	snprintf(a->words, sizeof(a->words), "%s", words);
	world_start(c->w, c->a);
	world_run_s(c->w, 1);
}

static void the_shortcuts_of_a_predecessor_stay_with_the_word(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);

	(void)state;
	restart_with(&c, EDGE_WORDS);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
	restart_with(&c, SPOKE_WORDS);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	world_free(c.w);
}

/* A route of ours that leads by another station than we know now. */
static void a_route_by_another_station_is_written_anew(void **state)
{
	struct cast c = story_hosts(SEED, "");
	struct prefix dst = unit_prefix(SPOKE_A "/32");
	struct event ev = { EV_ROUTE };

	(void)state;
	ev.route = (struct ev_route){ .fact = ROUTE_DUMP_BEGIN, .ifindex = IFINDEX };
	world_handle(world_node(c.w, c.hub), &ev);
	ev.route.fact = ROUTE_SEEN;
	ev.route.dst = dst;
	ev.route.gateway = unit_addr(SPOKE_B);
	world_route(world_node(c.w, c.hub), &dst)->used = false;
	world_begin(world_node(c.w, c.hub)); /* half of what it knows */
	world_handle(world_node(c.w, c.hub), &ev);
	ev.route = (struct ev_route){ .fact = ROUTE_DUMP_END, .ifindex = IFINDEX };
	world_handle(world_node(c.w, c.hub), &ev);
	world_end(world_node(c.w, c.hub));
	assert_string_equal(world_shortcut(c.w, c.hub, SPOKE_A "/32"), "on-link");
	world_free(c.w);
}

/* --- events that are not read at once ------------------------------------- */

static unsigned sends(struct engine *e)
{
	const struct action *a;
	unsigned n = 0;

	while ((a = engine_next_action(e)))
		n += a->type == ACT_SEND;
	return n;
}

/* Whoever hands over two events before it looks loses nothing of what they want. */
static void what_two_events_want_is_there_in_order(void **state)
{
	struct cast c = story_begin(SEED);
	struct engine *e = world_node(c.w, c.hub)->engine;
	struct packet *p = story_packet(NHRP_PURGE_REQUEST, A_NBMA, SPOKE_A, HUB);
	uint8_t pdu[128];
	struct event ev = { EV_PACKET };

	(void)state;
	ev.packet.ifindex = IFINDEX;
	ev.packet.from = unit_addr(A_NBMA);
	ev.packet.pdu = pdu;
	ev.packet.len = packet_encode(p, pdu, sizeof(pdu));
	free(p);
	engine_handle(e, &ev, c.w->now);
	engine_handle(e, &ev, c.w->now);
	assert_int_equal(sends(e), 2);
	assert_int_equal(sends(e), 0);
	world_free(c.w);
}

/* A stop that is asked for twice is one. */
static void who_stops_twice_takes_leave_once(void **state)
{
	struct cast c = story_begin(SEED);
	struct node *a = world_node(c.w, c.a);

	(void)state;
	world_handle(a, &(struct event){ .type = EV_STOP });
	world_handle(a, &(struct event){ .type = EV_STOP });
	world_run_s(c.w, 1);
	assert_true(a->stopping);
	assert_int_equal(world_counter(c.w, c.hub, "rx_purge_request"), 1);
	/* Nothing is heard after it. */
	engine_handle(a->engine, &(struct event){ EV_PACKET, .packet = { IFINDEX } },
		      c.w->now);
	assert_int_equal(world_counter(c.w, c.a, "drop_interface_not_ready"), 1);
	world_free(c.w);
}

/* 0 is nobody's number: after so many questions they begin anew at 1. */
static void the_numbers_of_questions_pass_over_zero(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS);

	(void)state;
	world_node(c.w, c.hub)->engine->next_token = UINT32_MAX;
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	assert_int_equal(world_counter(c.w, c.hub, "redirects_sent"), 1);
	assert_int_equal(world_node(c.w, c.hub)->engine->next_token, 1);
	world_free(c.w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_is_restored_if_it_makes_sense),
		cmocka_unit_test(of_two_entries_of_one_address_the_first_is_restored),
		cmocka_unit_test(places_of_the_state_file_are_used_again),
		cmocka_unit_test(the_shortcuts_of_a_predecessor_stay_with_the_word),
		cmocka_unit_test(a_route_by_another_station_is_written_anew),
		cmocka_unit_test(what_two_events_want_is_there_in_order),
		cmocka_unit_test(who_stops_twice_takes_leave_once),
		cmocka_unit_test(the_numbers_of_questions_pass_over_zero),
	};

	return cmocka_run_group_tests_name("restore", tests, NULL, NULL);
}
