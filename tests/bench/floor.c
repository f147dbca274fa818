/* SPDX-License-Identifier: MIT */
/*
 * What the kernel allows: a hub without any logic. It receives a batch of packets,
 * writes a neighbour for each registration in one netlink message (or none, when
 * not told to), and answers the batch at once. It looks nothing up, judges nothing
 * and forgets everything; whose packet is whose follows from how nhrpload numbers
 * its stations.
 *
 *	floor DEVICE FIRST-NBMA FIRST-PROTOCOL [neighbours]
 *
 * Runs until it is ended by a signal.
 */
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/if_packet.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "../lab/gen.h"

#define BATCH	   64
#define PDU_MAX	   512
#define NEIGH_ROOM 64
#define ROOM	   (4 << 20) /* of the socket, as nhrpd has it */

#define AT_CHKSUM    12
#define AT_TYPE	     17
#define AT_SRC_PROTO 32
#define AT_DST_PROTO 36

struct floor {
	int fd, ifindex;
	uint32_t nbma, proto;
	struct mnl_socket *nl; /* NULL: no neighbours are wanted */
	uint32_t seq;
	size_t nl_len;
	_Alignas(8) uint8_t nl_bytes[BATCH * NEIGH_ROOM];

	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_ll from[BATCH];
	uint8_t pdu[BATCH][PDU_MAX];
};

static uint32_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return ntohl(v);
}

static void put_neigh(struct floor *f, const uint8_t *proto, const uint8_t *nbma)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(f->nl_bytes + f->nl_len);
	struct ndmsg *nd = mnl_nlmsg_put_extra_header(h, sizeof(*nd));

	h->nlmsg_type = RTM_NEWNEIGH;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE;
	h->nlmsg_seq = ++f->seq;
	nd->ndm_family = AF_INET;
	nd->ndm_ifindex = f->ifindex;
	nd->ndm_state = NUD_REACHABLE;
	nd->ndm_flags = NTF_EXT_LEARNED;
	mnl_attr_put(h, NDA_DST, 4, proto);
	mnl_attr_put(h, NDA_LLADDR, 4, nbma);
	f->nl_len += MNL_ALIGN(h->nlmsg_len);
}

/* From a request to its reply is one more in the type, and in the checksum. */
static void make_reply(uint8_t *pdu)
{
	unsigned sum = (~((unsigned)pdu[AT_CHKSUM] << 8 | pdu[AT_CHKSUM + 1]) & 0xffff);

	pdu[AT_TYPE]++;
	sum++;
	sum = (sum & 0xffff) + (sum >> 16);
	gen_put16(pdu + AT_CHKSUM, ~sum & 0xffff);
}

/* To the station that has this protocol address. */
static bool redirect(const struct floor *f, struct sockaddr_ll *to,
		     const uint8_t *proto)
{
	uint32_t nbma = htonl(f->nbma + (get32(proto) - f->proto));

	if (get32(proto) < f->proto)
		return false;
	memcpy(to->sll_addr, &nbma, sizeof(nbma));
	return true;
}

static void answer(struct floor *f, unsigned i)
{
	struct sockaddr_ll *ll = &f->from[i];
	uint8_t *pdu = f->pdu[i];

	f->iov[i].iov_len = f->msgs[i].msg_len;
	switch (pdu[AT_TYPE]) {
	case NHRP_REGISTRATION_REQUEST:
		if (f->nl)
			put_neigh(f, pdu + AT_SRC_PROTO, ll->sll_addr);
		make_reply(pdu);
		break;
	case NHRP_RESOLUTION_REQUEST:
		if (!redirect(f, ll, pdu + AT_DST_PROTO))
			make_reply(pdu);
		break;
	default:
		redirect(f, ll, pdu + AT_SRC_PROTO);
	}
}

static void turn(struct floor *f)
{
	int n, sent = 0;

	for (unsigned i = 0; i < BATCH; i++) {
		f->iov[i] = (struct iovec){ f->pdu[i], PDU_MAX };
		f->msgs[i] = (struct mmsghdr){ .msg_hdr = { .msg_name = &f->from[i],
							    .msg_namelen =
								    sizeof(f->from[i]),
							    .msg_iov = &f->iov[i],
							    .msg_iovlen = 1 } };
	}
	n = recvmmsg(f->fd, f->msgs, BATCH, MSG_WAITFORONE, NULL);
	for (int i = 0; i < n; i++)
		answer(f, (unsigned)i);
	if (f->nl_len && mnl_socket_sendto(f->nl, f->nl_bytes, f->nl_len) < 0)
		gen_die("a neighbour was not written");
	f->nl_len = 0;
	while (sent < n) {
		int taken = sendmmsg(f->fd, f->msgs + sent, (unsigned)(n - sent), 0);

		if (taken < 0)
			gen_die("sending failed");
		sent += taken;
	}
}

static int open_socket(int ifindex)
{
	const struct sockaddr_ll at = { .sll_family = AF_PACKET,
					.sll_protocol = htons(NHRP_GRE_PROTOCOL),
					.sll_ifindex = ifindex };
	const int room = ROOM, on = 1;
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || !ifindex ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0 ||
	    bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0)
		gen_die("no packet socket on this device: root is needed");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	return fd;
}

int main(int argc, char **argv)
{
	static struct floor f;
	struct addr a;

	if (argc < 4)
		gen_die("usage: floor DEVICE FIRST-NBMA FIRST-PROTOCOL [neighbours]");
	f.ifindex = (int)if_nametoindex(argv[1]);
	gen_address(&a, argv[2]);
	f.nbma = gen_number(&a);
	gen_address(&a, argv[3]);
	f.proto = gen_number(&a);
	f.fd = open_socket(f.ifindex);
	if (argc > 4) {
		f.nl = mnl_socket_open(NETLINK_ROUTE);
		if (!f.nl || mnl_socket_bind(f.nl, 0, MNL_SOCKET_AUTOPID) < 0)
			gen_die("no netlink socket");
	}
	for (;;)
		turn(&f);
}
