/* SPDX-License-Identifier: MIT */
/*
 * The guard's table against the running kernel, in a network namespace of the
 * test's own: whose packets pass it, and how long it is there. Skipped where the
 * system gives no namespace, or the kernel has no nf_tables. GRE packets are made by
 * hand and sent to ourselves, so no tunnel is needed; IPsec is the lab's matter. Where
 * they are sent, policies do not count unless the test says so: test_guard_policy.c.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ev.h>

#include <nhrp/guard.h>
#include <nhrp/loop.h>

#include "unit_guard.h"
#include "unit_nft.h"
#include "unit_os.h"

#define GRE_CSUM 0x80
#define GRE_KEY	 0x20
#define GRE_SEQ	 0x10

struct fixture {
	struct unit_os os;
	struct nft_ctx *nft; /* somebody else */
	struct guard *guard;
	int raw; /* sends and hears GRE */
};

static int setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));

	*state = fx;
	if (!unit_namespace())
		return 0;
	fx->nft = unit_nft_new();
	if (!unit_nft(fx->nft, "list tables"))
		return 0;
	fx->raw = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_GRE);
	unit_loopback_up(fx->raw);
	unit_os_begin(&fx->os);
	fx->guard = guard_new(loop_ev(fx->os.loop), &fx->os.log);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fx = *state;

	guard_free(fx->guard);
	if (fx->nft)
		nft_ctx_free(fx->nft);
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

/* The table was written, but for repairs. */
static unsigned writings(const struct fixture *fx)
{
	return unit_os_logged(&fx->os, "is written\n");
}

static bool has_table(struct fixture *fx)
{
	return unit_nft(fx->nft, "list table inet nhrpd_guard");
}

static void guard_one(struct fixture *fx, struct guard_match m)
{
	assert_true(guard_set(fx->guard, &m, 1, NULL, 0));
}

static struct guard_drops drops_of(struct fixture *fx, const char *name)
{
	struct guard_drops all[8];
	size_t count = guard_drops(fx->guard, all, ARRAY_SIZE(all));

	for (size_t n = 0; n < count; n++)
		if (strcmp(all[n].ifname, name) == 0)
			return all[n];
	fail_msg("%s is not guarded", name);
	return all[0];
}

/* --- packets */

static size_t put32(uint8_t *packet, size_t at, uint32_t value)
{
	uint32_t net = htonl(value);

	memcpy(packet + at, &net, sizeof(net));
	return at + sizeof(net);
}

/* An IPv4 packet in GRE to an address of ours, from the same; does it arrive? */
static bool passes(struct fixture *fx, const char *addr, uint8_t flags, uint32_t key)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	uint8_t packet[64] = { flags, 0, 0x08, 0x00 }, heard[128];
	size_t len = 4;

	if (flags & GRE_CSUM)
		len = put32(packet, len, 0);
	if (flags & GRE_KEY)
		len = put32(packet, len, key);
	if (flags & GRE_SEQ)
		len = put32(packet, len, 42);
	inet_pton(AF_INET, addr, &to.sin_addr);
	assert_int_equal(bind(fx->raw, (void *)&to, sizeof(to)), 0);
	(void)!sendto(fx->raw, packet, len + 20, 0, (void *)&to, sizeof(to));
	return recv(fx->raw, heard, sizeof(heard), 0) > 0;
}

static void a_tunnels_own_packets_are_dropped_and_no_others(void **state)
{
	struct fixture *fx = fixture(state);

	guard_one(fx, unit_guard_match("gre1", 42, 42, "127.0.0.1"));
	assert_false(passes(fx, "127.0.0.1", GRE_KEY, 42));
	assert_false(passes(fx, "127.0.0.1", GRE_KEY | GRE_SEQ, 42));
	assert_false(passes(fx, "127.0.0.1", GRE_KEY | GRE_CSUM, 42));
	assert_false(passes(fx, "127.0.0.1", GRE_KEY | GRE_CSUM | GRE_SEQ, 42));
	assert_true(passes(fx, "127.0.0.1", GRE_KEY, 43));
	assert_true(passes(fx, "127.0.0.1", GRE_KEY, 42 << 24));
	assert_true(passes(fx, "127.0.0.1", GRE_KEY | GRE_CSUM, 43));
	assert_true(passes(fx, "127.0.0.1", 0, 0));
	assert_true(passes(fx, "127.0.0.1", GRE_SEQ, 0));
	assert_true(passes(fx, "127.0.0.1", GRE_CSUM | GRE_SEQ, 0));
	assert_true(passes(fx, "127.0.0.2", GRE_KEY, 42));
	assert_int_equal(drops_of(fx, "gre1").out, 4);
	assert_int_equal(drops_of(fx, "gre1").in, 0);
	assert_int_equal(drops_of(fx, "gre1").recent_out, 4);
}

static void a_tunnel_without_a_key_has_packets_without_one(void **state)
{
	struct guard_match m = unit_guard_match("gre1", 0, 0, "127.0.0.1");
	struct fixture *fx = fixture(state);

	m.in_has_key = m.out_has_key = false;
	guard_one(fx, m);
	assert_false(passes(fx, "127.0.0.1", 0, 0));
	assert_false(passes(fx, "127.0.0.1", GRE_SEQ, 0));
	assert_false(passes(fx, "127.0.0.1", GRE_CSUM, 0));
	assert_true(passes(fx, "127.0.0.1", GRE_KEY, 0));
	assert_true(passes(fx, "127.0.0.2", 0, 0));
}

static void what_comes_in_clear_is_dropped_too(void **state)
{
	struct fixture *fx = fixture(state);

	guard_one(fx, unit_guard_match("gre1", 42, 43, "127.0.0.1"));
	assert_false(passes(fx, "127.0.0.1", GRE_KEY, 42));
	assert_int_equal(drops_of(fx, "gre1").in, 1);
	assert_int_equal(drops_of(fx, "gre1").in_octets, 20 + 8 + 20);
	assert_int_equal(drops_of(fx, "gre1").out, 0);
	assert_false(passes(fx, "127.0.0.1", GRE_KEY, 43));
	assert_int_equal(drops_of(fx, "gre1").out, 1);
}

static void a_tunnel_without_an_address_has_every_one(void **state)
{
	struct fixture *fx = fixture(state);

	guard_one(fx, unit_guard_match("gre1", 42, 42, NULL));
	assert_false(passes(fx, "127.0.0.1", GRE_KEY, 42));
	assert_false(passes(fx, "127.0.0.2", GRE_KEY, 42));
	assert_true(passes(fx, "127.0.0.2", GRE_KEY, 43));
}

static void a_tunnel_that_moves_is_guarded_at_both_ends(void **state)
{
	const struct guard_match list[] = {
		unit_guard_match("gre1", 42, 42, "127.0.0.1"),
		unit_guard_match("gre1", 43, 43, "127.0.0.2"),
		unit_guard_match("gre2", 9, 9, NULL)
	};
	struct fixture *fx = fixture(state);

	assert_true(guard_set(fx->guard, list, 3, NULL, 0));
	assert_false(passes(fx, "127.0.0.1", GRE_KEY, 42));
	assert_false(passes(fx, "127.0.0.2", GRE_KEY, 43));
	assert_true(passes(fx, "127.0.0.2", GRE_KEY, 42));
	assert_false(passes(fx, "127.0.0.9", GRE_KEY, 9));
	assert_int_equal(drops_of(fx, "gre1").out, 2);
	assert_int_equal(drops_of(fx, "gre2").out, 1);
	/* The next change keeps what was counted. */
	assert_true(guard_set(fx->guard, list + 1, 2, NULL, 0));
	assert_true(passes(fx, "127.0.0.1", GRE_KEY, 42));
	assert_int_equal(drops_of(fx, "gre1").out, 2);
	assert_int_equal(drops_of(fx, "gre2").out, 1);
}

/* --- both layers */

static void one_layer_holds_while_the_other_is_gone(void **state)
{
	struct guard_match m = unit_guard_match("gre1", 42, 7, "127.0.0.1");
	struct fixture *fx = fixture(state);

	if (!unit_loopback_policies())
		skip();
	guard_one(fx, m);
	assert_null(guard_weakness(fx->guard));
	assert_false(passes(fx, "127.0.0.1", GRE_KEY, 42));
	assert_int_equal(drops_of(fx, "gre1").in, 1);
	assert_true(unit_nft(fx->nft, "flush ruleset"));
	assert_false(passes(fx, "127.0.0.1", GRE_KEY, 42));
	assert_true(passes(fx, "127.0.0.2", GRE_KEY, 42));
	/* The table has not seen it. */
	assert_int_equal(drops_of(fx, "gre1").in, 1);
	assert_int_equal(drops_of(fx, "gre1").recent_in, 2);
	assert_int_equal(drops_of(fx, "gre1").recent_out, 0);
	m.out_has_key = false;
	guard_one(fx, m);
	assert_false(passes(fx, "127.0.0.1", 0, 0));
	assert_int_equal(drops_of(fx, "gre1").out, 0);
	assert_int_equal(drops_of(fx, "gre1").recent_out, 1);
}

/* --- how long it is there */

static void it_is_there_as_long_as_something_is_guarded(void **state)
{
	const struct guard_match m = unit_guard_match("gre1", 42, 42, NULL);
	struct fixture *fx = fixture(state);

	assert_true(guard_set(fx->guard, NULL, 0, NULL, 0));
	assert_false(has_table(fx));
	guard_one(fx, m);
	assert_true(has_table(fx));
	guard_one(fx, m);
	assert_int_equal(writings(fx), 1);
	assert_true(guard_set(fx->guard, NULL, 0, NULL, 0));
	assert_false(has_table(fx));
	assert_int_equal(guard_drops(fx->guard, NULL, 0), 0);
}

static void it_outlives_the_daemon_and_is_taken_over(void **state)
{
	struct fixture *fx = fixture(state);

	guard_one(fx, unit_guard_match("gre1", 42, 42, "127.0.0.1"));
	assert_false(passes(fx, "127.0.0.1", GRE_KEY, 42));
	guard_free(fx->guard);
	assert_false(passes(fx, "127.0.0.1", GRE_KEY, 42));
	fx->guard = guard_new(loop_ev(fx->os.loop), &fx->os.log);
	guard_one(fx, unit_guard_match("gre1", 42, 42, "127.0.0.2"));
	assert_true(passes(fx, "127.0.0.1", GRE_KEY, 42));
	assert_int_equal(drops_of(fx, "gre1").out, 2);
	/* That was before this one's time. */
	assert_int_equal(drops_of(fx, "gre1").recent_out, 0);
	guard_free(fx->guard);
	fx->guard = guard_new(loop_ev(fx->os.loop), &fx->os.log);
	assert_true(guard_set(fx->guard, NULL, 0, NULL, 0));
	assert_false(has_table(fx));
}

static void what_somebody_does_to_it_is_undone_at_once(void **state)
{
	static const char *const deeds[] = {
		"flush ruleset",
		"delete table inet nhrpd_guard",
		"flush table inet nhrpd_guard",
		"insert rule inet nhrpd_guard output accept\n"
		"insert rule inet nhrpd_guard input accept",
	};
	struct fixture *fx = fixture(state);

	guard_one(fx, unit_guard_match("gre1", 42, 42, "127.0.0.1"));
	assert_false(passes(fx, "127.0.0.1", GRE_KEY, 42));
	assert_int_equal(drops_of(fx, "gre1").out, 1);
	for (unsigned n = 0; n < ARRAY_SIZE(deeds); n++) {
		assert_true(unit_nft(fx->nft, deeds[n]));
		assert_true(passes(fx, "127.0.0.1", GRE_KEY, 42));
		unit_os_run_ms(&fx->os, 150);
		if (passes(fx, "127.0.0.1", GRE_KEY, 42))
			fail_msg("'%s' was not undone", deeds[n]);
		assert_int_equal(writings(fx), n + 2);
		/* With the table went its counters, but not what they had told. */
		assert_int_equal(drops_of(fx, "gre1").out, n + 2);
	}
	assert_null(guard_problem(fx->guard));
}

static void the_sampling_table_is_another(void **state)
{
	struct fixture *fx = fixture(state);

	guard_one(fx, unit_guard_match("gre1", 42, 42, NULL));
	unit_os_run_ms(&fx->os, 20);
	assert_true(unit_nft(fx->nft, "table inet nhrpd { chain c { }; }"));
	assert_true(unit_nft(fx->nft, "delete table inet nhrpd"));
	unit_os_run_ms(&fx->os, 50);
	assert_int_equal(writings(fx), 1);
	assert_true(guard_set(fx->guard, NULL, 0, NULL, 0));
}

/* All that can be guarded, as this nft takes it. */
static void every_text_is_one_that_nft_takes(void **state)
{
	const struct guard_match list[] = {
		unit_guard_match("9", 0, UINT32_MAX, "255.255.255.254"),
		unit_guard_match("a-b_c.d", UINT32_MAX, 0, "2001:db8::1"),
		unit_guard_match("a23456789012345", 1, 1, NULL),
		unit_guard_match("in", 1, 1, NULL),
		unit_guard_match("drop", 1, 1, NULL),
	};
	struct fixture *fx = fixture(state);

	assert_true(guard_set(fx->guard, list, ARRAY_SIZE(list), NULL, 0));
	assert_true(has_table(fx));
	for (size_t n = 0; n < ARRAY_SIZE(list); n++)
		assert_int_equal(drops_of(fx, list[n].ifname).in, 0);
}

static void what_cannot_be_guarded_is_told(void **state)
{
	const struct guard_match m = unit_guard_match("gre1", 42, 42, NULL);
	struct fixture *fx = fixture(state);

	if (!unit_nft(fx->nft, "table inet nhrpd_guard { flags owner; }"))
		skip();
	assert_false(guard_set(fx->guard, &m, 1, NULL, 0));
	assert_non_null(strstr(guard_problem(fx->guard), "inet nhrpd_guard cannot be"));
	assert_false(guard_set(fx->guard, &m, 1, NULL, 0));
	assert_int_equal(guard_drops(fx->guard, NULL, 0), 1);
}

#define IN_NAMESPACE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_NAMESPACE(a_tunnels_own_packets_are_dropped_and_no_others),
		IN_NAMESPACE(a_tunnel_without_a_key_has_packets_without_one),
		IN_NAMESPACE(what_comes_in_clear_is_dropped_too),
		IN_NAMESPACE(a_tunnel_without_an_address_has_every_one),
		IN_NAMESPACE(a_tunnel_that_moves_is_guarded_at_both_ends),
		IN_NAMESPACE(one_layer_holds_while_the_other_is_gone),
		IN_NAMESPACE(it_is_there_as_long_as_something_is_guarded),
		IN_NAMESPACE(it_outlives_the_daemon_and_is_taken_over),
		IN_NAMESPACE(what_somebody_does_to_it_is_undone_at_once),
		IN_NAMESPACE(the_sampling_table_is_another),
		IN_NAMESPACE(every_text_is_one_that_nft_takes),
		IN_NAMESPACE(what_cannot_be_guarded_is_told),
	};

	return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
