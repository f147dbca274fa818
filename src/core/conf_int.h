/* SPDX-License-Identifier: MIT */
/*
 * What the files of the configuration share and nobody else sees: the table of
 * words, the state of one parse, and how a fault is noted.
 *
 * A statement is a word of the table with its arguments and options. It is
 * drafted in the parser and joins the configuration only when it has no fault;
 * its places are kept beside it, for the checks that look across statements.
 */
#ifndef NHRP_CORE_CONF_INT_H
#define NHRP_CORE_CONF_INT_H

#include <nhrp/conf.h>

#include "conf_lex.h"

/* More than a node can use; a file beyond these is a mistake. */
#define CONF_TEXT_MAX	     (1u << 20) /* octets */
#define CONF_IFACES_MAX	     256
#define CONF_MAPS_MAX	     4096 /* of one interface, as all below */
#define CONF_ADDRS_MAX	     64
#define CONF_DYNAMICS_MAX    256
#define CONF_GROUPS_MAX	     64
#define CONF_TARGETS_MAX     256
#define CONF_MCASTS_MAX	     256
#define CONF_FILTERS_MAX     256
#define CONF_AUTHORITIES_MAX 1024
#define CONF_PREFIXES_MAX    256 /* behind one word */
#define CONF_PROFILES_MAX    64
#define CONF_VALUES_MAX	     32	   /* of one key */
#define CONF_VALUE_MAX	     1024  /* octets of one, with its terminator */
#define CONF_SAMPLES_MAX     60000 /* a thousand a second */
#define CONF_BINDINGS_MAX    1000000
#define CONF_MOST_MAX	     4096 /* servers of a group, registered with */
#define CONF_PROBE_MAX	     3600
#define CONF_TUNNEL_MTU_MIN  576
#define CONF_TUNNEL_MTU_MAX  65000 /* the kernel: 65507 over IPv4, less over IPv6 */

#define CONF_HIDDEN "<hidden>" /* printed where a secret is not to be seen */

/* Where a word may stand. */
enum conf_scope {
	CONF_IN_FILE = 1 << 0,
	CONF_IN_IFACE = 1 << 1,
	CONF_IN_MAP = 1 << 2, /* as an option behind the arguments of `map` */
	CONF_IN_TUNNEL = 1 << 3,
	CONF_IN_TARGET = 1 << 4,
	CONF_IN_MCAST = 1 << 5,
	CONF_IN_REDIRECT = 1 << 6,
	CONF_IN_FIREWALL = 1 << 7,
	CONF_IN_PROFILE = 1 << 8,
	CONF_IN_DYNAMIC = 1 << 9,
	CONF_IN_GROUP = 1 << 10,
	CONF_IN_STATE = 1 << 11,
};

#define CONF_IN_SERVER (CONF_IN_MAP | CONF_IN_DYNAMIC)

#define CONF_STATEMENTS (CONF_IN_FILE | CONF_IN_IFACE)
#define CONF_OPTIONS                                                             \
	(CONF_IN_MAP | CONF_IN_TUNNEL | CONF_IN_TARGET | CONF_IN_MCAST |         \
	 CONF_IN_STATE | CONF_IN_REDIRECT | CONF_IN_FIREWALL | CONF_IN_PROFILE | \
	 CONF_IN_DYNAMIC | CONF_IN_GROUP)

/* Words that may be given once: in the file, an interface, or a statement. */
enum conf_slot {
	CONF_MANY = 0,
	CONF_ONCE_TUNNEL,
	CONF_ONCE_AUTH,
	CONF_ONCE_HOLDING,
	CONF_ONCE_TABLE,
	CONF_ONCE_BINDINGS,
	CONF_ONCE_PRIORITY,
	CONF_ONCE_GROUP,
	CONF_ONCE_PROBE,
	CONF_ONCE_MOST,
	CONF_ONCE_STATE,
	CONF_ONCE_FALL_BACK,
	CONF_ONCE_SOURCE,
	CONF_ONCE_KEY,
	CONF_ONCE_TTL,
	CONF_ONCE_MTU,
	CONF_ONCE_REDIRECT,
	CONF_ONCE_RATE,
	CONF_ONCE_PREFIX,
	CONF_ONCE_PREFIX6,
	CONF_ONCE_FIREWALL,
	CONF_ONCE_NFLOG,
	CONF_ONCE_MCAST_NFLOG,
	CONF_ONCE_SCRIPT,
	CONF_ONCE_IPSEC,
	CONF_ONCE_VICI,
	CONF_ONCE_PSK,
	CONF_SLOTS,
};

struct conf_parser;

struct conf_word {
	const char *name;
	const char *args; /* as the manual writes them */
	const char *help;
	unsigned scope;	  /* bits of enum conf_scope */
	unsigned options; /* the scope its options have, or 0 */
	enum conf_slot once;
	void (*take)(struct conf_parser *p);
	size_t flag; /* of a word without arguments: the bool it sets */
	bool secret; /* its argument is never shown */
};

/* What the value of a key has to be. */
enum conf_key_form {
	CONF_KEY_TEXT,
	CONF_KEY_CHOICE, /* one of the words in `note`, which stand like this|that */
	CONF_KEY_TIME,
	CONF_KEY_NUMBER,
	CONF_KEY_LIST,
	CONF_KEY_FILES,
	CONF_KEY_OWNED, /* none: it is the daemon's to decide; `note` says why */
};

/* A key of swanctl.conf. */
struct conf_key {
	const char *name;
	unsigned sections; /* bits 1 << enum conf_section */
	enum conf_key_form form;
	const char *note;
};

#define CONF_KEYS_MAX 128 /* rows of the table of keys */

struct conf_map_src {
	struct conf_place proto, nbma, group, probe;
};

/* Where the parts of an interface stand in the text. */
struct conf_src {
	struct conf_place name;
	struct conf_place once[CONF_SLOTS];
	struct conf_place alone, other; /* shortcut-destination; the first other word */
	const char *other_word;
	struct conf_place *addrs, *groups, *targets, *mcasts, *filters;
	struct conf_place *authorities, *guards, *mcast_groups;
	struct conf_tok ipsec; /* the profile's name */
	struct conf_map_src *maps, *dynamic_maps;
	bool overfull; /* said so once */
};

struct conf_profile_src {
	struct conf_place name;
	struct conf_place once[CONF_SLOTS];
	struct conf_place keys[CONF_CHILD + 1][CONF_KEYS_MAX];
};

struct conf_parser {
	struct conf_lex lex;
	struct conf_tok cur;  /* the word to look at next */
	struct conf_tok prev; /* the last one taken */
	struct conf *conf;
	struct conf_src *srcs;		    /* one an interface of conf */
	struct conf_place once[CONF_SLOTS]; /* words of no interface */
	struct conf_diags *diags;

	/* The profile that is open, if one is, and its section. */
	struct conf_profile_src *profile_srcs; /* one a profile of conf */
	bool in_profile;
	enum conf_section section;
	unsigned section_line;

	/* The statement at hand. */
	const struct conf_word *word;
	const struct conf_word *row; /* the word itself, or its option at hand */
	struct conf_place at;
	bool broken;  /* it has a fault: do not keep it */
	bool missing; /* an argument is missing, and that was said */
	struct conf_place given[CONF_SLOTS]; /* its options */
	struct conf_word key_word;	     /* what stands for a key as `word` */
	union {
		struct conf_map map; /* of dynamic-map what both have */
		struct conf_group group;
		struct conf_tunnel tunnel;
		struct conf_target target;
		struct conf_mcast mcast;
	} draft;
};

/* --- conf_diag.c */

void conf_diag_add(struct conf_diags *d, enum conf_severity severity,
		   struct conf_place at, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Into the order of the text; those of one place stay in the order they came. */
void conf_diags_sort(struct conf_diags *d);

/* --- conf_words.c */

/* All words; the last row has no name. */
extern const struct conf_word conf_words[];

/* The word that may stand in one of these scopes, or NULL. */
const struct conf_word *conf_word_find(unsigned scopes, const struct conf_tok *t);

/* The word that was probably meant, or NULL. */
const struct conf_word *conf_word_guess(unsigned scopes, const struct conf_tok *t);

/* How much two words differ; more than the limit is no misspelling. */
unsigned conf_guess_distance(const struct conf_tok *t, const char *name);
unsigned conf_guess_limit(const struct conf_tok *t);

/* Names of the words of these scopes, separated by spaces, cut at `cap`. */
void conf_word_list(unsigned scopes, char *out, size_t cap);

/* --- conf_keys.c */

/* All keys; the last row has no name. */
extern const struct conf_key conf_keys[];

/* The key of this name in one of these sections, or NULL. */
const struct conf_key *conf_key_find(unsigned sections, const struct conf_tok *t);

/* The key for a profile that was probably meant, or NULL. */
const struct conf_key *conf_key_guess(unsigned sections, const struct conf_tok *t);

/* As the manual writes them. */
const char *conf_key_args(const struct conf_key *k);

const char *conf_section_str(enum conf_section s);

/*
 * --- conf_arg.c: the arguments of the statement at hand. A fault is noted and
 * sticks to the statement (p->broken), so the answer is only to be asked where
 * something else depends on it.
 */

/* Moves to the next word; reports octets that no word may have. */
void conf_advance(struct conf_parser *p);

/* A fault of the statement: it will not be kept. */
void conf_fault(struct conf_parser *p, struct conf_place at, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* The next word; `free_text`: also when it is a word of the table on this line. */
bool conf_arg_any(struct conf_parser *p, const char *what, bool free_text,
		  struct conf_tok *out) MUST_CHECK;
/* As free text, or in quotation marks, which may hold blanks; then without them. */
bool conf_arg_value(struct conf_parser *p, const char *what,
		    struct conf_tok *out) MUST_CHECK;
bool conf_arg_number(struct conf_parser *p, const char *what, uint32_t min,
		     uint32_t max, uint32_t *out);
/* The same of what has less room; `max` fits. */
void conf_arg_u8(struct conf_parser *p, const char *what, uint32_t min, uint32_t max,
		 uint8_t *out);
void conf_arg_u16(struct conf_parser *p, const char *what, uint32_t min, uint32_t max,
		  uint16_t *out);

/* ADDR or ADDR/LEN, which `has_len` tells; `at` is for later checks. */
bool conf_arg_prefix(struct conf_parser *p, const char *what, struct prefix *out,
		     bool *has_len, struct conf_place *at);
/* ADDR/LEN of a network: the length is not to be forgotten. */
void conf_arg_network(struct conf_parser *p, struct prefix *out, struct conf_place *at);

/* One station's address, without a length; `what` it is, for the message. */
void conf_arg_station(struct conf_parser *p, const char *what, struct addr *out);
void conf_arg_nbma(struct conf_parser *p, struct conf_nbma *out);
/* The name of a group, wherever it stands. */
void conf_arg_group(struct conf_parser *p, char out[CONF_GROUP_MAX]);
void conf_arg_dns_name(struct conf_parser *p, char out[CONF_NAME_MAX]);
bool conf_arg_ifname(struct conf_parser *p, const char *what, bool free_text,
		     char out[CONF_IFNAME_MAX]);

/* Meant to be an address, right or wrong: of digits and dots, or with a colon. */
bool conf_tok_is_addr_like(const struct conf_tok *t);

/* Fault when it is what is printed in place of a secret. */
bool conf_is_no_placeholder(struct conf_parser *p, const struct conf_tok *t);

/* Of letters, digits and . _ - alone: in a rule it needs no quotation marks. */
bool conf_is_plain(const char *name);

/* Fault when the address cannot be one station's. */
void conf_unicast(struct conf_parser *p, struct conf_place at, const char *what,
		  const struct addr *a);

/* --- conf_take.c: one function a word or kind of word, for the table */

void conf_take_interface(struct conf_parser *p);
void conf_take_tunnel(struct conf_parser *p);
void conf_take_source(struct conf_parser *p);
void conf_take_key(struct conf_parser *p);
void conf_take_ttl(struct conf_parser *p);
void conf_take_mtu(struct conf_parser *p);
void conf_take_address(struct conf_parser *p);
void conf_take_auth(struct conf_parser *p);
void conf_take_holding(struct conf_parser *p);
void conf_take_table(struct conf_parser *p);
void conf_take_bindings(struct conf_parser *p);
void conf_take_target(struct conf_parser *p);
void conf_take_target_holding(struct conf_parser *p);
void conf_take_multicast(struct conf_parser *p);
void conf_take_mcast_dynamic(struct conf_parser *p);
void conf_take_mcast_nhs(struct conf_parser *p);
void conf_take_flag(struct conf_parser *p);
void conf_take_if_state(struct conf_parser *p);
void conf_take_filter(struct conf_parser *p);
void conf_take_redirect(struct conf_parser *p);
void conf_take_rate(struct conf_parser *p);
void conf_take_prefix(struct conf_parser *p);
void conf_take_prefix6(struct conf_parser *p);
void conf_take_firewall(struct conf_parser *p);
void conf_take_manual(struct conf_parser *p);
void conf_take_nflog(struct conf_parser *p);
void conf_take_mcast_nflog(struct conf_parser *p);
void conf_take_script(struct conf_parser *p);
void conf_take_vici(struct conf_parser *p);
void conf_take_ipsec(struct conf_parser *p);
void conf_take_authorize(struct conf_parser *p);
void conf_take_guard(struct conf_parser *p);
void conf_take_mcast_groups(struct conf_parser *p);

/* Takes the word if it is an option of the statement; all that are. */
bool conf_take_option(struct conf_parser *p);
void conf_take_options(struct conf_parser *p);

/* The draft is whole, and there is room for one more; else it is said, once. */
bool conf_may_keep(struct conf_parser *p, size_t count, size_t max);

/* Room for one more; the capacity is the next power of two. */
void *conf_grow(void *list, size_t count, size_t size) __attribute__((returns_nonnull));
#define CONF_APPEND(list, count, value)                        \
	((list) = conf_grow((list), (count), sizeof(*(list))), \
	 (list)[(count)] = (value))

/* Opens an interface and its places; all that follows belongs to it. */
void conf_open_iface(struct conf_parser *p, const char *name, struct conf_place at);

/* The interface that is open, and its places. */
struct conf_iface *conf_cur_iface(struct conf_parser *p);
struct conf_src *conf_cur_src(struct conf_parser *p);

/* --- conf_map.c: the same of what is about stations */

void conf_take_map(struct conf_parser *p);
void conf_take_priority(struct conf_parser *p);
void conf_take_dynamic_map(struct conf_parser *p);
void conf_take_member(struct conf_parser *p);
void conf_take_probe(struct conf_parser *p);
void conf_take_group(struct conf_parser *p);
void conf_take_most(struct conf_parser *p);
void conf_take_fall_back(struct conf_parser *p);

/* --- conf_parse.c */

/* From here on, `w` is the statement at hand. */
void conf_begin_statement(struct conf_parser *p, const struct conf_word *w);

/* The rest of what an unknown word began. */
void conf_skip_unknown(struct conf_parser *p);

/* --- conf_profile.c */

void conf_take_profile(struct conf_parser *p);
void conf_take_section(struct conf_parser *p);
void conf_take_psk(struct conf_parser *p);
void conf_take_psk_file(struct conf_parser *p);

/* The name of a profile, wherever it stands. */
bool conf_arg_profile(struct conf_parser *p, char out[CONF_PROFILE_MAX]) MUST_CHECK;

/* Takes the word with its value if it is a key, right or wrong. */
bool conf_take_setting(struct conf_parser *p);

/* The key that was probably meant by the word, or NULL. */
const char *conf_profile_guess(struct conf_parser *p);

/* Places of the profile that is open. */
struct conf_profile_src *conf_cur_profile_src(struct conf_parser *p);

void conf_check_profiles(struct conf_parser *p);

/* --- conf_print_profile.c */

struct text;

void conf_put_profile(struct text *t, const struct conf_profile *p, bool secrets);

/* Text that is read again as the same by conf_arg_value(). */
void conf_put_value(struct text *t, const char *s, size_t len);

/* --- conf_check.c */

/* What can only be seen across statements. */
void conf_check(struct conf_parser *p);

#endif
