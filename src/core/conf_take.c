/* SPDX-License-Identifier: MIT */
#include "conf_int.h"

#include <stdlib.h>
#include <string.h>

#include <nhrp/mem.h>

struct conf_iface *conf_cur_iface(struct conf_parser *p)
{
	return &p->conf->ifaces[p->conf->iface_count - 1];
}

struct conf_src *conf_cur_src(struct conf_parser *p)
{
	return &p->srcs[p->conf->iface_count - 1];
}

void *conf_grow(void *list, size_t count, size_t size)
{
	if (count & (count - 1))
		return list;
	return mem_resize(list, count ? 2 * count : 1, size);
}

/* Says once an interface that there are too many of something. */
static bool has_room(struct conf_parser *p, size_t count, size_t max)
{
	struct conf_src *src = conf_cur_src(p);

	if (count < max)
		return true;
	if (!src->overfull)
		conf_fault(p, p->at, "more than %zu times '%s' in one interface", max,
			   p->word->name);
	src->overfull = true;
	return false;
}

bool conf_may_keep(struct conf_parser *p, size_t count, size_t max)
{
	return !p->broken && has_room(p, count, max);
}

/* --- the interface */

void conf_open_iface(struct conf_parser *p, const char *name, struct conf_place at)
{
	struct conf_iface i = {
		.holding_s = CONF_HOLDING_DEFAULT,
		.route_table = CONF_TABLE_MAIN,
		.max_bindings = CONF_BINDINGS_DEFAULT,
		.sampling = { CONF_SAMPLES_DEFAULT, 32, 128 },
	};
	struct conf_src src = { .name = at };
	struct conf *c = p->conf;

	memcpy(i.name, name, strlen(name) + 1);
	p->in_profile = false;
	CONF_APPEND(p->srcs, c->iface_count, src);
	CONF_APPEND(c->ifaces, c->iface_count, i);
	c->iface_count++;
}

static void refuse_second(struct conf_parser *p, const char *name, struct conf_place at)
{
	const struct conf_iface *first = conf_find_iface(p->conf, name);

	if (first)
		conf_fault(
			p, at,
			"interface '%s' is already at line %u: an interface is given "
			"once, with all its words behind it",
			name, p->srcs[first - p->conf->ifaces].name.line);
}

void conf_take_interface(struct conf_parser *p)
{
	char name[CONF_IFNAME_MAX] = "";
	struct conf_place at = p->cur.at;

	if (conf_arg_ifname(p, "name", true, name))
		refuse_second(p, name, at);
	if (p->conf->iface_count == CONF_IFACES_MAX) {
		conf_fault(p, p->at, "more than %d interfaces", CONF_IFACES_MAX);
		p->cur = (struct conf_tok){ .at = p->at };
		return;
	}
	/* What follows a name with a fault is checked all the same. */
	conf_open_iface(p, p->broken ? "" : name, at);
}

void conf_take_flag(struct conf_parser *p)
{
	char *owner = p->row->scope == CONF_IN_MAP ? (char *)&p->draft.map
						   : (char *)conf_cur_iface(p);

	*(bool *)(void *)(owner + p->row->flag) = true;
}

void conf_take_auth(struct conf_parser *p)
{
	struct auth_key *key = &conf_cur_iface(p)->auth;
	struct conf_tok t;

	if (!conf_arg_any(p, "secret", true, &t))
		return;
	/* The secret itself is in none of these. */
	if (t.len > NHRP_AUTH_KEY_MAX) {
		conf_fault(p, t.at, "the secret is longer than %d characters",
			   NHRP_AUTH_KEY_MAX);
		return;
	}
	if (!conf_is_no_placeholder(p, &t))
		return;
	if (t.s[0] == '"' || t.s[0] == '\'')
		conf_diag_add(p->diags, CONF_WARNING, t.at,
			      "the quotation mark is taken as part of the secret: "
			      "words are not quoted");
	key->len = (uint8_t)t.len;
	memcpy(key->bytes, t.s, t.len);
}

/* Below this, refreshing at a third of the time is most of what a hub does. */
#define HOLDING_SHORT_S 30

static void take_holding(struct conf_parser *p, uint16_t *out)
{
	struct conf_place at = p->cur.at;
	uint32_t v;

	if (!conf_arg_number(p, "holding-time", 1, UINT16_MAX, &v))
		return;
	if (v < HOLDING_SHORT_S)
		conf_diag_add(
			p->diags, CONF_WARNING, at,
			"a holding-time below %d s makes much traffic: servers are "
			"asked again at a third of it",
			HOLDING_SHORT_S);
	*out = (uint16_t)v;
}

void conf_take_holding(struct conf_parser *p)
{
	take_holding(p, &conf_cur_iface(p)->holding_s);
}

#define TABLE_LOCAL 255 /* the kernel's own */

void conf_take_table(struct conf_parser *p)
{
	struct conf_place at = p->cur.at;
	uint32_t v;

	if (!conf_arg_number(p, "route-table", 1, UINT32_MAX, &v))
		return;
	if (v == TABLE_LOCAL)
		conf_fault(p, at,
			   "table 255 is the kernel's own table of local addresses; "
			   "the main table is 254");
	conf_cur_iface(p)->route_table = v;
}

void conf_take_bindings(struct conf_parser *p)
{
	conf_arg_number(p, "max-bindings", 1, CONF_BINDINGS_MAX,
			&conf_cur_iface(p)->max_bindings);
}

/* ADDR/LEN is no station's when it names the subnet or all of it. */
static void refuse_subnet_addr(struct conf_parser *p, const struct prefix *a,
			       struct conf_place at)
{
	struct prefix net = prefix_masked(a);
	struct addr last = prefix_last(a);

	if (a->addr.family != ADDR_IP4 || a->len >= 31 || !addr_is_unicast(&a->addr))
		return;
	if (addr_eq(&a->addr, &net.addr))
		conf_fault(p, at, "%s is the address of the subnet itself",
			   PREFIX_STR(a));
	if (addr_eq(&a->addr, &last))
		conf_fault(p, at, "%s is the broadcast address of its subnet",
			   PREFIX_STR(a));
}

void conf_take_address(struct conf_parser *p)
{
	struct conf_iface *i = conf_cur_iface(p);
	struct conf_src *src = conf_cur_src(p);
	struct conf_place at;
	struct prefix a;
	bool has_len;

	if (!conf_arg_prefix(p, "address", &a, &has_len, &at))
		return;
	if (!has_len)
		conf_fault(p, at,
			   "the address has no prefix length; write %s/%u if it is "
			   "to have no subnet",
			   ADDR_STR(&a.addr), addr_host_bits(&a.addr));
	conf_unicast(p, at, "a device's address", &a.addr);
	refuse_subnet_addr(p, &a, at);
	if (!conf_may_keep(p, i->addr_count, CONF_ADDRS_MAX))
		return;
	CONF_APPEND(src->addrs, i->addr_count, at);
	CONF_APPEND(i->addrs, i->addr_count, a);
	i->addr_count++;
}

/* --- statements with options */

static void note_option(struct conf_parser *p)
{
	struct conf_place *first = &p->given[p->row->once];

	if (p->row->once == CONF_MANY)
		return;
	if (first->line)
		conf_fault(p, p->cur.at,
			   "'%s' is already given at %u:%u: keep one of them",
			   p->row->name, first->line, first->column);
	else
		*first = p->cur.at;
}

bool conf_take_option(struct conf_parser *p)
{
	const struct conf_word *option = conf_word_find(p->word->options, &p->cur);

	if (!option)
		return false;
	p->row = option;
	note_option(p);
	conf_advance(p);
	option->take(p);
	return true;
}

void conf_take_options(struct conf_parser *p)
{
	while (conf_take_option(p))
		;
}

void conf_take_tunnel(struct conf_parser *p)
{
	p->draft.tunnel = (struct conf_tunnel){ .wanted = true };
	conf_take_options(p);
	if (p->given[CONF_ONCE_SOURCE].line == 0 && !p->broken)
		conf_fault(p, p->at, "'tunnel' lacks its source; write: %s %s",
			   p->word->name, p->word->args);
	if (!p->broken)
		conf_cur_iface(p)->tunnel = p->draft.tunnel;
}

static void take_source_dev(struct conf_parser *p)
{
	struct conf_tunnel *t = &p->draft.tunnel;
	struct conf_place at = p->cur.at;

	if (conf_arg_ifname(p, "source", false, t->source_dev) &&
	    strcmp(t->source_dev, conf_cur_iface(p)->name) == 0)
		conf_fault(p, at,
			   "a tunnel cannot be its own source: name the device of the "
			   "underlay");
}

void conf_take_source(struct conf_parser *p)
{
	if (p->cur.len && conf_tok_is_addr_like(&p->cur))
		conf_arg_station(p, "a source", &p->draft.tunnel.source);
	else
		take_source_dev(p);
}

void conf_take_key(struct conf_parser *p)
{
	p->draft.tunnel.has_key =
		conf_arg_number(p, "key", 0, UINT32_MAX, &p->draft.tunnel.key);
}

void conf_take_ttl(struct conf_parser *p)
{
	conf_arg_u8(p, "ttl", 1, UINT8_MAX, &p->draft.tunnel.ttl);
}

void conf_take_mtu(struct conf_parser *p)
{
	conf_arg_u16(p, "mtu", CONF_TUNNEL_MTU_MIN, CONF_TUNNEL_MTU_MAX,
		     &p->draft.tunnel.mtu);
}

void conf_take_if_state(struct conf_parser *p)
{
	if (!conf_take_option(p))
		conf_fault(p, p->at, "'if-state' lacks its 'nhrp'; write: %s %s",
			   p->word->name, p->word->args);
}

void conf_take_target(struct conf_parser *p)
{
	struct conf_iface *i = conf_cur_iface(p);
	struct conf_src *src = conf_cur_src(p);
	struct conf_place at;

	p->draft.target = (struct conf_target){ 0 };
	conf_arg_network(p, &p->draft.target.proto, &at);
	/* One at most: a second one is the interface's. */
	conf_take_option(p);
	if (!conf_may_keep(p, i->target_count, CONF_TARGETS_MAX))
		return;
	CONF_APPEND(src->targets, i->target_count, at);
	CONF_APPEND(i->targets, i->target_count, p->draft.target);
	i->target_count++;
}

void conf_take_target_holding(struct conf_parser *p)
{
	if (p->prev.at.line != p->at.line)
		conf_diag_add(
			p->diags, CONF_WARNING, p->prev.at,
			"this holding-time is of the shortcut-target before it; write "
			"the interface's own above that");
	take_holding(p, &p->draft.target.holding_s);
}

void conf_take_mcast_dynamic(struct conf_parser *p)
{
	p->draft.mcast.to = CONF_MCAST_DYNAMIC;
}

void conf_take_mcast_nhs(struct conf_parser *p)
{
	p->draft.mcast.to = CONF_MCAST_NHS;
}

void conf_take_multicast(struct conf_parser *p)
{
	struct conf_iface *i = conf_cur_iface(p);
	struct conf_src *src = conf_cur_src(p);
	struct conf_place at = p->cur.at;

	p->draft.mcast = (struct conf_mcast){ 0 };
	if (!conf_take_option(p)) {
		p->draft.mcast.to = CONF_MCAST_ADDR;
		conf_arg_station(p, "a multicast destination", &p->draft.mcast.addr);
	}
	if (!conf_may_keep(p, i->mcast_count, CONF_MCASTS_MAX))
		return;
	CONF_APPEND(src->mcasts, i->mcast_count, at);
	CONF_APPEND(i->mcasts, i->mcast_count, p->draft.mcast);
	i->mcast_count++;
}

void conf_take_filter(struct conf_parser *p)
{
	struct conf_iface *i = conf_cur_iface(p);
	struct conf_src *src = conf_cur_src(p);
	struct conf_place at;
	struct prefix f;

	conf_arg_network(p, &f, &at);
	if (!conf_may_keep(p, i->shortcut_filter_count, CONF_FILTERS_MAX))
		return;
	CONF_APPEND(src->filters, i->shortcut_filter_count, at);
	CONF_APPEND(i->shortcut_filters, i->shortcut_filter_count, f);
	i->shortcut_filter_count++;
}

/* --- encryption */

/* The profile may stand further below: it is looked for in the end. */
void conf_take_ipsec(struct conf_parser *p)
{
	char name[CONF_PROFILE_MAX];
	struct conf_tok t = p->cur;

	if (conf_arg_profile(p, name))
		conf_cur_src(p)->ipsec = t;
}

static void refuse_again(struct conf_parser *p, const struct prefix *list, size_t count,
			 const struct prefix *one, struct conf_place at)
{
	struct prefix net = prefix_masked(one);

	for (size_t n = 0; n < count; n++) {
		struct prefix other = prefix_masked(&list[n]);

		if (prefix_eq(&net, &other))
			conf_fault(p, at, "%s is already in this list: write it once",
				   PREFIX_STR(&list[n]));
	}
}

typedef void take_one_fn(struct conf_parser *p, struct prefix *out,
			 struct conf_place *at);

/* What looks like an address is one more; at least one has to. */
static void take_list(struct conf_parser *p, take_one_fn *take_one,
		      struct prefix **list, size_t *count, struct conf_place **places)
{
	do {
		struct conf_place at = p->cur.at;
		struct prefix one = { .len = 0 };

		take_one(p, &one, &at);
		refuse_again(p, *list, *count, &one, at);
		if (*count == CONF_PREFIXES_MAX) {
			conf_fault(p, at, "more than %d prefixes with '%s'",
				   CONF_PREFIXES_MAX, p->word->name);
			return;
		}
		if (places)
			CONF_APPEND(*places, *count, at);
		CONF_APPEND(*list, *count, one);
		(*count)++;
	} while (p->cur.len && conf_tok_is_addr_like(&p->cur));
}

static void take_identity(struct conf_parser *p, char out[CONF_IDENTITY_MAX])
{
	struct conf_tok t;

	if (!conf_arg_value(p, "identity", &t))
		return;
	if (!conf_tok_copy(&t, out, CONF_IDENTITY_MAX))
		conf_fault(p, t.at, "the identity '%s' is longer than %d characters",
			   CONF_ECHO(&t), CONF_IDENTITY_MAX - 1);
}

static bool take_certificate(struct conf_parser *p)
{
	bool is = conf_tok_is(&p->cur, "certificate");

	if (is)
		conf_advance(p);
	return is;
}

/* In place of prefixes, before or behind them. */
void conf_take_authorize(struct conf_parser *p)
{
	struct conf_iface *i = conf_cur_iface(p);
	struct conf_src *src = conf_cur_src(p);
	struct conf_authority a = { .prefix_count = 0 };

	take_identity(p, a.identity);
	a.certificate = take_certificate(p);
	if (!a.certificate || (p->cur.len && conf_tok_is_addr_like(&p->cur)))
		take_list(p, conf_arg_network, &a.prefixes, &a.prefix_count, NULL);
	a.certificate |= !a.certificate && take_certificate(p);
	if (!conf_may_keep(p, i->authority_count, CONF_AUTHORITIES_MAX)) {
		free(a.prefixes);
		return;
	}
	CONF_APPEND(src->authorities, i->authority_count, p->at);
	CONF_APPEND(i->authorities, i->authority_count, a);
	i->authority_count++;
}

/* A list that has a fault keeps no configuration from being made: there is none. */
void conf_take_guard(struct conf_parser *p)
{
	struct conf_iface *i = conf_cur_iface(p);

	take_list(p, conf_arg_network, &i->guards, &i->guard_count,
		  &conf_cur_src(p)->guards);
}

/* --- what is copied */

/* Nothing but multicast is in it; without a length it is one group, or broadcast. */
static void take_mcast_group(struct conf_parser *p, struct prefix *out,
			     struct conf_place *at)
{
	bool has_len;
	struct prefix net;

	if (!conf_arg_prefix(p, "group", out, &has_len, at))
		return;
	net = prefix_masked(out);
	if ((!addr_is_multicast(&net.addr) ||
	     out->len < (addr_host_bits(&net.addr) == 32 ? 4 : 8)) &&
	    !addr_is_broadcast(&net.addr))
		conf_fault(p, *at,
			   "%s is no multicast group; write one of 224.0.0.0/4 or "
			   "ff00::/8, or 255.255.255.255 for broadcast",
			   PREFIX_STR(out));
}

void conf_take_mcast_groups(struct conf_parser *p)
{
	struct conf_iface *i = conf_cur_iface(p);

	take_list(p, take_mcast_group, &i->mcast_groups, &i->mcast_group_count,
		  &conf_cur_src(p)->mcast_groups);
}

/* --- sampling */

void conf_take_redirect(struct conf_parser *p)
{
	conf_cur_iface(p)->redirect = true;
	conf_take_options(p);
}

void conf_take_rate(struct conf_parser *p)
{
	conf_arg_number(p, "rate", 1, CONF_SAMPLES_MAX,
			&conf_cur_iface(p)->sampling.per_minute);
}

void conf_take_prefix(struct conf_parser *p)
{
	conf_arg_u8(p, "prefix", 1, 32, &conf_cur_iface(p)->sampling.len4);
}

void conf_take_prefix6(struct conf_parser *p)
{
	conf_arg_u8(p, "prefix6", 1, 128, &conf_cur_iface(p)->sampling.len6);
}

/* --- words of no interface */

void conf_take_firewall(struct conf_parser *p)
{
	if (!conf_take_option(p))
		conf_fault(p, p->at, "'firewall' lacks its 'manual'; write: %s %s",
			   p->word->name, p->word->args);
}

void conf_take_manual(struct conf_parser *p)
{
	p->conf->firewall_manual = true;
}

void conf_take_nflog(struct conf_parser *p)
{
	conf_arg_u16(p, "nflog-group", 1, UINT16_MAX, &p->conf->nflog_group);
}

void conf_take_mcast_nflog(struct conf_parser *p)
{
	conf_arg_u16(p, "multicast-nflog-group", 1, UINT16_MAX,
		     &p->conf->mcast_nflog_group);
}

static void take_path(struct conf_parser *p, char *out, size_t cap)
{
	struct conf_tok t;

	if (!conf_arg_any(p, "path", true, &t))
		return;
	if (t.s[0] != '/')
		conf_fault(p, t.at,
			   "'%s' is not a path from the root: it begins with /",
			   CONF_ECHO(&t));
	else if (!conf_tok_copy(&t, out, cap))
		conf_fault(p, t.at, "the path is longer than %zu characters", cap - 1);
}

void conf_take_script(struct conf_parser *p)
{
	take_path(p, p->conf->script, CONF_PATH_MAX);
}

void conf_take_vici(struct conf_parser *p)
{
	take_path(p, p->conf->vici, CONF_VICI_MAX);
}
