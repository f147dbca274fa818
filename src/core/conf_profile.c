/* SPDX-License-Identifier: MIT */
/*
 * `ipsec-profile`: a connection of swanctl.conf in words. `local`, `remote` and
 * `child` open a section, to which the keys belong that follow, as an interface
 * has the words that follow it; what is before them is the connection's own.
 */
#include "conf_int.h"

#include <stdlib.h>
#include <string.h>

#include <nhrp/mem.h>

#define ALL_SECTIONS (~0u)

static unsigned bit(enum conf_section s)
{
	return 1u << s;
}

static struct conf_profile *cur_profile(struct conf_parser *p)
{
	return &p->conf->profiles[p->conf->profile_count - 1];
}

struct conf_profile_src *conf_cur_profile_src(struct conf_parser *p)
{
	return &p->profile_srcs[p->conf->profile_count - 1];
}

/* --- opening one */

static void open_profile(struct conf_parser *p, const char *name, struct conf_place at)
{
	struct conf_profile profile = { .psk_line = 0 };
	struct conf_profile_src src = { .name = at };
	struct conf *c = p->conf;

	memcpy(profile.name, name, strlen(name) + 1);
	c->profiles = conf_grow(c->profiles, c->profile_count, sizeof(profile));
	p->profile_srcs = conf_grow(p->profile_srcs, c->profile_count, sizeof(src));
	c->profiles[c->profile_count] = profile;
	p->profile_srcs[c->profile_count] = src;
	c->profile_count++;
	p->in_profile = true;
	p->section = CONF_CONNECTION;
}

bool conf_arg_profile(struct conf_parser *p, char out[CONF_PROFILE_MAX])
{
	struct conf_tok t;

	if (!conf_arg_any(p, "name", true, &t))
		return false;
	if (!conf_tok_copy(&t, out, CONF_PROFILE_MAX)) {
		conf_fault(p, t.at, "the name '%s' is longer than %d characters",
			   CONF_ECHO(&t), CONF_PROFILE_MAX - 1);
		return false;
	}
	if (conf_is_plain(out))
		return true;
	conf_fault(p, t.at,
		   "'%s' is no name of a profile: that is of letters, digits and . _ -",
		   CONF_ECHO(&t));
	return false;
}

void conf_take_profile(struct conf_parser *p)
{
	const struct conf_profile *first;
	char name[CONF_PROFILE_MAX] = "";
	struct conf_place at = p->cur.at;

	if (conf_arg_profile(p, name)) {
		first = conf_find_profile(p->conf, name);
		if (first)
			conf_fault(
				p, at, "profile '%s' is already at line %u", name,
				p->profile_srcs[first - p->conf->profiles].name.line);
	}
	if (p->conf->profile_count == CONF_PROFILES_MAX) {
		conf_fault(p, p->at, "more than %d profiles", CONF_PROFILES_MAX);
		p->cur = (struct conf_tok){ .at = p->at };
		return;
	}
	/* As with an interface: what follows is checked all the same. */
	open_profile(p, p->broken ? "" : name, at);
}

void conf_take_section(struct conf_parser *p)
{
	for (unsigned s = CONF_LOCAL; s <= CONF_CHILD; s++)
		if (strcmp(p->word->name, conf_section_str(s)) == 0)
			p->section = s;
	p->section_line = p->at.line;
}

/* --- keys */

static bool is_time(const char *s)
{
	size_t digits = strspn(s, "0123456789");

	return digits && digits < 10 &&
	       (s[digits] == '\0' ||
		(strchr("smhd", s[digits]) && s[digits + 1] == '\0'));
}

static bool is_number(const char *s)
{
	size_t digits = strspn(s, "0123456789");

	return digits && digits < 19 && s[digits] == '\0';
}

/* Is it one of `yes|no`? */
static bool is_choice(const char *choices, const char *s)
{
	size_t len = strlen(s);

	while (*choices) {
		size_t n = strcspn(choices, "|");

		if (n == len && memcmp(choices, s, n) == 0)
			return true;
		choices += n + (choices[n] == '|');
	}
	return false;
}

static bool has_form(const struct conf_key *k, const char *s)
{
	switch (k->form) {
	case CONF_KEY_CHOICE:
		return is_choice(k->note, s);
	case CONF_KEY_TIME:
		return is_time(s);
	case CONF_KEY_NUMBER:
		return is_number(s);
	case CONF_KEY_TEXT:
	case CONF_KEY_LIST:
	case CONF_KEY_FILES:
	case CONF_KEY_OWNED:
		break;
	}
	return true;
}

/* A proposal with `null` for its cipher lets everybody read. */
static bool is_in_clear(const struct conf_key *k, const char *value)
{
	if (strstr(k->name, "proposals") == NULL)
		return false;
	while (*value) {
		size_t n = strcspn(value, "-");

		if (n == 4 && memcmp(value, "null", 4) == 0)
			return true;
		value += n + (value[n] == '-');
	}
	return false;
}

static void add_value(struct conf_parser *p, struct conf_setting *s,
		      const struct conf_key *k, const struct conf_tok *t)
{
	char value[CONF_VALUE_MAX];

	if (t->len == 0) {
		conf_fault(p, t->at,
			   "an item of the list is empty; without blanks, or in "
			   "quotation marks, write: %s %s",
			   k->name, conf_key_args(k));
		return;
	}
	if (!conf_tok_copy(t, value, sizeof(value))) {
		conf_fault(p, t->at, "'%s' is longer than %d characters", CONF_ECHO(t),
			   CONF_VALUE_MAX - 1);
		return;
	}
	if (!has_form(k, value))
		conf_fault(p, t->at, "'%s' is no value of %s; write: %s %s",
			   CONF_ECHO(t), k->name, k->name, conf_key_args(k));
	if (is_in_clear(k, value))
		conf_fault(p, t->at, "'%s' does not encrypt: name a cipher, such as %s",
			   CONF_ECHO(t), "aes256gcm16");
	if (s->value_count == CONF_VALUES_MAX) {
		conf_fault(p, t->at, "more than %d values of %s", CONF_VALUES_MAX,
			   k->name);
		return;
	}
	s->values = conf_grow(s->values, s->value_count, sizeof(*s->values));
	s->values[s->value_count++] = mem_strdup(value);
}

/* The next item of a list; blanks around it can only be in quotation marks. */
static struct conf_tok cut_item(struct conf_tok *rest, bool *more)
{
	const char *comma = memchr(rest->s, ',', rest->len);
	struct conf_tok item = *rest;
	size_t used;

	*more = comma != NULL;
	if (comma)
		item.len = (size_t)(comma - rest->s);
	used = item.len + *more;
	rest->s += used;
	rest->len -= used;
	rest->at.column += (unsigned)used;
	while (item.len && *item.s == ' ') {
		item.s++;
		item.len--;
		item.at.column++;
	}
	while (item.len && item.s[item.len - 1] == ' ')
		item.len--;
	return item;
}

static bool is_list(const struct conf_key *k)
{
	return k->form == CONF_KEY_LIST || k->form == CONF_KEY_FILES;
}

static void add_values(struct conf_parser *p, struct conf_setting *s,
		       const struct conf_key *k, struct conf_tok rest)
{
	bool more = true;

	if (!is_list(k)) {
		add_value(p, s, k, &rest);
		return;
	}
	while (more) {
		struct conf_tok item = cut_item(&rest, &more);

		add_value(p, s, k, &item);
	}
}

static void free_values(struct conf_setting *s)
{
	for (size_t n = 0; n < s->value_count; n++)
		free(s->values[n]);
	free(s->values);
}

static void keep_setting(struct conf_parser *p, const struct conf_key *k,
			 struct conf_setting *s)
{
	struct conf_profile *profile = cur_profile(p);

	if (strcmp(k->name, "mode") == 0 && !p->broken && s->value_count > 0)
		profile->tunnel_mode = strcmp(s->values[0], "tunnel") == 0;
	if (p->broken || strcmp(k->name, "mode") == 0) {
		free_values(s);
		return;
	}
	profile->settings =
		conf_grow(profile->settings, profile->setting_count, sizeof(*s));
	profile->settings[profile->setting_count++] = *s;
}

static enum conf_kind kind_of(const struct conf_key *k)
{
	if (k->form == CONF_KEY_FILES)
		return CONF_FILES;
	return is_list(k) ? CONF_LIST : CONF_TEXT;
}

static void note_key(struct conf_parser *p, const struct conf_key *k)
{
	struct conf_place *first =
		&conf_cur_profile_src(p)->keys[p->section][k - conf_keys];

	if (first->line)
		conf_fault(p, p->at,
			   "'%s' is already given at line %u: keep one of them, of "
			   "several values make a list",
			   k->name, first->line);
	else
		*first = p->at;
}

/* `rekey_time` is the connection's and the child's: whose it is, is easily missed. */
static void warn_of_section(struct conf_parser *p, const struct conf_key *k)
{
	if (p->section == CONF_CONNECTION || !(k->sections & bit(CONF_CONNECTION)) ||
	    p->at.line == p->section_line)
		return;
	conf_diag_add(p->diags, CONF_WARNING, p->at,
		      "this %s is the %s's; write the connection's own above the first "
		      "of local, remote and child",
		      k->name, conf_section_str(p->section));
}

static void take_key(struct conf_parser *p, const struct conf_key *k)
{
	struct conf_setting s = { .section = p->section,
				  .key = k->name,
				  .kind = kind_of(k) };
	struct conf_tok t;

	note_key(p, k);
	warn_of_section(p, k);
	if (!conf_arg_value(p, "value", &t))
		return;
	add_values(p, &s, k, t);
	keep_setting(p, k, &s);
}

static void refuse_owned(struct conf_parser *p, const struct conf_key *k)
{
	conf_fault(p, p->at, "'%s' is not for a profile: %s; leave it out", k->name,
		   k->note);
	conf_skip_unknown(p);
}

/* A key of another section. */
static void refuse_misplaced(struct conf_parser *p, const struct conf_key *k)
{
	enum conf_section at = CONF_CONNECTION;

	while (!(k->sections & bit(at)))
		at++;
	if (at == CONF_CONNECTION)
		conf_fault(p, p->at,
			   "'%s' is the connection's: write it above the first of "
			   "local, remote and child",
			   k->name);
	else
		conf_fault(p, p->at, "'%s' has its place behind '%s'", k->name,
			   conf_section_str(at));
	conf_skip_unknown(p);
}

bool conf_take_setting(struct conf_parser *p)
{
	const struct conf_key *k = conf_key_find(bit(p->section), &p->cur);
	const struct conf_key *any = k ? k : conf_key_find(ALL_SECTIONS, &p->cur);

	if (!any)
		return false;
	p->key_word = (struct conf_word){ .name = any->name,
					  .args = conf_key_args(any),
					  .scope = CONF_IN_PROFILE,
					  .options = CONF_IN_PROFILE };
	conf_begin_statement(p, &p->key_word);
	if (any->form == CONF_KEY_OWNED)
		refuse_owned(p, any);
	else if (!k)
		refuse_misplaced(p, any);
	else
		take_key(p, k);
	return true;
}

const char *conf_profile_guess(struct conf_parser *p)
{
	const struct conf_key *k = conf_key_guess(bit(p->section), &p->cur);

	if (!k)
		k = conf_key_guess(ALL_SECTIONS, &p->cur);
	return k ? k->name : NULL;
}

/* --- the secret */

static void note_secret(struct conf_parser *p, struct conf_place at)
{
	struct conf_profile *profile = cur_profile(p);

	profile->psk_line = at.line;
	profile->psk_column = at.column;
}

void conf_take_psk(struct conf_parser *p)
{
	struct conf_psk psk;
	struct conf_tok t;
	const char *fault;

	note_secret(p, p->at);
	if (!conf_arg_value(p, "secret", &t) || !conf_is_no_placeholder(p, &t))
		return;
	fault = conf_psk_set(&psk, t.s, t.len);
	if (fault)
		conf_fault(p, t.at, "the secret %s", fault);
	else
		cur_profile(p)->psk = psk;
}

void conf_take_psk_file(struct conf_parser *p)
{
	char *out = cur_profile(p)->psk_file;
	struct conf_tok t;

	note_secret(p, p->at);
	if (!conf_arg_value(p, "path", &t))
		return;
	if (t.s[0] != '/' && (t.len < 4 || memcmp(t.s, "%d/", 3) != 0))
		/* Not echoed: it may be the secret itself. */
		conf_fault(p, t.at,
			   "this is not a path from the root, nor %%d/NAME for a "
			   "credential of the unit");
	else if (!conf_tok_copy(&t, out, CONF_PATH_MAX))
		conf_fault(p, t.at, "the path is longer than %d characters",
			   CONF_PATH_MAX - 1);
}

/* --- what is seen of it whole */

/* A list is one of the connection, or of no value that matters here. */
static const char *value_of(const struct conf_profile *profile,
			    enum conf_section section, const char *key)
{
	const struct conf_setting *s = conf_find_setting(profile, section, key);

	return s ? s->values[0] : NULL;
}

static bool has_auth(const struct conf_profile *profile, enum conf_section end,
		     const char *begin)
{
	const char *auth = value_of(profile, end, "auth");

	return strncmp(auth ? auth : "pubkey", begin, strlen(begin)) == 0;
}

static bool is_used(const struct conf *c, const struct conf_profile *profile)
{
	for (size_t n = 0; n < c->iface_count; n++)
		if (c->ifaces[n].profile == profile)
			return true;
	return false;
}

/* With certificates, is there a word about whose? */
static bool trusts_somebody(const struct conf_profile *profile)
{
	static const char *const keys[] = { "id",    "certs",  "pubkeys",    "cacerts",
					    "ca_id", "groups", "cert_policy" };

	for (size_t n = 0; n < ARRAY_SIZE(keys); n++)
		if (conf_find_setting(profile, CONF_REMOTE, keys[n]))
			return true;
	return false;
}

static void check_psk(struct conf_parser *p, const struct conf_profile *profile,
		      struct conf_place at)
{
	bool psk = has_auth(profile, CONF_LOCAL, "psk") ||
		   has_auth(profile, CONF_REMOTE, "psk");

	if (profile->psk_line && !psk)
		conf_fault(p,
			   (struct conf_place){ profile->psk_line,
						profile->psk_column },
			   "nobody asks for this secret: write 'local auth psk' and "
			   "'remote auth psk', or leave it out");
	if (has_auth(profile, CONF_LOCAL, "psk") &&
	    !conf_find_setting(profile, CONF_LOCAL, "id"))
		conf_diag_add(
			p->diags, CONF_WARNING, at,
			"without 'local id' this node's identity is its NBMA address: "
			"with another address it is somebody else");
}

static void check_trust(struct conf_parser *p, const struct conf_profile *profile,
			struct conf_place at)
{
	const char *delay = value_of(profile, CONF_CONNECTION, "dpd_delay");

	if (has_auth(profile, CONF_REMOTE, "pubkey") && !trusts_somebody(profile))
		conf_diag_add(
			p->diags, CONF_WARNING, at,
			"everybody with a certificate of any authority that charon "
			"knows is let in; name one with 'remote cacerts', or 'remote "
			"id'");
	if (delay && strspn(delay, "0smhd") == strlen(delay))
		conf_diag_add(
			p->diags, CONF_WARNING, at,
			"with a dpd_delay of 0 a peer that died is never noticed");
}

void conf_check_profiles(struct conf_parser *p)
{
	/* What a key with a fault would have said is not known. */
	if (p->diags->errors)
		return;
	for (size_t n = 0; n < p->conf->profile_count; n++) {
		const struct conf_profile *profile = &p->conf->profiles[n];
		struct conf_place at = p->profile_srcs[n].name;

		check_psk(p, profile, at);
		check_trust(p, profile, at);
		if (!is_used(p->conf, profile))
			conf_diag_add(p->diags, CONF_WARNING, at,
				      "no interface has 'ipsec %s': nothing is "
				      "encrypted with this profile",
				      profile->name);
	}
}
