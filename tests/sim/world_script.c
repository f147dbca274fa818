/* SPDX-License-Identifier: MIT */
/* The site's script of a node: what it was run for, and what it answers. */
#include "world_int.h"

#include <stdio.h>
#include <string.h>

#include "../unit/unit.h"

static const char *const events[HOOK_EVENTS] = {
	[HOOK_INTERFACE_UP] = "interface-up",
	[HOOK_PEER_REGISTER] = "peer-register",
	[HOOK_PEER_UP] = "peer-up",
	[HOOK_PEER_DOWN] = "peer-down",
	[HOOK_NHS_UP] = "nhs-up",
	[HOOK_NHS_DOWN] = "nhs-down",
	[HOOK_ROUTE_UP] = "route-up",
	[HOOK_ROUTE_DOWN] = "route-down",
};

void world_script(struct world *w, int node, const char *event, const char *proto,
		  enum hook_outcome outcome, int64_t delay_ms)
{
	struct node *n = world_node(w, node);
	struct addr about = proto ? unit_addr(proto) : (struct addr){ 0 };
	struct opinion *o = n->opinions;

	while (o < n->opinions + n->opinion_count &&
	       (strcmp(o->event, event) != 0 || !addr_eq(&o->proto, &about)))
		o++;
	assert_true(o < n->opinions + ARRAY_SIZE(n->opinions));
	n->opinion_count += o == n->opinions + n->opinion_count;
	snprintf(o->event, sizeof(o->event), "%s", event);
	o->proto = about;
	o->outcome = outcome;
	o->delay_ms = delay_ms;
}

const char *world_scripted(const struct world *w, int node)
{
	const char *text = world_node(w, node)->script_text;

	return text ? text : "";
}

void world_forget_scripted(struct world *w, int node)
{
	struct node *n = world_node(w, node);

	free(n->script_text);
	n->script_text = NULL;
}

/* `peer-down dynamic 10.0.0.2/32 at 198.51.100.2 (expired)` */
static void note_run(struct node *n, const struct act_hook *a)
{
	char line[256];
	size_t used;
	int len = snprintf(line, sizeof(line), "%s %s %s", events[a->event], a->type,
			   addr_is_set(&a->dst.addr) ? PREFIX_STR(&a->dst) : a->ifname);

	if (addr_is_set(&a->nbma))
		len += snprintf(line + len, sizeof(line) - (size_t)len, " at %s",
				ADDR_STR(&a->nbma));
	if (addr_is_set(&a->claimed) && !addr_eq(&a->claimed, &a->nbma))
		len += snprintf(line + len, sizeof(line) - (size_t)len, " claims %s",
				ADDR_STR(&a->claimed));
	if (addr_is_set(&a->next_hop))
		len += snprintf(line + len, sizeof(line) - (size_t)len, " via %s",
				ADDR_STR(&a->next_hop));
	if (a->reason)
		len += snprintf(line + len, sizeof(line) - (size_t)len, " (%s)",
				a->reason);
	if (!n->script_text)
		n->script_text = mem_new(LOG_TEXT_MAX);
	used = strlen(n->script_text);
	assert_true(used + (size_t)len + 2 < LOG_TEXT_MAX);
	snprintf(n->script_text + used, LOG_TEXT_MAX - used, "%s\n", line);
}

/* The last opinion about it counts; without one it says yes after a moment. */
static struct opinion opinion_of(const struct node *n, const struct act_hook *a)
{
	struct opinion best = { .outcome = HOOK_YES, .delay_ms = 10 };

	for (size_t k = 0; k < n->opinion_count; k++) {
		const struct opinion *o = &n->opinions[k];

		if (strcmp(o->event, events[a->event]) == 0 &&
		    (!addr_is_set(&o->proto) || addr_eq(&o->proto, &a->dst.addr)))
			best = *o;
	}
	return best;
}

static void run_over(struct timer *t, void *ctx, mono now)
{
	struct script_run *run = container_of(t, struct script_run, timer);

	(void)ctx;
	(void)now;
	run->used = false;
	world_handle(run->node,
		     &(struct event){ EV_HOOK, .hook = { run->token, run->outcome } });
}

void world_run_script(struct node *n, const struct act_hook *a)
{
	struct opinion o = opinion_of(n, a);

	/* What a real adapter would not run. */
	assert_true(n->conf->script[0] != '\0');
	if (!n->w->quiet)
		note_run(n, a);
	if (!a->token || o.delay_ms == SCRIPT_SILENT)
		return;
	if (!n->runs)
		n->runs = mem_new(RUNS_MAX * sizeof(*n->runs));
	for (size_t k = 0; k < RUNS_MAX; k++) {
		struct script_run *run = &n->runs[k];

		if (run->used)
			continue;
		*run = (struct script_run){ .timer.fire = run_over,
					    .used = true,
					    .node = n,
					    .token = a->token,
					    .outcome = o.outcome };
		timers_arm(&n->w->timers, &run->timer,
			   mono_add_ms(n->w->now, o.delay_ms));
		return;
	}
	fail_msg("more scripts run than the world holds");
}

void world_end_scripts(struct node *n)
{
	for (size_t k = 0; n->runs && k < RUNS_MAX; k++) {
		if (n->runs[k].used)
			timers_disarm(&n->w->timers, &n->runs[k].timer);
		n->runs[k].used = false;
	}
}
