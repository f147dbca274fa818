/* SPDX-License-Identifier: MIT */
/*
 * The kernel tells every listener about every transaction, ours too. It does so
 * in order, and closes each with a message of its own; so of the transactions
 * that touched our table as many are ours as we have made, and one more is
 * somebody else's. Which ones they are does not matter.
 */
#include "nft_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ev.h>
#include <linux/netfilter/nfnetlink.h>
#include <nftables/libnftables.h>

#include <nhrp/mem.h>

#include "nl.h"
#include "nl_msg.h"
#include "nl_nf_msg.h"

#define RETRY_PAUSE 60.

struct nft_table {
	struct ev_loop *loop;
	const struct log_sink *log;
	const struct nft_table_ops *ops;
	void *ctx;
	struct nft_ctx *nft; /* NULL until something is written */
	struct nl *nl;	     /* open as long as it is kept */
	bool kept;
	unsigned own; /* our transactions that were not told of yet */
	bool touched; /* by the transaction that is being told */
	bool write_again;
	ev_timer pause; /* until then nothing is written again */
	char problem[256];
	struct nft_table_counts counts;
};

static void set_pause(struct nft_table *t, double seconds)
{
	ev_timer_stop(t->loop, &t->pause);
	ev_timer_set(&t->pause, seconds, 0.);
	ev_timer_start(t->loop, &t->pause);
}

/* --- what is told --- */

static void repair(struct nft_table *t, const char *why)
{
	t->counts.repaired++;
	log_to(t->log, LOG_LEVEL_WARN, "firewall: %s: table inet %s is written again",
	       why, t->ops->name);
	nft_table_write(t);
	if (!t->write_again)
		set_pause(t, t->ops->pause);
}

static void disturbed(struct nft_table *t, const char *why)
{
	if (!t->kept)
		return;
	if (ev_is_active(&t->pause))
		t->write_again = true;
	else
		repair(t, why);
}

static void pause_over(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct nft_table *t = w->data;

	(void)loop;
	(void)revents;
	if (!t->kept || !t->write_again)
		return;
	if (t->problem[0])
		nft_table_write(t);
	else
		repair(t, "changed once more");
}

static void take_message(void *ctx, const struct nlmsghdr *h)
{
	struct nft_table *t = ctx;

	if (nl_nf_msg_is_about(h, t->ops->name)) {
		t->touched = true;
	} else if (nl_nf_msg_is_commit(h) && t->touched) {
		t->touched = false;
		if (t->own)
			t->own--;
		else
			disturbed(t, "somebody changed the ruleset");
	}
}

/* Of a removal; there need not be anything to remove. */
static void take_refusal(void *ctx, const struct nlmsghdr *request, int error,
			 const char *text)
{
	struct nft_table *t = ctx;

	(void)request;
	if (error != ENOENT)
		log_to(t->log, LOG_LEVEL_WARN, "firewall: table inet %s stays: %s",
		       t->ops->name, text);
}

/* What was lost may be about our table, and may be one of our own. */
static void take_overrun(void *ctx)
{
	struct nft_table *t = ctx;

	t->own = 0;
	t->touched = false;
	disturbed(t, "notifications were lost");
}

/* --- writing --- */

static bool open_socket(struct nft_table *t)
{
	const struct nl_handlers handlers = { .ctx = t,
					      .message = take_message,
					      .refused = take_refusal,
					      .overrun = take_overrun };

	if (!t->nl)
		t->nl = nl_new_netfilter(t->loop, &handlers,
					 NL_GROUP(NFNLGRP_NFTABLES));
	return t->nl != NULL;
}

static void close_all(struct nft_table *t)
{
	ev_timer_stop(t->loop, &t->pause);
	nl_free(t->nl);
	t->nl = NULL;
	if (t->nft)
		nft_ctx_free(t->nft);
	t->nft = NULL;
	t->own = 0;
	t->touched = false;
}

/*
 * libnftables ends the process when it gets no netlink socket, so it is asked
 * for a context only when there is one of the same kind.
 */
static bool open_nft(struct nft_table *t)
{
	if (t->nft)
		return true;
	t->nft = nft_ctx_new(NFT_CTX_DEFAULT);
	if (!t->nft)
		return false;
	nft_ctx_buffer_output(t->nft);
	nft_ctx_buffer_error(t->nft);
	return true;
}

/* Its first line; those behind it quote the text. */
static void set_problem(struct nft_table *t, const char *why)
{
	char problem[sizeof(t->problem)];

	snprintf(problem, sizeof(problem), "table inet %s cannot be written: %.*s",
		 t->ops->name, (int)strcspn(why, "\n"), why);
	t->counts.failed++;
	t->write_again = true;
	set_pause(t, RETRY_PAUSE);
	if (strcmp(problem, t->problem) == 0)
		return;
	memcpy(t->problem, problem, sizeof(problem));
	log_to(t->log, LOG_LEVEL_ERROR, "firewall: %s", t->problem);
}

static int run(struct nft_table *t)
{
	char *text = t->ops->text(t->ctx);
	int rc = nft_run_cmd_from_buffer(t->nft, text);

	free(text);
	return rc;
}

void nft_table_write(struct nft_table *t)
{
	t->kept = true;
	t->write_again = false;
	ev_timer_stop(t->loop, &t->pause);
	if (!open_socket(t) || !open_nft(t)) {
		set_problem(t, strerror(errno));
		return;
	}
	if (run(t) != 0) {
		set_problem(t, nft_ctx_get_error_buffer(t->nft));
		return;
	}
	t->own++;
	t->counts.written++;
	t->problem[0] = '\0';
	log_to(t->log, LOG_LEVEL_INFO, "firewall: table inet %s is written",
	       t->ops->name);
}

/* The kernel does it while it is sent, and what it says is there then. */
void nft_table_remove(struct nft_table *t)
{
	t->problem[0] = '\0';
	t->kept = false;
	if (!open_socket(t))
		return;
	nl_commit(t->nl, nl_nf_msg_begin(nl_reserve(t->nl), NL_MSG_MAX));
	nl_commit(t->nl,
		  nl_nf_msg_del_table(nl_reserve(t->nl), NL_MSG_MAX, t->ops->name));
	nl_commit(t->nl, nl_nf_msg_end(nl_reserve(t->nl), NL_MSG_MAX));
	nl_flush(t->nl);
	nl_drain(t->nl);
	close_all(t);
}

/* --- making and using it --- */

struct nft_table *nft_table_new(struct ev_loop *loop, const struct log_sink *log,
				const struct nft_table_ops *ops, void *ctx)
{
	struct nft_table *t = mem_new(sizeof(*t));

	t->loop = loop;
	t->log = log;
	t->ops = ops;
	t->ctx = ctx;
	ev_timer_init(&t->pause, pause_over, 0., 0.);
	t->pause.data = t;
	return t;
}

void nft_table_free(struct nft_table *t)
{
	if (!t)
		return;
	close_all(t);
	free(t);
}

const char *nft_table_problem(const struct nft_table *t)
{
	return t->problem[0] ? t->problem : NULL;
}

struct nft_table_counts nft_table_counts(const struct nft_table *t)
{
	return t->counts;
}
