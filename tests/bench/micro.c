/* SPDX-License-Identifier: MIT */
/*
 * One operation of the protocol, many times over, on a hub with so many stations
 * registered; the engine alone, without a kernel, with all its actions taken.
 *
 *	micro OPERATION STATIONS TIMES
 *
 * tests/bench/instructions has callgrind count what measured() executes, and
 * nothing else, so that the figure is the same on every run.
 */
#include <nhrp/engine.h>
#include <nhrp/mem.h>

#include "../lab/gen.h"

#define IFINDEX	 7
#define PDU_MAX	 256
#define HOLD_S	 7200
#define STEP_US	 100
#define CONF_HUB "interface gre1 holding-time 7200 max-bindings 1000000\n"

struct input {
	struct event ev;
	uint8_t pdu[PDU_MAX];
};

struct micro {
	struct engine *engine;
	struct conf *conf;
	struct addr hub_nbma, hub_proto, nbma, proto;
	mono now;
	uint32_t stations, times;
	struct input *inputs;
	struct packet packet;
	uint64_t done; /* so that nothing is optimised away; printed */
};

/* --- what comes in ------------------------------------------------------------ */

static void input_packet(struct micro *m, struct input *in, const struct addr *from,
			 size_t len)
{
	(void)m;
	in->ev = (struct event){ .type = EV_PACKET,
				 .packet = { .ifindex = IFINDEX,
					     .from = *from,
					     .pdu = in->pdu,
					     .len = len } };
}

static void input_registration(struct micro *m, struct input *in, uint32_t station)
{
	struct addr nbma = gen_plus(m->nbma, station);
	struct addr proto = gen_plus(m->proto, station);
	const struct auth_key none = { 0 };

	gen_registration(&m->packet, &nbma, &proto, &m->hub_proto, HOLD_S);
	m->packet.request_id = station + 1;
	input_packet(m, in, &nbma, gen_finish(&m->packet, &none, in->pdu, PDU_MAX));
}

static void input_resolution(struct micro *m, struct input *in, uint32_t station,
			     uint16_t flags)
{
	struct addr nbma = gen_plus(m->nbma, station);
	const struct auth_key none = { 0 };
	struct packet *p = &m->packet;

	packet_init(p, NHRP_RESOLUTION_REQUEST, ADDR_IP4, ADDR_IP4);
	p->flags = flags;
	p->request_id = station + 1;
	p->src_nbma = nbma;
	p->src_proto = gen_plus(m->proto, station);
	p->dst_proto = gen_plus(m->proto, (station + m->stations / 2) % m->stations);
	input_packet(m, in, &nbma, gen_finish(p, &none, in->pdu, PDU_MAX));
}

/* One after the other lies elsewhere in every table. */
static uint32_t scattered(const struct micro *m, uint32_t k)
{
	return (uint32_t)((uint64_t)k * 7919 % m->stations);
}

/* --- the engine --------------------------------------------------------------- */

static void handle(struct micro *m, const struct event *ev)
{
	const struct action *a;

	m->now = mono_add_us(m->now, STEP_US);
	engine_handle(m->engine, ev, m->now);
	while ((a = engine_next_action(m->engine)))
		m->done += a->type == ACT_SEND || a->type == ACT_NEIGH_DEL;
}

static void begin_hub(struct micro *m)
{
	struct prefix own = { m->hub_proto, 8 };
	struct conf_diags diags = { 0 };
	struct event conf = { .type = EV_CONF };
	struct event link = { EV_LINK, .link = { .name = "gre1",
						 .ifindex = IFINDEX,
						 .up = true,
						 .mtu = 1400,
						 .gre_key = 42,
						 .nbma = m->hub_nbma,
						 .addrs = &own,
						 .addr_count = 1 } };
	struct event neighs = { EV_NEIGH, .neigh = { .fact = NEIGH_DUMP_END,
						     .ifindex = IFINDEX } };
	struct event routes = { EV_ROUTE, .route = { .fact = ROUTE_DUMP_END,
						     .ifindex = IFINDEX } };

	m->conf = conf_parse(CONF_HUB, strlen(CONF_HUB), &diags);
	if (!m->conf)
		gen_die("the hub's configuration has a fault");
	conf_diags_free(&diags);
	conf.conf.conf = m->conf;
	m->engine = engine_new(1, NULL);
	handle(m, &conf);
	handle(m, &link);
	handle(m, &neighs);
	handle(m, &routes);
}

static void register_all(struct micro *m)
{
	struct input in;

	for (uint32_t k = 0; k < m->stations; k++) {
		input_registration(m, &in, k);
		handle(m, &in.ev);
	}
	if (m->done != m->stations)
		gen_die("not every station was registered");
	m->done = 0;
}

/* --- operations --------------------------------------------------------------- */

static void prepare_codec(struct micro *m)
{
	uint16_t at;

	input_registration(m, m->inputs, 0);
	if (packet_decode(&m->packet, m->inputs->pdu, m->inputs->ev.packet.len, &at))
		gen_die("the packet is malformed");
}

static void prepare_register(struct micro *m)
{
	register_all(m);
	for (uint32_t k = 0; k < m->times; k++)
		input_registration(m, &m->inputs[k], m->stations + k);
}

static void prepare_refresh(struct micro *m)
{
	register_all(m);
	for (uint32_t k = 0; k < m->times; k++)
		input_registration(m, &m->inputs[k], scattered(m, k));
}

static void prepare_resolve(struct micro *m)
{
	register_all(m);
	for (uint32_t k = 0; k < m->times; k++)
		input_resolution(m, &m->inputs[k], scattered(m, k), 0);
}

static void prepare_forward(struct micro *m)
{
	register_all(m);
	for (uint32_t k = 0; k < m->times; k++)
		input_resolution(m, &m->inputs[k], scattered(m, k),
				 NHRP_RES_AUTHORITATIVE);
}

static void do_decode(struct micro *m)
{
	uint16_t at;

	for (uint32_t k = 0; k < m->times; k++)
		m->done += packet_decode(&m->packet, m->inputs->pdu,
					 m->inputs->ev.packet.len, &at) == PKT_OK;
}

static void do_encode(struct micro *m)
{
	uint8_t pdu[PDU_MAX];

	for (uint32_t k = 0; k < m->times; k++)
		m->done += packet_encode(&m->packet, pdu, sizeof(pdu)) > 0;
}

static void do_inputs(struct micro *m)
{
	for (uint32_t k = 0; k < m->times; k++)
		handle(m, &m->inputs[k].ev);
}

/* All at once, as after a hub was cut off. */
static void do_expire(struct micro *m)
{
	const struct event tick = { .type = EV_TICK };

	m->now = mono_add_s(m->now, HOLD_S);
	handle(m, &tick);
}

struct rows {
	struct show_sink sink;
	uint64_t count;
};

static void take_row(struct show_sink *sink, const struct record *r)
{
	struct rows *rows = container_of(sink, struct rows, sink);

	rows->count += r->count > 0;
}

static void do_show(struct micro *m)
{
	const struct selector all = { 0 };
	struct rows rows = { .sink = { take_row } };

	engine_show(m->engine, SHOW_CACHE, &all, &rows.sink, m->now);
	m->done += rows.count - 1; /* one is the hub's own */
}

static const struct operation {
	const char *name;
	void (*prepare)(struct micro *m);
	void (*run)(struct micro *m);
	bool each; /* once for each station; else as often as is asked for */
} operations[] = {
	{ "decode", prepare_codec, do_decode, false },
	{ "encode", prepare_codec, do_encode, false },
	{ "register", prepare_register, do_inputs, false },
	{ "refresh", prepare_refresh, do_inputs, false },
	{ "resolve", prepare_resolve, do_inputs, false },
	{ "forward", prepare_forward, do_inputs, false },
	{ "show", register_all, do_show, true },
	{ "expire", register_all, do_expire, true },
};

/* The name is known to tests/bench/instructions. */
__attribute__((noinline)) static void measured(const struct operation *op,
					       struct micro *m)
{
	op->run(m);
}

static const struct operation *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
		if (strcmp(operations[i].name, name) == 0)
			return &operations[i];
	}
	gen_die("no such operation");
}

int main(int argc, char **argv)
{
	static struct micro m = { .now = { 1000000000 } };
	const struct operation *op;

	if (argc != 4)
		gen_die("usage: micro OPERATION STATIONS TIMES");
	op = find(argv[1]);
	m.stations = (uint32_t)strtoul(argv[2], NULL, 10);
	m.times = op->each ? m.stations : (uint32_t)strtoul(argv[3], NULL, 10);
	m.inputs = mem_new(m.times * sizeof(*m.inputs));
	gen_address(&m.hub_nbma, "192.0.2.1");
	gen_address(&m.hub_proto, "10.0.0.1");
	gen_address(&m.nbma, "100.64.0.1");
	gen_address(&m.proto, "10.16.0.1");
	begin_hub(&m);
	op->prepare(&m);
	measured(op, &m);
	if (m.done != m.times)
		gen_die("not every operation was done");
	printf("%u\n", m.times);
	engine_free(m.engine);
	conf_free(m.conf);
	free(m.inputs);
	return 0;
}
