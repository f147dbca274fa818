/* SPDX-License-Identifier: MIT */
/*
 * Requests to charon as values: a profile and addresses become the message that
 * loads a connection. Each builds a whole frame in the caller's buffer and returns
 * its octets, 0 when it has no room.
 */
#ifndef NHRP_IKE_IKE_MSG_H
#define NHRP_IKE_IKE_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/conf.h>
#include <nhrp/defs.h>

/* Longest name: prefix, interface, dash, address. */
#define IKE_NAME_MAX 80

#define IKE_PREFIX "dmvpn-"
#define IKE_CHILD  "gre"

struct ike_name {
	char s[IKE_NAME_MAX];
};

/* The connection of a tunnel, or of one peer of it. */
struct ike_name ike_name(const char *ifname, const struct addr *remote);

/* What charon knows a profile's secret by. */
struct ike_name ike_shared_name(const struct conf_profile *p);

/* Where swanctl keeps what a key names (certs, cacerts, pubkeys) without a folder. */
struct ike_path {
	char s[32 + CONF_PATH_MAX];
};
struct ike_path ike_msg_path(const char *key, const char *name);

struct ike_conn {
	const char *name;
	struct addr local;
	struct addr remote; /* ADDR_NONE: anybody */
};

/*
 * load-conn. What the daemon owns is put, then what the profile says. 0 with a
 * sentence in `err` also when a file of the profile cannot be read.
 */
size_t ike_msg_conn(void *buf, size_t cap, const struct conf_profile *p,
		    const struct ike_conn *c, char *err, size_t err_cap) MUST_CHECK;

/* load-shared: the caller wipes the buffer. */
size_t ike_msg_shared(void *buf, size_t cap, const struct conf_profile *p) MUST_CHECK;

/* initiate, not waiting for the outcome. */
size_t ike_msg_initiate(void *buf, size_t cap, const char *name) MUST_CHECK;

/* terminate, not waiting for the outcome. */
size_t ike_msg_terminate(void *buf, size_t cap, uint32_t ike, bool force) MUST_CHECK;

/* list-certs: CAs, or, with a subject, others of this name. */
size_t ike_msg_certs(void *buf, size_t cap, const char *subject) MUST_CHECK;

/* A command with one value, or, where key is NULL, with none. */
size_t ike_msg_command(void *buf, size_t cap, const char *command, const char *key,
		       const char *value) MUST_CHECK;

#endif
