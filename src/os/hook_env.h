/* SPDX-License-Identifier: MIT */
/*
 * What a run of the site's script is told: its argument and its environment, as
 * opennhrp had them. All of it is here; nothing of the daemon's own environment
 * is handed on.
 */
#ifndef NHRP_OS_HOOK_ENV_H
#define NHRP_OS_HOOK_ENV_H

#include <nhrp/action.h>

#define HOOK_VARS_MAX 16
#define HOOK_ENV_ROOM 1024

/* Points into itself: not to be copied. */
struct hook_env {
	char *vars[HOOK_VARS_MAX]; /* ends with NULL */
	size_t count;
	char room[HOOK_ENV_ROOM];
	size_t used;
};

void hook_env_init(struct hook_env *env, const struct act_hook *a);

const char *hook_event_str(enum hook_event event);

#endif
