/* SPDX-License-Identifier: MIT */
/*
 * Certificates for tests, made as they are needed: of a CA of the test's own, with
 * what RFC 3779 has to say of them.
 */
#ifndef NHRP_TEST_UNIT_CERT_H
#define NHRP_TEST_UNIT_CERT_H

#include "unit.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <nhrp/cert.h>

/* When the tests take place, and how long certificates hold unless they say so. */
#define CERT_NOW  INT64_C(1800000000)
#define CERT_LIFE 86400

struct unit_cert {
	X509 *x;
	EVP_PKEY *key;
	uint8_t *bytes;
	size_t len;
};

struct unit_cert_spec {
	const char *subject;		/* "C=CH O=Lab CN=n2" */
	const char *san;		/* "DNS:n2.lab", or NULL */
	const char *blocks;		/* "IPv4:10.0.0.0/8,IPv6:inherit", or NULL */
	const struct unit_cert *issuer; /* NULL: itself */
	bool ca;
	int64_t now_s;	 /* 0: CERT_NOW */
	int64_t until_s; /* from now on; 0: CERT_LIFE */
};

static inline void unit_cert_extend(X509 *x, const X509 *issuer, int nid,
				    const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	if (!value)
		return;
	X509V3_set_ctx(&ctx, (X509 *)(uintptr_t)issuer, x, NULL, NULL, 0);
	e = X509V3_EXT_nconf_nid(NULL, &ctx, nid, value);
	assert_non_null(e);
	assert_int_equal(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
}

static inline void unit_cert_name(X509 *x, const char *subject)
{
	X509_NAME *name = X509_get_subject_name(x);
	char *copy = unit_exact_copy(subject, strlen(subject) + 1), *save = NULL;

	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		char *equal = strchr(w, '=');

		*equal = '\0';
		assert_int_equal(X509_NAME_add_entry_by_txt(
					 name, w, MBSTRING_UTF8,
					 (const unsigned char *)equal + 1, -1, -1, 0),
				 1);
	}
	free(copy);
}

static inline struct unit_cert unit_cert(const struct unit_cert_spec *s)
{
	struct unit_cert c = { X509_new(), EVP_EC_gen("P-256"), NULL, 0 };
	const struct unit_cert *issuer = s->issuer ? s->issuer : &c;
	int64_t life = s->until_s ? s->until_s : CERT_LIFE;
	int64_t now = s->now_s ? s->now_s : CERT_NOW;
	int len;

	unit_cert_name(c.x, s->subject);
	X509_set_version(c.x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(c.x), 1);
	ASN1_TIME_set(X509_getm_notBefore(c.x), (time_t)(now - CERT_LIFE));
	ASN1_TIME_set(X509_getm_notAfter(c.x), (time_t)(now + life));
	X509_set_pubkey(c.x, c.key);
	X509_set_issuer_name(c.x, X509_get_subject_name(issuer->x));
	if (s->ca)
		unit_cert_extend(c.x, issuer->x, NID_basic_constraints,
				 "critical,CA:TRUE");
	unit_cert_extend(c.x, issuer->x, NID_subject_alt_name, s->san);
	unit_cert_extend(c.x, issuer->x, NID_sbgp_ipAddrBlock, s->blocks);
	assert_true(X509_sign(c.x, issuer->key, EVP_sha256()) > 0);
	len = i2d_X509(c.x, &c.bytes);
	assert_true(len > 0);
	c.len = (size_t)len;
	return c;
}

static inline void unit_cert_free(struct unit_cert *c)
{
	X509_free(c->x);
	EVP_PKEY_free(c->key);
	OPENSSL_free(c->bytes);
}

#endif
