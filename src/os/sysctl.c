/* SPDX-License-Identifier: MIT */
#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NO_QUESTIONS "the kernel does not ask nhrpd for neighbours as it should"
#define LATE	     "nhrpd learns late that an entry is in use, and renews it late"
#define ARP	     "the kernel asks by ARP, which nobody on a tunnel answers"
#define REDIRECTS    "stations are told by ICMP to go where they cannot go"
#define DAD	     "addresses wait for an answer that no tunnel gives"

/*
 * app_solicit: how often the kernel asks the daemon before it gives an entry up.
 * One is enough to be asked at all; with an hour's worth, at one a second, an
 * entry in use outlives a daemon that is not there to answer.
 * delay_first_probe_time: so long after a packet the kernel asks whether an entry
 * that is old still holds; until then TCP, which is not in here, might confirm it.
 * A flow that has ended meanwhile is taken for one in use. mcast_solicit,
 * ucast_solicit: nobody answers ARP or neighbour discovery in here; accept_dad:
 * nor duplicate address detection. send_redirects counts when it is set for the
 * device or for all. IPv6 may be missing: it can be switched off.
 */
static const struct setting {
	const char *dir;
	const char *device; /* NULL: the one that is prepared */
	const char *name;
	int value;
	bool may_be_missing;
	const char *why; /* what another value does */
} settings[] = {
	{ "ipv4/neigh", NULL, "app_solicit", 3600, false, NO_QUESTIONS },
	{ "ipv4/neigh", NULL, "delay_first_probe_time", 1, false, LATE },
	{ "ipv4/neigh", NULL, "mcast_solicit", 0, false, ARP },
	{ "ipv4/neigh", NULL, "ucast_solicit", 0, false, ARP },
	{ "ipv4/conf", NULL, "send_redirects", 0, false, REDIRECTS },
	{ "ipv4/conf", "all", "send_redirects", 0, false, REDIRECTS },
	{ "ipv6/neigh", NULL, "app_solicit", 3600, true, NO_QUESTIONS },
	{ "ipv6/neigh", NULL, "delay_first_probe_time", 1, true, LATE },
	{ "ipv6/neigh", NULL, "mcast_solicit", 0, true, ARP },
	{ "ipv6/neigh", NULL, "ucast_solicit", 0, true, ARP },
	{ "ipv6/conf", NULL, "accept_dad", 0, true, DAD },
};

static void path_of(const struct setting *s, const char *ifname, char *path, size_t cap)
{
	snprintf(path, cap, "/proc/sys/net/%s/%s/%s", s->dir,
		 s->device ? s->device : ifname, s->name);
}

/* The kernel ends its numbers with a line end. -errno when there is none. */
static int read_number(const char *path, int *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[16] = "";
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	*out = atoi(text);
	return n > 0 ? 0 : -EIO;
}

static int set_one(const char *path, int value)
{
	char text[16];
	int now = 0, fd, rc = read_number(path, &now);
	ssize_t n;

	if (rc || now == value)
		return rc;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(text, sizeof(text), "%d", value);
	n = write(fd, text, strlen(text));
	close(fd);
	return n < 0 ? -errno : 0;
}

int sysctl_prepare_tunnel(const char *ifname, char *path, size_t cap)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		int rc;

		path_of(&settings[i], ifname, path, cap);
		rc = set_one(path, settings[i].value);
		if (rc && !(settings[i].may_be_missing && rc == -ENOENT))
			return rc;
	}
	return 0;
}

size_t sysctl_off(const char *ifname, struct sysctl_off *out, size_t cap)
{
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(settings) && count < cap; i++) {
		struct sysctl_off *o = &out[count];

		path_of(&settings[i], ifname, o->path, sizeof(o->path));
		o->why = settings[i].why;
		o->want = settings[i].value;
		count += read_number(o->path, &o->have) == 0 && o->have != o->want;
	}
	return count;
}

bool sysctl_read(int *out, const char *fmt, ...)
{
	char path[SYSCTL_PATH_MAX] = "/proc/sys/net/";
	size_t n = strlen(path);
	va_list args;

	va_start(args, fmt);
	vsnprintf(path + n, sizeof(path) - n, fmt, args);
	va_end(args);
	return read_number(path, out) == 0;
}
