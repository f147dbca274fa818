/* SPDX-License-Identifier: MIT */
/* Packets put together from nothing are the packets of tests/golden. */
#include "vectors.h"

#include <nhrp/auth.h>
#include <nhrp/packet.h>

/* Cisco's values, which the vectors carry in every CIE. */
#define MTU	   17912
#define MTU_OVER_6 17892
#define HOLD_S	   7200
#define PREFERENCE 255

static const struct auth_key auth_key = { 8, "AUTH_123" };

static struct cie cie_of(uint8_t prefix_len, uint16_t hold_s, const char *nbma,
			 const char *proto)
{
	struct cie c = { .prefix_len = prefix_len, .mtu = MTU, .hold_s = hold_s };

	c.preference = PREFERENCE;
	if (nbma)
		c.nbma = unit_addr(nbma);
	if (proto)
		c.proto = unit_addr(proto);
	return c;
}

static void put_cie(struct packet *p, struct cie c)
{
	struct cie *room = packet_add_cie(p);

	assert_non_null(room);
	*room = c;
}

static struct ext *put_ext(struct packet *p, uint16_t type)
{
	struct ext *e = packet_add_ext(p, type, type != NHRP_EXT_NAT, EXT_CIES);

	assert_non_null(e);
	return e;
}

static void put_ext_cie(struct packet *p, uint16_t type, struct cie c)
{
	struct ext *e = packet_find_ext(p, (enum nhrp_ext_type)type);
	struct cie *room = packet_ext_add_cie(p, e ? e : put_ext(p, type));

	assert_non_null(room);
	*room = c;
}

static void put_raw(struct packet *p, uint16_t type, bool compulsory,
		    const uint8_t *value, size_t len)
{
	struct ext *e = packet_add_ext(p, type, compulsory, EXT_RAW);

	assert_non_null(e);
	e->raw = value;
	e->raw_len = (uint16_t)len;
}

static void put_auth(struct packet *p)
{
	static uint8_t value[AUTH_VALUE_MAX];

	put_raw(p, NHRP_EXT_AUTHENTICATION, true, value, auth_value(&auth_key, value));
}

static void put_addrs(struct packet *p, const char *nbma, const char *src,
		      const char *dst)
{
	p->src_nbma = unit_addr(nbma);
	p->src_proto = unit_addr(src);
	p->dst_proto = unit_addr(dst);
}

static void assert_is_vector(const struct packet *p, const char *name)
{
	struct vector v = vector_load(name);
	uint8_t *exact = malloc(v.len);

	assert_non_null(exact);
	assert_int_equal(packet_encode(p, exact, v.len), v.len);
	assert_memory_equal(exact, v.bytes, v.len);
	free(exact);
}

static void a_resolution_request(void **state)
{
	struct packet p;

	(void)state;
	packet_init(&p, NHRP_RESOLUTION_REQUEST, ADDR_IP4, ADDR_IP4);
	put_addrs(&p, "192.0.2.2", "10.0.0.2", "10.3.3.33");
	p.request_id = 7;
	p.flags = NHRP_RES_ROUTER | NHRP_RES_AUTHORITATIVE | NHRP_RES_SRC_STABLE |
		  NHRP_FLAG_NAT;
	put_cie(&p, cie_of(32, HOLD_S, NULL, NULL));
	put_ext(&p, NHRP_EXT_RESPONDER);
	put_ext(&p, NHRP_EXT_FORWARD_TRANSIT);
	put_ext(&p, NHRP_EXT_REVERSE_TRANSIT);
	put_auth(&p);
	put_ext(&p, NHRP_EXT_NAT);
	assert_is_vector(&p, "04-res-request");
}

static void a_resolution_reply(void **state)
{
	struct packet p;

	(void)state;
	packet_init(&p, NHRP_RESOLUTION_REPLY, ADDR_IP4, ADDR_IP4);
	put_addrs(&p, "192.0.2.2", "10.0.0.2", "10.3.3.33");
	p.request_id = 7;
	p.flags = NHRP_RES_ROUTER | NHRP_RES_AUTHORITATIVE | NHRP_RES_DEST_STABLE |
		  NHRP_RES_UNIQUE | NHRP_RES_SRC_STABLE | NHRP_FLAG_NAT;
	put_cie(&p, cie_of(24, HOLD_S, "192.168.7.3", "10.0.0.3"));
	put_ext_cie(&p, NHRP_EXT_RESPONDER,
		    cie_of(32, HOLD_S, "192.168.7.3", "10.0.0.3"));
	put_ext_cie(&p, NHRP_EXT_FORWARD_TRANSIT,
		    cie_of(32, HOLD_S, "203.0.113.1", "10.0.0.1"));
	put_ext(&p, NHRP_EXT_REVERSE_TRANSIT);
	put_auth(&p);
	put_ext_cie(&p, NHRP_EXT_NAT, cie_of(32, 0, "198.51.100.3", "10.0.0.3"));
	assert_is_vector(&p, "07-res-reply-natted-egress");
}

static void a_resolution_reply_over_ipv6(void **state)
{
	struct packet p;

	(void)state;
	packet_init(&p, NHRP_RESOLUTION_REPLY, ADDR_IP6, ADDR_IP6);
	put_addrs(&p, "2001:db8:f::2", "2001:db8:d::2", "2001:db8:3::33");
	p.request_id = 11;
	p.flags = 0xf802;
	put_cie(&p, cie_of(64, HOLD_S, "2001:db8:f::3", "2001:db8:d::3"));
	put_cie(&p, cie_of(128, HOLD_S, "2001:db8:f::3", "fe80::3"));
	put_ext_cie(&p, NHRP_EXT_RESPONDER,
		    cie_of(128, HOLD_S, "2001:db8:f::3", "2001:db8:d::3"));
	for (uint16_t i = 0; i < p.cie_used; i++)
		p.cies[i].mtu = MTU_OVER_6;
	put_ext(&p, NHRP_EXT_FORWARD_TRANSIT);
	put_ext(&p, NHRP_EXT_REVERSE_TRANSIT);
	put_auth(&p);
	put_ext(&p, NHRP_EXT_NAT);
	assert_is_vector(&p, "19-res-reply-ipv6-over-ipv6");
}

static void registration(struct packet *p, enum nhrp_type type)
{
	packet_init(p, type, ADDR_IP4, ADDR_IP4);
	put_addrs(p, "192.168.7.3", "10.0.0.3", "10.0.0.1");
	p->request_id = 1;
	p->flags = NHRP_REG_UNIQUE | NHRP_FLAG_NAT;
	put_cie(p, cie_of(32, HOLD_S, NULL, NULL));
	put_ext(p, NHRP_EXT_RESPONDER);
	put_ext(p, NHRP_EXT_FORWARD_TRANSIT);
	put_ext(p, NHRP_EXT_REVERSE_TRANSIT);
	put_auth(p);
	put_ext_cie(p, NHRP_EXT_NAT, cie_of(32, 0, "203.0.113.1", "10.0.0.1"));
}

static void a_registration_request(void **state)
{
	struct packet p;

	(void)state;
	registration(&p, NHRP_REGISTRATION_REQUEST);
	assert_is_vector(&p, "01-reg-request-nat-auth");
}

static void a_registration_reply(void **state)
{
	struct packet p;

	(void)state;
	registration(&p, NHRP_REGISTRATION_REPLY);
	put_ext_cie(&p, NHRP_EXT_NAT, cie_of(32, 0, "198.51.100.3", "10.0.0.3"));
	put_ext_cie(&p, NHRP_EXT_RESPONDER,
		    cie_of(32, HOLD_S, "203.0.113.1", "10.0.0.1"));
	assert_is_vector(&p, "02-reg-reply-nat-detected");
}

static void purge(struct packet *p, enum nhrp_type type)
{
	struct cie c = cie_of(24, 0, NULL, "10.3.3.0");

	packet_init(p, type, ADDR_IP4, ADDR_IP4);
	put_addrs(p, "192.168.7.3", "10.0.0.3", "10.0.0.2");
	p->request_id = 9;
	c.mtu = 0;
	c.preference = 0;
	put_cie(p, c);
	put_ext(p, NHRP_EXT_RESPONDER);
	put_ext(p, NHRP_EXT_FORWARD_TRANSIT);
	put_ext(p, NHRP_EXT_REVERSE_TRANSIT);
	put_auth(p);
}

static void a_purge_request(void **state)
{
	struct packet p;

	(void)state;
	purge(&p, NHRP_PURGE_REQUEST);
	assert_is_vector(&p, "11-purge-request");
}

static void a_purge_reply(void **state)
{
	struct packet p;

	(void)state;
	purge(&p, NHRP_PURGE_REPLY);
	put_ext_cie(&p, NHRP_EXT_RESPONDER,
		    cie_of(32, HOLD_S, "192.0.2.2", "10.0.0.2"));
	assert_is_vector(&p, "12-purge-reply");
}

static void an_error_indication(void **state)
{
	struct vector quoted = vector_load("14-error-auth-failure");
	struct packet p;

	(void)state;
	packet_init(&p, NHRP_ERROR_INDICATION, ADDR_IP4, ADDR_IP4);
	put_addrs(&p, "203.0.113.1", "10.0.0.1", "10.0.0.2");
	p.error_code = NHRP_ERR_AUTHENTICATION;
	p.error_offset = 64;
	p.payload = quoted.bytes + 40;
	p.payload_len = (uint16_t)(quoted.len - 40);
	assert_is_vector(&p, "14-error-auth-failure");
}

static void a_traffic_indication(void **state)
{
	struct vector quoted = vector_load("10-traffic-indication");
	struct packet p;

	(void)state;
	packet_init(&p, NHRP_TRAFFIC_INDICATION, ADDR_IP4, ADDR_IP4);
	put_addrs(&p, "203.0.113.1", "10.0.0.1", "10.2.2.22");
	p.payload = quoted.bytes + 40;
	p.payload_len = 28;
	put_ext(&p, NHRP_EXT_FORWARD_TRANSIT);
	put_ext(&p, NHRP_EXT_REVERSE_TRANSIT);
	put_auth(&p);
	put_ext(&p, NHRP_EXT_NAT);
	assert_is_vector(&p, "10-traffic-indication");
}

static void a_vendors_extension(void **state)
{
	static const uint8_t auth[] = { 0, 0, 0, 1, 't', 'e', 's', 't', '1', '2', '3' };
	static const uint8_t vendor[] = { 0, 0, 0x0c, 1, 2, 3, 4, 5 };
	struct packet p;

	(void)state;
	packet_init(&p, NHRP_REGISTRATION_REQUEST, ADDR_IP4, ADDR_IP4);
	put_addrs(&p, "192.0.2.2", "10.0.0.2", "10.0.0.1");
	p.request_id = 6;
	p.flags = NHRP_REG_UNIQUE | NHRP_FLAG_NAT;
	put_cie(&p, cie_of(32, HOLD_S, NULL, NULL));
	put_ext(&p, NHRP_EXT_RESPONDER);
	put_ext(&p, NHRP_EXT_FORWARD_TRANSIT);
	put_ext(&p, NHRP_EXT_REVERSE_TRANSIT);
	put_raw(&p, NHRP_EXT_AUTHENTICATION, true, auth, sizeof(auth));
	put_raw(&p, NHRP_EXT_VENDOR, false, vendor, sizeof(vendor));
	put_ext_cie(&p, NHRP_EXT_NAT, cie_of(32, 0, "203.0.113.1", "10.0.0.1"));
	assert_is_vector(&p, "20-reg-request-vendor-oddlen");
}

/* --- the pool -------------------------------------------------------------------- */

static void the_order_of_adding_does_not_matter(void **state)
{
	struct packet p;

	(void)state;
	registration(&p, NHRP_REGISTRATION_REPLY);
	/* Now there is a list behind the mandatory part, and one in between is grown. */
	put_ext_cie(&p, NHRP_EXT_RESPONDER,
		    cie_of(32, HOLD_S, "203.0.113.1", "10.0.0.1"));
	put_ext_cie(&p, NHRP_EXT_NAT, cie_of(32, 0, "198.51.100.3", "10.0.0.3"));
	assert_is_vector(&p, "02-reg-reply-nat-detected");
	p.cies[0].hold_s = 1;
	put_cie(&p, cie_of(31, 2, NULL, NULL));
	assert_int_equal(p.cies[0].hold_s, 1);
	assert_int_equal(p.cies[1].hold_s, 2);
	for (uint16_t i = 0; i < p.ext_count; i++) {
		const struct ext *e = &p.exts[i];

		if (e->cie_count)
			assert_true(addr_is_set(&p.cies[e->first_cie].nbma));
	}
}

static void a_request_becomes_its_reply_in_place(void **state)
{
	struct vector request = vector_load("11-purge-request");
	struct packet p;
	uint16_t at;

	(void)state;
	assert_int_equal(packet_decode(&p, request.bytes, request.len, &at), PKT_OK);
	p.type = NHRP_PURGE_REPLY;
	put_ext_cie(&p, NHRP_EXT_RESPONDER,
		    cie_of(32, HOLD_S, "192.0.2.2", "10.0.0.2"));
	assert_is_vector(&p, "12-purge-reply");
}

static void an_extension_goes_with_its_cies(void **state)
{
	struct vector v = vector_load("08-res-reply-forwarded");
	struct packet p, q;
	uint8_t out[512];
	size_t n;
	uint16_t at;

	(void)state;
	assert_int_equal(packet_decode(&p, v.bytes, v.len, &at), PKT_OK);
	packet_remove_ext(&p, packet_find_ext(&p, NHRP_EXT_FORWARD_TRANSIT));
	packet_remove_ext(&p, packet_find_ext(&p, NHRP_EXT_NAT));
	packet_remove_ext(&p, packet_find_ext(&p, NHRP_EXT_AUTHENTICATION));
	n = packet_encode(&p, out, sizeof(out));
	assert_int_equal(n, v.len - 24 - 24 - 16);
	assert_int_equal(packet_decode(&q, out, n, &at), PKT_OK);
	assert_int_equal(q.cie_used, p.cie_used);
	assert_int_equal(q.ext_count, 2);
	assert_int_equal(q.exts[1].type, NHRP_EXT_REVERSE_TRANSIT);
	assert_string_equal(ADDR_STR(&q.cies[q.exts[1].first_cie].proto), "10.0.0.1");
	assert_null(packet_find_ext(&q, NHRP_EXT_NAT));
}

static void assert_zero(const struct cie *c)
{
	assert_non_null(c);
	assert_int_equal(c->code | c->prefix_len | c->preference | c->mtu | c->hold_s,
			 0);
	assert_false(addr_is_set(&c->nbma) || addr_is_set(&c->proto));
}

static void a_new_cie_is_zero(void **state)
{
	struct packet p;

	(void)state;
	memset(&p, 0xa5, sizeof(p));
	packet_init(&p, NHRP_PURGE_REQUEST, ADDR_IP4, ADDR_IP4);
	assert_zero(packet_add_cie(&p));
	assert_zero(packet_ext_add_cie(&p, put_ext(&p, NHRP_EXT_NAT)));
}

static void a_full_pool_takes_no_more(void **state)
{
	struct packet p;
	struct ext *e;

	(void)state;
	packet_init(&p, NHRP_PURGE_REQUEST, ADDR_IP4, ADDR_IP4);
	e = put_ext(&p, NHRP_EXT_NAT);
	for (int i = 0; i < PKT_MAX_CIES / 2; i++) {
		assert_non_null(packet_add_cie(&p));
		assert_non_null(packet_ext_add_cie(&p, e));
	}
	assert_null(packet_add_cie(&p));
	assert_null(packet_ext_add_cie(&p, e));
	assert_int_equal(p.cie_used, PKT_MAX_CIES);
	assert_int_equal(p.cie_count, PKT_MAX_CIES / 2);
	assert_int_equal(e->cie_count, PKT_MAX_CIES / 2);
	assert_int_equal(e->first_cie, PKT_MAX_CIES / 2);
}

static void the_number_of_extensions_is_bounded(void **state)
{
	struct packet p;

	(void)state;
	packet_init(&p, NHRP_PURGE_REQUEST, ADDR_IP4, ADDR_IP4);
	for (uint16_t i = 0; i < PKT_MAX_EXTS; i++)
		put_ext(&p, (uint16_t)(100 + i));
	assert_null(packet_add_ext(&p, NHRP_EXT_NAT, false, EXT_CIES));
	packet_remove_ext(&p, &p.exts[PKT_MAX_EXTS - 1]);
	assert_non_null(packet_add_ext(&p, NHRP_EXT_NAT, false, EXT_CIES));
}

/* --- refusals ------------------------------------------------------------- */

static void too_little_room_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTOR_COUNT; i++) {
		struct vector v = vector_load(vector_names[i]);
		struct packet p;
		uint16_t at;

		assert_int_equal(packet_decode(&p, v.bytes, v.len, &at), PKT_OK);
		for (size_t cap = 0; cap < v.len; cap++) {
			uint8_t *room = malloc(cap ? cap : 1);

			assert_non_null(room);
			assert_int_equal(packet_encode(&p, room, cap), 0);
			free(room);
		}
	}
}

static void more_than_a_jumbo_frame_is_refused(void **state)
{
	static uint8_t out[2 * PKT_MAX_LEN], quoted[PKT_MAX_LEN];
	struct packet p;

	(void)state;
	packet_init(&p, NHRP_ERROR_INDICATION, ADDR_IP4, ADDR_IP4);
	put_addrs(&p, "203.0.113.1", "10.0.0.1", "10.0.0.2");
	p.payload = quoted;
	p.payload_len = PKT_MAX_LEN - 40;
	assert_int_equal(packet_encode(&p, out, sizeof(out)), PKT_MAX_LEN);
	p.payload_len++;
	assert_int_equal(packet_encode(&p, out, sizeof(out)), 0);
}

static void an_address_of_another_family_is_refused(void **state)
{
	struct addr six = unit_addr("2001:db8::1");
	struct packet good, p;
	uint8_t out[512];

	(void)state;
	registration(&good, NHRP_REGISTRATION_REQUEST);
	p = good;
	p.src_nbma = six;
	assert_int_equal(packet_encode(&p, out, sizeof(out)), 0);
	p = good;
	p.dst_proto = six;
	assert_int_equal(packet_encode(&p, out, sizeof(out)), 0);
	p = good;
	p.cies[0].nbma = six;
	assert_int_equal(packet_encode(&p, out, sizeof(out)), 0);
	p = good;
	p.cies[p.cie_used - 1].proto = six;
	assert_int_equal(packet_encode(&p, out, sizeof(out)), 0);
}

static void a_packet_without_family_or_protocol_address_is_refused(void **state)
{
	static const struct addr none = { 0 };
	struct packet good, p;
	uint8_t out[512];

	(void)state;
	purge(&good, NHRP_PURGE_REQUEST);
	p = good;
	p.src_nbma = none; /* the one that may be missing */
	assert_int_not_equal(packet_encode(&p, out, sizeof(out)), 0);
	p.nbma_family = ADDR_NONE;
	assert_int_equal(packet_encode(&p, out, sizeof(out)), 0);
	p = good;
	p.src_proto = none;
	assert_int_equal(packet_encode(&p, out, sizeof(out)), 0);
	p = good;
	p.dst_proto = none;
	assert_int_equal(packet_encode(&p, out, sizeof(out)), 0);
	p = good;
	p.proto_family = ADDR_NONE;
	p.src_proto = p.dst_proto = p.cies[0].proto = none;
	assert_int_equal(packet_encode(&p, out, sizeof(out)), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_resolution_request),
		cmocka_unit_test(a_resolution_reply),
		cmocka_unit_test(a_resolution_reply_over_ipv6),
		cmocka_unit_test(a_registration_request),
		cmocka_unit_test(a_registration_reply),
		cmocka_unit_test(a_purge_request),
		cmocka_unit_test(a_purge_reply),
		cmocka_unit_test(an_error_indication),
		cmocka_unit_test(a_traffic_indication),
		cmocka_unit_test(a_vendors_extension),
		cmocka_unit_test(the_order_of_adding_does_not_matter),
		cmocka_unit_test(a_request_becomes_its_reply_in_place),
		cmocka_unit_test(an_extension_goes_with_its_cies),
		cmocka_unit_test(a_new_cie_is_zero),
		cmocka_unit_test(a_full_pool_takes_no_more),
		cmocka_unit_test(the_number_of_extensions_is_bounded),
		cmocka_unit_test(too_little_room_is_refused),
		cmocka_unit_test(more_than_a_jumbo_frame_is_refused),
		cmocka_unit_test(an_address_of_another_family_is_refused),
		cmocka_unit_test(
			a_packet_without_family_or_protocol_address_is_refused),
	};

	return cmocka_run_group_tests_name("packet build", tests, NULL, NULL);
}
