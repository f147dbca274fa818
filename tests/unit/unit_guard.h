/* SPDX-License-Identifier: MIT */
/*
 * Tunnels to be guarded, and a loopback device to send their packets over: it is down
 * in a new namespace, and the kernel makes it without IPsec's policies.
 */
#ifndef NHRP_TEST_UNIT_GUARD_H
#define NHRP_TEST_UNIT_GUARD_H

#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <nhrp/guard.h>

#include "unit.h"

/* With a key in both directions; from any address where there is none. */
static inline struct guard_match unit_guard_match(const char *name, uint32_t in_key,
						  uint32_t out_key, const char *local)
{
	struct guard_match m = { .in_has_key = true,
				 .out_has_key = true,
				 .in_key = in_key,
				 .out_key = out_key };

	strcpy(m.ifname, name);
	if (local)
		m.local = unit_addr(local);
	return m;
}

/* By any socket. */
static inline void unit_loopback_up(int fd)
{
	struct ifreq r = { .ifr_name = "lo" };

	r.ifr_flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK;
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &r), 0);
}

/* Policies count there from now on; false where the system forbids that. */
static inline bool unit_loopback_policies(void)
{
	static const char *const off[] = { "/proc/sys/net/ipv4/conf/lo/disable_policy",
					   "/proc/sys/net/ipv4/conf/lo/disable_xfrm" };
	bool ok = true;

	for (size_t n = 0; n < ARRAY_SIZE(off); n++) {
		int fd = open(off[n], O_WRONLY | O_CLOEXEC);

		ok &= fd >= 0 && write(fd, "0", 1) == 1;
		if (fd >= 0)
			close(fd);
	}
	return ok;
}

#endif
