/* SPDX-License-Identifier: MIT */
/*
 * A network namespace of the test's own, and nft(8) as somebody else has it.
 */
#ifndef NHRP_TEST_UNIT_NFT_H
#define NHRP_TEST_UNIT_NFT_H

#include <sched.h>
#include <stdbool.h>

#include <nftables/libnftables.h>

/* A namespace with no rule in it; as root or as anybody who may have one. */
static inline bool unit_nft_namespace(void)
{
	return unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
}

static inline struct nft_ctx *unit_nft_new(void)
{
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);

	nft_ctx_buffer_output(nft);
	nft_ctx_buffer_error(nft);
	return nft;
}

static inline bool unit_nft(struct nft_ctx *nft, const char *command)
{
	return nft_run_cmd_from_buffer(nft, command) == 0;
}

#endif
