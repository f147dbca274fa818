/* SPDX-License-Identifier: MIT */
/*
 * A full table's worth of somebody else's routes, as a BGP session brings and
 * takes them:
 *
 *	fulltable add|del|replace COUNT DEVICE GATEWAY
 *
 * COUNT networks of /24 from 20.0.0.0 on, in the main table. Exit status 0 when
 * the kernel took each of them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#define FIRST	    0x14000000u /* 20.0.0.0 */
#define ROUTE_MAX   128
#define BATCH_BYTES 32768

struct job {
	uint16_t type, flags;
	uint32_t ifindex;
	struct in_addr gateway;
	struct mnl_socket *nl;
};

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static size_t put_route(void *buf, const struct job *j, uint32_t number)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct rtmsg *rt = mnl_nlmsg_put_extra_header(h, sizeof(*rt));

	h->nlmsg_type = j->type;
	h->nlmsg_flags = NLM_F_REQUEST | j->flags;
	h->nlmsg_seq = number;
	rt->rtm_family = AF_INET;
	rt->rtm_dst_len = 24;
	rt->rtm_table = RT_TABLE_MAIN;
	rt->rtm_protocol = RTPROT_BGP;
	rt->rtm_scope = RT_SCOPE_UNIVERSE;
	rt->rtm_type = RTN_UNICAST;
	rt->rtm_flags = RTNH_F_ONLINK;
	mnl_attr_put_u32(h, RTA_DST, htonl(FIRST + (number << 8)));
	mnl_attr_put_u32(h, RTA_OIF, j->ifindex);
	mnl_attr_put_u32(h, RTA_GATEWAY, j->gateway.s_addr);
	return MNL_ALIGN(h->nlmsg_len);
}

/* Only the last one asks for an answer; those that fail have one anyway. */
static void send_batch(const struct job *j, const void *bytes, size_t len)
{
	static char answer[8192];
	ssize_t got;

	if (mnl_socket_sendto(j->nl, bytes, len) < 0)
		die("send");
	got = mnl_socket_recvfrom(j->nl, answer, sizeof(answer));
	if (got < 0 || mnl_cb_run(answer, (size_t)got, 0, 0, NULL, NULL) < 0)
		die("route");
}

static void run(const struct job *j, uint32_t count)
{
	static char batch[BATCH_BYTES + ROUTE_MAX];
	size_t len = 0;

	for (uint32_t n = 0; n < count; n++) {
		struct nlmsghdr *h = (struct nlmsghdr *)(void *)(batch + len);

		len += put_route(h, j, n);
		if (len < BATCH_BYTES && n + 1 < count)
			continue;
		h->nlmsg_flags |= NLM_F_ACK;
		send_batch(j, batch, len);
		len = 0;
	}
}

static bool take_word(struct job *j, const char *word)
{
	j->type = strcmp(word, "del") == 0 ? RTM_DELROUTE : RTM_NEWROUTE;
	if (strcmp(word, "add") == 0)
		j->flags = NLM_F_CREATE | NLM_F_EXCL;
	else if (strcmp(word, "replace") == 0)
		j->flags = NLM_F_CREATE | NLM_F_REPLACE;
	return j->flags || j->type == RTM_DELROUTE;
}

int main(int argc, char **argv)
{
	struct job j = { 0 };

	if (argc != 5 || !take_word(&j, argv[1]) ||
	    !(j.ifindex = if_nametoindex(argv[3])) ||
	    inet_pton(AF_INET, argv[4], &j.gateway) != 1) {
		fprintf(stderr,
			"usage: fulltable add|del|replace COUNT DEVICE GATEWAY\n");
		return 2;
	}
	j.nl = mnl_socket_open(NETLINK_ROUTE);
	if (!j.nl || mnl_socket_bind(j.nl, 0, MNL_SOCKET_AUTOPID) < 0)
		die("netlink");
	run(&j, (uint32_t)atoi(argv[2]));
	mnl_socket_close(j.nl);
	return 0;
}
