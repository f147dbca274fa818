/* SPDX-License-Identifier: MIT */
/* Statements about stations: `map`, `dynamic-map` and the groups of servers. */
#include "conf_int.h"

#include <string.h>

void conf_take_map(struct conf_parser *p)
{
	struct conf_map *m = &p->draft.map;
	struct conf_iface *i = conf_cur_iface(p);
	struct conf_src *src = conf_cur_src(p);
	struct conf_map_src at = { 0 };

	*m = (struct conf_map){ 0 };
	if (conf_arg_prefix(p, "protocol address", &m->proto, &m->has_len, &at.proto))
		conf_unicast(p, at.proto, "a map's protocol address", &m->proto.addr);
	at.nbma = p->cur.at;
	conf_arg_nbma(p, &m->nbma);
	conf_take_options(p);
	at.group = p->given[CONF_ONCE_GROUP];
	at.probe = p->given[CONF_ONCE_PROBE];
	if (!conf_may_keep(p, i->map_count, CONF_MAPS_MAX))
		return;
	CONF_APPEND(src->maps, i->map_count, at);
	CONF_APPEND(i->maps, i->map_count, *m);
	i->map_count++;
}

void conf_take_dynamic_map(struct conf_parser *p)
{
	struct conf_iface *i = conf_cur_iface(p);
	struct conf_src *src = conf_cur_src(p);
	struct conf_dynamic_map m = { 0 };
	struct conf_map_src at = { 0 };

	p->draft.map = (struct conf_map){ 0 };
	conf_arg_network(p, &m.proto, &at.proto);
	conf_arg_dns_name(p, m.name);
	conf_take_options(p);
	m.priority = p->draft.map.priority;
	m.probe_s = p->draft.map.probe_s;
	memcpy(m.group, p->draft.map.group, sizeof(m.group));
	at.group = p->given[CONF_ONCE_GROUP];
	if (!conf_may_keep(p, i->dynamic_map_count, CONF_DYNAMICS_MAX))
		return;
	CONF_APPEND(src->dynamic_maps, i->dynamic_map_count, at);
	CONF_APPEND(i->dynamic_maps, i->dynamic_map_count, m);
	i->dynamic_map_count++;
}

void conf_take_priority(struct conf_parser *p)
{
	conf_arg_u8(p, "priority", 1, UINT8_MAX, &p->draft.map.priority);
}

void conf_take_member(struct conf_parser *p)
{
	conf_arg_group(p, p->draft.map.group);
}

void conf_take_probe(struct conf_parser *p)
{
	conf_arg_u16(p, "probe", 1, CONF_PROBE_MAX, &p->draft.map.probe_s);
}

void conf_take_most(struct conf_parser *p)
{
	conf_arg_u16(p, "max-connections", 1, CONF_MOST_MAX, &p->draft.group.most);
}

void conf_take_fall_back(struct conf_parser *p)
{
	conf_arg_u16(p, "fall-back", 0, UINT16_MAX, &p->draft.group.fall_back_s);
}

void conf_take_group(struct conf_parser *p)
{
	struct conf_iface *i = conf_cur_iface(p);
	struct conf_src *src = conf_cur_src(p);

	p->draft.group = (struct conf_group){ .fall_back_s = CONF_FALL_BACK_DEFAULT };
	conf_arg_group(p, p->draft.group.name);
	conf_take_options(p);
	if (p->given[CONF_ONCE_MOST].line == 0 && !p->broken)
		conf_fault(p, p->at,
			   "'nhs-group' lacks its max-connections; write: %s %s",
			   p->word->name, p->word->args);
	if (!conf_may_keep(p, i->group_count, CONF_GROUPS_MAX))
		return;
	CONF_APPEND(src->groups, i->group_count, p->at);
	CONF_APPEND(i->groups, i->group_count, p->draft.group);
	i->group_count++;
}
