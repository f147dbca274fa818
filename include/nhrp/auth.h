/* SPDX-License-Identifier: MIT */
/*
 * Cisco's clear-text authentication, a hop-by-hop field (RFC 2332 5.3.4 form,
 * SPI 1): a guard against mis-cabling, not security. The key is a secret all
 * the same: it never reaches a log.
 */
#ifndef NHRP_AUTH_H
#define NHRP_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/packet.h>

struct auth_key {
	uint8_t len; /* 0: no authentication */
	uint8_t bytes[NHRP_AUTH_KEY_MAX];
};

#define AUTH_VALUE_MAX (4 + NHRP_AUTH_KEY_MAX)

/* The value of an authentication extension; returns its length. */
size_t auth_value(const struct auth_key *key, uint8_t out[AUTH_VALUE_MAX]);

/*
 * True when the packet carries the key, or no key is set. A missing, empty or
 * differing field is a failure; the key is compared in constant time.
 */
bool auth_accepts(const struct auth_key *key, struct packet *p);

#endif
