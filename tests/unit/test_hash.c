/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>

#include <nhrp/addr.h>
#include <nhrp/hash.h>

#define KEY_MAX 40
#define HOSTS	65536

/* Whatever its length, and in whichever way the last octets are taken. */
static void every_bit_of_a_key_counts(void **state)
{
	uint8_t octets[KEY_MAX] = { 0 };

	(void)state;
	for (size_t len = 1; len <= KEY_MAX; len++) {
		uint8_t *key = unit_exact_copy(octets, len);
		uint32_t before = hash_of(key, len);

		for (size_t bit = 0; bit < len * 8; bit++) {
			key[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_not_equal(hash_of(key, len), before);
			key[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		free(key);
	}
}

static void keys_of_zeroes_differ_by_their_length(void **state)
{
	static const uint8_t zeroes[KEY_MAX];

	(void)state;
	for (size_t len = 1; len < KEY_MAX; len++)
		assert_int_not_equal(hash_of(zeroes, len), hash_of(zeroes, len + 1));
}

/* The most of them in one of as many buckets; by chance it would be seven or eight. */
static unsigned fullest(struct addr a, size_t high)
{
	unsigned *buckets = calloc(HOSTS, sizeof(*buckets)), most = 0;

	assert_non_null(buckets);
	for (uint32_t k = 0; k < HOSTS; k++) {
		unsigned *bucket;

		a.bytes[high] = (uint8_t)(k >> 8);
		a.bytes[high + 1] = (uint8_t)k;
		bucket = &buckets[hash_of(&a, sizeof(a)) % HOSTS];
		if (++*bucket > most)
			most = *bucket;
	}
	free(buckets);
	return most;
}

/* The hosts of a /16, and networks whose hosts all have the same number. */
static void addresses_in_a_row_spread(void **state)
{
	struct addr ip4 = unit_addr("10.1.0.1"), ip6 = unit_addr("2001:db8::1");

	(void)state;
	for (size_t high = 0; high < 3; high++)
		assert_in_range(fullest(ip4, high), 1, 12);
	for (size_t high = 0; high < ADDR_MAX_LEN - 1; high++)
		assert_in_range(fullest(ip6, high), 1, 12);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bit_of_a_key_counts),
		cmocka_unit_test(keys_of_zeroes_differ_by_their_length),
		cmocka_unit_test(addresses_in_a_row_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
