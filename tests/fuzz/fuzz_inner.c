/* SPDX-License-Identifier: MIT */
/*
 * Any octets as what a Traffic Indication quotes, or the kernel samples: an IP
 * header, whose addresses lie where RFC 791 and RFC 8200 say, or nothing. What is
 * cut anywhere before the end of the header is nothing either. And as a packet whose
 * checksum is completed: that changes those two octets at most, and once.
 */
#include "fuzz.h"

#include <string.h>

#include <nhrp/inner.h>

/* A copy that ends where it ends, for the sanitizers. */
static bool decode(struct inner *out, const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	bool found;

	MUST_HOLD(copy != NULL);
	if (size)
		memcpy(copy, data, size);
	found = inner_decode(out, copy, size);
	free(copy);
	return found;
}

static size_t header_len(const uint8_t *data)
{
	return data[0] >> 4 == 4 ? (data[0] & 15) * 4u : 40;
}

static void check_addrs(const struct inner *in, const uint8_t *data)
{
	bool four = data[0] >> 4 == 4;
	size_t at = four ? 12 : 8, len = four ? 4 : 16;

	MUST_HOLD(in->src.family == (four ? ADDR_IP4 : ADDR_IP6));
	MUST_HOLD(in->dst.family == in->src.family);
	MUST_HOLD(memcmp(in->src.bytes, data + at, len) == 0);
	MUST_HOLD(memcmp(in->dst.bytes, data + at + len, len) == 0);
}

static void check_completed(const uint8_t *data, size_t size)
{
	uint8_t *once = malloc(size ? size : 1), *twice = malloc(size ? size : 1);
	size_t differ = 0;

	MUST_HOLD(once && twice);
	if (size)
		memcpy(once, data, size);
	inner_complete_udp(once, size);
	for (size_t n = 0; n < size; n++)
		differ += once[n] != data[n];
	MUST_HOLD(differ <= 2);
	if (size)
		memcpy(twice, once, size);
	inner_complete_udp(twice, size);
	MUST_HOLD(size == 0 || memcmp(once, twice, size) == 0);
	free(twice);
	free(once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct inner in, cut;

	check_completed(data, size);
	if (!decode(&in, data, size)) {
		MUST_HOLD(!addr_is_set(&in.dst));
		return 0;
	}
	MUST_HOLD(size >= header_len(data));
	check_addrs(&in, data);
	for (size_t n = 0; n < header_len(data); n++)
		MUST_HOLD(!decode(&cut, data, n));
	MUST_HOLD(decode(&cut, data, header_len(data)));
	check_addrs(&cut, data);
	return 0;
}
