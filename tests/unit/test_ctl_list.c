/* SPDX-License-Identifier: MIT */
/* Long answers, with an engine and a control socket that are played here. */
#include "ctl_list.h"

#include "unit.h"

#define TOKEN 9

static struct {
	unsigned left; /* entries */
	unsigned turns, rows, ends, freed;
	enum ctl_room room;
} seen;

struct listing *engine_list_cache(struct engine *e, const struct selector *sel)
{
	(void)e;
	(void)sel;
	return (struct listing *)&seen;
}

void listing_free(struct listing *l)
{
	(void)l;
	seen.freed++;
}

bool listing_show(struct listing *l, struct show_sink *sink, unsigned most, mono now)
{
	struct record r;

	(void)l;
	(void)now;
	record_init(&r);
	seen.turns++;
	for (; seen.left > 0 && most > 0; most--, seen.left--)
		sink->row(sink, &r);
	return seen.left > 0;
}

enum ctl_room ctl_server_room(const struct ctl_server *s, uint32_t token)
{
	(void)s;
	assert_int_equal(token, TOKEN);
	return seen.room;
}

void ctl_server_row(struct ctl_server *s, uint32_t token, const struct record *r,
		    mono now, int64_t now_time_us)
{
	(void)s;
	(void)r;
	(void)now;
	(void)now_time_us;
	assert_int_equal(token, TOKEN);
	seen.rows++;
}

void ctl_server_end(struct ctl_server *s, uint32_t token, enum ctl_status status,
		    const char *message)
{
	(void)s;
	(void)message;
	assert_int_equal(token, TOKEN);
	assert_int_equal(status, CTL_DONE);
	seen.ends++;
}

static void nothing(void *ctx)
{
	(void)ctx;
}

struct fixture {
	struct ev_loop *ev;
	struct daemon d;
};

static int setup(void **state)
{
	static const struct loop_handlers handlers = { NULL,	nothing, nothing,
						       nothing, nothing, nothing };
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	memset(&seen, 0, sizeof(seen));
	seen.room = CTL_ROOM_SOME;
	f.d.loop = loop_new(&handlers);
	assert_non_null(f.d.loop);
	f.ev = loop_ev(f.d.loop);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ctl_list_end_all(&f->d);
	loop_free(f->d.loop);
	return 0;
}

/* Until nobody is to be told any more. */
static void run(struct fixture *f)
{
	while (f->d.lists)
		ev_run(f->ev, EVRUN_ONCE);
}

static void ask(struct fixture *f, unsigned entries)
{
	static const struct selector all;

	seen.left = entries;
	ctl_list_cache(&f->d, TOKEN, &all);
}

static void a_long_table_is_told_over_many_turns(void **state)
{
	struct fixture *f = *state;

	ask(f, 1000);
	ev_run(f->ev, EVRUN_ONCE);
	assert_in_range(seen.rows, 1, 100);
	assert_int_equal(seen.ends, 0);
	run(f);
	assert_int_equal(seen.rows, 1000);
	assert_in_range(seen.turns, 10, 1000);
	assert_int_equal(seen.ends, 1);
	assert_int_equal(seen.freed, 1);
}

static void an_empty_table_has_an_end(void **state)
{
	struct fixture *f = *state;

	ask(f, 0);
	run(f);
	assert_int_equal(seen.rows, 0);
	assert_int_equal(seen.ends, 1);
}

static void a_reader_that_is_behind_is_waited_for(void **state)
{
	struct fixture *f = *state;

	ask(f, 100);
	seen.room = CTL_ROOM_LATER;
	for (int k = 0; k < 3; k++)
		ev_run(f->ev, EVRUN_ONCE);
	assert_int_equal(seen.turns, 0);
	seen.room = CTL_ROOM_SOME;
	run(f);
	assert_int_equal(seen.rows, 100);
	assert_int_equal(seen.ends, 1);
}

static void who_has_left_gets_no_more(void **state)
{
	struct fixture *f = *state;

	ask(f, 1000);
	ev_run(f->ev, EVRUN_ONCE);
	seen.room = CTL_ROOM_LEFT;
	seen.rows = 0;
	run(f);
	assert_int_equal(seen.rows, 0);
	assert_int_equal(seen.ends, 0);
	assert_int_equal(seen.freed, 1);
	assert_null(f->d.lists);
}

static void a_daemon_that_ends_ends_what_is_under_way(void **state)
{
	struct fixture *f = *state;

	ask(f, 1000);
	ask(f, 1000);
	ctl_list_end_all(&f->d);
	assert_int_equal(seen.freed, 2);
	ev_run(f->ev, EVRUN_NOWAIT);
	assert_int_equal(seen.rows, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_long_table_is_told_over_many_turns),
		TEST(an_empty_table_has_an_end),
		TEST(a_reader_that_is_behind_is_waited_for),
		TEST(who_has_left_gets_no_more),
		TEST(a_daemon_that_ends_ends_what_is_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
