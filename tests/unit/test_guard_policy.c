/* SPDX-License-Identifier: MIT */
/*
 * The guard's policies against the running kernel, in a network namespace of the
 * test's own: whose packets meet them, and how long they are there. Skipped where the
 * system gives no namespace or the kernel has no IPsec; the lab's scenario `guard`
 * says the same of real tunnels. GRE is made by hand here and sent to ourselves: the
 * kernel looks for its key when it comes, but takes what a program sends as without.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <ev.h>
#include <libmnl/libmnl.h>
#include <linux/xfrm.h>

#include <nhrp/loop.h>

#include "../../src/os/guard_policy.h"
#include "../../src/os/nl_msg.h"
#include "../../src/os/nl_xfrm_msg.h"
#include "unit_guard.h"
#include "unit_os.h"

#define GRE_CSUM 0x80
#define GRE_KEY	 0x20

struct fixture {
	struct unit_os os;
	struct guard_policy *guard;
	struct mnl_socket *other; /* somebody else */
	int raw;		  /* sends and hears GRE */
};

static int setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));

	*state = fx;
	if (!unit_namespace())
		return 0;
	fx->other = mnl_socket_open2(NETLINK_XFRM, SOCK_CLOEXEC);
	if (!fx->other || !unit_loopback_policies())
		return 0;
	if (mnl_socket_bind(fx->other, 0, MNL_SOCKET_AUTOPID) < 0)
		return -1;
	fx->raw = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_GRE);
	unit_loopback_up(fx->raw);
	unit_os_begin(&fx->os);
	fx->guard = guard_policy_new(loop_ev(fx->os.loop), &fx->os.log);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fx = *state;

	guard_policy_free(fx->guard);
	if (fx->other)
		mnl_socket_close(fx->other);
	if (fx->raw > 0)
		close(fx->raw);
	loop_free(fx->os.loop);
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

static unsigned repairs(const struct fixture *fx)
{
	return unit_os_logged(&fx->os, "written again");
}

/* --- what is guarded */

static void guard_one(struct fixture *fx, struct guard_match m)
{
	guard_policy_set(fx->guard, &m, 1, NULL, 0);
	assert_null(guard_policy_problem(fx->guard));
}

static void guard_none(struct fixture *fx)
{
	guard_policy_set(fx->guard, NULL, 0, NULL, 0);
	assert_null(guard_policy_problem(fx->guard));
}

/* --- somebody else */

/* Sends this and hears all there is to hear; returns errno. */
static int ask(struct fixture *fx, void *request,
	       int (*each)(const struct nlmsghdr *h, void *ctx), void *ctx)
{
	struct nlmsghdr *h = request;
	_Alignas(8) uint8_t in[16384];
	int rc = MNL_CB_OK;

	h->nlmsg_flags |= NLM_F_ACK;
	h->nlmsg_seq = 1;
	assert_true(mnl_socket_sendto(fx->other, h, h->nlmsg_len) > 0);
	while (rc > MNL_CB_STOP) {
		ssize_t n = mnl_socket_recvfrom(fx->other, in, sizeof(in));

		assert_true(n > 0);
		rc = mnl_cb_run(in, (size_t)n, 1, mnl_socket_get_portid(fx->other),
				each, ctx);
	}
	return rc < 0 ? errno : 0;
}

struct found {
	size_t count, own;
	struct nl_policy last; /* of ours */
};

static int count_policy(const struct nlmsghdr *h, void *ctx)
{
	struct found *f = ctx;
	struct nl_policy p;

	assert_true(nl_xfrm_msg_parse(&p, h));
	f->count++;
	f->own += p.own;
	if (p.own)
		f->last = p;
	return MNL_CB_OK;
}

static struct found look(struct fixture *fx)
{
	_Alignas(8) uint8_t buf[NL_MSG_MAX];
	struct found f = { 0 };

	assert_true(nl_xfrm_msg_dump(buf, sizeof(buf)) > 0);
	assert_int_equal(ask(fx, buf, count_policy, &f), 0);
	return f;
}

static struct nl_block block(bool out, const char *local, uint32_t key)
{
	return (struct nl_block){ out, unit_prefix(local), key };
}

static bool is_there(struct fixture *fx, struct nl_block b)
{
	_Alignas(8) uint8_t buf[NL_MSG_MAX];
	struct found f = { 0 };

	assert_true(nl_xfrm_msg_get(buf, sizeof(buf), &b) > 0);
	return ask(fx, buf, count_policy, &f) == 0 && f.own == 1;
}

/* A policy of somebody else's: with a block's whole key in the place of one. */
static void put(struct fixture *fx, struct nl_block b, uint32_t priority,
		uint16_t key_mask)
{
	_Alignas(8) uint8_t buf[NL_MSG_MAX];
	struct xfrm_userpolicy_info *p;

	assert_true(nl_xfrm_msg_set(buf, sizeof(buf), &b) > 0);
	p = mnl_nlmsg_get_payload((struct nlmsghdr *)buf);
	p->priority = priority;
	p->action = XFRM_POLICY_ALLOW;
	p->sel.sport_mask = p->sel.dport_mask = key_mask;
	assert_int_equal(ask(fx, buf, NULL, NULL), 0);
}

static void flush(struct fixture *fx)
{
	_Alignas(8) uint8_t buf[NL_MSG_MAX];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);

	h->nlmsg_type = XFRM_MSG_FLUSHPOLICY;
	h->nlmsg_flags = NLM_F_REQUEST;
	assert_int_equal(ask(fx, buf, NULL, NULL), 0);
}

static void delete_by_selector(struct fixture *fx)
{
	const struct nl_block b = block(false, "127.0.0.1", 42);
	_Alignas(8) uint8_t buf[NL_MSG_MAX];

	assert_true(nl_xfrm_msg_get(buf, sizeof(buf), &b) > 0);
	((struct nlmsghdr *)buf)->nlmsg_type = XFRM_MSG_DELPOLICY;
	assert_int_equal(ask(fx, buf, NULL, NULL), 0);
}

static void delete_by_number(struct fixture *fx)
{
	const struct nl_policy p = look(fx).last;
	_Alignas(8) uint8_t buf[NL_MSG_MAX];

	assert_true(nl_xfrm_msg_del(buf, sizeof(buf), &p) > 0);
	assert_int_equal(ask(fx, buf, NULL, NULL), 0);
}

static void replace(struct fixture *fx)
{
	put(fx, block(false, "127.0.0.1", 42), 1, UINT16_MAX);
}

/* --- packets */

static size_t put32(uint8_t *packet, size_t at, uint32_t value)
{
	uint32_t net = htonl(value);

	memcpy(packet + at, &net, sizeof(net));
	return at + sizeof(net);
}

/* Some octets in GRE to an address of ours, from the same; do they arrive? */
static bool passes(struct fixture *fx, const char *addr, uint8_t flags, uint32_t key)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	uint8_t packet[64] = { flags, 0, 0x08, 0x00 }, heard[128];
	size_t len = 4;

	if (flags & GRE_CSUM)
		len = put32(packet, len, 0);
	if (flags & GRE_KEY)
		len = put32(packet, len, key);
	inet_pton(AF_INET, addr, &to.sin_addr);
	assert_int_equal(bind(fx->raw, (void *)&to, sizeof(to)), 0);
	(void)!sendto(fx->raw, packet, len + 20, 0, (void *)&to, sizeof(to));
	return recv(fx->raw, heard, sizeof(heard), 0) > 0;
}

static void what_comes_to_a_tunnel_is_blocked_and_nothing_else(void **state)
{
	struct fixture *fx = fixture(state);

	guard_one(fx, unit_guard_match("gre1", 0xfffe002a, 7, "127.0.0.1"));
	assert_false(passes(fx, "127.0.0.1", GRE_KEY, 0xfffe002a));
	assert_false(passes(fx, "127.0.0.1", GRE_KEY | GRE_CSUM, 0xfffe002a));
	assert_true(passes(fx, "127.0.0.1", GRE_KEY, 42));
	assert_true(passes(fx, "127.0.0.1", GRE_KEY, 0xfffe0000));
	assert_true(passes(fx, "127.0.0.1", GRE_KEY | GRE_CSUM, 43));
	assert_true(passes(fx, "127.0.0.1", 0, 0));
	assert_true(passes(fx, "127.0.0.2", GRE_KEY, 0xfffe002a));
}

static void what_leaves_without_a_key_is_blocked_from_there(void **state)
{
	struct fixture *fx = fixture(state);
	struct guard_match m = unit_guard_match("gre1", 42, 42, "127.0.0.1");

	m.out_has_key = false;
	guard_one(fx, m);
	assert_false(passes(fx, "127.0.0.1", 0, 0));
	assert_true(passes(fx, "127.0.0.2", 0, 0));
	m.in_has_key = false;
	m.out_has_key = true;
	guard_one(fx, m);
	assert_false(passes(fx, "127.0.0.1", 0, 0));
	assert_true(passes(fx, "127.0.0.1", GRE_KEY, 42));
	assert_true(passes(fx, "127.0.0.2", 0, 0));
}

static void without_an_address_each_of_this_machine_is_guarded(void **state)
{
	struct fixture *fx = fixture(state);
	const struct guard_match m = unit_guard_match("gre1", 42, 43, NULL);
	struct addr own[] = { unit_addr("127.0.0.2"), unit_addr("2001:db8::1"),
			      unit_addr("127.0.0.3") };

	guard_policy_set(fx->guard, &m, 1, own, 2);
	assert_int_equal(look(fx).own, 4);
	assert_true(is_there(fx, block(false, "0.0.0.0/0", 42)));
	assert_true(is_there(fx, block(false, "::/0", 42)));
	assert_true(is_there(fx, block(true, "127.0.0.2", 43)));
	assert_true(is_there(fx, block(true, "2001:db8::1", 43)));
	assert_false(passes(fx, "127.0.0.9", GRE_KEY, 42));
	assert_true(passes(fx, "127.0.0.9", GRE_KEY, 43));
	/* Another address, and one that is gone. */
	guard_policy_set(fx->guard, &m, 1, own + 1, 2);
	assert_int_equal(look(fx).own, 4);
	assert_true(is_there(fx, block(true, "127.0.0.3", 43)));
	assert_false(is_there(fx, block(true, "127.0.0.2", 43)));
}

static void what_was_blocked_is_known_by_tunnel_and_in_all(void **state)
{
	struct fixture *fx = fixture(state);
	const struct guard_match list[] = {
		unit_guard_match("gre1", 42, 42, "127.0.0.1"),
		unit_guard_match("gre2", 43, 43, "127.0.0.1")
	};
	struct guard_blocked before = guard_policy_blocked();

	guard_policy_set(fx->guard, list, 2, NULL, 0);
	guard_policy_ask(fx->guard);
	assert_int_equal(guard_policy_use(fx->guard, "gre2").in, 0);
	assert_false(passes(fx, "127.0.0.1", GRE_KEY, 43));
	assert_false(passes(fx, "127.0.0.1", GRE_KEY, 43));
	guard_policy_ask(fx->guard);
	assert_int_equal(guard_policy_use(fx->guard, "gre1").in, 0);
	assert_in_range(time(NULL) - guard_policy_use(fx->guard, "gre2").in, 0, 5);
	assert_int_equal(guard_policy_use(fx->guard, "gre2").out, 0);
	assert_int_equal(guard_policy_blocked().in, before.in + 2);
	assert_int_equal(guard_policy_blocked().out, before.out);
}

/* --- how long they are there */

static void they_are_there_as_long_as_something_is_guarded(void **state)
{
	struct fixture *fx = fixture(state);
	const struct guard_match list[] = {
		unit_guard_match("gre1", 42, 42, "127.0.0.1"),
		unit_guard_match("gre1", 43, 43, "127.0.0.2"),
		unit_guard_match("gre2", 43, 43, "127.0.0.2"),
		unit_guard_match("gre3", 9, 9, "2001:db8::1")
	};

	guard_none(fx);
	assert_int_equal(look(fx).count, 0);
	guard_policy_set(fx->guard, list, ARRAY_SIZE(list), NULL, 0);
	assert_int_equal(look(fx).own, 6);
	guard_policy_set(fx->guard, list + 2, 1, NULL, 0);
	assert_int_equal(look(fx).own, 2);
	assert_true(is_there(fx, block(true, "127.0.0.2", 43)));
	guard_none(fx);
	assert_int_equal(look(fx).count, 0);
}

static void they_outlive_the_daemon_and_are_taken_over(void **state)
{
	struct fixture *fx = fixture(state);

	guard_one(fx, unit_guard_match("gre1", 42, 42, "127.0.0.1"));
	guard_policy_free(fx->guard);
	assert_false(passes(fx, "127.0.0.1", GRE_KEY, 42));
	fx->guard = guard_policy_new(loop_ev(fx->os.loop), &fx->os.log);
	assert_false(passes(fx, "127.0.0.1", GRE_KEY, 42));
	guard_one(fx, unit_guard_match("gre1", 42, 42, "127.0.0.2"));
	assert_int_equal(look(fx).own, 2);
	assert_true(passes(fx, "127.0.0.1", GRE_KEY, 42));
	assert_false(passes(fx, "127.0.0.2", GRE_KEY, 42));
	guard_policy_free(fx->guard);
	fx->guard = guard_policy_new(loop_ev(fx->os.loop), &fx->os.log);
	guard_none(fx);
	assert_int_equal(look(fx).count, 0);
}

static void what_somebody_does_to_them_is_undone_at_once(void **state)
{
	static void (*const deeds[])(struct fixture *) = { flush, delete_by_selector,
							   delete_by_number, replace };
	struct fixture *fx = fixture(state);

	guard_one(fx, unit_guard_match("gre1", 42, 42, "127.0.0.1"));
	for (unsigned n = 0; n < ARRAY_SIZE(deeds); n++) {
		deeds[n](fx);
		unit_os_run_ms(&fx->os, 20);
		if (look(fx).own != 2)
			fail_msg("deed %u was not undone", n);
		assert_false(passes(fx, "127.0.0.1", GRE_KEY, 42));
		assert_int_equal(repairs(fx), n + 1);
		unit_os_run_ms(&fx->os, 150);
	}
	assert_int_equal(repairs(fx), ARRAY_SIZE(deeds));
	/* Whoever does it again and again is not answered as often. */
	flush(fx);
	unit_os_run_ms(&fx->os, 10);
	flush(fx);
	unit_os_run_ms(&fx->os, 10);
	assert_int_equal(look(fx).own, 0);
	unit_os_run_ms(&fx->os, 150);
	assert_int_equal(look(fx).own, 2);
	assert_int_equal(repairs(fx), ARRAY_SIZE(deeds) + 2);
}

static void policies_of_others_are_let_be(void **state)
{
	struct fixture *fx = fixture(state);

	put(fx, block(false, "127.0.0.1", 42), 366975, 0);
	put(fx, block(false, "127.0.0.1", 43), NL_BLOCK_PRIORITY, UINT16_MAX);
	put(fx, block(true, "127.0.0.9", 42), NL_BLOCK_PRIORITY - 1, UINT16_MAX);
	guard_one(fx, unit_guard_match("gre1", 42, 42, "127.0.0.1"));
	assert_int_equal(look(fx).count, 5);
	/* One of lower number takes the packets first, as an SA's does. */
	assert_true(passes(fx, "127.0.0.1", GRE_KEY, 42));
	put(fx, block(true, "127.0.0.8", 42), 366975, 0);
	unit_os_run_ms(&fx->os, 20);
	assert_int_equal(repairs(fx), 0);
	guard_none(fx);
	assert_int_equal(look(fx).count, 4);
	assert_int_equal(look(fx).own, 0);
}

static void what_cannot_be_written_is_told(void **state)
{
	struct fixture *fx = fixture(state);
	const struct guard_match m = unit_guard_match("gre1", 42, 42, "127.0.0.1");
	struct rlimit files, none;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
	none = (struct rlimit){ 0, files.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	guard_policy_set(fx->guard, &m, 1, NULL, 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
	assert_non_null(strstr(guard_policy_problem(fx->guard),
			       "policies of IPsec cannot be written: Too many"));
	guard_one(fx, unit_guard_match("gre1", 43, 43, "127.0.0.1"));
	assert_int_equal(look(fx).own, 2);
}

#define IN_NAMESPACE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_NAMESPACE(what_comes_to_a_tunnel_is_blocked_and_nothing_else),
		IN_NAMESPACE(what_leaves_without_a_key_is_blocked_from_there),
		IN_NAMESPACE(without_an_address_each_of_this_machine_is_guarded),
		IN_NAMESPACE(what_was_blocked_is_known_by_tunnel_and_in_all),
		IN_NAMESPACE(they_are_there_as_long_as_something_is_guarded),
		IN_NAMESPACE(they_outlive_the_daemon_and_are_taken_over),
		IN_NAMESPACE(what_somebody_does_to_them_is_undone_at_once),
		IN_NAMESPACE(policies_of_others_are_let_be),
		IN_NAMESPACE(what_cannot_be_written_is_told),
	};

	return cmocka_run_group_tests_name("guard_policy", tests, NULL, NULL);
}
