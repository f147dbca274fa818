/* SPDX-License-Identifier: MIT */
/*
 * Messages of vici, the control protocol of strongSwan's charon, as values.
 *
 * A frame is a 32-bit big-endian length of what follows, a type octet, for some
 * types a name, and for some a message: a tree of named values, named lists of
 * values and named sections. A frame is checked whole when it is taken off the
 * stream, so walking what was checked cannot fail; what is read points into the
 * frame, which must outlive it. Values are octets with a length: nothing here
 * trusts them to be text. A writer's failure is sticky and read once at the end.
 */
#ifndef NHRP_VICI_MSG_H
#define NHRP_VICI_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/buf.h>
#include <nhrp/defs.h>

#define VICI_HEADER_LEN 4
#define VICI_FRAME_MAX	(512u << 10) /* behind the header; charon's own limit */
#define VICI_NAME_MAX	255
#define VICI_VALUE_MAX	65535
#define VICI_DEPTH_MAX	16 /* sections in sections; charon's go five deep */

enum vici_packet {
	VICI_CMD_REQUEST = 0, /* name, message */
	VICI_CMD_RESPONSE,    /* message */
	VICI_CMD_UNKNOWN,
	VICI_EVENT_REGISTER,   /* name */
	VICI_EVENT_UNREGISTER, /* name */
	VICI_EVENT_CONFIRM,
	VICI_EVENT_UNKNOWN,
	VICI_EVENT, /* name, message */
	VICI_PACKETS
};

/* Octets of a checked frame; not terminated, and may hold anything. */
struct vici_str {
	const char *s;
	size_t len;
};

/* What is inside a section or a list of a checked frame, or of the whole message. */
struct vici_sec {
	const uint8_t *p, *end;
};

struct vici_frame {
	enum vici_packet type;
	struct vici_str name;
	struct vici_sec msg;
};

/*
 * Looks at the octets received so far. Returns those of the first whole frame,
 * header included, 0 when more are needed, -1 when this is no frame: a length of
 * zero or above the limit, a type that is none, a message that does not nest.
 */
int vici_frame_peek(const uint8_t *bytes, size_t len,
		    struct vici_frame *out) MUST_CHECK;

enum vici_kind {
	VICI_VALUE,   /* name and value */
	VICI_SECTION, /* name and what is inside */
	VICI_LIST,    /* name and, inside, entries */
	VICI_ENTRY,   /* value */
};

struct vici_item {
	enum vici_kind kind;
	struct vici_str name, value;
	struct vici_sec inside;
};

/* Takes the next item off, with all that is inside of it; false at the end. */
bool vici_next(struct vici_sec *at, struct vici_item *out) MUST_CHECK;

/* The first item of this kind and name; false when there is none. */
bool vici_find(const struct vici_sec *in, enum vici_kind kind, const char *name,
	       struct vici_item *out) MUST_CHECK;

/* The value of this name; of no octets when there is none. */
struct vici_str vici_value(const struct vici_sec *in, const char *name);

/* What is inside the section or the list of this name; empty when there is none. */
struct vici_sec vici_inside(const struct vici_sec *in, enum vici_kind kind,
			    const char *name);

bool vici_str_is(struct vici_str s, const char *text);

/* As a terminated string; false when it does not fit or holds a zero octet. */
bool vici_str_copy(struct vici_str s, char *buf, size_t cap) MUST_CHECK;

/* Digits of this base (10 or 16) and nothing else, at most 64 bits of them. */
bool vici_str_number(struct vici_str s, unsigned base, uint64_t *out) MUST_CHECK;

/* A frame in the making, in the caller's buffer. */
struct vici_out {
	struct wr w;
	unsigned depth;
	bool in_list;
};

/* `name` is NULL where the type has none. */
void vici_out_begin(struct vici_out *o, void *buf, size_t cap, enum vici_packet type,
		    const char *name);
void vici_out_value(struct vici_out *o, const char *name, const char *value);
void vici_out_octets(struct vici_out *o, const char *name, const void *p, size_t len);
void vici_out_open(struct vici_out *o, const char *name);
void vici_out_close(struct vici_out *o);
void vici_out_open_list(struct vici_out *o, const char *name);
void vici_out_entry(struct vici_out *o, const void *p, size_t len);
void vici_out_close_list(struct vici_out *o);

/*
 * The octets of the whole frame; 0 when it did not fit, a name or value was too
 * long, or what was opened is not closed.
 */
size_t vici_out_end(struct vici_out *o) MUST_CHECK;

#endif
