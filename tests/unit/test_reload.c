/* SPDX-License-Identifier: MIT */
/*
 * A configuration file from reading to putting in force. The engine, the
 * devices and the service manager are the ones below, which write down in which
 * order they were called.
 */
#include "unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nhrp/copier.h>
#include <nhrp/firewall.h>
#include <nhrp/guard_route.h>
#include <nhrp/hook.h>
#include <nhrp/ike.h>
#include <nhrp/nl_link.h>
#include <nhrp/nl_log.h>
#include <nhrp/service.h>

#include "daemon.h"

struct fixture {
	struct daemon d;
	struct show_sink report;
	char path[64];
	char calls[128]; /* a word each */
	uint16_t group;	 /* of the log, listened to last */
	char message[512];
	char rows[8][600]; /* key=value, each with a space behind */
	size_t row_count;
};

static struct fixture *fx;

static void note(const char *call)
{
	strncat(fx->calls, call, sizeof(fx->calls) - strlen(fx->calls) - 1);
}

void daemon_handle(struct daemon *d, const struct event *ev)
{
	assert_int_equal(ev->type, EV_CONF);
	assert_ptr_not_equal(ev->conf.conf, d->conf);
	note("engine ");
}

void daemon_flush(struct daemon *d)
{
	(void)d;
	note("flush ");
}

void nl_link_conf(struct nl_link *l, const struct conf *conf)
{
	(void)l;
	/* The last one must still live: what it alone wanted is removed. */
	if (fx->d.conf)
		assert_true(fx->d.conf->iface_count < 100);
	assert_ptr_not_equal(conf, fx->d.conf);
	note("link ");
}

void guard_route_conf(struct guard_route *g, const struct conf *conf)
{
	(void)g;
	assert_ptr_not_equal(conf, fx->d.conf);
	note("guard ");
}

void nl_log_listen(struct nl_log *l, uint16_t group)
{
	(void)l;
	fx->group = group;
	note("log ");
}

void copier_conf(struct copier *c, const struct conf *conf)
{
	(void)c;
	assert_ptr_not_equal(conf, fx->d.conf);
	note("copies ");
}

void hook_conf(struct hook *h, const char *path)
{
	(void)h;
	(void)path;
	note("script ");
}

void firewall_conf(struct firewall *f, const struct conf *conf)
{
	(void)f;
	assert_ptr_not_equal(conf, fx->d.conf);
	note("firewall ");
}

/* What it was given last has to live as long as this call. */
void ike_conf(struct ike *k, const struct conf *conf)
{
	(void)k;
	assert_ptr_not_equal(conf, fx->d.conf);
	note("ike ");
}

void service_reloading(struct service *s)
{
	(void)s;
	note("reloading ");
}

void service_ready(struct service *s)
{
	(void)s;
	note("ready ");
}

const struct log_sink *log_out_sink(const struct log_out *out)
{
	(void)out;
	return NULL;
}

static void take_row(struct show_sink *sink, const struct record *r)
{
	char *row = fx->rows[fx->row_count++];
	size_t used = 0;

	(void)sink;
	assert_true(fx->row_count <= ARRAY_SIZE(fx->rows));
	for (size_t i = 0; i < r->count; i++) {
		const struct field *f = &r->fields[i];
		size_t left = sizeof(fx->rows[0]) - used;
		int n = f->kind == FIELD_NUMBER
				? snprintf(row + used, left, "%s=%d ", f->key,
					   (int)f->number)
				: snprintf(row + used, left, "%s=%s ", f->key, f->text);

		assert_true(n > 0 && (size_t)n < left);
		used += (size_t)n;
	}
}

static void write_conf(const char *text, size_t len)
{
	FILE *f = fopen(fx->path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static bool reload_with(const char *text)
{
	write_conf(text, strlen(text));
	fx->calls[0] = 0;
	fx->row_count = 0;
	return daemon_reload(&fx->d, &fx->report, fx->message, sizeof(fx->message));
}

static int setup(void **state)
{
	int fd;

	(void)state;
	fx = calloc(1, sizeof(*fx));
	snprintf(fx->path, sizeof(fx->path), "/tmp/test_reload.XXXXXX");
	fd = mkstemp(fx->path);
	if (fd < 0)
		return -1;
	close(fd);
	fx->d.conf_path = fx->path;
	fx->report.row = take_row;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	conf_free(fx->d.conf);
	unlink(fx->path);
	free(fx);
	return 0;
}

static struct conf *begin_with(const char *text)
{
	struct conf_diags diags;
	char err[128] = "";
	struct conf *c;

	write_conf(text, strlen(text));
	c = conf_load(fx->path, &diags, err, sizeof(err));
	assert_non_null(c);
	conf_diags_free(&diags);
	daemon_apply(&fx->d, c);
	return c;
}

static void a_file_that_cannot_be_read_says_why(void **state)
{
	static const struct {
		const char *path, *wanted;
	} cases[] = {
		{ "/tmp/no-such-file-of-nhrpd", "/tmp/no-such-file-of-nhrpd cannot be "
						"read: No such file or directory" },
		{ "/tmp", "/tmp cannot be read: Is a directory" },
	};
	struct conf_diags diags;
	char err[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		err[0] = 0;
		assert_null(conf_load(cases[i].path, &diags, err, sizeof(err)));
		assert_string_equal(err, cases[i].wanted);
		assert_int_equal(diags.count, 0);
	}
}

static void a_file_without_an_end_is_refused(void **state)
{
	struct conf_diags diags;
	char err[256] = "";

	(void)state;
	assert_null(conf_load("/dev/zero", &diags, err, sizeof(err)));
	assert_non_null(strstr(err, "longer than"));
}

static void a_new_configuration_is_withdrawn_sent_and_then_built(void **state)
{
	(void)state;
	begin_with("interface gre1 holding-time 600\n");
	assert_true(reload_with("interface gre1 holding-time 700\n"));
	assert_string_equal(fx->calls, "reloading script engine flush guard link log "
				       "copies firewall ike ready ");
	assert_int_equal(fx->d.conf->ifaces[0].holding_s, 700);
	assert_string_equal(fx->message, "");
}

static void each_interface_that_differs_is_a_row(void **state)
{
	(void)state;
	begin_with("interface gre1 interface gre2\n");
	assert_true(reload_with("interface gre2 holding-time 700 interface gre3\n"));
	assert_int_equal(fx->row_count, 3);
	assert_string_equal(fx->rows[0], "interface=gre1 change=removed ");
	assert_string_equal(fx->rows[1], "interface=gre2 change=changed ");
	assert_string_equal(fx->rows[2], "interface=gre3 change=added ");
}

static void words_of_the_node_are_a_row_of_no_interface(void **state)
{
	(void)state;
	begin_with("interface gre1\n");
	assert_true(reload_with("nflog-group 5 interface gre1\n"));
	assert_int_equal(fx->row_count, 1);
	assert_string_equal(fx->rows[0], "change=changed ");
}

static void the_log_is_listened_to_where_there_is_somebody_to_redirect(void **state)
{
	(void)state;
	begin_with("nflog-group 5 interface gre1 redirect\n");
	assert_int_equal(fx->group, 5);
	assert_true(reload_with("nflog-group 5 interface gre1 shortcut\n"));
	assert_int_equal(fx->group, 0);
	assert_true(reload_with("interface gre1 redirect\n"));
	assert_int_equal(fx->group, 77);
}

static void the_same_configuration_says_so(void **state)
{
	(void)state;
	begin_with("interface gre1\n");
	assert_true(reload_with("interface gre1 # the same\n"));
	assert_string_equal(fx->message, "nothing is different");
	assert_int_equal(fx->row_count, 0);
}

static void a_fault_changes_nothing_and_is_a_row(void **state)
{
	struct conf *before = begin_with("interface gre1\n");
	char wanted[200];

	(void)state;
	assert_false(reload_with("interface gre1\n  bogus\n"));
	assert_string_equal(fx->calls, "reloading ready ");
	assert_ptr_equal(fx->d.conf, before);
	assert_non_null(strstr(fx->message, "has 1 fault: nothing was changed"));
	assert_int_equal(fx->row_count, 1);
	snprintf(wanted, sizeof(wanted),
		 "severity=error file=%s line=2 column=3 text=unknown word 'bogus'",
		 fx->path);
	assert_memory_equal(fx->rows[0], wanted, strlen(wanted));
}

static void write_secret(const char *path, const char *secret)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fchmod(fileno(f), 0600), 0);
	fputs(secret, f);
	assert_int_equal(fclose(f), 0);
}

static void a_secret_that_others_may_read_is_refused(void **state)
{
	(void)state;
	begin_with("interface gre1\n");
	assert_int_equal(chmod(fx->path, 0640), 0);
	assert_false(reload_with(
		"ipsec-profile p local auth psk id x remote auth psk psk hunter2\n"
		"interface gre1 ipsec p\n"));
	assert_int_equal(fx->row_count, 1);
	assert_non_null(strstr(fx->rows[0], "line=1 column=53 text=others may read"));
	assert_null(strstr(fx->rows[0], "hunter2"));
	/* That has no secret in it. */
	assert_true(reload_with("ipsec-profile p local auth psk id x remote auth psk\n"
				"interface gre1 ipsec p\n"));
	assert_int_equal(chmod(fx->path, 0600), 0);
	assert_true(reload_with(
		"ipsec-profile p local auth psk id x remote auth psk psk hunter2\n"
		"interface gre1 ipsec p\n"));
}

static void a_secret_is_read_from_its_file(void **state)
{
	char text[256], secret[80];

	(void)state;
	snprintf(secret, sizeof(secret), "%s.psk", fx->path);
	snprintf(text, sizeof(text),
		 "ipsec-profile p local auth psk id x remote auth psk psk-file %s\n"
		 "interface gre1 ipsec p\n",
		 secret);
	begin_with("interface gre1\n");
	assert_false(reload_with(text));
	assert_non_null(strstr(fx->rows[0], "No such file"));
	write_secret(secret, "0xabc\n");
	assert_false(reload_with(text));
	assert_non_null(strstr(fx->rows[0], "odd number"));
	write_secret(secret, "hunter2\n");
	assert_true(reload_with(text));
	assert_int_equal(fx->d.conf->profiles[0].psk.len, 7);
	assert_true(reload_with(text));
	assert_string_equal(fx->message, "nothing is different");
	write_secret(secret, "hunter3\n");
	assert_true(reload_with(text));
	assert_string_equal(fx->rows[0], "interface=gre1 change=changed ");
	unlink(secret);
}

static void a_file_that_went_away_changes_nothing(void **state)
{
	struct conf *before = begin_with("interface gre1\n");

	(void)state;
	assert_int_equal(unlink(fx->path), 0);
	assert_false(
		daemon_reload(&fx->d, &fx->report, fx->message, sizeof(fx->message)));
	assert_ptr_equal(fx->d.conf, before);
	assert_non_null(strstr(fx->message, "cannot be read"));
}

static void a_daemon_that_is_stopping_reloads_nothing(void **state)
{
	(void)state;
	begin_with("interface gre1\n");
	fx->d.stopping = true;
	assert_false(reload_with("interface gre2\n"));
	assert_string_equal(fx->calls, "");
	assert_string_equal(fx->message, "nhrpd is stopping");
}

static void without_anybody_to_report_to_it_works_too(void **state)
{
	(void)state;
	begin_with("interface gre1\n");
	write_conf("interface gre2\n", 15);
	assert_true(daemon_reload(&fx->d, NULL, fx->message, sizeof(fx->message)));
	write_conf("bogus\n", 6);
	assert_false(daemon_reload(&fx->d, NULL, fx->message, sizeof(fx->message)));
}

static void a_fault_and_a_warning_are_told_apart(void **state)
{
	const struct conf_diag fault = { CONF_ERROR, 3, 7, "no" };
	const struct conf_diag warning = { CONF_WARNING, 4, 1, "hm" };
	char line[64];

	(void)state;
	conf_diag_str(line, sizeof(line), "x.conf", &fault);
	assert_string_equal(line, "x.conf:3:7: no");
	conf_diag_str(line, sizeof(line), "x.conf", &warning);
	assert_string_equal(line, "x.conf:4:1: warning: hm");
}

#define WITH_FILE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FILE(a_file_that_cannot_be_read_says_why),
		WITH_FILE(a_file_without_an_end_is_refused),
		WITH_FILE(a_new_configuration_is_withdrawn_sent_and_then_built),
		WITH_FILE(each_interface_that_differs_is_a_row),
		WITH_FILE(words_of_the_node_are_a_row_of_no_interface),
		WITH_FILE(the_log_is_listened_to_where_there_is_somebody_to_redirect),
		WITH_FILE(the_same_configuration_says_so),
		WITH_FILE(a_fault_changes_nothing_and_is_a_row),
		WITH_FILE(a_secret_that_others_may_read_is_refused),
		WITH_FILE(a_secret_is_read_from_its_file),
		WITH_FILE(a_file_that_went_away_changes_nothing),
		WITH_FILE(a_daemon_that_is_stopping_reloads_nothing),
		WITH_FILE(without_anybody_to_report_to_it_works_too),
		cmocka_unit_test(a_fault_and_a_warning_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
