/* SPDX-License-Identifier: MIT */
/*
 * Packets that the kernel's rules put into a group of its log.
 *
 * At most one program listens to a group. What it cannot be heard for is told in
 * the log and by nl_log_problem().
 */
#ifndef NHRP_NL_LOG_H
#define NHRP_NL_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/event.h>
#include <nhrp/event_sink.h>
#include <nhrp/log.h>
#include <nhrp/record.h>

struct ev_loop;
struct nl_log;

/* What is listened for. */
struct nl_log_use {
	const char *word;  /* of the configuration, for the group */
	const char *loss;  /* what nobody does while nothing is heard */
	uint32_t octets;   /* of each packet, from its begin */
	const char *heard; /* names of counters */
	const char *unclear;
	const char *overruns;
	/* False: it is not clear what this is. in_ifindex is 0 of what is our own. */
	bool (*packet)(void *ctx, const struct ev_sample *packet);
};

/* `use` lives as long as the listener. */
struct nl_log *nl_log_new(struct ev_loop *loop, const struct nl_log_use *use, void *ctx,
			  const struct log_sink *log);

/* The samples of redirects: EV_SAMPLE out. */
struct nl_log *nl_log_samples(struct ev_loop *loop, const struct event_sink *sink,
			      const struct log_sink *log);
void nl_log_free(struct nl_log *l);

/* To this group and no other; 0: to none. */
void nl_log_listen(struct nl_log *l, uint16_t group);

/* Why nothing is heard, for people; NULL: nothing stands in the way. */
const char *nl_log_problem(const struct nl_log *l);

/* Rows of `show counters`. */
void nl_log_show(const struct nl_log *l, struct show_sink *sink);

#endif
