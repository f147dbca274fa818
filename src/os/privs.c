/* SPDX-License-Identifier: MIT */
#include <nhrp/privs.h>

#include <errno.h>
#include <stdbool.h>
#include <sys/prctl.h>

#include <cap-ng.h>

static bool has(unsigned capability)
{
	return capng_have_capability(CAPNG_EFFECTIVE, capability);
}

/* The bounding set can be changed with one more capability, which root has. */
int privs_drop(void)
{
	capng_select_t sets = CAPNG_SELECT_CAPS;

	if (capng_get_caps_process() < 0 || !has(CAP_NET_ADMIN) || !has(CAP_NET_RAW))
		return -EPERM;
	if (has(CAP_SETPCAP))
		sets = CAPNG_SELECT_BOTH;
	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_updatev(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_ADMIN,
			  CAP_NET_RAW, -1) < 0 ||
	    capng_apply(sets) < 0)
		return -EPERM;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}
