/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>

#include "answer.h"
#include "render.h"

#define NOW_S 1795333591 /* 2026-11-22T07:46:31Z */

static void add_row(struct answer *a, const struct record *r)
{
	uint8_t frame[CTL_HEADER_LEN + CTL_ROW_MAX];
	size_t n =
		ctl_row_encode(r, (mono){ 0 }, NOW_S * 1000000LL, frame, sizeof(frame));

	assert_true(n > 0 && answer_add(a, frame, n));
}

static void add_end(struct answer *a, enum ctl_status status, const char *message)
{
	uint8_t frame[CTL_HEADER_LEN + CTL_ROW_MAX];
	size_t n = ctl_end_encode(status, message, frame, sizeof(frame));

	assert_true(n > 0 && answer_add(a, frame, n));
}

static struct answer empty_answer(void)
{
	struct answer a = { 0 };

	add_end(&a, CTL_DONE, "");
	return a;
}

static void begin_entry(struct record *r, const char *type, const char *protocol,
			int prefix)
{
	record_init(r);
	record_text(r, "interface", "gre1");
	record_text(r, "type", type);
	record_text(r, "protocol", protocol);
	record_number(r, "prefix", prefix);
}

static void end_entry(struct record *r, const char *state, const char *reason,
		      int64_t age_s)
{
	record_text(r, "state", state);
	record_text(r, "reason", reason);
	record_mono(r, "since", (mono){ -age_s * 1000000 });
}

static void add_spoke(struct answer *a, const char *protocol, const char *nbma,
		      const char *claimed)
{
	struct record r;

	begin_entry(&r, "dynamic", protocol, 32);
	record_text(&r, "nbma", nbma);
	record_text(&r, "claimed_nbma", claimed);
	end_entry(&r, "up", "registered", 192);
	record_number(&r, "expires_s", 412);
	record_bool(&r, "used", true);
	record_text(&r, "identity", "CN=spoke1");
	add_row(a, &r);
}

static void add_local(struct answer *a)
{
	struct record r;

	begin_entry(&r, "local", "10.0.0.0", 24);
	end_entry(&r, "up", "own network", 93784);
	add_row(a, &r);
}

static struct answer sample_cache(void)
{
	struct answer a = { 0 };

	add_local(&a);
	add_spoke(&a, "10.0.0.2", "100.64.2.1", "100.64.2.1");
	add_spoke(&a, "10.0.0.3", "198.51.100.253", "192.168.1.7");
	add_end(&a, CTL_DONE, "");
	return a;
}

struct paper {
	FILE *file;
	char *text;
	size_t len;
};

static void check_paper(struct paper *p, struct answer *a, const char *want)
{
	fclose(p->file);
	assert_string_equal(p->text, want);
	free(p->text);
	free(a->bytes);
}

static void paper_new(struct paper *p)
{
	p->file = open_memstream(&p->text, &p->len);
	assert_non_null(p->file);
}

static void check_text(enum ctl_verb verb, struct answer a, bool all, const char *want)
{
	struct paper p;

	paper_new(&p);
	render_text(p.file, verb, &a, all, NOW_S);
	check_paper(&p, &a, want);
}

static void check_json(const char *list, struct answer a, const char *error,
		       const char *want)
{
	struct paper p;

	paper_new(&p);
	render_json(p.file, list, &a, error);
	check_paper(&p, &a, want);
}

/* clang-format off */
static void the_cache_in_columns(void **state)
{
	(void)state;
	check_text(CTL_SHOW_CACHE, sample_cache(), false,
"INTERFACE  TYPE     PROTOCOL     NBMA            CLAIMED-NBMA  STATE  SINCE  EXPIRES  USED  IDENTITY   REASON\n"
"gre1       local    10.0.0.0/24  -               -             up     1d02h  -        -     -          own network\n"
"gre1       dynamic  10.0.0.2     100.64.2.1      -             up     3m12s  6m52s    yes   CN=spoke1  registered\n"
"gre1       dynamic  10.0.0.3     198.51.100.253  192.168.1.7   up     3m12s  6m52s    yes   CN=spoke1  registered\n");
}

static void the_cache_as_json(void **state)
{
	(void)state;
	check_json("cache", sample_cache(), NULL,
"{\"schema\":1,\"cache\":[{\"interface\":\"gre1\",\"type\":\"local\",\"protocol\":\"10.0.0.0\",\"prefix\":24,"
"\"state\":\"up\",\"reason\":\"own network\",\"since\":\"2026-11-21T05:43:27Z\"},\n"
"{\"interface\":\"gre1\",\"type\":\"dynamic\",\"protocol\":\"10.0.0.2\",\"prefix\":32,"
"\"nbma\":\"100.64.2.1\",\"claimed_nbma\":\"100.64.2.1\",\"state\":\"up\",\"reason\":\"registered\","
"\"since\":\"2026-11-22T07:43:19Z\",\"expires_s\":412,\"used\":true,\"identity\":\"CN=spoke1\"},\n"
"{\"interface\":\"gre1\",\"type\":\"dynamic\",\"protocol\":\"10.0.0.3\",\"prefix\":32,"
"\"nbma\":\"198.51.100.253\",\"claimed_nbma\":\"192.168.1.7\",\"state\":\"up\",\"reason\":\"registered\","
"\"since\":\"2026-11-22T07:43:19Z\",\"expires_s\":412,\"used\":true,\"identity\":\"CN=spoke1\"}]}\n");
}

static void a_column_that_says_nothing_is_left_out(void **state)
{
	struct answer a = { 0 };

	(void)state;
	add_spoke(&a, "10.0.0.2", "100.64.2.1", "100.64.2.1");
	add_end(&a, CTL_DONE, "");
	check_text(CTL_SHOW_CACHE, a, false,
"INTERFACE  TYPE     PROTOCOL  NBMA        STATE  SINCE  EXPIRES  USED  IDENTITY   REASON\n"
"gre1       dynamic  10.0.0.2  100.64.2.1  up     3m12s  6m52s    yes   CN=spoke1  registered\n");
}
/* clang-format on */

static struct answer sample_nhs(void)
{
	struct answer a = { 0 };
	struct record r;

	record_init(&r);
	record_text(&r, "interface", "gre1");
	record_text(&r, "protocol", "10.0.0.1");
	record_text(&r, "nbma", "203.0.113.1");
	record_number(&r, "priority", 10);
	record_text(&r, "group", "core");
	record_text(&r, "role", "active");
	end_entry(&r, "up", "registered", 3600);
	record_text(&r, "registered_as", "10.0.0.2");
	record_text(&r, "registered_nbma", "192.168.1.7");
	record_text(&r, "seen_nbma", "198.51.100.253");
	record_number(&r, "expires_s", 7200);
	record_number(&r, "rtt_us", 1234);
	add_row(&a, &r);
	add_end(&a, CTL_DONE, "");
	return a;
}

/* clang-format off */
static void details_are_shown_when_all_is_asked_for(void **state)
{
	(void)state;
	check_text(CTL_SHOW_NHS, sample_nhs(), false,
"INTERFACE  PROTOCOL  NBMA         PRIORITY  GROUP  ROLE    STATE  SINCE  SEEN-NBMA       "
"EXPIRES  RTT    REASON\n"
"gre1       10.0.0.1  203.0.113.1  10        core   active  up     1h00m  198.51.100.253  "
"2h00m    1.2ms  registered\n");
	check_text(CTL_SHOW_NHS, sample_nhs(), true,
"INTERFACE  PROTOCOL  NBMA         PRIORITY  GROUP  ROLE    STATE  SINCE  REGISTERED-AS  "
"REGISTERED-NBMA  SEEN-NBMA       EXPIRES  RTT    REASON\n"
"gre1       10.0.0.1  203.0.113.1  10        core   active  up     1h00m  10.0.0.2       "
"192.168.1.7      198.51.100.253  2h00m    1.2ms  registered\n");
}
/* clang-format on */

static void the_longest_addresses_are_never_cut(void **state)
{
	static const char longest[] = "2001:db8:ffff:ffff:ffff:ffff:ffff:fff1";
	struct answer a = { 0 };
	struct paper p;

	(void)state;
	add_spoke(&a, longest, longest, "fd00:ffff:ffff:ffff:ffff:ffff:ffff:fff2");
	add_end(&a, CTL_DONE, "");
	paper_new(&p);
	render_text(p.file, CTL_SHOW_CACHE, &a, false, NOW_S);
	fclose(p.file);
	assert_non_null(strstr(p.text, "  2001:db8:ffff:ffff:ffff:ffff:ffff:fff1/32  "
				       "2001:db8:ffff:ffff:ffff:ffff:ffff:fff1  "
				       "fd00:ffff:ffff:ffff:ffff:ffff:ffff:fff2  "));
	free(p.text);
	free(a.bytes);
}

/* Where a prefix is a text it is a column; where it is a number it is a length. */
static void a_shortcut_is_shown_by_its_prefix(void **state)
{
	struct answer a = { 0 };
	struct record r;

	(void)state;
	record_init(&r);
	record_text(&r, "interface", "gre1");
	record_text(&r, "prefix", "192.168.3.0/24");
	record_text(&r, "via", "10.0.0.3");
	end_entry(&r, "up", "resolved", 5);
	record_text(&r, "base", "192.168.0.0/16");
	add_row(&a, &r);
	add_end(&a, CTL_DONE, "");
	check_text(CTL_SHOW_SHORTCUTS, a, false,
		   "INTERFACE  PREFIX          VIA       STATE  SINCE  BASE            "
		   "REASON\n"
		   "gre1       192.168.3.0/24  10.0.0.3  up     5s     192.168.0.0/16  "
		   "resolved\n");
}

static void add_step(struct answer *a, const char *step, const char *what,
		     const char *state, const char *reason)
{
	struct record r;

	record_init(&r);
	record_text(&r, "step", step);
	record_text(&r, "what", what);
	record_text(&r, "state", state);
	record_text(&r, "reason", reason);
	add_row(a, &r);
}

static void add_verdict(struct answer *a)
{
	struct record r;

	record_init(&r);
	record_text(&r, "step", "verdict");
	record_text(&r, "verdict", "no_route");
	record_bool(&r, "passes", false);
	record_text(&r, "reason", "the kernel has no route to 10.0.0.3");
	add_row(a, &r);
	add_end(a, CTL_REFUSED, "");
}

static void a_verdict_stands_below_its_steps(void **state)
{
	struct answer a = { 0 };

	(void)state;
	add_step(&a, "route", "10.0.0.3", "unreachable", "the kernel has no route");
	add_step(&a, "interface", "gre1", "up", "in use");
	add_verdict(&a);
	check_text(CTL_EXPLAIN, a, false,
		   "STEP       WHAT      STATE        REASON\n"
		   "route      10.0.0.3  unreachable  the kernel has no route\n"
		   "interface  gre1      up           in use\n"
		   "\n"
		   "no_route: the kernel has no route to 10.0.0.3\n");
}

static void a_verdict_may_stand_alone(void **state)
{
	struct answer a = { 0 };

	(void)state;
	add_verdict(&a);
	check_text(CTL_EXPLAIN, a, false,
		   "no_route: the kernel has no route to 10.0.0.3\n");
}

static void findings_say_what_and_what_to_do(void **state)
{
	struct answer a = { 0 };
	struct record r;

	(void)state;
	record_init(&r);
	record_text(&r, "severity", "warning");
	record_text(&r, "fault", "mtu");
	record_text(&r, "where", "gre1");
	record_text(&r, "what", "too large");
	record_text(&r, "fix", "ip link set gre1 mtu 1472");
	add_row(&a, &r);
	add_end(&a, CTL_REFUSED, "");
	check_text(CTL_DOCTOR, a, false,
		   "warning  gre1: too large\n         ip link set gre1 mtu 1472\n");
	check_text(CTL_DOCTOR, empty_answer(), false, "");
}

static void an_empty_table_is_a_sentence_and_an_empty_list(void **state)
{
	(void)state;
	check_text(CTL_SHOW_CACHE, empty_answer(), false, "no entries\n");
	check_text(CTL_SHOW_NHS, empty_answer(), false, "no next hop servers\n");
	check_text(CTL_SHOW_SHORTCUTS, empty_answer(), false, "no shortcuts\n");
	check_text(CTL_SHOW_ROUTES, empty_answer(), false, "no routes\n");
	check_text(CTL_SHOW_LOG, empty_answer(), false, "nothing logged yet\n");
	check_text(CTL_RELOAD, empty_answer(), false, "");
	check_json("cache", empty_answer(), NULL, "{\"schema\":1,\"cache\":[]}\n");
}

static void a_refusal_is_json_with_an_error(void **state)
{
	struct answer a = { 0 };

	(void)state;
	add_end(&a, CTL_REFUSED, "only \"root\" may");
	check_json(
		"result", a, a.end.message,
		"{\"schema\":1,\"result\":[],\"error\":\"only \\\"root\\\" may\"}\n");
}

static void add_counter(struct answer *a, const char *ifname, const char *name,
			int64_t value)
{
	struct record r;

	record_init(&r);
	if (ifname)
		record_text(&r, "interface", ifname);
	record_text(&r, "name", name);
	record_number(&r, "value", value);
	add_row(a, &r);
}

static struct answer sample_counters(void)
{
	struct answer a = { 0 };

	add_counter(&a, "gre1", "rx_packets", 1234567);
	add_counter(&a, "gre1", "drop_bad_checksum", 0);
	add_counter(&a, "gre2", "rx_packets", 7);
	add_counter(&a, NULL, "socket_packets_sent", 42);
	add_end(&a, CTL_DONE, "");
	return a;
}

static void counters_stand_by_interface_and_zeros_are_hidden(void **state)
{
	(void)state;
	check_text(CTL_SHOW_COUNTERS, sample_counters(), false,
		   "gre1\n     1234567  rx_packets\n\n"
		   "gre2\n           7  rx_packets\n\n"
		   "nhrpd\n          42  socket_packets_sent\n");
	check_text(CTL_SHOW_COUNTERS, sample_counters(), true,
		   "gre1\n     1234567  rx_packets\n           0  drop_bad_checksum\n\n"
		   "gre2\n           7  rx_packets\n\n"
		   "nhrpd\n          42  socket_packets_sent\n");
}

static void counters_that_are_all_zero_are_a_sentence(void **state)
{
	struct answer a = { 0 };

	(void)state;
	add_counter(&a, "gre1", "rx_packets", 0);
	add_end(&a, CTL_DONE, "");
	check_text(CTL_SHOW_COUNTERS, a, false, "every counter is zero\n");
}

static void a_flush_says_how_much(void **state)
{
	(void)state;
	for (int n = 0; n < 3; n++) {
		static const char *const want[] = { "flush: 0 entries\n",
						    "flush: 1 entry\n",
						    "flush: 2 entries\n" };
		struct answer a = { 0 };
		struct record r;

		record_init(&r);
		record_number(&r, "count", n);
		add_row(&a, &r);
		add_end(&a, CTL_DONE, "");
		check_text(CTL_FLUSH, a, false, want[n]);
	}
}

static void faults_are_printed_as_compilers_do(void **state)
{
	struct answer a = { 0 };
	struct record r;

	(void)state;
	record_init(&r);
	record_text(&r, "severity", "error");
	record_text(&r, "file", "/etc/nhrpd/nhrpd.conf");
	record_number(&r, "line", 12);
	record_number(&r, "column", 3);
	record_text(&r, "text", "unknown word \"mapp\": did you mean map?");
	add_row(&a, &r);
	add_end(&a, CTL_REFUSED, "1 fault");
	check_text(CTL_RELOAD, a, false,
		   "/etc/nhrpd/nhrpd.conf:12:3: error: unknown word \"mapp\": did you "
		   "mean map?\n");
}

static struct answer hostile_log(void)
{
	struct answer a = { 0 };
	struct record r;

	record_init(&r);
	record_time(&r, "time", NOW_S);
	record_text(&r, "level", "info");
	record_text(&r, "text", "a\x1b[2Jb\nc \xff d");
	add_row(&a, &r);
	add_end(&a, CTL_DONE, "");
	return a;
}

static void what_peers_wrote_does_not_steer_the_terminal(void **state)
{
	(void)state;
	check_text(CTL_SHOW_LOG, hostile_log(), false,
		   "2026-11-22 07:46:31 info  a?[2Jb?c \xff d\n");
	check_json("log", hostile_log(), NULL,
		   "{\"schema\":1,\"log\":[{\"time\":\"2026-11-22T07:46:31Z\","
		   "\"level\":\"info\",\"text\":\"a\\u001B[2Jb\\nc ? d\"}]}\n");
}

static void ages_have_two_units(void **state)
{
	static const struct {
		int64_t s;
		const char *text;
	} cases[] = {
		{ -5, "0s" },	     { 0, "0s" },	 { 59, "59s" },
		{ 60, "1m00s" },     { 3599, "59m59s" }, { 3600, "1h00m" },
		{ 86399, "23h59m" }, { 86400, "1d00h" }, { 100 * 86400, "100d00h" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct answer a = { 0 };
		struct record r;
		char want[64];

		record_init(&r);
		record_mono(&r, "since", (mono){ -cases[i].s * 1000000 });
		add_row(&a, &r);
		add_end(&a, CTL_DONE, "");
		snprintf(want, sizeof(want), "SINCE\n%s\n", cases[i].text);
		check_text(CTL_SHOW_CACHE, a, false, want);
	}
}

static void an_answer_may_come_in_any_pieces(void **state)
{
	struct answer whole = sample_cache();

	(void)state;
	for (size_t step = 1; step < 200; step++) {
		struct answer a = { 0 };

		for (size_t at = 0; at < whole.len; at += step) {
			size_t n = whole.len - at < step ? whole.len - at : step;

			assert_false(a.ended);
			assert_true(answer_add(&a, whole.bytes + at, n));
		}
		assert_true(a.ended);
		assert_int_equal(a.rows_len, whole.rows_len);
		free(a.bytes);
	}
	free(whole.bytes);
}

static void what_is_no_answer_is_refused(void **state)
{
	static const uint8_t cases[][8] = {
		{ 0, 0, 0, 0, 0 },
		{ 0xff, 0xff, 0xff, 0xff, CTL_ROW },
		{ 0, 0, 0, 2, CTL_ROW, 9 },
		{ 0, 0, 0, 2, CTL_REQUEST, 0 },
		{ 0, 0, 0, 3, CTL_END, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct answer a = { 0 };

		assert_false(answer_add(&a, cases[i], 8));
		free(a.bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_cache_in_columns),
		cmocka_unit_test(the_cache_as_json),
		cmocka_unit_test(a_column_that_says_nothing_is_left_out),
		cmocka_unit_test(details_are_shown_when_all_is_asked_for),
		cmocka_unit_test(the_longest_addresses_are_never_cut),
		cmocka_unit_test(a_shortcut_is_shown_by_its_prefix),
		cmocka_unit_test(a_verdict_stands_below_its_steps),
		cmocka_unit_test(a_verdict_may_stand_alone),
		cmocka_unit_test(findings_say_what_and_what_to_do),
		cmocka_unit_test(an_empty_table_is_a_sentence_and_an_empty_list),
		cmocka_unit_test(a_refusal_is_json_with_an_error),
		cmocka_unit_test(counters_stand_by_interface_and_zeros_are_hidden),
		cmocka_unit_test(counters_that_are_all_zero_are_a_sentence),
		cmocka_unit_test(a_flush_says_how_much),
		cmocka_unit_test(faults_are_printed_as_compilers_do),
		cmocka_unit_test(what_peers_wrote_does_not_steer_the_terminal),
		cmocka_unit_test(ages_have_two_units),
		cmocka_unit_test(an_answer_may_come_in_any_pieces),
		cmocka_unit_test(what_is_no_answer_is_refused),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
