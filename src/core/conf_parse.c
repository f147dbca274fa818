/* SPDX-License-Identifier: MIT */
#include "conf_int.h"

#include <stdlib.h>
#include <string.h>

#include <nhrp/mem.h>

/* --- what is no word of the language here */

/* A statement may begin here: by a word of the table, or by one at a line's begin. */
static bool may_begin_statement(const struct conf_parser *p)
{
	char c = p->cur.s[0];
	bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

	if (conf_word_find(CONF_STATEMENTS, &p->cur))
		return true;
	return letter && p->cur.at.line != p->prev.at.line;
}

/* The rest of what an unknown word began. */
static void skip_unknown(struct conf_parser *p)
{
	do
		conf_advance(p);
	while (p->cur.len && !may_begin_statement(p));
}

/* What the later versions do here must not be left out in silence. */
static void refuse_later(struct conf_parser *p, const struct conf_word *w)
{
	bool profile = strcmp(w->name, "ipsec-profile") == 0;

	conf_diag_add(p->diags, CONF_ERROR, p->cur.at,
		      "'%s' is not in this version: it cannot encrypt, and refuses the "
		      "file rather than send in clear; remove '%s' to run unencrypted",
		      w->name, w->name);
	conf_advance(p);
	/* The words of a profile are another language's. */
	while (p->cur.len && profile && !conf_tok_is(&p->cur, "interface"))
		conf_advance(p);
	if (p->cur.len && !conf_word_find(CONF_STATEMENTS, &p->cur))
		skip_unknown(p);
}

/* A secret with a space in it: its second half must not be shown. */
static bool is_rest_of_secret(const struct conf_parser *p)
{
	return p->word && p->word->once == CONF_ONCE_AUTH &&
	       p->cur.at.line == p->prev.at.line;
}

static const struct conf_word *owner_of(const struct conf_word *option)
{
	const struct conf_word *w = conf_words;

	while (!(w->options & option->scope))
		w++;
	return w;
}

static void say_unknown(struct conf_parser *p, const struct conf_word *guess)
{
	char list[280];

	if (guess) {
		conf_diag_add(p->diags, CONF_ERROR, p->cur.at,
			      "unknown word '%s'; did you mean '%s' (%s)?",
			      CONF_ECHO(&p->cur), guess->name, guess->help);
		return;
	}
	conf_word_list(p->conf->iface_count ? CONF_STATEMENTS : CONF_IN_FILE, list,
		       sizeof(list));
	conf_diag_add(p->diags, CONF_ERROR, p->cur.at,
		      "unknown word '%s'; allowed here: %s", CONF_ECHO(&p->cur), list);
}

static void say_stray_option(struct conf_parser *p, const struct conf_word *option)
{
	const struct conf_word *owner = owner_of(option);

	conf_diag_add(p->diags, CONF_ERROR, p->cur.at,
		      "'%s' is no word of its own; write: %s %s", option->name,
		      owner->name, owner->args);
}

static void take_unknown(struct conf_parser *p)
{
	const struct conf_word *later = conf_word_find(CONF_IN_LATER, &p->cur);
	const struct conf_word *option = conf_word_find(CONF_OPTIONS, &p->cur);
	unsigned near = CONF_STATEMENTS | (p->word ? p->word->options : 0);
	const struct conf_word *guess = conf_word_guess(near, &p->cur);
	struct conf_place at = p->cur.at;

	if (later) {
		refuse_later(p, later);
		return;
	}
	if (is_rest_of_secret(p)) {
		conf_diag_add(p->diags, CONF_ERROR, p->cur.at,
			      "a secret is one word: this one goes on behind a space");
	} else if (option) {
		say_stray_option(p, option);
	} else {
		if (!p->cur.fault)
			say_unknown(p, guess);
		/* Whatever was to be a secret stays one. */
		if (guess && guess->once == CONF_ONCE_AUTH)
			conf_advance(p);
	}
	skip_unknown(p);
	/* Whatever follows is not about the interface before. */
	if (guess && guess->take == conf_take_interface)
		conf_open_iface(p, "", at);
}

/* --- statements */

static void begin_statement(struct conf_parser *p, const struct conf_word *w)
{
	p->word = p->row = w;
	p->at = p->cur.at;
	p->broken = p->missing = false;
	memset(p->given, 0, sizeof(p->given));
	conf_advance(p);
}

/* The first word of an interface when none was named: said once. */
static void want_iface(struct conf_parser *p)
{
	if (p->conf->iface_count)
		return;
	conf_diag_add(p->diags, CONF_ERROR, p->at,
		      "'%s' is about an interface; write 'interface NAME' before it",
		      p->word->name);
	conf_open_iface(p, "", p->at);
}

static void note_once(struct conf_parser *p)
{
	struct conf_place *once =
		p->word->scope == CONF_IN_FILE ? p->once : conf_cur_src(p)->once;
	struct conf_place *first = &once[p->word->once];

	if (p->word->once == CONF_MANY)
		return;
	if (first->line)
		conf_fault(p, p->at,
			   "'%s' is already given at line %u: keep one of them",
			   p->word->name, first->line);
	else
		*first = p->at;
}

/* shortcut-destination is alone in its interface: remember both sides. */
static void note_company(struct conf_parser *p)
{
	struct conf_src *src = conf_cur_src(p);

	if (strcmp(p->word->name, "shortcut-destination") == 0) {
		src->alone = p->at;
	} else if (!src->other_word) {
		src->other = p->at;
		src->other_word = p->word->name;
	}
}

static void take_statement(struct conf_parser *p)
{
	const struct conf_word *w = conf_word_find(CONF_STATEMENTS, &p->cur);

	if (!w) {
		take_unknown(p);
		return;
	}
	begin_statement(p, w);
	if (w->scope == CONF_IN_IFACE)
		want_iface(p);
	note_once(p);
	if (w->scope == CONF_IN_IFACE)
		note_company(p);
	w->take(p);
}

/* --- the whole */

static void free_srcs(struct conf_parser *p)
{
	if (!p->srcs) /* no interface was opened */
		return;
	for (size_t i = 0; i < p->conf->iface_count; i++) {
		free(p->srcs[i].addrs);
		free(p->srcs[i].maps);
		free(p->srcs[i].dynamic_maps);
		free(p->srcs[i].targets);
		free(p->srcs[i].mcasts);
		free(p->srcs[i].filters);
	}
	free(p->srcs);
}

static void parse_text(struct conf_parser *p, const char *text, size_t len)
{
	p->lex = conf_lex_init(text, len);
	conf_advance(p);
	while (p->cur.len && p->diags->count < CONF_DIAGS_MAX)
		take_statement(p);
	if (p->cur.len)
		p->diags->cut = true;
	conf_check(p);
}

struct conf *conf_parse(const char *text, size_t len, struct conf_diags *diags)
{
	struct conf_parser p = { .diags = diags };

	*diags = (struct conf_diags){ 0 };
	p.conf = mem_new(sizeof(*p.conf));
	p.conf->nflog_group = CONF_NFLOG_DEFAULT;
	if (len > CONF_TEXT_MAX)
		conf_diag_add(diags, CONF_ERROR, (struct conf_place){ 1, 1 },
			      "the file is longer than %u octets", CONF_TEXT_MAX);
	else
		parse_text(&p, text, len);
	conf_diags_sort(diags);
	free_srcs(&p);
	if (diags->errors == 0)
		return p.conf;
	conf_free(p.conf);
	return NULL;
}
