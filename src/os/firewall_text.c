/* SPDX-License-Identifier: MIT */
/*
 * Redirect sampling. The first packet of each pair of addresses goes to the log
 * group at once, so that nobody waits for a shortcut; how often that is repeated
 * is limited for each pair by an element of a set, and by one limit for all. An
 * element lives as long as its limit is of effect: one interval after the last
 * packet it would let the next one through anyway.
 *
 * Multicast that leaves by a tunnel goes to a log group whole where it is sent or
 * forwarded, and ends there. Further on the kernel has made a copy for its own
 * listeners, which passes the last hook like the packet itself and would be copied too.
 * It ends in a queue that nobody listens to: that drops it as `drop` would, but who
 * sent it is told no error, which routing daemons log for every hello. A kernel without
 * such queues drops aloud.
 *
 * Every packet of the machine passes these hooks, each copy in its GRE too: for what
 * leaves by another device there is one look-up of its name and no more.
 */
#include "firewall_text.h"

#include <stdio.h>
#include <string.h>

#include <nhrp/text.h>

/*
 * Behind all filters, which use 0 and rarely some tens more: what those drop must
 * not be redirected, or a shortcut would lead around them.
 */
#define PRIORITY 300

/* Elements of a set. When it is full, new pairs are not sampled. */
#define PAIRS_MAX 65536

/* Of all interfaces; twice what the engine sends by one of them. */
#define SAMPLES_PER_SECOND 200
#define SAMPLES_AT_ONCE	   400

/* The IP header, also one of IPv6 with extensions, and what is quoted behind it. */
#define SAMPLE_OCTETS 128

struct family {
	const char *word, *type;
	unsigned bits;
};

static const struct family ip4 = { "ip", "ipv4_addr", 32 };
static const struct family ip6 = { "ip6", "ipv6_addr", 128 };

static struct addr mask_of(const struct family *family, uint8_t len)
{
	struct prefix ones = { .len = len };

	memset(ones.addr.bytes, 0xff, family->bits / 8);
	ones.addr.family = family == &ip4 ? ADDR_IP4 : ADDR_IP6;
	return prefix_masked(&ones).addr;
}

static void put_field(struct text *out, const struct family *family, const char *field,
		      uint8_t len)
{
	struct addr mask = mask_of(family, len);

	text_put(out, "%s %s", family->word, field);
	if (len < family->bits)
		text_put(out, " & %s", ADDR_STR(&mask));
}

static void put_set(struct text *out, const struct conf_iface *i,
		    const struct family *family)
{
	uint32_t interval_s =
		(60 + i->sampling.per_minute - 1) / i->sampling.per_minute;

	text_put(out,
		 "\tset %s-%s {\n"
		 "\t\ttype %s . %s\n"
		 "\t\tsize %d\n"
		 "\t\tflags dynamic,timeout\n"
		 "\t\ttimeout %us\n"
		 "\t}\n",
		 family->word, i->name, family->type, family->type, PAIRS_MAX,
		 interval_s);
}

static void put_rule(struct text *out, const struct conf_iface *i,
		     const struct family *family, uint8_t len)
{
	text_put(out, "\t\tiifname \"%s\" oifname \"%s\" update @%s-%s { ", i->name,
		 i->name, family->word, i->name);
	put_field(out, family, "saddr", len);
	text_put(out, " . ");
	put_field(out, family, "daddr", len);
	text_put(out, " limit rate %u/minute burst 1 packets } goto sample\n",
		 i->sampling.per_minute);
}

/* --- multicast --- */

/* Of what is not copied so many are shown to the daemon, for people to see. */
#define REFUSED_PER_SECOND 10
#define REFUSED_AT_ONCE	   20

#define QUIETLY "queue num 65535"
#define ALOUD	"drop"

/*
 * What goes to more than one. For broadcast, that of the tunnel's subnet too, it takes a
 * look at the routes; nobody forwards that.
 */
static void put_classes(struct text *out, const struct conf_iface *i)
{
	text_put(out,
		 "\tchain through-%s {\n"
		 "\t\tip daddr 224.0.0.0/4 goto copy-%s\n"
		 "\t\tip6 daddr ff00::/8 goto copy-%s\n"
		 "\t}\n",
		 i->name, i->name, i->name);
	text_put(out,
		 "\tchain from-%s {\n"
		 "\t\tjump through-%s\n"
		 "\t\tmeta nfproto ipv4 fib daddr type broadcast goto copy-%s\n"
		 "\t}\n",
		 i->name, i->name, i->name);
}

static void put_group(struct text *out, const struct prefix *p, uint16_t log_group,
		      const char *end)
{
	if (addr_is_broadcast(&p->addr))
		text_put(out, "\t\tmeta nfproto ipv4 fib daddr type broadcast");
	else
		text_put(out, "\t\t%s daddr %s",
			 p->addr.family == ADDR_IP4 ? "ip" : "ip6", PREFIX_STR(p));
	text_put(out, " log group %u %s\n", log_group, end);
}

static void put_groups(struct text *out, const struct conf *conf,
		       const struct conf_iface *i, const char *end)
{
	struct prefix p;

	text_put(out, "\tcounter %s%s {\n\t}\n\tchain copy-%s {\n", FIREWALL_NOT_COPIED,
		 i->name, i->name);
	for (size_t n = 0; conf_mcast_group(i, n, &p); n++)
		put_group(out, &p, conf->mcast_nflog_group, end);
	text_put(out,
		 "\t\tcounter name \"%s%s\"\n"
		 "\t\tlimit rate %d/second burst %d packets log group %u\n"
		 "\t\t%s\n"
		 "\t}\n",
		 FIREWALL_NOT_COPIED, i->name, REFUSED_PER_SECOND, REFUSED_AT_ONCE,
		 conf->mcast_nflog_group, end);
}

/* To the chain of this kind of the tunnel that a packet leaves by. */
static void put_tunnels(struct text *out, const struct conf *conf, const char *verdict)
{
	const char *gap = "\t\toifname vmap {";

	for (size_t n = 0; n < conf->iface_count; n++) {
		const char *name = conf->ifaces[n].name;

		if (!conf->ifaces[n].mcast_count)
			continue;
		text_put(out, "%s \"%s\" : %s-%s", gap, name, verdict, name);
		gap = ",";
	}
	text_put(out, " }\n");
}

static void put_hook(struct text *out, const char *hook)
{
	text_put(out,
		 "\tchain %s {\n"
		 "\t\ttype filter hook %s priority %d; policy accept;\n",
		 hook, hook, PRIORITY);
}

static void put_multicast(struct text *out, const struct conf *conf, const char *end)
{
	for (size_t n = 0; n < conf->iface_count; n++) {
		if (!conf->ifaces[n].mcast_count)
			continue;
		put_groups(out, conf, &conf->ifaces[n], end);
		put_classes(out, &conf->ifaces[n]);
	}
	put_hook(out, "output");
	put_tunnels(out, conf, "goto from");
	text_put(out, "\t}\n");
}

/* --- samples --- */

static void put_sampling(struct text *out, const struct conf *conf)
{
	for (size_t n = 0; n < conf->iface_count; n++) {
		if (!conf->ifaces[n].redirect)
			continue;
		put_set(out, &conf->ifaces[n], &ip4);
		put_set(out, &conf->ifaces[n], &ip6);
	}
	text_put(out,
		 "\tchain sample {\n"
		 "\t\tlimit rate %d/second burst %d packets log group %u snaplen %d\n"
		 "\t}\n",
		 SAMPLES_PER_SECOND, SAMPLES_AT_ONCE, conf->nflog_group, SAMPLE_OCTETS);
}

static void put_samples(struct text *out, const struct conf *conf)
{
	for (size_t n = 0; n < conf->iface_count; n++) {
		const struct conf_iface *i = &conf->ifaces[n];

		if (!i->redirect)
			continue;
		put_rule(out, i, &ip4, i->sampling.len4);
		put_rule(out, i, &ip6, i->sampling.len6);
	}
}

/* --- the table --- */

char *firewall_text(const struct conf *conf, bool aloud)
{
	bool copies = conf_copies_multicast(conf), redirects = conf_redirects(conf);
	struct text out = { 0 };

	if (conf->firewall_manual || (!redirects && !copies))
		return NULL;
	/* The first line makes the second one succeed; all are one transaction. */
	text_put(&out, "table inet " FIREWALL_TABLE "\n"
		       "delete table inet " FIREWALL_TABLE "\n"
		       "table inet " FIREWALL_TABLE " {\n"
		       "\tcomment \"written by nhrpd, which undoes other changes\"\n");
	if (redirects)
		put_sampling(&out, conf);
	if (copies)
		put_multicast(&out, conf, aloud ? ALOUD : QUIETLY);
	/* A group is no flow that could be redirected: it is looked for first. */
	put_hook(&out, "forward");
	if (copies)
		put_tunnels(&out, conf, "jump through");
	put_samples(&out, conf);
	text_put(&out, "\t}\n}\n");
	return out.s;
}
