/* SPDX-License-Identifier: MIT */
/*
 * The configuration as a value, and what is done with it: parse, print, diff.
 *
 * The language is a superset of opennhrp.conf: free-form words, `#` comments,
 * `interface NAME` opens a context. Parsing reports every fault with its place
 * and a suggestion, and yields a configuration only when there is none. Nothing
 * here opens a file: text comes in, text goes out; whoever loads a file reads each
 * psk_file as well. A struct conf owns all its memory; conf_free() releases it.
 */
#ifndef NHRP_CONF_H
#define NHRP_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/auth.h>
#include <nhrp/defs.h>

#define CONF_IFNAME_MAX	       16  /* with its terminator, as the kernel has it */
#define CONF_NAME_MAX	       254 /* a DNS name with its terminator */
#define CONF_PATH_MAX	       256 /* with its terminator */
#define CONF_VICI_MAX	       108 /* a socket's path, with its terminator */
#define CONF_PROFILE_MAX       48  /* a profile's name, with its terminator */
#define CONF_GROUP_MAX	       32  /* a group's name, with its terminator */
#define CONF_IDENTITY_MAX      256 /* an identity pattern, with its terminator */
#define CONF_PSK_MAX	       256 /* octets */
#define CONF_HOLDING_DEFAULT   7200
#define CONF_FALL_BACK_DEFAULT 30
#define CONF_BINDINGS_DEFAULT  20000
#define CONF_TABLE_MAIN	       254
#define CONF_NFLOG_DEFAULT     77
#define CONF_MCAST_NFLOG       78
#define CONF_VICI_DEFAULT      "/run/charon.vici"

/* redirect: a minute, of each pair of addresses. */
#define CONF_SAMPLES_DEFAULT 4

/* An NBMA station as written: an address, or a name to look up. */
struct conf_nbma {
	struct addr addr;	  /* ADDR_NONE: look up `name` */
	char name[CONF_NAME_MAX]; /* as written, also for an address */
};

/* nhs-group NAME max-connections N [fall-back SECONDS] */
struct conf_group {
	char name[CONF_GROUP_MAX]; /* of letters, digits and . _ - */
	uint16_t most;		   /* of its servers, so many are registered with */
	uint16_t fall_back_s;	   /* so long a better one has to be well */
};

/*
 * map PROTO[/PLEN] NBMA [register] [no-unique] [cisco] [priority N] [group NAME]
 * [probe SECONDS]
 */
struct conf_map {
	struct prefix proto; /* the station's address; length: what it serves */
	bool has_len;	     /* /PLEN was written */
	struct conf_nbma nbma;
	bool registers, no_unique, cisco;
	uint8_t priority; /* 1 to 255, lower is preferred; 0: not written */
	uint16_t probe_s; /* registered with so often; 0: by the holding time */
	char group[CONF_GROUP_MAX]; /* "": none */
};

/* dynamic-map PROTO/PLEN NAME [priority N] [group NAME] [probe SECONDS] */
struct conf_dynamic_map {
	struct prefix proto;
	char name[CONF_NAME_MAX];
	uint8_t priority; /* these as in struct conf_map */
	uint16_t probe_s;
	char group[CONF_GROUP_MAX];
};

/* shortcut-target PROTO/PLEN [holding-time S] */
struct conf_target {
	struct prefix proto;
	uint16_t holding_s; /* 0: the interface's */
};

enum conf_mcast_to { CONF_MCAST_DYNAMIC, CONF_MCAST_NHS, CONF_MCAST_ADDR };

struct conf_mcast {
	enum conf_mcast_to to;
	struct addr addr; /* CONF_MCAST_ADDR */
};

/* tunnel source ADDR|DEVICE [key N] [ttl N] [mtu N] */
struct conf_tunnel {
	bool wanted;			  /* the word was written: create and keep */
	struct addr source;		  /* ADDR_NONE: the address of source_dev */
	char source_dev[CONF_IFNAME_MAX]; /* "" when source is an address */
	bool has_key;
	uint32_t key;
	uint8_t ttl;  /* 0: not written, 64 is used */
	uint16_t mtu; /* 0: not written, computed from the underlay */
};

/*
 * redirect [rate N] [prefix N] [prefix6 N]: which packets the kernel shows to the
 * daemon. Addresses that agree in so many bits count as one.
 */
struct conf_sampling {
	uint32_t per_minute;
	uint8_t len4, len6;
};

/* Which section of a swanctl.conf connection a key stands in. */
enum conf_section { CONF_CONNECTION, CONF_LOCAL, CONF_REMOTE, CONF_CHILD };

enum conf_kind {
	CONF_TEXT,  /* one value */
	CONF_LIST,  /* as a list, be it of one value */
	CONF_FILES, /* names of certificates or keys: from the root, or in the folder
		       that swanctl has for this key */
};

/* A key that strongSwan knows, with a value of the right form. */
struct conf_setting {
	enum conf_section section;
	const char *key; /* a string constant */
	enum conf_kind kind;
	char **values; /* one at least; exactly one of CONF_TEXT */
	size_t value_count;
};

/* The octets of the secret, with nothing left to decode. */
struct conf_psk {
	uint8_t bytes[CONF_PSK_MAX];
	size_t len; /* 0: none */
};

/*
 * ipsec-profile NAME ...: how to encrypt, for strongSwan. What the daemon decides
 * (addresses, traffic selectors, what happens when) is in no profile.
 */
struct conf_profile {
	char name[CONF_PROFILE_MAX];   /* of letters, digits and . _ - */
	struct conf_setting *settings; /* as written; no key twice in a section */
	size_t setting_count;
	bool tunnel_mode;	       /* child mode tunnel */
	struct conf_psk psk;	       /* written, or out of psk_file */
	char psk_file[CONF_PATH_MAX];  /* "": none */
	unsigned psk_line, psk_column; /* of the word */
};

/* authorize IDENTITY-PATTERN certificate|PREFIX... */
struct conf_authority {
	char identity[CONF_IDENTITY_MAX]; /* see conf_identity_matches() */
	bool certificate;		  /* and what its address blocks give */
	struct prefix *prefixes;	  /* what it may register or answer for */
	size_t prefix_count;
};

struct conf_iface {
	char name[CONF_IFNAME_MAX];
	struct conf_tunnel tunnel;
	struct prefix *addrs; /* address: put on the device */
	size_t addr_count;
	struct conf_map *maps;
	size_t map_count;
	struct conf_dynamic_map *dynamic_maps;
	size_t dynamic_map_count;
	struct conf_group *groups;
	size_t group_count;
	struct conf_target *targets;
	size_t target_count;
	struct conf_mcast *mcasts;
	size_t mcast_count;
	struct prefix
		*mcast_groups; /* multicast-group: copied, beside the control groups */
	size_t mcast_group_count;
	struct prefix *shortcut_filters; /* none: every shortcut is allowed */
	size_t shortcut_filter_count;
	const struct conf_profile *profile; /* ipsec; NULL: in clear */
	struct conf_authority *authorities; /* none: an identity may claim anything */
	size_t authority_count;
	struct prefix *guards; /* never by another way than this interface */
	size_t guard_count;
	struct conf_sampling sampling; /* where redirect */
	uint16_t holding_s;
	uint32_t route_table;
	uint32_t max_bindings;
	struct auth_key auth;
	bool redirect, shortcut, non_caching, shortcut_destination;
	bool answer_any;  /* shortcut-routed */
	bool if_state;	  /* the device works as long as a server answers */
	bool host_routes; /* of each station that is registered here */
};

struct conf {
	struct conf_iface *ifaces;
	size_t iface_count;
	struct conf_profile *profiles;
	size_t profile_count;
	char vici[CONF_VICI_MAX]; /* where charon listens */
	bool firewall_manual;
	uint16_t nflog_group;	    /* where the kernel's samples arrive */
	uint16_t mcast_nflog_group; /* ... and multicast that leaves by a tunnel */
	char script[CONF_PATH_MAX]; /* "": none */
};

enum conf_severity { CONF_ERROR, CONF_WARNING };

struct conf_diag {
	enum conf_severity severity;
	unsigned line, column; /* from 1; column counts octets */
	char text[600];	       /* what is wrong, and what to do */
};

struct conf_diags {
	struct conf_diag *list; /* in the order of the text */
	size_t count, errors;
	bool cut; /* the list reached CONF_DIAGS_MAX */
};

#define CONF_DIAGS_MAX 100

/*
 * Parses `len` octets. Returns a configuration, or NULL when diags->errors is
 * not 0. The caller releases both. Never reads past `len`, whatever the bytes.
 */
struct conf *conf_parse(const char *text, size_t len, struct conf_diags *diags);

void conf_free(struct conf *c);
void conf_diags_free(struct conf_diags *d);

/* One more fault, of what can only be seen outside of the text. */
void conf_diags_fault(struct conf_diags *d, unsigned line, unsigned column,
		      const char *fmt, ...) PRINTF_LIKE(4, 5);

/*
 * The canonical text; parsing it gives an equal configuration and printing that
 * gives the same text. Defaults are left out. Secrets are printed as written
 * when `secrets`, else as "<hidden>". Release with free().
 */
char *conf_print(const struct conf *c, bool secrets);

enum conf_change_kind {
	CONF_IFACE_REMOVED, /* before all others: names may be used again */
	CONF_NODE_CHANGED,  /* words of no interface; no before, no after */
	CONF_IFACE_ADDED,
	CONF_IFACE_CHANGED, /* `parts` says what */
};

/* Parts of an interface, or of none, as bits of conf_change.parts. */
enum conf_part {
	CONF_PART_TUNNEL = 1 << 0,
	CONF_PART_ADDRS = 1 << 1,
	CONF_PART_MAPS = 1 << 2, /* map, dynamic-map and nhs-group */
	CONF_PART_TARGETS = 1 << 3,
	CONF_PART_MCASTS = 1 << 4, /* multicast and multicast-group */
	CONF_PART_HOLDING = 1 << 5,
	CONF_PART_TABLE = 1 << 6,
	CONF_PART_LIMITS = 1 << 7,
	CONF_PART_AUTH = 1 << 8,
	CONF_PART_FLAGS = 1 << 9, /* redirect, shortcut, ... */
	CONF_PART_SAMPLING = 1 << 10,
	CONF_PART_FILTERS = 1 << 11,
	CONF_PART_FIREWALL = 1 << 12, /* firewall, and the groups of the log */
	CONF_PART_SCRIPT = 1 << 13,
	CONF_PART_IPSEC = 1 << 14, /* ipsec, or what its profile says */
	CONF_PART_AUTHORITIES = 1 << 15,
	CONF_PART_GUARDS = 1 << 16,
	CONF_PART_VICI = 1 << 17,
};

struct conf_change {
	enum conf_change_kind kind;
	unsigned parts;			 /* bits of enum conf_part */
	const struct conf_iface *before; /* NULL when added; points into `from` */
	const struct conf_iface *after;	 /* NULL when removed; points into `to` */
};

/*
 * What a reload has to do, in order; an untouched interface does not appear.
 * Returns the number of changes and a list to free().
 */
size_t conf_diff(const struct conf *from, const struct conf *to,
		 struct conf_change **out) MUST_CHECK;

/* The interface of this name, or NULL. */
const struct conf_iface *conf_find_iface(const struct conf *c, const char *name);

/* The profile of this name, and its setting; NULL: none. */
const struct conf_profile *conf_find_profile(const struct conf *c, const char *name);
const struct conf_setting *conf_find_setting(const struct conf_profile *p,
					     enum conf_section section,
					     const char *key);

/* The group of this name, or NULL. */
const struct conf_group *conf_find_group(const struct conf_iface *i, const char *name);

/* Does any interface? */
bool conf_redirects(const struct conf *c);
bool conf_copies_multicast(const struct conf *c);

/*
 * The groups that are copied by an interface, first those that are by every one: the
 * link-local control groups. False when there is no such one. 255.255.255.255 is
 * every broadcast.
 */
bool conf_mcast_group(const struct conf_iface *i, size_t n,
		      struct prefix *out) MUST_CHECK;

/* Is what goes to this multicast or broadcast address copied? */
bool conf_copies_group(const struct conf_iface *i, const struct addr *group);

/*
 * What a psk-file holds, or `psk` has as its word: text as it stands, or 0x and
 * hexadecimal digits, or 0s and base64, as in swanctl.conf. NULL, or what is wrong
 * with it, in words that do not show it.
 */
const char *conf_psk_set(struct conf_psk *psk, const char *text, size_t len) MUST_CHECK;

/* Is this IKE identity meant? `*` in a pattern stands for any characters, or none. */
bool conf_identity_matches(const char *pattern, const char *identity);

/* Same words, in whatever order they were written. */
bool conf_map_eq(const struct conf_map *a, const struct conf_map *b);
bool conf_dynamic_map_eq(const struct conf_dynamic_map *a,
			 const struct conf_dynamic_map *b);

/* Same words in the same order, and the same secret. */
bool conf_profile_eq(const struct conf_profile *a, const struct conf_profile *b);

#endif
