/* SPDX-License-Identifier: MIT */
/*
 * The daemon's own nftables table, `inet nhrpd`: what the configuration wants the
 * kernel to sample, and to log and drop of multicast, written by libnftables in one
 * transaction.
 *
 * The table is the daemon's alone. When somebody removes or changes it, it is
 * written again, at once and then at most once a second. It stays when the
 * daemon ends; firewall_remove() takes it away. A ruleset that cannot be written
 * is told in the log and by firewall_problem(), and tried again every minute.
 * With `firewall manual` nothing is written, and removed only what was.
 */
#ifndef NHRP_FIREWALL_H
#define NHRP_FIREWALL_H

#include <nhrp/conf.h>
#include <nhrp/log.h>
#include <nhrp/record.h>

struct ev_loop;
struct firewall;

struct firewall *firewall_new(struct ev_loop *loop, const struct log_sink *log);
void firewall_free(struct firewall *f);

/* Writes what this configuration wants, when that is another than the last. */
void firewall_conf(struct firewall *f, const struct conf *conf);

/* What was sampled is sampled anew. */
void firewall_forget(struct firewall *f);

void firewall_remove(struct firewall *f);

/* Why the table is not as wanted, for people; NULL: it is. */
const char *firewall_problem(const struct firewall *f);

/* Rows of `show counters`. */
void firewall_show(const struct firewall *f, struct show_sink *sink);

/* Rows of `show multicast`: what is not copied by this interface, "": by each. */
void firewall_show_multicast(const struct firewall *f, const char *ifname,
			     struct show_sink *sink);

#endif
