/* SPDX-License-Identifier: MIT */
/*
 * Which entries of a table a command means; opennhrpctl's selectors. All the
 * given parts must agree; an empty selector means every entry.
 */
#ifndef NHRP_SELECTOR_H
#define NHRP_SELECTOR_H

#include <stdbool.h>
#include <stddef.h>

#include <nhrp/addr.h>
#include <nhrp/defs.h>

#define SELECTOR_IFNAME_MAX 16

struct selector {
	bool has_protocol;
	struct prefix protocol;		  /* entries whose prefix lies inside it */
	struct addr nbma;		  /* ADDR_NONE: any */
	struct addr local_nbma;		  /* of the entry's interface */
	struct addr local_protocol;	  /* likewise */
	char ifname[SELECTOR_IFNAME_MAX]; /* "": any */
};

/*
 * Reads `protocol A[/P]`, `nbma A`, `local-nbma A`, `local-protocol A`,
 * `interface|iface|dev NAME`. False, with a sentence in err, on anything else.
 */
bool selector_parse(struct selector *out, const char *const *words, size_t count,
		    char *err, size_t err_cap) MUST_CHECK;

/* Whether a selector may begin with this word. */
bool selector_is_word(const char *word) MUST_CHECK;

#endif
