/* SPDX-License-Identifier: MIT */
/*
 * Configuration text as words, each with its place.
 *
 * Words are separated by white space; a word that begins with '#' comments out
 * the rest of its line. Words point into the text and end where they say, not
 * with a terminator. Never reads past the end, whatever the octets.
 */
#ifndef NHRP_CORE_CONF_LEX_H
#define NHRP_CORE_CONF_LEX_H

#include <stdbool.h>
#include <stddef.h>

struct conf_place {
	unsigned line, column; /* from 1 */
};

struct conf_lex {
	const char *p, *end;
	struct conf_place at;
};

struct conf_tok {
	const char *s;
	size_t len; /* 0: the end of the text */
	struct conf_place at;
	const char *fault; /* what kind of octet spoils the word, or NULL */
	struct conf_place fault_at;
};

struct conf_lex conf_lex_init(const char *text, size_t len);
struct conf_tok conf_lex_next(struct conf_lex *l);

bool conf_tok_is(const struct conf_tok *t, const char *word);

/* Copies the word with a terminator; false when it does not fit in `cap`. */
bool conf_tok_copy(const struct conf_tok *t, char *out, size_t cap);

/* The word for a message: shortened when long. */
struct conf_echo {
	char s[44];
};
const char *conf_echo(struct conf_echo *out, const struct conf_tok *t);

#define CONF_ECHO(t) conf_echo(&(struct conf_echo){ { 0 } }, (t))

#endif
