/* SPDX-License-Identifier: MIT */
/* The rules of `doctor`: a sound machine is silent, each fault has its finding. */
#include "unit_conf.h"

#include <stdio.h>

#include <nhrp/doctor.h>

#define SPOKE                                                           \
	"interface gre1 tunnel source eth0 key 42 address 10.0.0.2/24 " \
	"map 10.0.0.1/24 203.0.113.1 register shortcut interface lan0 " \
	"shortcut-destination"

/* A sound machine with one tunnel, for a case to spoil. */
struct patient {
	struct conf *conf;
	struct doctor_tunnel tunnels[2];
	struct doctor_nbma nbma;
	struct doctor_facts facts;
};

static struct doctor_tunnel sound_tunnel(const struct conf_iface *c)
{
	return (struct doctor_tunnel){ .conf = c,
				       .there = true,
				       .has_key = true,
				       .key = 42,
				       .mtu = 1472,
				       .underlay_mtu = 1500,
				       .underlay = "eth0",
				       .ip4 = true,
				       .forwards4 = true,
				       .rp_filter = 2 };
}

static void begin(struct patient *p, const char *text)
{
	*p = (struct patient){ .conf = unit_conf(text) };
	p->tunnels[0] = sound_tunnel(&p->conf->ifaces[0]);
	p->nbma = (struct doctor_nbma){ "gre1", unit_addr("203.0.113.1"),
					DOCTOR_WAY_OUT, unit_prefix("0.0.0.0/0") };
	p->facts = (struct doctor_facts){ .conf = p->conf,
					  .has_gre = true,
					  .tunnels = p->tunnels,
					  .tunnel_count = 1,
					  .nbmas = &p->nbma,
					  .nbma_count = 1 };
}

struct heard {
	struct show_sink sink;
	size_t rows;
	char faults[256];
	/* Of the last one. */
	char severity[32], where[128], what[512], fix[512];
};

static void keep(char *out, size_t cap, const struct record *r, const char *key)
{
	snprintf(out, cap, "%s", record_find(r, key)->text);
}

static void hear(struct show_sink *sink, const struct record *r)
{
	struct heard *h = container_of(sink, struct heard, sink);
	size_t n = strlen(h->faults);

	snprintf(h->faults + n, sizeof(h->faults) - n, "%s%s", n ? " " : "",
		 record_find(r, "fault")->text);
	keep(h->severity, sizeof(h->severity), r, "severity");
	keep(h->where, sizeof(h->where), r, "where");
	keep(h->what, sizeof(h->what), r, "what");
	keep(h->fix, sizeof(h->fix), r, "fix");
	h->rows++;
}

static struct heard judge(const struct patient *p)
{
	struct heard h = { .sink.row = hear };
	size_t told = doctor_judge(&p->facts, &h.sink);

	assert_int_equal(told, h.rows);
	return h;
}

/* --- what is wrong --------------------------------------------------------------- */

static void spoil_gre(struct patient *p)
{
	p->facts.has_gre = false;
}

static void spoil_second(struct patient *p)
{
	p->facts.second_daemon = true;
}

static void spoil_forwarding(struct patient *p)
{
	p->tunnels[0].forwards4 = false;
}

static void spoil_forwarding6(struct patient *p)
{
	p->tunnels[0].ip6 = true;
}

static void spoil_rp_filter(struct patient *p)
{
	p->tunnels[0].rp_filter = 1;
	p->facts.rp_filter_drops = 17;
}

static void spoil_rp_filter_of_two(struct patient *p)
{
	p->tunnels[0].rp_filter = 1;
	p->tunnels[1] = sound_tunnel(p->tunnels[0].conf);
	p->facts.tunnel_count = 2;
}

static void spoil_neighbours(struct patient *p)
{
	p->facts.neigh_table_full = 3;
	p->facts.neigh_table_max = 1024;
}

static void spoil_news(struct patient *p)
{
	p->facts.overruns = 2;
}

static void spoil_state(struct patient *p)
{
	p->facts.state_lost = true;
}

static void spoil_firewall(struct patient *p)
{
	snprintf(p->facts.firewall, sizeof(p->facts.firewall),
		 "table inet nhrpd cannot be written: Operation not supported");
}

static void spoil_script(struct patient *p)
{
	snprintf(p->conf->script, sizeof(p->conf->script), "/etc/nhrpd/hook");
	snprintf(p->facts.script, sizeof(p->facts.script), "it is not executable");
}

static void spoil_sending(struct patient *p)
{
	p->tunnels[0].clear_out = 12;
}

static void spoil_receiving(struct patient *p)
{
	p->tunnels[0].clear_in = 7;
}

static void spoil_guard(struct patient *p)
{
	snprintf(p->facts.guard_route, sizeof(p->facts.guard_route),
		 "the unreachable route 10.0.0.0/8: no room");
}

static void spoil_policies(struct patient *p)
{
	snprintf(p->facts.guard_weakness, sizeof(p->facts.guard_weakness),
		 "policies of IPsec cannot be written: Protocol not supported");
}

static void spoil_charon(struct patient *p)
{
	snprintf(p->facts.charon, sizeof(p->facts.charon), "not reachable");
}

static void spoil_profile(struct patient *p)
{
	snprintf(p->tunnels[0].no_calls, sizeof(p->tunnels[0].no_calls),
		 "charon refuses its connection: invalid value");
}

static void spoil_samples(struct patient *p)
{
	snprintf(p->facts.samples, sizeof(p->facts.samples),
		 "nflog-group 77 belongs to another program");
}

static void spoil_copies(struct patient *p)
{
	snprintf(p->facts.copies, sizeof(p->facts.copies),
		 "multicast-nflog-group 78 belongs to another program");
}

static void spoil_device(struct patient *p)
{
	p->tunnels[0] = (struct doctor_tunnel){ .conf = p->tunnels[0].conf };
	snprintf(p->tunnels[0].problem, sizeof(p->tunnels[0].problem),
		 "it waits for its source device eth0, which does not exist");
}

static void spoil_arp(struct patient *p)
{
	p->tunnels[0].noarp = true;
}

static void spoil_key(struct patient *p)
{
	p->tunnels[0].key = 43;
}

static void spoil_no_key(struct patient *p)
{
	p->tunnels[0].has_key = false;
	p->tunnels[0].key = 0;
}

static void spoil_mtu(struct patient *p)
{
	p->tunnels[0].mtu = 1473;
}

static void spoil_mtu_of_pppoe(struct patient *p)
{
	p->tunnels[0].underlay_mtu = 1492;
	snprintf(p->tunnels[0].underlay, sizeof(p->tunnels[0].underlay), "ppp0");
}

static void spoil_setting(struct patient *p)
{
	p->tunnels[0].off[0] =
		(struct doctor_setting){ "net.ipv4.conf.all.send_redirects",
					 "stations are told to go elsewhere", 1, 0 };
	p->tunnels[0].off_count = 1;
}

static void spoil_setting_of_all(struct patient *p)
{
	spoil_setting(p);
	p->tunnels[1] = p->tunnels[0];
	p->facts.tunnel_count = 2;
}

static void spoil_route(struct patient *p)
{
	p->nbma.way = DOCTOR_WAY_NONE;
}

static void spoil_map(struct patient *p)
{
	p->nbma.way = DOCTOR_WAY_LOCAL;
}

static void spoil_way(struct patient *p)
{
	p->nbma.way = DOCTOR_WAY_TUNNEL;
}

static void spoil_server(struct patient *p)
{
	p->facts.servers[0] =
		(struct doctor_server){ "gre1", "203.0.113.1", "10.0.0.1",
					"registering", "no answer to 4 requests" };
	p->facts.server_count = 1;
}

static void spoil_name(struct patient *p)
{
	p->facts.servers[0] = (struct doctor_server){ "gre1", "hubs.example.net", "",
						      "naming", "no such name" };
	p->facts.server_count = 1;
}

static struct doctor_peer *spoil_peer(struct patient *p, const char *cause)
{
	struct doctor_peer *d = &p->facts.peers[0];

	*d = (struct doctor_peer){ .ifname = "gre1",
				   .nbma = "203.0.113.1",
				   .identity = "hub.example" };
	snprintf(d->cause, sizeof(d->cause), "%s", cause);
	p->facts.peer_count = 1;
	return d;
}

static void spoil_ike_silent(struct patient *p)
{
	spoil_peer(p, "ike_silent");
}

static void spoil_ike_stalled(struct patient *p)
{
	spoil_peer(p, "ike_stalled");
}

static void spoil_ike_refused(struct patient *p)
{
	spoil_peer(p, "ike_refused");
}

static void spoil_auth(struct patient *p)
{
	spoil_peer(p, "auth_refused");
}

/* The server cannot be registered with, and why is one fault and not two. */
static void spoil_auth_of_server(struct patient *p)
{
	spoil_auth(p);
	spoil_server(p);
	snprintf(p->facts.servers[0].nbma, sizeof(p->facts.servers[0].nbma),
		 "203.0.113.1");
}

static void spoil_child(struct patient *p)
{
	spoil_peer(p, "child_refused");
}

static void spoil_sa(struct patient *p)
{
	spoil_peer(p, "sa_ended");
}

static void spoil_both_nats(struct patient *p)
{
	spoil_peer(p, "nat_both");
}

static void spoil_nat(struct patient *p)
{
	struct doctor_peer *d = spoil_peer(p, "");

	snprintf(d->turned_away, sizeof(d->turned_away), "s2.example");
}

static void spoil_esp(struct patient *p)
{
	spoil_auth_of_server(p);
	spoil_peer(p, "")->lost = 17;
}

#define DAY_S 86400

static void spoil_cert(struct patient *p, int from_days, int until_days)
{
	p->facts.now_s = 1000 * (int64_t)DAY_S + 3600;
	p->facts.certs[0] =
		(struct doctor_cert){ "/etc/swanctl/x509/s1.pem",
				      (1000 + from_days) * (int64_t)DAY_S,
				      (1000 + until_days) * (int64_t)DAY_S };
	p->facts.cert_count = 1;
}

static void spoil_cert_by_age(struct patient *p)
{
	spoil_cert(p, -365, -1);
}

static void spoil_cert_by_youth(struct patient *p)
{
	spoil_cert(p, 1, 365);
}

static void spoil_cert_soon(struct patient *p)
{
	spoil_cert(p, -360, 5);
}

/* Who renews every day has half of one left, and no reason to worry. */
static void short_lived_cert(struct patient *p)
{
	spoil_cert(p, -1, 1);
}

static void good_cert(struct patient *p)
{
	spoil_cert(p, -10, 355);
}

/* It is being called; there is nothing to say yet. */
static void called_peer(struct patient *p)
{
	spoil_peer(p, "no_sa");
}

static const struct {
	void (*spoil)(struct patient *p);
	const char *fault, *severity, *where, *what, *fix;
} cases[] = {
	{ spoil_gre, "no_gre", "error", "kernel", "knows no GRE", "modprobe ip_gre" },
	{ spoil_second, "second_daemon", "error", "this machine", "opennhrp", "ss -0" },
	{ spoil_forwarding, "forwarding_off", "error", "gre1", "IPv4 forwarding is off",
	  "net.ipv4.ip_forward=1" },
	{ spoil_forwarding6, "forwarding_off", "error", "gre1",
	  "IPv6 forwarding is off", "net.ipv6.conf.all.forwarding=1" },
	{ spoil_rp_filter, "rp_filter", "warning", "gre1", "dropped 17 packets",
	  "net.ipv4.conf.gre1.rp_filter=2" },
	{ spoil_rp_filter_of_two, "rp_filter", "warning", "gre1", "dropped 0 packets",
	  "net.ipv4.conf.gre1.rp_filter=2" },
	{ spoil_neighbours, "neighbour_table_full", "warning", "kernel", "full 3 times",
	  "gc_thresh3, which is 1024" },
	{ spoil_news, "news_lost", "warning", "kernel", "lost 2 times", "rmem_max" },
	{ spoil_state, "state_lost", "warning", "state directory", "not written",
	  "make room" },
	{ spoil_firewall, "firewall_missing", "error", "nftables", "inet nhrpd",
	  "firewall manual" },
	{ spoil_script, "script_unusable", "error", "/etc/nhrpd/hook",
	  "it is not executable", "chmod 755" },
	{ spoil_sending, "clear_dropped", "warning", "gre1", "12 packets that IPsec",
	  "no SA" },
	{ spoil_receiving, "clear_dropped", "warning", "gre1", "7 packets came",
	  "tcpdump" },
	{ spoil_guard, "guard_missing", "error", "kernel",
	  "another way: the unreachable route 10.0.0.0/8", "correct the 'guard'" },
	{ spoil_policies, "guard_half", "warning", "kernel",
	  "written: Protocol not supported", "modprobe xfrm_user" },
	{ spoil_charon, "charon_silent", "error", "/run/charon.vici", "not reachable",
	  "systemctl start strongswan" },
	{ spoil_profile, "profile_refused", "error", "gre1", "invalid value",
	  "ipsec-profile" },
	{ spoil_samples, "samples_missing", "error", "nftables",
	  "nflog-group 77 belongs", "that nobody uses" },
	{ spoil_copies, "multicast_missing", "error", "nftables",
	  "multicast-nflog-group 78 belongs", "that nobody uses" },
	{ spoil_device, "interface_unusable", "error", "gre1",
	  "source device eth0, which does not exist", "as soon as that is mended" },
	{ spoil_arp, "noarp", "error", "gre1", "neighbours", "gre1 arp on" },
	{ spoil_key, "key_differs", "error", "gre1", "another GRE key",
	  "ip tunnel show gre1" },
	{ spoil_no_key, "key_differs", "error", "gre1", "another GRE key",
	  "ip tunnel show gre1" },
	{ spoil_mtu, "mtu", "warning", "gre1", "up to 1473 octets become 1501",
	  "mtu 1472" },
	{ spoil_mtu_of_pppoe, "mtu", "warning", "gre1",
	  "ppp0 carries no more than 1492", "mtu 1464" },
	{ spoil_setting, "send_redirects", "error", "net.ipv4.conf.all.send_redirects",
	  "told to go elsewhere: it is 1", "net.ipv4.conf.all.send_redirects=0" },
	{ spoil_setting_of_all, "send_redirects", "error",
	  "net.ipv4.conf.all.send_redirects", "it is 1", "send_redirects=0" },
	{ spoil_route, "nbma_unreachable", "error", "gre1", "no route to 203.0.113.1",
	  "ip route get 203.0.113.1" },
	{ spoil_map, "nbma_local", "error", "gre1", "it is this machine's", "'map'" },
	{ spoil_way, "nbma_in_tunnel", "error", "gre1", "into the tunnel itself",
	  "ip route add 203.0.113.1 via" },
	{ spoil_server, "server", "error", "gre1", "no answer to 4 requests",
	  "nhrpctl explain 10.0.0.1" },
	{ spoil_ike_silent, "ike_silent", "error", "gre1",
	  "no SA to 203.0.113.1: it does not answer IKE", "UDP ports 500 and 4500" },
	{ spoil_ike_stalled, "ike_stalled", "error", "gre1", "and not the second",
	  "fragments" },
	{ spoil_ike_refused, "ike_refused", "error", "gre1",
	  "before anybody says who he is", "'proposals'" },
	{ spoil_auth, "auth_refused", "error", "gre1", "over who somebody is",
	  "the secrets and the identities" },
	{ spoil_auth_of_server, "auth_refused", "error", "gre1", "over who somebody is",
	  "journalctl -u strongswan" },
	{ spoil_child, "child_refused", "error", "gre1", "the child is refused",
	  "'esp_proposals'" },
	{ spoil_sa, "sa_ended", "error", "gre1", "ends each at once", "doctor there" },
	{ spoil_both_nats, "nat_both", "warning", "gre1", "both ends are behind NAT",
	  "by the hub" },
	{ spoil_nat, "nat_shared", "error", "gre1",
	  "'s2.example' came from 203.0.113.1, the address of 'hub.example'",
	  "child mode tunnel" },
	{ spoil_esp, "esp_blocked", "error", "gre1",
	  "17 packets went into it and none comes back", "protocol 50" },
	{ spoil_cert_by_age, "certificate_expired", "error", "/etc/swanctl/x509/s1.pem",
	  "expired: 1972-09-26 00:00 UTC", "--load-creds" },
	{ spoil_cert_by_youth, "certificate_not_yet", "error",
	  "/etc/swanctl/x509/s1.pem", "later: 1972-09-28 00:00 UTC", "clock" },
	{ spoil_cert_soon, "certificate_expires_soon", "warning",
	  "/etc/swanctl/x509/s1.pem", "soon: 1972-10-02 00:00 UTC", "renew it" },
	{ spoil_name, "server", "error", "gre1", "hubs.example.net: naming",
	  "getent ahosts hubs.example.net" },
};

static void each_fault_is_the_only_finding_and_says_what_to_do(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct patient p;
		struct heard h;

		begin(&p, SPOKE);
		cases[k].spoil(&p);
		h = judge(&p);
		assert_string_equal(h.faults, cases[k].fault);
		if (strcmp(h.severity, cases[k].severity) != 0 ||
		    strcmp(h.where, cases[k].where) != 0 ||
		    !strstr(h.what, cases[k].what) || !strstr(h.fix, cases[k].fix))
			fail_msg("%s: %s: %s; %s", cases[k].fault, h.where, h.what,
				 h.fix);
		conf_free(p.conf);
	}
}

static void a_sound_machine_is_silent(void **state)
{
	static const char *const texts[] = {
		SPOKE,
		"interface gre1 tunnel source eth0 key 42 address 10.0.0.1/24 redirect",
		"interface gre1 holding-time 60", /* a device that is another's */
		"interface gre1 tunnel source eth0 key 42 "
		"dynamic-map 10.0.0.0/24 hubs.example.net",
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(texts); k++) {
		struct patient p;

		begin(&p, texts[k]);
		assert_string_equal(judge(&p).faults, "");
		conf_free(p.conf);
	}
}

static void what_is_no_fault_here_is_not_told(void **state)
{
	static const struct {
		const char *text;
		void (*spoil)(struct patient *p);
	} fine[] = {
		/* No LAN and nobody else's traffic: nothing is to be forwarded. */
		{ "interface gre1 tunnel source eth0 key 42 "
		  "map 10.0.0.1/24 203.0.113.1 register",
		  spoil_forwarding },
		/* The key of a device made by hand is whatever it is. */
		{ "interface gre1 map 10.0.0.1/24 203.0.113.1 register", spoil_key },
		{ SPOKE, short_lived_cert },
		{ SPOKE, good_cert },
		{ SPOKE, called_peer },
		/* A device that exists already needs no module that we know of. */
		{ "interface gre1 map 10.0.0.1/24 203.0.113.1 register", spoil_gre },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(fine); k++) {
		struct patient p;

		begin(&p, fine[k].text);
		fine[k].spoil(&p);
		assert_string_equal(judge(&p).faults, "");
		conf_free(p.conf);
	}
}

static void strict_filtering_that_dropped_nothing_is_no_fault(void **state)
{
	struct patient p;

	(void)state;
	begin(&p, SPOKE);
	p.tunnels[0].rp_filter = 1;
	assert_string_equal(judge(&p).faults, "");
	conf_free(p.conf);
}

static void several_faults_are_all_told(void **state)
{
	struct patient p;

	(void)state;
	begin(&p, SPOKE);
	spoil_forwarding(&p);
	spoil_mtu(&p);
	spoil_server(&p);
	spoil_second(&p);
	assert_string_equal(judge(&p).faults,
			    "forwarding_off mtu second_daemon server");
	conf_free(p.conf);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_the_only_finding_and_says_what_to_do),
		cmocka_unit_test(a_sound_machine_is_silent),
		cmocka_unit_test(what_is_no_fault_here_is_not_told),
		cmocka_unit_test(strict_filtering_that_dropped_nothing_is_no_fault),
		cmocka_unit_test(several_faults_are_all_told),
	};

	return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
