/* SPDX-License-Identifier: MIT */
/*
 * Requests as other implementations may make them, or nobody should: registrations,
 * resolutions and purges, of every shape that is well formed.
 */
#include "story.h"

#include "world_int.h"

#define SEED	  20260119
#define STRANGER  "10.0.0.66"
#define ELSEWHERE "192.0.2.66"

static uint64_t count_of(const struct cast *c, int node, const char *name)
{
	return world_counter(c->w, node, name);
}

static const struct packet *sent(const struct cast *c, int node)
{
	return world_last_sent(c->w, node);
}

/* --- registrations -------------------------------------------------------- */

static const struct {
	const char *name;
	const char *from; /* NULL: the adapter does not know */
	const char *nbma, *proto;
	uint8_t prefix_len;
	uint8_t code;
	const char *learnt_at; /* the address that is registered then; NULL: none */
} registrations[] = {
	{ "whole", ELSEWHERE, ELSEWHERE, STRANGER, 32, 0, ELSEWHERE },
	{ "as short as can be", ELSEWHERE, NULL, NULL, 0, 0, ELSEWHERE },
	{ "only this address", ELSEWHERE, NULL, NULL, NHRP_PREFIX_ONLY_THIS, 0,
	  ELSEWHERE },
	{ "a network", ELSEWHERE, NULL, NULL, 24, NHRP_CODE_PROHIBITED, NULL },
	{ "from who knows where", NULL, ELSEWHERE, STRANGER, 32, 0, ELSEWHERE },
	{ "of a group", ELSEWHERE, NULL, "224.0.0.66", 32, NHRP_CODE_PROHIBITED, NULL },
	{ "of everybody", ELSEWHERE, NULL, "255.255.255.255", 32, NHRP_CODE_PROHIBITED,
	  NULL },
	{ "of the hub", ELSEWHERE, NULL, HUB, 32, NHRP_CODE_PROHIBITED, NULL },
	{ "of the hub's outside", ELSEWHERE, NULL, HUB_NBMA, 32, NHRP_CODE_PROHIBITED,
	  NULL },
	{ "of its own outside", ELSEWHERE, NULL, ELSEWHERE, 32, NHRP_CODE_PROHIBITED,
	  NULL },
	{ "at a group", NULL, "224.0.0.66", STRANGER, 32, NHRP_CODE_PROHIBITED, NULL },
	{ "at the hub", NULL, HUB_NBMA, STRANGER, 32, NHRP_CODE_PROHIBITED, NULL },
	{ "of a mapped address", ELSEWHERE, NULL, "10.0.0.55", 32, NHRP_CODE_PROHIBITED,
	  NULL },
	{ "where the map has it", "192.0.2.55", NULL, "10.0.0.55", 32, 0, NULL },
};

static void each_registration_is_judged(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(registrations); k++) {
		struct cast c = { .w = world_new(SEED) };
		struct packet *p = story_packet(NHRP_REGISTRATION_REQUEST, ELSEWHERE,
						STRANGER, HUB);
		struct cie *cie = story_cie(p, registrations[k].nbma,
					    registrations[k].proto, 300);
		const char *learnt_at = registrations[k].learnt_at;

		c.hub = story_hub(c.w, "holding-time 600 map 10.0.0.55/32 192.0.2.55");
		cie->prefix_len = registrations[k].prefix_len;
		story_inject(c.w, c.hub, registrations[k].from, p);
		assert_int_equal(sent(&c, c.hub)->type, NHRP_REGISTRATION_REPLY);
		if (sent(&c, c.hub)->cies[0].code != registrations[k].code ||
		    strcmp(world_cache(c.w, c.hub, STRANGER, "nbma"),
			   learnt_at ? learnt_at : "") != 0)
			fail_msg("%s: %s, at %s", registrations[k].name,
				 packet_cie_code_str(sent(&c, c.hub)->cies[0].code),
				 world_cache(c.w, c.hub, STRANGER, "nbma"));
		world_free(c.w);
	}
}

static void a_registration_of_nothing_is_an_error(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	story_inject(c.w, c.hub, ELSEWHERE,
		     story_packet(NHRP_REGISTRATION_REQUEST, ELSEWHERE, STRANGER, HUB));
	assert_int_equal(count_of(&c, c.hub, "drop_no_client_information"), 1);
	assert_int_equal(sent(&c, c.hub)->type, NHRP_ERROR_INDICATION);
	assert_int_equal(sent(&c, c.hub)->error_code, NHRP_ERR_PROTOCOL);
	/* Where nobody knows whence it came nobody is told. */
	story_inject(c.w, c.hub, NULL,
		     story_packet(NHRP_REGISTRATION_REQUEST, ELSEWHERE, STRANGER, HUB));
	assert_int_equal(count_of(&c, c.hub, "drop_no_client_information"), 2);
	assert_int_equal(count_of(&c, c.hub, "tx_error_indication"), 1);
	world_free(c.w);
}

/* A client that knows no server names itself, or everybody (5.2.3). */
static void who_asks_for_any_server_is_told_which_one_answers(void **state)
{
	static const char *const dsts[] = { STRANGER, "224.0.0.1", "255.255.255.255" };

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(dsts); k++) {
		struct cast c = story_begin(SEED);
		struct packet *p = story_packet(NHRP_REGISTRATION_REQUEST, ELSEWHERE,
						STRANGER, dsts[k]);

		story_cie(p, NULL, NULL, 300);
		story_inject(c.w, c.hub, ELSEWHERE, p);
		assert_string_equal(ADDR_STR(&sent(&c, c.hub)->dst_proto), HUB);
		assert_cache(c.w, c.hub, STRANGER, "type", "dynamic");
		world_free(c.w);
	}
}

/* Type 9 is Cisco's for NAT, and RFC 2735's for what a device can. */
static void what_a_device_can_is_not_taken_for_nat(void **state)
{
	static const uint8_t able[4] = { 0, 0, 0, 1 };
	struct cast c = story_begin(SEED);
	struct packet *p =
		story_packet(NHRP_REGISTRATION_REQUEST, "192.168.7.9", STRANGER, HUB);
	struct ext *x = packet_add_ext(p, NHRP_EXT_NAT, false, EXT_RAW);

	(void)state;
	x->raw = able;
	x->raw_len = sizeof(able);
	story_cie(p, NULL, NULL, 300);
	story_inject(c.w, c.hub, ELSEWHERE, p);
	assert_cache(c.w, c.hub, STRANGER, "nbma", ELSEWHERE);
	assert_int_equal(sent(&c, c.hub)->exts[0].form, EXT_RAW);
	assert_int_equal(sent(&c, c.hub)->exts[0].raw_len, sizeof(able));
	world_free(c.w);
}

static struct packet *of_another_family(void)
{
	struct packet *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	packet_init(p, NHRP_REGISTRATION_REQUEST, ADDR_IP4, ADDR_IP6);
	p->src_nbma = unit_addr(ELSEWHERE);
	p->src_proto = p->dst_proto = unit_addr("fd00::66");
	return p;
}

/* A hub that has no address of this family cannot say whose answer it is. */
static void who_registers_in_another_family_is_answered_without_a_name(void **state)
{
	struct cast c = story_begin(SEED);
	struct packet *p = of_another_family();

	(void)state;
	packet_add_ext(p, NHRP_EXT_RESPONDER, true, EXT_CIES);
	story_cie(p, NULL, NULL, 300);
	story_inject(c.w, c.hub, ELSEWHERE, p);
	assert_int_equal(sent(&c, c.hub)->type, NHRP_REGISTRATION_REPLY);
	assert_string_equal(ADDR_STR(&sent(&c, c.hub)->dst_proto), "fd00::66");
	assert_int_equal(sent(&c, c.hub)->exts[0].type, NHRP_EXT_RESPONDER);
	assert_int_equal(sent(&c, c.hub)->exts[0].cie_count, 0);
	world_free(c.w);
}

/* Nor can it tell what is wrong with a packet of that family. */
static void no_error_is_told_in_another_family(void **state)
{
	struct cast c = story_begin(SEED);
	struct packet *p = of_another_family();

	(void)state;
	story_inject(c.w, c.hub, ELSEWHERE, p);
	assert_int_equal(count_of(&c, c.hub, "drop_no_client_information"), 1);
	assert_int_equal(count_of(&c, c.hub, "tx_error_indication"), 0);
	world_free(c.w);
}

static void a_source_that_can_be_nobodys_is_dropped(void **state)
{
	static const struct {
		const char *from, *proto;
	} cases[] = {
		{ ELSEWHERE, "224.0.0.66" },
		{ ELSEWHERE, "255.255.255.255" },
		{ "224.0.0.66", STRANGER },
		{ "255.255.255.255", STRANGER },
	};
	struct cast c = story_begin(SEED);

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct packet *p = story_packet(NHRP_REGISTRATION_REQUEST, ELSEWHERE,
						cases[k].proto, HUB);

		story_cie(p, NULL, NULL, 300);
		story_inject(c.w, c.hub, cases[k].from, p);
		assert_int_equal(count_of(&c, c.hub, "drop_bad_source"), k + 1);
	}
	assert_int_equal(world_cache_size(c.w, c.hub, "dynamic"), 2);
	world_free(c.w);
}

/* --- resolutions ---------------------------------------------------------- */

static struct packet *question(const char *nbma, const char *src, const char *dst,
			       uint16_t flags)
{
	struct packet *p = story_packet(NHRP_RESOLUTION_REQUEST, nbma, src, dst);

	p->flags = flags;
	packet_add_ext(p, NHRP_EXT_RESPONDER, true, EXT_CIES);
	packet_add_ext(p, NHRP_EXT_FORWARD_TRANSIT, true, EXT_CIES);
	packet_add_ext(p, NHRP_EXT_REVERSE_TRANSIT, true, EXT_CIES);
	packet_add_ext(p, NHRP_EXT_NAT, false, EXT_CIES);
	return p;
}

/* Who does not insist on the station itself is answered from what is registered. */
static void a_server_answers_for_a_station_when_it_may(void **state)
{
	struct cast c = story_begin(SEED);
	const struct packet *reply;

	(void)state;
	world_run_s(c.w, 100);
	story_inject(c.w, c.hub, A_NBMA, question(A_NBMA, SPOKE_A, SPOKE_B, 0));
	assert_int_equal(count_of(&c, c.hub, "resolutions_answered"), 1);
	assert_int_equal(count_of(&c, c.hub, "forwarded"), 0);
	reply = sent(&c, c.hub);
	assert_int_equal(reply->type, NHRP_RESOLUTION_REPLY);
	assert_false(reply->flags & NHRP_RES_AUTHORITATIVE);
	assert_string_equal(ADDR_STR(&reply->cies[0].nbma), B_NBMA);
	assert_string_equal(ADDR_STR(&reply->cies[0].proto), SPOKE_B);
	/* Not for longer than it is registered. */
	assert_in_range(reply->cies[0].hold_s, 400, 600);
	/* Who was answered is told of its end. */
	world_stop(c.w, c.b);
	world_run_s(c.w, 1);
	assert_int_equal(count_of(&c, c.a, "rx_purge_request"), 1);
	world_free(c.w);
}

static void who_insists_is_answered_by_the_station(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	story_inject(c.w, c.hub, A_NBMA,
		     question(A_NBMA, SPOKE_A, SPOKE_B, NHRP_RES_AUTHORITATIVE));
	assert_int_equal(count_of(&c, c.hub, "resolutions_answered"), 0);
	world_run_s(c.w, 1);
	assert_int_equal(count_of(&c, c.b, "resolutions_answered"), 1);
	world_free(c.w);
}

static void a_servers_answer_has_both_addresses_of_a_station_behind_nat(void **state)
{
	struct cast c = { .w = world_new(SEED) };
	const struct packet *reply;

	(void)state;
	c.hub = story_hub(c.w, "holding-time 600");
	c.b = world_add(c.w, &(struct node_spec){ "b", "192.168.7.3", "198.51.100.33",
						  SPOKE_B "/24", SPOKE_WORDS, false });
	world_run_s(c.w, 1);
	story_inject(c.w, c.hub, A_NBMA, question(A_NBMA, SPOKE_A, SPOKE_B, 0));
	reply = sent(&c, c.hub);
	assert_string_equal(ADDR_STR(&reply->cies[0].nbma), "192.168.7.3");
	assert_int_equal(reply->exts[3].type, NHRP_EXT_NAT);
	assert_int_equal(reply->exts[3].cie_count, 1);
	assert_string_equal(ADDR_STR(&reply->cies[reply->exts[3].first_cie].nbma),
			    "198.51.100.33");
	world_free(c.w);
}

/* Who does not know the extension is told what the station says of itself. */
static void without_the_extension_an_answer_has_the_claimed_address_alone(void **state)
{
	struct cast c = { .w = world_new(SEED) };

	(void)state;
	c.hub = story_hub(c.w, "holding-time 600");
	c.b = world_add(c.w, &(struct node_spec){ "b", "192.168.7.3", "198.51.100.33",
						  SPOKE_B "/24", SPOKE_WORDS, false });
	world_run_s(c.w, 1);
	story_inject(c.w, c.hub, A_NBMA,
		     story_packet(NHRP_RESOLUTION_REQUEST, A_NBMA, SPOKE_A, SPOKE_B));
	assert_string_equal(ADDR_STR(&sent(&c, c.hub)->cies[0].nbma), "192.168.7.3");
	assert_int_equal(sent(&c, c.hub)->ext_count, 0);
	world_free(c.w);
}

/* The first that answers is the responder; who says so already is believed. */
static void a_responder_that_is_named_already_stays_the_only_one(void **state)
{
	struct cast c = story_begin(SEED);
	struct packet *p = question(A_NBMA, SPOKE_A, HUB, 0);
	const struct ext *x;

	(void)state;
	packet_ext_add_cie(p, packet_find_ext(p, NHRP_EXT_RESPONDER))->proto =
		unit_addr("10.3.0.1");
	story_inject(c.w, c.hub, A_NBMA, p);
	x = &sent(&c, c.hub)->exts[0];
	assert_int_equal(x->type, NHRP_EXT_RESPONDER);
	assert_int_equal(x->cie_count, 1);
	assert_string_equal(ADDR_STR(&sent(&c, c.hub)->cies[x->first_cie].proto),
			    "10.3.0.1");
	world_free(c.w);
}

/* One of the configuration is there for ever: it is told for the holding time. */
static void a_server_answers_for_a_mapped_station_too(void **state)
{
	struct cast c = { .w = world_new(SEED) };

	(void)state;
	c.hub = story_hub(c.w, "holding-time 600 map 10.0.0.55/32 192.0.2.55");
	story_inject(c.w, c.hub, A_NBMA, question(A_NBMA, SPOKE_A, "10.0.0.55", 0));
	assert_int_equal(sent(&c, c.hub)->cies[0].hold_s, 600);
	assert_string_equal(ADDR_STR(&sent(&c, c.hub)->cies[0].nbma), "192.0.2.55");
	/* Not what it is asked by that station itself. */
	story_inject(c.w, c.hub, "192.0.2.55",
		     question("192.0.2.55", "10.0.0.55", "10.0.0.55", 0));
	assert_int_equal(sent(&c, c.hub)->cies[0].code, NHRP_CODE_NO_BINDING);
	world_free(c.w);
}

/* The answering station learns who asks, if that says for how long it holds (6.2.1). */
static void who_asks_is_learnt_only_if_it_says_so(void **state)
{
	static const struct {
		const char *name;
		const char *from;
		uint16_t flags;
		bool has_cie;
		uint16_t hold_s;
		const char *learnt_at;
	} cases[] = {
		{ "all of it", A_NBMA, NHRP_RES_SRC_STABLE, true, 300, A_NBMA },
		{ "not stable", A_NBMA, 0, true, 300, "" },
		{ "nothing about itself", A_NBMA, NHRP_RES_SRC_STABLE, false, 0, "" },
		{ "not for any time", A_NBMA, NHRP_RES_SRC_STABLE, true, 0, "" },
		{ "from elsewhere", ELSEWHERE, NHRP_RES_SRC_STABLE, true, 300,
		  ELSEWHERE },
		{ "from who knows where", NULL, NHRP_RES_SRC_STABLE, true, 300,
		  A_NBMA },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct cast c = story_begin(SEED);
		struct packet *p = question(A_NBMA, SPOKE_A, SPOKE_B, cases[k].flags);

		if (cases[k].has_cie)
			story_cie(p, NULL, NULL, cases[k].hold_s);
		story_inject(c.w, c.b, cases[k].from, p);
		if (strcmp(world_cache(c.w, c.b, SPOKE_A, "nbma"),
			   cases[k].learnt_at) != 0)
			fail_msg("%s: at %s", cases[k].name,
				 world_cache(c.w, c.b, SPOKE_A, "nbma"));
		/* It is answered in any case: back, or by a server. */
		assert_int_equal(count_of(&c, c.b, "tx_resolution_reply"), 1);
		world_free(c.w);
	}
}

static void an_answer_that_has_no_way_back_is_not_sent(void **state)
{
	struct cast c = story_begin(SEED);

	(void)state;
	story_inject(c.w, c.hub, NULL, question(ELSEWHERE, STRANGER, HUB, 0));
	assert_int_equal(count_of(&c, c.hub, "resolutions_answered"), 1);
	assert_int_equal(count_of(&c, c.hub, "tx_resolution_reply"), 0);
	world_free(c.w);
}

/* So many that there is no room for an answer: then there is none. */
static void a_question_full_of_records_is_not_answered(void **state)
{
	static const char *const dsts[] = { HUB, "10.0.0.99" };

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(dsts); k++) {
		struct cast c = story_begin(SEED);
		struct packet *p = question(ELSEWHERE, STRANGER, dsts[k], 0);
		uint64_t before = count_of(&c, c.hub, "tx_packets");

		while (p->cie_used < PKT_MAX_CIES)
			packet_ext_add_cie(p,
					   packet_find_ext(p, NHRP_EXT_FORWARD_TRANSIT))
				->proto = unit_addr("10.3.0.1");
		story_inject(c.w, c.hub, ELSEWHERE, p);
		assert_int_equal(count_of(&c, c.hub, "rx_resolution_request"), 1);
		assert_int_equal(count_of(&c, c.hub, "tx_packets"), before);
		world_free(c.w);
	}
}

/* --- on the way to others ------------------------------------------------- */

static void what_has_no_hop_left_goes_no_further(void **state)
{
	struct cast c = story_begin(SEED);
	struct packet *p = question(A_NBMA, SPOKE_A, SPOKE_B, NHRP_RES_AUTHORITATIVE);

	(void)state;
	p->hops = 1;
	story_inject(c.w, c.hub, A_NBMA, p);
	assert_int_equal(count_of(&c, c.hub, "drop_hop_count_exceeded"), 1);
	assert_int_equal(sent(&c, c.hub)->type, NHRP_ERROR_INDICATION);
	assert_int_equal(sent(&c, c.hub)->error_code, NHRP_ERR_HOP_COUNT);
	assert_int_equal(count_of(&c, c.hub, "forwarded"), 0);
	world_free(c.w);
}

/* The error quotes as much of it as fits: it has to pass as well. */
static void what_does_not_fit_the_device_is_an_error(void **state)
{
	static const uint16_t mtus[] = { 80, 600, 1280 };

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(mtus); k++) {
		struct cast c = story_begin(SEED);
		struct packet *p =
			question(A_NBMA, SPOKE_A, SPOKE_B, NHRP_RES_AUTHORITATIVE);

		world_mtu(c.w, c.hub, mtus[k]);
		while (p->cie_used < PKT_MAX_CIES)
			story_cie(p, A_NBMA, SPOKE_A, 300);
		story_inject(c.w, c.hub, A_NBMA, p);
		assert_int_equal(count_of(&c, c.hub, "drop_reply_too_big"), 1);
		assert_int_equal(count_of(&c, c.hub, "forwarded"), 0);
		assert_int_equal(sent(&c, c.hub)->error_code, NHRP_ERR_SDU_SIZE);
		assert_in_range(c.w->last.len, mtus[k] / 2, mtus[k]);
		world_free(c.w);
	}
}

/* With no room for its record a packet goes on without it. */
static void what_is_full_of_records_goes_on_without_another(void **state)
{
	struct cast c = story_begin(SEED);
	struct packet *p = question(A_NBMA, SPOKE_A, SPOKE_B, NHRP_RES_AUTHORITATIVE);

	(void)state;
	world_mtu(c.w, c.hub, 9000);
	while (p->cie_used < PKT_MAX_CIES)
		packet_ext_add_cie(p, packet_find_ext(p, NHRP_EXT_FORWARD_TRANSIT))
			->proto = unit_addr("10.3.0.1");
	story_inject(c.w, c.hub, A_NBMA, p);
	assert_int_equal(count_of(&c, c.hub, "forwarded"), 1);
	assert_int_equal(sent(&c, c.hub)->cie_used, PKT_MAX_CIES);
	world_free(c.w);
}

/* A reply whose requester is not known goes back along the record of its request. */
static void a_reply_goes_back_the_way_its_request_came(void **state)
{
	static const struct {
		const char *name;
		const char *before, *ours; /* of the request's record */
		const char *to;		   /* "": nowhere */
	} cases[] = {
		{ "by the one before us", "203.0.113.44", HUB, "203.0.113.44" },
		{ "it passed others only", "203.0.113.44", "10.3.0.2", "" },
		{ "where it came from", ELSEWHERE, HUB, "" },
		{ "to a group", "224.0.0.44", HUB, "" },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct cast c = story_begin(SEED);
		struct packet *p = question("203.0.113.55", "10.3.0.55", STRANGER, 0);
		struct ext *x = packet_find_ext(p, NHRP_EXT_FORWARD_TRANSIT);
		struct cie *cie = packet_ext_add_cie(p, x);

		cie->proto = unit_addr("10.3.0.1");
		cie->nbma = unit_addr(cases[k].before);
		cie = packet_ext_add_cie(p, x);
		cie->proto = unit_addr(cases[k].ours);
		cie->nbma = unit_addr(HUB_NBMA);
		/* A refusal; of those nobody is remembered. */
		p->type = NHRP_RESOLUTION_REPLY;
		story_inject(c.w, c.hub, ELSEWHERE, p);
		if (count_of(&c, c.hub, "forwarded") != (cases[k].to[0] != '\0'))
			fail_msg("%s: forwarded or not", cases[k].name);
		world_free(c.w);
	}
}

/* --- purges --------------------------------------------------------------- */

static void a_purge_is_answered_unless_it_does_not_want_that(void **state)
{
	static const struct {
		const char *from;
		uint16_t flags;
		unsigned replies;
	} cases[] = {
		{ A_NBMA, 0, 1 },
		{ A_NBMA, NHRP_PURGE_NO_REPLY, 0 },
		{ NULL, 0, 0 },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct cast c = story_begin(SEED);
		struct packet *p =
			story_packet(NHRP_PURGE_REQUEST, A_NBMA, SPOKE_A, HUB);

		p->flags = cases[k].flags;
		story_cie(p, NULL, SPOKE_A, 0);
		story_inject(c.w, c.hub, cases[k].from, p);
		assert_int_equal(count_of(&c, c.hub, "tx_purge_reply"),
				 cases[k].replies);
		assert_cache(c.w, c.hub, SPOKE_A, "type",
			     cases[k].from ? "" : "dynamic");
		world_free(c.w);
	}
}

static void a_purge_takes_what_its_prefix_covers(void **state)
{
	static const struct {
		const char *proto; /* NULL: none is given */
		uint8_t len;
		unsigned left, denied;
	} cases[] = {
		{ SPOKE_A, 32, 1, 0 }, { SPOKE_A, 0, 1, 0 },	 { SPOKE_A, 200, 1, 0 },
		{ SPOKE_A, 24, 1, 1 }, { "10.9.0.0", 16, 2, 0 }, { NULL, 24, 2, 0 },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct cast c = story_begin(SEED);
		struct packet *p =
			story_packet(NHRP_PURGE_REQUEST, A_NBMA, SPOKE_A, HUB);

		story_cie(p, NULL, cases[k].proto, 0)->prefix_len = cases[k].len;
		story_inject(c.w, c.hub, A_NBMA, p);
		if (world_cache_size(c.w, c.hub, "dynamic") != cases[k].left ||
		    count_of(&c, c.hub, "drop_purge_not_by_owner") != cases[k].denied)
			fail_msg("%s/%u: %zu left", cases[k].proto, cases[k].len,
				 world_cache_size(c.w, c.hub, "dynamic"));
		world_free(c.w);
	}
}

/* Each prefix is a walk of the whole table: one packet gets four. */
static void one_packet_does_not_make_a_server_walk_its_table_often(void **state)
{
	struct cast c = story_begin(SEED);
	struct packet *p = story_packet(NHRP_PURGE_REQUEST, ELSEWHERE, STRANGER, HUB);

	(void)state;
	for (int k = 0; k < 20; k++)
		story_cie(p, NULL, "10.0.0.0", 0)->prefix_len = 24;
	story_inject(c.w, c.hub, ELSEWHERE, p);
	assert_int_equal(count_of(&c, c.hub, "drop_purge_not_by_owner"), 4 * 2);
	world_free(c.w);
}

static void a_purge_of_an_empty_table_is_answered(void **state)
{
	struct cast c = { .w = world_new(SEED) };
	struct packet *p = story_packet(NHRP_PURGE_REQUEST, ELSEWHERE, STRANGER, HUB);

	(void)state;
	c.hub = story_hub(c.w, "holding-time 600");
	story_cie(p, NULL, "10.0.0.0", 0)->prefix_len = 24;
	story_inject(c.w, c.hub, ELSEWHERE, p);
	assert_int_equal(sent(&c, c.hub)->type, NHRP_PURGE_REPLY);
	world_free(c.w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_registration_is_judged),
		cmocka_unit_test(a_registration_of_nothing_is_an_error),
		cmocka_unit_test(who_asks_for_any_server_is_told_which_one_answers),
		cmocka_unit_test(what_a_device_can_is_not_taken_for_nat),
		cmocka_unit_test(
			who_registers_in_another_family_is_answered_without_a_name),
		cmocka_unit_test(no_error_is_told_in_another_family),
		cmocka_unit_test(a_source_that_can_be_nobodys_is_dropped),
		cmocka_unit_test(a_server_answers_for_a_station_when_it_may),
		cmocka_unit_test(who_insists_is_answered_by_the_station),
		cmocka_unit_test(
			a_servers_answer_has_both_addresses_of_a_station_behind_nat),
		cmocka_unit_test(
			without_the_extension_an_answer_has_the_claimed_address_alone),
		cmocka_unit_test(a_responder_that_is_named_already_stays_the_only_one),
		cmocka_unit_test(a_server_answers_for_a_mapped_station_too),
		cmocka_unit_test(who_asks_is_learnt_only_if_it_says_so),
		cmocka_unit_test(an_answer_that_has_no_way_back_is_not_sent),
		cmocka_unit_test(a_question_full_of_records_is_not_answered),
		cmocka_unit_test(what_has_no_hop_left_goes_no_further),
		cmocka_unit_test(what_does_not_fit_the_device_is_an_error),
		cmocka_unit_test(what_is_full_of_records_goes_on_without_another),
		cmocka_unit_test(a_reply_goes_back_the_way_its_request_came),
		cmocka_unit_test(a_purge_is_answered_unless_it_does_not_want_that),
		cmocka_unit_test(a_purge_takes_what_its_prefix_covers),
		cmocka_unit_test(
			one_packet_does_not_make_a_server_walk_its_table_often),
		cmocka_unit_test(a_purge_of_an_empty_table_is_answered),
	};

	return cmocka_run_group_tests_name("foreign", tests, NULL, NULL);
}
