/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <arpa/inet.h>

#include <linux/netlink.h>
#include <linux/xfrm.h>

#include "../../src/os/nl_msg.h"
#include "../../src/os/nl_xfrm_msg.h"
#include "unit_filter.h"

/* What the kernel's headers say a message is. */
struct told {
	struct nlmsghdr h;
	struct xfrm_userpolicy_info p;
};

/* A deleted one stands in an attribute, behind what it was asked for by. */
struct told_deleted {
	struct nlmsghdr h;
	struct xfrm_userpolicy_id id;
	struct nlattr attr;
	uint8_t p[sizeof(struct xfrm_userpolicy_info)];
};

struct asked {
	struct nlmsghdr h;
	struct xfrm_userpolicy_id id;
};

static _Alignas(8) uint8_t buf[NL_MSG_MAX];

static struct nl_block block(bool out, const char *local, uint32_t key)
{
	return (struct nl_block){ out, unit_prefix(local), key };
}

/* --- building */

static const struct told *set(const struct nl_block *b)
{
	memset(buf, 0xaa, sizeof(buf));
	assert_int_equal(nl_xfrm_msg_set(buf, sizeof(buf), b), sizeof(struct told));
	return (const void *)buf;
}

static void a_block_drops_one_key_between_here_and_anywhere(void **state)
{
	const struct nl_block b = block(true, "192.0.2.1", 0xfffe002a);
	struct told wanted = { 0 };
	const struct told *got;

	(void)state;
	wanted.h.nlmsg_len = sizeof(wanted);
	wanted.h.nlmsg_type = XFRM_MSG_UPDPOLICY;
	wanted.h.nlmsg_flags = NLM_F_REQUEST;
	wanted.p.sel.saddr.a4 = inet_addr("192.0.2.1");
	wanted.p.sel.prefixlen_s = 32;
	wanted.p.sel.family = AF_INET;
	wanted.p.sel.proto = 47;
	wanted.p.sel.sport = htons(0xfffe);
	wanted.p.sel.dport = htons(42);
	wanted.p.sel.sport_mask = wanted.p.sel.dport_mask = 0xffff;
	wanted.p.lft.soft_byte_limit = wanted.p.lft.hard_byte_limit = XFRM_INF;
	wanted.p.lft.soft_packet_limit = wanted.p.lft.hard_packet_limit = XFRM_INF;
	wanted.p.priority = 4294967000;
	wanted.p.dir = XFRM_POLICY_OUT;
	wanted.p.action = XFRM_POLICY_BLOCK;
	got = set(&b);
	assert_memory_equal(got, &wanted, sizeof(wanted));
}

static void what_comes_has_its_end_here_as_destination(void **state)
{
	static const struct {
		const char *local;
		int family;
		uint8_t len;
	} cases[] = {
		{ "192.0.2.1", AF_INET, 32 },
		{ "0.0.0.0/0", AF_INET, 0 },
		{ "2001:db8::1", AF_INET6, 128 },
		{ "::/0", AF_INET6, 0 },
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		const struct nl_block b = block(false, cases[n].local, 0);
		const struct told *m = set(&b);
		const size_t octets = addr_family_len(b.local.addr.family);

		assert_int_equal(m->p.dir, XFRM_POLICY_IN);
		assert_int_equal(m->p.sel.family, cases[n].family);
		assert_int_equal(m->p.sel.prefixlen_d, cases[n].len);
		assert_int_equal(m->p.sel.prefixlen_s, 0);
		assert_memory_equal(&m->p.sel.daddr, b.local.addr.bytes, octets);
		/* Without a key: it is 0, and that is told from others. */
		assert_int_equal(m->p.sel.sport, 0);
		assert_int_equal(m->p.sel.sport_mask, 0xffff);
	}
}

static void one_is_asked_for_by_its_selector_and_ended_by_its_number(void **state)
{
	const struct nl_block b = block(false, "192.0.2.1", 42);
	const struct nl_policy p = { .dir = XFRM_POLICY_IN, .index = 4711 };
	const struct xfrm_selector sel = set(&b)->p.sel;
	const struct asked *m = (const void *)buf;

	(void)state;
	assert_int_equal(nl_xfrm_msg_get(buf, sizeof(buf), &b), sizeof(*m));
	assert_int_equal(m->h.nlmsg_type, XFRM_MSG_GETPOLICY);
	assert_int_equal(m->h.nlmsg_flags, NLM_F_REQUEST);
	assert_int_equal(m->id.dir, XFRM_POLICY_IN);
	assert_int_equal(m->id.index, 0);
	assert_memory_equal(&m->id.sel, &sel, sizeof(sel));
	assert_int_equal(nl_xfrm_msg_del(buf, sizeof(buf), &p), sizeof(*m));
	assert_int_equal(m->h.nlmsg_type, XFRM_MSG_DELPOLICY);
	assert_int_equal(m->id.dir, XFRM_POLICY_IN);
	assert_int_equal(m->id.index, 4711);
	assert_int_equal(nl_xfrm_msg_dump(buf, sizeof(buf)), sizeof(*m));
	assert_int_equal(m->h.nlmsg_type, XFRM_MSG_GETPOLICY);
	assert_int_equal(m->h.nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
}

static void a_short_buffer_or_no_address_makes_no_message(void **state)
{
	const struct nl_block b = block(true, "192.0.2.1", 42), none = { .key = 42 };
	const struct nl_policy p = { .index = 1 };
	const size_t small = NL_MSG_MAX - 1;

	(void)state;
	assert_int_equal(nl_xfrm_msg_set(buf, small, &b), 0);
	assert_int_equal(nl_xfrm_msg_get(buf, small, &b), 0);
	assert_int_equal(nl_xfrm_msg_del(buf, small, &p), 0);
	assert_int_equal(nl_xfrm_msg_dump(buf, small), 0);
	assert_int_equal(nl_xfrm_msg_set(buf, sizeof(buf), &none), 0);
	assert_int_equal(nl_xfrm_msg_get(buf, sizeof(buf), &none), 0);
}

/* --- parsing */

/* As the kernel tells of the block that `b` has made, in each of its forms. */
static void *told(uint16_t type, const struct xfrm_userpolicy_info *p)
{
	struct told plain = { { sizeof(plain), type, 0, 0, 0 }, *p };
	struct told_deleted deleted = {
		.h = { sizeof(deleted), type, 0, 0, 0 },
		.attr = { sizeof(deleted.attr) + sizeof(*p), XFRMA_POLICY },
	};
	struct {
		struct nlmsghdr h;
		struct xfrm_user_polexpire e;
	} expired = { { sizeof(expired), type, 0, 0, 0 }, { *p, 1 } };

	memcpy(deleted.p, p, sizeof(*p));
	if (type == XFRM_MSG_DELPOLICY)
		return unit_exact_copy(&deleted, sizeof(deleted));
	if (type == XFRM_MSG_POLEXPIRE)
		return unit_exact_copy(&expired, sizeof(expired));
	return unit_exact_copy(&plain, sizeof(plain));
}

static bool parse(struct nl_policy *out, uint16_t type,
		  const struct xfrm_userpolicy_info *p)
{
	void *m = told(type, p);
	bool ok = nl_xfrm_msg_parse(out, m);

	free(m);
	return ok;
}

static const uint16_t told_types[] = { XFRM_MSG_NEWPOLICY, XFRM_MSG_UPDPOLICY,
				       XFRM_MSG_DELPOLICY, XFRM_MSG_POLEXPIRE };

static void what_is_told_of_a_block_says_which(void **state)
{
	const struct nl_block blocks[] = {
		block(true, "192.0.2.1", 0xfffe002a),
		block(false, "192.0.2.1", 0),
		block(false, "0.0.0.0/0", 42),
		block(true, "2001:db8::1", UINT32_MAX),
		block(false, "::/0", 42),
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(blocks); n++)
		for (size_t k = 0; k < ARRAY_SIZE(told_types); k++) {
			struct xfrm_userpolicy_info p = set(&blocks[n])->p;
			struct nl_policy got;

			p.index = 4711;
			p.curlft.use_time = 1234567890123;
			assert_true(parse(&got, told_types[k], &p));
			assert_true(got.own);
			assert_true(got.is_block);
			assert_true(nl_block_eq(&got.block, &blocks[n]));
			assert_int_equal(got.dir, p.dir);
			assert_int_equal(got.index, 4711);
			assert_int_equal(got.used, 1234567890123);
		}
}

static void what_is_not_ours_is_told_from_what_is(void **state)
{
	static const struct {
		uint32_t priority;
		uint8_t action, proto, dir;
		uint16_t mask;
		uint8_t other_len;
		int ifindex;
		bool own, is_block;
	} cases[] = {
		{ 4294967000, 1, 47, XFRM_POLICY_IN, 0xffff, 0, 0, true, true },
		/* Somebody's in the place of ours. */
		{ 4294967001, 1, 47, XFRM_POLICY_IN, 0xffff, 0, 0, false, true },
		{ 4294967000, 0, 47, XFRM_POLICY_IN, 0xffff, 0, 0, false, true },
		/* Marked, but of another form: of another version of us. */
		{ 4294967000, 1, 47, XFRM_POLICY_FWD, 0xffff, 0, 0, true, false },
		{ 4294967000, 1, 47, XFRM_POLICY_IN, 0, 0, 0, true, false },
		{ 4294967000, 1, 47, XFRM_POLICY_IN, 0xffff, 32, 0, true, false },
		{ 4294967000, 1, 47, XFRM_POLICY_IN, 0xffff, 0, 3, true, false },
		{ 4294967000, 1, 50, XFRM_POLICY_IN, 0xffff, 0, 0, false, false },
		/* charon's. */
		{ 366975, 0, 47, XFRM_POLICY_IN, 0, 32, 0, false, false },
	};
	const struct nl_block b = block(false, "192.0.2.1", 42);

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		struct xfrm_userpolicy_info p = set(&b)->p;
		struct nl_policy got;

		p.priority = cases[n].priority;
		p.action = cases[n].action;
		p.dir = cases[n].dir;
		p.sel.proto = cases[n].proto;
		p.sel.sport_mask = p.sel.dport_mask = cases[n].mask;
		p.sel.prefixlen_s = cases[n].other_len;
		p.sel.ifindex = cases[n].ifindex;
		assert_true(parse(&got, XFRM_MSG_UPDPOLICY, &p));
		if (got.own != cases[n].own || got.is_block != cases[n].is_block)
			fail_msg("case %zu", n);
	}
}

static void one_that_is_cut_anywhere_is_none(void **state)
{
	const struct nl_block b = block(true, "192.0.2.1", 42);
	const struct xfrm_userpolicy_info p = set(&b)->p;

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(told_types); k++) {
		struct nlmsghdr *whole = told(told_types[k], &p);
		size_t needs = told_types[k] == XFRM_MSG_DELPOLICY
				       ? sizeof(struct told_deleted)
				       : sizeof(struct told);

		for (size_t len = sizeof(*whole); len < needs; len += 4) {
			struct nlmsghdr *cut;
			struct nl_policy got;

			whole->nlmsg_len = (uint32_t)len;
			cut = unit_exact_copy(whole, len);
			assert_false(nl_xfrm_msg_parse(&got, cut));
			free(cut);
		}
		free(whole);
	}
}

static void other_messages_are_no_policy(void **state)
{
	static const uint16_t types[] = { XFRM_MSG_NEWSA, XFRM_MSG_ACQUIRE,
					  XFRM_MSG_FLUSHPOLICY, NLMSG_DONE };
	const struct nl_block b = block(true, "192.0.2.1", 42);
	const struct xfrm_userpolicy_info p = set(&b)->p;

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(types); n++) {
		struct nlmsghdr *h = told(types[n], &p);
		struct nl_policy got;

		assert_false(nl_xfrm_msg_parse(&got, h));
		assert_int_equal(nl_xfrm_msg_is_flush(h),
				 types[n] == XFRM_MSG_FLUSHPOLICY);
		free(h);
	}
}

/* --- the filter, which the kernel runs on one end of a pair of sockets */

static bool passes(const struct nlmsghdr *h)
{
	struct sock_filter code[NL_XFRM_FILTER_MAX];
	size_t count = nl_xfrm_msg_filter(code);

	assert_in_range(count, 1, NL_XFRM_FILTER_MAX);
	return unit_filter_passes(code, count, h);
}

static bool told_passes(uint16_t type, uint16_t flags,
			const struct xfrm_userpolicy_info *p)
{
	struct nlmsghdr *h = told(type, p);
	bool ok;

	h->nlmsg_flags = flags;
	ok = passes(h);
	free(h);
	return ok;
}

static void the_filter_lets_through_what_may_concern_a_block(void **state)
{
	const struct nl_block b = block(true, "192.0.2.1", 42);
	struct xfrm_userpolicy_info ours = set(&b)->p, charons = ours, esp = ours;

	(void)state;
	charons.sel.sport_mask = charons.sel.dport_mask = 0;
	esp.sel.proto = 50;
	for (size_t k = 0; k < ARRAY_SIZE(told_types); k++) {
		assert_true(told_passes(told_types[k], 0, &ours));
		assert_false(told_passes(told_types[k], 0, &charons));
		assert_false(told_passes(told_types[k], 0, &esp));
		/* All of a dump. */
		assert_true(told_passes(told_types[k], NLM_F_MULTI, &charons));
	}
}

static void the_filter_lets_through_answers_and_flushes(void **state)
{
	static const struct {
		uint16_t type, flags;
	} cases[] = { { NLMSG_ERROR, 0 },
		      { NLMSG_DONE, NLM_F_MULTI },
		      { XFRM_MSG_FLUSHPOLICY, 0 } };

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		struct nlmsghdr h = { sizeof(h), cases[n].type, cases[n].flags, 0, 0 };

		assert_true(passes(&h));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_drops_one_key_between_here_and_anywhere),
		cmocka_unit_test(what_comes_has_its_end_here_as_destination),
		cmocka_unit_test(
			one_is_asked_for_by_its_selector_and_ended_by_its_number),
		cmocka_unit_test(a_short_buffer_or_no_address_makes_no_message),
		cmocka_unit_test(what_is_told_of_a_block_says_which),
		cmocka_unit_test(what_is_not_ours_is_told_from_what_is),
		cmocka_unit_test(one_that_is_cut_anywhere_is_none),
		cmocka_unit_test(other_messages_are_no_policy),
		cmocka_unit_test(the_filter_lets_through_what_may_concern_a_block),
		cmocka_unit_test(the_filter_lets_through_answers_and_flushes),
	};

	return cmocka_run_group_tests_name("nl_xfrm_msg", tests, NULL, NULL);
}
