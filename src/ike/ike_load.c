/* SPDX-License-Identifier: MIT */
/*
 * What is loaded in charon: secrets, and a connection a tunnel that takes calls from
 * anybody. It is looked at every few seconds, for `swanctl --load-all` unloads all
 * that is not in its files, and no event says so.
 */
#include "ike_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include <nhrp/mem.h>

#define FAILED_REST 11 /* checks to let pass: charon logs each try */

/* --- secrets ------------------------------------------------------------------ */

static struct secret *find_secret(const struct ike *k, const char *name)
{
	struct secret *s;

	DL_FOREACH (k->secrets, s) {
		if (strcmp(s->name.s, name) == 0)
			return s;
	}
	return NULL;
}

static void secret_loaded(void *ctx, uint32_t token, enum vici_outcome outcome,
			  const struct vici_sec *msg)
{
	struct ike *k = ctx;
	struct secret *s;
	char err[160];

	DL_FOREACH (k->secrets, s) {
		if (s->token == token)
			break;
	}
	if (!s)
		return;
	s->loaded = ike_succeeded(outcome, msg, err, sizeof(err));
	if (!s->loaded)
		log_to(k->log, LOG_LEVEL_ERROR, "charon: the secret of profile %s: %s",
		       s->profile->name, err);
}

static void secret_load(struct ike *k, struct secret *s)
{
	size_t len = ike_msg_shared(k->frame, sizeof(k->frame), s->profile);

	s->token = ++k->last_token;
	s->loaded = false;
	s->asked =
		ike_send(k, len, &(struct vici_call){ secret_loaded, s->token, NULL });
	explicit_bzero(k->frame, len);
}

static void secret_free(struct ike *k, struct secret *s)
{
	DL_DELETE(k->secrets, s);
	free(s);
}

static void secret_unload(struct ike *k, struct secret *s)
{
	if (s->asked)
		ike_tell_charon(k, "unload-shared", "id", s->name.s);
	secret_free(k, s);
}

/* --- connections of tunnels ----------------------------------------------------- */

struct tunnel *ike_tunnel_at(struct ike *k, const struct addr *local, struct tunnel *t)
{
	for (t = t ? t->next : k->tunnels; t; t = t->next) {
		if (t->known && t->profile && addr_eq(&t->local, local))
			return t;
	}
	return NULL;
}

bool ike_tunnel_usable(const struct tunnel *t)
{
	return t->known && t->profile && addr_is_set(&t->local);
}

static void tunnel_problem(struct ike *k, struct tunnel *t, const char *problem)
{
	t->loaded = false;
	t->rest = FAILED_REST;
	if (strcmp(t->problem, problem) == 0)
		return;
	snprintf(t->problem, sizeof(t->problem), "%s", problem);
	log_to(k->log, LOG_LEVEL_ERROR,
	       "%s: charon does not take the connection of profile %s: %s", t->ifname,
	       t->profile->name, problem);
}

static void tunnel_loaded(void *ctx, uint32_t token, enum vici_outcome outcome,
			  const struct vici_sec *msg)
{
	struct ike *k = ctx;
	struct tunnel *t;
	char err[160];

	DL_FOREACH (k->tunnels, t) {
		if (t->token == token)
			break;
	}
	if (!t || !ike_tunnel_usable(t))
		return;
	if (!ike_succeeded(outcome, msg, err, sizeof(err))) {
		tunnel_problem(k, t, err);
		return;
	}
	t->loaded = true;
	if (t->problem[0])
		log_to(k->log, LOG_LEVEL_INFO, "%s: charon takes its connection now",
		       t->ifname);
	t->problem[0] = '\0';
}

static void tunnel_load(struct ike *k, struct tunnel *t)
{
	const struct ike_conn conn = { .name = t->name.s, .local = t->local };
	char err[160] = "";
	size_t len;

	t->loaded = false;
	if (!ike_tunnel_usable(t) || k->withdrawn)
		return;
	len = ike_msg_conn(k->frame, sizeof(k->frame), t->profile, &conn, err,
			   sizeof(err));
	t->asked = true;
	t->token = ++k->last_token;
	if (len == 0)
		tunnel_problem(k, t, err);
	else
		t->asked =
			ike_send(k, len,
				 &(struct vici_call){ tunnel_loaded, t->token, NULL });
}

static void tunnel_unload(struct ike *k, struct tunnel *t)
{
	if (t->asked)
		ike_tell_charon(k, "unload-conn", "name", t->name.s);
	t->asked = t->loaded = false;
	t->token = 0;
	t->problem[0] = '\0';
}

struct tunnel *ike_tunnel_find(const struct ike *k, const char *ifname)
{
	struct tunnel *t;

	DL_FOREACH (k->tunnels, t) {
		if (strcmp(t->ifname, ifname) == 0)
			return t;
	}
	return NULL;
}

static struct tunnel *get_tunnel(struct ike *k, const char *ifname)
{
	struct tunnel *t = ike_tunnel_find(k, ifname);

	if (t)
		return t;
	t = mem_new(sizeof(*t));
	snprintf(t->ifname, sizeof(t->ifname), "%s", ifname);
	t->name = ike_name(ifname, &(struct addr){ 0 });
	DL_APPEND(k->tunnels, t);
	return t;
}

static void tunnel_free(struct ike *k, struct tunnel *t)
{
	DL_DELETE(k->tunnels, t);
	cert_pool_free(t->trusted);
	free(t);
}

/* Whatever was sent is sent (again). */
static void send_all(struct ike *k)
{
	struct secret *s;
	struct tunnel *t;

	DL_FOREACH (k->secrets, s)
		secret_load(k, s);
	DL_FOREACH (k->tunnels, t)
		tunnel_load(k, t);
}

void ike_load_again(struct ike *k)
{
	k->counters.reloads++;
	log_to(k->log, LOG_LEVEL_WARN,
	       "charon: somebody unloaded what is ours (swanctl --load-all does): "
	       "loaded again");
	send_all(k);
	ike_call_reloaded(k);
}

/* --- the look at what is loaded -------------------------------------------------- */

static bool lists(const struct vici_sec *msg, const char *key, const char *name)
{
	struct vici_sec at = vici_inside(msg, VICI_LIST, key);
	struct vici_item item;

	while (vici_next(&at, &item)) {
		if (vici_str_is(item.value, name))
			return true;
	}
	return false;
}

static bool is_our_conn(const struct ike *k, struct vici_str name)
{
	struct tunnel *t;

	DL_FOREACH (k->tunnels, t) {
		if (t->asked && vici_str_is(name, t->name.s))
			return true;
	}
	return ike_call_has(k, name);
}

static bool is_our_secret(const struct ike *k, struct vici_str name)
{
	struct secret *s;

	DL_FOREACH (k->secrets, s) {
		if (vici_str_is(name, s->name.s))
			return true;
	}
	return false;
}

/* One kind of what is loaded, as charon lists it and unloads one by its name. */
struct kind {
	const char *list, *unload, *name_key;
	bool (*is_ours)(const struct ike *k, struct vici_str name);
};

static const struct kind conns = { "conns", "unload-conn", "name", is_our_conn };
static const struct kind secrets = { "keys", "unload-shared", "id", is_our_secret };

/* What a predecessor left, or an unload that found no room in the queue. */
static void unload_strays(struct ike *k, const struct kind *what,
			  const struct vici_sec *msg)
{
	struct vici_sec at = vici_inside(msg, VICI_LIST, what->list);
	char name[VICI_NAME_MAX + 1];
	struct vici_item item;

	while (vici_next(&at, &item)) {
		if (!vici_str_copy(item.value, name, sizeof(name)) ||
		    strncmp(name, IKE_PREFIX, strlen(IKE_PREFIX)) != 0 ||
		    what->is_ours(k, item.value))
			continue;
		ike_tell_charon(k, what->unload, what->name_key, name);
	}
}

static void checked_conns(void *ctx, uint32_t token, enum vici_outcome outcome,
			  const struct vici_sec *msg)
{
	struct ike *k = ctx;
	struct tunnel *t;
	bool lost = false;

	(void)token;
	if (outcome != VICI_DONE)
		return;
	DL_FOREACH (k->tunnels, t)
		lost = lost || (t->loaded && !lists(msg, conns.list, t->name.s));
	unload_strays(k, &conns, msg);
	if (lost)
		ike_load_again(k);
}

static void checked_secrets(void *ctx, uint32_t token, enum vici_outcome outcome,
			    const struct vici_sec *msg)
{
	struct ike *k = ctx;
	struct secret *s;
	bool lost = false;

	if (outcome == VICI_DONE) {
		DL_FOREACH (k->secrets, s)
			lost = lost ||
			       (s->loaded && !lists(msg, secrets.list, s->name.s));
		unload_strays(k, &secrets, msg);
	}
	if (lost)
		ike_load_again(k);
	if (token)
		ike_call_judge(k, token);
}

bool ike_load_look(struct ike *k, uint32_t call_token)
{
	size_t len =
		ike_msg_command(k->frame, sizeof(k->frame), "get-conns", NULL, NULL);

	if (!ike_send(k, len, &(struct vici_call){ checked_conns, 0, NULL }))
		return false;
	len = ike_msg_command(k->frame, sizeof(k->frame), "get-shared", NULL, NULL);
	return ike_send(k, len,
			&(struct vici_call){ checked_secrets, call_token, NULL });
}

static void ask_what_is_loaded(struct ike *k)
{
	if (!ike_load_look(k, 0))
		log_to(k->log, LOG_LEVEL_DEBUG,
		       "charon: no room to look what is loaded");
}

/* What was refused, or found no room, is tried again now and then. */
static void retry_tunnels(struct ike *k)
{
	struct tunnel *t;

	DL_FOREACH (k->tunnels, t) {
		if (t->rest > 0) {
			t->rest--;
		} else if (ike_tunnel_usable(t) && (!t->asked || t->problem[0])) {
			t->rest = FAILED_REST; /* the answer may take a while */
			tunnel_load(k, t);
		}
	}
}

/* What is listed from now on is told of every tunnel that is known now. */
void ike_load_all(struct ike *k)
{
	struct tunnel *t;

	DL_FOREACH (k->tunnels, t)
		t->retell = false;
	send_all(k);
	ask_what_is_loaded(k);
}

void ike_load_check(struct ike *k)
{
	struct secret *s;

	DL_FOREACH (k->secrets, s) {
		if (!s->asked)
			secret_load(k, s);
	}
	retry_tunnels(k);
	ask_what_is_loaded(k);
}

void ike_load_lost(struct ike *k)
{
	struct tunnel *t;
	struct secret *s;

	DL_FOREACH (k->tunnels, t) {
		t->asked = t->loaded = t->retell = false;
		t->rest = 0;
	}
	DL_FOREACH (k->secrets, s)
		s->asked = s->loaded = false;
}

/* --- the configuration ------------------------------------------------------------ */

static bool same_profile(const struct conf_profile *a, const struct conf_profile *b)
{
	return a == b || (a && b && conf_profile_eq(a, b));
}

static void want_secret(struct ike *k, const struct conf_profile *p)
{
	struct ike_name name = ike_shared_name(p);
	struct secret *s = find_secret(k, name.s);

	if (!s) {
		s = mem_new(sizeof(*s));
		s->name = name;
		DL_APPEND(k->secrets, s);
	}
	s->profile = p;
}

/* The old configuration is still there to be compared with. */
static void take_secrets(struct ike *k, const struct conf *conf)
{
	struct secret *s, *next;

	DL_FOREACH (k->secrets, s)
		s->profile = NULL;
	for (size_t i = 0; i < conf->iface_count; i++) {
		const struct conf_profile *p = conf->ifaces[i].profile;

		if (p && p->psk.len > 0)
			want_secret(k, p);
	}
	DL_FOREACH_SAFE (k->secrets, s, next) {
		if (s->profile) {
			secret_load(k, s);
			continue;
		}
		secret_unload(k, s);
	}
}

static void take_tunnel(struct ike *k, const struct conf_iface *i)
{
	struct tunnel *t = get_tunnel(k, i->name);
	bool same = same_profile(t->profile, i->profile);

	t->profile = i->profile;
	t->known = true;
	if (ike_cert_conf(k, t, i))
		t->retell = true;
	if (same)
		return;
	if (!t->profile)
		tunnel_unload(k, t);
	t->rest = 0;
	t->retell = true;
	tunnel_load(k, t);
}

static void take_tunnels(struct ike *k, const struct conf *conf)
{
	struct tunnel *t, *next;

	DL_FOREACH (k->tunnels, t)
		t->known = false;
	for (size_t i = 0; i < conf->iface_count; i++)
		take_tunnel(k, &conf->ifaces[i]);
	DL_FOREACH_SAFE (k->tunnels, t, next) {
		if (t->known)
			continue;
		tunnel_unload(k, t);
		tunnel_free(k, t);
	}
}

void ike_load_conf(struct ike *k, const struct conf *conf)
{
	take_secrets(k, conf);
	take_tunnels(k, conf);
}

void ike_load_local(struct ike *k, const char *ifname, const struct addr *local)
{
	struct tunnel *t = get_tunnel(k, ifname);

	if (addr_eq(&t->local, local))
		return;
	t->local = *local;
	if (!addr_is_set(local))
		tunnel_unload(k, t);
	t->rest = 0;
	t->retell = true;
	tunnel_load(k, t);
}

void ike_load_withdraw(struct ike *k)
{
	struct tunnel *t;
	struct secret *s, *next;

	DL_FOREACH (k->tunnels, t)
		tunnel_unload(k, t);
	DL_FOREACH_SAFE (k->secrets, s, next)
		secret_unload(k, s);
}

void ike_load_forget_all(struct ike *k)
{
	struct tunnel *t, *next_tunnel;
	struct secret *s, *next_secret;

	DL_FOREACH_SAFE (k->tunnels, t, next_tunnel)
		tunnel_free(k, t);
	DL_FOREACH_SAFE (k->secrets, s, next_secret)
		secret_free(k, s);
}
