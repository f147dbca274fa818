/* SPDX-License-Identifier: MIT */
/*
 * What charon tells, in every order: of tunnels that are not ours, of SAs that
 * nobody has, twice, and of several that one peer has.
 */
#include "story.h"

#include "world_int.h"

#define SEED	    20260122
#define SECRET_HUB  HUB_WORDS " ipsec lab"
#define SECRET_EDGE EDGE_WORDS " ipsec lab"
#define BY_CERT	    " ipsec certs authorize CN=* certificate"
#define C_NBMA	    "198.51.100.44"

static void end(struct cast *c)
{
	assert_int_equal(world_clear(c->w), 0);
	world_free(c->w);
}

static const char *peer(const struct cast *c, int node, const char *nbma,
			const char *key)
{
	return world_show(c->w, node, SHOW_PEERS, "nbma", nbma, key);
}

static struct cast begin(void)
{
	struct cast c = { .w = world_new(SEED) };

	c.hub = story_hub(c.w, SECRET_HUB);
	c.a = story_spoke(c.w, 2, SECRET_EDGE);
	assert_true(world_until_nhs(c.w, 5, c.a, "up"));
	return c;
}

/* An SA of the hub with somebody at C_NBMA, in the words of charon. */
static struct ev_sa fact(enum sa_fact what, uint32_t ike, uint32_t child)
{
	return (struct ev_sa){ .fact = what,
			       .ifname = "gre1",
			       .local = unit_addr(HUB_NBMA),
			       .remote = unit_addr(C_NBMA),
			       .outer = unit_addr(C_NBMA),
			       .ike = ike,
			       .child = child,
			       .initiator_spi = child,
			       .identity = "CN=other" };
}

static void tell(const struct cast *c, struct ev_sa sa)
{
	world_handle(world_node(c->w, c->hub), &(struct event){ EV_SA, .sa = sa });
}

/* --- nothing of ours ------------------------------------------------------ */

static void what_is_told_of_a_tunnel_that_is_not_ours_is_ignored(void **state)
{
	static const char *const names[] = { "gre7", "lan0" };
	static const enum sa_fact facts[] = { SA_UP, SA_DOWN, SA_FAILED, SA_AUTHORITY };
	struct cast c = begin();
	size_t peers = world_rows(c.w, c.hub, SHOW_PEERS);

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(names) * ARRAY_SIZE(facts); k++) {
		struct ev_sa sa = fact(facts[k % ARRAY_SIZE(facts)], 900, 900);

		sa.ifname = names[k / ARRAY_SIZE(facts)];
		sa.reason = "for no reason";
		tell(&c, sa);
	}
	assert_int_equal(world_rows(c.w, c.hub, SHOW_PEERS), peers);
	assert_string_equal(peer(&c, c.hub, A_NBMA, "state"), "up");
	end(&c);
}

static void what_is_told_of_nobody_is_ignored(void **state)
{
	static const enum sa_fact facts[] = { SA_DOWN,	SA_REKEYED, SA_IKE_REKEYED,
					      SA_MOVED, SA_FAILED,  SA_AUTHORITY };
	struct cast c = begin();

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(facts); k++) {
		struct ev_sa sa = fact(facts[k], 900, 901);

		sa.old = 899;
		sa.reason = "for no reason";
		tell(&c, sa);
	}
	assert_string_equal(peer(&c, c.hub, C_NBMA, "nbma"), "");
	assert_string_equal(peer(&c, c.hub, A_NBMA, "rekeys"), "0");
	end(&c);
}

/* A tunnel that has none yet, or any more. */
static void facts_about_no_sa_at_all_are_ignored(void **state)
{
	struct cast c = { .w = world_new(SEED) };

	(void)state;
	c.hub = story_hub(c.w, SECRET_HUB);
	tell(&c, fact(SA_MOVED, 900, 901));
	tell(&c, fact(SA_IKE_REKEYED, 900, 901));
	assert_int_equal(world_rows(c.w, c.hub, SHOW_PEERS), 0);
	/* Nor does another profile find anybody to be called with. */
	world_reload(c.w, c.hub, HUB_WORDS " ipsec certs");
	world_reload(c.w, c.hub, HUB_WORDS);
	assert_int_equal(world_rows(c.w, c.hub, SHOW_PEERS), 0);
	end(&c);
}

static void a_rekey_that_is_told_twice_counts_once(void **state)
{
	struct cast c = begin();
	struct ev_sa sa;

	(void)state;
	tell(&c, fact(SA_UP, 900, 901));
	sa = fact(SA_REKEYED, 900, 902);
	sa.old = 901;
	tell(&c, sa);
	tell(&c, sa);
	assert_string_equal(peer(&c, c.hub, C_NBMA, "rekeys"), "1");
	assert_string_equal(peer(&c, c.hub, C_NBMA, "child_id"), "902");
	/* The number of another one that is there is none to be taken. */
	tell(&c, fact(SA_UP, 903, 904));
	sa.old = 904;
	tell(&c, sa);
	assert_string_equal(peer(&c, c.hub, C_NBMA, "sas"), "2");
	assert_string_equal(peer(&c, c.hub, C_NBMA, "rekeys"), "1");
	end(&c);
}

/* --- several of one peer -------------------------------------------------- */

static void of_two_sas_one_may_move_and_the_other_stays(void **state)
{
	struct cast c = begin();
	struct ev_sa sa;

	(void)state;
	tell(&c, fact(SA_UP, 900, 901));
	tell(&c, fact(SA_UP, 910, 911));
	for (uint32_t ike = 900; ike <= 910; ike += 10) {
		sa = fact(SA_MOVED, ike, 0);
		sa.remote = sa.outer = unit_addr("198.51.100.55");
		tell(&c, sa);
		assert_string_equal(peer(&c, c.hub, "198.51.100.55", "sas"),
				    ike == 900 ? "1" : "2");
		assert_string_equal(peer(&c, c.hub, "198.51.100.55", "identity"),
				    "CN=other");
	}
	/* Nobody may come back to there. */
	assert_string_equal(peer(&c, c.hub, C_NBMA, "state"), "lost");
	world_run_s(c.w, 60);
	assert_string_equal(peer(&c, c.hub, C_NBMA, "sas"), "");
	end(&c);
}

/* What is known of an SA by whoever asks for its counters: only of one. */
static void of_two_sas_none_is_the_only_one(void **state)
{
	struct cast c = begin();
	struct explain_facts f;
	struct addr hub = unit_addr(HUB);
	struct explain_ask ask;
	struct ev_sa sa = fact(SA_UP, 900, 901);

	(void)state;
	f = world_facts(c.w, c.a, HUB);
	ask = engine_explain_ask(world_node(c.w, c.a)->engine, &hub, &f);
	assert_int_equal(ask.what, EXPLAIN_SA);
	/* Once it was asked for it is not again. */
	f.sa_known = true;
	ask = engine_explain_ask(world_node(c.w, c.a)->engine, &hub, &f);
	assert_int_equal(ask.what, EXPLAIN_NOTHING);
	f.sa_known = false;
	sa.local = unit_addr(A_NBMA);
	sa.remote = sa.outer = unit_addr(HUB_NBMA);
	sa.identity = "CN=hub";
	world_handle(world_node(c.w, c.a), &(struct event){ EV_SA, .sa = sa });
	ask = engine_explain_ask(world_node(c.w, c.a)->engine, &hub, &f);
	assert_int_equal(ask.what, EXPLAIN_NOTHING);
	end(&c);
}

/* --- who is there --------------------------------------------------------- */

/* The packets of the one who was turned away could be taken for the other's. */
static void while_a_stranger_is_at_an_address_nothing_from_there_is_heard(void **state)
{
	struct cast c = begin();
	struct ev_sa sa = fact(SA_UP, 900, 901);
	struct packet *p;

	(void)state;
	sa.remote = sa.outer = unit_addr(A_NBMA);
	tell(&c, sa);
	p = story_packet(NHRP_REGISTRATION_REQUEST, A_NBMA, "10.0.0.9", HUB);
	story_cie(p, NULL, NULL, 300);
	story_inject(c.w, c.hub, A_NBMA, unit_exact_copy(p, sizeof(*p)));
	assert_int_equal(world_counter(c.w, c.hub, "drop_from_shared_address"), 1);
	assert_string_equal(peer(&c, c.hub, A_NBMA, "turned_away"), "CN=other");
	/* Its SA is gone: whoever is heard is the first again. */
	sa.fact = SA_DOWN;
	tell(&c, sa);
	story_inject(c.w, c.hub, A_NBMA, p);
	assert_int_equal(world_counter(c.w, c.hub, "drop_from_shared_address"), 1);
	assert_cache(c.w, c.hub, "10.0.0.9", "identity", "CN=spoke2");
	end(&c);
}

/* That its end is never told of is no reason to be deaf for ever. */
static void a_stranger_is_forgotten_after_a_while(void **state)
{
	struct cast c = begin();
	struct ev_sa sa = fact(SA_UP, 900, 901);

	(void)state;
	sa.remote = sa.outer = unit_addr(A_NBMA);
	tell(&c, sa);
	world_run_s(c.w, 599);
	assert_string_equal(peer(&c, c.hub, A_NBMA, "turned_away"), "CN=other");
	assert_cache(c.w, c.hub, SPOKE_A, "type", "dynamic");
	assert_string_equal(world_nhs(c.w, c.a, "state"), "up");
	world_run_s(c.w, 2);
	assert_string_equal(peer(&c, c.hub, A_NBMA, "turned_away"), "");
	end(&c);
}

/* A mapped station is where its map says, whoever proves to be there. */
static void another_identity_takes_learnt_entries_along_and_no_mapped_ones(void **state)
{
	struct cast c = { .w = world_new(SEED) };
	struct ev_sa sa;

	(void)state;
	c.hub = story_hub(c.w, SECRET_HUB " map 10.0.0.55/32 " A_NBMA);
	c.a = story_spoke(c.w, 2, SECRET_EDGE);
	assert_true(world_until(c.w, 5, c.hub, SPOKE_A, "type", "dynamic"));
	world_kill(c.w, c.a);
	world_delete_sas(c.w, c.hub, c.a);
	sa = fact(SA_UP, 900, 901);
	sa.remote = sa.outer = unit_addr(A_NBMA);
	tell(&c, sa);
	assert_cache(c.w, c.hub, SPOKE_A, "type", "");
	assert_cache(c.w, c.hub, "10.0.0.55", "type", "static");
	assert_cache(c.w, c.hub, "10.0.0.55", "identity", "CN=other");
	/* Nor does a mapped one follow when the SA moves. */
	sa = fact(SA_MOVED, 900, 0);
	tell(&c, sa);
	assert_cache(c.w, c.hub, "10.0.0.55", "nbma", A_NBMA);
	end(&c);
}

/* --- certificates --------------------------------------------------------- */

static struct cast begin_certified(const char *blocks)
{
	struct cast c = { .w = world_new(SEED) };

	c.hub = story_hub(c.w, HUB_WORDS BY_CERT);
	c.a = story_spoke(c.w, 2, SPOKE_WORDS " ipsec certs");
	world_certificate(c.w, c.a, blocks, 5);
	world_run_s(c.w, 2);
	return c;
}

#define MAY_CLAIM "'CN=spoke2' may claim by its certificate"

static void a_certificate_that_is_found_again_is_no_news(void **state)
{
	static const struct {
		const char *blocks, *again;
		bool news;
	} cases[] = {
		{ "10.0.0.2/32", "10.0.0.2/32", false },
		{ "10.0.0.2/32 192.168.2.0/24", "10.0.0.2/32 192.168.2.0/24", false },
		{ "10.0.0.2/32 192.168.2.0/24", "10.0.0.2/32 192.168.3.0/24", true },
		{ "10.0.0.2/32", "10.0.0.2/32 192.168.2.0/24", true },
		{ "", "", false },
		{ "", "10.0.0.2/32", true },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct cast c = begin_certified(cases[k].blocks);
		unsigned said =
			world_logged(c.w, c.hub, "peer " A_NBMA " on gre1: " MAY_CLAIM);

		assert_int_equal(said, 1);
		world_certificate(c.w, c.a, cases[k].again, 5);
		world_certificate_told(c.w, c.a);
		world_run_ms(c.w, 100);
		said = world_logged(c.w, c.hub, "peer " A_NBMA " on gre1: " MAY_CLAIM);
		assert_int_equal(said, cases[k].news ? 2 : 1);
		end(&c);
	}
}

/* Why one gives nothing may be another reason the next time. */
static void another_reason_for_nothing_is_news(void **state)
{
	struct cast c = begin_certified("");
	struct ev_sa sa = fact(SA_AUTHORITY, 0, 0);

	(void)state;
	sa.remote = sa.outer = unit_addr(A_NBMA);
	sa.identity = "CN=spoke2";
	sa.reason = "there are two of them";
	tell(&c, sa);
	assert_string_equal(peer(&c, c.hub, A_NBMA, "authority"),
			    "none: there are two of them");
	/* Of another identity it says nothing. */
	sa.identity = "CN=other";
	sa.reason = "it is somebody else's";
	tell(&c, sa);
	assert_string_equal(peer(&c, c.hub, A_NBMA, "authority"),
			    "none: there are two of them");
	end(&c);
}

/* Of one that ended in the meantime neither. */
static void a_certificate_of_who_is_gone_is_of_no_use(void **state)
{
	struct cast c = { .w = world_new(SEED) };
	struct prefix block = unit_prefix(SPOKE_A "/32");
	struct ev_sa sa = fact(SA_AUTHORITY, 0, 0);

	(void)state;
	c.hub = story_hub(c.w, HUB_WORDS BY_CERT " map 10.0.0.55/32 " A_NBMA);
	sa.remote = sa.outer = unit_addr(A_NBMA);
	sa.identity = "CN=spoke2";
	sa.prefixes = &block;
	sa.prefix_count = 1;
	sa.valid_s = 100;
	tell(&c, sa);
	assert_string_equal(peer(&c, c.hub, A_NBMA, "nbma"), A_NBMA);
	assert_string_equal(peer(&c, c.hub, A_NBMA, "authority"), "");
	end(&c);
}

static void of_a_long_certificate_the_rest_is_counted(void **state)
{
	struct cast c = begin_certified("");
	struct prefix blocks[100];
	struct ev_sa sa = fact(SA_AUTHORITY, 0, 0);
	char text[20];

	(void)state;
	for (unsigned k = 0; k < ARRAY_SIZE(blocks); k++) {
		snprintf(text, sizeof(text), "192.168.%u.0/24", 100 + k);
		blocks[k] = unit_prefix(text);
	}
	sa.remote = sa.outer = unit_addr(A_NBMA);
	sa.identity = "CN=spoke2";
	sa.prefixes = blocks;
	sa.prefix_count = ARRAY_SIZE(blocks);
	sa.valid_s = 100;
	tell(&c, sa);
	assert_non_null(strstr(peer(&c, c.hub, A_NBMA, "authority"),
			       "192.168.100.0/24 192.168.101.0/24"));
	assert_non_null(strstr(peer(&c, c.hub, A_NBMA, "authority"), " more"));
	end(&c);
}

/* The registration that waited for it came by a device that is gone. */
static void what_waits_for_a_certificate_ends_with_the_device(void **state)
{
	struct cast c = { .w = world_new(SEED) };

	(void)state;
	c.hub = story_hub(c.w, HUB_WORDS BY_CERT);
	c.a = story_spoke(c.w, 2, SPOKE_WORDS " ipsec certs");
	world_certificate(c.w, c.a, SPOKE_A "/32", 2000);
	world_run_s(c.w, 1);
	world_link(c.w, c.hub, false);
	world_run_s(c.w, 3);
	assert_int_equal(world_counter(c.w, c.hub,
				       "drop_registration_waits_for_certificate"),
			 1);
	assert_cache(c.w, c.hub, SPOKE_A, "type", "");
	end(&c);
}

/* --- before it says anything ---------------------------------------------------------- */

/* What led there goes on, by whichever of its traces the predecessor is known. */
static void what_is_in_the_kernel_alone_waits_for_its_word_too(void **state)
{
	static const bool loses[] = { false, true };

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(loses); k++) {
		struct cast c = begin();

		world_kill(c.w, c.hub);
		if (loses[k])
			world_lose_state(c.w, c.hub);
		world_charon(c.w, c.hub, false);
		world_start(c.w, c.hub);
		world_run_s(c.w, 5);
		assert_string_equal(world_kernel(c.w, c.hub, SPOKE_A), A_NBMA);
		assert_string_equal(peer(&c, c.hub, A_NBMA, "state"), "unknown");
		end(&c);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_told_of_a_tunnel_that_is_not_ours_is_ignored),
		cmocka_unit_test(what_is_told_of_nobody_is_ignored),
		cmocka_unit_test(facts_about_no_sa_at_all_are_ignored),
		cmocka_unit_test(a_rekey_that_is_told_twice_counts_once),
		cmocka_unit_test(of_two_sas_one_may_move_and_the_other_stays),
		cmocka_unit_test(of_two_sas_none_is_the_only_one),
		cmocka_unit_test(
			while_a_stranger_is_at_an_address_nothing_from_there_is_heard),
		cmocka_unit_test(a_stranger_is_forgotten_after_a_while),
		cmocka_unit_test(
			another_identity_takes_learnt_entries_along_and_no_mapped_ones),
		cmocka_unit_test(a_certificate_that_is_found_again_is_no_news),
		cmocka_unit_test(another_reason_for_nothing_is_news),
		cmocka_unit_test(a_certificate_of_who_is_gone_is_of_no_use),
		cmocka_unit_test(of_a_long_certificate_the_rest_is_counted),
		cmocka_unit_test(what_waits_for_a_certificate_ends_with_the_device),
		cmocka_unit_test(what_is_in_the_kernel_alone_waits_for_its_word_too),
	};

	return cmocka_run_group_tests_name("charon", tests, NULL, NULL);
}
