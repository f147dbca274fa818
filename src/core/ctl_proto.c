/* SPDX-License-Identifier: MIT */
#include <nhrp/ctl_proto.h>

#include <string.h>

#define LENGTH_LEN  4
#define USEC_PER_S  1000000
#define REQUEST_CAP (CTL_HEADER_LEN + CTL_REQUEST_MAX)
#define ROW_CAP	    (CTL_HEADER_LEN + CTL_ROW_MAX)

int ctl_frame_peek(const uint8_t *bytes, size_t len, size_t max_body,
		   enum ctl_frame *type, struct rd *body)
{
	struct rd r = rd_init(bytes, len);
	uint32_t n = rd_u32(&r);

	if (r.bad)
		return 0;
	if (n == 0 || n - 1 > max_body)
		return -1;
	if (rd_left(&r) < n)
		return 0;
	*type = rd_u8(&r);
	*body = rd_init(r.p, n - 1);
	return (int)(LENGTH_LEN + n);
}

static struct wr frame_begin(enum ctl_frame type, uint8_t *buf, size_t cap)
{
	struct wr w = wr_init(buf, cap);

	wr_u32(&w, 0);
	wr_u8(&w, (uint8_t)type);
	return w;
}

static size_t frame_end(struct wr *w)
{
	size_t n = wr_pos(w);
	struct wr head = wr_init(w->start, LENGTH_LEN);

	if (w->bad)
		return 0;
	wr_u32(&head, (uint32_t)(n - LENGTH_LEN));
	return n;
}

static void put_text(struct wr *w, const char *text)
{
	size_t n = strlen(text);

	if (n > UINT16_MAX)
		w->bad = true;
	wr_u16(w, (uint16_t)n);
	wr_bytes(w, text, n + 1);
}

/* A text without a zero inside and with one behind it; NULL turns r bad. */
static const char *take_text(struct rd *r)
{
	size_t n = rd_u16(r);
	const uint8_t *text = rd_take(r, n + 1);

	if (!text)
		return NULL;
	if (text[n] != '\0' || memchr(text, '\0', n)) {
		r->bad = true;
		return NULL;
	}
	return (const char *)text;
}

static void put_i64(struct wr *w, int64_t v)
{
	wr_u32(w, (uint32_t)((uint64_t)v >> 32));
	wr_u32(w, (uint32_t)v);
}

static int64_t take_i64(struct rd *r)
{
	uint64_t high = rd_u32(r);

	return (int64_t)(high << 32 | rd_u32(r));
}

static bool take_flag(struct rd *r)
{
	uint8_t v = rd_u8(r);

	if (v > 1)
		r->bad = true;
	return v == 1;
}

size_t ctl_request_encode(const char *const *words, size_t count, uint8_t *buf,
			  size_t cap)
{
	struct wr w =
		frame_begin(CTL_REQUEST, buf, cap < REQUEST_CAP ? cap : REQUEST_CAP);

	if (count > CTL_MAX_WORDS)
		return 0;
	wr_u8(&w, CTL_VERSION);
	wr_u8(&w, (uint8_t)count);
	for (size_t i = 0; i < count; i++)
		put_text(&w, words[i]);
	return frame_end(&w);
}

/* The version comes first so that another version's request can be named. */
bool ctl_request_decode(struct ctl_request *out, struct rd *body)
{
	out->word_count = 0;
	out->version = rd_u8(body);
	if (!body->bad && out->version != CTL_VERSION)
		return true;
	out->word_count = rd_u8(body);
	if (out->word_count > CTL_MAX_WORDS)
		return false;
	for (size_t i = 0; i < out->word_count; i++)
		out->words[i] = take_text(body);
	return !body->bad && rd_left(body) == 0;
}

static void put_field(struct wr *w, const struct field *f, mono now,
		      int64_t now_time_us)
{
	put_text(w, f->key);
	wr_u8(w, f->kind == FIELD_MONO ? FIELD_TIME : (uint8_t)f->kind);
	switch (f->kind) {
	case FIELD_TEXT:
		put_text(w, f->text);
		break;
	case FIELD_NUMBER:
		put_i64(w, f->number);
		break;
	case FIELD_BOOL:
		wr_u8(w, f->flag);
		break;
	case FIELD_MONO:
		put_i64(w, (now_time_us + mono_diff_us(f->at, now)) / USEC_PER_S);
		break;
	case FIELD_TIME:
		put_i64(w, f->time_s);
		break;
	}
}

size_t ctl_row_encode(const struct record *r, mono now, int64_t now_time_us,
		      uint8_t *buf, size_t cap)
{
	struct wr w = frame_begin(CTL_ROW, buf, cap < ROW_CAP ? cap : ROW_CAP);

	wr_u8(&w, (uint8_t)r->count);
	for (size_t i = 0; i < r->count; i++)
		put_field(&w, &r->fields[i], now, now_time_us);
	return frame_end(&w);
}

static void take_field(struct rd *body, struct field *f)
{
	f->key = take_text(body);
	f->kind = rd_u8(body);
	switch (f->kind) {
	case FIELD_TEXT:
		f->text = take_text(body);
		return;
	case FIELD_NUMBER:
		f->number = take_i64(body);
		return;
	case FIELD_BOOL:
		f->flag = take_flag(body);
		return;
	case FIELD_TIME:
		f->time_s = take_i64(body);
		return;
	case FIELD_MONO: /* has no meaning in another process */
		break;
	}
	body->bad = true;
}

bool ctl_row_decode(struct record *out, struct rd *body)
{
	size_t count = rd_u8(body);

	record_init(out);
	if (count > RECORD_MAX_FIELDS)
		return false;
	for (size_t i = 0; i < count && !body->bad; i++)
		take_field(body, &out->fields[i]);
	if (body->bad || rd_left(body) > 0)
		return false;
	out->count = count;
	return true;
}

size_t ctl_end_encode(enum ctl_status status, const char *message, uint8_t *buf,
		      size_t cap)
{
	struct wr w = frame_begin(CTL_END, buf, cap < ROW_CAP ? cap : ROW_CAP);

	wr_u8(&w, (uint8_t)status);
	put_text(&w, message);
	return frame_end(&w);
}

bool ctl_end_decode(struct ctl_end *out, struct rd *body)
{
	uint8_t status = rd_u8(body);

	out->message = take_text(body);
	out->status = status;
	return !body->bad && rd_left(body) == 0 && status <= CTL_USAGE;
}
