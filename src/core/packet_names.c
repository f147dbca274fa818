/* SPDX-License-Identifier: MIT */
#include <nhrp/packet.h>

#include <nhrp/rfc2332.h>

const char *packet_type_str(uint8_t type)
{
	static const char *const names[] = {
		[NHRP_RESOLUTION_REQUEST] = "Resolution Request",
		[NHRP_RESOLUTION_REPLY] = "Resolution Reply",
		[NHRP_REGISTRATION_REQUEST] = "Registration Request",
		[NHRP_REGISTRATION_REPLY] = "Registration Reply",
		[NHRP_PURGE_REQUEST] = "Purge Request",
		[NHRP_PURGE_REPLY] = "Purge Reply",
		[NHRP_ERROR_INDICATION] = "Error Indication",
		[NHRP_TRAFFIC_INDICATION] = "Traffic Indication",
	};

	if (type >= ARRAY_SIZE(names) || !names[type])
		return "unknown";
	return names[type];
}

const char *packet_err_str(enum pkt_err err)
{
	static const char *const names[PKT_ERRS] = {
		[PKT_OK] = "ok",
		[PKT_TOO_SHORT] = "too-short",
		[PKT_TOO_LONG] = "too-long",
		[PKT_BAD_SIZE] = "bad-size",
		[PKT_BAD_CHECKSUM] = "bad-checksum",
		[PKT_BAD_VERSION] = "bad-version",
		[PKT_BAD_TYPE] = "bad-type",
		[PKT_BAD_FAMILY] = "bad-family",
		[PKT_BAD_ADDR_LEN] = "bad-address-length",
		[PKT_BAD_EXT_OFFSET] = "bad-extension-offset",
		[PKT_TRUNCATED] = "truncated",
		[PKT_TOO_MANY_CIES] = "too-many-cies",
		[PKT_BAD_EXT_LENGTH] = "bad-extension-length",
		[PKT_TOO_MANY_EXTS] = "too-many-extensions",
		[PKT_DUPLICATE_EXT] = "duplicate-extension",
	};

	return err < PKT_ERRS ? names[err] : "unknown";
}

const char *packet_ext_str(uint16_t type)
{
	switch (type) {
	case NHRP_EXT_END:
		return "End";
	case NHRP_EXT_RESPONDER:
		return "Responder Address";
	case NHRP_EXT_FORWARD_TRANSIT:
		return "Forward Transit NHS Record";
	case NHRP_EXT_REVERSE_TRANSIT:
		return "Reverse Transit NHS Record";
	case NHRP_EXT_AUTHENTICATION:
		return "Authentication";
	case NHRP_EXT_VENDOR:
		return "Vendor-Private";
	case NHRP_EXT_NAT:
		return "NAT Address";
	}
	return "unknown";
}

const char *packet_cie_code_str(uint8_t code)
{
	switch (code) {
	case NHRP_CODE_SUCCESS:
		return "success";
	case NHRP_CODE_PROHIBITED:
		return "administratively prohibited";
	case NHRP_CODE_NO_RESOURCES:
		return "insufficient resources";
	case NHRP_CODE_NO_BINDING:
		return "no binding exists";
	case NHRP_CODE_NOT_UNIQUE:
		return "binding is not unique";
	case NHRP_CODE_ALREADY_REGISTERED:
		return "unique address already registered";
	}
	return "unknown";
}

const char *packet_error_code_str(uint16_t code)
{
	switch (code) {
	case NHRP_ERR_UNRECOGNIZED_EXTENSION:
		return "unrecognized extension";
	case NHRP_ERR_LOOP_DETECTED:
		return "loop detected";
	case NHRP_ERR_UNREACHABLE:
		return "protocol address unreachable";
	case NHRP_ERR_PROTOCOL:
		return "protocol error";
	case NHRP_ERR_SDU_SIZE:
		return "SDU size exceeded";
	case NHRP_ERR_INVALID_EXTENSION:
		return "invalid extension";
	case NHRP_ERR_INVALID_REPLY:
		return "invalid reply received";
	case NHRP_ERR_AUTHENTICATION:
		return "authentication failure";
	case NHRP_ERR_HOP_COUNT:
		return "hop count exceeded";
	}
	return "unknown";
}

uint16_t packet_err_code(enum pkt_err err)
{
	/* What does not hold a header in bounds is noise, not a packet in error. */
	if (err <= PKT_BAD_SIZE)
		return 0;
	return NHRP_ERR_PROTOCOL;
}
