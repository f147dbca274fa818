/* SPDX-License-Identifier: MIT */
/*
 * For man.sh: with no argument the words of the configuration that the manual has
 * to explain, one a line; with -k the keys of a profile that it has to name; with a
 * text as argument, parses that and prints its
 * errors.
 */
#include "../../src/core/conf_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	struct conf_diags d;
	struct conf *c;

	if (argc < 2) {
		for (const struct conf_word *w = conf_words; w->name; w++)
			puts(w->name);
		return EXIT_SUCCESS;
	}
	if (strcmp(argv[1], "-k") == 0) {
		for (const struct conf_key *k = conf_keys; k->name; k++)
			puts(k->name);
		return EXIT_SUCCESS;
	}
	c = conf_parse(argv[1], strlen(argv[1]), &d);
	for (size_t n = 0; n < d.count; n++)
		fprintf(stderr, "%u:%u: %s\n", d.list[n].line, d.list[n].column,
			d.list[n].text);
	conf_diags_free(&d);
	conf_free(c);
	return c ? EXIT_SUCCESS : EXIT_FAILURE;
}
