/* SPDX-License-Identifier: MIT */
#include "conf_int.h"

#include <stdlib.h>
#include <string.h>

#include <nhrp/mem.h>

/* --- what is no word of the language here */

/* Where the statements are found that may stand here. */
static unsigned scopes_now(const struct conf_parser *p)
{
	return p->in_profile ? CONF_STATEMENTS | CONF_IN_PROFILE : CONF_STATEMENTS;
}

/* A statement may begin here: by a word of the table, or by one at a line's begin. */
static bool may_begin_statement(const struct conf_parser *p)
{
	char c = p->cur.s[0];
	bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

	if (conf_word_find(scopes_now(p), &p->cur))
		return true;
	if (p->in_profile && conf_key_find(~0u, &p->cur))
		return true;
	return letter && p->cur.at.line != p->prev.at.line;
}

void conf_skip_unknown(struct conf_parser *p)
{
	do
		conf_advance(p);
	while (p->cur.len && !may_begin_statement(p));
}

/* A secret with a space in it: its second half must not be shown. */
static bool is_rest_of_secret(const struct conf_parser *p)
{
	return p->word && p->word->secret && p->cur.at.line == p->prev.at.line;
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
	const char *key = p->in_profile ? conf_profile_guess(p) : NULL;
	char list[540];

	if (key && (!guess || conf_guess_distance(&p->cur, key) <=
				      conf_guess_distance(&p->cur, guess->name))) {
		conf_diag_add(p->diags, CONF_ERROR, p->cur.at,
			      "unknown key '%s'; did you mean '%s'?",
			      CONF_ECHO(&p->cur), key);
		return;
	}
	if (guess) {
		conf_diag_add(p->diags, CONF_ERROR, p->cur.at,
			      "unknown word '%s'; did you mean '%s' (%s)?",
			      CONF_ECHO(&p->cur), guess->name, guess->help);
		return;
	}
	if (p->in_profile) {
		/* Not echoed: it may be a secret that is out of its place. */
		conf_diag_add(p->diags, CONF_ERROR, p->cur.at,
			      "this is neither a word of nhrpd.conf nor a key of a "
			      "connection in swanctl.conf");
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
	const struct conf_word *option = conf_word_find(CONF_OPTIONS, &p->cur);
	unsigned near = scopes_now(p) | (p->word ? p->word->options : 0);
	const struct conf_word *guess = conf_word_guess(near, &p->cur);
	struct conf_place at = p->cur.at;

	if (is_rest_of_secret(p)) {
		conf_diag_add(p->diags, CONF_ERROR, p->cur.at,
			      "a secret is one word: this one goes on behind a space%s",
			      p->in_profile ? "; put it in quotation marks" : "");
	} else if (option) {
		say_stray_option(p, option);
	} else {
		if (!p->cur.fault)
			say_unknown(p, guess);
		/* Whatever was to be a secret stays one. */
		if (guess && guess->secret)
			conf_advance(p);
	}
	conf_skip_unknown(p);
	/* Whatever follows is not about the interface before. */
	if (guess && guess->take == conf_take_interface)
		conf_open_iface(p, "", at);
}

/* --- statements */

void conf_begin_statement(struct conf_parser *p, const struct conf_word *w)
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
	if (p->conf->iface_count && !p->in_profile)
		return;
	conf_diag_add(p->diags, CONF_ERROR, p->at,
		      "'%s' is about an interface; write 'interface NAME' before it",
		      p->word->name);
	conf_open_iface(p, "", p->at);
}

static struct conf_place *once_places(struct conf_parser *p)
{
	if (p->word->scope == CONF_IN_FILE)
		return p->once;
	return p->word->scope == CONF_IN_PROFILE ? conf_cur_profile_src(p)->once
						 : conf_cur_src(p)->once;
}

static void note_once(struct conf_parser *p)
{
	struct conf_place *first;

	if (p->word->once == CONF_MANY)
		return;
	first = &once_places(p)[p->word->once];
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
	const struct conf_word *w = conf_word_find(scopes_now(p), &p->cur);

	if (p->in_profile && conf_take_setting(p))
		return;
	if (!w) {
		take_unknown(p);
		return;
	}
	conf_begin_statement(p, w);
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
	free(p->profile_srcs);
	for (size_t i = 0; p->srcs && i < p->conf->iface_count; i++) {
		free(p->srcs[i].addrs);
		free(p->srcs[i].maps);
		free(p->srcs[i].dynamic_maps);
		free(p->srcs[i].groups);
		free(p->srcs[i].targets);
		free(p->srcs[i].mcasts);
		free(p->srcs[i].filters);
		free(p->srcs[i].authorities);
		free(p->srcs[i].guards);
		free(p->srcs[i].mcast_groups);
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
	p.conf->mcast_nflog_group = CONF_MCAST_NFLOG;
	strcpy(p.conf->vici, CONF_VICI_DEFAULT);
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
