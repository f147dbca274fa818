/* SPDX-License-Identifier: MIT */
#include <nhrp/text.h>

#include <stdarg.h>
#include <stdio.h>

#include <nhrp/mem.h>

void text_put(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if (t->len + (size_t)n >= t->cap) {
		t->cap = 2 * (t->len + (size_t)n + 1);
		t->s = mem_resize(t->s, t->cap, 1);
	}
	va_start(ap, fmt);
	vsnprintf(t->s + t->len, t->cap - t->len, fmt, ap);
	va_end(ap);
	t->len += (size_t)n;
}
