/* SPDX-License-Identifier: MIT */
#include <nhrp/auth.h>

#include <string.h>

#include <openssl/crypto.h>

#include <nhrp/buf.h>

size_t auth_value(const struct auth_key *key, uint8_t out[AUTH_VALUE_MAX])
{
	struct wr w = wr_init(out, AUTH_VALUE_MAX);

	wr_u16(&w, 0); /* reserved */
	wr_u16(&w, NHRP_AUTH_CLEARTEXT);
	wr_bytes(&w, key->bytes, key->len);
	return wr_pos(&w);
}

bool auth_accepts(const struct auth_key *key, struct packet *p)
{
	const struct ext *e;
	uint8_t want[AUTH_VALUE_MAX];
	size_t len;

	if (key->len == 0)
		return true;
	e = packet_find_ext(p, NHRP_EXT_AUTHENTICATION);
	len = auth_value(key, want);
	return e && e->raw_len == len && CRYPTO_memcmp(e->raw, want, len) == 0;
}
