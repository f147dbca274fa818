/* SPDX-License-Identifier: MIT */
#include "ext.h"

#include <nhrp/rfc2332.h>

/* Offsets in a CIE, RFC 2332 5.2.0.1. */
enum {
	AT_CODE = 0,
	AT_PREFIX_LEN = 1,
	AT_MTU = 4,
	AT_HOLD = 6,
	AT_NBMA_LEN = 8,
	AT_SUB_LEN = 9,
	AT_PROTO_LEN = 10,
	AT_PREFERENCE = 11,
};

/* A length that the compiler knows is no call of memcpy(). */
void addr_write(struct wr *w, const struct addr *a)
{
	if (a->family == ADDR_IP4)
		wr_bytes(w, a->bytes, 4);
	else if (a->family == ADDR_IP6)
		wr_bytes(w, a->bytes, 16);
}

uint8_t addr_wire_len(struct wr *w, const struct addr *a, uint8_t family)
{
	if (addr_is_set(a) && a->family != family)
		w->bad = true;
	return (uint8_t)addr_family_len((enum addr_family)a->family);
}

/*
 * Absent, or of its family's size. The two bits above the length (reserved, and
 * E.164 rather than native) make it neither.
 */
static bool len_fits(uint8_t len, uint8_t family)
{
	return len == 0 || len == addr_family_len((enum addr_family)family);
}

/* RFC 2332, 5.2.0.1 */
static enum pkt_err cie_decode(struct packet *p, struct rd *r, uint16_t *at)
{
	struct cie *c = &p->cies[p->cie_used];
	size_t start = rd_pos(r);
	const uint8_t *b;

	if (p->cie_used == PKT_MAX_CIES)
		return pkt_fault(at, start, PKT_TOO_MANY_CIES);
	b = rd_take(r, NHRP_CIE_LEN);
	if (!b)
		return pkt_fault(at, start, PKT_TRUNCATED);
	if (!len_fits(b[AT_NBMA_LEN], p->nbma_family))
		return pkt_fault(at, start + AT_NBMA_LEN, PKT_BAD_ADDR_LEN);
	if (b[AT_SUB_LEN] != 0)
		return pkt_fault(at, start + AT_SUB_LEN, PKT_BAD_ADDR_LEN);
	if (!len_fits(b[AT_PROTO_LEN], p->proto_family))
		return pkt_fault(at, start + AT_PROTO_LEN, PKT_BAD_ADDR_LEN);
	c->code = b[AT_CODE];
	c->prefix_len = b[AT_PREFIX_LEN];
	c->mtu = be16_get(b + AT_MTU);
	c->hold_s = be16_get(b + AT_HOLD);
	c->preference = b[AT_PREFERENCE];
	addr_read(r, &c->nbma, b[AT_NBMA_LEN]);
	addr_read(r, &c->proto, b[AT_PROTO_LEN]);
	if (r->bad)
		return pkt_fault(at, start, PKT_TRUNCATED);
	p->cie_used++;
	return PKT_OK;
}

static void cie_encode(const struct packet *p, struct wr *w, const struct cie *c)
{
	uint8_t *b = wr_take(w, NHRP_CIE_LEN);

	if (!b)
		return;
	memset(b, 0, NHRP_CIE_LEN);
	b[AT_CODE] = c->code;
	b[AT_PREFIX_LEN] = c->prefix_len;
	be16_put(b + AT_MTU, c->mtu);
	be16_put(b + AT_HOLD, c->hold_s);
	b[AT_NBMA_LEN] = addr_wire_len(w, &c->nbma, p->nbma_family);
	b[AT_PROTO_LEN] = addr_wire_len(w, &c->proto, p->proto_family);
	b[AT_PREFERENCE] = c->preference;
	addr_write(w, &c->nbma);
	addr_write(w, &c->proto);
}

enum pkt_err cies_decode(struct packet *p, struct rd *r, uint16_t *count, uint16_t *at)
{
	enum pkt_err err;

	*count = 0;
	while (rd_left(r) > 0) {
		err = cie_decode(p, r, at);
		if (err)
			return err;
		(*count)++;
	}
	return PKT_OK;
}

void cies_encode(const struct packet *p, struct wr *w, uint16_t first, uint16_t count)
{
	for (uint16_t i = first; i < first + count; i++)
		cie_encode(p, w, &p->cies[i]);
}

/*
 * Type 9 has three owners. RFC 2735 device capabilities and the IGP information
 * of a draft are 8 and 4 octets, which no list of CIEs can be.
 */
static enum ext_form form_of(uint16_t type, uint16_t len)
{
	switch (type) {
	case NHRP_EXT_RESPONDER:
	case NHRP_EXT_FORWARD_TRANSIT:
	case NHRP_EXT_REVERSE_TRANSIT:
		return EXT_CIES;
	case NHRP_EXT_NAT:
		return len == 4 || len == 8 ? EXT_RAW : EXT_CIES;
	}
	return EXT_RAW;
}

/* Each type once, Vendor-Private excepted (RFC 2332, 5.3). */
static bool seen_before(const struct packet *p, uint16_t type)
{
	if (type == NHRP_EXT_VENDOR)
		return false;
	for (uint16_t i = 0; i < p->ext_count; i++) {
		if (p->exts[i].type == type)
			return true;
	}
	return false;
}

static enum pkt_err value_decode(struct packet *p, struct ext *e, struct rd *value,
				 uint16_t *at)
{
	if (e->form == EXT_RAW) {
		e->raw_len = (uint16_t)rd_left(value);
		e->raw = rd_take(value, e->raw_len);
		return PKT_OK;
	}
	e->first_cie = p->cie_used;
	return cies_decode(p, value, &e->cie_count, at);
}

/* RFC 2332, 5.3; *end is set at the End extension. */
static enum pkt_err ext_decode(struct packet *p, struct rd *r, bool *end, uint16_t *at)
{
	size_t start = rd_pos(r);
	const uint8_t *b = rd_take(r, NHRP_EXT_LEN);
	uint16_t word = b ? be16_get(b) : 0, len = b ? be16_get(b + 2) : 0;
	uint16_t type = word & NHRP_EXT_TYPE_MASK;
	struct rd value = *r;
	struct ext *e = &p->exts[p->ext_count];
	enum pkt_err err;

	if (!rd_take(r, len))
		return pkt_fault(at, start, PKT_BAD_EXT_LENGTH);
	value.end = r->p;
	*end = type == NHRP_EXT_END;
	if (*end)
		return PKT_OK;
	if (p->ext_count == PKT_MAX_EXTS)
		return pkt_fault(at, start, PKT_TOO_MANY_EXTS);
	if (seen_before(p, type))
		return pkt_fault(at, start, PKT_DUPLICATE_EXT);
	*e = (struct ext){
		.type = type,
		.compulsory = (word & NHRP_EXT_COMPULSORY) != 0,
		.reserved = (word & NHRP_EXT_RESERVED) != 0,
		.form = (uint8_t)form_of(type, len),
		.offset = (uint16_t)start,
	};
	err = value_decode(p, e, &value, at);
	if (!err)
		p->ext_count++;
	return err;
}

enum pkt_err exts_decode(struct packet *p, struct rd *r, uint16_t *at)
{
	enum pkt_err err = PKT_OK;
	bool end = false;

	while (!end && !err)
		err = ext_decode(p, r, &end, at);
	return err;
}

static void ext_encode(const struct packet *p, struct wr *w, const struct ext *e)
{
	uint8_t *b = wr_take(w, NHRP_EXT_LEN);

	if (!b)
		return;
	be16_put(b, (uint16_t)(e->type | (e->compulsory ? NHRP_EXT_COMPULSORY : 0) |
			       (e->reserved ? NHRP_EXT_RESERVED : 0)));
	if (e->form == EXT_RAW)
		wr_bytes(w, e->raw, e->raw_len);
	else
		cies_encode(p, w, e->first_cie, e->cie_count);
	be16_put(b + 2, (uint16_t)(w->p - b - NHRP_EXT_LEN));
}

void exts_encode(const struct packet *p, struct wr *w)
{
	for (uint16_t i = 0; i < p->ext_count; i++)
		ext_encode(p, w, &p->exts[i]);
	wr_u16(w, NHRP_EXT_COMPULSORY | NHRP_EXT_END);
	wr_u16(w, 0);
}
