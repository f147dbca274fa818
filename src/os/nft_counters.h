/* SPDX-License-Identifier: MIT */
/*
 * The named counters of a table of nftables, of family inet, read at once.
 */
#ifndef NHRP_OS_NFT_COUNTERS_H
#define NHRP_OS_NFT_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

#include <nhrp/defs.h>

/*
 * Asks the kernel and waits for its answer. Calls for each counter; the name lasts as
 * long as the call. False when the kernel does not say: there may be no such table.
 */
bool nft_counters_read(const char *table,
		       void (*each)(void *ctx, const char *name, uint64_t packets,
				    uint64_t octets),
		       void *ctx) MUST_CHECK;

#endif
