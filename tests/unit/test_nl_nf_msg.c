/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/netlink.h>

#include "../../src/os/nl_msg.h"
#include "../../src/os/nl_nf_msg.h"

/* What the kernel's headers say a message is, written out field by field. */
struct attr_u32 {
	uint16_t len, type;
	uint32_t value;
};
struct attr_name {
	uint16_t len, type;
	char value[8];
};
struct attr_payload {
	uint16_t len, type;
	uint8_t value[20];
};

static _Alignas(8) uint8_t buf[NL_MSG_MAX];

#define ULOG(message)	(NFNL_SUBSYS_ULOG << 8 | (message))
#define TABLES(message) (NFNL_SUBSYS_NFTABLES << 8 | (message))

static void assert_message(size_t len, const void *wanted, size_t wanted_len)
{
	assert_int_equal(len, wanted_len);
	assert_memory_equal(buf, wanted, wanted_len);
}

/* --- the log */

static void listening_is_to_a_group_for_each_packet_at_once(void **state)
{
	const struct {
		struct nlmsghdr h;
		struct nfgenmsg nf;
		struct {
			uint16_t len, type;
			uint8_t command, pad[3];
		} bind;
		struct {
			uint16_t len, type;
			uint32_t range;
			uint8_t mode, pad[3];
		} mode;
		struct attr_u32 threshold;
	} wanted = {
		{ sizeof(wanted), ULOG(NFULNL_MSG_CONFIG), NLM_F_REQUEST, 0, 0 },
		{ AF_UNSPEC, NFNETLINK_V0, htons(77) },
		{ 5, NFULA_CFG_CMD, NFULNL_CFG_CMD_BIND, { 0 } },
		{ 10, NFULA_CFG_MODE, htonl(128), NFULNL_COPY_PACKET, { 0 } },
		{ 8, NFULA_CFG_QTHRESH, htonl(1) },
	};

	(void)state;
	assert_message(nl_nf_msg_listen(buf, sizeof(buf), 77, 128), &wanted,
		       sizeof(wanted));
}

struct sample {
	struct nlmsghdr h;
	struct nfgenmsg nf;
	struct attr_u32 mark, in, out;
	struct attr_payload packet;
};

static const struct sample good = {
	{ sizeof(good), ULOG(NFULNL_MSG_PACKET), 0, 0, 0 },
	{ AF_INET, NFNETLINK_V0, 0 },
	{ 8, NFULA_MARK, 0 },
	{ 8, NFULA_IFINDEX_INDEV, 0 }, /* filled in: byte order is no constant */
	{ 8, NFULA_IFINDEX_OUTDEV, 0 },
	{ 24, NFULA_PAYLOAD, { 0x45, 0, 0,   84,  1, 2,	 3,   4,   63, 1,
			       0,    0, 192, 168, 2, 10, 192, 168, 3,  10 } },
};

static struct sample *sample_copy(void)
{
	struct sample *s = unit_exact_copy(&good, sizeof(good));

	s->in.value = htonl(7);
	s->out.value = htonl(8);
	return s;
}

static void a_packet_has_its_devices_and_octets(void **state)
{
	struct sample *m = sample_copy();
	struct ev_sample s;

	(void)state;
	assert_true(nl_nf_msg_packet(&s, &m->h));
	assert_int_equal(s.in_ifindex, 7);
	assert_int_equal(s.out_ifindex, 8);
	assert_int_equal(s.len, 20);
	assert_memory_equal(s.packet, good.packet.value, 20);
	free(m);
}

static void what_came_by_no_device_is_our_own(void **state)
{
	struct sample *m = sample_copy();
	struct ev_sample s;

	(void)state;
	m->in.type = NFULA_MARK;
	assert_true(nl_nf_msg_packet(&s, &m->h));
	assert_int_equal(s.in_ifindex, 0);
	assert_int_equal(s.out_ifindex, 8);
	free(m);
}

static void a_packet_that_lacks_something_is_none(void **state)
{
	(void)state;
	for (unsigned lacks = 0; lacks < 4; lacks++) {
		struct sample *m = sample_copy();
		struct ev_sample s;

		switch (lacks) {
		case 0: /* delivered here */
			m->out.type = NFULA_MARK;
			break;
		case 1:
			m->packet.type = NFULA_PREFIX;
			break;
		case 2: /* octets there are none of */
			m->packet.len = 4;
			m->h.nlmsg_len -= 20;
			break;
		case 3: /* a device's number is as long as it is */
			m->in.len = 6;
			break;
		}
		assert_false(nl_nf_msg_packet(&s, &m->h));
		free(m);
	}
}

static void other_messages_are_no_packet(void **state)
{
	static const uint16_t types[] = { ULOG(NFULNL_MSG_CONFIG), NFULNL_MSG_PACKET,
					  TABLES(NFULNL_MSG_PACKET), NLMSG_DONE };

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(types); n++) {
		struct sample *m = sample_copy();
		struct ev_sample s;

		m->h.nlmsg_type = types[n];
		assert_false(nl_nf_msg_packet(&s, &m->h));
		free(m);
	}
}

static void a_packet_cut_anywhere_is_none(void **state)
{
	(void)state;
	for (size_t len = sizeof(struct nlmsghdr); len < sizeof(good); len += 4) {
		struct sample *whole = sample_copy();
		struct nlmsghdr *h;
		struct ev_sample s;

		whole->h.nlmsg_len = (uint32_t)len;
		h = unit_exact_copy(whole, len);
		assert_false(nl_nf_msg_packet(&s, h));
		free(h);
		free(whole);
	}
}

/* --- tables */

static void a_table_ends_in_a_transaction(void **state)
{
	struct {
		struct nlmsghdr h;
		struct nfgenmsg nf;
	} frame = {
		{ sizeof(frame), NFNL_MSG_BATCH_BEGIN, NLM_F_REQUEST, 0, 0 },
		{ AF_UNSPEC, NFNETLINK_V0, htons(NFNL_SUBSYS_NFTABLES) },
	};
	const struct {
		struct nlmsghdr h;
		struct nfgenmsg nf;
		struct attr_name name;
	} del = {
		{ sizeof(del), TABLES(NFT_MSG_DELTABLE), NLM_F_REQUEST, 0, 0 },
		{ NFPROTO_INET, NFNETLINK_V0, 0 },
		{ 10, NFTA_TABLE_NAME, "nhrpd" },
	};

	(void)state;
	memset(buf, 0, sizeof(buf)); /* what pads an attribute is nothing */
	assert_message(nl_nf_msg_begin(buf, sizeof(buf)), &frame, sizeof(frame));
	assert_message(nl_nf_msg_del_table(buf, sizeof(buf), "nhrpd"), &del,
		       sizeof(del));
	frame.h.nlmsg_type = NFNL_MSG_BATCH_END;
	assert_message(nl_nf_msg_end(buf, sizeof(buf)), &frame, sizeof(frame));
}

static void a_short_buffer_takes_no_message(void **state)
{
	char name[NL_MSG_MAX];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(nl_nf_msg_listen(buf, NL_MSG_MAX - 1, 77, 128), 0);
	assert_int_equal(nl_nf_msg_begin(buf, NL_MSG_MAX - 1), 0);
	assert_int_equal(nl_nf_msg_end(buf, NL_MSG_MAX - 1), 0);
	assert_int_equal(nl_nf_msg_del_table(buf, NL_MSG_MAX - 1, "nhrpd"), 0);
	assert_int_equal(nl_nf_msg_del_table(buf, NL_MSG_MAX, name), 0);
}

struct notice {
	struct nlmsghdr h;
	struct nfgenmsg nf;
	struct attr_u32 handle;
	struct attr_name name;
};

static void a_notice_is_about_the_table_that_it_names(void **state)
{
	static const struct {
		uint16_t type;
		uint8_t family;
		uint16_t attr, len;
		const char *name;
		bool about;
	} cases[] = {
		{ TABLES(NFT_MSG_DELTABLE), NFPROTO_INET, 1, 10, "nhrpd", true },
		{ TABLES(NFT_MSG_NEWRULE), NFPROTO_INET, 1, 10, "nhrpd", true },
		{ TABLES(NFT_MSG_DELSETELEM), NFPROTO_INET, 1, 10, "nhrpd", true },
		{ TABLES(NFT_MSG_DELTABLE), NFPROTO_IPV4, 1, 10, "nhrpd", false },
		{ TABLES(NFT_MSG_DELTABLE), NFPROTO_INET, 3, 10, "nhrpd", false },
		{ TABLES(NFT_MSG_DELTABLE), NFPROTO_INET, 1, 11, "nhrpd2", false },
		{ TABLES(NFT_MSG_DELTABLE), NFPROTO_INET, 1, 9, "nhrpd", false },
		{ TABLES(NFT_MSG_NEWGEN), NFPROTO_INET, 1, 10, "nhrpd", false },
		{ ULOG(NFT_MSG_DELTABLE), NFPROTO_INET, 1, 10, "nhrpd", false },
	};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		struct notice m = {
			{ sizeof(m), cases[n].type, 0, 0, 0 },
			{ cases[n].family, NFNETLINK_V0, 0 },
			{ 8, 20, 0 },
			{ cases[n].len, cases[n].attr, "" },
		};
		struct notice *copy;

		strcpy(m.name.value, cases[n].name);
		copy = unit_exact_copy(&m, sizeof(m));
		if (nl_nf_msg_is_about(&copy->h, "nhrpd") != cases[n].about)
			fail_msg("case %zu", n);
		free(copy);
	}
}

static void a_transaction_ends_with_a_generation(void **state)
{
	struct nlmsghdr h = { sizeof(h), TABLES(NFT_MSG_NEWGEN), 0, 0, 0 };

	(void)state;
	assert_true(nl_nf_msg_is_commit(&h));
	assert_false(nl_nf_msg_is_about(&h, "nhrpd"));
	h.nlmsg_type = TABLES(NFT_MSG_NEWTABLE);
	assert_false(nl_nf_msg_is_commit(&h));
	assert_false(nl_nf_msg_is_about(&h, "nhrpd"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(listening_is_to_a_group_for_each_packet_at_once),
		cmocka_unit_test(a_packet_has_its_devices_and_octets),
		cmocka_unit_test(what_came_by_no_device_is_our_own),
		cmocka_unit_test(a_packet_that_lacks_something_is_none),
		cmocka_unit_test(other_messages_are_no_packet),
		cmocka_unit_test(a_packet_cut_anywhere_is_none),
		cmocka_unit_test(a_table_ends_in_a_transaction),
		cmocka_unit_test(a_short_buffer_takes_no_message),
		cmocka_unit_test(a_notice_is_about_the_table_that_it_names),
		cmocka_unit_test(a_transaction_ends_with_a_generation),
	};

	return cmocka_run_group_tests_name("nl_nf_msg", tests, NULL, NULL);
}
