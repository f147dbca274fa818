/* SPDX-License-Identifier: MIT */
/*
 * The kernel tells every listener about every transaction, ours too. It does so
 * in order, and closes each with a message of its own; so of the transactions
 * that touched our table as many are ours as we have made, and one more is
 * somebody else's. Which ones they are does not matter.
 */
#include <nhrp/firewall.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ev.h>
#include <linux/netfilter/nfnetlink.h>
#include <nftables/libnftables.h>

#include <nhrp/mem.h>

#include "counter_row.h"
#include "firewall_text.h"
#include "nl.h"
#include "nl_msg.h"
#include "nl_nf_msg.h"

/* Two programs that undo each other's work do it no faster, seconds. */
#define REPAIR_PAUSE 1.
#define RETRY_PAUSE  60.

struct firewall {
	struct ev_loop *loop;
	const struct log_sink *log;
	struct nft_ctx *nft; /* NULL until something is written */
	struct nl *nl;	     /* open as long as something is wanted */
	bool configured;
	char *text;   /* what is wanted; NULL: nothing */
	unsigned own; /* our transactions that were not told of yet */
	bool touched; /* by the transaction that is being told */
	bool write_again;
	ev_timer pause; /* until then nothing is written again */
	char problem[256];
	uint64_t written, repaired, failed;
};

static void write_table(struct firewall *f);

static void set_pause(struct firewall *f, double seconds)
{
	ev_timer_stop(f->loop, &f->pause);
	ev_timer_set(&f->pause, seconds, 0.);
	ev_timer_start(f->loop, &f->pause);
}

/* --- what is told --- */

static void repair(struct firewall *f, const char *why)
{
	f->repaired++;
	log_to(f->log, LOG_LEVEL_WARN, "firewall: %s: table inet %s is written again",
	       why, FIREWALL_TABLE);
	write_table(f);
	if (!f->write_again)
		set_pause(f, REPAIR_PAUSE);
}

static void disturbed(struct firewall *f, const char *why)
{
	if (!f->text)
		return;
	if (ev_is_active(&f->pause))
		f->write_again = true;
	else
		repair(f, why);
}

static void pause_over(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct firewall *f = w->data;

	(void)loop;
	(void)revents;
	if (!f->text || !f->write_again)
		return;
	if (f->problem[0])
		write_table(f);
	else
		repair(f, "changed once more");
}

static void take_message(void *ctx, const struct nlmsghdr *h)
{
	struct firewall *f = ctx;

	if (nl_nf_msg_is_about(h, FIREWALL_TABLE)) {
		f->touched = true;
	} else if (nl_nf_msg_is_commit(h) && f->touched) {
		f->touched = false;
		if (f->own)
			f->own--;
		else
			disturbed(f, "somebody changed the ruleset");
	}
}

/* Of a removal; there need not be anything to remove. */
static void take_refusal(void *ctx, const struct nlmsghdr *request, int error,
			 const char *text)
{
	struct firewall *f = ctx;

	(void)request;
	if (error != ENOENT)
		log_to(f->log, LOG_LEVEL_WARN, "firewall: table inet %s stays: %s",
		       FIREWALL_TABLE, text);
}

/* What was lost may be about our table, and may be one of our own. */
static void take_overrun(void *ctx)
{
	struct firewall *f = ctx;

	f->own = 0;
	f->touched = false;
	disturbed(f, "notifications were lost");
}

/* --- writing --- */

static bool open_socket(struct firewall *f)
{
	const struct nl_handlers handlers = { .ctx = f,
					      .message = take_message,
					      .refused = take_refusal,
					      .overrun = take_overrun };

	if (!f->nl)
		f->nl = nl_new_netfilter(f->loop, &handlers,
					 NL_GROUP(NFNLGRP_NFTABLES));
	return f->nl != NULL;
}

static void close_all(struct firewall *f)
{
	ev_timer_stop(f->loop, &f->pause);
	nl_free(f->nl);
	f->nl = NULL;
	if (f->nft)
		nft_ctx_free(f->nft);
	f->nft = NULL;
	f->own = 0;
	f->touched = false;
}

/*
 * libnftables ends the process when it gets no netlink socket, so it is asked
 * for a context only when there is one of the same kind.
 */
static bool open_nft(struct firewall *f)
{
	if (f->nft)
		return true;
	f->nft = nft_ctx_new(NFT_CTX_DEFAULT);
	if (!f->nft)
		return false;
	nft_ctx_buffer_output(f->nft);
	nft_ctx_buffer_error(f->nft);
	return true;
}

/* Its first line; those behind it quote the text. */
static void set_problem(struct firewall *f, const char *why)
{
	char problem[sizeof(f->problem)];

	snprintf(problem, sizeof(problem), "table inet %s cannot be written: %.*s",
		 FIREWALL_TABLE, (int)strcspn(why, "\n"), why);
	f->failed++;
	f->write_again = true;
	set_pause(f, RETRY_PAUSE);
	if (strcmp(problem, f->problem) == 0)
		return;
	memcpy(f->problem, problem, sizeof(problem));
	log_to(f->log, LOG_LEVEL_ERROR, "firewall: %s", f->problem);
}

static void write_table(struct firewall *f)
{
	f->write_again = false;
	ev_timer_stop(f->loop, &f->pause);
	if (!open_socket(f) || !open_nft(f)) {
		set_problem(f, strerror(errno));
		return;
	}
	if (nft_run_cmd_from_buffer(f->nft, f->text) != 0) {
		set_problem(f, nft_ctx_get_error_buffer(f->nft));
		return;
	}
	f->own++;
	f->written++;
	f->problem[0] = '\0';
	log_to(f->log, LOG_LEVEL_INFO, "firewall: table inet %s is written",
	       FIREWALL_TABLE);
}

/* The kernel does it while it is sent, and what it says is there then. */
static void remove_table(struct firewall *f)
{
	f->problem[0] = '\0';
	if (!open_socket(f))
		return;
	nl_commit(f->nl, nl_nf_msg_begin(nl_reserve(f->nl), NL_MSG_MAX));
	nl_commit(f->nl,
		  nl_nf_msg_del_table(nl_reserve(f->nl), NL_MSG_MAX, FIREWALL_TABLE));
	nl_commit(f->nl, nl_nf_msg_end(nl_reserve(f->nl), NL_MSG_MAX));
	nl_flush(f->nl);
	free(f->text);
	f->text = NULL;
	nl_drain(f->nl);
	close_all(f);
}

/* --- making and using it --- */

struct firewall *firewall_new(struct ev_loop *loop, const struct log_sink *log)
{
	struct firewall *f = mem_new(sizeof(*f));

	f->loop = loop;
	f->log = log;
	ev_timer_init(&f->pause, pause_over, 0., 0.);
	f->pause.data = f;
	return f;
}

void firewall_free(struct firewall *f)
{
	if (!f)
		return;
	close_all(f);
	free(f->text);
	free(f);
}

/* A predecessor's table is replaced, or removed, as if it were our own. */
void firewall_conf(struct firewall *f, const struct conf *conf)
{
	bool first = !f->configured;
	char *was = f->text;

	f->configured = true;
	f->text = firewall_text(conf);
	if (f->text && (!was || f->problem[0] || strcmp(f->text, was) != 0))
		write_table(f);
	else if (!f->text && (was || (first && !conf->firewall_manual)))
		remove_table(f);
	free(was);
}

/* A table that is replaced begins with empty sets. */
void firewall_forget(struct firewall *f)
{
	if (f->text && !f->problem[0])
		write_table(f);
}

void firewall_remove(struct firewall *f)
{
	if (f->text)
		remove_table(f);
}

const char *firewall_problem(const struct firewall *f)
{
	return f->problem[0] ? f->problem : NULL;
}

void firewall_show(const struct firewall *f, struct show_sink *sink)
{
	counter_row(sink, "firewall_written", f->written);
	counter_row(sink, "firewall_repaired", f->repaired);
	counter_row(sink, "firewall_failed", f->failed);
}
