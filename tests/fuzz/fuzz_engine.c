/* SPDX-License-Identifier: MIT */
/*
 * Any octets as the life of a node: the first says which configuration it begins
 * with, and each one after that what happens next, with its arguments behind it.
 * The packets among them come from stations of the golden packets, or answer what
 * the node sent last. rig.h says what must hold all the time.
 */
#include "fuzz.h"

#include <string.h>

#include <nhrp/buf.h>
#include <nhrp/explain.h>
#include <nhrp/packet.h>

#include "pdu.h"
#include "rig.h"

/* clang-format off */
#define PROFILE "ipsec-profile p version 2 local auth pubkey certs a.pem " \
	"remote auth pubkey cacerts ca.pem\n"
#define SPOKE "map 10.0.0.1/24 203.0.113.1 register priority 10 " \
	"map 10.0.0.9/24 203.0.113.9 register priority 20 shortcut holding-time 600\n"

static const char *const texts[] = {
	"interface gre1 redirect authentication AUTH_123\n",
	"interface gre1 authentication AUTH_123 " SPOKE
	"interface lan0 shortcut-destination\n",
	PROFILE "interface gre1 ipsec p redirect authorize CN=spoke1 10.0.0.2/32 "
	"authorize hub* 0.0.0.0/0 ::/0\n",
	PROFILE "interface gre1 ipsec p " SPOKE "interface lan0 shortcut-destination\n",
	"script /s interface gre1 max-bindings 3 shortcut-routed shortcut redirect "
	"interface lan0 shortcut-destination\n",
	"interface gre1 dynamic-map 10.0.0.1/24 hub.example map 10.0.0.2 192.0.2.2 "
	"shortcut-target 10.3.0.0/16 holding-time 60 non-caching multicast dynamic "
	"shortcut shortcut-filter 10.0.0.0/8 holding-time 60\n",
	PROFILE "script /s interface gre1 ipsec p redirect shortcut "
	"interface gre2 ipsec p " SPOKE,
	"interface gre1 redirect holding-time 1 interface gre2 shortcut "
	"map 10.0.0.1/24 203.0.113.1 register no-unique cisco route-table 7\n",
};
/* clang-format on */

static const struct conf *confs[ARRAY_SIZE(texts)];

static const struct conf *conf_of(uint8_t number)
{
	size_t k = number % ARRAY_SIZE(texts);
	struct conf_diags diags;

	if (!confs[k]) {
		confs[k] = conf_parse(texts[k], strlen(texts[k]), &diags);
		MUST_HOLD(confs[k] != NULL);
		conf_diags_free(&diags);
	}
	return confs[k];
}

/* A station's address by one octet, its half by another, or one out of the input. */
static struct addr read_addr(struct rd *in, struct addr (*cast)(uint8_t station))
{
	uint8_t what = rd_u8(in);
	const uint8_t *octets;
	struct addr a;

	if (what < 0x80)
		return cast(what);
	octets = rd_take(in, what & 1 ? 16 : 4);
	if (!octets || !addr_from_bytes(&a, octets, what & 1 ? 16 : 4))
		return (struct addr){ ADDR_NONE };
	return a;
}

static struct prefix read_prefix(struct rd *in)
{
	struct addr a = read_addr(in, rig_proto);
	struct prefix p = { a, rd_u8(in) };

	if (p.len > addr_host_bits(&a))
		p.len = addr_host_bits(&a);
	return prefix_masked(&p);
}

static const struct rig_device *read_device(struct rig *r, struct rd *in)
{
	return &r->devices[rd_u8(in) % RIG_DEVICES];
}

/* --- time and configuration ------------------------------------------------------ */

/* From a millisecond to an hour. */
static void do_tick(struct rig *r, struct rd *in)
{
	uint8_t v = rd_u8(in);

	rig_run_us(r, (int64_t)(1 + (v & 15)) * 1000 << (v >> 4) * 5 / 4);
}

static void do_conf(struct rig *r, struct rd *in)
{
	rig_conf(r, conf_of(rd_u8(in)));
}

static void do_link(struct rig *r, struct rd *in)
{
	struct rig_device *dev = &r->devices[rd_u8(in) % RIG_DEVICES];
	uint8_t v = rd_u8(in);

	dev->exists = !(v & 16);
	dev->up = !(v & 32);
	if (v & 64)
		dev->nbma = read_addr(in, rig_nbma);
	rig_link(r, dev, v & 15);
}

/* --- packets -------------------------------------------------------------- */

static void receive(struct rig *r, const struct rig_device *dev,
		    const struct addr *from, uint8_t *pdu, size_t len)
{
	struct event ev = { EV_PACKET, .packet = { dev->ifindex, *from, pdu, len } };

	if (dev->exists && dev->up)
		rig_handle(r, &ev);
}

/* In a heap block of its own length, for the sanitizers. */
static void do_packet(struct rig *r, struct rd *in)
{
	const struct rig_device *dev = read_device(r, in);
	struct addr from = read_addr(in, rig_nbma);
	size_t len = rd_u16(in);
	const uint8_t *octets;
	uint8_t *pdu;

	len = len < rd_left(in) ? len : rd_left(in);
	octets = rd_take(in, len);
	if (!octets || len == 0)
		return;
	pdu = malloc(len);
	MUST_HOLD(pdu != NULL);
	memcpy(pdu, octets, len);
	if (len >= NHRP_MIN_LEN && len <= PKT_MAX_LEN)
		pdu_mend(pdu, len);
	receive(r, dev, &from, pdu, len);
	free(pdu);
}

static struct cie read_cie(struct rd *in)
{
	struct cie c = { .code = rd_u8(in) & 15 };

	c.prefix_len = rd_u8(in);
	c.hold_s = rd_u16(in);
	c.nbma = read_addr(in, rig_nbma);
	c.proto = read_addr(in, rig_proto);
	return c;
}

static void set_cie(struct packet *p, const struct cie *c)
{
	struct cie *at = p->cie_count ? &p->cies[0] : packet_add_cie(p);

	if (at)
		*at = *c;
}

/* One of the last packets that the node sent, 0: the last. */
static const struct rig_sent *sent(const struct rig *r, unsigned back)
{
	if (back >= r->sent_count)
		return NULL;
	return &r->sent[(r->sent_count - 1 - back) % RIG_SENT];
}

/* What the node sent comes back from whom it went to, as an answer or as it is. */
static void do_answer(struct rig *r, struct rd *in)
{
	static struct packet p;
	static uint8_t pdu[PKT_MAX_LEN];
	uint8_t how = rd_u8(in);
	const struct rig_device *dev = read_device(r, in);
	struct cie c = how & 8 ? read_cie(in) : (struct cie){ 0 };
	struct addr from = how & 16 ? read_addr(in, rig_nbma) : (struct addr){ 0 };
	const struct rig_sent *s = sent(r, how & 3);
	uint16_t at;
	size_t len;

	if (!s || packet_decode(&p, s->pdu, s->len, &at) != PKT_OK)
		return;
	if (how & 4 && p.type < NHRP_ERROR_INDICATION)
		p.type = (uint8_t)(p.type + 1);
	if (how & 8)
		set_cie(&p, &c);
	len = packet_encode(&p, pdu, sizeof(pdu));
	if (len)
		receive(r, dev, how & 16 ? &from : &s->to, pdu, len);
}

/* An IPv4 header that turned round in a tunnel, or whatever octets. */
static void do_sample(struct rig *r, struct rd *in)
{
	uint8_t header[20] = { 0x45, 0, 0, 20, 0, 0, 0, 0, 64 };
	struct addr src = read_addr(in, rig_proto), dst = read_addr(in, rig_proto);
	const struct rig_device *from = read_device(r, in), *to = read_device(r, in);
	size_t len = rd_u8(in) % (sizeof(header) + 1);
	struct event ev = { EV_SAMPLE,
			    .sample = { from->ifindex, to->ifindex, header, len } };

	memcpy(header + 12, src.bytes, 4);
	memcpy(header + 16, dst.bytes, 4);
	rig_handle(r, &ev);
}

/* --- the kernel ----------------------------------------------------------- */

static void do_neigh(struct rig *r, struct rd *in)
{
	uint8_t what = rd_u8(in);
	struct event ev = { EV_NEIGH };

	if (what & 1) {
		(void)!rig_lose(r, RIG_NEIGH, what >> 2, what & 2);
		return;
	}
	ev.neigh.fact = what & 2 ? NEIGH_MISS : NEIGH_PROBE;
	ev.neigh.ifindex = read_device(r, in)->ifindex;
	ev.neigh.proto = read_addr(in, rig_proto);
	if (addr_is_set(&ev.neigh.proto))
		rig_handle(r, &ev);
}

static void do_route(struct rig *r, struct rd *in)
{
	uint8_t what = rd_u8(in);
	struct event ev = { EV_ROUTE };

	if (what & 1) {
		(void)!rig_lose(r, RIG_ROUTE, what >> 2, what & 2);
		return;
	}
	ev.route.fact = what & 2   ? ROUTE_OTHER
			: what & 4 ? ROUTE_OTHER_GONE
				   : ROUTE_CHANGED;
	ev.route.ifindex = what & 8 ? 0 : read_device(r, in)->ifindex;
	ev.route.dst = read_prefix(in);
	ev.route.cause = read_prefix(in);
	ev.route.gateway =
		what & 16 ? read_addr(in, rig_proto) : (struct addr){ ADDR_NONE };
	ev.route.removed = what & 32;
	ev.route.table = what & 64 ? CONF_TABLE_MAIN : what >> 4;
	rig_handle(r, &ev);
}

static void do_leave(struct rig *r, struct rd *in)
{
	struct rig_entry entry = { .kind = rd_u8(in) & 1 ? RIG_NEIGH : RIG_ROUTE };

	entry.ifindex = read_device(r, in)->ifindex;
	entry.dst = read_prefix(in);
	entry.to = read_addr(in, entry.kind == RIG_NEIGH ? rig_nbma : rig_proto);
	entry.table = entry.kind == RIG_ROUTE ? CONF_TABLE_MAIN : 0;
	if (!addr_is_set(&entry.dst.addr))
		return;
	if (entry.kind == RIG_NEIGH)
		entry.dst = prefix_host(&entry.dst.addr);
	rig_leave(r, &entry);
}

/* The oldest of those that wait is answered. */
static void do_lookup(struct rig *r, struct rd *in)
{
	uint8_t what = rd_u8(in), len;
	struct event ev = { EV_LOOKUP };
	struct ev_lookup *l = &ev.lookup;
	struct addr dst;

	l->kind = (enum lookup_kind)(what % 3);
	l->ifindex = read_device(r, in)->ifindex;
	l->ours = what & 8;
	if (what & 4)
		l->gateway = read_addr(in, rig_proto);
	len = rd_u8(in);
	if (r->lookup_count == 0)
		return;
	dst = r->lookups[0].dst;
	l->token = r->lookups[0].token;
	memmove(r->lookups, r->lookups + 1, --r->lookup_count * sizeof(r->lookups[0]));
	l->matched = prefix_host(&dst);
	if (len < l->matched.len)
		l->matched.len = len;
	l->matched = prefix_masked(&l->matched);
	rig_handle(r, &ev);
}

static void do_name(struct rig *r, struct rd *in)
{
	struct addr addrs[3] = { read_addr(in, rig_nbma), read_addr(in, rig_nbma),
				 read_addr(in, rig_nbma) };
	struct event ev = { EV_NAME,
			    .name = { .name = "hub.example", .addrs = addrs } };

	ev.name.addr_count = rd_u8(in) % 4;
	ev.name.ttl_s = rd_u8(in);
	ev.name.problem = ev.name.addr_count ? NULL : "no such name";
	for (size_t k = 0; k < ev.name.addr_count; k++) {
		if (!addr_is_set(&addrs[k]))
			return;
	}
	rig_handle(r, &ev);
}

static void do_hook(struct rig *r, struct rd *in)
{
	struct event ev = { EV_HOOK };

	ev.hook.outcome = (enum hook_outcome)(rd_u8(in) % 4);
	if (r->hook_count == 0)
		return;
	ev.hook.token = r->hooks[0];
	memmove(r->hooks, r->hooks + 1, --r->hook_count * sizeof(r->hooks[0]));
	rig_handle(r, &ev);
}

/* --- charon --------------------------------------------------------------- */

static void do_sa(struct rig *r, struct rd *in)
{
	uint8_t what = rd_u8(in), station = rd_u8(in), how = rd_u8(in);
	struct rig_sa *sa = &r->sas[how % RIG_SAS];

	switch (what % 7) {
	case 0:
		rig_ike(r, true, how);
		break;
	case 1:
		rig_ike(r, false, 0);
		break;
	case 2:
		rig_sa_up(r, station, what & 8, how & 15, what & 16 ? how : 0);
		break;
	case 3:
		rig_sa_down(r, sa);
		break;
	case 4:
		rig_sa_rekeyed(r, sa, what & 8);
		break;
	case 5:
		rig_sa_moved(r, sa, station);
		break;
	default:
		break;
	}
}

static void stop_sas(struct rig *r, uint32_t ike)
{
	for (int k = 0; k < RIG_SAS; k++) {
		if (r->sas[k].used && r->sas[k].ike == ike)
			rig_sa_down(r, &r->sas[k]);
	}
}

/* What the engine wanted of charon first comes true, or fails. */
static void do_wish(struct rig *r, struct rd *in)
{
	uint8_t how = rd_u8(in);
	struct act_sa wish;
	struct event ev = { EV_SA, .sa = { .fact = SA_FAILED } };

	if (r->wish_count == 0 || !r->ike_ready)
		return;
	wish = r->wishes[0];
	memmove(r->wishes, r->wishes + 1, --r->wish_count * sizeof(r->wishes[0]));
	if (wish.want == SA_STOP) {
		stop_sas(r, wish.ike);
		return;
	}
	for (uint8_t s = 0; s < RIG_STATIONS && how & 1; s++) {
		struct addr a = rig_nbma(s);

		if (addr_eq(&a, &wish.remote)) {
			rig_sa_up(r, s, true, how >> 1 & 15, 0);
			return;
		}
	}
	ev.sa.ifname = wish.ifname;
	ev.sa.local = wish.local;
	ev.sa.remote = wish.remote;
	ev.sa.reason = "no answer";
	rig_handle(r, &ev);
}

/* --- people --------------------------------------------------------------- */

static void do_command(struct rig *r, struct rd *in)
{
	uint8_t what = rd_u8(in);
	struct event ev = { EV_COMMAND, .command = { .token = 1 } };
	struct ev_command *c = &ev.command;

	c->command = (enum command)(what % 5);
	c->selector.has_protocol = what & 8;
	if (what & 8)
		c->selector.protocol = read_prefix(in);
	if (what & 16)
		c->selector.nbma = read_addr(in, rig_nbma);
	if (what & 32)
		memcpy(c->selector.ifname, "gre1", 5);
	c->target = read_addr(in, rig_proto);
	if (c->command != CMD_RESOLVE || addr_is_set(&c->target))
		rig_handle(r, &ev);
}

static void look_at(struct show_sink *sink, const struct record *row)
{
	(void)sink;
	MUST_HOLD(row->count > 0 && row->count <= RECORD_MAX_FIELDS);
}

static void do_show(struct rig *r, struct rd *in)
{
	static const struct selector all;
	struct show_sink sink = { look_at };
	struct explain_facts facts = { 0 };
	uint8_t what = rd_u8(in);
	struct addr dst = read_addr(in, rig_proto);

	for (int t = SHOW_CACHE; t <= SHOW_COUNTERS; t++)
		engine_show(r->engine, (enum show_table)t, &all, &sink, r->now);
	if (!addr_is_set(&dst))
		return;
	facts.route.known = facts.underlay.known = what & 1;
	facts.route.found.kind = (enum lookup_kind)((what >> 1) % 3);
	facts.route.found.ifindex = read_device(r, in)->ifindex;
	facts.route.found.gateway = read_addr(in, rig_proto);
	facts.neigh_known = what & 16;
	facts.neigh.state = (enum kernel_neigh_state)(what >> 5 & 3);
	facts.neigh.nbma = read_addr(in, rig_nbma);
	(void)engine_explain_ask(r->engine, &dst, &facts);
	(void)engine_explain(r->engine, &dst, &facts, &sink, r->now);
}

static void do_restore(struct rig *r, struct rd *in)
{
	struct event ev = { EV_RESTORE };
	struct state_binding *b = &ev.restore.binding;
	uint8_t what = rd_u8(in);

	ev.restore.slot = what >> 4;
	memcpy(b->ifname, "gre1", 5);
	b->type = what & 1 ? BINDING_DYNAMIC : BINDING_CACHED;
	b->unique = what & 2;
	b->proto = read_prefix(in);
	b->nbma = b->claimed = read_addr(in, rig_nbma);
	b->hold_s = rd_u16(in);
	b->since = r->now;
	b->expires = mono_add_s(r->now, b->hold_s);
	if (!r->begun && addr_is_set(&b->proto.addr) && addr_is_set(&b->nbma))
		rig_handle(r, &ev);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const ops[])(struct rig * r, struct rd * in) = {
		do_tick,   do_packet, do_answer, do_link, do_neigh,   do_route,
		do_leave,  do_lookup, do_name,	 do_hook, do_sa,      do_wish,
		do_sample, do_conf,   do_show,	 do_tick, do_command, do_restore,
	};
	struct rd in = rd_init(data, size);
	struct rig r;

	rig_init(&r, 1);
	rig_conf(&r, conf_of(rd_u8(&in)));
	while (!in.bad && rd_left(&in) > 0 && r.handled < RIG_EVENTS_MAX)
		ops[rd_u8(&in) % ARRAY_SIZE(ops)](&r, &in);
	rig_end(&r);
	return 0;
}
