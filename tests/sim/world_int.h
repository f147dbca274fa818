/* SPDX-License-Identifier: MIT */
/*
 * The structs of a world, shared by the two halves of it: world.c makes time
 * pass, world_ask.c answers questions and checks the invariants.
 */
#ifndef NHRP_TEST_WORLD_INT_H
#define NHRP_TEST_WORLD_INT_H

#include <nhrp/conf.h>
#include <nhrp/log.h>
#include <nhrp/rng.h>
#include <nhrp/timers.h>

#include "world.h"

#define LO_IFINDEX    1
#define LAN_IFINDEX   20
#define IFINDEX	      7
#define KERNEL_MAX    4096
#define SLOTS_MAX     4096
#define NAMES_MAX     8
#define REACHABLE_S   30
#define DELAY_PROBE_S 1
#define RETRANS_MS    1000
#define LOG_TEXT_MAX  (64 * 1024)

enum kernel_state { KERNEL_NONE, KERNEL_INCOMPLETE, KERNEL_VALID, KERNEL_FAILED };

/* A neighbour entry, and the packet that waits in it. */
struct neigh {
	enum kernel_state state;
	struct addr proto, nbma;
	bool stale;
	unsigned waiting;
	struct timer solicit; /* INCOMPLETE and PROBE: asks once a second */
	mono confirmed;
	struct node *node;
};

struct kroute {
	bool used;
	struct prefix dst;
	struct addr gateway; /* ADDR_NONE: on-link */
};

/* What somebody else routes: over the tunnel, or to a LAN behind the node. */
struct forwarding {
	bool used, lan;
	struct prefix dst;
	struct addr gateway;
};

struct slot {
	bool used;
	struct state_binding b;
};

/* What a masquerading NAT lets in. */
struct hole {
	struct addr from;
	mono until;
};

/* What a node's script says to an event, and how long it takes. */
struct opinion {
	char event[16];
	struct addr proto; /* ADDR_NONE: of any address */
	enum hook_outcome outcome;
	int64_t delay_ms;
};

struct script_run {
	struct timer timer;
	bool used;
	struct node *node;
	uint32_t token;
	enum hook_outcome outcome;
};

/*
 * An SA between two nodes: whose kernel has it, and whose daemon knows of it. Packets
 * leave by the newest that the sender has, and arrive where that one is installed.
 */
struct world_sa {
	bool used;
	uint32_t ike, child; /* one number at both ends */
	uint64_t spi;
	int ends[2]; /* the initiator first */
	bool installed[2], known[2];
	mono since;
	struct timer answer; /* until the initiator has it as well */
	struct world *w;
};

struct node {
	struct world *w;
	int number;
	char name[32];
	struct addr nbma, nat;
	struct prefix addr;
	struct prefix lan_addr; /* on its LAN; family ADDR_NONE: none */
	bool lan_down;
	char words[1024];
	struct engine *engine; /* NULL: not running */
	struct conf *conf;
	struct log_sink log;
	bool device, up, stopping;
	bool masquerade;
	struct hole holes[WORLD_MAX_NODES];
	size_t hole_count;
	bool charon;	   /* runs */
	char identity[64]; /* that it proves */
	bool ike_early;	   /* speaks before the kernel does */
	bool ike_refuses;  /* whoever calls it */
	bool hidden;	   /* behind a NAT that sends what comes to another */
	int ifindex;
	struct timer tick;
	struct neigh *neighs; /* KERNEL_MAX */
	size_t neigh_count;
	struct kroute routes[64];
	struct forwarding others[64];
	struct prefix watched[64];
	size_t watched_count;
	struct slot *slots; /* SLOTS_MAX */
	unsigned arrived, refused, neigh_writes;
	char log_text[LOG_TEXT_MAX];
	size_t log_len;
	struct opinion opinions[16];
	size_t opinion_count;
	struct script_run runs[512];
	char script_text[LOG_TEXT_MAX];
};

struct flight {
	struct timer timer;
	struct world *w;
	struct addr from, to; /* as the outside sees them */
	bool decrypts;	      /* whoever it is for, when it arrives */
	size_t len;
	uint8_t pdu[];
};

struct name {
	char name[64];
	struct addr addrs[8];
	size_t count;
};

struct world {
	uint64_t seed;
	struct rng rng;
	struct timers timers;
	mono now;
	struct node *nodes[WORLD_MAX_NODES];
	int count;
	unsigned loss, dup, delay_min, delay_max;
	bool cut[WORLD_MAX_NODES][WORLD_MAX_NODES];
	struct name names[NAMES_MAX];
	size_t name_count;
	struct world_sa sas[256];
	uint32_t next_sa;
	unsigned clear; /* packets that would have left a secured node in clear */
	struct act_answer answer;
	char text[512];
};

struct node *world_node(const struct world *w, int node);
struct neigh *world_neigh(struct node *n, const struct addr *proto);
struct kroute *world_route(struct node *n, const struct prefix *dst);
/* The kernel's table is an output of the cache; ends the test when it is not. */
void world_check_node(struct node *n);

/* What the fake kernel does with a packet to an address. */
struct verdict {
	enum lookup_kind kind;
	bool tunnel, lan, ours;
	struct addr gateway;
	struct prefix matched;
};
struct verdict world_route_of(struct node *n, const struct addr *dst);
/* The device that the kernel names with it. */
int world_verdict_ifindex(const struct node *n, const struct verdict *v);
void world_tell_lan(struct node *n);
/* world_ike.c: may a packet pass between the two, from this one's point of view? */
bool world_protects(struct node *from, const struct addr *to);
bool world_decrypts(const struct node *from, const struct node *to);
void world_ike_act(struct node *n, const struct act_sa *a);
void world_ike_tell(struct node *n);
void world_handle(struct node *n, const struct event *ev);
void world_run_script(struct node *n, const struct act_hook *a);
/* Whatever runs is not heard of any more. */
void world_end_scripts(struct node *n);

/* Something leaves for an outer address, through the node's NAT if it has one; may
 * something from there come in? */
void world_nat_out(struct node *n, const struct addr *to);
bool world_nat_in(struct node *n, const struct addr *from);
/* A data packet on its way between the two. */
bool world_passes(struct node *from, struct node *to);

#endif
