/* SPDX-License-Identifier: MIT */
/*
 * The server and its clients share one process and one loop: a step of the loop
 * is a step of the server, and clients never block.
 */
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <ev.h>

#include <nhrp/ctl_server.h>

#define SHORT_S 0.05
#define LONG_S	60
#define ROWS	10000

struct fixture {
	struct ev_loop *loop;
	struct ctl_server *server;
	char folder[32], path[64];
	unsigned requests; /* handed over */
	uint32_t token;	   /* of the last one */
	uid_t uid;
	bool later; /* do not answer at once */
};

static void send_rows(struct fixture *f, uint32_t token, int count)
{
	for (int i = 0; i < count; i++) {
		struct record r;

		record_init(&r);
		record_text(&r, "interface", "gre1");
		record_number(&r, "row", i);
		ctl_server_row(f->server, token, &r, (mono){ 0 }, 0);
	}
}

/* The first word says how many rows to answer with. */
static void take_request(void *ctx, uint32_t token, uid_t uid,
			 const struct ctl_request *request)
{
	struct fixture *f = ctx;

	f->requests++;
	f->token = token;
	f->uid = uid;
	if (f->later)
		return;
	send_rows(f, token, atoi(request->words[0]));
	ctl_server_end(f->server, token, CTL_DONE, "done");
}

static struct ctl_server *server_start(struct fixture *f,
				       const struct ctl_limits *limits, char *err,
				       size_t cap)
{
	return ctl_server_new(f->loop, f->path, limits,
			      (struct ctl_handler){ f, take_request }, err, cap);
}

static void restart(struct fixture *f, struct ctl_limits limits)
{
	char err[256];

	ctl_server_free(f->server);
	f->server = server_start(f, &limits, err, sizeof(err));
	assert_non_null(f->server);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct ctl_limits limits = CTL_LIMITS_DEFAULT;
	char err[256];

	strcpy(f->folder, "/tmp/nhrpd-test-XXXXXX");
	if (!mkdtemp(f->folder))
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/run/ctl.sock", f->folder);
	f->loop = ev_loop_new(EVFLAG_AUTO);
	f->server = server_start(f, &limits, err, sizeof(err));
	*state = f;
	alarm(60); /* a test that waits for nothing is ended */
	return f->server ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ctl_server_free(f->server);
	ev_loop_destroy(f->loop);
	unlink(f->path);
	*strrchr(f->path, '/') = '\0';
	rmdir(f->path);
	rmdir(f->folder);
	free(f);
	return 0;
}

static int client(const struct fixture *f)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	strcpy(at.sun_path, f->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

static void client_send(int fd, const void *bytes, size_t n)
{
	assert_int_equal(send(fd, bytes, n, MSG_NOSIGNAL), n);
}

static size_t request_bytes(uint8_t *buf, size_t cap, const char *word)
{
	size_t n = ctl_request_encode(&word, 1, buf, cap);

	assert_int_not_equal(n, 0);
	return n;
}

static int client_asks(const struct fixture *f, const char *word)
{
	uint8_t buf[128];
	int fd = client(f);

	client_send(fd, buf, request_bytes(buf, sizeof(buf), word));
	return fd;
}

struct answer {
	uint8_t *bytes;
	size_t len, rows;
	bool ended;
	enum ctl_status status;
	char message[CTL_MESSAGE_MAX];
};

static void check_frame(struct answer *a, enum ctl_frame type, struct rd *body)
{
	struct record row;
	struct ctl_end end;

	if (type == CTL_ROW) {
		assert_true(ctl_row_decode(&row, body));
		assert_int_equal(record_find(&row, "row")->number, a->rows++);
		return;
	}
	assert_int_equal(type, CTL_END);
	assert_true(ctl_end_decode(&end, body));
	a->ended = true;
	a->status = end.status;
	snprintf(a->message, sizeof(a->message), "%s", end.message);
}

static void check_answer(struct answer *a)
{
	size_t at = 0;

	while (at < a->len) {
		enum ctl_frame type;
		struct rd body;
		int n = ctl_frame_peek(a->bytes + at, a->len - at, CTL_ROW_MAX, &type,
				       &body);

		if (n == 0)
			return;
		assert_true(n > 0);
		check_frame(a, type, &body);
		at += (size_t)n;
	}
}

/* Reads until the server closes. */
static struct answer client_reads(struct fixture *f, int fd)
{
	struct answer a = { 0 };
	size_t room = 8 << 20;

	a.bytes = malloc(room);
	assert_non_null(a.bytes);
	for (;;) {
		ssize_t n = recv(fd, a.bytes + a.len, room - a.len, 0);

		if (n > 0)
			a.len += (size_t)n;
		else if (n < 0 && errno == EAGAIN)
			ev_run(f->loop, EVRUN_ONCE);
		else
			break;
	}
	close(fd);
	check_answer(&a);
	free(a.bytes);
	return a;
}

static void assert_served(struct fixture *f)
{
	struct answer a = client_reads(f, client_asks(f, "3"));

	assert_true(a.ended);
	assert_int_equal(a.status, CTL_DONE);
	assert_int_equal(a.rows, 3);
}

static void run_until_requests(struct fixture *f, unsigned n)
{
	while (f->requests < n)
		ev_run(f->loop, EVRUN_ONCE);
}

static void rows_and_end_come_back_in_order(void **state)
{
	struct fixture *f = *state;
	struct answer a = client_reads(f, client_asks(f, "10000"));

	assert_true(a.ended);
	assert_int_equal(a.rows, ROWS);
	assert_string_equal(a.message, "done");
}

static void the_uid_of_the_client_is_known(void **state)
{
	struct fixture *f = *state;

	f->uid = (uid_t)-1;
	assert_served(f);
	assert_int_equal(f->uid, getuid());
}

static void the_socket_is_for_owner_and_group(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
}

static void a_request_may_come_octet_by_octet(void **state)
{
	struct fixture *f = *state;
	uint8_t buf[128];
	size_t n = request_bytes(buf, sizeof(buf), "1");
	int fd = client(f);

	for (size_t i = 0; i < n; i++) {
		client_send(fd, buf + i, 1);
		ev_run(f->loop, EVRUN_NOWAIT);
	}
	assert_true(client_reads(f, fd).ended);
}

static void garbage_ends_the_conversation_and_nothing_else(void **state)
{
	static const char *const garbage[] = {
		"GET / HTTP/1.0\r\n\r\n",
		"\xff\xff\xff\xff\x01",
		"\x7f\xff\xff\xff\x01",
	};
	static const uint8_t frames[][8] = {
		{ 0, 0, 0, 0 },			/* no type */
		{ 0, 0, 0, 1, CTL_REQUEST },	/* no body */
		{ 0, 0, 0, 2, CTL_REQUEST, 1 }, /* no words */
		{ 0, 0, 0, 3, CTL_ROW, 1, 0 },	/* not a client's to send */
		{ 0, 0, 0, 3, 77, 1, 0 },	/* no such type */
		{ 0, 0, 0, 4, CTL_REQUEST, 1, 1, 0 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(garbage); i++) {
		int fd = client(f);

		client_send(fd, garbage[i], strlen(garbage[i]));
		assert_int_equal(client_reads(f, fd).len, 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(frames); i++) {
		int fd = client(f);

		client_send(fd, frames[i], 4 + frames[i][3]);
		assert_int_equal(client_reads(f, fd).len, 0);
	}
	assert_int_equal(f->requests, 0);
	assert_served(f);
}

static void a_second_request_is_not_taken(void **state)
{
	struct fixture *f = *state;
	uint8_t buf[256];
	size_t n = request_bytes(buf, 128, "1");
	int fd = client(f);

	request_bytes(buf + n, 128, "1");
	client_send(fd, buf, 2 * n);
	assert_int_equal(client_reads(f, fd).len, 0);
	assert_int_equal(f->requests, 0);
}

static void half_a_request_is_given_up_in_time(void **state)
{
	struct fixture *f = *state;
	struct ctl_limits limits = CTL_LIMITS_DEFAULT;
	uint8_t buf[128];
	size_t n = request_bytes(buf, sizeof(buf), "1");
	int fd;

	limits.request_s = SHORT_S;
	restart(f, limits);
	fd = client(f);
	client_send(fd, buf, n - 1);
	assert_int_equal(client_reads(f, fd).len, 0);
	assert_served(f);
}

/* The other end is closed, whatever is left to read. */
static bool is_hung_up(int fd)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLHUP);
}

static void who_never_reads_is_dropped_and_others_are_served(void **state)
{
	struct fixture *f = *state;
	struct ctl_limits limits = CTL_LIMITS_DEFAULT;
	int deaf;

	limits.stalled_s = SHORT_S;
	restart(f, limits);
	deaf = client_asks(f, "30000");
	run_until_requests(f, 1);
	assert_served(f);
	/* The loop sleeps until the time is over, which it may be by now. */
	while (!is_hung_up(deaf))
		ev_run(f->loop, EVRUN_ONCE);
	assert_false(client_reads(f, deaf).ended);
}

static void an_answer_above_the_limit_is_cut_and_says_so(void **state)
{
	struct fixture *f = *state;
	struct ctl_limits limits = CTL_LIMITS_DEFAULT;
	struct answer a;

	limits.out_octets = 200000;
	restart(f, limits);
	a = client_reads(f, client_asks(f, "10000"));
	assert_true(a.ended);
	assert_int_equal(a.status, CTL_REFUSED);
	assert_non_null(strstr(a.message, "cut"));
	assert_in_range(a.rows, 1000, ROWS - 1);
	/* What was held for it is free again. */
	a = client_reads(f, client_asks(f, "1000"));
	assert_int_equal(a.status, CTL_DONE);
}

static void who_does_not_ask_gives_way(void **state)
{
	struct fixture *f = *state;
	struct ctl_limits limits = CTL_LIMITS_DEFAULT;
	int idle[32], asking[8];

	limits.request_s = LONG_S;
	restart(f, limits);
	for (size_t i = 0; i < ARRAY_SIZE(idle); i++)
		idle[i] = client(f);
	for (size_t i = 0; i < ARRAY_SIZE(asking); i++)
		asking[i] = client_asks(f, "2");
	for (size_t i = 0; i < ARRAY_SIZE(asking); i++)
		assert_int_equal(client_reads(f, asking[i]).rows, 2);
	/* The first of them is gone, the last still has its seat. */
	assert_int_equal(client_reads(f, idle[0]).len, 0);
	client_send(idle[31], "\0", 1);
	for (size_t i = 1; i < ARRAY_SIZE(idle); i++)
		close(idle[i]);
}

static void when_all_are_being_served_others_wait(void **state)
{
	struct fixture *f = *state;
	struct ctl_limits limits = CTL_LIMITS_DEFAULT;
	int fds[3];

	limits.clients = 2;
	restart(f, limits);
	f->later = true;
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = client_asks(f, "1");
	run_until_requests(f, 2);
	for (int turns = 0; turns < 5; turns++)
		ev_run(f->loop, EVRUN_NOWAIT);
	assert_int_equal(f->requests, 2);
	ctl_server_end(f->server, f->token, CTL_DONE, "");
	run_until_requests(f, 3);
	ctl_server_end(f->server, f->token, CTL_DONE, "");
	assert_true(client_reads(f, fds[2]).ended);
	close(fds[0]);
	close(fds[1]);
}

static void an_answer_may_come_later(void **state)
{
	struct fixture *f = *state;
	struct answer a;
	uint32_t first;
	int fds[2];

	f->later = true;
	fds[0] = client_asks(f, "1");
	run_until_requests(f, 1);
	first = f->token;
	fds[1] = client_asks(f, "1");
	run_until_requests(f, 2);
	send_rows(f, f->token, 2);
	ctl_server_end(f->server, f->token, CTL_DONE, "second");
	ctl_server_end(f->server, first, CTL_REFUSED, "first");
	a = client_reads(f, fds[0]);
	assert_string_equal(a.message, "first");
	a = client_reads(f, fds[1]);
	assert_string_equal(a.message, "second");
	assert_int_equal(a.rows, 2);
}

static void who_left_before_the_answer_is_forgotten(void **state)
{
	struct fixture *f = *state;
	uint32_t token;

	f->later = true;
	close(client_asks(f, "1"));
	run_until_requests(f, 1);
	token = f->token;
	ev_run(f->loop, EVRUN_NOWAIT); /* sees the end of the stream */
	send_rows(f, token, 2);
	ctl_server_end(f->server, token, CTL_DONE, "");
	ctl_server_end(f->server, token, CTL_DONE, "");
	f->later = false;
	assert_served(f);
}

static void who_leaves_in_the_middle_of_an_answer_is_forgotten(void **state)
{
	struct fixture *f = *state;
	int fd = client_asks(f, "30000");

	run_until_requests(f, 1);
	ev_run(f->loop, EVRUN_ONCE);
	close(fd);
	assert_served(f);
}

static void a_dead_daemons_socket_is_replaced(void **state)
{
	struct fixture *f = *state;
	struct ctl_limits limits = CTL_LIMITS_DEFAULT;
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	ctl_server_free(f->server);
	f->server = NULL;
	strcpy(at.sun_path, f->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	close(fd); /* and the path stays */
	restart(f, limits);
	assert_served(f);
}

static void a_living_daemons_socket_is_left_alone(void **state)
{
	struct fixture *f = *state;
	struct ctl_limits limits = CTL_LIMITS_DEFAULT;
	char err[256];

	assert_null(server_start(f, &limits, err, sizeof(err)));
	assert_non_null(strstr(err, "another nhrpd answers on"));
	assert_non_null(strstr(err, f->path));
	assert_served(f);
}

static void a_file_in_the_place_of_the_socket_is_kept(void **state)
{
	struct fixture *f = *state;
	struct ctl_limits limits = CTL_LIMITS_DEFAULT;
	char err[256];
	struct stat st;

	ctl_server_free(f->server);
	fclose(fopen(f->path, "w"));
	f->server = server_start(f, &limits, err, sizeof(err));
	assert_null(f->server);
	assert_non_null(strstr(err, "is no socket"));
	assert_int_equal(stat(f->path, &st), 0);
}

static void a_path_that_cannot_be_is_named(void **state)
{
	struct fixture *f = *state;
	struct ctl_limits limits = CTL_LIMITS_DEFAULT;
	struct ctl_handler handler = { f, take_request };
	char err[256], path[200];

	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_null(ctl_server_new(f->loop, path, &limits, handler, err, sizeof(err)));
	assert_non_null(strstr(err, "1 to 107 characters"));
	assert_null(ctl_server_new(f->loop, "/proc/x/y", &limits, handler, err,
				   sizeof(err)));
	assert_non_null(strstr(err, "/proc/x/y: No such file"));
}

static void the_end_of_the_server_frees_everybody(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	int fds[3];

	fds[0] = client(f);
	fds[1] = client_asks(f, "30000");
	run_until_requests(f, 1);
	f->later = true;
	fds[2] = client_asks(f, "1");
	run_until_requests(f, 2);
	ctl_server_free(f->server);
	f->server = NULL;
	assert_int_not_equal(stat(f->path, &st), 0);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		assert_false(client_reads(f, fds[i]).ended);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows_and_end_come_back_in_order),
		TEST(the_uid_of_the_client_is_known),
		TEST(the_socket_is_for_owner_and_group),
		TEST(a_request_may_come_octet_by_octet),
		TEST(garbage_ends_the_conversation_and_nothing_else),
		TEST(a_second_request_is_not_taken),
		TEST(half_a_request_is_given_up_in_time),
		TEST(who_never_reads_is_dropped_and_others_are_served),
		TEST(an_answer_above_the_limit_is_cut_and_says_so),
		TEST(who_does_not_ask_gives_way),
		TEST(when_all_are_being_served_others_wait),
		TEST(an_answer_may_come_later),
		TEST(who_left_before_the_answer_is_forgotten),
		TEST(who_leaves_in_the_middle_of_an_answer_is_forgotten),
		TEST(a_dead_daemons_socket_is_replaced),
		TEST(a_living_daemons_socket_is_left_alone),
		TEST(a_file_in_the_place_of_the_socket_is_kept),
		TEST(a_path_that_cannot_be_is_named),
		TEST(the_end_of_the_server_frees_everybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
