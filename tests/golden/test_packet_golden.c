/* SPDX-License-Identifier: MIT */
/*
 * Every packet of tests/golden/packet decodes, prints as the .txt beside it and
 * encodes to the same octets.
 *
 * To write the .txt files anew from a build directory, after a change of the
 * printed form:
 *
 *	GOLDEN_UPDATE=1 srcdir=PATH-TO-THE-SOURCE tests/golden/test_packet_golden
 *
 * and read the difference before it is committed.
 */
#include "../unit/vectors.h"

#include <nhrp/packet.h>

#define TEXT_MAX 8192

static void decode(struct packet *p, const struct vector *v)
{
	uint16_t at;

	assert_int_equal(packet_decode(p, v->bytes, v->len, &at), PKT_OK);
}

static void update(const char *name, const char *text)
{
	FILE *f = vector_open(name, ".txt", "w");

	assert_int_equal(fputs(text, f) >= 0, 1);
	assert_int_equal(fclose(f), 0);
}

static void prints_as_its_text(void **state)
{
	struct vector v = vector_load(*state);
	char want[TEXT_MAX], got[TEXT_MAX];
	struct packet p;
	size_t n;
	FILE *f;

	decode(&p, &v);
	assert_true(packet_dump(&p, got, sizeof(got)) < sizeof(got) - 1);
	if (getenv("GOLDEN_UPDATE"))
		update(v.name, got);
	f = vector_open(v.name, ".txt", "r");
	n = fread(want, 1, sizeof(want) - 1, f);
	want[n] = '\0';
	fclose(f);
	assert_string_equal(got, want);
}

static void encodes_to_the_same_octets(void **state)
{
	struct vector v = vector_load(*state);
	uint8_t out[sizeof(v.bytes)];
	struct packet p;

	decode(&p, &v);
	assert_int_equal(packet_encode(&p, out, sizeof(out)), v.len);
	assert_memory_equal(out, v.bytes, v.len);
}

static void prints_no_key(void **state)
{
	/* The keys of the vectors, as text and as octets. */
	static const char *const keys[] = {
		"AUTH_", "WRONG", "test1", "41 55 54 48", "57 52 4f 4e", "74 65 73 74"
	};
	struct vector v = vector_load(*state);
	char text[TEXT_MAX], line[TEXT_MAX];
	struct packet p;

	decode(&p, &v);
	packet_dump(&p, text, sizeof(text));
	packet_line(&p, line, sizeof(line));
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		assert_null(strstr(text, keys[i]));
		assert_null(strstr(line, keys[i]));
	}
}

static struct CMUnitTest test_of(const char *what, const char *vector,
				 CMUnitTestFunction run, char name[static 80])
{
	snprintf(name, 80, "%s %s", vector, what);
	return (struct CMUnitTest){
		.name = name,
		.test_func = run,
		.initial_state = (void *)(uintptr_t)vector,
	};
}

int main(void)
{
	struct CMUnitTest tests[VECTOR_COUNT * 3];
	char names[ARRAY_SIZE(tests)][80];
	size_t n = 0;

	for (size_t i = 0; i < VECTOR_COUNT; i++) {
		const char *v = vector_names[i];

		tests[n] =
			test_of("prints as its text", v, prints_as_its_text, names[n]);
		n++;
		tests[n] = test_of("encodes to the same octets", v,
				   encodes_to_the_same_octets, names[n]);
		n++;
		tests[n] = test_of("prints no key", v, prints_no_key, names[n]);
		n++;
	}
	return cmocka_run_group_tests_name("packet golden", tests, NULL, NULL);
}
