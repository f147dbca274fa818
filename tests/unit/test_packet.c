/* SPDX-License-Identifier: MIT */
/* What the decoder accepts, what it refuses, and which octet it blames. */
#include "vectors.h"

#include <nhrp/auth.h>
#include <nhrp/packet.h>

/* Decodes a copy in its own heap block, so that no octet behind it can be read. */
static enum pkt_err decode_copy(const uint8_t *bytes, size_t len, uint16_t *at)
{
	uint8_t *copy = unit_exact_copy(bytes, len);
	struct packet p;
	enum pkt_err err;

	err = packet_decode(&p, copy, len, at);
	free(copy);
	return err;
}

static void a_packet_cut_anywhere_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTOR_COUNT; i++) {
		struct vector v = vector_load(vector_names[i]);

		for (size_t cut = 0; cut < v.len; cut++) {
			enum pkt_err err;
			uint16_t at;

			err = decode_copy(v.bytes, cut, &at);
			if (cut < NHRP_MIN_LEN) {
				assert_int_equal(err, PKT_TOO_SHORT);
				assert_int_equal(at, cut);
			} else {
				assert_int_equal(err, PKT_BAD_SIZE);
				assert_int_equal(at, 10);
			}
		}
	}
}

/* Only what an indication quotes may end anywhere. */
static bool may_end_at(const struct vector *v, size_t cut)
{
	bool has_extensions = v->bytes[14] || v->bytes[15];

	return v->bytes[17] == NHRP_ERROR_INDICATION && !has_extensions && cut >= 40;
}

static void a_cut_packet_of_the_right_size_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTOR_COUNT; i++) {
		struct vector v = vector_load(vector_names[i]);

		for (size_t cut = NHRP_MIN_LEN; cut < v.len; cut++) {
			struct vector c = v;
			uint16_t at;

			wire_mend(c.bytes, cut);
			assert_int_equal(decode_copy(c.bytes, cut, &at) == PKT_OK,
					 may_end_at(&v, cut));
			assert_true(at <= cut);
		}
	}
}

static void octets_behind_the_packet_are_ignored(void **state)
{
	struct vector v = vector_load("01-reg-request-nat-auth");
	struct packet p;
	uint16_t at;

	(void)state;
	memset(v.bytes + v.len, 0xff, 40);
	assert_int_equal(packet_decode(&p, v.bytes, v.len + 40, &at), PKT_OK);
	assert_int_equal(p.ext_count, 5);
}

/* Octets at `pos` replaced, size and checksum mended; what is wrong, and where. */
struct fault {
	const char *vector;
	size_t pos;
	uint8_t octets[4];
	size_t count;
	enum pkt_err err;
	uint16_t at;
};

static const struct fault faults[] = {
	{ "04-res-request", 0, { 0, 3 }, 2, PKT_BAD_FAMILY, 0 },
	{ "04-res-request", 0, { 0, 0 }, 2, PKT_BAD_FAMILY, 0 },
	{ "04-res-request", 0, { 0xff, 0xff }, 2, PKT_BAD_FAMILY, 0 },
	{ "04-res-request", 2, { 0x08, 0x06 }, 2, PKT_BAD_FAMILY, 2 },
	{ "04-res-request", 2, { 0x00, 0x80 }, 2, PKT_BAD_FAMILY, 2 },
	/* An address that is long enough for the other family only. */
	{ "04-res-request", 2, { 0x86, 0xdd }, 2, PKT_BAD_ADDR_LEN, 20 },
	{ "04-res-request", 0, { 0, 2 }, 2, PKT_BAD_ADDR_LEN, 18 },
	{ "04-res-request", 16, { 0 }, 1, PKT_BAD_VERSION, 16 },
	{ "04-res-request", 16, { 2 }, 1, PKT_BAD_VERSION, 16 },
	{ "04-res-request", 17, { 0 }, 1, PKT_BAD_TYPE, 17 },
	{ "04-res-request", 17, { 9 }, 1, PKT_BAD_TYPE, 17 },
	{ "04-res-request", 17, { 128 }, 1, PKT_BAD_TYPE, 17 },
	{ "04-res-request", 18, { 3 }, 1, PKT_BAD_ADDR_LEN, 18 },
	{ "04-res-request", 18, { 16 }, 1, PKT_BAD_ADDR_LEN, 18 },
	{ "04-res-request", 18, { 0xff }, 1, PKT_BAD_ADDR_LEN, 18 },
	/* E.164 rather than native, and the reserved bit. */
	{ "04-res-request", 18, { 0x44 }, 1, PKT_BAD_ADDR_LEN, 18 },
	{ "04-res-request", 18, { 0x84 }, 1, PKT_BAD_ADDR_LEN, 18 },
	{ "04-res-request", 19, { 1 }, 1, PKT_BAD_ADDR_LEN, 19 },
	{ "04-res-request", 19, { 0x40 }, 1, PKT_BAD_ADDR_LEN, 19 },
	{ "04-res-request", 20, { 0 }, 1, PKT_BAD_ADDR_LEN, 20 },
	{ "04-res-request", 20, { 0xff }, 1, PKT_BAD_ADDR_LEN, 20 },
	{ "04-res-request", 21, { 0 }, 1, PKT_BAD_ADDR_LEN, 21 },
	{ "04-res-request", 21, { 5 }, 1, PKT_BAD_ADDR_LEN, 21 },
	/* Inside the fixed header, inside the addresses, without room for End. */
	{ "04-res-request", 14, { 0, 8 }, 2, PKT_BAD_EXT_OFFSET, 14 },
	{ "04-res-request", 14, { 0, 39 }, 2, PKT_BAD_EXT_OFFSET, 14 },
	{ "04-res-request", 14, { 0, 85 }, 2, PKT_BAD_EXT_OFFSET, 14 },
	{ "04-res-request", 14, { 0, 88 }, 2, PKT_BAD_EXT_OFFSET, 14 },
	{ "04-res-request", 14, { 0xff, 0xff }, 2, PKT_BAD_EXT_OFFSET, 14 },
	{ "10-traffic-indication", 14, { 0, 39 }, 2, PKT_BAD_EXT_OFFSET, 14 },
	/* The mandatory part ends inside a CIE. */
	{ "04-res-request", 14, { 0, 51 }, 2, PKT_TRUNCATED, 40 },
	{ "04-res-request", 14, { 0, 41 }, 2, PKT_TRUNCATED, 40 },
	{ "04-res-request", 48, { 4 }, 1, PKT_TRUNCATED, 40 },
	{ "04-res-request", 50, { 4 }, 1, PKT_TRUNCATED, 40 },
	/* Without an extension part, its octets are taken for CIEs. */
	{ "01-reg-request-nat-auth", 14, { 0, 0 }, 2, PKT_BAD_ADDR_LEN, 60 },
	/* CIE address lengths, in the mandatory part ... */
	{ "07-res-reply-natted-egress", 48, { 0xff }, 1, PKT_BAD_ADDR_LEN, 48 },
	{ "07-res-reply-natted-egress", 48, { 0x44 }, 1, PKT_BAD_ADDR_LEN, 48 },
	{ "07-res-reply-natted-egress", 48, { 16 }, 1, PKT_BAD_ADDR_LEN, 48 },
	{ "07-res-reply-natted-egress", 49, { 0xff }, 1, PKT_BAD_ADDR_LEN, 49 },
	{ "07-res-reply-natted-egress", 49, { 4 }, 1, PKT_BAD_ADDR_LEN, 49 },
	{ "07-res-reply-natted-egress", 50, { 0xff }, 1, PKT_BAD_ADDR_LEN, 50 },
	{ "07-res-reply-natted-egress", 50, { 0x84 }, 1, PKT_BAD_ADDR_LEN, 50 },
	/* ... and in an extension. */
	{ "07-res-reply-natted-egress", 72, { 0xff }, 1, PKT_BAD_ADDR_LEN, 72 },
	{ "07-res-reply-natted-egress", 73, { 0xff }, 1, PKT_BAD_ADDR_LEN, 73 },
	{ "07-res-reply-natted-egress", 74, { 0xff }, 1, PKT_BAD_ADDR_LEN, 74 },
	/* A list of CIEs whose extension ends inside one: the NAT one, at 128. */
	{ "07-res-reply-natted-egress", 130, { 0, 19 }, 2, PKT_TRUNCATED, 132 },
	{ "07-res-reply-natted-egress", 130, { 0, 11 }, 2, PKT_TRUNCATED, 132 },
	/* Extension lengths beyond the packet. */
	{ "07-res-reply-natted-egress", 130, { 0, 25 }, 2, PKT_BAD_EXT_LENGTH, 128 },
	{ "07-res-reply-natted-egress",
	  130,
	  { 0xff, 0xff },
	  2,
	  PKT_BAD_EXT_LENGTH,
	  128 },
	{ "07-res-reply-natted-egress", 62, { 0xff, 20 }, 2, PKT_BAD_EXT_LENGTH, 60 },
	/* End with a length, and no End. */
	{ "04-res-request", 86, { 0, 1 }, 2, PKT_BAD_EXT_LENGTH, 84 },
	{ "04-res-request", 84, { 0x00, 0x0a }, 2, PKT_BAD_EXT_LENGTH, 88 },
	/* 8003, 8004, 8005, 8007, 0009: each of the later ones made a second 3. */
	{ "04-res-request", 56, { 0x80, 0x03 }, 2, PKT_DUPLICATE_EXT, 56 },
	{ "04-res-request", 80, { 0x00, 0x03 }, 2, PKT_DUPLICATE_EXT, 80 },
	{ "04-res-request", 60, { 0x80, 0x07 }, 2, PKT_DUPLICATE_EXT, 64 },
	{ "04-res-request", 60, { 0x00, 0x09 }, 2, PKT_DUPLICATE_EXT, 80 },
};

static void each_fault_names_its_octet(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		const struct fault *f = &faults[i];
		struct vector v = vector_load(f->vector);
		uint16_t at;

		memcpy(v.bytes + f->pos, f->octets, f->count);
		wire_mend(v.bytes, v.len);
		if (decode_copy(v.bytes, v.len, &at) != f->err || at != f->at)
			print_message("case %zu: octet %zu of %s\n", i, f->pos,
				      f->vector);
		assert_int_equal(decode_copy(v.bytes, v.len, &at), f->err);
		assert_int_equal(at, f->at);
	}
}

static void a_size_that_lies_is_refused(void **state)
{
	static const struct {
		uint16_t size;
		enum pkt_err err;
	} cases[] = {
		{ 0, PKT_BAD_SIZE },	  { 27, PKT_BAD_SIZE },
		{ 89, PKT_BAD_SIZE },	  { 9216, PKT_BAD_SIZE },
		{ 9217, PKT_TOO_LONG },	  { 65535, PKT_TOO_LONG },
		{ 87, PKT_BAD_CHECKSUM },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vector v = vector_load("04-res-request");
		uint16_t at;

		v.bytes[10] = (uint8_t)(cases[i].size >> 8);
		v.bytes[11] = (uint8_t)cases[i].size;
		assert_int_equal(decode_copy(v.bytes, v.len, &at), cases[i].err);
		assert_int_equal(at, cases[i].err == PKT_BAD_CHECKSUM ? 12 : 10);
	}
}

static void one_wrong_bit_breaks_the_checksum(void **state)
{
	struct vector v = vector_load("20-reg-request-vendor-oddlen");

	(void)state;
	for (size_t bit = 0; bit < v.len * 8; bit++) {
		struct vector c = v;
		uint16_t at;

		if (bit / 8 == 10 || bit / 8 == 11)
			continue; /* the size; refused before the sum is taken */
		c.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(decode_copy(c.bytes, c.len, &at), PKT_BAD_CHECKSUM);
		assert_int_equal(at, 12);
	}
}

static void addresses_cut_short_are_truncated(void **state)
{
	struct vector v = vector_load("04-res-request");
	uint16_t at;

	(void)state;
	v.bytes[14] = v.bytes[15] = 0;
	for (size_t len = NHRP_MIN_LEN; len < 40; len++) {
		wire_mend(v.bytes, len);
		assert_int_equal(decode_copy(v.bytes, len, &at), PKT_TRUNCATED);
		assert_int_equal(at, 28);
	}
	wire_mend(v.bytes, 40);
	assert_int_equal(decode_copy(v.bytes, 40, &at), PKT_OK);
}

static void what_came_before_a_fault_is_there(void **state)
{
	struct vector v = vector_load("07-res-reply-natted-egress");
	struct packet p;
	uint16_t at;

	(void)state;
	v.bytes[9] = 77;
	v.bytes[130] = 0xff; /* length of the last extension */
	wire_mend(v.bytes, v.len);
	assert_int_equal(packet_decode(&p, v.bytes, v.len, &at), PKT_BAD_EXT_LENGTH);
	assert_int_equal(p.hops, 77);
	assert_int_equal(p.type, NHRP_RESOLUTION_REPLY);
	assert_int_equal(p.request_id, 7);
	assert_string_equal(ADDR_STR(&p.src_proto), "10.0.0.2");
	assert_int_equal(p.cie_count, 1);
	assert_int_equal(p.ext_count, 4);
}

/* A Purge Request with this many CIEs of 12 octets; returns its length. */
static size_t purge_of(uint8_t *pdu, size_t cies)
{
	struct vector v = vector_load("11-purge-request");

	memcpy(pdu, v.bytes, 40);
	memset(pdu + 40, 0, cies * NHRP_CIE_LEN);
	pdu[14] = pdu[15] = 0;
	wire_mend(pdu, 40 + cies * NHRP_CIE_LEN);
	return 40 + cies * NHRP_CIE_LEN;
}

static void the_pool_of_cies_is_bounded(void **state)
{
	uint8_t pdu[40 + (PKT_MAX_CIES + 1) * NHRP_CIE_LEN];
	uint16_t at;

	(void)state;
	assert_int_equal(decode_copy(pdu, purge_of(pdu, PKT_MAX_CIES), &at), PKT_OK);
	assert_int_equal(decode_copy(pdu, purge_of(pdu, PKT_MAX_CIES + 1), &at),
			 PKT_TOO_MANY_CIES);
	assert_int_equal(at, 40 + PKT_MAX_CIES * NHRP_CIE_LEN);
}

/* A Purge Request with this many empty extensions of different types and End. */
static size_t extensions_of(uint8_t *pdu, size_t exts)
{
	struct vector v = vector_load("11-purge-request");
	size_t len = 40;

	memcpy(pdu, v.bytes, len);
	pdu[15] = 40;
	for (size_t i = 0; i <= exts; i++) {
		memset(pdu + len, 0, NHRP_EXT_LEN);
		if (i < exts) {
			pdu[len] = 0x10;
			pdu[len + 1] = (uint8_t)i;
		}
		len += NHRP_EXT_LEN;
	}
	wire_mend(pdu, len);
	return len;
}

static void the_number_of_extensions_is_bounded(void **state)
{
	uint8_t pdu[40 + (PKT_MAX_EXTS + 2) * NHRP_EXT_LEN];
	uint16_t at;

	(void)state;
	assert_int_equal(decode_copy(pdu, extensions_of(pdu, PKT_MAX_EXTS), &at),
			 PKT_OK);
	assert_int_equal(decode_copy(pdu, extensions_of(pdu, PKT_MAX_EXTS + 1), &at),
			 PKT_TOO_MANY_EXTS);
	assert_int_equal(at, 40 + PKT_MAX_EXTS * NHRP_EXT_LEN);
}

static void the_longest_packet_is_a_jumbo_frame(void **state)
{
	struct vector v = vector_load("14-error-auth-failure");
	uint8_t *pdu = calloc(1, PKT_MAX_LEN + 1);
	struct packet p;
	uint16_t at;

	(void)state;
	assert_non_null(pdu);
	memcpy(pdu, v.bytes, v.len);
	wire_mend(pdu, PKT_MAX_LEN);
	assert_int_equal(packet_decode(&p, pdu, PKT_MAX_LEN, &at), PKT_OK);
	assert_int_equal(p.payload_len, PKT_MAX_LEN - 40);
	wire_mend(pdu, PKT_MAX_LEN + 1);
	assert_int_equal(packet_decode(&p, pdu, PKT_MAX_LEN + 1, &at), PKT_TOO_LONG);
	free(pdu);
}

/* Vector 04 with the extension at 80 (Cisco's NAT, empty) replaced by these octets. */
static size_t with_extensions(uint8_t *pdu, const char *octets, size_t len)
{
	struct vector v = vector_load("04-res-request");

	memcpy(pdu, v.bytes, 80);
	memcpy(pdu + 80, octets, len);
	memcpy(pdu + 80 + len, "\x80\0\0", 4);
	wire_mend(pdu, 84 + len);
	return 84 + len;
}

static void an_unknown_extension_survives_octet_for_octet(void **state)
{
	static const struct {
		const char *octets;
		size_t len;
	} cases[] = {
		{ "\x00\x0a\x00\x03"
		  "abc",
		  7 },
		{ "\x80\x0a\x00\x00", 4 },
		{ "\x40\x0b\x00\x01z", 5 }, /* the reserved bit */
		{ "\xd2\x34\x00\x01z", 5 }, /* and the compulsory one */
		{ "\x3f\xff\x00\x00\x00\x01\x00\x00", 8 },
		{ "\x00\x06\x00\x02\x80\x07", 6 },
		/* Vendor-Private may come twice, of one vendor or of two. */
		{ "\x00\x08\x00\x04\x00\x00\x0c\x01\x00\x08\x00\x03\x00\x00\x0c", 15 },
		{ "\x00\x08\x00\x01\x00", 5 }, /* not even an OUI */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t pdu[256], out[256];
		size_t len = with_extensions(pdu, cases[i].octets, cases[i].len);
		struct packet p;
		uint16_t at;

		assert_int_equal(packet_decode(&p, pdu, len, &at), PKT_OK);
		assert_int_equal(packet_encode(&p, out, sizeof(out)), len);
		assert_memory_equal(out, pdu, len);
	}
}

static void type_9_of_4_or_8_octets_is_not_ciscos(void **state)
{
	static const struct {
		const char *octets;
		size_t len;
		enum pkt_err err;
		enum ext_form form;
	} cases[] = {
		{ "\x00\x09\x00\x00", 4, PKT_OK, EXT_CIES },
		{ "\x00\x09\x00\x04\0\0\0\1", 8, PKT_OK, EXT_RAW },
		{ "\x00\x09\x00\x08\0\0\0\1\0\0\0\1", 12, PKT_OK, EXT_RAW },
		{ "\x00\x09\x00\x05\0\0\0\1\0", 9, PKT_TRUNCATED, EXT_CIES },
		{ "\x00\x09\x00\x0c\0\x20\0\0\0\0\0\0\0\0\0\0", 16, PKT_OK, EXT_CIES },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t pdu[256];
		size_t len = with_extensions(pdu, cases[i].octets, cases[i].len);
		struct packet p;
		const struct ext *e;
		uint16_t at;

		assert_int_equal(packet_decode(&p, pdu, len, &at), cases[i].err);
		if (cases[i].err)
			continue;
		e = packet_find_ext(&p, NHRP_EXT_NAT);
		assert_non_null(e);
		assert_int_equal(e->form, cases[i].form);
	}
}

static void octets_behind_end_are_ignored(void **state)
{
	static const char trailer[20] = "\x80\0\0\0";
	uint8_t pdu[256];
	size_t len = with_extensions(pdu, trailer, sizeof(trailer));
	struct packet p;
	uint16_t at;

	(void)state;
	assert_int_equal(packet_decode(&p, pdu, len, &at), PKT_OK);
	assert_int_equal(p.ext_count, 4);
	assert_int_equal(packet_encode(&p, pdu, sizeof(pdu)), 84);
}

static void authentication_is_octets_whatever_the_family(void **state)
{
	static const struct auth_key key = { 8, "AUTH_123" };
	static const char *const cases[] = {
		"01-reg-request-nat-auth",
		"17-reg-request-ipv6-over-ipv4",
		"18-reg-request-ipv4-over-ipv6",
		"19-res-reply-ipv6-over-ipv6",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vector v = vector_load(cases[i]);
		struct packet p;
		uint16_t at;

		assert_int_equal(packet_decode(&p, v.bytes, v.len, &at), PKT_OK);
		assert_true(auth_accepts(&key, &p));
	}
}

static void an_error_quotes_a_packet_and_a_redirect_a_header(void **state)
{
	struct vector error = vector_load("14-error-auth-failure");
	struct vector redirect = vector_load("10-traffic-indication");
	struct packet p;
	uint16_t at;

	(void)state;
	assert_int_equal(packet_decode(&p, error.bytes, error.len, &at), PKT_OK);
	assert_int_equal(p.error_code, NHRP_ERR_AUTHENTICATION);
	assert_int_equal(p.error_offset, 64);
	assert_ptr_equal(p.payload, error.bytes + 40);
	assert_int_equal(p.payload_len, 108);
	assert_false(p.has_exts);
	assert_int_equal(packet_decode(&p, redirect.bytes, redirect.len, &at), PKT_OK);
	assert_ptr_equal(p.payload, redirect.bytes + 40);
	assert_int_equal(p.payload_len, 28);
	assert_int_equal(p.cie_count, 0);
	assert_int_equal(p.ext_count, 4);
}

static void a_source_nbma_address_may_be_absent(void **state)
{
	struct vector v = vector_load("04-res-request");
	uint8_t out[sizeof(v.bytes)];
	struct packet p;
	uint16_t at;

	(void)state;
	memmove(v.bytes + 28, v.bytes + 32, v.len - 32);
	v.len -= 4;
	v.bytes[18] = 0;
	v.bytes[15] -= 4;
	wire_mend(v.bytes, v.len);
	assert_int_equal(packet_decode(&p, v.bytes, v.len, &at), PKT_OK);
	assert_false(addr_is_set(&p.src_nbma));
	assert_string_equal(ADDR_STR(&p.src_proto), "10.0.0.2");
	assert_int_equal(packet_encode(&p, out, sizeof(out)), v.len);
	assert_memory_equal(out, v.bytes, v.len);
}

static void the_snap_octets_are_kept(void **state)
{
	struct vector v = vector_load("04-res-request");
	uint8_t out[sizeof(v.bytes)];
	struct packet p;
	uint16_t at;

	(void)state;
	memcpy(v.bytes + 4, "\1\2\3\4\5", 5);
	wire_mend(v.bytes, v.len);
	assert_int_equal(packet_decode(&p, v.bytes, v.len, &at), PKT_OK);
	assert_memory_equal(p.snap, "\1\2\3\4\5", 5);
	assert_int_equal(packet_encode(&p, out, sizeof(out)), v.len);
	assert_memory_equal(out, v.bytes, v.len);
}

/* --- quoted packets ------------------------------------------------------------ */

static void an_excerpt_may_end_behind_the_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTOR_COUNT; i++) {
		struct vector v = vector_load(vector_names[i]);
		size_t addrs = 28u + v.bytes[18] + v.bytes[20] + v.bytes[21];

		for (size_t cut = 0; cut <= v.len; cut++) {
			uint8_t *copy = unit_exact_copy(v.bytes, cut);
			struct packet p;

			assert_int_equal(packet_decode_excerpt(&p, copy, cut) == PKT_OK,
					 cut >= addrs);
			free(copy);
		}
	}
}

static void a_cut_excerpt_keeps_what_is_whole(void **state)
{
	static const struct {
		size_t len;
		uint16_t cies, exts;
	} cases[] = {
		{ 40, 0, 0 },  { 59, 0, 0 },  { 60, 1, 0 },  { 83, 1, 0 },
		{ 84, 1, 1 },  { 107, 1, 1 }, { 108, 1, 2 }, { 112, 1, 3 },
		{ 128, 1, 4 }, { 151, 1, 4 }, { 152, 1, 5 }, { 156, 1, 5 },
	};
	struct vector v = vector_load("07-res-reply-natted-egress");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct packet p;

		assert_int_equal(packet_decode_excerpt(&p, v.bytes, cases[i].len),
				 PKT_OK);
		assert_int_equal(p.request_id, 7);
		assert_string_equal(ADDR_STR(&p.src_nbma), "192.0.2.2");
		assert_string_equal(ADDR_STR(&p.src_proto), "10.0.0.2");
		assert_int_equal(p.cie_count, cases[i].cies);
		assert_int_equal(p.ext_count, cases[i].exts);
	}
}

static void an_excerpts_checksum_is_not_looked_at(void **state)
{
	struct vector v = vector_load("04-res-request");
	struct packet p;

	(void)state;
	v.bytes[9]--; /* as a hop would that quotes what it was about to forward */
	assert_int_equal(packet_decode_excerpt(&p, v.bytes, v.len), PKT_OK);
	assert_int_equal(p.hops, 254);
}

static void octets_behind_an_excerpt_are_ignored(void **state)
{
	struct vector v = vector_load("11-purge-request");
	struct packet p;

	(void)state;
	v.bytes[14] = v.bytes[15] =
		0; /* no extensions, so a longer one would be CIEs */
	wire_mend(v.bytes, 56);
	memset(v.bytes + 56, 0, 16);
	assert_int_equal(packet_decode_excerpt(&p, v.bytes, 72), PKT_OK);
	assert_int_equal(p.cie_count, 1);
}

static void an_excerpt_that_is_not_cut_has_no_excuse(void **state)
{
	struct vector v = vector_load("04-res-request");
	struct packet p;

	(void)state;
	v.bytes[83] = 0xff; /* the last extension reaches past the end */
	assert_int_equal(packet_decode_excerpt(&p, v.bytes, v.len), PKT_BAD_EXT_LENGTH);
	assert_int_equal(packet_decode_excerpt(&p, v.bytes, v.len - 1), PKT_OK);
}

/* --- the decoder's answer and the encoder's agree --------------------------------- */

static void decode_then_encode_is_the_identity(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTOR_COUNT; i++) {
		struct vector v = vector_load(vector_names[i]);
		uint8_t out[sizeof(v.bytes)];
		struct packet p;
		uint16_t at;

		memset(&p, 0xa5, sizeof(p)); /* the decoder clears what it must */
		assert_int_equal(packet_decode(&p, v.bytes, v.len, &at), PKT_OK);
		assert_int_equal(packet_encode(&p, out, sizeof(out)), v.len);
		assert_memory_equal(out, v.bytes, v.len);
	}
}

/* If it decodes, it encodes to what decodes and prints alike. */
static void assert_agrees(const uint8_t *bytes, size_t len)
{
	char before[8192], after[8192];
	uint8_t out[600];
	struct packet p;
	size_t n;
	uint16_t at;

	if (packet_decode(&p, bytes, len, &at) != PKT_OK) {
		assert_true(at <= len);
		return;
	}
	packet_dump(&p, before, sizeof(before));
	n = packet_encode(&p, out, sizeof(out));
	assert_int_not_equal(n, 0);
	assert_int_equal(packet_decode(&p, out, n, &at), PKT_OK);
	packet_dump(&p, after, sizeof(after));
	assert_string_equal(before, after);
}

static void any_octet_may_be_anything(void **state)
{
	static const uint8_t values[] = {
		0x00, 0x01, 0x04, 0x10, 0x40, 0x7f, 0x80, 0xff
	};

	(void)state;
	for (size_t i = 0; i < VECTOR_COUNT; i++) {
		struct vector v = vector_load(vector_names[i]);

		for (size_t pos = 0; pos < v.len; pos++) {
			for (size_t k = 0; k < ARRAY_SIZE(values); k++) {
				uint8_t *copy = unit_exact_copy(v.bytes, v.len);

				copy[pos] = values[k];
				assert_agrees(copy, v.len);
				wire_mend(copy, v.len);
				assert_agrees(copy, v.len);
				free(copy);
			}
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_cut_anywhere_is_refused),
		cmocka_unit_test(a_cut_packet_of_the_right_size_is_refused),
		cmocka_unit_test(octets_behind_the_packet_are_ignored),
		cmocka_unit_test(each_fault_names_its_octet),
		cmocka_unit_test(a_size_that_lies_is_refused),
		cmocka_unit_test(one_wrong_bit_breaks_the_checksum),
		cmocka_unit_test(addresses_cut_short_are_truncated),
		cmocka_unit_test(what_came_before_a_fault_is_there),
		cmocka_unit_test(the_pool_of_cies_is_bounded),
		cmocka_unit_test(the_number_of_extensions_is_bounded),
		cmocka_unit_test(the_longest_packet_is_a_jumbo_frame),
		cmocka_unit_test(an_unknown_extension_survives_octet_for_octet),
		cmocka_unit_test(type_9_of_4_or_8_octets_is_not_ciscos),
		cmocka_unit_test(octets_behind_end_are_ignored),
		cmocka_unit_test(authentication_is_octets_whatever_the_family),
		cmocka_unit_test(an_error_quotes_a_packet_and_a_redirect_a_header),
		cmocka_unit_test(a_source_nbma_address_may_be_absent),
		cmocka_unit_test(the_snap_octets_are_kept),
		cmocka_unit_test(an_excerpt_may_end_behind_the_addresses),
		cmocka_unit_test(a_cut_excerpt_keeps_what_is_whole),
		cmocka_unit_test(an_excerpts_checksum_is_not_looked_at),
		cmocka_unit_test(octets_behind_an_excerpt_are_ignored),
		cmocka_unit_test(an_excerpt_that_is_not_cut_has_no_excuse),
		cmocka_unit_test(decode_then_encode_is_the_identity),
		cmocka_unit_test(any_octet_may_be_anything),
	};

	return cmocka_run_group_tests_name("packet", tests, NULL, NULL);
}
