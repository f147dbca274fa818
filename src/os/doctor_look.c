/* SPDX-License-Identifier: MIT */
/* The facts: what the machine says when it is asked. */
#include <nhrp/doctor.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nhrp/mem.h>
#include <nhrp/nl_ask.h>

#include "cert_file.h"
#include "netdev.h"
#include "proc_net.h"
#include "sysctl.h"

#define ADDRS_MAX 32

struct look {
	struct doctor_facts *facts;
	struct netdev *netdev;
	struct nl_ask *ask;
};

/* --- tunnels --------------------------------------------------------------------- */

/* As sysctl(8) writes it: dots between the words, slashes in them. */
static void name_str(char *out, size_t cap, const char *path)
{
	const char *begin = path + strlen("/proc/sys/");
	size_t n = 0;

	for (; begin[n] && n + 1 < cap; n++) {
		out[n] = begin[n];
		if (begin[n] == '/')
			out[n] = '.';
		else if (begin[n] == '.')
			out[n] = '/';
	}
	out[n] = '\0';
}

static void look_at_settings(struct doctor_tunnel *t)
{
	struct sysctl_off off[DOCTOR_SETTINGS_MAX];

	t->off_count = sysctl_off(t->conf->name, off, DOCTOR_SETTINGS_MAX);
	for (size_t k = 0; k < t->off_count; k++) {
		struct doctor_setting *s = &t->off[k];

		name_str(s->name, sizeof(s->name), off[k].path);
		s->why = off[k].why;
		s->have = off[k].have;
		s->want = off[k].want;
	}
}

static bool is_on(const char *dir, const char *device)
{
	int on;

	return sysctl_read(&on, "%s/conf/%s/forwarding", dir, device) && on;
}

static void look_at_routing(struct doctor_tunnel *t)
{
	const char *name = t->conf->name;
	int all = 0, own = 0;

	t->forwards4 = is_on("ipv4", name);
	t->forwards6 = is_on("ipv6", "all");
	if (sysctl_read(&all, "ipv4/conf/all/rp_filter") &&
	    sysctl_read(&own, "ipv4/conf/%s/rp_filter", name))
		t->rp_filter = own > all ? own : all;
}

static void look_at_addrs(struct look *l, struct doctor_tunnel *t, int ifindex)
{
	struct prefix addrs[ADDRS_MAX];
	size_t count = netdev_addrs(l->netdev, ifindex, addrs, ADDRS_MAX);

	for (size_t k = 0; k < count; k++) {
		t->ip4 |= addrs[k].addr.family == ADDR_IP4;
		t->ip6 |= addrs[k].addr.family == ADDR_IP6 &&
			  !addr_is_link_local(&addrs[k].addr);
	}
}

/* A loopback's MTU says nothing about the way packets take. */
static void look_at_underlay(struct look *l, struct doctor_tunnel *t,
			     const struct netdev_info *tunnel)
{
	int ifindex = tunnel->bound_to;
	struct netdev_info dev;

	if (!ifindex)
		ifindex = netdev_with_addr(l->netdev, &tunnel->local);
	if (!netdev_by_index(l->netdev, ifindex, &dev) || dev.loopback)
		return;
	t->underlay_mtu = dev.mtu;
	snprintf(t->underlay, sizeof(t->underlay), "%s", dev.name);
}

static void look_at_tunnel(struct look *l, struct doctor_tunnel *t)
{
	struct netdev_info dev;

	if (!netdev_by_name(l->netdev, t->conf->name, &dev) ||
	    strcmp(dev.kind, "gre") != 0)
		return;
	t->there = true;
	t->noarp = !dev.arp;
	t->has_key = dev.has_key;
	t->key = dev.key;
	t->mtu = dev.mtu;
	look_at_addrs(l, t, dev.ifindex);
	look_at_underlay(l, t, &dev);
	look_at_settings(t);
	look_at_routing(t);
}

static void look_at_tunnels(struct look *l)
{
	struct doctor_facts *f = l->facts;

	f->tunnels = mem_new((f->conf->iface_count + 1) * sizeof(*f->tunnels));
	for (size_t k = 0; k < f->conf->iface_count; k++) {
		const struct conf_iface *c = &f->conf->ifaces[k];

		if (c->shortcut_destination)
			continue;
		f->tunnels[f->tunnel_count].conf = c;
		look_at_tunnel(l, &f->tunnels[f->tunnel_count++]);
	}
}

/* --- where stations are --------------------------------------------------- */

static void look_at_nbma(struct look *l, const struct conf_iface *c,
			 const struct addr *addr)
{
	struct doctor_nbma *n = &l->facts->nbmas[l->facts->nbma_count];
	struct netdev_info dev = { 0 };
	struct ev_lookup way;

	if (!nl_ask_route(l->ask, addr, &way))
		return;
	l->facts->nbma_count++;
	*n = (struct doctor_nbma){ c->name, *addr, DOCTOR_WAY_OUT, way.matched };
	(void)netdev_by_name(l->netdev, c->name, &dev);
	if (way.kind == LOOKUP_UNREACHABLE)
		n->way = DOCTOR_WAY_NONE;
	else if (way.kind == LOOKUP_LOCAL)
		n->way = DOCTOR_WAY_LOCAL;
	else if (way.ifindex == dev.ifindex)
		n->way = DOCTOR_WAY_TUNNEL;
}

static void look_at_nbmas(struct look *l)
{
	const struct conf *conf = l->facts->conf;
	size_t most = 0;

	for (size_t k = 0; k < conf->iface_count; k++)
		most += conf->ifaces[k].map_count;
	l->facts->nbmas = mem_new((most + 1) * sizeof(*l->facts->nbmas));
	for (size_t k = 0; k < conf->iface_count; k++) {
		const struct conf_iface *c = &conf->ifaces[k];

		for (size_t m = 0; m < c->map_count; m++) {
			if (addr_is_set(&c->maps[m].nbma.addr))
				look_at_nbma(l, c, &c->maps[m].nbma.addr);
		}
	}
}

/* --- the machine ---------------------------------------------------------- */

static uint64_t table_full(const char *path)
{
	FILE *f = fopen(path, "re");
	uint64_t times = f ? proc_net_table_full(f) : 0;

	if (f)
		fclose(f);
	return times;
}

static uint64_t rp_filter_drops(void)
{
	FILE *f = fopen("/proc/net/netstat", "re");
	uint64_t drops = f ? proc_net_counter(f, "IPReversePathFilter") : 0;

	if (f)
		fclose(f);
	return drops;
}

static bool second_daemon(struct look *l, uint64_t own_socket)
{
	const struct doctor_facts *f = l->facts;
	int *ifindexes = mem_new((f->tunnel_count + 1) * sizeof(*ifindexes));
	FILE *packet = fopen("/proc/net/packet", "re");
	struct netdev_info dev;
	bool found;

	for (size_t k = 0; k < f->tunnel_count; k++) {
		if (netdev_by_name(l->netdev, f->tunnels[k].conf->name, &dev))
			ifindexes[k] = dev.ifindex;
	}
	found = packet &&
		proc_net_other_nhrp(packet, own_socket, ifindexes, f->tunnel_count);
	if (packet)
		fclose(packet);
	free(ifindexes);
	return found;
}

static void look_at_machine(struct look *l, uint64_t own_socket)
{
	struct doctor_facts *f = l->facts;

	f->has_gre = access("/sys/module/ip_gre", F_OK) == 0;
	f->second_daemon = second_daemon(l, own_socket);
	f->rp_filter_drops = rp_filter_drops();
	f->neigh_table_full = table_full("/proc/net/stat/arp_cache") +
			      table_full("/proc/net/stat/ndisc_cache");
	if (!sysctl_read(&f->neigh_table_max, "ipv4/neigh/default/gc_thresh3"))
		f->neigh_table_max = 0;
}

struct doctor_facts *doctor_look(const struct conf *conf, uint64_t own_socket)
{
	struct doctor_facts *f = mem_new(sizeof(*f));
	struct look l = { f, netdev_new(), nl_ask_new() };
	bool ok = l.netdev && l.ask;

	f->conf = conf;
	if (ok) {
		look_at_tunnels(&l);
		look_at_nbmas(&l);
		look_at_machine(&l, own_socket);
	}
	nl_ask_free(l.ask);
	netdev_free(l.netdev);
	if (ok)
		return f;
	doctor_free(f);
	return NULL;
}

void doctor_cert_add(struct doctor_facts *f, const char *path)
{
	struct doctor_cert *c = &f->certs[f->cert_count];

	for (size_t k = 0; k < f->cert_count; k++) {
		if (strcmp(f->certs[k].path, path) == 0)
			return;
	}
	if (f->cert_count == DOCTOR_CERTS_MAX ||
	    !cert_file_dates(path, &c->from_s, &c->until_s))
		return;
	snprintf(c->path, sizeof(c->path), "%s", path);
	f->cert_count++;
}

void doctor_free(struct doctor_facts *f)
{
	if (!f)
		return;
	free(f->tunnels);
	free(f->nbmas);
	free(f);
}
