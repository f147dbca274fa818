/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "../../src/os/copy_list.h"

#define IFINDEX 7

static const uint8_t packet[] = { 0x45, 0, 0, 20 };

static struct addr station(unsigned n)
{
	char text[32];

	snprintf(text, sizeof(text), "192.0.%u.%u", n / 256, n % 256);
	return unit_addr(text);
}

static struct copy_list *list_of(unsigned count)
{
	struct copy_list *l = copy_list_new(IFINDEX);

	for (unsigned n = 0; n < count; n++) {
		struct addr a = station(n);

		copy_list_add(l, &a);
	}
	return l;
}

static const struct sockaddr_ll *to(const struct mmsghdr *m)
{
	return m->msg_hdr.msg_name;
}

static void a_message_goes_to_its_station_by_the_device(void **state)
{
	struct copy_list *l = list_of(1);
	struct mmsghdr *m;

	(void)state;
	copy_list_begin(l, packet, sizeof(packet), ETH_P_IP);
	assert_int_equal(copy_list_messages(l, 0, 10, &m), 1);
	assert_int_equal(to(m)->sll_family, AF_PACKET);
	assert_int_equal(to(m)->sll_ifindex, IFINDEX);
	assert_int_equal(to(m)->sll_protocol, htons(ETH_P_IP));
	assert_int_equal(to(m)->sll_halen, 4);
	assert_memory_equal(to(m)->sll_addr, "\xc0\x00\x00\x00", 4);
	assert_int_equal(m->msg_hdr.msg_iovlen, 1);
	assert_ptr_equal(m->msg_hdr.msg_iov->iov_base, packet);
	assert_int_equal(m->msg_hdr.msg_iov->iov_len, sizeof(packet));
	copy_list_begin(l, packet, sizeof(packet), ETH_P_IPV6);
	assert_int_equal(copy_list_messages(l, 0, 10, &m), 1);
	assert_int_equal(to(m)->sll_protocol, htons(ETH_P_IPV6));
	copy_list_free(l);
}

/* A bit for each station that a packet went to, in pieces of `most`. */
static uint64_t reached(struct copy_list *l, size_t most)
{
	uint64_t bits = 0;
	struct mmsghdr *m;
	size_t n;

	copy_list_begin(l, packet, sizeof(packet), ETH_P_IP);
	for (size_t at = 0; at < copy_list_count(l); at += n) {
		n = copy_list_messages(l, at, most, &m);
		assert_in_range(n, 1, most);
		for (size_t k = 0; k < n; k++) {
			uint64_t bit = UINT64_C(1) << to(&m[k])->sll_addr[3];

			assert_false(bits & bit);
			bits |= bit;
		}
		copy_list_sent(l, at, n);
	}
	return bits;
}

static void every_station_is_reached_once_whoever_is_first(void **state)
{
	static const size_t sizes[] = { 1, 3, 7, 64 };

	(void)state;
	for (unsigned count = 1; count <= 40; count++) {
		struct copy_list *l = list_of(count);

		for (size_t n = 0; n < ARRAY_SIZE(sizes); n++)
			assert_int_equal(reached(l, sizes[n]),
					 (UINT64_C(1) << count) - 1);
		for (unsigned n = 0; n < count; n++)
			assert_int_equal(copy_list_station(l, n).sent,
					 ARRAY_SIZE(sizes));
		copy_list_free(l);
	}
}

/* When there is never room for all, nobody is left out for ever. */
static void who_loses_is_another_one_from_packet_to_packet(void **state)
{
	struct copy_list *l = list_of(10);

	(void)state;
	for (unsigned n = 0; n < 10; n++) {
		copy_list_begin(l, packet, sizeof(packet), ETH_P_IP);
		copy_list_sent(l, 0, 4);
		copy_list_lost(l, 4, 6);
	}
	for (unsigned n = 0; n < 10; n++) {
		assert_int_equal(copy_list_station(l, n).sent, 4);
		assert_int_equal(copy_list_station(l, n).lost, 6);
	}
	copy_list_free(l);
}

static void a_station_is_there_once_and_then_gone(void **state)
{
	struct copy_list *l = list_of(5);
	struct addr third = station(2), none = station(9);

	(void)state;
	copy_list_add(l, &third);
	assert_int_equal(copy_list_count(l), 5);
	copy_list_del(l, &third);
	copy_list_del(l, &third);
	copy_list_del(l, &none);
	assert_int_equal(copy_list_count(l), 4);
	assert_int_equal(reached(l, 64), 0x1b);
	copy_list_free(l);
}

/* Whoever is removed, and whosever turn it was. */
static void a_list_of_any_past_reaches_who_is_on_it(void **state)
{
	struct copy_list *l = list_of(32);
	uint64_t wanted = UINT32_MAX;

	(void)state;
	for (unsigned n = 0; n < 300; n++) {
		unsigned which = n * 7 % 32;
		struct addr a = station(which);

		if (wanted & (UINT64_C(1) << which))
			copy_list_del(l, &a);
		else
			copy_list_add(l, &a);
		wanted ^= UINT64_C(1) << which;
		assert_int_equal(reached(l, 5), wanted);
	}
	copy_list_free(l);
}

static void a_thousand_stations_fit_and_are_counted_one_by_one(void **state)
{
	struct copy_list *l = list_of(1000);
	struct mmsghdr *m;

	(void)state;
	copy_list_begin(l, packet, sizeof(packet), ETH_P_IP);
	assert_int_equal(copy_list_messages(l, 0, 256, &m), 256);
	assert_int_equal(copy_list_messages(l, 1000, 256, &m), 0);
	copy_list_sent(l, 0, 256);
	copy_list_lost(l, 256, 1);
	assert_int_equal(copy_list_at(l, 255).sent, 1);
	assert_int_equal(copy_list_at(l, 256).sent, 0);
	assert_int_equal(copy_list_at(l, 256).lost, 1);
	copy_list_free(l);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_goes_to_its_station_by_the_device),
		cmocka_unit_test(every_station_is_reached_once_whoever_is_first),
		cmocka_unit_test(who_loses_is_another_one_from_packet_to_packet),
		cmocka_unit_test(a_station_is_there_once_and_then_gone),
		cmocka_unit_test(a_list_of_any_past_reaches_who_is_on_it),
		cmocka_unit_test(a_thousand_stations_fit_and_are_counted_one_by_one),
	};

	return cmocka_run_group_tests_name("copy_list", tests, NULL, NULL);
}
