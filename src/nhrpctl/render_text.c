/* SPDX-License-Identifier: MIT */
#include "render.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

#define MAX_COLUMNS 64
#define CELL_CAP    (RECORD_TEXT_ROOM + 8)
#define GAP	    2
#define NOTHING	    "-"

struct column {
	const char *key; /* into the answer */
	size_t width;
	bool shown; /* some row has something to say */
};

struct table {
	struct column columns[MAX_COLUMNS];
	size_t count;
	int64_t now_s;
	const char *const *details; /* keys that are left out; NULL ends */
};

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

/* Two units at most: 45s, 3m12s, 2h05m, 3d04h. */
static void duration_str(char *out, size_t cap, int64_t s)
{
	long long v = s > 0 ? s : 0;

	if (v < 60)
		snprintf(out, cap, "%llds", v);
	else if (v < 3600)
		snprintf(out, cap, "%lldm%02llds", v / 60, v % 60);
	else if (v < 86400)
		snprintf(out, cap, "%lldh%02lldm", v / 3600, v / 60 % 60);
	else
		snprintf(out, cap, "%lldd%02lldh", v / 86400, v / 3600 % 24);
}

static void latency_str(char *out, size_t cap, int64_t us)
{
	if (us < 10000)
		snprintf(out, cap, "%.1fms", (double)us / 1000);
	else
		snprintf(out, cap, "%lldms", (long long)us / 1000);
}

static void clock_str(char *out, size_t cap, int64_t time_s)
{
	time_t t = (time_t)time_s;
	struct tm tm;

	if (!localtime_r(&t, &tm) || strftime(out, cap, "%F %T", &tm) == 0)
		snprintf(out, cap, NOTHING);
}

/* What a peer may have written reaches no terminal as it is. */
static void text_str(char *out, size_t cap, const char *text)
{
	size_t n = 0;

	if (!*text)
		text = NOTHING;
	for (; n + 1 < cap && text[n]; n++)
		out[n] = iscntrl((unsigned char)text[n]) ? '?' : text[n];
	out[n] = '\0';
}

static bool same_text(const struct record *r, const struct field *f, const char *key)
{
	const struct field *other = record_find(r, key);

	return other && other->kind == FIELD_TEXT && strcmp(f->text, other->text) == 0;
}

/* NBMA addresses that differ only behind NAT. */
static bool says_again(const struct record *r, const struct field *f)
{
	return (strcmp(f->key, "claimed_nbma") == 0 && same_text(r, f, "nbma")) ||
	       (strcmp(f->key, "seen_nbma") == 0 && same_text(r, f, "registered_nbma"));
}

/* An address with the length of its prefix, unless it is a host's. */
static void protocol_str(char *out, size_t cap, const struct record *r,
			 const struct field *f)
{
	const struct field *len = record_find(r, "prefix");
	int host_bits = strchr(f->text, ':') ? 128 : 32;
	size_t n;

	text_str(out, cap, f->text);
	if (!len || len->kind != FIELD_NUMBER || len->number == host_bits)
		return;
	n = strlen(out);
	snprintf(out + n, cap - n, "/%lld", (long long)len->number);
}

static void text_cell(char *out, size_t cap, const struct record *r,
		      const struct field *f)
{
	if (strcmp(f->key, "protocol") == 0)
		protocol_str(out, cap, r, f);
	else if (says_again(r, f))
		text_str(out, cap, NOTHING);
	else
		text_str(out, cap, f->text);
}

static void number_cell(char *out, size_t cap, const struct field *f)
{
	if (ends_with(f->key, "_s"))
		duration_str(out, cap, f->number);
	else if (ends_with(f->key, "_us"))
		latency_str(out, cap, f->number);
	else
		snprintf(out, cap, "%lld", (long long)f->number);
}

static const char *cell(char *out, size_t cap, const struct table *t,
			const struct record *r, const char *key)
{
	const struct field *f = record_find(r, key);

	if (!f) {
		text_str(out, cap, NOTHING);
		return out;
	}
	switch (f->kind) {
	case FIELD_TEXT:
		text_cell(out, cap, r, f);
		break;
	case FIELD_NUMBER:
		number_cell(out, cap, f);
		break;
	case FIELD_BOOL:
		text_str(out, cap, f->flag ? "yes" : "no");
		break;
	case FIELD_TIME:
		duration_str(out, cap, t->now_s - f->time_s);
		break;
	case FIELD_MONO: /* the protocol carries none */
		text_str(out, cap, NOTHING);
		break;
	}
	return out;
}

/* Letters on the screen: an octet that continues one in UTF-8 is none. */
static size_t letters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static void title_str(char *out, size_t cap, const char *key)
{
	size_t n = strlen(key);

	if (ends_with(key, "_us"))
		n -= 3;
	else if (ends_with(key, "_s"))
		n -= 2;
	if (n >= cap)
		n = cap - 1;
	for (size_t i = 0; i < n; i++)
		out[i] = key[i] == '_' ? '-' : (char)toupper((unsigned char)key[i]);
	out[n] = '\0';
}

/* Sentences stand last, where their length moves nothing. */
static bool is_sentence(const char *key)
{
	return strcmp(key, "reason") == 0 || strcmp(key, "problem") == 0;
}

/* A prefix that is a number stands behind its address. */
static bool is_detail(const struct table *t, const struct field *f)
{
	const char *const *d = t->details;

	while (d && *d && strcmp(*d, f->key) != 0)
		d++;
	return (d && *d) || (f->kind == FIELD_NUMBER && strcmp(f->key, "prefix") == 0);
}

static size_t find_column(const struct table *t, const char *key)
{
	size_t i = 0;

	while (i < t->count &&
	       (*t->columns[i].key != *key || strcmp(t->columns[i].key, key) != 0))
		i++;
	return i;
}

static void insert_column(struct table *t, size_t at, const char *key)
{
	char title[CELL_CAP];

	if (t->count == MAX_COLUMNS)
		return;
	memmove(&t->columns[at + 1], &t->columns[at],
		(t->count - at) * sizeof(t->columns[0]));
	title_str(title, sizeof(title), key);
	t->columns[at] = (struct column){ .key = key, .width = strlen(title) };
	t->count++;
}

/* Columns in the order of the rows: a new one goes behind its neighbour. */
static void learn_columns(struct table *t, const struct record *r)
{
	size_t at = 0;

	for (size_t i = 0; i < r->count; i++) {
		const char *key = r->fields[i].key;
		size_t known = find_column(t, key);

		if (is_detail(t, &r->fields[i]) ||
		    (known < t->count && is_sentence(key)))
			continue;
		if (known == t->count)
			insert_column(t, is_sentence(key) ? t->count : at, key);
		if (!is_sentence(key))
			at = find_column(t, key) + 1;
	}
}

static void learn_widths(struct table *t, const struct record *r)
{
	char text[CELL_CAP];

	for (size_t i = 0; i < t->count; i++) {
		struct column *c = &t->columns[i];
		size_t n = letters(cell(text, sizeof(text), t, r, c->key));

		if (strcmp(text, NOTHING) != 0)
			c->shown = true;
		if (n > c->width)
			c->width = n;
	}
}

/* Spaces are owed until something follows them. */
static size_t print_cell(FILE *out, size_t owed, const struct column *c,
			 const char *text)
{
	for (; owed; owed--)
		putc_unlocked(' ', out);
	fputs_unlocked(text, out);
	return c->width - letters(text) + GAP;
}

static void print_titles(FILE *out, const struct table *t)
{
	char text[CELL_CAP];
	size_t owed = 0;

	for (size_t i = 0; i < t->count; i++) {
		if (!t->columns[i].shown)
			continue;
		title_str(text, sizeof(text), t->columns[i].key);
		owed = print_cell(out, owed, &t->columns[i], text);
	}
	fputc('\n', out);
}

static void print_row(FILE *out, const struct table *t, const struct record *r)
{
	char text[CELL_CAP];
	size_t owed = 0;

	for (size_t i = 0; i < t->count; i++) {
		if (t->columns[i].shown)
			owed = print_cell(out, owed, &t->columns[i],
					  cell(text, sizeof(text), t, r,
					       t->columns[i].key));
	}
	fputc('\n', out);
}

/* What a screen has no room for and seldom needs; shown with `all`. */
static const char *const *details_of(enum ctl_verb verb)
{
	static const char *const nhs[] = { "registered_as", "registered_nbma", "tries",
					   NULL };
	static const char *const interfaces[] = { "holding_time_s", "incomplete",
						  "negative", "max_bindings", NULL };
	static const char *const peers[] = { "encrypted",   "behind_nat", "ike_id",
					     "child_id",    "initiator",  "ike_suite",
					     "packets_in",  "idle_in_s",  "packets_out",
					     "established", NULL };

	if (verb == CTL_SHOW_NHS)
		return nhs;
	if (verb == CTL_SHOW_PEERS)
		return peers;
	return verb == CTL_SHOW_INTERFACES ? interfaces : NULL;
}

/* The last row of an explanation stands below its table. */
static bool is_verdict(const struct record *r)
{
	return record_find(r, "verdict") != NULL;
}

static void print_table(FILE *out, enum ctl_verb verb, const struct answer *a, bool all,
			int64_t now_s)
{
	struct table t = { .now_s = now_s, .details = all ? NULL : details_of(verb) };
	struct answer_walk walk;
	struct record r;

	for (walk = answer_rows(a); answer_next(&walk, &r);) {
		if (is_verdict(&r))
			continue;
		learn_columns(&t, &r);
		learn_widths(&t, &r);
	}
	if (t.count > 0)
		print_titles(out, &t);
	for (walk = answer_rows(a); answer_next(&walk, &r);) {
		if (!is_verdict(&r))
			print_row(out, &t, &r);
	}
}

static const char *text_of(const struct record *r, const char *key)
{
	const struct field *f = record_find(r, key);

	return f && f->kind == FIELD_TEXT ? f->text : "";
}

static int64_t number_of(const struct record *r, const char *key)
{
	const struct field *f = record_find(r, key);

	return f && f->kind == FIELD_NUMBER ? f->number : 0;
}

static void print_explanation(FILE *out, const struct answer *a, bool all,
			      int64_t now_s)
{
	struct answer_walk walk = answer_rows(a);
	const char *gap = "";
	struct record r;

	print_table(out, CTL_EXPLAIN, a, all, now_s);
	for (; answer_next(&walk, &r); gap = "\n") {
		if (is_verdict(&r))
			fprintf(out, "%s%s: %s\n", gap, text_of(&r, "verdict"),
				text_of(&r, "reason"));
	}
}

static void print_findings(FILE *out, const struct answer *a)
{
	struct answer_walk walk = answer_rows(a);
	struct record r;

	while (answer_next(&walk, &r))
		fprintf(out, "%-8s %s: %s\n%-8s %s\n", text_of(&r, "severity"),
			text_of(&r, "where"), text_of(&r, "what"), "",
			text_of(&r, "fix"));
}

/* Rows of an interface stand together; those of none are the daemon's. */
static void print_counters(FILE *out, const struct answer *a, bool all)
{
	struct answer_walk walk = answer_rows(a);
	const char *group = NULL;
	struct record r;

	while (answer_next(&walk, &r)) {
		const char *of = text_of(&r, "interface");
		long long value = number_of(&r, "value");

		if (!all && value == 0)
			continue;
		if (!group || strcmp(group, of) != 0)
			fprintf(out, "%s%s\n", group ? "\n" : "", *of ? of : "nhrpd");
		group = of;
		fprintf(out, "%12lld  %s\n", value, text_of(&r, "name"));
	}
	if (!group)
		fputs("every counter is zero\n", out);
}

static void print_log(FILE *out, const struct answer *a)
{
	struct answer_walk walk = answer_rows(a);
	struct record r;

	while (answer_next(&walk, &r)) {
		const struct field *at = record_find(&r, "time");
		char when[32] = "", text[CELL_CAP];

		if (at && at->kind == FIELD_TIME)
			clock_str(when, sizeof(when), at->time_s);
		text_str(text, sizeof(text), text_of(&r, "text"));
		fprintf(out, "%s %-5s %s\n", when, text_of(&r, "level"), text);
	}
}

static void print_count(FILE *out, const char *words, const struct answer *a)
{
	struct answer_walk walk = answer_rows(a);
	struct record r;

	while (answer_next(&walk, &r)) {
		long long n = number_of(&r, "count");

		fprintf(out, "%s: %lld %s\n", words, n, n == 1 ? "entry" : "entries");
	}
}

/* Faults as compilers print them, so that editors find the place. */
static void print_reload(FILE *out, const struct answer *a)
{
	struct answer_walk walk = answer_rows(a);
	struct record r;

	while (answer_next(&walk, &r)) {
		if (record_find(&r, "change"))
			fprintf(out, "%s: %s\n",
				record_find(&r, "interface") ? text_of(&r, "interface")
							     : "node",
				text_of(&r, "change"));
		else
			fprintf(out, "%s:%lld:%lld: %s: %s\n", text_of(&r, "file"),
				(long long)number_of(&r, "line"),
				(long long)number_of(&r, "column"),
				text_of(&r, "severity"), text_of(&r, "text"));
	}
}

static const char *empty_sentence(enum ctl_verb verb)
{
	switch (verb) {
	case CTL_SHOW_CACHE:
		return "no entries";
	case CTL_SHOW_NHS:
		return "no next hop servers";
	case CTL_SHOW_PEERS:
		return "no peers";
	case CTL_SHOW_SHORTCUTS:
		return "no shortcuts";
	case CTL_SHOW_ROUTES:
		return "no routes";
	case CTL_SHOW_INTERFACES:
		return "no interfaces";
	case CTL_SHOW_COUNTERS:
		return "no counters";
	case CTL_SHOW_MULTICAST:
		return "no multicast";
	case CTL_SHOW_LOG:
		return "nothing logged yet";
	case CTL_EXPLAIN:
	case CTL_DOCTOR:
	case CTL_FLUSH:
	case CTL_PURGE:
	case CTL_LOWERDOWN:
	case CTL_REDIRECT_PURGE:
	case CTL_RESOLVE:
	case CTL_RELOAD:
	case CTL_VERBS:
		break;
	}
	return NULL;
}

static void print_rows(FILE *out, enum ctl_verb verb, const struct answer *a, bool all,
		       int64_t now_s)
{
	switch (verb) {
	case CTL_SHOW_CACHE:
	case CTL_SHOW_PEERS:
	case CTL_SHOW_NHS:
	case CTL_SHOW_SHORTCUTS:
	case CTL_SHOW_ROUTES:
	case CTL_SHOW_INTERFACES:
	case CTL_SHOW_MULTICAST:
	case CTL_RESOLVE:
		print_table(out, verb, a, all, now_s);
		break;
	case CTL_SHOW_COUNTERS:
		print_counters(out, a, all);
		break;
	case CTL_SHOW_LOG:
		print_log(out, a);
		break;
	case CTL_EXPLAIN:
		print_explanation(out, a, all, now_s);
		break;
	case CTL_DOCTOR:
		print_findings(out, a);
		break;
	case CTL_FLUSH:
	case CTL_PURGE:
	case CTL_LOWERDOWN:
	case CTL_REDIRECT_PURGE:
		print_count(out, ctl_commands[verb].words, a);
		break;
	case CTL_RELOAD:
		print_reload(out, a);
		break;
	case CTL_VERBS:
		break;
	}
}

void render_text(FILE *out, enum ctl_verb verb, const struct answer *a, bool all,
		 int64_t now_s)
{
	if (a->rows_len > 0)
		print_rows(out, verb, a, all, now_s);
	else if (a->ended && a->end.status == CTL_DONE && empty_sentence(verb))
		fprintf(out, "%s\n", empty_sentence(verb));
}
