/* SPDX-License-Identifier: MIT */
#include "totals.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "../unit/unit.h"

#include "world_int.h"

#define FAULTS_MOST 64
#define KINDS_MOST  16

struct world_totals {
	uint64_t worlds, sent, virtual_s;
	uint64_t faults[FAULTS_MOST], kinds[KINDS_MOST], mischief[MISCHIEFS];
	uint64_t client[CLIENT_STATES][CLIENT_EVENTS];
	uint64_t peer[PEER_STATES][PEER_EVENTS];
	uint64_t counters[COUNTERS];
};

/* Shared with whoever is forked from now on. */
struct world_totals *totals_new(void)
{
	struct world_totals *t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(t != MAP_FAILED);
	return t;
}

void totals_free(struct world_totals *t)
{
	munmap(t, sizeof(*t));
}

static void add(uint64_t *sum, uint64_t n)
{
	__atomic_fetch_add(sum, n, __ATOMIC_RELAXED);
}

static void add_engine(struct world_totals *t, const struct engine *e)
{
	for (size_t s = 0; s < CLIENT_STATES; s++) {
		for (size_t k = 0; k < CLIENT_EVENTS; k++)
			add(&t->client[s][k], e->cells.client[s][k]);
	}
	for (size_t s = 0; s < PEER_STATES; s++) {
		for (size_t k = 0; k < PEER_EVENTS; k++)
			add(&t->peer[s][k], e->cells.peer[s][k]);
	}
}

/* Of engines that ended; all have, by now. */
void totals_add(struct world_totals *t, const struct world *w, const uint64_t *faults,
		size_t fault_count)
{
	struct engine *sum = mem_new(sizeof(*sum));

	sum->cells = w->cells;
	add_engine(t, sum);
	free(sum);
	for (size_t k = 0; k < COUNTERS; k++)
		add(&t->counters[k], w->counters[k]);
	for (size_t k = 0; k < MISCHIEFS; k++)
		add(&t->mischief[k], w->mischief[k]);
	for (size_t k = 0; k < fault_count && k < FAULTS_MOST; k++)
		add(&t->faults[k], faults[k]);
	add(&t->worlds, 1);
	add(&t->sent, w->sent);
	add(&t->virtual_s, (uint64_t)w->now.us / 1000000);
}

void totals_add_kind(struct world_totals *t, size_t kind)
{
	assert_true(kind < KINDS_MOST);
	add(&t->kinds[kind], 1);
}

uint64_t totals_worlds(const struct world_totals *t)
{
	return t->worlds;
}

/* --- the report ----------------------------------------------------------------------- */

static const char *const client_states[CLIENT_STATES] = {
	[CLIENT_DOWN] = "DOWN",
	[CLIENT_NAMING] = "NAMING",
	[CLIENT_SECURING] = "SECURING",
	[CLIENT_ASKING] = "ASKING",
	[CLIENT_UP] = "UP",
	[CLIENT_REFRESHING] = "REFRESHING",
	[CLIENT_REFUSED] = "REFUSED",
	[CLIENT_STANDBY] = "STANDBY",
	[CLIENT_WAITING] = "WAITING",
};

static const char *const client_events[CLIENT_EVENTS] = {
	[CLIENT_EV_LOOKUP] = "LOOKUP",	 [CLIENT_EV_READY] = "READY",
	[CLIENT_EV_PINNED] = "PINNED",	 [CLIENT_EV_CLEAR] = "CLEAR",
	[CLIENT_EV_LOST] = "LOST",	 [CLIENT_EV_NAMELESS] = "NAMELESS",
	[CLIENT_EV_ACK] = "ACK",	 [CLIENT_EV_NAK] = "NAK",
	[CLIENT_EV_TIMER] = "TIMER",	 [CLIENT_EV_LAPSED] = "LAPSED",
	[CLIENT_EV_BENCHED] = "BENCHED", [CLIENT_EV_BACK] = "BACK",
	[CLIENT_EV_SILENT] = "SILENT",
};

static const char *const peer_states[PEER_STATES] = {
	[PEER_DOWN] = "DOWN",		[PEER_INITIATING] = "INITIATING",
	[PEER_ANSWERING] = "ANSWERING", [PEER_UP] = "UP",
	[PEER_UNKNOWN] = "UNKNOWN",	[PEER_LOST] = "LOST",
	[PEER_BACKOFF] = "BACKOFF",
};

static const char *const peer_events[PEER_EVENTS] = {
	[PEER_EV_WANTED] = "WANTED",   [PEER_EV_UNWANTED] = "UNWANTED",
	[PEER_EV_SECURED] = "SECURED", [PEER_EV_CALLED] = "CALLED",
	[PEER_EV_HEARD] = "HEARD",     [PEER_EV_STRIPPED] = "STRIPPED",
	[PEER_EV_CUT] = "CUT",	       [PEER_EV_FAILED] = "FAILED",
	[PEER_EV_TIMER] = "TIMER",     [PEER_EV_GONE] = "GONE",
	[PEER_EV_READY] = "READY",
};

/* Why a cell may not be taken. */
static const char matched[] = "an answer is of who asks, others are not found";
static const char unplaced[] = "the script speaks of an entry, and there is none";
static const char no_timer[] = "its timer is disarmed";
static const char refreshing[] = "only what is being refreshed lapses";
static const char found[] = "an address that was found is not forgotten";
static const char registers[] = "whether it registers does not change";
static const char listened[] = "only who has called is listened for";
static const char asked[] = "who was not asked is not silent";
static const char rare[] = "in a few worlds of a thousand";

/* Cells that no world takes, or few, and why. */
static const struct {
	const char *table, *state, *event, *why;
} unreachable[] = {
	{ "client", "DOWN", "ACK", matched },
	{ "client", "NAMING", "ACK", matched },
	{ "client", "SECURING", "ACK", matched },
	{ "client", "UP", "ACK", matched },
	{ "client", "REFUSED", "ACK", matched },
	{ "client", "DOWN", "NAK", unplaced },
	{ "client", "NAMING", "NAK", unplaced },
	{ "client", "DOWN", "TIMER", no_timer },
	{ "client", "SECURING", "TIMER", no_timer },
	{ "client", "REFUSED", "TIMER", "it is told what it may do now instead" },
	{ "client", "DOWN", "LAPSED", refreshing },
	{ "client", "NAMING", "LAPSED", refreshing },
	{ "client", "SECURING", "LAPSED", refreshing },
	{ "client", "ASKING", "LAPSED", refreshing },
	{ "client", "UP", "LAPSED", refreshing },
	{ "client", "REFUSED", "LAPSED", refreshing },
	{ "client", "SECURING", "LOOKUP", found },
	{ "client", "ASKING", "LOOKUP", found },
	{ "client", "UP", "LOOKUP", found },
	{ "client", "REFRESHING", "LOOKUP", found },
	{ "client", "REFUSED", "LOOKUP", found },
	{ "client", "ASKING", "PINNED", registers },
	{ "client", "REFRESHING", "PINNED", registers },
	{ "client", "UP", "NAMELESS", rare },
	{ "client", "REFUSED", "NAMELESS", rare },
	{ "client", "REFRESHING", "NAMELESS", rare },
	{ "client", "REFUSED", "NAK", rare },
	{ "client", "REFUSED", "PINNED", rare },
	{ "client", "REFUSED", "LOST", rare },
	{ "client", "UP", "NAK", rare },
	{ "client", "DOWN", "NAMELESS", rare },
	{ "client", "DOWN", "BACK", matched },
	{ "client", "NAMING", "BACK", matched },
	{ "client", "SECURING", "BACK", matched },
	{ "client", "UP", "BACK", matched },
	{ "client", "REFUSED", "BACK", matched },
	{ "client", "STANDBY", "BACK", matched },
	{ "client", "REFRESHING", "BACK", "who is refreshed has its place" },
	{ "client", "DOWN", "SILENT", asked },
	{ "client", "NAMING", "SILENT", asked },
	{ "client", "SECURING", "SILENT", asked },
	{ "client", "UP", "SILENT", asked },
	{ "client", "REFUSED", "SILENT", asked },
	{ "client", "STANDBY", "SILENT", asked },
	{ "client", "STANDBY", "PINNED", registers },
	{ "client", "STANDBY", "ACK", matched },
	{ "client", "STANDBY", "NAK", unplaced },
	{ "client", "STANDBY", "TIMER", no_timer },
	{ "client", "STANDBY", "LAPSED", refreshing },
	{ "client", "STANDBY", "NAMELESS", rare },
	{ "client", "REFRESHING", "BENCHED", rare },
	{ "client", "WAITING", "LOOKUP", found },
	{ "client", "WAITING", "PINNED", registers },
	{ "client", "WAITING", "LAPSED", refreshing },
	{ "client", "WAITING", "BENCHED", rare },
	{ "client", "WAITING", "LOST", rare },
	{ "client", "WAITING", "CLEAR", rare },
	{ "client", "WAITING", "NAK", rare },
	{ "client", "WAITING", "NAMELESS", rare },
	{ "peer", "INITIATING", "STRIPPED", "with an SA it is up" },
	{ "peer", "DOWN", "HEARD", listened },
	{ "peer", "INITIATING", "HEARD", listened },
	{ "peer", "UP", "HEARD", listened },
	{ "peer", "UNKNOWN", "HEARD", listened },
	{ "peer", "LOST", "HEARD", listened },
	{ "peer", "BACKOFF", "HEARD", listened },
	{ "peer", "DOWN", "CUT", "it has no SA that could end" },
	{ "peer", "INITIATING", "CUT", "it has no SA that could end" },
	{ "peer", "UNKNOWN", "CUT", "it has no SA that could end" },
	{ "peer", "LOST", "CUT", "it has no SA that could end" },
	{ "peer", "BACKOFF", "CUT", "it has no SA that could end" },
	{ "peer", "ANSWERING", "CUT", "its SA is of the peer's own making" },
	{ "peer", "ANSWERING", "READY", "with an SA it is left alone" },
	{ "peer", "UP", "READY", "with an SA it is left alone" },
	{ "peer", "ANSWERING", "UNWANTED", rare },
	{ "peer", "ANSWERING", "FAILED", rare },
	{ "peer", "ANSWERING", "GONE", rare },
	{ "peer", "LOST", "STRIPPED", rare },
	{ "peer", "LOST", "FAILED", rare },
	{ "peer", "LOST", "READY", rare },
	{ "peer", "BACKOFF", "READY", rare },
	{ "peer", "UP", "FAILED", rare },
};

static const char *why_not(const char *table, const char *state, const char *event)
{
	for (size_t k = 0; k < ARRAY_SIZE(unreachable); k++) {
		if (strcmp(unreachable[k].table, table) == 0 &&
		    strcmp(unreachable[k].state, state) == 0 &&
		    strcmp(unreachable[k].event, event) == 0)
			return unreachable[k].why;
	}
	return NULL;
}

struct table {
	const char *name;
	const char *const *states, *const *events;
	size_t state_count, event_count;
	const uint64_t *cells;
};

static bool print_table(const struct table *t)
{
	size_t taken = 0;
	bool well = true;

	for (size_t s = 0; s < t->state_count; s++) {
		for (size_t e = 0; e < t->event_count; e++) {
			uint64_t n = t->cells[s * t->event_count + e];
			const char *why = why_not(t->name, t->states[s], t->events[e]);

			taken += n > 0;
			if (n > 0)
				continue;
			printf("  %s %s on %s was not taken%s%s\n", t->name,
			       t->states[s], t->events[e], why ? ": " : "",
			       why ? why : ", and is not known to be out of reach");
			well = well && why;
		}
	}
	printf("%s table: %zu of %zu cells taken\n", t->name, taken,
	       t->state_count * t->event_count);
	return well;
}

static void print_counters(const struct world_totals *t)
{
	size_t silent = 0;

	for (size_t k = 0; k < COUNTERS; k++)
		silent += !t->counters[k];
	printf("counters: %zu of %d counted something; not:", COUNTERS - silent,
	       COUNTERS);
	for (size_t k = 0; k < COUNTERS; k++) {
		if (!t->counters[k])
			printf(" %s", counter_names[k]);
	}
	printf("\n");
}

static void print_named(const char *what, const uint64_t *counts,
			const char *(*name)(size_t k))
{
	printf("%s:", what);
	for (size_t k = 0; name(k); k++)
		printf("%s %s %llu", k ? "," : "", name(k),
		       (unsigned long long)counts[k]);
	printf("\n");
}

static const char *mischief_name(size_t k)
{
	return k < MISCHIEFS ? world_mischief_names[k] : NULL;
}

void totals_print_played(const struct world_totals *t, const char *(*kind)(size_t k),
			 const char *(*fault)(size_t k))
{
	print_named("worlds", t->kinds, kind);
	print_named("faults", t->faults, fault);
	print_named("packets of an adversary", t->mischief, mischief_name);
}

bool totals_print(const struct world_totals *t)
{
	const struct table tables[] = {
		{ "client", client_states, client_events, CLIENT_STATES, CLIENT_EVENTS,
		  &t->client[0][0] },
		{ "peer", peer_states, peer_events, PEER_STATES, PEER_EVENTS,
		  &t->peer[0][0] },
	};
	bool well = true;

	for (size_t k = 0; k < ARRAY_SIZE(tables); k++)
		well = print_table(&tables[k]) && well;
	print_counters(t);
	printf("%llu worlds, %llu NHRP packets, %llu virtual hours\n",
	       (unsigned long long)t->worlds, (unsigned long long)t->sent,
	       (unsigned long long)t->virtual_s / 3600);
	return well;
}
