/* SPDX-License-Identifier: MIT */
#include "conf_int.h"

#include <stdlib.h>
#include <string.h>

static void free_profile(struct conf_profile *p)
{
	for (size_t n = 0; n < p->setting_count; n++) {
		for (size_t k = 0; k < p->settings[n].value_count; k++)
			free(p->settings[n].values[k]);
		free(p->settings[n].values);
	}
	free(p->settings);
}

void conf_free(struct conf *c)
{
	if (!c)
		return;
	for (size_t n = 0; n < c->profile_count; n++)
		free_profile(&c->profiles[n]);
	free(c->profiles);
	for (size_t n = 0; n < c->iface_count; n++) {
		struct conf_iface *i = &c->ifaces[n];

		for (size_t k = 0; k < i->authority_count; k++)
			free(i->authorities[k].prefixes);
		free(i->authorities);
		free(i->guards);
		free(i->addrs);
		free(i->maps);
		free(i->dynamic_maps);
		free(i->groups);
		free(i->targets);
		free(i->mcasts);
		free(i->mcast_groups);
		free(i->shortcut_filters);
	}
	free(c->ifaces);
	free(c);
}

const struct conf_iface *conf_find_iface(const struct conf *c, const char *name)
{
	for (size_t n = 0; n < c->iface_count; n++)
		if (strcmp(c->ifaces[n].name, name) == 0)
			return &c->ifaces[n];
	return NULL;
}

const struct conf_profile *conf_find_profile(const struct conf *c, const char *name)
{
	for (size_t n = 0; n < c->profile_count; n++)
		if (strcmp(c->profiles[n].name, name) == 0)
			return &c->profiles[n];
	return NULL;
}

const struct conf_group *conf_find_group(const struct conf_iface *i, const char *name)
{
	for (size_t n = 0; n < i->group_count; n++)
		if (strcmp(i->groups[n].name, name) == 0)
			return &i->groups[n];
	return NULL;
}

const struct conf_setting *conf_find_setting(const struct conf_profile *p,
					     enum conf_section section, const char *key)
{
	for (size_t n = 0; n < p->setting_count; n++)
		if (p->settings[n].section == section &&
		    strcmp(p->settings[n].key, key) == 0)
			return &p->settings[n];
	return NULL;
}

/* After a `*` the first place where the rest goes on is as good as any other. */
bool conf_identity_matches(const char *pattern, const char *identity)
{
	const char *star = NULL, *from = identity;

	while (*identity) {
		if (*pattern == '*') {
			star = pattern++;
			from = identity;
		} else if (*pattern == *identity) {
			pattern++;
			identity++;
		} else if (star) {
			pattern = star + 1;
			identity = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

bool conf_is_plain(const char *name)
{
	for (; *name; name++)
		if ((*name < 'a' || *name > 'z') && (*name < 'A' || *name > 'Z') &&
		    (*name < '0' || *name > '9') && !strchr("._-", *name))
			return false;
	return true;
}

bool conf_redirects(const struct conf *c)
{
	for (size_t n = 0; n < c->iface_count; n++)
		if (c->ifaces[n].redirect)
			return true;
	return false;
}

bool conf_copies_multicast(const struct conf *c)
{
	for (size_t n = 0; n < c->iface_count; n++)
		if (c->ifaces[n].mcast_count)
			return true;
	return false;
}

/* What routers say to each other on one link; a stream is in none of these. */
bool conf_mcast_group(const struct conf_iface *i, size_t n, struct prefix *out)
{
	static const struct prefix control[] = {
		{ { ADDR_IP4, { 224 } }, 24 },
		{ { ADDR_IP6, { 0xff, 0x02 } }, 16 },
	};

	if (n < ARRAY_SIZE(control))
		*out = control[n];
	else if (n - ARRAY_SIZE(control) < i->mcast_group_count)
		*out = i->mcast_groups[n - ARRAY_SIZE(control)];
	else
		return false;
	return true;
}

bool conf_copies_group(const struct conf_iface *i, const struct addr *group)
{
	bool broadcast = !addr_is_multicast(group);
	struct prefix p;

	for (size_t n = 0; conf_mcast_group(i, n, &p); n++)
		if (broadcast ? addr_is_broadcast(&p.addr) : prefix_contains(&p, group))
			return true;
	return false;
}

/* Two ways to write one address are the same station. */
static bool nbma_eq(const struct conf_nbma *a, const struct conf_nbma *b)
{
	if (!addr_eq(&a->addr, &b->addr))
		return false;
	return addr_is_set(&a->addr) || strcmp(a->name, b->name) == 0;
}

bool conf_map_eq(const struct conf_map *a, const struct conf_map *b)
{
	return prefix_eq(&a->proto, &b->proto) && a->has_len == b->has_len &&
	       nbma_eq(&a->nbma, &b->nbma) && a->registers == b->registers &&
	       a->no_unique == b->no_unique && a->cisco == b->cisco &&
	       a->priority == b->priority && a->probe_s == b->probe_s &&
	       strcmp(a->group, b->group) == 0;
}

bool conf_dynamic_map_eq(const struct conf_dynamic_map *a,
			 const struct conf_dynamic_map *b)
{
	return prefix_eq(&a->proto, &b->proto) && strcmp(a->name, b->name) == 0 &&
	       a->priority == b->priority && a->probe_s == b->probe_s &&
	       strcmp(a->group, b->group) == 0;
}
