/* SPDX-License-Identifier: MIT */
/*
 * Monotonic time as a value.
 *
 * Nobody in core or engine reads a clock: a mono comes in as a parameter. It is
 * a struct so that a count of seconds cannot be passed for a point in time.
 * The zero point is arbitrary; MONO_NEVER lies after every real point.
 */
#ifndef NHRP_MONO_H
#define NHRP_MONO_H

#include <stdbool.h>
#include <stdint.h>

typedef struct mono {
	int64_t us;
} mono;

#define MONO_NEVER ((mono){ INT64_MAX })

static inline mono mono_add_us(mono t, int64_t us)
{
	return (mono){ t.us + us };
}

static inline mono mono_add_ms(mono t, int64_t ms)
{
	return mono_add_us(t, ms * 1000);
}

static inline mono mono_add_s(mono t, int64_t s)
{
	return mono_add_us(t, s * 1000000);
}

/* a - b in microseconds. */
static inline int64_t mono_diff_us(mono a, mono b)
{
	return a.us - b.us;
}

static inline bool mono_before(mono a, mono b)
{
	return a.us < b.us;
}

static inline mono mono_min(mono a, mono b)
{
	return mono_before(a, b) ? a : b;
}

static inline bool mono_is_never(mono t)
{
	return t.us == INT64_MAX;
}

/* Whole seconds from now until t, rounded up; 0 when t has passed. */
static inline uint32_t mono_s_until(mono t, mono now)
{
	return mono_before(now, t) ? (uint32_t)((t.us - now.us + 999999) / 1000000) : 0;
}

#endif
