/* SPDX-License-Identifier: MIT */
/*
 * Hostile clients of the control socket, all at once, for as long as it takes
 * the caller to check that the daemon goes on:
 *
 *	badctl SOCKET COUNT
 *
 * COUNT clients of each kind: one sends garbage, one half a request and waits,
 * one asks for tables and never reads, one says nothing. Prints "ready" when
 * all are connected and have sent; ends when its standard input does.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <nhrp/ctl_proto.h>
#include <nhrp/defs.h>
#include <nhrp/rng.h>

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static int client(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof(sun.sun_path))
		die("socket");
	memcpy(sun.sun_path, path, strlen(path));
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0)
		die("connect");
	return fd;
}

/* A client that was cut off, or whose socket is full, has done its part. */
static void put(int fd, const void *bytes, size_t len)
{
	(void)!send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void send_garbage(int fd)
{
	static struct rng rng;
	uint64_t words[512];

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = rng_next(&rng);
	put(fd, words, sizeof(words));
}

static size_t request(uint8_t *frame, size_t cap)
{
	static const char *const words[] = { "show", "counters" };
	size_t len = ctl_request_encode(words, ARRAY_SIZE(words), frame, cap);

	if (!len)
		die("request");
	return len;
}

static void send_half(int fd)
{
	uint8_t frame[256];

	put(fd, frame, request(frame, sizeof(frame)) / 2);
}

static void never_read(int fd)
{
	uint8_t frame[256];
	size_t len = request(frame, sizeof(frame));

	for (unsigned i = 0; i < 10000; i++)
		put(fd, frame, len);
}

static void say_nothing(int fd)
{
	(void)fd;
}

int main(int argc, char **argv)
{
	void (*const kinds[])(int) = { send_garbage, send_half, never_read,
				       say_nothing };
	char c;

	if (argc != 3)
		die("usage: badctl SOCKET COUNT");
	for (long n = strtol(argv[2], NULL, 10); n > 0; n--)
		for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
			kinds[k](client(argv[1]));
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}
