/* SPDX-License-Identifier: MIT */
/*
 * Kernel settings of a device under /proc/sys/net.
 */
#ifndef NHRP_OS_SYSCTL_H
#define NHRP_OS_SYSCTL_H

#include <stdbool.h>
#include <stddef.h>

#include <nhrp/defs.h>

#define SYSCTL_PATH_MAX 96

/*
 * Makes the kernel ask this daemon for neighbours, and only it; see sysctl.c.
 * Writes only what differs. -errno of the first setting that cannot be written,
 * its name in path.
 */
int sysctl_prepare_tunnel(const char *ifname, char *path, size_t cap) MUST_CHECK;

/* The settings of above that are not as they should be: at most `cap` of them. */
struct sysctl_off {
	char path[SYSCTL_PATH_MAX];
	const char *why; /* what that does, a string constant */
	int have, want;
};
size_t sysctl_off(const char *ifname, struct sysctl_off *out, size_t cap);

/* A number under /proc/sys/net: "ipv4/ip_forward". False when it has none. */
bool sysctl_read(int *out, const char *fmt, ...) PRINTF_LIKE(2, 3) MUST_CHECK;

#endif
