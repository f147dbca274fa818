/* SPDX-License-Identifier: MIT */
/* The log line, the dump's limits and the names; the dump itself is golden/. */
#include "vectors.h"

#include <nhrp/packet.h>

static struct packet decoded(const struct vector *v)
{
	struct packet p;
	uint16_t at;

	assert_int_equal(packet_decode(&p, v->bytes, v->len, &at), PKT_OK);
	return p;
}

static void a_packet_is_one_line_in_a_log(void **state)
{
	static const struct {
		const char *vector, *line;
	} cases[] = {
		{ "01-reg-request-nat-auth",
		  "Registration Request id 1 flags unique,nat from 10.0.0.3 at "
		  "192.168.7.3 "
		  "to 10.0.0.1 hops 255 cie /32 hold 7200 ext 3,4,5,7,9" },
		{ "03-reg-reply-nak14", "Registration Reply id 2 flags unique,nat from "
					"10.0.0.2 at 192.0.2.2 to "
					"10.0.0.1 hops 255 cie code 14 (unique address "
					"already registered) /32 "
					"hold 0 ext 3,4,5,7,9" },
		{ "07-res-reply-natted-egress",
		  "Resolution Reply id 7 flags "
		  "router,authoritative,dst-stable,unique,src-stable,nat from 10.0.0.2 "
		  "at "
		  "192.0.2.2 to 10.3.3.33 hops 255 cie 10.0.0.3/24 at 192.168.7.3 hold "
		  "7200 ext 3,4,5,7,9" },
		{ "10-traffic-indication", "Traffic Indication from 10.0.0.1 at "
					   "203.0.113.1 to 10.2.2.22 hops 255 "
					   "about 10.2.2.22 to 10.3.3.33 ext 4,5,7,9" },
		{ "11-purge-request", "Purge Request id 9 flags none from 10.0.0.3 at "
				      "192.168.7.3 to 10.0.0.2 "
				      "hops 255 cie 10.3.3.0/24 hold 0 ext 3,4,5,7" },
		{ "14-error-auth-failure", "Error Indication from 10.0.0.1 at "
					   "203.0.113.1 to 10.0.0.2 hops 255 code "
					   "11 (authentication failure) offset 64" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vector v = vector_load(cases[i].vector);
		struct packet p = decoded(&v);
		char line[256];

		assert_int_equal(packet_line(&p, line, sizeof(line)),
				 strlen(cases[i].line));
		assert_string_equal(line, cases[i].line);
	}
}

static void a_flag_without_a_name_is_shown_as_its_bit(void **state)
{
	struct vector v = vector_load("04-res-request");
	struct packet p = decoded(&v);
	char line[256];

	(void)state;
	p.flags = NHRP_FLAG_NAT | 0x0104;
	packet_line(&p, line, sizeof(line));
	assert_non_null(strstr(line, " flags nat,0x0104 from "));
}

static void text_is_cut_and_terminated(void **state)
{
	static size_t (*const print[])(const struct packet *, char *,
				       size_t) = { packet_line, packet_dump };
	struct vector v = vector_load("14-error-auth-failure");
	struct packet p = decoded(&v);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(print); i++) {
		char whole[4096];
		size_t len = print[i](&p, whole, sizeof(whole));

		assert_int_equal(strlen(whole), len);
		assert_int_equal(print[i](&p, NULL, 0), 0);
		for (size_t cap = 1; cap <= len + 1; cap++) {
			char *exact = malloc(cap);

			assert_non_null(exact);
			assert_int_equal(print[i](&p, exact, cap), cap - 1);
			assert_int_equal(exact[cap - 1], '\0');
			assert_memory_equal(exact, whole, cap - 1);
			free(exact);
		}
	}
}

static void a_key_in_a_packet_that_cannot_be_taken_apart_is_not_printed(void **state)
{
	struct vector v = vector_load("14-error-auth-failure");
	char text[4096];

	(void)state;
	/* Any octet of the quoted packet and its key wrong: whatever it then is. */
	for (size_t pos = 40; pos < v.len; pos++) {
		for (unsigned value = 0; value < 256; value += 17) {
			struct vector c = v;
			struct packet p;

			c.bytes[pos] = (uint8_t)value;
			wire_mend(c.bytes, c.len);
			p = decoded(&c);
			packet_dump(&p, text, sizeof(text));
			assert_null(strstr(text, "57 52 4f 4e 47"));
			assert_null(strstr(text, "WRONG"));
		}
	}
}

static void a_redirect_shows_eight_octets_behind_the_header(void **state)
{
	static const uint8_t ip4[64] = { 0x45, [12] = 10, [16] = 10, [63] = 0x77 };
	static const uint8_t ip6[64] = { 0x60, [63] = 0x77 };
	static const struct {
		const uint8_t *octets;
		uint16_t len;
		size_t shown;
	} cases[] = {
		{ ip4, 20, 20 }, { ip4, 28, 28 }, { ip4, 64, 28 },
		{ ip6, 40, 40 }, { ip6, 48, 48 }, { ip6, 64, 48 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct packet p;
		char text[4096];
		const char *octets;

		packet_init(&p, NHRP_TRAFFIC_INDICATION, ADDR_IP4, ADDR_IP4);
		p.payload = cases[i].octets;
		p.payload_len = cases[i].len;
		packet_dump(&p, text, sizeof(text));
		octets = strstr(text, "octets: ");
		assert_non_null(octets);
		assert_int_equal(strcspn(octets, "\n"),
				 strlen("octets:") + 3 * cases[i].shown);
	}
}

static void only_the_quoted_packets_octets_are_hidden(void **state)
{
	struct vector v = vector_load("20-reg-request-vendor-oddlen");
	struct packet p;
	char text[4096];
	struct ext *e;

	(void)state;
	packet_init(&p, NHRP_ERROR_INDICATION, ADDR_IP4, ADDR_IP4);
	p.payload = v.bytes;
	p.payload_len = (uint16_t)v.len;
	e = packet_add_ext(&p, 1000, false, EXT_RAW);
	assert_non_null(e);
	e->raw = (const uint8_t *)"\xbe\xef";
	e->raw_len = 2;
	packet_dump(&p, text, sizeof(text));
	assert_non_null(strstr(text, "\n\t\tdata: 5 octets\n"));
	assert_non_null(strstr(text, "\n\tvalue: be ef\n"));
}

static void every_reason_has_a_name_and_an_answer(void **state)
{
	(void)state;
	for (int err = PKT_OK; err < PKT_ERRS; err++) {
		const char *name = packet_err_str((enum pkt_err)err);
		bool answered = err > PKT_BAD_SIZE;

		assert_non_null(name);
		assert_string_not_equal(name, "unknown");
		for (int other = PKT_OK; other < err; other++)
			assert_string_not_equal(name,
						packet_err_str((enum pkt_err)other));
		assert_int_equal(packet_err_code((enum pkt_err)err),
				 answered ? NHRP_ERR_PROTOCOL : 0);
	}
}

static void what_has_no_name_is_unknown(void **state)
{
	(void)state;
	assert_string_equal(packet_type_str(0), "unknown");
	assert_string_equal(packet_type_str(9), "unknown");
	assert_string_equal(packet_type_str(8), "Traffic Indication");
	assert_string_equal(packet_ext_str(6), "unknown");
	assert_string_equal(packet_ext_str(9), "NAT Address");
	assert_string_equal(packet_cie_code_str(11), "unknown");
	assert_string_equal(packet_cie_code_str(12), "no binding exists");
	assert_string_equal(packet_error_code_str(2), "unknown");
	assert_string_equal(packet_error_code_str(3), "loop detected");
	assert_string_equal(packet_err_str(PKT_ERRS), "unknown");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_is_one_line_in_a_log),
		cmocka_unit_test(a_flag_without_a_name_is_shown_as_its_bit),
		cmocka_unit_test(text_is_cut_and_terminated),
		cmocka_unit_test(
			a_key_in_a_packet_that_cannot_be_taken_apart_is_not_printed),
		cmocka_unit_test(a_redirect_shows_eight_octets_behind_the_header),
		cmocka_unit_test(only_the_quoted_packets_octets_are_hidden),
		cmocka_unit_test(every_reason_has_a_name_and_an_answer),
		cmocka_unit_test(what_has_no_name_is_unknown),
	};

	return cmocka_run_group_tests_name("packet text", tests, NULL, NULL);
}
