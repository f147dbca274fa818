/* SPDX-License-Identifier: MIT */
#include <nhrp/firewall.h>

#include <stdlib.h>
#include <string.h>

#include <nhrp/mem.h>

#include "counter_row.h"
#include "firewall_text.h"
#include "nft_table.h"

struct firewall {
	struct nft_table *table;
	bool configured;
	char *text; /* what is wanted; NULL: nothing */
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

/* A predecessor's table is replaced, or removed, as if it were our own. */
void firewall_conf(struct firewall *f, const struct conf *conf)
{
	bool first = !f->configured;
	char *was = f->text;

	f->configured = true;
	f->text = firewall_text(conf);
	if (f->text &&
	    (!was || nft_table_problem(f->table) || strcmp(f->text, was) != 0))
		nft_table_write(f->table);
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
}

const char *firewall_problem(const struct firewall *f)
{
	return nft_table_problem(f->table);
}

void firewall_show(const struct firewall *f, struct show_sink *sink)
{
	const struct nft_table_counts c = nft_table_counts(f->table);

	counter_row(sink, "firewall_written", c.written);
	counter_row(sink, "firewall_repaired", c.repaired);
	counter_row(sink, "firewall_failed", c.failed);
}
