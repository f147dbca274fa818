/* SPDX-License-Identifier: MIT */
/*
 * Counters of an interface: what came, what went, and why something was
 * dropped or refused. One row names a counter and says what it counts; `show
 * counters` prints the table as it stands here.
 */
#ifndef NHRP_ENGINE_COUNTER_H
#define NHRP_ENGINE_COUNTER_H

#include <stdint.h>

#define COUNTER_TABLE(X)                                              \
	X(RX_PACKETS, "rx_packets")                                   \
	X(RX_RESOLUTION_REQUEST, "rx_resolution_request")             \
	X(RX_RESOLUTION_REPLY, "rx_resolution_reply")                 \
	X(RX_REGISTRATION_REQUEST, "rx_registration_request")         \
	X(RX_REGISTRATION_REPLY, "rx_registration_reply")             \
	X(RX_PURGE_REQUEST, "rx_purge_request")                       \
	X(RX_PURGE_REPLY, "rx_purge_reply")                           \
	X(RX_ERROR_INDICATION, "rx_error_indication")                 \
	X(RX_TRAFFIC_INDICATION, "rx_traffic_indication")             \
	X(TX_PACKETS, "tx_packets")                                   \
	X(TX_RESOLUTION_REQUEST, "tx_resolution_request")             \
	X(TX_RESOLUTION_REPLY, "tx_resolution_reply")                 \
	X(TX_REGISTRATION_REQUEST, "tx_registration_request")         \
	X(TX_REGISTRATION_REPLY, "tx_registration_reply")             \
	X(TX_PURGE_REQUEST, "tx_purge_request")                       \
	X(TX_PURGE_REPLY, "tx_purge_reply")                           \
	X(TX_ERROR_INDICATION, "tx_error_indication")                 \
	X(TX_TRAFFIC_INDICATION, "tx_traffic_indication")             \
	X(FORWARDED, "forwarded")                                     \
	/* Form: one for each enum pkt_err, in its order. */          \
	X(BAD_TOO_SHORT, "drop_too_short")                            \
	X(BAD_TOO_LONG, "drop_too_long")                              \
	X(BAD_SIZE, "drop_bad_size")                                  \
	X(BAD_CHECKSUM, "drop_bad_checksum")                          \
	X(BAD_VERSION, "drop_bad_version")                            \
	X(BAD_TYPE, "drop_bad_type")                                  \
	X(BAD_FAMILY, "drop_bad_family")                              \
	X(BAD_ADDR_LEN, "drop_bad_address_length")                    \
	X(BAD_EXT_OFFSET, "drop_bad_extension_offset")                \
	X(BAD_TRUNCATED, "drop_truncated")                            \
	X(BAD_TOO_MANY_CIES, "drop_too_many_cies")                    \
	X(BAD_EXT_LENGTH, "drop_bad_extension_length")                \
	X(BAD_TOO_MANY_EXTS, "drop_too_many_extensions")              \
	X(BAD_DUPLICATE_EXT, "drop_duplicate_extension")              \
	/* Meaning. */                                                \
	X(DROP_NOT_READY, "drop_interface_not_ready")                 \
	X(DROP_AUTH, "drop_authentication_failed")                    \
	X(DROP_OWN_SOURCE, "drop_own_source")                         \
	X(DROP_BAD_SOURCE, "drop_bad_source")                         \
	X(DROP_HOP_COUNT, "drop_hop_count_exceeded")                  \
	X(DROP_LOOP, "drop_loop_detected")                            \
	X(DROP_UNREACHABLE, "drop_no_next_hop")                       \
	X(DROP_COMPULSORY, "drop_unknown_compulsory_extension")       \
	X(DROP_UNEXPECTED_REPLY, "drop_unexpected_reply")             \
	X(DROP_NO_CIE, "drop_no_client_information")                  \
	X(DROP_PURGE_DENIED, "drop_purge_not_by_owner")               \
	X(DROP_INDICATION, "drop_traffic_indication_unwanted")        \
	X(DROP_TOO_BIG, "drop_reply_too_big")                         \
	X(DROP_NO_SA, "drop_sent_without_sa")                         \
	X(DROP_CLEAR, "drop_received_without_sa")                     \
	X(DROP_STRANGER, "drop_from_shared_address")                  \
	X(DROP_HELD, "drop_station_waits_for_script")                 \
	X(DROP_REPEATED, "drop_registration_waits_for_script")        \
	X(DROP_AWAITED, "drop_registration_waits_for_certificate")    \
	/* Outcomes. */                                               \
	X(REG_NEW, "registrations_accepted_new")                      \
	X(REG_REFRESH, "registrations_refreshed")                     \
	X(REG_MOVED, "registrations_moved")                           \
	X(REG_PROHIBITED, "registrations_refused_prohibited")         \
	X(REG_NO_RESOURCES, "registrations_refused_no_resources")     \
	X(REG_NOT_UNIQUE, "registrations_refused_already_registered") \
	X(REG_SHARED, "registrations_refused_shared_address")         \
	X(RES_ANSWERED, "resolutions_answered")                       \
	X(RES_NO_BINDING, "resolutions_refused_no_binding")           \
	X(RES_SENT_MISS, "resolutions_started_by_traffic")            \
	X(RES_LEARNT, "resolutions_learnt")                           \
	X(RES_NEGATIVE, "resolutions_negative")                       \
	X(RES_UNANSWERED, "resolutions_unanswered")                   \
	X(RES_LIMITED, "resolutions_limited")                         \
	X(REDIRECTS_SENT, "redirects_sent")                           \
	X(REDIRECTS_LIMITED, "redirects_limited")                     \
	X(REDIRECTS_NO_SENDER, "redirects_without_a_sender")          \
	X(INDICATIONS_IGNORED, "indications_ignored")                 \
	X(INDICATIONS_TRANSIT, "indications_about_transit_traffic")   \
	X(SHORTCUTS_UP, "shortcuts_installed")                        \
	X(SHORTCUTS_PURGED, "shortcuts_purged")                       \
	X(ANSWERS_WITHDRAWN, "answers_withdrawn")                     \
	X(LOOKUPS_LIMITED, "route_lookups_limited")                   \
	X(BINDINGS_EXPIRED, "bindings_expired")                       \
	X(BINDINGS_PURGED, "bindings_purged")                         \
	X(ERRORS_LIMITED, "errors_limited")                           \
	X(PEERS_REFUSED, "peers_refused_by_script")                   \
	X(SCRIPT_SILENT, "script_questions_unanswered")               \
	X(NEIGH_REFUSED, "neighbours_refused_by_kernel")              \
	X(ROUTE_REFUSED, "routes_refused_by_kernel")                  \
	X(SAS_UP, "peers_secured")                                    \
	X(SAS_LOST, "peers_lost")                                     \
	X(SAS_FAILED, "peers_refused")                                \
	X(SAS_COLLIDED, "sas_refused_shared_address")                 \
	X(SAS_REFUSED, "sas_refused_no_resources")                    \
	X(REG_IDENTITY, "registrations_refused_identity")             \
	X(RES_IDENTITY, "resolutions_refused_identity")               \
	X(REG_CERTIFICATE, "registrations_refused_certificate")       \
	X(RES_CERTIFICATE, "resolutions_refused_certificate")         \
	X(TOLD_FULL, "withdrawal_list_full")

enum counter {
#define COUNTER_ENUM(id, name) CNT_##id,
	COUNTER_TABLE(COUNTER_ENUM)
#undef COUNTER_ENUM
		COUNTERS
};

extern const char *const counter_names[COUNTERS];

#endif
