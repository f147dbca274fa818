/* SPDX-License-Identifier: MIT */
#include <nhrp/conf.h>

#include <stdlib.h>
#include <string.h>

void conf_free(struct conf *c)
{
	if (!c)
		return;
	for (size_t n = 0; n < c->iface_count; n++) {
		struct conf_iface *i = &c->ifaces[n];

		free(i->addrs);
		free(i->maps);
		free(i->dynamic_maps);
		free(i->targets);
		free(i->mcasts);
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

bool conf_redirects(const struct conf *c)
{
	for (size_t n = 0; n < c->iface_count; n++)
		if (c->ifaces[n].redirect)
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
	       a->priority == b->priority;
}

bool conf_dynamic_map_eq(const struct conf_dynamic_map *a,
			 const struct conf_dynamic_map *b)
{
	return prefix_eq(&a->proto, &b->proto) && strcmp(a->name, b->name) == 0;
}
