/* SPDX-License-Identifier: MIT */
/*
 * tests/golden/conf: NAME.in is a configuration; NAME.ok is its canonical form,
 * or NAME.err all its diagnostics. A text with both is good and has warnings.
 *
 * To write the .ok and .err files anew from a build directory, after a change of
 * the printed form or of a message:
 *
 *	GOLDEN_UPDATE=1 srcdir=PATH-TO-THE-SOURCE tests/golden/test_conf_golden
 *
 * and read the difference before it is committed.
 */
#include "../unit/unit_conf.h"

#include <glob.h>
#include <stdio.h>

#define GOLDENS_AT_LEAST 20
#define PATH_ROOM	 4096

static const char *srcdir(void)
{
	const char *dir = getenv("srcdir");

	return dir ? dir : ".";
}

/* A whole file with a terminator behind it, or NULL when there is none. */
static char *slurp(const char *path, size_t *len)
{
	const size_t cap = 1 << 16;
	FILE *f = fopen(path, "rb");
	char *text;

	*len = 0;
	if (!f)
		return NULL;
	text = calloc(1, cap + 1);
	assert_non_null(text);
	*len = fread(text, 1, cap, f);
	assert_true(*len < cap);
	fclose(f);
	return text;
}

/* NAME.in's neighbour with another ending. */
static void beside(char path[static PATH_ROOM], const char *in, const char *ending)
{
	snprintf(path, PATH_ROOM, "%.*s%s", (int)(strlen(in) - strlen("in")), in,
		 ending);
}

static char *slurp_beside(const char *in, const char *ending)
{
	char path[PATH_ROOM];
	size_t len;

	beside(path, in, ending);
	return slurp(path, &len);
}

/* An empty text is no file. */
static void spit_beside(const char *in, const char *ending, const char *text)
{
	char path[PATH_ROOM];
	FILE *f;

	beside(path, in, ending);
	remove(path);
	if (!*text)
		return;
	f = fopen(path, "wb");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void update(const char *in, const struct conf *c, const char *said)
{
	char *printed = c ? conf_print(c, true) : NULL;

	spit_beside(in, "ok", printed ? printed : "");
	spit_beside(in, "err", said);
	free(printed);
}

static char *diags_text(const struct conf_diags *d)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	for (size_t n = 0; n < d->count; n++)
		fprintf(f, "%u:%u: %s%s\n", d->list[n].line, d->list[n].column,
			d->list[n].severity == CONF_WARNING ? "warning: " : "",
			d->list[n].text);
	if (d->cut)
		fputs("(cut)\n", f);
	fclose(f);
	return text;
}

static void check_same(const char *in, const char *what, const char *is,
		       const char *should)
{
	if (strcmp(is, should ? should : "") != 0) {
		print_error("%s: %s is\n%s\nbut should be\n%s\n", in, what, is,
			    should ? should : "");
		fail();
	}
}

static void check_printed(const char *in, const struct conf *c, const char *ok)
{
	char *printed = conf_print(c, true);
	struct conf *again = unit_conf(printed);

	check_same(in, "the canonical form", printed, ok);
	assert_true(unit_conf_eq(c, again));
	conf_free(again);
	free(printed);
}

static void check_golden(const char *in)
{
	char *ok, *err, *text, *said;
	struct conf_diags d;
	struct conf *c;
	size_t len;

	text = slurp(in, &len);
	c = unit_conf_try(text, len, &d);
	said = diags_text(&d);
	if (getenv("GOLDEN_UPDATE"))
		update(in, c, said);
	ok = slurp_beside(in, "ok");
	err = slurp_beside(in, "err");
	check_same(in, "the list of faults", said, err);
	assert_int_equal(c == NULL, d.errors > 0);
	if (c)
		check_printed(in, c, ok);
	else
		assert_null(ok);
	conf_free(c);
	conf_diags_free(&d);
	free(said);
	free(text);
	free(err);
	free(ok);
}

static void every_golden_file_is_read_as_it_was(void **state)
{
	char pattern[PATH_ROOM];
	glob_t found;

	(void)state;
	snprintf(pattern, sizeof(pattern), "%s/tests/golden/conf/*.in", srcdir());
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	assert_true(found.gl_pathc >= GOLDENS_AT_LEAST);
	for (size_t n = 0; n < found.gl_pathc; n++)
		check_golden(found.gl_pathv[n]);
	globfree(&found);
}

static void the_shipped_example_loads_without_a_word_said(void **state)
{
	char path[PATH_ROOM];
	struct conf_diags d;
	struct conf *c;
	size_t len;
	char *text;

	(void)state;
	snprintf(path, sizeof(path), "%s/nhrpd.conf.example", srcdir());
	text = slurp(path, &len);
	assert_non_null(text);
	c = unit_conf_try(text, len, &d);
	assert_non_null(c);
	assert_int_equal(d.count, 0);
	assert_int_equal(c->iface_count, 3);
	conf_free(c);
	conf_diags_free(&d);
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_golden_file_is_read_as_it_was),
		cmocka_unit_test(the_shipped_example_loads_without_a_word_said),
	};

	return cmocka_run_group_tests_name("conf_golden", tests, NULL, NULL);
}
