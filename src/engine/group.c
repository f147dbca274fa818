/* SPDX-License-Identifier: MIT */
/*
 * Groups of servers, of which the best `max-connections` are registered with.
 *
 * So many places a group has. They are given in the order of priority, among
 * equals first to who has one. Who fails loses its place, and the next one is
 * asked in the same moment; until it has served again, or all places are held by
 * servers that are as good, it is asked on and on, less and less often. Who
 * answers again and is better has to be well for the fall-back delay, registered
 * with but without a place, and only then pushes out the worst: so there is
 * always one to lean on, and a server that comes and goes is not followed.
 *
 * client.c says what became of a server (`lost`, its state), this file who holds
 * a place (`placed`) and who is left alone (`benched`). Looked at once, when the
 * event is over that changed something.
 */
#include <stdlib.h>

#include <nhrp/mem.h>

#include "engine_int.h"

#define ROUNDS_MAX 8 /* two are enough */

/* The servers of one group, the best first. */
struct line {
	struct station **list;
	size_t count;
};

bool group_has(const struct station *s)
{
	return s->map.group[0] != '\0';
}

static const struct conf_group *group_of(const struct station *s)
{
	return conf_find_group(s->iface->conf, s->map.group);
}

static bool is_member(const struct station *s, const struct conf_group *g)
{
	return group_has(s) && conf_find_group(s->iface->conf, s->map.group) == g;
}

bool group_is_full(const struct station *s)
{
	const struct conf_group *g = group_of(s);
	unsigned others = 0;

	if (!g)
		return false;
	for (const struct station *o = s->iface->stations; o; o = o->next)
		others += o != s && is_member(o, g) && client_serves(o);
	return others >= g->most;
}

uint32_t group_fall_back_s(const struct station *s)
{
	const struct conf_group *g = group_of(s);

	return g ? g->fall_back_s : 0;
}

void group_touch(const struct station *s)
{
	if (group_has(s))
		s->iface->groups_due = true;
}

/* --- the line ----------------------------------------------------------------- */

static bool goes_before(const struct station *a, const struct station *b)
{
	uint8_t rank_a = client_rank(a), rank_b = client_rank(b);

	if (rank_a != rank_b)
		return rank_a < rank_b;
	return a->placed && !b->placed;
}

/* Equals stay in the order of the configuration. */
static struct line line_up(const struct iface *i, const struct conf_group *g)
{
	struct line l = { 0 };
	size_t room = 0;

	for (struct station *s = i->stations; s; s = s->next)
		room += is_member(s, g);
	l.list = mem_new((room + 1) * sizeof(struct station *));
	for (struct station *s = i->stations; s; s = s->next) {
		size_t at = l.count;

		if (!is_member(s, g))
			continue;
		for (; at > 0 && goes_before(s, l.list[at - 1]); at--)
			l.list[at] = l.list[at - 1];
		l.list[at] = s;
		l.count++;
	}
	return l;
}

/* Returns how many of those with a place serve. */
static unsigned give_places(const struct line *l, unsigned most)
{
	unsigned given = 0, serve = 0;

	for (size_t k = 0; k < l->count; k++) {
		struct station *s = l->list[k];

		s->placed = given < most && !s->lost;
		given += s->placed;
		serve += s->placed && client_serves(s);
	}
	return serve;
}

/* One that waits is needed now: it serves already. */
static bool promote_one(const struct line *l, mono now)
{
	for (size_t k = 0; k < l->count; k++) {
		if (l->list[k]->state != CLIENT_WAITING)
			continue;
		client_promote(l->list[k], now);
		return true;
	}
	return false;
}

/* Who has no place is asked only when it was lost, and may be needed. */
static void settle(const struct line *l, unsigned most, bool full)
{
	unsigned before = 0;

	for (size_t k = 0; k < l->count; k++) {
		struct station *s = l->list[k];

		before += s->placed;
		s->benched = !s->placed && (!s->lost || (full && before == most));
	}
}

static void carry_out(const struct line *l, mono now)
{
	for (size_t k = 0; k < l->count; k++) {
		struct station *s = l->list[k];

		if (s->benched && s->state != CLIENT_STANDBY)
			client_bench(s, now);
		else if (!s->benched && s->state == CLIENT_STANDBY)
			client_call(s, now);
	}
}

static void review(struct iface *i, const struct conf_group *g, mono now)
{
	struct line l = line_up(i, g);
	unsigned serve = give_places(&l, g->most);

	if (serve < g->most && promote_one(&l, now)) {
		i->groups_due = true;
	} else {
		settle(&l, g->most, serve == g->most);
		if (i->usable)
			carry_out(&l, now);
	}
	free(l.list);
}

void group_review(struct iface *i, mono now)
{
	/* Who stops asks nobody any more. */
	if (i->engine->stopping)
		i->groups_due = false;
	for (int round = 0; i->groups_due && round < ROUNDS_MAX; round++) {
		i->groups_due = false;
		for (size_t k = 0; k < i->conf->group_count; k++)
			review(i, &i->conf->groups[k], now);
	}
}
