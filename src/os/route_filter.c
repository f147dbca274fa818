/* SPDX-License-Identifier: MIT */
#include "route_filter.h"

#include <arpa/inet.h>
#include <assert.h>

#include <linux/filter.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <nhrp/defs.h>

#include "nl_msg.h"

/*
 * A filter reads numbers in network order, while those of netlink are in the
 * host's: constants are turned round instead. Addresses are as they should be.
 */
#define HEADER(field)  offsetof(struct nlmsghdr, field)
#define LINK(field)    (NLMSG_HDRLEN + offsetof(struct ifinfomsg, field))
#define ROUTE(field)   (NLMSG_HDRLEN + offsetof(struct rtmsg, field))
#define ROUTE_ATTRS    (NLMSG_HDRLEN + sizeof(struct rtmsg))
#define FIND_ATTRIBUTE ((uint32_t)(SKF_AD_OFF + SKF_AD_NLATTR))
#define WORKS	       (IFF_UP | IFF_RUNNING)

enum { MEM_FIRST, MEM_LAST }; /* scratch: the destination, 32 bits of it */

struct writer {
	struct sock_filter *code;
	size_t count;
};

static void put(struct writer *w, struct sock_filter one)
{
	assert(w->count < ROUTE_FILTER_CODE_MAX);
	w->code[w->count++] = one;
}

static void put_load(struct writer *w, uint16_t size, size_t offset)
{
	put(w, (struct sock_filter)BPF_STMT(BPF_LD | size | BPF_ABS, (uint32_t)offset));
}

/* A against k: how many of the following to skip if so, and if not. */
static void put_if(struct writer *w, uint16_t test, uint32_t k, uint8_t yes, uint8_t no)
{
	put(w, (struct sock_filter)BPF_JUMP(BPF_JMP | test | BPF_K, k, yes, no));
}

static void put_take(struct writer *w)
{
	put(w, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UINT32_MAX));
}

static void put_leave(struct writer *w)
{
	put(w, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0));
}

static void put_take_if(struct writer *w, uint32_t k)
{
	put_if(w, BPF_JEQ, k, 0, 1);
	put_take(w);
}

/* A: where this attribute of the route is, or 0. */
static void put_find(struct writer *w, uint16_t type)
{
	put(w, (struct sock_filter)BPF_STMT(BPF_LDX | BPF_IMM, type));
	put(w, (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, ROUTE_ATTRS));
	put(w, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIND_ATTRIBUTE));
}

/* A: the first four octets of the attribute that is at A. */
static void put_value(struct writer *w)
{
	put(w, (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TAX, 0));
	put(w, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_IND, NLA_HDRLEN));
}

/* What is no route. A link that is up, and all that is new, changes no other. */
static void put_links(struct writer *w)
{
	put_load(w, BPF_H, HEADER(nlmsg_type));
	put_take_if(w, htons(RTM_DELLINK));
	put_take_if(w, htons(RTM_DELADDR));
	put_take_if(w, htons(RTM_DELNEXTHOP));
	put_if(w, BPF_JEQ, htons(RTM_NEWLINK), 0, 5);
	put_load(w, BPF_W, LINK(ifi_flags));
	put(w, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, htonl(WORKS)));
	put_if(w, BPF_JEQ, htonl(WORKS), 1, 0);
	put_take(w);
	put_leave(w);
	put_if(w, BPF_JEQ, htons(RTM_NEWROUTE), 2, 0);
	put_if(w, BPF_JEQ, htons(RTM_DELROUTE), 1, 0);
	put_leave(w);
}

static void put_own(struct writer *w, uint32_t port)
{
	put_load(w, BPF_B, ROUTE(rtm_protocol));
	put_if(w, BPF_JEQ, NL_PROTOCOL, 8, 0);
	put_if(w, BPF_JEQ, NL_SHORTCUT_PROTOCOL, 0, 13);
	put_find(w, RTA_PRIORITY);
	put_if(w, BPF_JEQ, 0, 9, 0);
	put_value(w);
	put_if(w, BPF_JEQ, htonl(NL_ROUTE_METRIC), 0, 6);
	put_load(w, BPF_H, HEADER(nlmsg_type));
	put_if(w, BPF_JEQ, htons(RTM_DELROUTE), 0, 3);
	put_load(w, BPF_W, HEADER(nlmsg_pid));
	put_if(w, BPF_JEQ, htonl(port), 1, 0);
	put_take(w);
	put_leave(w);
}

static void put_devices(struct writer *w, const struct route_filter *f)
{
	if (f->any_replacing) {
		put_load(w, BPF_H, HEADER(nlmsg_flags));
		put_if(w, BPF_JSET, htons(NLM_F_REPLACE), 0, 1);
		put_take(w);
	}
	put_find(w, RTA_OIF);
	put_take_if(w, 0);
	put_value(w);
	for (size_t i = 0; i < f->device_count; i++)
		put_take_if(w, htonl((uint32_t)f->devices[i]));
	if (f->any_device)
		put_take(w);
}

/* A default route has no destination; it meets every range. */
static void put_destination(struct writer *w)
{
	put_find(w, RTA_DST);
	put_take_if(w, 0);
	put_value(w);
	put(w, (struct sock_filter)BPF_STMT(BPF_ST, MEM_FIRST));
	put(w, (struct sock_filter)BPF_STMT(BPF_ST, MEM_LAST));
	put_load(w, BPF_B, ROUTE(rtm_dst_len));
	put_if(w, BPF_JGE, 32, 6, 0);
	put(w, (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TAX, 0));
	put(w, (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, UINT32_MAX));
	put(w, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_RSH | BPF_X, 0));
	put(w, (struct sock_filter)BPF_STMT(BPF_LDX | BPF_MEM, MEM_FIRST));
	put(w, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_OR | BPF_X, 0));
	put(w, (struct sock_filter)BPF_STMT(BPF_ST, MEM_LAST));
}

#define RANGE_CODE 5

/* Two ranges meet where neither ends before the other begins. */
static void put_range(struct writer *w, const struct route_range *r)
{
	put(w, (struct sock_filter)BPF_STMT(BPF_LD | BPF_MEM, MEM_FIRST));
	put_if(w, BPF_JGT, r->last, 3, 0);
	put(w, (struct sock_filter)BPF_STMT(BPF_LD | BPF_MEM, MEM_LAST));
	put_if(w, BPF_JGE, r->first, 0, 1);
	put_take(w);
}

static void put_ranges(struct writer *w, uint8_t family, const struct route_ranges *r)
{
	put_load(w, BPF_B, ROUTE(rtm_family));
	put_if(w, BPF_JEQ, family, 0, (uint8_t)(RANGE_CODE * r->count));
	for (size_t i = 0; i < r->count; i++)
		put_range(w, &r->list[i]);
}

#define KNOWN_CODE 4

/* What replaces a route has its prefix, so its first address. */
static void put_known(struct writer *w, uint8_t family, const struct route_ranges *r)
{
	put_load(w, BPF_B, ROUTE(rtm_family));
	put_if(w, BPF_JEQ, family, 0, (uint8_t)(2 + KNOWN_CODE * r->count));
	put_load(w, BPF_H, HEADER(nlmsg_flags));
	put_if(w, BPF_JSET, htons(NLM_F_REPLACE), 0, (uint8_t)(KNOWN_CODE * r->count));
	for (size_t i = 0; i < r->count; i++) {
		put(w, (struct sock_filter)BPF_STMT(BPF_LD | BPF_MEM, MEM_FIRST));
		put_if(w, BPF_JGT, r->list[i].last, 2, 0);
		put_if(w, BPF_JGE, r->list[i].first, 0, 1);
		put_take(w);
	}
}

size_t route_filter_build(struct sock_filter *code, const struct route_filter *f)
{
	struct writer w = { code, 0 };

	put_links(&w);
	put_own(&w, f->port);
	put_devices(&w, f);
	if (f->watched[0].count + f->watched[1].count + f->known[0].count +
	    f->known[1].count) {
		put_destination(&w);
		put_known(&w, AF_INET, &f->known[0]);
		put_known(&w, AF_INET6, &f->known[1]);
		put_ranges(&w, AF_INET, &f->watched[0]);
		put_ranges(&w, AF_INET6, &f->watched[1]);
	}
	put_leave(&w);
	return w.count;
}
