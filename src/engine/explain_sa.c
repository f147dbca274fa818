/* SPDX-License-Identifier: MIT */
/*
 * Why there is no SA to a peer, or why one that is there does not help. The IKE
 * daemon tells little; what it cannot know is said as what there is to look at.
 */
#include <stdio.h>
#include <string.h>

#include "explain_int.h"

/* So much went out, for so long, that an answer would have come. */
#define ONE_WAY_PACKETS 2
#define ONE_WAY_S	5

static const struct cause {
	const char *word, *text;
} causes[SA_CAUSES] = {
	[SA_CAUSE_NONE] = { "no_sa", NULL },
	[SA_CAUSE_PROFILE] = { "profile_refused",
			       "charon does not take the ipsec-profile: see nhrpctl "
			       "doctor and its log" },
	[SA_CAUSE_SILENT] = { "ike_silent",
			      "it does not answer IKE: UDP 500 or 4500 is dropped on "
			      "the way there or back, or no charon runs there, or the "
			      "address is another one" },
	[SA_CAUSE_STALLED] = { "ike_stalled",
			       "it answers the first exchange of IKE and not the "
			       "second: UDP 4500, or fragments of large packets, are "
			       "dropped on the way there or back" },
	[SA_CAUSE_PROPOSALS] = { "ike_refused",
				 "refused before anybody said who he is: the "
				 "'proposals' of both have none in common, or the peer "
				 "takes no calls; the log of charon, here or there, "
				 "says which" },
	[SA_CAUSE_AUTH] = { "auth_refused",
			    "refused over who somebody is: another secret, a "
			    "certificate that is expired or of another CA, or an "
			    "identity that a 'remote id' does not let in; the log of "
			    "charon, here or there, says which" },
	[SA_CAUSE_CHILD] = { "child_refused",
			     "authenticated, but the child was refused: "
			     "'esp_proposals' or 'mode' differ, or a certificate's "
			     "address blocks do not hold the NBMA address" },
	[SA_CAUSE_SHORT_LIVED] = { "sa_ended",
				   "there was one and the peer ended it at once: "
				   "another node behind the same address is there "
				   "already, or the peer has no room; its log says "
				   "which" },
	[SA_CAUSE_CHARON] = { "charon_gone", NULL },
	[SA_CAUSE_NAT_CALLER] = { "nat_waits", "it is behind NAT: it has to call us, "
					       "and has not so far" },
	[SA_CAUSE_NAT_BOTH] = { "nat_both", "both ends are behind NAT, and neither can "
					    "call the other" },
};

const char *explain_cause_str(enum sa_cause cause)
{
	return causes[cause].word;
}

/* What is known of a cause without its peer; false: ask the peer. */
bool explain_cause(enum sa_cause cause, const char *who, struct verdict *v)
{
	v->word = causes[cause].word;
	v->passes = false;
	snprintf(v->text, sizeof(v->text), "there is no SA to %s: %s", who,
		 causes[cause].text ? causes[cause].text : "show peers tells why");
	return causes[cause].text != NULL;
}

bool explain_no_sa(const struct peer *p, const char *who, struct verdict *v, mono now)
{
	enum sa_cause cause = sa_cause(p);

	if (explain_cause(cause, who, v))
		return true;
	if (cause == SA_CAUSE_CHARON)
		snprintf(v->text, sizeof(v->text),
			 "there is no SA to %s, and charon does not answer: %s: "
			 "systemctl start strongswan",
			 who, p->iface->engine->ike_reason);
	else
		snprintf(v->text, sizeof(v->text),
			 "there is no SA to %s, which is %s since %u s: %s", who,
			 peer_state_str((enum peer_state)p->state),
			 (unsigned)(mono_diff_us(now, p->since) / 1000000), p->reason);
	return true;
}

/* --- one that is there ----------------------------------------------------------- */

/* Of a server that was asked again and again: an answer would have come by now. */
bool explain_is_mute(const struct way *w)
{
	const struct sa_traffic *t = &w->facts->sa;

	return explain_is_one_way(w) ||
	       (w->facts->sa_known && t->packets_in > 0 && t->idle_in_s >= SA_MUTE_S);
}

bool explain_is_one_way(const struct way *w)
{
	const struct sa_traffic *t = &w->facts->sa;

	return w->facts->sa_known && t->packets_in == 0 &&
	       t->packets_out >= ONE_WAY_PACKETS && t->age_s >= ONE_WAY_S;
}
