/* SPDX-License-Identifier: MIT */
/*
 * Any octets as a configuration: it is refused with reasons, or it is printed and
 * read again as the same. The first half of the text is a configuration too, and
 * a reload from it to the whole is planned.
 */
#include "fuzz.h"

#include <string.h>

#include <nhrp/conf.h>

static void check_diag(const struct conf_diag *d)
{
	size_t len = strlen(d->text);

	MUST_HOLD(d->line > 0 && d->column > 0);
	MUST_HOLD(len > 0 && len < sizeof(d->text));
	for (size_t n = 0; n < len; n++)
		MUST_HOLD(d->text[n] >= ' ' && d->text[n] <= '~');
}

static void check_diags(const struct conf_diags *d)
{
	MUST_HOLD(d->count <= CONF_DIAGS_MAX);
	MUST_HOLD(d->cut || d->errors <= d->count);
	for (size_t n = 0; n < d->count; n++) {
		check_diag(&d->list[n]);
		if (n)
			MUST_HOLD(d->list[n - 1].line <= d->list[n].line);
	}
}

static struct conf *parse(const char *text, size_t len)
{
	struct conf_diags d;
	struct conf *c = conf_parse(text, len, &d);

	check_diags(&d);
	MUST_HOLD((c == NULL) == (d.errors > 0));
	conf_diags_free(&d);
	return c;
}

static size_t changes(const struct conf *from, const struct conf *to)
{
	struct conf_change *list;
	size_t count = conf_diff(from, to, &list);

	for (size_t n = 0; n < count; n++) {
		bool node = list[n].kind == CONF_NODE_CHANGED;

		MUST_HOLD(!list[n].before ==
			  (node || list[n].kind == CONF_IFACE_ADDED));
		MUST_HOLD(!list[n].after ==
			  (node || list[n].kind == CONF_IFACE_REMOVED));
		MUST_HOLD(!list[n].parts ==
			  (!node && list[n].kind != CONF_IFACE_CHANGED));
	}
	free(list);
	return count;
}

static bool has_secret(const struct conf *c)
{
	for (size_t n = 0; n < c->iface_count; n++)
		if (c->ifaces[n].auth.len)
			return true;
	for (size_t n = 0; n < c->profile_count; n++)
		if (c->profiles[n].psk.len)
			return true;
	return false;
}

static void round_trip(const struct conf *c)
{
	char *printed = conf_print(c, true), *hidden = conf_print(c, false), *reprinted;
	struct conf *again = parse(printed, strlen(printed));
	struct conf *without = parse(hidden, strlen(hidden));

	MUST_HOLD(again != NULL);
	MUST_HOLD(changes(c, again) == 0 && changes(again, c) == 0);
	reprinted = conf_print(again, true);
	MUST_HOLD(strcmp(printed, reprinted) == 0);
	MUST_HOLD((without == NULL) == has_secret(c));
	conf_free(without);
	conf_free(again);
	free(reprinted);
	free(hidden);
	free(printed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct conf *whole = parse(text, size), *half = parse(text, size / 2);

	if (whole)
		round_trip(whole);
	if (whole && half)
		MUST_HOLD(changes(half, whole) == changes(whole, half));
	conf_free(half);
	conf_free(whole);
	return 0;
}
