/* SPDX-License-Identifier: MIT */
/*
 * Answers that are long: so many rows a turn of the loop that packets get theirs, and
 * no faster than they are read. Belongs to the daemon; ctl_cmds.c begins them.
 */
#ifndef NHRPD_CTL_LIST_H
#define NHRPD_CTL_LIST_H

#include "daemon.h"

/* Rows and the end follow under the token, until its client is gone. */
void ctl_list_cache(struct daemon *d, uint32_t token, const struct selector *sel);

/* Nobody gets any more; before the engine is freed. */
void ctl_list_end_all(struct daemon *d);

#endif
