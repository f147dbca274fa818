/* SPDX-License-Identifier: MIT */
/*
 * Names: the look-ups that stations ask for, and `dynamic-map`, where each
 * address of a name becomes a server whose protocol address its first answer
 * tells. The names themselves are resolved outside; this is the only writer of
 * look-up actions.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine_int.h"

#define RETRY_S	    10
#define AGAIN_MAX_S 3600
#define AGAIN_MIN_S 60

void name_ask(struct iface *i, const char *name)
{
	enum addr_family family = i->nbma.family == ADDR_IP6 ? ADDR_IP6 : ADDR_IP4;
	size_t len = strlen(name) + 1;

	memcpy(engine_room(i->engine, len), name, len);
	engine_push_room(i->engine, ACT_RESOLVE_NAME, len)->name.family = family;
}

bool name_listed(const struct ev_name *ev, const struct addr *a)
{
	for (size_t k = 0; k < ev->addr_count; k++) {
		if (addr_eq(&ev->addrs[k], a))
			return true;
	}
	return false;
}

/* --- dynamic-map ------------------------------------------------------------- */

static bool of_name(const struct station *s, const struct dynamic_name *n)
{
	return s->dynamic && strcmp(s->map.nbma.name, n->map.name) == 0 &&
	       prefix_eq(&s->map.proto, &n->map.proto);
}

static void name_due(struct timer *t, void *ctx, mono now)
{
	struct dynamic_name *n = container_of(t, struct dynamic_name, timer);
	struct engine *e = ctx;

	timers_arm(&e->timers, t, mono_add_s(now, (int64_t)RETRY_S * 3));
	name_ask(n->iface, n->map.name);
}

void name_iface_changed(struct iface *i, mono now)
{
	struct engine *e = i->engine;

	for (struct dynamic_name *n = i->names; n; n = n->next) {
		if (!i->usable)
			timers_disarm(&e->timers, &n->timer);
		else if (!timer_armed(&n->timer))
			name_due(&n->timer, e, now);
	}
}

static void remove_name(struct dynamic_name **at, mono now)
{
	struct dynamic_name *n = *at;
	struct station **s = &n->iface->stations;

	while (*s) {
		if (of_name(*s, n))
			client_remove(s, now);
		else
			s = &(*s)->next;
	}
	timers_disarm(&n->iface->engine->timers, &n->timer);
	*at = n->next;
	free(n);
}

static bool conf_has_name(const struct conf_iface *c, const struct dynamic_name *n)
{
	for (size_t k = 0; k < c->dynamic_map_count; k++) {
		if (conf_dynamic_map_eq(&c->dynamic_maps[k], &n->map))
			return true;
	}
	return false;
}

static bool iface_has_name(const struct iface *i, const struct conf_dynamic_map *m)
{
	for (const struct dynamic_name *n = i->names; n; n = n->next) {
		if (conf_dynamic_map_eq(&n->map, m))
			return true;
	}
	return false;
}

void name_configure(struct iface *i, const struct conf_iface *c, mono now)
{
	struct dynamic_name **at = &i->names;

	while (*at) {
		if (conf_has_name(c, *at))
			at = &(*at)->next;
		else
			remove_name(at, now);
	}
	for (size_t k = 0; k < c->dynamic_map_count; k++) {
		struct dynamic_name *n;

		if (iface_has_name(i, &c->dynamic_maps[k]))
			continue;
		n = mem_new(sizeof(*n));
		n->iface = i;
		n->map = c->dynamic_maps[k];
		n->timer.fire = name_due;
		n->since = now;
		snprintf(n->problem, sizeof(n->problem), "looking up its name");
		*at = n;
		at = &n->next;
	}
	name_iface_changed(i, now);
}

static bool has_server(struct dynamic_name *n, const struct addr *nbma)
{
	for (const struct station *s = n->iface->stations; s; s = s->next) {
		if (of_name(s, n) && addr_eq(&s->nbma, nbma))
			return true;
	}
	return false;
}

/* Each address is a server whose protocol address its first answer tells. */
static void servers_named(struct dynamic_name *n, const struct ev_name *ev, mono now)
{
	struct station **at = &n->iface->stations;
	size_t most =
		ev->addr_count < STATION_MAX_ADDRS ? ev->addr_count : STATION_MAX_ADDRS;

	while (*at) {
		if (of_name(*at, n) && !name_listed(ev, &(*at)->nbma))
			client_remove(at, now);
		else
			at = &(*at)->next;
	}
	for (size_t k = 0; k < most; k++) {
		struct conf_map map = { .proto = n->map.proto,
					.has_len = true,
					.registers = true,
					.priority = n->map.priority,
					.probe_s = n->map.probe_s };

		if (has_server(n, &ev->addrs[k]))
			continue;
		map.nbma.addr = ev->addrs[k];
		memcpy(map.group, n->map.group, sizeof(map.group));
		memcpy(map.nbma.name, n->map.name, sizeof(map.nbma.name));
		client_add(n->iface, &map, true, now);
	}
}

/* Said once, not at every try. */
static void note_problem(struct dynamic_name *n, const char *problem, mono now)
{
	if (strcmp(n->problem, problem) == 0)
		return;
	snprintf(n->problem, sizeof(n->problem), "%s", problem);
	n->since = now;
	if (problem[0])
		log_to(n->iface->engine->log, LOG_LEVEL_WARN,
		       "dynamic-map %s on %s: %s", n->map.name, n->iface->name,
		       problem);
}

static void answered(struct dynamic_name *n, const struct ev_name *ev, mono now)
{
	struct engine *e = n->iface->engine;
	int64_t again_s = RETRY_S;

	if (!n->iface->usable)
		return;
	if (ev->addr_count == 0) {
		/* A name server that fails takes no server away. */
		note_problem(n, ev->problem, now);
	} else {
		note_problem(n, "", now);
		again_s = ev->ttl_s > AGAIN_MIN_S ? ev->ttl_s : AGAIN_MIN_S;
		servers_named(n, ev, now);
	}
	if (again_s > AGAIN_MAX_S)
		again_s = AGAIN_MAX_S;
	timers_arm(&e->timers, &n->timer, mono_add_s(now, again_s));
}

void name_answered(struct iface *i, const struct ev_name *ev, mono now)
{
	for (struct dynamic_name *n = i->names; n; n = n->next) {
		if (strcmp(n->map.name, ev->name) == 0)
			answered(n, ev, now);
	}
}

void name_stop(struct iface *i)
{
	for (struct dynamic_name *n = i->names; n; n = n->next)
		timers_disarm(&i->engine->timers, &n->timer);
}

void name_free_all(struct iface *i)
{
	struct dynamic_name *n, *next;

	name_stop(i);
	for (n = i->names; n; n = next) {
		next = n->next;
		free(n);
	}
	i->names = NULL;
}
