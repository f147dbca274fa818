/* SPDX-License-Identifier: MIT */
/*
 * The stations that get a copy of multicast by one device, and one packet to all of
 * them as messages for sendmmsg(2). They are built when a station is added, so that a
 * packet costs no allocation and no copying of its own, however many they are.
 *
 * A packet is sent in turns: `at` counts stations from the one whose turn it is to be
 * first. What happened is told by copy_list_sent() and copy_list_lost().
 */
#ifndef NHRP_OS_COPY_LIST_H
#define NHRP_OS_COPY_LIST_H

#include <stddef.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/defs.h>

struct copy_list;
struct mmsghdr;

struct copy_list *copy_list_new(int ifindex);
void copy_list_free(struct copy_list *l);

/* An IPv4 address, once or again. */
void copy_list_add(struct copy_list *l, const struct addr *nbma);
/* Whether it is there or not. */
void copy_list_del(struct copy_list *l, const struct addr *nbma);
size_t copy_list_count(const struct copy_list *l);

/* The next packet: it goes to everybody, and another station is first. */
void copy_list_begin(struct copy_list *l, const uint8_t *packet, size_t len,
		     uint16_t ethertype);
/* Messages to the stations from `at` on that lie in one piece; at most `most`. */
size_t copy_list_messages(struct copy_list *l, size_t at, size_t most,
			  struct mmsghdr **out) MUST_CHECK;
void copy_list_sent(struct copy_list *l, size_t at, size_t count);
void copy_list_lost(struct copy_list *l, size_t at, size_t count);

struct copy_station {
	struct addr nbma;
	uint64_t sent, lost;
};

/* In the order of the messages. */
struct copy_station copy_list_station(const struct copy_list *l, size_t n);
struct copy_station copy_list_at(const struct copy_list *l, size_t at);

#endif
