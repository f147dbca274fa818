/* SPDX-License-Identifier: MIT */
/*
 * Calls: SA_START from the wish to the outcome, and SA_STOP.
 *
 * charon is told a connection and, in the same breath, to use it, so that nobody can
 * unload it in between for long. What it does not say is what needs care here: it has
 * no event for a peer that does not answer, nor for an IKE SA whose child was refused,
 * and it takes a second call to a peer that it has already for an error. So a call of
 * which nothing is heard is looked up, and ended where it hangs.
 */
#include "ike_int.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include <nhrp/mem.h>

/* Room that stays for what cannot wait. */
#define QUEUE_HIGH (VICI_COMMANDS_MAX - 128)

#define REASON_MAX 256

static void guard_over(struct ev_loop *ev, ev_timer *w, int events);

/* --- a call ------------------------------------------------------------------- */

static struct call *find_name(const struct ike *k, const char *name, size_t len)
{
	struct call *c;

	HASH_FIND(by_name, k->calls, name, len, c);
	return c;
}

static struct call *find_token(const struct ike *k, uint32_t token)
{
	struct call *c;

	HASH_FIND(by_token, k->calls_by_token, &token, sizeof(token), c);
	return c;
}

bool ike_call_has(const struct ike *k, struct vici_str name)
{
	return name.len > 0 && find_name(k, name.s, name.len) != NULL;
}

static void call_new(struct ike *k, const struct act_sa *act)
{
	struct call *c = mem_new(sizeof(*c));

	c->ike = k;
	c->name = ike_name(act->ifname, &act->remote);
	c->token = ++k->last_token;
	memcpy(c->ifname, act->ifname, sizeof(c->ifname));
	c->local = act->local;
	c->remote = act->remote;
	ev_init(&c->guard, guard_over);
	c->waiting = true;
	HASH_ADD(by_name, k->calls, name, strlen(c->name.s), c);
	HASH_ADD(by_token, k->calls_by_token, token, sizeof(c->token), c);
	DL_APPEND(k->queue, c);
}

static void leave_line(struct call *c)
{
	if (!c->in_line)
		return;
	c->in_line = false;
	c->ike->in_line--;
	ike_kick(c->ike);
}

static void call_free(struct ike *k, struct call *c)
{
	if (c->waiting)
		DL_DELETE(k->queue, c);
	leave_line(c);
	ev_timer_stop(loop_ev(k->loop), &c->guard);
	HASH_DELETE(by_name, k->calls, c);
	HASH_DELETE(by_token, k->calls_by_token, c);
	free(c);
}

/* The connection has no more use: SAs that came of it keep what they need. */
static void unload(struct call *c)
{
	if (!c->waiting)
		ike_tell_charon(c->ike, "unload-conn", "name", c->name.s);
}

static void call_fail(struct ike *k, struct call *c, enum sa_cause cause,
		      const char *reason)
{
	char ifname[CONF_IFNAME_MAX];
	struct ev_sa ev = { .fact = SA_FAILED,
			    .ifname = ifname,
			    .local = c->local,
			    .remote = c->remote,
			    .outer = c->remote,
			    .reason = reason,
			    .cause = cause };

	memcpy(ifname, c->ifname, sizeof(ifname));
	unload(c);
	call_free(k, c);
	k->counters.calls_failed++;
	ike_put(k, &ev);
}

/* --- begin -------------------------------------------------------------------- */

static void arm(struct call *c, double seconds)
{
	ev_timer_stop(loop_ev(c->ike->loop), &c->guard);
	ev_timer_set(&c->guard, seconds, 0.);
	c->guard.data = c;
	ev_timer_start(loop_ev(c->ike->loop), &c->guard);
}

static void wait_again(struct call *c)
{
	struct ike *k = c->ike;

	leave_line(c);
	ev_timer_stop(loop_ev(k->loop), &c->guard);
	c->waiting = true;
	DL_PREPEND(k->queue, c);
	ike_kick(k);
}

static void loaded(void *ctx, uint32_t token, enum vici_outcome outcome,
		   const struct vici_sec *msg)
{
	struct ike *k = ctx;
	struct call *c = find_token(k, token);
	char err[REASON_MAX];

	if (c && !ike_succeeded(outcome, msg, err, sizeof(err)))
		call_fail(k, c, SA_CAUSE_PROFILE, err);
	ike_kick(k);
}

/* Once, whatever comes of it; when charon works on it still, that does no harm. */
static void begin_again(struct call *c)
{
	c->again = true;
	wait_again(c);
}

void ike_call_reloaded(struct ike *k)
{
	struct call *c, *next;

	HASH_ITER (by_name, k->calls, c, next) {
		if (!c->waiting && !c->again)
			begin_again(c);
	}
}

/* Was it for want of something that somebody had unloaded? */
static void call_doubt(struct call *c, enum sa_cause cause, const char *reason)
{
	if (c->doubt)
		return;
	c->doubt = reason;
	c->doubt_cause = cause;
	ev_timer_stop(loop_ev(c->ike->loop), &c->guard);
	if (c->again || !ike_load_look(c->ike, c->token))
		call_fail(c->ike, c, cause, reason);
}

void ike_call_judge(struct ike *k, uint32_t token)
{
	struct call *c = find_token(k, token);

	if (!c || c->waiting || !c->doubt)
		return;
	if (c->reloads != k->counters.reloads && !c->again)
		begin_again(c);
	else
		call_fail(k, c, c->doubt_cause, c->doubt);
}

static void look(struct call *c);

/*
 * "yes" means that charon has begun. "not found": somebody unloaded our connections
 * in this very moment. Anything else may be about an SA that is there already.
 */
static void initiated(void *ctx, uint32_t token, enum vici_outcome outcome,
		      const struct vici_sec *msg)
{
	struct ike *k = ctx;
	struct call *c = find_token(k, token);
	char err[REASON_MAX];

	ike_kick(k);
	if (!c || c->waiting)
		return;
	if (ike_succeeded(outcome, msg, err, sizeof(err))) {
		arm(c, k->limits.line_s);
		return;
	}
	if (strstr(err, "not found") && !c->again) {
		ike_load_again(k);
		return;
	}
	look(c);
}

/* False when there was no room after all. */
static bool call_begin(struct ike *k, struct call *c, const struct tunnel *t)
{
	const struct ike_conn conn = { c->name.s, c->local, c->remote };
	char err[REASON_MAX] = "";
	size_t len = ike_msg_conn(k->frame, sizeof(k->frame), t->profile, &conn, err,
				  sizeof(err));

	if (len == 0) {
		call_fail(k, c, SA_CAUSE_PROFILE, err);
		return true;
	}
	DL_DELETE(k->queue, c);
	c->waiting = false;
	c->in_line = true;
	c->connecting = c->childless = 0;
	c->told_busy = c->half = false;
	c->doubt = NULL;
	c->reloads = k->counters.reloads;
	k->in_line++;
	k->counters.calls += !c->again;
	if (ike_send(k, len, &(struct vici_call){ loaded, c->token, NULL }) &&
	    ike_send(k, ike_msg_initiate(k->frame, sizeof(k->frame), c->name.s),
		     &(struct vici_call){ initiated, c->token, NULL }))
		return true;
	wait_again(c);
	return false;
}

static struct tunnel *tunnel_of(struct ike *k, const struct call *c)
{
	struct tunnel *t;

	DL_FOREACH (k->tunnels, t) {
		if (t->known && t->profile && strcmp(t->ifname, c->ifname) == 0)
			return t;
	}
	return NULL;
}

void ike_call_start(struct ike *k, const struct act_sa *act)
{
	struct ike_name name = ike_name(act->ifname, &act->remote);
	struct call *c = find_name(k, name.s, strlen(name.s));

	if (c && !addr_eq(&c->local, &act->local)) {
		ike_call_forget(k, act);
		c = NULL;
	}
	if (!c)
		call_new(k, act);
	ike_kick(k);
}

/* Why this call cannot begin, not now nor later; NULL: it can. */
static const char *hindrance(const struct ike *k, const struct tunnel *t)
{
	if (k->withdrawn)
		return "nhrpd ends";
	if (!k->ready)
		return "charon does not answer";
	return t ? NULL : "the interface has no ipsec profile";
}

/*
 * From the first, anew each time: who hears of a failure may forget others, and may
 * start new ones, which are for the next turn.
 */
static void pump_calls(struct ike *k)
{
	uint32_t newest = k->last_token;
	struct call *c;

	while ((c = k->queue) != NULL && c->token <= newest) {
		const struct tunnel *t = tunnel_of(k, c);
		const char *why_not = hindrance(k, t);

		assert(c->waiting); /* as all in the queue */
		if (why_not)
			call_fail(k, c, SA_CAUSE_NONE, why_not);
		else if (k->in_line >= k->limits.calls ||
			 vici_pending(k->vici) > QUEUE_HIGH || !call_begin(k, c, t))
			break;
	}
}

/* --- what was heard, or not ----------------------------------------------------- */

void ike_call_child_up(struct ike *k, const struct tunnel *t, const struct addr *remote)
{
	struct ike_name name = ike_name(t->ifname, remote);
	struct call *c = find_name(k, name.s, strlen(name.s));

	if (!c)
		return;
	unload(c);
	call_free(k, c);
}

/* The child comes in the same exchange; without it, it was refused. */
void ike_call_ike_up(struct ike *k, const struct ike_fact *fact)
{
	struct call *c = find_name(k, fact->name.s, fact->name.len);

	if (!c || c->waiting || !fact->initiator)
		return;
	leave_line(c);
	arm(c, k->limits.child_s);
}

/*
 * charon tells no reason, but how far it came: what it has agreed on is known once
 * the first exchange is over.
 */
static void call_refused(struct call *c, const struct ike_fact *fact)
{
	if (fact->suite[0])
		call_doubt(c, SA_CAUSE_AUTH,
			   "refused while authenticating: secret, certificate or "
			   "identity do not fit; the log of charon says which");
	else
		call_doubt(c, SA_CAUSE_PROPOSALS,
			   "refused before authenticating: no proposals in common, or "
			   "the peer takes no calls; the log of charon says which");
}

void ike_call_ike_down(struct ike *k, const struct ike_fact *fact)
{
	struct call *c = find_name(k, fact->name.s, fact->name.len);

	/* An older SA of the same name is none of this call. */
	if (!c || c->waiting || !fact->initiator || !fact->connecting)
		return;
	call_refused(c, fact);
}

static void give_up(struct call *c)
{
	struct ike *k = c->ike;
	char reason[REASON_MAX];
	double waited = 2 * k->limits.guard_s;

	if (c->childless) {
		ike_call_stop(k, c->childless, false);
		call_fail(k, c, SA_CAUSE_CHILD,
			  "authenticated, but the child SA was refused: esp_proposals "
			  "or traffic selectors do not fit");
		return;
	}
	if (!c->connecting) {
		call_doubt(c, SA_CAUSE_NONE, "charon gave up; its log says why");
		return;
	}
	ike_call_stop(k, c->connecting, true);
	snprintf(reason, sizeof(reason),
		 c->half ? "%s answered the first exchange, and no more for %.0f s"
			 : "%s does not answer IKE for %.0f s",
		 ADDR_STR(&c->remote), waited);
	call_fail(k, c, c->half ? SA_CAUSE_STALLED : SA_CAUSE_SILENT, reason);
}

/* The children of what is listed are told, which may be the end of the call. */
static void looked_at(struct ike *k, uint32_t token, const struct vici_sec *msg)
{
	struct ike_fact fact;
	struct call *c;

	if (!ike_fact_find(&fact, msg)) {
		k->counters.unclear++;
		return;
	}
	ike_sa_listed(k, &fact);
	c = find_token(k, token);
	if (!c || !fact.initiator)
		return;
	if (fact.connecting) {
		c->connecting = fact.ike;
		c->half = fact.suite[0] != '\0';
	} else if (fact.established) {
		c->childless = fact.ike;
	}
}

static void looked(void *ctx, uint32_t token, enum vici_outcome outcome,
		   const struct vici_sec *msg)
{
	struct ike *k = ctx;
	struct call *c;

	if (outcome == VICI_PART) {
		looked_at(k, token, msg);
		return;
	}
	c = find_token(k, token);
	ike_kick(k);
	if (!c || c->waiting)
		return;
	if (c->connecting && !c->childless && !c->told_busy) {
		c->told_busy = true;
		arm(c, k->limits.guard_s);
		return;
	}
	give_up(c);
}

static bool list(struct ike *k, const char *name,
		 void (*reply)(void *, uint32_t, enum vici_outcome,
			       const struct vici_sec *),
		 uint32_t token)
{
	size_t len =
		ike_msg_command(k->frame, sizeof(k->frame), "list-sas", "ike", name);

	return ike_send(k, len, &(struct vici_call){ reply, token, "list-sa" });
}

static void look(struct call *c)
{
	c->connecting = c->childless = 0;
	if (!list(c->ike, c->name.s, looked, c->token))
		arm(c, c->ike->limits.line_s);
}

/* First it leaves the line, then charon is asked. */
static void guard_over(struct ev_loop *ev, ev_timer *w, int events)
{
	struct call *c = w->data;
	const struct ike_limits *l = &c->ike->limits;

	(void)ev;
	(void)events;
	if (c->in_line && l->guard_s > l->line_s) {
		leave_line(c);
		arm(c, l->guard_s - l->line_s);
		return;
	}
	look(c);
}

/* --- forgetting ------------------------------------------------------------------ */

/* What was begun for a call that nobody wants any more, and has no child yet. */
static void swept(void *ctx, uint32_t token, enum vici_outcome outcome,
		  const struct vici_sec *msg)
{
	struct ike *k = ctx;
	struct ike_fact fact;

	(void)token;
	ike_kick(k);
	if (outcome != VICI_PART || !ike_fact_find(&fact, msg))
		return;
	if (fact.connecting && fact.initiator && !ike_call_has(k, fact.name))
		ike_call_stop(k, fact.ike, true);
}

void ike_call_forget(struct ike *k, const struct act_sa *act)
{
	struct ike_name name = ike_name(act->ifname, &act->remote);
	struct call *c = find_name(k, name.s, strlen(name.s));

	if (!c)
		return;
	/* What finds no room here ends by charon's own retransmissions. */
	if (!c->waiting && !list(k, c->name.s, swept, 0))
		log_to(k->log, LOG_LEVEL_DEBUG, "charon: no room to look for %s",
		       c->name.s);
	unload(c);
	call_free(k, c);
}

void ike_call_withdraw(struct ike *k)
{
	struct call *c, *next;

	HASH_ITER (by_name, k->calls, c, next) {
		unload(c);
		call_free(k, c);
	}
}

static void stop_free(struct stop *s)
{
	struct ike *k = s->adapter;

	ev_timer_stop(loop_ev(k->loop), &s->later);
	HASH_DELETE(by_ike, k->stops, s);
	free(s);
}

void ike_call_forget_all(struct ike *k)
{
	struct call *c, *next_call;
	struct stop *s, *next_stop;

	HASH_ITER (by_name, k->calls, c, next_call)
		call_free(k, c);
	HASH_ITER (by_ike, k->stops, s, next_stop)
		stop_free(s);
}

/* --- stops ----------------------------------------------------------------------- */

static struct stop *find_stop(const struct ike *k, uint32_t ike)
{
	struct stop *s;

	HASH_FIND(by_ike, k->stops, &ike, sizeof(ike), s);
	return s;
}

/* charon begins to end it, or has none: then its children are gone as well. */
static void terminated(void *ctx, uint32_t ike, enum vici_outcome outcome,
		       const struct vici_sec *msg)
{
	struct ike *k = ctx;
	struct stop *s = find_stop(k, ike);
	char err[REASON_MAX];

	ike_kick(k);
	if (s && s->sent) /* else it is asked for again, with force */
		stop_free(s);
	if (!ike_succeeded(outcome, msg, err, sizeof(err)) &&
	    strstr(err, "no matching"))
		ike_sa_gone(k, ike);
}

static void stop_due(struct ev_loop *ev, ev_timer *w, int events)
{
	const struct stop *s = w->data;

	(void)ev;
	(void)events;
	ike_kick(s->adapter);
}

static struct stop *stop_new(struct ike *k, uint32_t ike)
{
	struct stop *s = mem_new(sizeof(*s));

	s->adapter = k;
	s->ike = ike;
	ev_timer_init(&s->later, stop_due, IKE_ANSWERED_MS / 1e3, 0.);
	s->later.data = s;
	if (ike_sa_is_new(k, ike))
		ev_timer_start(loop_ev(k->loop), &s->later);
	HASH_ADD(by_ike, k->stops, ike, sizeof(s->ike), s);
	return s;
}

void ike_call_stop(struct ike *k, uint32_t ike, bool force)
{
	struct stop *s = find_stop(k, ike);

	if (!ike_connected(k))
		return;
	if (!s)
		s = stop_new(k, ike);
	if (force && !s->force) {
		s->force = true;
		s->sent = false;
	}
	ike_kick(k);
}

static void pump_stops(struct ike *k)
{
	struct stop *s, *next;

	HASH_ITER (by_ike, k->stops, s, next) {
		if (s->sent || ev_is_active(&s->later))
			continue;
		if (vici_pending(k->vici) > QUEUE_HIGH)
			break;
		s->sent = ike_send(k,
				   ike_msg_terminate(k->frame, sizeof(k->frame), s->ike,
						     s->force),
				   &(struct vici_call){ terminated, s->ike, NULL });
		if (!s->sent)
			break;
	}
}

void ike_call_pump(struct ike *k)
{
	if (ike_connected(k))
		pump_stops(k);
	pump_calls(k);
}
