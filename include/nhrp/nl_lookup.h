/* SPDX-License-Identifier: MIT */
/*
 * Questions to the kernel's routing: ACT_LOOKUP in, EV_LOOKUP out.
 *
 * Answered is what the kernel does with a packet of this machine's own: the route
 * as it stands in the table, and of several next hops the first. No question
 * about an address is left without an answer: what the kernel refuses, or what was
 * lost, is LOOKUP_UNREACHABLE. Only of more than 1024 that wait the oldest is
 * forgotten.
 */
#ifndef NHRP_NL_LOOKUP_H
#define NHRP_NL_LOOKUP_H

#include <nhrp/action.h>
#include <nhrp/event_sink.h>
#include <nhrp/record.h>

struct ev_loop;
struct nl_lookup;

/* NULL when the system refuses a socket; errno says why. */
struct nl_lookup *nl_lookup_new(struct ev_loop *loop, const struct event_sink *sink);
void nl_lookup_free(struct nl_lookup *l);

void nl_lookup_ask(struct nl_lookup *l, const struct act_lookup *a);

/* Sends what was asked. */
void nl_lookup_flush(struct nl_lookup *l);

/* Rows of `show counters`. */
void nl_lookup_show(const struct nl_lookup *l, struct show_sink *sink);

#endif
