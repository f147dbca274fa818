/* SPDX-License-Identifier: MIT */
/*
 * Answers and advice as other implementations may send them, or nobody should: what
 * a node that asked makes of a reply, an error, an indication, a sample.
 */
#include "story.h"

#include "world_int.h"

#define SEED	  20260120
#define ELSEWHERE "192.0.2.66"

static uint64_t count_of(const struct cast *c, int node, const char *name)
{
	return world_counter(c->w, node, name);
}

static const struct request *pending(const struct cast *c, enum request_kind kind)
{
	for (struct request *r = world_node(c->w, c->a)->engine->requests; r;
	     r = r->hh.next) {
		if (r->kind == kind)
			return r;
	}
	fail_msg("nothing was asked");
	return NULL;
}

static struct packet *reply_to(uint32_t id, const char *about)
{
	struct packet *p = story_packet(NHRP_RESOLUTION_REPLY, A_NBMA, SPOKE_A, about);

	p->request_id = id;
	return p;
}

/* --- where a station is --------------------------------------------------- */

static const struct {
	const char *name;
	const char *from;
	const char *dst; /* what it answers for; NULL: what was asked */
	struct {
		const char *nbma, *proto;
		uint8_t code, preference;
		uint16_t hold_s;
	} cies[2];
	const char *type, *nbma, *reason;
} answers[] = {
	{ .name = "by the server",
	  .from = HUB_NBMA,
	  .cies = { { B_NBMA, SPOKE_B, 0, 0, 300 } },
	  .type = "cached",
	  .nbma = B_NBMA },
	{ .name = "without the station's name",
	  .from = HUB_NBMA,
	  .cies = { { B_NBMA, NULL, 0, 0, 300 } },
	  .type = "cached",
	  .nbma = B_NBMA },
	/* Without the NAT extension it is where it is heard from. */
	{ .name = "by the station, which does not know its outside",
	  .from = B_NBMA,
	  .cies = { { "192.168.7.3", SPOKE_B, 0, 0, 300 } },
	  .type = "cached",
	  .nbma = B_NBMA },
	{ .name = "from who knows where",
	  .from = NULL,
	  .cies = { { B_NBMA, SPOKE_B, 0, 0, 300 } },
	  .type = "cached",
	  .nbma = B_NBMA },
	{ .name = "the better one last",
	  .from = HUB_NBMA,
	  .cies = { { ELSEWHERE, SPOKE_B, 0, 1, 300 }, { B_NBMA, SPOKE_B, 0, 9, 300 } },
	  .type = "cached",
	  .nbma = B_NBMA },
	{ .name = "the better one first",
	  .from = HUB_NBMA,
	  .cies = { { B_NBMA, SPOKE_B, 0, 9, 300 }, { ELSEWHERE, SPOKE_B, 0, 1, 300 } },
	  .type = "cached",
	  .nbma = B_NBMA },
	{ .name = "the first one refused",
	  .from = HUB_NBMA,
	  .cies = { { ELSEWHERE, SPOKE_B, NHRP_CODE_PROHIBITED, 9, 300 },
		    { B_NBMA, SPOKE_B, 0, 1, 300 } },
	  .type = "cached",
	  .nbma = B_NBMA },
	{ .name = "refused",
	  .from = HUB_NBMA,
	  .cies = { { B_NBMA, SPOKE_B, NHRP_CODE_PROHIBITED, 0, 300 } },
	  .type = "negative",
	  .reason = "administratively prohibited" },
	{ .name = "at a group",
	  .from = HUB_NBMA,
	  .cies = { { "224.0.0.3", SPOKE_B, 0, 0, 300 } },
	  .type = "negative",
	  .reason = "answer without an address" },
	{ .name = "for no time",
	  .from = HUB_NBMA,
	  .cies = { { B_NBMA, SPOKE_B, 0, 0, 0 } },
	  .type = "negative",
	  .reason = "answer without an address" },
	{ .name = "nothing",
	  .from = HUB_NBMA,
	  .type = "negative",
	  .reason = "answer without an address" },
	{ .name = "at ourselves",
	  .from = HUB_NBMA,
	  .cies = { { A_NBMA, SPOKE_B, 0, 0, 300 } },
	  .type = "negative",
	  .reason = "the answer names our own NBMA address" },
	{ .name = "about another station",
	  .from = HUB_NBMA,
	  .dst = "10.0.0.77",
	  .cies = { { B_NBMA, SPOKE_B, 0, 0, 300 } },
	  .type = "incomplete" },
};

/* A packet of spoke A waits, and its server is not there to answer. */
static struct cast asking(void)
{
	struct cast c = story_begin(SEED);

	world_kill(c.w, c.hub);
	world_traffic(c.w, c.a, SPOKE_B);
	return c;
}

static void each_answer_is_used_or_refused(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(answers); k++) {
		struct cast c = asking();
		struct packet *p = reply_to(pending(&c, REQUEST_RESOLVE)->id,
					    answers[k].dst ? answers[k].dst : SPOKE_B);

		for (size_t j = 0; j < 2 && answers[k].cies[j].nbma; j++) {
			struct cie *cie = story_cie(p, answers[k].cies[j].nbma,
						    answers[k].cies[j].proto,
						    answers[k].cies[j].hold_s);

			cie->code = answers[k].cies[j].code;
			cie->preference = answers[k].cies[j].preference;
		}
		story_inject(c.w, c.a, answers[k].from, p);
		if (strcmp(world_cache(c.w, c.a, SPOKE_B, "type"), answers[k].type))
			fail_msg("%s: %s", answers[k].name,
				 world_cache(c.w, c.a, SPOKE_B, "type"));
		if (answers[k].nbma)
			assert_cache(c.w, c.a, SPOKE_B, "nbma", answers[k].nbma);
		if (answers[k].reason)
			assert_cache(c.w, c.a, SPOKE_B, "reason", answers[k].reason);
		world_free(c.w);
	}
}

/* The record says that servers passed it on: it is not where it came from. */
static void an_answer_that_was_passed_on_is_not_where_it_came_from(void **state)
{
	struct cast c = asking();
	struct packet *p = reply_to(pending(&c, REQUEST_RESOLVE)->id, SPOKE_B);
	struct ext *x = packet_add_ext(p, NHRP_EXT_REVERSE_TRANSIT, true, EXT_CIES);

	(void)state;
	packet_ext_add_cie(p, x)->proto = unit_addr("10.3.0.1");
	story_cie(p, B_NBMA, SPOKE_B, 300);
	story_inject(c.w, c.a, ELSEWHERE, p);
	assert_cache(c.w, c.a, SPOKE_B, "nbma", B_NBMA);
	world_free(c.w);
}

static void an_operator_is_told_the_prefix_if_it_is_one(void **state)
{
	static const uint8_t lens[][2] = {
		{ 0, 32 }, { 24, 24 }, { 32, 32 }, { 33, 32 }, { 255, 32 },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(lens); k++) {
		struct cast c = story_begin(SEED);
		struct packet *p;

		world_kill(c.w, c.hub);
		world_command(c.w, c.a, CMD_RESOLVE, SPOKE_B);
		p = reply_to(pending(&c, REQUEST_COMMAND)->id, SPOKE_B);
		story_cie(p, B_NBMA, SPOKE_B, 300)->prefix_len = lens[k][0];
		story_inject(c.w, c.a, HUB_NBMA, p);
		assert_true(world_answer(c.w)->ok);
		assert_int_equal(world_answer(c.w)->protocol.len, lens[k][1]);
		/* Nobody sent a packet there. */
		assert_cache(c.w, c.a, SPOKE_B, "used", "false");
		world_free(c.w);
	}
}

/* A number is not enough: what is answered must have been asked. */
static void an_answer_to_another_question_is_an_error(void **state)
{
	struct cast c = story_begin(SEED);
	uint32_t id;

	(void)state;
	world_cut(c.w, c.hub, c.a, true);
	world_reload(c.w, c.a, "holding-time 600"); /* withdraws at the hub */
	id = pending(&c, REQUEST_PURGE)->id;
	story_inject(c.w, c.a, HUB_NBMA, reply_to(id, SPOKE_A));
	assert_int_equal(count_of(&c, c.a, "drop_unexpected_reply"), 1);
	assert_int_equal(world_last_sent(c.w, c.a)->error_code, NHRP_ERR_INVALID_REPLY);
	world_free(c.w);
}

static void only_who_was_asked_for_a_purge_has_done_it(void **state)
{
	struct cast c = story_begin(SEED);
	struct packet *p;

	(void)state;
	world_kill(c.w, c.hub);
	world_traffic(c.w, c.a, SPOKE_B);
	p = story_packet(NHRP_PURGE_REPLY, A_NBMA, SPOKE_A, HUB);
	p->request_id = pending(&c, REQUEST_RESOLVE)->id;
	story_inject(c.w, c.a, HUB_NBMA, p);
	world_reload(c.w, c.a, "holding-time 600");
	p = story_packet(NHRP_PURGE_REPLY, A_NBMA, SPOKE_A, SPOKE_B);
	p->request_id = pending(&c, REQUEST_PURGE)->id;
	story_inject(c.w, c.a, HUB_NBMA, p);
	assert_int_equal(count_of(&c, c.a, "drop_unexpected_reply"), 2);
	assert_non_null(pending(&c, REQUEST_PURGE));
	world_free(c.w);
}

/* --- errors --------------------------------------------------------------- */

static void a_station_that_is_reported_unreachable_is_refused(void **state)
{
	struct cast c = asking();
	struct packet *p = story_packet(NHRP_ERROR_INDICATION, HUB_NBMA, HUB, SPOKE_A);

	(void)state;
	assert_int_equal(world_last_sent(c.w, c.a)->type, NHRP_RESOLUTION_REQUEST);
	p->payload = c.w->last.pdu;
	p->payload_len = (uint16_t)c.w->last.len;
	p->error_code = NHRP_ERR_HOP_COUNT;
	story_inject(c.w, c.a, HUB_NBMA, unit_exact_copy(p, sizeof(*p)));
	assert_cache(c.w, c.a, SPOKE_B, "type", "incomplete");
	p->error_code = NHRP_ERR_UNREACHABLE;
	story_inject(c.w, c.a, HUB_NBMA, p);
	assert_cache(c.w, c.a, SPOKE_B, "type", "negative");
	assert_cache(c.w, c.a, SPOKE_B, "reason", "reported unreachable");
	world_free(c.w);
}

/* --- registrations -------------------------------------------------------- */

/* Spoke A has asked to be registered, and nobody has answered yet. */
static struct packet *registration_reply(const struct cast *c, const char *dst)
{
	struct packet *p = story_packet(NHRP_REGISTRATION_REPLY, A_NBMA, SPOKE_A, dst);

	p->request_id = world_node(c->w, c->a)->engine->ifaces->stations->request_id;
	return p;
}

static struct cast registering(const char *words)
{
	struct cast c = { .w = world_new(SEED) };

	world_name(c.w, "hubs.example.net", HUB_NBMA);
	c.a = story_spoke(c.w, 2, words);
	return c;
}

static void a_server_may_grant_less_time_than_was_asked_for(void **state)
{
	static const struct {
		uint16_t hold_s;
		const char *expires_s;
	} cases[] = {
		{ 0, "600" },
		{ 90, "90" },
		{ 600, "600" },
		{ 3600, "600" },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct cast c = registering(SPOKE_WORDS);
		struct packet *p = registration_reply(&c, HUB);

		story_cie(p, A_NBMA, SPOKE_A, cases[k].hold_s);
		story_inject(c.w, c.a, HUB_NBMA, p);
		assert_string_equal(world_nhs(c.w, c.a, "state"), "up");
		assert_string_equal(world_nhs(c.w, c.a, "expires_s"),
				    cases[k].expires_s);
		world_free(c.w);
	}
}

static void of_several_outcomes_a_refusal_counts(void **state)
{
	struct cast c = registering(SPOKE_WORDS);
	struct packet *p = registration_reply(&c, HUB);

	(void)state;
	story_cie(p, A_NBMA, SPOKE_A, 600);
	story_cie(p, A_NBMA, SPOKE_A, 0)->code = NHRP_CODE_PROHIBITED;
	story_cie(p, A_NBMA, SPOKE_A, 600);
	story_inject(c.w, c.a, HUB_NBMA, p);
	assert_string_equal(world_nhs(c.w, c.a, "state"), "refused");
	assert_string_equal(world_nhs(c.w, c.a, "reason"),
			    "administratively prohibited");
	world_free(c.w);
}

static void what_was_registered_for_somebody_else_is_not_ours(void **state)
{
	static const struct {
		const char *nbma, *proto;
	} cases[] = { { ELSEWHERE, SPOKE_A }, { A_NBMA, SPOKE_B } };

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct cast c = registering(SPOKE_WORDS);
		struct packet *p = registration_reply(&c, HUB);

		p->src_nbma = unit_addr(cases[k].nbma);
		p->src_proto = unit_addr(cases[k].proto);
		story_cie(p, NULL, NULL, 600);
		story_inject(c.w, c.a, HUB_NBMA, p);
		assert_string_equal(world_nhs(c.w, c.a, "state"), "registering");
		world_free(c.w);
	}
}

/* Of one that is known by its name alone the first answer has to tell the address. */
static void a_named_server_has_to_tell_its_address(void **state)
{
	static const char *const dsts[] = { SPOKE_A, "224.0.0.1", "255.255.255.255" };

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(dsts); k++) {
		struct cast c = registering("dynamic-map 10.0.0.0/24 hubs.example.net");
		struct packet *p = registration_reply(&c, dsts[k]);

		story_cie(p, A_NBMA, SPOKE_A, 600);
		story_inject(c.w, c.a, HUB_NBMA, p);
		assert_string_equal(world_nhs(c.w, c.a, "state"), "refused");
		assert_string_equal(world_nhs(c.w, c.a, "reason"),
				    "the server did not tell its address");
		world_free(c.w);
	}
}

/* --- indications and samples ---------------------------------------------- */

/* What an indication quotes: an IPv4 header, or what is none. */
static void ipv4(uint8_t packet[28], const char *src, const char *dst)
{
	struct addr s = unit_addr(src), d = unit_addr(dst);

	memset(packet, 0, 28);
	packet[0] = 0x45;
	packet[3] = 84;
	packet[8] = 62;
	memcpy(packet + 12, s.bytes, 4);
	memcpy(packet + 16, d.bytes, 4);
}

static void indicate(const struct cast *c, const uint8_t *quoted, size_t len)
{
	struct packet *p = story_packet(NHRP_TRAFFIC_INDICATION, HUB_NBMA, HUB, A_HOST);

	p->payload = quoted;
	p->payload_len = (uint16_t)len;
	story_inject(c->w, c->a, HUB_NBMA, p);
}

static void each_indication_is_heeded_or_counted(void **state)
{
	static const struct {
		const char *name, *src, *dst;
		size_t len;
		const char *counter; /* NULL: the way is asked for */
	} cases[] = {
		{ "ours", A_HOST, B_HOST, 28, NULL },
		{ "cut short", A_HOST, B_HOST, 19, "drop_traffic_indication_unwanted" },
		{ "of a group", "224.0.0.5", B_HOST, 28,
		  "drop_traffic_indication_unwanted" },
		{ "to a group", A_HOST, "224.0.0.5", 28,
		  "drop_traffic_indication_unwanted" },
		{ "somebody else's", "192.168.9.9", B_HOST, 28,
		  "indications_about_transit_traffic" },
		{ "from nowhere", "172.31.0.1", B_HOST, 28,
		  "indications_about_transit_traffic" },
		{ "to our own network", A_HOST, "192.168.2.99", 28,
		  "indications_ignored" },
		{ "to ourselves", A_HOST, SPOKE_A, 28, "indications_ignored" },
		{ "to nowhere", A_HOST, "172.31.0.1", 28, "indications_ignored" },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct cast c = story_sites(SEED, EDGE_WORDS);
		uint8_t quoted[28];

		ipv4(quoted, cases[k].src, cases[k].dst);
		indicate(&c, quoted, cases[k].len);
		if (world_rows(c.w, c.a, SHOW_SHORTCUTS) != !cases[k].counter ||
		    (cases[k].counter && count_of(&c, c.a, cases[k].counter) != 1))
			fail_msg("%s", cases[k].name);
		world_free(c.w);
	}
}

/* A station of the tunnel is on the link: a shortcut to it is no route. */
static void an_indication_about_a_station_is_left_to_the_kernel(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS);
	uint8_t quoted[28];

	(void)state;
	ipv4(quoted, A_HOST, SPOKE_B);
	indicate(&c, quoted, sizeof(quoted));
	assert_int_equal(world_rows(c.w, c.a, SHOW_SHORTCUTS), 0);
	assert_int_equal(count_of(&c, c.a, "tx_resolution_request"), 0);
	world_free(c.w);
}

static void the_second_indication_of_two_at_once_is_ignored(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS);
	uint8_t quoted[28];

	(void)state;
	ipv4(quoted, A_HOST, B_HOST);
	world_hold_lookups(c.w, c.a, true);
	indicate(&c, quoted, sizeof(quoted));
	indicate(&c, quoted, sizeof(quoted));
	world_hold_lookups(c.w, c.a, false);
	assert_int_equal(world_rows(c.w, c.a, SHOW_SHORTCUTS), 1);
	assert_int_equal(count_of(&c, c.a, "tx_resolution_request"), 1);
	assert_int_equal(count_of(&c, c.a, "indications_ignored"), 1);
	world_free(c.w);
}

static void a_flood_of_indications_is_heeded_at_a_rate(void **state)
{
	struct cast c = story_sites(SEED, EDGE_WORDS);
	uint8_t quoted[28];

	(void)state;
	ipv4(quoted, "192.168.9.9", B_HOST);
	for (int k = 0; k < 1000; k++)
		indicate(&c, quoted, sizeof(quoted));
	assert_int_equal(count_of(&c, c.a, "indications_about_transit_traffic"), 400);
	assert_int_equal(count_of(&c, c.a, "indications_ignored"), 600);
	world_free(c.w);
}

static void each_sample_is_told_or_counted(void **state)
{
	static const struct {
		const char *name, *src, *dst;
		size_t len;
		int in, out;
		const char *counter; /* NULL: nothing of it */
	} cases[] = {
		{ "turned round", A_HOST, B_HOST, 28, IFINDEX, IFINDEX,
		  "redirects_sent" },
		{ "goes on elsewhere", A_HOST, B_HOST, 28, IFINDEX, LAN_IFINDEX, NULL },
		{ "came from elsewhere", A_HOST, B_HOST, 28, LAN_IFINDEX, LAN_IFINDEX,
		  NULL },
		{ "of no device that we know", A_HOST, B_HOST, 28, 99, 99, NULL },
		{ "cut short", A_HOST, B_HOST, 19, IFINDEX, IFINDEX,
		  "redirects_without_a_sender" },
		{ "of a group", "224.0.0.5", B_HOST, 28, IFINDEX, IFINDEX,
		  "redirects_without_a_sender" },
		{ "to a group", A_HOST, "224.0.0.5", 28, IFINDEX, IFINDEX,
		  "redirects_without_a_sender" },
		{ "of nobody", "172.31.0.1", B_HOST, 28, IFINDEX, IFINDEX,
		  "redirects_without_a_sender" },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct cast c = story_sites(SEED, EDGE_WORDS);
		uint8_t packet[28];
		struct event ev = { EV_SAMPLE, .sample = { cases[k].in, cases[k].out,
							   packet, cases[k].len } };

		ipv4(packet, cases[k].src, cases[k].dst);
		world_handle(world_node(c.w, c.hub), &ev);
		if (count_of(&c, c.hub, "redirects_sent") +
				    count_of(&c, c.hub, "redirects_without_a_sender") !=
			    (cases[k].counter != NULL) ||
		    (cases[k].counter && count_of(&c, c.hub, cases[k].counter) != 1))
			fail_msg("%s", cases[k].name);
		world_free(c.w);
	}
}

/* --- the way to what is behind a station ---------------------------------- */

static const struct {
	const char *name;
	const char *via;
	uint8_t len;
	const char *prefix, *state, *reason;
} ways[] = {
	{ "a network", SPOKE_B, 24, B_LAN, "up", "resolved" },
	{ "a host", SPOKE_B, 32, B_HOST "/32", "up", "resolved" },
	{ "no length", SPOKE_B, 0, B_HOST "/32", "up", "resolved" },
	{ "a length that is none", SPOKE_B, 255, B_HOST "/32", "up", "resolved" },
	{ "more than is routed to the hub", SPOKE_B, 8, "192.168.0.0/16", "up",
	  "resolved" },
	{ "by ourselves", SPOKE_A, 24, B_HOST "/32", "refused",
	  "the answer names no station" },
	{ "by a group", "224.0.0.3", 24, B_HOST "/32", "refused",
	  "the answer names no station" },
};

static void each_way_is_taken_or_refused(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(ways); k++) {
		struct cast c = story_sites(SEED, EDGE_WORDS);
		uint8_t quoted[28];
		struct packet *p;

		world_kill(c.w, c.hub);
		ipv4(quoted, A_HOST, B_HOST);
		indicate(&c, quoted, sizeof(quoted));
		p = reply_to(pending(&c, REQUEST_SHORTCUT)->id, B_HOST);
		story_cie(p, B_NBMA, ways[k].via, 300)->prefix_len = ways[k].len;
		story_inject(c.w, c.a, HUB_NBMA, p);
		if (strcmp(world_show(c.w, c.a, SHOW_SHORTCUTS, "prefix",
				      ways[k].prefix, "state"),
			   ways[k].state) != 0)
			fail_msg("%s", ways[k].name);
		assert_string_equal(world_show(c.w, c.a, SHOW_SHORTCUTS, "prefix",
					       ways[k].prefix, "reason"),
				    ways[k].reason);
		assert_int_equal(world_rows(c.w, c.a, SHOW_SHORTCUTS), 1);
		world_free(c.w);
	}
}

/* A site that moved behind another router: the renewal says so. */
static void a_renewal_may_lead_to_another_station(void **state)
{
	struct cast c = story_sites_shortened(SEED, EDGE_WORDS);
	int other = story_spoke(c.w, 4, EDGE_WORDS);
	struct packet *p;

	(void)state;
	world_run_s(c.w, 1);
	world_cut(c.w, c.a, c.b, true);
	world_cut(c.w, c.a, c.hub, true);
	world_run_s(c.w, 300);
	for (int k = 0; k < 3; k++) {
		world_data(c.w, c.a, A_HOST, B_HOST);
		world_run_s(c.w, 1);
	}
	world_lan(c.w, other, B_LAN);
	p = reply_to(pending(&c, REQUEST_SHORTCUT)->id, B_HOST);
	story_cie(p, "198.51.100.4", "10.0.0.4", 300)->prefix_len = 24;
	story_inject(c.w, c.a, HUB_NBMA, p);
	assert_string_equal(world_shortcut(c.w, c.a, B_LAN), "10.0.0.4");
	assert_int_equal(world_rows(c.w, c.a, SHOW_SHORTCUTS), 1);
	assert_int_equal(world_logged(c.w, c.a, "ended (another station answers)"), 1);
	world_free(c.w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_answer_is_used_or_refused),
		cmocka_unit_test(
			an_answer_that_was_passed_on_is_not_where_it_came_from),
		cmocka_unit_test(an_operator_is_told_the_prefix_if_it_is_one),
		cmocka_unit_test(an_answer_to_another_question_is_an_error),
		cmocka_unit_test(only_who_was_asked_for_a_purge_has_done_it),
		cmocka_unit_test(a_station_that_is_reported_unreachable_is_refused),
		cmocka_unit_test(a_server_may_grant_less_time_than_was_asked_for),
		cmocka_unit_test(of_several_outcomes_a_refusal_counts),
		cmocka_unit_test(what_was_registered_for_somebody_else_is_not_ours),
		cmocka_unit_test(a_named_server_has_to_tell_its_address),
		cmocka_unit_test(each_indication_is_heeded_or_counted),
		cmocka_unit_test(an_indication_about_a_station_is_left_to_the_kernel),
		cmocka_unit_test(the_second_indication_of_two_at_once_is_ignored),
		cmocka_unit_test(a_flood_of_indications_is_heeded_at_a_rate),
		cmocka_unit_test(each_sample_is_told_or_counted),
		cmocka_unit_test(each_way_is_taken_or_refused),
		cmocka_unit_test(a_renewal_may_lead_to_another_station),
	};

	return cmocka_run_group_tests_name("answers", tests, NULL, NULL);
}
