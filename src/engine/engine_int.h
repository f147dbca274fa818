/* SPDX-License-Identifier: MIT */
/*
 * The structs shared inside the engine; no other folder includes this.
 *
 * Ownership: the engine owns its interfaces; an interface owns its bindings,
 * stations, routes and answers; the engine owns pending requests. Whoever else
 * needs one of these keeps a key and looks it up.
 *
 * Who writes what: neigh.c alone emits neighbour actions, binding.c state actions,
 * route.c route actions, tx.c packets, name.c look-ups.
 */
#ifndef NHRP_ENGINE_INT_H
#define NHRP_ENGINE_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/action.h>
#include <nhrp/addr.h>
#include <nhrp/conf.h>
#include <nhrp/defs.h>
#include <nhrp/digest.h>
#include <nhrp/engine.h>
#include <nhrp/hash.h>
#include <nhrp/limit.h>
#include <nhrp/mem.h>
#include <nhrp/packet.h>
#include <nhrp/record.h>
#include <nhrp/rng.h>
#include <nhrp/timers.h>
#include <nhrp/trie.h>

#include "binding_int.h"
#include "client_int.h"
#include "counter.h"
#include "peer_int.h"

#define IFACE_MAX_ADDRS 8
#define REQUESTS_MAX	1024 /* pending in an engine */
#define COMMANDS_MAX	16   /* `resolve` under way */

/* Questions to the site's script under way. */
#define SCRIPT_REGISTRATIONS_MAX 256
#define SCRIPT_PEERS_MAX	 64

struct engine;
struct iface;
struct binding;
struct station;
struct request;
struct lookup;
struct rx;

/* --- routes ----------------------------------------------------------------- */

/* One of ours: on-link for stations, or the way of a shortcut. */
struct route {
	UT_hash_handle hh; /* in iface->routes, by dst */
	struct prefix dst;
	struct addr via;     /* as it was written last; ADDR_NONE: on-link */
	unsigned on_link;    /* how many want it so: that goes before a gateway */
	struct addr gateway; /* a shortcut's; ADDR_NONE: none wants it */
	bool in_kernel, seen;
	int error; /* errno of the kernel's refusal; 0: it did not refuse */
};

/* Somebody else's over this tunnel: what shortcuts are laid over. */
struct other_route {
	struct prefix dst;
	struct addr gateway;
	uint32_t table;
	bool seen;
	struct other_route *next_gone;
};

/* --- shortcuts -------------------------------------------------------------- */

/*
 * A way to a prefix behind another station. Until the answer comes it stands
 * under the host prefix of the address that is wanted.
 */
struct shortcut {
	UT_hash_handle hh; /* in iface->shortcuts, by dst */
	struct prefix dst;
	struct addr target; /* the address that was asked for */
	struct addr via;    /* the station's protocol address */
	struct iface *iface;
	enum shortcut_state {
		SHORTCUT_RESOLVING,
		SHORTCUT_SECURING, /* its station has no SA yet */
		SHORTCUT_WAITING,  /* its station is not to be used yet */
		SHORTCUT_UP,
		SHORTCUT_REFUSED, /* not asked again before `expires` */
	} state;
	bool script_told;   /* of this one */
	bool asked;	    /* the kernel was asked whether the station is in use */
	const char *reason; /* a string constant */
	mono since, expires;
	struct timer expiry;
	struct timer review; /* it has an answer: ask the kernel */
};

/* A prefix behind us that others were told of, watched as long as they may use it. */
struct answer {
	UT_hash_handle hh; /* in iface->answers, by dst */
	struct prefix dst;
	struct addr target;
	int ifindex; /* it leads to */
	struct told_list told;
	struct timer expiry;
	struct iface *iface;
};

/* --- errors of peers -------------------------------------------------------- */

struct trouble {
	struct addr proto, nbma; /* the peer's */
	const char *what;	 /* a string constant; NULL: an empty place */
	const char *about;	 /* likewise: the type of the packet in error */
	bool by_us;		 /* we told it; else it told us */
	mono at;
};

/* Who was turned away from an address that is another's, the last one of a tunnel. */
struct rival {
	struct addr nbma; /* ADDR_NONE: nobody was */
	char identity[CONF_IDENTITY_MAX];
	mono at;
};

#define RIVAL_S 600 /* so long it is shown */

#define TROUBLES_MAX 16 /* kept of an interface */

/* --- a tunnel --------------------------------------------------------------- */

struct iface {
	struct iface *next;
	struct engine *engine;
	const struct conf_iface *conf;
	char name[CONF_IFNAME_MAX];
	int ifindex; /* 0: no such device */
	bool up;
	bool usable;  /* up, with an NBMA and a protocol address */
	bool adopted; /* what a predecessor left has been taken over */
	uint32_t mtu;
	uint32_t gre_key;
	struct addr nbma;
	struct prefix addrs[IFACE_MAX_ADDRS];
	struct addr lasts[IFACE_MAX_ADDRS]; /* of their subnets: broadcast */
	size_t addr_count;
	char problem[160];
	mono since;
	struct binding *bindings;
	struct peer *peers;
	struct copy *copies; /* of multicast: mcast.h */
	unsigned by_type[BINDING_TYPES];
	struct station *stations;
	struct dynamic_name *names;
	bool groups_due; /* who holds which place is to be looked at */
	struct route *routes;
	struct trie others; /* struct other_route */
	struct shortcut *shortcuts;
	struct answer *answers;
	struct limit redirects; /* traffic indications sent */
	struct told_list told;	/* about own addresses */
	enum carrier carrier;	/* as told last ... */
	int carrier_of;		/* ... of this device; 0: that may be forgotten */
	struct timer patience;
	struct timer second_look; /* after the kernel refused something */
	mono looked;		  /* the last time */
	uint32_t look_s;	  /* and how long after the refusal */
	uint8_t auth[AUTH_VALUE_MAX];
	uint16_t auth_len;
	struct limit errors; /* error indications sent */
	struct limit asking; /* resolutions started by traffic */
	uint64_t counters[COUNTERS];
	struct trouble troubles[TROUBLES_MAX];
	struct rival rival;
};

/* --- pending requests ------------------------------------------------------- */

enum request_kind {
	REQUEST_RESOLVE,  /* for traffic to a station, or to renew */
	REQUEST_SHORTCUT, /* for traffic to what is behind a station, or to renew */
	REQUEST_COMMAND,  /* for an operator */
	REQUEST_VERIFY,	  /* does the holder of a unique address still answer */
	REQUEST_OPEN,	  /* so that our NAT lets in what a station sends */
	REQUEST_PURGE,	  /* a withdrawal that wants to be acknowledged */
	REQUEST_CONFIRM,  /* a server has lost sight of a station: is it gone? */
};

struct request {
	UT_hash_handle hh; /* in engine->requests, by id */
	uint32_t id;
	enum request_kind kind;
	struct iface *iface;
	struct addr target;  /* protocol address asked for, or withdrawn */
	uint8_t target_len;  /* REQUEST_PURGE: how much of it is withdrawn */
	struct addr to;	     /* station to ask; ADDR_NONE: a server for the target */
	struct addr to_nbma; /* ADDR_NONE: route it at every try */
	uint32_t token;	     /* REQUEST_COMMAND */
	mono began;
	unsigned tries;
	struct timer timer;
};

/* --- questions to the outside ------------------------------------------------ */

/*
 * A route is looked up outside, and so is the opinion of the site's script; what
 * asked waits here, with a copy of all it needs. Bounded, each kind by itself.
 */
enum lookup_for {
	LOOKUP_FOR_PACKET,	  /* a request that is routed by its destination */
	LOOKUP_FOR_SAMPLE,	  /* who sent this data packet? */
	LOOKUP_FOR_INDICATED_SRC, /* is the traffic ours to shorten? */
	LOOKUP_FOR_INDICATED_DST, /* does it go by this tunnel? */
	LOOKUP_FOR_ANSWER,	  /* does an answer of ours still hold? */
	/* Of the script: */
	LOOKUP_FOR_REGISTRATION, /* may these addresses be registered? */
	LOOKUP_FOR_PEER,	 /* is this station used? */
};

struct lookup {
	UT_hash_handle hh; /* in engine->lookups or ->questions, by token */
	uint32_t token;
	enum lookup_for purpose;
	struct iface *iface;
	struct addr src, dst;
	struct prefix about; /* LOOKUP_FOR_ANSWER */
	struct addr from;    /* of a packet: its outer source */
	struct digest whose; /* who was there when it came */
	/* LOOKUP_FOR_REGISTRATION: one address after the other is asked about. */
	uint8_t cie;	    /* the one at hand */
	uint32_t permitted; /* those of the first 32 that may */
	const char *why;    /* the others may not; a string constant */
	mono asked;
	size_t len;
	uint8_t bytes[]; /* the packet, or the sample */
};

#define LOOKUPS_MAX 256

/* --- the engine ------------------------------------------------------------- */

/* How often each cell of the state tables was taken; tests/sim adds them up. */
struct cells {
	uint32_t client[CLIENT_STATES][CLIENT_EVENTS];
	uint32_t peer[PEER_STATES][PEER_EVENTS];
};

struct queued {
	struct action action;
	size_t at; /* of its bytes in `bytes`, where the action has any */
};

struct engine {
	const struct log_sink *log;
	const struct conf *conf;
	struct rng rng;
	struct timers timers;
	struct iface *ifaces;
	struct listing *listings;
	struct request *requests;
	struct lookup *lookups;	  /* to the kernel's routing */
	struct lookup *questions; /* to the site's script */
	unsigned peers_asked;	  /* of them, LOOKUP_FOR_PEER */
	bool script_behind;	  /* there may be bindings it was not told of */
	struct timer silence;	  /* no answer of the script is none for ever */
	struct sa *sas;		  /* by child */
	bool ike_ready;		  /* every SA is known */
	bool ike_told;		  /* ... or was once */
	char ike_reason[160];
	mono ike_since;
	uint32_t next_token;
	unsigned commands;
	uint32_t next_id;
	struct limit peer_log; /* lines that a peer can cause */
	uint32_t *free_slots;
	size_t free_slot_count, free_slot_room;
	uint32_t next_slot;
	bool started; /* a time came in */
	bool stopping, stopped;
	struct timer stop_timer;
	struct packet rx, tx; /* decoded, and being built */
	struct cells cells;
	/* Actions not taken yet, and the bytes they point to. */
	struct queued *queue;
	size_t queue_head, queue_count, queue_room;
	uint8_t *bytes;
	size_t byte_count, byte_room;
};

/* engine.c */
struct action *engine_push(struct engine *e, enum action_type type);
/* Where the octets of an action are written, before it is pushed with the first `len`. */
uint8_t *engine_room(struct engine *e, size_t len);
struct action *engine_push_room(struct engine *e, enum action_type type, size_t len);
void engine_answer(struct engine *e, uint32_t token, bool ok, const char *reason,
		   unsigned count);
/* False when lines caused by peers come too fast. */
bool engine_may_log(struct engine *e, mono now);
/* A place in the state file that may be used again. */
void engine_free_slot(struct engine *e, uint32_t slot);
struct iface *engine_find_iface(const struct engine *e, int ifindex);

static inline void count(struct iface *i, enum counter c)
{
	i->counters[c]++;
}

static inline void count_n(struct iface *i, enum counter c, uint64_t n)
{
	i->counters[c] += n;
}

/* iface.c */
struct iface *iface_new(struct engine *e, const struct conf_iface *c, mono now);
void iface_free(struct iface *i);
void iface_configure(struct iface *i, const struct conf_iface *c, mono now);
void iface_link(struct iface *i, const struct ev_link *ev, mono now);
/* Takes everything of ours out of the kernel and the state file. */
void iface_withdraw(struct iface *i, mono now);
/* Not a tunnel: a network behind this router that is answered for. */
bool iface_is_lan(const struct iface *i);
/* Packets leave it encrypted or not at all. */
bool iface_is_secured(const struct iface *i);
/* It does what it is configured for. */
bool iface_is_active(const struct iface *i);
bool iface_owns(const struct iface *i, const struct addr *proto);
/* Own, or the broadcast address of an own subnet. */
bool iface_is_local(const struct iface *i, const struct addr *proto);
/* Inside a subnet on the device: the kernel asks for it as a neighbour. */
bool iface_onlink(const struct iface *i, const struct addr *proto);
/* The own protocol address to speak with to a station of this family. */
const struct addr *iface_own_addr(const struct iface *i, enum addr_family family,
				  const struct addr *towards);
uint16_t iface_mtu(const struct iface *i);
/* The kernel refused something: its tables are looked at again in a while. */
void iface_refused(struct iface *i, mono now);

/* carrier.c: what others may think of the device */
void carrier_review(struct iface *i, mono now);
void carrier_free(struct iface *i);

/* rx.c */
void rx_packet(struct engine *e, const struct ev_packet *ev, mono now);

/* What one received packet is handled with. */
struct rx {
	struct iface *iface;
	struct packet *p;
	const struct ev_packet *ev;
	mono now;
	const struct ev_lookup *route; /* of its destination; NULL: not looked up */
	const struct lookup *asked;    /* what the script said of it; NULL: no script */
};
/* Once more, now that the route of its destination is known. */
void rx_again(const struct lookup *l, const struct ev_lookup *route, mono now);
/* A packet that waits, read once more into the engine's buffer for such. */
bool rx_reread(struct rx *rx, const struct lookup *l, struct ev_packet *room, mono now);

/* tx.c */
/* An empty request of ours, from `own` to `dst`, with the usual extensions. */
struct packet *tx_request(struct iface *i, enum nhrp_type type, const struct addr *own,
			  const struct addr *dst, uint32_t id);
/* A Traffic Indication about a packet from `data_src`; the caller quotes it. */
struct packet *tx_indication(struct iface *i, const struct addr *own,
			     const struct addr *data_src);
/* Authenticates, encodes, queues; false when it does not fit. */
bool tx_send(struct iface *i, struct packet *p, const struct addr *to_nbma);
void tx_add_ourselves(struct rx *rx, struct ext *x);
/* Turns a request into its reply in place: type, hops, responder (RFC 2332 5.3.1). */
void tx_make_reply(struct rx *rx, enum nhrp_type type);
void tx_error(struct rx *rx, enum nhrp_error code, uint16_t offset);

/* transit.c */
/* Where an NHRP packet for this protocol address goes next. */
enum hop_kind { HOP_LOCAL, HOP_FORWARD, HOP_NONE };
struct hop {
	enum hop_kind kind;
	struct addr nbma;
	struct binding *binding; /* the station itself, when it is known */
};
struct hop transit_route(struct iface *i, const struct addr *dst,
			 const struct addr *came_from);
/* Where a reply goes when the table does not know: back along its request. */
bool transit_way_back(struct rx *rx, struct addr *nbma);
/* Own address in a transit record: RFC 2332 5.3.2, 5.3.3. */
bool transit_loops(struct rx *rx, uint16_t *offset);
/* A compulsory extension that we do not know, or NULL (5.3). */
const struct ext *transit_unknown_compulsory(const struct packet *p);
void transit_forward(struct rx *rx, const struct addr *to_nbma);

/*
 * nat.c
 *
 * A translation that is not used may soon be forgotten; RFC 3948 2.3 keeps one
 * alive every 20 s. So often a client behind NAT registers, and so long lives
 * unused what was learnt through NAT.
 */
#define NAT_KEEP_S 20
/* Does something between us and a station there translate addresses? */
bool nat_between(const struct iface *i, const struct addr *nbma,
		 const struct addr *claimed);
/* How much of a holding time may be used when it does. */
uint32_t nat_hold_s(const struct iface *i, const struct where *w);
/* A station was told where we are: what it sends there has to be let in. */
void nat_open(struct iface *i, const struct addr *proto, const struct addr *nbma,
	      mono now);
/* The NBMA address of a station: from the NAT extension, else as claimed. */
struct addr nat_real_nbma(struct packet *p, const struct addr *proto,
			  const struct addr *claimed);
/* The outside address that the extension tells of this station; ADDR_NONE: none. */
struct addr nat_seen_as(struct packet *p, const struct addr *own);
/* Did a server tell that we are behind NAT? */
bool nat_is_ours(const struct iface *i);
/* Why this peer has no SA and cannot be called for one; NULL: not for NAT's sake. */
const char *nat_hinders(const struct peer *p);
void nat_add_own(struct iface *i, struct packet *p, const struct addr *own);
void nat_add_dialled(struct iface *i, struct packet *p, const struct addr *nbma,
		     const struct addr *proto);
void nat_add_station(struct iface *i, struct packet *p, const struct binding *b);
void nat_fill_registration_reply(struct rx *rx);
void nat_fill_forwarded(struct rx *rx);

/* request.c */
struct request *request_new(struct iface *i, enum request_kind kind,
			    const struct addr *target, mono now);
void request_send(struct request *r, mono now);
/* The pending request that this reply or error answers, or NULL. */
struct request *request_match(struct rx *rx, uint32_t id);
/* Asked of one place alone, it is answered from nowhere else. */
bool request_went_to(const struct request *r, const struct addr *from);
struct request *request_find(struct iface *i, enum request_kind kind,
			     const struct addr *target);
void request_free(struct request *r);
void request_drop_iface(struct iface *i);

/* Why a resolution came to nothing; explain_verdict.c tells these apart. */
#define REASON_NO_SERVER    "no next hop server to ask"
#define REASON_SILENCE	    "no answer"
#define REASON_FULL	    "max-bindings reached"
#define REASON_NOT_STRAIGHT "behind NAT, and no answer straight from there"
#define REASON_IDENTITY	    "its identity may not answer for this"
#define REASON_CERTIFICATE  "its certificate does not cover this: see show peers"
#define REASON_NO_SA	    "no SA to it: show peers tells why"

#define SCRIPT_IS_ASKED "the script is asked first"

/* linklocal.c: the address that goes beside a global one */
bool linklocal_is(const struct addr *a);
/* A second CIE like the first, for our own; the address, or NULL: none goes along. */
const struct addr *linklocal_add(const struct iface *i, struct packet *p);
/* ... into the reply to a registration. */
void linklocal_tell(struct rx *rx);
/* Learns what stands beside an answer that was taken. */
void linklocal_answered(struct rx *rx, const struct cie *answer, const struct where *w);
/* The same of a registration. False when ours was refused: why, into `text`. */
bool linklocal_acknowledged(struct station *s, struct rx *rx, uint32_t hold_s,
			    char *text, size_t cap);

/* resolve.c: as requester and as answering station */
void resolve_miss(struct iface *i, const struct addr *target, mono now);
bool resolve_start(struct iface *i, const struct addr *target, mono now);
bool resolve_command(struct iface *i, const struct addr *target, uint32_t token,
		     mono now);
void resolve_unanswered(struct request *r, mono now);
void resolve_request(struct rx *rx);
void resolve_reply(struct rx *rx);
void resolve_refused(struct request *r, const char *reason, mono now);

/* register.c: registration server */
void register_request(struct rx *rx);
/* One that waited for its sender's certificate. */
void register_again(const struct lookup *l, mono now);
/* The script's answer about one address of a request that waits. */
void register_asked(struct lookup *l, enum hook_outcome outcome, mono now);

/* script.c: what the site's script is told and asked */
bool script_is_on(const struct engine *e);
void script_interface_up(struct iface *i, mono now);
/* A binding has a new place: asks whether to use it, or does so later. */
void script_peer_up(struct binding *b, mono now);
/* Its place ends, for this reason; NULL: none that a script knows. */
void script_peer_down(struct binding *b, const char *reason);
void script_peer_answered(struct lookup *l, enum hook_outcome outcome, mono now);
/* About a station that is registered with: told when the peer itself was. */
void script_station(struct binding *b, bool serves);
void script_shortcut(struct shortcut *s, bool begins);
bool script_knows(const struct binding *b);
/* False when too many wait already. */
bool script_ask_registration(struct rx *rx, const struct lookup *what,
			     const struct addr *proto, const struct where *w);
const char *script_refusal_str(enum hook_outcome outcome);
bool script_is_refusal(const char *reason);
/* The word `script` of the configuration is new, another, or gone. */
void script_conf(struct engine *e, const char *before, mono now);
/* Tells what it was not told yet, as far as it can follow. */
void script_catch_up(struct engine *e, mono now);

/* trouble.c */
void trouble_note(struct iface *i, const struct trouble *t);
/* The last one of the peer with either address, or NULL. */
const struct trouble *trouble_of(const struct iface *i, const struct addr *proto,
				 const struct addr *nbma);

/* purge.c */
void purge_request(struct rx *rx);
void purge_reply(struct rx *rx);
/* The station that a server withdrew does not answer either, or says no. */
void purge_confirmed(struct request *r, mono now);
/* Remembers that `requester` was told about an address; the list is bounded. */
void purge_remember(struct iface *i, struct told_list *list, const struct told_key *key,
		    uint32_t hold_s, mono now);
/* Withdraws it from all who were told, and forgets them. */
void purge_tell(struct iface *i, struct told_list *list, mono now);
void purge_forget(struct told_list *list);
struct packet *purge_build(struct iface *i, const struct addr *own,
			   const struct prefix *target, const struct addr *to,
			   uint32_t id);
/* Withdraws `target` at a station; `to_nbma` may be ADDR_NONE: route it. */
void purge_send(struct iface *i, const struct prefix *target, const struct addr *to,
		const struct addr *to_nbma, mono now);

/* lookup.c */
/* False when too many are under way; the bytes are copied into the lookup. */
bool lookup_start(struct iface *i, const struct lookup *what, const void *bytes,
		  mono now);
void lookup_answer(struct engine *e, const struct ev_lookup *ev, mono now);
/* The same, to the script; returns the token, or 0 when too many are under way. */
uint32_t lookup_start_hook(struct iface *i, const struct lookup *what,
			   const void *bytes, const struct act_hook *question,
			   mono now);
void lookup_hook_answer(struct engine *e, const struct ev_hook *ev, mono now);
/* Is a registration of this address from there among them? */
bool lookup_has_registration(const struct iface *i, const struct addr *proto,
			     const struct addr *from);
/* Its station took it back. */
void lookup_drop_registration(struct iface *i, const struct addr *proto,
			      const struct addr *from);
/* All questions to the script get this answer now, whatever it may say later. */
void lookup_answer_hooks(struct engine *e, enum hook_outcome outcome, mono now);
void lookup_drop_iface(struct iface *i);

/* redirect.c: hub, traffic through one tunnel and out of it again */
void redirect_forget(struct iface *i);
void redirect_sample(struct engine *e, const struct ev_sample *ev, mono now);
void redirect_routed(struct iface *i, const struct lookup *l,
		     const struct ev_lookup *route, mono now);

/* shortcut.c: spoke, from the indication to the route */
void shortcut_indication(struct rx *rx);
void shortcut_src_routed(struct iface *i, const struct lookup *l,
			 const struct ev_lookup *route, mono now);
void shortcut_dst_routed(struct iface *i, const struct lookup *l,
			 const struct ev_lookup *route, mono now);
/* False when the request goes on: the station itself is asked now. */
bool shortcut_answered(struct request *r, struct rx *rx, const struct cie *c,
		       const struct addr *nbma);
void shortcut_denied(struct request *r, const char *reason, mono now);
void shortcut_refused(struct request *r, const char *reason, uint32_t hold_s, mono now);
/* A route that a predecessor left: true when its station is still known. */
bool shortcut_adopt(struct iface *i, const struct ev_route *ev, mono now);
/* Its station is used, is gone, or was withdrawn. False: ask about use again. */
bool shortcut_via_used(struct iface *i, const struct addr *via, mono now);
void shortcut_via_gone(struct iface *i, const struct addr *via, const char *why,
		       mono now);
/* What waits for its station, to be permitted or secured, goes on or is refused. */
void shortcut_via_ready(struct iface *i, const struct addr *via, mono now);
void shortcut_via_refused(struct iface *i, const struct addr *via, const char *why,
			  uint32_t hold_s, mono now);
/* The script knows the station: tell it of those that lead there. */
void shortcut_via_told(struct iface *i, const struct addr *via);
/* Number of entries that a withdrawal by `from` touched. */
unsigned shortcut_purged(struct rx *rx, const struct prefix *scope);
/* The routes below changed: what has no base any more, or a better one, ends. */
void shortcut_recheck(struct iface *i, mono now);
void shortcut_overruled(struct iface *i, const struct ev_route *ev, mono now);
void shortcut_end_all(struct iface *i, const char *why, mono now);
bool shortcut_matches(const struct shortcut *s, const struct selector *sel);
/* Commands: number of entries ended. */
unsigned shortcut_flush(struct iface *i, const struct selector *sel, const char *why,
			mono now);
const char *shortcut_state_str(enum shortcut_state s);

/* answer.c: what is behind us */
/* Answers, or refuses, a resolution request whose route leads out of the tunnel. */
void answer_request(struct rx *rx);
void answer_changed(struct engine *e, const struct ev_route *ev, mono now);
void answer_checked(struct iface *i, const struct lookup *l,
		    const struct ev_lookup *route, mono now);
void answer_end_all(struct iface *i, mono now);
/* resolve.c: the reply itself */
void resolve_answer(struct rx *rx, const struct cie *with);
void resolve_refuse(struct rx *rx, enum nhrp_cie_code code);
void resolve_learn_requester(struct rx *rx);
/* What a packet says of a station, when there is nothing better. */
void resolve_keep(struct iface *i, const struct addr *proto, const struct where *w,
		  mono now);
/* What the answer to a request says of a station. */
void resolve_learn(const struct request *r, const struct addr *proto,
		   const struct where *w, mono now);
/* A question straight to a station, be it only that it hears from us. */
void resolve_greet(struct iface *i, const struct addr *proto, const struct addr *nbma,
		   mono now);

/* explain_sa.c: its word, which does not change from version to version. */
const char *explain_cause_str(enum sa_cause cause);

/* listing.c: an entry, a tunnel goes */
void listing_pass(struct engine *e, const struct binding *b);
void listing_pass_iface(struct engine *e, const struct iface *i);

/* show.c: a row, if it is selected */
void show_binding(const struct binding *b, const struct selector *sel,
		  struct show_sink *sink, mono now);
void show_local(const struct iface *i, const struct prefix *own,
		const struct selector *sel, struct show_sink *sink);
const char *show_binding_state(const struct binding *b);
const char *show_binding_reason(const struct binding *b);

/* route.c */
void route_want_via(struct iface *i, const struct prefix *dst, const struct addr *via);
void route_drop_via(struct iface *i, const struct prefix *dst);
/* One of ours, or NULL. */
struct route *route_own(struct iface *i, const struct prefix *dst);
/* The longest of somebody else's routes over this tunnel that covers it, or NULL. */
const struct other_route *route_base(const struct iface *i, const struct prefix *dst);
/* Each of somebody else's, in the order of their prefixes. */
void route_walk_others(const struct iface *i,
		       void (*each)(void *ctx, const struct prefix *at, void *other),
		       void *ctx);
void route_want(struct iface *i, const struct prefix *dst);
void route_drop(struct iface *i, const struct prefix *dst);
void route_event(struct iface *i, const struct ev_route *ev, mono now);
void route_rewrite_all(struct iface *i);
/* `route-table` is another one now. */
void route_change_table(struct iface *i, uint32_t from);
/* Those that were wanted before anything might be written. */
void route_write_waiting(struct iface *i);
void route_lost_kernel(struct iface *i);
void route_free_all(struct iface *i);

#endif
