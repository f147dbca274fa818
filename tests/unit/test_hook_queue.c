/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>

#include "../../src/os/hook_queue.h"

#define ROOM 100

static const mono now = { 1000000 };

static struct act_hook event_of(enum hook_event event, const char *ifname,
				const char *peer, uint32_t token)
{
	struct act_hook a = { .event = event, .type = "", .token = token };

	snprintf(a.ifname, sizeof(a.ifname), "%s", ifname);
	if (peer)
		a.dst = unit_prefix(peer);
	return a;
}

static void tell(struct hook_queue *q, enum hook_event event, const char *peer)
{
	struct act_hook a = event_of(event, "gre1", peer, 0);

	assert_true(hook_queue_put(q, &a, now));
}

static void ask(struct hook_queue *q, const char *peer)
{
	struct act_hook a = event_of(HOOK_PEER_UP, "gre1", peer, 1);

	assert_true(hook_queue_put(q, &a, now));
}

/* What comes next is this event of this peer; its line is given back, or not. */
static struct hook_line *expect(struct hook_queue *q, enum hook_event event,
				const char *peer)
{
	struct hook_item item;
	struct hook_line *line = hook_queue_take(q, &item);

	assert_non_null(line);
	assert_int_equal(item.what.event, event);
	assert_int_equal(item.since.us, now.us);
	if (peer)
		assert_string_equal(ADDR_STR(&item.what.dst.addr), peer);
	return line;
}

static void expect_and_end(struct hook_queue *q, enum hook_event event,
			   const char *peer)
{
	hook_queue_done(q, expect(q, event, peer));
}

static void expect_nothing(struct hook_queue *q)
{
	struct hook_item item;

	assert_null(hook_queue_take(q, &item));
}

static void events_of_one_peer_go_one_by_one_in_order(void **state)
{
	struct hook_queue *q = hook_queue_new(ROOM, ROOM);
	struct hook_line *line;

	(void)state;
	tell(q, HOOK_PEER_DOWN, "10.0.0.2");
	ask(q, "10.0.0.2");
	tell(q, HOOK_NHS_UP, "10.0.0.2");
	line = expect(q, HOOK_PEER_DOWN, "10.0.0.2");
	expect_nothing(q);
	hook_queue_done(q, line);
	line = expect(q, HOOK_PEER_UP, "10.0.0.2");
	/* What comes meanwhile goes behind the rest. */
	tell(q, HOOK_NHS_DOWN, "10.0.0.2");
	expect_nothing(q);
	hook_queue_done(q, line);
	expect_and_end(q, HOOK_NHS_UP, "10.0.0.2");
	expect_and_end(q, HOOK_NHS_DOWN, "10.0.0.2");
	expect_nothing(q);
	hook_queue_free(q);
}

static void peers_do_not_wait_for_each_other(void **state)
{
	struct hook_queue *q = hook_queue_new(ROOM, ROOM);

	(void)state;
	tell(q, HOOK_PEER_DOWN, "10.0.0.2");
	tell(q, HOOK_PEER_DOWN, "10.0.0.3");
	(void)expect(q, HOOK_PEER_DOWN, "10.0.0.2");
	(void)expect(q, HOOK_PEER_DOWN, "10.0.0.3");
	hook_queue_free(q);
}

static void one_address_on_two_tunnels_is_two_peers(void **state)
{
	struct hook_queue *q = hook_queue_new(ROOM, ROOM);
	struct act_hook a = event_of(HOOK_PEER_DOWN, "gre2", "10.0.0.2", 0);

	(void)state;
	tell(q, HOOK_PEER_DOWN, "10.0.0.2");
	assert_true(hook_queue_put(q, &a, now));
	(void)expect(q, HOOK_PEER_DOWN, "10.0.0.2");
	(void)expect(q, HOOK_PEER_DOWN, "10.0.0.2");
	hook_queue_free(q);
}

static void a_route_is_in_the_line_of_its_next_hop(void **state)
{
	struct hook_queue *q = hook_queue_new(ROOM, ROOM);
	struct act_hook a = event_of(HOOK_ROUTE_DOWN, "gre1", "192.168.3.0/24", 0);
	struct hook_line *line;

	(void)state;
	a.next_hop = unit_addr("10.0.0.3");
	assert_true(hook_queue_put(q, &a, now));
	tell(q, HOOK_PEER_DOWN, "10.0.0.3");
	line = expect(q, HOOK_ROUTE_DOWN, "192.168.3.0");
	expect_nothing(q);
	hook_queue_done(q, line);
	expect_and_end(q, HOOK_PEER_DOWN, "10.0.0.3");
	hook_queue_free(q);
}

static void peers_wait_until_their_interface_was_told(void **state)
{
	struct hook_queue *q = hook_queue_new(ROOM, ROOM);
	struct act_hook other = event_of(HOOK_PEER_DOWN, "gre2", "10.1.0.2", 0);
	struct hook_line *line;

	(void)state;
	tell(q, HOOK_PEER_DOWN, "10.0.0.2");
	ask(q, "10.0.0.3");
	tell(q, HOOK_INTERFACE_UP, NULL);
	assert_true(hook_queue_put(q, &other, now));
	line = expect(q, HOOK_INTERFACE_UP, NULL);
	/* Those of another interface do not. */
	(void)expect(q, HOOK_PEER_DOWN, "10.1.0.2");
	expect_nothing(q);
	hook_queue_done(q, line);
	expect_and_end(q, HOOK_PEER_UP, "10.0.0.3");
	expect_and_end(q, HOOK_PEER_DOWN, "10.0.0.2");
	hook_queue_free(q);
}

static void whoever_waits_for_an_answer_goes_first(void **state)
{
	struct hook_queue *q = hook_queue_new(ROOM, ROOM);

	(void)state;
	tell(q, HOOK_PEER_DOWN, "10.0.0.2");
	tell(q, HOOK_PEER_DOWN, "10.0.0.3");
	tell(q, HOOK_PEER_DOWN, "10.0.0.4");
	/* ... and takes along what has to be told before. */
	ask(q, "10.0.0.4");
	ask(q, "10.0.0.5");
	expect_and_end(q, HOOK_PEER_DOWN, "10.0.0.4");
	expect_and_end(q, HOOK_PEER_UP, "10.0.0.5");
	expect_and_end(q, HOOK_PEER_UP, "10.0.0.4");
	expect_and_end(q, HOOK_PEER_DOWN, "10.0.0.2");
	expect_and_end(q, HOOK_PEER_DOWN, "10.0.0.3");
	hook_queue_free(q);
}

static void what_is_told_and_what_is_asked_have_room_of_their_own(void **state)
{
	struct hook_queue *q = hook_queue_new(3, 2);
	struct act_hook told = event_of(HOOK_PEER_DOWN, "gre1", "10.0.0.2", 0);
	struct act_hook asked = event_of(HOOK_PEER_UP, "gre1", "10.0.0.3", 1);

	(void)state;
	for (int k = 0; k < 3; k++)
		assert_true(hook_queue_put(q, &told, now));
	assert_false(hook_queue_put(q, &told, now));
	for (int k = 0; k < 2; k++)
		assert_true(hook_queue_put(q, &asked, now));
	assert_false(hook_queue_put(q, &asked, now));
	assert_int_equal(hook_queue_waiting(q), 5);
	/* What runs takes up no room. */
	(void)expect(q, HOOK_PEER_UP, "10.0.0.3");
	assert_true(hook_queue_put(q, &asked, now));
	hook_queue_free(q);
}

static void what_runs_goes_on_when_the_queue_is_cleared(void **state)
{
	struct hook_queue *q = hook_queue_new(ROOM, ROOM);
	struct hook_line *line;

	(void)state;
	tell(q, HOOK_PEER_DOWN, "10.0.0.2");
	tell(q, HOOK_NHS_DOWN, "10.0.0.2");
	tell(q, HOOK_PEER_DOWN, "10.0.0.3");
	line = expect(q, HOOK_PEER_DOWN, "10.0.0.2");
	assert_int_equal(hook_queue_clear(q), 2);
	assert_int_equal(hook_queue_waiting(q), 0);
	expect_nothing(q);
	tell(q, HOOK_PEER_DOWN, "10.0.0.2");
	expect_nothing(q);
	hook_queue_done(q, line);
	expect_and_end(q, HOOK_PEER_DOWN, "10.0.0.2");
	hook_queue_free(q);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_of_one_peer_go_one_by_one_in_order),
		cmocka_unit_test(peers_do_not_wait_for_each_other),
		cmocka_unit_test(one_address_on_two_tunnels_is_two_peers),
		cmocka_unit_test(a_route_is_in_the_line_of_its_next_hop),
		cmocka_unit_test(peers_wait_until_their_interface_was_told),
		cmocka_unit_test(whoever_waits_for_an_answer_goes_first),
		cmocka_unit_test(what_is_told_and_what_is_asked_have_room_of_their_own),
		cmocka_unit_test(what_runs_goes_on_when_the_queue_is_cleared),
	};

	return cmocka_run_group_tests_name("hook_queue", tests, NULL, NULL);
}
