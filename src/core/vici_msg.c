/* SPDX-License-Identifier: MIT */
#include <nhrp/vici_msg.h>

#include <string.h>

/* The octet that begins an element of a message. */
enum element {
	SECTION_START = 1, /* name */
	SECTION_END,
	KEY_VALUE,  /* name, value */
	LIST_START, /* name */
	LIST_ITEM,  /* value */
	LIST_END,
};

static const struct {
	bool name, msg;
} packet_has[VICI_PACKETS] = {
	[VICI_CMD_REQUEST] = { true, true },
	[VICI_CMD_RESPONSE] = { false, true },
	[VICI_EVENT_REGISTER] = { true, false },
	[VICI_EVENT_UNREGISTER] = { true, false },
	[VICI_EVENT] = { true, true },
};

static struct vici_str take_str(struct rd *r, size_t len)
{
	const uint8_t *p = rd_take(r, len);

	return (struct vici_str){ (const char *)p, p ? len : 0 };
}

static struct vici_str take_name(struct rd *r)
{
	return take_str(r, rd_u8(r));
}

static struct vici_str take_value(struct rd *r)
{
	return take_str(r, rd_u16(r));
}

/* Where in the tree a walk over the elements is. */
struct place {
	unsigned depth;
	bool in_list;
};

/* One element; false when it may not stand here. Short octets make r bad. */
static bool step(struct rd *r, struct place *at)
{
	enum element e = rd_u8(r);

	/* A list holds entries and no name; nothing else holds them. */
	if (at->in_list != (e == LIST_ITEM || e == LIST_END))
		return false;
	switch (e) {
	case SECTION_START:
		take_name(r);
		return ++at->depth <= VICI_DEPTH_MAX;
	case SECTION_END:
		return at->depth-- > 0;
	case KEY_VALUE:
		take_name(r);
		take_value(r);
		return true;
	case LIST_START:
		take_name(r);
		at->in_list = true;
		return true;
	case LIST_ITEM:
		take_value(r);
		return true;
	case LIST_END:
		at->in_list = false;
		return true;
	}
	return false;
}

static bool message_nests(struct rd r)
{
	struct place at = { 0 };

	while (rd_left(&r) > 0) {
		if (!step(&r, &at) || r.bad)
			return false;
	}
	return at.depth == 0 && !at.in_list;
}

static bool decode(struct rd r, struct vici_frame *out)
{
	uint8_t type = rd_u8(&r);

	*out = (struct vici_frame){ 0 };
	if (type >= VICI_PACKETS)
		return false;
	out->type = type;
	if (packet_has[type].name)
		out->name = take_name(&r);
	if (r.bad)
		return false;
	if (!packet_has[type].msg)
		return rd_left(&r) == 0;
	out->msg = (struct vici_sec){ r.p, r.end };
	return message_nests(r);
}

int vici_frame_peek(const uint8_t *bytes, size_t len, struct vici_frame *out)
{
	struct rd r = rd_init(bytes, len);
	uint32_t body;

	if (len < VICI_HEADER_LEN)
		return 0;
	body = rd_u32(&r);
	if (body == 0 || body > VICI_FRAME_MAX)
		return -1;
	if (rd_left(&r) < body)
		return 0;
	r.end = r.p + body;
	return decode(r, out) ? (int)(VICI_HEADER_LEN + body) : -1;
}

/* From behind an opening element to its closing one, and past that. */
static struct vici_sec take_inside(struct rd *r, bool list)
{
	struct place at = { list ? 0 : 1, list };
	struct vici_sec in = { r->p, r->p };

	while (at.depth > 0 || at.in_list) {
		in.end = r->p;
		if (!step(r, &at) || r->bad)
			break;
	}
	return in;
}

bool vici_next(struct vici_sec *at, struct vici_item *out)
{
	struct rd r = rd_init(at->p, (size_t)(at->end - at->p));
	enum element e;

	*out = (struct vici_item){ 0 };
	if (rd_left(&r) == 0)
		return false;
	e = rd_u8(&r);
	if (e == LIST_ITEM)
		out->kind = VICI_ENTRY;
	else
		out->name = take_name(&r);
	if (e == SECTION_START || e == LIST_START) {
		out->kind = e == LIST_START ? VICI_LIST : VICI_SECTION;
		out->inside = take_inside(&r, e == LIST_START);
	} else {
		out->value = take_value(&r);
	}
	at->p = r.p;
	return true;
}

bool vici_find(const struct vici_sec *in, enum vici_kind kind, const char *name,
	       struct vici_item *out)
{
	struct vici_sec at = *in;

	while (vici_next(&at, out)) {
		if (out->kind == kind && vici_str_is(out->name, name))
			return true;
	}
	return false;
}

struct vici_str vici_value(const struct vici_sec *in, const char *name)
{
	struct vici_item item;

	return vici_find(in, VICI_VALUE, name, &item) ? item.value
						      : (struct vici_str){ "", 0 };
}

struct vici_sec vici_inside(const struct vici_sec *in, enum vici_kind kind,
			    const char *name)
{
	struct vici_item item;

	return vici_find(in, kind, name, &item) ? item.inside
						: (struct vici_sec){ in->end, in->end };
}

bool vici_str_is(struct vici_str s, const char *text)
{
	return s.len == strlen(text) && (s.len == 0 || memcmp(s.s, text, s.len) == 0);
}

bool vici_str_copy(struct vici_str s, char *buf, size_t cap)
{
	if (s.len >= cap || (s.len > 0 && memchr(s.s, '\0', s.len)))
		return false;
	if (s.len > 0)
		memcpy(buf, s.s, s.len);
	buf[s.len] = '\0';
	return true;
}

static unsigned digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	return 16;
}

bool vici_str_number(struct vici_str s, unsigned base, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < s.len; i++) {
		unsigned d = digit(s.s[i]);

		if (d >= base || __builtin_mul_overflow(*out, base, out) ||
		    __builtin_add_overflow(*out, d, out))
			return false;
	}
	return s.len > 0;
}

static void put_name(struct vici_out *o, const char *name)
{
	size_t len = strlen(name);

	if (len > VICI_NAME_MAX)
		o->w.bad = true;
	wr_u8(&o->w, (uint8_t)len);
	wr_bytes(&o->w, name, len);
}

static void put_value(struct vici_out *o, const void *p, size_t len)
{
	if (len > VICI_VALUE_MAX)
		o->w.bad = true;
	wr_u16(&o->w, (uint16_t)len);
	wr_bytes(&o->w, p, len);
}

void vici_out_begin(struct vici_out *o, void *buf, size_t cap, enum vici_packet type,
		    const char *name)
{
	*o = (struct vici_out){ .w = wr_init(buf, cap) };
	wr_u32(&o->w, 0); /* the length, when it is known */
	wr_u8(&o->w, (uint8_t)type);
	if (name)
		put_name(o, name);
}

/* Begins an element; one that may not stand here makes the frame bad. */
static void put_element(struct vici_out *o, enum element e)
{
	if (o->in_list != (e == LIST_ITEM || e == LIST_END))
		o->w.bad = true;
	wr_u8(&o->w, (uint8_t)e);
}

void vici_out_octets(struct vici_out *o, const char *name, const void *p, size_t len)
{
	put_element(o, KEY_VALUE);
	put_name(o, name);
	put_value(o, p, len);
}

void vici_out_value(struct vici_out *o, const char *name, const char *value)
{
	vici_out_octets(o, name, value, strlen(value));
}

void vici_out_open(struct vici_out *o, const char *name)
{
	put_element(o, SECTION_START);
	put_name(o, name);
	if (++o->depth > VICI_DEPTH_MAX)
		o->w.bad = true;
}

void vici_out_close(struct vici_out *o)
{
	put_element(o, SECTION_END);
	if (o->depth-- == 0)
		o->w.bad = true;
}

void vici_out_open_list(struct vici_out *o, const char *name)
{
	put_element(o, LIST_START);
	put_name(o, name);
	o->in_list = true;
}

void vici_out_entry(struct vici_out *o, const void *p, size_t len)
{
	put_element(o, LIST_ITEM);
	put_value(o, p, len);
}

void vici_out_close_list(struct vici_out *o)
{
	put_element(o, LIST_END);
	o->in_list = false;
}

size_t vici_out_end(struct vici_out *o)
{
	size_t len = wr_pos(&o->w);

	if (o->w.bad || o->depth > 0 || o->in_list ||
	    len > VICI_HEADER_LEN + VICI_FRAME_MAX)
		return 0;
	o->w.p = o->w.start;
	wr_u32(&o->w, (uint32_t)(len - VICI_HEADER_LEN));
	return len;
}
