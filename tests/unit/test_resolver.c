/* SPDX-License-Identifier: MIT */
/*
 * What c-ares answers without asking a server; no packet leaves the machine.
 */
#include "unit.h"

#include <stdio.h>

#include <ev.h>

#include <nhrp/resolver.h>

struct fixture {
	struct ev_loop *loop;
	struct resolver *resolver;
	struct event_sink sink;
	unsigned answers;
	char name[256], problem[128];
	struct addr first;
	size_t count;
	uint32_t ttl_s;
	const char *ask_again;
};

static void ask(struct fixture *fx, const char *name, enum addr_family family)
{
	const struct act_name a = { name, family };

	resolver_ask(fx->resolver, &a);
}

static void take_event(void *ctx, const struct event *ev)
{
	struct fixture *fx = ctx;
	const struct ev_name *n = &ev->name;

	assert_int_equal(ev->type, EV_NAME);
	fx->answers++;
	snprintf(fx->name, sizeof(fx->name), "%s", n->name);
	snprintf(fx->problem, sizeof(fx->problem), "%s", n->problem ? n->problem : "");
	fx->count = n->addr_count;
	fx->ttl_s = n->ttl_s;
	if (n->addr_count)
		fx->first = n->addrs[0];
	if (fx->ask_again) {
		const char *name = fx->ask_again;

		fx->ask_again = NULL;
		ask(fx, name, ADDR_IP4);
	}
}

static int setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));

	fx->loop = ev_loop_new(EVFLAG_AUTO);
	fx->sink = (struct event_sink){ fx, take_event };
	fx->resolver = resolver_new(fx->loop, &fx->sink);
	*state = fx;
	return fx->resolver ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *fx = *state;

	resolver_free(fx->resolver);
	ev_loop_destroy(fx->loop);
	free(fx);
	return 0;
}

/* Returns when nothing is under way any more. */
static void run(struct fixture *fx)
{
	ev_run(fx->loop, 0);
}

static void a_name_of_this_machine_has_an_address(void **state)
{
	struct fixture *fx = *state;

	ask(fx, "localhost", ADDR_IP4);
	run(fx);
	assert_int_equal(fx->answers, 1);
	assert_string_equal(fx->name, "localhost");
	assert_true(fx->count >= 1);
	assert_true(addr_is_loopback(&fx->first));
	assert_int_equal(fx->first.family, ADDR_IP4);
	assert_string_equal(fx->problem, "");
	assert_true(fx->ttl_s >= RESOLVER_TTL_MIN_S);
}

static void an_address_is_its_own_answer(void **state)
{
	const struct addr ip6 = unit_addr("2001:db8::9");
	struct fixture *fx = *state;

	ask(fx, "2001:db8::9", ADDR_IP6);
	run(fx);
	assert_int_equal(fx->count, 1);
	assert_true(addr_eq(&fx->first, &ip6));
}

static void a_name_that_cannot_be_has_a_problem(void **state)
{
	char name[80];
	struct fixture *fx = *state;

	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = 0;
	ask(fx, name, ADDR_IP4);
	run(fx);
	assert_int_equal(fx->answers, 1);
	assert_int_equal(fx->count, 0);
	assert_string_not_equal(fx->problem, "");
}

/* The engine is never called from inside a call that was made for it. */
static void nothing_is_answered_from_inside_the_question(void **state)
{
	struct fixture *fx = *state;

	ask(fx, "192.0.2.1", ADDR_IP4);
	assert_int_equal(fx->answers, 0);
	run(fx);
	assert_int_equal(fx->answers, 1);
}

static void a_name_under_way_is_asked_once(void **state)
{
	struct fixture *fx = *state;

	ask(fx, "localhost", ADDR_IP4);
	ask(fx, "localhost", ADDR_IP4);
	run(fx);
	assert_int_equal(fx->answers, 1);
}

static void more_names_than_are_asked_at_once_are_all_answered(void **state)
{
	struct fixture *fx = *state;
	char name[32];

	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "192.0.2.%d", i);
		ask(fx, name, ADDR_IP4);
	}
	run(fx);
	assert_int_equal(fx->answers, 200);
}

static void an_answer_may_ask_again(void **state)
{
	struct fixture *fx = *state;

	fx->ask_again = "192.0.2.1";
	ask(fx, "192.0.2.1", ADDR_IP4);
	run(fx);
	assert_int_equal(fx->answers, 2);
}

static void what_is_under_way_is_given_up_at_the_end(void **state)
{
	struct fixture *fx = *state;

	ask(fx, "localhost", ADDR_IP4);
	assert_int_equal(fx->answers, 0);
}

#define WITH_LOOP(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_LOOP(a_name_of_this_machine_has_an_address),
		WITH_LOOP(an_address_is_its_own_answer),
		WITH_LOOP(a_name_that_cannot_be_has_a_problem),
		WITH_LOOP(nothing_is_answered_from_inside_the_question),
		WITH_LOOP(a_name_under_way_is_asked_once),
		WITH_LOOP(more_names_than_are_asked_at_once_are_all_answered),
		WITH_LOOP(an_answer_may_ask_again),
		WITH_LOOP(what_is_under_way_is_given_up_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
