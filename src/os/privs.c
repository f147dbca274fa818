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

/*
 * The bounding set can be changed with one more capability, which root has. It keeps
 * the two: that is what a program has that root starts, as the site's script is.
 */
int privs_drop(void)
{
	const capng_type_t everywhere =
		(capng_type_t)(CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET);
	capng_select_t sets = CAPNG_SELECT_CAPS;

	if (capng_get_caps_process() < 0 || !has(CAP_NET_ADMIN) || !has(CAP_NET_RAW))
		return -EPERM;
	if (has(CAP_SETPCAP))
		sets = CAPNG_SELECT_BOTH;
	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_updatev(CAPNG_ADD, everywhere, CAP_NET_ADMIN, CAP_NET_RAW, -1) < 0 ||
	    capng_apply(sets) < 0)
		return -EPERM;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}
