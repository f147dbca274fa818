/* SPDX-License-Identifier: MIT */
#include "ctl_list.h"

#include <stdlib.h>

#include <utlist.h>

#include <nhrp/mem.h>

#define ENTRIES_A_TURN 64
#define BEHIND_S       0.005 /* until a reader that is behind is looked after again */

struct ctl_list {
	struct show_sink sink;
	struct ctl_list *prev, *next;
	struct daemon *daemon;
	uint32_t token;
	struct listing *listing;
	ev_timer turn;
};

static void row(struct show_sink *sink, const struct record *r)
{
	struct ctl_list *l = container_of(sink, struct ctl_list, sink);
	struct daemon *d = l->daemon;

	ctl_server_row(d->ctl, l->token, r, loop_now(d->loop), loop_wall_us(d->loop));
}

static void end(struct daemon *d, struct ctl_list *l)
{
	ev_timer_stop(loop_ev(d->loop), &l->turn);
	listing_free(l->listing);
	DL_DELETE(d->lists, l);
	free(l);
}

static void again(struct ctl_list *l, double seconds)
{
	ev_timer_set(&l->turn, seconds, 0.);
	ev_timer_start(loop_ev(l->daemon->loop), &l->turn);
}

static void turn(struct ev_loop *ev, ev_timer *w, int events)
{
	struct ctl_list *l = w->data;
	struct daemon *d = l->daemon;
	enum ctl_room room = ctl_server_room(d->ctl, l->token);

	(void)ev;
	(void)events;
	if (room == CTL_ROOM_LEFT) {
		end(d, l);
	} else if (room == CTL_ROOM_LATER) {
		again(l, BEHIND_S);
	} else if (listing_show(l->listing, &l->sink, ENTRIES_A_TURN,
				loop_now(d->loop))) {
		again(l, 0.);
	} else {
		ctl_server_end(d->ctl, l->token, CTL_DONE, "");
		end(d, l);
	}
}

void ctl_list_cache(struct daemon *d, uint32_t token, const struct selector *sel)
{
	struct ctl_list *l = mem_new(sizeof(*l));

	l->sink.row = row;
	l->daemon = d;
	l->token = token;
	l->listing = engine_list_cache(d->engine, sel);
	ev_init(&l->turn, turn);
	l->turn.data = l;
	DL_APPEND(d->lists, l);
	again(l, 0.);
}

void ctl_list_end_all(struct daemon *d)
{
	while (d->lists)
		end(d, d->lists);
}
