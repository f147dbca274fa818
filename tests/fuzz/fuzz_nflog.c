/* SPDX-License-Identifier: MIT */
/*
 * Any octets as what arrives from netfilter: each message is tried as a packet of
 * the log, whose octets go where the engine looks first, as a counter, and as a
 * notification.
 */
#include "fuzz.h"

#include <string.h>

#include <nhrp/inner.h>

#include "../../src/os/nl_nf_msg.h"
#include "netlink.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	netlink_each(data, size, try_message);
	return 0;
}
