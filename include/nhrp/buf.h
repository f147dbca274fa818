/* SPDX-License-Identifier: MIT */
/*
 * Bounded reader and writer over bytes.
 *
 * A cursor never passes its end. Once bad it stays bad and yields zeros, so a
 * codec reads or writes one field per statement and checks once at the end.
 * Numbers are big-endian on the wire and host order in the caller. The bytes
 * belong to the caller and must outlive the cursor.
 */
#ifndef NHRP_BUF_H
#define NHRP_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rd {
	const uint8_t *start, *p, *end;
	bool bad;
};

struct wr {
	uint8_t *start, *p, *end;
	bool bad;
};

static inline struct rd rd_init(const void *bytes, size_t len)
{
	const uint8_t *b = bytes;

	return (struct rd){ b, b, b ? b + len : b, false };
}

/* The next n bytes, or NULL and the cursor turns bad. */
const uint8_t *rd_take(struct rd *r, size_t n);
uint8_t rd_u8(struct rd *r);
uint16_t rd_u16(struct rd *r);
uint32_t rd_u32(struct rd *r);

/* Octets read so far, octets left. */
static inline size_t rd_pos(const struct rd *r)
{
	return (size_t)(r->p - r->start);
}

static inline size_t rd_left(const struct rd *r)
{
	return (size_t)(r->end - r->p);
}

static inline struct wr wr_init(void *bytes, size_t cap)
{
	uint8_t *b = bytes;

	return (struct wr){ b, b, b + cap, false };
}

/* Room for n bytes, or NULL and the cursor turns bad. */
uint8_t *wr_take(struct wr *w, size_t n);
void wr_u8(struct wr *w, uint8_t v);
void wr_u16(struct wr *w, uint16_t v);
void wr_u32(struct wr *w, uint32_t v);
void wr_bytes(struct wr *w, const void *bytes, size_t n);

/* Overwrites two octets already written at `pos`: lengths, checksums. */
void wr_patch_u16(struct wr *w, size_t pos, uint16_t v);

static inline size_t wr_pos(const struct wr *w)
{
	return (size_t)(w->p - w->start);
}

#endif
