/* SPDX-License-Identifier: MIT */
/* When a certificate in a file is valid. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "../../src/os/cert_file.h"

#define FROM_S	1600000000
#define UNTIL_S 1700000000

enum form { PEM, DER, NO_CERT };

static X509 *certificate(EVP_PKEY *key)
{
	X509 *c = X509_new();

	assert_non_null(c);
	assert_non_null(ASN1_TIME_set(X509_getm_notBefore(c), FROM_S));
	assert_non_null(ASN1_TIME_set(X509_getm_notAfter(c), UNTIL_S));
	assert_true(X509_set_pubkey(c, key));
	assert_true(X509_sign(c, key, EVP_sha256()) > 0);
	return c;
}

static void write_file(char *path, enum form form)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *c = certificate(key);
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");

	assert_non_null(f);
	if (form == PEM)
		assert_true(PEM_write_X509(f, c));
	else if (form == DER)
		assert_true(i2d_X509_fp(f, c));
	else
		fputs("no certificate at all\n", f);
	fclose(f);
	X509_free(c);
	EVP_PKEY_free(key);
}

static void the_dates_are_read_from_either_form(void **state)
{
	(void)state;
	for (int form = PEM; form <= DER; form++) {
		char path[] = "/tmp/nhrpd-cert.XXXXXX";
		int64_t from, until;

		write_file(path, (enum form)form);
		assert_true(cert_file_dates(path, &from, &until));
		assert_int_equal(from, FROM_S);
		assert_int_equal(until, UNTIL_S);
		unlink(path);
	}
}

static void what_is_no_certificate_has_no_dates(void **state)
{
	char path[] = "/tmp/nhrpd-cert.XXXXXX";
	int64_t from, until;

	(void)state;
	write_file(path, NO_CERT);
	assert_false(cert_file_dates(path, &from, &until));
	unlink(path);
	assert_false(cert_file_dates(path, &from, &until));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_dates_are_read_from_either_form),
		cmocka_unit_test(what_is_no_certificate_has_no_dates),
	};

	return cmocka_run_group_tests_name("cert file", tests, NULL, NULL);
}
