/* SPDX-License-Identifier: MIT */
#include <nhrp/state_file.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <nhrp/buf.h>
#include <nhrp/mem.h>

#include "state_slot.h"

/* The header has the place of one slot. */
#define MAGIC	   "NHRPDSTA"
#define VERSION	   2
#define HEADER_LEN STATE_SLOT_LEN
#define CHUNK	   1024 /* slots by which the file grows */

/* For a predecessor that is on its way out; it gives itself two seconds. */
#define HOLDER_LIMIT_MS 3000

struct state_file {
	const struct log_sink *log;
	int dir_fd, lock_fd, fd; /* -1: not open */
	uint8_t *map;		 /* NULL: nothing is kept */
	uint32_t slots;
	bool told; /* that it cannot grow */
};

static size_t size_of(uint32_t slots)
{
	return HEADER_LEN + (size_t)slots * STATE_SLOT_LEN;
}

static uint8_t *slot_at(const struct state_file *f, uint32_t slot)
{
	return f->map + size_of(slot);
}

/* --- header --- */

static void header_encode(uint8_t header[HEADER_LEN])
{
	struct wr w = wr_init(header, HEADER_LEN);

	memset(header, 0, HEADER_LEN);
	wr_bytes(&w, MAGIC, 8);
	wr_u32(&w, VERSION);
	wr_u32(&w, STATE_SLOT_LEN);
}

static bool header_is_ours(const uint8_t *map)
{
	uint8_t header[HEADER_LEN];

	header_encode(header);
	return memcmp(map, header, HEADER_LEN) == 0;
}

/* --- the mapped file --- */

static void unmap(struct state_file *f)
{
	if (f->map)
		munmap(f->map, size_of(f->slots));
	if (f->fd >= 0)
		close(f->fd);
	f->map = NULL;
	f->fd = -1;
	f->slots = 0;
}

/*
 * Room on the disk comes first: to write to a mapped hole of a full disk would
 * end the process. -errno when there is none.
 */
static int resize(struct state_file *f, uint32_t slots)
{
	int err = posix_fallocate(f->fd, 0, (off_t)size_of(slots));
	void *map;

	if (err)
		return -err;
	map = f->map ? mremap(f->map, size_of(f->slots), size_of(slots), MREMAP_MAYMOVE)
		     : mmap(NULL, size_of(slots), PROT_READ | PROT_WRITE, MAP_SHARED,
			    f->fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	f->map = map;
	f->slots = slots;
	return 0;
}

static int create(struct state_file *f)
{
	int err;

	f->fd = openat(f->dir_fd, "bindings", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC,
		       0600);
	if (f->fd < 0)
		return -errno;
	err = resize(f, CHUNK);
	if (err) {
		unmap(f);
		return err;
	}
	assert(f->map); /* or there was no room */
	header_encode(f->map);
	return 0;
}

static int move_aside(struct state_file *f, const char *why)
{
	if (renameat(f->dir_fd, "bindings", f->dir_fd, "bindings.bad") < 0)
		return -errno;
	log_to(f->log, LOG_LEVEL_WARN,
	       "state: the file of bindings is damaged (%s), "
	       "moved aside to bindings.bad",
	       why);
	return 0;
}

/* The slots of a file of this size, or 0 when it cannot be one of ours. */
static uint32_t slots_in(off_t size)
{
	off_t octets = size - HEADER_LEN;

	if (octets <= 0 || octets % STATE_SLOT_LEN ||
	    octets / STATE_SLOT_LEN > STATE_FILE_SLOTS_MAX)
		return 0;
	return (uint32_t)(octets / STATE_SLOT_LEN);
}

/*
 * One damaged slot is what a kill leaves; more is a damaged file. What is whole
 * moves to a new file, under the same numbers.
 */
static int start_over(struct state_file *f)
{
	struct state_file old = *f;
	struct state_binding b;
	int err = move_aside(f, "several bindings are not as they were written");

	if (err)
		return err;
	f->map = NULL;
	f->slots = 0;
	err = create(f);
	if (!err)
		err = resize(f, old.slots > CHUNK ? old.slots : CHUNK);
	for (uint32_t i = 0; !err && i < old.slots; i++) {
		if (state_slot_decode(&b, slot_at(&old, i), 0) == STATE_SLOT_USED)
			memcpy(slot_at(f, i), slot_at(&old, i), STATE_SLOT_LEN);
	}
	unmap(&old);
	return err;
}

static int drop_damaged(struct state_file *f)
{
	uint32_t damaged = 0, last = 0;
	struct state_binding b;

	for (uint32_t i = 0; i < f->slots; i++) {
		if (state_slot_decode(&b, slot_at(f, i), 0) == STATE_SLOT_DAMAGED) {
			damaged++;
			last = i;
		}
	}
	if (damaged > 1)
		return start_over(f);
	if (damaged == 1) {
		log_to(f->log, LOG_LEVEL_INFO,
		       "state: a binding was being written when "
		       "the last nhrpd ended; it is dropped");
		state_file_del(f, last);
	}
	return 0;
}

static int open_file(struct state_file *f)
{
	struct stat st;
	int err;

	f->fd = openat(f->dir_fd, "bindings", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (f->fd < 0 && errno == ENOENT)
		return create(f);
	if (f->fd < 0 || fstat(f->fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (slots_in(st.st_size) > 0) {
		err = resize(f, slots_in(st.st_size));
		if (err || header_is_ours(f->map))
			return err ? err : drop_damaged(f);
	}
	unmap(f);
	err = move_aside(f, "it does not begin as it should");
	return err ? err : create(f);
}

/* --- the directory and its lock --- */

static int read_holder(const struct state_file *f)
{
	char text[16] = "";

	return pread(f->lock_fd, text, sizeof(text) - 1, 0) > 0 ? atoi(text) : 0;
}

/* Whether this process has ended, or does so within the limit. */
static bool has_ended(int pid)
{
	struct pollfd ended = { .events = POLLIN };
	int n;

	ended.fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	if (ended.fd < 0)
		return errno == ESRCH;
	n = poll(&ended, 1, HOLDER_LIMIT_MS);
	close(ended.fd);
	return n > 0;
}

/* A predecessor that was told to end may need a moment for it. */
static int lock(const struct state_file *f)
{
	if (flock(f->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK && has_ended(read_holder(f)) &&
	    flock(f->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return -EWOULDBLOCK;
}

/* -EWOULDBLOCK: another daemon has it. */
static int lock_dir(struct state_file *f, const char *dir)
{
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return -errno;
	f->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->dir_fd < 0)
		return -errno;
	f->lock_fd = openat(f->dir_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return f->lock_fd < 0 ? -errno : lock(f);
}

/* For the message of who comes second; the lock itself is the kernel's. */
static void sign_lock(const struct state_file *f)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	if (ftruncate(f->lock_fd, 0) < 0 ||
	    pwrite(f->lock_fd, text, (size_t)len, 0) != len)
		log_to(f->log, LOG_LEVEL_DEBUG, "state: the lock stays unsigned: %s",
		       strerror(errno));
}

struct state_file *state_file_open(const char *dir, const struct log_sink *log,
				   char *err, size_t err_cap)
{
	struct state_file *f = mem_new(sizeof(*f));
	int rc;

	f->log = log;
	f->dir_fd = f->lock_fd = f->fd = -1;
	rc = lock_dir(f, dir);
	if (rc == -EWOULDBLOCK) {
		snprintf(err, err_cap,
			 "another nhrpd (process %d) uses %s: stop it, or "
			 "give this one its own directory with -d",
			 read_holder(f), dir);
		state_file_close(f);
		return NULL;
	}
	if (!rc) {
		sign_lock(f);
		rc = open_file(f);
	}
	if (rc) {
		log_to(log, LOG_LEVEL_WARN,
		       "state: %s cannot be used (%s): bindings "
		       "will be lost when nhrpd ends",
		       dir, strerror(-rc));
		unmap(f);
	}
	return f;
}

void state_file_close(struct state_file *f)
{
	if (!f)
		return;
	unmap(f);
	if (f->lock_fd >= 0)
		close(f->lock_fd);
	if (f->dir_fd >= 0)
		close(f->dir_fd);
	free(f);
}

/* --- slots --- */

/*
 * A clock that was set back, or stood at 1970 after a boot, must not give a
 * binding more time than it ever had.
 */
static void bound_times(struct state_binding *b, mono now)
{
	b->expires = mono_min(b->expires, mono_add_s(now, b->hold_s));
	b->since = mono_min(b->since, now);
}

void state_file_restore(struct state_file *f, const struct event_sink *sink, mono now,
			int64_t wall_offset_us)
{
	for (uint32_t i = 0; i < f->slots; i++) {
		struct event ev = { .type = EV_RESTORE };
		struct state_binding *b = &ev.restore.binding;

		if (state_slot_decode(b, slot_at(f, i), wall_offset_us) !=
		    STATE_SLOT_USED)
			continue;
		bound_times(b, now);
		ev.restore.slot = i;
		if (mono_before(now, b->expires))
			event_put(sink, &ev);
		else
			state_file_del(f, i);
	}
}

static bool make_room(struct state_file *f, uint32_t slot)
{
	int err;

	if (!f->map || slot >= STATE_FILE_SLOTS_MAX)
		return false;
	if (slot < f->slots)
		return true;
	err = resize(f, (slot / CHUNK + 1) * CHUNK);
	if (err && !f->told) {
		log_to(f->log, LOG_LEVEL_WARN,
		       "state: no room for more than %u "
		       "bindings: %s",
		       f->slots, strerror(-err));
		f->told = true;
	}
	return !err;
}

bool state_file_keeps(const struct state_file *f)
{
	return f->map && !f->told;
}

void state_file_put(struct state_file *f, const struct act_state *a,
		    int64_t wall_offset_us)
{
	uint8_t slot[STATE_SLOT_LEN];

	if (!make_room(f, a->slot))
		return;
	state_slot_encode(slot, &a->binding, wall_offset_us);
	memcpy(slot_at(f, a->slot), slot, sizeof(slot));
}

void state_file_del(struct state_file *f, uint32_t slot)
{
	if (slot < f->slots)
		memset(slot_at(f, slot), 0, STATE_SLOT_LEN);
}
