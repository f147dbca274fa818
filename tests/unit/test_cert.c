/* SPDX-License-Identifier: MIT */
/*
 * What a certificate gives. Each case makes its own chain: a root, CAs below it and
 * a peer; the tests' time is CERT_NOW.
 */
#include "unit_cert.h"

#include <stdio.h>

#include <openssl/bio.h>
#include <openssl/pem.h>

#define CHAIN_MAX 4

/* From the root on; the last is the peer's. */
struct chain {
	struct unit_cert certs[CHAIN_MAX];
	size_t count;
};

static void add(struct chain *c, struct unit_cert_spec s)
{
	s.issuer = c->count ? &c->certs[c->count - 1] : NULL;
	c->certs[c->count++] = unit_cert(&s);
}

/* Blocks from the root on; NULL: none, "" ends. */
static struct chain chain_of(const char *const blocks[])
{
	static const char *const subjects[] = { "CN=root", "CN=middle", "CN=low" };
	struct chain c = { .count = 0 };

	for (size_t k = 0; !blocks[k] || blocks[k][0]; k++) {
		bool last = blocks[k + 1] && !blocks[k + 1][0];

		if (last)
			add(&c, (struct unit_cert_spec){ .subject = "C=CH O=Lab CN=n2",
							 .san = "DNS:n2.lab",
							 .blocks = blocks[k] });
		else
			add(&c, (struct unit_cert_spec){ .subject = subjects[k],
							 .blocks = blocks[k],
							 .ca = true });
	}
	return c;
}

static void chain_free(struct chain *c)
{
	for (size_t k = 0; k < c->count; k++)
		unit_cert_free(&c->certs[k]);
}

static struct cert_pool *trusting(const struct unit_cert *ca)
{
	struct cert_pool *p = cert_pool_new();
	char err[128];

	assert_true(cert_pool_trust(p, ca->bytes, ca->len, err, sizeof(err)));
	return p;
}

static struct cert_der der(const struct unit_cert *c)
{
	return (struct cert_der){ c->bytes, c->len };
}

/* The last one judged, with those between it and the root as helpers. */
static enum cert_verdict judge_at(const struct chain *c, const char *identity,
				  int64_t now_s, struct cert_facts *f)
{
	struct cert_pool *p = trusting(&c->certs[0]);
	struct cert_der all[CHAIN_MAX], peer = der(&c->certs[c->count - 1]);
	struct cert_list helpers = { all, 0 }, peers = { &peer, 1 };
	enum cert_verdict v;

	for (size_t k = 1; k + 1 < c->count; k++)
		all[helpers.count++] = der(&c->certs[k]);
	v = cert_judge(p, &peers, &helpers, identity, now_s, f);
	cert_pool_free(p);
	return v;
}

static const char *text(const struct cert_facts *f)
{
	static char room[4096];
	size_t at = 0;

	room[0] = '\0';
	for (size_t k = 0; k < f->count; k++)
		at += (size_t)snprintf(room + at, sizeof(room) - at, "%s%s",
				       k ? " " : "", PREFIX_STR(&f->prefixes[k]));
	return room;
}

/* --- blocks --------------------------------------------------------------------- */

static void blocks_count_when_each_is_inside_of_those_above(void **state)
{
	static const struct {
		const char *blocks[CHAIN_MAX + 1];
		enum cert_verdict verdict;
		const char *gives;
	} cases[] = {
		{ { "IPv4:10.0.0.0/8", "IPv4:10.0.0.2/32", "" },
		  CERT_GIVES,
		  "10.0.0.2/32" },
		{ { "IPv4:0.0.0.0/0,IPv6:::/0",
		    "IPv4:10.0.0.2/32,IPv4:192.168.2.0/24,IPv6:fd00:2::/64", "" },
		  CERT_GIVES,
		  "10.0.0.2/32 192.168.2.0/24 fd00:2::/64" },
		/* ranges */
		{ { "IPv4:10.0.0.0/8", "IPv4:10.0.0.1-10.0.0.6", "" },
		  CERT_GIVES,
		  "10.0.0.1/32 10.0.0.2/31 10.0.0.4/31 10.0.0.6/32" },
		/* inherited, from the next and from further above */
		{ { "IPv4:10.0.0.0/8", "IPv4:inherit", "" }, CERT_GIVES, "10.0.0.0/8" },
		{ { "IPv4:10.0.0.0/8", "IPv4:inherit", "IPv4:inherit", "" },
		  CERT_GIVES,
		  "10.0.0.0/8" },
		{ { "IPv4:10.0.0.0/8,IPv6:fd00::/16", "IPv4:10.1.0.0/16,IPv6:inherit",
		    "IPv4:inherit,IPv6:fd00:1::/32", "" },
		  CERT_GIVES,
		  "10.1.0.0/16 fd00:1::/32" },
		{ { "IPv4:inherit", "IPv4:inherit", "" }, CERT_BEYOND, "" },
		{ { NULL, "IPv4:inherit", "" }, CERT_NO_BLOCKS, "" },
		{ { "IPv6:fd00::/16", "IPv4:inherit", "" }, CERT_NO_BLOCKS, "" },
		{ { "IPv4:10.0.0.0/8", NULL, "IPv4:inherit", "" }, CERT_NO_BLOCKS, "" },
		/* none */
		{ { "IPv4:10.0.0.0/8", NULL, "" }, CERT_NO_BLOCKS, "" },
		{ { NULL, NULL, "" }, CERT_NO_BLOCKS, "" },
		/* more than the next one above has, or one further above */
		{ { "IPv4:10.0.0.0/8", "IPv4:11.0.0.2/32", "" }, CERT_BEYOND, "" },
		{ { "IPv4:10.0.0.0/8", "IPv4:10.0.0.2/32,IPv4:11.0.0.2/32", "" },
		  CERT_BEYOND,
		  "" },
		{ { "IPv4:10.0.0.0/8", "IPv4:10.0.0.2/32,IPv6:fd00::/64", "" },
		  CERT_BEYOND,
		  "" },
		{ { NULL, "IPv4:10.0.0.2/32", "" }, CERT_BEYOND, "" },
		{ { "IPv4:10.0.0.0/8", "IPv4:0.0.0.0/0", "IPv4:10.0.0.2/32", "" },
		  CERT_BEYOND,
		  "" },
		{ { "IPv4:10.0.0.0/8", "IPv4:11.0.0.0/8", "IPv4:11.0.0.2/32", "" },
		  CERT_BEYOND,
		  "" },
		{ { "IPv4:10.0.0.0/8", NULL, "IPv4:11.0.0.2/32", "" },
		  CERT_BEYOND,
		  "" },
		{ { "IPv4:10.0.0.0/8", "IPv4:11.0.0.0/8", "IPv4:inherit", "" },
		  CERT_BEYOND,
		  "" },
		/* of another kind than unicast: nothing */
		{ { "IPv4-SAFI:2:10.0.0.0/8", "IPv4-SAFI:2:10.0.0.0/8", "" },
		  CERT_NO_BLOCKS,
		  "" },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct chain c = chain_of(cases[k].blocks);
		struct cert_facts f;
		enum cert_verdict v = judge_at(&c, "n2.lab", CERT_NOW, &f);

		if (v != cases[k].verdict || strcmp(text(&f), cases[k].gives) != 0)
			fail_msg("case %zu: %s, %s", k, cert_verdict_str(v), text(&f));
		chain_free(&c);
	}
}

static void more_prefixes_than_are_kept_give_none_at_all(void **state)
{
	char blocks[CERT_PREFIXES_MAX * 32] = "";
	struct chain c = { .count = 0 };
	struct cert_facts f;
	size_t at = 0;

	(void)state;
	for (unsigned k = 0; k <= CERT_PREFIXES_MAX; k++)
		at += (size_t)snprintf(blocks + at, sizeof(blocks) - at,
				       "%sIPv4:10.0.%u.0/24", k ? "," : "", k * 2);
	c = chain_of((const char *const[]){ "IPv4:10.0.0.0/8", blocks, "" });
	assert_int_equal(judge_at(&c, "n2.lab", CERT_NOW, &f), CERT_TOO_MANY);
	assert_int_equal(f.count, 0);
	chain_free(&c);
	/* ... and so many that are in one range */
	c = chain_of((const char *const[]){
		"IPv6:::/0", "IPv6:::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", "" });
	assert_int_equal(judge_at(&c, "n2.lab", CERT_NOW, &f), CERT_TOO_MANY);
	chain_free(&c);
	/* the most there may be */
	strrchr(blocks, ',')[0] = '\0';
	c = chain_of((const char *const[]){ "IPv4:10.0.0.0/8", blocks, "" });
	assert_int_equal(judge_at(&c, "n2.lab", CERT_NOW, &f), CERT_GIVES);
	assert_int_equal(f.count, CERT_PREFIXES_MAX);
	chain_free(&c);
}

/* --- trust ------------------------------------------------------------------------ */

static const char *const plain[] = { "IPv4:10.0.0.0/8", "IPv4:inherit",
				     "IPv4:10.0.0.2/32", "" };

static void it_holds_until_the_first_of_its_chain_ends(void **state)
{
	struct chain c = { .count = 0 };
	struct cert_facts f;

	(void)state;
	add(&c, (struct unit_cert_spec){ .subject = "CN=root",
					 .ca = true,
					 .blocks = "IPv4:10.0.0.0/8" });
	add(&c, (struct unit_cert_spec){ .subject = "CN=middle",
					 .ca = true,
					 .blocks = "IPv4:inherit",
					 .until_s = 100 });
	add(&c, (struct unit_cert_spec){ .subject = "CN=n2",
					 .blocks = "IPv4:inherit",
					 .until_s = 1000 });
	assert_int_equal(judge_at(&c, "CN=n2", CERT_NOW, &f), CERT_GIVES);
	assert_int_equal(f.until_s, CERT_NOW + 100);
	assert_int_equal(judge_at(&c, "CN=n2", CERT_NOW + 101, &f), CERT_EXPIRED);
	assert_int_equal(f.count, 0);
	assert_int_equal(judge_at(&c, "CN=n2", CERT_NOW - CERT_LIFE - 1, &f),
			 CERT_EXPIRED);
	chain_free(&c);
}

/* The names are right and the issuer is not. */
static void what_a_stranger_made_is_not_trusted(void **state)
{
	struct chain c = chain_of(plain), stranger = chain_of(plain);
	struct cert_pool *p = trusting(&c.certs[0]);
	struct cert_der peer = der(&stranger.certs[2]);
	struct cert_der help[] = { der(&stranger.certs[0]), der(&stranger.certs[1]),
				   der(&c.certs[1]) };
	struct cert_list peers = { &peer, 1 };
	struct cert_facts f;

	(void)state;
	for (size_t n = 0; n <= ARRAY_SIZE(help); n++) {
		struct cert_list helpers = { help, n };

		assert_int_equal(cert_judge(p, &peers, &helpers, "n2.lab", CERT_NOW,
					    &f),
				 CERT_UNTRUSTED);
	}
	/* nor one whose issuer is not there */
	peer = der(&c.certs[2]);
	assert_int_equal(cert_judge(p, &peers, &(struct cert_list){ help, 2 }, "n2.lab",
				    CERT_NOW, &f),
			 CERT_UNTRUSTED);
	cert_pool_free(p);
	chain_free(&c);
	chain_free(&stranger);
}

static void a_peer_is_no_ca(void **state)
{
	struct chain c = chain_of(plain);
	struct cert_facts f;

	(void)state;
	/* n2 makes one for n3 */
	add(&c, (struct unit_cert_spec){ .subject = "CN=n3",
					 .blocks = "IPv4:10.0.0.2/32" });
	assert_int_equal(judge_at(&c, "CN=n3", CERT_NOW, &f), CERT_UNTRUSTED);
	chain_free(&c);
}

/* It is then not asked who is above it; but who is trusted too, is. */
static void a_ca_that_is_named_needs_no_root(void **state)
{
	static const char *const beyond[] = { "IPv4:10.0.0.0/8", "IPv4:11.0.0.0/8",
					      "IPv4:11.0.0.2/32", "" };
	struct chain c = chain_of(beyond);
	struct cert_pool *p = trusting(&c.certs[1]);
	struct cert_der peer = der(&c.certs[2]), root = der(&c.certs[0]);
	struct cert_list peers = { &peer, 1 }, helpers = { &root, 1 };
	struct cert_facts f;
	char err[64];

	(void)state;
	assert_int_equal(cert_judge(p, &peers, &helpers, "n2.lab", CERT_NOW, &f),
			 CERT_GIVES);
	assert_string_equal(text(&f), "11.0.0.2/32");
	assert_true(cert_pool_trust(p, root.bytes, root.len, err, sizeof(err)));
	assert_int_equal(cert_judge(p, &peers, &helpers, "n2.lab", CERT_NOW, &f),
			 CERT_BEYOND);
	cert_pool_free(p);
	chain_free(&c);
}

/* --- names ------------------------------------------------------------------------ */

static void the_name_is_the_identity_to_the_letter(void **state)
{
	static const struct {
		const char *subject, *san, *identity;
		bool is;
	} cases[] = {
		{ "C=CH O=Lab CN=n2", NULL, "C=CH, O=Lab, CN=n2", true },
		{ "C=CH O=Lab CN=n2", NULL, "C=CH,O=Lab,CN=n2", false },
		{ "C=CH O=Lab CN=n2", NULL, "CN=n2, O=Lab, C=CH", false },
		{ "C=CH O=Lab CN=n2", NULL, "C=CH, O=Lab, CN=*", false },
		{ "C=CH O=Lab CN=n2", NULL, "C=CH, O=Lab", false },
		{ "C=CH O=Lab CN=n2", NULL, "n2", false },
		{ "ST=ZH L=x OU=y DC=z CN=a", NULL, "ST=ZH, L=x, OU=y, DC=z, CN=a",
		  true },
		{ "serialNumber=5 SN=a GN=b title=t emailAddress=a@b UID=u CN=a", NULL,
		  "serialNumber=5, SN=a, G=b, T=t, E=a@b, UID=u, CN=a", true },
		{ "initials=x CN=a", NULL, "initials=x, CN=a", false },
		{ "CN=n2", "DNS:n2.lab", "n2.lab", true },
		{ "CN=n2", "DNS:n2.lab", "N2.lab", false },
		{ "CN=n2", "DNS:n2.lab", "*.lab", false },
		{ "CN=n2", "DNS:*.lab", "n2.lab", false },
		{ "CN=n2", "DNS:n2.lab", "n2.la", false },
		{ "CN=n2", "DNS:n2.lab,email:a@b,IP:192.0.2.2", "a@b", true },
		{ "CN=n2", "IP:192.0.2.2", "192.0.2.2", true },
		{ "CN=n2", "IP:2001:db8::2", "2001:db8::2", true },
		{ "CN=n2", "URI:n2.lab", "n2.lab", false },
		{ "CN=n2", NULL, "", false },
		{ "CN=n\xc3\xbc", NULL, "CN=n\xc3\xbc", false },
		{ "CN=n\xc3\xbc", NULL, "CN=n??", false },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct chain c = { .count = 0 };
		struct cert_facts f;
		enum cert_verdict v;

		add(&c, (struct unit_cert_spec){ .subject = "CN=root",
						 .ca = true,
						 .blocks = "IPv4:10.0.0.0/8" });
		add(&c, (struct unit_cert_spec){ .subject = cases[k].subject,
						 .san = cases[k].san,
						 .blocks = "IPv4:10.0.0.2/32" });
		v = judge_at(&c, cases[k].identity, CERT_NOW, &f);
		if (v != (cases[k].is ? CERT_GIVES : CERT_NONE))
			fail_msg("case %zu: %s", k, cert_verdict_str(v));
		chain_free(&c);
	}
}

/* --- several of one name -------------------------------------------------- */

struct several {
	struct chain root;
	struct unit_cert certs[4];
	struct cert_der ders[4];
	size_t count;
};

static void another(struct several *s, const char *blocks, int64_t until_s)
{
	struct unit_cert_spec spec = { .subject = "CN=n2",
				       .blocks = blocks,
				       .issuer = &s->root.certs[0],
				       .until_s = until_s };

	s->certs[s->count] = unit_cert(&spec);
	s->ders[s->count] = der(&s->certs[s->count]);
	s->count++;
}

static void of_several_it_is_what_each_of_them_gives(void **state)
{
	static const struct {
		const char *blocks[3];
		int64_t until_s[3];
		enum cert_verdict verdict;
		const char *gives;
	} cases[] = {
		{ { "IPv4:10.0.0.2/32", "IPv4:10.0.0.2/32" },
		  { 100, 200 },
		  CERT_GIVES,
		  "10.0.0.2/32" },
		{ { "IPv4:10.0.0.2/32,IPv4:10.2.0.0/16",
		    "IPv4:10.0.0.2/32,IPv4:10.2.3.0/24" },
		  { 100, 200 },
		  CERT_GIVES,
		  "10.0.0.2/32 10.2.3.0/24" },
		{ { "IPv4:10.0.0.2/32", "IPv4:10.0.0.3/32" },
		  { 100, 200 },
		  CERT_APART,
		  "" },
		{ { "IPv4:10.0.0.2/32", NULL, "IPv4:10.0.0.2/32" },
		  { 100, 200, 300 },
		  CERT_NO_BLOCKS,
		  "" },
		{ { "IPv4:10.0.0.2/32", "IPv4:11.0.0.2/32" },
		  { 100, 200 },
		  CERT_BEYOND,
		  "" },
		/* what does not hold any more was not shown */
		{ { "IPv4:10.0.0.2/32", "IPv4:10.0.0.3/32" },
		  { -100, 200 },
		  CERT_GIVES,
		  "10.0.0.3/32" },
		{ { "IPv4:10.0.0.2/32", "IPv4:10.0.0.3/32" },
		  { 100, -200 },
		  CERT_GIVES,
		  "10.0.0.2/32" },
		{ { "IPv4:10.0.0.2/32", "IPv4:10.0.0.3/32" },
		  { -100, -200 },
		  CERT_EXPIRED,
		  "" },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct several s = { .count = 0 };
		struct cert_pool *p;
		struct cert_facts f;
		enum cert_verdict v;

		add(&s.root, (struct unit_cert_spec){ .subject = "CN=root",
						      .ca = true,
						      .blocks = "IPv4:10.0.0.0/8" });
		p = trusting(&s.root.certs[0]);
		for (size_t n = 0; n < 3 && cases[k].until_s[n]; n++)
			another(&s, cases[k].blocks[n], cases[k].until_s[n]);
		v = cert_judge(p, &(struct cert_list){ s.ders, s.count },
			       &(struct cert_list){ NULL, 0 }, "CN=n2", CERT_NOW, &f);
		if (v != cases[k].verdict || strcmp(text(&f), cases[k].gives) != 0)
			fail_msg("case %zu: %s, %s", k, cert_verdict_str(v), text(&f));
		cert_pool_free(p);
		for (size_t n = 0; n < s.count; n++)
			unit_cert_free(&s.certs[n]);
		chain_free(&s.root);
	}
}

static void without_any_the_reason_is_that_there_is_none(void **state)
{
	struct chain c = chain_of(plain);
	struct cert_pool *p = trusting(&c.certs[0]);
	struct cert_facts f;

	(void)state;
	assert_int_equal(cert_judge(p, &(struct cert_list){ NULL, 0 },
				    &(struct cert_list){ NULL, 0 }, "n2.lab", CERT_NOW,
				    &f),
			 CERT_NONE);
	cert_pool_free(p);
	chain_free(&c);
}

/* --- octets --------------------------------------------------------------- */

/* Each in its own heap block: a read one octet too far is seen. */
static void octets_that_are_no_certificate_are_refused(void **state)
{
	struct chain c = chain_of(plain);
	const struct unit_cert *peer = &c.certs[2];
	struct cert_pool *p = trusting(&c.certs[0]);
	struct cert_der helper = der(&c.certs[1]);
	struct cert_facts f;

	(void)state;
	for (size_t n = 0; n < peer->len; n += n < 40 ? 1 : 13) {
		uint8_t *cut = unit_exact_copy(peer->bytes, n);
		struct cert_der bytes = { cut, n };

		assert_int_equal(cert_judge(p, &(struct cert_list){ &bytes, 1 },
					    &(struct cert_list){ &helper, 1 }, "n2.lab",
					    CERT_NOW, &f),
				 CERT_UNREADABLE);
		free(cut);
	}
	/* one octet another one: never more than it gave before */
	for (size_t n = 0; n < peer->len; n += 3) {
		uint8_t *bent = unit_exact_copy(peer->bytes, peer->len);
		struct cert_der bytes = { bent, peer->len };

		bent[n] ^= 0x10;
		assert_int_not_equal(cert_judge(p, &(struct cert_list){ &bytes, 1 },
						&(struct cert_list){ &helper, 1 },
						"n2.lab", CERT_NOW, &f),
				     CERT_GIVES);
		free(bent);
	}
	cert_pool_free(p);
	chain_free(&c);
}

static void a_pool_takes_pem_and_der_and_nothing_else(void **state)
{
	struct chain c = chain_of(plain);
	struct cert_pool *p = cert_pool_new();
	BIO *out = BIO_new(BIO_s_mem());
	char err[128], path[] = "/tmp/nhrpd-test-XXXXXX", *pem;
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");
	size_t len;

	(void)state;
	PEM_write_bio_X509(out, c.certs[0].x);
	PEM_write_bio_X509(out, c.certs[1].x);
	len = (size_t)BIO_get_mem_data(out, &pem);
	assert_true(cert_pool_trust(p, pem, len, err, sizeof(err)));
	assert_false(cert_pool_trust(p, pem + 1, 20, err, sizeof(err)));
	assert_string_equal(err, "there is no certificate in it");
	assert_false(cert_pool_trust(p, "", 0, err, sizeof(err)));
	assert_false(cert_pool_trust_file(p, path, err, sizeof(err)));
	assert_int_equal(fwrite(pem, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	assert_true(cert_pool_trust_file(p, path, err, sizeof(err)));
	assert_int_equal(remove(path), 0);
	assert_false(cert_pool_trust_file(p, path, err, sizeof(err)));
	assert_non_null(strstr(err, "No such file"));
	BIO_free(out);
	cert_pool_free(p);
	chain_free(&c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_count_when_each_is_inside_of_those_above),
		cmocka_unit_test(more_prefixes_than_are_kept_give_none_at_all),
		cmocka_unit_test(it_holds_until_the_first_of_its_chain_ends),
		cmocka_unit_test(what_a_stranger_made_is_not_trusted),
		cmocka_unit_test(a_peer_is_no_ca),
		cmocka_unit_test(a_ca_that_is_named_needs_no_root),
		cmocka_unit_test(the_name_is_the_identity_to_the_letter),
		cmocka_unit_test(of_several_it_is_what_each_of_them_gives),
		cmocka_unit_test(without_any_the_reason_is_that_there_is_none),
		cmocka_unit_test(octets_that_are_no_certificate_are_refused),
		cmocka_unit_test(a_pool_takes_pem_and_der_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
