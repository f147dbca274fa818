/* SPDX-License-Identifier: MIT */
/*
 * Single questions to the kernel's tables, answered at once.
 *
 * For operators' commands, not for the protocol: the kernel answers within the
 * call that asks, so nobody else waits long, but each question costs two calls.
 */
#ifndef NHRP_NL_ASK_H
#define NHRP_NL_ASK_H

#include <stdbool.h>

#include <nhrp/addr.h>
#include <nhrp/defs.h>
#include <nhrp/event.h>

struct nl_ask;

/* NULL when the system refuses a socket; errno says why. */
struct nl_ask *nl_ask_new(void);
void nl_ask_free(struct nl_ask *a);

/*
 * What the kernel does with a packet of this machine's own to this address. False
 * when it does not answer; its refusal is LOOKUP_UNREACHABLE.
 */
bool nl_ask_route(struct nl_ask *a, const struct addr *dst,
		  struct ev_lookup *out) MUST_CHECK;

/* The neighbour entry of an address on a device; false as above. */
bool nl_ask_neigh(struct nl_ask *a, int ifindex, const struct addr *proto,
		  struct kernel_neigh *out) MUST_CHECK;

#endif
