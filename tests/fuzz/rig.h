/* SPDX-License-Identifier: MIT */
/*
 * One engine, with a system around it that keeps its word: a kernel that has what
 * it was told to have, a charon whose numbers are right. What a fuzzer decides is
 * what happens, and when. The rig ends the program where the engine
 *
 *	- sends what does not decode, or has no hops left,
 *	- sends, or writes a neighbour, where a tunnel with ipsec has no SA,
 *	- removes a neighbour before the route that leads to it,
 *	- gives up a watch that it has not got,
 *	- wants to be woken over and over again at the same moment,
 *	- has stopped, and left something in the kernel.
 *
 * With RIG_LOG in the environment it prints every event, action and log line.
 */
#ifndef NHRP_TEST_FUZZ_RIG_H
#define NHRP_TEST_FUZZ_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/engine.h>

#define RIG_DEVICES    3 /* gre1, gre2, lan0 */
#define RIG_STATIONS   8
#define RIG_SAS	       8
#define RIG_WAITING    16
#define RIG_SENT       4
#define RIG_SENT_MAX   1024
#define RIG_EVENTS_MAX 5000 /* one input leads to no more */

struct rig_device {
	const char *name;
	int ifindex;
	bool exists, up;
	struct addr nbma;
	bool dump_neighs, dump_routes; /* asked for */
	bool dumped;		       /* the engine knows what is left on it */
};

enum rig_kind { RIG_NEIGH, RIG_ROUTE, RIG_WATCH };

/* What stands in the kernel. */
struct rig_entry {
	enum rig_kind kind;
	int ifindex;
	struct prefix dst;
	struct addr to; /* its NBMA address, its gateway */
	uint32_t table;
	bool left; /* by a predecessor, who may have had other tunnels */
};

struct rig_sa {
	bool used;
	const struct rig_device *dev;
	struct addr remote;
	uint32_t ike, child;
	bool initiator;
	uint8_t identity;
};

/* Charon is away, or just back: an SA may be there that it does not know of. */
struct rig_belief {
	struct addr remote;
	mono until;
};

struct rig_sent {
	uint8_t pdu[RIG_SENT_MAX];
	size_t len;
	struct addr to;
	int ifindex;
};

struct rig {
	struct engine *engine;
	mono now;
	const struct conf *conf;
	struct rig_device devices[RIG_DEVICES];
	struct rig_entry *entries;
	size_t entry_count, entry_room;
	struct rig_sa sas[RIG_SAS];
	uint32_t next_sa;
	bool ike_ready;
	struct rig_belief beliefs[RIG_STATIONS];
	size_t belief_count;
	mono doubtful_until; /* a route was left, to a station whose place is not said */
	struct rig_sent sent[RIG_SENT];
	unsigned sent_count;
	struct act_lookup lookups[RIG_WAITING];
	size_t lookup_count;
	uint32_t hooks[RIG_WAITING];
	size_t hook_count;
	struct act_sa wishes[RIG_WAITING];
	size_t wish_count;
	struct rig_entry unled[RIG_WAITING]; /* neighbours removed in this turn */
	size_t unled_count;
	bool reloading;
	unsigned handled;
	bool begun; /* a link was told: what a predecessor left is there by now */
	bool stopped;
};

void rig_init(struct rig *r, uint64_t seed);
/* Stops the engine, sees that nothing is left, frees all. */
void rig_end(struct rig *r);

/* Hands over an event and does what comes of it; dumps are answered at once. */
void rig_handle(struct rig *r, const struct event *ev);
void rig_run_us(struct rig *r, int64_t us);

/* The cast: the addresses of the golden packets. */
struct addr rig_nbma(uint8_t station);
struct addr rig_proto(uint8_t station);

void rig_link(struct rig *r, struct rig_device *dev, uint8_t addrs);
void rig_conf(struct rig *r, const struct conf *conf);

/* The kernel lost an entry, and says so; false: there is none of this kind. */
bool rig_lose(struct rig *r, enum rig_kind kind, size_t number, bool refused);
/* What a predecessor left. */
void rig_leave(struct rig *r, const struct rig_entry *entry);

void rig_sa_up(struct rig *r, uint8_t station, bool initiator, uint8_t identity,
	       uint8_t age_s);
void rig_sa_down(struct rig *r, struct rig_sa *sa);
void rig_sa_rekeyed(struct rig *r, struct rig_sa *sa, bool ike);
void rig_sa_moved(struct rig *r, struct rig_sa *sa, uint8_t station);
void rig_ike(struct rig *r, bool ready, uint8_t lost);

/* Between the two files of the rig. */
struct rig_device *rig_device(struct rig *r, int ifindex);
/* Has the tunnel a profile? May packets go there: is there an SA, or may one be? */
bool rig_is_secured(const struct rig *r, const struct rig_device *dev);
bool rig_may_go(struct rig *r, int ifindex, const struct addr *to);
void rig_believe(struct rig *r, const struct addr *remote, mono until);

#endif
