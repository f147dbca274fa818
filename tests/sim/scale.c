/* SPDX-License-Identifier: MIT */
/*
 * Many spokes on one hub, and on two, under the virtual clock: how many packets it
 * takes, and how long, until all are registered - at a cold start, after a restart
 * of the hub's daemon, and when a hub is gone for good. Prints a line for each and
 * writes the courses as a picture.
 *
 * The engines, their packets and the losses of the network are real; what the
 * processor of a hub would take for them is not part of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"

#include "world.h"
#include "world_int.h"

#define SPOKES	     20000
#define SPOKES_MAX   60000
#define HOLD_S	     600
#define POINTS_MAX   8192
#define POINT_MS     100
#define GIVE_UP_S    3600
#define WIDTH	     760
#define PANEL_HEIGHT 150
#define MARGIN	     60

/* One course: how many are registered, and packets by then, from its begin on. */
struct course {
	const char *title;
	size_t count;
	double seconds;
	uint64_t packets;
	struct {
		int registered;
		uint64_t packets;
	} points[POINTS_MAX];
};

struct scale {
	struct world *w;
	int spokes, hubs;
	int first; /* node of the first spoke */
};

/* --- the network ---------------------------------------------------------- */

static int add_hub(struct world *w, int number)
{
	char name[16], nbma[24], addr[24];

	snprintf(name, sizeof(name), "hub%d", number);
	snprintf(nbma, sizeof(nbma), "203.0.113.%d", number);
	snprintf(addr, sizeof(addr), "10.255.0.%d/8", number);
	return world_add(w, &(struct node_spec){ .name = name,
						 .nbma = nbma,
						 .addr = addr,
						 .words = "holding-time 600 "
							  "max-bindings 100000" });
}

static void add_spoke(struct scale *s, int k)
{
	const char *two = s->hubs == 2 ? " map 10.255.0.2/8 203.0.113.2 register "
					 "priority 20"
				       : "";
	char name[16], nbma[24], addr[24], words[200];

	snprintf(name, sizeof(name), "s%d", k);
	snprintf(nbma, sizeof(nbma), "198.18.%d.%d", k / 250, 1 + k % 250);
	snprintf(addr, sizeof(addr), "10.0.%d.%d/8", k / 250, 1 + k % 250);
	snprintf(words, sizeof(words),
		 "holding-time %d map 10.255.0.1/8 203.0.113.1 register%s", HOLD_S,
		 two);
	world_add(s->w,
		  &(struct node_spec){
			  .name = name, .nbma = nbma, .addr = addr, .words = words });
}

/* All at the same moment, as after a power cut; the network loses one in a hundred. */
static struct scale begin(int spokes, int hubs)
{
	struct scale s = { .w = world_new(1), .spokes = spokes, .hubs = hubs };

	world_hurry(s.w);
	world_network(s.w, 1, 0, 10, 60);
	for (int k = 1; k <= hubs; k++)
		add_hub(s.w, k);
	s.first = hubs;
	for (int k = 0; k < spokes; k++)
		add_spoke(&s, k);
	return s;
}

/* --- courses -------------------------------------------------------------- */

/* At this hub, by its own table. */
static int registered_at(const struct scale *s, int hub)
{
	const struct node *n = world_node(s->w, hub);

	return n->engine ? (int)n->engine->ifaces->by_type[BINDING_DYNAMIC] : 0;
}

/* Those that have a server to ask: one whose registration stands. */
static int served(const struct scale *s)
{
	int count = 0;

	for (int k = 0; k < s->spokes; k++) {
		const struct node *n = world_node(s->w, s->first + k);
		const struct station *st = n->engine->ifaces->stations;

		while (st && st->state != CLIENT_UP)
			st = st->next;
		count += st != NULL;
	}
	return count;
}

typedef int progress(const struct scale *s);

static int at_first_hub(const struct scale *s)
{
	return registered_at(s, 0);
}

static int at_both_hubs(const struct scale *s)
{
	int a = registered_at(s, 0), b = registered_at(s, 1);

	return a < b ? a : b;
}

static void note(struct course *c, const struct scale *s, progress *how, uint64_t begun)
{
	if (c->count == POINTS_MAX)
		return;
	c->points[c->count].registered = how(s);
	c->points[c->count].packets = s->w->sent - begun;
	c->count++;
}

static void follow(struct course *c, struct scale *s, progress *how,
		   int64_t at_least_ms)
{
	mono from = world_now(s->w);
	uint64_t begun = s->w->sent;

	note(c, s, how, begun);
	for (int64_t ms = 0; how(s) < s->spokes || ms < at_least_ms; ms += POINT_MS) {
		assert_true(ms < GIVE_UP_S * 1000);
		world_run_ms(s->w, POINT_MS);
		note(c, s, how, begun);
	}
	c->seconds = (double)mono_diff_us(world_now(s->w), from) / 1e6;
	c->packets = s->w->sent - begun;
	printf("%-48s %6d spokes: %8.1f s, %8llu NHRP packets, %.2f each\n", c->title,
	       s->spokes, c->seconds, (unsigned long long)c->packets,
	       (double)c->packets / s->spokes);
	fflush(stdout);
}

/* --- the picture ---------------------------------------------------------- */

static void draw_panel(FILE *f, const struct course *c, int top, int spokes)
{
	int base = top + PANEL_HEIGHT;
	size_t step = c->count / WIDTH + 1; /* one a pixel is enough */

	fprintf(f,
		"<text x=\"%d\" y=\"%d\" class=\"t\">%s: %.1f s, %llu packets</text>\n",
		MARGIN, top - 8, c->title, c->seconds, (unsigned long long)c->packets);
	fprintf(f, "<path class=\"a\" d=\"M%d %dV%dH%d\"/>\n", MARGIN, top, base,
		MARGIN + WIDTH);
	fprintf(f, "<text x=\"%d\" y=\"%d\" class=\"l\">%d</text>\n", MARGIN - 52,
		top + 6, spokes);
	fprintf(f, "<text x=\"%d\" y=\"%d\" class=\"l\">%.1f s</text>\n",
		MARGIN + WIDTH - 40, base + 14,
		(double)(c->count - 1) * POINT_MS / 1e3);
	fprintf(f, "<polyline class=\"c\" points=\"");
	for (size_t k = 0; k < c->count; k += step)
		fprintf(f, "%.1f,%.1f ",
			MARGIN + (double)k * WIDTH / (double)(c->count - 1),
			base - (double)c->points[k].registered * PANEL_HEIGHT / spokes);
	fprintf(f, "\"/>\n");
}

static void draw(const char *path, const struct course *courses, size_t count,
		 int spokes)
{
	int height = (int)count * (PANEL_HEIGHT + MARGIN) + MARGIN;
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		"font-family=\"sans-serif\">\n"
		"<!-- SPDX-License-Identifier: MIT; made by `make sim-scale` -->\n"
		"<style>.t{font-size:15px}.l{font-size:11px}"
		".a{fill:none;stroke:#888}.c{fill:none;stroke:#06c;stroke-width:2}"
		"</style>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
		WIDTH + 2 * MARGIN, height);
	for (size_t k = 0; k < count; k++)
		draw_panel(f, &courses[k], MARGIN + (int)k * (PANEL_HEIGHT + MARGIN),
			   spokes);
	fprintf(f, "</svg>\n");
	assert_int_equal(fclose(f), 0);
}

/* --- what happens --------------------------------------------------------- */

static void one_hub(struct course *courses, int spokes)
{
	struct scale s = begin(spokes, 1);

	courses[0].title = "cold start of all at once";
	follow(&courses[0], &s, at_first_hub, 0);
	world_run_s(s.w, HOLD_S);
	world_kill(s.w, 0);
	world_run_s(s.w, 5);
	world_start(s.w, 0);
	/* What the state file has is there at once; and stays, for a holding time. */
	courses[1].title = "restart of the hub's daemon, a holding time long";
	follow(&courses[1], &s, at_first_hub, HOLD_S * 1000);
	world_free(s.w);
}

static void two_hubs(struct course *courses, int spokes)
{
	struct scale s = begin(spokes, 2);

	courses[0].title = "cold start with two hubs";
	follow(&courses[0], &s, at_both_hubs, 0);
	world_run_s(s.w, HOLD_S);
	world_kill(s.w, 0);
	world_lose_state(s.w, 0);
	/* Those that have a server, for as long as the first one's word is good. */
	courses[1].title = "one of two hubs is gone, a holding time long";
	follow(&courses[1], &s, served, HOLD_S * 1000);
	world_free(s.w);
}

int main(int argc, char **argv)
{
	static struct course courses[4];
	int spokes = argc > 1 ? atoi(argv[1]) : SPOKES;

	if (spokes < 1 || spokes > SPOKES_MAX || argc > 3) {
		fprintf(stderr, "usage: scale [SPOKES [PICTURE.svg]]\n");
		return 2;
	}
	one_hub(courses, spokes);
	two_hubs(courses + 2, spokes);
	if (argc > 2)
		draw(argv[2], courses, ARRAY_SIZE(courses), spokes);
	return 0;
}
