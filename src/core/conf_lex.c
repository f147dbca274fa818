/* SPDX-License-Identifier: MIT */
#include "conf_lex.h"

#include <stdio.h>
#include <string.h>

struct conf_lex conf_lex_init(const char *text, size_t len)
{
	return (struct conf_lex){ text, text ? text + len : text, { 1, 1 } };
}

/* The locale has no say in the language. */
static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static const char *octet_fault(char c)
{
	unsigned char u = (unsigned char)c;

	if (u == 0)
		return "a NUL octet";
	if (u < ' ' || u == 0x7f)
		return "a control character";
	return u > 0x7f ? "an octet that is not ASCII" : NULL;
}

static void step(struct conf_lex *l)
{
	l->at.column++;
	if (*l->p++ == '\n')
		l->at = (struct conf_place){ l->at.line + 1, 1 };
}

static void skip_blank(struct conf_lex *l)
{
	bool comment = false;

	for (; l->p < l->end; step(l)) {
		if (*l->p == '#')
			comment = true;
		else if (*l->p == '\n')
			comment = false;
		if (!comment && !is_space(*l->p))
			break;
	}
}

struct conf_tok conf_lex_next(struct conf_lex *l)
{
	struct conf_tok t = { 0 };

	skip_blank(l);
	t.s = l->p;
	t.at = l->at;
	for (; l->p < l->end && !is_space(*l->p); step(l), t.len++) {
		if (t.fault)
			continue;
		t.fault = octet_fault(*l->p);
		t.fault_at = l->at;
	}
	return t;
}

bool conf_tok_is(const struct conf_tok *t, const char *word)
{
	return strlen(word) == t->len && memcmp(word, t->s, t->len) == 0;
}

bool conf_tok_copy(const struct conf_tok *t, char *out, size_t cap)
{
	if (t->len >= cap)
		return false;
	memcpy(out, t->s, t->len);
	out[t->len] = '\0';
	return true;
}

const char *conf_echo(struct conf_echo *out, const struct conf_tok *t)
{
	const size_t room = sizeof(out->s) - sizeof("...");

	if (!conf_tok_copy(t, out->s, sizeof(out->s)))
		snprintf(out->s, sizeof(out->s), "%.*s...", (int)room, t->s);
	return out->s;
}
