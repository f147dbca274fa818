/* SPDX-License-Identifier: MIT */
/*
 * The packets of tests/golden/packet: one file a PDU, offset and octets in hex,
 * lines that begin with # are comments. Each was put together by hand from the
 * RFC and from what real routers send; the comment says what it is.
 */
#ifndef NHRP_TEST_VECTORS_H
#define NHRP_TEST_VECTORS_H

#include <stdio.h>

#include "unit.h"

struct vector {
	const char *name;
	uint8_t bytes[512];
	size_t len;
};

static const char *const vector_names[] = {
	"01-reg-request-nat-auth",
	"02-reg-reply-nat-detected",
	"03-reg-reply-nak14",
	"04-res-request",
	"05-res-request-forwarded",
	"06-res-request-forwarded-natted",
	"07-res-reply-natted-egress",
	"08-res-reply-forwarded",
	"09-res-reply-nak12",
	"10-traffic-indication",
	"11-purge-request",
	"12-purge-reply",
	"13-purge-request-noreply",
	"14-error-auth-failure",
	"15-error-hop-count",
	"16-reg-request-dynamic-nhs",
	"17-reg-request-ipv6-over-ipv4",
	"18-reg-request-ipv4-over-ipv6",
	"19-res-reply-ipv6-over-ipv6",
	"20-reg-request-vendor-oddlen",
};

#define VECTOR_COUNT ARRAY_SIZE(vector_names)

/* A file beside the vectors; the test fails when it cannot be opened. */
static inline FILE *vector_open(const char *name, const char *suffix, const char *mode)
{
	const char *top = getenv("srcdir");
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/golden/packet/%s%s", top ? top : ".",
		 name, suffix);
	f = fopen(path, mode);
	if (!f)
		fail_msg("cannot open %s", path);
	return f;
}

static inline struct vector vector_load(const char *name)
{
	struct vector v = { .name = name };
	FILE *f = vector_open(name, ".hex", "r");
	char line[256];
	unsigned octet;
	int n;

	while (fgets(line, sizeof(line), f)) {
		const char *p = line;

		if (line[0] == '#' || sscanf(p, "%*x%n", &n) != 0)
			continue;
		for (p += n; sscanf(p, "%2x%n", &octet, &n) == 1; p += n) {
			assert_true(v.len < sizeof(v.bytes));
			v.bytes[v.len++] = (uint8_t)octet;
		}
	}
	fclose(f);
	assert_true(v.len > 0);
	return v;
}

/* Sets size and checksum after a change; the sum is RFC 1071's, octet by octet. */
static inline void wire_mend(uint8_t *pdu, size_t len)
{
	uint32_t sum = 0;

	pdu[10] = (uint8_t)(len >> 8);
	pdu[11] = (uint8_t)len;
	pdu[12] = pdu[13] = 0;
	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? pdu[i] : (uint32_t)pdu[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	pdu[12] = (uint8_t)(~sum >> 8);
	pdu[13] = (uint8_t)~sum;
}

#endif
