/* SPDX-License-Identifier: MIT */
/*
 * Any octets as a PDU: what decodes must encode to what decodes and prints alike;
 * rework it as a forwarding or answering station would and it must still do so.
 * Each input is tried as it is, and again with size and checksum mended, for a
 * fuzzer does not find a checksum.
 */
#include "fuzz.h"

#include <string.h>

#include <nhrp/auth.h>
#include <nhrp/inner.h>
#include <nhrp/packet.h>

#include "pdu.h"

#define TEXT_MAX 65536

/* Encodes what is in `p`, decodes that, and compares the two as text. */
static void round_trip(const struct packet *p)
{
	static char before[TEXT_MAX], after[TEXT_MAX];
	static uint8_t first[PKT_MAX_LEN], second[PKT_MAX_LEN];
	struct packet q;
	uint16_t at;
	size_t len = packet_encode(p, first, sizeof(first));

	MUST_HOLD(len >= NHRP_MIN_LEN);
	MUST_HOLD(packet_decode(&q, first, len, &at) == PKT_OK);
	MUST_HOLD(packet_encode(&q, second, sizeof(second)) == len);
	MUST_HOLD(memcmp(first, second, len) == 0);
	packet_line(p, before, sizeof(before));
	packet_line(&q, after, sizeof(after));
	MUST_HOLD(strcmp(before, after) == 0);
	packet_dump(&q, after, sizeof(after));
	MUST_HOLD(packet_decode(&q, second, len, &at) == PKT_OK);
	packet_dump(&q, before, sizeof(before));
	MUST_HOLD(strcmp(before, after) == 0);
}

static struct addr some_addr(uint8_t family)
{
	static const uint8_t octets[ADDR_MAX_LEN] = { 192, 0, 2, 1 };
	struct addr a;

	MUST_HOLD(
		addr_from_bytes(&a, octets, addr_family_len((enum addr_family)family)));
	return a;
}

static void fill(const struct packet *p, struct cie *c)
{
	if (!c)
		return;
	c->nbma = some_addr(p->nbma_family);
	c->proto = some_addr(p->proto_family);
}

/* An indication grows by its octets, so only a small packet still fits. */
static bool has_room(size_t len)
{
	return len < PKT_MAX_LEN / 4;
}

/* A record in each list, one more CIE, and then the extensions one by one away. */
static void rework(struct packet *p)
{
	for (uint16_t i = 0; i < p->ext_count; i++) {
		if (p->exts[i].form == EXT_CIES)
			fill(p, packet_ext_add_cie(p, &p->exts[i]));
	}
	if (p->type < NHRP_ERROR_INDICATION)
		fill(p, packet_add_cie(p));
	round_trip(p);
	while (p->ext_count > 0) {
		packet_remove_ext(p, &p->exts[p->ext_count / 2]);
		round_trip(p);
	}
	MUST_HOLD(p->cie_used == p->cie_count);
}

static void try_excerpt(const uint8_t *data, size_t size)
{
	static char text[TEXT_MAX];
	struct packet p;
	struct inner in;

	if (packet_decode_excerpt(&p, data, size) == PKT_OK) {
		MUST_HOLD(addr_is_set(&p.src_proto) && addr_is_set(&p.dst_proto));
		packet_line(&p, text, sizeof(text));
		packet_dump(&p, text, sizeof(text));
	}
	if (inner_decode(&in, data, size))
		MUST_HOLD(size >= 20 && in.src.family == in.dst.family);
}

static void try_packet(const uint8_t *data, size_t size)
{
	static const struct auth_key key = { 8, "AUTH_123" };
	static char text[TEXT_MAX];
	struct packet p;
	uint16_t at;
	enum pkt_err err = packet_decode(&p, data, size, &at);

	if (err == PKT_OK) {
		(void)auth_accepts(&key, &p);
		round_trip(&p);
		if (has_room(size))
			rework(&p);
		return;
	}
	MUST_HOLD(err < PKT_ERRS && at <= size);
	if (err > PKT_BAD_TYPE)
		packet_line(&p, text, sizeof(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *mended;

	try_excerpt(data, size);
	try_packet(data, size);
	if (size < NHRP_MIN_LEN || size > PKT_MAX_LEN)
		return 0;
	mended = malloc(size);
	MUST_HOLD(mended != NULL);
	memcpy(mended, data, size);
	pdu_mend(mended, size);
	try_packet(mended, size);
	free(mended);
	return 0;
}
