/* SPDX-License-Identifier: MIT */
/* What charon tells of SAs, and what becomes of it. See unit_ike.h. */
#include "unit_ike.h"

static void rekeyings_are_told_with_old_and_new_numbers(void **state)
{
	static const struct charon_answer answers[] = {
		{ "list-sas", "list-sa " SA("7", "3") "\n" }, { 0 }
	};
	struct fixture *f = *state;
	struct record r;

	ready(f, &quiet, answers);
	charon_event(&f->charon, "child-rekey",
		     HUB_NAME "{" IKE("7") " child-sas{gre{old{" CHILD(
			     "3") "} new{" CHILD("4") "}}}}");
	settle(f);
	assert_told(f, "REKEYED gre1 " LOCAL ">" HUB " 7/4 hub was 3\n");
	charon_event(&f->charon, "ike-rekey",
		     HUB_NAME "{old{" IKE("7") "} new{" IKE("8") "}}");
	settle(f);
	assert_told(f, "IKE gre1 " LOCAL ">" HUB " 8/4 hub was 7\n");
	/* how often, and since when, the engine says */
	record_init(&r);
	ike_describe(f->ike, 4, &r);
	assert_non_null(record_find(&r, "ike_suite"));
	assert_null(record_find(&r, "rekeys"));
	assert_null(record_find(&r, "established"));
	/* the end comes under the last numbers */
	charon_event(&f->charon, "child-updown", SA("8", "4"));
	settle(f);
	assert_told(f, "DOWN gre1 " LOCAL ">" HUB " 8/4 hub\n");
}

#define REKEY(old, new)                                                        \
	HUB_NAME "{" IKE("7") " child-sas{gre{old{" CHILD(old) "} new{" CHILD( \
		new) "}}}}"

/* Both ends began it: the peer's child is told, then ours that stays in its place. */
static void of_two_rekeyings_at_once_the_last_stays(void **state)
{
	static const struct charon_answer answers[] = {
		{ "list-sas", "list-sa " SA("7", "3") "\n" }, { 0 }
	};
	struct fixture *f = *state;

	ready(f, &quiet, answers);
	charon_event(&f->charon, "child-rekey", REKEY("3", "4"));
	charon_event(&f->charon, "child-rekey", REKEY("3", "5"));
	settle(f);
	assert_told(f, "REKEYED gre1 " LOCAL ">" HUB " 7/4 hub was 3\n"
		       "REKEYED gre1 " LOCAL ">" HUB " 7/5 hub was 4\n");
	/* nothing is said of the fourth */
	charon_event(&f->charon, "child-updown", SA("7", "5"));
	settle(f);
	assert_told(f, "DOWN gre1 " LOCAL ">" HUB " 7/5 hub\n");
}

#define MOVE(remote, port, sa)                                     \
	"local-host=" LOCAL " local-port=4500 remote-host=" remote \
	" remote-port=" port " " sa

static void a_peer_that_moves_is_told_where_it_is(void **state)
{
	static const struct charon_answer answers[] = {
		{ "list-sas", "list-sa " SA("7", "3") "\n" }, { 0 }
	};
	struct fixture *f = *state;

	ready(f, &quiet, answers);
	/* another port, an SA in the making, another SA: nothing has moved */
	charon_event(&f->charon, "ike-update",
		     MOVE(HUB, "30004", HUB_NAME "{" IKE("7") "}"));
	charon_event(&f->charon, "ike-update",
		     MOVE("203.0.113.5", "4500",
			  "(unnamed){uniqueid=7 state=CONNECTING " HOSTS "}"));
	charon_event(&f->charon, "ike-update",
		     MOVE("203.0.113.5", "4500", HUB_NAME "{" IKE("6") "}"));
	settle(f);
	assert_told(f, "");
	charon_event(&f->charon, "ike-update",
		     MOVE("203.0.113.5", "4500", HUB_NAME "{" IKE("7") "}"));
	settle(f);
	assert_told(f, "MOVED gre1 " LOCAL ">203.0.113.5 7/3 hub\n");
}

static void in_tunnel_mode_the_peer_is_where_its_selector_says(void **state)
{
	static const struct charon_answer answers[] = {
		{ "list-sas",
		  "list-sa dmvpn-gre1{" IKE(
			  "7") " nat-remote=yes child-sas{gre-3{uniqueid=3 "
			       "state=INSTALLED " TS(LOCAL "/32",
						     "10.5.0.11/32") "}}}\n" },
		{ 0 }
	};
	struct fixture *f = *state;

	f->charon.answers = answers;
	charon_start(&f->charon);
	begin(f, &quiet, PSK);
	run_until_told(f, "READY");
	assert_told(f, "UP gre1 " LOCAL ">10.5.0.11(" HUB ") 7/3 hub\nREADY\n");
	charon_event(&f->charon, "ike-update",
		     MOVE("203.0.113.5", "4500", "dmvpn-gre1{" IKE("7") "}"));
	settle(f);
	assert_told(f, "MOVED gre1 " LOCAL ">10.5.0.11(203.0.113.5) 7/3 hub\n");
}

static void who_asks_for_more_than_one_address_is_ended(void **state)
{
	struct fixture *f = *state;
	static const char *const wide[] = {
		TS(LOCAL "/32", "0.0.0.0/0"),
		TS("0.0.0.0/0", HUB "/32"),
		TS(LOCAL "/32", "10.0.0.0..10.0.0.9"),
		"local-ts=[" LOCAL
		"/32[gre]] remote-ts=[10.0.0.1/32[gre] 10.0.0.2/32[gre]]",
		"local-ts=[" LOCAL "/32[gre]] remote-ts=[10.0.0.1/32 10.0.0.2/32[gre]]",
	};

	ready(f, &quiet, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(wide); i++) {
		char event[1024];

		snprintf(event, sizeof(event),
			 "up=yes dmvpn-gre1{" IKE("7") " child-sas{gre-3{uniqueid=3 "
						       "state=INSTALLED %s}}}",
			 wide[i]);
		charon_event(&f->charon, "child-updown", event);
		settle(f);
		assert_told(f, "");
		assert_asked(f, "terminate ike-id=7 force=yes timeout=-1\n");
		/* somebody else's connection may */
		memcpy(strstr(event, "dmvpn-gre1"), "others-own", 10);
		charon_event(&f->charon, "child-updown", event);
		settle(f);
		assert_told(f, "");
		assert_asked(f, "");
	}
	assert_non_null(
		strstr(f->lines.s, "asks for more than the GRE of one address"));
}

static void more_children_than_the_limit_are_turned_away(void **state)
{
	struct fixture *f = *state;
	char event[1024];

	ready(f, &quiet, NULL);
	for (unsigned i = 1; i <= 9; i++) {
		snprintf(event, sizeof(event),
			 "up=yes a{uniqueid=%u " HOSTS
			 " remote-id=x child-sas{b{uniqueid=%u state=INSTALLED %s}}}",
			 i, i, TS(LOCAL "/32", HUB "/32"));
		charon_event(&f->charon, "child-updown", event);
	}
	settle(f);
	assert_non_null(strstr(f->told.s, "UP gre1 " LOCAL ">" HUB " 8/8 x\n"));
	assert_null(strstr(f->told.s, " 9/9 "));
	assert_asked(f, "terminate ike-id=9 force=yes timeout=-1\n");
	/* what is known is as before, and room that is free is used */
	forget(f);
	charon_event(&f->charon, "child-updown", strchr(event, ' ') + 1); /* down */
	charon_event(&f->charon, "child-updown",
		     "a{uniqueid=8 " HOSTS
		     " child-sas{b{uniqueid=8 " TS(LOCAL "/32", HUB "/32") "}}}");
	charon_event(&f->charon, "child-updown", event);
	settle(f);
	assert_told(f, "DOWN gre1 " LOCAL ">" HUB " 8/8 x\n"
		       "UP gre1 " LOCAL ">" HUB " 9/9 x\n");
}

static void events_that_lack_something_are_counted_and_survived(void **state)
{
	static const char *const faults[][2] = {
		{ "child-updown", "" },
		{ "child-updown", "up=yes" },
		{ "child-updown", "up=yes a{}" },
		{ "child-updown", "up=yes a{uniqueid=x " HOSTS "}" },
		{ "child-updown", "up=yes a{uniqueid=4294967296 " HOSTS "}" },
		{ "child-updown", "up=yes a{uniqueid=7 local-host=x remote-host=y}" },
		{ "child-updown", "up=yes a{uniqueid=7 " HOSTS " child-sas{b{}}}" },
		{ "child-updown",
		  "up=yes a{uniqueid=7 " HOSTS " child-sas{b{uniqueid=3}}}" },
		{ "child-updown", "up=yes a{uniqueid=7 " HOSTS
				  " child-sas{b{uniqueid=3 local-ts=x remote-ts=y}}}" },
		{ "child-updown",
		  "up=yes a{uniqueid=7 " HOSTS
		  " child-sas{b{uniqueid=3 local-ts=[] remote-ts=[]}}}" },
		{ "child-updown", "up=yes a{uniqueid=7 " HOSTS
				  " child-sas{b{uniqueid=3 local-ts=[[gre]] "
				  "remote-ts=[x[gre]]}}}" },
		{ "child-rekey",
		  "a{uniqueid=7 " HOSTS " child-sas{gre{old{} new{}}}}" },
		{ "child-rekey", "a{uniqueid=7 " HOSTS " child-sas{gre{}}}" },
		{ "ike-rekey", "a{old{} new{}}" },
		{ "ike-rekey", "a{} b=c" },
		{ "ike-update", "a{uniqueid=7 " HOSTS "}" },
		{ "ike-update", "local-host=x a{uniqueid=7 " HOSTS "}" },
		{ "ike-updown", "up=yes" },
		{ "log", "msg=x" },
	};
	struct fixture *f = *state;

	ready(f, &quiet, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		charon_event(&f->charon, faults[i][0], faults[i][1]);
	settle(f);
	assert_told(f, "");
	assert_int_equal(f->charon.connections, 1);
	charon_event(&f->charon, "child-updown", "up=yes " SA("7", "3"));
	settle(f);
	assert_told(f, UP_7_3);
}

/* A name that is longer could not be compared with what is configured. */
static void an_identity_beyond_any_measure_is_none(void **state)
{
	struct fixture *f = *state;
	char event[2048], id[600];

	ready(f, &quiet, NULL);
	memset(id, 'x', sizeof(id));
	id[sizeof(id) - 1] = '\0';
	snprintf(event, sizeof(event),
		 "up=yes a{uniqueid=7 " HOSTS
		 " remote-id=%s child-sas{gre-3{" CHILD("3") "}}}",
		 id);
	charon_event(&f->charon, "child-updown", event);
	settle(f);
	assert_told(f, "UP gre1 " LOCAL ">" HUB " 7/3 \n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rekeyings_are_told_with_old_and_new_numbers),
		TEST(of_two_rekeyings_at_once_the_last_stays),
		TEST(a_peer_that_moves_is_told_where_it_is),
		TEST(in_tunnel_mode_the_peer_is_where_its_selector_says),
		TEST(who_asks_for_more_than_one_address_is_ended),
		TEST(more_children_than_the_limit_are_turned_away),
		TEST(events_that_lack_something_are_counted_and_survived),
		TEST(an_identity_beyond_any_measure_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
