/* SPDX-License-Identifier: MIT */
/*
 * What becomes of certificates: asked for at charon, judged, told. The charon of
 * these tests lists what the test has put into its cache. See unit_ike.h.
 */
#include "unit_cert.h"
#include "unit_ike.h"

#include <time.h>

#define NONE	 "charon has no certificate of this name any more"
#define STRANGER "its certificate is of none of the 'cacerts'"
#define LIST_CAS "list-certs type=X509 flag=CA\n"
#define LIST_HUB "list-certs type=X509 flag=NONE subject=hub\n"
#define TOLD	 "AUTHORITY gre1 " LOCAL ">" HUB " 7/3 hub"

struct cache {
	struct unit_cert root, middle, hub, forger, forged;
	const struct unit_cert *cas[4], *peers[4]; /* that charon lists; NULL ends */
	bool holds;				   /* answers nothing */
	char path[32];
};

static struct unit_cert make(const char *subject, const char *blocks,
			     const struct unit_cert *issuer)
{
	bool ca = strcmp(subject, "CN=hub") != 0;

	return unit_cert(&(struct unit_cert_spec){ .subject = subject,
						   .san = ca ? NULL : "DNS:hub",
						   .blocks = blocks,
						   .issuer = issuer,
						   .ca = ca,
						   .now_s = time(NULL) });
}

static void write_ca(struct cache *c)
{
	FILE *file = fdopen(mkstemp(c->path), "w");

	assert_int_equal(fwrite(c->root.bytes, 1, c->root.len, file), c->root.len);
	assert_int_equal(fclose(file), 0);
}

static void list(struct charon *c, const struct unit_cert *const certs[])
{
	for (size_t k = 0; certs[k]; k++) {
		struct vici_out o;

		vici_out_begin(&o, c->out, CHARON_ROOM, VICI_EVENT, "list-cert");
		vici_out_value(&o, "type", "X509");
		vici_out_octets(&o, "data", certs[k]->bytes, certs[k]->len);
		assert_true(charon_registered(c, "list-cert"));
		charon_write(c, c->out, vici_out_end(&o));
	}
	charon_frame(c, VICI_CMD_RESPONSE, NULL, "");
}

static void answer(struct charon *c, const char *line)
{
	const struct cache *cache = c->ctx;

	if (!cache->holds)
		list(c, strstr(line, "flag=CA") ? cache->cas : cache->peers);
}

static int setup_certs(void **state)
{
	struct cache *c = calloc(1, sizeof(*c));
	struct fixture *f;

	if (setup(state))
		return -1;
	f = *state;
	c->root = make("CN=root", "IPv4:10.0.0.0/8", NULL);
	c->middle = make("CN=middle", "IPv4:inherit", &c->root);
	c->hub = make("CN=hub", "IPv4:10.0.0.9/32", &c->middle);
	c->forger = make("CN=middle", "IPv4:0.0.0.0/0", NULL);
	c->forged = make("CN=hub", "IPv4:0.0.0.0/0", &c->forger);
	c->cas[0] = &c->middle;
	c->peers[0] = &c->hub;
	strcpy(c->path, "/tmp/nhrpd-test-XXXXXX");
	write_ca(c);
	f->charon.ctx = c;
	f->charon.certs = answer;
	return 0;
}

static int teardown_certs(void **state)
{
	struct fixture *f = *state;
	struct cache *c = f->charon.ctx;

	unit_cert_free(&c->root);
	unit_cert_free(&c->middle);
	unit_cert_free(&c->hub);
	unit_cert_free(&c->forger);
	unit_cert_free(&c->forged);
	remove(c->path);
	free(c);
	return teardown(state);
}

static const char *words(const struct cache *c, const char *authorize)
{
	static char text[512];

	snprintf(text, sizeof(text),
		 "ipsec-profile p local auth pubkey remote auth pubkey cacerts %s "
		 "interface gre1 ipsec p %s",
		 c->path, authorize);
	return text;
}

/* charon is there, and knows no SA. */
static struct cache *begin_certs(struct fixture *f, const struct ike_limits *limits,
				 const char *authorize)
{
	struct cache *c = f->charon.ctx;

	charon_start(&f->charon);
	begin(f, limits, words(c, authorize));
	run_until_told(f, "READY");
	settle(f);
	forget(f);
	return c;
}

static void child(struct fixture *f, const char *event, const char *text)
{
	charon_event(&f->charon, event, text);
	some_turns(f);
}

/* --- one question --------------------------------------------------------- */

static void the_certificate_of_an_sa_is_asked_for_at_once(void **state)
{
	struct fixture *f = *state;

	begin_certs(f, &quiet, "authorize h* certificate");
	child(f, "child-updown", "up=yes " SA("7", "3"));
	settle(f);
	assert_told(f, UP_7_3 TOLD " 10.0.0.9/32\n");
	assert_asked(f, LIST_CAS LIST_HUB);
}

static void nobody_is_asked_about_whose_certificate_does_not_count(void **state)
{
	static const char *const authorities[] = { "", "authorize hub 10.0.0.0/8",
						   "authorize spoke* certificate" };

	for (size_t k = 0; k < ARRAY_SIZE(authorities); k++) {
		struct fixture *f;

		if (k) /* the first one has been set up */
			assert_int_equal(setup_certs(state), 0);
		f = *state;
		begin_certs(f, &quiet, authorities[k]);
		child(f, "child-updown", "up=yes " SA("7", "3"));
		settle(f);
		assert_told(f, UP_7_3);
		assert_asked(f, "");
		if (k + 1 < ARRAY_SIZE(authorities))
			assert_int_equal(teardown_certs(state), 0);
	}
}

static void a_ca_that_charon_lists_is_not_trusted_for_that(void **state)
{
	struct fixture *f = *state;
	struct cache *c = begin_certs(f, &quiet, "authorize hub certificate");

	c->cas[1] = &c->forger;
	c->peers[0] = &c->forged;
	child(f, "child-updown", "up=yes " SA("7", "3"));
	settle(f);
	assert_told(f, UP_7_3 TOLD ": " STRANGER "\n");
	/* nor does it take away what the peer's own gives */
	c->peers[1] = &c->hub;
	child(f, "child-updown", "up=yes " SA("7", "3"));
	settle(f);
	assert_told(f, UP_7_3 TOLD " 10.0.0.9/32\n");
}

static void what_is_not_found_is_asked_for_once_more(void **state)
{
	struct fixture *f = *state;
	struct ike_limits limits = quiet;
	struct cache *c;
	unsigned asked;

	limits.check_s =
		0.5; /* the second question is to come after this test's turn */
	c = begin_certs(f, &limits, "authorize hub certificate");
	c->peers[0] = NULL;
	child(f, "child-updown", "up=yes " SA("7", "3"));
	run_until_told(f, NONE);
	c->peers[0] = &c->hub;
	run_until_told(f, TOLD " 10.0.0.9/32\n");
	/* once, not again and again */
	c->peers[0] = NULL;
	forget(f);
	child(f, "child-updown", "up=yes " SA("8", "4"));
	RUN_UNTIL(f, charon_asked(&f->charon, LIST_HUB) >= 2);
	charon_forget(&f->charon);
	RUN_UNTIL(f, charon_asked(&f->charon, "get-conns") > 5);
	asked = charon_asked(&f->charon, LIST_HUB);
	assert_int_equal(asked, 0);
}

static void a_missing_file_of_a_ca_is_an_error_that_names_it(void **state)
{
	struct fixture *f = *state;
	struct cache *c = f->charon.ctx;

	assert_int_equal(remove(c->path), 0);
	begin_certs(f, &quiet, "authorize hub certificate");
	assert_non_null(strstr(f->lines.s, "error: gre1: no certificate counts that is "
					   "of this CA: /tmp/nhrpd-test-"));
	child(f, "child-updown", "up=yes " SA("7", "3"));
	settle(f);
	assert_told(f, UP_7_3 TOLD ": " STRANGER "\n");
}

/* --- meanwhile ------------------------------------------------------------ */

static void an_sa_that_is_rekeyed_meanwhile_is_told_by_its_new_number(void **state)
{
	struct fixture *f = *state;
	struct cache *c = begin_certs(f, &quiet, "authorize hub certificate");

	c->holds = true;
	child(f, "child-updown", "up=yes " SA("7", "3"));
	RUN_UNTIL(f, charon_asked(&f->charon, LIST_HUB) == 1);
	child(f, "child-rekey",
	      HUB_NAME
	      "{" IKE("7") " child-sas{gre{old{" CHILD("3") "} new{" CHILD("4") "}}}}");
	forget(f);
	list(&f->charon, c->cas);
	list(&f->charon, c->peers);
	settle(f);
	assert_told(f, "AUTHORITY gre1 " LOCAL ">" HUB " 7/4 hub 10.0.0.9/32\n");
}

static void of_an_sa_that_ended_meanwhile_nothing_is_told(void **state)
{
	struct fixture *f = *state;
	struct cache *c = begin_certs(f, &quiet, "authorize hub certificate");

	c->holds = true;
	child(f, "child-updown", "up=yes " SA("7", "3"));
	RUN_UNTIL(f, charon_asked(&f->charon, LIST_HUB) == 1);
	child(f, "child-updown", SA("7", "3"));
	forget(f);
	list(&f->charon, c->cas);
	list(&f->charon, c->peers);
	settle(f);
	assert_told(f, "");
}

static void a_charon_that_is_back_is_asked_anew(void **state)
{
	static const struct charon_answer answers[] = {
		{ "list-sas", "list-sa " SA("7", "3") "\n" }, { 0 }
	};
	struct fixture *f = *state;
	struct cache *c = begin_certs(f, &quiet, "authorize hub certificate");

	c->holds = true;
	child(f, "child-updown", "up=yes " SA("7", "3"));
	RUN_UNTIL(f, charon_asked(&f->charon, LIST_HUB) == 1);
	c->holds = false;
	f->charon.answers = answers;
	charon_stop(&f->charon);
	run_until_told(f, "GONE");
	charon_start(&f->charon);
	run_until_told(f, TOLD " 10.0.0.9/32\n");
}

static void a_new_rule_asks_about_sas_that_are_there(void **state)
{
	struct fixture *f = *state;
	struct cache *c = begin_certs(f, &quiet, "authorize hub 10.0.0.0/8");

	child(f, "child-updown", "up=yes " SA("7", "3"));
	settle(f);
	forget(f);
	take_conf(f, words(c, "authorize hub certificate"));
	settle(f);
	assert_told(f, UP_7_3 TOLD " 10.0.0.9/32\n");
	/* the same rule again is no news, and what was found stays found */
	take_conf(f, words(c, "authorize hub certificate"));
	settle(f);
	assert_told(f, "");
	c->peers[0] = NULL;
	take_conf(f, words(c, "authorize hub certificate authorize x certificate"));
	settle(f);
	assert_told(f, UP_7_3);
}

/* --- many ----------------------------------------------------------------- */

static void of_many_some_are_asked_about_at_a_time(void **state)
{
	struct ike_limits limits = quiet;
	struct fixture *f = *state;
	struct cache *c;

	limits.children = 100;
	c = begin_certs(f, &limits, "authorize hub certificate");
	c->holds = true;
	for (unsigned k = 1; k <= 40; k++) {
		char event[512];

		snprintf(event, sizeof(event),
			 "up=yes a{uniqueid=%u " HOSTS
			 " remote-id=hub child-sas{b{uniqueid=%u state=INSTALLED "
			 "%s}}}",
			 k, k, TS(LOCAL "/32", HUB "/32"));
		child(f, "child-updown", event);
	}
	some_turns(f);
	assert_int_equal(charon_asked(&f->charon, LIST_HUB), 16);
	for (unsigned answered = 0; answered < 40; answered++) {
		RUN_UNTIL(f, charon_asked(&f->charon, LIST_HUB) > answered);
		list(&f->charon, c->cas);
		list(&f->charon, c->peers);
	}
	settle(f);
	assert_int_equal(charon_asked(&f->charon, LIST_HUB), 40);
	assert_non_null(strstr(f->told.s, " 1/1 hub 10.0.0.9/32\n"));
	assert_non_null(strstr(f->told.s, " 40/40 hub 10.0.0.9/32\n"));
}

#define CERT_TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup_certs, teardown_certs)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CERT_TEST(the_certificate_of_an_sa_is_asked_for_at_once),
		CERT_TEST(nobody_is_asked_about_whose_certificate_does_not_count),
		CERT_TEST(a_ca_that_charon_lists_is_not_trusted_for_that),
		CERT_TEST(what_is_not_found_is_asked_for_once_more),
		CERT_TEST(a_missing_file_of_a_ca_is_an_error_that_names_it),
		CERT_TEST(an_sa_that_is_rekeyed_meanwhile_is_told_by_its_new_number),
		CERT_TEST(of_an_sa_that_ended_meanwhile_nothing_is_told),
		CERT_TEST(a_charon_that_is_back_is_asked_anew),
		CERT_TEST(a_new_rule_asks_about_sas_that_are_there),
		CERT_TEST(of_many_some_are_asked_about_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
