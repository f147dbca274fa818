/* SPDX-License-Identifier: MIT */
#include "nl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <ev.h>
#include <libmnl/libmnl.h>
#include <linux/filter.h>
#include <linux/rtnetlink.h>

#include <nhrp/mem.h>

#include "nl_msg.h"

#define RCVBUF	 (8 << 20)
#define OUT_ROOM (32 << 10)
#define IN_BATCH 32
#define IN_ROOM	 (16 << 10)

struct nl {
	struct ev_loop *loop;
	struct mnl_socket *sock;
	struct nl_handlers handlers;
	ev_io readable;
	ev_timer lost;		/* tells an overrun that was met while sending */
	uint32_t seq, dump_seq; /* dump_seq 0: no dump under way */
	bool dump_whole;
	bool taking; /* a batch, whose octets are in `in` */
	size_t out_len;
	_Alignas(8) uint8_t out[OUT_ROOM];
	_Alignas(8) uint8_t in[IN_BATCH][IN_ROOM];
};

static void dump_ended(struct nl *nl, int error)
{
	nl->dump_seq = 0;
	nl->handlers.dumped(nl->handlers.ctx, error, nl->dump_whole);
}

static int find_text(const struct nlattr *attr, void *text)
{
	if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG &&
	    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
		*(const char **)text = mnl_attr_get_str(attr);
	return MNL_CB_OK;
}

/*
 * An error message quotes the request whole; behind it may stand attributes
 * with what the kernel has to say in words.
 */
static void take_error(struct nl *nl, const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);
	size_t len = mnl_nlmsg_get_payload_len(h);
	const char *text = NULL;
	size_t quoted;

	if (len < sizeof(*e) || e->error == 0)
		return;
	if (nl->dump_seq && h->nlmsg_seq == nl->dump_seq) {
		dump_ended(nl, -e->error);
		return;
	}
	quoted = sizeof(int) + NLMSG_ALIGN(e->msg.nlmsg_len);
	if (e->msg.nlmsg_len < sizeof(e->msg) || quoted > len)
		return;
	if (h->nlmsg_flags & NLM_F_ACK_TLVS)
		mnl_attr_parse(h, (unsigned)quoted, find_text, &text);
	nl->handlers.refused(nl->handlers.ctx, &e->msg, -e->error,
			     text ? text : strerror(-e->error));
}

static void take_done(struct nl *nl, const struct nlmsghdr *h)
{
	const int *error = mnl_nlmsg_get_payload(h);

	/* Netfilter's log ends a batch of its own accord, as number 0. */
	if (!nl->dump_seq || h->nlmsg_seq != nl->dump_seq)
		return;
	dump_ended(nl, mnl_nlmsg_get_payload_len(h) >= sizeof(*error) ? -*error : 0);
}

static void take_message(struct nl *nl, const struct nlmsghdr *h)
{
	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		nl->dump_whole = false;
	switch (h->nlmsg_type) {
	case NLMSG_NOOP:
		break;
	case NLMSG_ERROR:
		take_error(nl, h);
		break;
	case NLMSG_DONE:
		take_done(nl, h);
		break;
	case NLMSG_OVERRUN:
		nl->handlers.overrun(nl->handlers.ctx);
		break;
	default:
		nl->handlers.message(nl->handlers.ctx, h);
	}
}

static void take_datagram(struct nl *nl, const struct mmsghdr *m, const uint8_t *bytes)
{
	const struct sockaddr_nl *from = m->msg_hdr.msg_name;
	const struct nlmsghdr *h = (const void *)bytes;
	int left = (int)m->msg_len;

	if (m->msg_hdr.msg_flags & MSG_TRUNC) {
		nl->handlers.overrun(nl->handlers.ctx);
		return;
	}
	if (from->nl_pid != 0) /* not the kernel */
		return;
	for (; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left))
		take_message(nl, h);
}

/* How many datagrams there were. */
static int take_batch(struct nl *nl)
{
	struct sockaddr_nl from[IN_BATCH];
	struct mmsghdr msgs[IN_BATCH];
	struct iovec iov[IN_BATCH];
	int n;

	for (size_t i = 0; i < IN_BATCH; i++) {
		iov[i] = (struct iovec){ nl->in[i], IN_ROOM };
		msgs[i] = (struct mmsghdr){ .msg_hdr = { .msg_name = &from[i],
							 .msg_namelen = sizeof(from[i]),
							 .msg_iov = &iov[i],
							 .msg_iovlen = 1 } };
	}
	n = recvmmsg(mnl_socket_get_fd(nl->sock), msgs, IN_BATCH, 0, NULL);
	if (n < 0 && errno == ENOBUFS)
		nl->handlers.overrun(nl->handlers.ctx);
	nl->taking = true;
	for (int i = 0; i < n; i++)
		take_datagram(nl, &msgs[i], nl->in[i]);
	nl->taking = false;
	return n;
}

/* One batch a turn: the others on the loop have theirs in between. */
static void readable(struct ev_loop *loop, ev_io *w, int revents)
{
	struct nl *nl = w->data;

	(void)loop;
	(void)revents;
	if (nl->handlers.arriving)
		nl->handlers.arriving(nl->handlers.ctx);
	(void)take_batch(nl);
}

void nl_drain(struct nl *nl)
{
	while (!nl->taking && take_batch(nl) > 0)
		;
}

static void lost(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct nl *nl = w->data;

	(void)loop;
	(void)revents;
	if (nl->dump_seq)
		dump_ended(nl, EAGAIN);
	nl->handlers.overrun(nl->handlers.ctx);
}

static int attach(int fd, const struct sock_fprog *filter)
{
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, filter, sizeof(*filter));
}

static int set_options(int fd, const struct sock_fprog *filter)
{
	const int rcvbuf = RCVBUF, on = 1;

	/* A container's root may not go beyond the system's limit. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &rcvbuf, sizeof(rcvbuf)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	return filter ? attach(fd, filter) : 0;
}

static struct nl *open_family(struct ev_loop *loop, const struct nl_handlers *handlers,
			      int family, uint32_t groups,
			      const struct sock_fprog *filter)
{
	struct nl *nl = mem_new(sizeof(*nl));

	nl->sock = mnl_socket_open2(family, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (!nl->sock || set_options(mnl_socket_get_fd(nl->sock), filter) < 0 ||
	    mnl_socket_bind(nl->sock, groups, MNL_SOCKET_AUTOPID) < 0) {
		nl_free(nl);
		return NULL;
	}
	nl->loop = loop;
	nl->handlers = *handlers;
	ev_io_init(&nl->readable, readable, mnl_socket_get_fd(nl->sock), EV_READ);
	nl->readable.data = nl;
	ev_io_start(loop, &nl->readable);
	ev_timer_init(&nl->lost, lost, 0, 0);
	nl->lost.data = nl;
	return nl;
}

struct nl *nl_new(struct ev_loop *loop, const struct nl_handlers *handlers,
		  uint32_t groups, const struct sock_fprog *filter)
{
	return open_family(loop, handlers, NETLINK_ROUTE, groups, filter);
}

struct nl *nl_new_netfilter(struct ev_loop *loop, const struct nl_handlers *handlers,
			    uint32_t groups)
{
	return open_family(loop, handlers, NETLINK_NETFILTER, groups, NULL);
}

struct nl *nl_new_xfrm(struct ev_loop *loop, const struct nl_handlers *handlers,
		       uint32_t groups, const struct sock_fprog *filter)
{
	return open_family(loop, handlers, NETLINK_XFRM, groups, filter);
}

void nl_free(struct nl *nl)
{
	if (!nl)
		return;
	if (nl->loop) {
		ev_io_stop(nl->loop, &nl->readable);
		ev_timer_stop(nl->loop, &nl->lost);
	}
	if (nl->sock)
		mnl_socket_close(nl->sock);
	free(nl);
}

int nl_filter(struct nl *nl, const struct sock_fprog *filter)
{
	return attach(mnl_socket_get_fd(nl->sock), filter) < 0 ? -errno : 0;
}

uint32_t nl_port(const struct nl *nl)
{
	return mnl_socket_get_portid(nl->sock);
}

void *nl_reserve(struct nl *nl)
{
	if (OUT_ROOM - nl->out_len < NL_MSG_MAX)
		nl_flush(nl);
	return nl->out + nl->out_len;
}

uint32_t nl_commit(struct nl *nl, size_t len)
{
	struct nlmsghdr *h = (void *)(nl->out + nl->out_len);

	if (++nl->seq == 0)
		nl->seq = 1;
	h->nlmsg_seq = nl->seq;
	nl->out_len += NLMSG_ALIGN(len);
	return nl->seq;
}

void nl_commit_dump(struct nl *nl, size_t len)
{
	nl->dump_seq = nl_commit(nl, len);
	nl->dump_whole = true;
}

/*
 * The kernel works through a batch inside the call, so what it refuses is in
 * the receive buffer when the call returns. A batch it does not take is lost.
 */
void nl_flush(struct nl *nl)
{
	if (nl->out_len == 0)
		return;
	if (mnl_socket_sendto(nl->sock, nl->out, nl->out_len) < 0)
		ev_timer_start(nl->loop, &nl->lost);
	nl->out_len = 0;
}
