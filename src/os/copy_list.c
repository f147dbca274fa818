/* SPDX-License-Identifier: MIT */
#include "copy_list.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/if_packet.h>

#include <nhrp/hash.h>
#include <nhrp/mem.h>

#define IP4_LEN 4

struct station {
	UT_hash_handle hh; /* in list->by_nbma */
	size_t place;	   /* in list->stations and ->messages */
	struct sockaddr_ll to;
	struct copy_station seen;
};

struct copy_list {
	int ifindex;
	struct station *by_nbma;
	/* Side by side, so that the kernel gets a piece of the second as it lies. */
	struct station **stations;
	struct mmsghdr *messages;
	size_t count, room;
	size_t first; /* whose turn it is */
	uint16_t ethertype;
	struct iovec packet; /* of every message */
};

struct copy_list *copy_list_new(int ifindex)
{
	struct copy_list *l = mem_new(sizeof(*l));

	l->ifindex = ifindex;
	return l;
}

void copy_list_free(struct copy_list *l)
{
	if (!l)
		return;
	HASH_CLEAR(hh, l->by_nbma);
	for (size_t n = 0; n < l->count; n++)
		free(l->stations[n]);
	free(l->stations);
	free(l->messages);
	free(l);
}

static struct station *find(const struct copy_list *l, const struct addr *nbma)
{
	struct station *s;

	HASH_FIND(hh, l->by_nbma, nbma, sizeof(*nbma), s);
	return s;
}

static void put(struct copy_list *l, struct station *s, size_t place)
{
	s->place = place;
	l->stations[place] = s;
	l->messages[place] =
		(struct mmsghdr){ .msg_hdr = { .msg_name = &s->to,
					       .msg_namelen = sizeof(s->to),
					       .msg_iov = &l->packet,
					       .msg_iovlen = 1 } };
}

void copy_list_add(struct copy_list *l, const struct addr *nbma)
{
	struct station *s = find(l, nbma);

	if (s)
		return;
	if (l->count == l->room) {
		l->room = l->room ? l->room * 2 : 16;
		l->stations =
			mem_resize(l->stations, l->room, sizeof(struct station *));
		l->messages = mem_resize(l->messages, l->room, sizeof(*l->messages));
	}
	s = mem_new(sizeof(*s));
	s->seen.nbma = *nbma;
	s->to = (struct sockaddr_ll){ .sll_family = AF_PACKET,
				      .sll_protocol = htons(l->ethertype),
				      .sll_ifindex = l->ifindex,
				      .sll_halen = IP4_LEN };
	memcpy(s->to.sll_addr, nbma->bytes, IP4_LEN);
	put(l, s, l->count++);
	HASH_ADD(hh, l->by_nbma, seen.nbma, sizeof(s->seen.nbma), s);
}

/* The last one takes its place. */
void copy_list_del(struct copy_list *l, const struct addr *nbma)
{
	struct station *s = find(l, nbma);

	if (!s)
		return;
	HASH_DEL(l->by_nbma, s);
	put(l, l->stations[--l->count], s->place);
	if (l->first >= l->count)
		l->first = 0;
	free(s);
}

size_t copy_list_count(const struct copy_list *l)
{
	return l->count;
}

/* --- one packet --- */

static void set_ethertype(struct copy_list *l, uint16_t ethertype)
{
	l->ethertype = ethertype;
	for (size_t n = 0; n < l->count; n++)
		l->stations[n]->to.sll_protocol = htons(ethertype);
}

void copy_list_begin(struct copy_list *l, const uint8_t *packet, size_t len,
		     uint16_t ethertype)
{
	l->packet = (struct iovec){ (void *)(uintptr_t)packet, len };
	if (ethertype != l->ethertype)
		set_ethertype(l, ethertype);
	if (++l->first >= l->count)
		l->first = 0;
}

static size_t place_of(const struct copy_list *l, size_t at)
{
	size_t place = l->first + at;

	return place < l->count ? place : place - l->count;
}

size_t copy_list_messages(struct copy_list *l, size_t at, size_t most,
			  struct mmsghdr **out)
{
	size_t place = place_of(l, at), left = l->count - at;

	if (at >= l->count)
		return 0;
	*out = &l->messages[place];
	if (left > l->count - place)
		left = l->count - place;
	return left < most ? left : most;
}

void copy_list_sent(struct copy_list *l, size_t at, size_t count)
{
	for (size_t n = 0; n < count; n++)
		l->stations[place_of(l, at + n)]->seen.sent++;
}

void copy_list_lost(struct copy_list *l, size_t at, size_t count)
{
	for (size_t n = 0; n < count; n++)
		l->stations[place_of(l, at + n)]->seen.lost++;
}

struct copy_station copy_list_station(const struct copy_list *l, size_t n)
{
	return l->stations[n]->seen;
}

struct copy_station copy_list_at(const struct copy_list *l, size_t at)
{
	return l->stations[place_of(l, at)]->seen;
}
