/* SPDX-License-Identifier: MIT */
#include <nhrp/buf.h>

#include <string.h>

const uint8_t *rd_take(struct rd *r, size_t n)
{
	const uint8_t *taken = r->p;

	if (r->bad || rd_left(r) < n) {
		r->bad = true;
		return NULL;
	}
	r->p += n;
	return taken;
}

uint8_t rd_u8(struct rd *r)
{
	const uint8_t *b = rd_take(r, 1);

	return b ? b[0] : 0;
}

uint16_t rd_u16(struct rd *r)
{
	const uint8_t *b = rd_take(r, 2);

	if (!b)
		return 0;
	return (uint16_t)(b[0] << 8 | b[1]);
}

uint32_t rd_u32(struct rd *r)
{
	const uint8_t *b = rd_take(r, 4);

	if (!b)
		return 0;
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

uint8_t *wr_take(struct wr *w, size_t n)
{
	uint8_t *taken = w->p;

	if (w->bad || (size_t)(w->end - w->p) < n) {
		w->bad = true;
		return NULL;
	}
	w->p += n;
	return taken;
}

void wr_u8(struct wr *w, uint8_t v)
{
	wr_bytes(w, &v, 1);
}

void wr_u16(struct wr *w, uint16_t v)
{
	wr_bytes(w, (uint8_t[]){ (uint8_t)(v >> 8), (uint8_t)v }, 2);
}

void wr_u32(struct wr *w, uint32_t v)
{
	wr_u16(w, (uint16_t)(v >> 16));
	wr_u16(w, (uint16_t)v);
}

void wr_bytes(struct wr *w, const void *bytes, size_t n)
{
	uint8_t *room = wr_take(w, n);

	if (room && n)
		memcpy(room, bytes, n);
}

void wr_patch_u16(struct wr *w, size_t pos, uint16_t v)
{
	if (w->bad || pos + 2 > wr_pos(w)) {
		w->bad = true;
		return;
	}
	w->start[pos] = (uint8_t)(v >> 8);
	w->start[pos + 1] = (uint8_t)v;
}
