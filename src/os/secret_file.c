/* SPDX-License-Identifier: MIT */
#include <nhrp/secret_file.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CREDENTIAL "%d/"

static bool is_private(const struct stat *st)
{
	return (st->st_mode & (S_IRWXG | S_IRWXO)) == 0 &&
	       (st->st_uid == 0 || st->st_uid == geteuid());
}

bool secret_file_is_private(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (!S_ISREG(st.st_mode) || is_private(&st));
}

/* False when there are no credentials. */
static bool expand(char out[PATH_MAX], const char *path)
{
	const size_t len = strlen(CREDENTIAL);
	const char *dir = "";

	if (strncmp(path, CREDENTIAL, len) == 0) {
		dir = getenv("CREDENTIALS_DIRECTORY");
		path += len - 1;
	}
	return dir && snprintf(out, PATH_MAX, "%s%s", dir, path) < PATH_MAX;
}

/* A fault, or NULL. */
static const char *check(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "it is no file";
	if (!is_private(&st))
		return "others may read it: chmod 600, and chown root";
	return NULL;
}

static size_t without_line_end(const char *buf, size_t len)
{
	if (len && buf[len - 1] == '\n')
		len--;
	if (len && buf[len - 1] == '\r')
		len--;
	return len;
}

/* Room for a line end, and for one octet too many. */
static const char *read_all(int fd, char *buf, size_t cap, size_t *len)
{
	char all[4096];
	ssize_t got = 0, n = 1;

	while (n > 0 && (size_t)got < sizeof(all)) {
		n = read(fd, all + got, sizeof(all) - (size_t)got);
		got += n > 0 ? n : 0;
	}
	if (n < 0)
		return strerror(errno);
	*len = without_line_end(all, (size_t)got);
	if (*len > cap)
		return "it is too long";
	memcpy(buf, all, *len);
	return *len ? NULL : "it is empty";
}

size_t secret_file_read(const char *path, char *buf, size_t cap, char *err,
			size_t err_cap)
{
	char expanded[PATH_MAX];
	const char *fault = "the unit has no credentials (LoadCredential=)";
	size_t len = 0;
	int fd = -1;

	if (expand(expanded, path)) {
		/* Not to wait for who writes into a pipe. */
		fd = open(expanded, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		fault = fd < 0 ? strerror(errno) : check(fd);
	}
	if (!fault)
		fault = read_all(fd, buf, cap, &len);
	if (fd >= 0)
		close(fd);
	if (!fault)
		return len;
	snprintf(err, err_cap, "%s cannot be used: %s", path, fault);
	return 0;
}
