/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <nhrp/defs.h>

#include "../../src/os/send_queue.h"

static bool push(struct send_queue *q, const void *pdu, size_t len, int ifindex)
{
	const struct act_send a = { ifindex, unit_addr("203.0.113.9"), pdu, len };

	return send_queue_push(q, &a);
}

static void packets_come_out_in_the_order_they_went_in(void **state)
{
	struct send_queue *q = send_queue_new();

	(void)state;
	assert_true(push(q, "first", 5, 1));
	assert_true(push(q, "second", 6, 2));
	assert_int_equal(send_queue_count(q), 2);
	assert_int_equal(send_queue_peek(q, 0).ifindex, 1);
	assert_int_equal(send_queue_peek(q, 1).len, 6);
	assert_memory_equal(send_queue_peek(q, 1).pdu, "second", 6);
	send_queue_pop(q, 1);
	assert_int_equal(send_queue_count(q), 1);
	assert_memory_equal(send_queue_peek(q, 0).pdu, "second", 6);
	send_queue_free(q);
}

static void a_packet_is_copied(void **state)
{
	struct send_queue *q = send_queue_new();
	char pdu[] = "before";

	(void)state;
	assert_true(push(q, pdu, sizeof(pdu), 1));
	pdu[0] = 'X';
	assert_memory_equal(send_queue_peek(q, 0).pdu, "before", sizeof(pdu));
	send_queue_free(q);
}

static void a_full_queue_refuses_and_keeps_what_it_has(void **state)
{
	struct send_queue *q = send_queue_new();

	(void)state;
	for (int i = 0; i < SEND_QUEUE_PACKETS; i++)
		assert_true(push(q, "x", 1, i));
	assert_false(push(q, "x", 1, -1));
	assert_int_equal(send_queue_count(q), SEND_QUEUE_PACKETS);
	assert_int_equal(send_queue_peek(q, SEND_QUEUE_PACKETS - 1).ifindex,
			 SEND_QUEUE_PACKETS - 1);
	send_queue_free(q);
}

static void octets_are_bounded_too(void **state)
{
	struct send_queue *q = send_queue_new();
	uint8_t *big = calloc(1, SEND_QUEUE_OCTETS / 2);

	(void)state;
	assert_true(push(q, big, SEND_QUEUE_OCTETS / 2, 1));
	assert_true(push(q, big, SEND_QUEUE_OCTETS / 2, 2));
	assert_false(push(q, "x", 1, 3));
	free(big);
	send_queue_free(q);
}

/* Never quite empty, so room comes back only when what is left moves up. */
static void a_queue_that_is_never_empty_goes_on(void **state)
{
	struct send_queue *q = send_queue_new();
	uint8_t pdu[1000];

	(void)state;
	memset(pdu, 0, sizeof(pdu));
	assert_true(push(q, pdu, sizeof(pdu), 0));
	for (unsigned i = 1; i < 5 * SEND_QUEUE_PACKETS; i++) {
		memset(pdu, (int)(i & 0xff), sizeof(pdu));
		assert_true(push(q, pdu, sizeof(pdu), (int)i));
		send_queue_pop(q, 1);
		assert_int_equal(send_queue_count(q), 1);
		assert_int_equal(send_queue_peek(q, 0).ifindex, i);
		assert_memory_equal(send_queue_peek(q, 0).pdu, pdu, sizeof(pdu));
	}
	send_queue_free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_come_out_in_the_order_they_went_in),
		cmocka_unit_test(a_packet_is_copied),
		cmocka_unit_test(a_full_queue_refuses_and_keeps_what_it_has),
		cmocka_unit_test(octets_are_bounded_too),
		cmocka_unit_test(a_queue_that_is_never_empty_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
