/* SPDX-License-Identifier: MIT */
/*
 * Which addresses a peer's certificate gives it: its RFC 3779 address blocks.
 *
 * charon lets peers in and does not look at the blocks here (its plug-in for them
 * has to be off where they are of the overlay), so a certificate is verified once
 * more: up to a CA that the configuration names, with each block inside of those of
 * every CA above it. Whatever else comes along, be it a CA's, is a help to get
 * there and trusted in nothing: charon shows what strangers sent to it as well.
 *
 * A pool owns the CAs it was given. Nothing here keeps what is judged, reads a
 * clock or lets a type of OpenSSL out.
 */
#ifndef NHRP_CERT_H
#define NHRP_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/defs.h>

#define CERT_PREFIXES_MAX 64 /* that a certificate gives; with more it gives none */

/* One certificate as it is on the wire (DER). */
struct cert_der {
	const uint8_t *bytes;
	size_t len;
};

struct cert_list {
	const struct cert_der *list;
	size_t count;
};

struct cert_pool;

struct cert_pool *cert_pool_new(void);
void cert_pool_free(struct cert_pool *p);

/*
 * Trusts every certificate of these octets, PEM or DER, or of the file. False, with
 * a sentence in `err`, when there is none or it cannot be read.
 */
bool cert_pool_trust(struct cert_pool *p, const void *bytes, size_t len, char *err,
		     size_t err_cap) MUST_CHECK;
bool cert_pool_trust_file(struct cert_pool *p, const char *path, char *err,
			  size_t err_cap) MUST_CHECK;

enum cert_verdict {
	CERT_GIVES,	 /* what is in the facts, and nothing else */
	CERT_NONE,	 /* none of them has this name */
	CERT_UNREADABLE, /* it is no certificate, or has a block that is none */
	CERT_UNTRUSTED,	 /* it leads to none of the CAs of the pool */
	CERT_EXPIRED,	 /* it, or a CA above it, does not hold now */
	CERT_NO_BLOCKS,
	CERT_APART,    /* of several nothing is given by each */
	CERT_BEYOND,   /* a block of it, or of a CA above, is beyond its issuer's */
	CERT_TOO_MANY, /* more than CERT_PREFIXES_MAX */
	CERT_VERDICTS
};

const char *cert_verdict_str(enum cert_verdict v);

struct cert_facts {
	struct prefix prefixes[CERT_PREFIXES_MAX];
	size_t count;
	int64_t until_s; /* since 1970: the first of the chain ends */
};

/*
 * What an identity may claim by these certificates. One of them is the peer's if
 * its subject or an alternative name is the identity as charon prints it, to the
 * letter. Several may be (a new one, and the old one that it replaces), and nothing
 * tells which was shown: then it is what each one gives that can be verified.
 */
enum cert_verdict cert_judge(const struct cert_pool *p, const struct cert_list *peers,
			     const struct cert_list *helpers, const char *identity,
			     int64_t now_s, struct cert_facts *out) MUST_CHECK;

#endif
