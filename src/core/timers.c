/* SPDX-License-Identifier: MIT */
#include <nhrp/timers.h>

#include <assert.h>
#include <stdlib.h>

#include <nhrp/mem.h>

static void place(struct timers *ts, size_t i, struct timer_place p)
{
	ts->heap[i] = p;
	p.timer->slot = i + 1;
}

static void sift_up(struct timers *ts, size_t i, struct timer_place p)
{
	while (i > 0) {
		size_t parent = (i - 1) / 2;

		if (!mono_before(p.at, ts->heap[parent].at))
			break;
		place(ts, i, ts->heap[parent]);
		i = parent;
	}
	place(ts, i, p);
}

static void sift_down(struct timers *ts, size_t i, struct timer_place p)
{
	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= ts->count)
			break;
		if (child + 1 < ts->count &&
		    mono_before(ts->heap[child + 1].at, ts->heap[child].at))
			child++;
		if (!mono_before(ts->heap[child].at, p.at))
			break;
		place(ts, i, ts->heap[child]);
		i = child;
	}
	place(ts, i, p);
}

void timers_free(struct timers *ts)
{
	free(ts->heap);
	*ts = (struct timers){ 0 };
}

void timers_arm(struct timers *ts, struct timer *t, mono at)
{
	assert(t->fire);
	if (!mono_before(ts->ran, at))
		at = mono_add_us(ts->ran, 1);
	t->at = at;
	if (t->slot) {
		if (mono_before(at, ts->heap[t->slot - 1].at))
			sift_up(ts, t->slot - 1, (struct timer_place){ at, t });
		return;
	}
	if (ts->count == ts->room) {
		ts->room = ts->room ? ts->room * 2 : 16;
		ts->heap = mem_resize(ts->heap, ts->room, sizeof(*ts->heap));
	}
	sift_up(ts, ts->count++, (struct timer_place){ at, t });
}

void timers_disarm(struct timers *ts, struct timer *t)
{
	size_t i = t->slot - 1;
	struct timer_place last;

	if (!t->slot)
		return;
	t->slot = 0;
	last = ts->heap[--ts->count];
	if (last.timer == t)
		return;
	if (mono_before(last.at, ts->heap[i].at))
		sift_up(ts, i, last);
	else
		sift_down(ts, i, last);
}

mono timers_next(const struct timers *ts)
{
	return ts->count ? ts->heap[0].at : MONO_NEVER;
}

void timers_run(struct timers *ts, void *ctx, mono now)
{
	ts->ran = now;
	while (ts->count && !mono_before(now, ts->heap[0].at)) {
		struct timer *t = ts->heap[0].timer;

		if (mono_before(ts->heap[0].at, t->at)) { /* it was put off */
			sift_down(ts, 0, (struct timer_place){ t->at, t });
			continue;
		}
		timers_disarm(ts, t);
		t->fire(t, ctx, now);
	}
}
