/* SPDX-License-Identifier: MIT */
/*
 * Devices: the configuration in, EV_LINK out.
 *
 * Holds what the configuration wants of links and addresses against what the
 * kernel has, changes what differs, and tells what is then there. Whatever the
 * kernel says about links or addresses only makes it look again, so a lost
 * notification costs a look and nothing else.
 *
 * A device with `tunnel` is made and kept: made again when it is deleted,
 * changed when its source's address or MTU does, raised, and removed when the
 * word leaves the configuration - not when the daemon ends, so that addresses,
 * routes and traffic outlive it. A device without `tunnel` is adopted as it is.
 * Of both: IFF_NOARP is cleared, the neighbour settings that make the kernel
 * ask us are set, redirects are switched off, and each `address` is put on; an
 * `address` that leaves the configuration is taken off again.
 *
 * A device with an IPsec profile is guarded before anything is done to it, and is
 * neither made nor raised, nor told to be up, while it cannot be; see guard.h.
 *
 * EV_LINK is told for each interface of the configuration when it differs from
 * what was told last. A device that was down, or gone, in between is told so.
 */
#ifndef NHRP_NL_LINK_H
#define NHRP_NL_LINK_H

#include <nhrp/action.h>
#include <nhrp/conf.h>
#include <nhrp/event_sink.h>
#include <nhrp/log.h>

struct guard;
struct loop;
struct nl_link;

/*
 * Without a guard, NULL, a device with a profile is not used. `lost` is called when
 * notifications were lost: what the engine has in the kernel may be gone. NULL when
 * the system refuses a socket; errno says why.
 */
struct nl_link *nl_link_new(struct loop *loop, const struct event_sink *sink,
			    const struct log_sink *log, struct guard *guard,
			    void (*lost)(void *ctx), void *lost_ctx);
void nl_link_free(struct nl_link *l);

/* What was told last of an interface: why it cannot be used, or "". */
const char *nl_link_problem(const struct nl_link *l, const char *name);

/*
 * What the device says of itself to others: its operational state (RFC 2863),
 * dormant when it does not work, and by that IFF_RUNNING. Packets pass all the same,
 * and the kernel's own routes stay: a GRE device has no carrier to take away.
 */
void nl_link_carrier(struct nl_link *l, const struct act_carrier *a);

/*
 * From now on this is wanted; it must live until the next call. Removes what
 * only the last one wanted, at once; the rest follows from the loop.
 */
void nl_link_conf(struct nl_link *l, const struct conf *conf);

#endif
