/* SPDX-License-Identifier: MIT */
/*
 * The daemon's table and its log group against the running kernel, in a network
 * namespace of the test's own. Skipped where the system gives it none, or the
 * kernel has no nf_tables.
 */
#include "unit_conf.h"

#include <stdio.h>

#include <ev.h>

#include <nhrp/firewall.h>
#include <nhrp/loop.h>
#include <nhrp/nl_log.h>

#include "unit_nft.h"
#include "unit_os.h"

#define HUB "interface gre1 redirect"

struct fixture {
	struct unit_os os;
	struct nft_ctx *nft; /* somebody else */
	struct firewall *firewall;
	struct conf *conf;
};

static bool nft(struct fixture *fx, const char *command)
{
	return unit_nft(fx->nft, command);
}

static int setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));

	*state = fx;
	if (!unit_namespace())
		return 0;
	fx->nft = unit_nft_new();
	if (!nft(fx, "list tables"))
		return 0;
	unit_os_begin(&fx->os);
	fx->firewall = firewall_new(loop_ev(fx->os.loop), &fx->os.log);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fx = *state;

	firewall_free(fx->firewall);
	if (fx->nft)
		nft_ctx_free(fx->nft);
	loop_free(fx->os.loop);
	conf_free(fx->conf);
	free(fx);
	return 0;
}

static struct fixture *fixture(void **state)
{
	struct fixture *fx = *state;

	if (!fx->os.loop)
		skip();
	return fx;
}

static void configure(struct fixture *fx, const char *words)
{
	conf_free(fx->conf);
	fx->conf = unit_conf(words);
	firewall_conf(fx->firewall, fx->conf);
}

/* The table was written, but for repairs. */
static unsigned writings(const struct fixture *fx)
{
	return unit_os_logged(&fx->os, "is written\n");
}

static bool has_table(struct fixture *fx)
{
	return nft(fx, "list chain inet nhrpd forward");
}

static void the_table_is_there_when_wanted_and_only_then(void **state)
{
	struct fixture *fx = fixture(state);

	configure(fx, "interface gre1");
	assert_false(has_table(fx));
	configure(fx, HUB);
	assert_true(has_table(fx));
	assert_null(firewall_problem(fx->firewall));
	configure(fx, "interface gre1");
	assert_false(has_table(fx));
	configure(fx, HUB);
	assert_true(has_table(fx));
	firewall_remove(fx->firewall);
	assert_false(has_table(fx));
	assert_int_equal(writings(fx), 2);
}

/* All the words that a configuration can have, as this nft takes them. */
static void every_text_is_one_that_nft_takes(void **state)
{
	static const char *const cases[] = {
		"redirect rate 1",
		"redirect rate 60000",
		"redirect prefix 1 prefix6 1",
		"redirect prefix 31 prefix6 127",
		"redirect interface a-b_c.d redirect interface 9 redirect",
		"redirect interface a23456789012345 redirect nflog-group 65535",
		"multicast nhs",
		"multicast nhs redirect",
		"multicast nhs interface a-b_c.d multicast dynamic multicast-group "
		"224.0.0.0/4 ff00::/8",
		"multicast nhs interface a23456789012345 multicast 10.0.0.1 "
		"multicast-group 239.1.1.1 255.255.255.255 ff05::1:3",
		"multicast nhs multicast-nflog-group 65535 interface b redirect",
	};
	struct fixture *fx = fixture(state);

	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		char words[200];

		snprintf(words, sizeof(words), "interface gre1 %s", cases[n]);
		configure(fx, words);
		if (firewall_problem(fx->firewall))
			fail_msg("%s: %s", words, firewall_problem(fx->firewall));
		assert_true(has_table(fx));
	}
}

static void a_reload_of_the_same_writes_nothing(void **state)
{
	struct fixture *fx = fixture(state);

	configure(fx, HUB);
	configure(fx, HUB " holding-time 60 interface lan0");
	assert_int_equal(writings(fx), 1);
	configure(fx, HUB " rate 5");
	assert_int_equal(writings(fx), 2);
}

static bool remembers_a_pair(struct fixture *fx)
{
	assert_true(nft(fx, "list set inet nhrpd ip-gre1"));
	return strstr(nft_ctx_get_output_buffer(fx->nft), "192.0.2.1 . 192.0.2.2");
}

static void what_was_sampled_can_be_forgotten(void **state)
{
	struct fixture *fx = fixture(state);

	configure(fx, HUB);
	assert_true(
		nft(fx, "add element inet nhrpd ip-gre1 { 192.0.2.1 . 192.0.2.2 }"));
	assert_true(remembers_a_pair(fx));
	firewall_forget(fx->firewall);
	assert_false(remembers_a_pair(fx));
	configure(fx, "interface gre1");
	firewall_forget(fx->firewall);
	assert_false(has_table(fx));
}

static void what_the_daemon_writes_does_not_disturb_it(void **state)
{
	struct fixture *fx = fixture(state);

	configure(fx, HUB);
	configure(fx, HUB " rate 5");
	unit_os_run_ms(&fx->os, 100);
	assert_int_equal(writings(fx), 2);
}

static void what_somebody_does_to_it_is_undone_at_once(void **state)
{
	static const char *const deeds[] = {
		"flush ruleset",
		"delete table inet nhrpd",
		"flush table inet nhrpd",
		"add rule inet nhrpd sample counter",
		"delete chain inet nhrpd forward",
	};
	struct fixture *fx = fixture(state);

	for (size_t n = 0; n < ARRAY_SIZE(deeds); n++) {
		firewall_remove(fx->firewall);
		configure(fx, HUB);
		unit_os_run_ms(&fx->os, 10);
		fx->os.logged[0] = '\0';
		assert_true(nft(fx, deeds[n]));
		unit_os_run_ms(&fx->os, 100);
		if (writings(fx) != 1)
			fail_msg("'%s': written %u times", deeds[n], writings(fx));
		assert_true(nft(fx, "list table inet nhrpd"));
		assert_null(
			strstr(nft_ctx_get_output_buffer(fx->nft), "sample counter"));
	}
}

static void between_a_write_and_its_notice_a_flush_is_seen_too(void **state)
{
	struct fixture *fx = fixture(state);

	configure(fx, HUB);
	assert_true(nft(fx, "flush ruleset"));
	assert_false(has_table(fx));
	unit_os_run_ms(&fx->os, 100);
	assert_true(has_table(fx));
	assert_int_equal(writings(fx), 2);
}

static void somebody_who_goes_on_is_answered_once_a_second(void **state)
{
	struct fixture *fx = fixture(state);
	int64_t seconds;
	mono began;

	configure(fx, HUB);
	unit_os_run_ms(&fx->os, 10);
	fx->os.logged[0] = '\0';
	began = loop_now(fx->os.loop);
	for (unsigned n = 0; n < 30; n++) {
		(void)nft(fx, "delete table inet nhrpd");
		unit_os_run_ms(&fx->os, 10);
	}
	/* Not more than one, but where this machine takes its time. */
	seconds = mono_diff_us(loop_now(fx->os.loop), began) / 1000000;
	assert_in_range(writings(fx), 1, 1 + seconds);
	unit_os_run_ms(&fx->os, 1500);
	assert_in_range(writings(fx), 2, 2 + seconds);
	assert_true(has_table(fx));
}

static void what_happens_in_other_tables_is_nobodys_business(void **state)
{
	struct fixture *fx = fixture(state);

	configure(fx, HUB);
	unit_os_run_ms(&fx->os, 10);
	assert_true(nft(fx, "table ip nhrpd { chain c { type filter hook input "
			    "priority 0; }; }"));
	assert_true(nft(fx, "table inet nhrpd2 { set s { type ipv4_addr; }; }"));
	assert_true(nft(fx, "delete table ip nhrpd"));
	unit_os_run_ms(&fx->os, 100);
	assert_int_equal(writings(fx), 1);
}

static void a_predecessors_table_is_replaced_or_removed(void **state)
{
	struct fixture *fx = fixture(state);

	configure(fx, HUB);
	firewall_free(fx->firewall);
	assert_true(has_table(fx));
	fx->firewall = firewall_new(loop_ev(fx->os.loop), &fx->os.log);
	configure(fx, HUB " rate 5");
	assert_true(has_table(fx));
	assert_int_equal(writings(fx), 2);
	firewall_free(fx->firewall);
	fx->firewall = firewall_new(loop_ev(fx->os.loop), &fx->os.log);
	configure(fx, "interface gre1");
	assert_false(has_table(fx));
}

static void a_manual_firewall_is_left_alone(void **state)
{
	struct fixture *fx = fixture(state);

	assert_true(nft(fx, "table inet nhrpd { chain forward { }; }"));
	configure(fx, "firewall manual nflog-group 5 " HUB);
	assert_true(has_table(fx));
	firewall_remove(fx->firewall);
	assert_true(has_table(fx));
	configure(fx, HUB);
	configure(fx, "firewall manual nflog-group 5 " HUB);
	assert_false(has_table(fx));
}

/* A table that its owner's socket keeps cannot be replaced. */
static void a_table_that_cannot_be_written_is_told_once(void **state)
{
	struct fixture *fx = fixture(state);

	if (!nft(fx, "table inet nhrpd { flags owner; }"))
		skip();
	configure(fx, HUB);
	assert_non_null(firewall_problem(fx->firewall));
	assert_true(unit_os_logged(&fx->os, "table inet nhrpd cannot be written"));
	fx->os.logged[0] = '\0';
	configure(fx, HUB " rate 5");
	assert_string_equal(fx->os.logged, "");
	nft_ctx_free(fx->nft); /* and its table with it */
	fx->nft = unit_nft_new();
	configure(fx, HUB " rate 5");
	assert_null(firewall_problem(fx->firewall));
	assert_true(has_table(fx));
}

/* --- the log group */

static void drop_event(void *ctx, const struct event *ev)
{
	(void)ctx;
	(void)ev;
}

static void a_group_that_another_listens_to_is_told(void **state)
{
	struct fixture *fx = fixture(state);
	const struct event_sink sink = { fx, drop_event };
	struct nl_log *one = nl_log_samples(loop_ev(fx->os.loop), &sink, &fx->os.log);
	struct nl_log *two = nl_log_samples(loop_ev(fx->os.loop), &sink, &fx->os.log);

	nl_log_listen(one, 5);
	nl_log_listen(two, 5);
	unit_os_run_ms(&fx->os, 50);
	assert_null(nl_log_problem(one));
	assert_non_null(strstr(nl_log_problem(two), "nflog-group"));
	assert_true(unit_os_logged(&fx->os, "group 5"));
	nl_log_listen(one, 6);
	nl_log_listen(two, 0);
	assert_null(nl_log_problem(two));
	nl_log_listen(two, 5);
	unit_os_run_ms(&fx->os, 50);
	assert_null(nl_log_problem(one));
	assert_null(nl_log_problem(two));
	nl_log_free(two);
	nl_log_free(one);
}

#define IN_NAMESPACE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_NAMESPACE(the_table_is_there_when_wanted_and_only_then),
		IN_NAMESPACE(every_text_is_one_that_nft_takes),
		IN_NAMESPACE(a_reload_of_the_same_writes_nothing),
		IN_NAMESPACE(what_was_sampled_can_be_forgotten),
		IN_NAMESPACE(what_the_daemon_writes_does_not_disturb_it),
		IN_NAMESPACE(what_somebody_does_to_it_is_undone_at_once),
		IN_NAMESPACE(between_a_write_and_its_notice_a_flush_is_seen_too),
		IN_NAMESPACE(somebody_who_goes_on_is_answered_once_a_second),
		IN_NAMESPACE(what_happens_in_other_tables_is_nobodys_business),
		IN_NAMESPACE(a_predecessors_table_is_replaced_or_removed),
		IN_NAMESPACE(a_manual_firewall_is_left_alone),
		IN_NAMESPACE(a_table_that_cannot_be_written_is_told_once),
		IN_NAMESPACE(a_group_that_another_listens_to_is_told),
	};

	return cmocka_run_group_tests_name("firewall", tests, NULL, NULL);
}
