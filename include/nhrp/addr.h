/* SPDX-License-Identifier: MIT */
/*
 * Protocol and NBMA addresses, and prefixes of them, as values.
 *
 * One type serves both roles and both families: what differs between IPv4 and
 * IPv6 is data (a length, a rule about link-local), never a branch in the
 * caller. Bytes are in network order; bytes past the family's length are zero,
 * so that a struct can be hashed and compared whole.
 */
#ifndef NHRP_ADDR_H
#define NHRP_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <nhrp/defs.h>

enum addr_family {
	ADDR_NONE = 0, /* no address: not given, not known */
	ADDR_IP4,
	ADDR_IP6,
};

#define ADDR_MAX_LEN 16

struct addr {
	uint8_t family; /* enum addr_family */
	uint8_t bytes[ADDR_MAX_LEN];
};

struct prefix {
	struct addr addr;
	uint8_t len; /* bits */
};

/* Room for the longest printed address, and prefix. */
struct addr_text {
	char s[46];
};
struct prefix_text {
	char s[50];
};

/* Octets of an address of this family: 0, 4 or 16. */
static inline size_t addr_family_len(enum addr_family family)
{
	switch (family) {
	case ADDR_IP4:
		return 4;
	case ADDR_IP6:
		return 16;
	case ADDR_NONE:
		break;
	}
	return 0;
}

/* Bits of a host prefix: 0, 32 or 128. */
uint8_t addr_host_bits(const struct addr *a);

/* Takes 0, 4 or 16 octets in network order; false for any other length. */
MUST_CHECK static inline bool addr_from_bytes(struct addr *out, const uint8_t *bytes,
					      size_t len)
{
	*out = (struct addr){ 0 };
	if (len == 4) {
		out->family = ADDR_IP4;
		memcpy(out->bytes, bytes, 4);
	} else if (len == 16) {
		out->family = ADDR_IP6;
		memcpy(out->bytes, bytes, 16);
	}
	return len == 0 || len == 4 || len == 16;
}

/* Dotted quad or RFC 4291 text, nothing else on the string; false if it is not. */
bool addr_parse(struct addr *out, const char *text) MUST_CHECK;

/* ADDRESS or ADDRESS/LEN; a missing length is the host length. Host bits are kept. */
bool prefix_parse(struct prefix *out, const char *text) MUST_CHECK;

/* Both print into `out` and return its string; "none" for ADDR_NONE. */
const char *addr_str(struct addr_text *out, const struct addr *a);
const char *prefix_str(struct prefix_text *out, const struct prefix *p);

/* For an argument list: ADDR_STR(&a) lives until the end of the full block. */
#define ADDR_STR(a)   addr_str(&(struct addr_text){ { 0 } }, (a))
#define PREFIX_STR(p) prefix_str(&(struct prefix_text){ { 0 } }, (p))

/* Order by family, then bytes: <0, 0, >0. */
int addr_cmp(const struct addr *a, const struct addr *b);

static inline bool addr_eq(const struct addr *a, const struct addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool prefix_eq(const struct prefix *a, const struct prefix *b);

static inline bool addr_is_set(const struct addr *a)
{
	return a->family != ADDR_NONE;
}

bool addr_is_any(const struct addr *a); /* 0.0.0.0 or :: */
bool addr_is_multicast(const struct addr *a);
bool addr_is_loopback(const struct addr *a);
bool addr_is_link_local(const struct addr *a);
bool addr_is_broadcast(const struct addr *a); /* 255.255.255.255 */

/* May be somebody's unicast address: none of the above but link-local. */
bool addr_is_unicast(const struct addr *a);

/* The prefix of host length for an address. */
struct prefix prefix_host(const struct addr *a);

/* The same prefix with its host bits cleared. */
struct prefix prefix_masked(const struct prefix *p);

/* Same family and the first p->len bits agree. */
bool prefix_contains(const struct prefix *p, const struct addr *a);

/* The last address of the prefix (an IPv4 subnet's broadcast address). */
struct addr prefix_last(const struct prefix *p);

#endif
