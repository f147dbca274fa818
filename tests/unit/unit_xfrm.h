/* SPDX-License-Identifier: MIT */
/*
 * IPsec's policies on the loopback device, which the kernel makes without them.
 */
#ifndef NHRP_TEST_UNIT_XFRM_H
#define NHRP_TEST_UNIT_XFRM_H

#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

/* In the namespace that the test is in; false where the system forbids that. */
static inline bool unit_xfrm_loopback(void)
{
	static const char *const off[] = { "/proc/sys/net/ipv4/conf/lo/disable_policy",
					   "/proc/sys/net/ipv4/conf/lo/disable_xfrm" };
	bool ok = true;

	for (unsigned n = 0; n < sizeof(off) / sizeof(off[0]); n++) {
		int fd = open(off[n], O_WRONLY | O_CLOEXEC);

		ok &= fd >= 0 && write(fd, "0", 1) == 1;
		if (fd >= 0)
			close(fd);
	}
	return ok;
}

#endif
