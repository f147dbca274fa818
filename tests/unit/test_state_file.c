/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nhrp/state_file.h>

#include "../../src/os/state_slot.h"

#define HOUR_US (3600 * (int64_t)1000000)
#define WALL	((int64_t)1700000000 * 1000000) /* of mono 0 */

struct fixture {
	char dir[64];
	char line[512]; /* the last one logged */
	struct log_sink log;
	struct event_sink sink;
	struct ev_restore told[8];
	size_t count;
};

static void take_line(void *ctx, enum log_level level, const char *text)
{
	struct fixture *fx = ctx;

	(void)level;
	snprintf(fx->line, sizeof(fx->line), "%s", text);
}

static void take_event(void *ctx, const struct event *ev)
{
	struct fixture *fx = ctx;

	assert_int_equal(ev->type, EV_RESTORE);
	if (fx->count < ARRAY_SIZE(fx->told))
		fx->told[fx->count] = ev->restore;
	fx->count++;
}

static int setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));

	snprintf(fx->dir, sizeof(fx->dir), "/tmp/test_state_file.XXXXXX");
	if (!mkdtemp(fx->dir))
		return -1;
	fx->log = (struct log_sink){ fx, LOG_LEVEL_DEBUG, take_line };
	fx->sink = (struct event_sink){ fx, take_event };
	*state = fx;
	return 0;
}

static const char *in_dir(const struct fixture *fx, const char *name)
{
	static char path[96];

	snprintf(path, sizeof(path), "%s/%s", fx->dir, name);
	return path;
}

static int teardown(void **state)
{
	static const char *const names[] = { "bindings", "bindings.bad", "lock" };
	struct fixture *fx = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unlink(in_dir(fx, names[i]));
	rmdir(fx->dir);
	free(fx);
	return 0;
}

static struct state_file *open_it(struct fixture *fx)
{
	char err[256] = "";
	struct state_file *f = state_file_open(fx->dir, &fx->log, err, sizeof(err));

	assert_non_null(f);
	return f;
}

static struct act_state binding(uint32_t slot)
{
	struct act_state a = { .slot = slot };
	struct state_binding *b = &a.binding;

	snprintf(b->ifname, sizeof(b->ifname), "gre1");
	b->type = BINDING_DYNAMIC;
	b->unique = true;
	b->hold_s = 7200;
	b->mtu = 1400;
	b->proto = unit_prefix("10.0.0.2/32");
	b->nbma = unit_addr("203.0.113.9");
	b->claimed = unit_addr("192.168.1.2");
	b->since = (mono){ HOUR_US };
	b->expires = (mono){ 3 * HOUR_US };
	return a;
}

/* Writes these slots and ends without a word, as SIGKILL would. */
static void write_and_die(struct fixture *fx, const struct act_state *list, size_t n)
{
	struct state_file *f;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		f = open_it(fx);
		for (size_t i = 0; i < n; i++)
			state_file_put(f, &list[i], WALL);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* What a successor is told at `now`, its mono clock being `offset` behind. */
static void restore_at(struct fixture *fx, mono now, int64_t offset)
{
	struct state_file *f = open_it(fx);

	fx->count = 0;
	state_file_restore(f, &fx->sink, now, offset);
	state_file_close(f);
}

static void overwrite(const struct fixture *fx, long at, const void *bytes, size_t n)
{
	int fd = open(in_dir(fx, "bindings"), O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, n, at), n);
	close(fd);
}

static bool exists(const struct fixture *fx, const char *name)
{
	return access(in_dir(fx, name), F_OK) == 0;
}

static void a_binding_survives_a_kill_field_by_field(void **state)
{
	struct fixture *fx = *state;
	const struct act_state a = binding(3);
	const struct state_binding *b = &fx->told[0].binding;

	write_and_die(fx, &a, 1);
	restore_at(fx, (mono){ 2 * HOUR_US }, WALL);
	assert_int_equal(fx->count, 1);
	assert_int_equal(fx->told[0].slot, 3);
	assert_string_equal(b->ifname, "gre1");
	assert_int_equal(b->type, BINDING_DYNAMIC);
	assert_true(b->unique);
	assert_int_equal(b->hold_s, 7200);
	assert_int_equal(b->mtu, 1400);
	assert_true(prefix_eq(&b->proto, &a.binding.proto));
	assert_true(addr_eq(&b->nbma, &a.binding.nbma));
	assert_true(addr_eq(&b->claimed, &a.binding.claimed));
	assert_int_equal(b->since.us, HOUR_US);
	assert_int_equal(b->expires.us, 3 * HOUR_US);
}

/* After a reboot mono begins anew, and the wall clock alone goes on. */
static void times_follow_the_wall_clock_over_a_reboot(void **state)
{
	struct fixture *fx = *state;
	const struct act_state a = binding(0);

	write_and_die(fx, &a, 1);
	restore_at(fx, (mono){ 1000000 }, WALL + 5 * HOUR_US / 2);
	assert_int_equal(fx->count, 1);
	assert_int_equal(fx->told[0].binding.expires.us, HOUR_US / 2);
	assert_int_equal(fx->told[0].binding.since.us, -3 * HOUR_US / 2);
}

static void a_binding_that_has_ended_is_not_told(void **state)
{
	struct fixture *fx = *state;
	const struct act_state a = binding(0);

	write_and_die(fx, &a, 1);
	restore_at(fx, (mono){ 3 * HOUR_US }, WALL);
	assert_int_equal(fx->count, 0);
	restore_at(fx, (mono){ 2 * HOUR_US }, WALL);
	assert_int_equal(fx->count, 0);
}

static void a_clock_set_back_gives_no_more_than_the_holding_time(void **state)
{
	struct fixture *fx = *state;
	const struct act_state a = binding(0);

	write_and_die(fx, &a, 1);
	restore_at(fx, (mono){ 1000000 }, 0);
	assert_int_equal(fx->count, 1);
	assert_int_equal(fx->told[0].binding.expires.us, 1000000 + 2 * HOUR_US);
	assert_int_equal(fx->told[0].binding.since.us, 1000000);
}

static void a_deleted_binding_is_not_told(void **state)
{
	struct fixture *fx = *state;
	struct state_file *f = open_it(fx);
	const struct act_state a = binding(0), b = binding(1);

	state_file_put(f, &a, WALL);
	state_file_put(f, &b, WALL);
	state_file_del(f, 0);
	state_file_close(f);
	restore_at(fx, (mono){ 2 * HOUR_US }, WALL);
	assert_int_equal(fx->count, 1);
	assert_int_equal(fx->told[0].slot, 1);
}

static void the_file_grows_with_its_slots(void **state)
{
	struct fixture *fx = *state;
	struct act_state list[3] = { binding(0), binding(1023), binding(50000) };

	write_and_die(fx, list, ARRAY_SIZE(list));
	restore_at(fx, (mono){ 2 * HOUR_US }, WALL);
	assert_int_equal(fx->count, 3);
	assert_int_equal(fx->told[1].slot, 1023);
	assert_int_equal(fx->told[2].slot, 50000);
}

static void a_slot_beyond_the_limit_is_not_kept(void **state)
{
	struct fixture *fx = *state;
	const struct act_state a = binding(STATE_FILE_SLOTS_MAX);

	write_and_die(fx, &a, 1);
	restore_at(fx, (mono){ 2 * HOUR_US }, WALL);
	assert_int_equal(fx->count, 0);
}

static void one_torn_slot_costs_that_binding_only(void **state)
{
	struct fixture *fx = *state;
	struct act_state list[3] = { binding(0), binding(1), binding(2) };

	write_and_die(fx, list, ARRAY_SIZE(list));
	overwrite(fx, STATE_SLOT_LEN * 2 + 50, "\xff", 1);
	restore_at(fx, (mono){ 2 * HOUR_US }, WALL);
	assert_int_equal(fx->count, 2);
	assert_int_equal(fx->told[1].slot, 2);
	assert_false(exists(fx, "bindings.bad"));
}

static void a_damaged_file_is_moved_aside_and_what_is_whole_kept(void **state)
{
	struct fixture *fx = *state;
	struct act_state list[3] = { binding(0), binding(1), binding(2000) };

	write_and_die(fx, list, ARRAY_SIZE(list));
	overwrite(fx, STATE_SLOT_LEN + 50, "\xff", 1);
	overwrite(fx, STATE_SLOT_LEN * 2 + 50, "\xff", 1);
	restore_at(fx, (mono){ 2 * HOUR_US }, WALL);
	assert_int_equal(fx->count, 1);
	assert_int_equal(fx->told[0].slot, 2000);
	assert_true(exists(fx, "bindings.bad"));
	assert_non_null(strstr(fx->line, "moved aside to bindings.bad"));
	restore_at(fx, (mono){ 2 * HOUR_US }, WALL);
	assert_int_equal(fx->count, 1);
}

static void what_is_no_file_of_ours_is_moved_aside(void **state)
{
	static const struct {
		long at;
		const char *bytes;
		size_t len;
	} cases[] = {
		{ 0, "X", 1 },				     /* magic */
		{ 11, "\x01", 1 },			     /* version */
		{ 15, "\x61", 1 },			     /* slot length */
		{ STATE_SLOT_LEN * 1025, "half a slot", 11 } /* length */
	};
	struct fixture *fx = *state;
	const struct act_state a = binding(0);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		write_and_die(fx, &a, 1);
		overwrite(fx, cases[i].at, cases[i].bytes, cases[i].len);
		restore_at(fx, (mono){ 2 * HOUR_US }, WALL);
		assert_int_equal(fx->count, 0);
		assert_true(exists(fx, "bindings.bad"));
		assert_int_equal(unlink(in_dir(fx, "bindings.bad")), 0);
		write_and_die(fx, &a, 1);
		restore_at(fx, (mono){ 2 * HOUR_US }, WALL);
		assert_int_equal(fx->count, 1);
	}
}

static void an_empty_file_is_moved_aside(void **state)
{
	struct fixture *fx = *state;
	int fd = open(in_dir(fx, "bindings"), O_WRONLY | O_CREAT, 0600);

	close(fd);
	restore_at(fx, (mono){ 0 }, WALL);
	assert_int_equal(fx->count, 0);
	assert_true(exists(fx, "bindings.bad"));
}

static void a_second_daemon_is_told_who_was_first(void **state)
{
	struct fixture *fx = *state;
	struct state_file *f = open_it(fx);
	char err[256] = "", wanted[128];

	assert_null(state_file_open(fx->dir, &fx->log, err, sizeof(err)));
	snprintf(wanted, sizeof(wanted), "another nhrpd (process %d) uses %s",
		 (int)getpid(), fx->dir);
	assert_non_null(strstr(err, wanted));
	state_file_close(f);
	f = open_it(fx);
	state_file_close(f);
}

/* A start right behind a kill, as scripts do it. */
static void a_predecessor_that_is_ending_is_waited_for(void **state)
{
	struct fixture *fx = *state;
	int ready[2], status;
	char octet;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)open_it(fx);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		usleep(200000);
		_exit(0);
	}
	assert_int_equal(read(ready[0], &octet, 1), 1);
	state_file_close(open_it(fx));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(ready[0]);
	close(ready[1]);
}

static void a_missing_directory_is_made(void **state)
{
	struct fixture *fx = *state;

	assert_int_equal(rmdir(fx->dir), 0);
	state_file_close(open_it(fx));
	assert_true(exists(fx, "bindings"));
}

static void without_a_directory_nothing_is_kept_and_nothing_breaks(void **state)
{
	struct fixture *fx = *state;
	const struct act_state a = binding(0);
	char err[256] = "", path[128];
	struct state_file *f;
	int fd = open(in_dir(fx, "lock"), O_WRONLY | O_CREAT, 0600);

	close(fd);
	snprintf(path, sizeof(path), "%s/lock/below", fx->dir);
	f = state_file_open(path, &fx->log, err, sizeof(err));
	assert_non_null(f);
	assert_non_null(strstr(fx->line, "bindings will be lost"));
	state_file_put(f, &a, WALL);
	state_file_del(f, 0);
	state_file_restore(f, &fx->sink, (mono){ 0 }, WALL);
	assert_int_equal(fx->count, 0);
	state_file_close(f);
}

/* Each makes the slot unbelievable, with a checksum that fits. */
static void a_slot_that_makes_no_sense_is_damaged(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} cases[] = {
		{ 4, 2 },	      /* neither free nor used */
		{ 5, BINDING_LOCAL }, /* a type that is not kept */
		{ 5, 200 },
		{ 7, 33 }, /* prefix length */
		{ 44, 3 }, /* address family */
		{ 44, 0 }, /* no protocol address */
		{ 61, 0 }, /* no NBMA address */
		{ 78, 9 },
	};
	const struct act_state a = binding(0);
	struct state_binding b;
	uint8_t slot[STATE_SLOT_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t sum;

		state_slot_encode(slot, &a.binding, WALL);
		slot[cases[i].at] = cases[i].value;
		sum = state_checksum(slot + 4, sizeof(slot) - 4);
		for (size_t k = 0; k < 4; k++)
			slot[k] = (uint8_t)(sum >> (24 - 8 * k));
		assert_int_equal(state_slot_decode(&b, slot, WALL), STATE_SLOT_DAMAGED);
	}
}

static void a_name_without_an_end_is_damaged(void **state)
{
	struct act_state a = binding(0);
	struct state_binding b;
	uint8_t slot[STATE_SLOT_LEN];

	(void)state;
	memset(a.binding.ifname, 'x', sizeof(a.binding.ifname));
	state_slot_encode(slot, &a.binding, WALL);
	assert_int_equal(state_slot_decode(&b, slot, WALL), STATE_SLOT_DAMAGED);
}

#define WITH_DIR(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DIR(a_binding_survives_a_kill_field_by_field),
		WITH_DIR(times_follow_the_wall_clock_over_a_reboot),
		WITH_DIR(a_binding_that_has_ended_is_not_told),
		WITH_DIR(a_clock_set_back_gives_no_more_than_the_holding_time),
		WITH_DIR(a_deleted_binding_is_not_told),
		WITH_DIR(the_file_grows_with_its_slots),
		WITH_DIR(a_slot_beyond_the_limit_is_not_kept),
		WITH_DIR(one_torn_slot_costs_that_binding_only),
		WITH_DIR(a_damaged_file_is_moved_aside_and_what_is_whole_kept),
		WITH_DIR(what_is_no_file_of_ours_is_moved_aside),
		WITH_DIR(an_empty_file_is_moved_aside),
		WITH_DIR(a_second_daemon_is_told_who_was_first),
		WITH_DIR(a_predecessor_that_is_ending_is_waited_for),
		WITH_DIR(a_missing_directory_is_made),
		WITH_DIR(without_a_directory_nothing_is_kept_and_nothing_breaks),
		cmocka_unit_test(a_slot_that_makes_no_sense_is_damaged),
		cmocka_unit_test(a_name_without_an_end_is_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
