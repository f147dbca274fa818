/* SPDX-License-Identifier: MIT */
/*
 * Packets as text. What may hold a key is never printed: the value of an
 * authentication extension, and of a quoted packet, whose checksum says nothing,
 * whatever is not understood.
 */
#include <nhrp/packet.h>

#include <stdarg.h>
#include <stdio.h>

#include <nhrp/buf.h>
#include <nhrp/inner.h>
#include <nhrp/rfc2332.h>

struct text {
	char *buf;
	size_t cap, len;
	unsigned depth; /* tabs at the begin of a line */
	bool quoted;	/* inside an error's excerpt */
};

static struct text text_init(char *buf, size_t cap)
{
	if (cap)
		buf[0] = '\0';
	return (struct text){ .buf = buf, .cap = cap };
}

static void PRINTF_LIKE(2, 0) text_vadd(struct text *t, const char *fmt, va_list args)
{
	size_t room = t->cap - t->len;
	int n;

	if (room <= 1)
		return;
	n = vsnprintf(t->buf + t->len, room, fmt, args);
	if (n > 0)
		t->len += (size_t)n < room ? (size_t)n : room - 1;
}

static void PRINTF_LIKE(2, 3) text_add(struct text *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	text_vadd(t, fmt, args);
	va_end(args);
}

/* One line of its own, indented. */
static void PRINTF_LIKE(2, 3) text_line(struct text *t, const char *fmt, ...)
{
	va_list args;

	for (unsigned i = 0; i < t->depth; i++)
		text_add(t, "\t");
	va_start(args, fmt);
	text_vadd(t, fmt, args);
	va_end(args);
	text_add(t, "\n");
}

static void text_hex(struct text *t, const char *name, const uint8_t *bytes, size_t len)
{
	for (unsigned i = 0; i < t->depth; i++)
		text_add(t, "\t");
	text_add(t, "%s:", name);
	for (size_t i = 0; i < len; i++)
		text_add(t, " %02x", bytes[i]);
	text_add(t, "%s\n", len ? "" : " none");
}

/* Octets that are not understood. */
static void text_opaque(struct text *t, const char *name, const uint8_t *bytes,
			size_t len)
{
	if (t->quoted)
		text_line(t, "%s: %zu octets", name, len);
	else
		text_hex(t, name, bytes, len);
}

/* --- flags ----------------------------------------------------------------- */

struct flag_name {
	uint16_t bit;
	const char *name;
};

#define MAX_FLAGS 6

/* RFC 2332 5.2.1 to 5.2.6; the same bit means another thing in another type. */
static const struct flag_name resolution_flags[MAX_FLAGS + 1] = {
	{ NHRP_RES_ROUTER, "router" },
	{ NHRP_RES_AUTHORITATIVE, "authoritative" },
	{ NHRP_RES_DEST_STABLE, "dst-stable" },
	{ NHRP_RES_UNIQUE, "unique" },
	{ NHRP_RES_SRC_STABLE, "src-stable" },
	{ NHRP_FLAG_NAT, "nat" },
};
static const struct flag_name registration_flags[MAX_FLAGS + 1] = {
	{ NHRP_REG_UNIQUE, "unique" },
	{ NHRP_FLAG_NAT, "nat" },
};
static const struct flag_name purge_flags[MAX_FLAGS + 1] = {
	{ NHRP_PURGE_NO_REPLY, "no-reply" },
	{ NHRP_FLAG_NAT, "nat" },
};

static const struct flag_name *flag_names(uint8_t type)
{
	switch (type) {
	case NHRP_RESOLUTION_REQUEST:
	case NHRP_RESOLUTION_REPLY:
		return resolution_flags;
	case NHRP_REGISTRATION_REQUEST:
	case NHRP_REGISTRATION_REPLY:
		return registration_flags;
	}
	return purge_flags;
}

static void flags_add(struct text *t, const struct packet *p)
{
	uint16_t rest = p->flags;
	const char *sep = "";

	for (const struct flag_name *f = flag_names(p->type); f->name; f++) {
		if (!(rest & f->bit))
			continue;
		text_add(t, "%s%s", sep, f->name);
		rest = (uint16_t)(rest & ~f->bit);
		sep = ",";
	}
	if (p->flags == 0)
		text_add(t, "none");
	else if (rest)
		text_add(t, "%s0x%04x", sep, rest);
}

/* --- one line --------------------------------------------------------------- */

static bool is_indication(const struct packet *p)
{
	return p->type == NHRP_ERROR_INDICATION || p->type == NHRP_TRAFFIC_INDICATION;
}

static void cie_add(struct text *t, const struct cie *c)
{
	text_add(t, " cie");
	if (c->code)
		text_add(t, " code %u (%s)", c->code, packet_cie_code_str(c->code));
	text_add(t, " %s/%u", addr_is_set(&c->proto) ? ADDR_STR(&c->proto) : "",
		 c->prefix_len);
	if (addr_is_set(&c->nbma))
		text_add(t, " at %s", ADDR_STR(&c->nbma));
	text_add(t, " hold %u", c->hold_s);
}

static void excerpt_add(struct text *t, const struct packet *p)
{
	struct inner in;

	if (p->type == NHRP_ERROR_INDICATION)
		text_add(t, " code %u (%s) offset %u", p->error_code,
			 packet_error_code_str(p->error_code), p->error_offset);
	else if (inner_decode(&in, p->payload, p->payload_len))
		text_add(t, " about %s to %s", ADDR_STR(&in.src), ADDR_STR(&in.dst));
	else
		text_add(t, " about no IP packet");
}

size_t packet_line(const struct packet *p, char *buf, size_t cap)
{
	struct text t = text_init(buf, cap);

	text_add(&t, "%s", packet_type_str(p->type));
	if (!is_indication(p)) {
		text_add(&t, " id %u flags ", p->request_id);
		flags_add(&t, p);
	}
	text_add(&t, " from %s", ADDR_STR(&p->src_proto));
	if (addr_is_set(&p->src_nbma))
		text_add(&t, " at %s", ADDR_STR(&p->src_nbma));
	text_add(&t, " to %s hops %u", ADDR_STR(&p->dst_proto), p->hops);
	if (is_indication(p))
		excerpt_add(&t, p);
	for (uint16_t i = 0; i < p->cie_count; i++)
		cie_add(&t, &p->cies[i]);
	if (p->ext_count)
		text_add(&t, " ext");
	for (uint16_t i = 0; i < p->ext_count; i++)
		text_add(&t, "%s%u", i ? "," : " ", p->exts[i].type);
	return t.len;
}

/* --- full dump ---------------------------------------------------------------- */

static const char *family_str(uint8_t family)
{
	return family == ADDR_IP4 ? "ipv4" : family == ADDR_IP6 ? "ipv6" : "none";
}

static void cies_dump(struct text *t, const struct packet *p, uint16_t first,
		      uint16_t count)
{
	for (uint16_t i = 0; i < count; i++) {
		const struct cie *c = &p->cies[first + i];

		text_line(t, "cie %u", i + 1);
		t->depth++;
		text_line(t, "code: %u (%s)", c->code, packet_cie_code_str(c->code));
		text_line(t, "prefix: %u", c->prefix_len);
		text_line(t, "mtu: %u", c->mtu);
		text_line(t, "holding-time: %u", c->hold_s);
		text_line(t, "nbma: %s", ADDR_STR(&c->nbma));
		text_line(t, "protocol: %s", ADDR_STR(&c->proto));
		text_line(t, "preference: %u", c->preference);
		t->depth--;
	}
}

static void auth_dump(struct text *t, struct rd *r)
{
	uint16_t reserved = rd_u16(r), spi = rd_u16(r);

	if (r->bad) {
		text_line(t, "value: <hidden>");
		return;
	}
	text_line(t, "reserved: %u", reserved);
	text_line(t, "spi: %u", spi);
	text_line(t, "key: <hidden>");
}

static void vendor_dump(struct text *t, struct rd *r)
{
	const uint8_t *oui = rd_take(r, 3);
	size_t left = rd_left(r);

	if (!oui) {
		text_opaque(t, "value", r->p, left);
		return;
	}
	text_line(t, "oui: %02x-%02x-%02x", oui[0], oui[1], oui[2]);
	text_opaque(t, "data", rd_take(r, left), left);
}

static void raw_dump(struct text *t, const struct ext *e)
{
	struct rd r = rd_init(e->raw, e->raw_len);

	if (e->type == NHRP_EXT_AUTHENTICATION)
		auth_dump(t, &r);
	else if (e->type == NHRP_EXT_VENDOR)
		vendor_dump(t, &r);
	else
		text_opaque(t, "value", e->raw, e->raw_len);
}

static void exts_dump(struct text *t, const struct packet *p)
{
	for (uint16_t i = 0; i < p->ext_count; i++) {
		const struct ext *e = &p->exts[i];

		text_line(t, "extension %u (%s)%s%s at %u", e->type,
			  packet_ext_str(e->type), e->compulsory ? ", compulsory" : "",
			  e->reserved ? ", reserved bit" : "", e->offset);
		t->depth++;
		if (e->form == EXT_CIES)
			cies_dump(t, p, e->first_cie, e->cie_count);
		else
			raw_dump(t, e);
		t->depth--;
	}
	if (p->has_exts)
		text_line(t, "end of extensions");
}

static void packet_add(struct text *t, const struct packet *p);

/* RFC 2332 5.2.7 allows no error about an error, so one level is all there is. */
static void error_dump(struct text *t, const struct packet *p)
{
	struct packet quoted;
	enum pkt_err err;

	text_line(t, "error-code: %u (%s)", p->error_code,
		  packet_error_code_str(p->error_code));
	text_line(t, "error-offset: %u", p->error_offset);
	text_line(t, "excerpt: %u octets", p->payload_len);
	if (t->quoted)
		return;
	t->depth++;
	t->quoted = true;
	err = packet_decode_excerpt(&quoted, p->payload, p->payload_len);
	if (err)
		text_line(t, "not readable: %s", packet_err_str(err));
	else
		packet_add(t, &quoted);
	t->quoted = false;
	t->depth--;
}

/*
 * What a quoted IP packet shows of itself, header and 8 octets: behind it an
 * extension offset that is wrong may have left a key.
 */
static size_t quoted_header_len(const struct inner *in, size_t len)
{
	size_t shown = in->src.family == ADDR_IP6 ? 48 : 28;

	return len < shown ? len : shown;
}

static void traffic_dump(struct text *t, const struct packet *p)
{
	struct inner in;

	text_line(t, "traffic-code: %u", p->error_code);
	text_line(t, "unused: %u", p->error_offset);
	text_line(t, "excerpt: %u octets", p->payload_len);
	if (!inner_decode(&in, p->payload, p->payload_len))
		return;
	t->depth++;
	text_line(t, "source: %s", ADDR_STR(&in.src));
	text_line(t, "destination: %s", ADDR_STR(&in.dst));
	text_opaque(t, "octets", p->payload, quoted_header_len(&in, p->payload_len));
	t->depth--;
}

static void request_dump(struct text *t, const struct packet *p)
{
	for (unsigned i = 0; i < t->depth; i++)
		text_add(t, "\t");
	text_add(t, "flags: 0x%04x (", p->flags);
	flags_add(t, p);
	text_add(t, ")\n");
	text_line(t, "request-id: %u", p->request_id);
	cies_dump(t, p, 0, p->cie_count);
}

static void packet_add(struct text *t, const struct packet *p)
{
	text_line(t, "type: %u (%s)", p->type, packet_type_str(p->type));
	text_line(t, "nbma-family: %s", family_str(p->nbma_family));
	text_line(t, "protocol-family: %s", family_str(p->proto_family));
	text_hex(t, "snap", p->snap, sizeof(p->snap));
	text_line(t, "hops: %u", p->hops);
	text_line(t, "source-nbma: %s", ADDR_STR(&p->src_nbma));
	text_line(t, "source-protocol: %s", ADDR_STR(&p->src_proto));
	text_line(t, "destination-protocol: %s", ADDR_STR(&p->dst_proto));
	if (p->type == NHRP_ERROR_INDICATION)
		error_dump(t, p);
	else if (p->type == NHRP_TRAFFIC_INDICATION)
		traffic_dump(t, p);
	else
		request_dump(t, p);
	exts_dump(t, p);
}

size_t packet_dump(const struct packet *p, char *buf, size_t cap)
{
	struct text t = text_init(buf, cap);

	packet_add(&t, p);
	return t.len;
}
