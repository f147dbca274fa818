/* SPDX-License-Identifier: MIT */
#include "nft_counters.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <libmnl/libmnl.h>

#include "nl_msg.h"
#include "nl_nf_msg.h"

#define PATIENCE_S 1
#define IN_ROOM	   (16 << 10)
#define SEQ	   1 /* each question has a socket of its own */

struct question {
	const char *table;
	void (*each)(void *ctx, const char *name, uint64_t packets, uint64_t octets);
	void *ctx;
};

static int take_message(const struct nlmsghdr *h, void *ctx)
{
	const struct question *q = ctx;
	struct nl_nf_counter c;

	if (nl_nf_msg_counter(&c, h) && nl_nf_msg_is_about(h, q->table))
		q->each(q->ctx, c.name, c.packets, c.octets);
	return MNL_CB_OK;
}

/* Until the dump is at its end. */
static bool receive(struct mnl_socket *sock, struct question *q)
{
	_Alignas(8) uint8_t in[IN_ROOM];
	unsigned port = mnl_socket_get_portid(sock);
	int rc = MNL_CB_OK;

	while (rc > MNL_CB_STOP) {
		ssize_t n = mnl_socket_recvfrom(sock, in, sizeof(in));

		rc = n > 0 ? mnl_cb_run(in, (size_t)n, SEQ, port, take_message, q)
			   : MNL_CB_ERROR;
	}
	return rc == MNL_CB_STOP;
}

static bool ask(struct mnl_socket *sock, struct question *q)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	_Alignas(8) uint8_t out[NL_MSG_MAX];
	struct nlmsghdr *h = (void *)out;
	size_t len = nl_nf_msg_dump_counters(out, sizeof(out), q->table);

	if (mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0)
		return false;
	setsockopt(mnl_socket_get_fd(sock), SOL_SOCKET, SO_RCVTIMEO, &patience,
		   sizeof(patience));
	h->nlmsg_seq = SEQ;
	return mnl_socket_sendto(sock, h, len) >= 0 && receive(sock, q);
}

bool nft_counters_read(const char *table,
		       void (*each)(void *ctx, const char *name, uint64_t packets,
				    uint64_t octets),
		       void *ctx)
{
	struct question q = { table, each, ctx };
	struct mnl_socket *sock = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	bool ok = sock && ask(sock, &q);

	if (sock)
		mnl_socket_close(sock);
	return ok;
}
