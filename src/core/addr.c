/* SPDX-License-Identifier: MIT */
#include <nhrp/addr.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static size_t len_of(const struct addr *a)
{
	return addr_family_len((enum addr_family)a->family);
}

uint8_t addr_host_bits(const struct addr *a)
{
	return (uint8_t)(len_of(a) * 8);
}

bool addr_parse(struct addr *out, const char *text)
{
	uint8_t bytes[ADDR_MAX_LEN];

	*out = (struct addr){ 0 };
	if (inet_pton(AF_INET, text, bytes) == 1)
		return addr_from_bytes(out, bytes, 4);
	if (inet_pton(AF_INET6, text, bytes) == 1)
		return addr_from_bytes(out, bytes, 16);
	return false;
}

/* One to three digits and nothing else. */
static bool len_parse(uint8_t *out, const char *text, uint8_t max)
{
	unsigned v = 0;
	size_t n = strlen(text);

	if (n < 1 || n > 3)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		v = v * 10 + (unsigned)(*text - '0');
	}
	*out = (uint8_t)v;
	return v <= max;
}

bool prefix_parse(struct prefix *out, const char *text)
{
	char addr[sizeof(struct addr_text)];
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);

	*out = (struct prefix){ 0 };
	if (n >= sizeof(addr))
		return false;
	memcpy(addr, text, n);
	addr[n] = '\0';
	if (!addr_parse(&out->addr, addr))
		return false;
	out->len = addr_host_bits(&out->addr);
	return !slash || len_parse(&out->len, slash + 1, out->len);
}

static char *put_octet(char *out, unsigned v)
{
	if (v >= 100)
		*out++ = (char)('0' + v / 100);
	if (v >= 10)
		*out++ = (char)('0' + v / 10 % 10);
	*out++ = (char)('0' + v % 10);
	return out;
}

/* inet_ntop() is a printf() inside; a large table has thirty thousand of these. */
static void ip4_str(char *out, const uint8_t *octets)
{
	for (int i = 0; i < 4; i++) {
		if (i)
			*out++ = '.';
		out = put_octet(out, octets[i]);
	}
	*out = '\0';
}

const char *addr_str(struct addr_text *out, const struct addr *a)
{
	if (a->family == ADDR_IP4)
		ip4_str(out->s, a->bytes);
	else if (a->family == ADDR_NONE ||
		 !inet_ntop(AF_INET6, a->bytes, out->s, sizeof(out->s)))
		snprintf(out->s, sizeof(out->s), "none");
	return out->s;
}

const char *prefix_str(struct prefix_text *out, const struct prefix *p)
{
	struct addr_text addr;

	snprintf(out->s, sizeof(out->s), "%s/%u", addr_str(&addr, &p->addr), p->len);
	return out->s;
}

int addr_cmp(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool prefix_eq(const struct prefix *a, const struct prefix *b)
{
	return a->len == b->len && addr_eq(&a->addr, &b->addr);
}

static bool starts_with_bits(const struct addr *a, const uint8_t *bits, unsigned count)
{
	unsigned whole = count / 8, rest = count % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	if (memcmp(a->bytes, bits, whole) != 0)
		return false;
	return rest == 0 || ((a->bytes[whole] ^ bits[whole]) & mask) == 0;
}

bool addr_is_any(const struct addr *a)
{
	static const uint8_t zero[ADDR_MAX_LEN];

	return a->family != ADDR_NONE && memcmp(a->bytes, zero, sizeof(zero)) == 0;
}

bool addr_is_multicast(const struct addr *a)
{
	if (a->family == ADDR_IP4)
		return (a->bytes[0] & 0xf0) == 0xe0;
	return a->family == ADDR_IP6 && a->bytes[0] == 0xff;
}

bool addr_is_loopback(const struct addr *a)
{
	static const uint8_t one[ADDR_MAX_LEN] = { [15] = 1 };

	if (a->family == ADDR_IP4)
		return a->bytes[0] == 127;
	return a->family == ADDR_IP6 && starts_with_bits(a, one, 128);
}

bool addr_is_link_local(const struct addr *a)
{
	if (a->family == ADDR_IP4)
		return starts_with_bits(a, (const uint8_t[]){ 169, 254 }, 16);
	return a->family == ADDR_IP6 &&
	       starts_with_bits(a, (const uint8_t[]){ 0xfe, 0x80 }, 10);
}

bool addr_is_broadcast(const struct addr *a)
{
	return a->family == ADDR_IP4 &&
	       starts_with_bits(a, (const uint8_t[]){ 255, 255, 255, 255 }, 32);
}

bool addr_is_unicast(const struct addr *a)
{
	/* 0/8 and 240/4 name no station either. */
	if (a->family == ADDR_IP4 && (a->bytes[0] == 0 || a->bytes[0] >= 240))
		return false;
	return a->family != ADDR_NONE && !addr_is_any(a) && !addr_is_multicast(a) &&
	       !addr_is_loopback(a);
}

struct prefix prefix_host(const struct addr *a)
{
	return (struct prefix){ *a, addr_host_bits(a) };
}

/* Sets the bits behind the prefix to `fill` (0x00 or 0xff). */
static struct addr fill_host_bits(const struct prefix *p, uint8_t fill)
{
	struct addr a = p->addr;
	unsigned i = p->len / 8, rest = p->len % 8;
	size_t len = len_of(&a);

	if (rest && i < len) {
		uint8_t mask = (uint8_t)(0xff >> rest);

		a.bytes[i] = (uint8_t)((a.bytes[i] & ~mask) | (fill & mask));
		i++;
	}
	for (; i < len; i++)
		a.bytes[i] = fill;
	return a;
}

struct prefix prefix_masked(const struct prefix *p)
{
	return (struct prefix){ fill_host_bits(p, 0x00), p->len };
}

bool prefix_contains(const struct prefix *p, const struct addr *a)
{
	return p->addr.family == a->family && p->len <= addr_host_bits(a) &&
	       starts_with_bits(a, p->addr.bytes, p->len);
}

struct addr prefix_last(const struct prefix *p)
{
	return fill_host_bits(p, 0xff);
}
