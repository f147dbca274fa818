/* SPDX-License-Identifier: MIT */
/*
 * What survives the daemon: its bindings, in DIR/bindings.
 *
 * The file is mapped and a slot of it is written by a memory copy, so keeping
 * it costs no system call and outlives any way for the process to end. A slot
 * holds one binding and its checksum; the one that a kill caught half-written
 * is dropped at the next start. A file that is damaged beyond that is moved
 * aside to DIR/bindings.bad, and what is whole in it is kept. Times in the file
 * are of the wall clock; callers pass the difference `wall_offset_us` between
 * wall clock and mono. Nobody else may write or cut the file while it is open;
 * DIR/lock keeps a second daemon out,
 * after it has waited a few seconds for one that is just ending.
 *
 * Without a directory that can be written the daemon works all the same, and
 * has nothing to restore after its end.
 */
#ifndef NHRP_STATE_FILE_H
#define NHRP_STATE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/action.h>
#include <nhrp/event_sink.h>
#include <nhrp/log.h>
#include <nhrp/mono.h>

#define STATE_FILE_SLOTS_MAX (1u << 20)

struct state_file;

/* NULL with a sentence in err only when another daemon holds the directory. */
struct state_file *state_file_open(const char *dir, const struct log_sink *log,
				   char *err, size_t err_cap);
void state_file_close(struct state_file *f);

/* Tells every binding of the predecessor that has not ended as EV_RESTORE. */
void state_file_restore(struct state_file *f, const struct event_sink *sink, mono now,
			int64_t wall_offset_us);

/* False when what is put is not kept: no directory, or no room in it. */
bool state_file_keeps(const struct state_file *f);

void state_file_put(struct state_file *f, const struct act_state *a,
		    int64_t wall_offset_us);
void state_file_del(struct state_file *f, uint32_t slot);

#endif
