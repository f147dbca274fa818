/* SPDX-License-Identifier: MIT */
/*
 * Bounded reader and writer over bytes.
 *
 * A cursor never passes its end. Once bad it stays bad and yields zeros, so a
 * codec reads or writes one field per statement and checks once at the end.
 * Numbers are big-endian on the wire and host order in the caller. The bytes
 * belong to the caller and must outlive the cursor. All but the rare is inline; where
 * many fields of a fixed layout follow each other, they are taken at once and read or
 * written by be16_get() and the like.
 */
#ifndef NHRP_BUF_H
#define NHRP_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rd {
	const uint8_t *start, *p, *end;
	bool bad;
};

struct wr {
	uint8_t *start, *p, *end;
	bool bad;
};

/* Numbers at a place that has room for them, aligned or not. */
static inline uint16_t be16_get(const uint8_t *b)
{
	return (uint16_t)(b[0] << 8 | b[1]);
}

static inline uint32_t be32_get(const uint8_t *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static inline void be16_put(uint8_t *b, uint16_t v)
{
	b[0] = (uint8_t)(v >> 8);
	b[1] = (uint8_t)v;
}

static inline void be32_put(uint8_t *b, uint32_t v)
{
	be16_put(b, (uint16_t)(v >> 16));
	be16_put(b + 2, (uint16_t)v);
}

static inline struct rd rd_init(const void *bytes, size_t len)
{
	const uint8_t *b = bytes;

	return (struct rd){ b, b, b ? b + len : b, false };
}

/* Octets read so far, octets left. */
static inline size_t rd_pos(const struct rd *r)
{
	return (size_t)(r->p - r->start);
}

static inline size_t rd_left(const struct rd *r)
{
	return (size_t)(r->end - r->p);
}

/* The next n bytes, or NULL and the cursor turns bad. */
static inline const uint8_t *rd_take(struct rd *r, size_t n)
{
	const uint8_t *taken = r->p;

	if (r->bad || rd_left(r) < n) {
		r->bad = true;
		return NULL;
	}
	r->p += n;
	return taken;
}

static inline uint8_t rd_u8(struct rd *r)
{
	const uint8_t *b = rd_take(r, 1);

	return b ? b[0] : 0;
}

static inline uint16_t rd_u16(struct rd *r)
{
	const uint8_t *b = rd_take(r, 2);

	return b ? be16_get(b) : 0;
}

static inline uint32_t rd_u32(struct rd *r)
{
	const uint8_t *b = rd_take(r, 4);

	return b ? be32_get(b) : 0;
}

static inline struct wr wr_init(void *bytes, size_t cap)
{
	uint8_t *b = bytes;

	return (struct wr){ b, b, b + cap, false };
}

/* Room for n bytes, or NULL and the cursor turns bad. */
static inline uint8_t *wr_take(struct wr *w, size_t n)
{
	uint8_t *taken = w->p;

	if (w->bad || (size_t)(w->end - w->p) < n) {
		w->bad = true;
		return NULL;
	}
	w->p += n;
	return taken;
}

static inline void wr_u8(struct wr *w, uint8_t v)
{
	uint8_t *room = wr_take(w, 1);

	if (room)
		room[0] = v;
}

static inline void wr_u16(struct wr *w, uint16_t v)
{
	uint8_t *room = wr_take(w, 2);

	if (room)
		be16_put(room, v);
}

static inline void wr_u32(struct wr *w, uint32_t v)
{
	uint8_t *room = wr_take(w, 4);

	if (room)
		be32_put(room, v);
}

static inline void wr_bytes(struct wr *w, const void *bytes, size_t n)
{
	uint8_t *room = wr_take(w, n);

	if (room && n)
		memcpy(room, bytes, n);
}

static inline size_t wr_pos(const struct wr *w)
{
	return (size_t)(w->p - w->start);
}

#endif
