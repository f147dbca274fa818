/* SPDX-License-Identifier: MIT */
/*
 * Who lies behind an NBMA address: the peer, its SAs, its identity and what that may
 * claim. A part of engine_int.h, which includes it; nothing else does.
 *
 * Ownership: an interface owns its peers; a peer owns its SAs, its identity and its
 * authority. Bindings lead to it, and it lives as long as one does or it has an SA.
 */
#ifndef NHRP_ENGINE_PEER_INT_H
#define NHRP_ENGINE_PEER_INT_H

#include <stdbool.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/conf.h>
#include <nhrp/defs.h>
#include <nhrp/digest.h>
#include <nhrp/event.h>
#include <nhrp/hash.h>
#include <nhrp/mono.h>
#include <nhrp/record.h>
#include <nhrp/timers.h>

struct engine;
struct iface;
struct binding;
struct authority;
struct identity;
struct lookup;
struct rx;

#define PEER_STATIONS_MAX 16  /* registered from one outer address */
#define PEER_REASON_MAX	  159 /* octets of its text */

enum peer_state {
	PEER_DOWN,	 /* no SA: nobody calls, or it has to call us */
	PEER_INITIATING, /* the IKE daemon was asked for an SA */
	PEER_ANSWERING,	 /* it began one, which it may not have itself yet */
	PEER_UP,	 /* there is one; or the tunnel is not encrypted */
	PEER_UNKNOWN,	 /* the IKE daemon does not say: what it left may live on */
	PEER_LOST,	 /* the last SA went; we call again in a moment */
	PEER_BACKOFF,	 /* refused or unanswered; we call again later */
	PEER_STATES
};

enum peer_event {
	PEER_EV_WANTED,
	PEER_EV_UNWANTED,
	PEER_EV_SECURED,  /* it has an SA */
	PEER_EV_CALLED,	  /* the same, of its own making and new */
	PEER_EV_HEARD,	  /* an NHRP packet came from it */
	PEER_EV_STRIPPED, /* it has none any more */
	PEER_EV_CUT,	  /* the same, and the peer ends each one at once */
	PEER_EV_FAILED,	  /* SA_FAILED */
	PEER_EV_TIMER,
	PEER_EV_GONE,  /* the IKE daemon does not answer */
	PEER_EV_READY, /* it does again, and knows no SA of this peer */
	PEER_EVENTS
};

/*
 * Lives as long as a binding leads to it or it has an SA. Plain tunnels know only
 * those that something is registered from.
 */
struct peer {
	UT_hash_handle hh; /* in iface->peers, by nbma */
	struct addr nbma;
	struct iface *iface;
	struct binding *bindings; /* by peer_next */
	unsigned holds;		  /* by stations whose protocol address is not known */
	unsigned dials;		  /* of them, for whose sake we call it */
	unsigned stations;	  /* registered protocol addresses */
	struct addr claimed;	  /* what those say of themselves */
	uint8_t state;		  /* enum peer_state */
	const char *reason;	  /* of its state: peer_because(), peer_quote() */
	char *quoted;		  /* what it says, unless that is a constant */
	mono since;
	unsigned tries, rekeys;
	unsigned held;	    /* in use by a caller: not to be freed */
	bool natted;	    /* it cannot be called */
	uint8_t cause;	    /* enum sa_cause: why the last try came to nothing */
	mono asked_us;	    /* its last request came; MONO_NEVER: none did */
	mono calls_until;   /* so long it is expected to call us */
	mono again_at;	    /* PEER_BACKOFF: not called before */
	unsigned cuts;	    /* SAs of our making, one after the other, ended at once */
	unsigned strangers; /* SAs of others at its address, being ended */
	mono strangers_until; /* ... for so long at most */
	struct sa *sas;
	struct identity *identity;   /* the last one; NULL: none, see identity.c */
	struct authority *authority; /* out of its certificate; NULL: not known */
	struct lookup *waiting;	     /* a registration, until that is known */
	struct timer timer;
	struct timer tie; /* more than one SA: which one stays? */
};

/* policy.c: what an identity may claim */
enum policy {
	POLICY_GRANTED,
	POLICY_AWAITED, /* its certificate is not known yet */
	POLICY_REFUSED,
	POLICY_BEYOND, /* its certificate does not give it */
};
/* `p` is NULL where nobody is known. */
enum policy policy_judge(const struct iface *i, const struct peer *p,
			 const struct prefix *what);
/* The same for what others said of a station. */
enum policy policy_judge_station(const struct iface *i, const struct peer *p,
				 const struct prefix *what);
/* Counts it; the reason. */
const char *policy_refuse_station(struct iface *i, enum policy why);
/* Does what it may claim depend on its certificate? */
bool policy_asks_certificate(const struct peer *p);

/* identity.c: who a peer is; p may be NULL, and is nobody then */
const char *identity_of(const struct peer *p); /* "": none, or its text is not known */
bool identity_known(const struct peer *p);
/* "" is who has none. */
bool identity_is(const struct peer *p, const char *text);
struct digest identity_digest(const struct peer *p);
void identity_set(struct peer *p, const char *text);
/* Out of the state file: whom it was, until somebody is there. */
void identity_restore(struct peer *p, const struct digest *d);
void identity_drop(struct peer *p);

/* authority.c: what a peer's certificate gives */
struct authority_text {
	char s[320];
};
void authority_told(struct peer *p, const struct ev_sa *ev, mono now);
bool authority_known(const struct peer *p);
bool authority_covers(const struct peer *p, const struct prefix *what);
/* Nothing is known any more, and nobody waits. */
void authority_forget(struct peer *p);
void authority_follow(struct peer *to, const struct peer *from);
/* A registration by its SA, until its certificate is known. */
void authority_await(struct peer *p, const struct rx *rx);
/* For people: the prefixes, or why there are none. */
const char *authority_str(struct authority_text *out, const struct peer *p);
void authority_show(const struct peer *p, struct record *r);

/* peer.c */
enum peer_verdict {
	PEER_ADMITTED,
	PEER_SHARED, /* another station is registered from this address */
	PEER_FULL,
};
struct peer *peer_find(const struct iface *i, const struct addr *nbma);
struct peer *peer_get(struct iface *i, const struct addr *nbma, mono now);
/* Frees it when nothing keeps it. */
void peer_release(struct peer *p);
void peer_move(struct peer *p, enum peer_event ev, const char *why, mono now);
/* Its reason from now on; what is quoted is copied, up to PEER_REASON_MAX. */
void peer_because(struct peer *p, const char *constant);
void peer_quote(struct peer *p, const char *why);
/* May packets go to this address? */
bool peer_carries(const struct iface *i, const struct addr *nbma);
/* A packet came from there: may it? By it the peer shows that it has its SA. */
bool peer_hears(const struct iface *i, const struct addr *nbma, mono now);
/* It may come from somebody else, who has an SA from the same address. */
bool peer_has_stranger(const struct iface *i, const struct addr *nbma, mono now);
bool peer_is_secured(const struct peer *p);
void peer_believe(struct peer *p, mono now);
enum peer_verdict peer_admits(const struct iface *i, const struct addr *nbma,
			      const struct addr *claimed);
void peer_ike_gone(struct iface *i, mono now);
void peer_ike_ready(struct iface *i, mono now);
void peer_iface_usable(struct iface *i, mono now);
void peer_local_moved(struct iface *i, mono now);
void peer_mode_changed(struct iface *i, mono now);
void peer_profile_changed(struct iface *i, mono now);
void peer_hang_up_all(struct iface *i);
void peer_free_all(struct iface *i);
const char *peer_state_str(enum peer_state s);
bool peer_cell_decided(enum peer_state s, enum peer_event ev);

/* peer_want.c */
bool peer_is_wanted(const struct peer *p);
/* May it be called, as it is now? */
bool peer_dialable(const struct peer *p, mono now);
/* Calls it, if it is wanted and can be called. */
void peer_dial(struct peer *p, mono now);
/* Says why it is not called, where somebody wants it. */
void peer_await(struct peer *p, mono now);
/* A binding that stands leads to its peer, and is the reason to call it. */
void peer_join(struct binding *b, bool dials, mono now);
void peer_leave(struct binding *b, mono now);
void peer_want(struct binding *b, mono now);
void peer_traffic(struct binding *b, mono now);
/* It stays as it is while one leaves it for another. */
void peer_pin(struct peer *p);
void peer_unpin(struct peer *p, mono now);
/* The same for a station that has no binding yet. */
struct peer *peer_hold(struct iface *i, const struct addr *nbma, mono now);
void peer_unhold(struct peer *p, mono now);
/* It asked for us and was answered: it will call. */
void peer_asked_us(struct iface *i, const struct addr *nbma, mono now);
/* What we asked since `began` is answered: we call, unless it is to. */
void peer_answered_us(struct iface *i, const struct addr *nbma, mono began, mono now);

/* sa.c: the SAs themselves */
void sa_event(struct engine *e, const struct ev_sa *ev, mono now);
void sa_drop_all(struct peer *p);
void sa_show(const struct peer *p, struct record *r);
/* Why it has none. */
enum sa_cause sa_cause(const struct peer *p);
/* The IKE SA and the child of a peer that has just one; 0: none, or several. */
uint32_t sa_only(const struct peer *p, uint32_t *child);
/* Ends those that we began. */
void sa_stop_ours(const struct peer *p);
/* Ends all, whoever began them, and forgets them at once. */
void sa_stop_all(struct peer *p);
void sa_tie_fired(struct timer *t, void *ctx, mono now);

#endif
