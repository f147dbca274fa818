/* SPDX-License-Identifier: MIT */
/*
 * Allocation that cannot fail.
 *
 * For objects whose number is bounded by configuration: running out of memory
 * for those ends the process with one line on stderr, so callers carry no
 * branch that no test can reach. What the network can grow is counted and
 * refused before it comes here.
 */
#ifndef NHRP_MEM_H
#define NHRP_MEM_H

#include <stddef.h>

/* Zeroed memory; release with free(). */
void *mem_new(size_t size) __attribute__((malloc, returns_nonnull));

/* Grows or shrinks an array of `count` elements; new bytes are not zeroed. */
void *mem_resize(void *old, size_t count, size_t size) __attribute__((returns_nonnull));

/* Copies a string; release with free(). */
char *mem_strdup(const char *s) __attribute__((malloc, returns_nonnull));

/* Copies bytes; n may be 0. Release with free(). */
void *mem_dup(const void *p, size_t n) __attribute__((malloc, returns_nonnull));

#endif
