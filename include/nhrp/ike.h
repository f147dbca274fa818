/* SPDX-License-Identifier: MIT */
/*
 * The adapter to charon: what the engine wants with SAs, done, and what becomes of
 * SAs, told as facts.
 *
 * Each tunnel that has a profile and a known local address gets one connection in
 * charon that takes calls from anybody ("dmvpn-IFNAME"), and one for each peer that
 * is called ("dmvpn-IFNAME-ADDRESS"), loaded right before it is used and unloaded
 * when it is not needed any more. Names that begin with "dmvpn-" are this adapter's
 * alone. SAs are known by charon's numbers and by addresses, whatever the name of
 * their connection. It keeps loaded what is its own: every few seconds it looks, for
 * no event tells that somebody unloaded it.
 *
 * Facts are told from the loop only, never from inside a call. SA_GONE ends all that
 * was begun, without an SA_FAILED; an SA_START while charon is gone fails.
 */
#ifndef NHRP_IKE_H
#define NHRP_IKE_H

#include <stdbool.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/conf.h>
#include <nhrp/event_sink.h>
#include <nhrp/log.h>
#include <nhrp/loop.h>
#include <nhrp/record.h>
#include <nhrp/sa.h>

struct ike;

struct ike_limits {
	unsigned calls;	   /* that charon works on at once; the rest wait */
	unsigned children; /* who comes beyond them is turned away */
	double line_s;	   /* a peer that is silent keeps no other waiting for longer */
	double guard_s;	   /* nothing heard of a call: look what charon knows */
	double child_s;	   /* the same, when there is an IKE SA and no child */
	double check_s;	   /* are our connections still loaded? */
	double measure_s;  /* who asks what went through SAs waits no longer */
	double retry_first_s, retry_most_s, answer_s; /* of the socket */
};

#define IKE_LIMITS_DEFAULT                          \
	((struct ike_limits){ .calls = 32,          \
			      .children = 65536,    \
			      .line_s = 3,          \
			      .guard_s = 10,        \
			      .child_s = 2,         \
			      .check_s = 5,         \
			      .measure_s = 2,       \
			      .retry_first_s = 0.5, \
			      .retry_most_s = 5,    \
			      .answer_s = 30 })

struct ike *ike_new(struct loop *loop, const struct ike_limits *limits,
		    const struct event_sink *sink, const struct log_sink *log);

/* Leaves in charon what is there: connections and SAs. */
void ike_free(struct ike *k);

/*
 * The configuration to follow from now on, which must live until the next call or
 * ike_free(). Without a profile in use nothing is said to charon at all.
 */
void ike_conf(struct ike *k, const struct conf *conf);

/* Where this tunnel's packets come from; ADDR_NONE: not known. */
void ike_local(struct ike *k, const char *ifname, const struct addr *local);

void ike_act(struct ike *k, const struct act_sa *act);

/*
 * Unloads what was loaded, and loads nothing any more. SAs stay; the engine ends
 * those. True while charon has not answered yet to all it was asked.
 */
void ike_withdraw(struct ike *k);
bool ike_busy(const struct ike *k);

struct ike_state {
	bool wanted; /* a profile is in use */
	bool ready;  /* SA_READY was told and SA_GONE was not, since */
	mono since;
	const char *reason; /* why not ready, for people */
};

struct ike_state ike_state(const struct ike *k);

/* Why nobody can call by this tunnel, or by any; NULL: they can. For people. */
const char *ike_problem(const struct ike *k, const char *ifname);

/*
 * Asks charon what went through the children of these IKE SAs, which costs it a
 * question to the kernel for each child; beyond IKE_MEASURE_MAX they are left out.
 * `done` is called once: when all is answered or a time is over, at once when there
 * is nobody to ask, and by ike_free(), then with `over`: there is no daemon any more
 * and all to do is to release.
 */
#define IKE_MEASURE_MAX 32

struct ike_measured {
	void (*done)(void *ctx, bool over);
	void *ctx;
};

void ike_measure(struct ike *k, const uint32_t *ikes, size_t count,
		 struct ike_measured then);

/* What was measured of a child in the last seconds; false: nothing was. */
bool ike_traffic(const struct ike *k, uint32_t child, struct sa_traffic *out);

/* Adds what is known of a child and is of no use to the engine: suites, traffic. */
void ike_describe(const struct ike *k, uint32_t child, struct record *r);

/* Where charon looks for each certificate that a profile names. */
void ike_each_cert(const struct conf_profile *p,
		   void (*each)(void *ctx, const char *path), void *ctx);

/* Rows of `show counters`. */
void ike_show(const struct ike *k, struct show_sink *sink);

#endif
