/* SPDX-License-Identifier: MIT */
/*
 * In which order the kernel sees changes of its tables. The adapters are the ones
 * below, which write down what they sent when they were told to.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include <nhrp/nl_neigh.h>
#include <nhrp/nl_route.h>

#include "daemon.h"

struct fixture {
	struct daemon d;
	char neighs[64], routes[64]; /* queued, a word each */
	char kernel[128];	     /* sent, likewise */
};

static struct fixture *fx;

static void append(char *to, size_t cap, const char *word)
{
	size_t len = strlen(to);

	snprintf(to + len, cap - len, "%s", word);
}

static void send(char *queue)
{
	append(fx->kernel, sizeof(fx->kernel), queue);
	queue[0] = '\0';
}

void nl_neigh_set(struct nl_neigh *n, const struct act_neigh *a)
{
	(void)n;
	(void)a;
	append(fx->neighs, sizeof(fx->neighs), "neigh+ ");
}

void nl_neigh_del(struct nl_neigh *n, const struct act_neigh *a)
{
	(void)n;
	(void)a;
	append(fx->neighs, sizeof(fx->neighs), "neigh- ");
}

void nl_neigh_flush(struct nl_neigh *n)
{
	(void)n;
	send(fx->neighs);
}

void nl_route_set(struct nl_route *r, const struct act_route *a)
{
	(void)r;
	(void)a;
	append(fx->routes, sizeof(fx->routes), "route+ ");
}

void nl_route_del(struct nl_route *r, const struct act_route *a)
{
	(void)r;
	(void)a;
	append(fx->routes, sizeof(fx->routes), "route- ");
}

void nl_route_flush(struct nl_route *r)
{
	(void)r;
	send(fx->routes);
}

/* What the kernel sees of such changes in one turn. */
static const char *sent(const char *changes)
{
	static const struct act_neigh neigh;
	static const struct act_route route;

	fx->kernel[0] = '\0';
	for (const char *c = changes; *c; c++) {
		switch (*c) {
		case 'N':
			tables_neigh_set(&fx->d, &neigh);
			break;
		case 'n':
			tables_neigh_del(&fx->d, &neigh);
			break;
		case 'R':
			tables_route_set(&fx->d, &route);
			break;
		case 'r':
			tables_route_del(&fx->d, &route);
			break;
		}
	}
	tables_flush(&fx->d);
	return fx->kernel;
}

static void a_turn_leaves_in_one_batch_of_each(void **state)
{
	(void)state;
	assert_string_equal(sent("NRNRnR"),
			    "neigh+ neigh+ neigh- route+ route+ route+ ");
}

static void a_route_goes_before_the_neighbour_it_leads_to(void **state)
{
	(void)state;
	assert_string_equal(sent("rn"), "route- neigh- ");
	/* One that refuses packets from now on is written like any other. */
	assert_string_equal(sent("rN"), "route- neigh+ ");
}

static void a_route_comes_behind_its_neighbour_even_then(void **state)
{
	(void)state;
	assert_string_equal(sent("NRrn"), "neigh+ route+ route- neigh- ");
}

static void what_one_turn_removed_does_not_split_the_next(void **state)
{
	(void)state;
	assert_string_equal(sent("r"), "route- ");
	assert_string_equal(sent("RN"), "neigh+ route+ ");
}

static int set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){ 0 };
	*state = fx = &f;
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_turn_leaves_in_one_batch_of_each, set_up),
		cmocka_unit_test_setup(a_route_goes_before_the_neighbour_it_leads_to,
				       set_up),
		cmocka_unit_test_setup(a_route_comes_behind_its_neighbour_even_then,
				       set_up),
		cmocka_unit_test_setup(what_one_turn_removed_does_not_split_the_next,
				       set_up),
	};

	return cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}
