/* SPDX-License-Identifier: MIT */
#include "counter.h"

const char *const counter_names[COUNTERS] = {
#define COUNTER_NAME(id, name) [CNT_##id] = name,
	COUNTER_TABLE(COUNTER_NAME)
#undef COUNTER_NAME
};
