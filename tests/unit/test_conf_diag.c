/* SPDX-License-Identifier: MIT */
/* How the faults of a text are told: all of them, in order, within bounds. */
#include "unit_conf.h"

#include <stdio.h>

static void faults_come_in_the_order_of_the_text(void **state)
{
	static const char text[] = "interface gre1\n"
				   "  map 10.0.0.1 192.0.2.1\n"
				   "  map 10.0.0.1 192.0.2.2\n" /* seen at the end */
				   "  holding-time 0\n";
	struct conf_diags d;

	(void)state;
	assert_null(unit_conf_try(text, strlen(text), &d));
	assert_int_equal(d.count, 2);
	assert_int_equal(d.errors, 2);
	assert_int_equal(d.list[0].line, 3);
	assert_int_equal(d.list[0].column, 7);
	assert_int_equal(d.list[1].line, 4);
	assert_int_equal(d.list[1].column, 16);
	conf_diags_free(&d);
}

static void a_warning_alone_refuses_nothing(void **state)
{
	static const char text[] = "interface gre1 holding-time 5";
	struct conf_diags d;
	struct conf *c = unit_conf_try(text, strlen(text), &d);

	(void)state;
	assert_non_null(c);
	assert_int_equal(d.count, 1);
	assert_int_equal(d.errors, 0);
	assert_int_equal(d.list[0].severity, CONF_WARNING);
	conf_free(c);
	conf_diags_free(&d);
}

/* `head`, then the numbers from 1 to `count` each between `before` and `after`. */
static char *repeat(const char *head, const char *before, size_t count,
		    const char *after)
{
	char *text = malloc(strlen(head) +
			    count * (strlen(before) + strlen(after) + 24) + 1);
	size_t len;

	assert_non_null(text);
	len = (size_t)sprintf(text, "%s", head);
	for (size_t n = 1; n <= count; n++)
		len += (size_t)sprintf(text + len, "%s%zu%s\n", before, n, after);
	return text;
}

static void a_text_of_faults_yields_a_bounded_list(void **state)
{
	char *text = repeat("", "frobnicate", 5000, "");
	struct conf_diags d;

	(void)state;
	assert_null(unit_conf_try(text, strlen(text), &d));
	assert_int_equal(d.count, CONF_DIAGS_MAX);
	assert_true(d.errors >= CONF_DIAGS_MAX);
	assert_true(d.cut);
	conf_diags_free(&d);
	free(text);
}

static void a_text_of_warnings_yields_a_bounded_list_too(void **state)
{
	char *text = repeat("", "interface gre", 200, " holding-time 5");
	struct conf_diags d;
	struct conf *c = unit_conf_try(text, strlen(text), &d);

	(void)state;
	assert_non_null(c);
	assert_true(d.count > 0 && d.count < CONF_DIAGS_MAX);
	assert_true(d.cut);
	conf_free(c);
	conf_diags_free(&d);
	free(text);
}

static void warnings_do_not_crowd_out_an_error(void **state)
{
	char *text = repeat("", "interface gre", 200, " holding-time 5");
	struct conf_diags d;

	(void)state;
	memcpy(text + strlen(text) - 5, "frob", 4);
	assert_null(unit_conf_try(text, strlen(text), &d));
	assert_true(d.errors > 0);
	assert_int_equal(d.list[d.count - 1].severity, CONF_ERROR);
	conf_diags_free(&d);
	free(text);
}

static void too_many_of_anything_is_said_once(void **state)
{
	static const struct {
		const char *head, *before, *after;
		size_t max;
	} cases[] = {
		{ "", "interface gre", "", 256 },
		{ "interface gre1 ", "map fd00::", " h", 4096 },
		{ "interface gre1 ", "address fd00::", "/128", 64 },
		{ "interface gre1 ", "dynamic-map 10.0.0.0/8 h", "", 256 },
		{ "interface gre1 ", "shortcut-target fd00:", "::/32", 256 },
		{ "interface gre1 map fd00::1 h ", "multicast fd00::", "", 256 },
		{ "interface gre1 shortcut ", "shortcut-filter fd00:", "::/32", 256 },
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		char *text = repeat(cases[n].head, cases[n].before, cases[n].max + 50,
				    cases[n].after);
		struct conf_diags d;

		assert_null(unit_conf_try(text, strlen(text), &d));
		assert_int_equal(d.count, 1);
		assert_int_equal(d.errors, 1);
		assert_int_equal(d.list[0].line, cases[n].max + 1);
		assert_non_null(strstr(d.list[0].text, "more than"));
		conf_diags_free(&d);
		free(text);
	}
}

static void as_many_as_allowed_are_taken(void **state)
{
	char *text = repeat("interface gre1 ", "map fd00::", 4096, " h");
	struct conf *c = unit_conf(text);

	(void)state;
	assert_int_equal(c->ifaces[0].map_count, 4096);
	conf_free(c);
	free(text);
}

static void no_secret_is_in_a_diagnostic(void **state)
{
	static const char *const cases[] = {
		"interface gre1 authentication hunter2hunter2",
		"interface gre1 authentication two hunter2",
		"interface gre1 authentication two\nauthentication hunter2 ",
		"interface gre1 authenticaton hunter2",
		"interface gre1 auth\nhunter2",
		"interface gre1 cisco_authentication\nhunter2 hunter2",
		"interface gre1 authentication hunter2\001",
		"interface gre1 authentication \"hunter2",
		"interface gre1 frobnicate hunter2",
		"authentication hunter2hunter2",
		"ipsec-profile a\nsecrets hunter2\nhunter2 x",
		"ipsec-profile a psk two hunter2",
		"ipsec-profile a psk \"two hunter2",
		"ipsec-profile a psk \"two \"hunter2",
		"ipsec-profile a psk 0xhunter2",
		"ipsec-profile a psk\nhunter2 psk hunter2",
		"ipsec-profile a pks hunter2",
		"ipsec-profile a psk-file hunter2",
		"ipsec-profile a local auth psk hunter2",
		"ipsec-profile a psk hunter2",
		"psk hunter2",
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		struct conf_diags d;
		struct conf *c = unit_conf_try(cases[n], strlen(cases[n]), &d);

		assert_true(d.count > 0);
		for (size_t k = 0; k < d.count; k++)
			if (strstr(d.list[k].text, "unter"))
				fail_msg("%s: %s", cases[n], d.list[k].text);
		conf_free(c);
		conf_diags_free(&d);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_come_in_the_order_of_the_text),
		cmocka_unit_test(a_warning_alone_refuses_nothing),
		cmocka_unit_test(a_text_of_faults_yields_a_bounded_list),
		cmocka_unit_test(a_text_of_warnings_yields_a_bounded_list_too),
		cmocka_unit_test(warnings_do_not_crowd_out_an_error),
		cmocka_unit_test(too_many_of_anything_is_said_once),
		cmocka_unit_test(as_many_as_allowed_are_taken),
		cmocka_unit_test(no_secret_is_in_a_diagnostic),
	};

	return cmocka_run_group_tests_name("conf_diag", tests, NULL, NULL);
}
