/* SPDX-License-Identifier: MIT */
/*
 * Where log lines go: a descriptor, and a ring of the last ones for `show log`.
 *
 * Under systemd (JOURNAL_STREAM names the descriptor) a line carries its
 * priority as `<N>` and no time; else it carries the local time. Control octets
 * become `?`, so that no peer writes a line of its own. Owns its lines; lives
 * as long as the last log_to() through it.
 */
#ifndef NHRP_LOG_OUT_H
#define NHRP_LOG_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/defs.h>
#include <nhrp/log.h>

#define LOG_OUT_LINES 1000

struct log_out;

struct log_out *log_out_new(int fd, enum log_level max);
void log_out_free(struct log_out *out);

/* From now on lines go to syslog: for a daemon that leaves its terminal. */
void log_out_to_syslog(struct log_out *out);

/* The sink to hand to everybody; lives as long as `out`. */
const struct log_sink *log_out_sink(const struct log_out *out);

struct log_kept {
	int64_t time_s;
	enum log_level level;
	const char *text;
};

/* Lines kept, and the i-th of them, oldest first. */
size_t log_out_kept(const struct log_out *out);
struct log_kept log_out_line(const struct log_out *out, size_t i);

#endif
