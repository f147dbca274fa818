/* SPDX-License-Identifier: MIT */
/*
 * Facts that go into the engine.
 *
 * Adapters and the programs fill a struct event and hand it to engine_handle();
 * everything it points to needs to live until that call returns, except the
 * configuration (see there). Facts are idempotent: telling one twice is fine,
 * so an adapter may repeat everything it knows after it lost track.
 */
#ifndef NHRP_EVENT_H
#define NHRP_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/conf.h>
#include <nhrp/digest.h>
#include <nhrp/mono.h>
#include <nhrp/sa.h>
#include <nhrp/selector.h>

enum event_type {
	EV_CONF,    /* the configuration to follow from now on */
	EV_RESTORE, /* a binding that a predecessor left in the state file */
	EV_LINK,    /* a device of the configuration: all that is known about it */
	EV_PACKET,  /* an NHRP packet came in by a tunnel */
	EV_NEIGH,   /* the kernel's neighbour table */
	EV_ROUTE,   /* the kernel's routes: ours, others over a tunnel, watched ones */
	EV_LOOKUP,  /* answer to ACT_LOOKUP */
	EV_SAMPLE,  /* a data packet that came by a tunnel and leaves by one */
	EV_NAME,    /* answer to ACT_RESOLVE_NAME */
	EV_HOOK,    /* answer to an ACT_HOOK that is a question */
	EV_SA,	    /* an IPsec SA, or who makes them */
	EV_COMMAND, /* an operator's command */
	EV_STOP,    /* withdraw: purge, remove; ACT_STOPPED follows */
	EV_TICK,    /* nothing but the time */
};

/*
 * The engine keeps the pointer: the configuration must live until the next
 * EV_CONF has been handled, or the engine is freed.
 */
struct ev_conf {
	const struct conf *conf;
};

enum binding_type {
	BINDING_LOCAL,
	BINDING_STATIC,	    /* map without register */
	BINDING_NHS,	    /* map with register, dynamic-map */
	BINDING_DYNAMIC,    /* registered with us */
	BINDING_CACHED,	    /* learnt by resolution */
	BINDING_INCOMPLETE, /* resolution under way */
	BINDING_NEGATIVE,   /* resolution refused or unanswered */
	BINDING_TYPES
};

/* What survives a restart of a dynamic or cached binding. */
struct state_binding {
	char ifname[CONF_IFNAME_MAX];
	uint8_t type; /* enum binding_type: dynamic or cached */
	bool unique;  /* U was set */
	uint16_t hold_s, mtu;
	struct prefix proto;
	struct addr nbma;    /* where packets go */
	struct addr claimed; /* what the station said of itself; differs behind NAT */
	mono since, expires;
	struct digest identity; /* whose it is */
};

struct ev_restore {
	uint32_t slot; /* its place in the state file; told in ascending order */
	struct state_binding binding;
};

struct ev_link {
	const char *name;
	int ifindex; /* 0: there is no such device */
	bool up;     /* administratively up, and the underlay too */
	uint32_t mtu;
	uint32_t gre_key;	    /* 0: it has none, or is no tunnel */
	struct addr nbma;	    /* own NBMA address; ADDR_NONE: not known yet */
	const struct prefix *addrs; /* protocol addresses, primary first */
	size_t addr_count;
	const char *problem; /* why it cannot be used, for people; NULL: it can */
};

struct ev_packet {
	int ifindex;
	struct addr from; /* outer source; ADDR_NONE: not known */
	const uint8_t *pdu;
	size_t len;
};

enum neigh_fact {
	NEIGH_MISS,	/* a packet waits for this address */
	NEIGH_PROBE,	/* the kernel asks whether an entry in use still holds, or
			 * has found so itself */
	NEIGH_GONE,	/* somebody else removed our entry */
	NEIGH_FAILED,	/* the kernel refused ACT_NEIGH_SET, or ACT_NEIGH_DEL */
	NEIGH_SEEN,	/* part of a dump: an entry with our protocol number */
	NEIGH_DUMP_END, /* the dump is whole; what was not seen is not there */
};

struct ev_neigh {
	enum neigh_fact fact;
	int ifindex;
	struct addr proto; /* not for NEIGH_DUMP_END */
	struct addr nbma;  /* NEIGH_SEEN; ADDR_NONE in a failed entry */
	int error;	   /* NEIGH_FAILED: errno */
	bool removed;	   /* NEIGH_FAILED: it was ACT_NEIGH_DEL */
};

enum route_fact {
	ROUTE_GONE,	  /* somebody else removed our route */
	ROUTE_FAILED,	  /* the kernel refused ACT_ROUTE_SET, or ACT_ROUTE_DEL */
	ROUTE_DUMP_BEGIN, /* of one tunnel; news may come in between */
	ROUTE_SEEN,	  /* part of a dump: a route with our protocol number */
	ROUTE_DUMP_END,	  /* the dump is whole; what was not seen is not there */
	ROUTE_OTHER,	  /* somebody else's route over this tunnel: dump or news */
	ROUTE_OTHER_GONE, /* the last of those to its prefix is gone */
	ROUTE_CHANGED,	  /* routing to a watched prefix may have changed */
};

struct ev_route {
	enum route_fact fact;
	int ifindex;	   /* the tunnel; ROUTE_CHANGED: where the cause leads, or 0 */
	struct prefix dst; /* ROUTE_CHANGED: the watched prefix */
	struct addr gateway; /* ADDR_NONE: on-link */
	uint32_t table;
	int error;
	/* ROUTE_CHANGED: the route that came or went; ADDR_NONE: look again. */
	struct prefix cause;
	bool removed; /* ROUTE_FAILED: it was ACT_ROUTE_DEL */
};

enum lookup_kind {
	LOOKUP_UNREACHABLE, /* no route, or one that refuses */
	LOOKUP_LOCAL,	    /* an address of this machine */
	LOOKUP_UNICAST,
};

/* What the kernel does with a packet to the address that was asked for. */
struct ev_lookup {
	uint32_t token;
	enum lookup_kind kind;
	int ifindex;	       /* it leaves by; LOOKUP_LOCAL: may be loopback */
	struct addr gateway;   /* ADDR_NONE: on-link */
	struct prefix matched; /* the route's destination */
	bool ours;	       /* it has our protocol number */
};

enum kernel_neigh_state {
	KERNEL_NEIGH_NONE,    /* there is no entry */
	KERNEL_NEIGH_WAITING, /* packets wait in it for an address */
	KERNEL_NEIGH_VALID,   /* packets go to its address */
	KERNEL_NEIGH_REFUSED, /* packets to it are refused */
};

/* The kernel's neighbour entry of an address, for who asks about just this one. */
struct kernel_neigh {
	enum kernel_neigh_state state;
	struct addr nbma;
	bool ours; /* it has our protocol number */
};

struct ev_sample {
	int in_ifindex, out_ifindex;
	const uint8_t *packet; /* from its IP header on, as it will be sent */
	size_t len;
};

struct ev_name {
	const char *name;
	const struct addr *addrs; /* in the order to try them */
	size_t addr_count;	  /* 0: it has none, or the lookup failed */
	uint32_t ttl_s;
	const char *problem; /* why there are none, for people */
};

/* What came of asking the site's script. */
enum hook_outcome {
	HOOK_YES,
	HOOK_NO,     /* it ended with another status than 0 */
	HOOK_LATE,   /* it took too long */
	HOOK_BROKEN, /* it could not be run, or did not end by itself */
};

struct ev_hook {
	uint32_t token;
	enum hook_outcome outcome;
};

enum command {
	CMD_FLUSH,	    /* drop what is not permanent */
	CMD_PURGE,	    /* drop what was learnt; take permanent ones down and up */
	CMD_LOWERDOWN,	    /* as CMD_PURGE, because the layer below failed */
	CMD_RESOLVE,	    /* ask for `target` now */
	CMD_REDIRECT_PURGE, /* forget what was redirected, and whom it was told */
};

struct ev_command {
	enum command command;
	uint32_t token; /* comes back in ACT_ANSWER */
	struct selector selector;
	struct addr target; /* CMD_RESOLVE */
};

struct event {
	enum event_type type;
	union {
		struct ev_conf conf;
		struct ev_restore restore;
		struct ev_link link;
		struct ev_packet packet;
		struct ev_neigh neigh;
		struct ev_route route;
		struct ev_lookup lookup;
		struct ev_sample sample;
		struct ev_name name;
		struct ev_hook hook;
		struct ev_sa sa;
		struct ev_command command;
	};
};

#endif
