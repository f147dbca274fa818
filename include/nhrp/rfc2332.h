/* SPDX-License-Identifier: MIT */
/*
 * The numbers of the wire, named as RFC 2332 names them; Cisco's additions are
 * marked. Constants only.
 */
#ifndef NHRP_RFC2332_H
#define NHRP_RFC2332_H

/* Address family numbers of ar$afn (IANA) and protocol types of ar$pro.type. */
#define NHRP_AFN_IP4   1
#define NHRP_AFN_IP6   2
#define NHRP_PROTO_IP4 0x0800
#define NHRP_PROTO_IP6 0x86dd

#define NHRP_GRE_PROTOCOL 0x2001 /* GRE protocol type that carries NHRP */
#define NHRP_VERSION	  1

#define NHRP_FIXED_LEN	 20 /* 5.1 */
#define NHRP_COMMON_LEN	 8  /* 5.2.0.1, before the addresses */
#define NHRP_CIE_LEN	 12 /* 5.2.0.1, before the addresses */
#define NHRP_EXT_LEN	 4  /* 5.3, before the value */
#define NHRP_MIN_LEN	 28
#define NHRP_ADDR_TL_LEN 0x3f /* length bits of a type/length octet */
#define NHRP_HOPS	 255  /* what we send; never 0 (Cisco refuses it) */

/* ar$op.type */
enum nhrp_type {
	NHRP_RESOLUTION_REQUEST = 1,
	NHRP_RESOLUTION_REPLY = 2,
	NHRP_REGISTRATION_REQUEST = 3,
	NHRP_REGISTRATION_REPLY = 4,
	NHRP_PURGE_REQUEST = 5,
	NHRP_PURGE_REPLY = 6,
	NHRP_ERROR_INDICATION = 7,
	NHRP_TRAFFIC_INDICATION = 8, /* Cisco */
};

/* Flags, 5.2.1 and 5.2.2 */
#define NHRP_RES_ROUTER	       0x8000 /* Q */
#define NHRP_RES_AUTHORITATIVE 0x4000 /* A */
#define NHRP_RES_DEST_STABLE   0x2000 /* D */
#define NHRP_RES_UNIQUE	       0x1000 /* U */
#define NHRP_RES_SRC_STABLE    0x0800 /* S */
/* 5.2.3 */
#define NHRP_REG_UNIQUE 0x8000 /* U */
/* 5.2.5 */
#define NHRP_PURGE_NO_REPLY 0x8000 /* N */
/* Cisco: sender understands the NAT extension; types 1 to 4 */
#define NHRP_FLAG_NAT 0x0002

/* CIE codes, 5.2.0.1 */
enum nhrp_cie_code {
	NHRP_CODE_SUCCESS = 0,
	NHRP_CODE_PROHIBITED = 4,
	NHRP_CODE_NO_RESOURCES = 5,
	NHRP_CODE_NO_BINDING = 12,
	NHRP_CODE_NOT_UNIQUE = 13,
	NHRP_CODE_ALREADY_REGISTERED = 14,
};

#define NHRP_PREFIX_ONLY_THIS 0xff /* "no equivalence information" */

/* Error codes, 5.2.7 */
enum nhrp_error {
	NHRP_ERR_UNRECOGNIZED_EXTENSION = 1,
	NHRP_ERR_LOOP_DETECTED = 3,
	NHRP_ERR_UNREACHABLE = 6,
	NHRP_ERR_PROTOCOL = 7,
	NHRP_ERR_SDU_SIZE = 8,
	NHRP_ERR_INVALID_EXTENSION = 9,
	NHRP_ERR_INVALID_REPLY = 10,
	NHRP_ERR_AUTHENTICATION = 11,
	NHRP_ERR_HOP_COUNT = 15,
};

/* Extension types, 5.3 */
enum nhrp_ext_type {
	NHRP_EXT_END = 0,
	NHRP_EXT_RESPONDER = 3,
	NHRP_EXT_FORWARD_TRANSIT = 4,
	NHRP_EXT_REVERSE_TRANSIT = 5,
	NHRP_EXT_AUTHENTICATION = 7,
	NHRP_EXT_VENDOR = 8,
	NHRP_EXT_NAT = 9, /* Cisco */
};

#define NHRP_EXT_COMPULSORY 0x8000 /* C */
#define NHRP_EXT_RESERVED   0x4000 /* u */
#define NHRP_EXT_TYPE_MASK  0x3fff

#define NHRP_AUTH_CLEARTEXT 1 /* SPI of Cisco's clear-text form */
#define NHRP_AUTH_KEY_MAX   8

#endif
