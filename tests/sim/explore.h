/* SPDX-License-Identifier: MIT */
/*
 * One random story: a topology and a configuration from a seed, some minutes of
 * faults and traffic, an end of all faults after which everybody has to reach
 * everybody, and a stop after which nothing may be left.
 *
 * explore_plan.c makes the topology, explore_faults.c has the table of what may
 * happen, explore_hostile.c what somebody does on purpose, explore_play.c plays;
 * explore.c is the program around them. A play is its
 * seed: whatever is left to chance comes from `rng` or from the world's own.
 */
#ifndef NHRP_TEST_EXPLORE_H
#define NHRP_TEST_EXPLORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/rng.h>

#include "world.h"

#define SITES_MAX  8
#define FAULTS_MAX 64
#define NETS_MAX   2

/* What a site is in one address family. */
struct net {
	char addr[24], host_route[28], prefix[28]; /* protocol address: that, its own
						      prefix, and the device's */
	char lan[28], host[24];			   /* behind it, and somebody there */
};

/* A router, the LAN behind it, and what is the matter with it just now. */
struct site {
	int node;
	bool hub;
	char name[16];
	struct net nets[NETS_MAX];
	char beside[28];	/* "": no other address */
	char nbma[24], nat[24]; /* "": no NAT */
	char words[1500];
	bool natted, masquerade;
	bool dead, link_down, no_device, lan_down, no_charon;
	bool routed; /* somebody's routes over the tunnel are in place */
	int parent;  /* where its default for other sites leads; -1: top */
};

enum topology {
	STAR,	    /* a hub and its spokes */
	TWO_HUBS,   /* each spoke registers with both */
	TWO_REALMS, /* two hubs that register with each other, a spoke with one */
	HOSTS,	    /* a star of host addresses: no subnet on the tunnel */
	TREE,	    /* host addresses, a hub of hubs */
	TOPOLOGIES
};

struct play {
	struct world *w;
	uint64_t seed;
	struct rng rng;
	bool loud; /* tells what it does */
	enum topology topology;
	bool is6[NETS_MAX];
	int nets;	 /* address families of the tunnel */
	bool underlay6;	 /* and of what is below it */
	bool link_local; /* IPv6 alone: as routing protocols want it */
	bool secret;	 /* encrypted */
	bool ruled;	 /* ... and who may claim what is configured */
	bool scripted;
	bool named;   /* servers are known by their names */
	bool grouped; /* TWO_REALMS: the other hub is a spoke's second choice */
	bool probed;
	int holding_s;
	struct site sites[SITES_MAX];
	int count, hubs;
	unsigned given;		       /* addresses of the underlay, to who moved */
	uint64_t happened[FAULTS_MAX]; /* by the table of faults */
};

void explore_say(const struct play *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
bool explore_chance(struct play *p, unsigned percent);
int explore_net(struct play *p);

/* explore_plan.c: all nodes, running. */
void explore_plan(struct play *p);
void explore_words(struct play *p, struct site *s, const char *more);
/* An address of the underlay that nobody has: the `at`th of such a network. */
void explore_outside(const struct play *p, unsigned net, unsigned at, char *out,
		     size_t room);
/* Somebody's routes over the tunnel, which go with the device. */
void explore_route(struct play *p, struct site *s);

/* Kinds of worlds: what such a one is called, NULL: behind the last. Is it of it? */
const char *explore_kind_name(size_t k);
bool explore_is_kind(const struct play *p, size_t k);

/* explore_faults.c */
void explore_fault(struct play *p);
/* What the fault is called that `happened` counts there; NULL: behind the last. */
const char *explore_fault_name(size_t k);
void explore_traffic(struct play *p);
/* Whatever was broken by a fault is as it was. */
void explore_heal(struct play *p);
/* Packets may be sent from it. */
bool explore_is_on(const struct site *s);

/* explore_hostile.c */
void explore_forge(struct play *p);
void explore_replay(struct play *p);
void explore_tamper(struct play *p);

/* explore_play.c: ends the process when it goes wrong. */
struct world_totals;
void explore_play(uint64_t seed, bool loud, struct world_totals *totals);

#endif
