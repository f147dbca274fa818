/* SPDX-License-Identifier: MIT */
/*
 * Sends to a group through a hub's tunnel and counts the copies that leave the hub. A
 * closed loop: so many packets are under way at any time, and when the copies of one
 * have come the next one goes, so a hub is never asked for more than it does.
 *
 *	groupload [OPTION...] WHAT NAMESPACE FIRST-NBMA
 *
 *	group   a program of the hub sends hellos to 224.0.0.5, and the hub's daemon
 *		copies them
 *	floor   the copies themselves, by sendmmsg(2) and nothing else
 *
 *	-i NAME  the hub's tunnel, gre1   -n N  stations, 1
 *	-w N     packets under way, 8     -d S  for so long, 1
 *
 * Runs at the other end of the hub's link, eth0 here, whose counter says how many
 * have come; NAMESPACE is the hub's. Prints one JSON object. What has not come a
 * second after the last one is lost.
 */
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_packet.h>
#include <net/ethernet.h>

#include "../lab/gen.h"

#define GROUP	     0xe0000005 /* 224.0.0.5 */
#define PROTO_OSPF   89
#define HELLO_LEN    44
#define BATCH	     256
#define PAUSE_US     200
#define LOST_US	     1000000
#define COUNTER	     "/sys/class/net/eth0/statistics/rx_packets"
#define HELLO_TYPE   1
#define OSPF_VERSION 2

struct load {
	const char *tunnel, *namespace;
	unsigned stations, window, seconds;
	struct addr first;
	void (*send)(struct load *l);
	int counter, fd;
	uint8_t packet[GEN_OUTER_LEN + HELLO_LEN];
	struct sockaddr_ll *to;
	struct mmsghdr *messages;
	struct iovec iov;
	uint64_t before, sent, arrived, lost; /* all but `sent` are copies */
	int64_t began_us, last_us;
};

static uint64_t count(const struct load *l)
{
	char text[32] = "";

	if (pread(l->counter, text, sizeof(text) - 1, 0) <= 0)
		gen_die("the device's counter cannot be read");
	return strtoull(text, NULL, 10);
}

/* --- what is sent */

static void send_group(struct load *l)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(GROUP) };

	/* Where the rules drop aloud this is an error, and it goes nevertheless. */
	if (sendto(l->fd, l->packet + GEN_OUTER_LEN, HELLO_LEN, 0,
		   (struct sockaddr *)&to, sizeof(to)) < 0 &&
	    errno != EPERM && errno != ENOBUFS)
		gen_die(strerror(errno));
}

static void open_group(struct load *l)
{
	const struct ip_mreqn by = { .imr_ifindex = (int)if_nametoindex(l->tunnel) };
	const int off = 0;

	l->send = send_group;
	l->fd = socket(AF_INET, SOCK_RAW, PROTO_OSPF);
	if (l->fd < 0 ||
	    setsockopt(l->fd, IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof(by)) < 0 ||
	    setsockopt(l->fd, IPPROTO_IP, IP_MULTICAST_LOOP, &off, sizeof(off)) < 0)
		gen_die(strerror(errno));
}

static void send_copies(struct load *l)
{
	for (unsigned at = 0; at < l->stations;) {
		unsigned left = l->stations - at;
		int n = sendmmsg(l->fd, l->messages + at, left < BATCH ? left : BATCH,
				 0);

		if (n < 0)
			gen_die(strerror(errno));
		at += (unsigned)n;
	}
}

static void open_floor(struct load *l)
{
	const int room = 8 << 20;

	l->send = send_copies;
	l->fd = socket(AF_PACKET, SOCK_DGRAM, 0);
	if (l->fd < 0)
		gen_die(strerror(errno));
	setsockopt(l->fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	l->iov = (struct iovec){ l->packet, sizeof(l->packet) };
	l->to = calloc(l->stations, sizeof(*l->to));
	l->messages = calloc(l->stations, sizeof(*l->messages));
	for (unsigned n = 0; n < l->stations; n++) {
		struct addr a = gen_plus(l->first, n);

		l->to[n] = (struct sockaddr_ll){
			.sll_family = AF_PACKET,
			.sll_protocol = htons(ETH_P_IP),
			.sll_ifindex = (int)if_nametoindex(l->tunnel),
			.sll_halen = 4,
		};
		memcpy(l->to[n].sll_addr, a.bytes, 4);
		l->messages[n].msg_hdr =
			(struct msghdr){ .msg_name = &l->to[n],
					 .msg_namelen = sizeof(l->to[n]),
					 .msg_iov = &l->iov,
					 .msg_iovlen = 1 };
	}
}

/* A hello as ospfd sends it, as far as anybody on the way looks. */
static void make_packet(struct load *l)
{
	struct iphdr ip = { .version = 4,
			    .ihl = GEN_OUTER_LEN / 4,
			    .ttl = 1,
			    .protocol = PROTO_OSPF,
			    .tot_len = htons(sizeof(l->packet)),
			    .daddr = htonl(GROUP) };

	memcpy(l->packet, &ip, sizeof(ip));
	l->packet[GEN_OUTER_LEN] = OSPF_VERSION;
	l->packet[GEN_OUTER_LEN + 1] = HELLO_TYPE;
	l->packet[GEN_OUTER_LEN + 3] = HELLO_LEN;
}

/* --- the loop */

/* Copies that may still come. More than those come when the hub's kernel has
 * something to say to a group as well, which is copied too. */
static uint64_t under_way(const struct load *l)
{
	uint64_t all = l->sent * l->stations, over = l->arrived + l->lost;

	return all > over ? all - over : 0;
}

static void look(struct load *l)
{
	uint64_t all = count(l) - l->before;
	int64_t now = gen_now_us();

	if (all != l->arrived) {
		l->arrived = all;
		l->last_us = now;
	} else if (now - l->last_us > LOST_US && under_way(l)) {
		l->lost += under_way(l);
		l->last_us = now;
	}
	/* What comes after it was given up was late, and is not lost. */
	if (l->lost && l->arrived + l->lost > l->sent * l->stations)
		l->lost = l->arrived < l->sent * l->stations
				  ? l->sent * l->stations - l->arrived
				  : 0;
}

static void run(struct load *l)
{
	int64_t end;

	l->before = count(l);
	l->began_us = l->last_us = gen_now_us();
	end = l->began_us + (int64_t)l->seconds * 1000000;
	while (gen_now_us() < end || under_way(l)) {
		while (gen_now_us() < end &&
		       under_way(l) < (uint64_t)l->window * l->stations) {
			l->send(l);
			l->sent++;
		}
		usleep(PAUSE_US);
		look(l);
	}
}

static void report(const struct load *l, const char *what)
{
	double s = (double)(l->last_us - l->began_us) / 1e6;

	printf("{\"what\":\"%s\",\"stations\":%u,\"window\":%u,\"packets\":%llu,"
	       "\"copies\":%llu,\"lost\":%llu,\"seconds\":%.3f,\"rate\":%.0f}\n",
	       what, l->stations, l->window, (unsigned long long)l->sent,
	       (unsigned long long)l->arrived, (unsigned long long)l->lost, s,
	       s > 0 ? (double)l->arrived / s : 0.);
}

static unsigned number(const char *text)
{
	char *end;
	unsigned long v = strtoul(text, &end, 0);

	if (*end || end == text || !v || v > 1u << 20)
		gen_die("a number is wanted, or a smaller one");
	return (unsigned)v;
}

static void options(struct load *l, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "i:n:w:d:")) != -1)
		switch (c) {
		case 'i':
			l->tunnel = optarg;
			break;
		case 'n':
			l->stations = number(optarg);
			break;
		case 'w':
			l->window = number(optarg);
			break;
		case 'd':
			l->seconds = number(optarg);
			break;
		default:
			exit(2);
		}
	if (argc - optind != 3)
		gen_die("what, a namespace and an address are wanted");
	l->namespace = argv[optind + 1];
	gen_address(&l->first, argv[optind + 2]);
}

/* The counter is of where we come from; sockets are of where we go. */
static void enter(struct load *l)
{
	char path[256];
	int fd;

	l->counter = open(COUNTER, O_RDONLY);
	snprintf(path, sizeof(path), "/run/netns/%s", l->namespace);
	fd = open(path, O_RDONLY);
	if (l->counter < 0 || fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		gen_die(strerror(errno));
}

int main(int argc, char **argv)
{
	static struct load l = {
		.tunnel = "gre1", .stations = 1, .window = 8, .seconds = 1
	};
	const char *what;

	options(&l, argc, argv);
	what = argv[optind];
	enter(&l);
	make_packet(&l);
	if (strcmp(what, "group") == 0)
		open_group(&l);
	else if (strcmp(what, "floor") == 0)
		open_floor(&l);
	else
		gen_die("what: group or floor");
	run(&l);
	report(&l, what);
	return 0;
}
