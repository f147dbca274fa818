/* SPDX-License-Identifier: MIT */
/* Being connected, and what is loaded. See unit_ike.h. */
#include "unit_ike.h"

/* --- connecting */

static void without_a_profile_nothing_is_said(void **state)
{
	struct fixture *f = *state;

	charon_start(&f->charon);
	begin(f, &quiet, "interface gre1");
	settle(f);
	assert_int_equal(f->charon.connections, 0);
	assert_false(ike_state(f->ike).wanted);
	assert_null(ike_problem(f->ike, "gre1"));
}

static void everything_is_loaded_and_listed_before_ready_is_told(void **state)
{
	struct fixture *f = *state;

	charon_start(&f->charon);
	begin(f, &quiet, PSK);
	run_until_told(f, "READY");
	assert_told(f, "READY\n");
	assert_asked(f,
		     "register ike-updown\nregister child-updown\nregister ike-rekey\n"
		     "register child-rekey\nregister ike-update\n"
		     "register list-sa\nregister list-cert\n" SHARED CONN(
			     "dmvpn-gre1", "%any") "get-conns\nget-shared\n"
						   "list-sas\n");
	assert_true(ike_state(f->ike).ready);
	assert_null(ike_problem(f->ike, "gre1"));
}

static void charon_that_does_not_run_is_a_reason(void **state)
{
	struct fixture *f = *state;

	begin(f, &quiet, PSK);
	assert_string_equal(ike_problem(f->ike, "gre1"), "not tried yet");
	run_until_told(f, "GONE");
	assert_false(ike_state(f->ike).ready);
	assert_non_null(strstr(ike_state(f->ike).reason, "does charon run?"));
	assert_non_null(strstr(ike_problem(f->ike, "gre1"), "does charon run?"));
	charon_start(&f->charon);
	run_until_told(f, "READY");
	assert_told(f, "GONE\nREADY\n");
}

/* Killed, its socket stays, and then is removed: three reasons of one state. */
static void a_warning_is_of_a_state_and_not_of_a_reason(void **state)
{
	struct fixture *f = *state;
	unsigned warnings = 0;

	ready(f, &quiet, NULL);
	charon_kill(&f->charon);
	run_until_told(f, "GONE\nGONE\n");
	unlink(f->charon.path);
	run_until_told(f, "GONE\nGONE\nGONE\n");
	for (const char *at = f->lines.s; (at = strstr(at, "warn: ")) != NULL; at++)
		warnings++;
	assert_int_equal(warnings, 1);
}

/* clang-format off */
/* As charon lists an SA, under whatever name, and its child with these words. */
#define OTHER(id, child) \
	"list-sa other{" IKE(id) " child-sas{x-" id "{uniqueid=" id " " child "}}}\n"
#define STATE(state) "state=" state " " TS(LOCAL "/32", HUB "/32")

static const char listed[] =
	"list-sa " SA("7", "3") "\n"
	OTHER("8", STATE("INSTALLED"))
	OTHER("9", STATE("REKEYING"))
	/* in the making, or on the way out */
	OTHER("10", STATE("INSTALLING"))
	OTHER("11", STATE("REKEYED"))
	/* not ours: all protocols, another address, a network */
	OTHER("12", "state=INSTALLED local-ts=[" LOCAL "/32] remote-ts=[" HUB "/32]")
	OTHER("13", "state=INSTALLED " TS("10.9.9.9/32", HUB "/32"))
	OTHER("14", "state=INSTALLED " TS(LOCAL "/32", "10.0.0.0/8"))
	/* no child at all */
	"list-sa other{" IKE("15") "}\n";
/* clang-format on */

static void what_is_there_is_told_as_far_as_it_is_a_tunnels(void **state)
{
	static const struct charon_answer answers[] = { { "list-sas", listed }, { 0 } };
	struct fixture *f = *state;

	f->charon.answers = answers;
	charon_start(&f->charon);
	begin(f, &quiet, PSK);
	run_until_told(f, "READY");
	assert_told(f, UP_7_3 "UP gre1 " LOCAL ">" HUB " 8/8 hub\n"
			      "UP gre1 " LOCAL ">" HUB " 9/9 hub\nREADY\n");
	settle(f);
	assert_int_equal(charon_asked(&f->charon, "terminate"), 0);
}

static void what_a_predecessor_left_is_unloaded(void **state)
{
	static const struct charon_answer answers[] = {
		{ "get-conns", "conns=[dmvpn-gre1 user dmvpn-gre1-192.0.2.77 dmvpn-old "
			       "dmvpn]" },
		{ "get-shared", "keys=[dmvpn-p dmvpn-q user]" },
		{ 0 }
	};
	struct fixture *f = *state;

	f->charon.answers = answers;
	charon_start(&f->charon);
	begin(f, &quiet, PSK);
	run_until_told(f, "READY");
	settle(f);
	assert_int_equal(charon_asked(&f->charon, "unload-"), 3);
	assert_int_equal(charon_asked(&f->charon, "unload-conn name=dmvpn-old\n"), 1);
	assert_int_equal(charon_asked(&f->charon,
				      "unload-conn name=dmvpn-gre1-192.0.2.77\n"),
			 1);
	assert_int_equal(charon_asked(&f->charon, "unload-shared id=dmvpn-q\n"), 1);
}

static void after_charon_was_gone_all_is_loaded_and_told_again(void **state)
{
	static const struct charon_answer answers[] = {
		{ "list-sas", "list-sa " SA("7", "3") "\n" }, { 0 }
	};
	struct fixture *f = *state;

	ready(f, &quiet, answers);
	charon_stop(&f->charon);
	run_until_told(f, "GONE");
	f->charon.answers = answers;
	charon_start(&f->charon);
	run_until_told(f, "READY");
	assert_non_null(strstr(f->told.s, UP_7_3 "READY\n"));
	assert_null(strstr(f->told.s, "DOWN"));
	assert_int_equal(charon_asked(&f->charon, CONN("dmvpn-gre1", "%any")), 1);
	assert_int_equal(charon_asked(&f->charon, SHARED), 1);
}

/* Where the stream ends does not matter: it is gone, and then it is there again. */
static void an_end_after_any_request_is_survived(void **state)
{
	static const char *const requests[] = { "load-shared", "load-conn", "get-conns",
						"get-shared", "list-sas" };
	struct fixture *f = *state;

	charon_start(&f->charon);
	f->charon.deaf = true;
	begin(f, &quiet, PSK);
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		struct charon_answer silent[] = { { requests[i], NULL }, { 0 } };

		charon_hang_up(&f->charon);
		forget(f);
		f->charon.deaf = false;
		f->charon.answers = silent;
		RUN_UNTIL(f, charon_asked(&f->charon, "list-sas") == 1);
		start(f, HUB); /* too early: it fails */
		some_turns(f);
		charon_hang_up(&f->charon);
		run_until_told(f, "GONE");
		f->charon.answers = NULL;
		run_until_told(f, "READY");
		settle(f);
	}
}

/* --- what is loaded */

static void connections_that_somebody_unloaded_are_loaded_again(void **state)
{
	struct charon_answer answers[] = { { "get-conns", "conns=[user dmvpn-gre1]" },
					   { "get-shared", "keys=[dmvpn-p]" },
					   { 0 } };
	struct fixture *f = *state;
	struct ike_limits limits = quiet;

	limits.check_s = SOON;
	ready(f, &limits, answers);
	f->charon.answers = answers;
	forget(f);
	RUN_UNTIL(f, charon_asked(&f->charon, "get-shared") >= 3);
	assert_int_equal(charon_asked(&f->charon, "load-"), 0);
	answers[0].text = "conns=[user]";
	RUN_UNTIL(f, charon_asked(&f->charon, CONN("dmvpn-gre1", "%any")) >= 1);
	assert_int_not_equal(charon_asked(&f->charon, SHARED), 0);
	answers[0].text = "conns=[user dmvpn-gre1]";
	answers[1].text = "keys=[]";
	settle(f);
	forget(f);
	RUN_UNTIL(f, charon_asked(&f->charon, SHARED) >= 1);
	assert_non_null(strstr(f->lines.s, "somebody unloaded what is ours"));
	assert_told(f, "");
}

static void a_tunnel_that_charon_refuses_is_a_problem_said_once(void **state)
{
	static const struct charon_answer answers[] = {
		{ "load-conn", "success=no errmsg=loading~a.pem~failed" },
		{ "get-conns", "conns=[]" },
		{ "get-shared", "keys=[dmvpn-p]" },
		{ 0 }
	};
	struct fixture *f = *state;
	struct ike_limits limits = quiet;
	const char *line;

	limits.check_s = 0.001;
	f->charon.answers = answers;
	charon_start(&f->charon);
	begin(f, &limits, PSK);
	RUN_UNTIL(f, charon_asked(&f->charon, "load-conn") >= 3);
	assert_string_equal(ike_problem(f->ike, "gre1"), "loading a.pem failed");
	line = strstr(f->lines.s, "error: gre1: charon does not take the connection of "
				  "profile p: loading a.pem failed\n");
	assert_non_null(line);
	assert_null(strstr(strchr(line, '\n'), "does not take"));
	/* charon logs each try, so they are few */
	assert_true(charon_asked(&f->charon, "get-conns") >
		    5 * charon_asked(&f->charon, "load-conn"));
	f->charon.answers = NULL;
	RUN_UNTIL(f, !ike_problem(f->ike, "gre1"));
}

static void a_reload_changes_what_differs_and_no_more(void **state)
{
#define OTHERS "ipsec-profile q local auth psk id me remote auth psk id x "
	struct fixture *f = *state;

	ready(f, &quiet, NULL);
	take_conf(f, PSK);
	settle(f);
	assert_asked(f, SHARED);
	take_conf(f, PSK "holding-time 60");
	settle(f);
	assert_asked(f, SHARED);
	take_conf(f, OTHERS "interface gre1 ipsec q");
	settle(f);
	assert_int_equal(charon_asked(&f->charon, "load-conn dmvpn-gre1{"), 1);
	assert_int_equal(charon_asked(&f->charon, "unload-shared id=dmvpn-p\n"), 1);
	assert_int_equal(f->charon.requests, 2);
	forget(f);
	take_conf(f, OTHERS "interface gre1 ipsec q interface gre2 ipsec q");
	local(f, "gre2", "192.0.2.2");
	settle(f);
	assert_int_equal(charon_asked(&f->charon, "load-conn dmvpn-gre2{"), 1);
	assert_int_equal(f->charon.requests, 1);
	forget(f);
	take_conf(f, "interface gre1");
	settle(f);
	assert_int_equal(charon_asked(&f->charon, "unload-conn name=dmvpn-gre1\n"), 1);
	assert_int_equal(charon_asked(&f->charon, "unload-conn name=dmvpn-gre2\n"), 1);
	assert_int_equal(f->charon.requests, 2);
}

static void a_tunnel_that_becomes_known_is_told_its_sas(void **state)
{
	static const struct charon_answer answers[] = {
		{ "list-sas", "list-sa " SA("7", "3") "\n" }, { 0 }
	};
	struct fixture *f = *state;

	f->charon.answers = answers;
	charon_start(&f->charon);
	f->ike = ike_new(f->loop, &quiet, &f->sink, &f->log);
	take_conf(f, PSK);
	run_until_told(f, "READY");
	assert_told(f, "READY\n");
	assert_string_equal(ike_problem(f->ike, "gre1"),
			    "its own outer address is not known yet");
	local(f, "gre1", LOCAL);
	assert_told(f, "");
	settle(f);
	assert_told(f, UP_7_3);
	assert_int_equal(charon_asked(&f->charon, CONN("dmvpn-gre1", "%any")), 1);
	/* elsewhere it has none, and its connection moves along */
	forget(f);
	local(f, "gre1", "192.0.2.2");
	settle(f);
	assert_told(f, "");
	assert_int_equal(charon_asked(&f->charon, "load-conn dmvpn-gre1{local_addrs="
						  "[192.0.2.2]"),
			 1);
}

static void tunnels_of_one_address_share_its_sas(void **state)
{
	struct fixture *f = *state;

	ready(f, &quiet, NULL);
	take_conf(f, PSK "interface gre2 ipsec p");
	local(f, "gre2", LOCAL);
	settle(f);
	charon_event(&f->charon, "child-updown", "up=yes " SA("7", "3"));
	settle(f);
	assert_told(f, UP_7_3 "UP gre2 " LOCAL ">" HUB " 7/3 hub\n");
}

static void another_socket_is_another_charon(void **state)
{
	struct fixture *f = *state;
	struct charon other;

	ready(f, &quiet, NULL);
	charon_init(&other, f->ev);
	charon_start(&other);
	conf_free(f->old);
	f->old = f->conf;
	{
		char text[512];

		snprintf(text, sizeof(text), "vici %s " PSK, other.path);
		f->conf = unit_conf(text);
	}
	ike_conf(f->ike, f->conf);
	run_until_told(f, "READY");
	assert_told(f, "GONE\nREADY\n");
	assert_int_equal(charon_asked(&other, CONN("dmvpn-gre1", "%any")), 1);
	ike_free(f->ike);
	f->ike = NULL;
	charon_free(&other);
}

static void a_withdrawal_leaves_nothing_of_ours_loaded(void **state)
{
	struct fixture *f = *state;

	ready(f, &quiet, NULL);
	start(f, HUB);
	settle(f);
	forget(f);
	stop(f, 5, false);
	ike_withdraw(f->ike);
	assert_true(ike_busy(f->ike));
	start(f, HUB);
	settle(f);
	assert_false(ike_busy(f->ike));
	assert_int_equal(charon_asked(&f->charon, "unload-conn name=dmvpn-gre1\n"), 1);
	assert_int_equal(charon_asked(&f->charon, UNLOAD_HUB), 1);
	assert_int_equal(charon_asked(&f->charon, "unload-shared id=dmvpn-p\n"), 1);
	assert_int_equal(charon_asked(&f->charon, "terminate ike-id=5 timeout=-1\n"),
			 1);
	assert_int_equal(f->charon.requests, 4);
	assert_told(f, "FAILED gre1 " LOCAL ">" HUB ": nhrpd ends\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_profile_nothing_is_said),
		TEST(everything_is_loaded_and_listed_before_ready_is_told),
		TEST(charon_that_does_not_run_is_a_reason),
		TEST(a_warning_is_of_a_state_and_not_of_a_reason),
		TEST(what_is_there_is_told_as_far_as_it_is_a_tunnels),
		TEST(what_a_predecessor_left_is_unloaded),
		TEST(after_charon_was_gone_all_is_loaded_and_told_again),
		TEST(an_end_after_any_request_is_survived),
		TEST(connections_that_somebody_unloaded_are_loaded_again),
		TEST(a_tunnel_that_charon_refuses_is_a_problem_said_once),
		TEST(a_reload_changes_what_differs_and_no_more),
		TEST(a_tunnel_that_becomes_known_is_told_its_sas),
		TEST(tunnels_of_one_address_share_its_sas),
		TEST(another_socket_is_another_charon),
		TEST(a_withdrawal_leaves_nothing_of_ours_loaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
