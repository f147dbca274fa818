/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <nhrp/selector.h>

struct words {
	const char *const list[8];
	const char *said; /* part of the message; NULL: it is right */
};

static size_t count_words(const char *const *words)
{
	size_t n = 0;

	while (words[n])
		n++;
	return n;
}

static struct selector parsed(const char *const *words)
{
	struct selector s;
	char err[256] = "";

	if (!selector_parse(&s, words, count_words(words), err, sizeof(err)))
		fail_msg("refused: %s", err);
	return s;
}

static void no_words_select_every_entry(void **state)
{
	struct selector s = parsed((const char *[]){ NULL });

	(void)state;
	assert_false(s.has_protocol);
	assert_false(addr_is_set(&s.nbma));
	assert_false(addr_is_set(&s.local_nbma));
	assert_false(addr_is_set(&s.local_protocol));
	assert_string_equal(s.ifname, "");
}

static void each_part_lands_in_its_place(void **state)
{
	struct selector s =
		parsed((const char *[]){ "interface", "gre1", "nbma", "192.0.2.1",
					 "protocol", "10.0.0.0/24", NULL });

	(void)state;
	assert_true(s.has_protocol);
	assert_string_equal(PREFIX_STR(&s.protocol), "10.0.0.0/24");
	assert_string_equal(ADDR_STR(&s.nbma), "192.0.2.1");
	assert_string_equal(s.ifname, "gre1");
	s = parsed((const char *[]){ "local-protocol", "fd00::1", "local-nbma",
				     "2001:db8::1", NULL });
	assert_false(s.has_protocol);
	assert_string_equal(ADDR_STR(&s.local_protocol), "fd00::1");
	assert_string_equal(ADDR_STR(&s.local_nbma), "2001:db8::1");
}

static void an_address_without_length_is_a_host_prefix(void **state)
{
	struct selector s = parsed((const char *[]){ "protocol", "10.0.0.7", NULL });

	(void)state;
	assert_int_equal(s.protocol.len, 32);
}

static void an_interface_has_three_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		static const char *const names[] = { "interface", "iface", "dev" };
		struct selector s = parsed((const char *[]){ names[i], "gre1", NULL });

		assert_string_equal(s.ifname, "gre1");
	}
}

static void what_is_wrong_is_named(void **state)
{
	static const struct words cases[] = {
		{ { "protcol", "10.0.0.1" }, "\"protcol\" is no selector" },
		{ { "10.0.0.1" }, "\"10.0.0.1\" is no selector" },
		{ { "protocol" }, "protocol needs an address or prefix after it" },
		{ { "nbma", "1.1.1.1", "dev" }, "dev needs a device name" },
		{ { "protocol", "10.0.0" }, "protocol \"10.0.0\": not an address" },
		{ { "protocol", "10.0.0.0/33" }, "not an address or prefix" },
		{ { "nbma", "10.0.0.0/24" }, "nbma \"10.0.0.0/24\": not an address" },
		{ { "local-nbma", "" }, "local-nbma \"\": not an address" },
		{ { "dev", "" }, "not a device name" },
		{ { "dev", "sixteen-letters-" }, "not a device name of 1 to 15" },
		{ { "nbma", "1.1.1.1", "nbma", "1.1.1.1" }, "given a second time" },
		{ { "dev", "gre1", "iface", "gre1" },
		  "\"iface\" is given a second time" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct selector s;
		char err[256] = "";

		assert_false(selector_parse(&s, cases[i].list,
					    count_words(cases[i].list), err,
					    sizeof(err)));
		if (!strstr(err, cases[i].said))
			fail_msg("case %zu: %s", i, err);
	}
}

static void a_long_word_is_cut_in_the_message_and_nowhere_else(void **state)
{
	char word[2000], err[64];
	struct selector s;

	(void)state;
	memset(word, 'x', sizeof(word));
	word[sizeof(word) - 1] = '\0';
	assert_false(selector_parse(&s, (const char *[]){ word }, 1, err, sizeof(err)));
	assert_int_equal(strlen(err), sizeof(err) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_words_select_every_entry),
		cmocka_unit_test(each_part_lands_in_its_place),
		cmocka_unit_test(an_address_without_length_is_a_host_prefix),
		cmocka_unit_test(an_interface_has_three_names),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(a_long_word_is_cut_in_the_message_and_nowhere_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
