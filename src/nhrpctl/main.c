/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <nhrp/ctl_command.h>
#include <nhrp/ctl_proto.h>

#include "answer.h"
#include "render.h"

#define SOCKET_PATH  RUNSTATEDIR "/nhrpd/nhrpd.sock"
#define NOT_REACHED  3 /* the other exit codes are enum ctl_status */
#define TRY_HELP     "; try nhrpctl --help"
#define USAGE	     "usage: nhrpctl [-s SOCKET] [-j] [-v] COMMAND\n"
#define MESSAGE_ROOM (CTL_MESSAGE_MAX + 256)

struct options {
	const char *socket;
	bool json, all;
};

static void print_help(void)
{
	fputs(USAGE "\n"
		    "  -s SOCKET   where nhrpd listens (" SOCKET_PATH ")\n"
		    "  -j          answer in JSON\n"
		    "  -v          show every column, and counters that are zero\n"
		    "  -V          print the version\n"
		    "\n",
	      stdout);
	for (enum ctl_verb v = 0; v < CTL_VERBS; v++) {
		char words[64];

		snprintf(words, sizeof(words), "%s %s", ctl_commands[v].words,
			 ctl_args_str(ctl_commands[v].args));
		printf("  %-32s %s\n", words, ctl_commands[v].help);
	}
	fputs("\n"
	      "SELECTOR: protocol ADDRESS[/LENGTH], nbma ADDRESS, interface NAME,\n"
	      "          local-protocol ADDRESS, local-nbma ADDRESS\n"
	      "Exit: 0 done, 1 refused or not found, 2 wrong usage, 3 nhrpd not "
	      "reached\n",
	      stdout);
}

/*
 * Says it to people, and with -j to programs in the frame of every answer. Without
 * a message the rows have said all there is.
 */
static int fail(const struct options *o, const char *list, const struct answer *a,
		int status, const char *message)
{
	if (*message)
		fprintf(stderr, "nhrpctl: %s%s\n", message,
			status == CTL_USAGE ? TRY_HELP : "");
	if (o->json)
		render_json(stdout, list, a, *message ? message : NULL);
	return status;
}

static int print_answer(const struct options *o, enum ctl_verb verb,
			const struct answer *a)
{
	const char *list = ctl_commands[verb].list;

	if (a->end.status != CTL_DONE) {
		if (!o->json)
			render_text(stdout, verb, a, o->all, time(NULL));
		return fail(o, list, a, (int)a->end.status, a->end.message);
	}
	if (o->json) {
		render_json(stdout, list, a, NULL);
		return CTL_DONE;
	}
	render_text(stdout, verb, a, o->all, time(NULL));
	if (a->end.message[0] != '\0')
		puts(a->end.message);
	return CTL_DONE;
}

static int run(const struct options *o, const char *const *words, size_t count)
{
	char err[MESSAGE_ROOM];
	struct ctl_parsed cmd;
	struct answer a = { 0 };
	int status;

	if (!ctl_command_parse(&cmd, words, count, err, sizeof(err)))
		return fail(o, "result", &a, CTL_USAGE, err);
	if (answer_get(&a, o->socket, words, count, err, sizeof(err)))
		status = print_answer(o, cmd.verb, &a);
	else
		status = fail(o, ctl_commands[cmd.verb].list, &(struct answer){ 0 },
			      NOT_REACHED, err);
	free(a.bytes);
	return status;
}

/* What could not be written was not told. */
static int flushed(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fprintf(stderr, "nhrpctl: cannot write the answer: %s\n", strerror(errno));
	return CTL_REFUSED;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = { { "help", no_argument, NULL, 'h' },
					       { "version", no_argument, NULL, 'V' },
					       { 0 } };
	struct options o = { .socket = SOCKET_PATH };
	int c;

	while ((c = getopt_long(argc, argv, "s:jvVh", longs, NULL)) != -1) {
		switch (c) {
		case 's':
			o.socket = optarg;
			break;
		case 'j':
			o.json = true;
			break;
		case 'v':
			o.all = true;
			break;
		case 'V':
			puts("nhrpctl " PACKAGE_VERSION);
			return flushed(CTL_DONE);
		case 'h':
			print_help();
			return flushed(CTL_DONE);
		default:
			fputs(USAGE, stderr);
			return CTL_USAGE;
		}
	}
	return flushed(
		run(&o, (const char *const *)argv + optind, (size_t)(argc - optind)));
}
