/* SPDX-License-Identifier: MIT */
/*
 * The netlink adapters against the running kernel, as far as anybody may go
 * without changing it: dumps, refusals, and devices that are what they are. The
 * rest is in tests/lab.
 */
#include "unit.h"

#include <stdio.h>

#include <ev.h>
#include <net/if.h>

#include <nhrp/doctor.h>
#include <nhrp/loop.h>
#include <nhrp/nl_ask.h>
#include <nhrp/nl_link.h>
#include <nhrp/nl_lookup.h>
#include <nhrp/nl_neigh.h>
#include <nhrp/nl_route.h>

#define NO_DEVICE   0x7ffffff0
#define EVENTS_KEPT 16

struct fixture {
	struct loop *loop;
	struct event_sink sink;
	unsigned wanted; /* events until the loop ends */
	unsigned count;
	struct event events[EVENTS_KEPT];
	char problem[256];
	size_t addr_count;
};

static void take_event(void *ctx, const struct event *ev)
{
	struct fixture *fx = ctx;

	if (fx->count < EVENTS_KEPT)
		fx->events[fx->count] = *ev;
	fx->count++;
	if (ev->type == EV_LINK) {
		fx->addr_count = ev->link.addr_count;
		snprintf(fx->problem, sizeof(fx->problem), "%s",
			 ev->link.problem ? ev->link.problem : "");
	}
	if (fx->count == fx->wanted)
		loop_end(fx->loop, 0);
}

/* A test that hears nothing ends here, and fails for want of events. */
static void give_up(void *ctx)
{
	struct fixture *fx = ctx;

	loop_end(fx->loop, 1);
}

static void ignore(void *ctx)
{
	(void)ctx;
}

static int setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));
	const struct loop_handlers handlers = { fx,	 give_up, give_up,
						give_up, ignore,  ignore };

	fx->loop = loop_new(&handlers);
	fx->sink = (struct event_sink){ fx, take_event };
	*state = fx;
	return fx->loop ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *fx = *state;

	loop_free(fx->loop);
	free(fx);
	return 0;
}

static void run(struct fixture *fx, unsigned wanted)
{
	fx->wanted = wanted;
	loop_set_deadline(fx->loop, mono_add_s(loop_now(fx->loop), 20));
	(void)loop_run(fx->loop);
	assert_int_equal(fx->count, wanted);
}

static void a_neighbour_dump_comes_to_its_end(void **state)
{
	struct fixture *fx = *state;
	struct nl_neigh *n = nl_neigh_new(loop_ev(fx->loop), &fx->sink, NULL);
	int lo = (int)if_nametoindex("lo");

	assert_non_null(n);
	nl_neigh_watch(n, lo);
	nl_neigh_dump(n, lo);
	nl_neigh_flush(n);
	run(fx, 1);
	assert_int_equal(fx->events[0].neigh.fact, NEIGH_DUMP_END);
	assert_int_equal(fx->events[0].neigh.ifindex, lo);
	nl_neigh_free(n);
}

static void dumps_of_several_devices_come_one_after_the_other(void **state)
{
	struct fixture *fx = *state;
	struct nl_neigh *n = nl_neigh_new(loop_ev(fx->loop), &fx->sink, NULL);
	int lo = (int)if_nametoindex("lo");

	nl_neigh_watch(n, lo);
	nl_neigh_watch(n, NO_DEVICE);
	nl_neigh_resync(n);
	nl_neigh_flush(n);
	/* The second is queued when the first has ended. */
	for (unsigned wanted = 1; wanted <= 2; wanted++) {
		run(fx, wanted);
		nl_neigh_flush(n);
	}
	assert_int_equal(fx->events[0].neigh.fact, NEIGH_DUMP_END);
	assert_int_equal(fx->events[1].neigh.fact, NEIGH_DUMP_END);
	assert_int_not_equal(fx->events[0].neigh.ifindex, fx->events[1].neigh.ifindex);
	nl_neigh_free(n);
}

/* Without the privilege it is EPERM, with it there is no such device. */
static void a_refused_neighbour_is_told_by_its_address(void **state)
{
	const struct act_neigh a = { .ifindex = NO_DEVICE,
				     .proto = unit_addr("192.0.2.1"),
				     .nbma = unit_addr("203.0.113.9") };
	const struct act_neigh gone = { .ifindex = NO_DEVICE,
					.proto = unit_addr("192.0.2.2") };
	struct fixture *fx = *state;
	struct nl_neigh *n = nl_neigh_new(loop_ev(fx->loop), &fx->sink, NULL);
	const struct ev_neigh *told = &fx->events[1].neigh;

	nl_neigh_del(n, &gone);
	nl_neigh_set(n, &a);
	nl_neigh_flush(n);
	run(fx, 2);
	assert_int_equal(fx->events[0].neigh.fact, NEIGH_FAILED);
	assert_true(addr_eq(&fx->events[0].neigh.proto, &gone.proto));
	assert_true(fx->events[0].neigh.removed);
	assert_false(told->removed);
	assert_int_equal(told->fact, NEIGH_FAILED);
	assert_int_equal(told->ifindex, NO_DEVICE);
	assert_true(addr_eq(&told->proto, &a.proto));
	assert_true(told->error > 0);
	nl_neigh_free(n);
}

/* More than one batch, so the queue is sent when it is full. */
static void of_many_changes_each_refusal_is_told(void **state)
{
	struct act_neigh a = { .ifindex = NO_DEVICE, .nbma = unit_addr("203.0.113.9") };
	struct fixture *fx = *state;
	struct nl_neigh *n = nl_neigh_new(loop_ev(fx->loop), &fx->sink, NULL);

	for (unsigned i = 0; i < 1000; i++) {
		a.proto = unit_addr("10.0.0.0");
		a.proto.bytes[2] = (uint8_t)(i >> 8);
		a.proto.bytes[3] = (uint8_t)i;
		nl_neigh_set(n, &a);
	}
	nl_neigh_flush(n);
	run(fx, 1000);
	nl_neigh_free(n);
}

/* What is in the tables differs from machine to machine; that it ends does not. */
static void a_route_dump_of_both_families_has_one_begin_and_one_end(void **state)
{
	struct fixture *fx = *state;
	struct nl_route *r = nl_route_new(loop_ev(fx->loop), &fx->sink, NULL);
	int lo = (int)if_nametoindex("lo");
	unsigned begins = 0, ends = 0;

	nl_route_watch(r, lo);
	nl_route_dump(r, lo);
	/* Each part is queued when the one before has ended. */
	for (unsigned turn = 0; turn < 3; turn++) {
		nl_route_flush(r);
		ev_run(loop_ev(fx->loop), turn < 2 ? EVRUN_ONCE : EVRUN_NOWAIT);
	}
	assert_in_range(fx->count, 2, EVENTS_KEPT);
	for (unsigned i = 0; i < fx->count; i++) {
		assert_int_equal(fx->events[i].route.ifindex, lo);
		begins += fx->events[i].route.fact == ROUTE_DUMP_BEGIN;
		ends += fx->events[i].route.fact == ROUTE_DUMP_END;
	}
	assert_int_equal(fx->events[0].route.fact, ROUTE_DUMP_BEGIN);
	assert_int_equal(fx->events[fx->count - 1].route.fact, ROUTE_DUMP_END);
	assert_int_equal(begins, 1);
	assert_int_equal(ends, 1);
	nl_route_free(r);
}

static void a_device_that_is_not_there_has_no_routes(void **state)
{
	struct fixture *fx = *state;
	struct nl_route *r = nl_route_new(loop_ev(fx->loop), &fx->sink, NULL);

	nl_route_watch(r, NO_DEVICE);
	nl_route_dump(r, NO_DEVICE);
	nl_route_flush(r);
	ev_run(loop_ev(fx->loop), EVRUN_ONCE);
	nl_route_flush(r);
	run(fx, 2);
	assert_int_equal(fx->events[0].route.fact, ROUTE_DUMP_BEGIN);
	assert_int_equal(fx->events[1].route.fact, ROUTE_DUMP_END);
	nl_route_free(r);
}

static void a_prefix_is_told_once_when_it_is_watched(void **state)
{
	const struct prefix p = unit_prefix("192.0.2.0/24");
	struct fixture *fx = *state;
	struct nl_route *r = nl_route_new(loop_ev(fx->loop), &fx->sink, NULL);
	const struct ev_route *told = &fx->events[0].route;

	nl_route_watch_prefix(r, &p);
	nl_route_watch_prefix(r, &p);
	nl_route_flush(r);
	run(fx, 1);
	assert_int_equal(told->fact, ROUTE_CHANGED);
	assert_true(prefix_eq(&told->dst, &p));
	assert_false(addr_is_set(&told->cause.addr));
	nl_route_free(r);
}

static void a_resync_tells_every_watched_prefix(void **state)
{
	const struct prefix p = unit_prefix("192.0.2.0/24");
	const struct prefix q = unit_prefix("2001:db8::/32");
	struct fixture *fx = *state;
	struct nl_route *r = nl_route_new(loop_ev(fx->loop), &fx->sink, NULL);

	nl_route_watch_prefix(r, &p);
	nl_route_watch_prefix(r, &q);
	run(fx, 2);
	nl_route_resync(r);
	run(fx, 4);
	nl_route_unwatch_prefix(r, &p);
	nl_route_resync(r);
	run(fx, 5);
	assert_true(prefix_eq(&fx->events[4].route.dst, &q));
	nl_route_free(r);
}

static struct nl_lookup *lookup_new(struct fixture *fx)
{
	struct nl_lookup *l = nl_lookup_new(loop_ev(fx->loop), &fx->sink);

	assert_non_null(l);
	return l;
}

static void an_address_of_this_machine_is_local(void **state)
{
	const struct act_lookup a = { 7, unit_addr("127.0.0.1") };
	struct fixture *fx = *state;
	struct nl_lookup *l = lookup_new(fx);
	const struct ev_lookup *told = &fx->events[0].lookup;

	nl_lookup_ask(l, &a);
	nl_lookup_flush(l);
	run(fx, 1);
	assert_int_equal(fx->events[0].type, EV_LOOKUP);
	assert_int_equal(told->token, 7);
	assert_int_equal(told->kind, LOOKUP_LOCAL);
	assert_false(told->ours);
	assert_true(prefix_contains(&told->matched, &a.dst));
	nl_lookup_free(l);
}

/* No route leads to addresses that are nobody's. */
static void what_the_kernel_refuses_is_unreachable(void **state)
{
	const struct act_lookup a = { 8, unit_addr("0100::1") };
	const struct act_lookup b = { 9, unit_addr("240.0.0.1") };
	struct fixture *fx = *state;
	struct nl_lookup *l = lookup_new(fx);

	nl_lookup_ask(l, &a);
	nl_lookup_ask(l, &b);
	nl_lookup_flush(l);
	run(fx, 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(fx->events[i].lookup.token, 8 + i);
		if (fx->events[i].lookup.kind != LOOKUP_UNICAST)
			assert_int_equal(fx->events[i].lookup.kind, LOOKUP_UNREACHABLE);
	}
	nl_lookup_free(l);
}

/* More than one batch of them, and each has its own. */
static void of_many_lookups_each_is_answered(void **state)
{
	struct act_lookup a = { .dst = unit_addr("127.0.0.0") };
	struct fixture *fx = *state;
	struct nl_lookup *l = lookup_new(fx);

	for (a.token = 1; a.token <= 1000; a.token++) {
		a.dst.bytes[3] = (uint8_t)a.token;
		nl_lookup_ask(l, &a);
	}
	nl_lookup_flush(l);
	run(fx, 1000);
	for (unsigned i = 0; i < EVENTS_KEPT; i++)
		assert_int_equal(fx->events[i].lookup.token, i + 1);
	nl_lookup_free(l);
}

static void a_refused_route_is_told_by_its_destination(void **state)
{
	const struct act_route a = { .ifindex = NO_DEVICE,
				     .dst = unit_prefix("192.0.2.1/32"),
				     .table = 254 };
	struct fixture *fx = *state;
	struct nl_route *r = nl_route_new(loop_ev(fx->loop), &fx->sink, NULL);
	const struct ev_route *told = &fx->events[0].route;

	nl_route_set(r, &a);
	nl_route_flush(r);
	run(fx, 1);
	assert_int_equal(told->fact, ROUTE_FAILED);
	assert_false(told->removed);
	assert_true(prefix_eq(&told->dst, &a.dst));
	assert_int_equal(told->table, 254);
	assert_true(told->error > 0);
	nl_route_free(r);
}

/* --- single questions --- */

static void a_route_is_told_at_once(void **state)
{
	struct nl_ask *a = nl_ask_new();
	struct addr own = unit_addr("127.0.0.1");
	struct ev_lookup found;

	(void)state;
	assert_non_null(a);
	for (int k = 0; k < 3; k++) {
		assert_true(nl_ask_route(a, &own, &found));
		assert_int_equal(found.kind, LOOKUP_LOCAL);
		assert_true(prefix_contains(&found.matched, &own));
	}
	nl_ask_free(a);
}

static void a_neighbour_that_is_not_there_is_told_so(void **state)
{
	struct nl_ask *a = nl_ask_new();
	struct addr nobody = unit_addr("192.0.2.77");
	struct kernel_neigh found;

	(void)state;
	assert_non_null(a);
	assert_true(nl_ask_neigh(a, (int)if_nametoindex("lo"), &nobody, &found));
	assert_int_equal(found.state, KERNEL_NEIGH_NONE);
	/* And a device that is not: no answer, but no wait either. */
	assert_false(nl_ask_neigh(a, NO_DEVICE, &nobody, &found));
	nl_ask_free(a);
}

static struct conf *conf_of(const char *text)
{
	struct conf_diags diags = { 0 };
	struct conf *c = conf_parse(text, strlen(text), &diags);

	assert_non_null(c);
	conf_diags_free(&diags);
	return c;
}

static void the_doctor_looks_at_any_machine(void **state)
{
	struct conf *c = conf_of("interface nosuch0 tunnel source lo "
				 "map 10.0.0.1/24 192.0.2.9 register");
	struct doctor_facts *f = doctor_look(c, 0);

	(void)state;
	assert_non_null(f);
	assert_int_equal(f->tunnel_count, 1);
	assert_false(f->tunnels[0].there);
	assert_int_equal(f->nbma_count, 1);
	assert_true(addr_eq(&f->nbmas[0].addr, &c->ifaces[0].maps[0].nbma.addr));
	doctor_free(f);
	conf_free(c);
}

static struct nl_link *link_new(struct fixture *fx)
{
	struct nl_link *l = nl_link_new(fx->loop, &fx->sink, NULL, NULL, ignore, NULL);

	assert_non_null(l);
	return l;
}

static void a_device_that_is_not_there_is_told_with_what_to_do(void **state)
{
	struct fixture *fx = *state;
	struct conf *c =
		conf_of("interface nosuch0 map 10.0.0.1/24 192.0.2.9 register");
	struct nl_link *l = link_new(fx);

	nl_link_conf(l, c);
	assert_int_equal(fx->count, 0);
	run(fx, 1);
	assert_int_equal(fx->events[0].link.ifindex, 0);
	assert_non_null(strstr(fx->problem, "ip tunnel add nosuch0 mode gre"));
	nl_link_free(l);
	conf_free(c);
}

static void a_tunnel_waits_for_its_source_device(void **state)
{
	struct fixture *fx = *state;
	struct conf *c = conf_of("interface nosuch0 tunnel source nosuch1 key 7");
	struct nl_link *l = link_new(fx);

	nl_link_conf(l, c);
	run(fx, 1);
	assert_int_equal(fx->events[0].link.ifindex, 0);
	assert_non_null(strstr(fx->problem, "source device nosuch1"));
	nl_link_free(l);
	conf_free(c);
}

static void a_device_of_another_kind_is_left_alone_and_named(void **state)
{
	struct fixture *fx = *state;
	struct conf *c = conf_of("interface lo tunnel source 192.0.2.1 key 7");
	struct nl_link *l = link_new(fx);

	nl_link_conf(l, c);
	run(fx, 1);
	assert_false(fx->events[0].link.up);
	assert_non_null(strstr(fx->problem, "no GRE device"));
	nl_link_free(l);
	conf_free(c);
}

static void what_has_not_changed_is_not_told_again(void **state)
{
	struct fixture *fx = *state;
	struct conf *first = conf_of("interface nosuch0 interface nosuch1");
	struct conf *second = conf_of("interface nosuch1 interface nosuch2");
	struct nl_link *l = link_new(fx);

	nl_link_conf(l, first);
	run(fx, 2);
	nl_link_conf(l, second);
	run(fx, 3);
	assert_string_equal(fx->events[2].link.name, "nosuch2");
	nl_link_free(l);
	conf_free(first);
	conf_free(second);
}

#define WITH_LOOP(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_route_is_told_at_once),
		cmocka_unit_test(a_neighbour_that_is_not_there_is_told_so),
		cmocka_unit_test(the_doctor_looks_at_any_machine),
		WITH_LOOP(a_neighbour_dump_comes_to_its_end),
		WITH_LOOP(dumps_of_several_devices_come_one_after_the_other),
		WITH_LOOP(a_refused_neighbour_is_told_by_its_address),
		WITH_LOOP(of_many_changes_each_refusal_is_told),
		WITH_LOOP(a_route_dump_of_both_families_has_one_begin_and_one_end),
		WITH_LOOP(a_device_that_is_not_there_has_no_routes),
		WITH_LOOP(a_prefix_is_told_once_when_it_is_watched),
		WITH_LOOP(a_resync_tells_every_watched_prefix),
		WITH_LOOP(an_address_of_this_machine_is_local),
		WITH_LOOP(what_the_kernel_refuses_is_unreachable),
		WITH_LOOP(of_many_lookups_each_is_answered),
		WITH_LOOP(a_refused_route_is_told_by_its_destination),
		WITH_LOOP(a_device_that_is_not_there_is_told_with_what_to_do),
		WITH_LOOP(a_tunnel_waits_for_its_source_device),
		WITH_LOOP(a_device_of_another_kind_is_left_alone_and_named),
		WITH_LOOP(what_has_not_changed_is_not_told_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
