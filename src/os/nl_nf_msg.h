/* SPDX-License-Identifier: MIT */
/*
 * Netfilter's netlink messages as values: its packet log, and its tables. The
 * rules are those of nl_msg.h.
 */
#ifndef NHRP_OS_NL_NF_MSG_H
#define NHRP_OS_NL_NF_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/defs.h>
#include <nhrp/event.h>

struct nlmsghdr;

/* Listen to a group of the log: each packet at once, in its first `range` octets. */
size_t nl_nf_msg_listen(void *buf, size_t cap, uint16_t group,
			uint32_t range) MUST_CHECK;

/*
 * A packet of the log, which leaves by a device; in_ifindex is 0 unless it came by
 * one. False for any other message, and for one that is malformed. `out` points into
 * the message.
 */
bool nl_nf_msg_packet(struct ev_sample *out, const struct nlmsghdr *h) MUST_CHECK;

/* The begin and the end of a transaction, and the end of a table of family inet. */
size_t nl_nf_msg_begin(void *buf, size_t cap) MUST_CHECK;
size_t nl_nf_msg_end(void *buf, size_t cap) MUST_CHECK;
size_t nl_nf_msg_del_table(void *buf, size_t cap, const char *name) MUST_CHECK;

/* All counters of a table of family inet. */
size_t nl_nf_msg_dump_counters(void *buf, size_t cap, const char *table) MUST_CHECK;

struct nl_nf_counter {
	const char *name; /* in the message */
	uint64_t packets, octets;
};

/* A named counter; false for any other message. */
bool nl_nf_msg_counter(struct nl_nf_counter *out, const struct nlmsghdr *h) MUST_CHECK;

/* A notification about this table of family inet, or about something in it. */
bool nl_nf_msg_is_about(const struct nlmsghdr *h, const char *table) MUST_CHECK;

/* The notification that closes those of one transaction. */
bool nl_nf_msg_is_commit(const struct nlmsghdr *h) MUST_CHECK;

#endif
