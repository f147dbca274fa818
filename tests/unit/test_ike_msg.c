/* SPDX-License-Identifier: MIT */
/* What a profile and two addresses become, as text; see unit_vici.h. */
#include "unit_conf.h"
#include "unit_vici.h"

#include <unistd.h>

#include <nhrp/ike.h>

#include "ike_msg.h"

static uint8_t buf[65536];

static char *text_of(size_t len, const char *command)
{
	struct vici_frame f;

	assert_int_not_equal(len, 0);
	assert_int_equal(vici_frame_peek(buf, len, &f), len);
	assert_int_equal(f.type, VICI_CMD_REQUEST);
	assert_true(vici_str_is(f.name, command));
	return unit_vici_text(f.msg);
}

static struct conf *profile(const char *words)
{
	char text[1024];

	snprintf(text, sizeof(text), "ipsec-profile p %s interface gre1 ipsec p",
		 words);
	return unit_conf(text);
}

static void assert_conn(const char *words, const struct ike_conn *c, const char *wanted)
{
	struct conf *conf = profile(words);
	char err[160] = "";
	size_t len =
		ike_msg_conn(buf, sizeof(buf), &conf->profiles[0], c, err, sizeof(err));
	char *text = text_of(len, "load-conn");

	assert_string_equal(text, wanted);
	assert_string_equal(err, "");
	free(text);
	conf_free(conf);
}

static const struct ike_conn *to(const char *name, const char *local,
				 const char *remote)
{
	static struct ike_conn c;

	c = (struct ike_conn){ .name = name, .local = unit_addr(local) };
	if (remote)
		c.remote = unit_addr(remote);
	return &c;
}

#define OWNED "version=2 dpd_delay=10s mobike=no keyingtries=1 unique=no"
#define TRANSPORT \
	"children{gre{mode=transport local_ts=[dynamic[gre]] remote_ts=[dynamic[gre]"

/* The fewest words that make sense. */
#define PSK "local auth psk remote auth psk psk s3cret "

static void what_the_daemon_owns_comes_first(void **state)
{
	(void)state;
	assert_conn(PSK, to("dmvpn-gre1", "192.0.2.1", NULL),
		    "dmvpn-gre1{local_addrs=[192.0.2.1] remote_addrs=[%any] " OWNED
		    " local{auth=psk} remote{auth=psk} " TRANSPORT "]}}}");
}

static void words_stand_as_they_were_written_and_lists_are_lists(void **state)
{
	(void)state;
	assert_conn(
		"proposals aes256gcm16-prfsha384-ecp384,aes128gcm16-prfsha256-ecp256 "
		"dpd_delay 30s rekey_time 4h "
		"local auth pubkey id spoke1.example certs spoke1.pem,/root/b.pem "
		"remote auth pubkey cacerts ca.pem id *.example "
		"child esp_proposals aes256gcm16-ecp384 rekey_time 1h",
		to("dmvpn-gre1-198.51.100.7", "192.0.2.1", "198.51.100.7"),
		"dmvpn-gre1-198.51.100.7{local_addrs=[192.0.2.1] "
		"remote_addrs=[198.51.100.7] version=2 mobike=no keyingtries=1 "
		"unique=no proposals=[aes256gcm16-prfsha384-ecp384 "
		"aes128gcm16-prfsha256-ecp256] dpd_delay=30s rekey_time=4h "
		"local{auth=pubkey id=spoke1.example "
		"cert1{file=/etc/swanctl/x509/spoke1.pem} cert2{file=/root/b.pem}} "
		"remote{auth=pubkey cacert1{file=/etc/swanctl/x509ca/ca.pem} "
		"id=*.example} " TRANSPORT
		"] esp_proposals=[aes256gcm16-ecp384] rekey_time=1h}}}");
}

/* Who is called in tunnel mode cannot know the caller's inner address. */
static void in_tunnel_mode_a_caller_may_propose_its_address(void **state)
{
#define TUNNEL(remote_ts)                                                              \
	"children{gre{mode=tunnel local_ts=[dynamic[gre]] remote_ts=[" remote_ts "]}}" \
	"}"
	static const struct {
		const char *local, *remote, *wanted;
	} cases[] = {
		{ "192.0.2.1", NULL, TUNNEL("0.0.0.0/0[gre]") },
		{ "2001:db8::1", NULL, TUNNEL("::/0[gre]") },
		{ "192.0.2.1", "192.0.2.9", TUNNEL("dynamic[gre]") },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char wanted[1024];

		snprintf(wanted, sizeof(wanted),
			 "n{local_addrs=[%s] remote_addrs=[%s] " OWNED
			 " local{auth=psk} remote{auth=psk} %s",
			 cases[i].local, cases[i].remote ? cases[i].remote : "%any",
			 cases[i].wanted);
		assert_conn(PSK "child mode tunnel",
			    to("n", cases[i].local, cases[i].remote), wanted);
	}
}

static struct conf *with_pubkey(const char *path)
{
	char words[128];

	snprintf(words, sizeof(words),
		 "local auth pubkey pubkeys %s remote auth pubkey", path);
	return profile(words);
}

static void a_raw_public_key_is_sent_as_it_is_in_its_file(void **state)
{
	char path[] = "/tmp/nhrpd-test-XXXXXX", err[160] = "";
	int fd = mkstemp(path);
	struct conf *conf = with_pubkey(path);
	const struct ike_conn *c = to("n", "192.0.2.1", "192.0.2.9");
	char *text;

	(void)state;
	assert_int_equal(write(fd, "PEM", 3), 3);
	close(fd);
	text = text_of(ike_msg_conn(buf, sizeof(buf), &conf->profiles[0], c, err,
				    sizeof(err)),
		       "load-conn");
	assert_non_null(strstr(text, "local{auth=pubkey pubkeys=[PEM]}"));
	free(text);
	unlink(path);
	assert_int_equal(ike_msg_conn(buf, sizeof(buf), &conf->profiles[0], c, err,
				      sizeof(err)),
			 0);
	assert_non_null(strstr(err, path));
	assert_non_null(strstr(err, "No such file or directory"));
	conf_free(conf);
}

static void a_profile_that_does_not_fit_is_a_sentence(void **state)
{
	struct conf *conf = profile(PSK "local id spoke.example");
	const struct ike_conn *c = to("n", "192.0.2.1", NULL);
	char err[160] = "";
	size_t len =
		ike_msg_conn(buf, sizeof(buf), &conf->profiles[0], c, err, sizeof(err));

	(void)state;
	for (size_t cap = 0; cap < len; cap++) {
		uint8_t *exact = malloc(cap ? cap : 1);

		assert_int_equal(ike_msg_conn(exact, cap, &conf->profiles[0], c, err,
					      sizeof(err)),
				 0);
		assert_string_equal(err, "profile p is too long");
		free(exact);
	}
	conf_free(conf);
}

static void a_secret_has_the_owners_that_use_it(void **state)
{
	static const struct {
		const char *words, *wanted;
	} cases[] = {
		{ PSK, "id=dmvpn-p type=IKE data=s3cret owners=[%any %any]" },
		{ "local auth psk id spoke.example remote auth psk psk 0x616263",
		  "id=dmvpn-p type=IKE data=abc owners=[spoke.example %any]" },
		{ "local auth psk id spoke.example remote auth psk id *.example psk x",
		  "id=dmvpn-p type=IKE data=x owners=[spoke.example *.example]" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct conf *conf = profile(cases[i].words);
		char *text =
			text_of(ike_msg_shared(buf, sizeof(buf), &conf->profiles[0]),
				"load-shared");

		assert_string_equal(text, cases[i].wanted);
		free(text);
		conf_free(conf);
	}
}

static void no_command_waits_for_its_outcome(void **state)
{
	char *text;

	(void)state;
	text = text_of(ike_msg_initiate(buf, sizeof(buf), "n"), "initiate");
	assert_string_equal(text, "ike=n child=gre timeout=-1");
	free(text);
	text = text_of(ike_msg_terminate(buf, sizeof(buf), 7, false), "terminate");
	assert_string_equal(text, "ike-id=7 timeout=-1");
	free(text);
	text = text_of(ike_msg_terminate(buf, sizeof(buf), 4294967295u, true),
		       "terminate");
	assert_string_equal(text, "ike-id=4294967295 force=yes timeout=-1");
	free(text);
}

static void names_are_of_the_interface_and_the_peer(void **state)
{
	const struct addr none = { 0 }, v4 = unit_addr("203.0.113.1"),
			  v6 = unit_addr("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff");

	(void)state;
	assert_string_equal(ike_name("gre1", &none).s, "dmvpn-gre1");
	assert_string_equal(ike_name("gre1", &v4).s, "dmvpn-gre1-203.0.113.1");
	assert_string_equal(ike_name("fifteen-letters", &v6).s,
			    "dmvpn-fifteen-letters-"
			    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff");
}

static void note_path(void *ctx, const char *path)
{
	struct text *t = ctx;

	text_put(t, "%s\n", path);
}

static void certificates_are_looked_for_where_swanctl_keeps_them(void **state)
{
	struct conf *conf = profile("local auth pubkey certs spoke1.pem,/root/b.pem "
				    "remote auth pubkey cacerts ca.pem");
	struct text paths = { 0 };

	(void)state;
	ike_each_cert(&conf->profiles[0], note_path, &paths);
	assert_string_equal(paths.s, "/etc/swanctl/x509/spoke1.pem\n/root/b.pem\n"
				     "/etc/swanctl/x509ca/ca.pem\n");
	free(paths.s);
	conf_free(conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_daemon_owns_comes_first),
		cmocka_unit_test(words_stand_as_they_were_written_and_lists_are_lists),
		cmocka_unit_test(in_tunnel_mode_a_caller_may_propose_its_address),
		cmocka_unit_test(certificates_are_looked_for_where_swanctl_keeps_them),
		cmocka_unit_test(a_raw_public_key_is_sent_as_it_is_in_its_file),
		cmocka_unit_test(a_profile_that_does_not_fit_is_a_sentence),
		cmocka_unit_test(a_secret_has_the_owners_that_use_it),
		cmocka_unit_test(no_command_waits_for_its_outcome),
		cmocka_unit_test(names_are_of_the_interface_and_the_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
