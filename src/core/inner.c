/* SPDX-License-Identifier: MIT */
#include <nhrp/inner.h>

#define IP4_MIN_HEADER 20
#define IP4_AT_SRC     12
#define IP4_AT_DST     16
#define IP6_HEADER     40
#define IP6_AT_SRC     8
#define IP6_AT_DST     24

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
