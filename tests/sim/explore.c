/* SPDX-License-Identifier: MIT */
/*
 * Plays random stories, by the thousand; see explore.h. Without an option it is the
 * test that `make check` runs. Several processes share the seeds; one that dies
 * names its seed, and another one goes on behind it.
 */
#include "explore.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../unit/unit.h"

#include "totals.h"

#define SEEDS	     2000
#define JOBS	     2
#define JOBS_MAX     64
#define FAILURES_MAX 10

/* So many worlds take every cell that can be taken. */
#define COVERED_BY 2000

struct options {
	uint64_t from, seeds, seed;
	unsigned jobs;
	bool one, loud;
};

/* Of every process, the seed that it is at. */
struct work {
	struct world_totals *totals;
	uint64_t *at;
	pid_t pids[JOBS_MAX];
	unsigned failures;
};

static void usage(FILE *out)
{
	fprintf(out, "usage: explore [--from SEED] [--seeds N] [--jobs N]\n"
		     "       explore --seed SEED [--log]\n"
		     "Plays N random stories, or a single one, with every line of "
		     "its logs.\n");
}

static bool parse_options(struct options *o, int argc, char **argv)
{
	static const struct option words[] = {
		{ "from", required_argument, NULL, 'f' },
		{ "seeds", required_argument, NULL, 'n' },
		{ "seed", required_argument, NULL, 's' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "log", no_argument, NULL, 'l' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", words, NULL)) != -1) {
		uint64_t n = optarg ? strtoull(optarg, NULL, 10) : 0;

		if (c == 'f')
			o->from = n;
		else if (c == 'n')
			o->seeds = n;
		else if (c == 'j' && n > 0 && n <= JOBS_MAX)
			o->jobs = (unsigned)n;
		else if (c == 'l')
			o->loud = true;
		else if (c == 's')
			o->one = true, o->seed = n;
		else
			return false;
	}
	return optind == argc;
}

/* --- many ------------------------------------------------------------------------------ */

static void work_on(const struct options *o, struct work *w, unsigned job,
		    uint64_t first)
{
	for (uint64_t s = first; s < o->from + o->seeds; s += o->jobs) {
		w->at[job] = s;
		explore_play(s, false, w->totals);
	}
	exit(0);
}

static void start(const struct options *o, struct work *w, unsigned job, uint64_t first)
{
	if (first >= o->from + o->seeds || w->failures >= FAILURES_MAX)
		return;
	fflush(NULL);
	w->pids[job] = fork();
	assert_true(w->pids[job] >= 0);
	if (w->pids[job] == 0)
		work_on(o, w, job, first);
}

/* A process is over: by itself, or by what it found. */
static void ended(const struct options *o, struct work *w, pid_t pid, int status)
{
	unsigned job = 0;

	while (job < o->jobs && w->pids[job] != pid)
		job++;
	assert_true(job < o->jobs);
	w->pids[job] = 0;
	if (status == 0)
		return;
	w->failures++;
	printf("seed %llu failed: tests/sim/explore --seed %llu --log\n",
	       (unsigned long long)w->at[job], (unsigned long long)w->at[job]);
	start(o, w, job, w->at[job] + o->jobs);
}

static bool play_many(const struct options *o)
{
	struct work w = { .totals = totals_new() };
	struct timespec begin, end;
	bool well;
	int status;
	pid_t pid;

	w.at = mmap(NULL, JOBS_MAX * sizeof(*w.at), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(w.at != MAP_FAILED);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (unsigned job = 0; job < o->jobs; job++)
		start(o, &w, job, o->from + job);
	while ((pid = wait(&status)) > 0)
		ended(o, &w, pid, status);
	clock_gettime(CLOCK_MONOTONIC, &end);
	well = totals_print(w.totals) || totals_worlds(w.totals) < COVERED_BY;
	totals_print_played(w.totals, explore_kind_name, explore_fault_name);
	printf("%u failures, %.1f s\n", w.failures,
	       (double)(end.tv_sec - begin.tv_sec) +
		       (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
	well = well && w.failures == 0 && totals_worlds(w.totals) == o->seeds;
	munmap(w.at, JOBS_MAX * sizeof(*w.at));
	totals_free(w.totals);
	return well;
}

static void play_one(const struct options *o)
{
	struct world_totals *totals = totals_new();
	static char line[BUFSIZ];

	/* A log is read up to where it ends; its memory is not the world's. */
	setvbuf(stdout, line, _IOLBF, sizeof(line));
	if (o->loud)
		setenv("WORLD_LOG", "1", 1);
	explore_play(o->seed, o->loud, totals);
	totals_free(totals);
	printf("seed %llu: well\n", (unsigned long long)o->seed);
}

/* Memory is counted after each world, to the octet; what was freed is looked after for
 * longer than a world lives, and no longer, or half of the time is spent on that. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0:quarantine_size_mb=16";
}

int main(int argc, char **argv)
{
	struct options o = { .from = 1, .seeds = SEEDS, .jobs = JOBS };

	if (!parse_options(&o, argc, argv)) {
		usage(stderr);
		return 2;
	}
	if (o.one)
		play_one(&o);
	else if (!play_many(&o))
		return 1;
	return 0;
}
