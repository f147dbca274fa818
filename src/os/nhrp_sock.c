/* SPDX-License-Identifier: MIT */
#include <nhrp/nhrp_sock.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ev.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>

#include <nhrp/limit.h>
#include <nhrp/loop.h>
#include <nhrp/mem.h>
#include <nhrp/packet.h>

#include "counter_row.h"
#include "send_queue.h"

#define BATCH	64
#define IP4_LEN 4
#define RCVBUF	(4 << 20)

struct nhrp_sock {
	struct loop *loop;
	const struct event_sink *sink;
	const struct log_sink *log;
	struct send_queue *queue;
	ev_io readable, writable;
	int fd;
	struct limit log_limit;
	struct {
		uint64_t received, unheard, sent, refused, queue_full;
	} counters;
	/* One octet more than is allowed, so that too long is seen as such. */
	uint8_t in[BATCH][PKT_MAX_LEN + 1];
	/* Where recvmmsg() puts a batch; a wake-up is mostly of a packet or two. */
	struct sockaddr_ll from[BATCH];
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
};

/* --- receiving --- */

/* All zero is how the GRE driver says that it does not know. */
static struct addr outer_source(const struct sockaddr_ll *ll)
{
	struct addr a;

	if (ll->sll_halen != IP4_LEN ||
	    !addr_from_bytes(&a, ll->sll_addr, ll->sll_halen) || addr_is_any(&a))
		return (struct addr){ ADDR_NONE };
	return a;
}

static void take_packet(struct nhrp_sock *s, const struct mmsghdr *m,
			const uint8_t *bytes)
{
	const struct sockaddr_ll *ll = m->msg_hdr.msg_name;
	struct event ev;

	ev.type = EV_PACKET;
	ev.packet = (struct ev_packet){
		.ifindex = ll->sll_ifindex,
		.from = outer_source(ll),
		.pdu = bytes,
		.len = m->msg_len,
	};
	s->counters.received++;
	event_put(s->sink, &ev);
}

static void make_room(struct nhrp_sock *s)
{
	for (size_t i = 0; i < BATCH; i++) {
		s->iov[i] = (struct iovec){ s->in[i], sizeof(s->in[i]) };
		s->msgs[i].msg_hdr = (struct msghdr){ .msg_name = &s->from[i],
						      .msg_namelen = sizeof(s->from[i]),
						      .msg_iov = &s->iov[i],
						      .msg_iovlen = 1 };
	}
}

static void readable(struct ev_loop *loop, ev_io *w, int revents)
{
	struct nhrp_sock *s = w->data;
	int n;

	(void)loop;
	(void)revents;
	n = recvmmsg(s->fd, s->msgs, BATCH, 0, NULL);
	for (int i = 0; i < n; i++) {
		take_packet(s, &s->msgs[i], s->in[i]);
		s->msgs[i].msg_hdr.msg_namelen = sizeof(s->from[i]);
	}
}

/* --- sending --- */

void nhrp_sock_send(struct nhrp_sock *s, const struct act_send *a)
{
	if (a->to.family != ADDR_IP4)
		s->counters.refused++;
	else if (!send_queue_push(s->queue, a))
		s->counters.queue_full++;
}

static void log_refused(struct nhrp_sock *s, const struct act_send *a, int error)
{
	char name[IF_NAMESIZE];

	if (!limit_take(&s->log_limit, loop_now(s->loop)))
		return;
	log_to(s->log, LOG_LEVEL_WARN, "%s: a packet to %s was not sent: %s",
	       if_indextoname((unsigned)a->ifindex, name) ? name : "(no device)",
	       ADDR_STR(&a->to), strerror(error));
}

/* How many of the queue's first the kernel took, or -1. */
static int send_batch(struct nhrp_sock *s)
{
	struct sockaddr_ll to[BATCH];
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	unsigned n = 0;

	for (; n < BATCH && n < send_queue_count(s->queue); n++) {
		struct act_send a = send_queue_peek(s->queue, n);

		to[n] = (struct sockaddr_ll){ .sll_family = AF_PACKET,
					      .sll_protocol = htons(NHRP_GRE_PROTOCOL),
					      .sll_ifindex = a.ifindex,
					      .sll_halen = IP4_LEN };
		memcpy(to[n].sll_addr, a.to.bytes, IP4_LEN);
		iov[n] = (struct iovec){ (void *)(uintptr_t)a.pdu, a.len };
		msgs[n] = (struct mmsghdr){ .msg_hdr = { .msg_name = &to[n],
							 .msg_namelen = sizeof(to[n]),
							 .msg_iov = &iov[n],
							 .msg_iovlen = 1 } };
	}
	return sendmmsg(s->fd, msgs, n, 0);
}

/* The first of the queue was not taken; false when it has to wait. */
static bool send_failed(struct nhrp_sock *s, int error)
{
	struct act_send a = send_queue_peek(s->queue, 0);

	if (error == EINTR)
		return true;
	if (error == EAGAIN) {
		ev_io_start(loop_ev(s->loop), &s->writable);
		return false;
	}
	s->counters.refused++;
	log_refused(s, &a, error);
	send_queue_pop(s->queue, 1);
	return true;
}

void nhrp_sock_flush(struct nhrp_sock *s)
{
	while (send_queue_count(s->queue) > 0 && !ev_is_active(&s->writable)) {
		int n = send_batch(s);

		if (n < 0 && !send_failed(s, errno))
			return;
		if (n > 0) {
			s->counters.sent += (unsigned)n;
			send_queue_pop(s->queue, (size_t)n);
		}
	}
}

static void writable(struct ev_loop *loop, ev_io *w, int revents)
{
	(void)revents;
	ev_io_stop(loop, w);
	nhrp_sock_flush(w->data);
}

/* --- making one --- */

/*
 * Only GRE over IPv4 has an NBMA address in its link layer. The filter stands
 * before the socket is bound, so nothing gets in beside it.
 */
static int set_filter(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_HATYPE),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARPHRD_IPGRE, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_PKTTYPE),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_HOST, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog filter = { ARRAY_SIZE(code), code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
}

static int open_socket(void)
{
	const struct sockaddr_ll any = { .sll_family = AF_PACKET,
					 .sll_protocol = htons(NHRP_GRE_PROTOCOL) };
	const int rcvbuf = RCVBUF;
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	/* A container's root may not go beyond the system's limit. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &rcvbuf, sizeof(rcvbuf)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	if (set_filter(fd) < 0 ||
	    bind(fd, (const struct sockaddr *)&any, sizeof(any)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

struct nhrp_sock *nhrp_sock_new(struct loop *loop, const struct event_sink *sink,
				const struct log_sink *log)
{
	int fd = open_socket();
	struct nhrp_sock *s;

	if (fd < 0)
		return NULL;
	s = mem_new(sizeof(*s));
	s->loop = loop;
	s->sink = sink;
	s->log = log;
	s->fd = fd;
	s->queue = send_queue_new();
	s->log_limit = limit_init(1, 5);
	make_room(s);
	ev_io_init(&s->readable, readable, fd, EV_READ);
	ev_io_init(&s->writable, writable, fd, EV_WRITE);
	s->readable.data = s->writable.data = s;
	ev_io_start(loop_ev(loop), &s->readable);
	return s;
}

void nhrp_sock_free(struct nhrp_sock *s)
{
	if (!s)
		return;
	ev_io_stop(loop_ev(s->loop), &s->readable);
	ev_io_stop(loop_ev(s->loop), &s->writable);
	close(s->fd);
	send_queue_free(s->queue);
	free(s);
}

uint64_t nhrp_sock_inode(const struct nhrp_sock *s)
{
	struct stat st;

	return fstat(s->fd, &st) == 0 ? st.st_ino : 0;
}

void nhrp_sock_show(struct nhrp_sock *s, struct show_sink *sink)
{
	struct tpacket_stats stats;
	socklen_t len = sizeof(stats);

	/* Reading the kernel's count resets it. */
	if (getsockopt(s->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0)
		s->counters.unheard += stats.tp_drops;
	counter_row(sink, "socket_packets_received", s->counters.received);
	counter_row(sink, "socket_packets_lost", s->counters.unheard);
	counter_row(sink, "socket_packets_sent", s->counters.sent);
	counter_row(sink, "socket_packets_refused", s->counters.refused);
	counter_row(sink, "socket_queue_full", s->counters.queue_full);
}
