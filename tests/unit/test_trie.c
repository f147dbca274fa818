/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <nhrp/rng.h>
#include <nhrp/trie.h>

static int values[64];

static void *set(struct trie *t, const char *key, int *value)
{
	struct prefix p = unit_prefix(key);

	return trie_set(t, &p, value);
}

static const char *match(struct trie *t, const char *key, char room[50])
{
	struct prefix p = unit_prefix(key), found;

	if (!trie_match(t, &p, &found))
		return "none";
	return prefix_str((struct prefix_text *)(void *)room, &found);
}

static void the_longest_covering_prefix_is_found(void **state)
{
	static const struct {
		const char *key, *found;
	} cases[] = {
		{ "10.1.2.3", "10.1.2.0/24" },	  { "10.1.3.1", "10.1.0.0/16" },
		{ "10.2.0.1", "0.0.0.0/0" },	  { "10.1.2.0/24", "10.1.2.0/24" },
		{ "10.1.2.0/23", "10.1.0.0/16" }, { "10.1.2.128", "10.1.2.128/32" },
		{ "fd00::1", "fd00::/8" },	  { "fe00::1", "none" },
	};
	struct trie t = { { NULL, NULL }, 0 };
	char room[50];

	(void)state;
	set(&t, "10.1.2.77/24", &values[0]);
	set(&t, "10.1.0.0/16", &values[1]);
	set(&t, "0.0.0.0/0", &values[2]);
	set(&t, "10.1.2.128/32", &values[3]);
	set(&t, "fd00::/8", &values[4]);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(match(&t, cases[i].key, room), cases[i].found);
	trie_free(&t);
}

static void a_prefix_is_replaced_and_removed_by_its_own_key(void **state)
{
	struct trie t = { { NULL, NULL }, 0 };
	struct prefix a = unit_prefix("10.0.0.0/8"), b = unit_prefix("10.0.0.0/9");

	(void)state;
	assert_null(trie_set(&t, &a, &values[0]));
	assert_ptr_equal(trie_set(&t, &a, &values[1]), &values[0]);
	assert_null(trie_get(&t, &b));
	assert_null(trie_del(&t, &b));
	assert_int_equal(t.count, 1);
	assert_ptr_equal(trie_del(&t, &a), &values[1]);
	assert_int_equal(t.count, 0);
	trie_free(&t);
}

static void what_lies_inside_is_seen_and_walked(void **state)
{
	struct trie t = { { NULL, NULL }, 0 };
	struct prefix p = unit_prefix("192.168.0.0/16"),
		      q = unit_prefix("192.168.1.0/24");

	(void)state;
	set(&t, "192.168.0.0/16", &values[0]);
	assert_false(trie_has_inside(&t, &p));
	set(&t, "192.168.1.0/24", &values[1]);
	assert_true(trie_has_inside(&t, &p));
	assert_false(trie_has_inside(&t, &q));
	trie_free(&t);
}

struct model {
	struct prefix key;
	bool used;
	int value;
};

static void *model_match(struct model *m, size_t n, const struct prefix *key)
{
	struct model *best = NULL;

	for (size_t i = 0; i < n; i++) {
		if (m[i].used && m[i].key.len <= key->len &&
		    prefix_contains(&m[i].key, &key->addr) &&
		    (!best || m[i].key.len > best->key.len))
			best = &m[i];
	}
	return best ? &best->value : NULL;
}

/* Random prefixes over few bits collide and nest; a plain list is the judge. */
static void it_agrees_with_a_plain_list(void **state)
{
	struct rng rng = rng_init(20260104);
	struct trie t = { { NULL, NULL }, 0 };
	struct model m[300] = { 0 };
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(m); i++) {
		struct prefix p = { { .family = rng_below(&rng, 2) ? ADDR_IP4
								   : ADDR_IP6 },
				    (uint8_t)rng_below(&rng, 17) };

		p.addr.bytes[0] = (uint8_t)(rng_below(&rng, 4) << 6);
		p.addr.bytes[1] = (uint8_t)(rng_below(&rng, 8) << 5);
		m[i].key = prefix_masked(&p);
	}
	for (int step = 0; step < 20000; step++) {
		struct model *one = &m[rng_below(&rng, ARRAY_SIZE(m))];
		struct prefix probe = m[rng_below(&rng, ARRAY_SIZE(m))].key;
		struct model *same = one;

		/* Equal keys share one place: use the first of them. */
		for (size_t i = ARRAY_SIZE(m); i-- > 0;) {
			if (prefix_eq(&m[i].key, &one->key))
				same = &m[i];
		}
		if (same->used)
			assert_ptr_equal(trie_del(&t, &same->key), &same->value);
		else
			assert_null(trie_set(&t, &same->key, &same->value));
		count += same->used ? (size_t)-1 : 1;
		same->used = !same->used;
		assert_int_equal(t.count, count);
		assert_ptr_equal(trie_match(&t, &probe, NULL),
				 model_match(m, ARRAY_SIZE(m), &probe));
	}
	trie_free(&t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_covering_prefix_is_found),
		cmocka_unit_test(a_prefix_is_replaced_and_removed_by_its_own_key),
		cmocka_unit_test(what_lies_inside_is_seen_and_walked),
		cmocka_unit_test(it_agrees_with_a_plain_list),
	};

	return cmocka_run_group_tests_name("trie", tests, NULL, NULL);
}
