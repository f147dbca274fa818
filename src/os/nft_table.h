/* SPDX-License-Identifier: MIT */
/*
 * One table of nftables that is the daemon's alone, of family inet: written by
 * libnftables in one transaction, and written again when somebody else removed or
 * changed it, at once and then not more often than its pause. One that cannot be
 * written is told in the log once and tried again every minute.
 *
 * The table is there as long as nobody removes it: nft_table_free() does not.
 */
#ifndef NHRP_OS_NFT_TABLE_H
#define NHRP_OS_NFT_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include <nhrp/log.h>

struct ev_loop;
struct nft_table;

struct nft_table_ops {
	const char *name;
	/* Two programs that undo each other's work do it no faster, seconds. */
	double pause;
	/* What nft(8) has to do to make it, whatever is in its place; free() is ours. */
	char *(*text)(void *ctx);
};

struct nft_table_counts {
	uint64_t written, repaired, failed;
};

/* `ops` lives as long as the table. */
struct nft_table *nft_table_new(struct ev_loop *loop, const struct log_sink *log,
				const struct nft_table_ops *ops, void *ctx);
void nft_table_free(struct nft_table *t);

/* Writes it, and keeps it from now on. */
void nft_table_write(struct nft_table *t);

/* Removes it, be it of a predecessor's making. */
void nft_table_remove(struct nft_table *t);

/* Why it is not as wanted, for people; NULL: it is. */
const char *nft_table_problem(const struct nft_table *t);

struct nft_table_counts nft_table_counts(const struct nft_table *t);

#endif
