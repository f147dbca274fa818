/* SPDX-License-Identifier: MIT */
/*
 * Whatever a peer can cause to be said may not be said any more once the lines for
 * that are used up, by a flood say; what is done is the same. Each story is told
 * twice: aloud, to see that its lines are written, and hushed.
 */
#include "story.h"

#include "world_int.h"

#include <errno.h>

#define SEED 20260117

static void two_sites_meet_and_part(struct world *w)
{
	struct cast c = { .w = w };

	c.hub = story_hub(w, HUB_WORDS);
	c.a = story_spoke(w, 2, EDGE_WORDS);
	c.b = story_spoke(w, 3, EDGE_WORDS);
	story_lans(&c);
	assert_int_equal(world_data(w, c.a, A_HOST, B_HOST), 2);
	world_run_s(w, 1);
	assert_string_equal(world_shortcut(w, c.a, B_LAN), SPOKE_B);
	world_unroute(w, c.b, B_LAN);
	world_run_s(w, 1);
	assert_string_equal(world_shortcut(w, c.a, B_LAN), "");
	world_refuse_neigh(w, c.a, SPOKE_B, ENOBUFS);
	world_stop(w, c.b);
	world_run_s(w, 5);
	assert_cache(w, c.a, SPOKE_B, "type", "");
}

/* Spoke 2, two that claim its address, and its end. */
static void an_address_is_contested(struct world *w)
{
	int hub = story_hub(w, "holding-time 600"), a = story_spoke(w, 2, SPOKE_WORDS);
	int thief;

	world_run_s(w, 1);
	thief = world_add(w, &(struct node_spec){ .name = "thief",
						  .nbma = "192.0.2.66",
						  .addr = SPOKE_A "/24",
						  .words = SPOKE_WORDS });
	world_run_s(w, 10);
	assert_cache(w, hub, SPOKE_A, "nbma", A_NBMA);
	world_kill(w, a);
	assert_true(world_until_nhs(w, 300, thief, "up"));
	assert_cache(w, hub, SPOKE_A, "nbma", "192.0.2.66");
}

static void a_key_is_wrong(struct world *w)
{
	int spoke;

	story_hub(w, "holding-time 600 authentication right");
	spoke = story_spoke(w, 2, SPOKE_WORDS " authentication left");
	world_run_s(w, 5);
	assert_string_equal(world_nhs(w, spoke, "state"), "registering");
}

static void packets_are_damaged(struct world *w)
{
	static const uint8_t rubbish[40] = { 1 };
	int hub = story_hub(w, "holding-time 600");

	world_inject(w, hub, "192.0.2.99", rubbish, sizeof(rubbish));
	assert_int_equal(world_counter(w, hub, "rx_packets"), 1);
}

static void an_identity_claims_what_is_anothers(struct world *w)
{
	static const char edge[] = SPOKE_WORDS " ipsec lab";
	int hub = story_hub(w, "holding-time 600 ipsec lab"), thief;

	story_spoke(w, 2, edge);
	world_run_s(w, 2);
	thief = world_add(w, &(struct node_spec){ .name = "thief",
						  .nbma = "198.51.100.66",
						  .addr = SPOKE_A "/24",
						  .words = edge });
	world_run_s(w, 10);
	assert_string_equal(world_nhs(w, thief, "state"), "refused");
	assert_cache(w, hub, SPOKE_A, "identity", "CN=spoke2");
}

static void two_come_from_behind_one_nat(struct world *w)
{
	static const char edge[] = SPOKE_WORDS " ipsec lab";
	int hub = story_hub(w, "holding-time 600 ipsec lab");

	world_add(w, &(struct node_spec){ "one", "192.168.7.2", "192.0.2.22",
					  SPOKE_A "/24", edge });
	world_run_s(w, 2);
	world_add(w, &(struct node_spec){ "two", "192.168.7.3", "192.0.2.22",
					  SPOKE_B "/24", edge });
	world_run_s(w, 10);
	assert_true(world_counter(w, hub, "sas_refused_shared_address") > 0);
}

static void a_certificate_tells(struct world *w)
{
	int hub =
		story_hub(w, "holding-time 600 ipsec certs authorize CN=* certificate");
	int a = story_spoke(w, 2, SPOKE_WORDS " ipsec certs");

	world_certificate(w, a, SPOKE_A "/32", 5);
	assert_true(world_until_nhs(w, 20, a, "up"));
	assert_cache(w, hub, SPOKE_A, "type", "dynamic");
}

static void the_script_says_no(struct world *w)
{
	struct cast c = { .w = w };

	c.hub = story_hub(w, "holding-time 600 script /etc/nhrpd/hook");
	world_script(w, c.hub, "peer-register", SPOKE_B, HOOK_NO, 10);
	world_script(w, c.hub, "peer-up", SPOKE_A, HOOK_NO, 10);
	c.a = story_spoke(w, 2, SPOKE_WORDS);
	c.b = story_spoke(w, 3, SPOKE_WORDS);
	world_run_s(w, 2);
	assert_string_equal(world_nhs(w, c.b, "state"), "refused");
	assert_int_equal(world_counter(w, c.hub, "peers_refused_by_script"), 1);
}

static const struct {
	void (*story)(struct world *w);
	const char *line;
} lines[] = {
	{ two_sites_meet_and_part, "binding 10.0.0.2 on gre1: dynamic at" },
	{ two_sites_meet_and_part, "binding 10.0.0.3 on gre1: ended (" },
	{ two_sites_meet_and_part, "shortcut 192.168.3.0/24 on gre1 via 10.0.0.3: up" },
	{ two_sites_meet_and_part,
	  "shortcut 192.168.3.0/24 on gre1 via 10.0.0.3: ended" },
	{ two_sites_meet_and_part, "answer 192.168.3.0/24 on gre1: withdrawn" },
	{ two_sites_meet_and_part, "the kernel refused the neighbour 10.0.0.3" },
	{ an_address_is_contested, "refused: unique address already registered" },
	{ an_address_is_contested, "also claimed by 192.0.2.66: asking the holder" },
	{ an_address_is_contested, "its holder at 198.51.100.2 answers" },
	{ an_address_is_contested, "no answer from 198.51.100.2" },
	{ a_key_is_wrong, "wrong or missing authentication key" },
	{ a_key_is_wrong, "authentication failure" },
	{ packets_are_damaged, "packet from 192.0.2.99 dropped" },
	{ an_identity_claims_what_is_anothers, "peer 198.51.100.2 on gre1: " },
	{ an_identity_claims_what_is_anothers,
	  "held by 'CN=spoke2', claimed by 'CN=thief'" },
	{ two_come_from_behind_one_nat, "'CN=two' came from the address of 'CN=one'" },
	{ a_certificate_tells, "may claim by its certificate: 10.0.0.2/32" },
	{ the_script_says_no, "refused: " },
	{ the_script_says_no, "not used: " },
};

static unsigned said(void (*story)(struct world *w), const char *line, bool hushed)
{
	struct world *w = world_new(SEED);
	unsigned times = 0;

	if (hushed)
		world_hush(w);
	story(w);
	for (int node = 0; node < w->count; node++)
		times += world_logged(w, node, line);
	world_free(w);
	return times;
}

static void what_a_peer_can_cause_is_not_said_without_end(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(lines); k++) {
		if (said(lines[k].story, lines[k].line, false) == 0)
			fail_msg("was never said: %s", lines[k].line);
		if (said(lines[k].story, lines[k].line, true) != 0)
			fail_msg("was said without a line left: %s", lines[k].line);
	}
}

/* What was left out is counted, and the next line that may be written says so. */
static void how_much_was_left_out_is_said(void **state)
{
	static const uint8_t rubbish[40] = { 1 };
	struct cast c = story_begin(SEED);

	(void)state;
	for (int k = 0; k < 500; k++)
		world_inject(c.w, c.hub, "192.0.2.99", rubbish, sizeof(rubbish));
	assert_in_range(world_logged(c.w, c.hub, "packet from 192.0.2.99"), 1, 100);
	assert_int_equal(world_logged(c.w, c.hub, "left out"), 0);
	world_run_s(c.w, 1);
	world_inject(c.w, c.hub, "192.0.2.99", rubbish, sizeof(rubbish));
	assert_int_equal(world_logged(c.w, c.hub, "lines caused by peers left out"), 1);
	world_free(c.w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_peer_can_cause_is_not_said_without_end),
		cmocka_unit_test(how_much_was_left_out_is_said),
	};

	return cmocka_run_group_tests_name("hushed", tests, NULL, NULL);
}
