/* SPDX-License-Identifier: MIT */
/*
 * What operators want looked into: explain and doctor. The engine and the rules of
 * the doctor judge; here the kernel is asked for what they do not know.
 */
#include "daemon.h"

#include <stdio.h>
#include <string.h>

#include <net/if.h>

#include <nhrp/copier.h>
#include <nhrp/doctor.h>
#include <nhrp/explain.h>
#include <nhrp/firewall.h>
#include <nhrp/guard.h>
#include <nhrp/guard_route.h>
#include <nhrp/hook.h>
#include <nhrp/ike.h>
#include <nhrp/nhrp_sock.h>
#include <nhrp/nl_ask.h>
#include <nhrp/nl_link.h>
#include <nhrp/nl_log.h>
#include <nhrp/state_file.h>

/* --- peers ------------------------------------------------------------------------ */

/* The engine's row, and beside it what only charon knows. */
struct describer {
	struct show_sink sink;
	const struct ike *ike;
	struct show_sink *to;
};

static void describe(struct show_sink *sink, const struct record *r)
{
	const struct describer *d = container_of(sink, struct describer, sink);
	const struct field *child = record_find(r, "child_id");
	struct record more;

	record_copy(&more, r);
	if (child)
		ike_describe(d->ike, (uint32_t)child->number, &more);
	d->to->row(d->to, &more);
}

void daemon_show_peers(const struct daemon *d, const struct selector *sel,
		       struct show_sink *sink)
{
	struct describer describer = { { describe }, d->ike, sink };

	engine_show(d->engine, SHOW_PEERS, sel, &describer.sink, loop_now(d->loop));
}

/* --- explain --------------------------------------------------------------------- */

static bool ask_route(struct nl_ask *a, const struct addr *dst,
		      struct explain_route *out)
{
	char name[IF_NAMESIZE] = "";

	out->known = nl_ask_route(a, dst, &out->found);
	if (out->known && out->found.ifindex)
		(void)if_indextoname((unsigned)out->found.ifindex, name);
	snprintf(out->device, sizeof(out->device), "%s", name);
	return out->known;
}

/* False when there is nothing more to ask, or the kernel does not answer. */
static bool ask_next(struct nl_ask *a, const struct explain_ask *ask,
		     struct explain_facts *facts)
{
	switch (ask->what) {
	case EXPLAIN_ROUTE:
		return ask_route(a, &ask->addr, &facts->route);
	case EXPLAIN_UNDERLAY:
		return ask_route(a, &ask->addr, &facts->underlay);
	case EXPLAIN_NEIGH:
		facts->neigh_known =
			nl_ask_neigh(a, ask->ifindex, &ask->addr, &facts->neigh);
		return facts->neigh_known;
	case EXPLAIN_SA:
	case EXPLAIN_NOTHING:
		break;
	}
	return false;
}

/* What the kernel can answer is asked; returns the first that it cannot. */
static struct explain_ask ask_all(const struct daemon *d, const struct addr *dst,
				  struct explain_facts *facts)
{
	struct nl_ask *a = nl_ask_new();
	struct explain_ask ask;

	do
		ask = engine_explain_ask(d->engine, dst, facts);
	while (a && ask_next(a, &ask, facts));
	nl_ask_free(a);
	return ask;
}

bool daemon_explain(const struct daemon *d, const struct addr *dst,
		    struct show_sink *sink)
{
	struct explain_facts facts = { 0 };
	struct explain_ask ask = ask_all(d, dst, &facts);

	if (ask.what == EXPLAIN_SA)
		facts.sa_known = ike_traffic(d->ike, ask.child, &facts.sa);
	return engine_explain(d->engine, dst, &facts, sink, loop_now(d->loop));
}

/* --- doctor ---------------------------------------------------------------------- */

/* Reads rows of a table into the facts. */
struct reader {
	struct show_sink sink;
	struct doctor_facts *facts;
};

static void keep(char *out, size_t cap, const char *text)
{
	snprintf(out, cap, "%s", text ? text : "");
}

static void text_of(char *out, size_t cap, const struct record *r, const char *key)
{
	const struct field *f = record_find(r, key);

	keep(out, cap, f && f->kind == FIELD_TEXT ? f->text : NULL);
}

static bool is_text(const struct record *r, const char *key, const char *text)
{
	const struct field *f = record_find(r, key);

	return f && f->kind == FIELD_TEXT && strcmp(f->text, text) == 0;
}

/*
 * One that was asked only just now may still answer; one that cannot be asked
 * because of its interface is that interface's finding.
 */
static bool is_trouble(const struct record *r)
{
	const struct field *tries = record_find(r, "tries");

	if (is_text(r, "state", "up") || is_text(r, "state", "refreshing") ||
	    is_text(r, "state", "down"))
		return false;
	return !is_text(r, "state", "registering") || (tries && tries->number > 1);
}

static void read_server(struct show_sink *sink, const struct record *r)
{
	struct doctor_facts *f = container_of(sink, struct reader, sink)->facts;
	struct doctor_server *s = &f->servers[f->server_count];

	if (f->server_count == DOCTOR_SERVERS_MAX || !is_trouble(r))
		return;
	f->server_count++;
	text_of(s->ifname, sizeof(s->ifname), r, "interface");
	text_of(s->name, sizeof(s->name), r, record_find(r, "name") ? "name" : "nbma");
	text_of(s->protocol, sizeof(s->protocol), r, "protocol");
	text_of(s->nbma, sizeof(s->nbma), r, "nbma");
	text_of(s->state, sizeof(s->state), r, "state");
	text_of(s->reason, sizeof(s->reason), r, "reason");
}

static uint64_t number_of(const struct record *r, const char *key)
{
	const struct field *f = record_find(r, key);

	return f && f->kind == FIELD_NUMBER ? (uint64_t)f->number : 0;
}

static bool is_silent_server(const struct doctor_facts *f, const struct doctor_peer *p)
{
	for (size_t k = 0; k < f->server_count; k++) {
		if (strcmp(f->servers[k].nbma, p->nbma) == 0 &&
		    strcmp(f->servers[k].ifname, p->ifname) == 0)
			return true;
	}
	return false;
}

/* Who has answered once need not do so again: packets are missed of servers alone. */
static void read_peer(struct show_sink *sink, const struct record *r)
{
	struct doctor_facts *f = container_of(sink, struct reader, sink)->facts;
	struct doctor_peer *p = &f->peers[f->peer_count];

	if (f->peer_count == DOCTOR_PEERS_MAX)
		return;
	*p = (struct doctor_peer){ 0 };
	text_of(p->ifname, sizeof(p->ifname), r, "interface");
	text_of(p->nbma, sizeof(p->nbma), r, "nbma");
	text_of(p->cause, sizeof(p->cause), r, "cause");
	text_of(p->identity, sizeof(p->identity), r, "identity");
	text_of(p->turned_away, sizeof(p->turned_away), r, "turned_away");
	if (is_silent_server(f, p) && record_find(r, "packets_in") &&
	    (number_of(r, "packets_in") == 0 || number_of(r, "idle_in_s") >= SA_MUTE_S))
		p->lost = number_of(r, "packets_out");
	f->peer_count += p->cause[0] || p->turned_away[0] || p->lost > 1;
}

static void read_cert(void *ctx, const char *path)
{
	doctor_cert_add(ctx, path);
}

static void read_certs(struct doctor_facts *f)
{
	for (size_t k = 0; k < f->tunnel_count; k++) {
		if (f->tunnels[k].conf->profile)
			ike_each_cert(f->tunnels[k].conf->profile, read_cert, f);
	}
}

static void read_counter(struct show_sink *sink, const struct record *r)
{
	struct doctor_facts *f = container_of(sink, struct reader, sink)->facts;
	const struct field *name = record_find(r, "name");
	const struct field *value = record_find(r, "value");

	if (name && value && strstr(name->text, "_overruns"))
		f->overruns += (uint64_t)value->number;
}

#define GUARDED_MAX 256

static void add_drops(struct daemon *d, struct doctor_facts *f)
{
	struct guard_drops drops[GUARDED_MAX];
	size_t count = guard_drops(d->guard, drops, GUARDED_MAX);

	for (size_t n = 0; n < count && n < GUARDED_MAX; n++)
		for (size_t k = 0; k < f->tunnel_count; k++) {
			struct doctor_tunnel *t = &f->tunnels[k];

			if (strcmp(t->conf->name, drops[n].ifname) != 0)
				continue;
			t->clear_in = drops[n].recent_in;
			t->clear_out = drops[n].recent_out;
		}
}

static void add_charon(const struct daemon *d, struct doctor_facts *f)
{
	struct ike_state state = ike_state(d->ike);

	if (state.wanted && !state.ready)
		keep(f->charon, sizeof(f->charon), state.reason);
	for (size_t k = 0; k < f->tunnel_count && state.ready; k++) {
		struct doctor_tunnel *t = &f->tunnels[k];

		if (t->conf->profile)
			keep(t->no_calls, sizeof(t->no_calls),
			     ike_problem(d->ike, t->conf->name));
	}
}

static void add_what_we_know(struct daemon *d, struct doctor_facts *f)
{
	static const struct selector all;
	struct reader servers = { { read_server }, f };
	struct reader counters = { { read_counter }, f };
	struct reader peers = { { read_peer }, f };

	for (size_t k = 0; k < f->tunnel_count; k++)
		keep(f->tunnels[k].problem, sizeof(f->tunnels[k].problem),
		     nl_link_problem(d->link, f->tunnels[k].conf->name));
	add_drops(d, f);
	add_charon(d, f);
	engine_show(d->engine, SHOW_NHS, &all, &servers.sink, loop_now(d->loop));
	daemon_show_peers(d, &all, &peers.sink);
	daemon_show_counters(d, &counters.sink);
	read_certs(f);
	f->now_s = loop_wall_us(d->loop) / 1000000;
	keep(f->firewall, sizeof(f->firewall), firewall_problem(d->firewall));
	keep(f->guard_weakness, sizeof(f->guard_weakness), guard_weakness(d->guard));
	keep(f->guard_route, sizeof(f->guard_route),
	     guard_route_problem(d->guard_route));
	keep(f->script, sizeof(f->script), hook_problem(d->hook));
	keep(f->samples, sizeof(f->samples), nl_log_problem(d->samples));
	keep(f->copies, sizeof(f->copies), copier_problem(d->copier));
	f->state_lost = !state_file_keeps(d->state);
}

int daemon_doctor(struct daemon *d, struct show_sink *sink)
{
	struct doctor_facts *f = doctor_look(d->conf, nhrp_sock_inode(d->sock));
	size_t findings;

	if (!f)
		return -1;
	add_what_we_know(d, f);
	findings = doctor_judge(f, sink);
	doctor_free(f);
	return (int)findings;
}

/* --- what is to be measured first ----------------------------------------- */

struct wanted {
	struct show_sink sink;
	uint32_t ikes[IKE_MEASURE_MAX];
	size_t count;
};

static void want(struct wanted *w, uint32_t ike)
{
	if (ike && w->count < IKE_MEASURE_MAX)
		w->ikes[w->count++] = ike;
}

static void want_row(struct show_sink *sink, const struct record *r)
{
	const struct field *ike = record_find(r, "ike_id");

	if (ike)
		want(container_of(sink, struct wanted, sink), (uint32_t)ike->number);
}

/* Of a server that does not answer, the SAs to it. */
struct silent {
	struct show_sink sink;
	const struct daemon *daemon;
	struct wanted *wanted;
};

static void want_of_server(struct show_sink *sink, const struct record *r)
{
	const struct silent *s = container_of(sink, struct silent, sink);
	const struct field *nbma = record_find(r, "nbma");
	struct selector sel = { 0 };

	if (is_trouble(r) && nbma && addr_parse(&sel.nbma, nbma->text))
		engine_show(s->daemon->engine, SHOW_PEERS, &sel, &s->wanted->sink,
			    loop_now(s->daemon->loop));
}

void daemon_measure(struct daemon *d, const struct ctl_parsed *cmd,
		    struct ike_measured then)
{
	static const struct selector all;
	struct wanted w = { .sink = { want_row } };
	struct silent silent = { { want_of_server }, d, &w };
	struct explain_facts facts = { 0 };

	if (cmd->verb == CTL_SHOW_PEERS)
		engine_show(d->engine, SHOW_PEERS, &cmd->selector, &w.sink,
			    loop_now(d->loop));
	else if (cmd->verb == CTL_EXPLAIN)
		want(&w, ask_all(d, &cmd->target, &facts).ike);
	else
		engine_show(d->engine, SHOW_NHS, &all, &silent.sink, loop_now(d->loop));
	ike_measure(d->ike, w.ikes, w.count, then);
}
