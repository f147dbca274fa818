/* SPDX-License-Identifier: MIT */
/*
 * Whether a tunnel works, for whoever routes over it: `if-state nhrp` lets that
 * follow the registrations. It works as long as one server answers; without one it
 * does not, once they have had their time. Until that is known the device is left
 * as a predecessor has left it. Who goes for good sets it free.
 */
#include "engine_int.h"

#define PATIENCE_S 10 /* from the start, for the first registration */

static bool any_serves(const struct iface *i)
{
	for (const struct station *s = i->stations; s; s = s->next) {
		if (client_serves(s) || s->state == CLIENT_WAITING)
			return true;
	}
	return false;
}

static void tell(struct iface *i, enum carrier state)
{
	static const char *const news[] = {
		[CARRIER_FREE] = "its state is not ours any more",
		[CARRIER_ON] = "a server answers, it works",
		[CARRIER_OFF] = "no server answers, it does not work",
	};
	struct act_carrier *a = &engine_push(i->engine, ACT_CARRIER)->carrier;

	a->ifindex = i->ifindex;
	a->state = state;
	if (i->carrier != state)
		log_to(i->engine->log,
		       state == CARRIER_OFF ? LOG_LEVEL_WARN : LOG_LEVEL_INFO,
		       "interface %s: %s", i->name, news[state]);
	i->carrier = state;
	i->carrier_of = i->ifindex;
}

static void set(struct iface *i, enum carrier state)
{
	if (i->carrier != state || i->carrier_of != i->ifindex)
		tell(i, state);
}

static void patience_over(struct timer *t, void *ctx, mono now)
{
	(void)t;
	(void)ctx;
	(void)now; /* engine_handle() looks at all of them in the end */
}

/* One that was there a moment ago has had its time. */
static bool has_to_wait(struct iface *i, mono now)
{
	mono until = mono_add_s(i->since, PATIENCE_S);

	if (i->carrier != CARRIER_FREE && i->carrier_of == i->ifindex)
		return false;
	if (!mono_before(now, until))
		return false;
	i->patience.fire = patience_over;
	timers_arm(&i->engine->timers, &i->patience, until);
	return true;
}

void carrier_review(struct iface *i, mono now)
{
	if (!i->conf->if_state)
		carrier_free(i);
	else if (!i->usable || i->engine->stopping)
		i->carrier_of = 0; /* down and up again, it may have forgotten */
	else if (any_serves(i))
		set(i, CARRIER_ON);
	else if (!has_to_wait(i, now))
		set(i, CARRIER_OFF);
}

void carrier_free(struct iface *i)
{
	if (i->carrier != CARRIER_FREE && i->ifindex)
		tell(i, CARRIER_FREE);
	i->carrier = CARRIER_FREE;
}
