/* SPDX-License-Identifier: MIT */
/* Stories of what goes wrong: crashes, links, kernels, and hostile packets. */
#include "story.h"

#include <nhrp/rng.h>

#include "../unit/vectors.h"

#define SEED 20260103

static void a_crash_of_the_hub_loses_no_entry(void **state)
{
	struct cast c = story_begin(SEED);
	unsigned writes;

	(void)state;
	world_kill(c.w, c.hub);
	world_run_s(c.w, 10);
	writes = world_neigh_writes(c.w, c.hub);
	world_start(c.w, c.hub);
	world_run_ms(c.w, 1);
	assert_cache(c.w, c.hub, SPOKE_A, "type", "dynamic");
	assert_cache(c.w, c.hub, SPOKE_A, "reason", "restored after a restart");
	assert_cache(c.w, c.hub, SPOKE_B, "nbma", B_NBMA);
	/* What stood in the kernel was right, and was left alone. */
	assert_int_equal(world_neigh_writes(c.w, c.hub), writes);
	/* The holding time went on meanwhile. */
	assert_in_range(atoi(world_cache(c.w, c.hub, SPOKE_A, "expires_s")), 580, 591);
	world_free(c.w);
}

static void without_its_state_file_a_hub_adopts_the_kernels_entries(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	world_kill(c.w, c.hub);
	world_lose_state(c.w, c.hub);
	world_start(c.w, c.hub);
	world_run_ms(c.w, 1);
	assert_cache(c.w, c.hub, SPOKE_A, "type", "dynamic");
	assert_cache(c.w, c.hub, SPOKE_A, "reason", "adopted from the kernel");
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), A_NBMA);
	world_run_s(c.w, 250);
	assert_cache(c.w, c.hub, SPOKE_A, "reason", "registered");
	world_free(c.w);
}

static void an_entry_that_ended_while_nobody_looked_is_removed(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	world_kill(c.w, c.a);
	world_kill(c.w, c.hub);
	world_run_s(c.w, 700);
	world_start(c.w, c.hub);
	world_run_s(c.w, 1);
	/* The state file says it is over; the kernel's copy gets one more time. */
	world_run_s(c.w, 601);
	assert_cache(c.w, c.hub, SPOKE_A, "type", "");
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), "");
	world_free(c.w);
}

static void a_crash_of_a_spoke_keeps_its_shortcut(void **state)
{
	struct cast c = story_with_shortcut(SEED);

	(void)state;
	world_kill(c.w, c.a);
	for (int s = 0; s < 20; s++) {
		world_traffic(c.w, c.a, SPOKE_B);
		world_run_s(c.w, 1);
	}
	world_start(c.w, c.a);
	world_run_s(c.w, 1);
	assert_cache(c.w, c.a, SPOKE_B, "type", "cached");
	assert_int_equal(world_arrived(c.w, c.b), 21);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "up");
	world_free(c.w);
}

static void a_restarted_engine_uses_free_places_of_the_state_file(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	/* Slot 0 is freed, slot 1 is kept; then the file is read again. */
	world_stop(c.w, c.a);
	world_kill(c.w, c.hub);
	world_start(c.w, c.hub);
	world_start(c.w, c.a);
	world_run_s(c.w, 1);
	world_kill(c.w, c.hub);
	world_start(c.w, c.hub);
	world_run_ms(c.w, 1);
	assert_cache(c.w, c.hub, SPOKE_A, "reason", "restored after a restart");
	assert_cache(c.w, c.hub, SPOKE_B, "reason", "restored after a restart");
	world_free(c.w);
}

static void a_link_flap_writes_everything_again(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	world_link(c.w, c.hub, false);
	assert_int_equal(world_kernel_size(c.w, c.hub), 0);
	assert_cache(c.w, c.hub, SPOKE_A, "state", "down");
	world_run_s(c.w, 5);
	world_link(c.w, c.hub, true);
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), A_NBMA);
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_B), B_NBMA);
	world_free(c.w);
}

static void a_device_that_comes_back_is_filled_again(void **state)
{
	struct cast c = story_with_shortcut(SEED);

	(void)state;
	world_delete_device(c.w, c.a);
	world_run_s(c.w, 3);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "down");
	world_create_device(c.w, c.a);
	assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), B_NBMA);
	assert_string_equal(world_kernel(c.w, c.a, HUB), HUB_NBMA);
	assert_true(world_until_nhs(c.w, 2, c.a, "up"));
	world_free(c.w);
}

static void lost_notifications_end_in_the_same_tables(void **state)
{
	struct cast c = story_begin(SEED);
	unsigned writes = world_neigh_writes(c.w, c.hub);

	(void)state;
	world_overrun(c.w, c.hub);
	assert_int_equal(world_neigh_writes(c.w, c.hub), writes);
	world_free(c.w);
}

/* Whichever of the two dumps comes first, and whenever the station. */
static void a_station_that_comes_while_the_kernel_is_read_gets_its_route(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct world *w = world_new(seed);
		int hub, spoke;

		world_slow_dumps(w, 50);
		spoke = story_spoke(w, 2, SPOKE_WORDS);
		hub = world_add(w, &(struct node_spec){ .name = "hub",
							.nbma = HUB_NBMA,
							.addr = HUB "/32",
							.words = "holding-time 600" });
		world_run_s(w, 5);
		assert_string_equal(world_nhs(w, spoke, "state"), "up");
		assert_true(world_kernel_route(w, hub, SPOKE_A "/32"));
		world_free(w);
	}
}

static void routes_move_with_the_table_they_are_configured_for(void **state)
{
	struct world *w = world_new(7);
	int spoke, hub;

	(void)state;
	spoke = story_spoke(w, 2, SPOKE_WORDS);
	hub = world_add(w, &(struct node_spec){ .name = "hub",
						.nbma = HUB_NBMA,
						.addr = HUB "/32",
						.words = "route-table 42" });
	assert_true(world_until_nhs(w, 5, spoke, "up"));
	assert_true(world_kernel_route(w, hub, SPOKE_A "/32"));
	world_reload(w, hub, "");
	assert_true(world_kernel_route(w, hub, SPOKE_A "/32"));
	world_stop(w, hub);
	assert_false(world_kernel_route(w, hub, SPOKE_A "/32"));
	world_free(w);
}

static void an_entry_that_somebody_removed_is_written_again(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	world_kernel_forgets(c.w, c.hub, SPOKE_A);
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), A_NBMA);
	world_free(c.w);
}

static void a_reload_touches_only_what_changed(void **state)
{
	struct cast c = story_with_shortcut(SEED);
	unsigned writes = world_neigh_writes(c.w, c.a);
	uint64_t sent = world_counter(c.w, c.a, "tx_packets");

	(void)state;
	world_reload(c.w, c.a,
		     SPOKE_WORDS
		     " map 10.0.0.9/24 203.0.113.9 register max-bindings 50");
	world_run_ms(c.w, 500);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "up");
	assert_cache(c.w, c.a, SPOKE_B, "type", "cached");
	assert_cache(c.w, c.a, "10.0.0.9", "type", "nhs");
	assert_int_equal(world_neigh_writes(c.w, c.a), writes + 1);
	assert_int_equal(world_counter(c.w, c.a, "tx_packets"), sent + 1);
	world_reload(c.w, c.a, SPOKE_WORDS);
	assert_cache(c.w, c.a, "10.0.0.9", "type", "");
	assert_string_equal(world_kernel(c.w, c.a, "10.0.0.9"), "");
	assert_cache(c.w, c.a, HUB, "state", "up");
	world_free(c.w);
}

static void a_spoke_that_loses_a_server_in_a_reload_withdraws_there(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	world_reload(c.w, c.a, "holding-time 600");
	world_run_s(c.w, 1);
	assert_cache(c.w, c.hub, SPOKE_A, "type", "");
	world_free(c.w);
}

static void a_partition_heals(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	world_cut(c.w, c.a, c.hub, true);
	world_run_s(c.w, 900);
	assert_cache(c.w, c.hub, SPOKE_A, "type", "");
	assert_string_equal(world_nhs(c.w, c.a, "state"), "registering");
	world_cut(c.w, c.a, c.hub, false);
	assert_true(world_until_nhs(c.w, 45, c.a, "up"));
	assert_cache(c.w, c.hub, SPOKE_A, "type", "dynamic");
	world_free(c.w);
}

/* --- hostile packets ----------------------------------------------------------- */

/* Each packet is counted once by its type, or by why it has none. */
static uint64_t counted(struct world *w, int node)
{
	static const char *const names[] = {
		"rx_resolution_request",
		"rx_resolution_reply",
		"rx_registration_request",
		"rx_registration_reply",
		"rx_purge_request",
		"rx_purge_reply",
		"rx_error_indication",
		"rx_traffic_indication",
		"drop_too_short",
		"drop_too_long",
		"drop_bad_size",
		"drop_bad_checksum",
		"drop_bad_version",
		"drop_bad_type",
		"drop_bad_family",
		"drop_bad_address_length",
		"drop_bad_extension_offset",
		"drop_truncated",
		"drop_too_many_cies",
		"drop_bad_extension_length",
		"drop_too_many_extensions",
		"drop_duplicate_extension",
	};
	uint64_t sum = 0;

	for (size_t k = 0; k < ARRAY_SIZE(names); k++)
		sum += world_counter(w, node, names[k]);
	return sum;
}

/* Every vector, cut anywhere and with any octet changed, at hub and spoke. */
static void no_damaged_packet_hurts_or_goes_uncounted(void **state)
{
	struct cast c = story_begin(SEED);
	struct rng rng = rng_init(SEED);
	struct vector vectors[VECTOR_COUNT];

	(void)state;
	for (size_t k = 0; k < VECTOR_COUNT; k++)
		vectors[k] = vector_load(vector_names[k]);
	for (int k = 0; k < 20000; k++) {
		struct vector v = vectors[rng_below(&rng, VECTOR_COUNT)];
		uint8_t *copy;

		for (uint32_t n = rng_below(&rng, 4); n > 0; n--)
			v.bytes[rng_below(&rng, (uint32_t)v.len)] =
				(uint8_t)rng_next(&rng);
		if (rng_below(&rng, 4) == 0)
			v.len = rng_below(&rng, (uint32_t)v.len);
		if (v.len >= NHRP_MIN_LEN)
			wire_mend(v.bytes, v.len);
		copy = unit_exact_copy(v.bytes, v.len);
		world_inject(c.w, k % 2 ? c.hub : c.a, "192.0.2.99", copy, v.len);
		free(copy);
		if (k % 100 == 0)
			world_run_ms(c.w, 10);
	}
	assert_true(world_counter(c.w, c.hub, "rx_packets") >= 10000);
	assert_int_equal(world_counter(c.w, c.hub, "rx_packets"), counted(c.w, c.hub));
	assert_int_equal(world_counter(c.w, c.a, "rx_packets"), counted(c.w, c.a));
	assert_true(world_logged(c.w, c.hub, "\n") < 500);
	world_run_s(c.w, 700);
	assert_cache(c.w, c.hub, SPOKE_A, "nbma", A_NBMA);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "up");
	world_free(c.w);
}

/* Errors are limited: a flood of offenders is not answered one by one. */
static void a_flood_of_bad_packets_gets_few_answers(void **state)
{
	struct cast c = story_begin(SEED);
	uint8_t bad[] = { 0,   1,  8, 0,  0,  0, 0, 0,	0,  255, 0, 40, 0, 0,
			  0,   39, 1, 1,  4,  0, 4, 4,	0,  0,	 0, 0,	0, 1,
			  192, 0,  2, 99, 10, 0, 0, 99, 10, 0,	 0, 1 };

	(void)state;
	wire_mend(bad, sizeof(bad));
	for (int k = 0; k < 1000; k++)
		world_inject(c.w, c.hub, "192.0.2.99", bad, sizeof(bad));
	assert_int_equal(world_counter(c.w, c.hub, "drop_bad_extension_offset"), 1000);
	assert_in_range(world_counter(c.w, c.hub, "tx_error_indication"), 1, 20);
	assert_in_range(world_counter(c.w, c.hub, "errors_limited"), 980, 999);
	world_free(c.w);
}

/* RFC 2332 5.2.7: none about an error indication, whatever is wrong with it. */
static void no_error_is_answered_with_an_error(void **state)
{
	struct cast c = story_begin(SEED);
	struct vector v = vector_load("14-error-auth-failure");

	(void)state;
	for (size_t cut = 0; cut <= v.len; cut++) {
		uint8_t *copy = unit_exact_copy(v.bytes, cut);

		if (cut >= NHRP_MIN_LEN)
			wire_mend(copy, cut);
		world_inject(c.w, c.a, HUB_NBMA, copy, cut);
		free(copy);
	}
	assert_int_equal(world_counter(c.w, c.a, "tx_error_indication"), 0);
	world_free(c.w);
}

/* A forged error only leaves advice: the registration stays. */
static void an_error_indication_takes_nothing_down(void **state)
{
	struct cast c = story_begin(SEED);
	struct vector v = vector_load("14-error-auth-failure");
	uint8_t *copy = unit_exact_copy(v.bytes, v.len);

	(void)state;
	world_inject(c.w, c.a, HUB_NBMA, copy, v.len);
	free(copy);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "up");
	assert_cache(c.w, c.a, HUB, "state", "up");
	world_free(c.w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crash_of_the_hub_loses_no_entry),
		cmocka_unit_test(
			without_its_state_file_a_hub_adopts_the_kernels_entries),
		cmocka_unit_test(an_entry_that_ended_while_nobody_looked_is_removed),
		cmocka_unit_test(a_crash_of_a_spoke_keeps_its_shortcut),
		cmocka_unit_test(a_restarted_engine_uses_free_places_of_the_state_file),
		cmocka_unit_test(a_link_flap_writes_everything_again),
		cmocka_unit_test(a_device_that_comes_back_is_filled_again),
		cmocka_unit_test(lost_notifications_end_in_the_same_tables),
		cmocka_unit_test(
			a_station_that_comes_while_the_kernel_is_read_gets_its_route),
		cmocka_unit_test(an_entry_that_somebody_removed_is_written_again),
		cmocka_unit_test(routes_move_with_the_table_they_are_configured_for),
		cmocka_unit_test(a_reload_touches_only_what_changed),
		cmocka_unit_test(
			a_spoke_that_loses_a_server_in_a_reload_withdraws_there),
		cmocka_unit_test(a_partition_heals),
		cmocka_unit_test(no_damaged_packet_hurts_or_goes_uncounted),
		cmocka_unit_test(a_flood_of_bad_packets_gets_few_answers),
		cmocka_unit_test(no_error_is_answered_with_an_error),
		cmocka_unit_test(an_error_indication_takes_nothing_down),
	};

	return cmocka_run_group_tests_name("accidents", tests, NULL, NULL);
}
