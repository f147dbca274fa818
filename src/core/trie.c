/* SPDX-License-Identifier: MIT */
#include <nhrp/trie.h>

#include <stdlib.h>
#include <string.h>

#include <nhrp/mem.h>

/* A fork without a value has two children; any other node has a value. */
struct trie_node {
	struct prefix key;
	void *value;
	struct trie_node *child[2];
};

static unsigned bit(const struct addr *a, unsigned n)
{
	return a->bytes[n / 8] >> (7 - n % 8) & 1;
}

/* How many leading bits agree, at most `most`. */
static uint8_t common(const struct addr *a, const struct addr *b, uint8_t most)
{
	uint8_t n = 0;

	while (n < most && a->bytes[n / 8] == b->bytes[n / 8])
		n = (uint8_t)(n + 8 - n % 8);
	if (n > most)
		n = most;
	while (n < most && bit(a, n) == bit(b, n))
		n++;
	return n;
}

static struct trie_node **root_of(struct trie *t, const struct prefix *key)
{
	return &t->roots[key->addr.family == ADDR_IP6];
}

static const struct trie_node *root(const struct trie *t, const struct prefix *key)
{
	return t->roots[key->addr.family == ADDR_IP6];
}

static struct trie_node *node_new(const struct prefix *key, void *value)
{
	struct trie_node *n = mem_new(sizeof(*n));

	n->key = *key;
	n->value = value;
	return n;
}

static void free_nodes(struct trie_node *n)
{
	if (!n)
		return;
	free_nodes(n->child[0]);
	free_nodes(n->child[1]);
	free(n);
}

void trie_free(struct trie *t)
{
	free_nodes(t->roots[0]);
	free_nodes(t->roots[1]);
	*t = (struct trie){ 0 };
}

/* The node *at does not cover the key: a new one goes above it. */
static void split(struct trie_node **at, const struct prefix *key, uint8_t shared,
		  void *value)
{
	struct trie_node *old = *at;
	struct prefix fork = { key->addr, shared };
	bool is_key = shared == key->len;

	fork = prefix_masked(&fork);
	*at = node_new(&fork, is_key ? value : NULL);
	(*at)->child[bit(&old->key.addr, shared)] = old;
	if (!is_key)
		(*at)->child[bit(&key->addr, shared)] = node_new(key, value);
}

void *trie_set(struct trie *t, const struct prefix *wanted, void *value)
{
	struct prefix key = prefix_masked(wanted);
	struct trie_node **at = root_of(t, &key);

	while (*at) {
		struct trie_node *n = *at;
		uint8_t least = n->key.len < key.len ? n->key.len : key.len;
		uint8_t shared = common(&n->key.addr, &key.addr, least);

		if (shared < n->key.len) {
			split(at, &key, shared, value);
			t->count++;
			return NULL;
		}
		if (n->key.len == key.len) {
			void *before = n->value;

			n->value = value;
			t->count += before == NULL;
			return before;
		}
		at = &n->child[bit(&key.addr, n->key.len)];
	}
	*at = node_new(&key, value);
	t->count++;
	return NULL;
}

/* A node without a value stays only as a fork. */
static void shrink(struct trie_node **at)
{
	struct trie_node *n = *at;

	if (n->value || (n->child[0] && n->child[1]))
		return;
	*at = n->child[0] ? n->child[0] : n->child[1];
	free(n);
}

void *trie_del(struct trie *t, const struct prefix *wanted)
{
	struct prefix key = prefix_masked(wanted);
	struct trie_node **at = root_of(t, &key), **above = NULL;
	void *before;

	while (*at && (*at)->key.len < key.len) {
		above = at;
		at = &(*at)->child[bit(&key.addr, (*at)->key.len)];
	}
	if (!*at || !prefix_eq(&(*at)->key, &key) || !(*at)->value)
		return NULL;
	before = (*at)->value;
	(*at)->value = NULL;
	t->count--;
	shrink(at);
	if (above)
		shrink(above);
	return before;
}

void *trie_get(const struct trie *t, const struct prefix *wanted)
{
	struct prefix key = prefix_masked(wanted), found;
	void *value = trie_match(t, &key, &found);

	return value && found.len == key.len ? value : NULL;
}

void *trie_match(const struct trie *t, const struct prefix *wanted,
		 struct prefix *found)
{
	struct prefix key = prefix_masked(wanted);
	const struct trie_node *n = root(t, &key), *best = NULL;

	while (n && n->key.len <= key.len && prefix_contains(&n->key, &key.addr)) {
		if (n->value)
			best = n;
		if (n->key.len == key.len)
			break;
		n = n->child[bit(&key.addr, n->key.len)];
	}
	if (best && found)
		*found = best->key;
	return best ? best->value : NULL;
}

/* The topmost node that lies inside the key, or NULL. */
static const struct trie_node *inside(const struct trie *t, const struct prefix *key)
{
	const struct trie_node *n = root(t, key);

	while (n && n->key.len < key->len)
		n = n->child[bit(&key->addr, n->key.len)];
	return n && prefix_contains(key, &n->key.addr) ? n : NULL;
}

bool trie_has_inside(const struct trie *t, const struct prefix *wanted)
{
	struct prefix key = prefix_masked(wanted);
	const struct trie_node *n = inside(t, &key);

	/* A fork has values below it. */
	return n && (n->key.len > key.len || n->child[0] || n->child[1]);
}

static void walk(const struct trie_node *n,
		 void (*each)(void *ctx, const struct prefix *at, void *value),
		 void *ctx)
{
	if (!n)
		return;
	if (n->value)
		each(ctx, &n->key, n->value);
	walk(n->child[0], each, ctx);
	walk(n->child[1], each, ctx);
}

void trie_walk(const struct trie *t, const struct prefix *wanted,
	       void (*each)(void *ctx, const struct prefix *at, void *value), void *ctx)
{
	struct prefix key = prefix_masked(wanted);

	walk(inside(t, &key), each, ctx);
}
