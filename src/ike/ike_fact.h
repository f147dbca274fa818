/* SPDX-License-Identifier: MIT */
/*
 * What charon says of its SAs, read out of its messages. Pure: no state, no action.
 */
#ifndef NHRP_IKE_IKE_FACT_H
#define NHRP_IKE_IKE_FACT_H

#include <stdbool.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/defs.h>
#include <nhrp/ike.h>
#include <nhrp/vici_msg.h>

#define IKE_IDENTITY_MAX 512 /* a longer one is none: it could not be compared */
#define IKE_SUITE_MAX	 64

struct ike_fact {
	struct vici_str name; /* of the connection; lives as long as the message */
	struct vici_sec sec;  /* likewise */
	uint32_t ike;
	struct addr local, outer;
	uint64_t initiator_spi;
	uint32_t age_s;
	bool initiator, natted, connecting, established;
	char identity[IKE_IDENTITY_MAX];
	char suite[IKE_SUITE_MAX];
};

/* An address of a message. */
bool ike_addr_read(struct addr *out, struct vici_str s) MUST_CHECK;

/* A section of an IKE SA. False when it lacks a number or an address. */
bool ike_fact_read(struct ike_fact *out, struct vici_str name,
		   const struct vici_sec *sec) MUST_CHECK;

/* The one section of an event's message that is an IKE SA. */
bool ike_fact_find(struct ike_fact *out, const struct vici_sec *msg) MUST_CHECK;

enum child_kind {
	CHILD_OTHER, /* not for GRE */
	CHILD_GRE,   /* for all GRE between two addresses */
	CHILD_WIDE,  /* for GRE, but with more than one address */
};

struct child_fact {
	enum child_kind kind;
	uint32_t child;
	struct addr local, remote; /* of its GRE packets */
	bool installed;
	char suite[IKE_SUITE_MAX];
	struct sa_traffic traffic; /* as far as it is told: not in every event */
};

/* A section of a child. False when it lacks a number. */
bool child_fact_read(struct child_fact *out, const struct vici_sec *sec) MUST_CHECK;

#endif
