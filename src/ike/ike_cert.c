/* SPDX-License-Identifier: MIT */
/*
 * What peers' certificates give, where the configuration asks for that. charon tells
 * no certificate with an SA: it keeps the last 32 that it saw for a while, mixed with
 * those that are loaded, and lists them by name. So it is asked the moment an SA is
 * there, some at a time, and once more a little later when nothing was found.
 *
 * A list may hold what a stranger sent, be it a CA, whether charon let it in or not.
 * So trusted are the CAs of the profile alone, out of their files; those of the list
 * only lead there.
 */
#include "ike_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include <nhrp/mem.h>

#define ASKED_MAX 16 /* at a time: others have commands for charon too */
#define DERS_MAX  64 /* of one list; charon keeps 32, and those of files */

/* --- who is asked about --------------------------------------------------- */

static bool asks(const struct conf_iface *c, const char *identity)
{
	for (size_t n = 0; n < c->authority_count; n++) {
		const struct conf_authority *a = &c->authorities[n];

		if (a->certificate &&
		    (!identity || conf_identity_matches(a->identity, identity)))
			return true;
	}
	return false;
}

/* A tunnel that wants to know, after `t`; from the first for NULL. */
static struct tunnel *next_tunnel(struct ike *k, const struct sa *s, struct tunnel *t)
{
	while ((t = ike_tunnel_at(k, &s->local, t)) != NULL) {
		if (asks(t->conf, s->identity))
			return t;
	}
	return NULL;
}

/* --- the CAs -------------------------------------------------------------- */

static void trust_files(struct ike *k, struct tunnel *t)
{
	const struct conf_setting *s =
		conf_find_setting(t->profile, CONF_REMOTE, "cacerts");
	char err[64 + CONF_PATH_MAX];

	for (size_t n = 0; s && n < s->value_count; n++) {
		struct ike_path path = ike_msg_path(s->key, s->values[n]);

		if (!cert_pool_trust_file(t->trusted, path.s, err, sizeof(err)))
			log_to(k->log, LOG_LEVEL_ERROR,
			       "%s: no certificate counts that is of this CA: %s",
			       t->ifname, err);
	}
}

static bool same_rules(const struct conf_iface *a, const struct conf_iface *b)
{
	if (a->authority_count != b->authority_count)
		return false;
	for (size_t n = 0; n < a->authority_count; n++) {
		const struct conf_authority *x = &a->authorities[n];
		const struct conf_authority *y = &b->authorities[n];

		if (x->certificate != y->certificate ||
		    strcmp(x->identity, y->identity) != 0)
			return false;
	}
	return true;
}

bool ike_cert_conf(struct ike *k, struct tunnel *t, const struct conf_iface *conf)
{
	bool same = t->conf && same_rules(t->conf, conf);

	t->conf = conf;
	cert_pool_free(t->trusted);
	t->trusted = NULL;
	if (!conf->profile || !asks(conf, NULL))
		return false;
	t->trusted = cert_pool_new();
	trust_files(k, t);
	return !same;
}

/* --- what charon lists ---------------------------------------------------- */

static void forget(struct ders *d)
{
	for (size_t n = 0; n < d->count; n++)
		free((void *)(uintptr_t)d->list[n].bytes);
	free(d->list);
	*d = (struct ders){ .count = 0 };
}

static void take_part(struct ders *d, const struct vici_sec *msg)
{
	struct vici_str der = vici_value(msg, "data");

	if (d->whole)
		forget(d);
	if (der.len == 0 || d->count == DERS_MAX)
		return;
	d->list = mem_resize(d->list, d->count + 1, sizeof(*d->list));
	d->list[d->count++] = (struct cert_der){ mem_dup(der.s, der.len), der.len };
}

/* It comes before the peer's own: charon answers in order. */
static void listed_ca(void *ctx, uint32_t token, enum vici_outcome outcome,
		      const struct vici_sec *msg)
{
	struct ike *k = ctx;

	(void)token;
	if (outcome == VICI_PART)
		take_part(&k->cas, msg);
	else
		k->cas.whole = true;
}

/* --- the facts ------------------------------------------------------------ */

static void put_fact(struct ike *k, const struct tunnel *t, const struct sa *s,
		     enum cert_verdict v, const struct cert_facts *f)
{
	int64_t left = f->until_s - loop_wall_us(k->loop) / 1000000;
	const struct ev_sa ev = {
		.fact = SA_AUTHORITY,
		.ifname = t->ifname,
		.local = s->local,
		.remote = s->remote,
		.outer = s->outer,
		.ike = s->ike,
		.child = s->child,
		.identity = s->identity,
		.prefixes = f->prefixes,
		.prefix_count = f->count,
		.valid_s = left < UINT32_MAX ? (uint32_t)(left > 0 ? left : 0)
					     : UINT32_MAX,
		.reason = cert_verdict_str(v),
	};

	ike_put(k, &ev);
}

static enum cert_verdict judge(struct ike *k, const struct tunnel *t,
			       const struct sa *s, struct cert_facts *f)
{
	const struct cert_list peers = { k->peers.list, k->peers.count };
	const struct cert_list cas = { k->cas.list, k->cas.count };

	return cert_judge(t->trusted, &peers, &cas, s->identity,
			  loop_wall_us(k->loop) / 1000000, f);
}

/* What was found once is not taken back because charon has forgotten it. */
static void tell_tunnels(struct ike *k, struct sa *s)
{
	struct tunnel *t = NULL;
	bool first = !s->cert_again && !s->cert_known;

	s->cert_again = false;
	while ((t = next_tunnel(k, s, t)) != NULL) {
		struct cert_facts f;
		enum cert_verdict v = judge(k, t, s, &f);

		k->counters.certs_missing += v == CERT_NONE;
		if (v == CERT_NONE && s->cert_known)
			continue;
		s->cert_known |= v == CERT_GIVES;
		s->cert_again |= v != CERT_GIVES && first;
		put_fact(k, t, s, v, &f);
	}
}

/* --- the questions -------------------------------------------------------- */

static void pump(struct ike *k);

static void listed_peer(void *ctx, uint32_t token, enum vici_outcome outcome,
			const struct vici_sec *msg)
{
	struct ike *k = ctx;
	struct sa *s;

	if (outcome == VICI_PART) {
		take_part(&k->peers, msg);
		return;
	}
	k->certs_asked--;
	HASH_FIND(by_cert, k->cert_table, &token, sizeof(token), s);
	if (s) {
		HASH_DELETE(by_cert, k->cert_table, s);
		s->cert_asked = false;
		tell_tunnels(k, s);
	}
	forget(&k->peers);
	forget(&k->cas);
	pump(k);
}

/* False when there is no room now. */
static bool ask(struct ike *k, struct sa *s)
{
	const struct vici_call cas = { listed_ca, 0, "list-cert" };
	struct vici_call peers = { listed_peer, ++k->last_token, "list-cert" };

	if (!ike_send(k, ike_msg_certs(k->frame, sizeof(k->frame), NULL), &cas) ||
	    !ike_send(k, ike_msg_certs(k->frame, sizeof(k->frame), s->identity),
		      &peers))
		return false;
	k->certs_asked++;
	k->counters.certs_asked++;
	s->cert_token = peers.token;
	s->cert_asked = true;
	HASH_ADD(by_cert, k->cert_table, cert_token, sizeof(s->cert_token), s);
	return true;
}

static void leave_queue(struct ike *k, struct sa *s)
{
	DL_DELETE2(k->cert_queue, s, cert_prev, cert_next);
	s->cert_queued = false;
}

static void pump(struct ike *k)
{
	while (k->cert_queue && k->certs_asked < ASKED_MAX) {
		struct sa *s = k->cert_queue;

		if (!ask(k, s))
			return;
		leave_queue(k, s);
	}
}

void ike_cert_ask(struct ike *k, struct sa *s)
{
	if (s->cert_queued || s->cert_asked || !next_tunnel(k, s, NULL))
		return;
	s->cert_queued = true;
	DL_APPEND2(k->cert_queue, s, cert_prev, cert_next);
	pump(k);
}

void ike_cert_check(struct ike *k)
{
	struct sa *s, *next;

	HASH_ITER (by_child, k->sas, s, next) {
		if (s->cert_again)
			ike_cert_ask(k, s);
	}
	pump(k);
}

void ike_cert_drop(struct ike *k, struct sa *s)
{
	if (s->cert_queued)
		leave_queue(k, s);
	if (s->cert_asked)
		HASH_DELETE(by_cert, k->cert_table, s);
	s->cert_asked = false;
}

void ike_cert_lost(struct ike *k)
{
	forget(&k->peers);
	forget(&k->cas);
	k->certs_asked = 0;
}
