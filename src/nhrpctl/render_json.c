/* SPDX-License-Identifier: MIT */
#include "render.h"

#include <string.h>
#include <time.h>

#include <jansson.h>

#define SCHEMA 1
#define FLAGS  (JSON_COMPACT | JSON_ENCODE_ANY)

/* JSON is UTF-8; what is not (a name from a certificate) loses its odd octets. */
static json_t *json_text(const char *text)
{
	json_t *j = json_string(text);
	char copy[RECORD_TEXT_ROOM];

	if (j)
		return j;
	snprintf(copy, sizeof(copy), "%s", text);
	for (char *c = copy; *c; c++) {
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	}
	return json_string(copy);
}

static json_t *json_time(int64_t time_s)
{
	char text[32] = "";
	time_t t = (time_t)time_s;
	struct tm tm;

	if (gmtime_r(&t, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(text);
}

static json_t *json_field(const struct field *f)
{
	switch (f->kind) {
	case FIELD_TEXT:
		return json_text(f->text);
	case FIELD_NUMBER:
		return json_integer(f->number);
	case FIELD_BOOL:
		return json_boolean(f->flag);
	case FIELD_TIME:
		return json_time(f->time_s);
	case FIELD_MONO: /* the protocol carries none */
		break;
	}
	return json_null();
}

static void print_row(FILE *out, const struct record *r)
{
	json_t *row = json_object();

	for (size_t i = 0; i < r->count; i++)
		json_object_set_new(row, r->fields[i].key, json_field(&r->fields[i]));
	json_dumpf(row, out, FLAGS);
	json_decref(row);
}

static void print_text(FILE *out, const char *text)
{
	json_t *j = json_text(text);

	json_dumpf(j, out, FLAGS);
	json_decref(j);
}

void render_json(FILE *out, const char *list, const struct answer *a, const char *error)
{
	struct answer_walk walk = answer_rows(a);
	const char *between = "";
	struct record r;

	fprintf(out, "{\"schema\":%d,\"%s\":[", SCHEMA, list);
	while (answer_next(&walk, &r)) {
		fputs(between, out);
		print_row(out, &r);
		between = ",\n";
	}
	fputc(']', out);
	if (error) {
		fputs(",\"error\":", out);
		print_text(out, error);
	}
	fputs("}\n", out);
}
