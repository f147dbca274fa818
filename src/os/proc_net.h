/* SPDX-License-Identifier: MIT */
/*
 * Numbers out of /proc/net; each function reads one file of it to its end. What is
 * not there, or has another form, counts as nothing.
 */
#ifndef NHRP_OS_PROC_NET_H
#define NHRP_OS_PROC_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * packet: does a packet socket other than `own` (its inode) take NHRP packets, from
 * all devices or from one of these?
 */
bool proc_net_other_nhrp(FILE *packet, uint64_t own, const int *ifindexes,
			 size_t count);

/* netstat: the counter of this name. */
uint64_t proc_net_counter(FILE *netstat, const char *name);

/* stat/arp_cache, stat/ndisc_cache: how often the table was full. */
uint64_t proc_net_table_full(FILE *stat);

/* xfrm_stat: the counter of this name. */
uint64_t proc_net_xfrm_counter(FILE *xfrm_stat, const char *name);

#endif
