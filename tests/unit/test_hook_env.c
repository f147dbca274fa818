/* SPDX-License-Identifier: MIT */
/* What a run of the script is told, as a value; test_hook.c sees it arrive. */
#include "unit.h"

#include "../../src/os/hook_env.h"

#define PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static void what_does_not_apply_is_not_in_the_environment(void **state)
{
	static const char *const want[] = {
		PATH,
		"NHRP_TYPE=route",
		"NHRP_INTERFACE=gre1",
		"NHRP_GRE_KEY=0",
		"NHRP_SRCADDR=10.0.0.2",
		"NHRP_SRCNBMA=198.51.100.2",
		"NHRP_DESTADDR=192.168.3.0",
		"NHRP_DESTPREFIX=24",
		"NHRP_NEXTHOP=10.0.0.3",
	};
	const struct act_hook a = { .event = HOOK_ROUTE_UP,
				    .type = "route",
				    .ifname = "gre1",
				    .src = unit_addr("10.0.0.2"),
				    .src_nbma = unit_addr("198.51.100.2"),
				    .dst = unit_prefix("192.168.3.0/24"),
				    .next_hop = unit_addr("10.0.0.3") };
	struct hook_env env;

	(void)state;
	hook_env_init(&env, &a);
	assert_int_equal(env.count, ARRAY_SIZE(want));
	for (size_t k = 0; k < ARRAY_SIZE(want); k++)
		assert_string_equal(env.vars[k], want[k]);
	assert_null(env.vars[env.count]);
}

/* As long as values can be: each in its place, none cut. */
static void the_longest_environment_has_room(void **state)
{
	const struct addr longest =
		unit_addr("1111:2222:3333:4444:5555:6666:7777:8888");
	const struct act_hook a = { .type = "dynamic-nhs",
				    .ifname = "a-name-of-15-xx",
				    .gre_key = UINT32_MAX,
				    .src = longest,
				    .src_nbma = longest,
				    .dst = { longest, 128 },
				    .nbma = longest,
				    .claimed = unit_addr("1111:2222:3333:4444:5555:"
							 "6666:7777:8889"),
				    .next_hop = longest,
				    .mtu = UINT16_MAX,
				    .reason = "user-request" };
	struct hook_env env;

	(void)state;
	hook_env_init(&env, &a);
	assert_int_equal(env.count, 13);
	assert_null(env.vars[env.count]);
	assert_string_equal(env.vars[env.count - 1],
			    "NHRP_PEER_DOWN_REASON=user-request");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_does_not_apply_is_not_in_the_environment),
		cmocka_unit_test(the_longest_environment_has_room),
	};

	return cmocka_run_group_tests_name("hook_env", tests, NULL, NULL);
}
