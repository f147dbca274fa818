/* SPDX-License-Identifier: MIT */
/*
 * What keeps an encrypted tunnel from ever sending, or taking, a GRE packet in
 * clear: the table `inet nhrpd_guard`, apart from the sampling of firewall.h.
 *
 * It drops GRE packets of the tunnels that have an IPsec profile when no IPsec
 * covers them: in the input hook those that came without, in the output hook those
 * that would leave without. It depends on nobody: neither on charon nor on this
 * daemon. It is written before a tunnel is made or raised (nl_link.h asks for that),
 * stays when the daemon stops or dies, is written again at once when somebody
 * removes it, and goes when no interface of the configuration has `ipsec` any more,
 * whatever `firewall` says. A change is one transaction: no packet meets a moment
 * without it.
 *
 * A tunnel is known by the key of its packets and by this end's address, those of
 * its device and those that the configuration is about to give it. Where the device
 * has no local address, all packets with its key are its own. Other GRE is let be.
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

/* Packets in clear that were dropped, since the tunnel is guarded. */
struct guard_drops {
	char ifname[CONF_IFNAME_MAX];
	uint64_t in, out; /* packets */
	uint64_t in_octets, out_octets;
	uint64_t recent_in, recent_out; /* of the packets, in a minute or two */
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
 * From now on these, sorted by tunnel, and nothing else. Costs little when they are
 * as before. False when the table could not be written.
 */
bool guard_set(struct guard *g, const struct guard_match *list,
	       size_t count) MUST_CHECK;

#endif
