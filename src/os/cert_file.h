/* SPDX-License-Identifier: MIT */
/* When a certificate in a file is valid; no type of OpenSSL leaves it. */
#ifndef NHRP_OS_CERT_FILE_H
#define NHRP_OS_CERT_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include <nhrp/defs.h>

/* PEM or DER. False when it cannot be read or is none; seconds since 1970. */
bool cert_file_dates(const char *path, int64_t *from_s, int64_t *until_s) MUST_CHECK;

#endif
