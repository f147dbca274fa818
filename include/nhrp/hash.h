/* SPDX-License-Identifier: MIT */
/*
 * Hash tables: uthash, whose tables grow by the allocation that cannot fail, and which
 * hashes as is fit for addresses. Whoever has one includes this and not uthash.h.
 */
#ifndef NHRP_HASH_H
#define NHRP_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <nhrp/mem.h>

/* An odd number without a pattern: 2^64 by the golden ratio. */
#define HASH_FACTOR UINT64_C(0x9e3779b97f4a7c15)

static inline uint64_t hash_mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * HASH_FACTOR;
	return h ^ h >> 32;
}

/*
 * Keys are of twenty octets or so, and their length is known when this is compiled:
 * eight at a time, the last eight once more where they do not come out even.
 */
static inline uint32_t hash_of(const void *key, size_t len)
{
	const uint8_t *octets = key;
	uint64_t h = len, word = 0;
	size_t i;

	for (i = 0; i + sizeof(word) <= len; i += sizeof(word)) {
		memcpy(&word, octets + i, sizeof(word));
		h = hash_mix(h, word);
	}
	if (i < len && len > sizeof(word)) {
		memcpy(&word, octets + len - sizeof(word), sizeof(word));
		h = hash_mix(h, word);
	} else if (i < len) {
		word = 0;
		memcpy(&word, octets, len);
		h = hash_mix(h, word);
	}
	/* What came last is in the upper bits only, and tables go by the lower ones. */
	return (uint32_t)hash_mix(h, 0);
}

#define HASH_FUNCTION(keyptr, keylen, hashv) ((hashv) = hash_of((keyptr), (keylen)))
#define uthash_malloc(size)		     mem_new(size)
#include <uthash.h>

/*
 * Clang's analyzer cannot follow the chains of a table: to it, what was taken out and
 * freed may still hang in one, next to each other element. What it sees in place of
 * the macro takes out all the same; what hangs where is of no importance to it.
 */
#ifdef __clang_analyzer__
#undef HASH_DELETE
#define HASH_DELETE(hh, head, delptr) \
	((head) = (head) == (delptr) ? (delptr)->hh.next : (head))
#endif

#endif
