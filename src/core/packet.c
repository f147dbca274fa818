/* SPDX-License-Identifier: MIT */
#include <nhrp/packet.h>

#include <string.h>

#include "ext.h"

#include <nhrp/buf.h>
#include <nhrp/rfc2332.h>

/* Offsets in the fixed header and the common part, RFC 2332 5.1 and 5.2. */
enum {
	AT_AFN = 0,
	AT_PRO_TYPE = 2,
	AT_PKTSZ = 10,
	AT_CHKSUM = 12,
	AT_EXTOFF = 14,
	AT_VERSION = 16,
	AT_TYPE = 17,
	AT_SHTL = 18,
	AT_SSTL = 19,
	AT_SPL = 20,
	AT_DPL = 21,
};

/* What the fixed header says about the layout of the rest. */
struct layout {
	uint16_t afn, pro_type;
	uint16_t size;
	uint16_t extoff;
	uint8_t version;
	uint8_t src_nbma_len, src_sub_len, src_proto_len, dst_proto_len;
};

/*
 * Internet checksum (RFC 1071) in network order over memory; 0 over a packet that
 * holds its right checksum. The sum does not care which end of a word is first.
 */
static uint16_t checksum(const uint8_t *pdu, size_t len)
{
	uint64_t sum = 0;
	uint32_t word;
	size_t i;

	for (i = 0; i + sizeof(word) <= len; i += sizeof(word)) {
		memcpy(&word, pdu + i, sizeof(word));
		sum += word;
	}
	word = 0;
	memcpy(&word, pdu + i, len - i);
	sum += word;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static bool has_excerpt(const struct packet *p)
{
	return p->type == NHRP_ERROR_INDICATION || p->type == NHRP_TRAFFIC_INDICATION;
}

static uint8_t family_of_afn(uint16_t afn)
{
	return afn == NHRP_AFN_IP4   ? ADDR_IP4
	       : afn == NHRP_AFN_IP6 ? ADDR_IP6
				     : ADDR_NONE;
}

static uint8_t family_of_pro_type(uint16_t type)
{
	if (type == NHRP_PROTO_IP4)
		return ADDR_IP4;
	return type == NHRP_PROTO_IP6 ? ADDR_IP6 : ADDR_NONE;
}

/* Everything before the addresses; the caller saw to it that it is there. */
static void head_read(struct packet *p, struct rd *r, struct layout *l)
{
	l->afn = rd_u16(r);
	l->pro_type = rd_u16(r);
	for (size_t i = 0; i < sizeof(p->snap); i++)
		p->snap[i] = rd_u8(r);
	p->hops = rd_u8(r);
	l->size = rd_u16(r);
	rd_u16(r); /* the checksum covers the whole and is not looked at here */
	l->extoff = rd_u16(r);
	l->version = rd_u8(r);
	p->type = rd_u8(r);
	l->src_nbma_len = rd_u8(r);
	l->src_sub_len = rd_u8(r);
	l->src_proto_len = rd_u8(r);
	l->dst_proto_len = rd_u8(r);
	if (has_excerpt(p)) {
		rd_u16(r); /* unused */
		p->error_code = rd_u16(r);
		p->error_offset = rd_u16(r);
	} else {
		p->flags = rd_u16(r);
		p->request_id = rd_u32(r);
	}
	p->nbma_family = family_of_afn(l->afn);
	p->proto_family = family_of_pro_type(l->pro_type);
}

static enum pkt_err head_check(const struct packet *p, const struct layout *l,
			       uint16_t *at)
{
	size_t nbma_len = addr_family_len((enum addr_family)p->nbma_family);
	size_t proto_len = addr_family_len((enum addr_family)p->proto_family);

	if (l->version != NHRP_VERSION)
		return pkt_fault(at, AT_VERSION, PKT_BAD_VERSION);
	if (p->type < NHRP_RESOLUTION_REQUEST || p->type > NHRP_TRAFFIC_INDICATION)
		return pkt_fault(at, AT_TYPE, PKT_BAD_TYPE);
	if (nbma_len == 0)
		return pkt_fault(at, AT_AFN, PKT_BAD_FAMILY);
	if (proto_len == 0)
		return pkt_fault(at, AT_PRO_TYPE, PKT_BAD_FAMILY);
	if (l->src_nbma_len != 0 && l->src_nbma_len != nbma_len)
		return pkt_fault(at, AT_SHTL, PKT_BAD_ADDR_LEN);
	if (l->src_sub_len != 0)
		return pkt_fault(at, AT_SSTL, PKT_BAD_ADDR_LEN);
	if (l->src_proto_len != proto_len)
		return pkt_fault(at, AT_SPL, PKT_BAD_ADDR_LEN);
	if (l->dst_proto_len != proto_len)
		return pkt_fault(at, AT_DPL, PKT_BAD_ADDR_LEN);
	return PKT_OK;
}

/* Header and addresses; the cursor is left behind them. */
static enum pkt_err head_decode(struct packet *p, struct rd *r, struct layout *l,
				uint16_t *at)
{
	enum pkt_err err;
	size_t start;

	head_read(p, r, l);
	err = head_check(p, l, at);
	if (err)
		return err;
	start = rd_pos(r);
	addr_read(r, &p->src_nbma, l->src_nbma_len);
	addr_read(r, &p->src_proto, l->src_proto_len);
	addr_read(r, &p->dst_proto, l->dst_proto_len);
	return r->bad ? pkt_fault(at, start, PKT_TRUNCATED) : PKT_OK;
}

/* Excerpt or CIEs, from the cursor to its end. */
static enum pkt_err mandatory_decode(struct packet *p, struct rd *r, uint16_t *at)
{
	if (!has_excerpt(p))
		return cies_decode(p, r, &p->cie_count, at);
	p->payload_len = (uint16_t)rd_left(r);
	p->payload = rd_take(r, p->payload_len);
	return PKT_OK;
}

/* What follows the addresses; the cursor's end is where the octets end. */
static enum pkt_err rest_decode(struct packet *p, struct rd *r, const struct layout *l,
				uint16_t *at)
{
	struct rd mandatory = *r;
	enum pkt_err err;

	if (l->extoff == 0)
		return mandatory_decode(p, r, at);
	if (l->extoff < rd_pos(r) || l->extoff + NHRP_EXT_LEN > l->size)
		return pkt_fault(at, AT_EXTOFF, PKT_BAD_EXT_OFFSET);
	if (rd_take(r, l->extoff - rd_pos(r)))
		mandatory.end = r->p;
	err = mandatory_decode(p, &mandatory, at);
	if (err)
		return err;
	p->has_exts = true;
	return exts_decode(p, r, at);
}

/* The scalars; the pools behind them are valid up to their counts, which are 0. */
static void packet_clear(struct packet *p)
{
	memset(p, 0, offsetof(struct packet, cies));
}

static uint16_t size_of(const uint8_t *pdu)
{
	return (uint16_t)(pdu[AT_PKTSZ] << 8 | pdu[AT_PKTSZ + 1]);
}

static enum pkt_err size_check(const uint8_t *pdu, size_t len, uint16_t *at)
{
	if (len < NHRP_MIN_LEN)
		return pkt_fault(at, len, PKT_TOO_SHORT);
	if (size_of(pdu) > PKT_MAX_LEN)
		return pkt_fault(at, AT_PKTSZ, PKT_TOO_LONG);
	if (size_of(pdu) < NHRP_MIN_LEN)
		return pkt_fault(at, AT_PKTSZ, PKT_BAD_SIZE);
	return PKT_OK;
}

enum pkt_err packet_decode(struct packet *out, const uint8_t *pdu, size_t len,
			   uint16_t *err_offset)
{
	struct layout l;
	struct rd r;
	enum pkt_err err;

	*err_offset = 0;
	packet_clear(out);
	err = size_check(pdu, len, err_offset);
	if (err)
		return err;
	if (size_of(pdu) > len)
		return pkt_fault(err_offset, AT_PKTSZ, PKT_BAD_SIZE);
	if (checksum(pdu, size_of(pdu)) != 0)
		return pkt_fault(err_offset, AT_CHKSUM, PKT_BAD_CHECKSUM);
	r = rd_init(pdu, size_of(pdu));
	err = head_decode(out, &r, &l, err_offset);
	if (err)
		return err;
	return rest_decode(out, &r, &l, err_offset);
}

static bool comes_from_a_cut(enum pkt_err err)
{
	return err == PKT_TRUNCATED || err == PKT_BAD_EXT_LENGTH;
}

enum pkt_err packet_decode_excerpt(struct packet *out, const uint8_t *pdu, size_t len)
{
	struct layout l;
	struct rd r;
	enum pkt_err err;
	uint16_t at;
	bool cut;

	packet_clear(out);
	err = size_check(pdu, len, &at);
	if (err)
		return err;
	cut = size_of(pdu) > len;
	r = rd_init(pdu, cut ? len : size_of(pdu));
	err = head_decode(out, &r, &l, &at);
	if (err)
		return err;
	err = rest_decode(out, &r, &l, &at);
	return cut && comes_from_a_cut(err) ? PKT_OK : err;
}

static uint16_t afn_of(uint8_t family)
{
	return family == ADDR_IP6 ? NHRP_AFN_IP6 : NHRP_AFN_IP4;
}

static uint16_t pro_type_of(uint8_t family)
{
	return family == ADDR_IP6 ? NHRP_PROTO_IP6 : NHRP_PROTO_IP4;
}

static void head_encode(const struct packet *p, struct wr *w)
{
	wr_u16(w, afn_of(p->nbma_family));
	wr_u16(w, pro_type_of(p->proto_family));
	wr_bytes(w, p->snap, sizeof(p->snap));
	wr_u8(w, p->hops);
	wr_u16(w, 0); /* size, checksum and extension offset come last */
	wr_u16(w, 0);
	wr_u16(w, 0);
	wr_u8(w, NHRP_VERSION);
	wr_u8(w, p->type);
	wr_u8(w, addr_wire_len(w, &p->src_nbma, p->nbma_family));
	wr_u8(w, 0);
	wr_u8(w, addr_wire_len(w, &p->src_proto, p->proto_family));
	wr_u8(w, addr_wire_len(w, &p->dst_proto, p->proto_family));
	if (has_excerpt(p)) {
		wr_u16(w, 0);
		wr_u16(w, p->error_code);
		wr_u16(w, p->error_offset);
	} else {
		wr_u16(w, p->flags);
		wr_u32(w, p->request_id);
	}
	addr_write(w, &p->src_nbma);
	addr_write(w, &p->src_proto);
	addr_write(w, &p->dst_proto);
}

static void checksum_encode(struct wr *w)
{
	uint16_t sum = checksum(w->start, wr_pos(w));

	memcpy(w->start + AT_CHKSUM, &sum, sizeof(sum));
}

size_t packet_encode(const struct packet *p, uint8_t *buf, size_t cap)
{
	struct wr w = wr_init(buf, cap < PKT_MAX_LEN ? cap : PKT_MAX_LEN);

	w.bad = p->nbma_family == ADDR_NONE || !addr_is_set(&p->src_proto) ||
		!addr_is_set(&p->dst_proto);
	head_encode(p, &w);
	if (has_excerpt(p))
		wr_bytes(&w, p->payload, p->payload_len);
	else
		cies_encode(p, &w, 0, p->cie_count);
	if (p->has_exts) {
		wr_patch_u16(&w, AT_EXTOFF, (uint16_t)wr_pos(&w));
		exts_encode(p, &w);
	}
	wr_patch_u16(&w, AT_PKTSZ, (uint16_t)wr_pos(&w));
	if (w.bad)
		return 0;
	checksum_encode(&w);
	return wr_pos(&w);
}
