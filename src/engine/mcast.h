/* SPDX-License-Identifier: MIT */
/*
 * Who gets a copy of multicast that leaves by a tunnel.
 *
 * A list of NBMA addresses, each once however many bindings lead there, kept by
 * whoever sends: told by its differences, ACT_COPY_ADD and ACT_COPY_DEL. A binding is
 * on it when `multicast` means it and a unicast packet would be led there as well: its
 * neighbour entry stands, so it is up, permitted, and its peer has an SA. binding.c
 * and client.c say when that may have changed.
 */
#ifndef NHRP_ENGINE_MCAST_H
#define NHRP_ENGINE_MCAST_H

#include "engine_int.h"

/* One NBMA address of the list. */
struct copy {
	UT_hash_handle hh; /* in iface->copies, by nbma */
	struct addr nbma;
	int ifindex;	 /* the device by which it was told of */
	unsigned wanted; /* by so many bindings */
};

/* Something about this binding, or its station, is another than before. */
void mcast_follow(struct binding *b);
/* `multicast` is. */
void mcast_configure(struct iface *i);
void mcast_free_all(struct iface *i);

#endif
