/* SPDX-License-Identifier: MIT */
/*
 * Log lines as values: a level and a text handed to a sink given at start.
 *
 * error: an operator must act; warn: may have to; info: a state changed;
 * debug: why. One line per transition, subject first:
 * "peer 192.0.2.7: up -> down (holding time over)". Lines that a peer can
 * cause pass a rate limit first, at the place that knows what is limited.
 */
#ifndef NHRP_LOG_H
#define NHRP_LOG_H

#include <nhrp/defs.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

#define LOG_LINE_MAX 768

struct log_sink {
	void *ctx;
	enum log_level max; /* lines above this level are not formatted */
	void (*line)(void *ctx, enum log_level level, const char *text);
};

/* Formats and hands over one line; cut at LOG_LINE_MAX. A NULL sink is silent. */
void log_to(const struct log_sink *sink, enum log_level level, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

const char *log_level_str(enum log_level level);

#endif
