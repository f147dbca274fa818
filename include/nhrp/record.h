/* SPDX-License-Identifier: MIT */
/*
 * A row of a table that people look at: a flat list of named, typed fields.
 *
 * The engine and the programs fill records; the control protocol carries them;
 * nhrpctl prints them as text or JSON. A field that does not apply is left
 * out. Keys are string constants that outlive the record. Texts are copied and
 * cut when the record's room is used up; nothing is allocated. They are pointed at
 * where they lie in it: a record is copied by record_copy() and not by assignment.
 */
#ifndef NHRP_RECORD_H
#define NHRP_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/mono.h>

#define RECORD_MAX_FIELDS 32
#define RECORD_TEXT_ROOM  1024

enum field_kind {
	FIELD_TEXT,
	FIELD_NUMBER,
	FIELD_BOOL,
	FIELD_MONO, /* a point in time; becomes FIELD_TIME where a clock is known */
	FIELD_TIME, /* seconds since 1970, UTC */
};

struct field {
	const char *key;
	enum field_kind kind;
	union {
		const char *text; /* into the record's room, or the decoded frame */
		int64_t number;
		bool flag;
		mono at;
		int64_t time_s;
	};
};

struct record {
	struct field fields[RECORD_MAX_FIELDS];
	size_t count;
	char room[RECORD_TEXT_ROOM];
	size_t used;
};

static inline void record_init(struct record *r)
{
	r->count = 0;
	r->used = 0;
}

void record_text(struct record *r, const char *key, const char *text);
void record_number(struct record *r, const char *key, int64_t number);
void record_bool(struct record *r, const char *key, bool flag);
/* Left out when it is MONO_NEVER. */
void record_mono(struct record *r, const char *key, mono at);
void record_time(struct record *r, const char *key, int64_t time_s);
/* Left out when the address is ADDR_NONE. */
void record_addr(struct record *r, const char *key, const struct addr *a);

/* Texts that lie elsewhere, as in a decoded frame, still do. */
void record_copy(struct record *to, const struct record *from);

const struct field *record_find(const struct record *r, const char *key);

/* Where a walk over a table puts its rows. */
struct show_sink {
	void (*row)(struct show_sink *sink, const struct record *r);
};

#endif
