/* SPDX-License-Identifier: MIT */
#include "conf_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <nhrp/mem.h>

/* Warnings leave room for the errors, which decide. */
static bool has_room(const struct conf_diags *d, enum conf_severity severity)
{
	return d->count <
	       (severity == CONF_ERROR ? CONF_DIAGS_MAX : CONF_DIAGS_MAX / 2);
}

void conf_diag_add(struct conf_diags *d, enum conf_severity severity,
		   struct conf_place at, const char *fmt, ...)
{
	struct conf_diag *new;
	va_list ap;

	if (severity == CONF_ERROR)
		d->errors++;
	if (!has_room(d, severity)) {
		d->cut = true;
		return;
	}
	d->list = mem_resize(d->list, d->count + 1, sizeof(*d->list));
	new = &d->list[d->count++];
	*new = (struct conf_diag){ severity, at.line, at.column, "" };
	va_start(ap, fmt);
	vsnprintf(new->text, sizeof(new->text), fmt, ap);
	va_end(ap);
}

void conf_diags_fault(struct conf_diags *d, unsigned line, unsigned column,
		      const char *fmt, ...)
{
	char text[sizeof(d->list[0].text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	conf_diag_add(d, CONF_ERROR, (struct conf_place){ line, column }, "%s", text);
	conf_diags_sort(d);
}

static bool stands_before(const struct conf_diag *a, const struct conf_diag *b)
{
	if (a->line != b->line)
		return a->line < b->line;
	return a->column < b->column;
}

void conf_diags_sort(struct conf_diags *d)
{
	for (size_t i = 1; i < d->count; i++) {
		struct conf_diag moved = d->list[i];
		size_t to = i;

		for (; to && stands_before(&moved, &d->list[to - 1]); to--)
			d->list[to] = d->list[to - 1];
		d->list[to] = moved;
	}
}

void conf_diags_free(struct conf_diags *d)
{
	free(d->list);
	*d = (struct conf_diags){ 0 };
}
