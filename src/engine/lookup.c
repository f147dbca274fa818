/* SPDX-License-Identifier: MIT */
/*
 * Questions to the kernel's routing, and what waits for their answers. The
 * question goes out as an action, so whoever asks goes on in the function named
 * here. Bounded in number; one that is never answered gives its place to a new
 * one after a while.
 */
#include <stdlib.h>
#include <string.h>

#include "engine_int.h"

#define FORGET_S 5

static void drop_forgotten(struct engine *e, mono now)
{
	struct lookup *l, *next;

	HASH_ITER (hh, e->lookups, l, next) {
		if (mono_before(now, mono_add_s(l->asked, FORGET_S)))
			return; /* in the order of asking */
		HASH_DEL(e->lookups, l);
		free(l);
	}
}

bool lookup_start(struct iface *i, const struct lookup *what, const void *bytes,
		  mono now)
{
	struct engine *e = i->engine;
	struct act_lookup *a;
	struct lookup *l;

	if (HASH_COUNT(e->lookups) >= LOOKUPS_MAX)
		drop_forgotten(e, now);
	if (HASH_COUNT(e->lookups) >= LOOKUPS_MAX) {
		count(i, CNT_LOOKUPS_LIMITED);
		return false;
	}
	l = mem_new(sizeof(*l) + what->len);
	*l = *what;
	if (what->len)
		memcpy(l->bytes, bytes, what->len);
	l->token = e->next_token++;
	l->ifindex = i->ifindex;
	l->asked = now;
	HASH_ADD(hh, e->lookups, token, sizeof(l->token), l);
	a = &engine_push(e, ACT_LOOKUP)->lookup;
	a->token = l->token;
	a->dst = l->purpose == LOOKUP_FOR_SAMPLE ||
				 l->purpose == LOOKUP_FOR_INDICATED_SRC
			 ? l->src
			 : l->dst;
	return true;
}

void lookup_answer(struct engine *e, const struct ev_lookup *ev, mono now)
{
	struct iface *i;
	struct lookup *l;

	HASH_FIND(hh, e->lookups, &ev->token, sizeof(ev->token), l);
	if (!l)
		return;
	HASH_DEL(e->lookups, l);
	i = engine_find_iface(e, l->ifindex);
	if (i && i->usable) {
		switch (l->purpose) {
		case LOOKUP_FOR_PACKET:
			rx_again(e, l, ev, now);
			break;
		case LOOKUP_FOR_SAMPLE:
			redirect_routed(i, l, ev, now);
			break;
		case LOOKUP_FOR_INDICATED_SRC:
			shortcut_src_routed(i, l, ev, now);
			break;
		case LOOKUP_FOR_INDICATED_DST:
			shortcut_dst_routed(i, l, ev, now);
			break;
		case LOOKUP_FOR_ANSWER:
			answer_checked(i, l, ev, now);
			break;
		}
	}
	free(l);
}

void lookup_free_all(struct engine *e)
{
	struct lookup *l, *next;

	HASH_ITER (hh, e->lookups, l, next) {
		HASH_DEL(e->lookups, l);
		free(l);
	}
}
