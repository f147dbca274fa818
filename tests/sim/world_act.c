/* SPDX-License-Identifier: MIT */
/* What each engine wants done, and what comes of it. */
#include "world_int.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"

static const char *reason_of(struct node *n, const struct addr *proto)
{
	const struct binding *b = NULL;

	for (struct iface *i = n->engine->ifaces; i && !b; i = i->next)
		b = binding_find(i, proto);
	return b ? b->reason : "";
}

bool world_was_adopted(const struct node *n, const struct addr *proto)
{
	for (size_t k = 0; k < n->adopted_count; k++) {
		if (addr_eq(&n->adopted[k], proto))
			return true;
	}
	return false;
}

static void forget_adopted(struct node *n, const struct addr *proto)
{
	for (size_t k = 0; k < n->adopted_count; k++) {
		if (addr_eq(&n->adopted[k], proto))
			n->adopted[k--] = n->adopted[--n->adopted_count];
	}
}

/* One that was restored is what it was before. */
static void note_adopted(struct node *n, const struct addr *proto)
{
	const char *reason = reason_of(n, proto);

	if (strcmp(reason, "restored after a restart") == 0)
		return;
	forget_adopted(n, proto);
	if (strcmp(reason, "adopted from the kernel") == 0 &&
	    n->adopted_count < ARRAY_SIZE(n->adopted))
		n->adopted[n->adopted_count++] = *proto;
}

static void put_slot(struct node *n, const struct act_state *a, bool used)
{
	if (a->slot >= n->slot_count) {
		size_t room = (a->slot + 1) * 2;

		n->slots = mem_resize(n->slots, room, sizeof(*n->slots));
		memset(n->slots + n->slot_count, 0,
		       (room - n->slot_count) * sizeof(*n->slots));
		n->slot_count = room;
	}
	n->slots[a->slot].used = used;
	n->slots[a->slot].b = a->binding;
	if (used)
		note_adopted(n, &a->binding.proto.addr);
}

static void stopped(struct node *n)
{
	timers_disarm(&n->w->timers, &n->tick);
	world_end_scripts(n);
	n->stopping = true;
}

static void watch(struct node *n, const struct prefix *p)
{
	assert_true(n->watched_count < ARRAY_SIZE(n->watched));
	n->watched[n->watched_count++] = *p;
}

static void unwatch(struct node *n, const struct prefix *p)
{
	for (size_t k = 0; k < n->watched_count; k++) {
		if (!prefix_eq(&n->watched[k], p))
			continue;
		n->watched[k] = n->watched[--n->watched_count];
		return;
	}
	fail_msg("%s stops to watch what it does not watch", n->name);
}

/* A kernel that takes its time answers in order, once it does. */
static void hold_lookup(struct node *n, const struct act_lookup *a)
{
	n->held = mem_resize(n->held, n->held_count + 1, sizeof(*n->held));
	n->held[n->held_count++] = *a;
}

static void answer_lookup(struct node *n, const struct act_lookup *a)
{
	struct verdict v = world_route_of(n, &a->dst);
	struct event ev = { EV_LOOKUP,
			    .lookup = { .token = a->token,
					.kind = v.kind,
					.ifindex = world_verdict_ifindex(n, &v),
					.gateway = v.gateway,
					.matched = v.matched,
					.ours = v.ours } };

	if (n->holds_lookups)
		hold_lookup(n, a);
	else
		world_handle(n, &ev);
}

void world_hold_lookups(struct world *w, int node, bool hold)
{
	struct node *n = world_node(w, node);

	n->holds_lookups = hold;
	if (hold)
		return;
	world_begin(n);
	for (size_t k = 0; k < n->held_count; k++)
		answer_lookup(n, &n->held[k]);
	n->held_count = 0;
	world_end(n);
}

/*
 * What leads there waits: the next packet is a miss, and that is answered. Or its SA
 * is gone, and nothing can pass anyhow.
 */
static bool is_waited_for(struct node *n, const struct addr *proto)
{
	const struct neigh *k = world_neigh(n, proto);

	for (struct iface *i = n->engine->ifaces; i; i = i->next) {
		const struct binding *b = binding_find(i, proto);

		if (k && addr_is_set(&k->nbma) && !peer_carries(i, &k->nbma))
			return true;
		if (b && binding_is_placed(b) &&
		    (b->held || (b->peer && !peer_is_secured(b->peer))))
			return true;
	}
	return false;
}

/*
 * Packets that a route leads to a neighbour that goes are lost: the route has to go
 * before. One to more than this station may stay.
 */
static void check_unled(struct node *n, const struct addr *proto)
{
	struct prefix host = prefix_host(proto);

	/* A predecessor's route is not known before it was dumped; one may not have
	 * been removed. */
	if (is_waited_for(n, proto) || n->dumping[1] || world_is_unsettled(n))
		return;
	for (size_t k = 0; k < ARRAY_SIZE(n->routes); k++) {
		const struct kroute *r = &n->routes[k];

		if (r->used && (addr_is_set(&r->gateway) ? addr_eq(&r->gateway, proto)
							 : prefix_eq(&r->dst, &host)))
			fail_msg("seed %llu: %s removes the neighbour %s, and the "
				 "route %s still leads to it",
				 (unsigned long long)n->w->seed, n->name,
				 ADDR_STR(proto), PREFIX_STR(&r->dst));
	}
}

/* What the kernel says of a write to a device that is not there, or down. */
static int device_error(const struct node *n, int ifindex)
{
	if (!n->device || ifindex != n->ifindex)
		return ENODEV;
	return n->up ? 0 : ENETDOWN;
}

static bool is_on_link(const struct prefix *own, const struct addr *a)
{
	return addr_is_set(&own->addr) && own->len < addr_host_bits(a) &&
	       prefix_contains(own, a);
}

static bool is_routed_on_link(const struct node *n, const struct addr *a)
{
	for (size_t k = 0; k < ARRAY_SIZE(n->routes); k++) {
		const struct kroute *r = &n->routes[k];

		if (r->used && !addr_is_set(&r->gateway) && prefix_contains(&r->dst, a))
			return true;
	}
	return false;
}

/* A gateway has to be on the link: in its subnet, or by a route of ours. */
static int route_error(struct node *n, const struct act_route *a)
{
	int error = device_error(n, a->ifindex);

	if (error || !addr_is_set(&a->gateway))
		return error;
	if (is_on_link(&n->addr, &a->gateway) || is_on_link(&n->beside, &a->gateway))
		return 0;
	return is_routed_on_link(n, &a->gateway) ? 0 : ENETUNREACH;
}

static int any_refusal(struct node *n, const int *errors, size_t count)
{
	struct rng *rng = &n->w->rng;

	if (!n->refuses || rng_below(rng, 100) >= n->refuses)
		return 0;
	return errors[rng_below(rng, (uint32_t)count)];
}

static int neigh_refusal(struct node *n)
{
	static const int errors[] = { ENOBUFS, ENOMEM, EEXIST, EINVAL };

	return any_refusal(n, errors, ARRAY_SIZE(errors));
}

static int route_refusal(struct node *n)
{
	static const int errors[] = { ENOBUFS, ENOMEM, EEXIST, EINVAL, ENETUNREACH };

	return any_refusal(n, errors, ARRAY_SIZE(errors));
}

static void refuse(struct node *n, struct later *later, const struct event *ev)
{
	world_unsettle(n);
	assert_true(later->refusal_count < ARRAY_SIZE(later->refusals));
	later->refusals[later->refusal_count++] = *ev;
}

static void write_neigh(struct node *n, const struct act_neigh *a, struct later *later)
{
	int error = device_error(n, a->ifindex);

	if (!addr_is_set(&a->nbma))
		check_unled(n, &a->proto);
	if (!error)
		error = neigh_refusal(n);
	if (!error)
		world_set_neigh(n, a);
	else
		refuse(n, later,
		       &(struct event){ EV_NEIGH, .neigh = { .fact = NEIGH_FAILED,
							     .ifindex = a->ifindex,
							     .proto = a->proto,
							     .error = error } });
}

static void del_neigh(struct node *n, const struct act_neigh *a, struct later *later)
{
	int error = world_neigh(n, &a->proto) ? neigh_refusal(n) : 0;

	check_unled(n, &a->proto);
	if (!error)
		world_del_neigh(n, &a->proto);
	else
		refuse(n, later,
		       &(struct event){ EV_NEIGH, .neigh = { .fact = NEIGH_FAILED,
							     .ifindex = a->ifindex,
							     .proto = a->proto,
							     .error = error,
							     .removed = true } });
}

static void write_route(struct node *n, const struct act_route *a, struct later *later)
{
	int error = route_error(n, a);

	if (!error)
		error = route_refusal(n);
	if (!error)
		world_set_route(n, a);
	else
		refuse(n, later,
		       &(struct event){ EV_ROUTE, .route = { .fact = ROUTE_FAILED,
							     .ifindex = a->ifindex,
							     .dst = a->dst,
							     .gateway = a->gateway,
							     .error = error } });
}

static void del_route(struct node *n, const struct act_route *a, struct later *later)
{
	struct kroute *r = world_route_in(n, &a->dst, a->table);
	int error = r ? route_refusal(n) : 0;

	if (error)
		refuse(n, later,
		       &(struct event){ EV_ROUTE, .route = { .fact = ROUTE_FAILED,
							     .ifindex = a->ifindex,
							     .dst = a->dst,
							     .gateway = a->gateway,
							     .error = error,
							     .removed = true } });
	else if (r)
		r->used = false;
}

void world_act(struct node *n, const struct action *a, struct later *later)
{
	n->acted++;
	switch (a->type) {
	case ACT_SEND:
		world_send(n, &a->send);
		break;
	case ACT_NEIGH_SET:
		write_neigh(n, &a->neigh, later);
		break;
	case ACT_NEIGH_DEL:
		del_neigh(n, &a->neigh, later);
		break;
	case ACT_NEIGH_DUMP:
		later->neighs = true;
		break;
	case ACT_ROUTE_SET:
		write_route(n, &a->route, later);
		break;
	case ACT_ROUTE_DEL:
		del_route(n, &a->route, later);
		break;
	case ACT_ROUTE_DUMP:
		later->routes = true;
		break;
	case ACT_WATCH_SET:
		watch(n, &a->watch);
		break;
	case ACT_WATCH_DEL:
		unwatch(n, &a->watch);
		break;
	case ACT_LOOKUP:
		assert_true(later->lookup_count < ARRAY_SIZE(later->lookups));
		later->lookups[later->lookup_count++] = a->lookup;
		break;
	case ACT_RESOLVE_NAME:
		later->families[later->name_count] = a->name.family;
		snprintf(later->names[later->name_count++], sizeof(later->names[0]),
			 "%s", a->name.name);
		break;
	case ACT_COPY_ADD:
		world_copy_add(n, &a->copy);
		break;
	case ACT_COPY_DEL:
		world_copy_del(n, &a->copy);
		break;
	case ACT_HOOK:
		world_run_script(n, &a->hook);
		break;
	case ACT_SA:
		assert_true(later->sa_count < ARRAY_SIZE(later->sas));
		later->sas[later->sa_count++] = a->sa;
		break;
	case ACT_CARRIER:
		assert_int_equal(a->carrier.ifindex, n->ifindex);
		n->carrier = a->carrier.state;
		break;
	case ACT_STATE_PUT:
		put_slot(n, &a->state, true);
		break;
	case ACT_STATE_DEL:
		put_slot(n, &a->state, false);
		break;
	case ACT_ANSWER:
		n->w->answer = a->answer;
		break;
	case ACT_STOPPED:
		stopped(n);
		break;
	}
}

/* What waited until the queue was empty; two sockets: which of them is read first
 * is not for us to say. */
void world_act_later(struct node *n, const struct later *later)
{
	for (size_t k = 0; k < later->refusal_count; k++)
		world_handle(n, &later->refusals[k]);
	for (size_t k = 0; k < later->sa_count; k++)
		world_ike_act(n, &later->sas[k]);
	if (later->routes)
		world_dump_routes(n);
	if (later->neighs)
		world_dump_neighs(n);
	for (size_t k = 0; k < later->lookup_count; k++)
		answer_lookup(n, &later->lookups[k]);
	for (size_t k = 0; k < later->name_count; k++)
		world_ask_name(n, later->names[k], later->families[k]);
}
