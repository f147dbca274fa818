/* SPDX-License-Identifier: MIT */
/*
 * IPsec SAs, as the engine and the IKE adapter speak of them.
 *
 * The adapter owns the conversation with charon and knows no protocol; the engine
 * decides which peer gets an SA, when to try again, and which of two stays. An SA
 * is a CHILD_SA for the GRE of one tunnel, found by charon's own numbers: names of
 * connections do not say whose it is (a peer's SA sits under the one or the other).
 * What the pointers here point to lives as long as the call that hands them over.
 */
#ifndef NHRP_SA_H
#define NHRP_SA_H

#include <stdbool.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/conf.h>

/* Facts about SAs. Telling one twice is fine. */
enum sa_fact {
	SA_READY,	/* charon answers, and every SA it has was told (SA_UP): what
			  was not told since SA_GONE is not there */
	SA_GONE,	/* charon does not answer; what the kernel has may live on */
	SA_UP,		/* a child is installed */
	SA_DOWN,	/* that child is gone */
	SA_REKEYED,	/* the child `old` is `child` now */
	SA_IKE_REKEYED, /* the IKE SA `old` is `ike` now, with all its children */
	SA_MOVED,	/* the peer of the IKE SA `ike` is at `remote` now */
	SA_FAILED,	/* SA_START to `remote` came to nothing */
};

struct ev_sa {
	enum sa_fact fact;
	const char *ifname; /* the tunnel; NULL with SA_READY, SA_GONE */
	struct addr local;
	struct addr remote; /* the outer address of its GRE packets as we see them */
	struct addr outer;  /* where IKE speaks to it: another one in tunnel mode */
	uint32_t ike;	    /* charon's number of the IKE SA */
	uint32_t child;	    /* and of the child */
	uint32_t old;	    /* SA_REKEYED, SA_IKE_REKEYED */
	uint64_t initiator_spi; /* the same number on both sides */
	bool initiator;		/* the IKE SA was begun by us */
	bool natted;		/* the peer is behind NAT: it cannot be dialled */
	uint32_t age_s;		/* since the IKE SA was established */
	const char *identity;	/* the peer's authenticated IKE identity */
	const char *reason;	/* SA_FAILED, SA_GONE: for people */
};

enum sa_want {
	SA_START,  /* an SA to `remote`; SA_UP or SA_FAILED follows */
	SA_STOP,   /* end the IKE SA `ike`; SA_DOWN of its children follows */
	SA_FORGET, /* nothing is wanted with `remote` any more */
};

struct act_sa {
	enum sa_want want;
	char ifname[CONF_IFNAME_MAX];
	struct addr local, remote;
	uint32_t ike; /* SA_STOP */
	bool force;   /* SA_STOP: do not wait for the peer's answer */
};

#endif
