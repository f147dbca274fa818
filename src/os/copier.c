/* SPDX-License-Identifier: MIT */
#include <nhrp/copier.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <net/if.h>
#include <utlist.h>

#include <nhrp/inner.h>
#include <nhrp/limit.h>
#include <nhrp/loop.h>
#include <nhrp/mem.h>
#include <nhrp/nl_log.h>

#include "copy_groups.h"
#include "copy_list.h"
#include "counter_row.h"

#define BATCH	   256
#define PACKET_MAX 65535
#define SNDBUF	   (8 << 20) /* some ten thousand copies under way */

/* A device by which somebody gets copies. */
struct tunnel {
	struct tunnel *next;
	int ifindex;
	char name[CONF_IFNAME_MAX];
	struct copy_list *list; /* not empty */
};

struct copier {
	struct loop *loop;
	const struct log_sink *log;
	const struct conf *conf; /* NULL before the first */
	struct nl_log *in;
	int fd;
	struct tunnel *tunnels;
	struct copy_groups groups;
	struct limit log_limit;
	struct {
		uint64_t copies, lost, refused, too_long, unheard, filtered;
	} counters;
	uint8_t packet[PACKET_MAX]; /* the one at hand */
};

/* --- sending --- */

static void log_refused(struct copier *c, const struct tunnel *t,
			const struct addr *nbma, int error)
{
	if (limit_take(&c->log_limit, loop_now(c->loop)))
		log_to(c->log, LOG_LEVEL_WARN,
		       "%s: a copy of multicast to %s was not sent: %s", t->name,
		       ADDR_STR(nbma), strerror(error));
}

/*
 * The copy to the station `at` was not taken. How many get none for that: this one
 * alone, or all the rest, when it is not for its address; 0: try again.
 */
static size_t give_up(struct copier *c, struct tunnel *t, size_t at, int error)
{
	size_t rest = copy_list_count(t->list) - at;
	struct copy_station s = copy_list_at(t->list, at);

	switch (error) {
	case EINTR:
		return 0;
	case EAGAIN:
	case ENOBUFS:
		c->counters.lost += rest;
		return rest;
	case EMSGSIZE:
		c->counters.too_long++;
		return rest;
	case ENXIO:
	case ENODEV:
	case ENETDOWN: /* the engine will hear of it */
		c->counters.refused += rest;
		return rest;
	}
	c->counters.refused++;
	log_refused(c, t, &s.nbma, error);
	return 1;
}

static void send_copies(struct copier *c, struct tunnel *t, struct copy_group *g)
{
	size_t count = copy_list_count(t->list);

	for (size_t at = 0; at < count;) {
		struct mmsghdr *messages;
		size_t n = copy_list_messages(t->list, at, BATCH, &messages);
		int sent = sendmmsg(c->fd, messages, (unsigned)n, 0);

		if (sent > 0) {
			copy_list_sent(t->list, at, (size_t)sent);
			c->counters.copies += (unsigned)sent;
			g->copies += (unsigned)sent;
			at += (size_t)sent;
		} else {
			n = give_up(c, t, at, errno);
			copy_list_lost(t->list, at, n);
			g->lost += n;
			at += n;
		}
	}
}

/* --- what the rules took --- */

static struct tunnel *find_tunnel(const struct copier *c, int ifindex)
{
	struct tunnel *t;

	LL_FOREACH (c->tunnels, t) {
		if (t->ifindex == ifindex)
			return t;
	}
	return NULL;
}

/* NULL: it is no interface whose multicast is copied. */
static const struct conf_iface *conf_of(const struct copier *c, int ifindex)
{
	const struct tunnel *t = find_tunnel(c, ifindex);
	char name[IF_NAMESIZE] = "";
	const struct conf_iface *i = NULL;

	if (c->conf && (t || if_indextoname((unsigned)ifindex, name)))
		i = conf_find_iface(c->conf, t ? t->name : name);
	return i && i->mcast_count ? i : NULL;
}

static void copy(struct copier *c, const struct ev_sample *s, struct copy_group *g)
{
	struct tunnel *t = find_tunnel(c, s->out_ifindex);

	if (!t) {
		c->counters.unheard++;
		return;
	}
	memcpy(c->packet, s->packet, s->len);
	inner_complete_udp(c->packet, s->len);
	copy_list_begin(t->list, c->packet, s->len,
			g->group.family == ADDR_IP4 ? ETH_P_IP : ETH_P_IPV6);
	send_copies(c, t, g);
}

static bool take_packet(void *ctx, const struct ev_sample *s)
{
	struct copier *c = ctx;
	const struct conf_iface *i = conf_of(c, s->out_ifindex);
	struct copy_group *g;
	struct inner in;

	if (!i || s->len > sizeof(c->packet) || !inner_decode(&in, s->packet, s->len))
		return false;
	g = copy_groups_get(&c->groups, i->name, &in.dst, loop_now(c->loop));
	g->refused = !conf_copies_group(i, &in.dst);
	if (g->refused) {
		c->counters.filtered++;
		return true;
	}
	g->packets++;
	copy(c, s, g);
	return true;
}

/* --- to whom --- */

void copier_add(struct copier *c, const struct act_copy *a)
{
	struct tunnel *t = find_tunnel(c, a->ifindex);

	/* The packet socket's link layer knows no other; nhrp_sock.c says so too. */
	if (a->nbma.family != ADDR_IP4)
		return;
	if (!t) {
		t = mem_new(sizeof(*t));
		t->ifindex = a->ifindex;
		if (!if_indextoname((unsigned)a->ifindex, t->name))
			t->name[0] = '\0'; /* it went before we heard of it */
		t->list = copy_list_new(a->ifindex);
		LL_PREPEND(c->tunnels, t);
	}
	copy_list_add(t->list, &a->nbma);
}

static void free_tunnel(struct copier *c, struct tunnel *t)
{
	LL_DELETE(c->tunnels, t);
	copy_list_free(t->list);
	free(t);
}

void copier_del(struct copier *c, const struct act_copy *a)
{
	struct tunnel *t = find_tunnel(c, a->ifindex);

	if (!t)
		return;
	copy_list_del(t->list, &a->nbma);
	if (copy_list_count(t->list) == 0)
		free_tunnel(c, t);
}

/* --- making one --- */

static const struct nl_log_use use = {
	.word = "multicast-nflog-group",
	.loss = "no multicast is copied",
	.octets = PACKET_MAX,
	.heard = "multicast_captured",
	.unclear = "multicast_unclear",
	.overruns = "multicast_overruns",
	.packet = take_packet,
};

/* For protocol 0: nothing comes in. */
static int open_socket(void)
{
	const int sndbuf = SNDBUF;
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	/* A container's root may not go beyond the system's limit. */
	if (fd >= 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &sndbuf, sizeof(sndbuf)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf));
	return fd;
}

struct copier *copier_new(struct loop *loop, const struct log_sink *log)
{
	int fd = open_socket();
	struct copier *c;

	if (fd < 0)
		return NULL;
	c = mem_new(sizeof(*c));
	c->loop = loop;
	c->log = log;
	c->fd = fd;
	c->log_limit = limit_init(1, 5);
	c->in = nl_log_new(loop_ev(loop), &use, c, log);
	return c;
}

void copier_free(struct copier *c)
{
	if (!c)
		return;
	nl_log_free(c->in);
	while (c->tunnels)
		free_tunnel(c, c->tunnels);
	close(c->fd);
	free(c);
}

void copier_conf(struct copier *c, const struct conf *conf)
{
	c->conf = conf;
	nl_log_listen(c->in, conf_copies_multicast(conf) ? conf->mcast_nflog_group : 0);
}

const char *copier_problem(const struct copier *c)
{
	return nl_log_problem(c->in);
}

/* --- what it did --- */

void copier_show(const struct copier *c, struct show_sink *sink)
{
	nl_log_show(c->in, sink);
	counter_row(sink, "multicast_copies", c->counters.copies);
	counter_row(sink, "multicast_lost", c->counters.lost);
	counter_row(sink, "multicast_refused", c->counters.refused);
	counter_row(sink, "multicast_too_long", c->counters.too_long);
	counter_row(sink, "multicast_for_nobody", c->counters.unheard);
	counter_row(sink, "multicast_filtered", c->counters.filtered);
}

static void show_group(const struct copy_group *g, struct show_sink *sink)
{
	struct record r;

	record_init(&r);
	record_text(&r, "interface", g->ifname);
	record_addr(&r, "group", &g->group);
	record_text(&r, "state", g->refused ? "refused" : "copied");
	/* Of a group that is refused from the begin only samples arrive. */
	if (!g->refused || g->packets) {
		record_number(&r, "packets", (int64_t)g->packets);
		record_number(&r, "copies", (int64_t)g->copies);
		record_number(&r, "lost", (int64_t)g->lost);
	}
	record_mono(&r, "last", g->last);
	if (g->refused)
		record_text(&r, "reason", "no 'multicast-group' covers it");
	sink->row(sink, &r);
}

static void show_station(const struct tunnel *t, size_t n, struct show_sink *sink)
{
	struct copy_station s = copy_list_station(t->list, n);
	struct record r;

	record_init(&r);
	record_text(&r, "interface", t->name);
	record_addr(&r, "nbma", &s.nbma);
	record_number(&r, "copies", (int64_t)s.sent);
	record_number(&r, "lost", (int64_t)s.lost);
	sink->row(sink, &r);
}

void copier_show_table(const struct copier *c, const char *ifname,
		       struct show_sink *sink)
{
	const struct tunnel *t;

	for (size_t n = 0; n < c->groups.count; n++) {
		const struct copy_group *g = &c->groups.list[n];

		if (!ifname[0] || strcmp(g->ifname, ifname) == 0)
			show_group(g, sink);
	}
	LL_FOREACH (c->tunnels, t) {
		if (ifname[0] && strcmp(t->name, ifname) != 0)
			continue;
		for (size_t n = 0; n < copy_list_count(t->list); n++)
			show_station(t, n, sink);
	}
}
