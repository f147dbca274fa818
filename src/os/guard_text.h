/* SPDX-License-Identifier: MIT */
/*
 * The guard's table as text, a pure function of what is guarded.
 */
#ifndef NHRP_OS_GUARD_TEXT_H
#define NHRP_OS_GUARD_TEXT_H

#include <nhrp/guard.h>

/* Of family inet. */
#define GUARD_TABLE "nhrpd_guard"

/* The names of a tunnel's counters are these and its own. */
#define GUARD_IN  "in-"
#define GUARD_OUT "out-"

/*
 * What nft(8) has to do to make the table, whatever is in its place. Counters begin
 * at `drops`, one of each tunnel, in any order. Release with free().
 */
char *guard_text(const struct guard_match *list, size_t count,
		 const struct guard_drops *drops, size_t drop_count);

#endif
