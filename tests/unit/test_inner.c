/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <nhrp/inner.h>

static const uint8_t ip4[] = {
	0x45, 0, 0, 0x54, 0, 0x21, 0, 0, 62, 1, 0x63, 0x4d, 10, 2, 2, 22, 10, 3, 3, 33,
};
static const uint8_t ip6[] = {
	0x60, 0, 0, 0, 0, 64, 58, 64, 0x20, 0x01, 0x0d, 0xb8, 0,    0,
	0,    0, 0, 0, 0, 0,  0,  0,  0,    1,	  0x20, 0x01, 0x0d, 0xb8,
	0,    0, 0, 0, 0, 0,  0,  0,  0,    0,	  0,	2,
};

static void source_and_destination_are_found(void **state)
{
	struct inner in;

	(void)state;
	assert_true(inner_decode(&in, ip4, sizeof(ip4)));
	assert_string_equal(ADDR_STR(&in.src), "10.2.2.22");
	assert_string_equal(ADDR_STR(&in.dst), "10.3.3.33");
	assert_true(inner_decode(&in, ip6, sizeof(ip6)));
	assert_string_equal(ADDR_STR(&in.src), "2001:db8::1");
	assert_string_equal(ADDR_STR(&in.dst), "2001:db8::2");
}

static void a_header_cut_anywhere_is_no_header(void **state)
{
	static const struct {
		const uint8_t *bytes;
		size_t len;
	} cases[] = { { ip4, sizeof(ip4) }, { ip6, sizeof(ip6) } };

	struct inner none;

	(void)state;
	assert_false(inner_decode(&none, NULL, 0));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (size_t cut = 0; cut < cases[i].len; cut++) {
			uint8_t *copy = unit_exact_copy(cases[i].bytes, cut);
			struct inner in;

			assert_false(inner_decode(&in, copy, cut));
			assert_int_equal(in.src.family, ADDR_NONE);
			free(copy);
		}
	}
}

static void options_belong_to_the_header(void **state)
{
	uint8_t packet[24] = { 0 };
	struct inner in;

	(void)state;
	memcpy(packet, ip4, sizeof(ip4));
	packet[0] = 0x46;
	assert_true(inner_decode(&in, packet, 24));
	assert_false(inner_decode(&in, packet, 23));
	packet[0] = 0x44; /* shorter than a header can be */
	assert_false(inner_decode(&in, packet, 24));
}

static void another_version_is_refused(void **state)
{
	uint8_t packet[60];
	struct inner in;

	(void)state;
	for (unsigned version = 0; version < 16; version++) {
		memset(packet, 0x55, sizeof(packet));
		packet[0] = (uint8_t)(version << 4 | 5);
		assert_int_equal(inner_decode(&in, packet, sizeof(packet)),
				 version == 4 || version == 6);
	}
}

/* RIP to 224.0.0.9 and RIPng to ff02::9, with nothing but the pseudo-header summed. */
static const uint8_t rip[] = { 0x45, 0xc0, 0x00, 0x23, 0x00, 0x00, 0x00, 0x00, 0x01,
			       0x11, 0x00, 0x00, 0x0a, 0x00, 0x00, 0x01, 0xe0, 0x00,
			       0x00, 0x09, 0x02, 0x08, 0x02, 0x08, 0x00, 0x0f, 0xea,
			       0x2a, 0x02, 0x02, 0x00, 0x00, 0x72, 0x69, 0x70 };
static const uint8_t ripng[] = { 0x60, 0x00, 0x00, 0x00, 0x00, 0x0c, 0x11, 0xff, 0xfe,
				 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
				 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0xff, 0x02, 0x00,
				 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
				 0x00, 0x00, 0x00, 0x09, 0x02, 0x09, 0x02, 0x09, 0x00,
				 0x0c, 0xfd, 0xaa, 0x01, 0x01, 0x00, 0x00 };

#define RIP_AT_UDP   20
#define RIPNG_AT_UDP 40
#define AT_SUM	     6

static const struct {
	const uint8_t *bytes;
	size_t len, at_udp;
	uint16_t sum;
} partial[] = {
	{ rip, sizeof(rip), RIP_AT_UDP, 0x2d4a },
	{ ripng, sizeof(ripng), RIPNG_AT_UDP, 0xfd35 },
};

static uint16_t sum_of(const uint8_t *packet, size_t at_udp)
{
	return (uint16_t)(packet[at_udp + AT_SUM] << 8 | packet[at_udp + AT_SUM + 1]);
}

static void a_checksum_that_was_left_to_a_device_is_completed(void **state)
{
	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(partial); n++) {
		uint8_t *p = unit_exact_copy(partial[n].bytes, partial[n].len);

		inner_complete_udp(p, partial[n].len);
		assert_int_equal(sum_of(p, partial[n].at_udp), partial[n].sum);
		/* Once more, and it is whole already. */
		inner_complete_udp(p, partial[n].len);
		assert_int_equal(sum_of(p, partial[n].at_udp), partial[n].sum);
		free(p);
	}
}

/* A sum of 0 would say that there is none: it is written as 0xffff. */
static void a_checksum_of_zero_is_written_with_ones(void **state)
{
	uint8_t p[sizeof(rip)];

	(void)state;
	memcpy(p, rip, sizeof(p));
	/* What the sum lacks to all ones goes into two octets of the data. */
	p[sizeof(p) - 7] = (uint8_t)(p[sizeof(p) - 7] + (partial[0].sum >> 8));
	p[sizeof(p) - 6] = (uint8_t)(p[sizeof(p) - 6] + (partial[0].sum & 0xff));
	inner_complete_udp(p, sizeof(p));
	assert_int_equal(sum_of(p, RIP_AT_UDP), 0xffff);
}

static void what_has_a_checksum_or_is_no_udp_stays_as_it_is(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} changes[] = {
		{ 9, 89 },		    /* OSPF */
		{ 6, 0x20 },		    /* the first of several fragments */
		{ 7, 1 },		    /* a later one */
		{ RIP_AT_UDP + 4, 1 },	    /* longer than the packet */
		{ RIP_AT_UDP + 5, 7 },	    /* shorter than its header */
		{ RIP_AT_UDP + AT_SUM, 0 }, /* another sum */
		{ 0, 0x4f },		    /* options that are not there */
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(changes); n++) {
		uint8_t p[sizeof(rip)], before[sizeof(rip)];

		memcpy(p, rip, sizeof(p));
		p[changes[n].at] = changes[n].value;
		memcpy(before, p, sizeof(p));
		inner_complete_udp(p, sizeof(p));
		assert_memory_equal(p, before, sizeof(p));
	}
}

static void a_packet_cut_anywhere_is_only_read_so_far(void **state)
{
	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(partial); n++) {
		for (size_t cut = 0; cut < partial[n].len; cut++) {
			uint8_t *p = unit_exact_copy(partial[n].bytes, cut);

			inner_complete_udp(p, cut);
			assert_memory_equal(p, partial[n].bytes, cut);
			free(p);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(source_and_destination_are_found),
		cmocka_unit_test(a_header_cut_anywhere_is_no_header),
		cmocka_unit_test(options_belong_to_the_header),
		cmocka_unit_test(another_version_is_refused),
		cmocka_unit_test(a_checksum_that_was_left_to_a_device_is_completed),
		cmocka_unit_test(a_checksum_of_zero_is_written_with_ones),
		cmocka_unit_test(what_has_a_checksum_or_is_no_udp_stays_as_it_is),
		cmocka_unit_test(a_packet_cut_anywhere_is_only_read_so_far),
	};

	return cmocka_run_group_tests_name("inner", tests, NULL, NULL);
}
