/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include <nhrp/defs.h>

#include "../../src/os/neigh_filter.h"
#include "unit_filter.h"

#define OWN_PORT 4711

static bool passes(uint16_t type, uint32_t port, uint16_t state)
{
	const struct {
		struct nlmsghdr h;
		struct ndmsg nd;
	} message = { { sizeof(message), type, 0, 0, port }, { .ndm_state = state } };
	struct sock_filter code[NEIGH_FILTER_CODE];

	neigh_filter_build(code, OWN_PORT);
	return unit_filter_passes(code, NEIGH_FILTER_CODE, &message.h);
}

static void what_says_something_passes_and_echoes_do_not(void **state)
{
	static const struct {
		const char *what;
		uint16_t type;
		uint32_t port;
		uint16_t state;
		bool passes;
	} cases[] = {
		{ "a miss", RTM_GETNEIGH, 0, NUD_INCOMPLETE, true },
		{ "a probe", RTM_GETNEIGH, 0, NUD_PROBE, true },
		{ "a flush", RTM_DELNEIGH, 0, NUD_REACHABLE, true },
		{ "the end of one that failed", RTM_DELNEIGH, 0, NUD_FAILED, false },
		{ "a removal by others", RTM_NEWNEIGH, 99, NUD_FAILED, true },
		{ "our removal", RTM_NEWNEIGH, OWN_PORT, NUD_FAILED, false },
		{ "one that failed by itself", RTM_NEWNEIGH, 0, NUD_FAILED, false },
		{ "our entry", RTM_NEWNEIGH, OWN_PORT, NUD_REACHABLE, false },
		{ "somebody else's entry", RTM_NEWNEIGH, 99, NUD_REACHABLE, false },
		{ "one that got old", RTM_NEWNEIGH, 0, NUD_STALE, false },
		{ "an old one that was used", RTM_NEWNEIGH, 0, NUD_DELAY, false },
		{ "an old one that holds", RTM_NEWNEIGH, 0, NUD_REACHABLE, true },
		{ "something else", RTM_NEWROUTE, 0, NUD_REACHABLE, false },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		if (passes(cases[k].type, cases[k].port, cases[k].state) !=
		    cases[k].passes)
			fail_msg("%s: should %spass", cases[k].what,
				 cases[k].passes ? "" : "not ");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_says_something_passes_and_echoes_do_not),
	};

	return cmocka_run_group_tests_name("neigh_filter", tests, NULL, NULL);
}
