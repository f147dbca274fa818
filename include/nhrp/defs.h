/* SPDX-License-Identifier: MIT */
/*
 * The few macros that every folder uses.
 */
#ifndef NHRP_DEFS_H
#define NHRP_DEFS_H

#include <stddef.h>

/* An outcome that must not be dropped. */
#define MUST_CHECK __attribute__((warn_unused_result))

#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#endif
