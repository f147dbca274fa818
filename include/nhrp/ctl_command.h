/* SPDX-License-Identifier: MIT */
/*
 * The commands of the control socket: one table, read by both programs.
 *
 * nhrpctl finds wrong usage and prints its help from it with no daemon at hand;
 * nhrpd checks the request again, and the privilege, and adds the handlers.
 */
#ifndef NHRP_CTL_COMMAND_H
#define NHRP_CTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include <nhrp/addr.h>
#include <nhrp/defs.h>
#include <nhrp/selector.h>

enum ctl_verb {
	CTL_SHOW_CACHE,
	CTL_SHOW_NHS,
	CTL_SHOW_PEERS,
	CTL_SHOW_SHORTCUTS,
	CTL_SHOW_ROUTES,
	CTL_SHOW_INTERFACES,
	CTL_SHOW_COUNTERS,
	CTL_SHOW_MULTICAST,
	CTL_SHOW_LOG,
	CTL_EXPLAIN,
	CTL_DOCTOR,
	CTL_FLUSH,
	CTL_PURGE,
	CTL_LOWERDOWN,
	CTL_REDIRECT_PURGE,
	CTL_RESOLVE,
	CTL_RELOAD,
	CTL_VERBS
};

enum ctl_args {
	CTL_ARGS_NONE,
	CTL_ARGS_SELECTOR,  /* selectors, or none: everything */
	CTL_ARGS_INTERFACE, /* interface NAME, or none */
	CTL_ARGS_TARGET,    /* ADDRESS, and interface NAME or none */
	CTL_ARGS_ADDRESS,   /* ADDRESS */
	CTL_ARGS_PREFIX,    /* ADDRESS[/LENGTH], or none: everything */
};

struct ctl_command {
	const char *words; /* separated by one space */
	enum ctl_args args;
	bool changes;	  /* needs the privilege */
	const char *list; /* of the answer in JSON */
	const char *help;
};

/* Indexed by enum ctl_verb, in the order of the help. */
extern const struct ctl_command ctl_commands[CTL_VERBS];

struct ctl_parsed {
	enum ctl_verb verb;
	struct selector selector;
	struct addr target;
};

/*
 * Reads a command line; opennhrpctl's spellings (`cache show`, `interface
 * show`, a bare `show`) mean the same here. False, with a sentence in err, when
 * it is none.
 */
bool ctl_command_parse(struct ctl_parsed *out, const char *const *words, size_t count,
		       char *err, size_t err_cap) MUST_CHECK;

/* What may stand behind the words, for help: "[SELECTOR]...". */
const char *ctl_args_str(enum ctl_args args);

#endif
