/* SPDX-License-Identifier: MIT */
#include <nhrp/engine.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nhrp/mem.h>

#include "engine_int.h"

/* How long a stop waits for its withdrawals to be acknowledged. */
#define STOP_WAIT_MS 1000

struct engine *engine_new(uint64_t seed, const struct log_sink *log)
{
	struct engine *e = mem_new(sizeof(*e));

	e->log = log;
	e->rng = rng_init(seed);
	e->next_id = (uint32_t)rng_next(&e->rng);
	e->peer_log = limit_init(20, 100);
	snprintf(e->ike_reason, sizeof(e->ike_reason), "%s",
		 "the IKE daemon was not reached yet");
	return e;
}

void engine_free(struct engine *e)
{
	struct iface *i, *next;

	if (!e)
		return;
	for (i = e->ifaces; i; i = next) {
		next = i->next;
		iface_free(i);
	}
	timers_free(&e->timers);
	free(e->free_slots);
	free(e->queue);
	free(e->bytes);
	free(e);
}

/* --- the action queue ------------------------------------------------------- */

static struct queued *push(struct engine *e, enum action_type type)
{
	struct queued *q;

	if (e->queue_count == e->queue_room) {
		e->queue_room = e->queue_room ? e->queue_room * 2 : 64;
		e->queue = mem_resize(e->queue, e->queue_room, sizeof(*e->queue));
	}
	q = &e->queue[e->queue_count++];
	memset(q, 0, sizeof(*q));
	q->action.type = type;
	return q;
}

struct action *engine_push(struct engine *e, enum action_type type)
{
	return &push(e, type)->action;
}

uint8_t *engine_room(struct engine *e, size_t len)
{
	if (e->byte_room - e->byte_count < len) {
		e->byte_room = (e->byte_count + len) * 2;
		e->bytes = mem_resize(e->bytes, e->byte_room, 1);
	}
	return e->bytes + e->byte_count;
}

struct action *engine_push_room(struct engine *e, enum action_type type, size_t len)
{
	struct queued *q = push(e, type);

	q->at = e->byte_count;
	e->byte_count += len;
	return &q->action;
}

const struct action *engine_next_action(struct engine *e)
{
	struct queued *q;

	if (e->queue_head == e->queue_count)
		return NULL;
	q = &e->queue[e->queue_head++];
	/* The buffer may have moved since the action was queued. */
	if (q->action.type == ACT_SEND)
		q->action.send.pdu = e->bytes + q->at;
	else if (q->action.type == ACT_RESOLVE_NAME)
		q->action.name.name = (const char *)e->bytes + q->at;
	return &q->action;
}

static void forget_taken_actions(struct engine *e)
{
	if (e->queue_head != e->queue_count)
		return;
	e->queue_head = e->queue_count = 0;
	e->byte_count = 0;
}

void engine_answer(struct engine *e, uint32_t token, bool ok, const char *reason,
		   unsigned n)
{
	struct act_answer *a = &engine_push(e, ACT_ANSWER)->answer;

	a->token = token;
	a->ok = ok;
	a->reason = reason;
	a->count = n;
}

/* --- small services --------------------------------------------------------- */

bool engine_may_log(struct engine *e, mono now)
{
	uint64_t before = e->peer_log.refused;

	if (!limit_take(&e->peer_log, now))
		return false;
	if (before) {
		e->peer_log.refused = 0;
		log_to(e->log, LOG_LEVEL_WARN,
		       "log: %llu lines caused by peers left out (rate limit)",
		       (unsigned long long)before);
	}
	return true;
}

struct iface *engine_find_iface(const struct engine *e, int ifindex)
{
	for (struct iface *i = e->ifaces; i; i = i->next) {
		if (i->ifindex == ifindex && ifindex != 0)
			return i;
	}
	return NULL;
}

static struct iface *find_by_name(const struct engine *e, const char *name)
{
	for (struct iface *i = e->ifaces; i; i = i->next) {
		if (strcmp(i->name, name) == 0)
			return i;
	}
	return NULL;
}

/* --- events to their owners ------------------------------------------------- */

static void remove_iface(struct engine *e, struct iface *gone, mono now)
{
	struct iface **at = &e->ifaces;

	while (*at != gone)
		at = &(*at)->next;
	*at = gone->next;
	listing_pass_iface(e, gone);
	client_withdraw(gone, now);
	iface_withdraw(gone, now);
	log_to(e->log, LOG_LEVEL_INFO, "interface %s: removed from the configuration",
	       gone->name);
	iface_free(gone);
}

static void add_iface(struct engine *e, const struct conf_iface *c, mono now)
{
	struct iface **at = &e->ifaces;

	while (*at)
		at = &(*at)->next;
	*at = iface_new(e, c, now);
	iface_configure(*at, c, now);
}

/* Compares by value; then every interface points into the new configuration. */
static void on_conf(struct engine *e, const struct ev_conf *ev, mono now)
{
	static const struct conf nothing;
	const struct conf *before = e->conf ? e->conf : &nothing;
	struct conf_change *changes;
	size_t n = conf_diff(before, ev->conf, &changes);

	e->conf = ev->conf;
	for (size_t k = 0; k < n; k++) {
		const struct conf_change *c = &changes[k];

		if (c->kind == CONF_IFACE_REMOVED)
			remove_iface(e, find_by_name(e, c->before->name), now);
		else if (c->kind == CONF_IFACE_ADDED)
			add_iface(e, c->after, now);
		else if (c->kind == CONF_IFACE_CHANGED)
			iface_configure(find_by_name(e, c->after->name), c->after, now);
	}
	free(changes);
	for (struct iface *i = e->ifaces; i; i = i->next)
		i->conf = conf_find_iface(ev->conf, i->name);
	script_conf(e, before->script, now);
}

void engine_free_slot(struct engine *e, uint32_t slot)
{
	if (e->free_slot_count == e->free_slot_room) {
		e->free_slot_room = e->free_slot_room ? e->free_slot_room * 2 : 64;
		e->free_slots = mem_resize(e->free_slots, e->free_slot_room,
					   sizeof(*e->free_slots));
	}
	e->free_slots[e->free_slot_count++] = slot;
}

/* Slots come in ascending order; the file may have holes. */
static void on_restore(struct engine *e, const struct ev_restore *ev, mono now)
{
	struct iface *i = find_by_name(e, ev->binding.ifname);

	while (e->next_slot < ev->slot)
		engine_free_slot(e, e->next_slot++);
	if (e->next_slot == ev->slot)
		e->next_slot++;
	if (i) {
		binding_restore(i, ev, now);
		return;
	}
	engine_push(e, ACT_STATE_DEL)->state.slot = ev->slot;
	engine_free_slot(e, ev->slot);
}

static void on_name(struct engine *e, const struct ev_name *ev, mono now)
{
	for (struct iface *i = e->ifaces; i; i = i->next)
		client_named(i, ev, now);
}

static void on_neigh(struct engine *e, const struct ev_neigh *ev, mono now)
{
	struct iface *i = engine_find_iface(e, ev->ifindex);

	if (i)
		neigh_told(i, ev, now);
}

static void on_route(struct engine *e, const struct ev_route *ev, mono now)
{
	struct iface *i = engine_find_iface(e, ev->ifindex);

	if (ev->fact != ROUTE_CHANGED) {
		if (i)
			route_event(i, ev, now);
		return;
	}
	/* The cause may lead anywhere; what it changes hangs on any tunnel. */
	answer_changed(e, ev, now);
	for (i = e->ifaces; i; i = i->next)
		route_event(i, ev, now);
}

static void command_resolve(struct engine *e, const struct ev_command *ev, mono now)
{
	struct iface *i = e->ifaces;

	while (i && !(i->usable && selector_has_iface(&ev->selector, i) &&
		      nhs_server_for(i, &ev->target, NULL)))
		i = i->next;
	if (!i)
		engine_answer(e, ev->token, false,
			      "no next hop server is configured for this address", 0);
	else if (!resolve_command(i, &ev->target, ev->token, now))
		engine_answer(e, ev->token, false, "too many requests under way", 0);
}

/* What it leads through may go with a shortcut, so shortcuts are first. */
static unsigned command_drop(struct iface *i, const struct ev_command *ev, mono now)
{
	const char *why =
		ev->command == CMD_LOWERDOWN ? REASON_LOWER_DOWN : REASON_OPERATOR;
	unsigned touched = shortcut_flush(i, &ev->selector, why, now);

	if (ev->command == CMD_REDIRECT_PURGE) {
		redirect_forget(i);
		return touched;
	}
	touched += binding_flush(i, &ev->selector, why, now);
	if (ev->command != CMD_FLUSH)
		touched += client_restart(i, &ev->selector, why, now);
	return touched;
}

static void on_command(struct engine *e, const struct ev_command *ev, mono now)
{
	unsigned touched = 0;

	if (ev->command == CMD_RESOLVE) {
		command_resolve(e, ev, now);
		return;
	}
	for (struct iface *i = e->ifaces; i; i = i->next)
		touched += command_drop(i, ev, now);
	engine_answer(e, ev->token, true, "", touched);
}

/* --- stopping --------------------------------------------------------------- */

static void stop_now(struct engine *e, mono now)
{
	if (e->stopped)
		return;
	e->stopped = true;
	timers_disarm(&e->timers, &e->stop_timer);
	for (struct iface *i = e->ifaces; i; i = i->next)
		iface_withdraw(i, now);
	engine_push(e, ACT_STOPPED);
}

static void stop_waited(struct timer *t, void *ctx, mono now)
{
	(void)t;
	stop_now(ctx, now);
}

static bool withdrawals_pending(const struct engine *e)
{
	for (const struct request *r = e->requests; r; r = r->hh.next) {
		if (r->kind == REQUEST_PURGE)
			return true;
	}
	return false;
}

static void on_stop(struct engine *e, mono now)
{
	if (e->stopping)
		return;
	e->stopping = true;
	for (struct iface *i = e->ifaces; i; i = i->next) {
		client_withdraw(i, now);
		purge_tell(i, &i->told, now);
		answer_end_all(i, now);
	}
	e->stop_timer.fire = stop_waited;
	timers_arm(&e->timers, &e->stop_timer, mono_add_ms(now, STOP_WAIT_MS));
}

/* --- the four calls --------------------------------------------------------- */

static void on_link(struct engine *e, const struct ev_link *ev, mono now)
{
	struct iface *i = find_by_name(e, ev->name);

	if (i)
		iface_link(i, ev, now);
}

void engine_handle(struct engine *e, const struct event *ev, mono now)
{
	if (!e->started) {
		e->timers = timers_init(mono_add_us(now, -1));
		e->started = true;
	}
	forget_taken_actions(e);
	switch (ev->type) {
	case EV_CONF:
		on_conf(e, &ev->conf, now);
		break;
	case EV_RESTORE:
		on_restore(e, &ev->restore, now);
		break;
	case EV_LINK:
		on_link(e, &ev->link, now);
		break;
	case EV_PACKET:
		rx_packet(e, &ev->packet, now);
		break;
	case EV_NEIGH:
		on_neigh(e, &ev->neigh, now);
		break;
	case EV_ROUTE:
		on_route(e, &ev->route, now);
		break;
	case EV_LOOKUP:
		lookup_answer(e, &ev->lookup, now);
		break;
	case EV_SAMPLE:
		redirect_sample(e, &ev->sample, now);
		break;
	case EV_NAME:
		on_name(e, &ev->name, now);
		break;
	case EV_SA:
		sa_event(e, &ev->sa, now);
		break;
	case EV_HOOK:
		lookup_hook_answer(e, &ev->hook, now);
		break;
	case EV_COMMAND:
		on_command(e, &ev->command, now);
		break;
	case EV_STOP:
		on_stop(e, now);
		break;
	case EV_TICK:
		break;
	}
	timers_run(&e->timers, e, now);
	for (struct iface *i = e->ifaces; i; i = i->next) {
		group_review(i, now);
		carrier_review(i, now);
	}
	script_catch_up(e, now);
	if (e->stopping && !withdrawals_pending(e))
		stop_now(e, now);
}

mono engine_deadline(const struct engine *e)
{
	return timers_next(&e->timers);
}
