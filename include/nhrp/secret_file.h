/* SPDX-License-Identifier: MIT */
/*
 * Files that hold a secret.
 *
 * Such a file belongs to root, or to whoever runs this program, and nobody else
 * may read it; what others could have read is no secret and is refused.
 */
#ifndef NHRP_SECRET_FILE_H
#define NHRP_SECRET_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include <nhrp/defs.h>

/* Of an open file: may nobody else read it? What is no file can be read once. */
bool secret_file_is_private(int fd) MUST_CHECK;

/*
 * Reads a secret, without the line end behind it, of at most `cap` octets; `%d/`
 * at the begin of the path is where the service manager keeps credentials of the
 * unit. Returns its length, or 0 with a sentence in `err`.
 */
size_t secret_file_read(const char *path, char *buf, size_t cap, char *err,
			size_t err_cap) MUST_CHECK;

#endif
