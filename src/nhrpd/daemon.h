/* SPDX-License-Identifier: MIT */
/*
 * The daemon's parts, and how they are joined.
 *
 * main.c makes and ends them; dispatch.c moves events into the engine and its
 * actions to the adapters, what is for the kernel's tables by tables.c; reload.c
 * applies a configuration; ctl_cmds.c answers operators, ctl_list.c with long tables,
 * inspect.c what they want looked into. This header is all they share.
 */
#ifndef NHRPD_DAEMON_H
#define NHRPD_DAEMON_H

#include <stdbool.h>
#include <stddef.h>

#include <ev.h>

#include <nhrp/conf.h>
#include <nhrp/ctl_command.h>
#include <nhrp/ctl_server.h>
#include <nhrp/engine.h>
#include <nhrp/event_sink.h>
#include <nhrp/ike.h>
#include <nhrp/log_out.h>
#include <nhrp/loop.h>

struct copier;
struct device;
struct firewall;
struct guard;
struct guard_route;
struct hook;
struct nhrp_sock;
struct nl_link;
struct nl_lookup;
struct nl_log;
struct nl_neigh;
struct nl_route;
struct resolver;
struct service;
struct state_file;

struct daemon {
	struct loop *loop;
	struct engine *engine;
	struct log_out *log;
	struct ctl_server *ctl;
	struct ctl_list *lists; /* under way */

	const char *conf_path;
	struct conf *conf; /* in force; NULL before the first */

	struct event_sink sink; /* for the adapters: daemon_handle() */
	struct nhrp_sock *sock;
	struct nl_neigh *neigh;
	struct nl_route *route;
	struct nl_lookup *lookup;
	struct nl_link *link;
	struct nl_log *samples;
	struct copier *copier;
	struct firewall *firewall;
	struct guard *guard;
	struct guard_route *guard_route;
	struct resolver *resolver;
	struct hook *hook;
	struct ike *ike;
	struct state_file *state;
	struct service *service;

	struct device *devices;	  /* dispatch.c: whose tables are watched */
	bool route_goes;	  /* tables.c: the removal of one is queued */
	bool stopping, withdrawn; /* the engine has nothing left to do */
	ev_timer stop_limit;
};

struct ctl_list;

/* dispatch.c: hands the event to the engine, then does all it wants done. */
void daemon_handle(struct daemon *d, const struct event *ev);

/* main.c: the engine has withdrawn everything; the daemon ends when all is said. */
void daemon_stopped(struct daemon *d);

/* dispatch.c: sends what the adapters were given; once a turn of the loop. */
void daemon_flush(struct daemon *d);

/* dispatch.c: every table is read again, as after a loss. */
void daemon_resync(struct daemon *d);

/* dispatch.c: forgets the devices. */
void daemon_forget_devices(struct daemon *d);

/* dispatch.c: what the adapters counted, rows `name value`. */
void daemon_show_counters(const struct daemon *d, struct show_sink *sink);

/* tables.c: queues a change so that no packet is led to a neighbour that is gone. */
void tables_neigh_set(struct daemon *d, const struct act_neigh *a);
void tables_neigh_del(struct daemon *d, const struct act_neigh *a);
void tables_route_set(struct daemon *d, const struct act_route *a);
void tables_route_del(struct daemon *d, const struct act_route *a);
void tables_flush(struct daemon *d);

/*
 * reload.c: reads and checks a configuration. NULL when it has a fault or, with
 * a sentence in err, cannot be read; the caller frees the list in any case.
 */
struct conf *conf_load(const char *path, struct conf_diags *diags, char *err,
		       size_t err_cap);

/* reload.c: `FILE:LINE:COLUMN: text`, with "warning: " before what is only that. */
void conf_diag_str(char *buf, size_t cap, const char *path, const struct conf_diag *d);

/* reload.c: puts a configuration in force, in place of the last one. */
void daemon_apply(struct daemon *d, struct conf *conf);

/*
 * reload.c: reads the configuration again. Each fault or warning is a row
 * `severity file line column text`, each interface that changed one `interface
 * change`; `message` is a sentence about the whole. False: nothing was changed.
 */
bool daemon_reload(struct daemon *d, struct show_sink *report, char *message,
		   size_t cap);

/*
 * inspect.c: has charon count what went through the SAs that this command is about,
 * as far as those are few; then the answer can be given. See ike_measure().
 */
void daemon_measure(struct daemon *d, const struct ctl_parsed *cmd,
		    struct ike_measured then);

/* inspect.c: the way of a packet to this address, as rows; does it arrive? */
bool daemon_explain(const struct daemon *d, const struct addr *dst,
		    struct show_sink *sink);

/* inspect.c: the engine's peers, with what charon told of their SAs. */
void daemon_show_peers(const struct daemon *d, const struct selector *sel,
		       struct show_sink *sink);

/* inspect.c: how many findings there are, each a row; -1: the kernel is silent. */
int daemon_doctor(struct daemon *d, struct show_sink *sink);

#endif
