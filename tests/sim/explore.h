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

/* A router, the LAN behind it, and what is the matter with it just now. */
struct site {
	int node;
	bool hub;
	char name[16];
	char addr[20], prefix[24]; /* protocol address, with its length */
	char nbma[20], nat[20];	   /* "": no NAT */
	char lan[24], host[20];
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
	bool secret; /* encrypted */
	bool ruled;  /* ... and who may claim what is configured */
	bool scripted;
	bool named;   /* servers are known by their names */
	bool grouped; /* TWO_REALMS: the other hub is a spoke's second choice */
	bool probed;
	int holding_s;
	struct site sites[SITES_MAX];
	int count, hubs;
	uint64_t happened[FAULTS_MAX]; /* by the table of faults */
};

void explore_say(const struct play *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
bool explore_chance(struct play *p, unsigned percent);

/* explore_plan.c: all nodes, running. */
void explore_plan(struct play *p);
void explore_words(struct play *p, struct site *s, const char *more);
/* Somebody's routes over the tunnel, which go with the device. */
void explore_route(struct play *p, struct site *s);

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
