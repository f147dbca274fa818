/* SPDX-License-Identifier: MIT */
#include <nhrp/cert.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <nhrp/mem.h>
#include <nhrp/text.h>

#include "cert_block.h"

#define FILE_MAX (1 << 20) /* octets of a file of CAs */

struct cert_pool {
	X509_STORE *trusted;
};

const char *cert_verdict_str(enum cert_verdict v)
{
	static const char *const names[CERT_VERDICTS] = {
		[CERT_GIVES] = "its certificate gives it addresses",
		[CERT_NONE] = "charon has no certificate of this name any more",
		[CERT_UNREADABLE] = "its certificate cannot be read",
		[CERT_UNTRUSTED] = "its certificate is of none of the 'cacerts'",
		[CERT_EXPIRED] = "its certificate, or a CA's, does not hold now",
		[CERT_NO_BLOCKS] = "its certificate has no address blocks",
		[CERT_APART] = "its certificates, new and old, have no block in common",
		[CERT_BEYOND] = "its certificate has more than its CA may give",
		[CERT_TOO_MANY] = "its certificate has too many address blocks",
	};

	return names[v];
}

/* --- the CAs ------------------------------------------------------------------ */

struct cert_pool *cert_pool_new(void)
{
	struct cert_pool *p = mem_new(sizeof(*p));

	p->trusted = X509_STORE_new();
	if (!p->trusted)
		abort();
	return p;
}

void cert_pool_free(struct cert_pool *p)
{
	if (!p)
		return;
	X509_STORE_free(p->trusted);
	free(p);
}

static X509 *read_der(const void *bytes, size_t len)
{
	const unsigned char *at = bytes;
	X509 *x = len <= FILE_MAX ? d2i_X509(NULL, &at, (long)len) : NULL;

	/* What is behind it is nobody's. */
	if (x && at != (const unsigned char *)bytes + len) {
		X509_free(x);
		return NULL;
	}
	return x;
}

static bool trust_one(struct cert_pool *p, X509 *x)
{
	bool good = x && X509_STORE_add_cert(p->trusted, x) == 1;

	X509_free(x);
	return good;
}

static unsigned trust_pem(struct cert_pool *p, const void *bytes, size_t len)
{
	BIO *in = BIO_new_mem_buf(bytes, (int)len);
	unsigned count = 0;
	X509 *x;

	while (in && (x = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL)
		count += trust_one(p, x);
	BIO_free(in);
	return count;
}

bool cert_pool_trust(struct cert_pool *p, const void *bytes, size_t len, char *err,
		     size_t err_cap)
{
	bool good = len <= FILE_MAX && (trust_pem(p, bytes, len) > 0 ||
					trust_one(p, read_der(bytes, len)));

	ERR_clear_error();
	if (!good)
		snprintf(err, err_cap, "there is no certificate in it");
	return good;
}

/* Not to wait for who writes into a pipe. */
static ssize_t read_file(const char *path, uint8_t *buf, size_t cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error;
	size_t got = 0;
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0 && got < cap) {
		n = read(fd, buf + got, cap - got);
		got += n > 0 ? (size_t)n : 0;
	}
	error = errno;
	if (fd >= 0)
		close(fd);
	return n < 0 ? -error : (ssize_t)got;
}

bool cert_pool_trust_file(struct cert_pool *p, const char *path, char *err,
			  size_t err_cap)
{
	uint8_t *all = mem_new(FILE_MAX + 1);
	ssize_t n = read_file(path, all, FILE_MAX + 1);
	char why[64] = "";
	bool good = n >= 0 && cert_pool_trust(p, all, (size_t)n, why, sizeof(why));

	free(all);
	if (!good)
		snprintf(err, err_cap, "%s: %s", path, n < 0 ? strerror((int)-n) : why);
	return good;
}

/* --- names ---------------------------------------------------------------------- */

/* As charon prints them. */
static const char *attribute_name(const ASN1_OBJECT *o)
{
	static const struct {
		int nid;
		const char *name;
	} names[] = {
		{ NID_commonName, "CN" },
		{ NID_countryName, "C" },
		{ NID_localityName, "L" },
		{ NID_stateOrProvinceName, "ST" },
		{ NID_organizationName, "O" },
		{ NID_organizationalUnitName, "OU" },
		{ NID_domainComponent, "DC" },
		{ NID_userId, "UID" },
		{ NID_pkcs9_emailAddress, "E" },
		{ NID_serialNumber, "serialNumber" },
		{ NID_surname, "SN" },
		{ NID_givenName, "G" },
		{ NID_title, "T" },
	};
	int nid = OBJ_obj2nid(o);

	for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
		if (names[k].nid == nid)
			return names[k].name;
	}
	return NULL;
}

static bool is_printable(const ASN1_STRING *s)
{
	const unsigned char *at = ASN1_STRING_get0_data(s);

	for (int n = ASN1_STRING_length(s); n > 0; n--, at++) {
		if (*at < ' ' || *at > '~')
			return false;
	}
	return true;
}

static bool put_entry(struct text *t, const X509_NAME *name, int k)
{
	const X509_NAME_ENTRY *e = X509_NAME_get_entry(name, k);
	const ASN1_STRING *value = X509_NAME_ENTRY_get_data(e);
	const char *what = attribute_name(X509_NAME_ENTRY_get_object(e));

	if (!what || !is_printable(value))
		return false;
	text_put(t, "%s%s=%.*s", k > 0 ? ", " : "", what, ASN1_STRING_length(value),
		 (const char *)ASN1_STRING_get0_data(value));
	return true;
}

/*
 * "C=CH, O=Lab, CN=n2": what charon cannot print without doubt is no name here, for
 * two subjects could look alike.
 */
static bool has_subject(const X509 *x, const char *identity)
{
	const X509_NAME *name = X509_get_subject_name(x);
	struct text t = { 0 };
	bool good = X509_NAME_entry_count(name) > 0;

	text_put(&t, "%s", "");
	for (int k = 0; good && k < X509_NAME_entry_count(name); k++)
		good = put_entry(&t, name, k);
	good = good && strcmp(t.s, identity) == 0;
	free(t.s);
	return good;
}

static bool is_text(const ASN1_STRING *s, const char *identity)
{
	size_t len = (size_t)ASN1_STRING_length(s);

	return len == strlen(identity) &&
	       memcmp(ASN1_STRING_get0_data(s), identity, len) == 0;
}

static bool is_address(const ASN1_STRING *s, const char *identity)
{
	struct addr a;

	return addr_from_bytes(&a, ASN1_STRING_get0_data(s),
			       (size_t)ASN1_STRING_length(s)) &&
	       strcmp(ADDR_STR(&a), identity) == 0;
}

static bool is_name(const GENERAL_NAME *n, const char *identity)
{
	int type;
	const ASN1_STRING *s = GENERAL_NAME_get0_value(n, &type);

	if (type == GEN_DNS || type == GEN_EMAIL)
		return is_text(s, identity);
	return type == GEN_IPADD && is_address(s, identity);
}

static bool has_name(const X509 *x, const char *identity)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	bool found = has_subject(x, identity);

	for (int k = 0; !found && k < sk_GENERAL_NAME_num(names); k++)
		found = is_name(sk_GENERAL_NAME_value(names, k), identity);
	GENERAL_NAMES_free(names);
	return found;
}

/* --- the chain -------------------------------------------------------------------- */

static enum cert_verdict verdict_of(int error)
{
	switch (error) {
	case X509_V_OK:
		return CERT_GIVES;
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return CERT_EXPIRED;
	case X509_V_ERR_UNNESTED_RESOURCE:
		return CERT_BEYOND;
	case X509_V_ERR_INVALID_EXTENSION:
		return CERT_UNREADABLE;
	default:
		return CERT_UNTRUSTED;
	}
}

/* Looks at the blocks too, last of all: RFC 3779 2.3. */
static enum cert_verdict verify_to(const struct cert_pool *p, unsigned long flags,
				   X509 *x, STACK_OF(X509) * helpers, int64_t now_s,
				   STACK_OF(X509) * *chain)
{
	X509_STORE_CTX *c = X509_STORE_CTX_new();
	enum cert_verdict v = CERT_UNREADABLE;

	if (c && X509_STORE_CTX_init(c, p->trusted, x, helpers) == 1) {
		X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(c);

		X509_VERIFY_PARAM_set_time(param, (time_t)now_s);
		X509_VERIFY_PARAM_set_flags(param, flags);
		v = X509_verify_cert(c) == 1 ? CERT_GIVES
					     : verdict_of(X509_STORE_CTX_get_error(c));
		if (v == CERT_GIVES)
			*chain = X509_STORE_CTX_get1_chain(c);
	}
	X509_STORE_CTX_free(c);
	return v;
}

/*
 * To a root, so that every CA above is looked at; else to a CA that is trusted
 * without one.
 */
static enum cert_verdict verify(const struct cert_pool *p, X509 *x,
				STACK_OF(X509) * helpers, int64_t now_s,
				STACK_OF(X509) * *chain)
{
	enum cert_verdict v = verify_to(p, 0, x, helpers, now_s, chain);

	if (v == CERT_UNTRUSTED)
		v = verify_to(p, X509_V_FLAG_PARTIAL_CHAIN, x, helpers, now_s, chain);
	return v;
}

static int64_t time_of(const ASN1_TIME *t)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, seconds = 0;
	bool known = epoch && ASN1_TIME_diff(&days, &seconds, epoch, t) == 1;

	ASN1_TIME_free(epoch);
	return known ? (int64_t)days * 86400 + seconds : 0;
}

static int64_t first_end(const STACK_OF(X509) * chain)
{
	int64_t first = INT64_MAX;

	for (int k = 0; k < sk_X509_num(chain); k++) {
		int64_t end = time_of(X509_get0_notAfter(sk_X509_value(chain, k)));

		if (end < first)
			first = end;
	}
	return first;
}

/* --- its blocks ----------------------------------------------------------- */

static IPAddrBlocks *blocks_of(const X509 *x)
{
	return X509_get_ext_d2i(x, NID_sbgp_ipAddrBlock, NULL, NULL);
}

/* A family with a SAFI is about multicast or the like, and gives nothing here. */
static bool is_same_family(const IPAddressFamily *a, const IPAddressFamily *b)
{
	return a->addressFamily->length == 2 &&
	       ASN1_OCTET_STRING_cmp(a->addressFamily, b->addressFamily) == 0;
}

static bool add_range(struct cert_facts *f, IPAddressOrRange *r, unsigned afi)
{
	uint8_t first[ADDR_MAX_LEN], last[ADDR_MAX_LEN];
	struct addr from, to;
	int len = X509v3_addr_get_range(r, afi, first, last, sizeof(first));

	/* Of another family than IP: nothing of it is claimed here. */
	if (len <= 0 || !addr_from_bytes(&from, first, (size_t)len) ||
	    !addr_from_bytes(&to, last, (size_t)len))
		return true;
	return cert_block_add(f, &from, &to);
}

static bool add_family(struct cert_facts *f, const IPAddressFamily *family)
{
	IPAddressOrRanges *ranges = family->ipAddressChoice->u.addressesOrRanges;
	unsigned afi = X509v3_addr_get_afi(family);

	for (int k = 0; k < sk_IPAddressOrRange_num(ranges); k++) {
		if (!add_range(f, sk_IPAddressOrRange_value(ranges, k), afi))
			return false;
	}
	return true;
}

static bool inherits(const IPAddressFamily *f)
{
	return f->ipAddressChoice->type == IPAddressChoice_inherit;
}

/* What the next one above says of this family; who has none, has none to inherit. */
static bool add_inherited(struct cert_facts *f, const IPAddressFamily *family,
			  const STACK_OF(X509) * chain, int above)
{
	IPAddrBlocks *blocks;
	const IPAddressFamily *found = NULL;
	bool good = true;

	if (above >= sk_X509_num(chain))
		return true;
	blocks = blocks_of(sk_X509_value(chain, above));
	for (int k = 0; k < sk_IPAddressFamily_num(blocks) && !found; k++) {
		const IPAddressFamily *other = sk_IPAddressFamily_value(blocks, k);

		if (is_same_family(family, other))
			found = other;
	}
	if (found && !inherits(found))
		good = add_family(f, found);
	else if (found)
		good = add_inherited(f, family, chain, above + 1);
	sk_IPAddressFamily_pop_free(blocks, IPAddressFamily_free);
	return good;
}

static enum cert_verdict read_blocks(const STACK_OF(X509) * chain, struct cert_facts *f)
{
	IPAddrBlocks *blocks = blocks_of(sk_X509_value(chain, 0));
	bool good = true;

	for (int k = 0; k < sk_IPAddressFamily_num(blocks) && good; k++) {
		const IPAddressFamily *family = sk_IPAddressFamily_value(blocks, k);

		if (!is_same_family(family, family))
			continue;
		good = inherits(family) ? add_inherited(f, family, chain, 1)
					: add_family(f, family);
	}
	sk_IPAddressFamily_pop_free(blocks, IPAddressFamily_free);
	if (!good)
		return CERT_TOO_MANY;
	return f->count ? CERT_GIVES : CERT_NO_BLOCKS;
}

/* --- all of it ------------------------------------------------------------ */

static enum cert_verdict judge_one(const struct cert_pool *p, X509 *x,
				   STACK_OF(X509) * helpers, int64_t now_s,
				   struct cert_facts *f)
{
	STACK_OF(X509) *chain = NULL;
	enum cert_verdict v = verify(p, x, helpers, now_s, &chain);

	if (v == CERT_GIVES) {
		f->until_s = first_end(chain);
		v = read_blocks(chain, f);
	}
	sk_X509_pop_free(chain, X509_free);
	return v;
}

static STACK_OF(X509) * read_helpers(const struct cert_list *helpers)
{
	STACK_OF(X509) *all = sk_X509_new_null();

	for (size_t k = 0; all && k < helpers->count; k++) {
		X509 *x = read_der(helpers->list[k].bytes, helpers->list[k].len);

		if (x && sk_X509_push(all, x) == 0)
			X509_free(x);
	}
	return all;
}

/* It was made by a CA that is trusted, so it may be the one that was shown. */
static bool counts(enum cert_verdict v)
{
	return v == CERT_GIVES || v == CERT_NO_BLOCKS || v == CERT_BEYOND ||
	       v == CERT_TOO_MANY;
}

/* One more: the first that counts decides, and each further one may take away. */
static enum cert_verdict add_verdict(enum cert_verdict before, enum cert_verdict v,
				     struct cert_facts *f, const struct cert_facts *of)
{
	if (!counts(before)) {
		*f = *of;
		return counts(v) || before == CERT_NONE || before == CERT_UNREADABLE
			       ? v
			       : before;
	}
	if (!counts(v) || before != CERT_GIVES)
		return before;
	if (v != CERT_GIVES)
		return v;
	if (!cert_block_meet(f, of))
		return CERT_TOO_MANY;
	return f->count ? CERT_GIVES : CERT_APART;
}

enum cert_verdict cert_judge(const struct cert_pool *p, const struct cert_list *peers,
			     const struct cert_list *helpers, const char *identity,
			     int64_t now_s, struct cert_facts *out)
{
	STACK_OF(X509) *help = read_helpers(helpers);
	enum cert_verdict all = CERT_NONE;

	*out = (struct cert_facts){ .count = 0 };
	for (size_t k = 0; k < peers->count; k++) {
		X509 *x = read_der(peers->list[k].bytes, peers->list[k].len);
		struct cert_facts f = { .count = 0 };

		if (!x && all == CERT_NONE)
			all = CERT_UNREADABLE;
		if (x && has_name(x, identity))
			all = add_verdict(all, judge_one(p, x, help, now_s, &f), out,
					  &f);
		X509_free(x);
	}
	sk_X509_pop_free(help, X509_free);
	ERR_clear_error();
	if (all != CERT_GIVES)
		*out = (struct cert_facts){ .count = 0 };
	return all;
}
