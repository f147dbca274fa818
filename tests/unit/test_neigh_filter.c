/* SPDX-License-Identifier: MIT */
/*
 * The kernel itself runs the filter: it is put on one end of a socket pair, and
 * what passes can be read there.
 */
#include "unit.h"

#include <sys/socket.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include <nhrp/defs.h>

#include "../../src/os/neigh_filter.h"

#define OWN_PORT 4711

static bool passes(uint16_t type, uint32_t port, uint16_t state)
{
	const struct {
		struct nlmsghdr h;
		struct ndmsg nd;
	} message = { { sizeof(message), type, 0, 0, port }, { .ndm_state = state } };
	struct sock_filter code[NEIGH_FILTER_CODE];
	struct sock_fprog prog = { NEIGH_FILTER_CODE, code };
	uint8_t got[64];
	ssize_t n;
	int pair[2];

	neigh_filter_build(code, OWN_PORT);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair), 0);
	assert_int_equal(setsockopt(pair[1], SOL_SOCKET, SO_ATTACH_FILTER, &prog,
				    sizeof(prog)),
			 0);
	(void)!send(pair[0], &message, sizeof(message), 0);
	n = recv(pair[1], got, sizeof(got), 0);
	close(pair[0]);
	close(pair[1]);
	assert_true(n == -1 || n == (ssize_t)sizeof(message));
	return n > 0;
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
