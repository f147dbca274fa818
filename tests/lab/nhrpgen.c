/* SPDX-License-Identifier: MIT */
/*
 * Sends NHRP packets that no daemon would: a thousand registrations from as
 * many stations, one Traffic Indication, or a flood of hostile packets. Builds
 * the outer headers itself, so one namespace plays any number of stations.
 *
 *	nhrpgen [OPTION...] register HUB-NBMA HUB-PROTOCOL FIRST-NBMA FIRST-PROTOCOL
 *	nhrpgen [OPTION...] indicate TO-NBMA FROM-NBMA FROM-PROTOCOL SOURCE DESTINATION
 *	nhrpgen [OPTION...] hostile TO-NBMA FROM-NBMA FILE...
 *
 *	-k KEY   of the tunnel, 42      -a TEXT  authentication
 *	-n N     how many, 1            -t S     holding time, 600
 *	-s SEED  of the mutations, 1    -w N     registrations under way, 32
 *
 * FILE holds a PDU to mutate. register ends when all are answered, or nothing
 * came for 20 s; stations whose answer is late are asked for again.
 */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nhrp/mem.h>
#include <nhrp/rng.h>

#include "gen.h"

#define RETRY_MS   2000
#define GIVE_UP_MS 20000
#define SEED_MAX   1400 /* raw packets are not fragmented */
#define SEEDS_MAX  512

struct gen {
	int fd;
	uint32_t key;
	struct auth_key auth;
	unsigned count, window;
	uint16_t hold_s;
	struct rng rng;
	uint8_t pdu[PKT_MAX_LEN];
};

static int64_t now_ms(void)
{
	return gen_now_us() / 1000;
}

/* --- the wire -------------------------------------------------------------- */

static int raw_socket(void)
{
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_GRE);
	int on = 1, room = 8 << 20;

	if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_HDRINCL, &on, sizeof(on)) < 0)
		gen_die("no raw socket: root is needed");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	return fd;
}

/* The kernel fills the total length and the checksum. */
static void send_gre(struct gen *g, const struct addr *from, const struct addr *to,
		     size_t pdu_len)
{
	uint8_t frame[GEN_HEAD_LEN + PKT_MAX_LEN];
	struct sockaddr_in sin = { .sin_family = AF_INET };

	gen_head(frame, from, to, g->key);
	memcpy(&sin.sin_addr, to->bytes, 4);
	memcpy(frame + GEN_HEAD_LEN, g->pdu, pdu_len);
	if (sendto(g->fd, frame, GEN_HEAD_LEN + pdu_len, 0, (struct sockaddr *)&sin,
		   sizeof(sin)) < 0 &&
	    errno != ENOBUFS)
		gen_die("sending failed");
}

/* The next PDU that comes in, or false at the deadline. */
static bool receive(struct gen *g, struct packet *p, int64_t deadline)
{
	struct pollfd pfd = { g->fd, POLLIN, 0 };
	int64_t left = deadline - now_ms();
	uint16_t at;
	ssize_t len;

	if (poll(&pfd, 1, left > 0 ? (int)left : 0) <= 0)
		return false;
	len = recv(g->fd, g->pdu, sizeof(g->pdu), MSG_DONTWAIT);
	if (len <= GEN_HEAD_LEN ||
	    packet_decode(p, g->pdu + GEN_HEAD_LEN, (size_t)len - GEN_HEAD_LEN, &at) !=
		    PKT_OK)
		p->type = 0;
	return true;
}

static size_t finish(struct gen *g, struct packet *p)
{
	return gen_finish(p, &g->auth, g->pdu, sizeof(g->pdu));
}

/* --- register -------------------------------------------------------------- */

struct station {
	int64_t asked; /* 0: not yet */
	bool done;
};

struct crowd {
	struct addr hub_nbma, hub_proto, nbma, proto;
	struct station *list;
	unsigned next, waiting, acked, refused;
	int64_t heard;
};

static void ask(struct gen *g, struct crowd *c, unsigned i)
{
	struct addr from = gen_plus(c->nbma, i), proto = gen_plus(c->proto, i);
	struct packet p;

	gen_registration(&p, &from, &proto, &c->hub_proto, g->hold_s);
	p.request_id = i + 1;
	send_gre(g, &from, &c->hub_nbma, finish(g, &p));
	c->list[i].asked = now_ms();
}

static void hear(struct gen *g, struct crowd *c, const struct packet *p)
{
	unsigned i = p->request_id - 1;

	if (p->type != NHRP_REGISTRATION_REPLY || i >= g->count || c->list[i].done)
		return;
	c->list[i].done = true;
	c->waiting--;
	c->heard = now_ms();
	if (p->cie_count && p->cies[0].code == NHRP_CODE_SUCCESS)
		c->acked++;
	else
		c->refused++;
}

static void ask_again(struct gen *g, struct crowd *c)
{
	for (unsigned i = 0; i < c->next; i++)
		if (!c->list[i].done && now_ms() - c->list[i].asked >= RETRY_MS)
			ask(g, c, i);
}

static int run_register(struct gen *g, char **args)
{
	struct crowd c = { .list = mem_new(g->count * sizeof(*c.list)),
			   .heard = now_ms() };
	int64_t began = now_ms();
	struct packet p;

	gen_address(&c.hub_nbma, args[0]);
	gen_address(&c.hub_proto, args[1]);
	gen_address(&c.nbma, args[2]);
	gen_address(&c.proto, args[3]);
	while (c.acked + c.refused < g->count && now_ms() - c.heard < GIVE_UP_MS) {
		for (; c.next < g->count && c.waiting < g->window;
		     c.next++, c.waiting++)
			ask(g, &c, c.next);
		if (receive(g, &p, now_ms() + RETRY_MS))
			hear(g, &c, &p);
		else
			ask_again(g, &c);
	}
	printf("{\"acked\":%u,\"refused\":%u,\"ms\":%lld}\n", c.acked, c.refused,
	       (long long)(now_ms() - began));
	free(c.list);
	return c.acked == g->count ? 0 : 1;
}

/* --- indicate -------------------------------------------------------------- */

/* As a hub tells a spoke that SOURCE -> DESTINATION has a shorter way. */
static int run_indicate(struct gen *g, char **args)
{
	struct iphdr inner = {
		.version = 4, .ihl = 5, .ttl = 63, .protocol = IPPROTO_ICMP
	};
	uint8_t excerpt[28] = { 0 };
	struct addr to, source, wanted;
	struct packet p;

	packet_init(&p, NHRP_TRAFFIC_INDICATION, ADDR_IP4, ADDR_IP4);
	gen_address(&to, args[0]);
	gen_address(&p.src_nbma, args[1]);
	gen_address(&p.src_proto, args[2]);
	gen_address(&source, args[3]);
	gen_address(&wanted, args[4]);
	p.dst_proto = source;
	inner.tot_len = htons(84);
	memcpy(&inner.saddr, source.bytes, 4);
	memcpy(&inner.daddr, wanted.bytes, 4);
	memcpy(excerpt, &inner, sizeof(inner));
	excerpt[20] = 8; /* echo request */
	p.payload = excerpt;
	p.payload_len = sizeof(excerpt);
	send_gre(g, &p.src_nbma, &to, finish(g, &p));
	return 0;
}

/* --- hostile --------------------------------------------------------------- */

struct seed {
	size_t len;
	uint8_t bytes[SEED_MAX];
};

static void load_seed(struct seed *s, const char *path)
{
	FILE *f = fopen(path, "rb");

	if (!f)
		gen_die(path);
	s->len = fread(s->bytes, 1, sizeof(s->bytes), f);
	fclose(f);
}

/* Size and checksum made right, so that what lies behind them is looked at. */
static void make_plausible(uint8_t *pdu, size_t len)
{
	if (len < NHRP_FIXED_LEN)
		return;
	gen_put16(pdu + 10, (unsigned)len);
	gen_put16(pdu + 12, 0);
	gen_put16(pdu + 12, gen_checksum(pdu, len));
}

/* One change: a byte, a length at its edge, an end cut off, a part doubled. */
static size_t mutate(struct gen *g, uint8_t *pdu, size_t len)
{
	static const uint8_t edges[] = { 0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xff };
	size_t at, n;

	if (!len)
		return 0;
	at = rng_below(&g->rng, (uint32_t)len);
	switch (rng_below(&g->rng, 4)) {
	case 0:
		pdu[at] = (uint8_t)rng_next(&g->rng);
		return len;
	case 1:
		pdu[at] = edges[rng_below(&g->rng, sizeof(edges))];
		return len;
	case 2:
		return at;
	}
	n = len - at;
	memmove(pdu + at + n, pdu + at, n);
	return len + n;
}

static int run_hostile(struct gen *g, char **args)
{
	struct timespec breath = { 0, 2000000 };
	struct seed *seeds = mem_new(SEEDS_MAX * sizeof(*seeds));
	struct addr to, from;
	uint32_t count = 0;
	size_t len;

	gen_address(&to, args[0]);
	gen_address(&from, args[1]);
	for (args += 2; *args && count < SEEDS_MAX; args++, count++) {
		load_seed(&seeds[count], *args);
		memcpy(g->pdu, seeds[count].bytes, seeds[count].len);
		send_gre(g, &from, &to, seeds[count].len);
	}
	for (unsigned i = 0; i < g->count; i++) {
		const struct seed *s = &seeds[rng_below(&g->rng, count)];

		memcpy(g->pdu, s->bytes, len = s->len);
		for (uint32_t n = 1 + rng_below(&g->rng, 3); n && len < SEED_MAX / 2;
		     n--)
			len = mutate(g, g->pdu, len);
		if (rng_below(&g->rng, 4))
			make_plausible(g->pdu, len);
		send_gre(g, &from, &to, len);
		/* As fast as it can is a test of the network, not of the daemon. */
		if (i % 8 == 7)
			nanosleep(&breath, NULL);
	}
	printf("%u\n", g->count + count);
	free(seeds);
	return 0;
}

/* --- options --------------------------------------------------------------- */

static const struct mode {
	const char *name;
	int (*run)(struct gen *g, char **args);
	int min_args;
} modes[] = {
	{ "register", run_register, 4 },
	{ "indicate", run_indicate, 5 },
	{ "hostile", run_hostile, 3 },
};

static void options(struct gen *g, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "k:a:n:t:s:w:")) != -1)
		switch (c) {
		case 'k':
			g->key = (uint32_t)strtoul(optarg, NULL, 0);
			break;
		case 'a':
			gen_auth(&g->auth, optarg);
			break;
		case 'n':
			g->count = (unsigned)strtoul(optarg, NULL, 0);
			break;
		case 't':
			g->hold_s = (uint16_t)strtoul(optarg, NULL, 0);
			break;
		case 's':
			g->rng = rng_init(strtoull(optarg, NULL, 0));
			break;
		case 'w':
			g->window = (unsigned)strtoul(optarg, NULL, 0);
			break;
		default:
			exit(2);
		}
}

int main(int argc, char **argv)
{
	static struct gen g = { .key = 42, .count = 1, .window = 32, .hold_s = 600 };

	g.rng = rng_init(1);
	options(&g, argc, argv);
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		if (optind >= argc || strcmp(argv[optind], modes[i].name) != 0)
			continue;
		if (argc - optind - 1 < modes[i].min_args)
			gen_die("arguments are missing");
		g.fd = raw_socket();
		return modes[i].run(&g, argv + optind + 1);
	}
	gen_die("what: register, indicate or hostile");
}
