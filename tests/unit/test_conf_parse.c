/* SPDX-License-Identifier: MIT */
#include "unit_conf.h"

#include <stdio.h>

#include <nhrp/rng.h>

static const char spoke[] = "interface gre1\n"
			    "  tunnel source eth0 key 42 ttl 64 mtu 1400\n"
			    "  address 10.0.0.2/24 address fd00::2/64\n"
			    "  map 10.0.0.1/24 hub1.example.net register priority 10\n"
			    "  map 10.0.0.9 203.0.113.9 no-unique cisco # another\n"
			    "  dynamic-map 10.0.0.0/24 hubs.example.net\n"
			    "  shortcut-target 192.168.1.0/24 holding-time 300\n"
			    "  multicast nhs multicast dynamic multicast 10.0.0.9\n"
			    "  multicast-group 239.1.0.0/16 ff05::/16\n"
			    "  multicast-group 255.255.255.255\n"
			    "  holding-time 600 route-table 42 max-bindings 100\n"
			    "  authentication secret\n"
			    "  redirect prefix6 48 rate 30 prefix 16\n"
			    "  shortcut shortcut-routed non-caching\n"
			    "  shortcut-filter 10.0.0.0/8 shortcut-filter fd00::/8\n"
			    "firewall manual nflog-group 5 script /etc/nhrpd/hook\n"
			    "multicast-nflog-group 6\n"
			    "interface lan0 shortcut-destination\n";

/* --- what a good text means */

static void the_tunnel_words_make_a_tunnel(void **state)
{
	struct conf *c = unit_conf(spoke);
	const struct conf_iface *i = conf_find_iface(c, "gre1");

	(void)state;
	assert_true(i->tunnel.wanted);
	assert_string_equal(i->tunnel.source_dev, "eth0");
	assert_false(addr_is_set(&i->tunnel.source));
	assert_true(i->tunnel.has_key);
	assert_int_equal(i->tunnel.key, 42);
	assert_int_equal(i->tunnel.ttl, 64);
	assert_int_equal(i->tunnel.mtu, 1400);
	assert_int_equal(i->addr_count, 2);
	assert_string_equal(PREFIX_STR(&i->addrs[1]), "fd00::2/64");
	conf_free(c);
}

static void a_tunnel_source_may_be_an_address(void **state)
{
	struct conf *c = unit_conf("interface gre1 tunnel source 192.0.2.2");

	(void)state;
	assert_string_equal(ADDR_STR(&c->ifaces[0].tunnel.source), "192.0.2.2");
	assert_string_equal(c->ifaces[0].tunnel.source_dev, "");
	conf_free(c);
}

static void key_zero_is_a_key(void **state)
{
	struct conf *c = unit_conf("interface a tunnel source eth0 key 0 "
				   "interface b tunnel source eth0");

	(void)state;
	assert_true(c->ifaces[0].tunnel.has_key);
	assert_int_equal(c->ifaces[0].tunnel.key, 0);
	assert_false(c->ifaces[1].tunnel.has_key);
	conf_free(c);
}

static void a_map_has_its_address_name_and_options(void **state)
{
	struct conf *c = unit_conf(spoke);
	const struct conf_map *m = c->ifaces[0].maps;

	(void)state;
	assert_int_equal(c->ifaces[0].map_count, 2);
	assert_string_equal(PREFIX_STR(&m[0].proto), "10.0.0.1/24");
	assert_true(m[0].has_len);
	assert_false(addr_is_set(&m[0].nbma.addr));
	assert_string_equal(m[0].nbma.name, "hub1.example.net");
	assert_true(m[0].registers && !m[0].no_unique && !m[0].cisco);
	assert_int_equal(m[0].priority, 10);
	assert_string_equal(PREFIX_STR(&m[1].proto), "10.0.0.9/32");
	assert_false(m[1].has_len);
	assert_string_equal(ADDR_STR(&m[1].nbma.addr), "203.0.113.9");
	assert_string_equal(m[1].nbma.name, "203.0.113.9");
	assert_true(!m[1].registers && m[1].no_unique && m[1].cisco);
	assert_int_equal(m[1].priority, 0);
	conf_free(c);
}

static void the_other_words_have_their_values(void **state)
{
	struct conf *c = unit_conf(spoke);
	const struct conf_iface *i = c->ifaces, *lan = conf_find_iface(c, "lan0");

	(void)state;
	assert_string_equal(PREFIX_STR(&i->dynamic_maps[0].proto), "10.0.0.0/24");
	assert_string_equal(i->dynamic_maps[0].name, "hubs.example.net");
	assert_string_equal(PREFIX_STR(&i->targets[0].proto), "192.168.1.0/24");
	assert_int_equal(i->targets[0].holding_s, 300);
	assert_int_equal(i->mcasts[0].to, CONF_MCAST_NHS);
	assert_int_equal(i->mcasts[1].to, CONF_MCAST_DYNAMIC);
	assert_int_equal(i->mcasts[2].to, CONF_MCAST_ADDR);
	assert_string_equal(ADDR_STR(&i->mcasts[2].addr), "10.0.0.9");
	assert_int_equal(i->mcast_group_count, 3);
	assert_string_equal(PREFIX_STR(&i->mcast_groups[1]), "ff05::/16");
	assert_int_equal(c->mcast_nflog_group, 6);
	assert_int_equal(i->holding_s, 600);
	assert_int_equal(i->route_table, 42);
	assert_int_equal(i->max_bindings, 100);
	assert_int_equal(i->auth.len, 6);
	assert_memory_equal(i->auth.bytes, "secret", 6);
	assert_true(i->redirect && i->shortcut && i->non_caching);
	assert_true(lan->shortcut_destination && !i->shortcut_destination);
	assert_true(i->answer_any && !lan->answer_any);
	assert_int_equal(i->shortcut_filter_count, 2);
	assert_string_equal(PREFIX_STR(&i->shortcut_filters[0]), "10.0.0.0/8");
	assert_string_equal(PREFIX_STR(&i->shortcut_filters[1]), "fd00::/8");
	conf_free(c);
}

static void redirect_has_a_rate_and_two_widths(void **state)
{
	struct conf *c = unit_conf(spoke), *plain = unit_conf("interface a redirect");
	const struct conf_sampling *s = &c->ifaces[0].sampling;

	(void)state;
	assert_int_equal(s->per_minute, 30);
	assert_int_equal(s->len4, 16);
	assert_int_equal(s->len6, 48);
	s = &plain->ifaces[0].sampling;
	assert_int_equal(s->per_minute, 4);
	assert_int_equal(s->len4, 32);
	assert_int_equal(s->len6, 128);
	conf_free(plain);
	conf_free(c);
}

/* Nobody asked for a stream; routers cannot do without their own groups. */
static void a_group_is_copied_when_it_is_for_control_or_named(void **state)
{
	static const struct {
		const char *words, *group;
		bool copied;
	} cases[] = {
		{ "", "224.0.0.5", true },
		{ "", "224.0.0.255", true },
		{ "", "224.0.1.0", false },
		{ "", "239.1.1.1", false },
		{ "", "ff02::5", true },
		{ "", "ff02::1:ff00:1", true },
		{ "", "ff05::5", false },
		{ "", "255.255.255.255", false },
		{ "", "10.0.0.255", false },
		{ "multicast-group 239.1.0.0/16", "239.1.1.1", true },
		{ "multicast-group 239.1.0.0/16", "239.2.1.1", false },
		{ "multicast-group 239.1.0.0/16", "224.0.0.5", true },
		{ "multicast-group ff05::/16", "ff05::5", true },
		{ "multicast-group 255.255.255.255", "255.255.255.255", true },
		{ "multicast-group 255.255.255.255", "10.0.0.255", true },
		{ "multicast-group 255.255.255.255", "239.1.1.1", false },
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		char words[100];
		struct addr group;
		struct conf *c;

		snprintf(words, sizeof(words), "interface gre1 %s", cases[n].words);
		c = unit_conf(words);
		assert_true(addr_parse(&group, cases[n].group));
		if (conf_copies_group(c->ifaces, &group) != cases[n].copied)
			fail_msg("'%s': %s", cases[n].words, cases[n].group);
		conf_free(c);
	}
}

static void words_of_the_node_end_no_interface(void **state)
{
	struct conf *c = unit_conf("nflog-group 9 interface a script /x redirect "
				   "firewall manual holding-time 60");

	(void)state;
	assert_int_equal(c->iface_count, 1);
	assert_true(c->ifaces[0].redirect);
	assert_int_equal(c->ifaces[0].holding_s, 60);
	assert_true(c->firewall_manual);
	assert_int_equal(c->nflog_group, 9);
	assert_string_equal(c->script, "/x");
	conf_free(c);
}

static void a_path_is_as_long_as_there_is_room(void **state)
{
	char text[400];

	(void)state;
	for (size_t len = 254; len <= 257; len++) {
		struct conf_diags d;
		struct conf *c;

		sprintf(text, "interface a script /");
		memset(text + strlen(text), 'p', len - 1);
		text[strlen("interface a script ") + len] = '\0';
		c = unit_conf_try(text, strlen(text), &d);
		assert_int_equal(c != NULL, len <= 255);
		if (c)
			assert_int_equal(strlen(c->script), len);
		conf_free(c);
		conf_diags_free(&d);
	}
}

static void what_is_not_written_has_its_default(void **state)
{
	struct conf *c = unit_conf("interface gre1");
	const struct conf_iface *i = c->ifaces;

	(void)state;
	assert_int_equal(c->iface_count, 1);
	assert_int_equal(i->holding_s, 7200);
	assert_int_equal(i->route_table, 254);
	assert_int_equal(i->max_bindings, 20000);
	assert_int_equal(i->auth.len, 0);
	assert_false(i->tunnel.wanted);
	assert_false(i->redirect || i->answer_any || c->firewall_manual);
	assert_int_equal(c->nflog_group, 77);
	assert_int_equal(c->mcast_nflog_group, 78);
	assert_int_equal(i->mcast_group_count, 0);
	assert_string_equal(c->script, "");
	conf_free(c);
}

static void an_interface_of_no_such_name_is_not_found(void **state)
{
	struct conf *c = unit_conf("interface gre1");

	(void)state;
	assert_null(conf_find_iface(c, "gre"));
	assert_null(conf_find_iface(c, "gre10"));
	conf_free(c);
}

/* --- what is refused, word by word */

static const struct {
	const char *words;
	bool good;
} ranges[] = {
	{ "holding-time 1", true },
	{ "holding-time 65535", true },
	{ "holding-time 0", false },
	{ "holding-time 65536", false },
	{ "holding-time -1", false },
	{ "holding-time 4294967297", false },
	{ "holding-time 18446744073709551617", false },
	{ "holding-time 6e2", false },
	{ "route-table 1", true },
	{ "route-table 4294967295", true },
	{ "route-table 0", false },
	{ "route-table 255", false },
	{ "route-table 4294967296", false },
	{ "max-bindings 1", true },
	{ "max-bindings 1000000", true },
	{ "max-bindings 0", false },
	{ "max-bindings 1000001", false },
	{ "tunnel source eth0 key 4294967295", true },
	{ "tunnel source eth0 key 4294967296", false },
	{ "tunnel source eth0 ttl 1", true },
	{ "tunnel source eth0 ttl 255", true },
	{ "tunnel source eth0 ttl 0", false },
	{ "tunnel source eth0 ttl 256", false },
	{ "tunnel source eth0 mtu 576", true },
	{ "tunnel source eth0 mtu 575", false },
	{ "tunnel source eth0 mtu 65536", false },
	{ "tunnel source eth0 mtu 1280 address fd00::1/64", true },
	{ "tunnel source eth0 mtu 1279 address fd00::1/64", false },
	{ "tunnel source eth0 mtu 1279 address 10.0.0.1/24", true },
	{ "tunnel ttl 9 source 192.0.2.2 key 1", true },
	{ "tunnel source 192.0.2.2/32", false },
	{ "tunnel source 127.0.0.1", false },
	{ "tunnel source a/b", false },
	{ "tunnel source a23456789012345", true },
	{ "tunnel source a234567890123456", false },
	{ "tunnel eth0", false },
	{ "tunnel source", false },
	{ "address 10.0.0.2/31", true },
	{ "address 10.0.0.0/31", true },
	{ "address fd00::/64", true },
	{ "address 169.254.0.2/24", true },
	{ "address 10.0.0.2", false },
	{ "address 10.0.0.0/30", false },
	{ "address 10.0.0.3/30", false },
	{ "map 10.0.0.1/0 192.0.2.1", true },
	{ "map 10.0.0.1/32 h priority 255", true },
	{ "map 10.0.0.1 h priority 256", false },
	{ "map 10.0.0.1 h priority", false },
	{ "map fd00::1/128 2001:db8::1", true },
	{ "map 10.0.0.1 192.0.2.1:500", false },
	{ "map 10.0.0.1 1234", false },
	{ "map 10.0.0.1 h register probe 1", true },
	{ "map 10.0.0.1 h register probe 3600", true },
	{ "map 10.0.0.1 h register probe 0", false },
	{ "map 10.0.0.1 h register probe 3601", false },
	{ "map 10.0.0.1 h register probe 5 probe 5", false },
	{ "map 10.0.0.1 h probe 5", false },
	{ "nhs-group g max-connections 1", true },
	{ "nhs-group g max-connections 1 map 10.0.0.1 h register group g", true },
	{ "map 10.0.0.1 h register group g nhs-group g max-connections 1", true },
	{ "nhs-group g max-connections 1 map 10.0.0.1 h group g", false },
	{ "map 10.0.0.1 h register group g", false },
	{ "nhs-group G max-connections 1 map 10.0.0.1 h register group g", false },
	{ "map 10.0.0.1 h register group", false },
	{ "map 10.0.0.1 h register group priority 5", false },
	{ "map 10.0.0.1 h register group a/b", false },
	{ "nhs-group g", false },
	{ "nhs-group max-connections 1", false },
	{ "nhs-group g fall-back 5", false },
	{ "nhs-group g max-connections 0", false },
	{ "nhs-group g max-connections 4096", true },
	{ "nhs-group g max-connections 4097", false },
	{ "nhs-group g fall-back 0 max-connections 1", true },
	{ "nhs-group g max-connections 1 fall-back 65535", true },
	{ "nhs-group g max-connections 1 fall-back 65536", false },
	{ "nhs-group g max-connections 1 max-connections 1", false },
	{ "nhs-group g max-connections 1 nhs-group g max-connections 2", false },
	{ "nhs-group a23456789b123456789c123456789d1 max-connections 1", true },
	{ "nhs-group a23456789b123456789c123456789d12 max-connections 1", false },
	{ "if-state nhrp map 10.0.0.1 h register", true },
	{ "if-state nhrp dynamic-map 10.0.0.0/8 hubs", true },
	{ "if-state nhrp map 10.0.0.1 h", false },
	{ "if-state nhrp", false },
	{ "if-state map 10.0.0.1 h register", false },
	{ "if-state up map 10.0.0.1 h register", false },
	{ "map 10.0.0.1 h register if-state nhrp if-state nhrp", false },
	{ "max-connections 1", false },
	{ "group g", false },
	{ "dynamic-map 10.0.0.0/8 hubs priority 5 probe 2", true },
	{ "dynamic-map 10.0.0.0/8 hubs group g nhs-group g max-connections 2", true },
	{ "dynamic-map 10.0.0.0/8 hubs group g", false },
	{ "dynamic-map 10.0.0.0/8 hubs register", false },
	{ "dynamic-map 10.0.0.0/8 hubs dynamic-map 10.0.0.0/8 hubs priority 5", false },
	{ "dynamic-map 10.0.0.0/8 10.0.0.1", false },
	{ "dynamic-map 10.0.0.0 hubs", false },
	{ "shortcut-target 0.0.0.0/0", true },
	{ "shortcut-target 10.0.0.0/8 holding-time 65536", false },
	{ "multicast dynamic", true },
	{ "multicast Dynamic", false },
	{ "multicast-group 239.1.1.1", true },
	{ "multicast-group 224.0.0.0/4 ff00::/8 255.255.255.255", true },
	{ "multicast-group 224.0.0.0/3", false },
	{ "multicast-group ff00::/7", false },
	{ "multicast-group 10.0.0.255", false },
	{ "multicast-group 255.255.255.255/31", false },
	{ "multicast-group fd00::/8", false },
	{ "multicast-group 239.1.1.1 239.1.1.1/32", false },
	{ "multicast-group", false },
	{ "multicast-nflog-group 1", true },
	{ "multicast-nflog-group 0", false },
	{ "multicast-nflog-group 1 multicast-nflog-group 1", false },
	{ "multicast-nflog-group 77", false },
	{ "nflog-group 78", false },
	{ "nflog-group 78 multicast-nflog-group 77", true },
	{ "multicast nhs firewall manual multicast-nflog-group 1", true },
	{ "multicast nhs firewall manual nflog-group 1", false },
	{ "interface gre* multicast nhs", false },
	{ "interface map", true },
	{ "interface\nmap", false },
	{ "authentication 12345678", true },
	{ "authentication 123456789", false },
	{ "authentication redirect", true },
	{ "authentication\nredirect", false },
	{ "redirect rate 1", true },
	{ "redirect rate 60000", true },
	{ "redirect rate 0", false },
	{ "redirect rate 60001", false },
	{ "redirect rate", false },
	{ "redirect prefix 1 prefix6 1", true },
	{ "redirect prefix 32 prefix6 128", true },
	{ "redirect prefix 0", false },
	{ "redirect prefix 33", false },
	{ "redirect prefix6 0", false },
	{ "redirect prefix6 129", false },
	{ "redirect rate 4 rate 4", false },
	{ "redirect redirect", false },
	{ "rate 4", false },
	{ "shortcut-filter 0.0.0.0/0 shortcut", true },
	{ "shortcut-filter 10.0.0.0", false },
	{ "shortcut-filter 224.0.0.0/4", false },
	{ "shortcut-filter 10.0.0.0/8 shortcut-filter 10.1.0.0/8", false },
	{ "nflog-group 1", true },
	{ "nflog-group 65535", true },
	{ "nflog-group 0", false },
	{ "nflog-group 65536", false },
	{ "nflog-group 1 nflog-group 1", false },
	{ "firewall manual", true },
	{ "firewall manual redirect nflog-group 1", true },
	{ "firewall manual redirect", false },
	{ "firewall manual firewall manual", false },
	{ "firewall", false },
	{ "firewall\nmanual", true },
	{ "firewall automatic", false },
	{ "manual", false },
	{ "script /etc/nhrpd/hook", true },
	{ "script /redirect", true },
	{ "script etc/nhrpd/hook", false },
	{ "script redirect", false },
	{ "script", false },
	{ "script /a script /b", false },
	{ "interface gre1-a_b.c redirect", true },
	{ "interface gre* redirect", false },
	{ "interface gre* redirect firewall manual nflog-group 1", true },
	{ "interface gre\"x redirect", false },
	{ "interface gre\"x", true },
};

static void each_word_takes_its_range_and_no_more(void **state)
{
	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(ranges); n++) {
		char text[200];
		struct conf_diags d;
		struct conf *c;

		snprintf(text, sizeof(text), "interface gre1 %s", ranges[n].words);
		c = unit_conf_try(text, strlen(text), &d);
		if ((c != NULL) != ranges[n].good)
			fail_msg("%s: %s", text, d.count ? d.list[0].text : "taken");
		conf_free(c);
		conf_diags_free(&d);
	}
}

static void a_name_is_as_long_as_dns_and_the_kernel_have_it(void **state)
{
	char name[300], text[400];

	(void)state;
	for (size_t len = 252; len <= 255; len++) {
		struct conf_diags d;
		struct conf *c;

		for (size_t n = 0; n < len; n++)
			name[n] = n % 50 == 49 ? '.' : 'a';
		name[len] = '\0';
		snprintf(text, sizeof(text), "interface gre1 map 10.0.0.1 %s", name);
		c = unit_conf_try(text, strlen(text), &d);
		assert_int_equal(c != NULL, len <= 253);
		conf_free(c);
		conf_diags_free(&d);
	}
}

static void a_misspelt_word_is_answered_with_the_right_one(void **state)
{
	static const struct {
		const char *written, *meant;
	} cases[] = {
		{ "adress 10.0.0.1/24", "'address'" },
		{ "MAP 10.0.0.1 h", "'map'" },
		{ "mpa 10.0.0.1 h", "'map'" },
		{ "route_table 5", "'route-table'" },
		{ "auth x", "'authentication'" },
		{ "authentication-key x", "'authentication'" },
		{ "multicats nhs", "'multicast'" },
		{ "multicast-groups 239.1.1.1", "'multicast-group'" },
		{ "short-cut", "'shortcut'" },
		{ "map 10.0.0.1 h no_unique", "'no-unique'" },
		{ "map 10.0.0.1 h prio 5", "'priority'" },
		{ "nhs_group g max-connections 1", "'nhs-group'" },
		{ "nhs-group g max-connections 1 fallback 5", "'fall-back'" },
		{ "tunnel source eth0 tll 5", "'ttl'" },
		{ "maxbindings 4", "'max-bindings'" },
		{ "interfaces gre2", "'interface'" },
		{ "firewal manual", "'firewall'" },
		{ "nflog_group 5", "'nflog-group'" },
		{ "redirect rat 5", "'rate'" },
		{ "redirect prefix4 5", "'prefix'" },
		{ "shortcut-filters 10.0.0.0/8", "'shortcut-filter'" },
		{ "shortcut-route", "'shortcut-routed'" },
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		char text[200];
		struct conf_diags d;

		snprintf(text, sizeof(text), "interface gre1 %s", cases[n].written);
		assert_null(unit_conf_try(text, strlen(text), &d));
		assert_int_equal(d.count, 1);
		assert_non_null(strstr(d.list[0].text, "did you mean"));
		if (!strstr(d.list[0].text, cases[n].meant))
			fail_msg("%s: %s", text, d.list[0].text);
		conf_diags_free(&d);
	}
}

static void a_word_like_no_other_is_not_guessed_at(void **state)
{
	static const char *const cases[] = { "main", "x",    "yes", "ip",
					     "hub",  "5",    "gre", "frobnicate",
					     "nhrp", "vpn0", "-",   "networks" };

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		char text[200];
		struct conf_diags d;

		snprintf(text, sizeof(text), "interface gre1 %s", cases[n]);
		assert_null(unit_conf_try(text, strlen(text), &d));
		assert_int_equal(d.count, 1);
		if (strstr(d.list[0].text, "did you mean"))
			fail_msg("%s: %s", text, d.list[0].text);
		conf_diags_free(&d);
	}
}

static void a_word_like_no_other_is_answered_with_all_that_may_stand_there(void **state)
{
	struct conf_diags d;
	const char *inside = "interface gre1 frobnicate", *outside = "frobnicate";

	(void)state;
	assert_null(unit_conf_try(inside, strlen(inside), &d));
	assert_non_null(strstr(d.list[0].text, " tunnel "));
	assert_non_null(strstr(d.list[0].text, " shortcut-destination"));
	assert_null(strstr(d.list[0].text, "local"));
	conf_diags_free(&d);
	assert_null(unit_conf_try(outside, strlen(outside), &d));
	assert_non_null(strstr(d.list[0].text, "allowed here: interface"));
	assert_null(strstr(d.list[0].text, "map"));
	conf_diags_free(&d);
}

/* --- whatever the bytes */

static void parse_any(const char *text, size_t len)
{
	struct conf_diags d;
	struct conf *c = unit_conf_try(text, len, &d);

	assert_int_equal(c == NULL, d.errors > 0);
	for (size_t n = 0; n < d.count; n++) {
		assert_true(d.list[n].line > 0 && d.list[n].column > 0);
		assert_true(d.list[n].text[0] != '\0');
	}
	conf_free(c);
	conf_diags_free(&d);
}

static void a_text_cut_anywhere_is_read_to_its_end_and_no_further(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(spoke); len++)
		parse_any(spoke, len);
}

static void a_text_with_octets_changed_is_taken_or_refused_with_a_reason(void **state)
{
	struct rng r = rng_init(20261122);

	(void)state;
	for (size_t round = 0; round < 3000; round++) {
		char text[sizeof(spoke)];

		memcpy(text, spoke, sizeof(text));
		for (size_t n = rng_below(&r, 8); n > 0; n--)
			text[rng_below(&r, sizeof(text))] = (char)rng_below(&r, 256);
		parse_any(text, rng_below(&r, sizeof(text)));
	}
}

static void a_text_is_at_most_a_mebioctet(void **state)
{
	const size_t most = 1 << 20;
	char *text = malloc(most + 1);

	(void)state;
	memset(text, ' ', most + 1);
	for (size_t len = most; len <= most + 1; len++) {
		struct conf_diags d;
		struct conf *c = unit_conf_try(text, len, &d);

		assert_int_equal(c != NULL, len == most);
		conf_free(c);
		conf_diags_free(&d);
	}
	free(text);
}

static void no_text_at_all_is_a_configuration_of_nothing(void **state)
{
	struct conf_diags d;
	struct conf *c = conf_parse(NULL, 0, &d);

	(void)state;
	assert_non_null(c);
	assert_int_equal(c->iface_count, 0);
	assert_int_equal(d.count, 1);
	conf_free(c);
	conf_diags_free(&d);
	conf_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tunnel_words_make_a_tunnel),
		cmocka_unit_test(a_tunnel_source_may_be_an_address),
		cmocka_unit_test(key_zero_is_a_key),
		cmocka_unit_test(a_map_has_its_address_name_and_options),
		cmocka_unit_test(the_other_words_have_their_values),
		cmocka_unit_test(redirect_has_a_rate_and_two_widths),
		cmocka_unit_test(a_group_is_copied_when_it_is_for_control_or_named),
		cmocka_unit_test(words_of_the_node_end_no_interface),
		cmocka_unit_test(a_path_is_as_long_as_there_is_room),
		cmocka_unit_test(what_is_not_written_has_its_default),
		cmocka_unit_test(an_interface_of_no_such_name_is_not_found),
		cmocka_unit_test(each_word_takes_its_range_and_no_more),
		cmocka_unit_test(a_name_is_as_long_as_dns_and_the_kernel_have_it),
		cmocka_unit_test(a_misspelt_word_is_answered_with_the_right_one),
		cmocka_unit_test(a_word_like_no_other_is_not_guessed_at),
		cmocka_unit_test(
			a_word_like_no_other_is_answered_with_all_that_may_stand_there),
		cmocka_unit_test(a_text_cut_anywhere_is_read_to_its_end_and_no_further),
		cmocka_unit_test(
			a_text_with_octets_changed_is_taken_or_refused_with_a_reason),
		cmocka_unit_test(a_text_is_at_most_a_mebioctet),
		cmocka_unit_test(no_text_at_all_is_a_configuration_of_nothing),
	};

	return cmocka_run_group_tests_name("conf_parse", tests, NULL, NULL);
}
