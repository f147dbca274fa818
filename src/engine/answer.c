/* SPDX-License-Identifier: MIT */
/*
 * Answering for what is behind us: the prefix that is offered, and its withdrawal
 * when the route behind it changes (RFC 2332 5.2.5, 6.3).
 *
 * Offered is a `shortcut-target`, the networks of a `shortcut-destination`, with
 * `shortcut-routed` whatever does not lead into the tunnel, or nothing. The answer
 * covers as much as is routed alike: no prefix that leads into a tunnel lies inside it.
 */
#include <stdlib.h>

#include "engine_int.h"

/* --- what is offered ---------------------------------------------------------- */

struct offer {
	struct prefix dst;
	int ifindex; /* it leads to */
	uint32_t hold_s;
};

static const struct conf_target *target_for(const struct iface *i,
					    const struct addr *dst)
{
	const struct conf_target *best = NULL;

	for (size_t k = 0; k < i->conf->target_count; k++) {
		const struct conf_target *t = &i->conf->targets[k];

		if (prefix_contains(&t->proto, dst) &&
		    (!best || t->proto.len > best->proto.len))
			best = t;
	}
	return best;
}

/* Where packets to an address go, and what else goes there by the same route. */
struct way {
	int ifindex;
	struct prefix covers;
};

/*
 * The kernel says of our own addresses that they are local, whichever device they
 * are on. One on a LAN is a host of that LAN like any other.
 */
static struct way way_to(const struct engine *e, const struct addr *dst,
			 const struct ev_lookup *route)
{
	struct way w = { route->ifindex, route->matched };

	for (const struct iface *l = e->ifaces; l; l = l->next) {
		if (route->kind != LOOKUP_LOCAL || !iface_is_lan(l) ||
		    !iface_is_active(l))
			continue;
		for (size_t k = 0; k < l->addr_count; k++) {
			if (addr_eq(&l->addrs[k].addr, dst))
				w = (struct way){ l->ifindex,
						  prefix_masked(&l->addrs[k]) };
		}
	}
	return w;
}

/* Made longer, towards the address, until no route into the tunnel is inside. */
static struct prefix uniform(const struct iface *i, const struct prefix *covers,
			     const struct addr *dst)
{
	struct prefix p = { *dst, covers->len ? covers->len : addr_host_bits(dst) };

	while (p.len < addr_host_bits(dst) && trie_has_inside(&i->others, &p))
		p.len++;
	return prefix_masked(&p);
}

static bool offered(const struct rx *rx, struct offer *o)
{
	const struct iface *i = rx->iface;
	const struct addr *dst = &rx->p->dst_proto;
	const struct conf_target *t = target_for(i, dst);
	struct way way = way_to(i->engine, dst, rx->route);
	const struct iface *out = engine_find_iface(i->engine, way.ifindex);

	o->ifindex = way.ifindex;
	o->hold_s = i->conf->holding_s;
	if (t) {
		o->dst = prefix_masked(&t->proto);
		if (t->holding_s)
			o->hold_s = t->holding_s;
		return true;
	}
	if (!i->conf->answer_any && (!out || !iface_is_lan(out)))
		return false;
	o->dst = uniform(i, &way.covers, dst);
	return true;
}

/* --- what was answered ---------------------------------------------------------- */

static void forget(struct answer *a)
{
	struct iface *i = a->iface;

	purge_forget(&a->told);
	timers_disarm(&i->engine->timers, &a->expiry);
	engine_push(i->engine, ACT_WATCH_DEL)->watch = a->dst;
	HASH_DEL(i->answers, a);
	free(a);
}

static void expired(struct timer *t, void *ctx, mono now)
{
	(void)ctx;
	(void)now;
	forget(container_of(t, struct answer, expiry));
}

static void remember(struct rx *rx, const struct offer *o)
{
	struct iface *i = rx->iface;
	struct answer *a;

	HASH_FIND(hh, i->answers, &o->dst, sizeof(o->dst), a);
	if (!a) {
		if (HASH_COUNT(i->answers) >= i->conf->max_bindings) {
			count(i, CNT_TOLD_FULL);
			return;
		}
		a = mem_new(sizeof(*a));
		a->iface = i;
		a->dst = o->dst;
		a->expiry.fire = expired;
		HASH_ADD(hh, i->answers, dst, sizeof(a->dst), a);
		engine_push(i->engine, ACT_WATCH_SET)->watch = a->dst;
	}
	a->target = rx->p->dst_proto;
	a->ifindex = o->ifindex;
	timers_arm(&i->engine->timers, &a->expiry, mono_add_s(rx->now, o->hold_s));
	purge_remember(i, &a->told, &(struct told_key){ o->dst, rx->p->src_proto },
		       o->hold_s, rx->now);
}

/* --- the request ------------------------------------------------------------------ */

void answer_request(struct rx *rx)
{
	struct iface *i = rx->iface;
	const struct addr *own =
		iface_own_addr(i, (enum addr_family)rx->p->proto_family,
			       &rx->p->src_proto);
	struct offer o;

	if (!own || rx->route->kind == LOOKUP_UNREACHABLE) {
		resolve_refuse(rx, NHRP_CODE_NO_BINDING);
		return;
	}
	if (!offered(rx, &o)) {
		resolve_refuse(rx, NHRP_CODE_PROHIBITED);
		return;
	}
	resolve_learn_requester(rx);
	remember(rx, &o);
	nat_add_own(i, rx->p, own);
	resolve_answer(rx, &(struct cie){
				   .prefix_len = o.dst.len,
				   .mtu = iface_mtu(i),
				   .hold_s = (uint16_t)o.hold_s,
				   .nbma = i->nbma,
				   .proto = *own,
				   .preference = 255,
			   });
}

/* --- the route behind it changes ------------------------------------------ */

void answer_changed(struct engine *e, const struct ev_route *ev, mono now)
{
	for (struct iface *i = e->ifaces; i; i = i->next) {
		struct lookup l = { .purpose = LOOKUP_FOR_ANSWER };
		struct answer *a;

		HASH_FIND(hh, i->answers, &ev->dst, sizeof(ev->dst), a);
		if (!a)
			continue;
		l.dst = a->target;
		l.about = a->dst;
		lookup_start(i, &l, NULL, now);
	}
}

/* Still the same way out, and still all of it? Then nobody needs to know. */
void answer_checked(struct iface *i, const struct lookup *l,
		    const struct ev_lookup *route, mono now)
{
	struct answer *a;

	HASH_FIND(hh, i->answers, &l->about, sizeof(l->about), a);
	if (!a)
		return;
	if (route->kind != LOOKUP_UNREACHABLE &&
	    way_to(i->engine, &l->dst, route).ifindex == a->ifindex &&
	    !trie_has_inside(&i->others, &a->dst))
		return;
	if (engine_may_log(i->engine, now))
		log_to(i->engine->log, LOG_LEVEL_INFO,
		       "answer %s on %s: withdrawn (the route behind it changed)",
		       PREFIX_STR(&a->dst), i->name);
	count(i, CNT_ANSWERS_WITHDRAWN);
	purge_tell(i, &a->told, now);
	forget(a);
}

void answer_end_all(struct iface *i, mono now)
{
	struct answer *a, *next;

	HASH_ITER (hh, i->answers, a, next) {
		purge_tell(i, &a->told, now);
		forget(a);
	}
}
