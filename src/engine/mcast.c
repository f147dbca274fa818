/* SPDX-License-Identifier: MIT */
#include "mcast.h"

#include <stdlib.h>

#include <nhrp/mem.h>

static void tell(const struct iface *i, enum action_type type, const struct copy *c)
{
	struct act_copy *a = &engine_push(i->engine, type)->copy;

	a->ifindex = c->ifindex;
	a->nbma = c->nbma;
}

static struct copy *want(struct iface *i, const struct addr *nbma)
{
	struct copy *c;

	HASH_FIND(hh, i->copies, nbma, sizeof(*nbma), c);
	if (!c) {
		c = mem_new(sizeof(*c));
		c->nbma = *nbma;
		c->ifindex = i->ifindex;
		HASH_ADD(hh, i->copies, nbma, sizeof(c->nbma), c);
		tell(i, ACT_COPY_ADD, c);
	}
	c->wanted++;
	return c;
}

static void drop(struct iface *i, struct copy *c)
{
	if (--c->wanted)
		return;
	tell(i, ACT_COPY_DEL, c);
	HASH_DEL(i->copies, c);
	free(c);
}

static bool is_meant(const struct conf_mcast *m, const struct binding *b)
{
	switch (m->to) {
	case CONF_MCAST_DYNAMIC:
		/* A station's link-local address stands beside the one that counts. */
		return (b->type == BINDING_DYNAMIC || b->type == BINDING_CACHED) &&
		       !linklocal_is(&b->proto);
	case CONF_MCAST_NHS:
		/* One that does not know us would not know whose packet it is. */
		return b->station && client_serves(b->station);
	case CONF_MCAST_ADDR:
		return addr_eq(&m->addr, &b->proto);
	}
	return false;
}

static bool gets_copies(const struct binding *b)
{
	const struct conf_iface *c = b->iface->conf;

	if (!c->mcast_count || !b->in_kernel || !binding_is_up(b) ||
	    binding_why_not_led(b))
		return false;
	for (size_t n = 0; n < c->mcast_count; n++)
		if (is_meant(&c->mcasts[n], b))
			return true;
	return false;
}

void mcast_follow(struct binding *b)
{
	struct copy *was = b->copy;
	bool gets = gets_copies(b);

	if (gets && was && addr_eq(&was->nbma, &b->nbma))
		return;
	b->copy = gets ? want(b->iface, &b->nbma) : NULL;
	if (was)
		drop(b->iface, was);
}

void mcast_configure(struct iface *i)
{
	for (struct binding *b = i->bindings; b; b = b->hh.next)
		mcast_follow(b);
}

void mcast_free_all(struct iface *i)
{
	struct copy *c, *next;

	HASH_ITER (hh, i->copies, c, next) {
		HASH_DEL(i->copies, c);
		free(c);
	}
}
