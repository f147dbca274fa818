/* SPDX-License-Identifier: MIT */
/*
 * What every unit test includes: cmocka with the headers it forgets.
 * A test is a sentence and states one fact; tables of cases over copies of code.
 */
#ifndef NHRP_TEST_UNIT_H
#define NHRP_TEST_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <nhrp/addr.h>

/* The address of this text; the test fails when it is none. */
static inline struct addr unit_addr(const char *text)
{
	struct addr a;

	assert_true(addr_parse(&a, text));
	return a;
}

static inline struct prefix unit_prefix(const char *text)
{
	struct prefix p;

	assert_true(prefix_parse(&p, text));
	return p;
}

/*
 * A copy in its own heap block, so that a sanitizer sees one octet too far. Not
 * inline, or the compiler knows its size and warns of what the test is about.
 */
__attribute__((noinline, unused)) static void *unit_exact_copy(const void *bytes,
							       size_t n)
{
	void *copy = malloc(n ? n : 1);

	assert_non_null(copy);
	if (n)
		memcpy(copy, bytes, n);
	return copy;
}

#endif
