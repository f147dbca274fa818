/* SPDX-License-Identifier: MIT */
#include "explore.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../unit/unit.h"

#include "world_int.h"

/* --- who is there ------------------------------------------------------------------ */

static void add_site(struct play *p, bool hub, int parent)
{
	uint8_t k = (uint8_t)p->count++;
	struct site *s = &p->sites[k];
	bool hosts = p->topology == HOSTS || p->topology == TREE;

	s->hub = hub;
	s->parent = parent;
	snprintf(s->name, sizeof(s->name), "%s%d", hub ? "hub" : "spoke", k);
	snprintf(s->addr, sizeof(s->addr), "10.0.0.%d", k + 1);
	snprintf(s->prefix, sizeof(s->prefix), "10.0.0.%d/%d", k + 1, hosts ? 32 : 24);
	snprintf(s->lan, sizeof(s->lan), "192.168.%d.0/24", k + 1);
	snprintf(s->host, sizeof(s->host), "192.168.%d.10", k + 1);
	s->natted = !hub && explore_chance(p, 25);
	s->masquerade = s->natted && explore_chance(p, 50);
	if (s->natted)
		snprintf(s->nat, sizeof(s->nat), "198.51.100.%d", k + 1);
	snprintf(s->nbma, sizeof(s->nbma), "%s.%d",
		 hub	     ? "203.0.113"
		 : s->natted ? "192.168.77"
			     : "198.51.100",
		 k + 1);
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

static void add_map(struct play *p, struct site *s, int server, const char *how)
{
	const struct site *hub = &p->sites[server];

	append(s, " map %s/%d %s%s", hub->addr, p->topology == TREE ? 32 : 24,
	       p->named ? hub->name : hub->nbma, how);
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

/* The servers of this site, by the topology. */
static void add_maps(struct play *p, struct site *s)
{
	const char *how = p->seed % 3 == 0 ? " register no-unique" : " register";
	int self = (int)(s - p->sites);

	if (p->topology == TWO_REALMS && s->hub)
		add_map(p, s, !self, " register");
	else if (p->topology == TWO_HUBS && s->hub)
		append(s, " map %s/32 %s", p->sites[!self].addr,
		       p->named ? p->sites[!self].name : p->sites[!self].nbma);
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

		append(s, " authorize CN=%s %s/32 %s", o->name, o->addr, o->lan);
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

static void route_one(struct play *p, struct site *s, int to)
{
	const struct site *dst = &p->sites[to];
	int via = next_hop(p, (int)(s - p->sites), to);
	char host[24];

	if (via < 0)
		return;
	world_route_via(p->w, s->node, dst->lan, p->sites[via].addr);
	/* A station of our own has a route of nhrpd's. */
	if (p->topology != TREE || via == to)
		return;
	snprintf(host, sizeof(host), "%s/32", dst->addr);
	world_route_via(p->w, s->node, host, p->sites[via].addr);
}

void explore_route(struct play *p, struct site *s)
{
	s->routed = true;
	if (!s->hub) {
		const char *via = p->sites[s->parent].addr;

		world_route_via(p->w, s->node, "192.168.0.0/16", via);
		if (p->topology == TREE)
			world_route_via(p->w, s->node, "10.0.0.0/24", via);
		return;
	}
	for (int k = 0; k < p->count; k++) {
		if (&p->sites[k] != s)
			route_one(p, s, k);
	}
}

/* --- all of it ----------------------------------------------------------------------------- */

static void add_node(struct play *p, struct site *s)
{
	explore_words(p, s, "");
	explore_say(p, "%s: %s at %s%s%s%s, %s", s->name, s->prefix, s->nbma,
		    s->natted ? " behind " : "", s->nat,
		    s->masquerade ? " (hides)" : "", s->words);
	s->node = world_add(p->w, &(struct node_spec){ .name = s->name,
						       .nbma = s->nbma,
						       .nat = s->natted ? s->nat : NULL,
						       .addr = s->prefix,
						       .words = s->words,
						       .masquerade = s->masquerade });
	world_lan(p->w, s->node, s->lan);
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
	p->grouped = p->topology == TWO_REALMS && p->seed % 3 != 0;
	p->probed = p->seed % 2 == 0;
	explore_say(p, "topology %d, %s%s, holding time %d s%s", p->topology,
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
