/* SPDX-License-Identifier: MIT */
/*
 * Messages of vici as text, for tests to write and to compare:
 *
 *	name=value list=[one two] section{name=value}
 *
 * Words are separated by one space. A value has no brackets, an entry has them in
 * pairs; for reading, ~ in them stands for a space.
 */
#ifndef NHRP_TEST_UNIT_VICI_H
#define NHRP_TEST_UNIT_VICI_H

#include "unit.h"

#include <stdio.h>

#include <nhrp/text.h>
#include <nhrp/vici_msg.h>

static inline void unit_vici_print(struct text *t, struct vici_sec in)
{
	const char *space = "";
	struct vici_item i;

	while (vici_next(&in, &i)) {
		text_put(t, "%s%.*s", space, (int)i.name.len, i.name.s ? i.name.s : "");
		space = " ";
		if (i.kind == VICI_VALUE)
			text_put(t, "=");
		if (i.kind == VICI_VALUE || i.kind == VICI_ENTRY)
			text_put(t, "%.*s", (int)i.value.len, i.value.s);
		if (i.kind == VICI_SECTION || i.kind == VICI_LIST) {
			text_put(t, i.kind == VICI_LIST ? "=[" : "{");
			unit_vici_print(t, i.inside);
			text_put(t, i.kind == VICI_LIST ? "]" : "}");
		}
	}
}

/* Release with free(). */
static inline char *unit_vici_text(struct vici_sec in)
{
	struct text t = { 0 };

	text_put(&t, "%s", "");
	unit_vici_print(&t, in);
	return t.s;
}

static inline void unit_vici_word(struct vici_out *o, const char *word, size_t len)
{
	const char *equal = memchr(word, '=', len);
	char name[VICI_NAME_MAX + 1], value[4096];
	size_t n = equal ? (size_t)(equal - word) : len, at;

	assert_true(len < sizeof(value));
	for (at = 0; at < len; at++)
		value[at] = word[at] == '~' ? ' ' : word[at];
	if (o->in_list) {
		vici_out_entry(o, value, len);
		return;
	}
	assert_true(n <= VICI_NAME_MAX);
	memcpy(name, word, n);
	name[n] = '\0';
	if (equal)
		vici_out_octets(o, name, value + n + 1, len - n - 1);
	else
		vici_out_open(o, name);
}

/* How long the word is; in a list it ends where one bracket more is closed. */
static inline size_t unit_vici_word_len(const struct vici_out *o, const char *text)
{
	size_t len = 0;
	int open = 0;

	if (!o->in_list)
		return strcspn(text, " {}[");
	for (; text[len] && text[len] != ' '; len++) {
		open += (text[len] == '[') - (text[len] == ']');
		if (open < 0)
			break;
	}
	return len;
}

/* Puts what the text says, which is closed as it was opened. */
static inline void unit_vici_put(struct vici_out *o, const char *text)
{
	while (*text) {
		size_t len = unit_vici_word_len(o, text);
		char name[VICI_NAME_MAX + 1];

		if (!o->in_list && text[len] == '[' && len > 0 &&
		    text[len - 1] == '=') {
			snprintf(name, sizeof(name), "%.*s", (int)len - 1, text);
			vici_out_open_list(o, name);
		} else if (len > 0) {
			unit_vici_word(o, text, len);
		}
		text += len;
		if (*text == '}')
			vici_out_close(o);
		if (*text == ']')
			vici_out_close_list(o);
		text += *text != '\0';
	}
}

static inline size_t unit_vici_frame(void *buf, size_t cap, enum vici_packet type,
				     const char *name, const char *text)
{
	struct vici_out o;
	size_t len;

	vici_out_begin(&o, buf, cap, type, name);
	unit_vici_put(&o, text);
	len = vici_out_end(&o);
	assert_int_not_equal(len, 0);
	return len;
}

#endif
