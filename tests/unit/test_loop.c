/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <signal.h>
#include <unistd.h>

#include <ev.h>

#include <nhrp/loop.h>

struct fixture {
	struct loop *loop;
	unsigned deadlines, turns, again;
	mono fired, in_turn;
	const char *signalled;
};

static void deadline(void *ctx)
{
	struct fixture *fx = ctx;

	fx->deadlines++;
	fx->fired = loop_now(fx->loop);
	if (fx->again == 0) {
		loop_end(fx->loop, 3);
		return;
	}
	fx->again--;
	loop_set_deadline(fx->loop, mono_add_ms(fx->fired, 5));
}

static void stop(void *ctx)
{
	struct fixture *fx = ctx;

	fx->signalled = "stop";
	loop_end(fx->loop, 0);
}

static void leave(void *ctx)
{
	struct fixture *fx = ctx;

	fx->signalled = "leave";
	loop_end(fx->loop, 0);
}

static void reload(void *ctx)
{
	struct fixture *fx = ctx;

	fx->signalled = "reload";
	loop_end(fx->loop, 0);
}

static void before_sleep(void *ctx)
{
	struct fixture *fx = ctx;

	fx->turns++;
	fx->in_turn = loop_now(fx->loop);
}

static int setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));
	const struct loop_handlers handlers = { fx,    deadline, stop,
						leave, reload,	 before_sleep };

	fx->loop = loop_new(&handlers);
	*state = fx;
	return fx->loop ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *fx = *state;

	loop_free(fx->loop);
	free(fx);
	return 0;
}

static void a_deadline_is_met_and_not_before_its_time(void **state)
{
	struct fixture *fx = *state;
	mono at = mono_add_ms(loop_now(fx->loop), 20);

	loop_set_deadline(fx->loop, at);
	assert_int_equal(loop_run(fx->loop), 3);
	assert_int_equal(fx->deadlines, 1);
	assert_false(mono_before(fx->fired, at));
	assert_true(fx->turns > 0);
}

static void a_deadline_that_has_passed_is_met_at_once(void **state)
{
	struct fixture *fx = *state;

	loop_set_deadline(fx->loop, (mono){ -5 });
	assert_int_equal(loop_run(fx->loop), 3);
	assert_int_equal(fx->deadlines, 1);
}

static void a_deadline_may_be_set_again_from_its_handler(void **state)
{
	struct fixture *fx = *state;

	fx->again = 3;
	loop_set_deadline(fx->loop, loop_now(fx->loop));
	assert_int_equal(loop_run(fx->loop), 3);
	assert_int_equal(fx->deadlines, 4);
}

static void a_deadline_that_moves_away_is_met_at_its_new_time(void **state)
{
	struct fixture *fx = *state;
	mono now = loop_now(fx->loop), later = mono_add_ms(now, 40);

	loop_set_deadline(fx->loop, mono_add_ms(now, 5));
	loop_set_deadline(fx->loop, later);
	assert_int_equal(loop_run(fx->loop), 3);
	assert_int_equal(fx->deadlines, 1);
	assert_false(mono_before(fx->fired, later));
}

static void a_deadline_that_comes_nearer_is_met_then(void **state)
{
	struct fixture *fx = *state;
	mono far = mono_add_s(loop_now(fx->loop), 3600);

	loop_set_deadline(fx->loop, far);
	loop_set_deadline(fx->loop, mono_add_ms(loop_now(fx->loop), 5));
	assert_int_equal(loop_run(fx->loop), 3);
	assert_true(mono_before(fx->fired, far));
}

static void time_goes_on_from_turn_to_turn(void **state)
{
	struct fixture *fx = *state;
	mono before = loop_now(fx->loop);

	loop_set_deadline(fx->loop, mono_add_ms(before, 5));
	(void)loop_run(fx->loop);
	assert_true(mono_before(before, loop_now(fx->loop)));
	assert_true(loop_wall_us(fx->loop) > INT64_C(1600000000) * 1000000);
}

static void each_signal_has_its_handler(void **state)
{
	static const struct {
		int signum;
		const char *handler;
	} cases[] = {
		{ SIGTERM, "stop" },
		{ SIGINT, "stop" },
		{ SIGUSR1, "leave" },
		{ SIGHUP, "reload" },
	};
	struct fixture *fx = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fx->signalled = NULL;
		assert_int_equal(kill(getpid(), cases[i].signum), 0);
		(void)loop_run(fx->loop);
		assert_string_equal(fx->signalled, cases[i].handler);
	}
}

#define WITH_LOOP(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_LOOP(a_deadline_is_met_and_not_before_its_time),
		WITH_LOOP(a_deadline_that_has_passed_is_met_at_once),
		WITH_LOOP(a_deadline_may_be_set_again_from_its_handler),
		WITH_LOOP(a_deadline_that_moves_away_is_met_at_its_new_time),
		WITH_LOOP(a_deadline_that_comes_nearer_is_met_then),
		WITH_LOOP(time_goes_on_from_turn_to_turn),
		WITH_LOOP(each_signal_has_its_handler),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
