/* SPDX-License-Identifier: MIT */
/* The charon of the rig: which SAs there are, and which there may be. */
#include "rig.h"

#include "fuzz.h"

#define BELIEVED_S 90 /* more than charon's peers have to call again */

/* --- where packets may go ---------------------------------------------------- */

bool rig_is_secured(const struct rig *r, const struct rig_device *dev)
{
	const struct conf_iface *c =
		r->conf && dev ? conf_find_iface(r->conf, dev->name) : NULL;

	return c && c->profile;
}

bool rig_may_go(struct rig *r, int ifindex, const struct addr *to)
{
	if (!rig_is_secured(r, rig_device(r, ifindex)))
		return true;
	for (int k = 0; k < RIG_SAS; k++) {
		if (r->sas[k].used && addr_eq(&r->sas[k].remote, to))
			return true;
	}
	for (size_t k = 0; k < r->belief_count; k++) {
		if (addr_eq(&r->beliefs[k].remote, to) &&
		    mono_before(r->now, r->beliefs[k].until))
			return true;
	}
	return mono_before(r->now, r->doubtful_until);
}

void rig_believe(struct rig *r, const struct addr *remote, mono until)
{
	size_t k = 0;

	while (k < r->belief_count && !addr_eq(&r->beliefs[k].remote, remote))
		k++;
	if (k == RIG_STATIONS)
		return;
	if (k == r->belief_count)
		r->belief_count++;
	r->beliefs[k] = (struct rig_belief){ *remote, until };
}

static void forget(struct rig *r, const struct addr *remote)
{
	for (size_t k = 0; k < r->belief_count; k++) {
		if (addr_eq(&r->beliefs[k].remote, remote))
			r->beliefs[k] = r->beliefs[--r->belief_count];
	}
}

/* --- what charon says -------------------------------------------------------- */

static struct event sa_event(const struct rig_sa *sa, enum sa_fact fact)
{
	static const char *const identities[] = { "CN=spoke1", "CN=spoke2",
						  "hub1.example.net", "" };

	return (struct event){ EV_SA,
			       .sa = { .fact = fact,
				       .ifname = sa->dev->name,
				       .local = sa->dev->nbma,
				       .remote = sa->remote,
				       .outer = sa->remote,
				       .ike = sa->ike,
				       .child = sa->child,
				       .initiator_spi = sa->ike * 2654435761u,
				       .initiator = sa->initiator,
				       .identity = identities[sa->identity % 4] } };
}

void rig_sa_up(struct rig *r, uint8_t station, bool initiator, uint8_t identity,
	       uint8_t age_s)
{
	struct rig_sa *sa = r->sas;
	const struct rig_device *dev = &r->devices[identity >> 2 & 1];
	struct event ev;

	while (sa < r->sas + RIG_SAS && sa->used)
		sa++;
	if (sa == r->sas + RIG_SAS || !rig_is_secured(r, dev) || !r->ike_ready)
		return;
	r->next_sa++;
	*sa = (struct rig_sa){ .used = true,
			       .dev = dev,
			       .remote = rig_nbma(station),
			       .ike = r->next_sa,
			       .child = r->next_sa,
			       .initiator = initiator,
			       .identity = identity };
	ev = sa_event(sa, SA_UP);
	ev.sa.age_s = age_s;
	ev.sa.natted = identity & 8;
	rig_handle(r, &ev);
}

static void forget_unless_others(struct rig *r, const struct addr *remote)
{
	for (int k = 0; k < RIG_SAS; k++) {
		if (r->sas[k].used && addr_eq(&r->sas[k].remote, remote))
			return;
	}
	forget(r, remote);
}

void rig_sa_down(struct rig *r, struct rig_sa *sa)
{
	struct event ev;

	if (!sa->used)
		return;
	ev = sa_event(sa, SA_DOWN);
	sa->used = false;
	if (!r->ike_ready) {
		rig_believe(r, &sa->remote, MONO_NEVER);
		return;
	}
	forget_unless_others(r, &sa->remote);
	rig_handle(r, &ev);
}

void rig_sa_rekeyed(struct rig *r, struct rig_sa *sa, bool ike)
{
	uint32_t *number = ike ? &sa->ike : &sa->child, old = *number;
	struct event ev;

	if (!sa->used || !r->ike_ready)
		return;
	*number = ++r->next_sa;
	ev = sa_event(sa, ike ? SA_IKE_REKEYED : SA_REKEYED);
	ev.sa.old = old;
	rig_handle(r, &ev);
}

void rig_sa_moved(struct rig *r, struct rig_sa *sa, uint8_t station)
{
	struct addr before = sa->remote;
	struct event ev;

	if (!sa->used || !r->ike_ready)
		return;
	sa->remote = rig_nbma(station);
	forget_unless_others(r, &before);
	ev = sa_event(sa, SA_MOVED);
	rig_handle(r, &ev);
}

/* `lost`: a bit for each SA that is not there any more when charon is back. */
void rig_ike(struct rig *r, bool ready, uint8_t lost)
{
	struct event ev = { EV_SA, .sa = { .fact = ready ? SA_READY : SA_GONE } };

	if (ready == r->ike_ready)
		return;
	r->ike_ready = ready;
	r->wish_count = 0;
	for (int k = 0; k < RIG_SAS && !ready; k++) {
		if (r->sas[k].used)
			rig_believe(r, &r->sas[k].remote, MONO_NEVER);
	}
	if (ready && mono_is_never(r->doubtful_until))
		r->doubtful_until = mono_add_s(r->now, BELIEVED_S);
	/* Gone again before it was known: what is there stays unknown. */
	for (size_t k = 0; k < r->belief_count; k++) {
		if (ready)
			r->beliefs[k].until = mono_add_s(r->now, BELIEVED_S);
		else if (mono_before(r->now, r->beliefs[k].until))
			r->beliefs[k].until = MONO_NEVER;
	}
	for (int k = 0; k < RIG_SAS && ready; k++) {
		struct event up;

		r->sas[k].used = r->sas[k].used && !(lost & 1 << k);
		if (!r->sas[k].used)
			continue;
		up = sa_event(&r->sas[k], SA_UP);
		rig_handle(r, &up);
	}
	rig_handle(r, &ev);
}
