/* SPDX-License-Identifier: MIT */
#include "state_slot.h"

#include <string.h>

#include <nhrp/buf.h>

#define USED	    1
#define FLAG_UNIQUE 1

/* FNV-1a: against a torn write or a bad disk, not against an enemy. */
uint32_t state_checksum(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 2166136261u;

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ bytes[i]) * 16777619u;
	return sum;
}

static void put_time(struct wr *w, mono t, int64_t wall_offset_us)
{
	uint64_t us = (uint64_t)t.us;

	if (!mono_is_never(t))
		us += (uint64_t)wall_offset_us;
	wr_u32(w, (uint32_t)(us >> 32));
	wr_u32(w, (uint32_t)us);
}

static mono get_time(struct rd *r, int64_t wall_offset_us)
{
	uint64_t us = (uint64_t)rd_u32(r) << 32;

	us |= rd_u32(r);
	if (us != (uint64_t)MONO_NEVER.us)
		us -= (uint64_t)wall_offset_us;
	return (mono){ (int64_t)us };
}

static void put_addr(struct wr *w, const struct addr *a)
{
	wr_u8(w, a->family);
	wr_bytes(w, a->bytes, ADDR_MAX_LEN);
}

/* An address of no known family turns the cursor bad. */
static void get_addr(struct rd *r, struct addr *out)
{
	uint8_t family = rd_u8(r);
	const uint8_t *bytes = rd_take(r, ADDR_MAX_LEN);

	if (!bytes || family > ADDR_IP6 ||
	    !addr_from_bytes(out, bytes, addr_family_len(family)))
		r->bad = true;
}

void state_slot_encode(uint8_t slot[STATE_SLOT_LEN], const struct state_binding *b,
		       int64_t wall_offset_us)
{
	struct wr w = wr_init(slot, STATE_SLOT_LEN);
	uint32_t sum;

	memset(slot, 0, STATE_SLOT_LEN);
	wr_u32(&w, 0);
	wr_u8(&w, USED);
	wr_u8(&w, b->type);
	wr_u8(&w, b->unique ? FLAG_UNIQUE : 0);
	wr_u8(&w, b->proto.len);
	wr_u16(&w, b->hold_s);
	wr_u16(&w, b->mtu);
	wr_bytes(&w, b->ifname, sizeof(b->ifname));
	put_time(&w, b->since, wall_offset_us);
	put_time(&w, b->expires, wall_offset_us);
	put_addr(&w, &b->proto.addr);
	put_addr(&w, &b->nbma);
	put_addr(&w, &b->claimed);
	wr_bytes(&w, b->identity.bytes, DIGEST_LEN);
	sum = state_checksum(slot + 4, STATE_SLOT_LEN - 4);
	w = wr_init(slot, STATE_SLOT_LEN);
	wr_u32(&w, sum);
}

static bool is_sound(const struct state_binding *b)
{
	return (b->type == BINDING_DYNAMIC || b->type == BINDING_CACHED) &&
	       memchr(b->ifname, 0, sizeof(b->ifname)) && addr_is_set(&b->proto.addr) &&
	       b->proto.len <= addr_host_bits(&b->proto.addr) && addr_is_set(&b->nbma);
}

enum state_slot_kind state_slot_decode(struct state_binding *out,
				       const uint8_t slot[STATE_SLOT_LEN],
				       int64_t wall_offset_us)
{
	static const uint8_t unused[STATE_SLOT_LEN];
	struct rd r = rd_init(slot, STATE_SLOT_LEN);
	const uint8_t *name, *digest;

	if (memcmp(slot, unused, STATE_SLOT_LEN) == 0)
		return STATE_SLOT_FREE;
	if (rd_u32(&r) != state_checksum(slot + 4, STATE_SLOT_LEN - 4) ||
	    rd_u8(&r) != USED)
		return STATE_SLOT_DAMAGED;
	*out = (struct state_binding){ .type = rd_u8(&r) };
	out->unique = rd_u8(&r) & FLAG_UNIQUE;
	out->proto.len = rd_u8(&r);
	out->hold_s = rd_u16(&r);
	out->mtu = rd_u16(&r);
	name = rd_take(&r, sizeof(out->ifname));
	if (name)
		memcpy(out->ifname, name, sizeof(out->ifname));
	out->since = get_time(&r, wall_offset_us);
	out->expires = get_time(&r, wall_offset_us);
	get_addr(&r, &out->proto.addr);
	get_addr(&r, &out->nbma);
	get_addr(&r, &out->claimed);
	digest = rd_take(&r, DIGEST_LEN);
	if (digest)
		memcpy(out->identity.bytes, digest, DIGEST_LEN);
	return !r.bad && is_sound(out) ? STATE_SLOT_USED : STATE_SLOT_DAMAGED;
}
