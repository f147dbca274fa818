/* SPDX-License-Identifier: MIT */
/*
 * What an adapter is tested in: a network namespace of its own, a loop that runs for
 * so long, and a log that is kept.
 */
#ifndef NHRP_TEST_UNIT_OS_H
#define NHRP_TEST_UNIT_OS_H

#include <sched.h>
#include <stdio.h>

#include <nhrp/log.h>
#include <nhrp/loop.h>

#include "unit.h"

/* False where the system gives none, be it as root or as anybody. */
static inline bool unit_namespace(void)
{
	return unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
}

struct unit_os {
	struct loop *loop; /* NULL: not begun, the test is to be skipped */
	struct log_sink log;
	char logged[8192]; /* line by line */
};

static inline void unit_os_end_turn(void *ctx)
{
	struct unit_os *os = ctx;

	loop_end(os->loop, 0);
}

static inline void unit_os_ignore(void *ctx)
{
	(void)ctx;
}

static inline void unit_os_keep_line(void *ctx, enum log_level level, const char *text)
{
	struct unit_os *os = ctx;
	size_t n = strlen(os->logged);

	(void)level;
	snprintf(os->logged + n, sizeof(os->logged) - n, "%s\n", text);
}

static inline void unit_os_begin(struct unit_os *os)
{
	const struct loop_handlers handlers = {
		os,
		unit_os_end_turn,
		unit_os_end_turn,
		unit_os_end_turn,
		unit_os_ignore,
		unit_os_ignore,
	};

	os->log = (struct log_sink){ os, LOG_LEVEL_INFO, unit_os_keep_line };
	os->loop = loop_new(&handlers);
	assert_non_null(os->loop);
}

static inline void unit_os_run_ms(struct unit_os *os, int ms)
{
	loop_set_deadline(os->loop, mono_add_ms(loop_now(os->loop), ms));
	(void)loop_run(os->loop);
}

/* How often this was logged. */
static inline unsigned unit_os_logged(const struct unit_os *os, const char *text)
{
	unsigned n = 0;

	for (const char *p = os->logged; (p = strstr(p, text)); p++)
		n++;
	return n;
}

#endif
