/* SPDX-License-Identifier: MIT */
/*
 * What an authenticated identity may claim: the addresses it registers, and the
 * networks it answers for. Without a rule anything; with rules, what one of them
 * gives to an identity of this form. A tunnel without IPsec knows no identity.
 */
#include "engine_int.h"

const char *policy_identity(const struct iface *i, const struct addr *nbma)
{
	const struct peer *p = iface_is_secured(i) ? peer_find(i, nbma) : NULL;

	return p ? p->identity : "";
}

static bool covers(const struct conf_authority *a, const struct prefix *what)
{
	for (size_t k = 0; k < a->prefix_count; k++) {
		if (a->prefixes[k].len <= what->len &&
		    prefix_contains(&a->prefixes[k], &what->addr))
			return true;
	}
	return false;
}

bool policy_may_claim(const struct iface *i, const char *identity,
		      const struct prefix *what)
{
	if (!iface_is_secured(i) || i->conf->authority_count == 0)
		return true;
	for (size_t k = 0; k < i->conf->authority_count; k++) {
		const struct conf_authority *a = &i->conf->authorities[k];

		if (conf_identity_matches(a->identity, identity) && covers(a, what))
			return true;
	}
	return false;
}
