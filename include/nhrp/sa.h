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
#include <stddef.h>
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
	SA_AUTHORITY,	/* what the certificate of this identity at `remote` gives:
			  follows an SA_UP where the configuration asks for it, some
			  time, and replaces what was told before */
};

/* Why there is no SA, as far as it shows; `explain` has a word for each. */
enum sa_cause {
	SA_CAUSE_NONE,	      /* none failed so far, or nobody knows why */
	SA_CAUSE_PROFILE,     /* charon does not take the connection as it stands */
	SA_CAUSE_SILENT,      /* nothing of the peer's IKE was heard */
	SA_CAUSE_STALLED,     /* it answered the first exchange, and then no more */
	SA_CAUSE_PROPOSALS,   /* refused before anybody said who he is */
	SA_CAUSE_AUTH,	      /* refused over who somebody is, by either end */
	SA_CAUSE_CHILD,	      /* authenticated, but the child was refused */
	SA_CAUSE_SHORT_LIVED, /* there was one, and the peer ended it at once */
	SA_CAUSE_CHARON,      /* charon does not answer: nobody can be called */
	SA_CAUSE_NAT_CALLER,  /* it is behind NAT and did not call us */
	SA_CAUSE_NAT_BOTH,    /* both ends are behind NAT: neither can call */
	SA_CAUSES
};

/* Nothing came by an SA for so long, while a server was asked by it. */
#define SA_MUTE_S 10

/* What went through a child since it was installed, as the kernel counts. */
struct sa_traffic {
	uint64_t bytes_in, packets_in, bytes_out, packets_out;
	uint32_t age_s;
	uint32_t idle_in_s; /* since the last packet in, where there was one */
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
	bool fresh;		/* SA_UP: it was not there before; else it was found */
	bool natted;		/* the peer is behind NAT: it cannot be dialled */
	uint32_t age_s;		/* since the IKE SA was established */
	const char *identity;	/* the peer's authenticated IKE identity */
	const char *reason;	/* SA_FAILED, SA_GONE: for people */
	enum sa_cause cause;	/* SA_FAILED: for programs */
	/* SA_AUTHORITY; without prefixes `reason` says why: */
	const struct prefix *prefixes;
	size_t prefix_count;
	uint32_t valid_s; /* from now on */
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
