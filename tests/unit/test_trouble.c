/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "../../src/engine/engine_int.h"

static struct trouble trouble(const char *proto, const char *nbma, int64_t at_s)
{
	return (struct trouble){ .proto = unit_addr(proto),
				 .nbma = unit_addr(nbma),
				 .what = "loop detected",
				 .about = "Purge Request",
				 .at = { at_s * 1000000 } };
}

static const struct trouble *find(const struct iface *i, const char *proto,
				  const char *nbma)
{
	struct addr p = unit_addr(proto), n = unit_addr(nbma);

	return trouble_of(i, &p, &n);
}

static void a_peer_is_found_by_either_address(void **state)
{
	struct iface i = { 0 };
	struct trouble t = trouble("10.0.0.2", "192.0.2.2", 1);

	(void)state;
	trouble_note(&i, &t);
	assert_non_null(find(&i, "10.0.0.2", "192.0.2.99"));
	assert_non_null(find(&i, "10.0.0.99", "192.0.2.2"));
	assert_null(find(&i, "10.0.0.99", "192.0.2.99"));
	assert_null(trouble_of(&i, &(struct addr){ 0 }, &(struct addr){ 0 }));
}

static void the_last_one_is_told(void **state)
{
	struct iface i = { 0 };
	struct trouble t = trouble("10.0.0.2", "192.0.2.2", 2);

	(void)state;
	trouble_note(&i, &t);
	t = trouble("10.0.0.2", "192.0.2.2", 3);
	t.by_us = true;
	trouble_note(&i, &t);
	assert_true(find(&i, "10.0.0.2", "192.0.2.2")->by_us);
	t = trouble("10.0.0.2", "192.0.2.2", 4);
	trouble_note(&i, &t);
	assert_false(find(&i, "10.0.0.2", "192.0.2.2")->by_us);
}

static void what_repeats_itself_takes_one_place(void **state)
{
	struct iface i = { 0 };
	struct trouble first = trouble("10.0.0.2", "192.0.2.2", 1);

	(void)state;
	trouble_note(&i, &first);
	for (int k = 0; k < 3 * TROUBLES_MAX; k++) {
		struct trouble t = trouble("10.0.0.3", "192.0.2.3", 2 + k);

		trouble_note(&i, &t);
	}
	assert_non_null(find(&i, "10.0.0.2", "192.0.2.2"));
}

static void the_oldest_gives_way(void **state)
{
	struct iface i = { 0 };

	(void)state;
	for (int k = 0; k <= TROUBLES_MAX; k++) {
		struct trouble t = trouble("10.0.0.1", "192.0.2.1", k);

		t.proto.bytes[3] = t.nbma.bytes[3] = (uint8_t)k;
		trouble_note(&i, &t);
	}
	assert_null(find(&i, "10.0.0.0", "192.0.2.0"));
	assert_non_null(find(&i, "10.0.0.1", "192.0.2.1"));
	assert_non_null(find(&i, "10.0.0.16", "192.0.2.16"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_peer_is_found_by_either_address),
		cmocka_unit_test(the_last_one_is_told),
		cmocka_unit_test(what_repeats_itself_takes_one_place),
		cmocka_unit_test(the_oldest_gives_way),
	};

	return cmocka_run_group_tests_name("trouble", tests, NULL, NULL);
}
