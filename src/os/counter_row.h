/* SPDX-License-Identifier: MIT */
/*
 * One row of `show counters` from an adapter.
 */
#ifndef NHRP_OS_COUNTER_ROW_H
#define NHRP_OS_COUNTER_ROW_H

#include <nhrp/record.h>

static inline void counter_row(struct show_sink *sink, const char *name, uint64_t value)
{
	struct record r;

	record_init(&r);
	record_text(&r, "name", name);
	record_number(&r, "value", (int64_t)value);
	sink->row(sink, &r);
}

#endif
