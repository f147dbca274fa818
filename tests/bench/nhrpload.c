/* SPDX-License-Identifier: MIT */
/*
 * Plays any number of spokes against one hub and measures its answers. A closed
 * loop: so many exchanges are under way at any time, and each answer starts the
 * next one, so a hub is never asked for more than it does.
 *
 *	nhrpload [OPTION...] WHAT HUB-NBMA HUB-PROTOCOL FIRST-NBMA FIRST-PROTOCOL
 *
 *	register   registrations; of one who is registered already, a refresh
 *	resolve    who has the hub's own protocol address?
 *	forward    who has another station's? The hub passes it on to that station,
 *		   which answers, and the answer comes back by the hub
 *	malformed  fifteen registrations with a bad checksum before each good one
 *
 *	-i NAME  device towards the hub, eth0  -m MAC   of the hub's end of it
 *	-k KEY   of the tunnel, 42             -n N     stations, 1
 *	-t S     holding time, 600             -w N     exchanges under way, 16
 *	-d S     round and round for so long; 0, the default: each station once
 *
 * Prints one JSON object. Ends with 1 when a station was refused or got no answer
 * in 20 s; an exchange without an answer is begun anew after 2 s.
 */
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>

#include "../lab/gen.h"

#define BATCH	   64
#define FRAME_MAX  512
#define RING	   65536 /* exchanges that can be told apart; a power of two */
#define LATE_US	   2000000
#define SWEEP_US   500000
#define GIVE_UP_US 20000000
#define BAD_EACH   15
#define SLICES	   10
#define BUCKET_US  50
#define BUCKETS	   40000

/* Places in a PDU whose addresses are all of four octets. */
#define AT_CHKSUM    12
#define AT_TYPE	     17
#define AT_ID	     24
#define AT_SRC_NBMA  28
#define AT_SRC_PROTO 32
#define AT_DST_PROTO 36
#define AT_CIE_CODE  40
#define AT_CIE_NBMA  52
#define AT_CIE_PROTO 56

struct exchange {
	bool open;
	uint32_t id, station;
	int64_t asked_us;
};

/* A frame of which only numbers of stations differ from one to the next. */
struct pattern {
	size_t len;
	uint8_t frame[FRAME_MAX];
};

struct load;

struct what {
	const char *name;
	void (*prepare)(struct load *l);
	void (*begin)(struct load *l, const struct exchange *x);
	uint8_t answer;
	unsigned packets; /* the hub has to judge for one exchange */
};

struct load {
	const struct what *what;
	const char *device;
	struct sockaddr_ll hub;
	int fd;
	uint32_t key;
	unsigned stations, window, seconds;
	uint16_t hold_s;
	struct addr hub_nbma, hub_proto, nbma, proto;

	struct pattern request, reply;
	struct exchange ring[RING];
	uint32_t next_id;
	uint64_t begun, answered, refused, lost, other;
	unsigned waiting;
	int64_t began_us, now_us, heard_us, swept_us, ended_us;

	int64_t slice_us[SLICES + 1];
	uint64_t buckets[BUCKETS];
	int64_t longest_us;

	unsigned out_count;
	size_t out_len[BATCH];
	uint8_t out[BATCH][FRAME_MAX];
	uint8_t in[BATCH][FRAME_MAX];
};

/* --- frames ------------------------------------------------------------------- */

static void put32(uint8_t *p, uint32_t v)
{
	v = htonl(v);
	memcpy(p, &v, sizeof(v));
}

static uint32_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return ntohl(v);
}

static void flush(struct load *l)
{
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	unsigned sent = 0;

	for (unsigned i = 0; i < l->out_count; i++) {
		iov[i] = (struct iovec){ l->out[i], l->out_len[i] };
		msgs[i] = (struct mmsghdr){ .msg_hdr = { .msg_name = &l->hub,
							 .msg_namelen = sizeof(l->hub),
							 .msg_iov = &iov[i],
							 .msg_iovlen = 1 } };
	}
	while (sent < l->out_count) {
		int n = sendmmsg(l->fd, msgs + sent, l->out_count - sent, 0);

		if (n < 0 && errno != ENOBUFS && errno != EINTR)
			gen_die("sending failed");
		sent += n > 0 ? (unsigned)n : 0;
	}
	l->out_count = 0;
}

static struct pattern pattern_of(struct load *l, struct packet *p)
{
	const struct auth_key none = { 0 };
	struct pattern t;

	gen_head(t.frame, &l->nbma, &l->hub_nbma, l->key);
	t.len = GEN_HEAD_LEN +
		gen_finish(p, &none, t.frame + GEN_HEAD_LEN, FRAME_MAX - GEN_HEAD_LEN);
	gen_put16(t.frame + 2, (unsigned)t.len);
	return t;
}

/* A copy of it to be filled in; it leaves with the next flush. */
static uint8_t *frame_begin(struct load *l, const struct pattern *t)
{
	if (l->out_count == BATCH)
		flush(l);
	memcpy(l->out[l->out_count], t->frame, t->len);
	l->out_len[l->out_count] = t->len;
	return l->out[l->out_count];
}

static void frame_end(struct load *l, uint32_t from_nbma)
{
	uint8_t *frame = l->out[l->out_count], *pdu = frame + GEN_HEAD_LEN;
	size_t len = l->out_len[l->out_count++];

	put32(frame + 12, from_nbma);
	gen_put16(frame + 10, 0);
	gen_put16(frame + 10, gen_checksum(frame, GEN_OUTER_LEN));
	gen_put16(pdu + AT_CHKSUM, 0);
	gen_put16(pdu + AT_CHKSUM, gen_checksum(pdu, len - GEN_HEAD_LEN));
}

static uint8_t *request_begin(struct load *l, const struct exchange *x)
{
	uint8_t *pdu = frame_begin(l, &l->request) + GEN_HEAD_LEN;

	put32(pdu + AT_ID, x->id);
	put32(pdu + AT_SRC_NBMA, gen_number(&l->nbma) + x->station);
	put32(pdu + AT_SRC_PROTO, gen_number(&l->proto) + x->station);
	return pdu;
}

static void request_end(struct load *l, const struct exchange *x)
{
	frame_end(l, gen_number(&l->nbma) + x->station);
}

/* --- what is asked ------------------------------------------------------------ */

static void prepare_registration(struct load *l)
{
	struct packet p;

	gen_registration(&p, &l->nbma, &l->proto, &l->hub_proto, l->hold_s);
	l->request = pattern_of(l, &p);
}

static void begin_registration(struct load *l, const struct exchange *x)
{
	(void)request_begin(l, x);
	request_end(l, x);
}

static void begin_malformed(struct load *l, const struct exchange *x)
{
	for (unsigned i = 0; i < BAD_EACH; i++) {
		uint8_t *pdu = request_begin(l, x);

		request_end(l, x);
		pdu[AT_CHKSUM] ^= 1;
	}
	begin_registration(l, x);
}

/* An authoritative one, so that no hub answers in place of the station. */
static void prepare_resolution(struct load *l)
{
	struct packet p;
	struct cie *cie;

	packet_init(&p, NHRP_RESOLUTION_REQUEST, ADDR_IP4, ADDR_IP4);
	p.flags = NHRP_RES_AUTHORITATIVE;
	p.src_nbma = l->nbma;
	p.src_proto = l->proto;
	p.dst_proto = l->hub_proto;
	cie = packet_add_cie(&p);
	cie->prefix_len = 32;
	cie->hold_s = l->hold_s;
	l->request = pattern_of(l, &p);

	packet_init(&p, NHRP_RESOLUTION_REPLY, ADDR_IP4, ADDR_IP4);
	p.flags = NHRP_RES_AUTHORITATIVE;
	p.src_nbma = l->nbma;
	p.src_proto = l->proto;
	p.dst_proto = l->proto;
	cie = packet_add_cie(&p);
	cie->prefix_len = 32;
	cie->mtu = 1400;
	cie->hold_s = l->hold_s;
	cie->nbma = l->nbma;
	cie->proto = l->proto;
	l->reply = pattern_of(l, &p);
}

static void begin_resolution(struct load *l, const struct exchange *x)
{
	(void)request_begin(l, x);
	request_end(l, x);
}

/* Another one, far from it. */
static void begin_forwarded(struct load *l, const struct exchange *x)
{
	uint32_t other = (x->station + l->stations / 2 + 1) % l->stations;

	put32(request_begin(l, x) + AT_DST_PROTO, gen_number(&l->proto) + other);
	request_end(l, x);
}

/* A station is asked for itself. */
static void answer_as_station(struct load *l, const uint8_t *asked)
{
	uint32_t proto = get32(asked + AT_DST_PROTO);
	uint32_t nbma = gen_number(&l->nbma) + (proto - gen_number(&l->proto));
	uint8_t *pdu = frame_begin(l, &l->reply) + GEN_HEAD_LEN;

	/* Who asked and what, under the number of the request. */
	memcpy(pdu + AT_ID, asked + AT_ID, AT_CIE_CODE - AT_ID);
	put32(pdu + AT_CIE_NBMA, nbma);
	put32(pdu + AT_CIE_PROTO, proto);
	frame_end(l, nbma);
}

static const struct what whats[] = {
	{ "register", prepare_registration, begin_registration, NHRP_REGISTRATION_REPLY,
	  1 },
	{ "resolve", prepare_resolution, begin_resolution, NHRP_RESOLUTION_REPLY, 1 },
	{ "forward", prepare_resolution, begin_forwarded, NHRP_RESOLUTION_REPLY, 2 },
	{ "malformed", prepare_registration, begin_malformed, NHRP_REGISTRATION_REPLY,
	  BAD_EACH + 1 },
};

/* --- the loop ----------------------------------------------------------------- */

static void ask(struct load *l, uint32_t station)
{
	struct exchange *x = &l->ring[++l->next_id % RING];

	if (x->open) { /* its answer is very late */
		l->lost++;
		l->waiting--;
	}
	*x = (struct exchange){ true, l->next_id, station, l->now_us };
	l->waiting++;
	l->what->begin(l, x);
}

static bool more_to_ask(const struct load *l)
{
	if (l->seconds)
		return l->now_us - l->began_us < (int64_t)l->seconds * 1000000;
	return l->begun < l->stations;
}

static void fill_window(struct load *l)
{
	while (l->waiting < l->window && more_to_ask(l))
		ask(l, (uint32_t)(l->begun++ % l->stations));
	flush(l);
}

static void note_latency(struct load *l, int64_t us)
{
	int64_t bucket = us / BUCKET_US;

	l->buckets[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
	if (us > l->longest_us)
		l->longest_us = us;
}

static void answered(struct load *l, const uint8_t *pdu)
{
	uint32_t id = get32(pdu + AT_ID);
	struct exchange *x = &l->ring[id % RING];

	if (!x->open || x->id != id)
		return;
	x->open = false;
	l->waiting--;
	l->answered++;
	l->refused += pdu[AT_CIE_CODE] != NHRP_CODE_SUCCESS;
	l->heard_us = l->ended_us = l->now_us;
	note_latency(l, l->now_us - x->asked_us);
	if (l->answered % (l->stations / SLICES ? l->stations / SLICES : 1) == 0 &&
	    l->answered <= l->stations)
		l->slice_us[l->answered * SLICES / l->stations] = l->now_us;
}

static void hear(struct load *l, const uint8_t *frame, size_t len)
{
	const uint8_t *pdu = frame + GEN_HEAD_LEN;

	if (len <= GEN_HEAD_LEN + AT_CIE_CODE)
		return;
	if (pdu[AT_TYPE] == l->what->answer)
		answered(l, pdu);
	else if (pdu[AT_TYPE] == NHRP_RESOLUTION_REQUEST)
		answer_as_station(l, pdu);
	else
		l->other++;
}

static void receive(struct load *l)
{
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	int n;

	for (unsigned i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ l->in[i], FRAME_MAX };
		msgs[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &iov[i],
							 .msg_iovlen = 1 } };
	}
	/* Sleeps for the first, and takes what else is there. */
	n = recvmmsg(l->fd, msgs, BATCH, MSG_WAITFORONE, NULL);
	l->now_us = gen_now_us();
	for (int i = 0; i < n; i++)
		hear(l, l->in[i], msgs[i].msg_len);
}

static void ask_again(struct load *l)
{
	uint32_t last = l->next_id;

	if (l->now_us - l->swept_us < SWEEP_US)
		return;
	l->swept_us = l->now_us;
	for (uint32_t i = 0; i < RING; i++) {
		struct exchange *x = &l->ring[(last + 1 + i) % RING];

		if (!x->open || l->now_us - x->asked_us < LATE_US)
			continue;
		x->open = false;
		l->waiting--;
		l->lost++;
		ask(l, x->station);
	}
}

static void run(struct load *l)
{
	l->began_us = l->now_us = l->heard_us = gen_now_us();
	l->swept_us = l->ended_us = l->began_us;
	l->slice_us[0] = l->began_us;
	for (;;) {
		fill_window(l);
		if (!l->waiting || l->now_us - l->heard_us > GIVE_UP_US)
			break;
		/* What is late at the end of the time is not waited for. */
		if (!more_to_ask(l) && l->seconds && l->now_us - l->heard_us > LATE_US)
			break;
		receive(l);
		ask_again(l);
	}
}

/* --- report ------------------------------------------------------------------- */

/* Below which so many of a thousand answers took. */
static int64_t latency_us(const struct load *l, unsigned per_mille)
{
	uint64_t wanted = l->answered * per_mille / 1000, seen = 0;

	for (int64_t i = 0; i < BUCKETS; i++) {
		seen += l->buckets[i];
		if (seen > wanted)
			return (i + 1) * BUCKET_US;
	}
	return l->longest_us;
}

static double rate(uint64_t count, int64_t us)
{
	return us > 0 ? (double)count * 1e6 / (double)us : 0;
}

/* Of each tenth of the stations, when they were asked once. */
static void print_slices(const struct load *l)
{
	const char *gap = "";

	printf(",\"slices\":[");
	for (unsigned i = 1; i <= SLICES; i++, gap = ",")
		printf("%s%.0f", gap,
		       rate(l->stations / SLICES, l->slice_us[i] - l->slice_us[i - 1]));
	printf("]");
}

static void report(const struct load *l)
{
	int64_t us = l->ended_us - l->began_us;

	printf("{\"op\":\"%s\",\"stations\":%u,\"window\":%u,\"answered\":%llu,"
	       "\"refused\":%llu,\"lost\":%llu,\"other\":%llu,\"open\":%u,\"ms\":%lld,"
	       "\"rate\":%.0f,\"packets\":%u,\"p50_us\":%lld,\"p99_us\":%lld,"
	       "\"max_us\":%lld",
	       l->what->name, l->stations, l->window, (unsigned long long)l->answered,
	       (unsigned long long)l->refused, (unsigned long long)l->lost,
	       (unsigned long long)l->other, l->waiting, (long long)us / 1000,
	       rate(l->answered, us), l->what->packets, (long long)latency_us(l, 500),
	       (long long)latency_us(l, 990), (long long)l->longest_us);
	if (!l->seconds && l->stations % SLICES == 0 && l->answered == l->stations)
		print_slices(l);
	printf("}\n");
}

/* --- socket and options ------------------------------------------------------- */

/* Beside the kernel's own IP, which knows no station: NHRP in GRE, coming in. */
static int open_socket(const char *device)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_GRE, 0, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, GEN_OUTER_LEN + 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NHRP_GRE_PROTOCOL, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, FRAME_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog filter = { ARRAY_SIZE(code), code };
	const struct sockaddr_ll at = { .sll_family = AF_PACKET,
					.sll_protocol = htons(ETH_P_IP),
					.sll_ifindex = (int)if_nametoindex(device) };
	const struct timeval tick = { .tv_usec = 100000 };
	const int on = 1, room = 16 << 20;
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tick, sizeof(tick)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0 ||
	    bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0)
		gen_die("no packet socket on this device: root is needed");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	return fd;
}

static void set_mac(struct load *l, const char *text)
{
	unsigned b[ETH_ALEN];

	if (sscanf(text, "%x:%x:%x:%x:%x:%x", &b[0], &b[1], &b[2], &b[3], &b[4],
		   &b[5]) != ETH_ALEN)
		gen_die("-m wants a MAC address");
	for (int i = 0; i < ETH_ALEN; i++)
		l->hub.sll_addr[i] = (uint8_t)b[i];
	l->hub.sll_halen = ETH_ALEN;
}

static unsigned number(const char *text, unsigned most)
{
	char *end;
	unsigned long v = strtoul(text, &end, 0);

	if (*end || end == text || v > most)
		gen_die("a number is wanted, or a smaller one");
	return (unsigned)v;
}

static void options(struct load *l, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "i:m:k:n:t:w:d:")) != -1)
		switch (c) {
		case 'i':
			l->device = optarg;
			break;
		case 'm':
			set_mac(l, optarg);
			break;
		case 'k':
			l->key = number(optarg, UINT32_MAX);
			break;
		case 'n':
			l->stations = number(optarg, 1u << 24);
			break;
		case 't':
			l->hold_s = (uint16_t)number(optarg, UINT16_MAX);
			break;
		case 'w':
			l->window = number(optarg, 1024);
			break;
		case 'd':
			l->seconds = number(optarg, 3600);
			break;
		default:
			exit(2);
		}
	if (!l->stations || !l->window || !l->hub.sll_halen)
		gen_die("stations, a window and -m are wanted");
}

static const struct what *find_what(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(whats); i++) {
		if (strcmp(whats[i].name, name) == 0)
			return &whats[i];
	}
	gen_die("what: register, resolve, forward or malformed");
}

/*
 * Spokes have processors of their own. Where all of them share the hub's, it is not
 * taken away in the middle of a batch by the first answer of it.
 */
static void wait_for_processor(void)
{
	const struct sched_param none = { 0 };

	if (sched_setscheduler(0, SCHED_BATCH, &none) != 0)
		gen_die("sched_setscheduler");
}

int main(int argc, char **argv)
{
	static struct load l = {
		.device = "eth0", .key = 42, .stations = 1, .window = 16, .hold_s = 600
	};
	char **args;

	options(&l, argc, argv);
	l.what = find_what(argv[optind]);
	if (argc - optind != 5)
		gen_die("four addresses are wanted");
	args = argv + optind + 1;
	gen_address(&l.hub_nbma, args[0]);
	gen_address(&l.hub_proto, args[1]);
	gen_address(&l.nbma, args[2]);
	gen_address(&l.proto, args[3]);
	l.fd = open_socket(l.device);
	l.hub.sll_family = AF_PACKET;
	l.hub.sll_protocol = htons(ETH_P_IP);
	l.hub.sll_ifindex = (int)if_nametoindex(l.device);
	l.what->prepare(&l);
	wait_for_processor();
	run(&l);
	report(&l);
	return l.answered && !l.refused && (l.seconds || !l.waiting) ? 0 : 1;
}
