/* SPDX-License-Identifier: MIT */
#include <nhrp/conf.h>

#include <string.h>

#include <nhrp/mem.h>

/* --- lists whose order says nothing */

typedef bool (*eq_fn)(const void *a, const void *b);

struct list {
	const void *items;
	size_t count;
};

static bool list_has(struct list l, size_t size, const void *item, eq_fn eq)
{
	const char *p = l.items;

	for (size_t n = 0; n < l.count; n++, p += size)
		if (eq(p, item))
			return true;
	return false;
}

/* No item is twice in a list: conf_parse() refuses that. */
static bool list_eq(struct list a, struct list b, size_t size, eq_fn eq)
{
	const char *pa = a.items, *pb = b.items;

	if (a.count != b.count)
		return false;
	for (size_t n = 0; n < a.count; n++, pa += size, pb += size)
		if (!eq(pa, pb) && !list_has(b, size, pa, eq))
			return false;
	return true;
}

static bool eq_prefix(const void *a, const void *b)
{
	return prefix_eq(a, b);
}

static bool eq_map(const void *a, const void *b)
{
	return conf_map_eq(a, b);
}

static bool eq_dynamic_map(const void *a, const void *b)
{
	return conf_dynamic_map_eq(a, b);
}

static bool eq_group(const void *a, const void *b)
{
	const struct conf_group *x = a, *y = b;

	return strcmp(x->name, y->name) == 0 && x->most == y->most &&
	       x->fall_back_s == y->fall_back_s;
}

static bool eq_target(const void *a, const void *b)
{
	const struct conf_target *x = a, *y = b;

	return prefix_eq(&x->proto, &y->proto) && x->holding_s == y->holding_s;
}

static bool eq_mcast(const void *a, const void *b)
{
	const struct conf_mcast *x = a, *y = b;

	return x->to == y->to && addr_eq(&x->addr, &y->addr);
}

#define LIST_EQ(a, b, items, count, eq)                  \
	list_eq((struct list){ (a)->items, (a)->count }, \
		(struct list){ (b)->items, (b)->count }, sizeof(*(a)->items), eq)

/* --- parts of an interface */

typedef bool (*part_eq_fn)(const struct conf_iface *a, const struct conf_iface *b);

static bool same_tunnel(const struct conf_iface *a, const struct conf_iface *b)
{
	const struct conf_tunnel *x = &a->tunnel, *y = &b->tunnel;

	return x->wanted == y->wanted && addr_eq(&x->source, &y->source) &&
	       strcmp(x->source_dev, y->source_dev) == 0 && x->has_key == y->has_key &&
	       x->key == y->key && x->ttl == y->ttl && x->mtu == y->mtu;
}

static bool same_addrs(const struct conf_iface *a, const struct conf_iface *b)
{
	return LIST_EQ(a, b, addrs, addr_count, eq_prefix);
}

static bool same_maps(const struct conf_iface *a, const struct conf_iface *b)
{
	return LIST_EQ(a, b, maps, map_count, eq_map) &&
	       LIST_EQ(a, b, dynamic_maps, dynamic_map_count, eq_dynamic_map) &&
	       LIST_EQ(a, b, groups, group_count, eq_group);
}

static bool same_targets(const struct conf_iface *a, const struct conf_iface *b)
{
	return LIST_EQ(a, b, targets, target_count, eq_target);
}

static bool same_mcasts(const struct conf_iface *a, const struct conf_iface *b)
{
	return LIST_EQ(a, b, mcasts, mcast_count, eq_mcast) &&
	       LIST_EQ(a, b, mcast_groups, mcast_group_count, eq_prefix);
}

static bool same_holding(const struct conf_iface *a, const struct conf_iface *b)
{
	return a->holding_s == b->holding_s;
}

static bool same_table(const struct conf_iface *a, const struct conf_iface *b)
{
	return a->route_table == b->route_table;
}

static bool same_limits(const struct conf_iface *a, const struct conf_iface *b)
{
	return a->max_bindings == b->max_bindings;
}

/* Both keys are this node's own: nobody measures the comparison. */
static bool same_auth(const struct conf_iface *a, const struct conf_iface *b)
{
	return a->auth.len == b->auth.len &&
	       memcmp(a->auth.bytes, b->auth.bytes, a->auth.len) == 0;
}

static bool same_flags(const struct conf_iface *a, const struct conf_iface *b)
{
	return a->redirect == b->redirect && a->shortcut == b->shortcut &&
	       a->non_caching == b->non_caching && a->answer_any == b->answer_any &&
	       a->shortcut_destination == b->shortcut_destination &&
	       a->host_routes == b->host_routes && a->if_state == b->if_state;
}

static bool same_sampling(const struct conf_iface *a, const struct conf_iface *b)
{
	const struct conf_sampling *x = &a->sampling, *y = &b->sampling;

	return x->per_minute == y->per_minute && x->len4 == y->len4 &&
	       x->len6 == y->len6;
}

static bool same_filters(const struct conf_iface *a, const struct conf_iface *b)
{
	return LIST_EQ(a, b, shortcut_filters, shortcut_filter_count, eq_prefix);
}

static bool eq_setting(const void *a, const void *b)
{
	const struct conf_setting *x = a, *y = b;

	if (x->section != y->section || strcmp(x->key, y->key) != 0 ||
	    x->value_count != y->value_count)
		return false;
	/* The order of a list is one of preference. */
	for (size_t n = 0; n < x->value_count; n++)
		if (strcmp(x->values[n], y->values[n]) != 0)
			return false;
	return true;
}

/* Where the secret comes from says nothing. */
bool conf_profile_eq(const struct conf_profile *a, const struct conf_profile *b)
{
	return strcmp(a->name, b->name) == 0 && a->tunnel_mode == b->tunnel_mode &&
	       LIST_EQ(a, b, settings, setting_count, eq_setting) &&
	       a->psk.len == b->psk.len &&
	       memcmp(a->psk.bytes, b->psk.bytes, a->psk.len) == 0;
}

static bool same_ipsec(const struct conf_iface *a, const struct conf_iface *b)
{
	if (!a->profile || !b->profile)
		return a->profile == b->profile;
	return conf_profile_eq(a->profile, b->profile);
}

static bool eq_authority(const void *a, const void *b)
{
	const struct conf_authority *x = a, *y = b;

	return strcmp(x->identity, y->identity) == 0 &&
	       x->certificate == y->certificate &&
	       LIST_EQ(x, y, prefixes, prefix_count, eq_prefix);
}

static bool same_authorities(const struct conf_iface *a, const struct conf_iface *b)
{
	return LIST_EQ(a, b, authorities, authority_count, eq_authority);
}

static bool same_guards(const struct conf_iface *a, const struct conf_iface *b)
{
	return LIST_EQ(a, b, guards, guard_count, eq_prefix);
}

static const struct {
	enum conf_part part;
	part_eq_fn same;
} parts[] = {
	{ CONF_PART_TUNNEL, same_tunnel },
	{ CONF_PART_ADDRS, same_addrs },
	{ CONF_PART_MAPS, same_maps },
	{ CONF_PART_TARGETS, same_targets },
	{ CONF_PART_MCASTS, same_mcasts },
	{ CONF_PART_HOLDING, same_holding },
	{ CONF_PART_TABLE, same_table },
	{ CONF_PART_LIMITS, same_limits },
	{ CONF_PART_AUTH, same_auth },
	{ CONF_PART_FLAGS, same_flags },
	{ CONF_PART_SAMPLING, same_sampling },
	{ CONF_PART_FILTERS, same_filters },
	{ CONF_PART_IPSEC, same_ipsec },
	{ CONF_PART_AUTHORITIES, same_authorities },
	{ CONF_PART_GUARDS, same_guards },
};

static unsigned parts_changed(const struct conf_iface *a, const struct conf_iface *b)
{
	unsigned changed = 0;

	for (size_t n = 0; n < ARRAY_SIZE(parts); n++)
		if (!parts[n].same(a, b))
			changed |= parts[n].part;
	return changed;
}

static unsigned node_parts_changed(const struct conf *a, const struct conf *b)
{
	unsigned changed = 0;

	if (a->firewall_manual != b->firewall_manual ||
	    a->nflog_group != b->nflog_group ||
	    a->mcast_nflog_group != b->mcast_nflog_group)
		changed |= CONF_PART_FIREWALL;
	if (strcmp(a->vici, b->vici) != 0)
		changed |= CONF_PART_VICI;
	if (strcmp(a->script, b->script) != 0)
		changed |= CONF_PART_SCRIPT;
	return changed;
}

/* --- the whole */

static size_t add_removed(const struct conf *from, const struct conf *to,
			  struct conf_change *out)
{
	size_t count = 0;

	for (size_t n = 0; n < from->iface_count; n++) {
		const struct conf_iface *i = &from->ifaces[n];

		if (!conf_find_iface(to, i->name))
			out[count++] =
				(struct conf_change){ CONF_IFACE_REMOVED, 0, i, NULL };
	}
	return count;
}

static size_t add_new(const struct conf *from, const struct conf *to,
		      struct conf_change *out)
{
	size_t count = 0;

	for (size_t n = 0; n < to->iface_count; n++) {
		const struct conf_iface *i = &to->ifaces[n];
		const struct conf_iface *old = conf_find_iface(from, i->name);
		unsigned changed = old ? parts_changed(old, i) : 0;

		if (!old)
			out[count++] =
				(struct conf_change){ CONF_IFACE_ADDED, 0, NULL, i };
		else if (changed)
			out[count++] = (struct conf_change){ CONF_IFACE_CHANGED,
							     changed, old, i };
	}
	return count;
}

size_t conf_diff(const struct conf *from, const struct conf *to,
		 struct conf_change **out)
{
	size_t most = 1 + from->iface_count + to->iface_count, count;
	unsigned node = node_parts_changed(from, to);

	*out = mem_new(most * sizeof(**out));
	count = add_removed(from, to, *out);
	if (node)
		(*out)[count++] = (struct conf_change){ CONF_NODE_CHANGED, node };
	return count + add_new(from, to, *out + count);
}
