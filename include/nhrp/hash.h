/* SPDX-License-Identifier: MIT */
/*
 * Hash tables: uthash, whose tables grow by the allocation that cannot fail. Whoever
 * has one includes this and not uthash.h.
 */
#ifndef NHRP_HASH_H
#define NHRP_HASH_H

#include <nhrp/mem.h>

#define uthash_malloc(size) mem_new(size)
#include <uthash.h>

/*
 * Clang's analyzer cannot follow the chains of a table: to it, what was taken out and
 * freed may still hang in one, next to each other element. What it sees in place of
 * the macro takes out all the same; what hangs where is of no importance to it.
 */
#ifdef __clang_analyzer__
#undef HASH_DELETE
#define HASH_DELETE(hh, head, delptr) \
	((head) = (head) == (delptr) ? (delptr)->hh.next : (head))
#endif

#endif
