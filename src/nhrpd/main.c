/* SPDX-License-Identifier: MIT */
/*
 * nhrpd: options, and the making and ending of the daemon's parts.
 */
#include "daemon.h"

#include <config.h>

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <ev.h>

#include <nhrp/copier.h>
#include <nhrp/firewall.h>
#include <nhrp/guard.h>
#include <nhrp/guard_route.h>
#include <nhrp/hook.h>
#include <nhrp/ike.h>
#include <nhrp/nhrp_sock.h>
#include <nhrp/nl_link.h>
#include <nhrp/nl_lookup.h>
#include <nhrp/nl_log.h>
#include <nhrp/nl_neigh.h>
#include <nhrp/nl_route.h>
#include <nhrp/privs.h>
#include <nhrp/resolver.h>
#include <nhrp/service.h>
#include <nhrp/state_file.h>

#include "ctl_cmds.h"
#include "ctl_list.h"

#define CONF_PATH   SYSCONFDIR "/nhrpd/nhrpd.conf"
#define SOCKET_PATH RUNSTATEDIR "/nhrpd/nhrpd.sock"
#define STATE_DIR   LOCALSTATEDIR "/lib/nhrpd"

#define EXIT_USAGE 2

/* For withdrawals that are not acknowledged, and then for scripts; seconds. */
#define STOP_LIMIT   2.
#define SCRIPT_LIMIT 5.

struct options {
	const char *conf_path, *socket_path, *state_dir;
	bool background, check, verbose;
};

static void print_help(FILE *out)
{
	fprintf(out,
		"usage: nhrpd [-D] [-v] [-c FILE] [-d STATEDIR] [-s SOCKET]\n"
		"       nhrpd -n [-v] [-c FILE]\n"
		"  -c FILE      configuration (%s)\n"
		"  -D           go to the background\n"
		"  -d STATEDIR  what a successor needs (%s)\n"
		"  -h, --help   print this\n"
		"  -n           check the configuration and end; with -v print it\n"
		"  -s SOCKET    where to listen for nhrpctl (%s)\n"
		"  -V, --version\n"
		"  -v           log why things are done as well\n",
		CONF_PATH, STATE_DIR, SOCKET_PATH);
}

static int usage(void)
{
	print_help(stderr);
	return EXIT_USAGE;
}

/* -1: go on; else what to exit with. */
static int parse_options(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = { { "help", no_argument, NULL, 'h' },
					       { "version", no_argument, NULL, 'V' },
					       { 0 } };
	int c;

	while ((c = getopt_long(argc, argv, "c:Dd:hns:Vv", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->conf_path = optarg;
			break;
		case 'D':
			o->background = true;
			break;
		case 'd':
			o->state_dir = optarg;
			break;
		case 'h':
			print_help(stdout);
			return EXIT_SUCCESS;
		case 'n':
			o->check = true;
			break;
		case 's':
			o->socket_path = optarg;
			break;
		case 'V':
			puts("nhrpd " PACKAGE_VERSION);
			return EXIT_SUCCESS;
		case 'v':
			o->verbose = true;
			break;
		default:
			return usage();
		}
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "nhrpd: what is '%s' for?\n", argv[optind]);
	return usage();
}

/* --- the configuration at the start --- */

/* Every fault, and warnings if they are wanted. */
static struct conf *load_or_complain(const char *path, bool warnings)
{
	struct conf_diags diags;
	char err[512] = "";
	struct conf *conf = conf_load(path, &diags, err, sizeof(err));

	for (size_t i = 0; i < diags.count; i++) {
		char line[LOG_LINE_MAX];

		if (!warnings && diags.list[i].severity == CONF_WARNING)
			continue;
		conf_diag_str(line, sizeof(line), path, &diags.list[i]);
		fprintf(stderr, "%s\n", line);
	}
	if (diags.cut)
		fprintf(stderr, "%s: more faults follow these %d\n", path,
			CONF_DIAGS_MAX);
	if (err[0])
		fprintf(stderr, "nhrpd: %s\n", err);
	conf_diags_free(&diags);
	return conf;
}

static int check_only(const struct options *o)
{
	struct conf *conf = load_or_complain(o->conf_path, o->verbose);
	char *text;

	if (!conf)
		return EXIT_FAILURE;
	if (o->verbose) {
		text = conf_print(conf, false);
		fputs(text, stdout);
		free(text);
	}
	conf_free(conf);
	return EXIT_SUCCESS;
}

/* --- what the loop calls --- */

static void put_event(void *ctx, const struct event *ev)
{
	daemon_handle(ctx, ev);
}

static void deadline_passed(void *ctx)
{
	const struct event ev = { .type = EV_TICK };

	daemon_handle(ctx, &ev);
}

static void give_up(struct ev_loop *ev, ev_timer *w, int revents)
{
	struct daemon *d = w->data;

	(void)ev;
	(void)revents;
	log_to(log_out_sink(d->log), LOG_LEVEL_WARN,
	       "stop: not everybody was told in time");
	loop_end(d->loop, EXIT_SUCCESS);
}

static void leave_out_scripts(struct ev_loop *ev, ev_timer *w, int revents)
{
	struct daemon *d = w->data;

	(void)ev;
	(void)revents;
	log_to(log_out_sink(d->log), LOG_LEVEL_WARN,
	       "stop: %zu runs of the script were cut short or left out%s",
	       hook_pending(d->hook),
	       ike_busy(d->ike) ? ", and charon did not answer" : "");
	loop_end(d->loop, EXIT_SUCCESS);
}

/* Over are the withdrawals, the scripts, and what charon was asked for. */
static void end_when_done(void *ctx)
{
	struct daemon *d = ctx;

	if (d->withdrawn && hook_pending(d->hook) == 0 && !ike_busy(d->ike))
		loop_end(d->loop, EXIT_SUCCESS);
}

void daemon_stopped(struct daemon *d)
{
	d->withdrawn = true;
	ike_withdraw(d->ike);
	if (hook_idle(d->hook, end_when_done, d) && !ike_busy(d->ike)) {
		loop_end(d->loop, EXIT_SUCCESS);
		return;
	}
	ev_timer_stop(loop_ev(d->loop), &d->stop_limit);
	ev_timer_init(&d->stop_limit, leave_out_scripts, SCRIPT_LIMIT, 0.);
	ev_timer_start(loop_ev(d->loop), &d->stop_limit);
}

/* The second time, whoever asks does not want to wait. */
static void stop(void *ctx)
{
	const struct event ev = { .type = EV_STOP };
	struct daemon *d = ctx;

	if (d->stopping) {
		loop_end(d->loop, EXIT_SUCCESS);
		return;
	}
	d->stopping = true;
	log_to(log_out_sink(d->log), LOG_LEVEL_INFO, "stop: withdrawing");
	service_stopping(d->service);
	firewall_remove(d->firewall);
	ev_timer_init(&d->stop_limit, give_up, STOP_LIMIT, 0.);
	d->stop_limit.data = d;
	ev_timer_start(loop_ev(d->loop), &d->stop_limit);
	daemon_handle(d, &ev);
}

static void leave(void *ctx)
{
	struct daemon *d = ctx;

	log_to(log_out_sink(d->log), LOG_LEVEL_INFO,
	       "ends at once, everything stays for the successor");
	loop_end(d->loop, EXIT_SUCCESS);
}

static void reload(void *ctx)
{
	char message[512];

	daemon_reload(ctx, NULL, message, sizeof(message));
}

static void before_sleep(void *ctx)
{
	daemon_flush(ctx);
	end_when_done(ctx);
}

static void lost(void *ctx)
{
	daemon_resync(ctx);
}

/* --- making and ending the parts --- */

static uint64_t random_seed(void)
{
	uint64_t seed;

	/* Never short for so few octets once the system has started. */
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		abort();
	return seed;
}

static bool fail(const struct daemon *d, const char *what, int error)
{
	log_to(log_out_sink(d->log), LOG_LEVEL_ERROR, "start: %s: %s%s", what,
	       strerror(error),
	       error == EPERM || error == EACCES
		       ? ": nhrpd needs CAP_NET_ADMIN and CAP_NET_RAW, as root has them"
		       : "");
	return false;
}

static bool open_kernel(struct daemon *d)
{
	const struct log_sink *log = log_out_sink(d->log);
	struct ev_loop *ev = loop_ev(d->loop);

	d->sock = nhrp_sock_new(d->loop, &d->sink, log);
	d->copier = d->sock ? copier_new(d->loop, log) : NULL;
	if (!d->copier)
		return fail(d, "the packet socket cannot be opened", errno);
	d->neigh = nl_neigh_new(ev, &d->sink, log);
	d->route = d->neigh ? nl_route_new(ev, &d->sink, log) : NULL;
	d->lookup = d->route ? nl_lookup_new(ev, &d->sink) : NULL;
	d->guard_route = d->lookup ? guard_route_new(ev, log) : NULL;
	d->guard = guard_new(ev, log);
	d->link = d->guard_route
			  ? nl_link_new(d->loop, &d->sink, log, d->guard, lost, d)
			  : NULL;
	if (!d->link)
		return fail(d, "the kernel cannot be reached by netlink", errno);
	d->samples = nl_log_samples(ev, &d->sink, log);
	d->firewall = firewall_new(ev, log);
	d->resolver = resolver_new(ev, &d->sink);
	if (!d->resolver)
		return fail(d, "names cannot be looked up", ENOMEM);
	return true;
}

static bool open_all(struct daemon *d, const struct options *o, int background)
{
	const struct loop_handlers handlers = { .ctx = d,
						.deadline = deadline_passed,
						.stop = stop,
						.leave = leave,
						.reload = reload,
						.before_sleep = before_sleep };
	const struct ctl_limits limits = CTL_LIMITS_DEFAULT;
	const struct hook_limits hook_limits = HOOK_LIMITS_DEFAULT;
	const struct log_sink *log = log_out_sink(d->log);
	char err[512] = "";
	int rc;

	d->state = state_file_open(o->state_dir, log, err, sizeof(err));
	if (d->state) {
		d->loop = loop_new(&handlers);
		if (!d->loop)
			return fail(d, "the event loop cannot begin", errno);
		d->ctl = ctl_server_new(loop_ev(d->loop), o->socket_path, &limits,
					ctl_cmds_handler(d), err, sizeof(err));
	}
	if (!d->ctl) {
		log_to(log, LOG_LEVEL_ERROR, "start: %s", err);
		return false;
	}
	if (!open_kernel(d))
		return false;
	rc = privs_drop();
	if (rc)
		return fail(d, "capabilities cannot be given up", -rc);
	d->hook = hook_new(d->loop, &d->sink, log, &hook_limits);
	d->ike = ike_new(d->loop, &IKE_LIMITS_DEFAULT, &d->sink, log);
	d->service = service_new(loop_ev(d->loop), background);
	d->engine = engine_new(random_seed(), log);
	return true;
}

static void close_all(struct daemon *d)
{
	if (d->devices)
		daemon_forget_devices(d);
	ctl_list_end_all(d);
	engine_free(d->engine);
	service_free(d->service);
	ike_free(d->ike);
	hook_free(d->hook);
	resolver_free(d->resolver);
	guard_free(d->guard);
	guard_route_free(d->guard_route);
	firewall_free(d->firewall);
	nl_log_free(d->samples);
	copier_free(d->copier);
	nl_link_free(d->link);
	nl_lookup_free(d->lookup);
	nl_route_free(d->route);
	nl_neigh_free(d->neigh);
	nhrp_sock_free(d->sock);
	ctl_server_free(d->ctl);
	loop_free(d->loop);
	state_file_close(d->state);
	conf_free(d->conf);
}

static int run(struct daemon *d, struct conf *conf)
{
	mono now;
	int status;

	daemon_apply(d, conf);
	now = loop_now(d->loop);
	state_file_restore(d->state, &d->sink, now, loop_wall_us(d->loop) - now.us);
	log_to(log_out_sink(d->log), LOG_LEVEL_INFO, "nhrpd " PACKAGE_VERSION " runs");
	service_ready(d->service);
	status = loop_run(d->loop);
	if (d->stopping)
		daemon_flush(d);
	return status;
}

static int start(const struct options *o, struct conf *conf, int background)
{
	struct daemon d = { .conf_path = o->conf_path };
	int status = EXIT_FAILURE;

	d.sink = (struct event_sink){ &d, put_event };
	d.log = log_out_new(STDERR_FILENO,
			    o->verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (!open_all(&d, o, background)) {
		conf_free(conf);
	} else {
		if (background != SERVICE_FOREGROUND)
			log_out_to_syslog(d.log);
		status = run(&d, conf);
	}
	close_all(&d);
	log_out_free(d.log);
	return status;
}

int main(int argc, char **argv)
{
	struct options o = { .conf_path = CONF_PATH,
			     .socket_path = SOCKET_PATH,
			     .state_dir = STATE_DIR };
	int rc = parse_options(&o, argc, argv);
	int background = SERVICE_FOREGROUND;
	struct conf *conf;

	if (rc >= 0)
		return rc;
	if (o.check)
		return check_only(&o);
	conf = load_or_complain(o.conf_path, true);
	if (!conf)
		return EXIT_FAILURE;
	if (o.background) {
		background = service_background();
		if (background < 0) {
			fprintf(stderr, "nhrpd: %s\n", strerror(-background));
			conf_free(conf);
			return EXIT_FAILURE;
		}
	}
	return start(&o, conf, background);
}
