/* SPDX-License-Identifier: MIT */
/*
 * Stories of certificates: their address blocks say who may register what and
 * answer for which LAN, and somebody always waits to hear of them.
 */
#include "story.h"

#define BY_CERT \
	" ipsec certs authorize CN=hub 0.0.0.0/0 authorize CN=spoke* certificate"
#define CERT_HUB   HUB_WORDS BY_CERT
#define CERT_EDGE  EDGE_WORDS BY_CERT
#define A_BLOCKS   "10.0.0.2/32 192.168.2.0/24"
#define B_BLOCKS   "10.0.0.3/32 192.168.3.0/24"
#define NOT_BEYOND "its certificate does not cover this: see show peers"

static void end(struct cast *c)
{
	assert_int_equal(world_clear(c->w), 0);
	world_free(c->w);
}

static const char *peer(struct cast *c, int node, const char *nbma, const char *key)
{
	return world_show(c->w, node, SHOW_PEERS, "nbma", nbma, key);
}

static const char *shortcut(struct cast *c, int node, const char *key)
{
	return world_show(c->w, node, SHOW_SHORTCUTS, NULL, NULL, key);
}

/* A hub and a spoke whose certificate is found so long after its SA. */
static struct cast begin(uint64_t seed, const char *blocks, int delay_ms)
{
	struct cast c = { .w = world_new(seed) };

	c.hub = story_hub(c.w, CERT_HUB);
	c.a = story_spoke(c.w, 2, CERT_EDGE);
	world_certificate(c.w, c.a, blocks, delay_ms);
	return c;
}

/* ... and a second one, with LANs, registered. */
static struct cast begin_sites(uint64_t seed, const char *b_blocks, int b_delay_ms)
{
	struct cast c = begin(seed, A_BLOCKS, 5);

	c.b = story_spoke(c.w, 3, CERT_EDGE);
	world_certificate(c.w, c.b, b_blocks, 5);
	world_lan(c.w, c.a, "192.168.2.0/24");
	world_lan(c.w, c.b, B_LAN);
	world_route_via(c.w, c.a, "192.168.0.0/16", HUB);
	world_route_via(c.w, c.b, "192.168.0.0/16", HUB);
	world_route_via(c.w, c.hub, "192.168.2.0/24", SPOKE_A);
	world_route_via(c.w, c.hub, B_LAN, SPOKE_B);
	assert_true(world_until_nhs(c.w, 5, c.a, "up"));
	assert_true(world_until_nhs(c.w, 5, c.b, "up"));
	world_certificate(c.w, c.b, b_blocks, b_delay_ms);
	return c;
}

/* --- registration ---------------------------------------------------------------- */

static void a_spoke_registers_what_its_certificate_gives_and_nothing_else(void **state)
{
	struct cast c = begin(1, A_BLOCKS, 5);

	(void)state;
	c.b = story_spoke(c.w, 3, CERT_EDGE);
	world_certificate(c.w, c.b, "10.0.0.4/32 192.168.3.0/24", 5);
	assert_true(world_until_nhs(c.w, 2, c.a, "up"));
	assert_true(world_until_nhs(c.w, 2, c.b, "refused"));
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), A_NBMA);
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_B), "");
	assert_true(world_counter(c.w, c.hub, "registrations_refused_certificate") > 0);
	assert_true(world_logged(c.w, c.hub,
				 "registration of 10.0.0.3 from 198.51.100.3 "
				 "('CN=spoke3') refused: its certificate does not give "
				 "it this address") > 0);
	assert_true(world_logged(c.w, c.hub,
				 "'CN=spoke3' may claim by its certificate: "
				 "10.0.0.4/32 192.168.3.0/24") > 0);
	assert_string_equal(peer(&c, c.hub, A_NBMA, "authority"),
			    "10.0.0.2/32 192.168.2.0/24");
	/* who is not asked for one has none to be shown */
	assert_string_equal(peer(&c, c.a, HUB_NBMA, "authority"), "");
	end(&c);
}

/* The first request is answered: nobody has to send it again. */
static void a_registration_waits_until_the_certificate_is_found(void **state)
{
	struct cast c = begin(2, A_BLOCKS, 600);

	(void)state;
	world_run_ms(c.w, 500);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "registering");
	assert_string_equal(peer(&c, c.hub, A_NBMA, "authority"), "not known yet");
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), "");
	world_run_ms(c.w, 400);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "up");
	assert_int_equal(world_counter(c.w, c.hub, "rx_registration_request"), 1);
	end(&c);
}

/* Of several that were sent meanwhile the last one is answered. */
static void without_a_word_about_it_nothing_is_refused(void **state)
{
	struct cast c = begin(3, A_BLOCKS, -1);

	(void)state;
	world_run_s(c.w, 12);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "registering");
	assert_true(world_counter(c.w, c.hub,
				  "drop_registration_waits_for_certificate") > 0);
	world_certificate(c.w, c.a, A_BLOCKS, 0);
	world_certificate_told(c.w, c.a);
	assert_true(world_until_nhs(c.w, 9, c.a, "up"));
	assert_int_equal(world_counter(c.w, c.hub, "registrations_refused_certificate"),
			 0);
	end(&c);
}

static void what_waited_for_too_long_is_not_answered_any_more(void **state)
{
	struct cast c = begin(4, A_BLOCKS, -1);
	unsigned sent;

	(void)state;
	world_run_ms(c.w, 500);
	world_cut(c.w, c.a, c.hub, true);
	world_run_s(c.w, 6);
	world_certificate(c.w, c.a, A_BLOCKS, 0);
	world_certificate_told(c.w, c.a);
	sent = (unsigned)world_counter(c.w, c.hub, "tx_registration_reply");
	world_run_ms(c.w, 10);
	assert_int_equal(world_counter(c.w, c.hub, "tx_registration_reply"), sent);
	end(&c);
}

static void a_certificate_that_is_not_found_gives_nothing_and_that_is_said(void **state)
{
	struct cast c = begin(5, "", 5);

	(void)state;
	assert_true(world_until_nhs(c.w, 2, c.a, "refused"));
	assert_string_equal(peer(&c, c.hub, A_NBMA, "authority"),
			    "none: it was not found");
	assert_true(world_logged(c.w, c.hub,
				 "may claim by its certificate: none: it was not "
				 "found") > 0);
	world_certificate(c.w, c.a, A_BLOCKS, 0);
	world_certificate_told(c.w, c.a);
	assert_true(world_until_nhs(c.w, 10, c.a, "up"));
	end(&c);
}

/* Before it is known, what the earlier one gave does not count. */
static void a_new_sa_is_a_new_certificate(void **state)
{
	struct cast c = begin(6, A_BLOCKS, 5);

	(void)state;
	assert_true(world_until_nhs(c.w, 2, c.a, "up"));
	world_certificate(c.w, c.a, "10.0.0.9/32", 5);
	world_delete_sas(c.w, c.a, c.hub);
	assert_string_equal(peer(&c, c.hub, A_NBMA, "authority"), "not known yet");
	assert_true(world_until_nhs(c.w, 5, c.a, "refused"));
	end(&c);
}

static void a_certificate_that_ends_gives_nothing_any_more(void **state)
{
	struct cast c = begin(7, A_BLOCKS, 5);

	(void)state;
	world_certificate_ends(c.w, c.a, 60);
	assert_true(world_until_nhs(c.w, 2, c.a, "up"));
	world_run_s(c.w, 59);
	assert_string_equal(peer(&c, c.hub, A_NBMA, "authority"), A_BLOCKS);
	world_run_s(c.w, 2);
	assert_string_equal(peer(&c, c.hub, A_NBMA, "authority"),
			    "none: its certificate has expired");
	/* what it has registered stays as long as that was granted for */
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), A_NBMA);
	world_run_s(c.w, 600);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "refused");
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), "");
	end(&c);
}

static void a_restarted_hub_refuses_nobody_it_does_not_know_yet(void **state)
{
	struct cast c = begin(8, A_BLOCKS, 5);

	(void)state;
	assert_true(world_until_nhs(c.w, 2, c.a, "up"));
	world_kill(c.w, c.hub);
	world_certificate(c.w, c.a, A_BLOCKS, 2000);
	world_start(c.w, c.hub);
	world_kill(c.w, c.a);
	world_start(c.w, c.a);
	world_run_s(c.w, 1);
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), A_NBMA);
	assert_true(world_until_nhs(c.w, 5, c.a, "up"));
	assert_int_equal(world_counter(c.w, c.hub, "registrations_refused_certificate"),
			 0);
	end(&c);
}

static void what_a_certificate_gives_moves_along_with_its_sa(void **state)
{
	struct cast c = { .w = world_new(14) };

	(void)state;
	c.hub = story_hub(c.w, CERT_HUB);
	c.a = world_add(c.w, &(struct node_spec){ .name = "spoke2",
						  .nbma = "10.99.0.2",
						  .nat = "192.0.2.22",
						  .addr = SPOKE_A "/24",
						  .words = CERT_EDGE });
	world_certificate(c.w, c.a, A_BLOCKS, 5);
	world_certificate_ends(c.w, c.a, 100);
	assert_true(world_until_nhs(c.w, 2, c.a, "up"));
	world_rebind(c.w, c.a, "192.0.2.77");
	world_run_ms(c.w, 600);
	assert_string_equal(peer(&c, c.hub, "192.0.2.77", "authority"), A_BLOCKS);
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), "192.0.2.77");
	world_run_s(c.w, 60);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "up");
	assert_int_equal(world_counter(c.w, c.hub, "registrations_refused_certificate"),
			 0);
	/* ... and ends when it did before */
	world_run_s(c.w, 50);
	assert_string_equal(peer(&c, c.hub, "192.0.2.77", "authority"),
			    "none: its certificate has expired");
	end(&c);
}

/* --- the networks behind it ----------------------------------------------- */

static void a_shortcut_leads_to_a_lan_that_the_certificate_gives(void **state)
{
	struct cast c = begin_sites(9, B_BLOCKS, 5);

	(void)state;
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	world_run_s(c.w, 2);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 1);
	end(&c);
}

static void an_answer_for_another_lan_makes_no_shortcut(void **state)
{
	struct cast c = begin_sites(10, "10.0.0.3/32 192.168.4.0/24", 5);

	(void)state;
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	world_run_s(c.w, 2);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	assert_string_equal(shortcut(&c, c.a, "state"), "refused");
	assert_string_equal(shortcut(&c, c.a, "reason"), NOT_BEYOND);
	assert_true(world_counter(c.w, c.a, "resolutions_refused_certificate") > 0);
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	end(&c);
}

static void a_shortcut_waits_for_the_certificate_of_its_station(void **state)
{
	struct cast c = begin_sites(11, B_BLOCKS, 1000);
	struct explain_facts f;

	(void)state;
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	world_run_ms(c.w, 600);
	assert_int_equal(world_sas(c.w, c.a, c.b), 1);
	assert_string_equal(shortcut(&c, c.a, "state"), "securing");
	assert_string_equal(shortcut(&c, c.a, "reason"),
			    "waits for its station's certificate");
	assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), "");
	f = world_facts(c.w, c.a, SPOKE_B);
	assert_string_equal(world_explain(c.w, c.a, SPOKE_B, &f, "verdict", "verdict"),
			    "no_certificate");
	f = world_facts(c.w, c.a, B_HOST);
	assert_string_equal(world_explain(c.w, c.a, B_HOST, &f, "verdict", "verdict"),
			    "shortcut_securing");
	world_run_s(c.w, 1);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
	assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), B_NBMA);
	end(&c);
}

static void a_shortcut_ends_with_the_certificate_that_gave_it(void **state)
{
	struct cast c = begin_sites(12, B_BLOCKS, 5);

	(void)state;
	world_certificate_ends(c.w, c.b, 30);
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	world_run_s(c.w, 2);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), SPOKE_B);
	world_run_s(c.w, 30);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	end(&c);
}

static void a_restarted_spoke_keeps_its_shortcut_until_it_knows(void **state)
{
	struct cast c = begin_sites(13, B_BLOCKS, 5);

	(void)state;
	assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
	world_run_s(c.w, 2);
	world_kill(c.w, c.a);
	world_certificate(c.w, c.b, B_BLOCKS, 1000);
	world_start(c.w, c.a);
	for (int k = 0; k < 30; k++) {
		world_run_ms(c.w, 100);
		assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 1);
	}
	end(&c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_spoke_registers_what_its_certificate_gives_and_nothing_else),
		cmocka_unit_test(a_registration_waits_until_the_certificate_is_found),
		cmocka_unit_test(without_a_word_about_it_nothing_is_refused),
		cmocka_unit_test(what_waited_for_too_long_is_not_answered_any_more),
		cmocka_unit_test(
			a_certificate_that_is_not_found_gives_nothing_and_that_is_said),
		cmocka_unit_test(a_new_sa_is_a_new_certificate),
		cmocka_unit_test(a_certificate_that_ends_gives_nothing_any_more),
		cmocka_unit_test(a_restarted_hub_refuses_nobody_it_does_not_know_yet),
		cmocka_unit_test(what_a_certificate_gives_moves_along_with_its_sa),
		cmocka_unit_test(a_shortcut_leads_to_a_lan_that_the_certificate_gives),
		cmocka_unit_test(an_answer_for_another_lan_makes_no_shortcut),
		cmocka_unit_test(a_shortcut_waits_for_the_certificate_of_its_station),
		cmocka_unit_test(a_shortcut_ends_with_the_certificate_that_gave_it),
		cmocka_unit_test(a_restarted_spoke_keeps_its_shortcut_until_it_knows),
	};

	return cmocka_run_group_tests_name("authority", tests, NULL, NULL);
}
