/* SPDX-License-Identifier: MIT */
/*
 * IPsec is looked for where it shows: a packet that came by ESP carries its path
 * (`meta ipsec`), one that will leave by ESP has it in its route (`rt ipsec`).
 *
 * nft has no words for GRE, so its header is read by bits (RFC 2784, RFC 2890): the
 * first octet has C, a checksum, as 0x80 and K, a key, as 0x20; the key is behind
 * the first four octets, or behind eight where there is a checksum. Both hooks see
 * packets whole: output before they are cut into fragments, input behind that.
 */
#include "guard_text.h"

#include <string.h>

#include <nhrp/text.h>

/*
 * Behind all others. In the output hook a chain of type route (-150) or a rewritten
 * address (-100) may still change the route, and with it whether IPsec covers it.
 */
#define PRIORITY 300

struct side {
	const char *chain, *hook, *missing, *address, *counter;
	bool in;
};

static const struct side sides[] = {
	{ "came", "input", "meta ipsec missing", "daddr", GUARD_IN, true },
	{ "leaves", "output", "rt ipsec missing", "saddr", GUARD_OUT, false },
};

static void put_rule(struct text *out, const struct guard_match *m,
		     const struct side *side, const char *header, const char *key)
{
	text_put(out, "\t\t@th,0,8 & %s", header);
	if (key)
		text_put(out, " @th,%s,32 %u", key, side->in ? m->in_key : m->out_key);
	if (addr_is_set(&m->local))
		text_put(out, " %s %s %s", m->local.family == ADDR_IP6 ? "ip6" : "ip",
			 side->address, ADDR_STR(&m->local));
	text_put(out, " counter name \"%s%s\" drop\n", side->counter, m->ifname);
}

static void put_match(struct text *out, const struct guard_match *m,
		      const struct side *side)
{
	if (side->in ? m->in_has_key : m->out_has_key) {
		put_rule(out, m, side, "0xa0 == 0x20", "32");
		put_rule(out, m, side, "0xa0 == 0xa0", "64");
	} else {
		put_rule(out, m, side, "0x20 == 0", NULL);
	}
}

static void put_side(struct text *out, const struct guard_match *list, size_t count,
		     const struct side *side)
{
	text_put(out, "\tchain %s {\n", side->chain);
	for (size_t n = 0; n < count; n++)
		put_match(out, &list[n], side);
	text_put(out,
		 "\t}\n"
		 "\tchain %s {\n"
		 "\t\ttype filter hook %s priority %d; policy accept;\n"
		 "\t\tmeta l4proto gre %s goto %s\n"
		 "\t}\n",
		 side->hook, side->hook, PRIORITY, side->missing, side->chain);
}

static struct guard_drops drops_of(const char *ifname, const struct guard_drops *drops,
				   size_t count)
{
	for (size_t n = 0; n < count; n++)
		if (strcmp(drops[n].ifname, ifname) == 0)
			return drops[n];
	return (struct guard_drops){ .in = 0 };
}

static void put_counters(struct text *out, const char *ifname,
			 const struct guard_drops *d)
{
	text_put(out,
		 "\tcounter %s%s { packets %llu bytes %llu }\n"
		 "\tcounter %s%s { packets %llu bytes %llu }\n",
		 GUARD_IN, ifname, (unsigned long long)d->in,
		 (unsigned long long)d->in_octets, GUARD_OUT, ifname,
		 (unsigned long long)d->out, (unsigned long long)d->out_octets);
}

char *guard_text(const struct guard_match *list, size_t count,
		 const struct guard_drops *drops, size_t drop_count)
{
	struct text out = { 0 };

	/* The first line makes the second one succeed; all are one transaction. */
	text_put(&out, "table inet " GUARD_TABLE "\n"
		       "delete table inet " GUARD_TABLE "\n"
		       "table inet " GUARD_TABLE " {\n"
		       "\tcomment \"written by nhrpd: encrypted tunnels never in "
		       "clear\"\n");
	for (size_t n = 0; n < count; n++) {
		const char *ifname = list[n].ifname;
		struct guard_drops d = drops_of(ifname, drops, drop_count);

		if (n == 0 || strcmp(ifname, list[n - 1].ifname) != 0)
			put_counters(&out, ifname, &d);
	}
	for (size_t n = 0; n < ARRAY_SIZE(sides); n++)
		put_side(&out, list, count, &sides[n]);
	text_put(&out, "}\n");
	return out.s;
}
