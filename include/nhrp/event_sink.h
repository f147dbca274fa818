/* SPDX-License-Identifier: MIT */
/*
 * Where an adapter puts the facts it has learnt: in the daemon, the dispatcher.
 *
 * An adapter calls put() from the loop only, never from inside a call that was
 * made to it, so that no action is answered while actions are still taken. What
 * the event points to needs to live until put() returns.
 */
#ifndef NHRP_EVENT_SINK_H
#define NHRP_EVENT_SINK_H

#include <nhrp/event.h>

struct event_sink {
	void *ctx;
	void (*put)(void *ctx, const struct event *ev);
};

static inline void event_put(const struct event_sink *sink, const struct event *ev)
{
	sink->put(sink->ctx, ev);
}

#endif
