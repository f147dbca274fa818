/* SPDX-License-Identifier: MIT */
#include "conf_int.h"

#include <assert.h>
#include <string.h>

/* One interface under examination. */
struct check {
	struct conf_parser *p;
	const struct conf_iface *i;
	const struct conf_src *src;
};

typedef bool (*same_fn)(const struct conf_iface *i, size_t a, size_t b);

/* `what` of an interface that says the same as an earlier one. */
static void check_twice(const struct check *c, const char *what, size_t count,
			same_fn same,
			const struct conf_place *(*at)(const struct conf_src *, size_t))
{
	for (size_t b = 1; b < count; b++)
		for (size_t a = 0; a < b; a++) {
			if (!same(c->i, a, b))
				continue;
			conf_fault(
				c->p, *at(c->src, b),
				"the same %s is already at line %u: keep one of them",
				what, at(c->src, a)->line);
			break;
		}
}

static bool same_addr(const struct conf_iface *i, size_t a, size_t b)
{
	return addr_eq(&i->addrs[a].addr, &i->addrs[b].addr);
}

static bool same_map(const struct conf_iface *i, size_t a, size_t b)
{
	return addr_eq(&i->maps[a].proto.addr, &i->maps[b].proto.addr);
}

static bool same_dynamic_map(const struct conf_iface *i, size_t a, size_t b)
{
	const struct conf_dynamic_map *x = &i->dynamic_maps[a];
	const struct conf_dynamic_map *y = &i->dynamic_maps[b];

	return prefix_eq(&x->proto, &y->proto) && strcmp(x->name, y->name) == 0;
}

static bool same_group(const struct conf_iface *i, size_t a, size_t b)
{
	return strcmp(i->groups[a].name, i->groups[b].name) == 0;
}

static bool same_target(const struct conf_iface *i, size_t a, size_t b)
{
	struct prefix pa = prefix_masked(&i->targets[a].proto);
	struct prefix pb = prefix_masked(&i->targets[b].proto);

	return prefix_eq(&pa, &pb);
}

static bool same_mcast(const struct conf_iface *i, size_t a, size_t b)
{
	return i->mcasts[a].to == i->mcasts[b].to &&
	       addr_eq(&i->mcasts[a].addr, &i->mcasts[b].addr);
}

static bool same_filter(const struct conf_iface *i, size_t a, size_t b)
{
	struct prefix pa = prefix_masked(&i->shortcut_filters[a]);
	struct prefix pb = prefix_masked(&i->shortcut_filters[b]);

	return prefix_eq(&pa, &pb);
}

static bool same_authority(const struct conf_iface *i, size_t a, size_t b)
{
	return strcmp(i->authorities[a].identity, i->authorities[b].identity) == 0;
}

static const struct conf_place *addr_at(const struct conf_src *s, size_t n)
{
	return &s->addrs[n];
}

static const struct conf_place *map_at(const struct conf_src *s, size_t n)
{
	return &s->maps[n].proto;
}

static const struct conf_place *dynamic_map_at(const struct conf_src *s, size_t n)
{
	return &s->dynamic_maps[n].proto;
}

static const struct conf_place *group_at(const struct conf_src *s, size_t n)
{
	return &s->groups[n];
}

static const struct conf_place *target_at(const struct conf_src *s, size_t n)
{
	return &s->targets[n];
}

static const struct conf_place *mcast_at(const struct conf_src *s, size_t n)
{
	return &s->mcasts[n];
}

static const struct conf_place *filter_at(const struct conf_src *s, size_t n)
{
	return &s->filters[n];
}

static const struct conf_place *authority_at(const struct conf_src *s, size_t n)
{
	return &s->authorities[n];
}

static void check_all_twice(const struct check *c)
{
	const struct conf_iface *i = c->i;

	check_twice(c, "address", i->addr_count, same_addr, addr_at);
	check_twice(c, "map's protocol address", i->map_count, same_map, map_at);
	check_twice(c, "dynamic-map", i->dynamic_map_count, same_dynamic_map,
		    dynamic_map_at);
	check_twice(c, "nhs-group", i->group_count, same_group, group_at);
	check_twice(c, "shortcut-target", i->target_count, same_target, target_at);
	check_twice(c, "multicast destination", i->mcast_count, same_mcast, mcast_at);
	check_twice(c, "shortcut-filter", i->shortcut_filter_count, same_filter,
		    filter_at);
	check_twice(c, "identity", i->authority_count, same_authority, authority_at);
}

/*
 * The underlay cannot be reached through the tunnel that it carries. True when
 * that was found and said.
 */
static bool check_loop(const struct check *c, struct conf_place at, const char *what,
		       const struct addr *underlay)
{
	for (size_t n = 0; n < c->i->addr_count; n++) {
		if (!prefix_contains(&c->i->addrs[n], underlay))
			continue;
		conf_fault(c->p, at,
			   "the %s %s is inside the tunnel's own prefix %s: the tunnel "
			   "would be routed into itself",
			   what, ADDR_STR(underlay), PREFIX_STR(&c->i->addrs[n]));
		return true;
	}
	return false;
}

static const char *family_str(const struct addr *a)
{
	return a->family == ADDR_IP4 ? "IPv4" : "IPv6";
}

/* The first underlay address decides what the device is; NULL: none is written. */
static const struct addr *first_underlay(const struct check *c, struct conf_place *at)
{
	*at = c->src->once[CONF_ONCE_TUNNEL];
	if (addr_is_set(&c->i->tunnel.source))
		return &c->i->tunnel.source;
	for (size_t n = 0; n < c->i->map_count; n++) {
		*at = c->src->maps[n].nbma;
		if (addr_is_set(&c->i->maps[n].nbma.addr))
			return &c->i->maps[n].nbma.addr;
	}
	return NULL;
}

static void check_underlay(const struct check *c)
{
	struct conf_place at;
	const struct addr *first = first_underlay(c, &at);

	if (first && first->family == ADDR_IP6)
		conf_diag_add(c->p->diags, CONF_WARNING, at,
			      "this version carries tunnels over IPv4 only: nothing is "
			      "sent between %s and its peers",
			      ADDR_STR(first));
}

static void check_map_family(const struct check *c, struct conf_place at,
			     const struct addr *nbma)
{
	struct conf_place first_at;
	const struct addr *first = first_underlay(c, &first_at);

	if (first->family != nbma->family)
		conf_fault(c->p, at,
			   "%s is %s, but %s of the same interface is %s: a tunnel has "
			   "one kind of NBMA address",
			   ADDR_STR(nbma), family_str(nbma), ADDR_STR(first),
			   family_str(first));
}

static void check_map_underlay(const struct check *c, size_t n)
{
	const struct conf_map *m = &c->i->maps[n];
	const struct addr *nbma = &m->nbma.addr;
	struct conf_place at = c->src->maps[n].nbma;

	if (!addr_is_set(nbma))
		return;
	check_map_family(c, at, nbma);
	if (addr_eq(nbma, &m->proto.addr))
		conf_fault(c->p, at,
			   "the NBMA address is the protocol address: write the peer's "
			   "address outside of the tunnel");
	else if (addr_eq(nbma, &c->i->tunnel.source))
		conf_fault(c->p, at,
			   "%s is this node's own tunnel source, no peer's address",
			   ADDR_STR(nbma));
	else if (!check_loop(c, at, "NBMA address", nbma) && m->has_len &&
		 m->proto.len && prefix_contains(&m->proto, nbma))
		conf_diag_add(
			c->p->diags, CONF_WARNING, at,
			"the NBMA address %s is inside the prefix of its own map, %s: "
			"is it routed into the tunnel?",
			ADDR_STR(nbma), PREFIX_STR(&m->proto));
}

static void check_maps(const struct check *c)
{
	for (size_t n = 0; n < c->i->map_count; n++) {
		const struct addr *proto = &c->i->maps[n].proto.addr;

		check_map_underlay(c, n);
		for (size_t k = 0; k < c->i->addr_count; k++)
			if (addr_eq(proto, &c->i->addrs[k].addr))
				conf_fault(
					c->p, c->src->maps[n].proto,
					"%s is this interface's own address: a map is "
					"about a peer",
					ADDR_STR(proto));
	}
}

static void check_member(const struct check *c, const char *group, struct conf_place at)
{
	if (group[0] && !conf_find_group(c->i, group))
		conf_fault(c->p, at,
			   "no group '%s' is in this interface; write: nhs-group %s "
			   "max-connections N",
			   group, group);
}

/* Nobody but a server that is registered with is one of several, or probed. */
static void check_servers(const struct check *c)
{
	for (size_t n = 0; n < c->i->map_count; n++) {
		const struct conf_map *m = &c->i->maps[n];
		const struct conf_map_src *at = &c->src->maps[n];

		check_member(c, m->group, at->group);
		if (m->group[0] && !m->registers)
			conf_fault(
				c->p, at->group,
				"'group' goes with 'register': nobody registers with "
				"%s",
				ADDR_STR(&m->proto.addr));
		if (m->probe_s && !m->registers)
			conf_fault(
				c->p, at->probe,
				"'probe' goes with 'register': nobody registers with "
				"%s",
				ADDR_STR(&m->proto.addr));
	}
	for (size_t n = 0; n < c->i->dynamic_map_count; n++)
		check_member(c, c->i->dynamic_maps[n].group,
			     c->src->dynamic_maps[n].group);
}

static void check_if_state(const struct check *c)
{
	size_t servers = c->i->dynamic_map_count;

	for (size_t n = 0; n < c->i->map_count; n++)
		servers += c->i->maps[n].registers;
	if (c->i->if_state && servers == 0)
		conf_fault(c->p, c->src->once[CONF_ONCE_STATE],
			   "without a server to register with the device would never "
			   "work: 'if-state' goes with 'register' or 'dynamic-map'");
}

#define IP6_MTU_MIN 1280 /* RFC 8200, section 5 */

static void check_tunnel(const struct check *c)
{
	const struct conf_tunnel *t = &c->i->tunnel;
	struct conf_place at = c->src->once[CONF_ONCE_TUNNEL];

	if (addr_is_set(&t->source))
		(void)check_loop(c, at, "source", &t->source);
	for (size_t n = 0; n < c->i->addr_count; n++)
		if (t->mtu && t->mtu < IP6_MTU_MIN &&
		    c->i->addrs[n].addr.family == ADDR_IP6)
			conf_fault(c->p, c->src->addrs[n],
				   "an IPv6 address needs an mtu of at least %d, the "
				   "tunnel has %u",
				   IP6_MTU_MIN, t->mtu);
}

/* The kernel tells two tunnels apart by source and key alone. */
static bool same_tunnel(const struct conf_tunnel *a, const struct conf_tunnel *b)
{
	return a->wanted && b->wanted && addr_eq(&a->source, &b->source) &&
	       strcmp(a->source_dev, b->source_dev) == 0 && a->has_key == b->has_key &&
	       a->key == b->key;
}

static void check_other_tunnels(const struct check *c)
{
	const struct conf *conf = c->p->conf;
	size_t self = (size_t)(c->i - conf->ifaces);

	for (size_t n = 0; n < self; n++)
		if (same_tunnel(&conf->ifaces[n].tunnel, &c->i->tunnel)) {
			conf_fault(c->p, c->src->once[CONF_ONCE_TUNNEL],
				   "the tunnel at line %u has the same source and key: "
				   "give each tunnel a key of its own",
				   c->p->srcs[n].once[CONF_ONCE_TUNNEL].line);
			return;
		}
}

static void check_alone(const struct check *c)
{
	if (c->src->alone.line && c->src->other_word)
		conf_fault(c->p, c->src->alone,
			   "'shortcut-destination' stands alone, in a LAN interface: "
			   "'%s' at line %u is a tunnel's; remove one of them",
			   c->src->other_word, c->src->other.line);
}

static bool has_map_of(const struct conf_iface *i, const struct addr *proto)
{
	for (size_t n = 0; n < i->map_count; n++)
		if (addr_eq(&i->maps[n].proto.addr, proto))
			return true;
	return false;
}

static void check_mcasts(const struct check *c)
{
	for (size_t n = 0; n < c->i->mcast_count; n++) {
		const struct conf_mcast *m = &c->i->mcasts[n];

		if (m->to == CONF_MCAST_ADDR && !has_map_of(c->i, &m->addr))
			conf_diag_add(
				c->p->diags, CONF_WARNING, c->src->mcasts[n],
				"no map of this interface is for %s: nothing is copied "
				"there unless it registers",
				ADDR_STR(&m->addr));
	}
}

/* Of a file in which no interface has `multicast` it says nothing. */
static void check_mcast_groups(const struct check *c)
{
	if (c->i->mcast_group_count && !c->i->mcast_count)
		conf_diag_add(c->p->diags, CONF_WARNING, c->src->mcast_groups[0],
			      "'multicast-group' without 'multicast' has nobody to "
			      "copy to: write where multicast goes as well");
}

static void check_filters(const struct check *c)
{
	if (c->i->shortcut_filter_count && !c->i->shortcut)
		conf_diag_add(c->p->diags, CONF_WARNING, c->src->filters[0],
			      "'shortcut-filter' without 'shortcut' has nothing to "
			      "filter: this interface makes no shortcuts");
}

/* A word whose packets come by rules: who writes them has to name the group. */
static void check_ruled(const struct check *c, const char *word, struct conf_place at,
			const char *group, enum conf_slot slot)
{
	if (!c->p->conf->firewall_manual) {
		if (!conf_is_plain(c->i->name))
			conf_fault(c->p, at,
				   "no firewall rule can be written for '%s': with "
				   "%s a name is of letters, digits and . _ -",
				   c->i->name, word);
	} else if (!c->p->once[slot].line) {
		conf_fault(c->p, at,
			   "which packets? With 'firewall manual' write '%s N' "
			   "as well, and a rule that logs to that group",
			   group);
	}
}

static void check_rules(const struct check *c)
{
	if (c->i->redirect)
		check_ruled(c, "redirect", c->src->once[CONF_ONCE_REDIRECT],
			    "nflog-group", CONF_ONCE_NFLOG);
	if (c->i->mcast_count)
		check_ruled(c, "multicast", c->src->mcasts[0], "multicast-nflog-group",
			    CONF_ONCE_MCAST_NFLOG);
}

/* At most one listener has a group. */
static void check_log_groups(struct conf_parser *p)
{
	const struct conf_place *at = &p->once[CONF_ONCE_MCAST_NFLOG];

	if (p->conf->nflog_group != p->conf->mcast_nflog_group)
		return;
	if (!at->line)
		at = &p->once[CONF_ONCE_NFLOG];
	conf_fault(p, *at,
		   "nflog-group and multicast-nflog-group are both %u: one group is "
		   "for one of them",
		   p->conf->nflog_group);
}

/* --- encryption */

static const struct conf_profile *profile_of(const struct check *c)
{
	const struct conf *conf = c->p->conf;

	for (size_t n = 0; n < conf->profile_count; n++)
		if (conf_tok_is(&c->src->ipsec, conf->profiles[n].name))
			return &conf->profiles[n];
	return NULL;
}

static void say_no_profile(const struct check *c)
{
	const struct conf *conf = c->p->conf;
	const struct conf_tok *t = &c->src->ipsec;
	const char *guess = NULL;
	unsigned least = conf_guess_limit(t) + 1;

	assert(conf->profile_count == 0 || conf->profiles);
	for (size_t n = 0; n < conf->profile_count; n++) {
		const struct conf_profile *profile = &conf->profiles[n];
		unsigned d = conf_guess_distance(t, profile->name);

		if (d < least && profile->name[0]) {
			least = d;
			guess = profile->name;
		}
	}
	conf_fault(c->p, t->at, "there is no 'ipsec-profile %s'%s%s%s", CONF_ECHO(t),
		   guess ? "; did you mean '" : " in this file", guess ? guess : "",
		   guess ? "'?" : "");
}

/* charon lets in whom any of its CAs knows; what gives addresses is named. */
static void check_certificate(const struct check *c, struct conf_place at)
{
	const struct conf_profile *p = c->i->profile;
	const struct conf_setting *auth = conf_find_setting(p, CONF_REMOTE, "auth");

	if (auth && strncmp(auth->values[0], "psk", 3) == 0)
		conf_fault(
			c->p, at,
			"who proves itself by a secret has no 'certificate': write "
			"prefixes, or in profile %s: remote auth pubkey cacerts FILE",
			p->name);
	else if (!conf_find_setting(p, CONF_REMOTE, "cacerts"))
		conf_fault(c->p, at,
			   "'certificate' needs to know whose address blocks count; "
			   "write in profile %s: remote cacerts FILE",
			   p->name);
}

static void check_authorities(const struct check *c)
{
	for (size_t n = 0; n < c->i->authority_count; n++) {
		if (c->i->authorities[n].certificate)
			check_certificate(c, c->src->authorities[n]);
	}
}

static void check_ipsec(const struct check *c)
{
	struct conf_iface *i = &c->p->conf->ifaces[c->i - c->p->conf->ifaces];
	struct conf_place at = c->src->ipsec.at;

	if (c->src->ipsec.len) {
		i->profile = profile_of(c);
		if (i->profile)
			check_authorities(c);
		else
			say_no_profile(c);
		if (!conf_is_plain(i->name))
			conf_fault(c->p, at,
				   "no firewall rule can be written for '%s': with "
				   "ipsec a name is of letters, digits and . _ -",
				   i->name);
	} else if (i->authority_count) {
		conf_fault(c->p, c->src->authorities[0],
			   "without 'ipsec' nobody has an identity: 'authorize' goes "
			   "with it");
	}
}

/* A guard must not cut off the tunnel's own way. */
static void check_guards(const struct check *c)
{
	for (size_t n = 0; n < c->i->map_count; n++) {
		const struct addr *nbma = &c->i->maps[n].nbma.addr;

		for (size_t k = 0; k < c->i->guard_count; k++)
			if (addr_is_set(nbma) &&
			    prefix_contains(&c->i->guards[k], nbma))
				conf_diag_add(c->p->diags, CONF_WARNING,
					      c->src->guards[k],
					      "the guard %s holds the NBMA address %s: "
					      "it can "
					      "be reached only by a route of its own",
					      PREFIX_STR(&c->i->guards[k]),
					      ADDR_STR(nbma));
	}
}

void conf_check(struct conf_parser *p)
{
	for (size_t n = 0; n < p->conf->iface_count; n++) {
		struct check c = { p, &p->conf->ifaces[n], &p->srcs[n] };

		check_alone(&c);
		check_all_twice(&c);
		check_tunnel(&c);
		check_underlay(&c);
		check_other_tunnels(&c);
		check_maps(&c);
		check_servers(&c);
		check_filters(&c);
		check_rules(&c);
		check_ipsec(&c);
		check_guards(&c);
		check_mcast_groups(&c);
		/* A map with a fault is not there to be found. */
		if (p->diags->errors == 0) {
			check_mcasts(&c);
			check_if_state(&c);
		}
	}
	check_log_groups(p);
	conf_check_profiles(p);
	if (p->conf->iface_count == 0 && p->diags->errors == 0)
		conf_diag_add(p->diags, CONF_WARNING, (struct conf_place){ 1, 1 },
			      "no interface is named: there is nothing to do");
}
