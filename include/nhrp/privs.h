/* SPDX-License-Identifier: MIT */
/*
 * What the process may do: CAP_NET_ADMIN, CAP_NET_RAW, and nothing else, ever.
 */
#ifndef NHRP_PRIVS_H
#define NHRP_PRIVS_H

#include <nhrp/defs.h>

/* -EPERM when it has not even these two; else -errno of the system. */
int privs_drop(void) MUST_CHECK;

#endif
