/* SPDX-License-Identifier: MIT */
/* The rules: what facts mean. Each looks at one thing; their order is the output's. */
#include <nhrp/doctor.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "netdev.h"

#define TEXT_MAX 320

enum severity { ERROR, WARNING };

struct findings {
	struct show_sink *sink;
	size_t count;
};

/* A finding, but for its text: what is wrong, and in the end what to do. */
struct finding {
	enum severity severity;
	const char *fault;
	const char *where;
	char what[TEXT_MAX], fix[TEXT_MAX];
};

static void set(char out[TEXT_MAX], const char *fmt, ...) PRINTF_LIKE(2, 3);

static void set(char out[TEXT_MAX], const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(out, TEXT_MAX, fmt, args);
	va_end(args);
}

static void add(struct findings *out, const struct finding *f)
{
	struct record r;

	record_init(&r);
	record_text(&r, "severity", f->severity == ERROR ? "error" : "warning");
	record_text(&r, "fault", f->fault);
	record_text(&r, "where", f->where);
	record_text(&r, "what", f->what);
	record_text(&r, "fix", f->fix);
	out->sink->row(out->sink, &r);
	out->count++;
}

/* --- the machine --------------------------------------------------------------- */

static bool makes_tunnels(const struct doctor_facts *f)
{
	for (size_t k = 0; k < f->tunnel_count; k++) {
		if (f->tunnels[k].conf->tunnel.wanted)
			return true;
	}
	return false;
}

static void no_gre(const struct doctor_facts *f, struct findings *out)
{
	struct finding a = { ERROR, "no_gre", "kernel" };

	if (f->has_gre || !makes_tunnels(f))
		return;
	set(a.what, "this kernel knows no GRE tunnels");
	set(a.fix, "modprobe ip_gre; a kernel without that module cannot be used");
	add(out, &a);
}

static void second_daemon(const struct doctor_facts *f, struct findings *out)
{
	struct finding a = { ERROR, "second_daemon", "this machine" };

	if (!f->second_daemon)
		return;
	set(a.what, "another program listens for NHRP packets as well and undoes what "
		    "nhrpd does: opennhrp, or FRR's nhrpd");
	set(a.fix, "find it with: ss -0lp; stop it, and disable it");
	add(out, &a);
}

/* Whoever has no server is one; whoever answers for networks routes to them. */
static bool is_router(const struct conf *c)
{
	for (size_t k = 0; k < c->iface_count; k++) {
		const struct conf_iface *i = &c->ifaces[k];
		bool client = i->dynamic_map_count > 0;

		if (i->shortcut_destination || i->redirect || i->shortcut ||
		    i->target_count || i->answer_any)
			return true;
		for (size_t m = 0; m < i->map_count; m++)
			client |= i->maps[m].registers;
		if (!client)
			return true;
	}
	return false;
}

static void forwarding_of(const struct doctor_tunnel *t, bool ip6, struct findings *out)
{
	struct finding a = { ERROR, "forwarding_off", t->conf->name };

	set(a.what,
	    "packets that come by it are not passed on: IPv%d forwarding is off",
	    ip6 ? 6 : 4);
	if (ip6)
		set(a.fix, "sysctl -w net.ipv6.conf.all.forwarding=1");
	else
		set(a.fix,
		    "sysctl -w net.ipv4.ip_forward=1 net.ipv4.conf.%s.forwarding=1",
		    t->conf->name);
	add(out, &a);
}

static void forwarding(const struct doctor_facts *f, const struct doctor_tunnel *t,
		       struct findings *out)
{
	if (!t->there || !is_router(f->conf))
		return;
	if (t->ip4 && !t->forwards4)
		forwarding_of(t, false, out);
	if (t->ip6 && !t->forwards6)
		forwarding_of(t, true, out);
}

/*
 * 1 is strict; the higher number of the device's and everybody's counts. With one
 * tunnel the strict test may pass everything: then nothing is said.
 */
static void rp_filter(const struct doctor_facts *f, const struct doctor_tunnel *t,
		      struct findings *out)
{
	struct finding a = { WARNING, "rp_filter", t->conf->name };

	if (t->rp_filter != 1 || (f->rp_filter_drops == 0 && f->tunnel_count < 2))
		return;
	set(a.what,
	    "strict reverse path filtering drops what comes by it while the way back "
	    "is another; this machine dropped %llu packets so",
	    (unsigned long long)f->rp_filter_drops);
	set(a.fix, "sysctl -w net.ipv4.conf.%s.rp_filter=2", t->conf->name);
	add(out, &a);
}

static void neigh_table(const struct doctor_facts *f, struct findings *out)
{
	struct finding a = { WARNING, "neighbour_table_full", "kernel" };

	if (f->neigh_table_full == 0)
		return;
	set(a.what, "the kernel's neighbour table was full %llu times",
	    (unsigned long long)f->neigh_table_full);
	if (f->neigh_table_max)
		set(a.fix, "raise net.ipv4.neigh.default.gc_thresh3, which is %d",
		    f->neigh_table_max);
	else
		set(a.fix, "raise net.ipv4.neigh.default.gc_thresh3 of the machine");
	add(out, &a);
}

static void overruns(const struct doctor_facts *f, struct findings *out)
{
	struct finding a = { WARNING, "news_lost", "kernel" };

	if (f->overruns == 0)
		return;
	set(a.what,
	    "news of the kernel were lost %llu times, and its tables read again each "
	    "time",
	    (unsigned long long)f->overruns);
	set(a.fix, "if that goes on: raise net.core.rmem_max, then restart nhrpd");
	add(out, &a);
}

static void state_lost(const struct doctor_facts *f, struct findings *out)
{
	struct finding a = { WARNING, "state_lost", "state directory" };

	if (!f->state_lost)
		return;
	set(a.what, "what is known is not written: the next start begins without it");
	set(a.fix,
	    "make room in the directory that nhrpd -d names, and let nhrpd write "
	    "there; then restart it");
	add(out, &a);
}

static void script(const struct doctor_facts *f, struct findings *out)
{
	struct finding a = { ERROR, "script_unusable", f->conf->script };

	if (!f->script[0])
		return;
	set(a.what,
	    "the script cannot be run: %s: every registration and every peer is "
	    "refused",
	    f->script);
	set(a.fix,
	    "make it a program that may be executed (chmod 755), or take 'script' "
	    "out of the configuration and say nhrpctl reload");
	add(out, &a);
}

static void guards(const struct doctor_facts *f, struct findings *out)
{
	struct finding a = { ERROR, "guard_missing", "kernel" };

	if (!f->guard_route[0])
		return;
	set(a.what,
	    "nothing keeps packets to networks of the tunnel from leaving another way: "
	    "%s",
	    f->guard_route);
	set(a.fix, "correct the 'guard', or what the kernel says is missing");
	add(out, &a);
}

/* Encrypted tunnels work, and send nothing in clear as long as the other one stands. */
static void guard_layers(const struct doctor_facts *f, struct findings *out)
{
	struct finding a = { WARNING, "guard_half", "kernel" };

	if (!f->guard_weakness[0])
		return;
	set(a.what,
	    "one of two things is missing that keep encrypted tunnels from sending in "
	    "clear: %s",
	    f->guard_weakness);
	set(a.fix, "give the kernel IPsec (modprobe xfrm_user), which encryption needs "
		   "anyway; until then do not flush the ruleset of nftables");
	add(out, &a);
}

static void redirects(const struct doctor_facts *f, struct findings *out)
{
	struct finding table = { ERROR, "firewall_missing", "nftables" };
	struct finding group = { ERROR, "samples_missing", "nftables" };
	struct finding copies = { ERROR, "multicast_missing", "nftables" };

	if (f->firewall[0]) {
		set(table.what, "no traffic is redirected, no multicast copied: %s",
		    f->firewall);
		set(table.fix, "look at nft list ruleset; or write the rules yourself "
			       "and say 'firewall manual'");
		add(out, &table);
	}
	if (f->samples[0]) {
		set(group.what, "no traffic is redirected: %s", f->samples);
		set(group.fix, "'nflog-group N' with a number that nobody uses");
		add(out, &group);
	}
	if (f->copies[0]) {
		set(copies.what, "routing protocols hear nothing: %s", f->copies);
		set(copies.fix,
		    "'multicast-nflog-group N' with a number that nobody uses");
		add(out, &copies);
	}
}

static void charon(const struct doctor_facts *f, struct findings *out)
{
	struct finding a = { ERROR, "charon_silent", f->conf->vici };

	if (!f->charon[0])
		return;
	set(a.what, "no SA can be set up: %s", f->charon);
	set(a.fix, "systemctl start strongswan, of the package charon-systemd; or name "
		   "its socket with 'vici'");
	add(out, &a);
}

/* --- peers and certificates ------------------------------------------------------- */

/* What to do about each cause that explain knows; those left out have findings of
 * their own, or pass by themselves. */
static const struct cure {
	const char *cause;
	enum severity severity;
	const char *what, *fix;
} cures[] = {
	{ "ike_silent", ERROR, "it does not answer IKE",
	  "let UDP ports 500 and 4500 pass, both ways; there, see whether it arrives: "
	  "tcpdump -n udp port 500 or udp port 4500, and that charon and nhrpd run" },
	{ "ike_stalled", ERROR,
	  "it answers the first exchange of IKE, and not the second",
	  "let UDP port 4500 and fragments pass, both ways; or 'fragmentation yes' and "
	  "a smaller fragment_size in strongswan.conf" },
	{ "ike_refused", ERROR,
	  "the handshake is refused before anybody says who he is",
	  "compare 'proposals' of both ends; there, see nhrpctl doctor" },
	{ "auth_refused", ERROR, "the handshake is refused over who somebody is",
	  "compare the secrets and the identities, see that the certificates are valid "
	  "and of one CA: journalctl -u strongswan, here and there" },
	{ "child_refused", ERROR, "authenticated, but the child is refused",
	  "compare 'esp_proposals' and 'mode' of both ends: journalctl -u strongswan "
	  "there" },
	{ "sa_ended", ERROR, "it ends each at once",
	  "see nhrpctl doctor there: another node behind the same address needs 'mode "
	  "tunnel'" },
	{ "nat_both", WARNING, "both ends are behind NAT",
	  "nothing, where packets by the hub are good enough; else give one of them a "
	  "public address" },
};

static const struct cure *cure_of(const struct doctor_peer *p)
{
	for (size_t k = 0; k < ARRAY_SIZE(cures); k++) {
		if (strcmp(cures[k].cause, p->cause) == 0)
			return &cures[k];
	}
	return NULL;
}

static void no_sa(const struct doctor_peer *p, struct findings *out)
{
	const struct cure *cure = cure_of(p);
	struct finding a = { ERROR, p->cause, p->ifname };

	if (!cure)
		return;
	a.severity = cure->severity;
	set(a.what, "no SA to %s: %s", p->nbma, cure->what);
	set(a.fix, "%s", cure->fix);
	add(out, &a);
}

static void nat_shared(const struct doctor_peer *p, struct findings *out)
{
	struct finding a = { ERROR, "nat_shared", p->ifname };

	if (!p->turned_away[0])
		return;
	set(a.what, "'%s' came from %s, the address of '%s', and was turned away",
	    p->turned_away, p->nbma, p->identity);
	set(a.fix,
	    "of two behind one NAT the first stays: give them an address each, or "
	    "write 'child mode tunnel' in the profile of all");
	add(out, &a);
}

static void esp_blocked(const struct doctor_peer *p, struct findings *out)
{
	struct finding a = { ERROR, "esp_blocked", p->ifname };

	if (!p->lost)
		return;
	set(a.what,
	    "the SA to %s is up; %llu packets went into it and none comes back, while "
	    "the server there does not answer",
	    p->nbma, (unsigned long long)p->lost);
	set(a.fix,
	    "let ESP (IP protocol 50; behind NAT UDP port 4500) pass, both ways; "
	    "there, see whether it arrives: tcpdump -n esp or udp port 4500");
	add(out, &a);
}

static void peers(const struct doctor_facts *f, struct findings *out)
{
	for (size_t k = 0; k < f->peer_count; k++) {
		no_sa(&f->peers[k], out);
		nat_shared(&f->peers[k], out);
		esp_blocked(&f->peers[k], out);
	}
}

#define DAY_S	   86400
#define SOON_DAYS  14
#define SOON_SHARE 3 /* ... and less than so much of its life is left */

static const char *date_str(char out[24], int64_t time_s)
{
	time_t t = (time_t)time_s;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || strftime(out, 24, "%F %H:%M UTC", &tm) == 0)
		snprintf(out, 24, "?");
	return out;
}

static void certificate(const struct doctor_cert *c, int64_t now_s,
			struct findings *out)
{
	struct finding a = { ERROR, "certificate_expired", c->path };
	int64_t left_s = c->until_s - now_s;
	char date[24];

	if (left_s <= 0) {
		set(a.what, "the certificate expired: %s", date_str(date, c->until_s));
	} else if (c->from_s > now_s) {
		a.fault = "certificate_not_yet";
		set(a.what, "the certificate begins to be valid later: %s",
		    date_str(date, c->from_s));
	} else if (left_s < SOON_DAYS * DAY_S &&
		   left_s < (c->until_s - c->from_s) / SOON_SHARE) {
		a.severity = WARNING;
		a.fault = "certificate_expires_soon";
		set(a.what, "the certificate expires soon: %s",
		    date_str(date, c->until_s));
	} else {
		return;
	}
	set(a.fix, "see that the clock is right; renew it, then: swanctl --load-creds");
	add(out, &a);
}

static void certificates(const struct doctor_facts *f, struct findings *out)
{
	for (size_t k = 0; k < f->cert_count; k++)
		certificate(&f->certs[k], f->now_s, out);
}

/* --- tunnels --------------------------------------------------------------------- */

static void unusable(const struct doctor_facts *f, const struct doctor_tunnel *t,
		     struct findings *out)
{
	struct finding a = { ERROR, "interface_unusable", t->conf->name };

	(void)f;
	if (!t->problem[0])
		return;
	set(a.what, "%s", t->problem);
	set(a.fix, "nhrpd goes on as soon as that is mended");
	add(out, &a);
}

static void no_calls(const struct doctor_facts *f, const struct doctor_tunnel *t,
		     struct findings *out)
{
	struct finding a = { ERROR, "profile_refused", t->conf->name };

	(void)f;
	if (!t->no_calls[0])
		return;
	set(a.what, "no peer can call by it: %s", t->no_calls);
	set(a.fix, "mend the ipsec-profile; the log of charon says more");
	add(out, &a);
}

/* While SAs begin, some are dropped. */
static void in_clear(const struct doctor_facts *f, const struct doctor_tunnel *t,
		     struct findings *out)
{
	struct finding a = { WARNING, "clear_dropped", t->conf->name };

	(void)f;
	if (t->clear_out) {
		set(a.what,
		    "%llu packets that IPsec does not cover were not sent, in a minute "
		    "or two",
		    (unsigned long long)t->clear_out);
		set(a.fix, "see which peers have no SA: swanctl --list-sas");
		add(out, &a);
	}
	if (t->clear_in) {
		set(a.what,
		    "%llu packets came in clear and were not taken, in a minute or two",
		    (unsigned long long)t->clear_in);
		set(a.fix,
		    "a peer sends without IPsec: its tunnel needs it as well; see "
		    "who, with tcpdump ip proto 47");
		add(out, &a);
	}
}

static void noarp(const struct doctor_facts *f, const struct doctor_tunnel *t,
		  struct findings *out)
{
	struct finding a = { ERROR, "noarp", t->conf->name };

	(void)f;
	if (!t->noarp)
		return;
	set(a.what, "the device is set to ask nobody for its neighbours");
	set(a.fix, "ip link set %s arp on, and look for what sets it off",
	    t->conf->name);
	add(out, &a);
}

static void key(const struct doctor_facts *f, const struct doctor_tunnel *t,
		struct findings *out)
{
	const struct conf_tunnel *c = &t->conf->tunnel;
	struct finding a = { ERROR, "key_differs", t->conf->name };

	(void)f;
	if (!t->there || !c->wanted || (t->has_key == c->has_key && t->key == c->key))
		return;
	set(a.what, "the device has another GRE key than the configuration");
	set(a.fix, "ip tunnel show %s; look for what changes it", t->conf->name);
	add(out, &a);
}

static void mtu(const struct doctor_facts *f, const struct doctor_tunnel *t,
		struct findings *out)
{
	uint32_t over =
		netdev_gre_overhead(t->has_key) + netdev_esp_room(t->conf->profile);
	struct finding a = { WARNING, "mtu", t->conf->name };

	(void)f;
	if (!t->underlay_mtu || t->mtu + over <= t->underlay_mtu)
		return;
	set(a.what,
	    "its packets of up to %u octets become %u, and %s carries no more "
	    "than %u: the largest are cut in pieces or lost",
	    t->mtu, t->mtu + over, t->underlay, t->underlay_mtu);
	if (t->conf->tunnel.wanted)
		set(a.fix, "leave 'mtu' out of the configuration, or write mtu %u",
		    t->underlay_mtu - over);
	else
		set(a.fix, "ip link set %s mtu %u", t->conf->name,
		    t->underlay_mtu - over);
	add(out, &a);
}

static void add_setting(const struct doctor_setting *s, struct findings *out)
{
	const char *last = strrchr(s->name, '.');
	struct finding a = { ERROR, last ? last + 1 : s->name, s->name };

	set(a.what, "%s: it is %d", s->why, s->have);
	set(a.fix, "sysctl -w %s=%d, and look for what set it", s->name, s->want);
	add(out, &a);
}

/* One that counts for all devices is off for each of them: once is enough. */
static bool told_before(const struct doctor_facts *f, const struct doctor_tunnel *t,
			const struct doctor_setting *s)
{
	for (const struct doctor_tunnel *o = f->tunnels; o < t; o++) {
		for (size_t n = 0; n < o->off_count; n++) {
			if (strcmp(o->off[n].name, s->name) == 0)
				return true;
		}
	}
	return false;
}

static void changed_settings(const struct doctor_facts *f,
			     const struct doctor_tunnel *t, struct findings *out)
{
	for (size_t n = 0; n < t->off_count; n++) {
		if (!told_before(f, t, &t->off[n]))
			add_setting(&t->off[n], out);
	}
}

/* --- servers --------------------------------------------------------------------- */

static void nbma(const struct doctor_facts *f, struct findings *out)
{
	for (size_t k = 0; k < f->nbma_count; k++) {
		const struct doctor_nbma *n = &f->nbmas[k];
		struct finding a = { ERROR, "nbma_unreachable", n->ifname };

		switch (n->way) {
		case DOCTOR_WAY_OUT:
			continue;
		case DOCTOR_WAY_NONE:
			set(a.what, "there is no route to %s, which a 'map' names",
			    ADDR_STR(&n->addr));
			set(a.fix, "ip route get %s", ADDR_STR(&n->addr));
			break;
		case DOCTOR_WAY_LOCAL:
			a.fault = "nbma_local";
			set(a.what,
			    "a 'map' names %s as the NBMA address of another station; "
			    "it is this machine's",
			    ADDR_STR(&n->addr));
			set(a.fix, "correct the 'map'");
			break;
		case DOCTOR_WAY_TUNNEL:
			a.fault = "nbma_in_tunnel";
			set(a.what,
			    "packets of the tunnel to %s are routed into the tunnel "
			    "itself, by %s",
			    ADDR_STR(&n->addr), PREFIX_STR(&n->route));
			set(a.fix,
			    "ip route add %s via GATEWAY dev DEVICE, by the way "
			    "out",
			    ADDR_STR(&n->addr));
			break;
		}
		add(out, &a);
	}
}

/* What is wrong with the SA to it is told already. */
static bool is_explained(const struct doctor_facts *f, const struct doctor_server *s)
{
	for (size_t k = 0; k < f->peer_count; k++) {
		const struct doctor_peer *p = &f->peers[k];

		if (s->nbma[0] && strcmp(p->nbma, s->nbma) == 0 &&
		    strcmp(p->ifname, s->ifname) == 0 && (cure_of(p) || p->lost))
			return true;
	}
	return f->charon[0] && strcmp(s->state, "securing") == 0;
}

static void servers(const struct doctor_facts *f, struct findings *out)
{
	for (size_t k = 0; k < f->server_count; k++) {
		const struct doctor_server *s = &f->servers[k];
		struct finding a = { ERROR, "server", s->ifname };

		if (is_explained(f, s))
			continue;
		set(a.what, "not registered with the server %s: %s, %s", s->name,
		    s->state, s->reason);
		if (s->protocol[0])
			set(a.fix, "nhrpctl explain %s", s->protocol);
		else
			set(a.fix, "look for that name: getent ahosts %s", s->name);
		add(out, &a);
	}
}

size_t doctor_judge(const struct doctor_facts *f, struct show_sink *sink)
{
	static void (*const of_machine[])(const struct doctor_facts *,
					  struct findings *) = {
		no_gre,	   second_daemon, nbma,		servers,      neigh_table,
		redirects, guards,	  guard_layers, overruns,     state_lost,
		script,	   charon,	  peers,	certificates,
	};
	static void (*const of_tunnel[])(const struct doctor_facts *,
					 const struct doctor_tunnel *,
					 struct findings *) = {
		unusable,	  in_clear,   no_calls,	 noarp, key,
		changed_settings, forwarding, rp_filter, mtu,
	};
	struct findings out = { sink, 0 };

	for (size_t k = 0; k < f->tunnel_count; k++) {
		for (size_t n = 0; n < ARRAY_SIZE(of_tunnel); n++)
			of_tunnel[n](f, &f->tunnels[k], &out);
	}
	for (size_t n = 0; n < ARRAY_SIZE(of_machine); n++)
		of_machine[n](f, &out);
	return out.count;
}
