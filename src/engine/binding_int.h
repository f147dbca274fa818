/* SPDX-License-Identifier: MIT */
/*
 * Which protocol address is where: a part of engine_int.h, which includes it.
 *
 * Ownership: an interface owns its bindings, a binding its timers, those who were
 * told of it and the contest about it. binding.c alone changes one, neigh.c has it in
 * the kernel.
 */
#ifndef NHRP_ENGINE_BINDING_INT_H
#define NHRP_ENGINE_BINDING_INT_H

#include <stdbool.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/event.h>
#include <nhrp/hash.h>
#include <nhrp/mono.h>
#include <nhrp/selector.h>
#include <nhrp/timers.h>

struct iface;
struct peer;
struct request;
struct station;

#define STATE_SLOT_NONE UINT32_MAX
#define UNRESOLVED_MAX	1024 /* incomplete and negative entries, an interface */

/* Somebody who was given an answer, to be told when it no longer holds. */
struct told {
	UT_hash_handle hh; /* in struct told_list, by key */
	struct told_key {
		struct prefix about;   /* what the answer covered */
		struct addr requester; /* protocol address */
	} key;
	mono until;
};

struct told_list {
	struct told *head;
};

/*
 * A unique address claimed from a second NBMA address: does the first holder
 * still answer? See contest.c.
 */
struct contest {
	struct addr claimant; /* NBMA */
	mono settled;	      /* the holder answered; MONO_NEVER: not yet */
};

/* A place of a binding, as the site's script knows it. */
enum script_state {
	SCRIPT_UNTOLD,
	SCRIPT_ASKED, /* peer-up runs, or waits for its turn */
	SCRIPT_TOLD,
};

struct binding {
	UT_hash_handle hh; /* in iface->bindings, by proto */
	struct addr proto;
	uint8_t type;	    /* enum binding_type */
	uint8_t prefix_len; /* what a static station serves; else host length */
	bool unique;
	bool in_kernel; /* the neighbour entry stands as we wrote it */
	bool seen;	/* by the dump under way */
	bool routed;	/* holds a route of iface->routes */
	bool asked;	/* the kernel was asked whether it is in use */
	bool via_asked; /* ... for the sake of shortcuts via it */
	bool asking;	/* ... and has not answered yet */
	bool held;	/* not used before the script has said yes to it */
	uint8_t script; /* enum script_state */
	uint8_t no_sa;	/* enum sa_cause: of a refusal for want of an SA */
	uint16_t hold_s, mtu;
	uint16_t error;	   /* errno of the kernel's last refusal; 0: none */
	uint32_t slot;	   /* in the state file, or STATE_SLOT_NONE */
	uint32_t question; /* SCRIPT_ASKED: its token */
	struct addr nbma, claimed;
	struct iface *iface;
	struct station *station; /* of static and nhs entries */
	struct peer *peer;	 /* whom its packets go to; NULL: nothing to know */
	struct copy *copy;	 /* of multicast, there; NULL: it gets none */
	struct binding *peer_prev, *peer_next; /* of the same peer */
	bool dials;			       /* we call the peer for its sake */
	const char *reason;		       /* a string constant */
	mono since, expires;
	mono used_at;	     /* MONO_NEVER: no traffic seen */
	struct timer expiry; /* end of its holding time */
	struct timer review; /* cached: ask the kernel whether it is in use */
	struct told_list told;
	struct contest *contest;
};

/* Why a binding ends; script.c tells these apart. */
#define REASON_EXPIRED	    "holding time over"
#define REASON_OPERATOR	    "operator's request"
#define REASON_LOWER_DOWN   "layer below down"
#define REASON_STOPPED	    "stopped"
#define REASON_UNCONFIGURED "removed from the configuration"
#define REASON_STANDBY	    "its group has enough servers"

/* binding.c */
struct binding *binding_find(struct iface *i, const struct addr *proto);
/* Makes room for, or returns, the entry of this address; NULL when full. */
struct binding *binding_get(struct iface *i, const struct addr *proto,
			    enum binding_type type, mono now);
/* Where it is from now on; arms the timers and writes the kernel if need be. */
struct where {
	struct addr nbma, claimed;
	uint32_t hold_s; /* 0: for ever */
	uint16_t mtu;
	const char *reason;
	bool dials;  /* an SA to it is set up by us */
	bool in_use; /* a predecessor used it: the script is asked meanwhile */
};
void binding_place(struct binding *b, enum binding_type type, const struct where *w,
		   mono now);
void binding_refresh(struct binding *b, uint32_t hold_s, mono now);
/* Nobody answers for this address: refuse packets to it for a while. */
void binding_negative(struct iface *i, const struct addr *proto, const char *reason,
		      uint32_t hold_s, mono now);
void binding_end(struct binding *b, const char *reason, mono now);
/* The device has another NBMA address: who had it until now is not there any more. */
void binding_nbma_is_ours(struct iface *i, mono now);
/* `ipsec` came or went: what was learnt before is learnt anew, and has an SA then. */
void binding_mode_changed(struct iface *i, mono now);
void binding_restore(struct iface *i, const struct ev_restore *ev, mono now);
/* Its peer has an SA; cannot have one; is somewhere else. */
void binding_secured(struct binding *b, mono now);
void binding_unsecurable(struct binding *b, const char *reason, uint32_t hold_s,
			 mono now);
void binding_moved(struct binding *b, const struct addr *nbma, const char *reason,
		   mono now);
/* Does it need a route of its own now? */
void binding_reroute(struct binding *b);
void binding_reroute_all(struct iface *i);
/* Everything but incomplete and negative: its NBMA address is known. */
bool binding_is_placed(const struct binding *b);
/* ... and it may be used. */
bool binding_is_up(const struct binding *b);
/* Why no packets are led to its peer yet; NULL: they may be. */
const char *binding_why_not_led(const struct binding *b);
/* The script has no objection any more. */
void binding_release(struct binding *b, mono now);
bool binding_matches(const struct binding *b, const struct selector *sel);
const char *binding_type_str(enum binding_type type);
/* Commands: number of entries touched. */
unsigned binding_flush(struct iface *i, const struct selector *sel, const char *reason,
		       mono now);
bool selector_has_iface(const struct selector *sel, const struct iface *i);

/* neigh.c */
/* Writes what the kernel should have of it, if anything. */
void neigh_set(struct binding *b);
/* Asks whether it is in use; ... for the sake of a shortcut via it. */
void neigh_ask(struct binding *b);
void neigh_ask_via(struct binding *b);
/* Its peer has no SA, or it is not used: nothing is led there. */
void neigh_strip(struct binding *b);
void neigh_told(struct iface *i, const struct ev_neigh *ev, mono now);
/* All of them, with the routes to them. */
void neigh_rewrite_all(struct iface *i);
void neigh_lost_kernel(struct iface *i);

/* contest.c */
void contest_start(struct binding *b, const struct addr *claimant, mono now);
void contest_answered(struct request *r, mono now);
void contest_unanswered(struct request *r, const char *why, mono now);

#endif
