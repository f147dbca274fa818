/* SPDX-License-Identifier: MIT */
#include <nhrp/nl_ask.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include <nhrp/mem.h>

#include "nl_msg.h"

#define PATIENCE_S 1
#define IN_ROOM	   (16 << 10)

struct nl_ask {
	struct mnl_socket *sock;
	uint32_t seq;
	_Alignas(8) uint8_t out[NL_MSG_MAX];
	_Alignas(8) uint8_t in[IN_ROOM];
};

struct nl_ask *nl_ask_new(void)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct nl_ask *a = mem_new(sizeof(*a));
	int fd;

	a->sock = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!a->sock || mnl_socket_bind(a->sock, 0, MNL_SOCKET_AUTOPID) < 0) {
		nl_ask_free(a);
		return NULL;
	}
	fd = mnl_socket_get_fd(a->sock);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return a;
}

void nl_ask_free(struct nl_ask *a)
{
	if (!a)
		return;
	if (a->sock)
		mnl_socket_close(a->sock);
	free(a);
}

static const struct nlmsghdr *refusal(const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);

	errno = mnl_nlmsg_get_payload_len(h) >= sizeof(*e) ? -e->error : EPROTO;
	return h;
}

/*
 * The answer to the question of `len` octets in a->out: a message, or one of type
 * NLMSG_ERROR with errno set. NULL when none came; one that comes too late has
 * another number.
 */
static const struct nlmsghdr *ask(struct nl_ask *a, size_t len)
{
	struct nlmsghdr *h = (void *)a->out;
	ssize_t n;

	if (len == 0)
		return NULL;
	h->nlmsg_seq = ++a->seq;
	if (mnl_socket_sendto(a->sock, h, len) < 0)
		return NULL;
	while ((n = mnl_socket_recvfrom(a->sock, a->in, sizeof(a->in))) > 0) {
		const struct nlmsghdr *got = (void *)a->in;

		if (!mnl_nlmsg_ok(got, (int)n) || got->nlmsg_seq != a->seq)
			continue;
		return got->nlmsg_type == NLMSG_ERROR ? refusal(got) : got;
	}
	return NULL;
}

bool nl_ask_route(struct nl_ask *a, const struct addr *dst, struct ev_lookup *out)
{
	const struct nlmsghdr *h =
		ask(a, nl_msg_route_lookup(a->out, sizeof(a->out), dst));
	struct nl_route_entry route;

	*out = (struct ev_lookup){ .kind = LOOKUP_UNREACHABLE };
	if (!h)
		return false;
	if (h->nlmsg_type == RTM_NEWROUTE && nl_msg_route_parse(&route, h))
		*out = nl_msg_route_answer(&route);
	return true;
}

static enum kernel_neigh_state state_of(const struct nl_neigh_entry *entry)
{
	if (entry->state & NUD_FAILED)
		return KERNEL_NEIGH_REFUSED;
	if (!entry->state || (entry->state & NUD_INCOMPLETE))
		return KERNEL_NEIGH_WAITING;
	return KERNEL_NEIGH_VALID;
}

bool nl_ask_neigh(struct nl_ask *a, int ifindex, const struct addr *proto,
		  struct kernel_neigh *out)
{
	const struct nlmsghdr *h =
		ask(a, nl_msg_neigh_get(a->out, sizeof(a->out), ifindex, proto));
	struct nl_neigh_entry entry;

	*out = (struct kernel_neigh){ KERNEL_NEIGH_NONE };
	if (!h || (h->nlmsg_type == NLMSG_ERROR && errno != ENOENT))
		return false;
	if (h->nlmsg_type != RTM_NEWNEIGH || !nl_msg_neigh_parse(&entry, h))
		return true;
	out->state = state_of(&entry);
	out->ours = entry.protocol == NL_PROTOCOL;
	if (out->state == KERNEL_NEIGH_VALID)
		out->nbma = entry.nbma;
	return true;
}
