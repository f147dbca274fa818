/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>

#include <nhrp/ctl_command.h>

/* Cuts a line at its spaces; up to 8 words. */
static size_t cut(char *line, const char **words)
{
	size_t n = 0;

	for (char *w = strtok(line, " "); w && n < 8; w = strtok(NULL, " "))
		words[n++] = w;
	return n;
}

static bool parse(struct ctl_parsed *out, const char *line, char *err, size_t cap)
{
	const char *words[8];
	char copy[256];
	size_t n;

	snprintf(copy, sizeof(copy), "%s", line);
	n = cut(copy, words);
	return ctl_command_parse(out, words, n, err, cap);
}

static void both_spellings_mean_the_same(void **state)
{
	static const struct {
		const char *line;
		enum ctl_verb verb;
	} cases[] = {
		{ "show cache", CTL_SHOW_CACHE },
		{ "cache show", CTL_SHOW_CACHE },
		{ "show", CTL_SHOW_CACHE },
		{ "show dev gre1", CTL_SHOW_CACHE },
		{ "show nhs", CTL_SHOW_NHS },
		{ "show peers nbma 192.0.2.1", CTL_SHOW_PEERS },
		{ "show shortcuts nbma 192.0.2.1", CTL_SHOW_SHORTCUTS },
		{ "show routes interface gre1", CTL_SHOW_ROUTES },
		{ "route show", CTL_SHOW_ROUTES },
		{ "show interfaces", CTL_SHOW_INTERFACES },
		{ "interface show", CTL_SHOW_INTERFACES },
		{ "show interface gre1", CTL_SHOW_CACHE }, /* opennhrpctl's selector */
		{ "show counters dev gre1", CTL_SHOW_COUNTERS },
		{ "show multicast", CTL_SHOW_MULTICAST },
		{ "show multicast interface gre1", CTL_SHOW_MULTICAST },
		{ "show log", CTL_SHOW_LOG },
		{ "explain 192.168.3.10", CTL_EXPLAIN },
		{ "doctor", CTL_DOCTOR },
		{ "flush", CTL_FLUSH },
		{ "cache flush nbma 192.0.2.1", CTL_FLUSH },
		{ "purge protocol 10.0.0.0/8", CTL_PURGE },
		{ "cache purge", CTL_PURGE },
		{ "lowerdown dev gre1", CTL_LOWERDOWN },
		{ "cache lowerdown", CTL_LOWERDOWN },
		{ "redirect purge", CTL_REDIRECT_PURGE },
		{ "redirect purge 192.168.3.10", CTL_REDIRECT_PURGE },
		{ "resolve 10.0.0.3", CTL_RESOLVE },
		{ "reload", CTL_RELOAD },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ctl_parsed cmd;
		char err[256] = "";

		if (!parse(&cmd, cases[i].line, err, sizeof(err)))
			fail_msg("%s: %s", cases[i].line, err);
		assert_int_equal(cmd.verb, cases[i].verb);
	}
}

static void what_follows_the_words_is_read(void **state)
{
	struct ctl_parsed cmd;
	char err[256];

	(void)state;
	assert_true(
		parse(&cmd, "cache show dev gre1 nbma 192.0.2.1", err, sizeof(err)));
	assert_string_equal(cmd.selector.ifname, "gre1");
	assert_string_equal(ADDR_STR(&cmd.selector.nbma), "192.0.2.1");
	assert_true(parse(&cmd, "resolve fd00::7 interface gre2", err, sizeof(err)));
	assert_string_equal(ADDR_STR(&cmd.target), "fd00::7");
	assert_string_equal(cmd.selector.ifname, "gre2");
	assert_true(parse(&cmd, "redirect purge 192.168.3.0/24", err, sizeof(err)));
	assert_true(cmd.selector.has_protocol);
	assert_string_equal(PREFIX_STR(&cmd.selector.protocol), "192.168.3.0/24");
	assert_true(parse(&cmd, "redirect purge", err, sizeof(err)));
	assert_false(cmd.selector.has_protocol);
}

static void wrong_usage_is_named(void **state)
{
	static const struct {
		const char *line, *said;
	} cases[] = {
		{ "", "a command is missing" },
		{ "shwo cache", "\"shwo\" is no command" },
		{ "show cash", "no table \"cash\"" },
		{ "cache", "\"cache\" is no command" },
		{ "cache resolve", "\"cache\" is no command" },
		{ "show cache gre1", "\"gre1\" is no selector" },
		{ "show nhs nbma 192.0.2.1", "nothing but interface NAME" },
		{ "show routes nbma 192.0.2.1", "nothing but interface NAME" },
		{ "redirect", "\"redirect\" is no command" },
		{ "redirect purge gre1", "\"gre1\" is not an address or prefix" },
		{ "redirect purge protocol 10.0.0.1", "one prefix after it, or none" },
		{ "show log dev gre1", "show log takes nothing after it" },
		{ "reload now", "reload takes nothing after it" },
		{ "explain", "explain needs an address" },
		{ "explain 10.0.0.1 10.0.0.2", "explain takes one address after it" },
		{ "explain 10.0.0.0/24", "\"10.0.0.0/24\" is not an address" },
		{ "doctor gre1", "doctor takes nothing after it" },
		{ "resolve", "resolve needs an address" },
		{ "resolve hub1", "\"hub1\" is not an address" },
		{ "resolve 10.0.0.1 nbma 192.0.2.1", "nothing but interface NAME" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ctl_parsed cmd;
		char err[256] = "";

		assert_false(parse(&cmd, cases[i].line, err, sizeof(err)));
		if (!strstr(err, cases[i].said))
			fail_msg("%s: %s", cases[i].line, err);
	}
}

static void what_shows_needs_no_privilege_and_the_rest_does(void **state)
{
	(void)state;
	for (enum ctl_verb v = 0; v < CTL_VERBS; v++) {
		const struct ctl_command *c = &ctl_commands[v];

		assert_int_equal(c->changes, strncmp(c->words, "show ", 5) != 0 &&
						     v != CTL_EXPLAIN &&
						     v != CTL_DOCTOR);
		assert_true(strlen(c->help) > 0 && strlen(c->list) > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_spellings_mean_the_same),
		cmocka_unit_test(what_follows_the_words_is_read),
		cmocka_unit_test(wrong_usage_is_named),
		cmocka_unit_test(what_shows_needs_no_privilege_and_the_rest_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
