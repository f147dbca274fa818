/* SPDX-License-Identifier: MIT */
#include "hook_env.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#define PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

const char *hook_event_str(enum hook_event event)
{
	static const char *const names[HOOK_EVENTS] = {
		[HOOK_INTERFACE_UP] = "interface-up",
		[HOOK_PEER_REGISTER] = "peer-register",
		[HOOK_PEER_UP] = "peer-up",
		[HOOK_PEER_DOWN] = "peer-down",
		[HOOK_NHS_UP] = "nhs-up",
		[HOOK_NHS_DOWN] = "nhs-down",
		[HOOK_ROUTE_UP] = "route-up",
		[HOOK_ROUTE_DOWN] = "route-down",
	};

	return names[event];
}

static void add(struct hook_env *env, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The room is for the longest of all values, so nothing is ever cut. */
static void add(struct hook_env *env, const char *fmt, ...)
{
	size_t room = sizeof(env->room) - env->used;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(env->room + env->used, room, fmt, args);
	va_end(args);
	assert(len > 0 && (size_t)len < room && env->count + 1 < HOOK_VARS_MAX);
	env->vars[env->count++] = env->room + env->used;
	env->vars[env->count] = NULL;
	env->used += (size_t)len + 1;
}

static void add_addr(struct hook_env *env, const char *name, const struct addr *a)
{
	if (addr_is_set(a))
		add(env, "%s=%s", name, ADDR_STR(a));
}

void hook_env_init(struct hook_env *env, const struct act_hook *a)
{
	*env = (struct hook_env){ 0 };
	add(env, "PATH=" PATH);
	add(env, "NHRP_TYPE=%s", a->type);
	add(env, "NHRP_INTERFACE=%s", a->ifname);
	add(env, "NHRP_GRE_KEY=%u", a->gre_key);
	add_addr(env, "NHRP_SRCADDR", &a->src);
	add_addr(env, "NHRP_SRCNBMA", &a->src_nbma);
	add_addr(env, "NHRP_DESTADDR", &a->dst.addr);
	if (addr_is_set(&a->dst.addr))
		add(env, "NHRP_DESTPREFIX=%u", a->dst.len);
	add_addr(env, "NHRP_DESTNBMA", &a->nbma);
	if (!addr_eq(&a->nbma, &a->claimed))
		add_addr(env, "NHRP_DESTNBMA_NAT_OA", &a->claimed);
	if (a->mtu)
		add(env, "NHRP_DESTMTU=%u", a->mtu);
	add_addr(env, "NHRP_NEXTHOP", &a->next_hop);
	if (a->reason)
		add(env, "NHRP_PEER_DOWN_REASON=%s", a->reason);
}
