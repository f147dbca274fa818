/* SPDX-License-Identifier: MIT */
/*
 * The kernel's neighbour table, an output of the bindings, and this file its only
 * writer: what stands there of each of them, what a predecessor left there, and what
 * the kernel says of it.
 */
#include "engine_int.h"
#include "mcast.h"

/* --- what is written -------------------------------------------------------- */

static void del(struct iface *i, const struct addr *proto)
{
	struct act_neigh *a = &engine_push(i->engine, ACT_NEIGH_DEL)->neigh;

	a->ifindex = i->ifindex;
	a->proto = *proto;
}

/* Otherwise packets wait in the kernel: for an answer, the script, or an SA. */
static bool belongs_there(const struct binding *b)
{
	return b->type != BINDING_INCOMPLETE && !b->held && !binding_why_not_led(b);
}

/* What the kernel has of it from now on; what goes there at all goes with it. */
static void stands(struct binding *b, bool in_kernel, bool asking)
{
	b->in_kernel = in_kernel;
	b->asking = asking;
	mcast_follow(b);
}

/* Before the predecessor's entries are known nothing is written over them. */
static void set(struct binding *b, bool ask_use)
{
	struct iface *i = b->iface;
	struct act_neigh *a;

	if (!belongs_there(b) || !i->usable || !i->adopted)
		return;
	a = &engine_push(i->engine, ACT_NEIGH_SET)->neigh;
	a->ifindex = i->ifindex;
	a->proto = b->proto;
	a->ask_use = ask_use;
	if (binding_is_up(b))
		a->nbma = b->nbma;
	b->error = 0;
	stands(b, true, ask_use);
}

void neigh_set(struct binding *b)
{
	set(b, false);
}

/* To ask again would make the kernel begin again to wait for a packet. */
void neigh_ask(struct binding *b)
{
	if (!b->asking)
		set(b, true);
}

void neigh_ask_via(struct binding *b)
{
	b->via_asked = true;
	neigh_ask(b);
}

void neigh_strip(struct binding *b)
{
	/* What was to be replaced may still stand. */
	if ((b->in_kernel || b->error) && b->iface->ifindex)
		del(b->iface, &b->proto);
	b->error = 0;
	stands(b, false, false);
}

void neigh_rewrite_all(struct iface *i)
{
	for (struct binding *b = i->bindings; b; b = b->hh.next) {
		neigh_set(b);
		binding_reroute(b);
	}
}

void neigh_lost_kernel(struct iface *i)
{
	for (struct binding *b = i->bindings; b; b = b->hh.next)
		stands(b, false, false);
}

/* --- what a predecessor left ------------------------------------------------ */

/* With our number, but in no state file: keep it for a while. */
static void adopt(struct iface *i, const struct ev_neigh *ev, mono now)
{
	enum binding_type type = i->stations ? BINDING_CACHED : BINDING_DYNAMIC;
	struct binding *b = NULL;

	if (addr_is_set(&ev->nbma) && !addr_eq(&ev->nbma, &i->nbma))
		b = binding_get(i, &ev->proto, type, now);
	if (!b) {
		del(i, &ev->proto);
		return;
	}
	b->in_kernel = b->seen = true;
	if (iface_is_secured(i))
		peer_believe(peer_get(i, &ev->nbma, now), now);
	binding_place(b, type,
		      &(struct where){
			      .nbma = ev->nbma,
			      .claimed = ev->nbma,
			      .hold_s = i->conf->holding_s,
			      .reason = "adopted from the kernel",
			      .in_use = true,
		      },
		      now);
}

static void dump_row(struct iface *i, const struct ev_neigh *ev, mono now)
{
	struct binding *b = binding_find(i, &ev->proto);
	bool same = b && b->type != BINDING_INCOMPLETE && addr_eq(&b->nbma, &ev->nbma);

	if (same) {
		b->seen = true;
		stands(b, true, b->asking);
		if (b->peer)
			peer_believe(b->peer, now);
		/* charon has answered before the kernel, and has no SA to it. */
		if (b->peer && !peer_is_secured(b->peer))
			neigh_strip(b);
		binding_reroute(b);
	} else if (!b && !i->adopted) {
		adopt(i, ev, now);
	} else if (!b || !belongs_there(b)) {
		/* Nobody's, or of a place where it is no more; else it is replaced. */
		del(i, &ev->proto);
	}
}

static void dump_end(struct iface *i)
{
	bool first = !i->adopted;

	i->adopted = true;
	for (struct binding *b = i->bindings; b; b = b->hh.next) {
		if (!b->seen)
			neigh_set(b);
		b->seen = false;
	}
	if (first)
		route_write_waiting(i);
}

/* --- what the kernel says --------------------------------------------------- */

/* An entry in use is confirmed; a cached one in its last half is renewed. */
static void probed(struct binding *b, mono now)
{
	b->used_at = now;
	peer_traffic(b, now);
	neigh_set(b);
	if (b->via_asked)
		b->via_asked = !shortcut_via_used(b->iface, &b->proto, now);
	if (b->type == BINDING_CACHED && b->asked)
		b->asked = !resolve_start(b->iface, &b->proto, now);
}

static void refused(struct iface *i, struct binding *b, const struct ev_neigh *ev,
		    mono now)
{
	count(i, CNT_NEIGH_REFUSED);
	iface_refused(i, now);
	if (b && !ev->removed) {
		stands(b, false, false);
		b->error = (uint16_t)ev->error;
	}
	if (engine_may_log(i->engine, now))
		log_to(i->engine->log, LOG_LEVEL_ERROR,
		       "interface %s: the kernel refused %sthe neighbour %s (error "
		       "%d): %s",
		       i->name, ev->removed ? "to remove " : "", ADDR_STR(&ev->proto),
		       ev->error,
		       ev->removed ? "packets still go there"
				   : "packets to it will not pass");
}

void neigh_told(struct iface *i, const struct ev_neigh *ev, mono now)
{
	struct binding *b = binding_find(i, &ev->proto);

	switch (ev->fact) {
	case NEIGH_MISS:
	case NEIGH_PROBE:
		if (b && binding_is_up(b))
			probed(b, now);
		else
			resolve_miss(i, &ev->proto, now);
		break;
	case NEIGH_GONE:
		/* The kernel may collect a failed entry; a miss brings it back. */
		if (b && binding_is_up(b))
			neigh_set(b);
		break;
	case NEIGH_FAILED:
		refused(i, b, ev, now);
		break;
	case NEIGH_SEEN:
		dump_row(i, ev, now);
		break;
	case NEIGH_DUMP_END:
		dump_end(i);
		break;
	}
}
