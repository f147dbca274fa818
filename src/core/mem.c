/* SPDX-License-Identifier: MIT */
#include <nhrp/mem.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *p)
{
	if (!p) {
		fputs("nhrpd: out of memory\n", stderr);
		abort();
	}
	return p;
}

void *mem_new(size_t size)
{
	return must(calloc(1, size ? size : 1));
}

void *mem_resize(void *old, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		return must(NULL);
	return must(realloc(old, bytes ? bytes : 1));
}

char *mem_strdup(const char *s)
{
	return mem_dup(s, strlen(s) + 1);
}

void *mem_dup(const void *p, size_t n)
{
	void *copy = must(malloc(n ? n : 1));

	if (n)
		memcpy(copy, p, n);
	return copy;
}
