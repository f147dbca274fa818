/* SPDX-License-Identifier: MIT */
#include "hook_queue.h"

#include <stdio.h>
#include <stdlib.h>

#include <utlist.h>

#include <nhrp/hash.h>
#include <nhrp/mem.h>

struct waiting {
	struct waiting *prev, *next;
	struct hook_item item;
};

struct line_key {
	char ifname[CONF_IFNAME_MAX];
	struct addr peer; /* ADDR_NONE: the interface itself */
};

/* There is one as long as something of it waits or runs. */
struct hook_line {
	UT_hash_handle hh; /* in queue->lines, by key */
	struct line_key key;
	struct waiting *items;
	size_t questions; /* among them */
	bool busy;
	struct hook_line **ready;      /* the list it is in, or NULL */
	struct hook_line *prev, *next; /* there */
};

struct hook_queue {
	struct hook_line *lines;
	struct hook_line *urgent, *patient; /* that are not busy and not empty */
	size_t told, told_max, asked, asked_max;
};

struct hook_queue *hook_queue_new(size_t told_max, size_t asked_max)
{
	struct hook_queue *q = mem_new(sizeof(*q));

	q->told_max = told_max;
	q->asked_max = asked_max;
	return q;
}

static struct line_key key_of(const struct act_hook *a)
{
	struct line_key key = { 0 };

	snprintf(key.ifname, sizeof(key.ifname), "%s", a->ifname);
	/* A route stands and falls with the peer that it leads to. */
	key.peer = addr_is_set(&a->next_hop) ? a->next_hop : a->dst.addr;
	return key;
}

static struct hook_line *find(struct hook_queue *q, const struct line_key *key)
{
	struct hook_line *line;

	HASH_FIND(hh, q->lines, key, sizeof(*key), line);
	return line;
}

/* Into the list that it belongs to now, or out of any. */
static void place(struct hook_queue *q, struct hook_line *line)
{
	bool urgent = line->questions || !addr_is_set(&line->key.peer);
	struct hook_line **list = urgent ? &q->urgent : &q->patient;

	if (line->busy || !line->items)
		list = NULL;
	if (line->ready == list)
		return;
	if (line->ready)
		DL_DELETE(*line->ready, line);
	if (list)
		DL_APPEND(*list, line);
	line->ready = list;
}

static void drop_if_over(struct hook_queue *q, struct hook_line *line)
{
	if (line->busy || line->items)
		return;
	HASH_DEL(q->lines, line);
	free(line);
}

bool hook_queue_put(struct hook_queue *q, const struct act_hook *a, mono now)
{
	struct line_key key = key_of(a);
	struct hook_line *line;
	struct waiting *w;

	if (a->token ? q->asked >= q->asked_max : q->told >= q->told_max)
		return false;
	line = find(q, &key);
	if (!line) {
		line = mem_new(sizeof(*line));
		line->key = key;
		HASH_ADD(hh, q->lines, key, sizeof(line->key), line);
	}
	w = mem_new(sizeof(*w));
	w->item = (struct hook_item){ *a, now };
	DL_APPEND(line->items, w);
	line->questions += a->token != 0;
	q->asked += a->token != 0;
	q->told += a->token == 0;
	place(q, line);
	return true;
}

static void remove_first(struct hook_queue *q, struct hook_line *line)
{
	struct waiting *w = line->items;
	bool question = w->item.what.token != 0;

	DL_DELETE(line->items, w);
	line->questions -= question;
	q->asked -= question;
	q->told -= !question;
	free(w);
}

/* A peer waits until its interface has been told. */
static bool may_go(struct hook_queue *q, const struct hook_line *line)
{
	struct line_key own = line->key;

	if (!addr_is_set(&own.peer))
		return true;
	own.peer = (struct addr){ 0 };
	return !find(q, &own);
}

static struct hook_line *first(struct hook_queue *q, struct hook_line *list)
{
	struct hook_line *line;

	DL_FOREACH (list, line) {
		if (may_go(q, line))
			break;
	}
	return line;
}

struct hook_line *hook_queue_take(struct hook_queue *q, struct hook_item *out)
{
	struct hook_line *line = first(q, q->urgent);

	if (!line)
		line = first(q, q->patient);
	if (!line)
		return NULL;
	*out = line->items->item;
	remove_first(q, line);
	line->busy = true;
	place(q, line);
	return line;
}

void hook_queue_done(struct hook_queue *q, struct hook_line *line)
{
	line->busy = false;
	place(q, line);
	drop_if_over(q, line);
}

size_t hook_queue_clear(struct hook_queue *q)
{
	size_t dropped = hook_queue_waiting(q);
	struct hook_line *line, *next;

	HASH_ITER (hh, q->lines, line, next) {
		while (line->items)
			remove_first(q, line);
		place(q, line);
		drop_if_over(q, line);
	}
	return dropped;
}

size_t hook_queue_waiting(const struct hook_queue *q)
{
	return q->told + q->asked;
}

void hook_queue_free(struct hook_queue *q)
{
	struct hook_line *line, *next;

	if (!q)
		return;
	HASH_ITER (hh, q->lines, line, next) {
		while (line->items)
			remove_first(q, line);
		HASH_DEL(q->lines, line);
		free(line);
	}
	free(q);
}
