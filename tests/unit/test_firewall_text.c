/* SPDX-License-Identifier: MIT */
#include "unit_conf.h"

#include <stdio.h>

#include "../../src/os/firewall_text.h"

static void assert_text(const char *words, const char *wanted)
{
	struct conf *c = unit_conf(words);
	char *text = firewall_text(c, false);

	if (wanted)
		assert_string_equal(text, wanted);
	else
		assert_null(text);
	free(text);
	conf_free(c);
}

static void assert_has(const char *words, const char *part)
{
	struct conf *c = unit_conf(words);
	char *text = firewall_text(c, false);

	assert_non_null(text);
	if (!strstr(text, part))
		fail_msg("'%s' is not in\n%s", part, text);
	free(text);
	conf_free(c);
}

static void a_redirecting_interface_has_two_sets_and_two_rules(void **state)
{
	(void)state;
	assert_text("interface gre1 redirect prefix 24 prefix6 48",
		    "table inet nhrpd\n"
		    "delete table inet nhrpd\n"
		    "table inet nhrpd {\n"
		    "\tcomment \"written by nhrpd, which undoes other changes\"\n"
		    "\tset ip-gre1 {\n"
		    "\t\ttype ipv4_addr . ipv4_addr\n"
		    "\t\tsize 65536\n"
		    "\t\tflags dynamic,timeout\n"
		    "\t\ttimeout 15s\n"
		    "\t}\n"
		    "\tset ip6-gre1 {\n"
		    "\t\ttype ipv6_addr . ipv6_addr\n"
		    "\t\tsize 65536\n"
		    "\t\tflags dynamic,timeout\n"
		    "\t\ttimeout 15s\n"
		    "\t}\n"
		    "\tchain sample {\n"
		    "\t\tlimit rate 200/second burst 400 packets log group 77 "
		    "snaplen 128\n"
		    "\t}\n"
		    "\tchain forward {\n"
		    "\t\ttype filter hook forward priority 300; policy accept;\n"
		    "\t\tiifname \"gre1\" oifname \"gre1\" update @ip-gre1 "
		    "{ ip saddr & 255.255.255.0 . ip daddr & 255.255.255.0 "
		    "limit rate 4/minute burst 1 packets } goto sample\n"
		    "\t\tiifname \"gre1\" oifname \"gre1\" update @ip6-gre1 "
		    "{ ip6 saddr & ffff:ffff:ffff:: . ip6 daddr & ffff:ffff:ffff:: "
		    "limit rate 4/minute burst 1 packets } goto sample\n"
		    "\t}\n"
		    "}\n");
}

static void multicast_is_logged_and_ends_where_it_is_made_or_forwarded(void **state)
{
	(void)state;
	assert_text("interface gre1 multicast nhs multicast-group 239.1.0.0/16 "
		    "255.255.255.255 multicast-nflog-group 6",
		    "table inet nhrpd\n"
		    "delete table inet nhrpd\n"
		    "table inet nhrpd {\n"
		    "\tcomment \"written by nhrpd, which undoes other changes\"\n"
		    "\tcounter not-copied-gre1 {\n"
		    "\t}\n"
		    "\tchain copy-gre1 {\n"
		    "\t\tip daddr 224.0.0.0/24 log group 6 queue num 65535\n"
		    "\t\tip6 daddr ff02::/16 log group 6 queue num 65535\n"
		    "\t\tip daddr 239.1.0.0/16 log group 6 queue num 65535\n"
		    "\t\tmeta nfproto ipv4 fib daddr type broadcast log group 6 queue "
		    "num 65535\n"
		    "\t\tcounter name \"not-copied-gre1\"\n"
		    "\t\tlimit rate 10/second burst 20 packets log group 6\n"
		    "\t\tqueue num 65535\n"
		    "\t}\n"
		    "\tchain through-gre1 {\n"
		    "\t\tip daddr 224.0.0.0/4 goto copy-gre1\n"
		    "\t\tip6 daddr ff00::/8 goto copy-gre1\n"
		    "\t}\n"
		    "\tchain from-gre1 {\n"
		    "\t\tjump through-gre1\n"
		    "\t\tmeta nfproto ipv4 fib daddr type broadcast goto copy-gre1\n"
		    "\t}\n"
		    "\tchain output {\n"
		    "\t\ttype filter hook output priority 300; policy accept;\n"
		    "\t\toifname vmap { \"gre1\" : goto from-gre1 }\n"
		    "\t}\n"
		    "\tchain forward {\n"
		    "\t\ttype filter hook forward priority 300; policy accept;\n"
		    "\t\toifname vmap { \"gre1\" : jump through-gre1 }\n"
		    "\t}\n"
		    "}\n");
}

static void a_kernel_without_queues_drops_what_is_copied_aloud(void **state)
{
	struct conf *c = unit_conf("interface gre1 multicast nhs");
	char *text = firewall_text(c, true);

	(void)state;
	assert_non_null(strstr(text, "ip daddr 224.0.0.0/24 log group 78 drop\n"));
	assert_non_null(strstr(text, "packets log group 78\n\t\tdrop\n"));
	assert_null(strstr(text, "queue"));
	free(text);
	conf_free(c);
}

static void a_tunnel_without_multicast_keeps_what_it_sends(void **state)
{
	struct conf *c = unit_conf("interface a multicast nhs interface b redirect "
				   "interface c multicast dynamic");
	char *text = firewall_text(c, false);

	(void)state;
	assert_non_null(
		strstr(text, "vmap { \"a\" : goto from-a, \"c\" : goto from-c }"));
	assert_null(strstr(text, "copy-b"));
	free(text);
	conf_free(c);
}

static void a_whole_address_needs_no_mask(void **state)
{
	(void)state;
	assert_has("interface gre1 redirect", "{ ip saddr . ip daddr limit");
	assert_has("interface gre1 redirect", "{ ip6 saddr . ip6 daddr limit");
}

static void the_rate_decides_how_long_a_pair_is_remembered(void **state)
{
	static const struct {
		const char *words, *rate, *timeout;
	} cases[] = {
		{ "redirect rate 1", "rate 1/minute", "timeout 60s" },
		{ "redirect rate 7", "rate 7/minute", "timeout 9s" },
		{ "redirect rate 60", "rate 60/minute", "timeout 1s" },
		{ "redirect rate 60000", "rate 60000/minute", "timeout 1s" },
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		char words[100];

		snprintf(words, sizeof(words), "interface gre1 %s", cases[n].words);
		assert_has(words, cases[n].rate);
		assert_has(words, cases[n].timeout);
	}
}

static void the_samples_go_to_the_group(void **state)
{
	(void)state;
	assert_has("nflog-group 5 interface gre1 redirect", "log group 5 snaplen");
}

static void interfaces_have_sets_of_their_own(void **state)
{
	const char *words = "interface a redirect rate 5 interface b shortcut "
			    "interface c redirect";
	struct conf *c = unit_conf(words);
	char *text = firewall_text(c, false);

	(void)state;
	assert_non_null(strstr(text, "set ip-a {"));
	assert_non_null(strstr(text, "iifname \"c\" oifname \"c\" update @ip6-c"));
	assert_null(strstr(text, "\"b\""));
	free(text);
	conf_free(c);
}

static void nothing_is_wanted_where_nobody_redirects(void **state)
{
	(void)state;
	assert_text("", NULL);
	assert_text("interface gre1 shortcut interface lan0", NULL);
}

static void a_manual_firewall_is_the_administrators(void **state)
{
	(void)state;
	assert_text("firewall manual nflog-group 1 interface gre1 redirect", NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_redirecting_interface_has_two_sets_and_two_rules),
		cmocka_unit_test(
			multicast_is_logged_and_ends_where_it_is_made_or_forwarded),
		cmocka_unit_test(a_kernel_without_queues_drops_what_is_copied_aloud),
		cmocka_unit_test(a_tunnel_without_multicast_keeps_what_it_sends),
		cmocka_unit_test(a_whole_address_needs_no_mask),
		cmocka_unit_test(the_rate_decides_how_long_a_pair_is_remembered),
		cmocka_unit_test(the_samples_go_to_the_group),
		cmocka_unit_test(interfaces_have_sets_of_their_own),
		cmocka_unit_test(nothing_is_wanted_where_nobody_redirects),
		cmocka_unit_test(a_manual_firewall_is_the_administrators),
	};

	return cmocka_run_group_tests_name("firewall_text", tests, NULL, NULL);
}
