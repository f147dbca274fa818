/* SPDX-License-Identifier: MIT */
#include <nhrp/record.h>

#include <string.h>

static struct field *next_field(struct record *r, const char *key, enum field_kind kind)
{
	struct field *f;

	if (r->count == RECORD_MAX_FIELDS)
		return NULL;
	f = &r->fields[r->count++];
	f->key = key;
	f->kind = kind;
	return f;
}

void record_text(struct record *r, const char *key, const char *text)
{
	size_t room = sizeof(r->room) - r->used, n = strlen(text);
	struct field *f;

	if (room == 0)
		return;
	f = next_field(r, key, FIELD_TEXT);
	if (!f)
		return;
	if (n >= room)
		n = room - 1;
	f->text = memcpy(r->room + r->used, text, n);
	r->room[r->used + n] = '\0';
	r->used += n + 1;
}

void record_number(struct record *r, const char *key, int64_t number)
{
	struct field *f = next_field(r, key, FIELD_NUMBER);

	if (f)
		f->number = number;
}

void record_bool(struct record *r, const char *key, bool flag)
{
	struct field *f = next_field(r, key, FIELD_BOOL);

	if (f)
		f->flag = flag;
}

void record_mono(struct record *r, const char *key, mono at)
{
	struct field *f = mono_is_never(at) ? NULL : next_field(r, key, FIELD_MONO);

	if (f)
		f->at = at;
}

void record_time(struct record *r, const char *key, int64_t time_s)
{
	struct field *f = next_field(r, key, FIELD_TIME);

	if (f)
		f->time_s = time_s;
}

void record_addr(struct record *r, const char *key, const struct addr *a)
{
	if (addr_is_set(a))
		record_text(r, key, ADDR_STR(a));
}

void record_copy(struct record *to, const struct record *from)
{
	*to = *from;
	for (size_t i = 0; i < to->count; i++) {
		struct field *f = &to->fields[i];

		if (f->kind == FIELD_TEXT && f->text >= from->room &&
		    f->text < from->room + sizeof(from->room))
			f->text = to->room + (f->text - from->room);
	}
}

const struct field *record_find(const struct record *r, const char *key)
{
	for (size_t i = 0; i < r->count; i++) {
		const char *of = r->fields[i].key;

		/* Most differ in their first letter. */
		if (*of == *key && strcmp(of, key) == 0)
			return &r->fields[i];
	}
	return NULL;
}
