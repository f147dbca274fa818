/* SPDX-License-Identifier: MIT */
/*
 * `explain` on faults of an encrypted tunnel: why there is no SA, or what one that is
 * there does not do, each by its word, and `show peers` by the same.
 */
#include "story.h"

#define SEED	    20260110
#define SECRET_HUB  HUB_WORDS " ipsec lab"
#define SECRET_EDGE EDGE_WORDS " ipsec lab"

struct fault {
	const char *name;
	const char *nat_a, *nat_b; /* the address of the NAT it is behind, or NULL */
	enum sa_cause hub_refuses;
	void (*happens)(struct cast *c);
	void (*bends)(struct explain_facts *f);
	const char *dst;
	const char *word;
	bool passes;
	const char *said;
	const char *cause_at; /* the peer whose row has the word, too; NULL: none has */
};

static int spoke(struct world *w, int number, const char *nat)
{
	char nbma[24], addr[24], name[16];

	if (!nat)
		return story_spoke(w, number, SECRET_EDGE);
	snprintf(nbma, sizeof(nbma), "172.16.%d.2", number);
	snprintf(addr, sizeof(addr), "10.0.0.%d/24", number);
	snprintf(name, sizeof(name), "spoke%d", number);
	return world_add(w, &(struct node_spec){ .name = name,
						 .nbma = nbma,
						 .nat = nat,
						 .addr = addr,
						 .words = SECRET_EDGE });
}

static struct cast cast_for(const struct fault *f)
{
	struct cast c = { .w = world_new(SEED) };

	c.hub = story_hub(c.w, SECRET_HUB);
	if (f->hub_refuses)
		world_ike_refuses_for(c.w, c.hub, f->hub_refuses);
	c.b = spoke(c.w, 3, f->nat_b);
	world_run_s(c.w, 2);
	c.a = spoke(c.w, 2, f->nat_a);
	world_run_s(c.w, 5);
	return c;
}

/* --- what happens, and what charon counts --------------------------------- */

static void charon_stops(struct cast *c)
{
	world_charon_stops(c->w, c->a);
	world_run_s(c->w, 2);
}

static void hub_is_cut_off(struct cast *c)
{
	world_cut(c->w, c->a, c->hub, true);
	world_delete_sas(c->w, c->a, c->hub);
	world_run_s(c->w, 15);
}

/* The SA stays, and what goes into it is lost. */
static void esp_is_dropped(struct cast *c)
{
	world_kill(c->w, c->a);
	world_cut(c->w, c->a, c->hub, true);
	world_start(c->w, c->a);
	world_run_s(c->w, 15);
}

/* As a hub does with the second behind one NAT. */
static void ended_at_once(struct cast *c)
{
	world_delete_sas(c->w, c->a, c->hub);
	assert_true(world_until_nhs(c->w, 5, c->a, "up"));
	world_delete_sas(c->w, c->a, c->hub);
}

static void a_packet_to_b(struct cast *c)
{
	world_traffic(c->w, c->a, SPOKE_B);
	world_run_s(c->w, 15);
}

static void b_refuses(struct cast *c)
{
	world_ike_refuses_for(c->w, c->b, SA_CAUSE_CHILD);
	world_traffic(c->w, c->a, SPOKE_B);
	world_run_s(c->w, 3);
}

static void b_cannot_call(struct cast *c)
{
	world_cut(c->w, c->a, c->b, true);
	world_traffic(c->w, c->a, SPOKE_B);
	world_run_s(c->w, 3);
}

static void nothing_came_in(struct explain_facts *f)
{
	f->sa_known = true;
	f->sa = (struct sa_traffic){ .packets_out = 17,
				     .bytes_out = 1700,
				     .age_s = 30 };
}

static void nothing_came_in_yet(struct explain_facts *f)
{
	nothing_came_in(f);
	f->sa.age_s = 1;
}

static void nothing_came_in_lately(struct explain_facts *f)
{
	nothing_came_in(f);
	f->sa.packets_in = 5;
	f->sa.idle_in_s = 12;
}

static void some_came_in(struct explain_facts *f)
{
	nothing_came_in(f);
	f->sa.packets_in = 1;
}

/* --- the table ------------------------------------------------------------ */

#define STOPS  false
#define PASSES true

static const struct fault faults[] = {
	{ .name = "all is well",
	  .bends = some_came_in,
	  .dst = HUB,
	  .word = "ok",
	  .passes = PASSES,
	  .said = "straight to 203.0.113.1" },
	{ .name = "charon was stopped",
	  .happens = charon_stops,
	  .dst = HUB,
	  .word = "charon_gone",
	  .said = "the server 10.0.0.1 at 203.0.113.1, and charon does not answer: ",
	  .cause_at = HUB_NBMA },
	{ .name = "the profile is not taken",
	  .hub_refuses = SA_CAUSE_PROFILE,
	  .dst = HUB,
	  .word = "profile_refused",
	  .said = "charon does not take the ipsec-profile",
	  .cause_at = HUB_NBMA },
	{ .name = "only the first exchange passes",
	  .hub_refuses = SA_CAUSE_STALLED,
	  .dst = HUB,
	  .word = "ike_stalled",
	  .said = "UDP 4500, or fragments of large packets, are dropped",
	  .cause_at = HUB_NBMA },
	{ .name = "no proposals in common",
	  .hub_refuses = SA_CAUSE_PROPOSALS,
	  .dst = HUB,
	  .word = "ike_refused",
	  .said = "the 'proposals' of both have none in common",
	  .cause_at = HUB_NBMA },
	{ .name = "another secret",
	  .hub_refuses = SA_CAUSE_AUTH,
	  .dst = HUB,
	  .word = "auth_refused",
	  .said = "there is no SA to the server 10.0.0.1 at 203.0.113.1: refused over "
		  "who somebody is",
	  .cause_at = HUB_NBMA },
	{ .name = "no ESP proposals in common",
	  .hub_refuses = SA_CAUSE_CHILD,
	  .dst = HUB,
	  .word = "child_refused",
	  .said = "the child was refused",
	  .cause_at = HUB_NBMA },
	{ .name = "no IKE passes",
	  .happens = hub_is_cut_off,
	  .dst = HUB,
	  .word = "ike_silent",
	  .said = "UDP 500 or 4500 is dropped",
	  .cause_at = HUB_NBMA },
	{ .name = "no ESP passes",
	  .happens = esp_is_dropped,
	  .bends = nothing_came_in,
	  .dst = HUB,
	  .word = "esp_blocked",
	  .said = "17 packets went into it and 0 came back, none for 30 s" },
	{ .name = "no ESP passes any more",
	  .happens = esp_is_dropped,
	  .bends = nothing_came_in_lately,
	  .dst = HUB,
	  .word = "esp_blocked",
	  .said = "17 packets went into it and 5 came back, none for 12 s" },
	{ .name = "ESP passes, and no answer came",
	  .happens = esp_is_dropped,
	  .bends = some_came_in,
	  .dst = HUB,
	  .word = "server_silent",
	  .said = "does not answer" },
	{ .name = "a new SA has had no time to be answered",
	  .happens = esp_is_dropped,
	  .bends = nothing_came_in_yet,
	  .dst = HUB,
	  .word = "server_silent",
	  .said = "does not answer" },
	{ .name = "an SA that is answered some other way",
	  .happens = a_packet_to_b,
	  .bends = nothing_came_in,
	  .dst = SPOKE_B,
	  .word = "sa_one_way",
	  .passes = PASSES,
	  .said = "straight to 198.51.100.3; 17 packets went into its SA and 0 came "
		  "back" },
	{ .name = "another spoke that refuses",
	  .happens = b_refuses,
	  .dst = SPOKE_B,
	  .word = "child_refused",
	  .said = "there is no SA to 10.0.0.3, and packets to it are refused for " },
	{ .name = "both behind NAT",
	  .nat_a = "192.0.2.22",
	  .nat_b = "192.0.2.33",
	  .happens = a_packet_to_b,
	  .dst = SPOKE_B,
	  .word = "nat_both",
	  .said = "neither can call the other" },
	{ .name = "one behind NAT, which cannot call us",
	  .nat_b = "192.0.2.33",
	  .happens = b_cannot_call,
	  .dst = SPOKE_B,
	  .word = "nat_waits",
	  .said = "it is behind NAT: it has to call us" },
	{ .name = "an SA that the peer ends at once",
	  .happens = ended_at_once,
	  .dst = HUB,
	  .word = "sa_ended",
	  .said = "the peer ended it at once: another node behind the same address",
	  .cause_at = HUB_NBMA },
};

static void judge(const struct fault *f)
{
	struct cast c = cast_for(f);
	struct explain_facts facts;

	if (f->happens)
		f->happens(&c);
	facts = world_facts(c.w, c.a, f->dst);
	if (f->bends)
		f->bends(&facts);
#define FIELD(key) world_explain(c.w, c.a, f->dst, &facts, "verdict", key)
	if (strcmp(FIELD("verdict"), f->word) != 0 ||
	    strcmp(FIELD("passes"), f->passes ? "true" : "false") != 0 ||
	    !strstr(FIELD("reason"), f->said)) {
		print_error("%s: %s\n", f->name, FIELD("verdict"));
		fail_msg("%s", FIELD("reason"));
	}
#undef FIELD
	if (f->cause_at)
		assert_string_equal(world_show(c.w, c.a, SHOW_PEERS, "nbma",
					       f->cause_at, "cause"),
				    f->word);
	world_free(c.w);
}

static void each_fault_of_ipsec_is_named_by_its_verdict(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(faults); k++)
		judge(&faults[k]);
}

static void a_peer_with_an_sa_has_no_cause(void **state)
{
	const struct fault none = { 0 };
	struct cast c = cast_for(&none);

	(void)state;
	assert_string_equal(world_show(c.w, c.a, SHOW_PEERS, "nbma", HUB_NBMA, "cause"),
			    "");
	world_free(c.w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_of_ipsec_is_named_by_its_verdict),
		cmocka_unit_test(a_peer_with_an_sa_has_no_cause),
	};

	return cmocka_run_group_tests_name("explain ipsec", tests, NULL, NULL);
}
