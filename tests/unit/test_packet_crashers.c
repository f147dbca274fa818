/* SPDX-License-Identifier: MIT */
/*
 * Inputs that crashed or stalled another daemon, from public reports: what became
 * of each here. They are seeds of the fuzzer too.
 */
#include "unit.h"

#include <stdio.h>

#include <nhrp/inner.h>
#include <nhrp/packet.h>

struct input {
	uint8_t bytes[2048];
	size_t len;
};

static struct input input_load(const char *name)
{
	const char *top = getenv("srcdir");
	struct input in;
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/packet/%s", top ? top : ".",
		 name);
	f = fopen(path, "rb");
	if (!f)
		fail_msg("cannot open %s", path);
	in.len = fread(in.bytes, 1, sizeof(in.bytes), f);
	fclose(f);
	assert_in_range(in.len, 1, sizeof(in.bytes) - 1);
	return in;
}

static void each_is_refused_for_its_reason_or_harmless(void **state)
{
	static const struct {
		const char *name;
		enum pkt_err err;
		uint16_t at;
	} cases[] = {
		{ "crash-80-cies", PKT_OK, 0 },
		{ "crash-address-family-out-of-range", PKT_BAD_FAMILY, 0 },
		{ "crash-address-family-zero", PKT_BAD_FAMILY, 0 },
		{ "crash-bad-checksum", PKT_BAD_CHECKSUM, 12 },
		{ "crash-cie-address-length-beyond-packet", PKT_BAD_ADDR_LEN, 48 },
		{ "crash-cie-address-length-in-extension", PKT_BAD_ADDR_LEN, 92 },
		{ "crash-doubled-authentication", PKT_DUPLICATE_EXT, 80 },
		{ "crash-error-about-an-error", PKT_OK, 0 },
		{ "crash-error-quotes-three-addresses-only", PKT_OK, 0 },
		{ "crash-error-with-a-trailer", PKT_OK, 0 },
		{ "crash-excerpt-is-empty", PKT_OK, 0 },
		{ "crash-excerpt-is-no-ip-packet", PKT_OK, 0 },
		{ "crash-extension-offset-beyond-end", PKT_BAD_EXT_OFFSET, 14 },
		{ "crash-extension-offset-inside-header", PKT_BAD_EXT_OFFSET, 14 },
		{ "crash-extension-type-10", PKT_OK, 0 },
		{ "crash-extension-type-16383", PKT_OK, 0 },
		{ "crash-hop-count-zero", PKT_OK, 0 },
		{ "crash-ipv6-resolution-request", PKT_OK, 0 },
		{ "crash-ipv6-typed-ipv4-lengths", PKT_BAD_ADDR_LEN, 20 },
		{ "crash-more-cies-than-the-pool-holds", PKT_TOO_MANY_CIES, 1192 },
		{ "crash-more-than-nine-extensions", PKT_OK, 0 },
		{ "crash-negative-holding-time", PKT_OK, 0 },
		{ "crash-size-beyond-frame", PKT_TOO_LONG, 10 },
		{ "crash-truncated-before-addresses", PKT_BAD_SIZE, 10 },
		{ "crash-truncated-header", PKT_TOO_SHORT, 19 },
		{ "crash-truncated-inside-addresses", PKT_TRUNCATED, 28 },
		{ "crash-truncated-inside-cie", PKT_TRUNCATED, 40 },
		{ "crash-two-nat-extensions", PKT_DUPLICATE_EXT, 104 },
		{ "crash-zero-length-authentication", PKT_OK, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct input in = input_load(cases[i].name);
		uint8_t *exact = unit_exact_copy(in.bytes, in.len);
		struct packet p;
		enum pkt_err err;
		uint16_t at;

		err = packet_decode(&p, exact, in.len, &at);
		if (err != cases[i].err || at != cases[i].at)
			fail_msg("%s: %s at %u", cases[i].name, packet_err_str(err),
				 at);
		free(exact);
	}
}

static void a_holding_time_is_never_negative(void **state)
{
	struct input in = input_load("crash-negative-holding-time");
	struct packet p;
	uint16_t at;

	(void)state;
	assert_int_equal(packet_decode(&p, in.bytes, in.len, &at), PKT_OK);
	assert_int_equal(p.cies[0].hold_s, 65535);
}

static void an_excerpt_that_is_no_ip_packet_has_no_addresses(void **state)
{
	static const char *const cases[] = { "crash-excerpt-is-empty",
					     "crash-excerpt-is-no-ip-packet" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct input in = input_load(cases[i]);
		struct packet p;
		struct inner inner;
		char line[256];
		uint16_t at;

		assert_int_equal(packet_decode(&p, in.bytes, in.len, &at), PKT_OK);
		assert_false(inner_decode(&inner, p.payload, p.payload_len));
		packet_line(&p, line, sizeof(line));
		assert_non_null(strstr(line, "about no IP packet"));
	}
}

static void an_error_quoting_an_error_is_printed_one_level_deep(void **state)
{
	struct input in = input_load("crash-error-about-an-error");
	struct packet p;
	char text[4096];
	uint16_t at;

	(void)state;
	assert_int_equal(packet_decode(&p, in.bytes, in.len, &at), PKT_OK);
	packet_dump(&p, text, sizeof(text));
	assert_non_null(strstr(text, "\n\ttype: 7"));
	assert_null(strstr(text, "\n\t\ttype: "));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_refused_for_its_reason_or_harmless),
		cmocka_unit_test(a_holding_time_is_never_negative),
		cmocka_unit_test(an_excerpt_that_is_no_ip_packet_has_no_addresses),
		cmocka_unit_test(an_error_quoting_an_error_is_printed_one_level_deep),
	};

	return cmocka_run_group_tests_name("packet crashers", tests, NULL, NULL);
}
