/* SPDX-License-Identifier: MIT */
/*
 * The daemon's firewall table as text, a pure function of the configuration.
 */
#ifndef NHRP_OS_FIREWALL_TEXT_H
#define NHRP_OS_FIREWALL_TEXT_H

#include <stdbool.h>

#include <nhrp/conf.h>

/* Of family inet. */
#define FIREWALL_TABLE "nhrpd"

/* A named counter of each tunnel by which multicast is copied: what of it is not. */
#define FIREWALL_NOT_COPIED "not-copied-"

/*
 * What nft(8) has to do to make the table, whatever stands in its place; NULL:
 * nothing is wanted. Aloud: by a kernel that can drop what is copied only so that its
 * sender is told an error. Release with free().
 */
char *firewall_text(const struct conf *conf, bool aloud);

#endif
