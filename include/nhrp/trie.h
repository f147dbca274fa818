/* SPDX-License-Identifier: MIT */
/*
 * Prefixes of both families with a value each, found by longest match.
 *
 * A path-compressed binary trie: one node a prefix and at most one more a fork,
 * whatever the lengths. Values are the caller's and never NULL; the trie keeps
 * the pointer. Host bits of a key are ignored.
 */
#ifndef NHRP_TRIE_H
#define NHRP_TRIE_H

#include <stdbool.h>
#include <stddef.h>

#include <nhrp/addr.h>

struct trie_node;

struct trie {
	struct trie_node *roots[2]; /* IPv4, IPv6 */
	size_t count;		    /* prefixes with a value */
};

/* Frees the nodes, not the values. */
void trie_free(struct trie *t);

/* Sets the value of a prefix; returns the one it had, or NULL. */
void *trie_set(struct trie *t, const struct prefix *key, void *value);

/* Removes a prefix; returns its value, or NULL. */
void *trie_del(struct trie *t, const struct prefix *key);

/* The value of exactly this prefix, or NULL. */
void *trie_get(const struct trie *t, const struct prefix *key);

/*
 * The value of the longest prefix that covers all of `key`, or NULL; *found is
 * that prefix, when `found` is not NULL.
 */
void *trie_match(const struct trie *t, const struct prefix *key, struct prefix *found);

/* Is there a prefix with a value inside `key`, longer than it? */
bool trie_has_inside(const struct trie *t, const struct prefix *key);

/* Calls for each prefix inside `key`, itself included; it must not change the trie. */
void trie_walk(const struct trie *t, const struct prefix *key,
	       void (*each)(void *ctx, const struct prefix *at, void *value),
	       void *ctx);

#endif
