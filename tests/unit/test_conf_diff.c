/* SPDX-License-Identifier: MIT */
#include "unit_conf.h"

#include <stdio.h>

/* One interface with something of everything. */
#define BASE                                                                      \
	"interface gre1 tunnel source eth0 key 1 address 10.0.0.2/24 "            \
	"address 10.0.1.2/24 map 10.0.0.1/24 h1 register map 10.0.0.3 192.0.2.3 " \
	"dynamic-map 10.1.0.0/16 d1 multicast nhs multicast 10.0.0.3 "            \
	"holding-time 600 shortcut-target 192.168.1.0/24 holding-time 60 "        \
	"shortcut-target 192.168.2.0/24 authentication secret shortcut redirect " \
	"shortcut-filter 10.0.0.0/8 shortcut-filter fd00::/8 "                    \
	"ipsec p1 authorize a 10.0.0.1/32 10.0.0.2/32 authorize b 10.0.0.3/32 "   \
	"guard 10.0.0.0/8 fd00::/8 nhs-group g max-connections 1 "                \
	"multicast-group 239.1.1.1 ff05::/16 "                                    \
	"ipsec-profile p1 version 2 proposals a,b local auth psk id x "           \
	"remote cacerts ca.pem psk top ipsec-profile p2 version 2 "

struct diff {
	struct conf *from, *to;
	struct conf_change *list;
	size_t count;
};

static struct diff diff_of(const char *from, const char *to)
{
	struct diff d = { .from = unit_conf(from), .to = unit_conf(to) };

	d.count = conf_diff(d.from, d.to, &d.list);
	return d;
}

static void diff_free(struct diff *d)
{
	free(d->list);
	conf_free(d->from);
	conf_free(d->to);
}

/* BASE with its first `was` replaced. */
static void changed_base(char *out, size_t cap, const char *was, const char *is)
{
	const char *at = strstr(BASE, was);

	assert_non_null(at);
	snprintf(out, cap, "%.*s%s%s", (int)(at - BASE), BASE, is, at + strlen(was));
}

static const struct {
	const char *was, *is;
	unsigned part;
} of_one_part[] = {
	{ "source eth0", "source eth1", CONF_PART_TUNNEL },
	{ "source eth0", "source 192.0.2.9", CONF_PART_TUNNEL },
	{ "key 1", "key 2", CONF_PART_TUNNEL },
	{ "key 1", "", CONF_PART_TUNNEL },
	{ "key 1", "key 1 ttl 9", CONF_PART_TUNNEL },
	{ "key 1", "key 1 mtu 1400", CONF_PART_TUNNEL },
	{ "tunnel source eth0 key 1", "", CONF_PART_TUNNEL },
	{ "address 10.0.0.2/24", "", CONF_PART_ADDRS },
	{ "address 10.0.0.2/24", "address 10.0.0.2/25", CONF_PART_ADDRS },
	{ "10.0.0.1/24 h1", "10.0.0.1/25 h1", CONF_PART_MAPS },
	{ "10.0.0.1/24 h1", "10.0.0.1 h1", CONF_PART_MAPS },
	{ "10.0.0.3 192", "10.0.0.3/32 192", CONF_PART_MAPS },
	{ "h1", "h2", CONF_PART_MAPS },
	{ "192.0.2.3", "192.0.2.4", CONF_PART_MAPS },
	{ "192.0.2.3", "name", CONF_PART_MAPS },
	{ "register", "", CONF_PART_MAPS },
	{ "register", "register no-unique", CONF_PART_MAPS },
	{ "register", "register cisco", CONF_PART_MAPS },
	{ "register", "register priority 1", CONF_PART_MAPS },
	{ "register", "register group g", CONF_PART_MAPS },
	{ "register", "register probe 5", CONF_PART_MAPS },
	{ "max-connections 1", "max-connections 2", CONF_PART_MAPS },
	{ "max-connections 1", "max-connections 1 fall-back 5", CONF_PART_MAPS },
	{ "d1", "d2", CONF_PART_MAPS },
	{ "d1", "d1 priority 5", CONF_PART_MAPS },
	{ "d1", "d1 group g", CONF_PART_MAPS },
	{ "d1", "d1 probe 5", CONF_PART_MAPS },
	{ "10.1.0.0/16", "10.1.0.0/17", CONF_PART_MAPS },
	{ "holding-time 60 ", "", CONF_PART_TARGETS },
	{ "192.168.2.0/24", "192.168.2.0/25", CONF_PART_TARGETS },
	{ "multicast nhs", "multicast dynamic", CONF_PART_MCASTS },
	{ "multicast 10.0.0.3", "multicast 10.0.0.1", CONF_PART_MCASTS },
	{ "multicast nhs", "", CONF_PART_MCASTS },
	{ "239.1.1.1", "239.1.1.2", CONF_PART_MCASTS },
	{ "multicast-group 239.1.1.1 ff05::/16", "", CONF_PART_MCASTS },
	{ "holding-time 600", "", CONF_PART_HOLDING },
	{ "holding-time 600", "holding-time 600 route-table 7", CONF_PART_TABLE },
	{ "holding-time 600", "max-bindings 7 holding-time 600", CONF_PART_LIMITS },
	{ "secret", "Secret", CONF_PART_AUTH },
	{ "secret", "secre", CONF_PART_AUTH },
	{ "authentication secret", "", CONF_PART_AUTH },
	{ "shortcut ", "", CONF_PART_FLAGS },
	{ "shortcut ", "shortcut non-caching ", CONF_PART_FLAGS },
	{ "shortcut ", "shortcut host-routes ", CONF_PART_FLAGS },
	{ "shortcut ", "shortcut if-state nhrp ", CONF_PART_FLAGS },
	{ "shortcut ", "shortcut shortcut-routed ", CONF_PART_FLAGS },
	{ "redirect", "", CONF_PART_FLAGS },
	{ "redirect", "redirect rate 5", CONF_PART_SAMPLING },
	{ "redirect", "redirect prefix 24", CONF_PART_SAMPLING },
	{ "redirect", "redirect prefix6 64", CONF_PART_SAMPLING },
	{ "filter 10.0.0.0/8", "filter 10.0.0.0/9", CONF_PART_FILTERS },
	{ "shortcut-filter fd00::/8", "", CONF_PART_FILTERS },
	{ "ipsec p1", "ipsec p2", CONF_PART_IPSEC },
	{ "version 2 proposals", "proposals", CONF_PART_IPSEC },
	{ "proposals a,b", "proposals b,a", CONF_PART_IPSEC },
	{ "proposals a,b", "proposals a", CONF_PART_IPSEC },
	{ "id x", "id y", CONF_PART_IPSEC },
	{ "psk top", "psk Top", CONF_PART_IPSEC },
	{ "psk top", "child mode tunnel psk top", CONF_PART_IPSEC },
	{ "psk top", "child rekey_time 1h psk top", CONF_PART_IPSEC },
	{ "authorize a ", "authorize c ", CONF_PART_AUTHORITIES },
	{ "10.0.0.1/32 10.0.0.2/32", "10.0.0.1/32", CONF_PART_AUTHORITIES },
	{ "authorize b 10.0.0.3/32", "", CONF_PART_AUTHORITIES },
	{ "guard 10.0.0.0/8", "guard", CONF_PART_GUARDS },
};

static void a_changed_word_is_a_change_of_its_part_alone(void **state)
{
	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(of_one_part); n++) {
		char text[1024];
		struct diff d;

		changed_base(text, sizeof(text), of_one_part[n].was, of_one_part[n].is);
		d = diff_of(BASE, text);
		assert_int_equal(d.count, 1);
		assert_int_equal(d.list[0].kind, CONF_IFACE_CHANGED);
		if (d.list[0].parts != of_one_part[n].part)
			fail_msg("'%s' to '%s': parts 0x%x", of_one_part[n].was,
				 of_one_part[n].is, d.list[0].parts);
		assert_ptr_equal(d.list[0].before, &d.from->ifaces[0]);
		assert_ptr_equal(d.list[0].after, &d.to->ifaces[0]);
		diff_free(&d);
	}
}

static void a_certificate_beside_prefixes_is_a_change(void **state)
{
	char text[1024];
	struct diff d;

	(void)state;
	changed_base(text, sizeof(text), "10.0.0.3/32", "10.0.0.3/32 certificate");
	d = diff_of(BASE, text);
	assert_int_equal(d.count, 1);
	assert_int_equal(d.list[0].parts, CONF_PART_AUTHORITIES);
	diff_free(&d);
}

static void a_group_is_a_change_of_what_is_copied(void **state)
{
	char text[1024];
	struct diff d;

	(void)state;
	changed_base(text, sizeof(text), "239.1.1.1 ff05::/16", "ff05::/16");
	d = diff_of(BASE, text);
	assert_int_equal(d.count, 1);
	assert_int_equal(d.list[0].parts, CONF_PART_MCASTS);
	diff_free(&d);
}

static void the_same_words_are_no_change_however_they_are_written(void **state)
{
	static const struct {
		const char *from, *to;
	} cases[] = {
		{ BASE, BASE },
		{ "", "# nothing" },
		{ "interface a interface b", "interface b interface a" },
		{ "interface a map 10.0.0.1 h map 10.0.0.2 i",
		  "interface a map 10.0.0.2 i map 10.0.0.1 h" },
		{ "interface a map fd00::1 2001:DB8::1",
		  "interface a map fd00:0::1 2001:db8:0::1" },
		{ "interface a shortcut redirect", "interface a redirect shortcut" },
		{ "interface a authentication x",
		  "interface a cisco-authentication x" },
		{ "interface a holding-time 7200", "interface a" },
		{ "interface a guard 10.0.0.0/8 11.0.0.0/8",
		  "interface a guard 11.0.0.0/8 guard 10.0.0.0/8" },
		{ "ipsec-profile p local id x auth psk psk \"ab\" interface a ipsec p",
		  "interface a ipsec p ipsec-profile p local auth psk id x psk "
		  "0x6162" },
		{ "interface a map 10.0.0.1 h cisco register",
		  "interface a map 10.0.0.1 h register cisco" },
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		struct diff d = diff_of(cases[n].from, cases[n].to);

		assert_int_equal(d.count, 0);
		diff_free(&d);
	}
}

static void words_of_no_interface_are_a_change_of_the_node(void **state)
{
	static const struct {
		const char *from, *to;
		unsigned parts;
	} cases[] = {
		{ "", "firewall manual", CONF_PART_FIREWALL },
		{ "nflog-group 5", "", CONF_PART_FIREWALL },
		{ "nflog-group 5", "nflog-group 6", CONF_PART_FIREWALL },
		{ "", "script /a", CONF_PART_SCRIPT },
		{ "script /b", "script /a", CONF_PART_SCRIPT },
		{ "script /b", "nflog-group 5", CONF_PART_SCRIPT | CONF_PART_FIREWALL },
		{ "nflog-group 77", "", 0 },
		{ "multicast-nflog-group 5", "", CONF_PART_FIREWALL },
		{ "multicast-nflog-group 78", "", 0 },
		{ "vici /a", "", CONF_PART_VICI },
		{ "vici /run/charon.vici", "", 0 },
		{ "ipsec-profile p version 2", "", 0 },
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		struct diff d = diff_of(cases[n].from, cases[n].to);

		assert_int_equal(d.count, cases[n].parts != 0);
		if (d.count) {
			assert_int_equal(d.list[0].kind, CONF_NODE_CHANGED);
			assert_int_equal(d.list[0].parts, cases[n].parts);
			assert_null(d.list[0].before);
			assert_null(d.list[0].after);
		}
		diff_free(&d);
	}
}

static void a_list_of_as_many_others_is_a_change(void **state)
{
	struct diff d = diff_of("interface a map 10.0.0.1 h map 10.0.0.2 h",
				"interface a map 10.0.0.1 h map 10.0.0.3 h");

	(void)state;
	assert_int_equal(d.count, 1);
	assert_int_equal(d.list[0].parts, CONF_PART_MAPS);
	diff_free(&d);
}

static void what_goes_comes_before_what_is_new_or_changed(void **state)
{
	struct diff d =
		diff_of("interface same interface gone shortcut interface other "
			"interface late",
			"interface new interface other redirect interface same "
			"script /a");
	static const enum conf_change_kind kinds[] = {
		CONF_IFACE_REMOVED, CONF_IFACE_REMOVED, CONF_NODE_CHANGED,
		CONF_IFACE_ADDED, CONF_IFACE_CHANGED
	};

	(void)state;
	assert_int_equal(d.count, ARRAY_SIZE(kinds));
	for (size_t n = 0; n < d.count; n++)
		assert_int_equal(d.list[n].kind, kinds[n]);
	assert_string_equal(d.list[0].before->name, "gone");
	assert_null(d.list[0].after);
	assert_string_equal(d.list[1].before->name, "late");
	assert_string_equal(d.list[3].after->name, "new");
	assert_null(d.list[3].before);
	assert_string_equal(d.list[4].after->name, "other");
	diff_free(&d);
}

static void all_changed_parts_are_told_at_once(void **state)
{
	struct diff d = diff_of("interface a", BASE "interface a holding-time 9 "
						    "route-table 9 redirect");

	(void)state;
	assert_int_equal(d.count, 2);
	assert_int_equal(d.list[1].parts,
			 CONF_PART_HOLDING | CONF_PART_TABLE | CONF_PART_FLAGS);
	diff_free(&d);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_changed_word_is_a_change_of_its_part_alone),
		cmocka_unit_test(a_certificate_beside_prefixes_is_a_change),
		cmocka_unit_test(a_group_is_a_change_of_what_is_copied),
		cmocka_unit_test(the_same_words_are_no_change_however_they_are_written),
		cmocka_unit_test(words_of_no_interface_are_a_change_of_the_node),
		cmocka_unit_test(a_list_of_as_many_others_is_a_change),
		cmocka_unit_test(what_goes_comes_before_what_is_new_or_changed),
		cmocka_unit_test(all_changed_parts_are_told_at_once),
	};

	return cmocka_run_group_tests_name("conf_diff", tests, NULL, NULL);
}
