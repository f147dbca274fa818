/* SPDX-License-Identifier: MIT */
#include "rig.h"

#include <stdlib.h>
#include <string.h>

#include <nhrp/mem.h>
#include <nhrp/packet.h>

#include "fuzz.h"

#define AT_ONCE_MAX 1000 /* times to be woken without time going by */
#define STOP_S	    5

/* --- the cast ---------------------------------------------------------------- */

static struct addr parsed(const char *text)
{
	struct addr a;

	MUST_HOLD(addr_parse(&a, text));
	return a;
}

struct addr rig_nbma(uint8_t station)
{
	static const char *const texts[RIG_STATIONS] = {
		"203.0.113.1", "192.0.2.2",    "198.51.100.3",	"192.168.7.3",
		"203.0.113.9", "198.51.100.5", "2001:db8:6::1", "2001:db8:6::2",
	};

	return parsed(texts[station % RIG_STATIONS]);
}

struct addr rig_proto(uint8_t station)
{
	static const char *const texts[RIG_STATIONS] = {
		"10.0.0.1",  "10.0.0.2",  "10.0.0.3",	 "10.3.3.33",
		"10.2.2.22", "10.0.0.77", "2001:db8::1", "2001:db8::2",
	};

	return parsed(texts[station % RIG_STATIONS]);
}

struct rig_device *rig_device(struct rig *r, int ifindex)
{
	for (int k = 0; k < RIG_DEVICES; k++) {
		if (r->devices[k].ifindex == ifindex)
			return &r->devices[k];
	}
	return NULL;
}

/* --- the kernel ------------------------------------------------------------------ */

static bool is_same(const struct rig_entry *a, const struct rig_entry *b)
{
	return a->kind == b->kind && a->ifindex == b->ifindex && a->table == b->table &&
	       prefix_eq(&a->dst, &b->dst);
}

static struct rig_entry *find_entry(struct rig *r, const struct rig_entry *like)
{
	for (size_t k = 0; k < r->entry_count; k++) {
		if (is_same(&r->entries[k], like))
			return &r->entries[k];
	}
	return NULL;
}

static void add_entry(struct rig *r, const struct rig_entry *entry)
{
	if (r->entry_count == r->entry_room) {
		r->entry_room = r->entry_room ? r->entry_room * 2 : 16;
		r->entries = mem_resize(r->entries, r->entry_room, sizeof(*entry));
	}
	r->entries[r->entry_count++] = *entry;
}

static void set_entry(struct rig *r, const struct rig_entry *entry)
{
	struct rig_entry *old = find_entry(r, entry);
	const struct rig_device *dev = rig_device(r, entry->ifindex);

	if (!dev || !dev->exists || !dev->up)
		return;
	if (old)
		*old = *entry;
	else
		add_entry(r, entry);
}

static void del_entry(struct rig *r, struct rig_entry *entry)
{
	if (entry)
		*entry = r->entries[--r->entry_count];
}

static struct rig_entry entry_of_neigh(const struct act_neigh *a)
{
	return (struct rig_entry){ .kind = RIG_NEIGH,
				   .ifindex = a->ifindex,
				   .dst = prefix_host(&a->proto),
				   .to = a->nbma };
}

static struct rig_entry entry_of_route(const struct act_route *a)
{
	return (struct rig_entry){ .kind = RIG_ROUTE,
				   .ifindex = a->ifindex,
				   .dst = a->dst,
				   .to = a->gateway,
				   .table = a->table };
}

/* As a device that goes takes them along; watches are the daemon's own. */
static void flush(struct rig *r, int ifindex)
{
	for (size_t k = r->entry_count; k-- > 0;) {
		if (r->entries[k].kind != RIG_WATCH && r->entries[k].ifindex == ifindex)
			del_entry(r, &r->entries[k]);
	}
}

/*
 * Was its neighbour removed a moment before, so that a packet came in between? With a
 * new configuration it may have had to wait for an SA first, and then been removed.
 */
static void check_led(const struct rig *r, const struct rig_entry *route)
{
	for (size_t k = 0; k < r->unled_count && !route->left && !r->reloading; k++) {
		const struct rig_entry *at = &r->unled[k];

		if (at->ifindex == route->ifindex)
			MUST_HOLD(!addr_eq(&at->dst.addr, &route->to) &&
				  !prefix_eq(&at->dst, &route->dst));
	}
}

static void note_unled(struct rig *r, const struct rig_entry *entry)
{
	if (r->unled_count < RIG_WAITING)
		r->unled[r->unled_count++] = *entry;
}

/* A predecessor's do not count before the engine heard of them. */
static void check_neighs(struct rig *r)
{
	for (size_t k = 0; k < r->entry_count; k++) {
		const struct rig_entry *at = &r->entries[k];
		const struct rig_device *dev = rig_device(r, at->ifindex);

		if (at->kind == RIG_NEIGH && addr_is_set(&at->to) &&
		    !(at->left && dev && !dev->dumped))
			MUST_HOLD(rig_may_go(r, at->ifindex, &at->to));
	}
}

/* --- actions ---------------------------------------------------------------------- */

static void on_send(struct rig *r, const struct act_send *a)
{
	struct rig_sent *s = &r->sent[r->sent_count++ % RIG_SENT];
	static struct packet p;
	uint16_t at;

	MUST_HOLD(packet_decode(&p, a->pdu, a->len, &at) == PKT_OK);
	MUST_HOLD(p.hops > 0);
	MUST_HOLD(addr_is_set(&a->to));
	/* it may be gone by now: to send there comes to nothing */
	MUST_HOLD(rig_device(r, a->ifindex) != NULL);
	MUST_HOLD(rig_may_go(r, a->ifindex, &a->to));
	s->len = a->len < RIG_SENT_MAX ? a->len : RIG_SENT_MAX;
	memcpy(s->pdu, a->pdu, s->len);
	s->to = a->to;
	s->ifindex = a->ifindex;
}

static void on_neigh(struct rig *r, const struct action *a)
{
	struct rig_entry entry = entry_of_neigh(&a->neigh);

	if (a->type == ACT_NEIGH_DEL || !addr_is_set(&a->neigh.nbma))
		note_unled(r, &entry);
	if (a->type == ACT_NEIGH_DEL)
		del_entry(r, find_entry(r, &entry));
	else
		set_entry(r, &entry);
}

static void on_route(struct rig *r, const struct action *a)
{
	struct rig_entry entry = entry_of_route(&a->route);

	if (a->type == ACT_ROUTE_DEL) {
		if (find_entry(r, &entry))
			check_led(r, find_entry(r, &entry));
		del_entry(r, find_entry(r, &entry));
	} else {
		set_entry(r, &entry);
	}
}

static void on_watch(struct rig *r, const struct action *a)
{
	struct rig_entry entry = { .kind = RIG_WATCH, .dst = a->watch };

	if (a->type == ACT_WATCH_SET) {
		add_entry(r, &entry);
		return;
	}
	MUST_HOLD(find_entry(r, &entry) != NULL);
	del_entry(r, find_entry(r, &entry));
}

static void on_sa(struct rig *r, const struct act_sa *a)
{
	MUST_HOLD(r->ike_ready || a->want != SA_START);
	if (r->wish_count < RIG_WAITING && a->want != SA_FORGET)
		r->wishes[r->wish_count++] = *a;
}

static void on_hook(struct rig *r, const struct act_hook *a)
{
	if (a->token && r->hook_count < RIG_WAITING)
		r->hooks[r->hook_count++] = a->token;
}

static void on_dump(struct rig *r, const struct action *a)
{
	struct rig_device *dev = rig_device(r, a->dump.ifindex);

	if (!dev)
		return;
	if (a->type == ACT_NEIGH_DUMP)
		dev->dump_neighs = true;
	else
		dev->dump_routes = true;
}

static void trace_action(const struct rig *r, const struct action *a)
{
	if (!getenv("RIG_LOG"))
		return;
	fprintf(stderr, "%.3f   action %d", (double)r->now.us / 1e6, a->type);
	if (a->type == ACT_NEIGH_SET || a->type == ACT_NEIGH_DEL)
		fprintf(stderr, " %s %s at %s",
			a->type == ACT_NEIGH_SET ? "set" : "delete",
			ADDR_STR(&a->neigh.proto), ADDR_STR(&a->neigh.nbma));
	else if (a->type == ACT_SEND)
		fprintf(stderr, " send to %s", ADDR_STR(&a->send.to));
	else if (a->type == ACT_SA)
		fprintf(stderr, " SA wish %d %s", a->sa.want, ADDR_STR(&a->sa.remote));
	fputc('\n', stderr);
}

static void act(struct rig *r, const struct action *a)
{
	trace_action(r, a);
	switch (a->type) {
	case ACT_SEND:
		on_send(r, &a->send);
		break;
	case ACT_NEIGH_SET:
	case ACT_NEIGH_DEL:
		on_neigh(r, a);
		break;
	case ACT_ROUTE_SET:
	case ACT_ROUTE_DEL:
		on_route(r, a);
		break;
	case ACT_NEIGH_DUMP:
	case ACT_ROUTE_DUMP:
		on_dump(r, a);
		break;
	case ACT_WATCH_SET:
	case ACT_WATCH_DEL:
		on_watch(r, a);
		break;
	case ACT_LOOKUP:
		if (r->lookup_count < RIG_WAITING)
			r->lookups[r->lookup_count++] = a->lookup;
		break;
	case ACT_RESOLVE_NAME:
		MUST_HOLD(a->name.name[0] != '\0');
		break;
	case ACT_COPY_ADD:
	case ACT_COPY_DEL:
		MUST_HOLD(a->copy.ifindex > 0 && addr_is_set(&a->copy.nbma));
		break;
	case ACT_HOOK:
		on_hook(r, &a->hook);
		break;
	case ACT_SA:
		on_sa(r, &a->sa);
		break;
	case ACT_CARRIER:
	case ACT_STATE_PUT:
	case ACT_STATE_DEL:
		break;
	case ACT_ANSWER:
		MUST_HOLD(a->answer.reason != NULL);
		break;
	case ACT_STOPPED:
		r->stopped = true;
		break;
	}
}

/* --- dumps ---------------------------------------------------------------- */

/* What a device has, as it is when it is asked for: the engine deletes meanwhile. */
static struct rig_entry *entries_of(const struct rig *r, const struct rig_device *dev,
				    enum rig_kind kind, size_t *count)
{
	struct rig_entry *list = mem_resize(NULL, r->entry_count + 1, sizeof(*list));

	*count = 0;
	for (size_t k = 0; k < r->entry_count; k++) {
		if (r->entries[k].kind == kind && r->entries[k].ifindex == dev->ifindex)
			list[(*count)++] = r->entries[k];
	}
	return list;
}

static void tell_neighs(struct rig *r, struct rig_device *dev)
{
	struct event ev = { EV_NEIGH, .neigh = { NEIGH_SEEN, dev->ifindex } };
	size_t count;
	struct rig_entry *list = entries_of(r, dev, RIG_NEIGH, &count);

	for (size_t k = 0; k < count; k++) {
		ev.neigh.proto = list[k].dst.addr;
		ev.neigh.nbma = list[k].to;
		rig_handle(r, &ev);
	}
	free(list);
	ev.neigh = (struct ev_neigh){ NEIGH_DUMP_END, dev->ifindex };
	rig_handle(r, &ev);
	dev->dumped = true;
}

static void tell_routes(struct rig *r, const struct rig_device *dev)
{
	struct event ev = { EV_ROUTE, .route = { ROUTE_DUMP_BEGIN, dev->ifindex } };
	size_t count;
	struct rig_entry *list = entries_of(r, dev, RIG_ROUTE, &count);

	rig_handle(r, &ev);
	for (size_t k = 0; k < count; k++) {
		ev.route = (struct ev_route){ .fact = ROUTE_SEEN,
					      .ifindex = list[k].ifindex,
					      .dst = list[k].dst,
					      .gateway = list[k].to,
					      .table = list[k].table };
		rig_handle(r, &ev);
	}
	free(list);
	ev.route = (struct ev_route){ ROUTE_DUMP_END, dev->ifindex };
	rig_handle(r, &ev);
}

static void answer_dumps(struct rig *r)
{
	for (int k = 0; k < RIG_DEVICES; k++) {
		struct rig_device *dev = &r->devices[k];
		bool neighs = dev->dump_neighs, routes = dev->dump_routes;

		dev->dump_neighs = dev->dump_routes = false;
		if (routes)
			tell_routes(r, dev);
		if (neighs)
			tell_neighs(r, dev);
	}
}

/* --- events --------------------------------------------------------------- */

static void drain(struct rig *r)
{
	const struct action *a;

	while ((a = engine_next_action(r->engine)))
		act(r, a);
	MUST_HOLD(!engine_next_action(r->engine));
}

static void trace(const struct rig *r, const struct event *ev)
{
	if (!getenv("RIG_LOG") || ev->type == EV_TICK)
		return;
	fprintf(stderr, "%.3f event %d", (double)r->now.us / 1e6, ev->type);
	if (ev->type == EV_NEIGH)
		fprintf(stderr, " fact %d %s at %s", ev->neigh.fact,
			ADDR_STR(&ev->neigh.proto), ADDR_STR(&ev->neigh.nbma));
	else if (ev->type == EV_ROUTE)
		fprintf(stderr, " fact %d %s via %s", ev->route.fact,
			PREFIX_STR(&ev->route.dst), ADDR_STR(&ev->route.gateway));
	else if (ev->type == EV_SA)
		fprintf(stderr, " fact %d %s", ev->sa.fact, ADDR_STR(&ev->sa.remote));
	fputc('\n', stderr);
}

void rig_handle(struct rig *r, const struct event *ev)
{
	if (r->stopped)
		return;
	trace(r, ev);
	r->handled++;
	r->unled_count = 0;
	engine_handle(r->engine, ev, r->now);
	drain(r);
	check_neighs(r);
	answer_dumps(r);
}

void rig_run_us(struct rig *r, int64_t us)
{
	mono until = mono_add_us(r->now, us), next;
	unsigned at_once = 0;

	while (!r->stopped && r->handled < RIG_EVENTS_MAX) {
		next = engine_deadline(r->engine);
		if (mono_before(until, next))
			break;
		at_once = mono_before(r->now, next) ? 0 : at_once + 1;
		MUST_HOLD(at_once < AT_ONCE_MAX);
		r->now = mono_before(r->now, next) ? next : r->now;
		rig_handle(r, &(struct event){ .type = EV_TICK });
	}
	r->now = until;
}

void rig_link(struct rig *r, struct rig_device *dev, uint8_t addrs)
{
	struct addr four = rig_proto(addrs & 1), six = rig_proto(6 + (addrs & 1));
	struct prefix list[2] = { { four, addrs & 2 ? 32 : 24 }, { six, 64 } };
	struct event ev = { EV_LINK,
			    .link = { .name = dev->name,
				      .ifindex = dev->exists ? dev->ifindex : 0,
				      .up = dev->exists && dev->up,
				      .mtu = 1400,
				      .gre_key = 42,
				      .nbma = dev->nbma,
				      .addrs = list,
				      .addr_count = addrs & 4 ? 2 : 1 } };

	if (addrs & 8)
		ev.link.problem = "it is not multipoint";
	r->begun = true;
	if (!dev->exists || !dev->up)
		flush(r, dev->ifindex);
	rig_handle(r, &ev);
}

/* Who loses `ipsec` loses what charon has, and who gets it has nothing yet. */
void rig_conf(struct rig *r, const struct conf *conf)
{
	r->conf = conf;
	for (int k = 0; k < RIG_SAS; k++) {
		if (r->sas[k].used && !rig_is_secured(r, r->sas[k].dev))
			r->sas[k].used = false;
	}
	r->reloading = true;
	rig_handle(r, &(struct event){ EV_CONF, .conf = { conf } });
	r->reloading = false;
}

static void tell_lost(struct rig *r, const struct rig_entry *gone, bool refused)
{
	struct event ev = { EV_NEIGH };

	if (gone->kind == RIG_NEIGH) {
		ev.neigh.fact = refused ? NEIGH_FAILED : NEIGH_GONE;
		ev.neigh.ifindex = gone->ifindex;
		ev.neigh.proto = gone->dst.addr;
	} else {
		ev.type = EV_ROUTE;
		ev.route.fact = refused ? ROUTE_FAILED : ROUTE_GONE;
		ev.route.ifindex = gone->ifindex;
		ev.route.dst = gone->dst;
		ev.route.gateway = gone->to;
		ev.route.table = gone->table;
	}
	rig_handle(r, &ev);
}

bool rig_lose(struct rig *r, enum rig_kind kind, size_t number, bool refused)
{
	for (size_t k = 0; k < r->entry_count; k++) {
		struct rig_entry *at = &r->entries[(number + k) % r->entry_count];
		struct rig_entry gone = *at;

		if (gone.kind != kind)
			continue;
		del_entry(r, at);
		tell_lost(r, &gone, refused);
		return true;
	}
	return false;
}

void rig_leave(struct rig *r, const struct rig_entry *entry)
{
	struct rig_entry left = *entry;

	left.left = true;
	if (r->begun)
		return;
	if (!find_entry(r, &left))
		set_entry(r, &left);
	if (!r->ike_ready && entry->kind == RIG_NEIGH)
		rig_believe(r, &entry->to, MONO_NEVER);
	else if (!r->ike_ready && entry->kind == RIG_ROUTE)
		r->doubtful_until = MONO_NEVER;
}

/* --- a life --------------------------------------------------------------- */

static void check_empty(const struct rig *r)
{
	for (size_t k = 0; k < r->entry_count; k++) {
		const struct rig_entry *at = &r->entries[k];

		if (at->left)
			continue;
		fprintf(stderr, "%s to %s stays on %d\n", PREFIX_STR(&at->dst),
			ADDR_STR(&at->to), at->ifindex);
		MUST_HOLD(r->entries == NULL);
	}
}

static void log_line(void *ctx, enum log_level level, const char *text)
{
	(void)ctx;
	(void)level;
	MUST_HOLD(strlen(text) < LOG_LINE_MAX);
	if (getenv("RIG_LOG"))
		fprintf(stderr, "%s\n", text);
}

void rig_init(struct rig *r, uint64_t seed)
{
	static const struct log_sink sink = { NULL, LOG_LEVEL_DEBUG, log_line };
	static const char *const names[RIG_DEVICES] = { "gre1", "gre2", "lan0" };

	*r = (struct rig){ .engine = engine_new(seed, &sink), .now = { 1000000 } };
	for (int k = 0; k < RIG_DEVICES; k++) {
		r->devices[k] = (struct rig_device){ .name = names[k],
						     .ifindex = 11 + k,
						     .exists = true,
						     .up = true,
						     .nbma = rig_nbma(k == 0 ? 0 : 1) };
	}
}

void rig_end(struct rig *r)
{
	if (r->conf) {
		r->handled = 0;
		rig_handle(r, &(struct event){ .type = EV_STOP });
		rig_run_us(r, STOP_S * 1000000);
		MUST_HOLD(r->stopped);
		check_empty(r);
	}
	engine_free(r->engine);
	free(r->entries);
}
