/* SPDX-License-Identifier: MIT */
/*
 * Any octets as what arrives from netfilter: each message is tried as a packet of
 * the log, whose octets go where the engine looks first, as a counter, and as a
 * notification.
 */
#include "fuzz.h"

#include <string.h>

#include <linux/netlink.h>

#include <nhrp/inner.h>

#include "../../src/os/nl_nf_msg.h"

static void try_message(const struct nlmsghdr *h)
{
	const uint8_t *end = (const uint8_t *)h + NLMSG_ALIGN(h->nlmsg_len);
	struct nl_nf_counter c;
	struct ev_sample s;
	struct inner in;

	if (nl_nf_msg_packet(&s, h)) {
		MUST_HOLD(s.in_ifindex >= 0 && s.out_ifindex > 0 && s.len > 0);
		MUST_HOLD(s.packet > (const uint8_t *)h && s.packet + s.len <= end);
		if (inner_decode(&in, s.packet, s.len))
			MUST_HOLD(in.src.family == in.dst.family);
	}
	if (nl_nf_msg_counter(&c, h))
		MUST_HOLD(c.name > (const char *)h && c.name < (const char *)end &&
			  strlen(c.name) < (size_t)((const char *)end - c.name));
	MUST_HOLD(!nl_nf_msg_is_about(h, "nhrpd") || !nl_nf_msg_is_commit(h));
}

/* As the transport has it: the message, padding included, lies in its buffer. */
static bool is_whole(const uint8_t *at, size_t left)
{
	const struct nlmsghdr *h = (const void *)at;

	return left >= sizeof(*h) && h->nlmsg_len >= sizeof(*h) && h->nlmsg_len <= left;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t room = NLMSG_ALIGN(size), at = 0;
	uint8_t *copy = calloc(1, room ? room : 1);

	MUST_HOLD(copy != NULL);
	if (size)
		memcpy(copy, data, size);
	while (is_whole(copy + at, size - at)) {
		const struct nlmsghdr *h = (const void *)(copy + at);

		try_message(h);
		at += NLMSG_ALIGN(h->nlmsg_len);
		if (at >= size)
			break;
	}
	free(copy);
	return 0;
}
