/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <nhrp/timers.h>

struct log {
	int fired[64];
	size_t count;
	struct timers *ts;
};

struct owner {
	int number;
	struct timer timer;
};

static void note(struct timer *t, void *ctx, mono now)
{
	struct log *l = ctx;

	(void)now;
	l->fired[l->count++] = container_of(t, struct owner, timer)->number;
}

static void again(struct timer *t, void *ctx, mono now)
{
	struct log *l = ctx;

	note(t, ctx, now);
	timers_arm(l->ts, t, now);
}

static void timers_fire_in_the_order_of_their_deadlines(void **state)
{
	static const int at[] = { 5, 1, 9, 3, 7, 2, 8, 4, 6, 0 };
	struct owner owners[10];
	struct timers ts = timers_init((mono){ -1 });
	struct log l = { .ts = &ts };

	(void)state;
	for (int i = 0; i < 10; i++) {
		owners[i] = (struct owner){ at[i], { .fire = note } };
		timers_arm(&ts, &owners[i].timer, (mono){ at[i] });
	}
	timers_disarm(&ts, &owners[0].timer);		 /* 5 */
	timers_arm(&ts, &owners[1].timer, (mono){ 20 }); /* 1 -> 20 */
	timers_arm(&ts, &owners[2].timer, (mono){ 0 });	 /* 9 -> 0 */
	timers_run(&ts, &l, (mono){ 19 });
	assert_int_equal(l.count, 8);
	for (size_t i = 2; i + 1 < l.count; i++)
		assert_true(l.fired[i] < l.fired[i + 1]);
	assert_int_equal(timers_next(&ts).us, 20);
	timers_free(&ts);
}

/* It may be looked at earlier, but never fires before its time or out of order. */
static void a_timer_put_off_fires_at_its_last_deadline(void **state)
{
	struct owner owners[3] = { { 0, { .fire = note } },
				   { 1, { .fire = note } },
				   { 2, { .fire = note } } };
	struct timers ts = timers_init((mono){ -1 });
	struct log l = { .ts = &ts };

	(void)state;
	for (int i = 0; i < 3; i++)
		timers_arm(&ts, &owners[i].timer, (mono){ 10 + i });
	timers_arm(&ts, &owners[0].timer, (mono){ 40 });
	timers_arm(&ts, &owners[0].timer, (mono){ 30 }); /* nearer, but after 10 */
	timers_arm(&ts, &owners[1].timer, (mono){ 50 });
	timers_arm(&ts, &owners[1].timer, (mono){ 5 }); /* before all of them */
	assert_int_equal(timers_next(&ts).us, 5);
	timers_run(&ts, &l, (mono){ 4 });
	assert_int_equal(l.count, 0);
	timers_run(&ts, &l, (mono){ 29 });
	assert_int_equal(l.count, 2);
	assert_int_equal(timers_next(&ts).us, 30);
	timers_run(&ts, &l, (mono){ 30 });
	assert_int_equal(l.count, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(l.fired[i], (i + 1) % 3);
	assert_true(mono_is_never(timers_next(&ts)));
	timers_free(&ts);
}

static void all_due_at_once_fire_in_order_though_put_off(void **state)
{
	struct owner owners[2] = { { 0, { .fire = note } }, { 1, { .fire = note } } };
	struct timers ts = timers_init((mono){ -1 });
	struct log l = { .ts = &ts };

	(void)state;
	timers_arm(&ts, &owners[0].timer, (mono){ 1 });
	timers_arm(&ts, &owners[1].timer, (mono){ 3 });
	timers_arm(&ts, &owners[0].timer, (mono){ 5 });
	timers_run(&ts, &l, (mono){ 9 });
	assert_int_equal(l.count, 2);
	assert_int_equal(l.fired[0], 1);
	timers_free(&ts);
}

static void a_timer_put_off_can_be_disarmed(void **state)
{
	struct owner owners[2] = { { 0, { .fire = note } }, { 1, { .fire = note } } };
	struct timers ts = timers_init((mono){ -1 });
	struct log l = { .ts = &ts };

	(void)state;
	timers_arm(&ts, &owners[0].timer, (mono){ 1 });
	timers_arm(&ts, &owners[1].timer, (mono){ 2 });
	timers_arm(&ts, &owners[0].timer, (mono){ 9 });
	timers_disarm(&ts, &owners[0].timer);
	timers_run(&ts, &l, (mono){ 20 });
	assert_int_equal(l.count, 1);
	assert_int_equal(l.fired[0], 1);
	timers_free(&ts);
}

static void a_timer_that_rearms_itself_waits_for_the_next_run(void **state)
{
	struct timers ts = timers_init((mono){ -1 });
	struct log l = { .ts = &ts };
	struct owner o = { 1, { .fire = again } };

	(void)state;
	timers_arm(&ts, &o.timer, (mono){ 1 });
	timers_run(&ts, &l, (mono){ 1 });
	assert_int_equal(l.count, 1);
	assert_true(timer_armed(&o.timer));
	timers_free(&ts);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_fire_in_the_order_of_their_deadlines),
		cmocka_unit_test(a_timer_put_off_fires_at_its_last_deadline),
		cmocka_unit_test(all_due_at_once_fire_in_order_though_put_off),
		cmocka_unit_test(a_timer_put_off_can_be_disarmed),
		cmocka_unit_test(a_timer_that_rearms_itself_waits_for_the_next_run),
	};

	return cmocka_run_group_tests_name("timers", tests, NULL, NULL);
}
