/* SPDX-License-Identifier: MIT */
#include <nhrp/firewall.h>

#include <stdlib.h>
#include <string.h>

#include <nhrp/mem.h>

#include "counter_row.h"
#include "firewall_text.h"
#include "nft_counters.h"
#include "nft_table.h"

struct firewall {
	struct nft_table *table;
	const struct log_sink *log;
	bool configured;
	bool counts; /* what is not copied */
	bool aloud;  /* the kernel knows no other way to drop it */
	char *text;  /* what is wanted; NULL: nothing */
};

static char *copy_text(void *ctx)
{
	const struct firewall *f = ctx;

	return mem_strdup(f->text);
}

static const struct nft_table_ops ops = {
	.name = FIREWALL_TABLE,
	.pause = 1.,
	.text = copy_text,
};

struct firewall *firewall_new(struct ev_loop *loop, const struct log_sink *log)
{
	struct firewall *f = mem_new(sizeof(*f));

	f->table = nft_table_new(loop, log, &ops, f);
	f->log = log;
	return f;
}

void firewall_free(struct firewall *f)
{
	if (!f)
		return;
	nft_table_free(f->table);
	free(f->text);
	free(f);
}

static void write(struct firewall *f, const struct conf *conf, bool aloud)
{
	free(f->text);
	f->text = firewall_text(conf, aloud);
	nft_table_write(f->table);
}

/* What the kernel refuses may be the quiet way to drop what is copied. */
static void write_somehow(struct firewall *f, const struct conf *conf)
{
	nft_table_write(f->table);
	if (!nft_table_problem(f->table) || f->aloud || !f->counts)
		return;
	write(f, conf, true);
	f->aloud = !nft_table_problem(f->table);
	if (f->aloud)
		log_to(f->log, LOG_LEVEL_WARN,
		       "firewall: the kernel knows no queue (nft_queue): programs are "
		       "told an error for multicast that is copied");
	else
		write(f, conf, false);
}

/* A predecessor's table is replaced, or removed, as if it were our own. */
void firewall_conf(struct firewall *f, const struct conf *conf)
{
	bool first = !f->configured;
	char *was = f->text;

	f->configured = true;
	f->text = firewall_text(conf, f->aloud);
	f->counts = f->text && conf_copies_multicast(conf);
	if (f->text &&
	    (!was || nft_table_problem(f->table) || strcmp(f->text, was) != 0))
		write_somehow(f, conf);
	else if (!f->text && (was || (first && !conf->firewall_manual)))
		nft_table_remove(f->table);
	free(was);
}

/* A table that is replaced begins with empty sets. */
void firewall_forget(struct firewall *f)
{
	if (f->text && !nft_table_problem(f->table))
		nft_table_write(f->table);
}

void firewall_remove(struct firewall *f)
{
	if (!f->text)
		return;
	nft_table_remove(f->table);
	free(f->text);
	f->text = NULL;
	f->counts = false;
}

const char *firewall_problem(const struct firewall *f)
{
	return nft_table_problem(f->table);
}

/* --- what it counts --- */

/* Calls for each tunnel. */
struct reading {
	void (*each)(struct reading *r, const char *ifname, uint64_t packets);
	const char *ifname; /* of this one alone; "": of all */
	struct show_sink *sink;
	uint64_t sum;
};

static void take_counter(void *ctx, const char *name, uint64_t packets, uint64_t octets)
{
	const size_t begin = strlen(FIREWALL_NOT_COPIED);
	struct reading *r = ctx;

	(void)octets;
	if (strncmp(name, FIREWALL_NOT_COPIED, begin) == 0 &&
	    (!r->ifname[0] || strcmp(name + begin, r->ifname) == 0))
		r->each(r, name + begin, packets);
}

/* When somebody removed the table, nothing is counted until it is back. */
static void read_counters(const struct firewall *f, struct reading *r)
{
	if (f->counts && !nft_counters_read(FIREWALL_TABLE, take_counter, r))
		r->sum = 0;
}

static void add_up(struct reading *r, const char *ifname, uint64_t packets)
{
	(void)ifname;
	r->sum += packets;
}

void firewall_show(const struct firewall *f, struct show_sink *sink)
{
	const struct nft_table_counts c = nft_table_counts(f->table);
	struct reading r = { .each = add_up, .ifname = "" };

	read_counters(f, &r);
	counter_row(sink, "multicast_not_copied", r.sum);
	counter_row(sink, "firewall_written", c.written);
	counter_row(sink, "firewall_repaired", c.repaired);
	counter_row(sink, "firewall_failed", c.failed);
}

static void show_row(struct reading *r, const char *ifname, uint64_t packets)
{
	struct record row;

	if (!packets)
		return;
	record_init(&row);
	record_text(&row, "interface", ifname);
	record_text(&row, "state", "refused");
	record_number(&row, "packets", (int64_t)packets);
	record_text(&row, "reason", "in no group that is copied: all of them together");
	r->sink->row(r->sink, &row);
}

void firewall_show_multicast(const struct firewall *f, const char *ifname,
			     struct show_sink *sink)
{
	struct reading r = { .each = show_row, .ifname = ifname, .sink = sink };

	read_counters(f, &r);
}
