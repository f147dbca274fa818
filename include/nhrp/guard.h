/* SPDX-License-Identifier: MIT */
/*
 * What keeps an encrypted tunnel from ever sending, or taking, a GRE packet in clear.
 *
 * It drops GRE packets of the tunnels that have an IPsec profile when no IPsec covers
 * them, those that would leave and those that come, in two layers that know nothing
 * of each other:
 *
 *	the table `inet nhrpd_guard` of nftables, apart from the sampling of
 *	firewall.h, in the output and the input hook;
 *	policies of IPsec itself that block, behind those of any SA, where the
 *	kernel looks for the way out and before it hands a packet in.
 *
 * One layer would do but for the moment in which it is gone. A ruleset is flushed and
 * loaded again by firewalls as a matter of course, policies are flushed by whoever
 * restarts an IKE daemon by hand; neither has any reason to do both, and what the one
 * removes is written again while the other stands. The table covers every tunnel and
 * counts by tunnel, so a tunnel is not used without it. The policies need a kernel
 * with IPsec, without which nobody sends anything here anyway; they stop a packet to
 * leave before the table sees it, and the kernel counts that for the machine alone.
 *
 * Both depend on nobody: neither on charon nor on this daemon. They are written before
 * a tunnel is made or raised (nl_link.h asks for that), stay when the daemon stops or
 * dies, are written again at once when somebody removes them, and go when no interface
 * of the configuration has `ipsec` any more, whatever `firewall` says. No packet meets
 * a change half done: the table is replaced in one transaction, a policy in its place,
 * and what is new is written before what is old goes.
 *
 * A tunnel is known by the key of its packets and by this end's address, those of
 * its device and those that the configuration is about to give it. Where the device
 * has no local address, all packets with its key are its own, from whatever address
 * of this machine. Other GRE is let be, and so is what this machine only forwards.
 */
#ifndef NHRP_GUARD_H
#define NHRP_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/conf.h>
#include <nhrp/log.h>
#include <nhrp/record.h>

struct ev_loop;
struct guard;

struct guard *guard_new(struct ev_loop *loop, const struct log_sink *log);
void guard_free(struct guard *g);

/* Why tunnels are not guarded, for people; NULL: they are. */
const char *guard_problem(const struct guard *g);

/* Why they are by the table alone, for people; NULL: by both. */
const char *guard_weakness(const struct guard *g);

/* Packets in clear that were dropped, since the tunnel is guarded. */
struct guard_drops {
	char ifname[CONF_IFNAME_MAX];
	uint64_t in, out; /* packets, by the table */
	uint64_t in_octets, out_octets;
	/*
	 * In a minute or two, by either layer. Of several tunnels whose policies
	 * dropped something, each has what all of them did.
	 */
	uint64_t recent_in, recent_out;
};

/*
 * Asks the kernel, which answers at once. Returns how many tunnels are guarded and
 * writes those that fit; what the kernel does not tell is as it was told last.
 */
size_t guard_drops(struct guard *g, struct guard_drops *out, size_t cap);

/* Rows of `show counters`. */
void guard_show(struct guard *g, struct show_sink *sink);

/* --- for nl_link, which knows the devices */

/* Packets of a tunnel. One tunnel may have several while it is being changed. */
struct guard_match {
	char ifname[CONF_IFNAME_MAX];
	bool in_has_key, out_has_key;
	uint32_t in_key, out_key;
	struct addr local; /* ADDR_NONE: every address */
};

/*
 * From now on these, sorted by tunnel, and nothing else; `own` are the addresses of
 * this machine, for those that have none. Costs little when all is as before. False
 * when the table could not be written.
 */
bool guard_set(struct guard *g, const struct guard_match *list, size_t count,
	       const struct addr *own, size_t own_count) MUST_CHECK;

#endif
