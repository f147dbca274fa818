/* SPDX-License-Identifier: MIT */
/*
 * Stories of who is at the other end of an SA: behind NAT, two behind one, another
 * identity, and what each may claim. In none of them a packet leaves in clear.
 */
#include "story_ipsec.h"

#include "world_int.h"

/* --- NAT ------------------------------------------------------------------ */

static int natted(struct world *w, int number, const char *outside)
{
	char name[16], nbma[20], addr[20];

	snprintf(name, sizeof(name), "spoke%d", number);
	snprintf(nbma, sizeof(nbma), "10.99.0.%d", number);
	snprintf(addr, sizeof(addr), "10.0.0.%d/24", number);
	return world_add(w, &(struct node_spec){ .name = name,
						 .nbma = nbma,
						 .nat = outside,
						 .addr = addr,
						 .words = SECRET_EDGE });
}

static void a_spoke_behind_nat_is_not_called_but_calls(void **state)
{
	struct world *w = world_new(15);
	struct cast c = { .w = w };

	(void)state;
	c.hub = story_hub(w, SECRET_HUB);
	c.a = story_spoke(w, 2, SECRET_EDGE);
	c.b = natted(w, 3, "192.0.2.33");
	assert_true(world_until_nhs(w, 5, c.a, "up"));
	assert_true(world_until_nhs(w, 5, c.b, "up"));
	world_traffic(w, c.a, SPOKE_B);
	world_run_s(w, 2);
	assert_cache(w, c.a, SPOKE_B, "state", "up");
	assert_int_equal(world_arrived(w, c.b), 1);
	assert_int_equal(world_sas(w, c.a, c.b), 1);
	end(&c);
}

static void two_behind_different_nats_keep_to_the_hub_and_know_why(void **state)
{
	struct world *w = world_new(16);
	struct cast c = { .w = w };

	(void)state;
	c.hub = story_hub(w, SECRET_HUB);
	c.a = natted(w, 2, "192.0.2.22");
	c.b = natted(w, 3, "192.0.2.33");
	assert_true(world_until_nhs(w, 5, c.a, "up"));
	assert_true(world_until_nhs(w, 5, c.b, "up"));
	world_traffic(w, c.a, SPOKE_B);
	world_run_s(w, 2);
	assert_cache(w, c.a, SPOKE_B, "state", "refused");
	assert_int_equal(world_logged(w, c.a, "both ends are behind NAT") > 0, 1);
	end(&c);
}

static void two_sites_behind_nat_are_told_why_there_is_no_shortcut(void **state)
{
	static const char why[] = "both ends are behind NAT";
	const char *reason;

	(void)state;
	for (uint64_t seed = 30; seed < 40; seed++) {
		struct world *w = world_new(seed);
		struct cast c = { .w = w };
		struct explain_facts f;

		c.hub = story_hub(w, SECRET_HUB);
		c.a = natted(w, 2, "192.0.2.22");
		c.b = natted(w, 3, "192.0.2.33");
		story_lans(&c);
		assert_int_equal(world_data(w, c.a, A_HOST, B_HOST), 2);
		world_run_s(w, 2);
		reason = world_show(w, c.a, SHOW_SHORTCUTS, NULL, NULL, "reason");
		assert_string_equal(reason, why);
		f = world_facts(w, c.a, B_HOST);
		reason = world_explain(w, c.a, B_HOST, &f, "shortcut", "reason");
		assert_string_equal(reason, why);
		assert_int_equal(world_data(w, c.a, A_HOST, B_HOST), 2);
		end(&c);
	}
}

/* ... and the second does not make it hard for him by calling all the time. */
static void of_two_behind_one_nat_the_first_stays(void **state)
{
	struct world *w = world_new(17);
	struct cast c = { .w = w };

	(void)state;
	c.hub = story_hub(w, SECRET_HUB);
	c.a = natted(w, 2, "192.0.2.22");
	assert_true(world_until_nhs(w, 5, c.a, "up"));
	c.b = natted(w, 3, "192.0.2.22");
	for (int k = 0; k < 3000; k++) {
		world_run_ms(w, 20);
		assert_int_equal(world_cache_size(w, c.hub, "dynamic"), 1);
	}
	assert_in_range(world_counter(w, c.hub, "sas_refused_shared_address"), 3, 8);
	assert_string_equal(peer(&c, c.b, HUB_NBMA, "reason"),
			    "the peer ends each SA at once");
	assert_string_equal(world_nhs(w, c.a, "state"), "up");
	assert_string_equal(world_kernel(w, c.hub, SPOKE_A), "192.0.2.22");
	assert_string_equal(world_kernel(w, c.hub, SPOKE_B), "");
	assert_true(world_counter(w, c.hub, "sas_refused_shared_address") > 0);
	assert_string_equal(peer(&c, c.hub, "192.0.2.22", "turned_away"), "CN=spoke3");
	end(&c);
}

static void a_hub_whose_nat_lets_calls_in_is_called_again_after_a_loss(void **state)
{
	struct world *w = world_new(171);
	struct cast c = { .w = w };

	(void)state;
	c.hub = world_add(w, &(struct node_spec){ .name = "hub",
						  .nbma = "10.99.0.1",
						  .nat = HUB_NBMA,
						  .addr = HUB "/24",
						  .words = SECRET_HUB });
	world_nat_forwards(w, c.hub);
	c.a = story_spoke(w, 2, SECRET_EDGE);
	assert_true(world_until_nhs(w, 5, c.a, "up"));
	world_delete_sas(w, c.a, c.hub);
	assert_true(world_until_nhs(w, 5, c.a, "up"));
	end(&c);
}

static void of_two_sas_of_one_caller_the_responder_keeps_the_newest(void **state)
{
	struct cast c = begin(172);

	(void)state;
	world_delete_sas(c.w, c.a, c.hub);
	world_half_call(c.w, c.a, c.hub);
	assert_true(world_until_nhs(c.w, 5, c.a, "up"));
	world_run_s(c.w, 5);
	assert_int_equal(world_sas(c.w, c.a, c.hub), 1);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "up");
	assert_int_equal(world_data(c.w, c.b, B_HOST, A_HOST), 2);
	end(&c);
}

static void a_plain_tunnel_does_not_care_for_the_ike_daemon(void **state)
{
	struct cast c = story_begin(174);
	struct event ev = { EV_SA, .sa = { .fact = SA_READY } };

	(void)state;
	world_handle(world_node(c.w, c.hub), &ev);
	ev.sa.fact = SA_GONE;
	world_handle(world_node(c.w, c.hub), &ev);
	ev.sa.fact = SA_READY;
	world_handle(world_node(c.w, c.hub), &ev);
	world_run_s(c.w, 120);
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), A_NBMA);
	end(&c);
}

/* charon counts in whole seconds: a handshake that crosses one is no older for it. */
static void a_new_sa_is_new_whatever_its_age(void **state)
{
	struct cast c = begin(173);
	struct event ev = { EV_SA, .sa = { .fact = SA_UP,
					   .ifname = "gre1",
					   .local = unit_addr(A_NBMA),
					   .remote = unit_addr("198.51.100.44"),
					   .outer = unit_addr("198.51.100.44"),
					   .ike = 4000,
					   .child = 4000,
					   .fresh = true,
					   .age_s = 1,
					   .identity = "CN=other" } };

	(void)state;
	world_handle(world_node(c.w, c.a), &ev);
	assert_string_equal(peer(&c, c.a, "198.51.100.44", "state"), "answering");
	ev.sa.child = ev.sa.ike = 4001;
	ev.sa.remote = ev.sa.outer = unit_addr("198.51.100.45");
	ev.sa.fresh = false;
	world_handle(world_node(c.w, c.a), &ev);
	assert_string_equal(peer(&c, c.a, "198.51.100.45", "state"), "up");
	end(&c);
}

/* --- authority ------------------------------------------------------------ */

static void another_identity_may_not_take_an_address(void **state)
{
	struct cast c = begin(18);
	int thief = world_add(c.w, &(struct node_spec){ .name = "thief",
							.nbma = "198.51.100.66",
							.addr = SPOKE_A "/24",
							.words = SECRET_EDGE });

	(void)state;
	world_run_s(c.w, 30);
	assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), A_NBMA);
	assert_string_equal(world_nhs(c.w, thief, "state"), "refused");
	assert_int_equal(world_logged(c.w, c.hub,
				      "held by 'CN=spoke2', claimed by 'CN=thief'") > 0,
			 1);
	assert_true(world_counter(c.w, c.hub, "registrations_refused_identity") > 0);
	end(&c);
}

/* Its station is away, and the hub knows only from its state file whose it is. */
static void nor_may_it_after_restarts_of_the_hub(void **state)
{
	struct cast c = begin(24);
	int thief;

	(void)state;
	world_kill(c.w, c.a);
	world_delete_sas(c.w, c.hub, c.a);
	for (int k = 0; k < 2; k++) {
		world_kill(c.w, c.hub);
		world_start(c.w, c.hub);
		world_run_s(c.w, 2);
	}
	thief = world_add(c.w, &(struct node_spec){ .name = "thief",
						    .nbma = "198.51.100.66",
						    .addr = SPOKE_A "/24",
						    .words = SECRET_EDGE });
	world_run_s(c.w, 30);
	assert_cache(c.w, c.hub, SPOKE_A, "nbma", A_NBMA);
	assert_string_equal(world_nhs(c.w, thief, "state"), "refused");
	assert_true(world_counter(c.w, c.hub, "registrations_refused_identity") > 0);
	/* and its own identity has it at once, wherever it is */
	world_start(c.w, c.a);
	world_move(c.w, c.a, "192.0.2.77");
	assert_true(world_until(c.w, 5, c.hub, SPOKE_A, "nbma", "192.0.2.77"));
	assert_cache(c.w, c.hub, SPOKE_A, "identity", "CN=spoke2");
	end(&c);
}

/* Somebody else is at its address by the time the script has spoken. */
static void a_registration_that_waited_is_nobody_elses(void **state)
{
	struct world *w = world_new(25);
	struct cast c = { .w = w };

	(void)state;
	c.hub = story_hub(w, SECRET_HUB " script /site/hook");
	world_script(w, c.hub, "peer-register", NULL, HOOK_YES, 4000);
	c.a = story_spoke(w, 2, SECRET_EDGE);
	world_run_s(w, 2);
	world_kill(w, c.a);
	world_delete_sas(w, c.hub, c.a);
	world_identity(w, c.a, "CN=other");
	world_start(w, c.a);
	world_run_s(w, 3);
	assert_cache(w, c.hub, SPOKE_A, "type", "");
	assert_true(world_counter(w, c.hub, "drop_from_shared_address") > 0);
	/* what it says itself is taken as its own */
	assert_true(world_until(w, 30, c.hub, SPOKE_A, "identity", "CN=other"));
	end(&c);
}

static void the_same_identity_may_move_at_once(void **state)
{
	struct cast c = begin(19);

	(void)state;
	world_move(c.w, c.a, "192.0.2.77");
	assert_true(world_until(c.w, 2, c.hub, SPOKE_A, "nbma", "192.0.2.77"));
	assert_true(world_until_nhs(c.w, 1, c.a, "up"));
	end(&c);
}

static void an_identity_registers_only_what_it_is_authorised_for(void **state)
{
	struct world *w = world_new(20);
	struct cast c = { .w = w };

	(void)state;
	c.hub = story_hub(w, SECRET_HUB " authorize CN=spoke2 10.0.0.2/32");
	c.a = story_spoke(w, 2, SECRET_EDGE);
	c.b = story_spoke(w, 3, SECRET_EDGE);
	world_run_s(w, 3);
	assert_string_equal(world_nhs(w, c.a, "state"), "up");
	assert_string_equal(world_nhs(w, c.b, "state"), "refused");
	assert_string_equal(world_kernel(w, c.hub, SPOKE_B), "");
	end(&c);
}

/* Half of the network that is answered for is not enough. */
static void an_identity_answers_only_for_what_it_is_authorised_for(void **state)
{
	static const char *const lans[] = { "192.168.4.0/24", "192.168.3.0/25" };

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(lans); k++) {
		struct cast c = begin(21);
		char words[256];

		snprintf(words, sizeof(words),
			 SECRET_EDGE " authorize CN=hub 10.0.0.1/32 "
				     "authorize CN=spoke* 10.0.0.0/24 %s",
			 lans[k]);
		world_reload(c.w, c.a, words);
		assert_int_equal(world_data(c.w, c.a, A_HOST, B_HOST), 2);
		world_run_s(c.w, 2);
		assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "");
		assert_string_equal(world_show(c.w, c.a, SHOW_SHORTCUTS, NULL, NULL,
					       "reason"),
				    "its identity may not answer for this");
		assert_true(world_counter(c.w, c.a, "resolutions_refused_identity") >
			    0);
		end(&c);
	}
}

/* Its SA is there already when it is learnt once more. */
static void who_may_not_be_a_station_is_none_at_the_second_try_either(void **state)
{
	struct cast c = begin(23);

	(void)state;
	world_reload(c.w, c.a,
		     SECRET_EDGE " authorize CN=hub 10.0.0.1/32 "
				 "authorize CN=spoke* 192.168.0.0/16");
	world_traffic(c.w, c.b, SPOKE_A); /* b calls, and keeps the SA */
	world_run_s(c.w, 2);
	assert_int_equal(world_sas(c.w, c.a, c.b), 1);
	assert_cache(c.w, c.a, SPOKE_B, "state", "refused");
	world_run_s(c.w, 70);
	assert_int_equal(world_sas(c.w, c.a, c.b), 1);
	world_traffic(c.w, c.a, SPOKE_B);
	world_run_s(c.w, 2);
	assert_cache(c.w, c.a, SPOKE_B, "state", "refused");
	assert_cache(c.w, c.a, SPOKE_B, "reason",
		     "its identity may not answer for this");
	assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), "failed");
	end(&c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spoke_behind_nat_is_not_called_but_calls),
		cmocka_unit_test(
			two_behind_different_nats_keep_to_the_hub_and_know_why),
		cmocka_unit_test(
			two_sites_behind_nat_are_told_why_there_is_no_shortcut),
		cmocka_unit_test(of_two_behind_one_nat_the_first_stays),
		cmocka_unit_test(
			a_hub_whose_nat_lets_calls_in_is_called_again_after_a_loss),
		cmocka_unit_test(
			of_two_sas_of_one_caller_the_responder_keeps_the_newest),
		cmocka_unit_test(a_plain_tunnel_does_not_care_for_the_ike_daemon),
		cmocka_unit_test(a_new_sa_is_new_whatever_its_age),
		cmocka_unit_test(another_identity_may_not_take_an_address),
		cmocka_unit_test(nor_may_it_after_restarts_of_the_hub),
		cmocka_unit_test(a_registration_that_waited_is_nobody_elses),
		cmocka_unit_test(the_same_identity_may_move_at_once),
		cmocka_unit_test(an_identity_registers_only_what_it_is_authorised_for),
		cmocka_unit_test(
			an_identity_answers_only_for_what_it_is_authorised_for),
		cmocka_unit_test(
			who_may_not_be_a_station_is_none_at_the_second_try_either),
	};

	return cmocka_run_group_tests_name("ipsec who", tests, NULL, NULL);
}
