/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with this machine and this configuration for a DMVPN.
 *
 * Facts about the machine are gathered by doctor_look() and by whoever else knows
 * some; what they mean is a table of rules, which looks at nothing but the facts.
 * Nothing is changed. A sound machine has no findings.
 */
#ifndef NHRP_DOCTOR_H
#define NHRP_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/addr.h>
#include <nhrp/conf.h>
#include <nhrp/defs.h>
#include <nhrp/record.h>

#define DOCTOR_SETTINGS_MAX 16
#define DOCTOR_SERVERS_MAX  64
#define DOCTOR_PEERS_MAX    32
#define DOCTOR_CERTS_MAX    32

/* One of /proc/sys, as sysctl writes it, that nhrpd sets and somebody changed. */
struct doctor_setting {
	char name[96];
	const char *why; /* what goes wrong, a string constant */
	int have, want;
};

struct doctor_tunnel {
	const struct conf_iface *conf;
	char problem[240]; /* why nhrpd cannot use it; "": it can */
	/* Of a GRE device of this name; without one all that follows is 0. */
	bool there, noarp, has_key;
	uint32_t key;
	uint32_t mtu, underlay_mtu; /* underlay_mtu 0: not known */
	char underlay[CONF_IFNAME_MAX];
	bool ip4, ip6; /* it has protocol addresses of this family */
	bool forwards4, forwards6;
	int rp_filter; /* 1: strict */
	/* GRE in clear that was dropped lately, where it is encrypted. */
	char no_calls[160]; /* why charon takes no calls by it; "": it does */
	uint64_t clear_in, clear_out;
	struct doctor_setting off[DOCTOR_SETTINGS_MAX];
	size_t off_count;
};

enum doctor_way {
	DOCTOR_WAY_OUT,	   /* by a device that is no tunnel of this name */
	DOCTOR_WAY_NONE,   /* no route */
	DOCTOR_WAY_LOCAL,  /* an address of this machine */
	DOCTOR_WAY_TUNNEL, /* into the tunnel that it is to carry */
};

/* The NBMA address of a `map`, and where packets to it go. */
struct doctor_nbma {
	const char *ifname;
	struct addr addr;
	enum doctor_way way;
	struct prefix route;
};

/* A next hop server that this node is not registered with. */
struct doctor_server {
	char ifname[CONF_IFNAME_MAX];
	char name[CONF_NAME_MAX];
	char protocol[48]; /* "": not known */
	char state[16], reason[160];
	char nbma[48]; /* "": not known */
};

/* A peer of an encrypted tunnel that something is wrong with. */
struct doctor_peer {
	char ifname[CONF_IFNAME_MAX];
	char nbma[48];
	char cause[24]; /* why it has no SA, as explain calls it; "": it has */
	/* Who was turned away since he came from the same address; "": nobody. */
	char identity[CONF_IDENTITY_MAX], turned_away[CONF_IDENTITY_MAX];
	uint64_t lost; /* packets that went into its SA while none came back */
};

/* A certificate that a profile in use names. */
struct doctor_cert {
	char path[CONF_PATH_MAX + 32];
	int64_t from_s, until_s;
};

struct doctor_facts {
	const struct conf *conf;
	bool has_gre; /* the kernel knows GRE */
	struct doctor_tunnel *tunnels;
	size_t tunnel_count;
	struct doctor_nbma *nbmas;
	size_t nbma_count;
	struct doctor_server servers[DOCTOR_SERVERS_MAX];
	size_t server_count;
	struct doctor_peer peers[DOCTOR_PEERS_MAX];
	size_t peer_count;
	struct doctor_cert certs[DOCTOR_CERTS_MAX];
	size_t cert_count;
	int64_t now_s;		   /* since 1970 */
	uint64_t rp_filter_drops;  /* packets, since the start of the machine */
	uint64_t neigh_table_full; /* times, likewise */
	int neigh_table_max;	   /* 0: not known */
	uint64_t overruns;	   /* times the kernel's news were lost */
	bool second_daemon;	   /* somebody else listens for NHRP */
	bool state_lost;	   /* a restart will have nothing to restore */
	char script[256];	   /* why it cannot be run; "": it can, or is none */
	char charon[160]; /* why it does not answer; "": it does, or need not */
	/* What is wrong with our firewall table, and with hearing from it; "": nothing. */
	char firewall[256], samples[256], copies[256];
	char guard_weakness[240]; /* one layer of the guard is missing; "": none is */
	char guard_route[200];	  /* and with unreachable routes; "": nothing */
};

/*
 * Looks at the machine: all but `problem`, no_calls, charon, clear_in and clear_out,
 * servers, peers, overruns, state_lost and firewall; of certs, what is wanted is their
 * path, see doctor_cert_add(). `own_socket` is the inode of the packet socket that is
 * ours. Release with doctor_free(). NULL when the kernel does not answer.
 */
struct doctor_facts *doctor_look(const struct conf *conf, uint64_t own_socket);
void doctor_free(struct doctor_facts *f);

/* One that cannot be read is left out: charon has its own word about that. */
void doctor_cert_add(struct doctor_facts *f, const char *path);

/*
 * Rows `severity fault where what fix`: severity "error" when traffic does not
 * pass, "warning" when some may not; fault one word that does not change from
 * version to version. Returns how many there are.
 */
size_t doctor_judge(const struct doctor_facts *f, struct show_sink *sink);

#endif
