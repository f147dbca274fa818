/* SPDX-License-Identifier: MIT */
/*
 * A unique address claimed from a second NBMA address (RFC 2332 5.2.3).
 *
 * The newcomer is refused with NAK 14: the address may have two owners by
 * mistake. But it may also be the same station, whose provider gave it another
 * address, and then the rule of the RFC locks it out until the holding time is
 * over. So the holder is asked, by a Resolution Request for the address to where
 * it registered from. An answer keeps it; silence makes room for the newcomer's next
 * try, and so does whoever is there now and knows of no such station.
 */
#include <stdlib.h>

#include <nhrp/mem.h>

#include "engine_int.h"

/* A holder that answered is not asked again for so long. */
#define SETTLED_S 30

void contest_start(struct binding *b, const struct addr *claimant, mono now)
{
	struct contest *c = b->contest;
	struct request *r;

	if (c && (mono_is_never(c->settled) ||
		  mono_before(now, mono_add_s(c->settled, SETTLED_S))))
		return;
	r = request_new(b->iface, REQUEST_VERIFY, &b->proto, now);
	if (!r)
		return;
	if (!c)
		c = b->contest = mem_new(sizeof(*c));
	c->claimant = *claimant;
	c->settled = MONO_NEVER;
	r->to_nbma = b->nbma;
	if (engine_may_log(b->iface->engine, now))
		log_to(b->iface->engine->log, LOG_LEVEL_WARN,
		       "binding %s on %s: at %s, also claimed by %s: asking the holder",
		       ADDR_STR(&b->proto), b->iface->name, ADDR_STR(&b->nbma),
		       ADDR_STR(claimant));
	request_send(r, now);
}

static struct binding *contested(struct request *r)
{
	struct binding *b = binding_find(r->iface, &r->target);

	return b && b->contest && addr_eq(&b->nbma, &r->to_nbma) ? b : NULL;
}

void contest_answered(struct request *r, mono now)
{
	struct binding *b = contested(r);

	if (!b)
		return;
	b->contest->settled = now;
	if (engine_may_log(r->iface->engine, now))
		log_to(r->iface->engine->log, LOG_LEVEL_WARN,
		       "binding %s on %s: its holder at %s answers; %s stays refused: "
		       "two stations use one address",
		       ADDR_STR(&b->proto), r->iface->name, ADDR_STR(&b->nbma),
		       ADDR_STR(&b->contest->claimant));
}

void contest_unanswered(struct request *r, const char *why, mono now)
{
	struct binding *b = contested(r);

	if (!b)
		return;
	if (engine_may_log(r->iface->engine, now))
		log_to(r->iface->engine->log, LOG_LEVEL_INFO,
		       "binding %s on %s: %s %s: the next registration may take it "
		       "over",
		       ADDR_STR(&b->proto), r->iface->name, why, ADDR_STR(&b->nbma));
	b->unique = false;
	free(b->contest);
	b->contest = NULL;
}
