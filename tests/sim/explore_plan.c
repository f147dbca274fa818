/* SPDX-License-Identifier: MIT */
#include "explore.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../unit/unit.h"

#include "world_int.h"

/* --- who is there ------------------------------------------------------------------ */

static bool has_hosts(const struct play *p)
{
	return p->topology == HOSTS || p->topology == TREE;
}

static void fill_net(struct net *n, int k, bool is6, bool hosts)
{
	static const struct {
		const char *addr, *lan, *lan_end, *host_end;
		int subnet, bits;
	} texts[] = {
		{ "10.0.0.", "192.168.", ".0/24", ".10", 24, 32 },
		{ "fd00::", "fd01:0:0:", "::/64", "::10", 64, 128 },
	};
	const char *lan = texts[is6].lan;
	int bits = texts[is6].bits;
	char addr[sizeof(n->addr)];

	snprintf(addr, sizeof(addr), "%s%d", texts[is6].addr, k);
	memcpy(n->addr, addr, sizeof(addr));
	snprintf(n->lan, sizeof(n->lan), "%s%d%s", lan, k, texts[is6].lan_end);
	snprintf(n->host, sizeof(n->host), "%s%d%s", lan, k, texts[is6].host_end);
	snprintf(n->host_route, sizeof(n->host_route), "%s/%d", addr, bits);
	snprintf(n->prefix, sizeof(n->prefix), "%s/%d", addr,
		 hosts ? bits : texts[is6].subnet);
}

void explore_outside(const struct play *p, unsigned net, unsigned at, char *out,
		     size_t room)
{
	static const char *const nets4[] = { "203.0.113", "198.51.100", "192.0.2" };

	if (p->underlay6)
		snprintf(out, room, "2001:db8:%u::%u", net + 1, at);
	else
		snprintf(out, room, "%s.%u", nets4[net], at);
}

static void add_site(struct play *p, bool hub, int parent)
{
	uint8_t k = (uint8_t)p->count++;
	struct site *s = &p->sites[k];

	s->hub = hub;
	s->parent = parent;
	snprintf(s->name, sizeof(s->name), "%s%d", hub ? "hub" : "spoke", k);
	for (int net = 0; net < p->nets; net++)
		fill_net(&s->nets[net], k + 1, p->is6[net], has_hosts(p));
	if (p->nets > 1)
		memcpy(s->beside, s->nets[1].prefix, sizeof(s->beside));
	else if (p->link_local)
		snprintf(s->beside, sizeof(s->beside), "fe80::%d/64", k + 1);
	s->natted = !hub && !p->underlay6 && explore_chance(p, 25);
	s->masquerade = s->natted && explore_chance(p, 50);
	explore_outside(p, hub ? 0 : 1, k + 1u, s->nbma, sizeof(s->nbma));
	if (!s->natted)
		return;
	memcpy(s->nat, s->nbma, sizeof(s->nat));
	snprintf(s->nbma, sizeof(s->nbma), "192.168.77.%d", k + 1);
}

/* Hubs have addresses that are known from the beginning. */
static void add_sites(struct play *p)
{
	int spokes = 2 + (int)rng_below(&p->rng, 3);

	p->hubs = p->topology == STAR || p->topology == HOSTS ? 1
		  : p->topology == TREE			      ? 3
							      : 2;
	for (int k = 0; k < p->hubs; k++)
		add_site(p, true, k == 0 ? -1 : 0);
	for (int k = 0; k < spokes; k++) {
		int parent = 0;

		if (p->topology == TREE)
			parent = 1 + k % 2;
		else if (p->topology == TWO_REALMS)
			parent = k % 2;
		add_site(p, false, parent);
	}
}

/* --- what it is configured with ------------------------------------------------------- */

static void append(struct site *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void append(struct site *s, const char *fmt, ...)
{
	size_t used = strlen(s->words);
	va_list args;

	va_start(args, fmt);
	vsnprintf(s->words + used, sizeof(s->words) - used, fmt, args);
	va_end(args);
}

static int map_len(const struct play *p, bool is6)
{
	if (p->topology == TREE)
		return is6 ? 128 : 32;
	return is6 ? 64 : 24;
}

static void add_map(struct play *p, struct site *s, int server, const char *how)
{
	const struct site *hub = &p->sites[server];

	for (int net = 0; net < p->nets; net++) {
		const struct net *n = &hub->nets[net];

		append(s, " map %s/%d %s%s", n->addr, map_len(p, p->is6[net]),
		       p->named ? hub->name : hub->nbma, how);
	}
}

/* Behind the map of its own hub: the words go on. */
static void add_group(struct play *p, struct site *s)
{
	const char *probe = p->probed ? " probe 2" : "";
	char how[64];

	append(s, " priority 10 group hubs%s", probe);
	snprintf(how, sizeof(how), " register priority 20 group hubs%s", probe);
	add_map(p, s, !s->parent, how);
	append(s, " nhs-group hubs max-connections 1 fall-back 5");
}

/* One hub knows the other one. */
static void add_static(struct play *p, struct site *s, const struct site *other)
{
	for (int net = 0; net < p->nets; net++)
		append(s, " map %s %s", other->nets[net].host_route,
		       p->named ? other->name : other->nbma);
}

/* The servers of this site, by the topology. */
static void add_maps(struct play *p, struct site *s)
{
	const char *how = p->seed % 3 == 0 ? " register no-unique" : " register";
	int self = (int)(s - p->sites);

	if (p->topology == TWO_REALMS && s->hub)
		add_map(p, s, !self, " register");
	else if (p->topology == TWO_HUBS && s->hub)
		add_static(p, s, &p->sites[!self]);
	else if (s->parent >= 0)
		add_map(p, s, s->parent, how);
	if (p->grouped && !s->hub)
		add_group(p, s);
	if (p->topology == TWO_HUBS && !s->hub)
		add_map(p, s, 1, " register priority 20");
}

/* Who may be what, and have which network behind it. */
static void add_rules(struct play *p, struct site *s)
{
	for (int k = 0; k < p->count; k++) {
		const struct site *o = &p->sites[k];

		append(s, " authorize CN=%s", o->name);
		for (int net = 0; net < p->nets; net++)
			append(s, " %s %s", o->nets[net].host_route, o->nets[net].lan);
		if (p->link_local)
			append(s, " fe80::%d/128", k + 1);
	}
}

void explore_words(struct play *p, struct site *s, const char *more)
{
	s->words[0] = '\0';
	if (!strstr(more, "holding-time"))
		append(s, "holding-time %d", p->holding_s);
	add_maps(p, s);
	if (s->hub)
		append(s, " redirect%s", p->seed % 4 == 2 ? " host-routes" : "");
	if (!s->hub || p->topology == TREE)
		append(s, " shortcut");
	if (p->seed % 4 == 1)
		append(s, " authentication k3y");
	if (p->seed % 2)
		append(s,
		       s->hub ? " multicast dynamic multicast nhs" : " multicast nhs");
	if (p->secret)
		append(s, " ipsec lab");
	if (p->ruled)
		add_rules(p, s);
	append(s, "%s", more);
	if (p->scripted)
		append(s, " script /site/hook");
}

/* --- who routes what ------------------------------------------------------------------- */

static bool is_below(const struct play *p, int site, int hub)
{
	for (int at = p->sites[site].parent; at >= 0; at = p->sites[at].parent) {
		if (at == hub)
			return true;
	}
	return false;
}

/* The next hop from a hub to another site: down the tree, or up. */
static int next_hop(const struct play *p, int from, int to)
{
	int at = to;

	if (!is_below(p, to, from))
		return p->topology == TWO_REALMS && !p->sites[to].hub
			       ? p->sites[to].parent
			       : p->sites[from].parent;
	while (p->sites[at].parent != from)
		at = p->sites[at].parent;
	return at;
}

static void route_one(struct play *p, struct site *s, int to, int net)
{
	const struct net *dst = &p->sites[to].nets[net];
	int via = next_hop(p, (int)(s - p->sites), to);

	if (via < 0)
		return;
	world_route_via(p->w, s->node, dst->lan, p->sites[via].nets[net].addr);
	/* A station of our own has a route of nhrpd's. */
	if (p->topology == TREE && via != to)
		world_route_via(p->w, s->node, dst->host_route,
				p->sites[via].nets[net].addr);
}

/* All of what is behind others, by way of its hub. */
static void route_up(struct play *p, struct site *s, int net)
{
	const char *via = p->sites[s->parent].nets[net].addr;
	bool is6 = p->is6[net];

	world_route_via(p->w, s->node, is6 ? "fd01::/16" : "192.168.0.0/16", via);
	if (p->topology == TREE)
		world_route_via(p->w, s->node, is6 ? "fd00::/64" : "10.0.0.0/24", via);
}

void explore_route(struct play *p, struct site *s)
{
	s->routed = true;
	for (int net = 0; net < p->nets; net++) {
		if (!s->hub)
			route_up(p, s, net);
		for (int k = 0; k < p->count && s->hub; k++) {
			if (&p->sites[k] != s)
				route_one(p, s, k, net);
		}
	}
}

/* --- all of it ----------------------------------------------------------------------------- */

static void add_node(struct play *p, struct site *s)
{
	explore_words(p, s, "");
	explore_say(p, "%s: %s%s%s at %s%s%s%s, %s", s->name, s->nets[0].prefix,
		    s->beside[0] ? " and " : "", s->beside, s->nbma,
		    s->natted ? " behind " : "", s->nat,
		    s->masquerade ? " (hides)" : "", s->words);
	s->node = world_add(p->w, &(struct node_spec){
					  .name = s->name,
					  .nbma = s->nbma,
					  .nat = s->natted ? s->nat : NULL,
					  .addr = s->nets[0].prefix,
					  .beside = s->beside[0] ? s->beside : NULL,
					  .words = s->words,
					  .masquerade = s->masquerade });
	for (int net = 0; net < p->nets; net++)
		world_lan(p->w, s->node, s->nets[net].lan);
}

/* Half of all worlds are of IPv4 alone, a sixth has both. */
static void choose_families(struct play *p)
{
	p->nets = explore_chance(p, 17) ? 2 : 1;
	p->is6[0] = p->nets == 1 && explore_chance(p, 33);
	p->is6[1] = true;
	p->link_local = p->is6[0] && explore_chance(p, 50);
	p->underlay6 = explore_chance(p, 25);
}

void explore_plan(struct play *p)
{
	static const int holds[] = { 60, 90, 120 };

	p->topology = (enum topology)rng_below(&p->rng, TOPOLOGIES);
	p->secret = explore_chance(p, 50);
	p->ruled = p->secret && explore_chance(p, 40);
	p->scripted = explore_chance(p, 20);
	p->named = explore_chance(p, 30);
	p->holding_s = holds[rng_below(&p->rng, 3)];
	choose_families(p);
	p->grouped = p->topology == TWO_REALMS && p->seed % 3 != 0 && p->nets == 1;
	p->probed = p->seed % 2 == 0;
	explore_say(p, "topology %d, %s%s over %s, %s%s, holding time %d s%s",
		    p->topology, p->is6[0] ? "IPv6" : "IPv4",
		    p->nets > 1 ? " and IPv6" : "", p->underlay6 ? "IPv6" : "IPv4",
		    p->secret ? "encrypted" : "in clear", p->ruled ? " by rules" : "",
		    p->holding_s, p->grouped ? ", in a group" : "");
	add_sites(p);
	world_ike_dpd(p->w);
	p->w->name_ttl_s = 60;
	if (explore_chance(p, 50))
		world_slow_dumps(p->w, 50);
	if (explore_chance(p, 50))
		world_slow_names(p->w, 8000);
	for (int k = 0; k < p->hubs && explore_chance(p, 80); k++)
		world_name(p->w, p->sites[k].name, p->sites[k].nbma);
	for (int k = 0; k < p->count; k++)
		add_node(p, &p->sites[k]);
	for (int k = 0; k < p->count; k++)
		explore_route(p, &p->sites[k]);
}

/* --- what kinds there are -------------------------------------------------------------------- */

static bool is_ip4(const struct play *p)
{
	return p->nets == 1 && !p->is6[0];
}

static bool is_ip6(const struct play *p)
{
	return p->is6[0];
}

static bool has_both(const struct play *p)
{
	return p->nets > 1;
}

static bool is_over6(const struct play *p)
{
	return p->underlay6;
}

static bool is_encrypted(const struct play *p)
{
	return p->secret;
}

static bool is_ruled(const struct play *p)
{
	return p->ruled;
}

static bool has_key(const struct play *p)
{
	return p->seed % 4 == 1;
}

static const struct {
	const char *name;
	bool (*holds)(const struct play *p);
} kinds[] = {
	{ "of IPv4", is_ip4 },	       { "of IPv6", is_ip6 },
	{ "of both", has_both },       { "over IPv6", is_over6 },
	{ "encrypted", is_encrypted }, { "with rules", is_ruled },
	{ "with a key", has_key },
};

const char *explore_kind_name(size_t k)
{
	return k < ARRAY_SIZE(kinds) ? kinds[k].name : NULL;
}

bool explore_is_kind(const struct play *p, size_t k)
{
	return kinds[k].holds(p);
}
