/* SPDX-License-Identifier: MIT */
#include "conf_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void conf_advance(struct conf_parser *p)
{
	p->prev = p->cur;
	p->cur = conf_lex_next(&p->lex);
	if (p->cur.fault)
		conf_diag_add(
			p->diags, CONF_ERROR, p->cur.fault_at,
			"%s inside a word: words are of printable ASCII characters; "
			"retype it (comments may hold anything)",
			p->cur.fault);
}

void conf_fault(struct conf_parser *p, struct conf_place at, const char *fmt, ...)
{
	char text[sizeof(((struct conf_diag *)0)->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	conf_diag_add(p->diags, CONF_ERROR, at, "%s", text);
	p->broken = true;
}

static const char *comment_hint(const struct conf_tok *t)
{
	return memchr(t->s, '#', t->len)
		       ? "; a comment needs white space before its '#'"
		       : "";
}

/* A word that is not what its place asks for. */
static void bad_arg(struct conf_parser *p, const struct conf_tok *t,
		    const char *expected)
{
	conf_fault(p, t->at, "'%s' is not %s; write: %s %s%s", CONF_ECHO(t), expected,
		   p->word->name, p->word->args, comment_hint(t));
}

/* What stands where an argument should, or NULL when that is an argument. */
static const char *stands_instead(const struct conf_parser *p, bool free_text)
{
	const struct conf_word *w;
	const struct conf_key *k = NULL;

	if (p->cur.len == 0)
		return "the file ends";
	if (free_text && p->cur.at.line == p->prev.at.line)
		return NULL;
	w = conf_word_find(CONF_STATEMENTS | p->word->options, &p->cur);
	if (!w && p->in_profile)
		k = conf_key_find(~0u, &p->cur);
	return w ? w->name : k ? k->name : NULL;
}

static void missing_arg(struct conf_parser *p, const char *what, const char *instead)
{
	if (p->missing)
		return;
	p->missing = true;
	conf_fault(p, p->at, "'%s' lacks its %s: %s%s%s at %u:%u; write: %s %s",
		   p->word->name, what, p->cur.len ? "'" : "", instead,
		   p->cur.len ? "' follows" : "", p->cur.at.line, p->cur.at.column,
		   p->word->name, p->word->args);
}

bool conf_arg_any(struct conf_parser *p, const char *what, bool free_text,
		  struct conf_tok *out)
{
	const char *instead = stands_instead(p, free_text);

	if (instead) {
		missing_arg(p, what, instead);
		return false;
	}
	*out = p->cur;
	conf_advance(p);
	if (out->fault)
		p->broken = true;
	return !out->fault;
}

/* The word at hand once more, up to its second quotation mark. */
static bool lex_quoted(struct conf_parser *p)
{
	const char *begin = p->cur.s + 1;
	size_t n = 0, left = (size_t)(p->lex.end - begin);

	while (n < left && begin[n] >= ' ' && begin[n] <= '~' && begin[n] != '"')
		n++;
	if (n == left || begin[n] != '"' || n == 0) {
		conf_fault(p, p->cur.at,
			   n < left && begin[n] == '"'
				   ? "there is nothing between the quotation marks"
				   : "the quotation mark is not closed on its line");
		return false;
	}
	p->cur.s = begin;
	p->cur.len = n;
	p->cur.at.column++;
	p->lex.p = begin + n + 1;
	p->lex.at = (struct conf_place){ p->cur.at.line,
					 p->cur.at.column + (unsigned)n + 1 };
	return true;
}

bool conf_arg_value(struct conf_parser *p, const char *what, struct conf_tok *out)
{
	bool wanted = p->cur.len && p->cur.s[0] == '"' && !p->cur.fault;

	if (wanted && !lex_quoted(p)) {
		const unsigned line = p->cur.at.line;

		while (p->cur.len && p->cur.at.line == line)
			conf_advance(p);
		return false;
	}
	return conf_arg_any(p, what, true, out);
}

bool conf_is_no_placeholder(struct conf_parser *p, const struct conf_tok *t)
{
	if (!conf_tok_is(t, CONF_HIDDEN))
		return true;
	conf_fault(
		p, t->at,
		"%s is what is printed in place of a secret: write the secret itself",
		CONF_HIDDEN);
	return false;
}

static bool is_decimal(const struct conf_tok *t)
{
	for (size_t i = 0; i < t->len; i++)
		if (t->s[i] < '0' || t->s[i] > '9')
			return false;
	return true;
}

/* Anything past 32 bits is one past them. */
static uint64_t decimal_value(const struct conf_tok *t)
{
	uint64_t v = 0;

	for (size_t i = 0; i < t->len && v <= UINT32_MAX; i++)
		v = v * 10 + (uint64_t)(t->s[i] - '0');
	return v;
}

bool conf_arg_number(struct conf_parser *p, const char *what, uint32_t min,
		     uint32_t max, uint32_t *out)
{
	struct conf_tok t;
	uint64_t v;

	/* `holding-time` lacks a number, `map ... priority` its priority. */
	if (!conf_arg_any(p, strcmp(what, p->word->name) ? what : "number", false, &t))
		return false;
	if (!is_decimal(&t)) {
		bad_arg(p, &t, "a decimal number");
		return false;
	}
	v = decimal_value(&t);
	if (v < min || v > max) {
		conf_fault(p, t.at, "%s is out of range: %s is %u to %u", CONF_ECHO(&t),
			   what, min, max);
		return false;
	}
	*out = (uint32_t)v;
	return true;
}

void conf_arg_u8(struct conf_parser *p, const char *what, uint32_t min, uint32_t max,
		 uint8_t *out)
{
	uint32_t v;

	if (conf_arg_number(p, what, min, max, &v))
		*out = (uint8_t)v;
}

void conf_arg_u16(struct conf_parser *p, const char *what, uint32_t min, uint32_t max,
		  uint16_t *out)
{
	uint32_t v;

	if (conf_arg_number(p, what, min, max, &v))
		*out = (uint16_t)v;
}

bool conf_tok_is_addr_like(const struct conf_tok *t)
{
	if (memchr(t->s, ':', t->len))
		return true;
	for (size_t i = 0; i < t->len && t->s[i] != '/'; i++)
		if ((t->s[i] < '0' || t->s[i] > '9') && t->s[i] != '.')
			return false;
	return true;
}

/* The address was good, so the length is not. */
static void bad_length(struct conf_parser *p, const struct conf_tok *t,
		       const struct addr *a)
{
	conf_fault(p, t->at, "the prefix length of '%s' is not 0 to %u%s", CONF_ECHO(t),
		   addr_host_bits(a), comment_hint(t));
}

static bool prefix_of(struct conf_parser *p, const struct conf_tok *t,
		      struct prefix *out, bool *has_len)
{
	char text[sizeof(struct prefix_text)];
	char *slash;

	if (!conf_tok_copy(t, text, sizeof(text))) {
		bad_arg(p, t, "an address");
		return false;
	}
	slash = strchr(text, '/');
	*has_len = slash != NULL;
	if (prefix_parse(out, text))
		return true;
	if (slash)
		*slash = '\0';
	if (slash && addr_parse(&out->addr, text))
		bad_length(p, t, &out->addr);
	else
		bad_arg(p, t, "an address");
	return false;
}

bool conf_arg_prefix(struct conf_parser *p, const char *what, struct prefix *out,
		     bool *has_len, struct conf_place *at)
{
	struct conf_tok t;

	if (!conf_arg_any(p, what, false, &t))
		return false;
	*at = t.at;
	return prefix_of(p, &t, out, has_len);
}

void conf_arg_network(struct conf_parser *p, struct prefix *out, struct conf_place *at)
{
	bool has_len;

	if (!conf_arg_prefix(p, "prefix", out, &has_len, at))
		return;
	if (!has_len)
		conf_fault(p, *at, "the prefix has no length; write %s/LEN",
			   ADDR_STR(&out->addr));
	if (addr_is_multicast(&out->addr))
		conf_fault(p, *at,
			   "%s is multicast: the prefix is of unicast addresses",
			   ADDR_STR(&out->addr));
}

void conf_unicast(struct conf_parser *p, struct conf_place at, const char *what,
		  const struct addr *a)
{
	const char *is = addr_is_any(a)		? "the unspecified address"
			 : addr_is_multicast(a) ? "a multicast address"
			 : addr_is_loopback(a)	? "a loopback address"
						: "a reserved address";

	if (!addr_is_unicast(a))
		conf_fault(p, at, "%s is %s: %s is one station's unicast address",
			   ADDR_STR(a), is, what);
}

static bool is_dns_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Labels of 1 to 63 octets, in all at most 253; the last may end in a dot. */
static bool is_dns_name(const struct conf_tok *t)
{
	size_t label = 0;

	for (size_t i = 0; i < t->len; i++) {
		if (t->s[i] == '.') {
			if (label == 0)
				return false;
			label = 0;
		} else if (!is_dns_char(t->s[i]) || ++label > 63) {
			return false;
		}
	}
	return true;
}

/* `as`: what the word should have been, for the message. */
static void dns_name_of(struct conf_parser *p, const struct conf_tok *t, const char *as,
			char out[CONF_NAME_MAX])
{
	if (!conf_tok_copy(t, out, CONF_NAME_MAX))
		conf_fault(p, t->at, "the name '%s' is longer than %d characters",
			   CONF_ECHO(t), CONF_NAME_MAX - 1);
	else if (!is_dns_name(t))
		bad_arg(p, t, as);
}

static void station_of(struct conf_parser *p, const struct conf_tok *t,
		       const char *what, struct addr *out)
{
	struct prefix with_len;
	bool has_len;

	if (!prefix_of(p, t, &with_len, &has_len))
		return;
	if (has_len)
		conf_fault(p, t->at, "'%s' has a prefix length: %s stands alone",
			   CONF_ECHO(t), what);
	*out = with_len.addr;
	conf_unicast(p, t->at, what, out);
}

void conf_arg_station(struct conf_parser *p, const char *what, struct addr *out)
{
	struct conf_tok t;

	if (conf_arg_any(p, "address", false, &t))
		station_of(p, &t, what, out);
}

void conf_arg_nbma(struct conf_parser *p, struct conf_nbma *out)
{
	struct conf_tok t;

	*out = (struct conf_nbma){ 0 };
	if (!conf_arg_any(p, "NBMA address or name", false, &t))
		return;
	if (conf_tok_is_addr_like(&t)) {
		station_of(p, &t, "an NBMA address", &out->addr);
		snprintf(out->name, sizeof(out->name), "%.*s", (int)t.len, t.s);
	} else {
		dns_name_of(p, &t, "an address or a DNS name", out->name);
	}
}

void conf_arg_group(struct conf_parser *p, char out[CONF_GROUP_MAX])
{
	struct conf_tok t;

	if (!conf_arg_any(p, "name", false, &t))
		return;
	if (!conf_tok_copy(&t, out, CONF_GROUP_MAX))
		conf_fault(p, t.at, "the name '%s' is longer than %d characters",
			   CONF_ECHO(&t), CONF_GROUP_MAX - 1);
	else if (!conf_is_plain(out))
		conf_fault(p, t.at,
			   "'%s' is no name of a group: that is of letters, digits and "
			   ". _ -",
			   CONF_ECHO(&t));
}

void conf_arg_dns_name(struct conf_parser *p, char out[CONF_NAME_MAX])
{
	struct conf_tok t;

	if (!conf_arg_any(p, "name", false, &t))
		return;
	if (conf_tok_is_addr_like(&t))
		conf_fault(p, t.at,
			   "'%s' is an address, no name; for one address write: "
			   "map PROTO/PLEN %s register",
			   CONF_ECHO(&t), CONF_ECHO(&t));
	else
		dns_name_of(p, &t, "a DNS name", out);
}

bool conf_arg_ifname(struct conf_parser *p, const char *what, bool free_text,
		     char out[CONF_IFNAME_MAX])
{
	struct conf_tok t;

	if (!conf_arg_any(p, what, free_text, &t))
		return false;
	if (!conf_tok_copy(&t, out, CONF_IFNAME_MAX)) {
		conf_fault(p, t.at,
			   "the interface name '%s' is longer than %d characters",
			   CONF_ECHO(&t), CONF_IFNAME_MAX - 1);
		return false;
	}
	/* What the kernel refuses: dev_valid_name(). */
	if (strpbrk(out, "/:") || !strcmp(out, ".") || !strcmp(out, "..")) {
		bad_arg(p, &t, "an interface name (it has '/' or ':', or is a dot)");
		return false;
	}
	return true;
}
