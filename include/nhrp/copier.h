/* SPDX-License-Identifier: MIT */
/*
 * Multicast over the tunnels: what the kernel's rules took out of its way goes to
 * each station that the engine has named, ACT_COPY_ADD in.
 *
 * The rules log whole packets to a group of the kernel's log and drop them; a copy
 * leaves by a packet socket, with the NBMA address as its link-layer destination, so
 * the device adds the same outer header as to any packet, IPsec's policies hold, and
 * no rule for packets inside of the tunnel sees it again. Which groups are copied is
 * the configuration's; more than that is not, whoever wrote the rules.
 *
 * Nothing is kept of a packet: it is copied to all stations at once, in batches. When
 * the kernel has no room, those that are left over lose this one; who is first
 * changes from packet to packet.
 */
#ifndef NHRP_COPIER_H
#define NHRP_COPIER_H

#include <nhrp/action.h>
#include <nhrp/conf.h>
#include <nhrp/log.h>
#include <nhrp/record.h>

struct copier;
struct loop;

/* NULL when the system refuses the socket; errno says why. */
struct copier *copier_new(struct loop *loop, const struct log_sink *log);
void copier_free(struct copier *c);

/* Which groups are copied, and how they arrive; `conf` lives until the next one. */
void copier_conf(struct copier *c, const struct conf *conf);

void copier_add(struct copier *c, const struct act_copy *a);
void copier_del(struct copier *c, const struct act_copy *a);

/* Why nothing is copied, for people; NULL: nothing stands in the way. */
const char *copier_problem(const struct copier *c);

/* Rows of `show counters`. */
void copier_show(const struct copier *c, struct show_sink *sink);

/* Rows of `show multicast`: groups, then stations; of this interface, "": of all. */
void copier_show_table(const struct copier *c, const char *ifname,
		       struct show_sink *sink);

#endif
