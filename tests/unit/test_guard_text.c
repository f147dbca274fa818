/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>

#include "../../src/os/guard_text.h"

static struct guard_match match(const char *name, const char *local)
{
	struct guard_match m = {
		.in_has_key = true, .out_has_key = true, .in_key = 42, .out_key = 42
	};

	strcpy(m.ifname, name);
	if (local)
		m.local = unit_addr(local);
	return m;
}

static void check(const struct guard_match *list, size_t count,
		  const struct guard_drops *drops, size_t drop_count,
		  const char *const *parts)
{
	char *text = guard_text(list, count, drops, drop_count);

	for (; *parts; parts++)
		if (!strstr(text, *parts))
			fail_msg("'%s' is not in\n%s", *parts, text);
	free(text);
}

static void a_tunnel_is_told_by_key_and_address(void **state)
{
	const struct guard_match m = match("gre1", "192.0.2.1");
	char *text = guard_text(&m, 1, NULL, 0);

	(void)state;
	assert_string_equal(
		text,
		"table inet nhrpd_guard\n"
		"delete table inet nhrpd_guard\n"
		"table inet nhrpd_guard {\n"
		"\tcomment \"written by nhrpd: encrypted tunnels never in clear\"\n"
		"\tcounter in-gre1 { packets 0 bytes 0 }\n"
		"\tcounter out-gre1 { packets 0 bytes 0 }\n"
		"\tchain came {\n"
		"\t\t@th,0,8 & 0xa0 == 0x20 @th,32,32 42 ip daddr 192.0.2.1 "
		"counter name \"in-gre1\" drop\n"
		"\t\t@th,0,8 & 0xa0 == 0xa0 @th,64,32 42 ip daddr 192.0.2.1 "
		"counter name \"in-gre1\" drop\n"
		"\t}\n"
		"\tchain input {\n"
		"\t\ttype filter hook input priority 300; policy accept;\n"
		"\t\tmeta l4proto gre meta ipsec missing goto came\n"
		"\t}\n"
		"\tchain leaves {\n"
		"\t\t@th,0,8 & 0xa0 == 0x20 @th,32,32 42 ip saddr 192.0.2.1 "
		"counter name \"out-gre1\" drop\n"
		"\t\t@th,0,8 & 0xa0 == 0xa0 @th,64,32 42 ip saddr 192.0.2.1 "
		"counter name \"out-gre1\" drop\n"
		"\t}\n"
		"\tchain output {\n"
		"\t\ttype filter hook output priority 300; policy accept;\n"
		"\t\tmeta l4proto gre rt ipsec missing goto leaves\n"
		"\t}\n"
		"}\n");
	free(text);
}

static void without_a_key_only_packets_without_one_are_meant(void **state)
{
	static const char *const parts[] = {
		"\t\t@th,0,8 & 0x20 == 0 ip daddr 192.0.2.1 counter",
		"\t\t@th,0,8 & 0x20 == 0 ip saddr 192.0.2.1 counter",
		NULL,
	};
	struct guard_match m = match("gre1", "192.0.2.1");

	(void)state;
	m.in_has_key = m.out_has_key = false;
	check(&m, 1, NULL, 0, parts);
}

static void each_way_has_its_own_key(void **state)
{
	static const char *const parts[] = {
		"@th,32,32 7 ip6 daddr 2001:db8::1 counter name \"in-gre1\" drop\n",
		"@th,32,32 0 ip6 saddr 2001:db8::1 counter name \"out-gre1\" drop\n",
		NULL,
	};
	struct guard_match m = match("gre1", "2001:db8::1");

	(void)state;
	m.in_key = 7;
	m.out_key = 0;
	check(&m, 1, NULL, 0, parts);
}

static void without_an_address_every_one_is_meant(void **state)
{
	static const char *const parts[] = {
		"@th,32,32 42 counter name \"in-gre1\" drop\n",
		"@th,32,32 42 counter name \"out-gre1\" drop\n",
		NULL,
	};
	const struct guard_match m = match("gre1", NULL);

	(void)state;
	check(&m, 1, NULL, 0, parts);
}

static void counters_go_on_from_what_they_were(void **state)
{
	static const char *const parts[] = {
		"\tcounter in-a { packets 0 bytes 0 }\n",
		"\tcounter out-a { packets 0 bytes 0 }\n",
		"\tcounter in-b { packets 5 bytes 500 }\n",
		"\tcounter out-b { packets 18446744073709551615 bytes 1 }\n",
		NULL,
	};
	const struct guard_match list[] = { match("a", NULL), match("b", "192.0.2.1"),
					    match("b", "192.0.2.2") };
	const struct guard_drops drops[] = {
		{ "c", 9, 9, 9, 9, 0, 0 },
		{ "b", 5, UINT64_MAX, 500, 1, 0, 0 },
	};
	char *text = guard_text(list, 3, drops, 2);

	(void)state;
	/* Of the tunnel that is there twice, one. */
	assert_null(strstr(strstr(text, "counter in-b {") + 1, "counter in-b {"));
	free(text);
	check(list, 3, drops, 2, parts);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tunnel_is_told_by_key_and_address),
		cmocka_unit_test(without_a_key_only_packets_without_one_are_meant),
		cmocka_unit_test(each_way_has_its_own_key),
		cmocka_unit_test(without_an_address_every_one_is_meant),
		cmocka_unit_test(counters_go_on_from_what_they_were),
	};

	return cmocka_run_group_tests_name("guard_text", tests, NULL, NULL);
}
