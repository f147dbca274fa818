/* SPDX-License-Identifier: MIT */
#include "conf_int.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <nhrp/text.h>

/* In quotation marks where it would else be several words, or a comment. */
static bool needs_quotes(const char *s, size_t len)
{
	return memchr(s, ' ', len) || s[0] == '#' || s[0] == '"';
}

void conf_put_value(struct text *t, const char *s, size_t len)
{
	const char *mark = needs_quotes(s, len) ? "\"" : "";

	text_put(t, "%s%.*s%s", mark, (int)len, s, mark);
}

static bool begins_coded(const struct conf_psk *psk)
{
	return psk->len >= 2 && psk->bytes[0] == '0' &&
	       strchr("xXsS", psk->bytes[1]) != NULL;
}

/* Can the octets stand in the file as they are? */
static bool is_text(const struct conf_psk *psk)
{
	const size_t hidden = strlen(CONF_HIDDEN);

	if (begins_coded(psk) ||
	    (psk->len == hidden && memcmp(psk->bytes, CONF_HIDDEN, hidden) == 0))
		return false;
	for (size_t n = 0; n < psk->len; n++)
		if (psk->bytes[n] < ' ' || psk->bytes[n] > '~' || psk->bytes[n] == '"')
			return false;
	return true;
}

static void put_psk(struct text *t, const struct conf_profile *p, bool secrets)
{
	if (p->psk_file[0]) {
		text_put(t, "\tpsk-file ");
		conf_put_value(t, p->psk_file, strlen(p->psk_file));
		text_put(t, "\n");
	}
	if (p->psk_file[0] || p->psk.len == 0)
		return;
	text_put(t, "\tpsk ");
	if (!secrets) {
		text_put(t, "%s", CONF_HIDDEN);
	} else if (is_text(&p->psk)) {
		conf_put_value(t, (const char *)p->psk.bytes, p->psk.len);
	} else {
		text_put(t, "0x");
		for (size_t n = 0; n < p->psk.len; n++)
			text_put(t, "%02x", p->psk.bytes[n]);
	}
	text_put(t, "\n");
}

static void put_setting(struct text *t, const struct conf_setting *s)
{
	struct text list = { 0 };

	for (size_t n = 0; n < s->value_count; n++)
		text_put(&list, "%s%s", n ? "," : "", s->values[n]);
	assert(list.s); /* a setting has a value */
	text_put(t, "%s ", s->key);
	conf_put_value(t, list.s, list.len);
	free(list.s);
}

/* Of the connection a line each, of a section all on one. */
static void put_section(struct text *t, const struct conf_profile *p,
			enum conf_section section)
{
	bool own_lines = section == CONF_CONNECTION;
	bool any = section == CONF_CHILD && p->tunnel_mode;

	for (size_t n = 0; n < p->setting_count; n++)
		any |= p->settings[n].section == section;
	if (!any)
		return;
	if (!own_lines)
		text_put(t, "\t%s", conf_section_str(section));
	for (size_t n = 0; n < p->setting_count; n++) {
		if (p->settings[n].section != section)
			continue;
		text_put(t, own_lines ? "\t" : " ");
		put_setting(t, &p->settings[n]);
		text_put(t, own_lines ? "\n" : "");
	}
	if (section == CONF_CHILD && p->tunnel_mode)
		text_put(t, " mode tunnel");
	if (!own_lines)
		text_put(t, "\n");
}

void conf_put_profile(struct text *t, const struct conf_profile *p, bool secrets)
{
	text_put(t, "ipsec-profile %s\n", p->name);
	for (unsigned s = CONF_CONNECTION; s <= CONF_CHILD; s++)
		put_section(t, p, s);
	put_psk(t, p, secrets);
}
