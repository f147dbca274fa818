/* SPDX-License-Identifier: MIT */
#include "ctl_cmds.h"
#include "ctl_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <nhrp/copier.h>
#include <nhrp/ctl_command.h>
#include <nhrp/ctl_proto.h>
#include <nhrp/firewall.h>
#include <nhrp/mem.h>

struct answer {
	struct show_sink sink;
	struct daemon *daemon;
	uint32_t token;
	mono now;
	int64_t now_time_us;
};

static void answer_row(struct show_sink *sink, const struct record *r)
{
	struct answer *a = container_of(sink, struct answer, sink);

	ctl_server_row(a->daemon->ctl, a->token, r, a->now, a->now_time_us);
}

static struct answer answer_init(struct daemon *d, uint32_t token)
{
	return (struct answer){ .sink = { answer_row },
				.daemon = d,
				.token = token,
				.now = loop_now(d->loop),
				.now_time_us = loop_wall_us(d->loop) };
}

static void answer_end(const struct answer *a, enum ctl_status status,
		       const char *message)
{
	ctl_server_end(a->daemon->ctl, a->token, status, message);
}

static void show(struct answer *a, enum show_table table, const struct ctl_parsed *cmd)
{
	engine_show(a->daemon->engine, table, &cmd->selector, &a->sink, a->now);
	answer_end(a, CTL_DONE, "");
}

static void show_cache(struct answer *a, const struct ctl_parsed *cmd)
{
	ctl_list_cache(a->daemon, a->token, &cmd->selector);
}

static void show_nhs(struct answer *a, const struct ctl_parsed *cmd)
{
	show(a, SHOW_NHS, cmd);
}

/* A command that waits until charon has counted. */
struct inquiry {
	struct daemon *daemon;
	uint32_t token;
	struct ctl_parsed cmd;
	void (*answer)(struct answer *a, const struct ctl_parsed *cmd);
};

static void measured(void *ctx, bool over)
{
	struct inquiry *q = ctx;
	struct answer a;

	if (!over) {
		a = answer_init(q->daemon, q->token);
		q->answer(&a, &q->cmd);
	}
	free(q);
}

static void measure(struct answer *a, const struct ctl_parsed *cmd,
		    void (*answer)(struct answer *a, const struct ctl_parsed *cmd))
{
	struct inquiry *q = mem_new(sizeof(*q));

	*q = (struct inquiry){ a->daemon, a->token, *cmd, answer };
	daemon_measure(a->daemon, &q->cmd, (struct ike_measured){ measured, q });
}

static void answer_peers(struct answer *a, const struct ctl_parsed *cmd)
{
	daemon_show_peers(a->daemon, &cmd->selector, &a->sink);
	answer_end(a, CTL_DONE, "");
}

static void show_peers(struct answer *a, const struct ctl_parsed *cmd)
{
	measure(a, cmd, answer_peers);
}

static void show_shortcuts(struct answer *a, const struct ctl_parsed *cmd)
{
	show(a, SHOW_SHORTCUTS, cmd);
}

static void show_routes(struct answer *a, const struct ctl_parsed *cmd)
{
	show(a, SHOW_ROUTES, cmd);
}

static void show_interfaces(struct answer *a, const struct ctl_parsed *cmd)
{
	show(a, SHOW_INTERFACES, cmd);
}

static void show_counters(struct answer *a, const struct ctl_parsed *cmd)
{
	engine_show(a->daemon->engine, SHOW_COUNTERS, &cmd->selector, &a->sink, a->now);
	if (cmd->selector.ifname[0] == '\0')
		daemon_show_counters(a->daemon, &a->sink);
	answer_end(a, CTL_DONE, "");
}

static void show_multicast(struct answer *a, const struct ctl_parsed *cmd)
{
	copier_show_table(a->daemon->copier, cmd->selector.ifname, &a->sink);
	firewall_show_multicast(a->daemon->firewall, cmd->selector.ifname, &a->sink);
	answer_end(a, CTL_DONE, "");
}

static void show_log(struct answer *a, const struct ctl_parsed *cmd)
{
	const struct log_out *log = a->daemon->log;

	(void)cmd;
	for (size_t i = 0; i < log_out_kept(log); i++) {
		struct log_kept line = log_out_line(log, i);
		struct record r;

		record_init(&r);
		record_time(&r, "time", line.time_s);
		record_text(&r, "level", log_level_str(line.level));
		record_text(&r, "text", line.text);
		answer_row(&a->sink, &r);
	}
	answer_end(a, CTL_DONE, "");
}

/* The verdict is a row: there is nothing more to say about it. */
static void answer_explain(struct answer *a, const struct ctl_parsed *cmd)
{
	bool passes = daemon_explain(a->daemon, &cmd->target, &a->sink);

	answer_end(a, passes ? CTL_DONE : CTL_REFUSED, "");
}

static void explain(struct answer *a, const struct ctl_parsed *cmd)
{
	measure(a, cmd, answer_explain);
}

static void answer_doctor(struct answer *a, const struct ctl_parsed *cmd)
{
	int findings = daemon_doctor(a->daemon, &a->sink);

	(void)cmd;
	if (findings < 0)
		answer_end(a, CTL_REFUSED, "the kernel does not say how things are");
	else
		answer_end(a, findings ? CTL_REFUSED : CTL_DONE, "");
}

static void doctor(struct answer *a, const struct ctl_parsed *cmd)
{
	measure(a, cmd, answer_doctor);
}

/* The engine's answer comes back through ctl_cmds_answer(), now or later. */
static void tell_engine(struct answer *a, enum command command,
			const struct ctl_parsed *cmd)
{
	struct event ev = { .type = EV_COMMAND };

	ev.command = (struct ev_command){ .command = command,
					  .token = a->token,
					  .selector = cmd->selector,
					  .target = cmd->target };
	daemon_handle(a->daemon, &ev);
}

static void flush(struct answer *a, const struct ctl_parsed *cmd)
{
	tell_engine(a, CMD_FLUSH, cmd);
}

static void purge(struct answer *a, const struct ctl_parsed *cmd)
{
	tell_engine(a, CMD_PURGE, cmd);
}

static void lowerdown(struct answer *a, const struct ctl_parsed *cmd)
{
	tell_engine(a, CMD_LOWERDOWN, cmd);
}

static void redirect_purge(struct answer *a, const struct ctl_parsed *cmd)
{
	firewall_forget(a->daemon->firewall);
	tell_engine(a, CMD_REDIRECT_PURGE, cmd);
}

static void resolve(struct answer *a, const struct ctl_parsed *cmd)
{
	tell_engine(a, CMD_RESOLVE, cmd);
}

static void reload(struct answer *a, const struct ctl_parsed *cmd)
{
	char message[512] = "";
	bool ok = daemon_reload(a->daemon, &a->sink, message, sizeof(message));

	(void)cmd;
	answer_end(a, ok ? CTL_DONE : CTL_REFUSED, message);
}

static void (*const handlers[CTL_VERBS])(struct answer *, const struct ctl_parsed *) = {
	[CTL_SHOW_CACHE] = show_cache,
	[CTL_SHOW_NHS] = show_nhs,
	[CTL_SHOW_PEERS] = show_peers,
	[CTL_SHOW_SHORTCUTS] = show_shortcuts,
	[CTL_SHOW_ROUTES] = show_routes,
	[CTL_SHOW_INTERFACES] = show_interfaces,
	[CTL_SHOW_COUNTERS] = show_counters,
	[CTL_SHOW_MULTICAST] = show_multicast,
	[CTL_SHOW_LOG] = show_log,
	[CTL_EXPLAIN] = explain,
	[CTL_DOCTOR] = doctor,
	[CTL_FLUSH] = flush,
	[CTL_PURGE] = purge,
	[CTL_LOWERDOWN] = lowerdown,
	[CTL_REDIRECT_PURGE] = redirect_purge,
	[CTL_RESOLVE] = resolve,
	[CTL_RELOAD] = reload,
};

static bool may_change(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

static void take_request(void *ctx, uint32_t token, uid_t uid,
			 const struct ctl_request *request)
{
	struct answer a = answer_init(ctx, token);
	struct ctl_parsed cmd;
	char err[CTL_MESSAGE_MAX];

	if (request->version != CTL_VERSION) {
		snprintf(err, sizeof(err),
			 "nhrpctl speaks version %u of the control protocol, nhrpd "
			 "version %u: use both from one package, restart nhrpd",
			 request->version, (unsigned)CTL_VERSION);
		answer_end(&a, CTL_REFUSED, err);
	} else if (!ctl_command_parse(&cmd, request->words, request->word_count, err,
				      sizeof(err))) {
		answer_end(&a, CTL_USAGE, err);
	} else if (ctl_commands[cmd.verb].changes && !may_change(uid)) {
		snprintf(err, sizeof(err),
			 "%s changes the daemon's state: only root may",
			 ctl_commands[cmd.verb].words);
		answer_end(&a, CTL_REFUSED, err);
	} else {
		if (ctl_commands[cmd.verb].changes)
			log_to(log_out_sink(a.daemon->log), LOG_LEVEL_INFO,
			       "control: %s by uid %u", ctl_commands[cmd.verb].words,
			       uid);
		handlers[cmd.verb](&a, &cmd);
	}
}

struct ctl_handler ctl_cmds_handler(struct daemon *d)
{
	return (struct ctl_handler){ d, take_request };
}

/* A flush or purge counts what it touched; a resolution has found something. */
void ctl_cmds_answer(struct daemon *d, const struct act_answer *answer)
{
	struct answer a = answer_init(d, answer->token);
	struct record r;

	record_init(&r);
	if (addr_is_set(&answer->protocol.addr)) {
		record_addr(&r, "protocol", &answer->protocol.addr);
		record_number(&r, "prefix", answer->protocol.len);
		record_addr(&r, "nbma", &answer->nbma);
		record_addr(&r, "claimed_nbma", &answer->claimed);
		record_number(&r, "holding_s", answer->hold_s);
	} else {
		record_number(&r, "count", answer->count);
	}
	if (answer->ok)
		answer_row(&a.sink, &r);
	answer_end(&a, answer->ok ? CTL_DONE : CTL_REFUSED, answer->reason);
}
