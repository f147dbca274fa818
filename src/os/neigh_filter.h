/* SPDX-License-Identifier: MIT */
/*
 * Which of the kernel's notifications about neighbours are worth room in the socket's
 * buffer, as a filter that the kernel runs. It tells every listener about every
 * change, our own ten thousand a second included. What it means, measured on Linux
 * 6.1:
 *
 *   RTM_GETNEIGH               a miss or a probe
 *   RTM_DELNEIGH, state valid  flushed: link down, ARP flag changed, device gone
 *   RTM_NEWNEIGH, state failed, with the port of a socket
 *                              that socket's owner removed the entry
 *   RTM_DELNEIGH, state failed follows it at once, without the port
 *   RTM_NEWNEIGH, state reachable, without a port
 *                              an old entry was used, and what used it, as TCP of
 *                              this machine, knows by itself that it holds: there
 *                              will be no probe
 *
 * The last one passes and the first three, of the third only those that name another
 * socket than ours.
 */
#ifndef NHRP_OS_NEIGH_FILTER_H
#define NHRP_OS_NEIGH_FILTER_H

#include <stddef.h>
#include <stdint.h>

struct sock_filter;

#define NEIGH_FILTER_CODE 15

/* Fills NEIGH_FILTER_CODE of `code`; `port` is that of our socket. */
void neigh_filter_build(struct sock_filter *code, uint32_t port);

#endif
