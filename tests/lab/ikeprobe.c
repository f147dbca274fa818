/* SPDX-License-Identifier: MIT */
/*
 * The adapter to charon alone, driven by hand:
 *
 *	ikeprobe LOCAL-ADDRESS
 *
 * Commands are lines of standard input; each, and each fact, is printed as a line
 * with the milliseconds since boot before it. The address is that of gre1. Ends
 * with its input, leaving in charon what is there.
 *
 *	conf FILE        the configuration from now on
 *	start ADDRESS    call this peer
 *	forget ADDRESS
 *	stop NUMBER      end this IKE SA
 *	kill NUMBER      the same, without waiting for the peer
 *	problem          why nobody can call, or "none"
 *	suite NUMBER     what is known of this child
 *	counters
 *	withdraw
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ev.h>

#include <nhrp/conf.h>
#include <nhrp/ike.h>
#include <nhrp/loop.h>

#define LINE_ROOM 512
#define CONF_ROOM 65536

struct probe {
	struct loop *loop;
	struct ike *ike;
	struct conf *conf;
	struct addr local;
	struct event_sink sink;
	struct log_sink log;
	ev_io input;
	size_t len;
	char line[LINE_ROOM];
};

static void say(const struct probe *p, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void say(const struct probe *p, const char *fmt, ...)
{
	va_list args;

	printf("%lld ", (long long)(loop_now(p->loop).us / 1000));
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void take_line(void *ctx, enum log_level level, const char *text)
{
	say(ctx, "%s: %s", log_level_str(level), text);
}

static void take_fact(void *ctx, const struct event *ev)
{
	static const char *const names[] = { "READY", "GONE",	 "UP",
					     "DOWN",  "REKEYED", "IKE",
					     "MOVED", "FAILED",	 "AUTHORITY" };
	const struct ev_sa *e = &ev->sa;

	if (!e->ifname)
		say(ctx, "%s", names[e->fact]);
	else if (e->fact == SA_FAILED)
		say(ctx, "FAILED %s: %s", ADDR_STR(&e->remote), e->reason);
	else
		say(ctx, "%s %s ike %u child %u old %u id %s outer %s%s%s",
		    names[e->fact], ADDR_STR(&e->remote), e->ike, e->child, e->old,
		    e->identity, ADDR_STR(&e->outer), e->initiator ? " initiator" : "",
		    e->natted ? " natted" : "");
}

static void take_conf(struct probe *p, const char *path)
{
	char text[CONF_ROOM];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	struct conf_diags diags;
	struct conf *conf;

	if (n < 0)
		die(path);
	close(fd);
	conf = conf_parse(text, (size_t)n, &diags);
	if (!conf) {
		fprintf(stderr, "%s:%u: %s\n", path, diags.list[0].line,
			diags.list[0].text);
		exit(2);
	}
	conf_diags_free(&diags);
	ike_conf(p->ike, conf);
	conf_free(p->conf);
	p->conf = conf;
}

static void act(struct probe *p, enum sa_want want, const char *arg, bool force)
{
	struct act_sa a = {
		.want = want, .ifname = "gre1", .local = p->local, .force = force
	};

	if (want == SA_STOP)
		a.ike = (uint32_t)strtoul(arg, NULL, 10);
	else if (!addr_parse(&a.remote, arg))
		die(arg);
	ike_act(p->ike, &a);
}

struct printer {
	struct show_sink sink;
	const struct probe *probe;
};

static void print_row(struct show_sink *sink, const struct record *r)
{
	const struct printer *to = (const struct printer *)sink;

	say(to->probe, "%s %lld", r->fields[0].text, (long long)r->fields[1].number);
}

static void print_suite(const struct probe *p, const char *arg)
{
	struct record r;

	record_init(&r);
	ike_describe(p->ike, (uint32_t)strtoul(arg, NULL, 10), &r);
	for (size_t i = 0; i < r.count; i++) {
		if (r.fields[i].kind == FIELD_TEXT)
			say(p, "%s %s", r.fields[i].key, r.fields[i].text);
	}
}

static void command(struct probe *p, const char *word, const char *arg)
{
	const char *problem = ike_problem(p->ike, "gre1");
	struct printer to = { { print_row }, p };

	say(p, "> %s %s", word, arg);
	if (strcmp(word, "conf") == 0)
		take_conf(p, arg);
	else if (strcmp(word, "start") == 0)
		act(p, SA_START, arg, false);
	else if (strcmp(word, "forget") == 0)
		act(p, SA_FORGET, arg, false);
	else if (strcmp(word, "stop") == 0)
		act(p, SA_STOP, arg, false);
	else if (strcmp(word, "kill") == 0)
		act(p, SA_STOP, arg, true);
	else if (strcmp(word, "problem") == 0)
		say(p, "problem %s", problem ? problem : "none");
	else if (strcmp(word, "suite") == 0)
		print_suite(p, arg);
	else if (strcmp(word, "counters") == 0)
		ike_show(p->ike, &to.sink);
	else if (strcmp(word, "withdraw") == 0)
		ike_withdraw(p->ike);
	else
		die(word);
}

static void take_lines(struct probe *p)
{
	char *end;

	while ((end = memchr(p->line, '\n', p->len)) != NULL) {
		size_t n = (size_t)(end - p->line) + 1;
		char word[16] = "", arg[LINE_ROOM] = "";

		*end = '\0';
		sscanf(p->line, "%15s %511s", word, arg);
		command(p, word, arg);
		p->len -= n;
		memmove(p->line, p->line + n, p->len);
	}
}

static void readable(struct ev_loop *ev, ev_io *w, int events)
{
	struct probe *p = w->data;
	ssize_t n = read(w->fd, p->line + p->len, sizeof(p->line) - p->len);

	(void)ev;
	(void)events;
	if (n <= 0) {
		loop_end(p->loop, 0);
		return;
	}
	p->len += (size_t)n;
	take_lines(p);
}

static void nothing(void *ctx)
{
	(void)ctx;
}

static void end(void *ctx)
{
	struct probe *p = ctx;

	loop_end(p->loop, 0);
}

int main(int argc, char **argv)
{
	static const struct ike_limits limits = IKE_LIMITS_DEFAULT;
	struct probe p = { 0 };
	const struct loop_handlers handlers = {
		&p, nothing, end, end, nothing, nothing
	};

	if (argc != 2 || !addr_parse(&p.local, argv[1])) {
		fprintf(stderr, "usage: ikeprobe LOCAL-ADDRESS\n");
		return 2;
	}
	p.loop = loop_new(&handlers);
	if (!p.loop)
		die("loop");
	p.sink = (struct event_sink){ &p, take_fact };
	p.log = (struct log_sink){ &p, LOG_LEVEL_DEBUG, take_line };
	p.ike = ike_new(p.loop, &limits, &p.sink, &p.log);
	ike_local(p.ike, "gre1", &p.local);
	ev_io_init(&p.input, readable, STDIN_FILENO, EV_READ);
	p.input.data = &p;
	ev_io_start(loop_ev(p.loop), &p.input);
	loop_run(p.loop);
	ike_free(p.ike);
	conf_free(p.conf);
	loop_free(p.loop);
	return 0;
}
