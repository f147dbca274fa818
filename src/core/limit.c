/* SPDX-License-Identifier: MIT */
#include <nhrp/limit.h>

/* Tokens are kept in millionths: what a rate of one earns in a microsecond. */
#define TOKEN 1000000u

static void earn(struct limit *l, mono now)
{
	uint64_t full = (uint64_t)l->burst * TOKEN, us;

	if (!l->started) {
		l->started = true;
		l->tokens = full;
		l->last = now;
	}
	if (!mono_before(l->last, now) || l->per_s == 0)
		return;
	us = (uint64_t)mono_diff_us(now, l->last);
	if (us > (full - l->tokens) / l->per_s)
		l->tokens = full;
	else
		l->tokens += us * l->per_s;
	l->last = now;
}

bool limit_take(struct limit *l, mono now)
{
	earn(l, now);
	if (l->tokens < TOKEN) {
		l->refused++;
		return false;
	}
	l->tokens -= TOKEN;
	return true;
}
