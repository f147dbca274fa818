/* SPDX-License-Identifier: MIT */
/*
 * The kernel's neighbour table: ACT_NEIGH_* in, EV_NEIGH out.
 *
 * Entries carry NTF_EXT_LEARNED, which keeps the kernel's garbage collection
 * away, and the daemon's protocol number (77); other entries are never touched.
 * Changes are queued and leave with nl_neigh_flush(). Only devices that are
 * watched are told about. When notifications were lost, every watched device is
 * dumped as if it had been asked for.
 */
#ifndef NHRP_NL_NEIGH_H
#define NHRP_NL_NEIGH_H

#include <nhrp/action.h>
#include <nhrp/event_sink.h>
#include <nhrp/log.h>
#include <nhrp/record.h>

struct ev_loop;
struct nl_neigh;

/* NULL when the system refuses a socket; errno says why. */
struct nl_neigh *nl_neigh_new(struct ev_loop *loop, const struct event_sink *sink,
			      const struct log_sink *log);
void nl_neigh_free(struct nl_neigh *n);

void nl_neigh_watch(struct nl_neigh *n, int ifindex);
void nl_neigh_unwatch(struct nl_neigh *n, int ifindex);

void nl_neigh_set(struct nl_neigh *n, const struct act_neigh *a);
void nl_neigh_del(struct nl_neigh *n, const struct act_neigh *a);

/* Of one watched device; of all of them. */
void nl_neigh_dump(struct nl_neigh *n, int ifindex);
void nl_neigh_resync(struct nl_neigh *n);

void nl_neigh_flush(struct nl_neigh *n);

/* Rows of `show counters`. */
void nl_neigh_show(const struct nl_neigh *n, struct show_sink *sink);

#endif
