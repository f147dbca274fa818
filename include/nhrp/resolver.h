/* SPDX-License-Identifier: MIT */
/*
 * Names to addresses: ACT_RESOLVE_NAME in, EV_NAME out, by c-ares.
 *
 * Nothing waits. A name that is asked for while its answer is under way is
 * asked once. Each question reads /etc/resolv.conf and /etc/hosts anew, so that
 * what a DHCP client wrote a moment ago counts. A time to live below
 * RESOLVER_TTL_MIN_S, as /etc/hosts has none, counts as that.
 */
#ifndef NHRP_RESOLVER_H
#define NHRP_RESOLVER_H

#include <nhrp/action.h>
#include <nhrp/event_sink.h>

#define RESOLVER_TTL_MIN_S 30
#define RESOLVER_TTL_MAX_S 86400

struct ev_loop;
struct resolver;

struct resolver *resolver_new(struct ev_loop *loop, const struct event_sink *sink);

/* What is under way is given up. */
void resolver_free(struct resolver *r);

void resolver_ask(struct resolver *r, const struct act_name *a);

#endif
