/* SPDX-License-Identifier: MIT */
/*
 * CIE and extension codecs, the part of the packet codec that packet.c calls.
 *
 * The readers take a cursor that starts at the PDU's first octet, so that its
 * position is an offset for error indications.
 */
#ifndef NHRP_CORE_EXT_H
#define NHRP_CORE_EXT_H

#include <nhrp/buf.h>
#include <nhrp/packet.h>

/* Names the octet at fault and hands the error on. */
static inline enum pkt_err pkt_fault(uint16_t *at, size_t offset, enum pkt_err err)
{
	*at = (uint16_t)offset;
	return err;
}

/* An address of a length already found good; none when the cursor runs out. */
static inline void addr_read(struct rd *r, struct addr *out, size_t len)
{
	const uint8_t *bytes = rd_take(r, len);

	if (!addr_from_bytes(out, bytes, bytes ? len : 0))
		r->bad = true;
}

void addr_write(struct wr *w, const struct addr *a);

/* Length octet to write: 0 without address; the writer turns bad on a foreign one. */
uint8_t addr_wire_len(struct wr *w, const struct addr *a, uint8_t family);

/* Reads CIEs into the pool until the cursor's end; *count is how many. */
enum pkt_err cies_decode(struct packet *p, struct rd *r, uint16_t *count,
			 uint16_t *at) MUST_CHECK;
void cies_encode(const struct packet *p, struct wr *w, uint16_t first, uint16_t count);

/* Reads extensions up to and including End; what follows End is left alone. */
enum pkt_err exts_decode(struct packet *p, struct rd *r, uint16_t *at) MUST_CHECK;
void exts_encode(const struct packet *p, struct wr *w);

#endif
