/* SPDX-License-Identifier: MIT */
/*
 * The handlers alone: the server, the engine and the loop they call are the
 * ones below, which write down what they were asked.
 */
#include "unit.h"

#include <stdio.h>
#include <unistd.h>

#include <nhrp/copier.h>
#include <nhrp/firewall.h>

#include "ctl_cmds.h"
#include "ctl_list.h"

#define TOKEN	    77
#define NOT_ALLOWED 12345 /* a uid that may only look */

struct seen {
	unsigned ends, rows, events, reloads, shows;
	enum ctl_status status;
	char message[CTL_MESSAGE_MAX];
	struct record row; /* the last one */
	struct ev_command command;
	enum show_table table;
	struct selector selector;
	bool engine_refuses, engine_waits;
	bool forgotten; /* what was sampled */
	struct addr explained;
	bool is_stopped; /* what is explained does not pass */
	int findings;
};

static struct seen seen;

static struct daemon *the_daemon(void)
{
	static struct daemon d;

	return &d;
}

mono loop_now(const struct loop *l)
{
	(void)l;
	return (mono){ 5 };
}

int64_t loop_wall_us(const struct loop *l)
{
	(void)l;
	return 7;
}

void ctl_server_row(struct ctl_server *s, uint32_t token, const struct record *r,
		    mono now, int64_t now_time_us)
{
	(void)s;
	assert_int_equal(token, TOKEN);
	assert_int_equal(now.us, 5);
	assert_int_equal(now_time_us, 7);
	assert_int_equal(seen.ends, 0);
	record_copy(&seen.row, r);
	seen.rows++;
}

void ctl_server_end(struct ctl_server *s, uint32_t token, enum ctl_status status,
		    const char *message)
{
	(void)s;
	assert_int_equal(token, TOKEN);
	seen.ends++;
	seen.status = status;
	snprintf(seen.message, sizeof(seen.message), "%s", message);
}

void engine_show(const struct engine *e, enum show_table table,
		 const struct selector *sel, struct show_sink *sink, mono now)
{
	struct record r;

	(void)e;
	(void)now;
	seen.shows++;
	seen.table = table;
	seen.selector = *sel;
	record_init(&r);
	record_text(&r, "interface", "gre1");
	sink->row(sink, &r);
	sink->row(sink, &r);
}

void ctl_list_cache(struct daemon *d, uint32_t token, const struct selector *sel)
{
	struct ctl_server *none = NULL;
	struct record r;

	seen.shows++;
	seen.table = SHOW_CACHE;
	seen.selector = *sel;
	record_init(&r);
	record_text(&r, "interface", "gre1");
	ctl_server_row(none, token, &r, loop_now(d->loop), 7);
	ctl_server_row(none, token, &r, loop_now(d->loop), 7);
	ctl_server_end(none, token, CTL_DONE, "");
}

void daemon_handle(struct daemon *d, const struct event *ev)
{
	struct act_answer answer = { .token = ev->command.token, .reason = "" };

	assert_int_equal(ev->type, EV_COMMAND);
	seen.events++;
	seen.command = ev->command;
	if (seen.engine_waits)
		return;
	answer.ok = !seen.engine_refuses;
	answer.count = 3;
	if (seen.engine_refuses)
		answer.reason = "no such interface";
	ctl_cmds_answer(d, &answer);
}

bool daemon_reload(struct daemon *d, struct show_sink *report, char *message,
		   size_t cap)
{
	struct record r;

	(void)d;
	seen.reloads++;
	record_init(&r);
	record_text(&r, "severity", "error");
	report->row(report, &r);
	snprintf(message, cap, "1 fault");
	return false;
}

void daemon_show_counters(const struct daemon *d, struct show_sink *sink)
{
	struct record r;

	(void)d;
	record_init(&r);
	record_text(&r, "name", "socket_packets_sent");
	sink->row(sink, &r);
}

void copier_show_table(const struct copier *c, const char *ifname,
		       struct show_sink *sink)
{
	struct record r;

	(void)c;
	assert_string_equal(ifname, "gre1");
	record_init(&r);
	record_text(&r, "group", "224.0.0.5");
	sink->row(sink, &r);
}

void firewall_show_multicast(const struct firewall *f, const char *ifname,
			     struct show_sink *sink)
{
	struct record r;

	(void)f;
	assert_string_equal(ifname, "gre1");
	record_init(&r);
	record_text(&r, "state", "refused");
	sink->row(sink, &r);
}

void firewall_forget(struct firewall *f)
{
	(void)f;
	seen.forgotten = true;
}

void daemon_measure(struct daemon *d, const struct ctl_parsed *cmd,
		    struct ike_measured then)
{
	(void)d;
	(void)cmd;
	then.done(then.ctx, false);
}

void daemon_show_peers(const struct daemon *d, const struct selector *sel,
		       struct show_sink *sink)
{
	engine_show(d->engine, SHOW_PEERS, sel, sink, (mono){ 0 });
}

bool daemon_explain(const struct daemon *d, const struct addr *dst,
		    struct show_sink *sink)
{
	struct record r;

	(void)d;
	seen.explained = *dst;
	record_init(&r);
	record_text(&r, "step", "verdict");
	sink->row(sink, &r);
	return !seen.is_stopped;
}

int daemon_doctor(struct daemon *d, struct show_sink *sink)
{
	struct record r;

	(void)d;
	record_init(&r);
	record_text(&r, "fault", "mtu");
	for (int k = 0; k < seen.findings; k++)
		sink->row(sink, &r);
	return seen.findings;
}

static void ask_as(uid_t uid, const char *line)
{
	struct ctl_handler handler = ctl_cmds_handler(the_daemon());
	struct ctl_request request = { .version = CTL_VERSION };
	char copy[128];

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *w = strtok(copy, " "); w; w = strtok(NULL, " "))
		request.words[request.word_count++] = w;
	handler.request(handler.ctx, TOKEN, uid, &request);
}

static void check_end(enum ctl_status status, const char *said)
{
	assert_int_equal(seen.ends, 1);
	assert_int_equal(seen.status, status);
	if (!strstr(seen.message, said))
		fail_msg("said: %s", seen.message);
}

static void each_table_is_walked_with_its_selector(void **state)
{
	static const struct {
		const char *line;
		enum show_table table;
	} cases[] = {
		{ "show cache interface gre9", SHOW_CACHE },
		{ "show nhs interface gre9", SHOW_NHS },
		{ "show peers interface gre9", SHOW_PEERS },
		{ "show shortcuts interface gre9", SHOW_SHORTCUTS },
		{ "show routes interface gre9", SHOW_ROUTES },
		{ "show interfaces interface gre9", SHOW_INTERFACES },
		{ "show counters interface gre9", SHOW_COUNTERS },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		seen = (struct seen){ 0 };
		ask_as(NOT_ALLOWED, cases[i].line);
		check_end(CTL_DONE, "");
		assert_int_equal(seen.rows, 2);
		assert_int_equal(seen.table, cases[i].table);
		assert_string_equal(seen.selector.ifname, "gre9");
	}
}

static void counters_of_adapters_follow_unless_an_interface_is_named(void **state)
{
	(void)state;
	seen = (struct seen){ 0 };
	ask_as(NOT_ALLOWED, "show counters");
	assert_int_equal(seen.rows, 3);
	assert_non_null(record_find(&seen.row, "name"));
	seen = (struct seen){ 0 };
	ask_as(NOT_ALLOWED, "show counters dev gre1");
	assert_int_equal(seen.rows, 2);
}

/* Scripts ask by the exit status; the rows have said the rest. */
static void an_explanation_ends_as_its_verdict(void **state)
{
	(void)state;
	for (int stopped = 0; stopped < 2; stopped++) {
		seen = (struct seen){ .is_stopped = stopped };
		ask_as(NOT_ALLOWED, "explain 192.168.3.10");
		check_end(stopped ? CTL_REFUSED : CTL_DONE, "");
		assert_string_equal(seen.message, "");
		assert_int_equal(seen.rows, 1);
		assert_string_equal(ADDR_STR(&seen.explained), "192.168.3.10");
	}
}

static void the_doctor_is_content_without_findings(void **state)
{
	static const struct {
		int findings;
		enum ctl_status status;
		const char *said;
	} cases[] = {
		{ 0, CTL_DONE, "" },
		{ 2, CTL_REFUSED, "" },
		{ -1, CTL_REFUSED, "the kernel" },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		seen = (struct seen){ .findings = cases[k].findings };
		ask_as(NOT_ALLOWED, "doctor");
		check_end(cases[k].status, cases[k].said);
		if (!cases[k].said[0])
			assert_string_equal(seen.message, "");
		assert_int_equal((int)seen.rows,
				 cases[k].findings > 0 ? cases[k].findings : 0);
	}
}

static void commands_that_change_reach_the_engine(void **state)
{
	static const struct {
		const char *line;
		enum command command;
	} cases[] = {
		{ "flush protocol 10.0.0.2", CMD_FLUSH },
		{ "purge protocol 10.0.0.2", CMD_PURGE },
		{ "lowerdown protocol 10.0.0.2", CMD_LOWERDOWN },
		{ "redirect purge 10.0.0.2", CMD_REDIRECT_PURGE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		seen = (struct seen){ 0 };
		ask_as(0, cases[i].line);
		check_end(CTL_DONE, "");
		assert_int_equal(seen.command.command, cases[i].command);
		assert_true(seen.command.selector.has_protocol);
		assert_int_equal(seen.rows, 1);
		assert_int_equal(record_find(&seen.row, "count")->number, 3);
	}
}

static void a_redirect_purge_makes_the_kernel_sample_anew(void **state)
{
	(void)state;
	seen = (struct seen){ 0 };
	ask_as(0, "flush");
	assert_false(seen.forgotten);
	seen = (struct seen){ 0 };
	ask_as(0, "redirect purge");
	assert_true(seen.forgotten);
}

static void what_the_engine_refuses_is_passed_on(void **state)
{
	(void)state;
	seen = (struct seen){ .engine_refuses = true };
	ask_as(0, "flush interface gre9");
	check_end(CTL_REFUSED, "no such interface");
	assert_int_equal(seen.rows, 0);
}

static void a_resolution_is_answered_when_it_is_known(void **state)
{
	struct act_answer answer = { .token = TOKEN, .ok = true, .reason = "" };

	(void)state;
	seen = (struct seen){ .engine_waits = true };
	ask_as(0, "resolve 10.0.0.3 interface gre1");
	assert_int_equal(seen.command.command, CMD_RESOLVE);
	assert_string_equal(ADDR_STR(&seen.command.target), "10.0.0.3");
	assert_string_equal(seen.command.selector.ifname, "gre1");
	assert_int_equal(seen.ends, 0);

	answer.protocol = unit_prefix("10.0.0.3/32");
	answer.nbma = unit_addr("203.0.113.3");
	answer.claimed = unit_addr("192.168.0.3");
	answer.hold_s = 600;
	ctl_cmds_answer(the_daemon(), &answer);
	check_end(CTL_DONE, "");
	assert_string_equal(record_find(&seen.row, "protocol")->text, "10.0.0.3");
	assert_int_equal(record_find(&seen.row, "prefix")->number, 32);
	assert_string_equal(record_find(&seen.row, "nbma")->text, "203.0.113.3");
	assert_string_equal(record_find(&seen.row, "claimed_nbma")->text,
			    "192.168.0.3");
	assert_int_equal(record_find(&seen.row, "holding_s")->number, 600);
}

static void a_failed_reload_reports_its_faults(void **state)
{
	(void)state;
	seen = (struct seen){ 0 };
	ask_as(0, "reload");
	check_end(CTL_REFUSED, "1 fault");
	assert_int_equal(seen.rows, 1);
	assert_string_equal(record_find(&seen.row, "severity")->text, "error");
}

static void only_root_and_the_daemon_itself_may_change(void **state)
{
	static const char *const lines[] = {
		"flush", "purge", "lowerdown", "redirect purge", "resolve 10.0.0.3",
		"reload"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		seen = (struct seen){ 0 };
		ask_as(NOT_ALLOWED, lines[i]);
		check_end(CTL_REFUSED, "only root may");
		assert_int_equal(seen.events + seen.reloads, 0);
		seen = (struct seen){ 0 };
		ask_as(geteuid(), lines[i]);
		assert_int_equal(seen.events + seen.reloads, 1);
	}
}

static void wrong_usage_is_answered_as_such(void **state)
{
	(void)state;
	seen = (struct seen){ 0 };
	ask_as(0, "shwo cache");
	check_end(CTL_USAGE, "\"shwo\" is no command");
	assert_int_equal(seen.shows, 0);
}

static void another_version_is_told_what_to_do(void **state)
{
	struct ctl_handler handler = ctl_cmds_handler(the_daemon());
	struct ctl_request request = { .version = CTL_VERSION + 1 };

	(void)state;
	seen = (struct seen){ 0 };
	handler.request(handler.ctx, TOKEN, 0, &request);
	check_end(CTL_REFUSED, "restart nhrpd");
}

static void the_log_is_shown_oldest_first(void **state)
{
	(void)state;
	seen = (struct seen){ 0 };
	ask_as(NOT_ALLOWED, "show log");
	check_end(CTL_DONE, "");
	assert_true(seen.rows > 1);
	assert_string_equal(record_find(&seen.row, "level")->text, "warn");
	assert_string_equal(record_find(&seen.row, "text")->text, "the last line");
	assert_int_equal(record_find(&seen.row, "time")->kind, FIELD_TIME);
}

static int setup(void **state)
{
	int fd = dup(STDERR_FILENO);

	(void)state;
	the_daemon()->log = log_out_new(fd, LOG_LEVEL_INFO);
	close(fd); /* lines are kept, and printed nowhere */
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	log_out_free(the_daemon()->log);
	return 0;
}

static int log_two_lines(void **state)
{
	const struct log_sink *sink = log_out_sink(the_daemon()->log);

	(void)state;
	log_to(sink, LOG_LEVEL_INFO, "a first line");
	log_to(sink, LOG_LEVEL_WARN, "the last line");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_table_is_walked_with_its_selector),
		cmocka_unit_test(
			counters_of_adapters_follow_unless_an_interface_is_named),
		cmocka_unit_test(an_explanation_ends_as_its_verdict),
		cmocka_unit_test(the_doctor_is_content_without_findings),
		cmocka_unit_test(commands_that_change_reach_the_engine),
		cmocka_unit_test(a_redirect_purge_makes_the_kernel_sample_anew),
		cmocka_unit_test(what_the_engine_refuses_is_passed_on),
		cmocka_unit_test(a_resolution_is_answered_when_it_is_known),
		cmocka_unit_test(a_failed_reload_reports_its_faults),
		cmocka_unit_test(only_root_and_the_daemon_itself_may_change),
		cmocka_unit_test(wrong_usage_is_answered_as_such),
		cmocka_unit_test(another_version_is_told_what_to_do),
		cmocka_unit_test_setup(the_log_is_shown_oldest_first, log_two_lines),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
