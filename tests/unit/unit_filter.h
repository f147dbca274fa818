/* SPDX-License-Identifier: MIT */
/*
 * The kernel itself runs a socket's filter: it is put on one end of a pair, and what
 * passes can be read there.
 */
#ifndef NHRP_TEST_UNIT_FILTER_H
#define NHRP_TEST_UNIT_FILTER_H

#include <sys/socket.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/netlink.h>

#include "unit.h"

static inline bool unit_filter_passes(struct sock_filter *code, size_t count,
				      const struct nlmsghdr *h)
{
	struct sock_fprog prog = { (unsigned short)count, code };
	uint8_t got[512];
	ssize_t n;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair), 0);
	assert_int_equal(setsockopt(pair[1], SOL_SOCKET, SO_ATTACH_FILTER, &prog,
				    sizeof(prog)),
			 0);
	(void)!send(pair[0], h, h->nlmsg_len, 0);
	n = recv(pair[1], got, sizeof(got), 0);
	close(pair[0]);
	close(pair[1]);
	assert_true(n == -1 || n == (ssize_t)h->nlmsg_len);
	return n > 0;
}

#endif
