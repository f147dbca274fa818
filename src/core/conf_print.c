/* SPDX-License-Identifier: MIT */
#include "conf_int.h"

#include <string.h>

#include <nhrp/text.h>

static void put_tunnel(struct text *t, const struct conf_tunnel *tun)
{
	if (!tun->wanted)
		return;
	text_put(t, "\ttunnel source %s",
		 addr_is_set(&tun->source) ? ADDR_STR(&tun->source) : tun->source_dev);
	if (tun->has_key)
		text_put(t, " key %u", tun->key);
	if (tun->ttl)
		text_put(t, " ttl %u", tun->ttl);
	if (tun->mtu)
		text_put(t, " mtu %u", tun->mtu);
	text_put(t, "\n");
}

static void put_auth(struct text *t, const struct auth_key *key, bool secrets)
{
	if (key->len == 0)
		return;
	text_put(t, "\tauthentication ");
	if (!secrets)
		text_put(t, "%s", CONF_HIDDEN);
	for (size_t n = 0; secrets && n < key->len; n++)
		text_put(t, "%c", key->bytes[n]);
	text_put(t, "\n");
}

static void put_choice(struct text *t, unsigned priority, const char *group,
		       unsigned probe_s)
{
	if (priority)
		text_put(t, " priority %u", priority);
	if (group[0])
		text_put(t, " group %s", group);
	if (probe_s)
		text_put(t, " probe %u", probe_s);
	text_put(t, "\n");
}

static void put_group(struct text *t, const struct conf_group *g)
{
	text_put(t, "\tnhs-group %s max-connections %u", g->name, g->most);
	if (g->fall_back_s != CONF_FALL_BACK_DEFAULT)
		text_put(t, " fall-back %u", g->fall_back_s);
	text_put(t, "\n");
}

static void put_map(struct text *t, const struct conf_map *m)
{
	text_put(t, "\tmap %s", ADDR_STR(&m->proto.addr));
	if (m->has_len)
		text_put(t, "/%u", m->proto.len);
	text_put(t, " %s",
		 addr_is_set(&m->nbma.addr) ? ADDR_STR(&m->nbma.addr) : m->nbma.name);
	text_put(t, "%s%s%s", m->registers ? " register" : "",
		 m->no_unique ? " no-unique" : "", m->cisco ? " cisco" : "");
	put_choice(t, m->priority, m->group, m->probe_s);
}

static void put_dynamic_map(struct text *t, const struct conf_dynamic_map *m)
{
	text_put(t, "\tdynamic-map %s %s", PREFIX_STR(&m->proto), m->name);
	put_choice(t, m->priority, m->group, m->probe_s);
}

static void put_target(struct text *t, const struct conf_target *g)
{
	text_put(t, "\tshortcut-target %s", PREFIX_STR(&g->proto));
	if (g->holding_s)
		text_put(t, " holding-time %u", g->holding_s);
	text_put(t, "\n");
}

static void put_mcast(struct text *t, const struct conf_mcast *m)
{
	switch (m->to) {
	case CONF_MCAST_DYNAMIC:
		text_put(t, "\tmulticast dynamic\n");
		break;
	case CONF_MCAST_NHS:
		text_put(t, "\tmulticast nhs\n");
		break;
	case CONF_MCAST_ADDR:
		text_put(t, "\tmulticast %s\n", ADDR_STR(&m->addr));
		break;
	}
}

static void put_prefixes(struct text *t, const struct prefix *list, size_t count)
{
	for (size_t n = 0; n < count; n++)
		text_put(t, " %s", PREFIX_STR(&list[n]));
	text_put(t, "\n");
}

/*
 * holding-time comes before any shortcut-target, which would take it for its
 * own.
 */
static void put_numbers(struct text *t, const struct conf_iface *i)
{
	if (i->holding_s != CONF_HOLDING_DEFAULT)
		text_put(t, "\tholding-time %u\n", i->holding_s);
	if (i->route_table != CONF_TABLE_MAIN)
		text_put(t, "\troute-table %u\n", i->route_table);
	if (i->max_bindings != CONF_BINDINGS_DEFAULT)
		text_put(t, "\tmax-bindings %u\n", i->max_bindings);
}

static void put_lists(struct text *t, const struct conf_iface *i)
{
	for (size_t n = 0; n < i->group_count; n++)
		put_group(t, &i->groups[n]);
	for (size_t n = 0; n < i->map_count; n++)
		put_map(t, &i->maps[n]);
	for (size_t n = 0; n < i->dynamic_map_count; n++)
		put_dynamic_map(t, &i->dynamic_maps[n]);
	for (size_t n = 0; n < i->target_count; n++)
		put_target(t, &i->targets[n]);
	for (size_t n = 0; n < i->mcast_count; n++)
		put_mcast(t, &i->mcasts[n]);
	if (i->mcast_group_count) {
		text_put(t, "\tmulticast-group");
		put_prefixes(t, i->mcast_groups, i->mcast_group_count);
	}
	for (size_t n = 0; n < i->shortcut_filter_count; n++)
		text_put(t, "\tshortcut-filter %s\n",
			 PREFIX_STR(&i->shortcut_filters[n]));
}

static void put_ipsec(struct text *t, const struct conf_iface *i)
{
	if (i->profile)
		text_put(t, "\tipsec %s\n", i->profile->name);
	for (size_t n = 0; n < i->authority_count; n++) {
		const struct conf_authority *a = &i->authorities[n];

		text_put(t, "\tauthorize ");
		conf_put_value(t, a->identity, strlen(a->identity));
		if (a->certificate)
			text_put(t, " certificate");
		put_prefixes(t, a->prefixes, a->prefix_count);
	}
	if (i->guard_count) {
		text_put(t, "\tguard");
		put_prefixes(t, i->guards, i->guard_count);
	}
}

static void put_redirect(struct text *t, const struct conf_iface *i)
{
	if (!i->redirect)
		return;
	text_put(t, "\tredirect");
	if (i->sampling.per_minute != CONF_SAMPLES_DEFAULT)
		text_put(t, " rate %u", i->sampling.per_minute);
	if (i->sampling.len4 != 32)
		text_put(t, " prefix %u", i->sampling.len4);
	if (i->sampling.len6 != 128)
		text_put(t, " prefix6 %u", i->sampling.len6);
	text_put(t, "\n");
}

static void put_flags(struct text *t, const struct conf_iface *i)
{
	text_put(t, "%s%s%s%s%s%s", i->if_state ? "\tif-state nhrp\n" : "",
		 i->host_routes ? "\thost-routes\n" : "",
		 i->shortcut ? "\tshortcut\n" : "",
		 i->answer_any ? "\tshortcut-routed\n" : "",
		 i->non_caching ? "\tnon-caching\n" : "",
		 i->shortcut_destination ? "\tshortcut-destination\n" : "");
}

static void put_iface(struct text *t, const struct conf_iface *i, bool secrets)
{
	text_put(t, "interface %s\n", i->name);
	put_tunnel(t, &i->tunnel);
	for (size_t n = 0; n < i->addr_count; n++)
		text_put(t, "\taddress %s\n", PREFIX_STR(&i->addrs[n]));
	put_ipsec(t, i);
	put_auth(t, &i->auth, secrets);
	put_numbers(t, i);
	put_lists(t, i);
	put_redirect(t, i);
	put_flags(t, i);
}

/* A group is nobody's guess where an administrator's rules name it. */
static void put_node(struct text *t, const struct conf *c)
{
	if (c->firewall_manual)
		text_put(t, "firewall manual\n");
	if (c->nflog_group != CONF_NFLOG_DEFAULT || c->firewall_manual)
		text_put(t, "nflog-group %u\n", c->nflog_group);
	if (c->mcast_nflog_group != CONF_MCAST_NFLOG ||
	    (c->firewall_manual && conf_copies_multicast(c)))
		text_put(t, "multicast-nflog-group %u\n", c->mcast_nflog_group);
	if (strcmp(c->vici, CONF_VICI_DEFAULT) != 0)
		text_put(t, "vici %s\n", c->vici);
	if (c->script[0])
		text_put(t, "script %s\n", c->script);
}

char *conf_print(const struct conf *c, bool secrets)
{
	struct text t = { 0 };

	text_put(&t, "%s", "");
	put_node(&t, c);
	for (size_t n = 0; n < c->profile_count; n++) {
		text_put(&t, t.len ? "\n" : "");
		conf_put_profile(&t, &c->profiles[n], secrets);
	}
	for (size_t n = 0; n < c->iface_count; n++) {
		text_put(&t, t.len ? "\n" : "");
		put_iface(&t, &c->ifaces[n], secrets);
	}
	return t.s;
}
