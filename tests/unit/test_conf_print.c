/* SPDX-License-Identifier: MIT */
#include "unit_conf.h"

#include <stdio.h>

#include <nhrp/rng.h>

static void check_print(const char *text, bool secrets, const char *printed)
{
	struct conf *c = unit_conf(text);
	char *s = conf_print(c, secrets);

	assert_string_equal(s, printed);
	free(s);
	conf_free(c);
}

static void defaults_are_left_out(void **state)
{
	(void)state;
	check_print("interface a holding-time 7200 route-table 254 max-bindings 20000 "
		    "nflog-group 77 multicast-nflog-group 78",
		    true, "interface a\n");
	check_print("interface a redirect rate 4 prefix 32 prefix6 128", true,
		    "interface a\n\tredirect\n");
	check_print("", true, "");
}

static void a_secret_is_printed_only_when_asked_for(void **state)
{
	const char *text = "interface a cisco-authentication s3cr3t";

	(void)state;
	check_print(text, true, "interface a\n\tauthentication s3cr3t\n");
	check_print(text, false, "interface a\n\tauthentication <hidden>\n");
	check_print("interface a", false, "interface a\n");
}

/* Else a key of "<hidden>" would be in use, and nobody would know. */
static void a_text_printed_without_its_secret_does_not_load(void **state)
{
	struct conf *c = unit_conf("interface a authentication s3cr3t");
	char *s = conf_print(c, false);
	struct conf_diags d;

	(void)state;
	assert_null(unit_conf_try(s, strlen(s), &d));
	assert_int_equal(d.errors, 1);
	conf_diags_free(&d);
	free(s);
	conf_free(c);
}

static void a_holding_time_stays_the_interfaces(void **state)
{
	(void)state;
	check_print("interface a shortcut-target 10.0.0.0/8 redirect holding-time 60",
		    true,
		    "interface a\n\tholding-time 60\n\tshortcut-target 10.0.0.0/8\n"
		    "\tredirect\n");
}

/* Rules that an administrator wrote name it: nothing of the file is left out. */
static void the_group_of_a_manual_firewall_is_printed_always(void **state)
{
	(void)state;
	check_print("interface a firewall manual nflog-group 77", true,
		    "firewall manual\nnflog-group 77\n\ninterface a\n");
	check_print(
		"interface a multicast nhs firewall manual multicast-nflog-group 78",
		true,
		"firewall manual\nnflog-group 77\nmulticast-nflog-group 78\n\n"
		"interface a\n\tmulticast nhs\n");
}

/* --- random configurations, written as text by a generator */

struct gen {
	struct rng rng;
	char text[16384];
	size_t len;
	bool certificates; /* every profile has a CA for them */
};

static void add(struct gen *g, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void add(struct gen *g, const char *fmt, ...)
{
	static const char *const gaps[] = { " ", "\n", "\t\t", " # to the end\n",
					    "\r\n" };
	va_list ap;

	va_start(ap, fmt);
	g->len +=
		(size_t)vsnprintf(g->text + g->len, sizeof(g->text) - g->len, fmt, ap);
	va_end(ap);
	assert_true(g->len + 32 < sizeof(g->text));
	g->len += (size_t)sprintf(g->text + g->len, "%s",
				  gaps[rng_below(&g->rng, ARRAY_SIZE(gaps))]);
}

static uint32_t below(struct gen *g, uint32_t bound)
{
	return rng_below(&g->rng, bound);
}

static bool maybe(struct gen *g)
{
	return below(g, 2);
}

static void add_map(struct gen *g, unsigned n)
{
	static const char *const options[] = { "register", "no-unique", "cisco" };

	add(g, "map");
	if (maybe(g))
		add(g, "10.%u.0.%u", n, 1 + below(g, 200));
	else
		add(g, "fd0%u::%x/%u", n, 1 + below(g, 65000), below(g, 129));
	if (maybe(g))
		add(g, "192.0.%u.%u", below(g, 256), 1 + below(g, 250));
	else
		add(g, "Hub-%u.example.net", below(g, 100));
	if (maybe(g))
		add(g, "priority %u", 1 + below(g, 255));
	if (maybe(g)) {
		/* These go with `register`. */
		add(g, "register probe %u group g%u", 1 + below(g, 3600), n);
		if (maybe(g))
			add(g, "cisco");
		add(g, "nhs-group g%u max-connections %u", n, 1 + below(g, 4096));
		if (maybe(g))
			add(g, "fall-back %u", below(g, 65536));
		return;
	}
	for (size_t o = 0; o < ARRAY_SIZE(options); o++)
		if (maybe(g))
			add(g, "%s", options[o]);
}

static void add_list(struct gen *g, unsigned n)
{
	switch (below(g, 6)) {
	case 0:
		add(g, "dynamic-map 10.%u.0.0/%u hubs%u.example.net", n, below(g, 33),
		    n);
		if (maybe(g))
			add(g, "probe %u", 1 + below(g, 3600));
		if (maybe(g))
			add(g, "priority %u", 1 + below(g, 255));
		break;
	case 1:
		add(g, "shortcut-target 172.%u.%u.0/24", n, below(g, 256));
		if (maybe(g))
			add(g, "holding-time %u", 1 + below(g, 65535));
		break;
	case 2:
		add(g, "multicast 10.9.%u.%u", n, 1 + below(g, 200));
		break;
	case 3:
		add(g, "shortcut-filter 10.%u.0.0/%u", n, 16 + below(g, 17));
		break;
	case 4:
		add(g, "address 10.200.%u.%u/%u", n, 1 + below(g, 200),
		    31 + below(g, 2));
		break;
	default:
		add_map(g, n);
		break;
	}
}

static void add_tunnel(struct gen *g)
{
	add(g, "tunnel");
	if (maybe(g))
		add(g, "mtu %u", 1280 + below(g, 8000));
	if (maybe(g))
		add(g, "ttl %u", 1 + below(g, 255));
	if (maybe(g))
		add(g, "source eth%u", below(g, 10));
	else
		add(g, "source 198.51.100.%u", 1 + below(g, 250));
	/* Always a key, of its own: two equal tunnels are a fault. */
	add(g, "key %u", (uint32_t)rng_next(&g->rng));
}

static void add_redirect(struct gen *g)
{
	add(g, "redirect");
	if (maybe(g))
		add(g, "prefix %u", 1 + below(g, 32));
	if (maybe(g))
		add(g, "rate %u", 1 + below(g, 60000));
	if (maybe(g))
		add(g, "prefix6 %u", 1 + below(g, 128));
}

static void add_section(struct gen *g, const char *name)
{
	add(g, "%s", name);
	if (g->certificates && strcmp(name, "remote") == 0)
		add(g, "auth pubkey cacerts ca%u.pem", below(g, 10));
	else
		add(g, "auth %s", maybe(g) ? "psk" : "pubkey");
	if (maybe(g))
		add(g, "id \"CN=%s %u, O=x\"", name, below(g, 100));
	if (maybe(g))
		add(g, "certs a%u.pem,b.pem", below(g, 10));
}

static void add_profile(struct gen *g, unsigned name)
{
	add(g, "ipsec-profile");
	add(g, "p%u", name);
	if (maybe(g))
		add(g, "proposals a%u,\"b\"", below(g, 10));
	if (maybe(g))
		add(g, "dpd_delay %us", below(g, 100));
	if (maybe(g)) {
		add(g, "local auth psk");
		add(g, maybe(g) ? "psk \"s %u\"" : "psk 0x0%u0a", 1 + below(g, 9));
	} else {
		add_section(g, "local");
	}
	add_section(g, "remote");
	if (maybe(g))
		add(g, "child rekey_time %uh", below(g, 9));
	if (maybe(g))
		add(g, "child mode %s", maybe(g) ? "tunnel" : "transport");
}

static void add_ipsec(struct gen *g, unsigned name)
{
	add(g, "ipsec p%u", name);
	for (unsigned n = below(g, 3); n > 0; n--) {
		add(g, "authorize");
		add(g, maybe(g) ? "\"CN=%u, O=*\"" : "*%u.lab", n);
		add(g, "10.%u.0.0/16", below(g, 256));
		if (maybe(g))
			add(g, "fd00:%x::/32", below(g, 256));
		if (g->certificates && maybe(g))
			add(g, "certificate");
	}
}

static void add_iface(struct gen *g, unsigned name)
{
	add(g, "interface");
	add(g, "gre%u", name);
	if (maybe(g))
		add(g, "holding-time %u", 1 + below(g, 65535));
	if (maybe(g))
		add(g, "route-table %u", 256 + below(g, 1000));
	if (maybe(g))
		add(g, "max-bindings %u", 1 + below(g, 1000000));
	if (maybe(g))
		add(g, "%s k%u", maybe(g) ? "authentication" : "cisco-authentication",
		    below(g, 10000000));
	if (maybe(g))
		add_tunnel(g);
	for (unsigned n = 1; n < 8; n++)
		add_list(g, n);
	if (maybe(g))
		add(g, "multicast %s", maybe(g) ? "nhs" : "dynamic");
	if (maybe(g))
		add(g, "multicast-group 239.0.0.0/%u ff05::%u", 8 + below(g, 25),
		    below(g, 1000));
	if (maybe(g))
		add_redirect(g);
	if (maybe(g))
		add(g, "shortcut non-caching");
	if (maybe(g))
		add(g, "shortcut-routed");
	if (maybe(g))
		add(g, "guard 10.0.0.0/%u fd00::/%u", below(g, 33), below(g, 129));
	/* Before or behind its profile. */
	if (maybe(g)) {
		add_ipsec(g, name);
		add_profile(g, name);
	} else if (maybe(g)) {
		add_profile(g, name);
		add(g, "interface gre1%u", name);
		add_ipsec(g, name);
	}
}

/* Among the interfaces, as the order of words allows. */
static void add_node_word(struct gen *g, unsigned word)
{
	if (word == 1 && maybe(g))
		add(g, "firewall manual");
	else if (word == 2)
		add(g, "nflog-group %u multicast-nflog-group %u", 1 + below(g, 30000),
		    30001 + below(g, 30000));
	else if (word == 3 && maybe(g))
		add(g, "script /etc/nhrpd/hook-%u", below(g, 100));
	else if (word == 4 && maybe(g))
		add(g, "vici /run/charon-%u", below(g, 100));
}

static void check_round_trip(uint64_t seed, const char *text)
{
	struct conf *c = unit_conf(text);
	char *printed = conf_print(c, true);
	struct conf *again = unit_conf(printed);
	char *reprinted = conf_print(again, true);

	if (!unit_conf_eq(c, again) || strcmp(printed, reprinted) != 0)
		fail_msg("seed %u:\n%s\nis printed as\n%s\nand then as\n%s",
			 (unsigned)seed, text, printed, reprinted);
	free(reprinted);
	conf_free(again);
	free(printed);
	conf_free(c);
}

static void what_is_printed_is_read_as_the_same_and_printed_as_the_same(void **state)
{
	struct gen *g = calloc(1, sizeof(*g));

	(void)state;
	for (uint64_t seed = 1; seed <= 500; seed++) {
		g->rng = rng_init(seed);
		g->certificates = maybe(g);
		g->len = 0;
		for (unsigned n = 5; n > 0; n--) {
			add_node_word(g, n);
			if (maybe(g))
				add_iface(g, n);
		}
		g->text[g->len] = '\0';
		check_round_trip(seed, g->text);
	}
	free(g);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_left_out),
		cmocka_unit_test(a_secret_is_printed_only_when_asked_for),
		cmocka_unit_test(a_text_printed_without_its_secret_does_not_load),
		cmocka_unit_test(a_holding_time_stays_the_interfaces),
		cmocka_unit_test(the_group_of_a_manual_firewall_is_printed_always),
		cmocka_unit_test(
			what_is_printed_is_read_as_the_same_and_printed_as_the_same),
	};

	return cmocka_run_group_tests_name("conf_print", tests, NULL, NULL);
}
