/* SPDX-License-Identifier: MIT */
/*
 * What generators of packets share: stations are numbered, and the n-th has the
 * n-th NBMA and the n-th protocol address after a first one. They build the outer
 * headers themselves, so one namespace plays any number of stations. Each is one
 * program that ends with a sentence when it cannot go on.
 */
#ifndef NHRP_TEST_GEN_H
#define NHRP_TEST_GEN_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <nhrp/addr.h>
#include <nhrp/auth.h>
#include <nhrp/packet.h>

#define GEN_OUTER_LEN 20
#define GEN_GRE_LEN   8 /* with key */
#define GEN_HEAD_LEN  (GEN_OUTER_LEN + GEN_GRE_LEN)

_Noreturn static inline void gen_die(const char *what)
{
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
	exit(2);
}

static inline void gen_address(struct addr *out, const char *text)
{
	if (!addr_parse(out, text) || out->family != ADDR_IP4)
		gen_die("an IPv4 address is wanted");
}

static inline uint32_t gen_number(const struct addr *a)
{
	uint32_t v;

	memcpy(&v, a->bytes, sizeof(v));
	return ntohl(v);
}

/* The n-th address after this one. */
static inline struct addr gen_plus(struct addr a, uint32_t n)
{
	uint32_t v = htonl(gen_number(&a) + n);

	memcpy(a.bytes, &v, sizeof(v));
	return a;
}

static inline int64_t gen_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static inline void gen_auth(struct auth_key *out, const char *text)
{
	size_t len = strlen(text);

	if (len > sizeof(out->bytes))
		gen_die("authentication is at most 8 octets");
	memcpy(out->bytes, text, len);
	out->len = (uint8_t)len;
}

/* The checksum of IP and NHRP, over octets in which its own field is zero. */
static inline uint16_t gen_checksum(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	if (len % 2)
		sum += (uint32_t)bytes[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static inline void gen_put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* Outer and GRE header; whoever sends it knows about lengths and checksums. */
static inline void gen_head(uint8_t head[GEN_HEAD_LEN], const struct addr *from,
			    const struct addr *to, uint32_t key)
{
	struct iphdr ip = {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_GRE
	};
	uint32_t wire_key = htonl(key);

	memcpy(&ip.saddr, from->bytes, 4);
	memcpy(&ip.daddr, to->bytes, 4);
	memcpy(head, &ip, GEN_OUTER_LEN);
	memcpy(head + GEN_OUTER_LEN, "\x20\x00\x20\x01", 4);
	memcpy(head + GEN_OUTER_LEN + 4, &wire_key, 4);
}

/* Appends the extensions that every request carries; returns the PDU's length. */
static inline size_t gen_finish(struct packet *p, const struct auth_key *auth,
				uint8_t *pdu, size_t cap)
{
	static const uint16_t types[] = { NHRP_EXT_RESPONDER, NHRP_EXT_FORWARD_TRANSIT,
					  NHRP_EXT_REVERSE_TRANSIT };
	uint8_t value[AUTH_VALUE_MAX];
	struct ext *e;
	size_t len;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		(void)packet_add_ext(p, types[i], true, EXT_CIES);
	if (auth->len) {
		e = packet_add_ext(p, NHRP_EXT_AUTHENTICATION, true, EXT_RAW);
		e->raw = value;
		e->raw_len = (uint16_t)auth_value(auth, value);
	}
	p->has_exts = true;
	len = packet_encode(p, pdu, cap);
	if (!len)
		gen_die("packet does not fit");
	return len;
}

/* A station registers one protocol address with a hub. */
static inline void gen_registration(struct packet *p, const struct addr *nbma,
				    const struct addr *proto, const struct addr *hub,
				    uint16_t hold_s)
{
	struct cie *cie;

	packet_init(p, NHRP_REGISTRATION_REQUEST, ADDR_IP4, ADDR_IP4);
	p->flags = NHRP_REG_UNIQUE;
	p->src_nbma = *nbma;
	p->src_proto = *proto;
	p->dst_proto = *hub;
	cie = packet_add_cie(p);
	cie->prefix_len = 32;
	cie->mtu = 1400;
	cie->hold_s = hold_s;
}

#endif
