/* SPDX-License-Identifier: MIT */
/* What went through SAs, asked for on demand. See unit_ike.h. */
#include "unit_ike.h"

#define COUNTED                                                                    \
	HUB_NAME "{" IKE("7") " child-sas{gre-3{" CHILD(                           \
		"3") " bytes-in=1000 packets-in=10 bytes-out=2000 packets-out=20 " \
		     "use-in=4 install-time=33}}}"

static const struct charon_answer known[] = {
	{ "list-sas", "list-sa " SA("7", "3") "\n" }, { 0 }
};
static const struct charon_answer counted[] = { { "list-sas", "list-sa " COUNTED "\n" },
						{ 0 } };

struct waiter {
	unsigned times;
	bool over;
};

static void done(void *ctx, bool over)
{
	struct waiter *w = ctx;

	w->times++;
	w->over = over;
}

static void measure(struct fixture *f, struct waiter *w, size_t count)
{
	uint32_t ikes[IKE_MEASURE_MAX + 8];

	for (size_t n = 0; n < ARRAY_SIZE(ikes); n++)
		ikes[n] = 7 + (uint32_t)n;
	*w = (struct waiter){ 0 };
	ike_measure(f->ike, ikes, count, (struct ike_measured){ done, w });
}

static void what_went_through_a_child_is_known_once_it_was_asked_for(void **state)
{
	struct fixture *f = *state;
	struct sa_traffic t;
	struct waiter w;
	struct record r;

	ready(f, &quiet, known);
	assert_false(ike_traffic(f->ike, 3, &t));
	f->charon.answers = counted;
	measure(f, &w, 1);
	assert_int_equal(w.times, 0);
	settle(f);
	assert_int_equal(w.times, 1);
	assert_false(w.over);
	assert_asked(f, "list-sas ike-id=7\n");
	assert_true(ike_traffic(f->ike, 3, &t));
	assert_int_equal(t.packets_in, 10);
	assert_int_equal(t.packets_out, 20);
	assert_int_equal(t.age_s, 33);
	assert_int_equal(t.idle_in_s, 4);
	record_init(&r);
	ike_describe(f->ike, 3, &r);
	assert_int_equal(record_find(&r, "bytes_in")->number, 1000);
	assert_int_equal(record_find(&r, "bytes_out")->number, 2000);
	/* and is nobody's news: nothing happened to the SA */
	assert_told(f, "");
}

static void a_rekeyed_child_begins_to_count_anew(void **state)
{
	struct fixture *f = *state;
	struct sa_traffic t;
	struct waiter w;

	ready(f, &quiet, known);
	f->charon.answers = counted;
	measure(f, &w, 1);
	settle(f);
	charon_event(&f->charon, "child-rekey",
		     HUB_NAME "{" IKE("7") " child-sas{gre{old{" CHILD(
			     "3") "} new{" CHILD("4") "}}}}");
	settle(f);
	assert_false(ike_traffic(f->ike, 4, &t));
}

static void no_more_than_some_are_asked_about(void **state)
{
	struct fixture *f = *state;
	struct waiter w;

	ready(f, &quiet, NULL);
	measure(f, &w, IKE_MEASURE_MAX + 8);
	settle(f);
	assert_int_equal(w.times, 1);
	assert_int_equal(charon_asked(&f->charon, "list-sas"), IKE_MEASURE_MAX);
}

static void with_nobody_to_ask_or_nothing_to_ask_it_is_done_at_once(void **state)
{
	struct fixture *f = *state;
	struct waiter w;

	begin(f, &quiet, PSK);
	measure(f, &w, 1);
	assert_int_equal(w.times, 1);
	measure(f, &w, 0);
	assert_int_equal(w.times, 1);
}

static void a_charon_that_is_slow_is_not_waited_for(void **state)
{
	static const struct charon_answer never[] = { { "list-sas", NULL }, { 0 } };
	struct ike_limits hasty = quiet;
	struct fixture *f = *state;
	struct waiter w;

	hasty.measure_s = SOON;
	ready(f, &hasty, NULL);
	f->charon.answers = never;
	measure(f, &w, 1);
	RUN_UNTIL(f, w.times);
	assert_false(w.over);
}

static void who_waits_is_told_when_charon_goes_and_when_the_adapter_ends(void **state)
{
	static const struct charon_answer never[] = { { "list-sas", NULL }, { 0 } };
	struct fixture *f = *state;
	struct waiter gone, ended;

	ready(f, &quiet, NULL);
	f->charon.answers = never;
	measure(f, &gone, 1);
	some_turns(f);
	charon_hang_up(&f->charon);
	RUN_UNTIL(f, gone.times);
	assert_false(gone.over);
	f->charon.answers = NULL;
	run_until_told(f, "READY");
	f->charon.answers = never;
	measure(f, &ended, 1);
	ike_free(f->ike);
	f->ike = NULL;
	assert_int_equal(ended.times, 1);
	assert_true(ended.over);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_went_through_a_child_is_known_once_it_was_asked_for),
		TEST(a_rekeyed_child_begins_to_count_anew),
		TEST(no_more_than_some_are_asked_about),
		TEST(with_nobody_to_ask_or_nothing_to_ask_it_is_done_at_once),
		TEST(a_charon_that_is_slow_is_not_waited_for),
		TEST(who_waits_is_told_when_charon_goes_and_when_the_adapter_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
