/* SPDX-License-Identifier: MIT */
/*
 * An answer on paper: columns for people, JSON for programs.
 *
 * Both are made from the same rows. JSON shows each field as it came, keys in
 * the order of the row, times as ISO 8601 in UTC. Text leaves out what is empty
 * everywhere, shows since-whens as ages, and never cuts an address.
 */
#ifndef NHRPCTL_RENDER_H
#define NHRPCTL_RENDER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <nhrp/ctl_command.h>

#include "answer.h"

/* {"schema":1,"LIST":[...]}, and "error" with its text unless that is NULL. */
void render_json(FILE *out, const char *list, const struct answer *a,
		 const char *error);

/* `all` shows details and zeros as well; ages count back from now_s. */
void render_text(FILE *out, enum ctl_verb verb, const struct answer *a, bool all,
		 int64_t now_s);

#endif
