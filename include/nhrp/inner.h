/* SPDX-License-Identifier: MIT */
/*
 * The IP packets inside of the tunnel, as far as anybody has to look into them.
 */
#ifndef NHRP_INNER_H
#define NHRP_INNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/defs.h>

struct inner {
	struct addr src, dst;
};

/* False when the bytes do not begin with a whole IPv4 or IPv6 header. */
bool inner_decode(struct inner *out, const uint8_t *bytes, size_t len) MUST_CHECK;

/*
 * A packet that the kernel shows before it leaves may lack its UDP checksum: a device
 * would have completed that of the pseudo-header, which stands in its place. Who sends
 * it by another way completes it here. Anything else is left as it is.
 */
void inner_complete_udp(uint8_t *bytes, size_t len);

#endif
