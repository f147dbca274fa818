/* SPDX-License-Identifier: MIT */
/*
 * The structs of a world, shared by its parts: world.c makes time pass and runs
 * the engines, world_act.c does what they want, world_net.c is the network between
 * them, world_kernel.c what lies under each, world_ike.c the IKE daemons, world_lan.c
 * routing and data packets, world_mcast.c who gets multicast, world_name.c names,
 * world_script.c the site's script, world_hostile.c who means harm; world_ask.c answers
 * questions.
 *
 * Tables grow as they are needed, so a world of twenty thousand is no other than
 * one of three. What a handler of an event may change is not held across it.
 */
#ifndef NHRP_TEST_WORLD_INT_H
#define NHRP_TEST_WORLD_INT_H

#include <nhrp/conf.h>
#include <nhrp/log.h>
#include <nhrp/rng.h>
#include <nhrp/timers.h>

#include "world.h"

#include "../../src/engine/engine_int.h"

#include "invariant.h"

#define LO_IFINDEX     1
#define LAN_IFINDEX    20
#define IFINDEX	       7
#define NAMES_MAX      8
#define NAME_ADDRS_MAX 16
#define REACHABLE_S    30
#define DELAY_PROBE_S  1
#define RETRANS_MS     1000
#define PROBES_MAX     3600 /* app_solicit: then an entry in use fails */
#define LOG_TEXT_MAX   (64 * 1024)
#define RUNS_MAX       512
#define TAPE_LEN       16 /* packets that can be replayed */
#define TAMPER_ROOM    40 /* octets that a packet grows by */

enum kernel_state { KERNEL_NONE, KERNEL_INCOMPLETE, KERNEL_VALID, KERNEL_FAILED };

/* A neighbour entry, and the packet that waits in it. */
struct neigh {
	UT_hash_handle hh; /* in node->neighs, by proto */
	enum kernel_state state;
	struct addr proto, nbma;
	bool stale;
	unsigned waiting;
	struct timer solicit; /* INCOMPLETE and PROBE: asks once a second */
	mono confirmed;
	unsigned probes; /* without an answer */
	struct node *node;
};

struct kroute {
	bool used;
	struct prefix dst;
	struct addr gateway; /* ADDR_NONE: on-link */
	uint32_t table;
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

/* What one end of an SA has of it. */
struct sa_end {
	int node;
	struct addr local;   /* of the node itself */
	struct addr outside; /* as the other end sees it */
	bool present;	     /* in the kernel */
	bool known;	     /* to the IKE daemon; one that was killed knows nothing */
	unsigned silent;     /* signs of life in a row that the other end owes */
};

/* An SA between two nodes. */
struct world_sa {
	bool used;
	uint32_t ike, child; /* one number at both ends */
	uint64_t spi;
	struct sa_end ends[2]; /* the initiator first */
	bool answering;	       /* the initiator will have it in a moment */
	mono since;
};

/* A station that gets a copy of multicast. */
struct copied {
	UT_hash_handle hh; /* in node->copied, by nbma */
	struct addr nbma;
	int ifindex;
};

/* What came and went under one request id, at a node that did not begin it. */
struct ledger {
	UT_hash_handle hh; /* in node->ledger, by key */
	struct ledger_key {
		struct addr src;
		uint32_t id;
		uint32_t type; /* of the request */
	} key;
	unsigned received, sent;
};

struct node {
	struct world *w;
	int number;
	char name[32];
	struct addr nbma, nat;
	struct prefix addr;
	struct prefix beside;	/* a second one; family ADDR_NONE: none */
	struct prefix lan_addr; /* on its LAN; family ADDR_NONE: none */
	bool lan_down;
	char words[1500];
	struct engine *engine; /* NULL: not running */
	struct conf *conf;
	struct log_sink log;
	int64_t ahead_us; /* of its clock */
	bool device, up, stopping;
	bool frozen; /* stands still: nothing comes in, no timer fires */
	uint32_t mtu;
	enum carrier carrier; /* what nhrpd says of the device */
	bool masquerade;
	struct hole holes[WORLD_MAX_HOLES];
	size_t hole_count;
	bool charon;		 /* runs */
	char identity[64];	 /* that it proves */
	struct prefix blocks[8]; /* of its certificate */
	size_t block_count;
	int cert_ms; /* how long others look for it; -1: for ever */
	uint32_t valid_s;
	bool ike_early;	  /* speaks before the kernel does */
	bool ike_refuses; /* whoever calls it */
	enum sa_cause ike_cause;
	bool hidden;   /* behind a NAT that sends what comes to another */
	bool forwards; /* its NAT lets calls in */
	int ifindex;
	struct timer tick;
	struct neigh *neighs;
	struct kroute routes[64];
	struct forwarding others[64];
	struct prefix watched[64];
	size_t watched_count;
	bool deaf;	    /* what the kernel tells is lost */
	struct timer hears; /* ... until then */
	struct timer thaws; /* frozen: until then */
	struct timer moves; /* others see its new outside address */
	unsigned refuses;   /* its kernel, of what is written, in percent */
	struct timer obeys; /* ... until then */
	mono settles;	    /* all that was refused is made up for by then */
	unsigned life;	    /* how often it was started */
	bool dumping[2], dump_again[2]; /* neighbours, routes */
	struct dump *under_way[2];	/* ... of this life */
	struct slot *slots;
	size_t slot_count;
	struct addr adopted[32]; /* out of the kernel, once: nobody knew whose */
	size_t adopted_count;
	unsigned arrived, refused, neigh_writes, sent;
	uint64_t acted; /* what its engine wanted done */
	char *log_text; /* LOG_TEXT_MAX, or NULL */
	size_t log_len;
	struct opinion opinions[16];
	size_t opinion_count;
	struct script_run *runs; /* RUNS_MAX, or NULL */
	char *script_text;	 /* LOG_TEXT_MAX, or NULL */
	struct ledger *ledger;
	struct addr believed[16]; /* peers that nobody speaks of, before an event */
	size_t believed_count;
	struct copied *copied;
	bool holds_lookups;
	struct act_lookup *held; /* routes that were asked for meanwhile */
	size_t held_count;
	unsigned depth; /* of events in events */
};

struct flight {
	struct timer timer;
	struct world *w;
	struct addr from, to; /* as the outside sees them */
	uint64_t passed;      /* a bit for each node that sent it, by number */
	bool foreign;	      /* an adversary's, or what came of that */
	uint64_t seal;	      /* its SA; 0: none */
	size_t len;
	uint8_t pdu[];
};

/* A packet that was overheard. */
struct taped {
	struct addr from, to;
	bool sealed;
	size_t len;
	uint8_t *pdu;
};

enum mischief {
	MISCHIEF_CHANGED,
	MISCHIEF_CUT,
	MISCHIEF_LONGER,
	MISCHIEF_MENDED,
	MISCHIEF_SEALED,
	MISCHIEF_REPLAYED,
	MISCHIEF_MISLED,
	MISCHIEF_FORGED,
	MISCHIEF_KEYLESS,
	MISCHIEF_UNSEALED,
	MISCHIEF_WITHIN,
	MISCHIEFS
};

/* The network from one node to another, where it is not as everywhere. */
struct link {
	UT_hash_handle hh; /* in world->links, by ends */
	struct {
		int from, to;
	} ends;
	bool cut;
	bool own; /* `faults` count here */
	struct faults faults;
};

/* Who has an outer address: remembered until addresses change. */
struct place {
	UT_hash_handle hh; /* in world->places, by outside */
	struct addr outside;
	struct node *node;
};

struct name {
	char name[64];
	struct addr addrs[NAME_ADDRS_MAX];
	size_t count;
};

struct world {
	uint64_t seed;
	struct rng rng;
	struct timers timers;
	mono now;
	struct node **nodes;
	int count, room;
	struct faults faults;
	struct link *links;
	struct place *places;
	struct name names[NAMES_MAX];
	size_t name_count;
	struct world_sa *sas;
	size_t sa_count, sa_room;
	uint32_t next_sa;
	unsigned handshake_loss; /* percent */
	bool listing;		 /* SAs are told because they were asked for */
	struct timer dpd;
	unsigned dump_ms; /* a dump is answered within */
	unsigned name_ms; /* ... and so is a name */
	uint32_t name_ttl_s;
	bool quiet;	/* log lines are not kept */
	bool tolerant;	/* a data packet that circles is just lost */
	bool hushed;	/* engines have no line left for what peers cause */
	bool trusting;	/* invariants are not looked at */
	unsigned clear; /* packets that would have left a secured node in clear */
	uint64_t sent;	/* NHRP packets */
	struct {
		int node;
		size_t len;
		uint8_t pdu[PKT_MAX_LEN];
		struct packet packet;  /* decoded, when it is asked for */
	} last;			       /* that was sent */
	const struct flight *carrying; /* what the event at hand came with */
	struct tampering tampering;
	bool taping;
	struct taped tape[TAPE_LEN];
	uint64_t taped, mischief[MISCHIEFS];
	struct packet scratch, came;
	struct cells cells; /* of engines that ended */
	uint64_t counters[COUNTERS];
	struct act_answer answer;
	char text[512];
};

struct node *world_node(const struct world *w, int node);
mono world_node_now(const struct node *n);
void world_handle(struct node *n, const struct event *ev);
/* Events that belong together: what is always true is true again after them. */
void world_begin(struct node *n);
void world_end(struct node *n);
/* All timers with this callback are over; `release` frees what they are part of. */
void world_drop_timers(struct world *w,
		       void (*fire)(struct timer *t, void *ctx, mono now),
		       void (*release)(struct timer *t));
void world_tell_link(struct node *n);

/* --- world_act.c ----------------------------------------------------------------- */

/* What is answered is answered after the queue is empty, as by a real adapter. */
struct later {
	bool neighs, routes;
	struct act_lookup lookups[16];
	size_t lookup_count;
	char names[16][64];
	enum addr_family families[16]; /* of the addresses that are wanted of each */
	size_t name_count;
	struct event refusals[160];
	size_t refusal_count;
	struct act_sa sas[128];
	size_t sa_count;
};

void world_act(struct node *n, const struct action *a, struct later *later);
/* Out of the kernel's table, by this engine or one before it. */
bool world_was_adopted(const struct node *n, const struct addr *proto);
void world_act_later(struct node *n, const struct later *later);

/* --- world_name.c ---------------------------------------------------------------- */

/* Answered at once, or when the name server has found out. */
void world_ask_name(struct node *n, const char *name, enum addr_family family);
void world_free_names(struct world *w);

/* --- world_net.c ----------------------------------------------------------------- */

/* The address that others see of it; and whose one is. */
struct addr world_outside(const struct node *n);
struct node *world_by_outside(struct world *w, const struct addr *a);
/* Addresses changed. */
void world_forget_places(struct world *w);
bool world_is_cut(const struct world *w, const struct node *from,
		  const struct node *to);
void world_send(struct node *n, const struct act_send *s);
/* Somebody sends this, whoever it says it is: by that one's SA, if it has one. */
void world_fly(struct world *w, const struct addr *from, const struct node *to,
	       const void *pdu, size_t len);
void world_free_network(struct world *w);
/* Something leaves for an outer address, through the node's NAT if it has one; may
 * something from there come in? */
void world_nat_out(struct node *n, const struct addr *to);
bool world_nat_in(struct node *n, const struct addr *from);
/* A data packet on its way between the two. */
bool world_passes(struct node *from, struct node *to);

/* --- world_hostile.c ---------------------------------------------------------------- */

extern const char *const world_mischief_names[MISCHIEFS];

/* A packet that begins its way. */
void world_tamper(struct flight *f);
void world_tape(const struct flight *f);
/* Some packet of a while ago; NULL: none yet. */
const struct taped *world_overheard(struct world *w);
void world_free_tape(struct world *w);

/* --- world_kernel.c --------------------------------------------------------------- */

struct neigh *world_neigh(struct node *n, const struct addr *proto);
struct kroute *world_route(struct node *n, const struct prefix *dst); /* in any table */
struct kroute *world_route_in(struct node *n, const struct prefix *dst, uint32_t table);
/* The kernel has refused something of late, or has just now. */
bool world_is_unsettled(const struct node *n);
void world_unsettle(struct node *n);
void world_set_neigh(struct node *n, const struct act_neigh *a);
void world_del_neigh(struct node *n, const struct addr *proto);
void world_set_route(struct node *n, const struct act_route *a);
/* What the tunnel held when it went. */
void world_flush_kernel(struct node *n);
void world_free_kernel(struct node *n);
void world_dump_neighs(struct node *n);
void world_dump_routes(struct node *n);
void world_free_dumps(struct world *w);
/* Notifications were lost: tells all that the adapter would look at again. */
void world_resync(struct node *n);

/* --- world_mcast.c ----------------------------------------------------------------- */

void world_copy_add(struct node *n, const struct act_copy *a);
void world_copy_del(struct node *n, const struct act_copy *a);
void world_forget_copies(struct node *n);

/* --- world_lan.c ------------------------------------------------------------------- */

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
/* Everything watched may have changed. */
void world_tell_doubt(struct node *n);

/* --- world_ike.c ------------------------------------------------------------------- */

bool world_has_sa(const struct node *n, const struct addr *peer, bool anywhere);
/* May a packet pass between the two, from this one's point of view? */
bool world_protects(struct node *from, const struct addr *to);
/* By which SA a packet leaves, the sender's newest; 0: none. Has the receiver it? */
uint64_t world_seal(const struct node *from, const struct addr *to);
bool world_opens(const struct node *to, uint64_t seal);
void world_ike_act(struct node *n, const struct act_sa *a);
void world_ike_tell(struct node *n);
/* The conversation was interrupted, and begins anew. */
void world_ike_again(struct node *n);
void world_free_ike(struct world *w);

/* --- world_script.c ----------------------------------------------------------------- */

void world_run_script(struct node *n, const struct act_hook *a);
/* Whatever runs is not heard of any more. */
void world_end_scripts(struct node *n);

#endif
