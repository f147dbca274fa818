/* SPDX-License-Identifier: MIT */
/*
 * The configuration file: read, checked whole, and only then put in force.
 */
#include "daemon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nhrp/copier.h>
#include <nhrp/firewall.h>
#include <nhrp/guard_route.h>
#include <nhrp/hook.h>
#include <nhrp/ike.h>
#include <nhrp/mem.h>
#include <nhrp/nl_link.h>
#include <nhrp/nl_log.h>
#include <nhrp/secret_file.h>
#include <nhrp/service.h>

#define FILE_MAX_LEN (1u << 20)

/* A device or a pipe has no length to trust, so it is read until it ends. */
static char *read_all(FILE *f, size_t *len)
{
	char *text = mem_new(FILE_MAX_LEN + 1);

	*len = fread(text, 1, FILE_MAX_LEN + 1, f);
	return text;
}

/* The secret of a profile: out of its file, or out of this one if that is private. */
static void load_secret(struct conf_profile *p, bool is_private,
			struct conf_diags *diags)
{
	char text[2 * CONF_PSK_MAX + 2], err[CONF_PATH_MAX + 100];
	const char *fault = NULL;
	size_t len;

	if (!p->psk_file[0]) {
		if (p->psk.len && !is_private)
			conf_diags_fault(diags, p->psk_line, p->psk_column,
					 "others may read this file, so this is no "
					 "secret: chmod 600, or write psk-file PATH");
		return;
	}
	len = secret_file_read(p->psk_file, text, sizeof(text), err, sizeof(err));
	if (len)
		fault = conf_psk_set(&p->psk, text, len);
	if (len == 0)
		conf_diags_fault(diags, p->psk_line, p->psk_column, "%s", err);
	else if (fault)
		conf_diags_fault(diags, p->psk_line, p->psk_column,
				 "the secret in %s %s", p->psk_file, fault);
}

static struct conf *load_secrets(struct conf *conf, bool is_private,
				 struct conf_diags *diags)
{
	for (size_t n = 0; conf && n < conf->profile_count; n++)
		load_secret(&conf->profiles[n], is_private, diags);
	if (diags->errors == 0)
		return conf;
	conf_free(conf);
	return NULL;
}

struct conf *conf_load(const char *path, struct conf_diags *diags, char *err,
		       size_t err_cap)
{
	struct conf *conf = NULL;
	char *text = NULL;
	size_t len = 0;
	FILE *f;

	*diags = (struct conf_diags){ 0 };
	f = fopen(path, "re");
	if (f)
		text = read_all(f, &len);
	if (!f || ferror(f))
		snprintf(err, err_cap, "%s cannot be read: %s", path, strerror(errno));
	else if (len > FILE_MAX_LEN)
		snprintf(err, err_cap, "%s is longer than %u octets", path,
			 FILE_MAX_LEN);
	else
		conf = load_secrets(conf_parse(text, len, diags),
				    secret_file_is_private(fileno(f)), diags);
	if (f)
		fclose(f);
	free(text);
	return conf;
}

void conf_diag_str(char *buf, size_t cap, const char *path, const struct conf_diag *d)
{
	snprintf(buf, cap, "%s:%u:%u: %s%s", path, d->line, d->column,
		 d->severity == CONF_WARNING ? "warning: " : "", d->text);
}

/* Rows for who asked, lines for the log. */
static void report_diags(struct daemon *d, const struct conf_diags *diags,
			 struct show_sink *report)
{
	for (size_t i = 0; i < diags->count; i++) {
		const struct conf_diag *diag = &diags->list[i];
		bool warning = diag->severity == CONF_WARNING;
		char line[LOG_LINE_MAX];
		struct record r;

		conf_diag_str(line, sizeof(line), d->conf_path, diag);
		log_to(log_out_sink(d->log), warning ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR,
		       "%s", line);
		if (!report)
			continue;
		record_init(&r);
		record_text(&r, "severity", warning ? "warning" : "error");
		record_text(&r, "file", d->conf_path);
		record_number(&r, "line", diag->line);
		record_number(&r, "column", diag->column);
		record_text(&r, "text", diag->text);
		report->row(report, &r);
	}
}

static const char *change_str(enum conf_change_kind kind)
{
	switch (kind) {
	case CONF_IFACE_REMOVED:
		return "removed";
	case CONF_IFACE_ADDED:
		return "added";
	case CONF_NODE_CHANGED:
	case CONF_IFACE_CHANGED:
		break;
	}
	return "changed";
}

/* How much differs: interfaces, and what is about none of them. */
static size_t report_changes(struct daemon *d, const struct conf *conf,
			     struct show_sink *report)
{
	struct conf_change *changes;
	size_t count = conf_diff(d->conf, conf, &changes);

	for (size_t i = 0; i < count; i++) {
		const struct conf_change *c = &changes[i];
		const struct conf_iface *iface = c->after ? c->after : c->before;
		struct record r;

		log_to(log_out_sink(d->log), LOG_LEVEL_INFO, "%s%s: %s",
		       iface ? "interface " : "node", iface ? iface->name : "",
		       change_str(c->kind));
		if (!report)
			continue;
		record_init(&r);
		if (iface)
			record_text(&r, "interface", iface->name);
		record_text(&r, "change", change_str(c->kind));
		report->row(report, &r);
	}
	free(changes);
	return count;
}

/*
 * The engine withdraws what the last configuration wanted through devices that
 * still exist; so that is sent before they may be removed.
 */
void daemon_apply(struct daemon *d, struct conf *conf)
{
	const struct event ev = { .type = EV_CONF, .conf = { conf } };

	hook_conf(d->hook, conf->script);
	daemon_handle(d, &ev);
	daemon_flush(d);
	guard_route_conf(d->guard_route, conf);
	nl_link_conf(d->link, conf);
	/* Who listens first misses nothing. */
	nl_log_listen(d->samples, conf_redirects(conf) ? conf->nflog_group : 0);
	copier_conf(d->copier, conf);
	firewall_conf(d->firewall, conf);
	ike_conf(d->ike, conf);
	conf_free(d->conf);
	d->conf = conf;
}

static bool reload(struct daemon *d, struct show_sink *report, char *message,
		   size_t cap)
{
	struct conf_diags diags;
	struct conf *conf;

	message[0] = 0;
	conf = conf_load(d->conf_path, &diags, message, cap);
	report_diags(d, &diags, report);
	if (!conf && diags.errors)
		snprintf(message, cap, "%s has %zu fault%s: nothing was changed",
			 d->conf_path, diags.errors, diags.errors == 1 ? "" : "s");
	conf_diags_free(&diags);
	if (!conf)
		return false;
	if (report_changes(d, conf, report) == 0)
		snprintf(message, cap, "nothing is different");
	daemon_apply(d, conf);
	return true;
}

bool daemon_reload(struct daemon *d, struct show_sink *report, char *message,
		   size_t cap)
{
	bool ok;

	if (d->stopping) {
		snprintf(message, cap, "nhrpd is stopping");
		return false;
	}
	service_reloading(d->service);
	ok = reload(d, report, message, cap);
	log_to(log_out_sink(d->log), ok ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR,
	       "reload: %s", ok && !message[0] ? "done" : message);
	service_ready(d->service);
	return ok;
}
