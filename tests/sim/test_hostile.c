/* SPDX-License-Identifier: MIT */
/*
 * What an adversary might get by with: the random stories have one (explore_hostile.c),
 * these are about what it was found to get by with, and what the world's own may do.
 */
#include "story.h"

#include "world_int.h"

#define SEED	  20260211
#define STRANGER  "10.0.0.66"
#define ELSEWHERE "192.0.2.66"
#define OTHER6	  "2001:db8::66"

/* --- another underlay -------------------------------------------------------------------- */

/* Well formed, and of an NBMA family that the tunnel has not. */
static struct packet *of_other_family(enum nhrp_type type, const char *src,
				      const char *dst)
{
	struct packet *p = calloc(1, sizeof(*p));
	struct ext *x;

	assert_non_null(p);
	packet_init(p, type, ADDR_IP6, ADDR_IP4);
	p->src_nbma = unit_addr(OTHER6);
	p->src_proto = unit_addr(src);
	p->dst_proto = unit_addr(dst);
	p->flags = NHRP_RES_SRC_STABLE;
	story_cie(p, OTHER6, src, 300)->prefix_len = 32;
	/* A server has passed it on: it is believed where the station is. */
	x = packet_add_ext(p, NHRP_EXT_FORWARD_TRANSIT, true, EXT_CIES);
	packet_ext_add_cie(p, x)->proto = unit_addr("10.0.0.77");
	return p;
}

static void no_station_is_where_the_device_does_not_reach(void **state)
{
	static const enum nhrp_type types[] = { NHRP_REGISTRATION_REQUEST,
						NHRP_RESOLUTION_REQUEST };
	struct cast c = story_begin(SEED);

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(types); k++) {
		story_inject(c.w, c.hub, ELSEWHERE,
			     of_other_family(types[k], STRANGER, HUB));
		assert_cache(c.w, c.hub, STRANGER, "type", "");
		assert_string_equal(world_kernel(c.w, c.hub, STRANGER), "");
	}
	assert_int_equal(world_counter(c.w, c.hub, "drop_bad_family"), 2);
	world_free(c.w);
}

/* --- round and round -------------------------------------------------------------------- */

/* A reply for nobody that tells its own way: through us, and from there to `back`. */
static struct packet *with_a_way(const char *through, const char *back, uint16_t mark)
{
	struct packet *p = story_packet(NHRP_PURGE_REPLY, ELSEWHERE, STRANGER, HUB);
	struct ext *x = packet_add_ext(p, NHRP_EXT_FORWARD_TRANSIT, true, EXT_CIES);
	struct cie *c = packet_ext_add_cie(p, x);

	c->proto = unit_addr("10.0.0.77");
	c->nbma = unit_addr(back);
	c = packet_ext_add_cie(p, x);
	c->proto = unit_addr(through);
	if (mark)
		packet_add_ext(p, mark, true, EXT_CIES);
	return p;
}

static void the_way_back_that_a_reply_tells_does_not_go_round(void **state)
{
	static const struct {
		const char *back;
		uint16_t mark;
		unsigned forwarded;
	} cases[] = {
		{ B_NBMA, NHRP_EXT_REVERSE_TRANSIT, 1 },
		/* To ourselves, and where it would not be known when it comes back. */
		{ HUB_NBMA, NHRP_EXT_REVERSE_TRANSIT, 0 },
		{ B_NBMA, NHRP_EXT_END, 0 },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct cast c = story_begin(SEED);

		story_inject(c.w, c.hub, A_NBMA,
			     with_a_way(HUB, cases[k].back, cases[k].mark));
		world_run_s(c.w, 1);
		assert_int_equal(world_counter(c.w, c.hub, "forwarded"),
				 cases[k].forwarded);
		world_free(c.w);
	}
}

/* --- our own address ----------------------------------------------------------------------- */

/* DHCP gave us what another station had until now. */
static void who_was_at_our_address_before_is_not_there_any_more(void **state)
{
	struct cast c = story_with_shortcut(SEED);

	(void)state;
	assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), B_NBMA);
	world_move(c.w, c.b, "198.51.100.77");
	world_move(c.w, c.a, B_NBMA);
	assert_cache(c.w, c.a, SPOKE_B, "type", "");
	assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), "");
	world_run_s(c.w, 10);
	world_traffic(c.w, c.a, SPOKE_B);
	assert_true(world_until(c.w, 5, c.a, SPOKE_B, "nbma", "198.51.100.77"));
	world_free(c.w);
}

static void nor_when_that_was_while_the_daemon_was_away(void **state)
{
	static const bool loses[] = { false, true };

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(loses); k++) {
		struct cast c = story_with_shortcut(SEED);

		world_kill(c.w, c.a);
		if (loses[k])
			world_lose_state(c.w, c.a);
		world_node(c.w, c.b)->nbma = unit_addr("198.51.100.77");
		world_node(c.w, c.a)->nbma = unit_addr(B_NBMA);
		world_forget_places(c.w);
		world_start(c.w, c.a);
		assert_cache(c.w, c.a, SPOKE_B, "type", "");
		assert_string_equal(world_kernel(c.w, c.a, SPOKE_B), "");
		world_free(c.w);
	}
}

/*
 * The holder of a contested address is asked where it was; who is there now, and is
 * not it, says so, and need not be waited for until the holding time is over.
 */
static void who_has_the_holders_address_now_does_not_hold_what_it_held(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	world_move(c.w, c.b, "198.51.100.77");
	world_move(c.w, c.a, B_NBMA);
	world_run_s(c.w, 10);
	assert_int_equal(world_logged(c.w, c.hub, "it is not at " B_NBMA), 1);
	assert_cache(c.w, c.hub, SPOKE_B, "nbma", "198.51.100.77");
	assert_cache(c.w, c.hub, SPOKE_A, "nbma", B_NBMA);
	world_free(c.w);
}

/* Of a station of ours that moved away, asking for it where it was. */
static uint32_t id_of_the_question(struct cast *c)
{
	world_cut(c->w, c->hub, c->b, true);
	world_move(c->w, c->b, "198.51.100.77");
	world_cut(c->w, c->hub, c->b, false);
	while (world_logged(c->w, c->hub, "asking the holder") == 0)
		world_run_ms(c->w, 10);
	return world_node(c->w, c->hub)->engine->requests->id;
}

static void only_from_there_comes_an_answer_to_that(void **state)
{
	static const struct {
		const char *from;
		bool is_there;
		const char *logged;
	} cases[] = {
		{ ELSEWHERE, true, "no answer from " B_NBMA },
		{ ELSEWHERE, false, "no answer from " B_NBMA },
		{ B_NBMA, true, "its holder at " B_NBMA " answers" },
		{ B_NBMA, false, "it is not at " B_NBMA },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct cast c = story_begin(SEED);
		struct packet *p =
			story_packet(NHRP_RESOLUTION_REPLY, HUB_NBMA, HUB, SPOKE_B);

		p->request_id = id_of_the_question(&c);
		story_cie(p, B_NBMA, SPOKE_B, 300)->code =
			cases[k].is_there ? NHRP_CODE_SUCCESS : NHRP_CODE_NO_BINDING;
		story_inject(c.w, c.hub, cases[k].from, p);
		world_run_ms(c.w, 2500);
		assert_int_equal(world_logged(c.w, c.hub, cases[k].logged), 1);
		world_free(c.w);
	}
}

/* A station of another make may say so with an error. */
static void an_error_from_there_is_an_answer_too(void **state)
{
	struct cast c = story_begin(SEED);
	struct packet *p = story_packet(NHRP_ERROR_INDICATION, B_NBMA, SPOKE_A, HUB);
	struct packet *asked =
		story_packet(NHRP_RESOLUTION_REQUEST, HUB_NBMA, HUB, SPOKE_B);
	uint8_t pdu[PKT_MAX_LEN];

	(void)state;
	asked->request_id = id_of_the_question(&c);
	p->payload_len = (uint16_t)packet_encode(asked, pdu, sizeof(pdu));
	p->payload = pdu;
	p->error_code = NHRP_ERR_UNREACHABLE;
	story_inject(c.w, c.hub, B_NBMA, p);
	assert_int_equal(world_logged(c.w, c.hub, "it is not at " B_NBMA), 1);
	world_run_s(c.w, 10);
	assert_cache(c.w, c.hub, SPOKE_B, "nbma", "198.51.100.77");
	free(asked);
	world_free(c.w);
}

/* --- what a station says of itself --------------------------------------------------------- */

static uint8_t registers(struct cast *c, const char *proto, const char *claimed)
{
	struct packet *p = story_packet(NHRP_REGISTRATION_REQUEST, claimed, proto, HUB);

	story_cie(p, NULL, NULL, 300);
	story_inject(c->w, c->hub, ELSEWHERE, p);
	return world_last_sent(c->w, c->hub)->cies[0].code;
}

/* Of two addresses of one station: the last word counts, whichever it is about. */
static void one_word_that_was_changed_locks_nobody_out(void **state)
{
	struct cast c = story_begin(SEED);
	struct packet *p = story_packet(NHRP_PURGE_REQUEST, ELSEWHERE, STRANGER, HUB);

	(void)state;
	assert_int_equal(registers(&c, STRANGER, ELSEWHERE), NHRP_CODE_SUCCESS);
	assert_int_equal(registers(&c, "10.0.0.67", ELSEWHERE), NHRP_CODE_SUCCESS);
	assert_int_equal(registers(&c, STRANGER, "192.0.2.67"), NHRP_CODE_SUCCESS);
	story_cie(p, NULL, STRANGER, 0)->prefix_len = 32;
	story_inject(c.w, c.hub, ELSEWHERE, p);
	assert_cache(c.w, c.hub, STRANGER, "type", "");
	assert_int_equal(registers(&c, "10.0.0.67", ELSEWHERE), NHRP_CODE_SUCCESS);
	assert_int_equal(registers(&c, STRANGER, ELSEWHERE), NHRP_CODE_SUCCESS);
	world_free(c.w);
}

/* --- the world's adversary --------------------------------------------------------------------- */

static uint64_t drops_of(const struct cast *c, int node)
{
	return world_counter(c->w, node, "drop_bad_checksum") +
	       world_counter(c->w, node, "drop_truncated") +
	       world_counter(c->w, node, "drop_bad_size");
}

static void what_is_changed_on_its_way_is_dropped_and_asked_for_again(void **state)
{
	const struct tampering t = { .percent = 60, .hold_most_s = 600 };
	struct cast c = story_begin(SEED);
	uint64_t dropped = 0;

	(void)state;
	world_tampers(c.w, &t);
	for (int n = 0; n < 40; n++) {
		world_drop(c.w, c.a, CMD_PURGE, NULL);
		world_run_s(c.w, 20);
	}
	dropped = drops_of(&c, c.hub) + drops_of(&c, c.a);
	assert_true(dropped > 0);
	assert_true(c.w->mischief[MISCHIEF_MENDED] > 0);
	world_heal_network(c.w);
	assert_true(world_until_nhs(c.w, 120, c.a, "up"));
	world_free(c.w);
}

/* Where there is a profile the adversary is not heard; the world makes sure. */
static void without_an_sa_nothing_is_said(void **state)
{
	struct world *w = world_new(SEED);
	int hub = story_hub(w, "holding-time 600 ipsec lab");
	int a = story_spoke(w, 2, SPOKE_WORDS " ipsec lab");
	struct packet *p =
		story_packet(NHRP_REGISTRATION_REQUEST, ELSEWHERE, STRANGER, HUB);
	uint8_t pdu[PKT_MAX_LEN];
	size_t len;

	(void)state;
	assert_true(world_until_nhs(w, 5, a, "up"));
	story_cie(p, NULL, NULL, 300);
	len = packet_encode(p, pdu, sizeof(pdu));
	world_forge(w, hub, ELSEWHERE, true, pdu, len);
	assert_int_equal(world_counter(w, hub, "drop_received_without_sa"), 1);
	assert_int_equal(w->mischief[MISCHIEF_UNSEALED], 1);
	free(p);
	world_free(w);
}

/* It may say that a server passed its words on, and is believed where it is then. */
static void nobody_puts_an_address_where_another_station_is(void **state)
{
	struct world *w = world_new(SEED);
	int hub =
		story_hub(w, "holding-time 600 ipsec certs authorize CN=hub 0.0.0.0/0 "
			     "authorize CN=spoke2 10.0.0.2/32 "
			     "authorize CN=spoke3 10.0.0.3/32");
	int a = story_spoke(w, 2, SPOKE_WORDS " ipsec certs");
	int b = story_spoke(w, 3, SPOKE_WORDS " ipsec certs");
	struct packet *p =
		story_packet(NHRP_REGISTRATION_REQUEST, B_NBMA, SPOKE_A, HUB);

	(void)state;
	assert_true(world_until_nhs(w, 5, a, "up"));
	assert_true(world_until_nhs(w, 5, b, "up"));
	story_cie(p, NULL, NULL, 300);
	packet_ext_add_cie(p,
			   packet_add_ext(p, NHRP_EXT_FORWARD_TRANSIT, true, EXT_CIES))
		->proto = unit_addr("10.0.0.77");
	story_inject(w, hub, A_NBMA, p);
	assert_string_equal(world_kernel(w, hub, SPOKE_A), A_NBMA);
	assert_int_equal(world_counter(w, hub, "registrations_refused_identity"), 1);
	world_free(w);
}

static void a_packet_comes_again_as_it_was(void **state)
{
	struct world *w = world_new(SEED);
	int hub, a;
	uint64_t heard;

	(void)state;
	world_tapes(w);
	hub = story_hub(w, "holding-time 600");
	a = story_spoke(w, 2, SPOKE_WORDS);
	assert_true(world_until_nhs(w, 5, a, "up"));
	heard = world_counter(w, hub, "rx_packets") + world_counter(w, a, "rx_packets");
	for (int n = 0; n < 10; n++)
		world_replay(w, -1, ELSEWHERE);
	world_run_s(w, 1);
	assert_true(world_counter(w, hub, "rx_packets") +
			    world_counter(w, a, "rx_packets") >=
		    heard + 10);
	assert_string_equal(world_nhs(w, a, "state"), "up");
	world_free(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_station_is_where_the_device_does_not_reach),
		cmocka_unit_test(the_way_back_that_a_reply_tells_does_not_go_round),
		cmocka_unit_test(who_was_at_our_address_before_is_not_there_any_more),
		cmocka_unit_test(nor_when_that_was_while_the_daemon_was_away),
		cmocka_unit_test(
			who_has_the_holders_address_now_does_not_hold_what_it_held),
		cmocka_unit_test(only_from_there_comes_an_answer_to_that),
		cmocka_unit_test(an_error_from_there_is_an_answer_too),
		cmocka_unit_test(one_word_that_was_changed_locks_nobody_out),
		cmocka_unit_test(
			what_is_changed_on_its_way_is_dropped_and_asked_for_again),
		cmocka_unit_test(without_an_sa_nothing_is_said),
		cmocka_unit_test(nobody_puts_an_address_where_another_station_is),
		cmocka_unit_test(a_packet_comes_again_as_it_was),
	};

	return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
