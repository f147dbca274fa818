/* SPDX-License-Identifier: MIT */
/*
 * How a station of the configuration gets on, and with `register` the client that
 * keeps this node registered. Which stations there are is client_station.c's.
 *
 *	 DOWN --usable--> NAMING --address--> ASKING --ack--> UP
 *	   ^		  (names only)	       ^ |	       | refresh is due
 *	   |				       | nak	       v
 *	   +--- not usable, from anywhere      | v	   REFRESHING --ack--> UP
 *				     timer: REFUSED <--nak--'  |
 *					       ASKING <--------' holding time over
 *
 * An interface or address that changed asks anew from any state but DOWN.
 *
 * Of a group (group.c), and only there, a server may be left alone, and one that
 * failed has to wait when it answers again:
 *
 *	any state --benched--> STANDBY --called--> as from DOWN
 *	ASKING --back--> WAITING --ack: due, or needed now--> UP
 *	  ^		    | silent
 *	  +-----------------+
 *
 * A server is silent when as many requests in a row as a group, or a `probe`, gives
 * it are unanswered: it is not used any more, long before its holding time is over.
 */
#include <stdio.h>

#include "engine_int.h"
#include "mcast.h"

#define REFUSED_FIRST_MS 2400 /* a contested address takes the server 2 s */
#define REFUSED_MAX_MS	 64000
#define NAME_RETRY_S	 10
#define NAME_AGAIN_MIN_S 60
#define SECURING_SLOW_MS 7000 /* as long as a server of a group may be silent */
/* One that waits for its place is asked so often. */
#define LOOK_AFTER_MIN_MS 1000
#define LOOK_AFTER_MAX_MS 10000

typedef void step_fn(struct station *s, mono now);

static step_fn ignore, look_up, look_up_later, secure, pin, settle, wait_refused,
	go_down, bench, wait_turn, look_after;

struct step {
	enum client_state next;
	step_fn *act;
};

/* clang-format off */
static const struct step table[CLIENT_STATES][CLIENT_EVENTS] = {
	[CLIENT_DOWN] = {
		[CLIENT_EV_LOOKUP]   = { CLIENT_NAMING,     look_up },
		[CLIENT_EV_READY]    = { CLIENT_ASKING,     client_ask_first },
		[CLIENT_EV_PINNED]   = { CLIENT_UP,         pin },
		[CLIENT_EV_CLEAR]    = { CLIENT_SECURING,   secure },
		[CLIENT_EV_LOST]     = { CLIENT_DOWN,       ignore },
		[CLIENT_EV_NAMELESS] = { CLIENT_DOWN,       ignore },
		[CLIENT_EV_ACK]      = { CLIENT_DOWN,       ignore },
		[CLIENT_EV_NAK]      = { CLIENT_DOWN,       ignore },
		[CLIENT_EV_TIMER]    = { CLIENT_DOWN,       ignore },
		[CLIENT_EV_LAPSED]   = { CLIENT_DOWN,       ignore },
		[CLIENT_EV_BENCHED]  = { CLIENT_STANDBY,    bench },
		[CLIENT_EV_BACK]     = { CLIENT_DOWN,       ignore },
		[CLIENT_EV_SILENT]   = { CLIENT_DOWN,       ignore },
	},
	[CLIENT_NAMING] = {
		[CLIENT_EV_LOOKUP]   = { CLIENT_NAMING,     look_up },
		[CLIENT_EV_READY]    = { CLIENT_ASKING,     client_ask_first },
		[CLIENT_EV_PINNED]   = { CLIENT_UP,         pin },
		[CLIENT_EV_CLEAR]    = { CLIENT_SECURING,   secure },
		[CLIENT_EV_LOST]     = { CLIENT_DOWN,       go_down },
		[CLIENT_EV_NAMELESS] = { CLIENT_NAMING,     look_up_later },
		[CLIENT_EV_ACK]      = { CLIENT_NAMING,     ignore },
		[CLIENT_EV_NAK]      = { CLIENT_NAMING,     ignore },
		[CLIENT_EV_TIMER]    = { CLIENT_NAMING,     look_up },
		[CLIENT_EV_LAPSED]   = { CLIENT_NAMING,     ignore },
		[CLIENT_EV_BENCHED]  = { CLIENT_STANDBY,    bench },
		[CLIENT_EV_BACK]     = { CLIENT_NAMING,     ignore },
		[CLIENT_EV_SILENT]   = { CLIENT_NAMING,     ignore },
	},
	[CLIENT_SECURING] = {
		[CLIENT_EV_LOOKUP]   = { CLIENT_NAMING,     look_up },
		[CLIENT_EV_READY]    = { CLIENT_ASKING,     client_ask_first },
		[CLIENT_EV_PINNED]   = { CLIENT_UP,         pin },
		[CLIENT_EV_CLEAR]    = { CLIENT_SECURING,   secure },
		[CLIENT_EV_LOST]     = { CLIENT_DOWN,       go_down },
		[CLIENT_EV_NAMELESS] = { CLIENT_SECURING,   ignore },
		[CLIENT_EV_ACK]      = { CLIENT_SECURING,   ignore },
		[CLIENT_EV_NAK]      = { CLIENT_REFUSED,    wait_refused },
		[CLIENT_EV_TIMER]    = { CLIENT_SECURING,   ignore },
		[CLIENT_EV_LAPSED]   = { CLIENT_SECURING,   ignore },
		[CLIENT_EV_BENCHED]  = { CLIENT_STANDBY,    bench },
		[CLIENT_EV_BACK]     = { CLIENT_SECURING,   ignore },
		[CLIENT_EV_SILENT]   = { CLIENT_SECURING,   ignore },
	},
	[CLIENT_ASKING] = {
		[CLIENT_EV_LOOKUP]   = { CLIENT_NAMING,     look_up },
		[CLIENT_EV_READY]    = { CLIENT_ASKING,     client_ask_first },
		[CLIENT_EV_PINNED]   = { CLIENT_UP,         pin },
		[CLIENT_EV_CLEAR]    = { CLIENT_SECURING,   secure },
		[CLIENT_EV_LOST]     = { CLIENT_DOWN,       go_down },
		[CLIENT_EV_NAMELESS] = { CLIENT_ASKING,     ignore },
		[CLIENT_EV_ACK]      = { CLIENT_UP,         settle },
		[CLIENT_EV_NAK]      = { CLIENT_REFUSED,    wait_refused },
		[CLIENT_EV_TIMER]    = { CLIENT_ASKING,     client_ask },
		[CLIENT_EV_LAPSED]   = { CLIENT_ASKING,     client_ask },
		[CLIENT_EV_BENCHED]  = { CLIENT_STANDBY,    bench },
		[CLIENT_EV_BACK]     = { CLIENT_WAITING,    wait_turn },
		[CLIENT_EV_SILENT]   = { CLIENT_ASKING,     client_ask },
	},
	[CLIENT_UP] = {
		[CLIENT_EV_LOOKUP]   = { CLIENT_NAMING,     look_up },
		[CLIENT_EV_READY]    = { CLIENT_ASKING,     client_ask_first },
		[CLIENT_EV_PINNED]   = { CLIENT_UP,         pin },
		[CLIENT_EV_CLEAR]    = { CLIENT_SECURING,   secure },
		[CLIENT_EV_LOST]     = { CLIENT_DOWN,       go_down },
		[CLIENT_EV_NAMELESS] = { CLIENT_UP,         ignore },
		[CLIENT_EV_ACK]      = { CLIENT_UP,         ignore },
		[CLIENT_EV_NAK]      = { CLIENT_REFUSED,    wait_refused },
		[CLIENT_EV_TIMER]    = { CLIENT_REFRESHING, client_ask_first },
		[CLIENT_EV_LAPSED]   = { CLIENT_ASKING,     client_ask_first },
		[CLIENT_EV_BENCHED]  = { CLIENT_STANDBY,    bench },
		[CLIENT_EV_BACK]     = { CLIENT_UP,         ignore },
		[CLIENT_EV_SILENT]   = { CLIENT_UP,         ignore },
	},
	[CLIENT_REFRESHING] = {
		[CLIENT_EV_LOOKUP]   = { CLIENT_NAMING,     look_up },
		[CLIENT_EV_READY]    = { CLIENT_ASKING,     client_ask_first },
		[CLIENT_EV_PINNED]   = { CLIENT_UP,         pin },
		[CLIENT_EV_CLEAR]    = { CLIENT_SECURING,   secure },
		[CLIENT_EV_LOST]     = { CLIENT_DOWN,       go_down },
		[CLIENT_EV_NAMELESS] = { CLIENT_REFRESHING, ignore },
		[CLIENT_EV_ACK]      = { CLIENT_UP,         settle },
		[CLIENT_EV_NAK]      = { CLIENT_REFUSED,    wait_refused },
		[CLIENT_EV_TIMER]    = { CLIENT_REFRESHING, client_ask },
		[CLIENT_EV_LAPSED]   = { CLIENT_ASKING,     client_ask },
		[CLIENT_EV_BENCHED]  = { CLIENT_STANDBY,    bench },
		[CLIENT_EV_BACK]     = { CLIENT_WAITING,    wait_turn },
		[CLIENT_EV_SILENT]   = { CLIENT_ASKING,     client_ask_first },
	},
	[CLIENT_REFUSED] = {
		[CLIENT_EV_LOOKUP]   = { CLIENT_NAMING,     look_up },
		[CLIENT_EV_READY]    = { CLIENT_ASKING,     client_ask_first },
		[CLIENT_EV_PINNED]   = { CLIENT_UP,         pin },
		[CLIENT_EV_CLEAR]    = { CLIENT_SECURING,   secure },
		[CLIENT_EV_LOST]     = { CLIENT_DOWN,       go_down },
		[CLIENT_EV_NAMELESS] = { CLIENT_REFUSED,    ignore },
		[CLIENT_EV_ACK]      = { CLIENT_UP,         settle },
		[CLIENT_EV_NAK]      = { CLIENT_REFUSED,    ignore },
		[CLIENT_EV_TIMER]    = { CLIENT_ASKING,     client_ask_first },
		[CLIENT_EV_LAPSED]   = { CLIENT_ASKING,     client_ask_first },
		[CLIENT_EV_BENCHED]  = { CLIENT_STANDBY,    bench },
		[CLIENT_EV_BACK]     = { CLIENT_WAITING,    wait_turn },
		[CLIENT_EV_SILENT]   = { CLIENT_REFUSED,    ignore },
	},
	[CLIENT_STANDBY] = {
		[CLIENT_EV_LOOKUP]   = { CLIENT_NAMING,     look_up },
		[CLIENT_EV_READY]    = { CLIENT_ASKING,     client_ask_first },
		[CLIENT_EV_PINNED]   = { CLIENT_UP,         pin },
		[CLIENT_EV_CLEAR]    = { CLIENT_SECURING,   secure },
		[CLIENT_EV_LOST]     = { CLIENT_DOWN,       go_down },
		[CLIENT_EV_NAMELESS] = { CLIENT_STANDBY,    ignore },
		[CLIENT_EV_ACK]      = { CLIENT_STANDBY,    ignore },
		[CLIENT_EV_NAK]      = { CLIENT_STANDBY,    ignore },
		[CLIENT_EV_TIMER]    = { CLIENT_STANDBY,    ignore },
		[CLIENT_EV_LAPSED]   = { CLIENT_STANDBY,    ignore },
		[CLIENT_EV_BENCHED]  = { CLIENT_STANDBY,    ignore },
		[CLIENT_EV_BACK]     = { CLIENT_STANDBY,    ignore },
		[CLIENT_EV_SILENT]   = { CLIENT_STANDBY,    ignore },
	},
	[CLIENT_WAITING] = {
		[CLIENT_EV_LOOKUP]   = { CLIENT_NAMING,     look_up },
		[CLIENT_EV_READY]    = { CLIENT_ASKING,     client_ask_first },
		[CLIENT_EV_PINNED]   = { CLIENT_UP,         pin },
		[CLIENT_EV_CLEAR]    = { CLIENT_SECURING,   secure },
		[CLIENT_EV_LOST]     = { CLIENT_DOWN,       go_down },
		[CLIENT_EV_NAMELESS] = { CLIENT_WAITING,    ignore },
		[CLIENT_EV_ACK]      = { CLIENT_UP,         settle },
		[CLIENT_EV_NAK]      = { CLIENT_REFUSED,    wait_refused },
		[CLIENT_EV_TIMER]    = { CLIENT_WAITING,    look_after },
		[CLIENT_EV_LAPSED]   = { CLIENT_ASKING,     client_ask_first },
		[CLIENT_EV_BENCHED]  = { CLIENT_STANDBY,    bench },
		[CLIENT_EV_BACK]     = { CLIENT_WAITING,    wait_turn },
		[CLIENT_EV_SILENT]   = { CLIENT_ASKING,     client_ask_first },
	},
};
/* clang-format on */

const char *client_state_str(enum client_state s)
{
	static const char *const names[CLIENT_STATES] = {
		[CLIENT_DOWN] = "down",
		[CLIENT_NAMING] = "naming",
		[CLIENT_SECURING] = "securing",
		[CLIENT_ASKING] = "registering",
		[CLIENT_UP] = "up",
		[CLIENT_REFRESHING] = "refreshing",
		[CLIENT_REFUSED] = "refused",
		[CLIENT_STANDBY] = "standby",
		[CLIENT_WAITING] = "waiting",
	};

	return names[s];
}

bool client_cell_decided(enum client_state s, enum client_event ev)
{
	return table[s][ev].act != NULL;
}

static const char *station_name(const struct station *s, struct addr_text *room)
{
	return addr_is_set(&s->proto) ? addr_str(room, &s->proto) : "(not known yet)";
}

/* Not written comes last: 0 wraps to the highest number. */
uint8_t client_rank(const struct station *s)
{
	return (uint8_t)(s->map.priority - 1);
}

bool client_serves(const struct station *s)
{
	return s->map.registers &&
	       (s->state == CLIENT_UP || s->state == CLIENT_REFRESHING);
}

/* The script hears of the server after it has heard of the peer. */
static void tell_script(struct station *s)
{
	struct binding *b = client_binding(s);
	bool serves = client_serves(s) && script_knows(b);

	if (!b || serves == s->script_told)
		return;
	s->script_told = serves;
	script_station(b, serves);
}

/* What a server of a group loses its place by. */
static bool is_loss(enum client_state in, enum client_event ev)
{
	if (ev == CLIENT_EV_NAK || ev == CLIENT_EV_SILENT || ev == CLIENT_EV_LAPSED)
		return true;
	if (in == CLIENT_NAMING)
		return ev == CLIENT_EV_NAMELESS || ev == CLIENT_EV_TIMER;
	return in == CLIENT_SECURING && ev == CLIENT_EV_TIMER;
}

static void note_loss(struct station *s, enum client_event ev)
{
	if (is_loss((enum client_state)s->state, ev)) {
		s->lost = true;
		group_touch(s);
	}
}

/* A refresh is no news; everything else is one line. */
void client_move(struct station *s, enum client_event ev, const char *why, mono now)
{
	const struct step *step = &table[s->state][ev];
	enum client_state before = (enum client_state)s->state;
	bool routine = (before == CLIENT_UP && step->next == CLIENT_REFRESHING) ||
		       (before == CLIENT_REFRESHING && step->next == CLIENT_UP);

	s->iface->engine->cells.client[before][ev]++;
	note_loss(s, ev);
	if (step->act == ignore)
		return;
	s->state = (uint8_t)step->next;
	if (step->next == CLIENT_UP || step->next == CLIENT_DOWN)
		s->lost = false;
	if (before != step->next)
		group_touch(s);
	if (why)
		snprintf(s->reason, sizeof(s->reason), "%s", why);
	if (before != step->next && !routine) {
		s->since = now;
		log_to(s->iface->engine->log, LOG_LEVEL_INFO,
		       "nhs %s at %s on %s: %s -> %s (%s)",
		       station_name(s, &(struct addr_text){ { 0 } }),
		       s->map.nbma.name[0] ? s->map.nbma.name : ADDR_STR(&s->nbma),
		       s->iface->name, client_state_str(before),
		       client_state_str(step->next), s->reason);
	}
	step->act(s, now);
	tell_script(s);
	if (client_binding(s))
		mcast_follow(client_binding(s));
}

/* --- what a step does ------------------------------------------------------- */

void client_arm_ms(struct station *s, int64_t ms, mono now)
{
	struct engine *e = s->iface->engine;

	timers_arm(&e->timers, &s->timer,
		   mono_add_ms(now, rng_jitter(&e->rng, ms, 20)));
}

void client_disarm(struct station *s)
{
	timers_disarm(&s->iface->engine->timers, &s->timer);
}

static void ignore(struct station *s, mono now)
{
	(void)s;
	(void)now;
}

static void go_down(struct station *s, mono now)
{
	client_hold(s, false, now);
	client_disarm(s);
}

static void look_up(struct station *s, mono now)
{
	/* Should the answer never come, ask again. */
	client_arm_ms(s, NAME_RETRY_S * 3000, now);
	name_ask(s->iface, s->map.nbma.name);
}

static void look_up_later(struct station *s, mono now)
{
	client_arm_ms(s, NAME_RETRY_S * 1000, now);
}

/* Its entry is the reason to have an SA; asked is it once that is there. */
static void secure(struct station *s, mono now)
{
	client_disarm(s);
	if (group_has(s))
		client_arm_ms(s, SECURING_SLOW_MS, now);
	client_place(s, now);
}

/* Nothing else tells that a station which is not registered with has moved. */
static void look_again_later(struct station *s, mono now)
{
	uint32_t again_s =
		s->name_ttl_s > NAME_AGAIN_MIN_S ? s->name_ttl_s : NAME_AGAIN_MIN_S;

	if (!addr_is_set(&s->map.nbma.addr))
		client_arm_ms(s, (int64_t)again_s * 1000, now);
}

static void pin(struct station *s, mono now)
{
	client_disarm(s);
	client_place(s, now);
	look_again_later(s, now);
}

/* How long to wait after one more refusal. */
static int64_t refused_ms(unsigned refusals)
{
	int64_t ms = (int64_t)REFUSED_FIRST_MS << (refusals < 5 ? refusals : 5);

	return ms < REFUSED_MAX_MS ? ms : REFUSED_MAX_MS;
}

static void settle(struct station *s, mono now)
{
	int64_t left_ms = mono_diff_us(s->valid_until, now) / 1000;
	struct engine *e = s->iface->engine;

	s->tries = s->refusals = 0;
	client_place(s, now);
	if (nat_between(s->iface, &s->nbma, &s->nbma) && left_ms > NAT_KEEP_S * 3000)
		left_ms = NAT_KEEP_S * 3000;
	/* A third of the holding time; earlier by chance, never later. */
	left_ms =
		left_ms / 3 * 9 / 10 + rng_below(&e->rng, (uint32_t)(left_ms / 30 + 1));
	if (s->map.probe_s && left_ms > s->map.probe_s * 1000)
		left_ms = s->map.probe_s * 900 +
			  rng_below(&e->rng, s->map.probe_s * 100u);
	if (s->beside_refusals && left_ms > refused_ms(s->beside_refusals - 1))
		left_ms = refused_ms(s->beside_refusals - 1);
	timers_arm(&e->timers, &s->timer, mono_add_ms(now, left_ms));
}

/* Its place is given with an answer: it is well in that very moment. */
static void wait_turn(struct station *s, mono now)
{
	int64_t left_ms = mono_diff_us(s->wait_until, now) / 1000 + 1;
	int64_t ms = (int64_t)group_fall_back_s(s) * 1000 / 3;

	s->tries = s->refusals = 0;
	client_place(s, now);
	if (ms > LOOK_AFTER_MAX_MS)
		ms = LOOK_AFTER_MAX_MS;
	if (s->map.probe_s && ms > s->map.probe_s * 1000)
		ms = s->map.probe_s * 1000;
	if (ms < LOOK_AFTER_MIN_MS)
		ms = LOOK_AFTER_MIN_MS;
	timers_arm(&s->iface->engine->timers, &s->timer,
		   mono_add_ms(now, ms < left_ms ? ms : left_ms));
}

static void wait_refused(struct station *s, mono now)
{
	client_arm_ms(s, refused_ms(s->refusals++), now);
}

static void look_after(struct station *s, mono now)
{
	if (s->tries > 0)
		client_ask(s, now);
	else
		client_ask_first(s, now);
}

/* --- events ----------------------------------------------------------------- */

static enum client_event ready_event(const struct station *s)
{
	if (!s->iface->usable)
		return CLIENT_EV_LOST;
	if (s->benched)
		return CLIENT_EV_BENCHED;
	if (!addr_is_set(&s->nbma))
		return CLIENT_EV_LOOKUP;
	if (!peer_carries(s->iface, &s->nbma))
		return CLIENT_EV_CLEAR;
	return s->map.registers ? CLIENT_EV_READY : CLIENT_EV_PINNED;
}

static const char *ready_reason(const struct station *s)
{
	switch (ready_event(s)) {
	case CLIENT_EV_LOST:
		return s->iface->problem;
	case CLIENT_EV_LOOKUP:
		return "looking up its name";
	case CLIENT_EV_CLEAR:
		return "waits for an SA";
	case CLIENT_EV_PINNED:
		return "configured";
	case CLIENT_EV_BENCHED:
		return REASON_STANDBY;
	default:
		return "registration sent";
	}
}

void client_timer_fired(struct timer *t, void *ctx, mono now)
{
	struct station *s = container_of(t, struct station, timer);
	enum client_event ready = ready_event(s);
	bool lapsed =
		s->state == CLIENT_REFRESHING && !mono_before(now, s->valid_until);

	(void)ctx;
	if (s->state == CLIENT_UP && !s->map.registers) {
		name_ask(s->iface, s->map.nbma.name);
		look_again_later(s, now);
	} else if (s->state == CLIENT_REFUSED) {
		client_move(s, ready, ready == CLIENT_EV_READY ? NULL : ready_reason(s),
			    now);
	} else if (lapsed) {
		client_move(s, CLIENT_EV_LAPSED,
			    "refresh unanswered, holding time over", now);
	} else if (client_is_silent(s)) {
		client_say_unanswered(s);
		client_move(s, CLIENT_EV_SILENT, NULL, now);
	} else {
		client_move(s, CLIENT_EV_TIMER, NULL, now);
	}
}

void client_iface_changed(struct iface *i, bool again, mono now)
{
	for (struct station *s = i->stations; s; s = s->next) {
		enum client_event ev = ready_event(s);

		if (ev == CLIENT_EV_LOST || again || s->state == CLIENT_DOWN ||
		    s->state == CLIENT_NAMING)
			client_move(s, ev, ready_reason(s), now);
	}
	name_iface_changed(i, now);
}

/* One that it waits for in vain: a name has more addresses. */
static void unsecured(struct station *s, const char *why, mono now)
{
	s->lost = true;
	group_touch(s);
	if (s->state != CLIENT_SECURING) {
		client_move(s, CLIENT_EV_CLEAR, why, now);
		return;
	}
	snprintf(s->reason, sizeof(s->reason), "%s", why);
	client_next_choice(s, now);
}

void client_peer_changed(struct iface *i, const struct addr *nbma, const char *why,
			 mono now)
{
	for (struct station *s = i->stations; s; s = s->next) {
		if (!addr_eq(&s->nbma, nbma) || !i->usable ||
		    s->state == CLIENT_STANDBY)
			continue;
		if (why)
			unsecured(s, why, now);
		else if (s->state == CLIENT_SECURING)
			client_move(s, ready_event(s), ready_reason(s), now);
	}
}

/* It may be dead, and is told all the same: what it knows of us is old soon. */
static void bench(struct station *s, mono now)
{
	if (mono_before(now, s->valid_until))
		client_withdraw_one(s, now);
	client_unplace(s, REASON_STANDBY, now);
	go_down(s, now);
	s->lost = false;
}

void client_bench(struct station *s, mono now)
{
	client_move(s, CLIENT_EV_BENCHED, REASON_STANDBY, now);
}

void client_call(struct station *s, mono now)
{
	client_move(s, ready_event(s), ready_reason(s), now);
}

void client_promote(struct station *s, mono now)
{
	client_move(s, CLIENT_EV_ACK, "registered, and needed", now);
}

/* --- the site's script ------------------------------------------------------- */

void client_permitted(struct station *s, bool waited, mono now)
{
	if (!s->map.registers)
		s->refusals = 0;
	if (waited && (s->state == CLIENT_ASKING || s->state == CLIENT_REFRESHING)) {
		snprintf(s->reason, sizeof(s->reason), "registration sent");
		client_send_try(s, now);
	}
	tell_script(s);
}

void client_forbidden(struct station *s, const char *why, mono now)
{
	client_move(s, CLIENT_EV_NAK, why, now);
}

/* Its place ends: as a server it is lost before. */
void client_unplaced(struct binding *b)
{
	if (!b->station->script_told)
		return;
	b->station->script_told = false;
	script_station(b, false);
}
