/* SPDX-License-Identifier: MIT */
/*
 * For tests of the adapter to charon: the adapter between an engine that writes down
 * what it is told and a charon that says what the test wants, all on one loop.
 */
#ifndef NHRP_TEST_UNIT_IKE_H
#define NHRP_TEST_UNIT_IKE_H

#include "unit_charon.h"
#include "unit_conf.h"

#include <nhrp/ike.h>
#include <nhrp/loop.h>

#define LOCAL "192.0.2.1"
#define HUB   "192.0.2.9"

/* Times that tests wait for are short, the others never come. */
#define SOON  0.02
#define NEVER 60.

struct fixture {
	struct loop *loop;
	struct ev_loop *ev;
	struct charon charon;
	struct conf *conf, *old;
	struct ike *ike;
	struct event_sink sink;
	struct log_sink log;
	struct text told; /* a line a fact */
	struct text lines;
	enum sa_cause cause; /* of the last SA_FAILED */
	bool reacts;	     /* to SA_FAILED, with this: */
	struct act_sa on_failure;
};

static const struct ike_limits quiet = { .calls = 4,
					 .children = 8,
					 .line_s = NEVER,
					 .guard_s = NEVER,
					 .child_s = NEVER,
					 .check_s = NEVER,
					 .measure_s = NEVER,
					 .retry_first_s = 0.01,
					 .retry_most_s = 0.02,
					 .answer_s = NEVER };

static inline void ignore(void *ctx)
{
	(void)ctx;
}

static inline void take_line(void *ctx, enum log_level level, const char *text)
{
	struct fixture *f = ctx;

	text_put(&f->lines, "%s: %s\n", log_level_str(level), text);
}

static inline void take_fact(void *ctx, const struct event *ev)
{
	const struct ev_sa *e = &ev->sa;
	static const char *const names[] = { "READY", "GONE",	 "UP",
					     "DOWN",  "REKEYED", "IKE",
					     "MOVED", "FAILED",	 "AUTHORITY" };
	struct fixture *f = ctx;

	text_put(&f->told, "%s", names[e->fact]);
	if (e->ifname)
		text_put(&f->told, " %s %s>%s", e->ifname, ADDR_STR(&e->local),
			 ADDR_STR(&e->remote));
	if (e->ifname && !addr_eq(&e->remote, &e->outer))
		text_put(&f->told, "(%s)", ADDR_STR(&e->outer));
	if (e->child)
		text_put(&f->told, " %u/%u %s", e->ike, e->child, e->identity);
	if (e->old)
		text_put(&f->told, " was %u", e->old);
	for (size_t k = 0; k < e->prefix_count; k++)
		text_put(&f->told, " %s", PREFIX_STR(&e->prefixes[k]));
	if (e->fact == SA_FAILED || (e->fact == SA_AUTHORITY && !e->prefix_count))
		text_put(&f->told, ": %s", e->reason);
	text_put(&f->told, "\n");
	if (e->fact == SA_FAILED)
		f->cause = e->cause;
	if (e->fact == SA_FAILED && f->reacts)
		ike_act(f->ike, &f->on_failure);
}

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct loop_handlers nothing = {
		f, ignore, ignore, ignore, ignore, ignore
	};

	f->loop = loop_new(&nothing);
	f->ev = loop_ev(f->loop);
	f->sink = (struct event_sink){ f, take_fact };
	f->log = (struct log_sink){ f, LOG_LEVEL_DEBUG, take_line };
	charon_init(&f->charon, f->ev);
	text_put(&f->told, "%s", "");
	text_put(&f->lines, "%s", "");
	*state = f;
	alarm(60); /* a test that waits for nothing is ended */
	return 0;
}

/* A secret is in no line of the log, whatever the test was about. */
static inline int teardown(void **state)
{
	struct fixture *f = *state;
	bool secret = strstr(f->lines.s, "s3cret") != NULL;

	ike_free(f->ike);
	charon_free(&f->charon);
	loop_free(f->loop);
	conf_free(f->conf);
	conf_free(f->old);
	free(f->told.s);
	free(f->lines.s);
	free(f);
	return secret ? -1 : 0;
}

#define RUN_UNTIL(f, fact)                           \
	do {                                         \
		while (!(fact))                      \
			ev_run((f)->ev, EVRUN_ONCE); \
	} while (0)

static inline void some_turns(struct fixture *f)
{
	for (int turns = 0; turns < 20; turns++)
		ev_run(f->ev, EVRUN_NOWAIT);
}

/* Everything that was begun has come to rest. */
static inline void settle(struct fixture *f)
{
	some_turns(f);
	RUN_UNTIL(f, !ike_busy(f->ike));
	some_turns(f);
}

static inline void forget(struct fixture *f)
{
	charon_forget(&f->charon);
	f->told.len = 0;
	f->told.s[0] = '\0';
}

/* This is what was told since the last look, and nothing else. */
static inline void assert_told(struct fixture *f, const char *wanted)
{
	assert_string_equal(f->told.s, wanted);
	f->told.len = 0;
	f->told.s[0] = '\0';
}

static inline void run_until_told(struct fixture *f, const char *word)
{
	RUN_UNTIL(f, strstr(f->told.s, word));
}

static inline void assert_asked(struct fixture *f, const char *wanted)
{
	assert_string_equal(f->charon.asked.s, wanted);
	charon_forget(&f->charon);
}

#define PSK                                                                \
	"ipsec-profile p local auth psk id me remote auth psk psk s3cret " \
	"interface gre1 ipsec p "

static inline void take_conf(struct fixture *f, const char *words)
{
	char text[1024];

	snprintf(text, sizeof(text), "vici %s %s", f->charon.path, words);
	conf_free(f->old);
	f->old = f->conf;
	f->conf = unit_conf(text);
	ike_conf(f->ike, f->conf);
}

static inline void local(struct fixture *f, const char *ifname, const char *addr)
{
	const struct addr a = unit_addr(addr);

	ike_local(f->ike, ifname, &a);
}

static inline void begin(struct fixture *f, const struct ike_limits *limits,
			 const char *words)
{
	f->ike = ike_new(f->loop, limits, &f->sink, &f->log);
	take_conf(f, words);
	local(f, "gre1", LOCAL);
}

/* charon runs, has what `answers` says, and its SAs are told. */
static inline void ready(struct fixture *f, const struct ike_limits *limits,
			 const struct charon_answer *answers)
{
	f->charon.answers = answers;
	charon_start(&f->charon);
	begin(f, limits, PSK);
	run_until_told(f, "READY");
	settle(f);
	forget(f);
	f->charon.answers = NULL;
}

static inline void act(struct fixture *f, enum sa_want want, const char *remote)
{
	const struct act_sa a = { .want = want,
				  .ifname = "gre1",
				  .local = unit_addr(LOCAL),
				  .remote = unit_addr(remote) };

	ike_act(f->ike, &a);
}

static inline void start(struct fixture *f, const char *remote)
{
	act(f, SA_START, remote);
}

static inline void stop(struct fixture *f, uint32_t ike, bool force)
{
	const struct act_sa a = { .want = SA_STOP, .ike = ike, .force = force };

	ike_act(f->ike, &a);
}

#define GRE	 "[gre]"
#define HUB_NAME "dmvpn-gre1-" HUB
#define TS(l, r) "local-ts=[" l GRE "] remote-ts=[" r GRE "]"
#define HOSTS	 "local-host=" LOCAL " remote-host=" HUB
#define IKE(id)                                                          \
	"uniqueid=" id " state=ESTABLISHED initiator=yes initiator-spi=" \
	"00c3a1f0e29d8b7a " HOSTS " remote-id=hub"
#define CHILD(id)   "uniqueid=" id " state=INSTALLED " TS(LOCAL "/32", HUB "/32")
#define CHILDREN(c) "child-sas{" c "}"
#define SA(id, child) \
	HUB_NAME "{" IKE(id) " " CHILDREN("gre-" child "{" CHILD(child) "}") "}"

#define OWNED "version=2 dpd_delay=10s mobike=no keyingtries=1 unique=no"
#define CONN(name, remote)                                                            \
	"load-conn " name "{local_addrs=[" LOCAL "] remote_addrs=[" remote "] " OWNED \
	" local{auth=psk id=me} remote{auth=psk} children{gre{mode=transport "        \
	"local_ts=[dynamic[gre]] remote_ts=[dynamic[gre]]}}}\n"
#define SHARED	   "load-shared id=dmvpn-p type=IKE data=s3cret owners=[me %any]\n"
#define LOAD_HUB   CONN(HUB_NAME, HUB)
#define INITIATE   "initiate ike=" HUB_NAME " child=gre timeout=-1\n"
#define UNLOAD_HUB "unload-conn name=" HUB_NAME "\n"
#define LOOK	   "list-sas ike=" HUB_NAME "\n"
#define IS_LOADED  "get-conns\nget-shared\n"
#define UP_7_3	   "UP gre1 " LOCAL ">" HUB " 7/3 hub\n"

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
