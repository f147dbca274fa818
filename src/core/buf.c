/* SPDX-License-Identifier: MIT */
#include <nhrp/buf.h>

void wr_patch_u16(struct wr *w, size_t pos, uint16_t v)
{
	if (w->bad || pos + 2 > wr_pos(w)) {
		w->bad = true;
		return;
	}
	w->start[pos] = (uint8_t)(v >> 8);
	w->start[pos + 1] = (uint8_t)v;
}
