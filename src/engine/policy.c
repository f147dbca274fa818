/* SPDX-License-Identifier: MIT */
/*
 * What an authenticated identity may claim: the addresses it registers, and the
 * networks it answers for. Without a rule anything; with rules, what one of them
 * gives to an identity of this form, be it out of its certificate. A tunnel without
 * IPsec knows no identity.
 */
#include "engine_int.h"

static bool covers(const struct conf_authority *a, const struct prefix *what)
{
	for (size_t k = 0; k < a->prefix_count; k++) {
		if (a->prefixes[k].len <= what->len &&
		    prefix_contains(&a->prefixes[k], &what->addr))
			return true;
	}
	return false;
}

bool policy_asks_certificate(const struct peer *p)
{
	const struct conf_iface *c = p->iface->conf;

	for (size_t k = 0; k < c->authority_count && iface_is_secured(p->iface); k++) {
		const struct conf_authority *a = &c->authorities[k];

		if (a->certificate &&
		    conf_identity_matches(a->identity, identity_of(p)))
			return true;
	}
	return false;
}

enum policy policy_judge(const struct iface *i, const struct peer *p,
			 const struct prefix *what)
{
	if (!iface_is_secured(i) || i->conf->authority_count == 0)
		return POLICY_GRANTED;
	for (size_t k = 0; k < i->conf->authority_count; k++) {
		const struct conf_authority *a = &i->conf->authorities[k];

		if (conf_identity_matches(a->identity, identity_of(p)) &&
		    covers(a, what))
			return POLICY_GRANTED;
	}
	if (!p || !policy_asks_certificate(p))
		return POLICY_REFUSED;
	if (authority_covers(p, what))
		return POLICY_GRANTED;
	return authority_known(p) ? POLICY_BEYOND : POLICY_AWAITED;
}

/* Who is there decides; about what a predecessor left, charon will tell. */
enum policy policy_judge_station(const struct iface *i, const struct peer *p,
				 const struct prefix *what)
{
	if (p && p->state == PEER_UNKNOWN && !*identity_of(p))
		return POLICY_GRANTED;
	return policy_judge(i, p, what);
}

const char *policy_refuse_station(struct iface *i, enum policy why)
{
	count(i, why == POLICY_BEYOND ? CNT_RES_CERTIFICATE : CNT_RES_IDENTITY);
	return why == POLICY_BEYOND ? REASON_CERTIFICATE : REASON_IDENTITY;
}
