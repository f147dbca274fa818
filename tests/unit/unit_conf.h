/* SPDX-License-Identifier: MIT */
/*
 * Configurations for unit tests.
 */
#ifndef NHRP_TEST_UNIT_CONF_H
#define NHRP_TEST_UNIT_CONF_H

#include <nhrp/conf.h>

#include "unit.h"

/* Parses from a block of just that length, so that a sanitizer sees a read past it. */
static inline struct conf *unit_conf_try(const char *text, size_t len,
					 struct conf_diags *diags)
{
	char *copy = unit_exact_copy(text, len);
	struct conf *c = conf_parse(copy, len, diags);

	free(copy);
	return c;
}

/* The configuration of a text that has no error; the test fails when it has. */
static inline struct conf *unit_conf(const char *text)
{
	struct conf_diags d;
	struct conf *c = unit_conf_try(text, strlen(text), &d);

	if (!c)
		print_error("%u:%u: %s\n", d.list[0].line, d.list[0].column,
			    d.list[0].text);
	assert_non_null(c);
	conf_diags_free(&d);
	return c;
}

/* Nothing to do for a reload from one to the other. */
static inline bool unit_conf_eq(const struct conf *a, const struct conf *b)
{
	struct conf_change *changes;
	size_t count = conf_diff(a, b, &changes);

	free(changes);
	return count == 0;
}

#endif
