/* SPDX-License-Identifier: MIT */
/*
 * The daemon's firewall table as text, a pure function of the configuration.
 */
#ifndef NHRP_OS_FIREWALL_TEXT_H
#define NHRP_OS_FIREWALL_TEXT_H

#include <nhrp/conf.h>

/* Of family inet. */
#define FIREWALL_TABLE "nhrpd"

/*
 * What nft(8) has to do to make the table, whatever stands in its place; NULL:
 * nothing is wanted. Release with free().
 */
char *firewall_text(const struct conf *conf);

#endif
