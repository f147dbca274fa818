/* SPDX-License-Identifier: MIT */
/*
 * What the files of the adapter share: ike.c holds it together, ike_load.c knows
 * what is loaded in charon, ike_call.c the calls that are under way, ike_sa.c the SAs
 * that are there, ike_cert.c what the certificates behind them give.
 */
#ifndef NHRP_IKE_IKE_INT_H
#define NHRP_IKE_IKE_INT_H

#include <stdbool.h>
#include <stdint.h>

#include <ev.h>

#include <nhrp/cert.h>
#include <nhrp/hash.h>
#include <nhrp/ike.h>
#include <nhrp/limit.h>

#include "ike_fact.h"
#include "ike_msg.h"
#include "vici.h"

#define IKE_FRAME_ROOM 65536 /* no request of ours is longer */

/* An interface of the configuration. */
struct tunnel {
	struct tunnel *prev, *next;
	char ifname[CONF_IFNAME_MAX];
	const struct conf_profile *profile; /* NULL: it has none */
	const struct conf_iface *conf;	    /* of the configuration in force */
	struct cert_pool *trusted; /* CAs whose address blocks count; NULL: no matter */
	struct addr local;
	struct ike_name name;
	uint32_t token;
	bool known;    /* of the configuration in force */
	bool asked;    /* load-conn was sent, and nothing changed since */
	bool loaded;   /* charon has it */
	bool retell;   /* its SAs are to be told (again) */
	unsigned rest; /* checks to let pass before the next try */
	char problem[160];
};

/* A profile's `psk` that is in use. */
struct secret {
	struct secret *prev, *next;
	const struct conf_profile *profile; /* NULL: not of this configuration */
	struct ike_name name;
	uint32_t token;
	bool asked, loaded;
};

/*
 *   waiting --load-conn, initiate--> begun --child--> gone
 *
 * and to gone from everywhere: failed, forgotten, charon lost. A call that has begun
 * is asked about when nothing was heard of it.
 */
struct call {
	struct ike *ike;
	struct call *prev, *next; /* waiting: in the queue */
	UT_hash_handle by_name, by_token;
	struct ike_name name;
	uint32_t token;
	char ifname[CONF_IFNAME_MAX];
	struct addr local, remote;
	bool waiting;	/* not begun */
	bool in_line;	/* one of those that charon works on */
	bool again;	/* what it needs was unloaded meanwhile: begun anew */
	bool told_busy; /* it was still connecting when charon was asked */
	bool half;	/* ... and had been answered once */
	uint32_t connecting, childless; /* numbers of IKE SAs, from the last asking */
	const char *doubt; /* why it failed, unless that was for what was unloaded */
	enum sa_cause doubt_cause;
	uint64_t reloads; /* of the adapter, when it began */
	ev_timer guard;
};

#define IKE_ANSWERED_MS 100 /* our answer has gone by then */

/* An SA_STOP that is not answered. */
struct stop {
	struct ike *adapter;
	UT_hash_handle by_ike;
	uint32_t ike;
	bool force, sent;
	ev_timer later; /* while it runs: not to be sent yet */
};

/* Who wants to know what went through some SAs, and how many answers lack. */
struct measure {
	struct ike *ike;
	struct measure *prev, *next;
	uint32_t token;
	unsigned waits;
	ev_timer limit;
	struct ike_measured then;
};

/* A child for GRE, of whatever tunnel. */
struct sa {
	UT_hash_handle by_child;
	uint32_t child, ike;
	uint32_t was;		   /* its child before the last rekeying, or 0 */
	struct addr local, remote; /* of its packets */
	struct addr outer;	   /* where IKE finds the peer */
	uint64_t initiator_spi;
	bool initiator, natted;
	bool fresh; /* told of for the first time, by an event of its own */
	mono established;
	struct sa_traffic traffic;
	mono measured; /* when; MONO_NEVER: not yet */
	char *identity, *ike_suite, *suite;
	/* About its peer's certificate: */
	struct sa *cert_prev, *cert_next; /* in the queue of questions */
	UT_hash_handle by_cert;
	uint32_t cert_token;
	bool cert_queued, cert_asked;
	bool cert_known; /* some of it gave something */
	bool cert_again; /* nothing was found the first time */
};

/* Certificates of a list under way. */
struct ders {
	struct cert_der *list;
	size_t count;
	bool whole;
};

struct ike_counters {
	uint64_t connects, calls, calls_failed, children_up, children_down, rekeys;
	uint64_t moves, reloads, unclear;
	uint64_t certs_asked, certs_missing;
};

struct ike {
	struct loop *loop;
	struct ike_limits limits;
	const struct event_sink *sink;
	const struct log_sink *log;
	struct limit log_limit; /* of lines that peers cause */

	char path[CONF_VICI_MAX];
	struct vici *vici; /* NULL: no profile was ever in use */
	bool wanted, ready, withdrawn;
	bool told_gone; /* since the last SA_READY */
	bool listing;	/* what is told now was asked for */
	mono since;
	char reason[VICI_REASON_MAX];

	uint32_t last_token;
	struct tunnel *tunnels;
	struct secret *secrets;
	struct call *calls, *calls_by_token, *queue;
	unsigned in_line;
	struct stop *stops;
	struct sa *sas;
	struct measure *measures;
	struct sa *cert_queue, *cert_table; /* to be asked for; by token: asked for */
	unsigned certs_asked;		    /* questions without their answers */
	struct ders cas, peers;

	ev_timer pump, check;
	unsigned early_checks; /* to come at shorter intervals */
	struct ike_counters counters;
	uint8_t frame[IKE_FRAME_ROOM];
};

/* ike.c */

/* Is there a charon to talk to, be it that its SAs are not told yet? */
bool ike_connected(const struct ike *k);

/* A fact for the engine. */
void ike_put(const struct ike *k, const struct ev_sa *fact);

/* Does later, from the loop, what waits to be done. */
void ike_kick(struct ike *k);

/* Sends the frame of k->frame; false when there is none, or no room. */
bool ike_send(struct ike *k, size_t len, const struct vici_call *call);

/* The same for a command of one value, whose answer nobody waits for. */
bool ike_tell_charon(struct ike *k, const char *command, const char *key,
		     const char *value);

/* Was it "success"? Else says why not, in charon's words. */
bool ike_succeeded(enum vici_outcome outcome, const struct vici_sec *msg, char *err,
		   size_t err_cap);

/* May a line be logged that a peer can cause? */
bool ike_may_log(struct ike *k);

/* ike_load.c */

/* The configuration's profiles and interfaces; the last one's are still there. */
void ike_load_conf(struct ike *k, const struct conf *conf);
void ike_load_local(struct ike *k, const char *ifname, const struct addr *local);

/* Sends everything, to a charon that has nothing of it. */
void ike_load_all(struct ike *k);

/* Somebody unloaded what is ours. */
void ike_load_again(struct ike *k);

/* Is it still there? What was not taken is sent again, now and then. */
void ike_load_check(struct ike *k);

/* The same for a call, which is judged by what is found; false: no room to ask. */
bool ike_load_look(struct ike *k, uint32_t call_token);

void ike_load_lost(struct ike *k);
void ike_load_withdraw(struct ike *k);
void ike_load_forget_all(struct ike *k);

/* A tunnel with a profile at this address, after `t`; from the first for NULL. */
struct tunnel *ike_tunnel_at(struct ike *k, const struct addr *local, struct tunnel *t);

struct tunnel *ike_tunnel_find(const struct ike *k, const char *ifname);

/* It has a profile and an address. */
bool ike_tunnel_usable(const struct tunnel *t);

/* ike_sa.c */

/* One section of list-sas. */
void ike_sa_listed(struct ike *k, const struct ike_fact *fact);

/* An event that was registered for. */
void ike_sa_event(struct ike *k, struct vici_str name, const struct vici_sec *msg);

/* The SAs of a tunnel that has just become known. */
void ike_sa_retell(struct ike *k, struct tunnel *t);

/*
 * The peer began it, so short a time ago that its answer may still be on the way: a
 * DELETE that overtakes it is not heard (RFC 7296, 2.25: there is no such SA yet).
 */
bool ike_sa_is_new(const struct ike *k, uint32_t ike);

/* There is no such IKE SA any more. */
void ike_sa_gone(struct ike *k, uint32_t ike);

/* One section of list-sas, for the sake of its counters. */
void ike_sa_measured(struct ike *k, const struct ike_fact *fact);

void ike_sa_forget_all(struct ike *k);

/* ike_measure.c: none of them gets an answer any more. */
void ike_measure_end_all(struct ike *k, bool over);
/* ike_cert.c */

/*
 * The configuration of a tunnel; the last one is still there. True when somebody is
 * to be asked about who was not.
 */
bool ike_cert_conf(struct ike *k, struct tunnel *t, const struct conf_iface *conf);

/* Asks for its peer's certificate, where the configuration does; facts follow. */
void ike_cert_ask(struct ike *k, struct sa *s);

/* Once more, what was not found; and what found no room. */
void ike_cert_check(struct ike *k);

/* Nobody waits for the answer any more. */
void ike_cert_drop(struct ike *k, struct sa *s);

/* No answer comes any more. */
void ike_cert_lost(struct ike *k);

/* ike_call.c */

void ike_call_start(struct ike *k, const struct act_sa *act);
void ike_call_forget(struct ike *k, const struct act_sa *act);
void ike_call_stop(struct ike *k, uint32_t ike, bool force);

/* Sends what there is room for, and fails what cannot begin. */
void ike_call_pump(struct ike *k);

/* An IKE SA of this connection came up, or ended. */
void ike_call_ike_up(struct ike *k, const struct ike_fact *fact);
void ike_call_ike_down(struct ike *k, const struct ike_fact *fact);

/* A tunnel has a child to this peer. */
void ike_call_child_up(struct ike *k, const struct tunnel *t,
		       const struct addr *remote);

/* All that is ours was loaded again. */
void ike_call_reloaded(struct ike *k);

/* Whether something of ours was unloaded is known now. */
void ike_call_judge(struct ike *k, uint32_t token);

/* Is this the name of a call's connection? */
bool ike_call_has(const struct ike *k, struct vici_str name);

/* Unloads their connections; nobody is told. */
void ike_call_withdraw(struct ike *k);

/* Without a word to anybody: charon is lost, or the adapter ends. */
void ike_call_forget_all(struct ike *k);

#endif
