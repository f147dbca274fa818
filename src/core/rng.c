/* SPDX-License-Identifier: MIT */
#include <nhrp/rng.h>

/* splitmix64: every seed gives a full-period sequence. */
uint64_t rng_next(struct rng *r)
{
	uint64_t z = (r->state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint32_t rng_below(struct rng *r, uint32_t bound)
{
	return (uint32_t)(((rng_next(r) >> 32) * bound) >> 32);
}

int64_t rng_jitter(struct rng *r, int64_t value, unsigned percent)
{
	int64_t span = value / 100 * percent;

	if (span <= 0)
		return value;
	return value - span + (int64_t)(rng_next(r) % (uint64_t)(2 * span + 1));
}
