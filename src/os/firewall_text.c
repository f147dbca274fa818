/* SPDX-License-Identifier: MIT */
/*
 * Redirect sampling. The first packet of each pair of addresses goes to the log
 * group at once, so that nobody waits for a shortcut; how often that is repeated
 * is limited for each pair by an element of a set, and by one limit for all. An
 * element lives as long as its limit is of effect: one interval after the last
 * packet it would let the next one through anyway.
 */
#include "firewall_text.h"

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
	text_put(out,
		 "\tchain forward {\n"
		 "\t\ttype filter hook forward priority %d; policy accept;\n",
		 PRIORITY);
	for (size_t n = 0; n < conf->iface_count; n++) {
		const struct conf_iface *i = &conf->ifaces[n];

		if (!i->redirect)
			continue;
		put_rule(out, i, &ip4, i->sampling.len4);
		put_rule(out, i, &ip6, i->sampling.len6);
	}
	text_put(out, "\t}\n");
}

char *firewall_text(const struct conf *conf)
{
	struct text out = { 0 };

	if (conf->firewall_manual || !conf_redirects(conf))
		return NULL;
	/* The first line makes the second one succeed; all are one transaction. */
	text_put(&out, "table inet " FIREWALL_TABLE "\n"
		       "delete table inet " FIREWALL_TABLE "\n"
		       "table inet " FIREWALL_TABLE " {\n"
		       "\tcomment \"written by nhrpd, which undoes other changes\"\n");
	put_sampling(&out, conf);
	text_put(&out, "}\n");
	return out.s;
}
