/* SPDX-License-Identifier: MIT */
/* Calls: begun, ended, given up, forgotten; and stops. See unit_ike.h. */
#include "unit_ike.h"

static void a_call_loads_uses_and_unloads_its_connection(void **state)
{
	struct fixture *f = *state;

	ready(f, &quiet, NULL);
	start(f, HUB);
	settle(f);
	assert_asked(f, LOAD_HUB INITIATE);
	assert_told(f, "");
	charon_event(&f->charon, "ike-updown", "up=yes " HUB_NAME "{" IKE("7") "}");
	charon_event(&f->charon, "child-updown", "up=yes " SA("7", "3"));
	settle(f);
	assert_told(f, UP_7_3);
	assert_asked(f, UNLOAD_HUB);
	/* and it is no call any more: the end of that SA is no failure of one */
	charon_event(&f->charon, "ike-updown", HUB_NAME "{" IKE("7") "}");
	charon_event(&f->charon, "child-updown", SA("7", "3"));
	settle(f);
	assert_told(f, "DOWN gre1 " LOCAL ">" HUB " 7/3 hub\n");
	assert_asked(f, "");
}

static void a_call_that_is_under_way_is_not_begun_twice(void **state)
{
	struct fixture *f = *state;

	ready(f, &quiet, NULL);
	start(f, HUB);
	start(f, HUB);
	settle(f);
	start(f, HUB);
	settle(f);
	assert_asked(f, LOAD_HUB INITIATE);
}

static void a_call_from_another_address_takes_the_place_of_the_first(void **state)
{
	struct fixture *f = *state;
	const struct act_sa a = { .want = SA_START,
				  .ifname = "gre1",
				  .local = unit_addr("192.0.2.2"),
				  .remote = unit_addr(HUB) };

	ready(f, &quiet, NULL);
	start(f, HUB);
	settle(f);
	assert_asked(f, LOAD_HUB INITIATE);
	local(f, "gre1", "192.0.2.2");
	ike_act(f->ike, &a);
	settle(f);
	assert_int_equal(charon_asked(&f->charon, UNLOAD_HUB), 1);
	assert_int_equal(charon_asked(&f->charon,
				      "load-conn " HUB_NAME "{local_addrs=[192.0.2.2]"),
			 1);
	assert_int_equal(charon_asked(&f->charon, INITIATE), 1);
	assert_told(f, "");
}

static void whoever_began_the_sa_it_ends_the_call(void **state)
{
	struct fixture *f = *state;

	ready(f, &quiet, NULL);
	start(f, HUB);
	settle(f);
	charon_event(&f->charon, "child-updown",
		     "up=yes dmvpn-gre1{uniqueid=9 " HOSTS
		     " remote-id=hub child-sas{gre-4{" CHILD("4") "}}}");
	settle(f);
	assert_told(f, "UP gre1 " LOCAL ">" HUB " 9/4 hub\n");
	assert_asked(f, LOAD_HUB INITIATE UNLOAD_HUB);
}

static void a_connection_that_charon_refuses_is_a_failure_in_its_words(void **state)
{
	static const struct charon_answer answers[] = {
		{ "load-conn", "success=no errmsg=unknown~option" },
		{ "initiate", "success=no errmsg=not~found" },
		{ 0 }
	};
	struct fixture *f = *state;

	ready(f, &quiet, NULL);
	f->charon.answers = answers;
	start(f, HUB);
	settle(f);
	assert_told(f, "FAILED gre1 " LOCAL ">" HUB ": unknown option\n");
	assert_asked(f, LOAD_HUB INITIATE UNLOAD_HUB);
}

static void a_connection_that_was_unloaded_in_between_is_loaded_again(void **state)
{
	static const struct charon_answer answers[] = {
		{ "initiate", "success=no errmsg=CHILD_SA~config~'gre'~not~found" },
		{ 0 }
	};
	struct fixture *f = *state;

	ready(f, &quiet, NULL);
	f->charon.answers = answers;
	start(f, HUB);
	RUN_UNTIL(f, charon_asked(&f->charon, "initiate") == 1);
	f->charon.answers = NULL;
	settle(f);
	assert_told(f, "");
	assert_asked(f, LOAD_HUB INITIATE SHARED CONN("dmvpn-gre1", "%any")
				LOAD_HUB INITIATE);
}

static void what_is_never_found_is_a_failure(void **state)
{
	static const struct charon_answer answers[] = {
		{ "initiate", "success=no errmsg=CHILD_SA~config~'gre'~not~found" },
		{ 0 }
	};
	struct fixture *f = *state;

	ready(f, &quiet, NULL);
	f->charon.answers = answers;
	start(f, HUB);
	settle(f);
	assert_told(f, "FAILED gre1 " LOCAL ">" HUB
		       ": charon gave up; its log says why\n");
	assert_int_equal(f->cause, SA_CAUSE_NONE);
	assert_int_equal(charon_asked(&f->charon, "initiate"), 2);
	assert_int_equal(charon_asked(&f->charon, UNLOAD_HUB), 1);
}

static void what_charon_calls_a_duplicate_is_looked_up_and_told(void **state)
{
	static const struct charon_answer answers[] = {
		{ "initiate", "success=no errmsg=establishing~CHILD_SA~gre~failed" },
		{ "list-sas", "list-sa " SA("7", "3") "\n" },
		{ 0 }
	};
	struct fixture *f = *state;

	ready(f, &quiet, NULL);
	f->charon.answers = answers;
	start(f, HUB);
	settle(f);
	assert_told(f, UP_7_3);
	assert_asked(f, LOAD_HUB INITIATE LOOK UNLOAD_HUB);
}

#define CONNECTING                                                                  \
	HUB_NAME "{uniqueid=7 state=CONNECTING initiator=yes " HOSTS " remote-id=%" \
		 "any}"

#define FURTHER                                                      \
	HUB_NAME "{uniqueid=7 state=CONNECTING initiator=yes " HOSTS \
		 " remote-id=%any encr-alg=AES_GCM_16 encr-keysize=256}"

/* What was agreed on in the first exchange is there when the second is refused. */
static void a_handshake_that_is_refused_is_a_failure_and_how_far_it_came_is_told(
	void **state)
{
	static const struct {
		const char *event, *reason;
		enum sa_cause cause;
	} cases[] = {
		{ CONNECTING, "refused before authenticating", SA_CAUSE_PROPOSALS },
		{ FURTHER, "refused while authenticating", SA_CAUSE_AUTH },
	};
	struct fixture *f = *state;

	ready(f, &quiet, NULL);
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		start(f, HUB);
		settle(f);
		charon_event(&f->charon, "ike-updown", cases[k].event);
		settle(f);
		assert_non_null(strstr(f->told.s, "FAILED gre1 " LOCAL ">" HUB ": "));
		assert_non_null(strstr(f->told.s, cases[k].reason));
		assert_int_equal(f->cause, cases[k].cause);
		assert_asked(f, LOAD_HUB INITIATE IS_LOADED UNLOAD_HUB);
		forget(f);
	}
}

/* swanctl --load-all takes the secret away between the call and its need of it. */
static void what_fails_for_want_of_what_was_unloaded_is_begun_again_once(void **state)
{
	struct fixture *f = *state;

	ready(f, &quiet, NULL);
	start(f, HUB);
	settle(f);
	charon_put(&f->charon.keys, "dmvpn-p", false);
	charon_event(&f->charon, "ike-updown", CONNECTING);
	settle(f);
	assert_told(f, "");
	assert_asked(f, LOAD_HUB INITIATE IS_LOADED SHARED CONN("dmvpn-gre1", "%any")
				LOAD_HUB INITIATE);
	charon_put(&f->charon.keys, "dmvpn-p", false);
	charon_event(&f->charon, "ike-updown", CONNECTING);
	settle(f);
	assert_non_null(strstr(f->told.s, "FAILED gre1 " LOCAL ">" HUB
					  ": refused before authenticating"));
	assert_asked(f, UNLOAD_HUB);
}

static void calls_under_way_are_begun_again_when_the_unloading_is_seen(void **state)
{
	struct fixture *f = *state;
	struct ike_limits limits = quiet;

	limits.check_s = SOON;
	ready(f, &limits, NULL);
	start(f, HUB);
	settle(f);
	charon_put(&f->charon.conns, "dmvpn-gre1", false);
	RUN_UNTIL(f, charon_asked(&f->charon, INITIATE) == 2);
	charon_event(&f->charon, "child-updown", "up=yes " SA("7", "3"));
	run_until_told(f, "UP");
	assert_told(f, UP_7_3);
}

static void who_does_not_answer_is_looked_up_twice_and_ended(void **state)
{
	static const struct charon_answer answers[] = {
		{ "list-sas", "list-sa " CONNECTING "\n" }, { 0 }
	};
	struct fixture *f = *state;
	struct ike_limits limits = quiet;

	limits.line_s = limits.guard_s = SOON;
	ready(f, &limits, NULL);
	f->charon.answers = answers;
	start(f, HUB);
	run_until_told(f, "FAILED");
	settle(f);
	assert_told(f, "FAILED gre1 " LOCAL ">" HUB ": " HUB
		       " does not answer IKE for 0 s\n");
	assert_int_equal(f->cause, SA_CAUSE_SILENT);
	assert_asked(f, LOAD_HUB INITIATE LOOK LOOK UNLOAD_HUB
		     "terminate ike-id=7 force=yes timeout=-1\n");
}

/* UDP 4500 is dropped, or what does not fit into one packet. */
static void who_answers_the_first_exchange_alone_is_known_by_it(void **state)
{
	static const struct charon_answer answers[] = {
		{ "list-sas", "list-sa " FURTHER "\n" }, { 0 }
	};
	struct fixture *f = *state;
	struct ike_limits limits = quiet;

	limits.line_s = limits.guard_s = SOON;
	ready(f, &limits, NULL);
	f->charon.answers = answers;
	start(f, HUB);
	run_until_told(f, "FAILED");
	assert_non_null(strstr(f->told.s, HUB " answered the first exchange, and no "
					      "more for 0 s"));
	assert_int_equal(f->cause, SA_CAUSE_STALLED);
}

static void an_ike_sa_without_a_child_is_ended(void **state)
{
	static const struct charon_answer answers[] = {
		{ "list-sas", "list-sa " HUB_NAME "{" IKE("7") "}\n" }, { 0 }
	};
	struct fixture *f = *state;
	struct ike_limits limits = quiet;

	limits.child_s = SOON;
	ready(f, &limits, NULL);
	f->charon.answers = answers;
	start(f, HUB);
	settle(f);
	charon_event(&f->charon, "ike-updown", "up=yes " HUB_NAME "{" IKE("7") "}");
	run_until_told(f, "FAILED");
	settle(f);
	assert_non_null(strstr(f->told.s, "the child SA was refused"));
	assert_int_equal(f->cause, SA_CAUSE_CHILD);
	assert_asked(f, LOAD_HUB INITIATE LOOK UNLOAD_HUB
		     "terminate ike-id=7 timeout=-1\n");
}

static void no_more_calls_at_once_than_the_limit(void **state)
{
	struct fixture *f = *state;

	ready(f, &quiet, NULL);
	for (int i = 10; i < 20; i++) {
		char remote[32];

		snprintf(remote, sizeof(remote), "192.0.2.%d", i);
		start(f, remote);
	}
	start(f, HUB);
	settle(f);
	assert_int_equal(charon_asked(&f->charon, "initiate"), 4);
	charon_event(
		&f->charon, "ike-updown",
		"dmvpn-gre1-192.0.2.11{uniqueid=7 state=CONNECTING initiator=yes " HOSTS
		"}");
	settle(f);
	assert_int_equal(charon_asked(&f->charon, "initiate"), 5);
}

static void who_is_silent_keeps_nobody_waiting_for_long(void **state)
{
	struct fixture *f = *state;
	struct ike_limits limits = quiet;

	limits.line_s = SOON;
	ready(f, &limits, NULL);
	for (int i = 10; i < 30; i++) {
		char remote[32];

		snprintf(remote, sizeof(remote), "192.0.2.%d", i);
		start(f, remote);
	}
	RUN_UNTIL(f, charon_asked(&f->charon, "initiate") == 20);
	assert_told(f, "");
}

static void while_charon_is_gone_calls_fail(void **state)
{
	struct fixture *f = *state;

	begin(f, &quiet, PSK);
	run_until_told(f, "GONE");
	forget(f);
	start(f, HUB);
	assert_told(f, ""); /* not from inside the call */
	run_until_told(f, "FAILED");
	assert_non_null(strstr(f->told.s, ": charon does not answer\n"));
}

static void a_call_on_an_interface_without_profile_fails(void **state)
{
	struct fixture *f = *state;
	const struct act_sa a = { .want = SA_START,
				  .ifname = "gre2",
				  .local = unit_addr(LOCAL),
				  .remote = unit_addr(HUB) };

	ready(f, &quiet, NULL);
	ike_act(f->ike, &a);
	settle(f);
	assert_told(f, "FAILED gre2 192.0.2.1>192.0.2.9: the interface has no ipsec "
		       "profile\n");
	assert_asked(f, "");
}

static unsigned failures(const struct fixture *f)
{
	unsigned count = 0;

	for (const char *at = f->told.s; (at = strstr(at, "FAILED")) != NULL; at++)
		count++;
	return count;
}

static void a_failure_may_make_the_engine_forget_who_waits_behind(void **state)
{
	struct fixture *f = *state;

	ready(f, &quiet, NULL);
	take_conf(f, "interface gre1");
	f->reacts = true;
	f->on_failure = (struct act_sa){ .want = SA_FORGET,
					 .ifname = "gre1",
					 .remote = unit_addr("192.0.2.8") };
	start(f, HUB);
	start(f, "192.0.2.8");
	start(f, "192.0.2.7");
	settle(f);
	assert_int_equal(failures(f), 2);
	assert_null(strstr(f->told.s, "192.0.2.8"));
}

static void a_failure_may_make_the_engine_call_anew_once_a_turn(void **state)
{
	struct fixture *f = *state;

	ready(f, &quiet, NULL);
	take_conf(f, "interface gre1");
	f->reacts = true;
	f->on_failure = (struct act_sa){ .want = SA_START,
					 .ifname = "gre1",
					 .remote = unit_addr(HUB) };
	start(f, HUB);
	for (int turns = 0; turns < 10; turns++)
		ev_run(f->ev, EVRUN_NOWAIT);
	assert_in_range(failures(f), 2, 10);
}

/* --- forgetting and stopping */

static void a_call_that_waits_is_forgotten_without_a_word(void **state)
{
	struct fixture *f = *state;

	ready(f, &quiet, NULL);
	start(f, HUB);
	act(f, SA_FORGET, HUB);
	act(f, SA_FORGET, HUB);
	settle(f);
	assert_asked(f, "");
	assert_told(f, "");
}

static void what_was_begun_for_a_forgotten_call_is_ended(void **state)
{
	static const struct charon_answer answers[] = {
		{ "list-sas", "list-sa " CONNECTING "\n" }, { 0 }
	};
	struct fixture *f = *state;

	ready(f, &quiet, NULL);
	start(f, HUB);
	settle(f);
	f->charon.answers = answers;
	act(f, SA_FORGET, HUB);
	settle(f);
	assert_asked(f, LOAD_HUB INITIATE LOOK UNLOAD_HUB
		     "terminate ike-id=7 force=yes timeout=-1\n");
	assert_told(f, "");
}

static void a_stop_ends_the_ike_sa_by_its_number(void **state)
{
	static const struct charon_answer answers[] = {
		{ "list-sas", "list-sa " SA("7", "3") "\n" }, { 0 }
	};
	struct fixture *f = *state;

	ready(f, &quiet, answers);
	stop(f, 7, false);
	stop(f, 7, false);
	settle(f);
	assert_asked(f, "terminate ike-id=7 timeout=-1\n");
	assert_told(f, ""); /* until charon says so */
	stop(f, 7, true);
	settle(f);
	assert_asked(f, "terminate ike-id=7 force=yes timeout=-1\n");
	charon_event(&f->charon, "child-updown", SA("7", "3"));
	settle(f);
	assert_told(f, "DOWN gre1 " LOCAL ">" HUB " 7/3 hub\n");
}

#define CALLER                                                                \
	"dmvpn-gre1{uniqueid=7 state=ESTABLISHED initiator=no initiator-spi=" \
	"00c3a1f0e29d8b7a " HOSTS " remote-id=hub child-sas{gre-3{" CHILD("3") "}}}"

/* The caller does not hear a DELETE that overtakes charon's answer. */
static void who_has_just_called_is_not_ended_before_the_answer_is_out(void **state)
{
	struct fixture *f = *state;

	ready(f, &quiet, NULL);
	charon_event(&f->charon, "child-updown", "up=yes " CALLER);
	run_until_told(f, "UP");
	forget(f);
	stop(f, 7, false);
	some_turns(f);
	assert_asked(f, "");
	settle(f);
	assert_asked(f, "terminate ike-id=7 timeout=-1\n");
}

static void the_end_of_what_charon_does_not_have_is_told(void **state)
{
	static const struct charon_answer list[] = {
		{ "list-sas", "list-sa " SA("7", "3") "\n" }, { 0 }
	};
	static const struct charon_answer none[] = {
		{ "terminate", "success=no errmsg=no~matching~SAs~to~terminate~found" },
		{ 0 }
	};
	struct fixture *f = *state;

	ready(f, &quiet, list);
	f->charon.answers = none;
	stop(f, 7, false);
	settle(f);
	assert_told(f, "DOWN gre1 " LOCAL ">" HUB " 7/3 hub\n");
}

static void many_stops_find_room_one_after_the_other(void **state)
{
	struct fixture *f = *state;

	ready(f, &quiet, NULL);
	for (uint32_t i = 1; i <= 5000; i++)
		stop(f, i, true);
	RUN_UNTIL(f, f->charon.requests == 5000);
	settle(f);
	assert_int_equal(f->charon.connections, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_call_loads_uses_and_unloads_its_connection),
		TEST(a_call_that_is_under_way_is_not_begun_twice),
		TEST(a_call_from_another_address_takes_the_place_of_the_first),
		TEST(whoever_began_the_sa_it_ends_the_call),
		TEST(a_connection_that_charon_refuses_is_a_failure_in_its_words),
		TEST(a_connection_that_was_unloaded_in_between_is_loaded_again),
		TEST(what_is_never_found_is_a_failure),
		TEST(what_charon_calls_a_duplicate_is_looked_up_and_told),
		TEST(a_handshake_that_is_refused_is_a_failure_and_how_far_it_came_is_told),
		TEST(what_fails_for_want_of_what_was_unloaded_is_begun_again_once),
		TEST(calls_under_way_are_begun_again_when_the_unloading_is_seen),
		TEST(who_does_not_answer_is_looked_up_twice_and_ended),
		TEST(who_answers_the_first_exchange_alone_is_known_by_it),
		TEST(an_ike_sa_without_a_child_is_ended),
		TEST(no_more_calls_at_once_than_the_limit),
		TEST(who_is_silent_keeps_nobody_waiting_for_long),
		TEST(while_charon_is_gone_calls_fail),
		TEST(a_call_on_an_interface_without_profile_fails),
		TEST(a_failure_may_make_the_engine_forget_who_waits_behind),
		TEST(a_failure_may_make_the_engine_call_anew_once_a_turn),
		TEST(a_call_that_waits_is_forgotten_without_a_word),
		TEST(what_was_begun_for_a_forgotten_call_is_ended),
		TEST(a_stop_ends_the_ike_sa_by_its_number),
		TEST(who_has_just_called_is_not_ended_before_the_answer_is_out),
		TEST(the_end_of_what_charon_does_not_have_is_told),
		TEST(many_stops_find_room_one_after_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
