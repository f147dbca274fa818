/* SPDX-License-Identifier: MIT */
/*
 * Address blocks as prefixes. A block may be any range of addresses; it becomes the
 * fewest prefixes that are inside of it, so whatever prefix is inside of the range
 * is inside of one of them.
 */
#ifndef NHRP_OS_CERT_BLOCK_H
#define NHRP_OS_CERT_BLOCK_H

#include <stdbool.h>

#include <nhrp/addr.h>
#include <nhrp/cert.h>
#include <nhrp/defs.h>

/* Adds those from `first` to `last`; false when there is no room for them. */
bool cert_block_add(struct cert_facts *f, const struct addr *first,
		    const struct addr *last) MUST_CHECK;

/* Leaves what is inside of both; false when there is no room for it. */
bool cert_block_meet(struct cert_facts *f, const struct cert_facts *other) MUST_CHECK;

#endif
