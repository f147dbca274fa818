/* SPDX-License-Identifier: MIT */
#include "cert_file.h"

#include <stdio.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

static X509 *read_file(const char *path)
{
	FILE *f = fopen(path, "re");
	X509 *cert;

	if (!f)
		return NULL;
	cert = PEM_read_X509(f, NULL, NULL, NULL);
	if (!cert && fseek(f, 0, SEEK_SET) == 0)
		cert = d2i_X509_fp(f, NULL);
	fclose(f);
	ERR_clear_error();
	return cert;
}

static bool seconds_of(const ASN1_TIME *t, int64_t *out)
{
	struct tm tm;

	if (!ASN1_TIME_to_tm(t, &tm))
		return false;
	*out = timegm(&tm);
	return true;
}

bool cert_file_dates(const char *path, int64_t *from_s, int64_t *until_s)
{
	X509 *cert = read_file(path);
	bool good = cert && seconds_of(X509_get0_notBefore(cert), from_s) &&
		    seconds_of(X509_get0_notAfter(cert), until_s);

	X509_free(cert);
	return good;
}
