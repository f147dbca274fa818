/* SPDX-License-Identifier: MIT */
/*
 * A world of NHRP nodes in one process: virtual clock, seeded lossy network, a
 * fake kernel under each engine.
 *
 * Nothing here waits: time jumps from event to event. A world is its seed: the
 * same calls give the same run. Every time the world comes to rest it checks
 * that each kernel agrees with its engine, and ends the test when not.
 *
 * A node is an engine with one tunnel, "gre1". Its kernel (neighbours, routes)
 * and its state file live longer than the engine: world_kill() and
 * world_start() are a crash and a restart.
 */
#ifndef NHRP_TEST_WORLD_H
#define NHRP_TEST_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/engine.h>
#include <nhrp/explain.h>

#define WORLD_MAX_HOLES 64 /* of a masquerading NAT at once */
#define NAT_FORGETS_S	30

struct world;

struct node_spec {
	const char *name;   /* for messages */
	const char *nbma;   /* own NBMA address */
	const char *nat;    /* what the world sees instead; NULL: no NAT */
	const char *addr;   /* protocol address with its prefix length */
	const char *words;  /* configuration below `interface gre1` */
	bool masquerade;    /* its NAT lets in only what answers, for NAT_FORGETS_S */
	const char *beside; /* a second address, the link-local one; NULL: none */
};

struct world *world_new(uint64_t seed);
/* Neither keeps log lines nor looks at invariants; for worlds of many. */
void world_hurry(struct world *w);
/* Of nodes that start from now on: a flood has used up all lines that peers may cause. */
void world_hush(struct world *w);
void world_free(struct world *w);

/* Adds a running node; returns its number. */
int world_add(struct world *w, const struct node_spec *spec);

/* The network: chances in percent, of loss, of a second copy, of being overtaken. */
struct faults {
	unsigned loss, dup, late;
	unsigned delay_min_ms, delay_max_ms;
};
void world_network(struct world *w, unsigned loss_percent, unsigned dup_percent,
		   unsigned delay_min_ms, unsigned delay_max_ms);
void world_faults(struct world *w, const struct faults *f);
/* From one node to another; NULL: as everywhere. */
void world_faults_between(struct world *w, int from, int to, const struct faults *f);
/* No packet passes between the two, either way. */
void world_cut(struct world *w, int a, int b, bool cut);
void world_cut_one_way(struct world *w, int from, int to, bool cut);
/*
 * Packets that somebody changes on their way, in percent, so that nobody is made to
 * believe anything for longer than this. `within`: before an SA protects them, by a
 * station gone mad.
 */
struct tampering {
	unsigned percent;
	bool within;
	uint16_t hold_most_s;
};
void world_tampers(struct world *w, const struct tampering *t);
/* From now on packets are kept, to be replayed. */
void world_tapes(struct world *w);
/* One of a while ago comes again: where it went (-1), or to this node. What an SA
 * protected comes in clear from `stranger`, and nothing may come of it. */
void world_replay(struct world *w, int node, const char *stranger);
/* Somebody else's making. Without the network's key, or an SA where there has to be
 * one, nothing may come of it; from a station's address it comes by that one's SA. */
void world_forge(struct world *w, int node, const char *from, bool keyed,
		 const void *pdu, size_t len);
/* All as it was in the beginning. */
void world_heal_network(struct world *w);
/* Of several nodes behind one NAT address: the one that gets what comes back. */
void world_answers_reach(struct world *w, int node);
/* What a name resolves to: addresses separated by spaces; "" or NULL: nothing. */
void world_name(struct world *w, const char *name, const char *addrs);
/* It takes up to so long to find out. */
void world_slow_names(struct world *w, unsigned ms);

void world_run_ms(struct world *w, int64_t ms);
void world_run_s(struct world *w, int64_t s);
mono world_now(const struct world *w);

/* Accidents. */
void world_kill(struct world *w, int node);	  /* kernel and state file stay */
void world_lose_state(struct world *w, int node); /* ... but the state file does not */
void world_start(struct world *w, int node);
void world_stop(struct world *w, int node); /* withdraws, then is gone */
void world_link(struct world *w, int node, bool up);
void world_delete_device(struct world *w, int node);
void world_create_device(struct world *w, int node);
void world_move(struct world *w, int node, const char *nbma);
void world_reload(struct world *w, int node, const char *words);
void world_overrun(struct world *w, int node); /* notifications lost: a new dump */
/* What the kernel tells in the next time is lost; then everything is looked at. */
void world_deafen(struct world *w, int node, int64_t ms);
/* A dump is as old as the asking for it, and comes up to so much later. */
void world_slow_dumps(struct world *w, unsigned ms);
/* nhrpd stands still; its kernel does not. */
void world_freeze(struct world *w, int node, int64_t ms);
void world_thaw(struct world *w, int node);
/* Its clock jumps ahead. */
void world_jump(struct world *w, int node, int64_t s);
/* Its kernel does not say where packets go, until it does, of all that was asked. */
void world_hold_lookups(struct world *w, int node, bool hold);
void world_mtu(struct world *w, int node, uint32_t mtu);
void world_kernel_forgets(struct world *w, int node, const char *proto);
void world_forget_route(struct world *w, int node, const char *prefix);
/*
 * For a while the kernel refuses some of what is written to its tables, for want of
 * memory, say. By WORLD_SETTLES_S after the last refusal they are as they should be.
 */
#define WORLD_SETTLES_S 61
void world_kernel_refuses(struct world *w, int node, unsigned percent, int64_t ms);
/* The kernel takes back entries that are of no use. */
void world_collect(struct world *w, int node);
/* Its NAT gives it another address, and forgets what it let in. */
void world_rebind(struct world *w, int node, const char *nat);
void world_inject(struct world *w, int node, const char *from, const void *pdu,
		  size_t len);

/* The last packet of all, which this node has sent; until the next one. */
const struct packet *world_last_sent(struct world *w, int node);

/* A command; its answer is in world_answer(). */
void world_command(struct world *w, int node, enum command c, const char *target);
const struct act_answer *world_answer(const struct world *w);
/* The same about what lies in a prefix; NULL: all. */
void world_drop(struct world *w, int node, enum command c, const char *prefix);

/*
 * One data packet from a node to a protocol address. It arrives when the kernel
 * entries lead there; one that waits for resolution arrives later. Ages and
 * probes entries as the kernel does.
 */
void world_traffic(struct world *w, int node, const char *proto);
void world_traffic_to(struct world *w, int node, const struct addr *dst);
/* Data packets that arrived at a node, and that were refused at it. */
unsigned world_arrived(const struct world *w, int node);
unsigned world_refused(const struct world *w, int node);

/*
 * Routing by others than nhrpd: a LAN behind the node, or a route over the tunnel
 * by way of a protocol address. world_unroute() takes either away.
 */
void world_lan(struct world *w, int node, const char *prefix);
/* The node's own address on its LAN. */
void world_lan_addr(struct world *w, int node, const char *addr);
/* The LAN's device goes down, and with it the route to it. */
void world_lan_down(struct world *w, int node, const char *prefix);
void world_lan_up(struct world *w, int node, const char *prefix);
void world_route_via(struct world *w, int node, const char *prefix, const char *via);
void world_unroute(struct world *w, int node, const char *prefix);

/*
 * The site's script of a node, which the word `script` turns on. It says yes to
 * all after 10 ms, unless told otherwise about an event, of one address or of any
 * (NULL). SCRIPT_SILENT in place of the time: it is never heard of.
 */
#define SCRIPT_SILENT (-1)
void world_script(struct world *w, int node, const char *event, const char *proto,
		  enum hook_outcome outcome, int64_t delay_ms);
/* What it was run for, in order, a line each:
 * `EVENT TYPE ADDRESS/LENGTH at NBMA claims NBMA via NEXTHOP (REASON)`. */
const char *world_scripted(const struct world *w, int node);
void world_forget_scripted(struct world *w, int node);

/* Our route to this prefix was not taken by the kernel after all. */
void world_refuse_route(struct world *w, int node, const char *prefix, int error);
void world_refuse_neigh(struct world *w, int node, const char *proto, int error);

/*
 * One data packet from an address behind a node to another: routed at each node,
 * sampled where it turns round in a tunnel. Returns the tunnels it passed; 0 when
 * it did not arrive.
 */
int world_data(struct world *w, int node, const char *src, const char *dst);

/*
 * IKE: every node has a daemon for it, an identity ("CN=" and its name), and two
 * that call each other have an SA a moment later.
 */
void world_charon(struct world *w, int node, bool up); /* kill -9: SAs stay */
void world_charon_stops(struct world *w, int node);    /* ends its SAs */
void world_identity(struct world *w, int node, const char *identity);
/* The daemon is slower than the kernel, or faster, when a node starts. */
/* Its certificate, which others find so long after an SA; -1: never, 0 blocks: not. */
void world_certificate(struct world *w, int node, const char *blocks, int delay_ms);
void world_certificate_ends(struct world *w, int node, uint32_t valid_s);
/* Those that have an SA with it look for it once more. */
void world_certificate_told(struct world *w, int node);
void world_ike_is_early(struct world *w, int node, bool early);
/* An SA whose other end is gone does not stay for ever. */
void world_ike_dpd(struct world *w);
/* The NAT before a node lets calls in. */
void world_nat_forwards(struct world *w, int node);
/* A call whose answer is lost: only who was called has the SA. */
void world_half_call(struct world *w, int from, int to);
/* Messages of IKE that are lost, in percent: a call takes longer, or fails. */
void world_ike_loss(struct world *w, unsigned percent);
/* It refuses whoever calls. */
void world_ike_refuses(struct world *w, int node, bool refuses);
void world_ike_refuses_for(struct world *w, int node, enum sa_cause cause);
/* The peers delete theirs; a rekey changes numbers alone. */
void world_delete_sas(struct world *w, int a, int b);
void world_rekey(struct world *w, int a, int b);
unsigned world_sas(const struct world *w, int a, int b);
/* Packets that would have left a node with `ipsec` in clear. */
unsigned world_clear(const struct world *w);

/* --- questions --------------------------------------------------------------- */

/* The field of the cache row of this address: "" when there is none. */
const char *world_cache(struct world *w, int node, const char *proto, const char *key);
size_t world_cache_size(struct world *w, int node, const char *type);
/* The field of the first row of a table with such a text; NULL: of any row. */
const char *world_show(struct world *w, int node, enum show_table table,
		       const char *want_key, const char *want, const char *key);
size_t world_rows(struct world *w, int node, enum show_table table);
/* The field of the first row of `show nhs`. */
const char *world_nhs(struct world *w, int node, const char *key);
uint64_t world_counter(struct world *w, int node, const char *name);
/* NBMA address of the kernel's entry: "" none, "failed". */
const char *world_kernel(struct world *w, int node, const char *proto);
bool world_kernel_route(struct world *w, int node, const char *prefix);
/* Who gets a copy of multicast: is this station among them, and how many are they? */
bool world_copies_to(const struct world *w, int node, const char *nbma);
unsigned world_copies(const struct world *w, int node);
/* Gateway of our route to exactly this prefix; "" none, "on-link". */
const char *world_shortcut(struct world *w, int node, const char *prefix);
size_t world_kernel_size(struct world *w, int node);
/* How often ACT_NEIGH_SET was asked for; to see that nothing is written twice. */
unsigned world_neigh_writes(const struct world *w, int node);
/* Log lines of a node that contain the text. */
unsigned world_logged(const struct world *w, int node, const char *text);

/*
 * What the kernel answers to all that engine_explain_ask() asks about an address,
 * and then the explanation: of the first row of this step the field.
 */
struct explain_facts world_facts(struct world *w, int node, const char *dst);
const char *world_explain(struct world *w, int node, const char *dst,
			  const struct explain_facts *facts, const char *step,
			  const char *key);

/* Runs until the field has the value; false when that took longer. */
bool world_until(struct world *w, int64_t s, int node, const char *proto,
		 const char *key, const char *value);
bool world_until_nhs(struct world *w, int64_t s, int node, const char *state);

#endif
