/* SPDX-License-Identifier: MIT */
/*
 * A tunnel at run time: its own addresses, whether it can be used, and the part
 * of the configuration that applies to it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nhrp/mem.h>

#include "engine_int.h"
#include "mcast.h"

#define MTU_DEFAULT 1400

/* How long after a refusal of the kernel its tables are looked at, at most twice as
 * long each time that it refuses again. */
#define LOOK_FIRST_S 5
#define LOOK_MOST_S  60

/* What is not there is written, what nobody wants removed: the tables' owners do it. */
static void look(struct iface *i)
{
	engine_push(i->engine, ACT_NEIGH_DUMP)->dump.ifindex = i->ifindex;
	engine_push(i->engine, ACT_ROUTE_DUMP)->dump.ifindex = i->ifindex;
}

static void look_again(struct timer *t, void *ctx, mono now)
{
	struct iface *i = container_of(t, struct iface, second_look);

	(void)ctx;
	i->looked = now;
	/* It begins with a look. */
	if (i->usable)
		look(i);
}

/* A full table is full for long; memory is short for a moment. */
void iface_refused(struct iface *i, mono now)
{
	bool once_more = mono_before(now, mono_add_s(i->looked, LOOK_FIRST_S));

	if (timer_armed(&i->second_look))
		return;
	i->look_s = once_more ? i->look_s * 2 : LOOK_FIRST_S;
	if (i->look_s > LOOK_MOST_S)
		i->look_s = LOOK_MOST_S;
	timers_arm(&i->engine->timers, &i->second_look, mono_add_s(now, i->look_s));
}

struct iface *iface_new(struct engine *e, const struct conf_iface *c, mono now)
{
	struct iface *i = mem_new(sizeof(*i));

	i->engine = e;
	i->conf = c;
	snprintf(i->name, sizeof(i->name), "%s", c->name);
	snprintf(i->problem, sizeof(i->problem), "there is no such device yet");
	i->errors = limit_init(10, 20);
	i->asking = limit_init(200, 400);
	i->redirects = limit_init(100, 200);
	i->since = now;
	i->looked = mono_add_s(now, -LOOK_FIRST_S);
	i->second_look.fire = look_again;
	return i;
}

void iface_free(struct iface *i)
{
	struct binding *b, *next;

	if (!i)
		return;
	request_drop_iface(i);
	timers_disarm(&i->engine->timers, &i->patience);
	timers_disarm(&i->engine->timers, &i->second_look);
	lookup_drop_iface(i);
	client_free_all(i);
	HASH_ITER (hh, i->bindings, b, next) {
		listing_pass(i->engine, b);
		HASH_DEL(i->bindings, b);
		timers_disarm(&i->engine->timers, &b->expiry);
		timers_disarm(&i->engine->timers, &b->review);
		purge_forget(&b->told);
		free(b->contest);
		free(b);
	}
	mcast_free_all(i);
	peer_free_all(i);
	shortcut_end_all(i, "removed", (mono){ 0 });
	answer_end_all(i, (mono){ 0 });
	request_drop_iface(i);
	route_free_all(i);
	purge_forget(&i->told);
	free(i);
}

/* What every registration carries: when it changes, servers are asked anew. */
static bool asks_differently(const struct conf_iface *a, const struct conf_iface *b)
{
	return a->holding_s != b->holding_s || a->auth.len != b->auth.len ||
	       memcmp(a->auth.bytes, b->auth.bytes, sizeof(a->auth.bytes)) != 0;
}

void iface_configure(struct iface *i, const struct conf_iface *c, mono now)
{
	bool again = asks_differently(i->conf, c);
	bool other_routes = i->conf->host_routes != c->host_routes;
	bool other_mode = (i->conf->profile != NULL) != (c->profile != NULL);
	bool other_profile = c->profile && i->conf->profile &&
			     !conf_profile_eq(i->conf->profile, c->profile);
	uint32_t table = i->conf->route_table;

	i->conf = c;
	i->auth_len = c->auth.len ? (uint16_t)auth_value(&c->auth, i->auth) : 0;
	if (table != c->route_table)
		route_change_table(i, table);
	if (other_routes)
		binding_reroute_all(i);
	if (other_mode) {
		binding_mode_changed(i, now);
		peer_mode_changed(i, now);
	}
	client_configure(i, c, now);
	mcast_configure(i);
	if (other_profile)
		peer_profile_changed(i, now);
	if (again || other_mode)
		client_iface_changed(i, true, now);
}

bool iface_is_secured(const struct iface *i)
{
	return i->conf->profile != NULL;
}

bool iface_is_lan(const struct iface *i)
{
	return i->conf->shortcut_destination;
}

bool iface_is_active(const struct iface *i)
{
	return iface_is_lan(i) ? i->ifindex && i->up : i->usable;
}

static bool usable(const struct iface *i)
{
	if (iface_is_lan(i))
		return false;
	return i->ifindex && i->up && addr_is_set(&i->nbma) && i->addr_count > 0;
}

static const char *why_not_usable(const struct iface *i)
{
	if (iface_is_lan(i) && i->ifindex)
		return "";
	if (!i->ifindex)
		return "there is no such device";
	if (!i->up)
		return "the device is down: ip link set up";
	if (!addr_is_set(&i->nbma))
		return "it has no NBMA address yet";
	return "it has no protocol address: ip address add, or 'address' in the "
	       "configuration";
}

static bool same_addrs(const struct iface *i, const struct ev_link *ev, size_t n)
{
	if (i->addr_count != n)
		return false;
	for (size_t k = 0; k < n; k++) {
		if (!prefix_eq(&i->addrs[k], &ev->addrs[k]))
			return false;
	}
	return true;
}

static void lost_kernel(struct iface *i)
{
	neigh_lost_kernel(i);
	route_lost_kernel(i);
}

/* Everything of ours is written again; the first time, adopted before that. */
static void begin_use(struct iface *i)
{
	look(i);
	if (!i->adopted)
		return;
	neigh_rewrite_all(i);
	route_rewrite_all(i);
}

static void take_facts(struct iface *i, const struct ev_link *ev, size_t addr_count)
{
	i->ifindex = ev->ifindex;
	i->up = ev->up;
	i->mtu = ev->mtu;
	i->gre_key = ev->gre_key;
	i->nbma = ev->nbma;
	i->addr_count = addr_count;
	for (size_t k = 0; k < addr_count; k++) {
		i->addrs[k] = ev->addrs[k];
		i->lasts[k] = prefix_last(&ev->addrs[k]);
	}
	i->usable = usable(i);
	snprintf(i->problem, sizeof(i->problem), "%s",
		 i->usable     ? ""
		 : ev->problem ? ev->problem
			       : why_not_usable(i));
}

void iface_link(struct iface *i, const struct ev_link *ev, mono now)
{
	struct engine *e = i->engine;
	size_t n = ev->addr_count < IFACE_MAX_ADDRS ? ev->addr_count : IFACE_MAX_ADDRS;
	bool was_usable = i->usable, other_device = i->ifindex != ev->ifindex;
	bool was_active = iface_is_active(i);
	bool moved = !addr_eq(&i->nbma, &ev->nbma) || !same_addrs(i, ev, n);
	bool elsewhere = iface_is_secured(i) && addr_is_set(&i->nbma) &&
			 !addr_eq(&i->nbma, &ev->nbma);
	char before[sizeof(i->problem)];

	memcpy(before, i->problem, sizeof(before));
	/* What others were told about us no longer holds. No SA is of the new address
	 * yet: who has one of the old one finds out by its end. */
	if (was_usable && elsewhere)
		purge_forget(&i->told);
	else if (was_usable && moved)
		purge_tell(i, &i->told, now);
	take_facts(i, ev, n);
	if (other_device || !i->up)
		lost_kernel(i);
	if (iface_is_active(i) && (!was_active || other_device))
		script_interface_up(i, now);
	if (i->usable && (!was_usable || other_device)) {
		i->since = now;
		log_to(e->log, LOG_LEVEL_INFO, "interface %s: up, %s at %s", i->name,
		       ADDR_STR(&i->addrs[0].addr), ADDR_STR(&i->nbma));
		begin_use(i);
	} else if (!i->usable && i->problem[0] && !(iface_is_lan(i) && i->ifindex) &&
		   (was_usable || strcmp(before, i->problem) != 0)) {
		i->since = now;
		log_to(e->log, LOG_LEVEL_WARN, "interface %s: not usable: %s", i->name,
		       i->problem);
	} else if (i->usable && moved) {
		log_to(e->log, LOG_LEVEL_INFO, "interface %s: now %s at %s", i->name,
		       ADDR_STR(&i->addrs[0].addr), ADDR_STR(&i->nbma));
	}
	if (moved) {
		binding_nbma_is_ours(i, now);
		binding_reroute_all(i);
	}
	if (elsewhere)
		peer_local_moved(i, now);
	if (was_usable != i->usable || moved || other_device)
		client_iface_changed(i, moved, now);
	if (!was_usable && i->usable)
		peer_iface_usable(i, now);
}

void iface_withdraw(struct iface *i, mono now)
{
	struct binding *b, *next;
	struct station *s;

	request_drop_iface(i);
	timers_disarm(&i->engine->timers, &i->second_look);
	carrier_free(i);
	shortcut_end_all(i, "stopped", now);
	for (s = i->stations; s; s = s->next)
		timers_disarm(&i->engine->timers, &s->timer);
	HASH_ITER (hh, i->bindings, b, next) {
		/* What others learnt of each other lives on without us. */
		purge_forget(&b->told);
		binding_end(b, REASON_STOPPED, now);
	}
	peer_hang_up_all(i);
	route_free_all(i);
}

bool iface_owns(const struct iface *i, const struct addr *proto)
{
	for (size_t k = 0; k < i->addr_count; k++) {
		if (addr_eq(&i->addrs[k].addr, proto))
			return true;
	}
	return false;
}

bool iface_is_local(const struct iface *i, const struct addr *proto)
{
	if (iface_owns(i, proto))
		return true;
	/* opennhrp registers with the subnet's broadcast address. */
	for (size_t k = 0; k < i->addr_count; k++) {
		if (i->addrs[k].len < addr_host_bits(proto) &&
		    addr_eq(&i->lasts[k], proto))
			return true;
	}
	return false;
}

bool iface_onlink(const struct iface *i, const struct addr *proto)
{
	for (size_t k = 0; k < i->addr_count; k++) {
		if (i->addrs[k].len < addr_host_bits(proto) &&
		    prefix_contains(&i->addrs[k], proto))
			return true;
	}
	return false;
}

const struct addr *iface_own_addr(const struct iface *i, enum addr_family family,
				  const struct addr *towards)
{
	const struct addr *first = NULL;

	for (size_t k = 0; k < i->addr_count; k++) {
		const struct prefix *own = &i->addrs[k];

		if (own->addr.family != family || addr_is_link_local(&own->addr))
			continue;
		if (towards && prefix_contains(own, towards))
			return &own->addr;
		if (!first)
			first = &own->addr;
	}
	return first;
}

uint16_t iface_mtu(const struct iface *i)
{
	return i->mtu > 0 && i->mtu <= UINT16_MAX ? (uint16_t)i->mtu : MTU_DEFAULT;
}
