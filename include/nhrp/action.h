/* SPDX-License-Identifier: MIT */
/*
 * What the engine wants done.
 *
 * Taken from engine_next_action() one by one, in order. An action, and what it points
 * to, lives until the next engine_handle(). Adapters never call the engine from
 * inside an action; the outcome comes back later, as an event.
 */
#ifndef NHRP_ACTION_H
#define NHRP_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/event.h>

enum action_type {
	ACT_SEND,      /* an NHRP packet through a tunnel */
	ACT_NEIGH_SET, /* create or replace a neighbour entry */
	ACT_NEIGH_DEL,
	ACT_NEIGH_DUMP, /* answer with EV_NEIGH SEEN... DUMP_END */
	ACT_ROUTE_SET,	/* create or replace a route over a tunnel */
	ACT_ROUTE_DEL,
	ACT_ROUTE_DUMP, /* answer with EV_ROUTE SEEN, OTHER... DUMP_END */
	ACT_WATCH_SET,	/* tell ROUTE_CHANGED about this prefix from now on */
	ACT_WATCH_DEL,
	ACT_LOOKUP,	  /* answer with EV_LOOKUP */
	ACT_RESOLVE_NAME, /* answer with EV_NAME */
	ACT_COPY_ADD,  /* multicast that leaves by a tunnel goes to this station too */
	ACT_COPY_DEL,  /* not any more; each once, and of what was added */
	ACT_HOOK,      /* run the site's script; a question is answered */
	ACT_SA,	       /* set up or end IPsec SAs */
	ACT_CARRIER,   /* a tunnel works, or does not, for its users */
	ACT_STATE_PUT, /* write a slot of the state file */
	ACT_STATE_DEL,
	ACT_ANSWER,  /* the outcome of a command */
	ACT_STOPPED, /* EV_STOP is done; nothing of ours is left */
};

struct act_send {
	int ifindex;
	struct addr to;
	const uint8_t *pdu;
	size_t len;
};

struct act_neigh {
	int ifindex;
	struct addr proto;
	struct addr nbma; /* ACT_NEIGH_SET; ADDR_NONE writes a failed entry: the
			     packets that wait for it are refused */
	bool ask_use;	  /* ACT_NEIGH_SET: write it STALE, so that the next packet
			     to it makes the kernel probe (NEIGH_PROBE) */
};

/* dst [via GATEWAY] dev IFINDEX, with the daemon's own protocol number. */
struct act_route {
	int ifindex;
	struct prefix dst;
	struct addr gateway; /* ADDR_NONE: scope link */
	uint32_t table;
};

struct act_lookup {
	uint32_t token;
	struct addr dst;
};

struct act_name {
	const char *name;
	enum addr_family family; /* of the addresses wanted */
};

struct act_copy {
	int ifindex; /* ACT_COPY_DEL: of when it was added; may be gone */
	struct addr nbma;
};

/* Named as the script's argument is. */
enum hook_event {
	HOOK_INTERFACE_UP,
	HOOK_PEER_REGISTER, /* a question: may it? */
	HOOK_PEER_UP,	    /* a question: is it used? */
	HOOK_PEER_DOWN,
	HOOK_NHS_UP,
	HOOK_NHS_DOWN,
	HOOK_ROUTE_UP,
	HOOK_ROUTE_DOWN,
	HOOK_EVENTS
};

/* An event of the site's script, with all that its environment says. */
struct act_hook {
	uint32_t token; /* of a question, comes back in EV_HOOK; 0: only told */
	enum hook_event event;
	const char *type; /* what it is about, as opennhrp calls it; a constant */
	char ifname[CONF_IFNAME_MAX];
	uint32_t gre_key;
	struct addr src, src_nbma; /* our own */
	/* Not of an interface: */
	struct prefix dst;
	struct addr nbma, claimed; /* of a peer; claimed differs behind NAT */
	struct addr next_hop;	   /* of a route */
	uint16_t mtu;		   /* 0: not known */
	const char *reason;	   /* HOOK_PEER_DOWN; a constant or NULL */
};

enum carrier {
	CARRIER_FREE, /* not ours to say */
	CARRIER_ON,
	CARRIER_OFF,
};

struct act_carrier {
	int ifindex;
	enum carrier state;
};

struct act_state {
	uint32_t slot;
	struct state_binding binding; /* ACT_STATE_PUT */
};

struct act_answer {
	uint32_t token;
	bool ok;
	const char *reason; /* for people; a string constant or "" */
	unsigned count;	    /* entries that a flush or purge touched */
	/* CMD_RESOLVE, when ok: */
	struct prefix protocol;
	struct addr nbma, claimed;
	uint32_t hold_s;
};

struct action {
	enum action_type type;
	union {
		struct act_send send;
		struct act_neigh neigh;
		struct act_route route;
		struct prefix watch;
		struct act_lookup lookup;
		struct act_name name;
		struct act_copy copy;
		struct act_hook hook;
		struct act_sa sa;
		struct act_carrier carrier;
		struct act_state state;
		struct act_answer answer;
		struct {
			int ifindex;
		} dump;
	};
};

#endif
