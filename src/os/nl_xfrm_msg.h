/* SPDX-License-Identifier: MIT */
/*
 * Messages about the policies of IPsec as values, as far as a guard needs them. The
 * rules are those of nl_msg.h.
 *
 * A block is a policy that drops GRE packets of one key between one end here and any
 * end elsewhere, unless a policy of lower number takes them first, as that of an SA
 * does. The kernel keeps a key where other protocols have their ports, its upper half
 * as the source's and its lower half as the destination's; a packet without a key has
 * key 0 there. A block names all 32 bits of it: no policy of charon does, which knows
 * of GRE as a whole, so none has the same selector and takes a block's place.
 */
#ifndef NHRP_OS_NL_XFRM_MSG_H
#define NHRP_OS_NL_XFRM_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/defs.h>

struct nlmsghdr;
struct sock_filter;

/*
 * What marks a block as the daemon's own, since a policy has no owner: a number that
 * nobody else uses, behind whatever anybody writes; that of NL_GUARD_METRIC.
 */
#define NL_BLOCK_PRIORITY 4294967000

struct nl_block {
	bool out;	     /* of what leaves from there; else of what comes there */
	struct prefix local; /* of length 0: any address */
	uint32_t key;
};

bool nl_block_eq(const struct nl_block *a, const struct nl_block *b);

/* Writes it, in place of any policy with its selector. */
size_t nl_xfrm_msg_set(void *buf, size_t cap, const struct nl_block *b) MUST_CHECK;
/* Its answer is as one of a dump, or ENOENT. */
size_t nl_xfrm_msg_get(void *buf, size_t cap, const struct nl_block *b) MUST_CHECK;
/* All policies, whoever's. */
size_t nl_xfrm_msg_dump(void *buf, size_t cap) MUST_CHECK;

struct nl_policy {
	uint8_t dir; /* XFRM_POLICY_... */
	uint32_t index;
	bool own;      /* marked as a block of ours */
	bool is_block; /* it has the selector of one, whoever's it is: */
	struct nl_block block;
	int64_t used; /* by the last packet, seconds of the wall clock; 0: never */
};

/* This one policy, whatever its selector. */
size_t nl_xfrm_msg_del(void *buf, size_t cap, const struct nl_policy *p) MUST_CHECK;

/*
 * What is told of a policy: that it is there, was changed, deleted or has expired.
 * False when it is malformed or something else.
 */
bool nl_xfrm_msg_parse(struct nl_policy *out, const struct nlmsghdr *h) MUST_CHECK;

/* All policies are gone. */
bool nl_xfrm_msg_is_flush(const struct nlmsghdr *h) MUST_CHECK;

/*
 * A socket filter that lets through answers, flushes, and what is told of policies
 * with a block's selector: charon's, of which a hub has three a peer, wake nobody.
 * Returns the number of instructions.
 */
#define NL_XFRM_FILTER_MAX 16
size_t nl_xfrm_msg_filter(struct sock_filter *code);

#endif
