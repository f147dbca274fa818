/* SPDX-License-Identifier: MIT */
/*
 * Any octets as a peer's certificate, which nobody trusts, and as a block: two
 * addresses that become prefixes.
 */
#include "fuzz.h"

#include <string.h>

#include "../../src/os/cert_block.h"

/* One behind the other, from the first address to the last. */
static void check_pieces(const struct cert_facts *f, const struct addr *first,
			 const struct addr *last)
{
	struct addr at = *first;

	MUST_HOLD(f->count <= CERT_PREFIXES_MAX);
	for (size_t k = 0; k < f->count; k++) {
		struct prefix masked = prefix_masked(&f->prefixes[k]);
		size_t n = addr_family_len((enum addr_family)at.family);

		MUST_HOLD(prefix_eq(&masked, &f->prefixes[k]));
		MUST_HOLD(addr_eq(&masked.addr, &at));
		at = prefix_last(&masked);
		MUST_HOLD(addr_cmp(&at, last) <= 0);
		while (n > 0 && ++at.bytes[n - 1] == 0)
			n--;
	}
}

static void try_block(const uint8_t *data, size_t size, size_t len)
{
	struct cert_facts f = { .count = 0 };
	struct addr first, last;

	if (size < 2 * len || !addr_from_bytes(&first, data, len) ||
	    !addr_from_bytes(&last, data + len, len))
		return;
	MUST_HOLD(cert_block_add(&f, &first, &last) || f.count == CERT_PREFIXES_MAX);
	check_pieces(&f, &first, &last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct cert_der der = { data, size };
	const struct cert_list list = { &der, 1 };
	struct cert_pool *p = cert_pool_new();
	struct cert_facts f;

	try_block(data, size, 4);
	try_block(data, size, 16);
	MUST_HOLD(cert_judge(p, &list, &list, "n2.lab", 0, &f) != CERT_GIVES);
	MUST_HOLD(f.count == 0);
	cert_pool_free(p);
	return 0;
}
