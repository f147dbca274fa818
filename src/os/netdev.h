/* SPDX-License-Identifier: MIT */
/*
 * Links and addresses of the machine by libnl: a picture to read, and changes.
 *
 * netdev_refresh() takes a new picture; what is read from it points into it and
 * lasts until the next. Changes are made at once and are seen in the picture
 * after that; they return 0 or a negative libnl error, whose text is
 * nl_geterror()'s. Policy is the caller's.
 */
#ifndef NHRP_OS_NETDEV_H
#define NHRP_OS_NETDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <nhrp/action.h>
#include <nhrp/addr.h>
#include <nhrp/conf.h>
#include <nhrp/defs.h>

struct netdev;

struct netdev *netdev_new(void);
void netdev_free(struct netdev *n);

int netdev_refresh(struct netdev *n) MUST_CHECK;

/* What is wanted of a GRE device without a remote end. */
struct gre_want {
	struct addr local; /* IPv4 */
	bool has_key;
	uint32_t key;
	uint8_t ttl;
	uint32_t mtu;
};

/* Octets that IPv4 and GRE put in front of a packet. */
static inline uint32_t netdev_gre_overhead(bool has_key)
{
	return 20 + 4 + (has_key ? 4 : 0);
}

/*
 * Octets for ESP in UDP, enough for the usual ciphers, and for one more header in
 * tunnel mode; with a key and by Ethernet 72 leave a tunnel the usual 1400.
 */
static inline uint32_t netdev_esp_room(const struct conf_profile *profile)
{
	if (!profile)
		return 0;
	return profile->tunnel_mode ? 92 : 72;
}

/* What the picture says of a device. */
struct netdev_info {
	int ifindex;
	char name[16];
	uint32_t mtu;
	bool up, arp, multicast, loopback;
	char kind[16]; /* "gre"; "" for none */
	/* Only of kind "gre": */
	struct addr local, remote; /* ADDR_NONE: any */
	int bound_to;		   /* ifindex; 0: none */
	bool has_key, in_has_key;
	uint32_t key, in_key; /* of what is sent; of what is taken */
};

/* GRE without a remote end: it can be a tunnel of ours. */
static inline bool netdev_is_mgre(const struct netdev_info *dev)
{
	return strcmp(dev->kind, "gre") == 0 && !addr_is_set(&dev->remote);
}

bool netdev_by_name(struct netdev *n, const char *name, struct netdev_info *out);
bool netdev_by_index(struct netdev *n, int ifindex, struct netdev_info *out);

/* The device that has this address, or 0. */
int netdev_with_addr(struct netdev *n, const struct addr *a);

/*
 * An IPv4 address of this device: `preferred` when it has it, else the first
 * that others can reach. ADDR_NONE when there is none.
 */
struct addr netdev_ip4_of(struct netdev *n, int ifindex, const struct addr *preferred);

/* Its unicast addresses, 0: all devices', in the kernel's order; returns how many. */
size_t netdev_addrs(struct netdev *n, int ifindex, struct prefix *out, size_t cap);

/* The address this machine would send from, and by which device. */
struct addr netdev_source_towards(struct netdev *n, const struct addr *to,
				  int *ifindex);

bool netdev_gre_differs(struct netdev *n, int ifindex, const struct gre_want *w);

/* ifindex 0: make one of this name. Else change all of its state but its name. */
int netdev_gre_put(struct netdev *n, int ifindex, const char *name,
		   const struct gre_want *w) MUST_CHECK;
int netdev_delete(struct netdev *n, int ifindex) MUST_CHECK;
int netdev_clear_noarp(struct netdev *n, int ifindex) MUST_CHECK;
/* Routing protocols go by its flag: without it some do not speak to groups there. */
int netdev_allow_multicast(struct netdev *n, int ifindex) MUST_CHECK;
int netdev_raise(struct netdev *n, int ifindex) MUST_CHECK;
int netdev_carrier(struct netdev *n, int ifindex, enum carrier state) MUST_CHECK;
int netdev_addr_add(struct netdev *n, int ifindex, const struct prefix *p) MUST_CHECK;
int netdev_addr_del(struct netdev *n, int ifindex, const struct prefix *p) MUST_CHECK;

#endif
