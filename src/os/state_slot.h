/* SPDX-License-Identifier: MIT */
/*
 * A slot of the state file as bytes; no system call, no clock.
 */
#ifndef NHRP_OS_STATE_SLOT_H
#define NHRP_OS_STATE_SLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/defs.h>
#include <nhrp/event.h>

/*
 *  0 checksum of the rest   4 used (1)     5 type    6 flags   7 prefix length
 *  8 holding time          10 MTU         12 interface name
 * 28 since                 36 expires     both in microseconds since 1970
 * 44 protocol, 61 NBMA, 78 claimed address: family, 16 octets
 * 95 digest of its identity, or zero
 *
 * Numbers are big-endian. A free slot is all zero.
 */
#define STATE_SLOT_LEN 112

enum state_slot_kind { STATE_SLOT_FREE, STATE_SLOT_USED, STATE_SLOT_DAMAGED };

uint32_t state_checksum(const uint8_t *bytes, size_t len);

/* Times of the binding are mono, those in the slot later by wall_offset_us. */
void state_slot_encode(uint8_t slot[STATE_SLOT_LEN], const struct state_binding *b,
		       int64_t wall_offset_us);
enum state_slot_kind state_slot_decode(struct state_binding *out,
				       const uint8_t slot[STATE_SLOT_LEN],
				       int64_t wall_offset_us) MUST_CHECK;

#endif
