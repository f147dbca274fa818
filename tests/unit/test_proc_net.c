/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>

#include "../../src/os/proc_net.h"

static FILE *file_of(const char *text, size_t len)
{
	FILE *f = fmemopen((void *)(uintptr_t)text, len, "r");

	assert_non_null(f);
	return f;
}

#define PACKET_TITLE "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n"

static void a_second_listener_is_told_from_the_first(void **state)
{
	static const struct {
		const char *rows;
		bool other;
	} cases[] = {
		{ "", false },
		{ "0000000000000000 3      2    2001   0     1 0      0      77\n",
		  false }, /* ours */
		{ "0000000000000000 3      2    2001   0     1 0      0      78\n",
		  true },
		{ "0000000000000000 3      2    2001   9     1 0      0      78\n",
		  true },
		{ "0000000000000000 3      2    2001   8     1 0      0      78\n",
		  false }, /* another device */
		{ "0000000000000000 3      3    0003   0     1 0      0      78\n",
		  false }, /* tcpdump */
		{ "0000000000000000 3      2    2001   0     1 0      0      77\n"
		  "0000000000000000 3      2    2001   9     1 0      0      99\n",
		  true },
		{ "garbage\n\n", false },
	};
	static const int devices[] = { 7, 9 };

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		char text[512];
		FILE *f;

		snprintf(text, sizeof(text), "%s%s", PACKET_TITLE, cases[k].rows);
		f = file_of(text, strlen(text));
		if (proc_net_other_nhrp(f, 77, devices, 2) != cases[k].other)
			fail_msg("%s", cases[k].rows);
		fclose(f);
	}
}

static void a_counter_is_found_under_its_name(void **state)
{
	static const char text[] = "TcpExt: SyncookiesSent IPReversePathFilter TCPx\n"
				   "TcpExt: 5 41 0\n"
				   "IpExt: InNoRoutes OutMcastPkts\n"
				   "IpExt: 3 18446744073709551615\n";
	static const struct {
		const char *name;
		uint64_t value;
	} cases[] = {
		{ "IPReversePathFilter", 41 },
		{ "InNoRoutes", 3 },
		{ "OutMcastPkts", UINT64_MAX },
		{ "Nothing", 0 },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		FILE *f = file_of(text, strlen(text));

		assert_true(proc_net_counter(f, cases[k].name) == cases[k].value);
		fclose(f);
	}
}

static void a_cut_file_counts_as_nothing(void **state)
{
	static const char text[] = "TcpExt: A B\nTcpExt: 1";

	(void)state;
	for (size_t n = 1; n < sizeof(text); n++) {
		char *copy = unit_exact_copy(text, n);
		FILE *f = file_of(copy, n);

		assert_true(proc_net_counter(f, "B") == 0);
		fclose(f);
		free(copy);
	}
}

static void full_tables_are_summed_over_the_processors(void **state)
{
	static const char text[] = "entries  allocs table_fulls\n"
				   "00000003 00000010 0000000a\n"
				   "00000003 00000000 00000001\n";
	FILE *f = file_of(text, strlen(text));

	(void)state;
	assert_int_equal(proc_net_table_full(f), 11);
	fclose(f);
}

static void an_older_kernel_without_that_column_has_none(void **state)
{
	static const char text[] = "entries  allocs\n00000003 00000010\n";
	FILE *f = file_of(text, strlen(text));

	(void)state;
	assert_int_equal(proc_net_table_full(f), 0);
	fclose(f);
}

static void what_ipsec_counts_is_a_line_for_each(void **state)
{
	static const char text[] = "XfrmInError             \t0\n"
				   "XfrmInPolBlock          \t18446744073709551615\n"
				   "XfrmOutPolBlock         \t24\n"
				   "XfrmOutPolDead";
	static const struct {
		const char *name;
		uint64_t count;
	} cases[] = { { "XfrmInPolBlock", UINT64_MAX },
		      { "XfrmOutPolBlock", 24 },
		      { "XfrmOutPol", 0 },
		      { "XfrmOutPolDead", 0 } };

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		FILE *f = file_of(text, strlen(text));

		assert_true(proc_net_xfrm_counter(f, cases[n].name) == cases[n].count);
		fclose(f);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_listener_is_told_from_the_first),
		cmocka_unit_test(a_counter_is_found_under_its_name),
		cmocka_unit_test(a_cut_file_counts_as_nothing),
		cmocka_unit_test(full_tables_are_summed_over_the_processors),
		cmocka_unit_test(an_older_kernel_without_that_column_has_none),
		cmocka_unit_test(what_ipsec_counts_is_a_line_for_each),
	};

	return cmocka_run_group_tests_name("proc_net", tests, NULL, NULL);
}
