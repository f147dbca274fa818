/* SPDX-License-Identifier: MIT */
/* The calls of OpenSSL 3 read its configuration and allocate; the old ones do not. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <nhrp/digest.h>

#include <string.h>

#include <openssl/sha.h>

struct digest digest_of(const char *text)
{
	/* Initialised, since the memory sanitizer does not see who fills it. */
	uint8_t whole[SHA256_DIGEST_LENGTH] = { 0 };
	struct digest d = { { 0 } };
	SHA256_CTX ctx = { { 0 } };

	if (!text[0])
		return d;
	SHA256_Init(&ctx);
	SHA256_Update(&ctx, text, strlen(text));
	SHA256_Final(whole, &ctx);
	memcpy(d.bytes, whole, DIGEST_LEN);
	return d;
}

bool digest_is_set(const struct digest *d)
{
	static const struct digest nothing;

	return !digest_eq(d, &nothing);
}

bool digest_eq(const struct digest *a, const struct digest *b)
{
	return memcmp(a->bytes, b->bytes, DIGEST_LEN) == 0;
}
