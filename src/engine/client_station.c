/* SPDX-License-Identifier: MIT */
/*
 * Which stations there are: the configuration's, their names' addresses, and their
 * entries in the binding table. How one gets on is client.c's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nhrp/mem.h>

#include "engine_int.h"

/* --- its entry in the binding table ----------------------------------------- */

struct binding *client_binding(const struct station *s)
{
	struct binding *b = binding_find(s->iface, &s->proto);

	return b && b->station == s ? b : NULL;
}

static enum binding_type entry_type(const struct station *s)
{
	return s->map.registers ? BINDING_NHS : BINDING_STATIC;
}

/* A peer that is called for no binding's sake, or none. */
void client_hold(struct station *s, bool wanted, mono now)
{
	struct peer *before = s->peer;

	s->peer = NULL;
	if (wanted && iface_is_secured(s->iface))
		s->peer = peer_hold(s->iface, &s->nbma, now);
	if (before)
		peer_unhold(before, now);
}

void client_place(struct station *s, mono now)
{
	struct binding *b;

	client_hold(s, !addr_is_set(&s->proto) && addr_is_set(&s->nbma), now);
	if (!addr_is_set(&s->proto) || !addr_is_set(&s->nbma))
		return;
	b = binding_get(s->iface, &s->proto, entry_type(s), now);
	if (!b)
		return;
	b->station = s;
	if (!b->routed && s->map.has_len)
		b->prefix_len = s->map.proto.len;
	binding_place(b, entry_type(s),
		      &(struct where){
			      .nbma = s->nbma,
			      .claimed = s->nbma,
			      .reason = "configured",
			      .dials = true,
		      },
		      now);
}

void client_unplace(struct station *s, const char *why, mono now)
{
	struct binding *b = client_binding(s);

	if (b)
		binding_end(b, why, now);
}

/* --- configuration ---------------------------------------------------------- */

bool client_withdraw_one(struct station *s, mono now)
{
	struct prefix own = prefix_host(&s->own_proto);

	if (!addr_is_set(&s->proto) || !s->iface->usable)
		return false;
	s->valid_until = now;
	purge_send(s->iface, &own, &s->proto, &s->nbma, now);
	if (addr_is_set(&s->own_beside)) {
		own = prefix_host(&s->own_beside);
		purge_send(s->iface, &own, &s->proto, &s->nbma, now);
	}
	return true;
}

static bool is_registered(const struct station *s)
{
	return client_serves(s) || s->state == CLIENT_WAITING;
}

struct station *client_add(struct iface *i, const struct conf_map *map, bool dynamic,
			   mono now)
{
	struct station *s = mem_new(sizeof(*s)), **at = &i->stations;

	while (*at)
		at = &(*at)->next;
	*at = s;
	s->iface = i;
	s->map = *map;
	s->dynamic = dynamic;
	s->since = now;
	s->rtt_us = -1;
	s->timer.fire = client_timer_fired;
	s->nbma = map->nbma.addr;
	if (!dynamic)
		s->proto = map->proto.addr;
	/* Until its group has looked at it. */
	s->benched = group_has(s);
	group_touch(s);
	snprintf(s->reason, sizeof(s->reason), "%s", i->problem);
	if (i->usable)
		client_call(s, now);
	return s;
}

void client_remove(struct station **at, mono now)
{
	struct station *s = *at;

	if (is_registered(s))
		client_withdraw_one(s, now);
	group_touch(s);
	client_unplace(s, REASON_UNCONFIGURED, now);
	client_hold(s, false, now);
	client_disarm(s);
	*at = s->next;
	free(s);
}

static bool conf_has_map(const struct conf_iface *c, const struct station *s)
{
	for (size_t k = 0; k < c->map_count; k++) {
		if (conf_map_eq(&c->maps[k], &s->map))
			return true;
	}
	return false;
}

static bool iface_has_map(const struct iface *i, const struct conf_map *m)
{
	for (const struct station *s = i->stations; s; s = s->next) {
		if (!s->dynamic && conf_map_eq(&s->map, m))
			return true;
	}
	return false;
}

static void configure_maps(struct iface *i, const struct conf_iface *c, mono now)
{
	struct station **at = &i->stations;

	while (*at) {
		if ((*at)->dynamic || conf_has_map(c, *at))
			at = &(*at)->next;
		else
			client_remove(at, now);
	}
	for (size_t k = 0; k < c->map_count; k++) {
		if (!iface_has_map(i, &c->maps[k]))
			client_add(i, &c->maps[k], false, now);
	}
}

void client_configure(struct iface *i, const struct conf_iface *c, mono now)
{
	configure_maps(i, c, now);
	name_configure(i, c, now);
	i->groups_due = true;
}

void client_free_all(struct iface *i)
{
	struct station *s, *next;

	for (s = i->stations; s; s = next) {
		next = s->next;
		client_disarm(s);
		free(s);
	}
	i->stations = NULL;
	name_free_all(i);
}

/* --- names ------------------------------------------------------------------ */

static void station_named(struct station *s, const struct ev_name *ev, mono now)
{
	size_t n =
		ev->addr_count < STATION_MAX_ADDRS ? ev->addr_count : STATION_MAX_ADDRS;

	if (n == 0) {
		client_move(s, CLIENT_EV_NAMELESS, ev->problem, now);
		return;
	}
	for (size_t k = 0; k < n; k++)
		s->choices[k] = ev->addrs[k];
	s->choice_count = n;
	s->choice = 0;
	s->name_ttl_s = ev->ttl_s;
	/* The address in use stays as long as the name has it. */
	if (addr_is_set(&s->nbma) && name_listed(ev, &s->nbma) &&
	    s->state != CLIENT_NAMING)
		return;
	s->nbma = s->choices[0];
	client_call(s, now);
}

void client_named(struct iface *i, const struct ev_name *ev, mono now)
{
	for (struct station *s = i->stations; s; s = s->next) {
		if (!s->dynamic && !addr_is_set(&s->map.nbma.addr) &&
		    strcmp(s->map.nbma.name, ev->name) == 0)
			station_named(s, ev, now);
	}
	name_answered(i, ev, now);
}

/* --- commands and stop ------------------------------------------------------ */

unsigned client_withdraw(struct iface *i, mono now)
{
	unsigned sent = 0;

	for (struct station *s = i->stations; s; s = s->next) {
		sent += is_registered(s) && client_withdraw_one(s, now);
		client_disarm(s);
	}
	name_stop(i);
	return sent;
}

unsigned client_restart(struct iface *i, const struct selector *sel, const char *why,
			mono now)
{
	unsigned restarted = 0;

	for (struct station *s = i->stations; s; s = s->next) {
		struct binding *b = client_binding(s);

		if (!i->usable || !b || !binding_matches(b, sel))
			continue;
		binding_end(b, why, now);
		client_call(s, now);
		restarted++;
	}
	return restarted;
}
