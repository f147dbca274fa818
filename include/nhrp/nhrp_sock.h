/* SPDX-License-Identifier: MIT */
/*
 * NHRP packets through the GRE devices: ACT_SEND in, EV_PACKET out.
 *
 * One packet socket serves all tunnels; what comes by other kinds of devices is
 * dropped in the kernel. Packets are taken and sent in batches: what
 * nhrp_sock_send() queued leaves with nhrp_sock_flush(). Sending never waits:
 * when the kernel has no room the queue does, and a full queue drops. A packet
 * the kernel refuses is counted, logged at a limited rate, and gone.
 */
#ifndef NHRP_NHRP_SOCK_H
#define NHRP_NHRP_SOCK_H

#include <nhrp/action.h>
#include <nhrp/event_sink.h>
#include <nhrp/log.h>
#include <nhrp/record.h>

struct loop;
struct nhrp_sock;

/* NULL when the system refuses the socket; errno says why. */
struct nhrp_sock *nhrp_sock_new(struct loop *loop, const struct event_sink *sink,
				const struct log_sink *log);
void nhrp_sock_free(struct nhrp_sock *s);

/* Its inode, by which it is known in /proc/net/packet. */
uint64_t nhrp_sock_inode(const struct nhrp_sock *s);

void nhrp_sock_send(struct nhrp_sock *s, const struct act_send *a);
void nhrp_sock_flush(struct nhrp_sock *s);

/* Rows of `show counters`. */
void nhrp_sock_show(struct nhrp_sock *s, struct show_sink *sink);

#endif
