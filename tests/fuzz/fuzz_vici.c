/* SPDX-License-Identifier: MIT */
/*
 * Any octets as what charon sends: frames are taken off until one is cut or bad.
 * What was checked is walked, and written again: that gives the same octets, and
 * does not fit into one octet less. It is read as an event about an SA, too.
 */
#include "fuzz.h"

#include <string.h>

#include <nhrp/vici_msg.h>

#include "ike_fact.h"

static void check_range(const struct vici_sec *in, const void *p, size_t len)
{
	const uint8_t *at = p;

	MUST_HOLD(len == 0 || (at >= in->p && at + len <= in->end));
}

/* vici_out takes names as text; with a zero octet in one, the walk is all there is. */
static bool name_is_text(struct vici_str name)
{
	char text[VICI_NAME_MAX + 1];

	return vici_str_copy(name, text, sizeof(text));
}

static bool copy_inside(struct vici_out *o, struct vici_sec in);

static bool copy_item(struct vici_out *o, const struct vici_item *item)
{
	char name[VICI_NAME_MAX + 1] = "";

	if (item->kind != VICI_ENTRY && !vici_str_copy(item->name, name, sizeof(name)))
		return false;
	switch (item->kind) {
	case VICI_VALUE:
		vici_out_octets(o, name, item->value.s, item->value.len);
		return true;
	case VICI_ENTRY:
		vici_out_entry(o, item->value.s, item->value.len);
		return true;
	case VICI_SECTION:
		vici_out_open(o, name);
		if (!copy_inside(o, item->inside))
			return false;
		vici_out_close(o);
		return true;
	case VICI_LIST:
		vici_out_open_list(o, name);
		if (!copy_inside(o, item->inside))
			return false;
		vici_out_close_list(o);
		return true;
	}
	return false;
}

static bool copy_inside(struct vici_out *o, struct vici_sec in)
{
	const struct vici_sec whole = in;
	struct vici_item item;

	while (vici_next(&in, &item)) {
		check_range(&whole, item.name.s, item.name.len);
		check_range(&whole, item.value.s, item.value.len);
		check_range(&whole, item.inside.p,
			    (size_t)(item.inside.end - item.inside.p));
		if (!copy_item(o, &item))
			return false;
	}
	MUST_HOLD(in.p == whole.end);
	return true;
}

static size_t copy_frame(const struct vici_frame *f, void *buf, size_t cap)
{
	char name[VICI_NAME_MAX + 1];
	bool named = f->type == VICI_CMD_REQUEST || f->type == VICI_EVENT_REGISTER ||
		     f->type == VICI_EVENT_UNREGISTER || f->type == VICI_EVENT;
	struct vici_out o;

	if (!vici_str_copy(f->name, name, sizeof(name)))
		return 0;
	vici_out_begin(&o, buf, cap, f->type, named ? name : NULL);
	return copy_inside(&o, f->msg) ? vici_out_end(&o) : 0;
}

static bool all_names_are_text(struct vici_sec in)
{
	struct vici_item item;

	while (vici_next(&in, &item)) {
		if (item.kind != VICI_ENTRY && !name_is_text(item.name))
			return false;
		if (!all_names_are_text(item.inside))
			return false;
	}
	return true;
}

static void try_frame(const uint8_t *bytes, size_t len, const struct vici_frame *f)
{
	uint8_t *copy = malloc(len);
	size_t n;

	MUST_HOLD(copy != NULL);
	n = copy_frame(f, copy, len);
	if (name_is_text(f->name) && all_names_are_text(f->msg)) {
		MUST_HOLD(n == len && memcmp(copy, bytes, len) == 0);
		MUST_HOLD(copy_frame(f, copy, len - 1) == 0);
	} else {
		MUST_HOLD(n == 0);
	}
	free(copy);
}

static void try_child(const struct vici_sec *sec)
{
	struct child_fact c;

	if (!child_fact_read(&c, sec))
		return;
	MUST_HOLD(strlen(c.suite) < IKE_SUITE_MAX);
	if (c.kind == CHILD_GRE)
		MUST_HOLD(addr_is_set(&c.local) && addr_is_set(&c.remote));
}

/* Each section is tried as everything that it could be. */
static void try_facts(const struct vici_sec *msg)
{
	struct vici_sec at = *msg;
	struct vici_item item;
	struct ike_fact f;

	if (ike_fact_find(&f, msg)) {
		MUST_HOLD(addr_is_set(&f.local) && addr_is_set(&f.outer));
		MUST_HOLD(strlen(f.identity) < IKE_IDENTITY_MAX);
		MUST_HOLD(strlen(f.suite) < IKE_SUITE_MAX);
	}
	try_child(msg);
	while (vici_next(&at, &item)) {
		if (item.kind == VICI_SECTION)
			try_facts(&item.inside);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (;;) {
		struct vici_frame frame;
		int n = vici_frame_peek(data, size, &frame);

		if (n <= 0)
			return 0;
		MUST_HOLD((size_t)n <= size);
		try_frame(data, (size_t)n, &frame);
		try_facts(&frame.msg);
		data += n;
		size -= (size_t)n;
	}
}
