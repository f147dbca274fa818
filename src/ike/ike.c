/* SPDX-License-Identifier: MIT */
/*
 * The adapter as a whole: when charon is there, everything of ours is loaded and all
 * that it has is listed, and only then SA_READY is told.
 */
#include "ike_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include <nhrp/mem.h>

/*
 * A charon that has just started is likely to be given the administrator's files,
 * which unloads ours: systemd does so, right after the start.
 */
#define EARLY_CHECKS 5

/* Lines a second that peers can cause, and at once. */
#define LOG_PER_S 1
#define LOG_BURST 10

/*
 * The last are what list-sas and list-certs answer with: who did not register gets an
 * empty list.
 */
static const char *const events[] = { "ike-updown", "child-updown",
				      "ike-rekey",  "child-rekey",
				      "ike-update", "list-sa",
				      "list-cert",  NULL };

bool ike_connected(const struct ike *k)
{
	return k->vici && vici_state(k->vici).up;
}

void ike_put(const struct ike *k, const struct ev_sa *fact)
{
	const struct event ev = { .type = EV_SA, .sa = *fact };

	event_put(k->sink, &ev);
}

void ike_kick(struct ike *k)
{
	ev_timer_start(loop_ev(k->loop), &k->pump);
}

bool ike_may_log(struct ike *k)
{
	return limit_take(&k->log_limit, loop_now(k->loop));
}

bool ike_send(struct ike *k, size_t len, const struct vici_call *call)
{
	return len > 0 && k->vici && vici_send(k->vici, call, k->frame, len);
}

bool ike_tell_charon(struct ike *k, const char *command, const char *key,
		     const char *value)
{
	return ike_send(k,
			ike_msg_command(k->frame, sizeof(k->frame), command, key,
					value),
			&(struct vici_call){ 0 });
}

bool ike_succeeded(enum vici_outcome outcome, const struct vici_sec *msg, char *err,
		   size_t err_cap)
{
	if (outcome != VICI_DONE) {
		snprintf(err, err_cap, "this charon does not know the command");
		return false;
	}
	if (vici_str_is(vici_value(msg, "success"), "yes"))
		return true;
	if (!vici_str_copy(vici_value(msg, "errmsg"), err, err_cap) || err[0] == '\0')
		snprintf(err, err_cap, "refused without a word");
	return false;
}

/* --- the connection --------------------------------------------------------------- */

static void arm_check(struct ike *k)
{
	double s = k->limits.check_s;

	k->check.repeat = k->early_checks > 0 ? s / EARLY_CHECKS : s;
	ev_timer_again(loop_ev(k->loop), &k->check);
}

static void check_fired(struct ev_loop *ev, ev_timer *w, int revents)
{
	struct ike *k = w->data;

	(void)ev;
	(void)revents;
	if (k->early_checks > 0)
		k->early_checks--;
	arm_check(k);
	if (k->ready && !k->withdrawn) {
		ike_load_check(k);
		ike_cert_check(k);
	}
}

static void retell_tunnels(struct ike *k)
{
	struct tunnel *t;

	DL_FOREACH (k->tunnels, t) {
		if (!t->retell || !ike_tunnel_usable(t))
			continue;
		t->retell = false;
		ike_sa_retell(k, t);
	}
}

static void pump_fired(struct ev_loop *ev, ev_timer *w, int revents)
{
	struct ike *k = w->data;

	(void)ev;
	(void)revents;
	if (k->ready)
		retell_tunnels(k);
	ike_call_pump(k);
}

static void become_ready(struct ike *k)
{
	const struct ev_sa ev = { .fact = SA_READY };

	k->ready = true;
	k->since = loop_now(k->loop);
	log_to(k->log, LOG_LEVEL_INFO, "charon: ready, %u children for GRE",
	       HASH_CNT(by_child, k->sas));
	ike_put(k, &ev);
	ike_kick(k);
}

static void listed(void *ctx, uint32_t token, enum vici_outcome outcome,
		   const struct vici_sec *msg)
{
	struct ike *k = ctx;
	struct ike_fact fact;

	(void)token;
	if (outcome != VICI_PART)
		become_ready(k);
	else if (ike_fact_find(&fact, msg))
		ike_sa_listed(k, &fact);
	else
		k->counters.unclear++;
}

static void lost(struct ike *k, const char *reason)
{
	const struct ev_sa ev = { .fact = SA_GONE, .reason = reason };
	bool news = k->ready || !k->reason[0];

	if (news)
		k->since = loop_now(k->loop);
	k->ready = false;
	snprintf(k->reason, sizeof(k->reason), "%s", reason);
	ike_call_forget_all(k);
	ike_sa_forget_all(k);
	ike_cert_lost(k);
	ike_load_lost(k);
	ike_measure_end_all(k, false);
	/* Another reason is no other state. */
	log_to(k->log, news ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG,
	       "charon: not reachable (%s)", reason);
	ike_put(k, &ev);
}

static void went_up(void *ctx)
{
	struct ike *k = ctx;
	size_t len;

	if (k->ready)
		lost(k, "another socket");
	k->counters.connects++;
	k->early_checks = EARLY_CHECKS;
	arm_check(k);
	ike_load_all(k);
	len = ike_msg_command(k->frame, sizeof(k->frame), "list-sas", NULL, NULL);
	/* There is room: with no more in the queue than a configuration has. */
	if (!ike_send(k, len, &(struct vici_call){ listed, 0, "list-sa" }))
		log_to(k->log, LOG_LEVEL_ERROR, "charon: too much to load at once");
}

static void went_down(void *ctx, const char *reason)
{
	lost(ctx, reason);
}

static void took_event(void *ctx, struct vici_str name, const struct vici_sec *msg)
{
	ike_sa_event(ctx, name, msg);
}

static void connect_anew(struct ike *k)
{
	const struct vici_handlers handlers = { k, events, went_up, went_down,
						took_event };
	const struct vici_limits limits = { k->limits.retry_first_s,
					    k->limits.retry_most_s,
					    k->limits.answer_s };

	vici_free(k->vici);
	k->vici = vici_new(k->loop, k->path, &limits, &handlers);
}

/* --- the configuration ---------------------------------------------------- */

static bool wants(const struct conf *conf)
{
	for (size_t i = 0; i < conf->iface_count; i++) {
		if (conf->ifaces[i].profile)
			return true;
	}
	return false;
}

void ike_conf(struct ike *k, const struct conf *conf)
{
	k->wanted = wants(conf);
	ike_load_conf(k, conf);
	if (k->wanted && (!k->vici || strcmp(k->path, conf->vici) != 0)) {
		snprintf(k->path, sizeof(k->path), "%s", conf->vici);
		connect_anew(k);
	}
	ike_kick(k);
}

void ike_local(struct ike *k, const char *ifname, const struct addr *local)
{
	ike_load_local(k, ifname, local);
	ike_kick(k);
}

void ike_act(struct ike *k, const struct act_sa *act)
{
	switch (act->want) {
	case SA_START:
		ike_call_start(k, act);
		break;
	case SA_STOP:
		ike_call_stop(k, act->ike, act->force);
		break;
	case SA_FORGET:
		ike_call_forget(k, act);
		break;
	}
}

void ike_withdraw(struct ike *k)
{
	k->withdrawn = true;
	ike_load_withdraw(k);
	ike_call_withdraw(k);
}

bool ike_busy(const struct ike *k)
{
	return ike_connected(k) && (vici_pending(k->vici) > 0 || k->stops);
}

/* --- life, and what people see -------------------------------------------- */

struct ike *ike_new(struct loop *loop, const struct ike_limits *limits,
		    const struct event_sink *sink, const struct log_sink *log)
{
	struct ike *k = mem_new(sizeof(*k));

	k->loop = loop;
	k->limits = *limits;
	k->sink = sink;
	k->log = log;
	k->log_limit = limit_init(LOG_PER_S, LOG_BURST);
	k->since = loop_now(loop);
	ev_timer_init(&k->pump, pump_fired, 0., 0.);
	ev_init(&k->check, check_fired);
	k->pump.data = k->check.data = k;
	arm_check(k);
	return k;
}

void ike_free(struct ike *k)
{
	if (!k)
		return;
	vici_free(k->vici);
	ike_measure_end_all(k, true);
	ike_call_forget_all(k);
	ike_sa_forget_all(k);
	ike_cert_lost(k);
	ike_load_forget_all(k);
	ev_timer_stop(loop_ev(k->loop), &k->pump);
	ev_timer_stop(loop_ev(k->loop), &k->check);
	free(k);
}

struct ike_state ike_state(const struct ike *k)
{
	return (struct ike_state){ k->wanted, k->ready, k->since,
				   k->reason[0] ? k->reason : "not tried yet" };
}

const char *ike_problem(const struct ike *k, const char *ifname)
{
	const struct tunnel *t = ike_tunnel_find(k, ifname);

	if (!t || !t->known || !t->profile)
		return NULL;
	if (!k->ready)
		return k->reason[0] ? k->reason : "not tried yet";
	if (!addr_is_set(&t->local))
		return "its own outer address is not known yet";
	return t->problem[0] ? t->problem : NULL;
}

void ike_describe(const struct ike *k, uint32_t child, struct record *r)
{
	struct sa_traffic t;
	struct sa *s;

	HASH_FIND(by_child, k->sas, &child, sizeof(child), s);
	if (!s)
		return;
	record_text(r, "ike_suite", s->ike_suite);
	record_text(r, "esp_suite", s->suite);
	if (!ike_traffic(k, child, &t))
		return;
	record_number(r, "bytes_in", (int64_t)t.bytes_in);
	record_number(r, "packets_in", (int64_t)t.packets_in);
	record_number(r, "bytes_out", (int64_t)t.bytes_out);
	record_number(r, "packets_out", (int64_t)t.packets_out);
	if (t.packets_in)
		record_number(r, "idle_in_s", t.idle_in_s);
}

static void row(struct show_sink *sink, const char *name, uint64_t value)
{
	struct record r;

	record_init(&r);
	record_text(&r, "name", name);
	record_number(&r, "value", (int64_t)value);
	sink->row(sink, &r);
}

void ike_show(const struct ike *k, struct show_sink *sink)
{
	const struct ike_counters *c = &k->counters;

	row(sink, "ike_connects", c->connects);
	row(sink, "ike_calls", c->calls);
	row(sink, "ike_calls_failed", c->calls_failed);
	row(sink, "ike_children_up", c->children_up);
	row(sink, "ike_children_down", c->children_down);
	row(sink, "ike_rekeys", c->rekeys);
	row(sink, "ike_moves", c->moves);
	row(sink, "ike_loaded_again", c->reloads);
	row(sink, "ike_certificates_asked", c->certs_asked);
	row(sink, "ike_certificates_not_found", c->certs_missing);
	row(sink, "ike_not_understood", c->unclear);
}
