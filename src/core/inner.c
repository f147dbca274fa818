/* SPDX-License-Identifier: MIT */
#include <nhrp/inner.h>

#define IP4_MIN_HEADER 20
#define IP4_AT_SRC     12
#define IP4_AT_DST     16
#define IP6_HEADER     40
#define IP6_AT_SRC     8
#define IP6_AT_DST     24
#define IP4_AT_FRAG    6
#define IP4_FRAGMENT   0x3fff /* more follow, or not the first */
#define IP4_AT_PROTO   9
#define IP6_AT_NEXT    6
#define PROTO_UDP      17
#define UDP_HEADER     8
#define UDP_AT_LEN     4
#define UDP_AT_SUM     6

static bool ip4_decode(struct inner *out, const uint8_t *bytes, size_t len)
{
	size_t header_len = (bytes[0] & 0x0f) * 4u;

	if (header_len < IP4_MIN_HEADER || header_len > len)
		return false;
	return addr_from_bytes(&out->src, bytes + IP4_AT_SRC, 4) &&
	       addr_from_bytes(&out->dst, bytes + IP4_AT_DST, 4);
}

static bool ip6_decode(struct inner *out, const uint8_t *bytes, size_t len)
{
	if (len < IP6_HEADER)
		return false;
	return addr_from_bytes(&out->src, bytes + IP6_AT_SRC, 16) &&
	       addr_from_bytes(&out->dst, bytes + IP6_AT_DST, 16);
}

bool inner_decode(struct inner *out, const uint8_t *bytes, size_t len)
{
	*out = (struct inner){ 0 };
	if (len == 0)
		return false;
	switch (bytes[0] >> 4) {
	case 4:
		return ip4_decode(out, bytes, len);
	case 6:
		return ip6_decode(out, bytes, len);
	}
	return false;
}

/* --- the checksum (RFC 1071, RFC 768, RFC 8200 8.1) */

static uint16_t u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t add(uint32_t sum, const uint8_t *bytes, size_t len)
{
	size_t n = 0;

	for (; n + 1 < len; n += 2)
		sum += u16(bytes + n);
	return n < len ? sum + (uint32_t)(bytes[n] << 8) : sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* Where UDP begins; 0: it does not, or not whole. */
static size_t udp_at(const uint8_t *bytes, size_t len)
{
	bool four = bytes[0] >> 4 == 4;
	size_t at = four ? (bytes[0] & 0x0f) * 4u : IP6_HEADER;

	if (bytes[four ? IP4_AT_PROTO : IP6_AT_NEXT] != PROTO_UDP)
		return 0;
	if (four && (u16(bytes + IP4_AT_FRAG) & IP4_FRAGMENT))
		return 0;
	if (len - at < UDP_HEADER || u16(bytes + at + UDP_AT_LEN) < UDP_HEADER ||
	    u16(bytes + at + UDP_AT_LEN) > len - at)
		return 0;
	return at;
}

static uint16_t pseudo_sum(const struct inner *in, uint16_t udp_len)
{
	size_t n = addr_family_len(in->src.family);
	uint32_t sum = PROTO_UDP + udp_len;

	return fold(add(add(sum, in->src.bytes, n), in->dst.bytes, n));
}

/* Where a whole checksum is that of the pseudo-header by chance, nothing changes. */
void inner_complete_udp(uint8_t *bytes, size_t len)
{
	struct inner in;
	size_t at = inner_decode(&in, bytes, len) ? udp_at(bytes, len) : 0;
	uint16_t udp_len, sum;

	if (!at)
		return;
	udp_len = u16(bytes + at + UDP_AT_LEN);
	if (u16(bytes + at + UDP_AT_SUM) != pseudo_sum(&in, udp_len))
		return;
	sum = (uint16_t)~fold(add(0, bytes + at, udp_len));
	if (!sum)
		sum = 0xffff;
	bytes[at + UDP_AT_SUM] = (uint8_t)(sum >> 8);
	bytes[at + UDP_AT_SUM + 1] = (uint8_t)sum;
}
