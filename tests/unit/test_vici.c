/* SPDX-License-Identifier: MIT */
/*
 * The connection to charon against one of the test's own, in one process and on
 * one loop: what either side waits for, the other does in the next turn.
 */
#include "unit_charon.h"

#include <time.h>

#include <nhrp/loop.h>
#include <nhrp/mem.h>

#include "vici.h"

static const char *const events[] = { "ike-updown", "list-sa", NULL };

/* No test waits for a time but those that shorten it. */
static const struct vici_limits patient = { 0.01, 0.02, 60 };

struct fixture {
	struct loop *loop;
	struct ev_loop *ev;
	struct charon charon;
	struct vici *vici;
	unsigned ups, downs;
	char reason[VICI_REASON_MAX];
	struct text events;  /* "NAME TEXT\n" */
	struct text replies; /* "TOKEN part|done|unknown TEXT\n" */
	unsigned replied;
};

static void ignore(void *ctx)
{
	(void)ctx;
}

static void took_up(void *ctx)
{
	struct fixture *f = ctx;

	f->ups++;
}

static void took_down(void *ctx, const char *reason)
{
	struct fixture *f = ctx;

	f->downs++;
	snprintf(f->reason, sizeof(f->reason), "%s", reason);
}

static void took_event(void *ctx, struct vici_str name, const struct vici_sec *msg)
{
	struct fixture *f = ctx;
	char *text = unit_vici_text(*msg);

	text_put(&f->events, "%.*s %s\n", (int)name.len, name.s, text);
	free(text);
}

static void took_reply(void *ctx, uint32_t token, enum vici_outcome outcome,
		       const struct vici_sec *msg)
{
	static const char *const words[] = { "part", "done", "unknown" };
	struct fixture *f = ctx;
	char *text = unit_vici_text(*msg);

	text_put(&f->replies, "%u %s %s\n", token, words[outcome], text);
	if (outcome != VICI_PART)
		f->replied++;
	free(text);
}

static void begin(struct fixture *f, struct vici_limits limits)
{
	const struct vici_handlers handlers = { f, events, took_up, took_down,
						took_event };

	f->vici = vici_new(f->loop, f->charon.path, &limits, &handlers);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct loop_handlers nothing = {
		f, ignore, ignore, ignore, ignore, ignore
	};

	f->loop = loop_new(&nothing);
	f->ev = loop_ev(f->loop);
	charon_init(&f->charon, f->ev);
	text_put(&f->events, "%s", "");
	text_put(&f->replies, "%s", "");
	*state = f;
	alarm(60); /* a test that waits for nothing is ended */
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vici_free(f->vici);
	charon_free(&f->charon);
	loop_free(f->loop);
	free(f->events.s);
	free(f->replies.s);
	free(f);
	return 0;
}

#define RUN_UNTIL(f, fact)                           \
	do {                                         \
		while (!(fact))                      \
			ev_run((f)->ev, EVRUN_ONCE); \
	} while (0)

static void connect_to(struct fixture *f, struct vici_limits limits)
{
	charon_start(&f->charon);
	begin(f, limits);
	RUN_UNTIL(f, f->ups == 1 && vici_pending(f->vici) == 0);
}

static bool ask(struct fixture *f, uint32_t token, const char *name, const char *stream)
{
	const struct vici_call call = { took_reply, token, stream };
	uint8_t frame[256];

	return vici_send(f->vici, &call, frame,
			 unit_vici_frame(frame, sizeof(frame), VICI_CMD_REQUEST, name,
					 "k=v"));
}

static void must_ask(struct fixture *f, uint32_t token, const char *name)
{
	assert_true(ask(f, token, name, NULL));
}

/* Everything works, whatever was before. */
static void assert_served(struct fixture *f)
{
	unsigned before = f->replied;

	f->charon.deaf = false;
	RUN_UNTIL(f, vici_state(f->vici).up && vici_pending(f->vici) == 0);
	must_ask(f, 99, "get-conns");
	RUN_UNTIL(f, f->replied > before);
	assert_non_null(strstr(f->replies.s, "99 done success=yes\n"));
}

static void a_socket_that_is_not_there_is_a_reason_and_tried_again(void **state)
{
	struct fixture *f = *state;

	begin(f, patient);
	RUN_UNTIL(f, f->downs == 1);
	assert_non_null(
		strstr(f->reason, "/charon.vici: No such file or directory; does"));
	assert_false(vici_state(f->vici).up);
	assert_string_equal(vici_state(f->vici).reason, f->reason);
	charon_start(&f->charon);
	assert_served(f);
	assert_int_equal(f->downs, 1); /* told once, however often tried */
}

static void a_socket_that_nobody_serves_is_another_reason(void **state)
{
	struct fixture *f = *state;

	begin(f, patient);
	RUN_UNTIL(f, f->downs == 1);
	charon_start(&f->charon);
	charon_kill(&f->charon);
	RUN_UNTIL(f, f->downs == 2);
	assert_non_null(strstr(f->reason, "Connection refused; does charon run?"));
	unlink(f->charon.path);
	charon_start(&f->charon);
	assert_served(f);
}

static void events_are_registered_once_a_connection(void **state)
{
	struct fixture *f = *state;

	connect_to(f, patient);
	assert_string_equal(f->charon.asked.s,
			    "register ike-updown\nregister list-sa\n");
	charon_hang_up(&f->charon);
	RUN_UNTIL(f, f->ups == 2 && vici_pending(f->vici) == 0);
	assert_int_equal(f->charon.registrations, 4);
}

static void an_event_that_charon_does_not_know_is_no_fault(void **state)
{
	struct fixture *f = *state;

	f->charon.deaf = true;
	charon_start(&f->charon);
	begin(f, patient);
	RUN_UNTIL(f, f->charon.registrations == 2);
	charon_frame(&f->charon, VICI_EVENT_UNKNOWN, NULL, "");
	charon_frame(&f->charon, VICI_EVENT_CONFIRM, NULL, "");
	assert_served(f);
	assert_int_equal(f->charon.connections, 1);
}

static void answers_are_paired_in_order_however_many_are_under_way(void **state)
{
	struct fixture *f = *state;
	struct text wanted = { 0 };

	connect_to(f, patient);
	for (uint32_t i = 0; i < VICI_COMMANDS_MAX; i++) {
		must_ask(f, i, i % 7 == 3 ? "no-such" : "get-conns");
		text_put(&wanted,
			 i % 7 == 3 ? "%u unknown \n" : "%u done success=yes\n", i);
	}
	f->charon.answers = (const struct charon_answer[]){ { "no-such", "?" }, { 0 } };
	RUN_UNTIL(f, f->replied == VICI_COMMANDS_MAX);
	assert_string_equal(f->replies.s, wanted.s);
	free(wanted.s);
}

static void a_stream_goes_to_its_command_and_events_to_all(void **state)
{
	static const struct charon_answer answers[] = {
		{ "list-sas", "list-sa a{}\nike-updown up=yes\nlist-sa b{}\nend=1" },
		{ 0 }
	};
	struct fixture *f = *state;

	f->charon.answers = answers;
	connect_to(f, patient);
	must_ask(f, 1, "get-conns");
	assert_true(ask(f, 2, "list-sas", "list-sa"));
	assert_true(ask(f, 3, "list-sas", "list-sa"));
	RUN_UNTIL(f, f->replied == 3);
	charon_event(&f->charon, "list-sa", "c{}");
	RUN_UNTIL(f, strstr(f->events.s, "list-sa"));
	assert_string_equal(f->replies.s, "1 done success=yes\n"
					  "2 part a{}\n2 part b{}\n2 done end=1\n"
					  "3 part a{}\n3 part b{}\n3 done end=1\n");
	assert_string_equal(f->events.s,
			    "ike-updown up=yes\nike-updown up=yes\nlist-sa c{}\n");
}

static void an_answer_may_come_octet_by_octet(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[64];
	size_t n;

	connect_to(f, patient);
	f->charon.deaf = true;
	must_ask(f, 5, "get-conns");
	RUN_UNTIL(f, f->charon.requests == 1);
	n = unit_vici_frame(bytes, sizeof(bytes), VICI_CMD_RESPONSE, NULL,
			    "a=b c{d=e}");
	for (size_t i = 0; i < n; i++) {
		charon_write(&f->charon, bytes + i, 1);
		ev_run(f->ev, EVRUN_NOWAIT);
	}
	RUN_UNTIL(f, f->replied == 1);
	assert_string_equal(f->replies.s, "5 done a=b c{d=e}\n");
}

/* Whole or not at all; and the connection comes back. */
static void an_end_at_any_octet_is_survived(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[64];
	size_t len =
		unit_vici_frame(bytes, sizeof(bytes), VICI_CMD_RESPONSE, NULL, "a=b");

	connect_to(f, patient);
	for (size_t n = 0; n <= len; n++) {
		unsigned ups = f->ups, downs = f->downs, replied = f->replied;

		f->charon.deaf = true;
		must_ask(f, 5, "get-conns");
		RUN_UNTIL(f, f->charon.requests == 1);
		charon_write(&f->charon, bytes, n);
		charon_hang_up(&f->charon);
		f->charon.deaf = false;
		RUN_UNTIL(f, f->ups > ups && vici_pending(f->vici) == 0);
		assert_int_equal(f->downs, downs + 1);
		assert_non_null(strstr(f->reason, "charon closed the connection"));
		assert_int_equal(f->replied, replied + (n == len));
		f->charon.requests = 0;
	}
	assert_served(f);
}

static void what_is_no_message_ends_the_connection_and_nothing_else(void **state)
{
#define FAULT(bytes)                     \
	{                                \
		bytes, sizeof(bytes) - 1 \
	}
	static const struct {
		const char *bytes;
		size_t len;
	} faults[] = {
		FAULT("HTTP/1.1 400 Bad Request\r\n\r\n"),
		FAULT("\0\0\0\0"),	     /* no type */
		FAULT("\xff\xff\xff\xff\1"), /* 4 GiB */
		FAULT("\0\x08\0\1\1"),	     /* one above the limit */
		FAULT("\0\0\0\2\1\2"),	     /* ends a section that is none */
		FAULT("\0\0\0\1\1"),	     /* an answer to nothing */
		FAULT("\0\0\0\1\2"),	     /* the same, unknown */
		FAULT("\0\0\0\1\5"),	     /* confirms what was not asked */
		FAULT("\0\0\0\5\0\3abc"),    /* a request */
		FAULT("\0\0\0\5\3\3abc"),    /* a registration */
		FAULT("\0\0\0\1\x63"),	     /* no such type */
	};
	struct fixture *f = *state;

	connect_to(f, patient);
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		unsigned downs = f->downs;

		charon_write(&f->charon, faults[i].bytes, faults[i].len);
		RUN_UNTIL(f, f->downs > downs);
		assert_true(strstr(f->reason, "no message of vici") ||
			    strstr(f->reason, "not asked"));
		assert_served(f);
	}
}

static void an_answer_of_the_wrong_type_ends_the_connection(void **state)
{
	struct fixture *f = *state;

	connect_to(f, patient);
	f->charon.deaf = true;
	must_ask(f, 5, "get-conns");
	RUN_UNTIL(f, f->charon.requests == 1);
	charon_frame(&f->charon, VICI_EVENT_CONFIRM, NULL, "");
	RUN_UNTIL(f, f->downs == 1);
	assert_string_equal(f->replies.s, "");
	assert_served(f);
}

static void an_answer_that_does_not_come_ends_the_connection(void **state)
{
	struct fixture *f = *state;

	connect_to(f, (struct vici_limits){ 0.01, 0.02, 0.05 });
	f->charon.deaf = true;
	must_ask(f, 5, "get-conns");
	RUN_UNTIL(f, f->downs == 1);
	assert_non_null(strstr(f->reason, "charon owes an answer for 0.05 s"));
	assert_served(f);
}

static void who_owes_nothing_may_be_silent(void **state)
{
	struct fixture *f = *state;
	struct timespec wait = { 0, 100000000 };

	connect_to(f, (struct vici_limits){ 0.01, 0.02, 0.05 });
	nanosleep(&wait, NULL);
	for (int turns = 0; turns < 5; turns++)
		ev_run(f->ev, EVRUN_NOWAIT);
	assert_int_equal(f->downs, 0);
	assert_served(f);
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Connecting alone proves nothing: the pause grows until there is an answer. */
static void who_hangs_up_at_once_is_called_less_and_less(void **state)
{
	struct fixture *f = *state;
	double began;

	f->charon.deaf = true;
	charon_start(&f->charon);
	begin(f, (struct vici_limits){ 0.01, 0.04, 60 });
	RUN_UNTIL(f, f->charon.connections == 1);
	began = seconds();
	for (unsigned i = 2; i <= 6; i++) {
		charon_hang_up(&f->charon);
		RUN_UNTIL(f, f->charon.connections == i);
	}
	assert_true(seconds() - began > 0.9 * (0.01 + 0.02 + 3 * 0.04));
	assert_served(f);
}

static void a_full_queue_refuses_and_serves_on(void **state)
{
	struct fixture *f = *state;

	connect_to(f, patient);
	for (uint32_t i = 0; i < VICI_COMMANDS_MAX; i++)
		must_ask(f, i, "get-conns");
	assert_false(ask(f, 7, "get-conns", NULL));
	RUN_UNTIL(f, f->replied == VICI_COMMANDS_MAX);
	assert_served(f);
}

static void who_does_not_read_costs_no_more_than_the_queue(void **state)
{
	struct fixture *f = *state;
	size_t len = 200000, sent = 0;
	uint8_t *frame = calloc(1, len);
	const struct vici_call call = { took_reply, 1, NULL };

	connect_to(f, patient);
	ev_io_stop(f->ev, &f->charon.readable);
	frame[1] = (uint8_t)((len - 4) >> 16);
	frame[2] = (uint8_t)((len - 4) >> 8);
	frame[3] = (uint8_t)(len - 4);
	while (sent < 50 && vici_send(f->vici, &call, frame, len)) {
		sent++;
		for (int turns = 0; turns < 5; turns++)
			ev_run(f->ev, EVRUN_NOWAIT);
	}
	free(frame);
	assert_in_range(sent, VICI_QUEUE_MAX / len, 20);
	charon_hang_up(&f->charon);
	RUN_UNTIL(f, f->ups == 2);
	assert_served(f);
}

static void nothing_is_taken_while_not_connected(void **state)
{
	struct fixture *f = *state;

	begin(f, patient);
	assert_false(ask(f, 1, "get-conns", NULL));
	RUN_UNTIL(f, f->downs == 1);
	assert_false(ask(f, 1, "get-conns", NULL));
}

/* charon's longest: its socket takes it piece by piece. */
static void the_longest_frame_is_taken(void **state)
{
	struct fixture *f = *state;
	size_t len = VICI_HEADER_LEN + VICI_FRAME_MAX, at = 0, rest;
	uint8_t *frame = mem_new(len);
	struct wr w = wr_init(frame, len);

	connect_to(f, patient);
	wr_u32(&w, VICI_FRAME_MAX);
	wr_u8(&w, VICI_EVENT);
	wr_u8(&w, 1);
	wr_u8(&w, 'e');
	while (len - wr_pos(&w) >= 5 + VICI_VALUE_MAX) {
		wr_bytes(&w, "\3\1v\xff\xff", 5);
		memset(wr_take(&w, VICI_VALUE_MAX), 'x', VICI_VALUE_MAX);
	}
	wr_bytes(&w, "\3\1v", 3);
	rest = len - wr_pos(&w) - 2;
	wr_u16(&w, (uint16_t)rest);
	memset(wr_take(&w, rest), 'y', rest);
	while (at < len) {
		ssize_t n = send(f->charon.client, frame + at, len - at,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0)
			at += (size_t)n;
		ev_run(f->ev, EVRUN_NOWAIT);
	}
	RUN_UNTIL(f, f->events.len > 0);
	assert_true(f->events.len > VICI_FRAME_MAX - 100);
	free(frame);
	assert_served(f);
}

static void it_may_end_in_the_middle_of_everything(void **state)
{
	struct fixture *f = *state;

	connect_to(f, patient);
	f->charon.deaf = true;
	for (uint32_t i = 0; i < 10; i++)
		must_ask(f, i, "get-conns");
	ev_run(f->ev, EVRUN_ONCE);
	charon_write(&f->charon, "\0\0\1\0\1", 5);
	ev_run(f->ev, EVRUN_ONCE);
	vici_free(f->vici);
	f->vici = NULL;
	vici_free(NULL);
	assert_string_equal(f->replies.s, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_socket_that_is_not_there_is_a_reason_and_tried_again),
		TEST(a_socket_that_nobody_serves_is_another_reason),
		TEST(events_are_registered_once_a_connection),
		TEST(an_event_that_charon_does_not_know_is_no_fault),
		TEST(answers_are_paired_in_order_however_many_are_under_way),
		TEST(a_stream_goes_to_its_command_and_events_to_all),
		TEST(an_answer_may_come_octet_by_octet),
		TEST(an_end_at_any_octet_is_survived),
		TEST(what_is_no_message_ends_the_connection_and_nothing_else),
		TEST(an_answer_of_the_wrong_type_ends_the_connection),
		TEST(an_answer_that_does_not_come_ends_the_connection),
		TEST(who_owes_nothing_may_be_silent),
		TEST(who_hangs_up_at_once_is_called_less_and_less),
		TEST(a_full_queue_refuses_and_serves_on),
		TEST(who_does_not_read_costs_no_more_than_the_queue),
		TEST(nothing_is_taken_while_not_connected),
		TEST(the_longest_frame_is_taken),
		TEST(it_may_end_in_the_middle_of_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
