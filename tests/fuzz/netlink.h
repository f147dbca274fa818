/* SPDX-License-Identifier: MIT */
/* Any octets as the netlink messages that they hold. */
#ifndef NHRP_TEST_FUZZ_NETLINK_H
#define NHRP_TEST_FUZZ_NETLINK_H

#include <stdbool.h>
#include <string.h>

#include <linux/netlink.h>

#include "fuzz.h"

/* As the transport has it: the message, padding included, lies in its buffer. */
static inline bool netlink_is_whole(const uint8_t *at, size_t left)
{
	const struct nlmsghdr *h = (const void *)at;

	return left >= sizeof(*h) && h->nlmsg_len >= sizeof(*h) && h->nlmsg_len <= left;
}

static inline void netlink_each(const uint8_t *data, size_t size,
				void (*take)(const struct nlmsghdr *h))
{
	size_t room = NLMSG_ALIGN(size), at = 0;
	uint8_t *copy = calloc(1, room ? room : 1);

	MUST_HOLD(copy != NULL);
	if (size)
		memcpy(copy, data, size);
	while (at < size && netlink_is_whole(copy + at, size - at)) {
		const struct nlmsghdr *h = (const void *)(copy + at);

		take(h);
		at += NLMSG_ALIGN(h->nlmsg_len);
	}
	free(copy);
}

#endif
