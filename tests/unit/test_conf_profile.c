/* SPDX-License-Identifier: MIT */
/*
 * What encrypts: profiles, identities and guards.
 */
#include "unit_conf.h"

#include <stdio.h>

#include "../../src/core/conf_int.h"

#define USED "interface gre1 ipsec p "

/* Diagnostics of a text, errors or not. */
static struct conf_diags diags_of(const char *text)
{
	struct conf_diags d;

	conf_free(unit_conf_try(text, strlen(text), &d));
	return d;
}

/* One fault or warning, with this in its words. */
static void check_said(const char *text, enum conf_severity severity, const char *words)
{
	struct conf_diags d = diags_of(text);

	if (d.count != 1 || d.list[0].severity != severity ||
	    !strstr(d.list[0].text, words))
		fail_msg("%s: %zu diagnostics, '%s'", text, d.count,
			 d.count ? d.list[0].text : "");
	conf_diags_free(&d);
}

static void check_setting(const struct conf_setting *s, enum conf_section section,
			  const char *key, enum conf_kind kind, const char *values)
{
	char list[200] = "";

	for (size_t n = 0; n < s->value_count; n++) {
		strcat(list, s->values[n]);
		strcat(list, "|");
	}
	assert_int_equal(s->section, section);
	assert_string_equal(s->key, key);
	assert_int_equal(s->kind, kind);
	assert_string_equal(list, values);
}

static void a_profile_is_kept_in_the_order_it_is_written(void **state)
{
	struct conf *c = unit_conf("ipsec-profile p version 2 proposals a-b,c-d\n"
				   "local auth pubkey certs one.pem,/two.pem\n"
				   "remote auth pubkey cacerts ca.pem\n"
				   "child esp_proposals x mode tunnel\n" USED);
	const struct conf_profile *p = &c->profiles[0];

	(void)state;
	assert_int_equal(c->profile_count, 1);
	assert_string_equal(p->name, "p");
	assert_ptr_equal(c->ifaces[0].profile, p);
	assert_int_equal(p->setting_count, 7);
	check_setting(&p->settings[0], CONF_CONNECTION, "version", CONF_TEXT, "2|");
	check_setting(&p->settings[1], CONF_CONNECTION, "proposals", CONF_LIST,
		      "a-b|c-d|");
	check_setting(&p->settings[2], CONF_LOCAL, "auth", CONF_TEXT, "pubkey|");
	check_setting(&p->settings[3], CONF_LOCAL, "certs", CONF_FILES,
		      "one.pem|/two.pem|");
	check_setting(&p->settings[4], CONF_REMOTE, "auth", CONF_TEXT, "pubkey|");
	check_setting(&p->settings[5], CONF_REMOTE, "cacerts", CONF_FILES, "ca.pem|");
	check_setting(&p->settings[6], CONF_CHILD, "esp_proposals", CONF_LIST, "x|");
	assert_true(p->tunnel_mode);
	assert_ptr_equal(conf_find_setting(p, CONF_REMOTE, "auth"), &p->settings[4]);
	assert_null(conf_find_setting(p, CONF_CONNECTION, "auth"));
	conf_free(c);
}

static void a_profile_may_stand_below_its_interface(void **state)
{
	struct conf *c = unit_conf("interface gre1 ipsec b interface gre2\n"
				   "ipsec-profile a ipsec-profile b");

	(void)state;
	assert_ptr_equal(c->ifaces[0].profile, conf_find_profile(c, "b"));
	assert_null(c->ifaces[1].profile);
	assert_null(conf_find_profile(c, "c"));
	conf_free(c);
}

static void words_of_the_node_end_no_profile(void **state)
{
	struct conf *c = unit_conf("ipsec-profile p version 2 vici /a script /b "
				   "dpd_delay 20s local nflog-group 3 id x " USED);

	(void)state;
	assert_int_equal(c->profiles[0].setting_count, 3);
	assert_string_equal(c->vici, "/a");
	assert_int_equal(c->nflog_group, 3);
	conf_free(c);
}

static void charon_listens_where_it_always_does_unless_told(void **state)
{
	struct conf *c = unit_conf("interface gre1");

	(void)state;
	assert_string_equal(c->vici, "/run/charon.vici");
	conf_free(c);
	check_said("vici charon.vici interface a", CONF_ERROR, "path from the root");
}

/* --- keys */

/* A value that may stand there. */
static const char *value_for(const struct conf_key *k, char *room)
{
	switch (k->form) {
	case CONF_KEY_CHOICE:
		sprintf(room, "%.*s", (int)strcspn(k->note, "|"), k->note);
		return room;
	case CONF_KEY_TIME:
		return "90m";
	case CONF_KEY_NUMBER:
		return "4500";
	case CONF_KEY_LIST:
	case CONF_KEY_FILES:
		return "\"one two, three\"";
	case CONF_KEY_TEXT:
	case CONF_KEY_OWNED:
		break;
	}
	return "\"some text\"";
}

static void check_key(const struct conf_key *k, enum conf_section section)
{
	char text[400], room[64];
	struct conf *c, *again;
	char *printed;

	sprintf(text, "ipsec-profile p %s %s %s\n" USED, conf_section_str(section),
		k->name, value_for(k, room));
	c = unit_conf(text);
	if (c->profiles[0].setting_count != (strcmp(k->name, "mode") != 0))
		fail_msg("%s", text);
	printed = conf_print(c, true);
	again = unit_conf(printed);
	assert_true(unit_conf_eq(c, again));
	conf_free(c);
	conf_free(again);
	free(printed);
}

static void every_key_is_read_and_printed(void **state)
{
	size_t count = 0;

	(void)state;
	for (const struct conf_key *k = conf_keys; k->name; k++, count++)
		for (unsigned s = CONF_CONNECTION; s <= CONF_CHILD; s++)
			if ((k->sections & (1u << s)) && k->form != CONF_KEY_OWNED)
				check_key(k, s);
	assert_in_range(count, 60, CONF_KEYS_MAX);
}

static void what_the_daemon_decides_is_refused_with_the_reason(void **state)
{
	size_t count = 0;

	(void)state;
	for (const struct conf_key *k = conf_keys; k->name; k++)
		for (unsigned s = CONF_CONNECTION; s <= CONF_CHILD; s++) {
			char text[200];

			if (!(k->sections & (1u << s)) || k->form != CONF_KEY_OWNED)
				continue;
			sprintf(text, "ipsec-profile p %s %s x y,z 0.0.0.0/0\n" USED,
				conf_section_str(s), k->name);
			check_said(text, CONF_ERROR, k->note);
			count++;
		}
	assert_true(count > 30);
}

static void a_value_of_the_wrong_form_is_refused(void **state)
{
	static const char *const cases[][2] = {
		{ "version 1", "write: version 2" },
		{ "encap maybe", "write: encap yes|no" },
		{ "encap ye", "yes|no" },
		{ "encap yes|no", "yes|no" },
		{ "dpd_delay 10x", "write: dpd_delay NUMBER[s|m|h|d]" },
		{ "dpd_delay 10ss", "NUMBER" },
		{ "dpd_delay s", "NUMBER" },
		{ "dpd_delay 99999999999", "NUMBER" },
		{ "local_port x", "write: local_port NUMBER" },
		{ "proposals a,,b", "empty" },
		{ "proposals a,", "empty" },
		{ "proposals null-sha256", "does not encrypt" },
		{ "child esp_proposals aes256gcm16,null", "does not encrypt" },
		{ "child mode beet", "transport|tunnel" },
		{ "child mode", "lacks its value" },
		{ "dpd_delay\nlocal id x", "lacks its value: 'local' follows at 2:1" },
		{ "local id\nauth psk", "lacks its value: 'auth' follows at 2:1" },
		{ "local id \"x y", "not closed" },
		{ "local id \"\"", "nothing between" },
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		char text[200];

		sprintf(text, "ipsec-profile p %s\n" USED, cases[n][0]);
		check_said(text, CONF_ERROR, cases[n][1]);
	}
}

static void a_cipher_with_null_in_its_name_is_none_in_clear(void **state)
{
	struct conf *c =
		unit_conf("ipsec-profile p child esp_proposals nullify-x\n" USED);

	(void)state;
	conf_free(c);
}

static void a_key_belongs_where_it_stands(void **state)
{
	static const char *const cases[][2] = {
		{ "auth psk", "has its place behind 'local'" },
		{ "cacerts ca.pem", "has its place behind 'remote'" },
		{ "esp_proposals x", "has its place behind 'child'" },
		{ "local version 2", "write it above the first of local" },
		{ "local id x id y", "already given at line 1" },
		{ "child mode tunnel mode tunnel", "already given at line 1" },
		{ "version 2 version 2", "already given at line 1" },
		{ "local ids x", "unknown key 'ids'; did you mean 'id'?" },
		{ "propsals x", "unknown key 'propsals'; did you mean 'proposals'?" },
		{ "intreface x", "unknown word 'intreface'; did you mean 'interface'" },
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		char text[200];

		sprintf(text, "ipsec-profile p %s\n" USED, cases[n][0]);
		check_said(text, CONF_ERROR, cases[n][1]);
	}
}

/* They are different keys to strongSwan. */
static void one_key_may_stand_in_several_sections(void **state)
{
	struct conf *c = unit_conf("ipsec-profile p rekey_time 4h local id a auth psk\n"
				   "remote id b auth psk child rekey_time 1h\n" USED);
	const struct conf_profile *p = &c->profiles[0];

	(void)state;
	assert_string_equal(
		conf_find_setting(p, CONF_CONNECTION, "rekey_time")->values[0], "4h");
	assert_string_equal(conf_find_setting(p, CONF_CHILD, "rekey_time")->values[0],
			    "1h");
	conf_free(c);
	check_said("ipsec-profile p remote id x child esp_proposals x\nrekey_time "
		   "1h\n" USED,
		   CONF_WARNING, "this rekey_time is the child's");
}

/* --- the secret */

static void check_psk(const char *written, const char *bytes, size_t len)
{
	char text[1200];
	struct conf *c;

	sprintf(text,
		"ipsec-profile p local auth psk id x remote auth psk psk %s\n" USED,
		written);
	c = unit_conf(text);
	assert_int_equal(c->profiles[0].psk.len, len);
	assert_memory_equal(c->profiles[0].psk.bytes, bytes, len);
	conf_free(c);
}

static void a_secret_is_text_or_coded(void **state)
{
	(void)state;
	check_psk("secret", "secret", 6);
	check_psk("\"a # secret\"", "a # secret", 10);
	check_psk("0x00fF10", "\0\377\020", 3);
	check_psk("0sMHhmZg==", "0xff", 4);
	check_psk("0sMHhmZg", "0xff", 4);
	check_psk("0sAAAA", "\0\0\0", 3);
	check_psk("psk", "psk", 3);
	check_psk("interface", "interface", 9);
}

static void a_secret_that_cannot_be_is_refused(void **state)
{
	static const char *const cases[] = { "0x", "0xabc", "0xag",
					     "0s", "0sA",   "0sA@@@" };
	struct conf_psk psk;
	char text[CONF_PSK_MAX + 2] = "";

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		assert_non_null(conf_psk_set(&psk, cases[n], strlen(cases[n])));
		assert_int_equal(psk.len, 0);
	}
	memset(text, 'a', CONF_PSK_MAX + 1);
	assert_null(conf_psk_set(&psk, text, CONF_PSK_MAX));
	assert_non_null(conf_psk_set(&psk, text, CONF_PSK_MAX + 1));
	assert_non_null(conf_psk_set(&psk, "", 0));
}

static void check_psk_printed(const char *written, bool secrets, const char *printed)
{
	char text[400], line[200];
	struct conf *c;
	char *s;

	sprintf(text, "ipsec-profile p local auth psk id x psk %s\n" USED, written);
	c = unit_conf(text);
	s = conf_print(c, secrets);
	sprintf(line, "\tpsk %s\n", printed);
	if (!strstr(s, line))
		fail_msg("%s", s);
	free(s);
	conf_free(c);
}

static void a_secret_is_printed_only_when_asked_for(void **state)
{
	(void)state;
	check_psk_printed("secret", false, "<hidden>");
	check_psk_printed("secret", true, "secret");
	check_psk_printed("\"a b\"", true, "\"a b\"");
	check_psk_printed("0x6162", true, "ab");
	check_psk_printed("0x0061", true, "0x0061");
	check_psk_printed("0sMHhmZg==", true, "0x30786666");
	check_psk_printed("0x3c68696464656e3e", true, "0x3c68696464656e3e");
	check_psk_printed("0x2261", true, "0x2261");
}

static void a_secret_has_one_place(void **state)
{
	(void)state;
	check_said("ipsec-profile p local auth psk id x psk a psk-file /b\n" USED,
		   CONF_ERROR, "already given");
	check_said("ipsec-profile p local auth psk id x psk <hidden>\n" USED,
		   CONF_ERROR, "in place of a secret");
	check_said("ipsec-profile p local auth psk id x psk-file b\n" USED, CONF_ERROR,
		   "path from the root");
	check_said("ipsec-profile p remote id x psk a\n" USED, CONF_ERROR,
		   "nobody asks for this secret");
}

static void a_secret_may_be_in_a_file_of_its_own(void **state)
{
	struct conf *c = unit_conf("ipsec-profile p local auth psk id x\n"
				   "  psk-file %d/dmvpn\n" USED);
	char *s = conf_print(c, false);

	(void)state;
	assert_string_equal(c->profiles[0].psk_file, "%d/dmvpn");
	assert_int_equal(c->profiles[0].psk.len, 0);
	assert_int_equal(c->profiles[0].psk_line, 2);
	assert_int_equal(c->profiles[0].psk_column, 3);
	assert_non_null(strstr(s, "\tpsk-file %d/dmvpn\n"));
	free(s);
	conf_free(c);
}

/* --- what is allowed and probably not meant */

static void a_profile_that_lets_much_happen_is_warned_of(void **state)
{
	static const char *const cases[][2] = {
		{ "ipsec-profile p remote auth pubkey\n" USED,
		  "everybody with a cert" },
		{ "ipsec-profile p\n" USED, "everybody with a cert" },
		{ "ipsec-profile p remote auth psk local auth psk\n" USED,
		  "without 'local id'" },
		{ "ipsec-profile p dpd_delay 0s remote id x\n" USED, "dpd_delay" },
		{ "ipsec-profile p remote id x interface gre1", "no interface has" },
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++)
		check_said(cases[n][0], CONF_WARNING, cases[n][1]);
}

static void an_interface_names_a_profile_that_exists(void **state)
{
	(void)state;
	check_said("ipsec-profile dmvpn remote id x interface gre1 ipsec dmpvn",
		   CONF_ERROR, "did you mean 'dmvpn'?");
	check_said("interface gre1 ipsec dmvpn", CONF_ERROR, "in this file");
	check_said("ipsec-profile p remote id x interface a;b ipsec p", CONF_ERROR,
		   "no firewall rule");
	check_said("ipsec-profile p remote id x ipsec-profile p\n" USED, CONF_ERROR,
		   "already at line 1");
	check_said("ipsec-profile p/q interface gre1", CONF_ERROR,
		   "no name of a profile");
	check_said("ipsec-profile p remote id x holding-time 60 " USED, CONF_ERROR,
		   "write 'interface NAME' before it");
}

/* --- who may claim what */

static void an_identity_is_bound_to_prefixes(void **state)
{
	struct conf *c = unit_conf("ipsec-profile p remote id x\n" USED
				   "authorize \"C=CH, CN=*\" 10.0.0.2/32 fd00::/8\n"
				   "authorize *.lab 0.0.0.0/0 shortcut");
	const struct conf_iface *i = &c->ifaces[0];

	(void)state;
	assert_int_equal(i->authority_count, 2);
	assert_string_equal(i->authorities[0].identity, "C=CH, CN=*");
	assert_int_equal(i->authorities[0].prefix_count, 2);
	assert_string_equal(PREFIX_STR(&i->authorities[0].prefixes[1]), "fd00::/8");
	assert_string_equal(i->authorities[1].identity, "*.lab");
	assert_true(i->shortcut);
	conf_free(c);
}

#define CERTS "ipsec-profile p remote auth pubkey cacerts ca.pem\n" USED

static void an_identity_may_be_bound_to_its_certificate(void **state)
{
	static const struct {
		const char *words;
		size_t prefixes;
	} cases[] = {
		{ CERTS "authorize *.lab certificate shortcut", 0 },
		{ CERTS "authorize *.lab certificate 10.0.0.0/8 shortcut", 1 },
		{ CERTS "authorize *.lab 10.0.0.0/8 11.0.0.0/8 certificate shortcut",
		  2 },
		{ CERTS "authorize *.lab certificate authorize n1 10.0.0.0/8 shortcut",
		  0 },
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		struct conf *c = unit_conf(cases[n].words);
		const struct conf_authority *a = &c->ifaces[0].authorities[0];

		assert_string_equal(a->identity, "*.lab");
		assert_true(a->certificate);
		assert_int_equal(a->prefix_count, cases[n].prefixes);
		assert_true(c->ifaces[0].shortcut);
		conf_free(c);
	}
}

static void a_certificate_needs_a_profile_that_has_one(void **state)
{
	static const char *const cases[][2] = {
		{ "ipsec-profile p remote id x\n" USED "authorize x certificate",
		  "write in profile p: remote cacerts FILE" },
		{ "ipsec-profile p remote auth psk psk s local auth psk\n" USED
		  "authorize x 10.0.0.0/8 certificate",
		  "in profile p: remote auth pubkey cacerts FILE" },
		{ CERTS "authorize x certificat",
		  "write: authorize IDENTITY certificate|PREFIX..." },
		{ CERTS "authorize x certificate certificate", "unknown word" },
		{ CERTS "authorize x certificate 10.0.0.0/8 certificate",
		  "unknown word" },
		{ CERTS "authorize x certificate authorize x 10.0.0.0/8",
		  "same identity" },
		{ "interface gre1 authorize x certificate", "goes with it" },
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++)
		check_said(cases[n][0], CONF_ERROR, cases[n][1]);
}

static void an_authority_without_sense_is_refused(void **state)
{
	static const char *const cases[][2] = {
		{ USED "authorize x", "lacks its prefix" },
		{ USED "authorize", "lacks its identity" },
		{ USED "authorize x 10.0.0.1", "has no length" },
		{ USED "authorize x 10.0.0.0/8 10.1.0.0/8", "already in this list" },
		{ USED "authorize x 10.0.0.0/8 authorize x 11.0.0.0/8",
		  "same identity" },
		{ "interface gre1 authorize x 10.0.0.0/8 interface gre2 ipsec p",
		  "goes with it" },
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		char text[200];

		sprintf(text, "ipsec-profile p remote id x\n%s", cases[n][0]);
		check_said(text, CONF_ERROR, cases[n][1]);
	}
}

static void a_star_stands_for_any_characters(void **state)
{
	static const struct {
		const char *pattern, *identity;
		bool matches;
	} cases[] = {
		{ "a", "a", true },
		{ "a", "A", false },
		{ "a", "ab", false },
		{ "ab", "a", false },
		{ "*", "", true },
		{ "*", "a/b", true },
		{ "", "", true },
		{ "", "a", false },
		{ "a*", "a", true },
		{ "*a", "a", true },
		{ "*.lab", "n1.lab", true },
		{ "*.lab", "n1.lab.org", false },
		{ "*.lab", "lab", false },
		{ "C=CH, CN=*", "C=CH, CN=a, b", true },
		{ "a*b*c", "abbcbc", true },
		{ "a*b*c", "acb", false },
		{ "a**b", "ab", true },
		{ "?[a]", "xa", false },
		{ "?[a]", "?[a]", true },
		{ "*aab", "aaaab", true },
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++)
		if (conf_identity_matches(cases[n].pattern, cases[n].identity) !=
		    cases[n].matches)
			fail_msg("'%s' and '%s'", cases[n].pattern, cases[n].identity);
}

/* --- guards */

static void a_guard_is_a_list_that_ends_with_the_next_word(void **state)
{
	struct conf *c = unit_conf("interface gre1 guard 10.0.0.0/8 fd00::/8\n"
				   "192.168.0.0/16 shortcut guard 172.16.0.0/12");
	const struct conf_iface *i = &c->ifaces[0];

	(void)state;
	assert_int_equal(i->guard_count, 4);
	assert_true(i->shortcut);
	assert_string_equal(PREFIX_STR(&i->guards[2]), "192.168.0.0/16");
	assert_string_equal(PREFIX_STR(&i->guards[3]), "172.16.0.0/12");
	conf_free(c);
	check_said("interface gre1 guard 10.0.0.0/8 guard 10.9.0.0/8", CONF_ERROR,
		   "already in this list");
	check_said("interface gre1 guard shortcut", CONF_ERROR, "lacks its prefix");
}

static void a_guard_around_a_station_is_warned_of(void **state)
{
	(void)state;
	check_said("interface gre1 guard 192.0.2.0/24 map 10.0.0.1 192.0.2.1",
		   CONF_WARNING, "holds the NBMA address 192.0.2.1");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_profile_is_kept_in_the_order_it_is_written),
		cmocka_unit_test(a_profile_may_stand_below_its_interface),
		cmocka_unit_test(words_of_the_node_end_no_profile),
		cmocka_unit_test(charon_listens_where_it_always_does_unless_told),
		cmocka_unit_test(every_key_is_read_and_printed),
		cmocka_unit_test(what_the_daemon_decides_is_refused_with_the_reason),
		cmocka_unit_test(a_value_of_the_wrong_form_is_refused),
		cmocka_unit_test(a_cipher_with_null_in_its_name_is_none_in_clear),
		cmocka_unit_test(a_key_belongs_where_it_stands),
		cmocka_unit_test(one_key_may_stand_in_several_sections),
		cmocka_unit_test(a_secret_is_text_or_coded),
		cmocka_unit_test(a_secret_that_cannot_be_is_refused),
		cmocka_unit_test(a_secret_is_printed_only_when_asked_for),
		cmocka_unit_test(a_secret_has_one_place),
		cmocka_unit_test(a_secret_may_be_in_a_file_of_its_own),
		cmocka_unit_test(a_profile_that_lets_much_happen_is_warned_of),
		cmocka_unit_test(an_interface_names_a_profile_that_exists),
		cmocka_unit_test(an_identity_is_bound_to_prefixes),
		cmocka_unit_test(an_identity_may_be_bound_to_its_certificate),
		cmocka_unit_test(a_certificate_needs_a_profile_that_has_one),
		cmocka_unit_test(an_authority_without_sense_is_refused),
		cmocka_unit_test(a_star_stands_for_any_characters),
		cmocka_unit_test(a_guard_is_a_list_that_ends_with_the_next_word),
		cmocka_unit_test(a_guard_around_a_station_is_warned_of),
	};

	return cmocka_run_group_tests_name("conf_profile", tests, NULL, NULL);
}
