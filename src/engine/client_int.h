/* SPDX-License-Identifier: MIT */
/*
 * Stations of the configuration, and the servers among them: a part of
 * engine_int.h, which includes it. An interface owns its stations and names;
 * client.c alone changes the state of a station, group.c who holds a place.
 */
#ifndef NHRP_CLIENT_INT_H
#define NHRP_CLIENT_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/conf.h>
#include <nhrp/event.h>
#include <nhrp/mono.h>
#include <nhrp/selector.h>
#include <nhrp/timers.h>

struct binding;
struct iface;
struct peer;
struct rx;

#define STATION_MAX_ADDRS 8

/* --- a station of the configuration ---------------------------------------- */

enum client_state {
	CLIENT_DOWN,	   /* the interface cannot be used */
	CLIENT_NAMING,	   /* waits for an address of its name */
	CLIENT_SECURING,   /* waits for an SA */
	CLIENT_ASKING,	   /* registration sent, no answer yet */
	CLIENT_UP,	   /* registered; or a static entry in place */
	CLIENT_REFRESHING, /* registered, refresh sent */
	CLIENT_REFUSED,	   /* the server said no; waits to ask again */
	CLIENT_STANDBY,	   /* its group has enough without it: not asked */
	CLIENT_WAITING,	   /* it answers again; gets its place if it goes on so */
	CLIENT_STATES
};

enum client_event {
	CLIENT_EV_LOOKUP,   /* usable; its name has no address yet */
	CLIENT_EV_READY,    /* usable, address known, registers */
	CLIENT_EV_PINNED,   /* usable, address known, does not register */
	CLIENT_EV_CLEAR,    /* usable, address known, no SA to it */
	CLIENT_EV_LOST,	    /* not usable */
	CLIENT_EV_NAMELESS, /* the look-up failed */
	CLIENT_EV_ACK,
	CLIENT_EV_NAK,
	CLIENT_EV_TIMER,
	CLIENT_EV_LAPSED,  /* refresh unanswered, holding time over */
	CLIENT_EV_BENCHED, /* usable, but its group has enough without it */
	CLIENT_EV_BACK,	   /* acknowledged, while others hold the places */
	CLIENT_EV_SILENT,  /* unanswered so often that it is taken for dead */
	CLIENT_EVENTS
};

struct station {
	struct station *next;
	struct iface *iface;
	struct conf_map map; /* of a dynamic-map: made up, one an address */
	bool dynamic;	     /* from a dynamic-map: protocol address learnt */
	uint8_t state;	     /* enum client_state */
	char reason[160];
	mono since;
	struct addr proto; /* ADDR_NONE: not learnt yet */
	struct addr nbma;  /* the address in use; ADDR_NONE: not known */
	struct addr choices[STATION_MAX_ADDRS];
	size_t choice_count, choice;
	uint32_t name_ttl_s; /* of these */
	struct peer *peer;   /* held; only while the protocol address is not known */
	struct addr own_proto, own_nbma; /* registered as */
	struct addr own_beside;	  /* ... with this link-local one; ADDR_NONE: without */
	unsigned beside_refusals; /* of that one alone */
	struct addr seen_as; /* own NBMA address as the server sees it, behind NAT */
	uint32_t request_id;
	unsigned tries; /* without an answer */
	unsigned refusals;
	bool script_told; /* that it serves us */
	/* Of a group, see group.c: */
	bool placed;	 /* it holds one of the places */
	bool benched;	 /* it is not to be asked */
	bool lost;	 /* it failed, and has not served since */
	mono wait_until; /* CLIENT_WAITING */
	mono sent, valid_until;
	int64_t rtt_us; /* -1: not measured */
	struct timer timer;
};

/* A dynamic-map: its name, and when to look it up again. */
struct dynamic_name {
	struct dynamic_name *next;
	struct iface *iface;
	struct conf_dynamic_map map;
	char problem[96]; /* of the last look-up; "": it had addresses */
	mono since;
	struct timer timer;
};

/* client.c */
/* Takes the step of the state table; `why` may be NULL. */
void client_move(struct station *s, enum client_event ev, const char *why, mono now);
/* What fires when it is time for the next one: in about so long; never. */
void client_timer_fired(struct timer *t, void *ctx, mono now);
void client_arm_ms(struct station *s, int64_t ms, mono now);
void client_disarm(struct station *s);
/* The interface or its addresses changed. */
void client_iface_changed(struct iface *i, bool again, mono now);
/* The peer at this address has an SA, or none; `why` none, or NULL. */
void client_peer_changed(struct iface *i, const struct addr *nbma, const char *why,
			 mono now);
/* The script said yes, or no, to the binding of a station; or it ends. */
void client_permitted(struct station *s, bool waited, mono now);
void client_forbidden(struct station *s, const char *why, mono now);
void client_unplaced(struct binding *b);
/* To be asked from the start, as far as it can be. */
void client_call(struct station *s, mono now);
/* What group.c decides: not to be asked; served well enough. */
void client_bench(struct station *s, mono now);
void client_promote(struct station *s, mono now);
/* Registered, and in its place. */
bool client_serves(const struct station *s);
/* The lower, the sooner it is asked. */
uint8_t client_rank(const struct station *s);
const char *client_state_str(enum client_state s);
/* For the test that walks the table: is this cell decided? */
bool client_cell_decided(enum client_state s, enum client_event ev);

/* client_station.c */
void client_configure(struct iface *i, const struct conf_iface *c, mono now);
void client_free_all(struct iface *i);
void client_named(struct iface *i, const struct ev_name *ev, mono now);
struct station *client_add(struct iface *i, const struct conf_map *map, bool dynamic,
			   mono now);
/* Unlinks and frees *at. */
void client_remove(struct station **at, mono now);
/* Withdraws what is registered, with one or with all; number of purges sent. */
bool client_withdraw_one(struct station *s, mono now);
unsigned client_withdraw(struct iface *i, mono now);
unsigned client_restart(struct iface *i, const struct selector *sel, const char *why,
			mono now);
/* Its entry in the binding table, or NULL; puts it there, and ends it. */
struct binding *client_binding(const struct station *s);
void client_place(struct station *s, mono now);
void client_unplace(struct station *s, const char *why, mono now);
/* A peer that is called for no binding's sake, or none. */
void client_hold(struct station *s, bool wanted, mono now);

/* client_ask.c */
/* Asks once more; with a new id, from the first try. */
void client_ask(struct station *s, mono now);
void client_ask_first(struct station *s, mono now);
/* The same, whatever the script says and at the address it has. */
void client_send_try(struct station *s, mono now);
/* A name has more addresses: takes the next; after the last, asks for new ones. */
void client_next_choice(struct station *s, mono now);
/* So many requests are unanswered that it is taken for dead. */
bool client_is_silent(const struct station *s);
/* That is its reason from now on. */
void client_say_unanswered(struct station *s);

/* client_answer.c */
void client_reply(struct rx *rx);
void client_error(struct rx *rx, uint32_t id, uint16_t code);

/* nhs.c */
/* The next hop server to ask for this address, or NULL. */
struct station *nhs_server_for(struct iface *i, const struct addr *dst,
			       const struct addr *but_not_nbma);
/* The same whatever its state, to tell why it cannot be asked. */
struct station *nhs_station_for(struct iface *i, const struct addr *dst);
bool nhs_is_server(const struct iface *i, const struct addr *nbma);

/* group.c: which servers of a group are registered with */
bool group_has(const struct station *s);
/* So many others serve that this one is not needed. */
bool group_is_full(const struct station *s);
/* How long one that was lost has to be well; 0: not at all. */
uint32_t group_fall_back_s(const struct station *s);
/* Something about a member changed: looked at when the event is over. */
void group_touch(const struct station *s);
void group_review(struct iface *i, mono now);

/* name.c */
void name_ask(struct iface *i, const char *name);
bool name_listed(const struct ev_name *ev, const struct addr *a);
void name_configure(struct iface *i, const struct conf_iface *c, mono now);
void name_iface_changed(struct iface *i, mono now);
void name_answered(struct iface *i, const struct ev_name *ev, mono now);
void name_stop(struct iface *i);
void name_free_all(struct iface *i);

#endif
