/* SPDX-License-Identifier: MIT */
/*
 * Whole-packet codec: bytes <-> struct packet in host order.
 *
 * Decoding judges form only - sizes, lengths, checksum, known families - and
 * never policy; it sends nothing, logs nothing, allocates nothing. All CIEs of
 * a packet, in the mandatory part and in the extensions, live in one bounded
 * pool inside struct packet; raw values and the payload point into the decoded
 * bytes, which must outlive it. Encoding writes exactly what the struct says,
 * extensions in their order, and fills length, extension offset and checksum,
 * so that decode followed by encode is the identity on a well-formed packet.
 * Not carried over, because RFC 2332 wants them zero or absent: unused octets,
 * and octets behind the End extension. Sub-addresses, E.164 addresses and an
 * extension list without End are refused.
 *
 * Both programs, the engine and the fuzzers call this.
 */
#ifndef NHRP_PACKET_H
#define NHRP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/defs.h>
#include <nhrp/rfc2332.h>

#define PKT_MAX_LEN  9216 /* a jumbo frame; longer is refused */
#define PKT_MAX_CIES 96	  /* mandatory part and extensions together */
#define PKT_MAX_EXTS 32

enum pkt_err {
	PKT_OK,
	PKT_TOO_SHORT, /* less than a fixed header and its length octets */
	PKT_TOO_LONG,  /* ar$pktsz above PKT_MAX_LEN */
	PKT_BAD_SIZE,  /* ar$pktsz below the minimum or beyond the frame */
	PKT_BAD_CHECKSUM,
	PKT_BAD_VERSION,
	PKT_BAD_TYPE,
	PKT_BAD_FAMILY,	    /* ar$afn or ar$pro.type not IPv4 or IPv6 */
	PKT_BAD_ADDR_LEN,   /* an address that is not of its family's length */
	PKT_BAD_EXT_OFFSET, /* ar$extoff inside the header or beyond the end */
	PKT_TRUNCATED,	    /* addresses or a CIE cut short */
	PKT_TOO_MANY_CIES,
	PKT_BAD_EXT_LENGTH, /* an extension reaches past the end */
	PKT_TOO_MANY_EXTS,
	PKT_DUPLICATE_EXT, /* a type twice, Vendor-Private excepted (5.3) */
	PKT_ERRS
};

/* Client Information Entry, RFC 2332 5.2.0.1. */
struct cie {
	uint8_t code;	    /* enum nhrp_cie_code */
	uint8_t prefix_len; /* 0 and 255: this address only */
	uint8_t preference;
	uint16_t mtu; /* 0: default */
	uint16_t hold_s;
	struct addr nbma;  /* ADDR_NONE: length 0 on the wire */
	struct addr proto; /* likewise */
};

enum ext_form {
	EXT_RAW,  /* value as bytes: authentication, vendor, unknown */
	EXT_CIES, /* value is a list of CIEs: 3, 4, 5 and Cisco's NAT (9) */
};

struct ext {
	uint16_t type; /* without the compulsory bit */
	bool compulsory;
	bool reserved;		       /* the u bit: kept as received, sent as 0 */
	uint8_t form;		       /* enum ext_form */
	uint16_t offset;	       /* in the decoded PDU, for error indications */
	uint16_t first_cie, cie_count; /* EXT_CIES: range in the pool */
	const uint8_t *raw;	       /* EXT_RAW */
	uint16_t raw_len;
};

struct packet {
	uint8_t nbma_family;  /* enum addr_family, from ar$afn */
	uint8_t proto_family; /* from ar$pro.type */
	uint8_t snap[5];
	uint8_t hops;
	uint8_t type;	     /* enum nhrp_type */
	uint16_t flags;	     /* types 1 to 6 */
	uint32_t request_id; /* types 1 to 6 */
	uint16_t error_code; /* type 7; type 8: the traffic code */
	uint16_t error_offset;
	struct addr src_nbma;  /* ADDR_NONE when its length is 0 */
	struct addr src_proto; /* never ADDR_NONE in a decoded packet ... */
	struct addr dst_proto; /* ... unless the fault came before it */

	uint16_t cie_count;	/* of the mandatory part: cies[0 .. cie_count) */
	uint16_t cie_used;	/* of the pool */
	uint16_t ext_count;	/* without the End extension */
	bool has_exts;		/* an extension part follows, if only End */
	const uint8_t *payload; /* types 7 and 8: the excerpt */
	uint16_t payload_len;
	struct cie cies[PKT_MAX_CIES];
	struct ext exts[PKT_MAX_EXTS];
};

/*
 * Reads one PDU of `len` received octets; octets after ar$pktsz are ignored.
 * On failure *err_offset is the octet at fault (the first one of an item that is
 * cut short, too many or doubled) and `out` holds what was read before it: the
 * fixed header is valid when the result is above PKT_BAD_TYPE.
 */
enum pkt_err packet_decode(struct packet *out, const uint8_t *pdu, size_t len,
			   uint16_t *err_offset) MUST_CHECK;

/*
 * The bounded decoder of quoted packets: as above, but accepts an excerpt that
 * is cut short after the addresses, and does not look at the checksum (5.2.7).
 */
enum pkt_err packet_decode_excerpt(struct packet *out, const uint8_t *pdu,
				   size_t len) MUST_CHECK;

/*
 * Octets written, or 0: `cap` or PKT_MAX_LEN is too small, the NBMA family or a
 * protocol address is missing, or an address is not of the packet's family.
 */
size_t packet_encode(const struct packet *p, uint8_t *buf, size_t cap) MUST_CHECK;

/* An empty packet of a type: families, hop count 255, no CIE, no extension. */
void packet_init(struct packet *p, enum nhrp_type type, enum addr_family nbma,
		 enum addr_family proto);

/*
 * Appends a zeroed CIE to the mandatory part; NULL when full. Adding or removing
 * moves CIEs in the pool: pointers to others are stale after it.
 */
struct cie *packet_add_cie(struct packet *p);

/* The first extension of this type, or NULL. */
struct ext *packet_find_ext(struct packet *p, enum nhrp_ext_type type);

/* Appends an extension; NULL when full. The caller fills raw for EXT_RAW. */
struct ext *packet_add_ext(struct packet *p, uint16_t type, bool compulsory,
			   enum ext_form form);

/* The same for the list of an EXT_CIES extension. */
struct cie *packet_ext_add_cie(struct packet *p, struct ext *e);

/* Removes an extension and its CIEs; those behind it move up. */
void packet_remove_ext(struct packet *p, struct ext *e);

/* A name for people ("Registration Request"), for logs ("bad-checksum"). */
const char *packet_type_str(uint8_t type);
const char *packet_err_str(enum pkt_err err);
const char *packet_ext_str(uint16_t type);
const char *packet_cie_code_str(uint8_t code);
const char *packet_error_code_str(uint16_t code);

/*
 * The RFC 2332 5.2.7 error code to answer a malformed packet with; 0: none. An
 * answer needs an addressee: there is none when src_proto was not reached.
 */
uint16_t packet_err_code(enum pkt_err err);

/*
 * One line for logs, without a line end; secrets are not printed. Returns the
 * length; the text is cut, and always terminated, when `cap` is too small.
 */
size_t packet_line(const struct packet *p, char *buf, size_t cap);

/* Every field, a line each, for golden tests and `nhrpctl capture`; likewise. */
size_t packet_dump(const struct packet *p, char *buf, size_t cap);

#endif
