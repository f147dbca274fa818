/* SPDX-License-Identifier: MIT */
#include "conf_int.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define MAP_FLAG(member) \
	.take = conf_take_flag, .flag = offsetof(struct conf_map, member)
#define IFACE_FLAG(member) \
	.take = conf_take_flag, .flag = offsetof(struct conf_iface, member)

/* clang-format off */
const struct conf_word conf_words[] = {
	{ "interface", "NAME", "the words behind it are about this device",
	  CONF_IN_FILE, .take = conf_take_interface },
	{ "firewall", "manual", "leave the ruleset to the administrator",
	  CONF_IN_FILE, .options = CONF_IN_FIREWALL, .once = CONF_ONCE_FIREWALL,
	  .take = conf_take_firewall },
	{ "nflog-group", "N", "where the kernel's samples arrive",
	  CONF_IN_FILE, .once = CONF_ONCE_NFLOG, .take = conf_take_nflog },
	{ "multicast-nflog-group", "N", "where multicast to be copied arrives",
	  CONF_IN_FILE, .once = CONF_ONCE_MCAST_NFLOG, .take = conf_take_mcast_nflog },
	{ "vici", "SOCKET", "where strongSwan's charon listens",
	  CONF_IN_FILE, .once = CONF_ONCE_VICI, .take = conf_take_vici },
	{ "ipsec-profile", "NAME", "the keys behind it say how to encrypt",
	  CONF_IN_FILE, .options = CONF_IN_PROFILE, .take = conf_take_profile },
	{ "script", "PATH", "a program that is told what happens, and asked",
	  CONF_IN_FILE, .once = CONF_ONCE_SCRIPT, .take = conf_take_script },

	{ "tunnel", "source ADDR|DEVICE [key N] [ttl N] [mtu N]",
	  "create and keep the tunnel device",
	  CONF_IN_IFACE, .options = CONF_IN_TUNNEL, .once = CONF_ONCE_TUNNEL,
	  .take = conf_take_tunnel },
	{ "address", "ADDR/LEN", "an address to put on the device",
	  CONF_IN_IFACE, .take = conf_take_address },
	{ "authentication", "SECRET", "the clear-text key of this network",
	  CONF_IN_IFACE, .once = CONF_ONCE_AUTH, .take = conf_take_auth,
	  .secret = true },
	{ "cisco-authentication", "SECRET", "the old name of authentication",
	  CONF_IN_IFACE, .once = CONF_ONCE_AUTH, .take = conf_take_auth,
	  .secret = true },
	{ "ipsec", "NAME", "encrypt this tunnel as a profile says",
	  CONF_IN_IFACE, .once = CONF_ONCE_IPSEC, .take = conf_take_ipsec },
	{ "authorize", "IDENTITY certificate|PREFIX...",
	  "what a peer of this identity may claim",
	  CONF_IN_IFACE, .take = conf_take_authorize },
	{ "guard", "PREFIX...", "never send there by another way",
	  CONF_IN_IFACE, .take = conf_take_guard },
	{ "holding-time", "SECONDS", "how long others may keep what this node says",
	  CONF_IN_IFACE, .once = CONF_ONCE_HOLDING, .take = conf_take_holding },
	{ "route-table", "N", "the kernel table with the routes over this interface",
	  CONF_IN_IFACE, .once = CONF_ONCE_TABLE, .take = conf_take_table },
	{ "if-state", "nhrp", "the device works as long as a server answers",
	  CONF_IN_IFACE, .options = CONF_IN_STATE, .once = CONF_ONCE_STATE,
	  .take = conf_take_if_state },
	{ "host-routes", "", "a route to each station that is registered here",
	  CONF_IN_IFACE, IFACE_FLAG(host_routes) },
	{ "max-bindings", "N", "how many registrations are accepted",
	  CONF_IN_IFACE, .once = CONF_ONCE_BINDINGS, .take = conf_take_bindings },
	{ "nhs-group", "NAME max-connections N [fall-back SECONDS]",
	  "register with the best N servers of this group",
	  CONF_IN_IFACE, .options = CONF_IN_GROUP, .take = conf_take_group },
	{ "map",
	  "PROTO[/PLEN] NBMA [register] [no-unique] [cisco] [priority N] "
	  "[group NAME] [probe SECONDS]",
	  "a static peer",
	  CONF_IN_IFACE, .options = CONF_IN_MAP, .take = conf_take_map },
	{ "dynamic-map", "PROTO/PLEN NAME [priority N] [group NAME] [probe SECONDS]",
	  "every address of the name is a server",
	  CONF_IN_IFACE, .options = CONF_IN_DYNAMIC, .take = conf_take_dynamic_map },
	{ "shortcut-target", "PROTO/PLEN [holding-time SECONDS]",
	  "a network that this node answers for",
	  CONF_IN_IFACE, .options = CONF_IN_TARGET, .take = conf_take_target },
	{ "multicast", "dynamic|nhs|PROTO", "where multicast is copied to",
	  CONF_IN_IFACE, .options = CONF_IN_MCAST, .take = conf_take_multicast },
	{ "multicast-group", "PREFIX...", "groups that are copied as well",
	  CONF_IN_IFACE, .take = conf_take_mcast_groups },
	{ "redirect", "[rate N] [prefix N] [prefix6 N]", "send Traffic Indications",
	  CONF_IN_IFACE, .options = CONF_IN_REDIRECT, .once = CONF_ONCE_REDIRECT,
	  .take = conf_take_redirect },
	{ "shortcut", "", "act on Traffic Indications",
	  CONF_IN_IFACE, IFACE_FLAG(shortcut) },
	{ "shortcut-filter", "PROTO/PLEN", "make shortcuts inside of this network only",
	  CONF_IN_IFACE, .take = conf_take_filter },
	{ "shortcut-routed", "", "answer for all that is routed elsewhere",
	  CONF_IN_IFACE, IFACE_FLAG(answer_any) },
	{ "non-caching", "", "do not cache from forwarded replies",
	  CONF_IN_IFACE, IFACE_FLAG(non_caching) },
	{ "shortcut-destination", "", "answer for the networks of this LAN interface",
	  CONF_IN_IFACE, IFACE_FLAG(shortcut_destination) },

	{ "source", "ADDR|DEVICE", "where tunnel packets leave from",
	  CONF_IN_TUNNEL, .once = CONF_ONCE_SOURCE, .take = conf_take_source },
	{ "key", "N", "the GRE key",
	  CONF_IN_TUNNEL, .once = CONF_ONCE_KEY, .take = conf_take_key },
	{ "ttl", "N", "the time to live of tunnel packets",
	  CONF_IN_TUNNEL, .once = CONF_ONCE_TTL, .take = conf_take_ttl },
	{ "mtu", "N", "the largest packet that the device takes",
	  CONF_IN_TUNNEL, .once = CONF_ONCE_MTU, .take = conf_take_mtu },
	{ "register", "", "register with this peer",
	  CONF_IN_MAP, MAP_FLAG(registers) },
	{ "no-unique", "", "register without the unique bit",
	  CONF_IN_MAP, MAP_FLAG(no_unique) },
	{ "cisco", "", "the peer is an old Cisco device",
	  CONF_IN_MAP, MAP_FLAG(cisco) },
	{ "priority", "N", "the lowest number is asked first",
	  CONF_IN_SERVER, .once = CONF_ONCE_PRIORITY, .take = conf_take_priority },
	{ "group", "NAME", "one of several, of which some are registered with",
	  CONF_IN_SERVER, .once = CONF_ONCE_GROUP, .take = conf_take_member },
	{ "probe", "SECONDS", "make sure so often that it is there",
	  CONF_IN_SERVER, .once = CONF_ONCE_PROBE, .take = conf_take_probe },
	{ "max-connections", "N", "how many of the group are registered with",
	  CONF_IN_GROUP, .once = CONF_ONCE_MOST, .take = conf_take_most },
	{ "fall-back", "SECONDS", "how long a better one has to be well",
	  CONF_IN_GROUP, .once = CONF_ONCE_FALL_BACK, .take = conf_take_fall_back },
	{ "holding-time", "SECONDS", "the holding time of this target",
	  CONF_IN_TARGET, .take = conf_take_target_holding },
	{ "dynamic", "", "to every direct peer",
	  CONF_IN_MCAST, .take = conf_take_mcast_dynamic },
	{ "nhs", "", "to every configured server",
	  CONF_IN_MCAST, .take = conf_take_mcast_nhs },
	{ "rate", "N", "samples a minute of each pair of addresses",
	  CONF_IN_REDIRECT, .once = CONF_ONCE_RATE, .take = conf_take_rate },
	{ "prefix", "N", "the bits that tell IPv4 addresses apart",
	  CONF_IN_REDIRECT, .once = CONF_ONCE_PREFIX, .take = conf_take_prefix },
	{ "prefix6", "N", "the bits that tell IPv6 addresses apart",
	  CONF_IN_REDIRECT, .once = CONF_ONCE_PREFIX6, .take = conf_take_prefix6 },
	{ "nhrp", "", "by its registrations",
	  CONF_IN_STATE, IFACE_FLAG(if_state) },
	{ "manual", "", "write no rules",
	  CONF_IN_FIREWALL, .take = conf_take_manual },
	{ "local", "KEY VALUE [KEY VALUE...]", "how this node proves who it is",
	  CONF_IN_PROFILE, .take = conf_take_section },
	{ "remote", "KEY VALUE [KEY VALUE...]", "how a peer has to",
	  CONF_IN_PROFILE, .take = conf_take_section },
	{ "child", "KEY VALUE [KEY VALUE...]", "how packets are encrypted",
	  CONF_IN_PROFILE, .take = conf_take_section },
	{ "psk", "SECRET", "the secret that all nodes share",
	  CONF_IN_PROFILE, .once = CONF_ONCE_PSK, .take = conf_take_psk,
	  .secret = true },
	{ "psk-file", "PATH", "a file that holds this secret",
	  CONF_IN_PROFILE, .once = CONF_ONCE_PSK, .take = conf_take_psk_file },
	{ 0 },
};
/* clang-format on */

const struct conf_word *conf_word_find(unsigned scopes, const struct conf_tok *t)
{
	for (const struct conf_word *w = conf_words; w->name; w++)
		if ((w->scope & scopes) && conf_tok_is(t, w->name))
			return w;
	return NULL;
}

#define GUESS_MAX 32 /* no word of the table is longer */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/*
 * Octets to insert, delete, replace or swap with their neighbour until the
 * words agree, letter case aside. Both are at most GUESS_MAX long.
 */
static unsigned distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned rows[3][GUESS_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *row = rows[2];

	for (unsigned j = 0; j <= nb; j++)
		last[j] = j;
	for (unsigned i = 1; i <= na; i++) {
		unsigned *spare = before;

		row[0] = i;
		for (unsigned j = 1; j <= nb; j++) {
			bool same = lower(a[i - 1]) == lower(b[j - 1]);

			row[j] = min3(last[j] + 1, row[j - 1] + 1, last[j - 1] + !same);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]) &&
			    before[j - 2] < row[j])
				row[j] = before[j - 2] + 1;
		}
		before = last;
		last = row;
		row = spare;
	}
	return last[nb];
}

unsigned conf_guess_limit(const struct conf_tok *t)
{
	return (unsigned)(t->len + 1) / 3;
}

unsigned conf_guess_distance(const struct conf_tok *t, const char *name)
{
	size_t len = strlen(name);

	if (t->len > GUESS_MAX || len > GUESS_MAX)
		return UINT_MAX;
	return distance(t->s, t->len, name, len);
}

/* One begins with the other: "auth", "authentication-key". */
static bool one_begins_other(const struct conf_tok *t, const char *name)
{
	size_t n = strlen(name), common = n < t->len ? n : t->len;

	return common >= 3 && memcmp(t->s, name, common) == 0;
}

const struct conf_word *conf_word_guess(unsigned scopes, const struct conf_tok *t)
{
	const struct conf_word *best = NULL, *begins = NULL;
	unsigned least = conf_guess_limit(t) + 1;

	if (t->len > GUESS_MAX)
		return NULL;
	for (const struct conf_word *w = conf_words; w->name; w++) {
		unsigned d;

		if (!(w->scope & scopes))
			continue;
		d = conf_guess_distance(t, w->name);
		if (d < least) {
			least = d;
			best = w;
		}
		if (!begins && one_begins_other(t, w->name))
			begins = w;
	}
	return best ? best : begins;
}

void conf_word_list(unsigned scopes, char *out, size_t cap)
{
	size_t n = 0;

	out[0] = '\0';
	for (const struct conf_word *w = conf_words; w->name && n < cap; w++)
		if (w->scope & scopes)
			n += (size_t)snprintf(out + n, cap - n, n ? " %s" : "%s",
					      w->name);
}
