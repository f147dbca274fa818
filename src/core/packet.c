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
	AT_SNAP = 4,
	AT_HOPS = 9,
	AT_PKTSZ = 10,
	AT_CHKSUM = 12,
	AT_EXTOFF = 14,
	AT_VERSION = 16,
	AT_TYPE = 17,
	AT_SHTL = 18,
	AT_SSTL = 19,
	AT_SPL = 20,
	AT_DPL = 21,
	AT_FLAGS = 22,	    /* unused where there is an excerpt */
	AT_REQUEST_ID = 24, /* where there is none */
	AT_ERROR_CODE = 24,
	AT_ERROR_OFFSET = 26,
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
	uint64_t sum = 0, word;
	size_t i;

	for (i = 0; i + sizeof(word) <= len; i += sizeof(word)) {
		memcpy(&word, pdu + i, sizeof(word));
		sum += word;
		sum += sum < word; /* what did not fit */
	}
	sum = (sum & UINT32_MAX) + (sum >> 32);
	for (; i < len; i += 2) {
		uint8_t pair[2] = { pdu[i], i + 1 < len ? pdu[i + 1] : 0 };
		uint16_t half;

		memcpy(&half, pair, sizeof(half));
		sum += half;
	}
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
static void head_read(struct packet *p, const uint8_t *pdu, struct layout *l)
{
	l->afn = be16_get(pdu + AT_AFN);
	l->pro_type = be16_get(pdu + AT_PRO_TYPE);
	memcpy(p->snap, pdu + AT_SNAP, sizeof(p->snap));
	p->hops = pdu[AT_HOPS];
	l->size = be16_get(pdu + AT_PKTSZ);
	l->extoff = be16_get(pdu + AT_EXTOFF);
	l->version = pdu[AT_VERSION];
	p->type = pdu[AT_TYPE];
	l->src_nbma_len = pdu[AT_SHTL];
	l->src_sub_len = pdu[AT_SSTL];
	l->src_proto_len = pdu[AT_SPL];
	l->dst_proto_len = pdu[AT_DPL];
	if (has_excerpt(p)) {
		p->error_code = be16_get(pdu + AT_ERROR_CODE);
		p->error_offset = be16_get(pdu + AT_ERROR_OFFSET);
	} else {
		p->flags = be16_get(pdu + AT_FLAGS);
		p->request_id = be32_get(pdu + AT_REQUEST_ID);
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

	head_read(p, rd_take(r, NHRP_MIN_LEN), l);
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
	return be16_get(pdu + AT_PKTSZ);
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

/* Size, checksum and extension offset come last. */
static void head_encode(const struct packet *p, struct wr *w)
{
	uint8_t *pdu = wr_take(w, NHRP_MIN_LEN);

	if (!pdu)
		return;
	memset(pdu, 0, NHRP_MIN_LEN);
	be16_put(pdu + AT_AFN, afn_of(p->nbma_family));
	be16_put(pdu + AT_PRO_TYPE, pro_type_of(p->proto_family));
	memcpy(pdu + AT_SNAP, p->snap, sizeof(p->snap));
	pdu[AT_HOPS] = p->hops;
	pdu[AT_VERSION] = NHRP_VERSION;
	pdu[AT_TYPE] = p->type;
	pdu[AT_SHTL] = addr_wire_len(w, &p->src_nbma, p->nbma_family);
	pdu[AT_SPL] = addr_wire_len(w, &p->src_proto, p->proto_family);
	pdu[AT_DPL] = addr_wire_len(w, &p->dst_proto, p->proto_family);
	if (has_excerpt(p)) {
		be16_put(pdu + AT_ERROR_CODE, p->error_code);
		be16_put(pdu + AT_ERROR_OFFSET, p->error_offset);
	} else {
		be16_put(pdu + AT_FLAGS, p->flags);
		be32_put(pdu + AT_REQUEST_ID, p->request_id);
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
	size_t extoff = 0;

	w.bad = p->nbma_family == ADDR_NONE || !addr_is_set(&p->src_proto) ||
		!addr_is_set(&p->dst_proto);
	head_encode(p, &w);
	if (has_excerpt(p))
		wr_bytes(&w, p->payload, p->payload_len);
	else
		cies_encode(p, &w, 0, p->cie_count);
	if (p->has_exts) {
		extoff = wr_pos(&w);
		exts_encode(p, &w);
	}
	if (w.bad)
		return 0;
	be16_put(buf + AT_EXTOFF, (uint16_t)extoff);
	be16_put(buf + AT_PKTSZ, (uint16_t)wr_pos(&w));
	checksum_encode(&w);
	return wr_pos(&w);
}
