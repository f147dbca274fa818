/* SPDX-License-Identifier: MIT */
/*
 * Unreachable routes against the running kernel, in a network namespace of the
 * test's own. Skipped where the system gives it none.
 */
#include "unit_conf.h"

#include <errno.h>
#include <stdio.h>

#include <ev.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include <nhrp/guard_route.h>
#include <nhrp/loop.h>

#include "../../src/os/nl_msg.h"
#include "unit_os.h"

#define TABLE_MAIN 254

struct fixture {
	struct unit_os os;
	struct guard_route *guard;
	struct conf *conf;
	struct mnl_socket *other; /* somebody else */
};

static int setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));

	*state = fx;
	if (!unit_namespace())
		return 0;
	fx->other = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (mnl_socket_bind(fx->other, 0, MNL_SOCKET_AUTOPID) < 0)
		return -1;
	unit_os_begin(&fx->os);
	fx->guard = guard_route_new(loop_ev(fx->os.loop), &fx->os.log);
	return fx->guard ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *fx = *state;

	guard_route_free(fx->guard);
	if (fx->other)
		mnl_socket_close(fx->other);
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

static void configure(struct fixture *fx, const char *text)
{
	struct conf *was = fx->conf;

	fx->conf = unit_conf(text);
	guard_route_conf(fx->guard, fx->conf);
	conf_free(was);
	unit_os_run_ms(&fx->os, 50);
}

/* Somebody else sends this, and waits until it is done; returns errno. */
static int send_other(struct fixture *fx, uint8_t *buf)
{
	struct nlmsghdr *h = (void *)buf;
	const struct nlmsgerr *e;
	uint8_t in[8192];

	h->nlmsg_flags |= NLM_F_ACK;
	h->nlmsg_seq = 1;
	assert_true(mnl_socket_sendto(fx->other, h, h->nlmsg_len) > 0);
	assert_true(mnl_socket_recvfrom(fx->other, in, sizeof(in)) > 0);
	e = mnl_nlmsg_get_payload((void *)in);
	return -e->error;
}

static int set_other(struct fixture *fx, const char *prefix, uint32_t table)
{
	_Alignas(8) uint8_t buf[NL_MSG_MAX];
	struct prefix dst = unit_prefix(prefix);

	assert_true(nl_msg_unreachable_set(buf, sizeof(buf), &dst, table) > 0);
	return send_other(fx, buf);
}

static int del_other(struct fixture *fx, const char *prefix, uint32_t table)
{
	_Alignas(8) uint8_t buf[NL_MSG_MAX];
	struct prefix dst = unit_prefix(prefix);

	assert_true(nl_msg_unreachable_del(buf, sizeof(buf), &dst, table) > 0);
	return send_other(fx, buf);
}

/* What cannot be made, for it is there. */
static bool is_there(struct fixture *fx, const char *prefix, uint32_t table)
{
	int error = set_other(fx, prefix, table);

	if (error == 0)
		assert_int_equal(del_other(fx, prefix, table), 0);
	else
		assert_int_equal(error, EEXIST);
	return error == EEXIST;
}

/* A machine that is busy takes its time. */
static bool becomes(struct fixture *fx, bool there, const char *prefix, uint32_t table)
{
	for (int k = 0; k < 100; k++) {
		if (is_there(fx, prefix, table) == there)
			return true;
		unit_os_run_ms(&fx->os, 50);
	}
	return false;
}

static void routes_are_there_as_long_as_the_words(void **state)
{
	struct fixture *fx = fixture(state);

	configure(fx, "interface a guard 10.0.0.0/8 fd00::/8 0.0.0.0/0\n"
		      "interface b guard 10.1.0.0/16 route-table 300\n"
		      "interface c guard 10.9.9.9/8");
	assert_true(becomes(fx, true, "10.0.0.0/8", TABLE_MAIN));
	assert_true(becomes(fx, true, "fd00::/8", TABLE_MAIN));
	assert_true(becomes(fx, true, "0.0.0.0/0", TABLE_MAIN));
	assert_true(becomes(fx, true, "10.1.0.0/16", 300));
	assert_true(becomes(fx, false, "10.1.0.0/16", TABLE_MAIN));
	configure(fx, "interface a guard fd00::/8");
	assert_true(becomes(fx, false, "10.0.0.0/8", TABLE_MAIN));
	assert_true(becomes(fx, true, "fd00::/8", TABLE_MAIN));
	assert_true(becomes(fx, false, "0.0.0.0/0", TABLE_MAIN));
	assert_true(becomes(fx, false, "10.1.0.0/16", 300));
	configure(fx, "interface a");
	assert_true(becomes(fx, false, "fd00::/8", TABLE_MAIN));
	assert_null(guard_route_problem(fx->guard));
	assert_string_equal(fx->os.logged, "");
}

static void they_outlive_the_daemon_and_are_taken_over(void **state)
{
	struct fixture *fx = fixture(state);

	configure(fx, "interface a guard 10.0.0.0/8 11.0.0.0/8");
	guard_route_free(fx->guard);
	assert_true(becomes(fx, true, "10.0.0.0/8", TABLE_MAIN));
	fx->guard = guard_route_new(loop_ev(fx->os.loop), &fx->os.log);
	configure(fx, "interface a guard 10.0.0.0/8");
	assert_true(becomes(fx, true, "10.0.0.0/8", TABLE_MAIN));
	assert_true(becomes(fx, false, "11.0.0.0/8", TABLE_MAIN));
	guard_route_free(fx->guard);
	fx->guard = guard_route_new(loop_ev(fx->os.loop), &fx->os.log);
	configure(fx, "interface a");
	assert_true(becomes(fx, false, "10.0.0.0/8", TABLE_MAIN));
}

static void what_somebody_removes_is_written_again(void **state)
{
	struct fixture *fx = fixture(state);

	configure(fx, "interface a guard 10.0.0.0/8 fd00::/8");
	unit_os_run_ms(&fx->os, 600);
	assert_int_equal(del_other(fx, "10.0.0.0/8", TABLE_MAIN), 0);
	unit_os_run_ms(&fx->os, 100);
	assert_true(becomes(fx, true, "10.0.0.0/8", TABLE_MAIN));
	assert_true(unit_os_logged(&fx->os, "unreachable route 10.0.0.0/8"));
	assert_int_equal(del_other(fx, "fd00::/8", TABLE_MAIN), 0);
	unit_os_run_ms(&fx->os, 700);
	assert_true(becomes(fx, true, "fd00::/8", TABLE_MAIN));
}

/* The same destinations with another number, or another metric. */
static void routes_of_others_are_let_be(void **state)
{
	_Alignas(8) uint8_t by_number[NL_MSG_MAX], by_metric[NL_MSG_MAX];
	struct prefix dst = unit_prefix("10.0.0.0/8");
	struct fixture *fx = fixture(state);
	struct rtmsg *rt = mnl_nlmsg_get_payload((void *)by_number);
	struct nlmsghdr *h = (void *)by_metric;
	size_t len = nl_msg_unreachable_set(by_number, NL_MSG_MAX, &dst, 300);

	rt->rtm_protocol = RTPROT_STATIC;
	assert_int_equal(send_other(fx, by_number), 0);
	len = nl_msg_unreachable_set(by_metric, NL_MSG_MAX, &dst, 301);
	/* The metric is the last attribute. */
	assert_int_equal(h->nlmsg_len, len);
	by_metric[len - 4] ^= 1;
	assert_int_equal(send_other(fx, by_metric), 0);
	configure(fx, "interface a guard 10.0.0.0/8");
	configure(fx, "interface a");
	assert_int_equal(send_other(fx, by_number), EEXIST);
	assert_int_equal(send_other(fx, by_metric), EEXIST);
}

#define IN_NAMESPACE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_NAMESPACE(routes_are_there_as_long_as_the_words),
		IN_NAMESPACE(they_outlive_the_daemon_and_are_taken_over),
		IN_NAMESPACE(what_somebody_removes_is_written_again),
		IN_NAMESPACE(routes_of_others_are_let_be),
	};

	return cmocka_run_group_tests_name("guard_route", tests, NULL, NULL);
}
