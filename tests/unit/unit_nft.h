/* SPDX-License-Identifier: MIT */
/* nft(8), as somebody else has it. */
#ifndef NHRP_TEST_UNIT_NFT_H
#define NHRP_TEST_UNIT_NFT_H

#include <stdbool.h>

#include <nftables/libnftables.h>

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
