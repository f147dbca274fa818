/* SPDX-License-Identifier: MIT */
/*
 * All that are wanted are written whenever one of them may be missing: they are few,
 * and writing what is there already changes nothing. A dump is needed only for what
 * is there and no longer wanted.
 */
#include "guard_policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ev.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>

#include <nhrp/mem.h>

#include "counter_row.h"
#include "nl.h"
#include "nl_msg.h"
#include "nl_xfrm_msg.h"
#include "proc_net.h"

/* Against a program that undoes what we do, and after a refusal; seconds. */
#define REPAIR_PAUSE .1
#define RETRY_PAUSE  60.

struct want {
	struct nl_block block;
	char ifname[CONF_IFNAME_MAX]; /* of the first tunnel that wants it */
	int64_t used;
};

struct guard_policy {
	struct ev_loop *loop;
	const struct log_sink *log;
	struct nl *nl; /* open as long as something is wanted */
	bool configured;
	struct want *wants;
	size_t count;
	bool looking, look_again;
	ev_timer pause; /* until then nothing is written again */
	bool write_again;
	char problem[200];
	uint64_t written, repaired, failed;
};

static void follow(struct guard_policy *p);

/* --- what is wanted --- */

static struct want *find(const struct guard_policy *p, const struct nl_block *b)
{
	for (size_t n = 0; n < p->count; n++)
		if (nl_block_eq(&p->wants[n].block, b))
			return &p->wants[n];
	return NULL;
}

static void want(struct guard_policy *p, const char *ifname, struct nl_block block)
{
	struct want *w;

	if (find(p, &block))
		return;
	p->wants = mem_resize(p->wants, p->count + 1, sizeof(*p->wants));
	w = &p->wants[p->count++];
	*w = (struct want){ .block = block };
	snprintf(w->ifname, sizeof(w->ifname), "%s", ifname);
}

/* What comes is told from what is forwarded whatever address it is for. */
static void want_anywhere(struct guard_policy *p, const struct guard_match *m,
			  const struct addr *own, size_t own_count)
{
	const struct prefix any[] = { { .addr = { ADDR_IP4 } },
				      { .addr = { ADDR_IP6 } } };

	for (size_t n = 0; n < ARRAY_SIZE(any); n++)
		want(p, m->ifname, (struct nl_block){ false, any[n], m->in_key });
	for (size_t n = 0; n < own_count; n++)
		want(p, m->ifname,
		     (struct nl_block){ true, prefix_host(&own[n]), m->out_key });
}

/* Whatever a tunnel without a key has in place of one, its packets have 0. */
static void want_match(struct guard_policy *p, const struct guard_match *match,
		       const struct addr *own, size_t own_count)
{
	struct guard_match m = *match;
	struct prefix local = prefix_host(&m.local);

	if (!m.in_has_key)
		m.in_key = 0;
	if (!m.out_has_key)
		m.out_key = 0;
	if (!addr_is_set(&m.local)) {
		want_anywhere(p, &m, own, own_count);
		return;
	}
	want(p, m.ifname, (struct nl_block){ false, local, m.in_key });
	want(p, m.ifname, (struct nl_block){ true, local, m.out_key });
}

static bool same(const struct want *a, const struct want *b, size_t count)
{
	for (size_t n = 0; n < count; n++)
		if (!nl_block_eq(&a[n].block, &b[n].block) ||
		    strcmp(a[n].ifname, b[n].ifname) != 0)
			return false;
	return true;
}

void guard_policy_set(struct guard_policy *p, const struct guard_match *list,
		      size_t count, const struct addr *own, size_t own_count)
{
	struct want *was = p->wants;
	size_t was_count = p->count;
	bool unchanged;

	p->wants = NULL;
	p->count = 0;
	for (size_t n = 0; n < count; n++)
		want_match(p, &list[n], own, own_count);
	unchanged =
		p->configured && was_count == p->count && same(was, p->wants, p->count);
	free(was);
	p->configured = true;
	if (!unchanged)
		follow(p);
}

/* --- making it so --- */

static void set_pause(struct guard_policy *p, double seconds)
{
	ev_timer_stop(p->loop, &p->pause);
	ev_timer_set(&p->pause, seconds, 0.);
	ev_timer_start(p->loop, &p->pause);
}

static void set_problem(struct guard_policy *p, const char *why)
{
	char problem[sizeof(p->problem)];

	snprintf(problem, sizeof(problem), "policies of IPsec cannot be written: %s",
		 why);
	p->failed++;
	p->write_again = true;
	set_pause(p, RETRY_PAUSE);
	if (strcmp(problem, p->problem) == 0)
		return;
	memcpy(p->problem, problem, sizeof(problem));
	log_to(p->log, LOG_LEVEL_ERROR, "guard: %s", p->problem);
}

static void write_all(struct guard_policy *p)
{
	p->write_again = false;
	for (size_t n = 0; n < p->count; n++)
		nl_commit(p->nl, nl_xfrm_msg_set(nl_reserve(p->nl), NL_MSG_MAX,
						 &p->wants[n].block));
	p->written += p->count;
	nl_flush(p->nl);
}

static void repair(struct guard_policy *p, const char *why)
{
	p->repaired++;
	log_to(p->log, LOG_LEVEL_WARN, "guard: %s: policies are written again", why);
	write_all(p);
	set_pause(p, REPAIR_PAUSE);
}

static void disturbed(struct guard_policy *p, const char *why)
{
	if (p->count == 0)
		return;
	if (ev_is_active(&p->pause))
		p->write_again = true;
	else
		repair(p, why);
}

static void pause_over(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct guard_policy *p = w->data;

	(void)loop;
	(void)revents;
	if (!p->write_again)
		return;
	if (p->problem[0])
		follow(p);
	else if (p->count)
		repair(p, "changed once more");
}

/* --- what there is --- */

static void look(struct guard_policy *p)
{
	if (p->looking) {
		p->look_again = true;
		return;
	}
	p->looking = true;
	p->look_again = false;
	nl_commit_dump(p->nl, nl_xfrm_msg_dump(nl_reserve(p->nl), NL_MSG_MAX));
	nl_flush(p->nl);
}

static void see(struct guard_policy *p, const struct nl_policy *policy)
{
	if (policy->own && !(policy->is_block && find(p, &policy->block)))
		nl_commit(p->nl,
			  nl_xfrm_msg_del(nl_reserve(p->nl), NL_MSG_MAX, policy));
}

static void take_dumped(void *ctx, int error, bool whole)
{
	struct guard_policy *p = ctx;

	p->looking = false;
	nl_flush(p->nl);
	if (error)
		set_problem(p, strerror(error));
	else if (!whole || p->look_again)
		look(p);
}

static bool is_there(const struct nlmsghdr *h)
{
	return h->nlmsg_type == XFRM_MSG_NEWPOLICY ||
	       h->nlmsg_type == XFRM_MSG_UPDPOLICY;
}

/*
 * Of what we do ourselves the kernel tells too, and it answers under our number. What
 * is written again begins anew, and what was known of its use stays.
 */
static void take_news(struct guard_policy *p, const struct nlmsghdr *h,
		      const struct nl_policy *policy)
{
	struct want *w = policy->is_block ? find(p, &policy->block) : NULL;

	if (!w)
		return;
	if (h->nlmsg_pid == nl_port(p->nl))
		w->used = policy->used > w->used ? policy->used : w->used;
	else if (!is_there(h) || !policy->own)
		disturbed(p, "somebody removed a policy of ours");
}

static void take_message(void *ctx, const struct nlmsghdr *h)
{
	struct guard_policy *p = ctx;
	struct nl_policy policy;

	if (nl_xfrm_msg_is_flush(h))
		disturbed(p, "somebody removed all policies");
	else if (!nl_xfrm_msg_parse(&policy, h))
		return;
	else if (h->nlmsg_flags & NLM_F_MULTI)
		see(p, &policy);
	else
		take_news(p, h, &policy);
}

/* What was to be removed or was asked for need not be there. */
static void take_refusal(void *ctx, const struct nlmsghdr *request, int error,
			 const char *text)
{
	if (request->nlmsg_type == XFRM_MSG_UPDPOLICY || error != ENOENT)
		set_problem(ctx, text);
}

static void take_overrun(void *ctx)
{
	disturbed(ctx, "notifications were lost");
}

/* --- making and using it --- */

static bool open_socket(struct guard_policy *p)
{
	const struct nl_handlers handlers = { .ctx = p,
					      .message = take_message,
					      .refused = take_refusal,
					      .dumped = take_dumped,
					      .overrun = take_overrun };
	struct sock_filter code[NL_XFRM_FILTER_MAX];
	const struct sock_fprog filter = { (unsigned short)nl_xfrm_msg_filter(code),
					   code };

	if (!p->nl)
		p->nl = nl_new_xfrm(p->loop, &handlers, NL_GROUP(XFRMNLGRP_POLICY),
				    &filter);
	return p->nl != NULL;
}

static void close_socket(struct guard_policy *p)
{
	nl_free(p->nl);
	p->nl = NULL;
	p->looking = false;
}

/* The kernel does it while it is sent, and what it says is there then. */
static void follow(struct guard_policy *p)
{
	ev_timer_stop(p->loop, &p->pause);
	p->problem[0] = '\0';
	p->write_again = false;
	if (!open_socket(p)) {
		if (p->count)
			set_problem(p, strerror(errno));
		return;
	}
	write_all(p);
	look(p);
	nl_drain(p->nl);
	if (p->count && !p->problem[0])
		log_to(p->log, LOG_LEVEL_INFO, "guard: %zu policies are written",
		       p->count);
	if (p->count == 0 && !p->looking)
		close_socket(p);
}

struct guard_policy *guard_policy_new(struct ev_loop *loop, const struct log_sink *log)
{
	struct guard_policy *p = mem_new(sizeof(*p));

	p->loop = loop;
	p->log = log;
	ev_timer_init(&p->pause, pause_over, 0., 0.);
	p->pause.data = p;
	return p;
}

void guard_policy_free(struct guard_policy *p)
{
	if (!p)
		return;
	ev_timer_stop(p->loop, &p->pause);
	close_socket(p);
	free(p->wants);
	free(p);
}

const char *guard_policy_problem(const struct guard_policy *p)
{
	return p->problem[0] ? p->problem : NULL;
}

/* --- what they stopped --- */

static uint64_t count_of(const char *name)
{
	FILE *f = fopen("/proc/net/xfrm_stat", "re");
	uint64_t count = f ? proc_net_xfrm_counter(f, name) : 0;

	if (f)
		fclose(f);
	return count;
}

struct guard_blocked guard_policy_blocked(void)
{
	return (struct guard_blocked){ .in = count_of("XfrmInPolBlock"),
				       .out = count_of("XfrmOutPolBlock") };
}

void guard_policy_ask(struct guard_policy *p)
{
	if (!p->nl)
		return;
	for (size_t n = 0; n < p->count; n++)
		nl_commit(p->nl, nl_xfrm_msg_get(nl_reserve(p->nl), NL_MSG_MAX,
						 &p->wants[n].block));
	nl_flush(p->nl);
	nl_drain(p->nl);
}

struct guard_policy_use guard_policy_use(const struct guard_policy *p,
					 const char *ifname)
{
	struct guard_policy_use use = { 0 };

	for (size_t n = 0; n < p->count; n++) {
		const struct want *w = &p->wants[n];
		int64_t *last = w->block.out ? &use.out : &use.in;

		if (strcmp(w->ifname, ifname) == 0 && w->used > *last)
			*last = w->used;
	}
	return use;
}

void guard_policy_show(const struct guard_policy *p, struct show_sink *sink)
{
	const struct guard_blocked blocked = guard_policy_blocked();

	counter_row(sink, "guard_blocked_in", blocked.in);
	counter_row(sink, "guard_blocked_out", blocked.out);
	counter_row(sink, "guard_policies", p->count);
	counter_row(sink, "guard_policies_written", p->written);
	counter_row(sink, "guard_policies_repaired", p->repaired);
	counter_row(sink, "guard_policies_failed", p->failed);
}
