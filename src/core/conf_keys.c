/* SPDX-License-Identifier: MIT */
/*
 * The keys of a swanctl.conf connection, as strongSwan 5.9 and 6 have them, and
 * who decides about each: the profile, or the daemon.
 */
#include "conf_int.h"

#include <string.h>

#define CONN   (1u << CONF_CONNECTION)
#define LOCAL  (1u << CONF_LOCAL)
#define REMOTE (1u << CONF_REMOTE)
#define CHILD  (1u << CONF_CHILD)
#define ENDS   (LOCAL | REMOTE)

static const char bools[] = "yes|no";

static const char addresses[] = "nhrpd writes the addresses of each peer";
static const char selectors[] = "it is always the GRE between the two addresses";
static const char when[] = "nhrpd decides when an SA begins and ends";
static const char inside[] = "addresses inside of the tunnel are NHRP's";
static const char device[] =
	"what is encrypted is the GRE of a device, told by addresses";
static const char policy[] = "with other policies packets might leave in clear";
static const char ikev1[] = "it is about IKEv1, and nhrpd speaks IKEv2 alone";
static const char mediation[] = "peers reach each other through NHRP servers";

/* clang-format off */
const struct conf_key conf_keys[] = {
	{ "version", CONN, CONF_KEY_CHOICE, "2" },
	{ "proposals", CONN, CONF_KEY_LIST },
	{ "local_port", CONN, CONF_KEY_NUMBER },
	{ "remote_port", CONN, CONF_KEY_NUMBER },
	{ "dscp", CONN, CONF_KEY_TEXT },
	{ "encap", CONN, CONF_KEY_CHOICE, bools },
	{ "dpd_delay", CONN, CONF_KEY_TIME },
	{ "fragmentation", CONN, CONF_KEY_CHOICE, "yes|accept|force|no" },
	{ "send_certreq", CONN, CONF_KEY_CHOICE, bools },
	{ "send_cert", CONN, CONF_KEY_CHOICE, "always|never|ifasked" },
	{ "ocsp", CONN, CONF_KEY_CHOICE, "reply|request|both|never" },
	{ "ppk_id", CONN, CONF_KEY_TEXT },
	{ "ppk_required", CONN, CONF_KEY_CHOICE, bools },
	{ "reauth_time", CONN, CONF_KEY_TIME },
	{ "over_time", CONN, CONF_KEY_TIME },

	{ "rekey_time", CONN | CHILD, CONF_KEY_TIME },
	{ "rand_time", CONN | CHILD, CONF_KEY_TIME },

	{ "auth", ENDS, CONF_KEY_TEXT },
	{ "id", ENDS, CONF_KEY_TEXT },
	{ "eap_id", ENDS, CONF_KEY_TEXT },
	{ "aaa_id", LOCAL, CONF_KEY_TEXT },
	{ "certs", ENDS, CONF_KEY_FILES },
	{ "pubkeys", ENDS, CONF_KEY_FILES },
	{ "cacerts", REMOTE, CONF_KEY_FILES },
	{ "ca_id", REMOTE, CONF_KEY_TEXT },
	{ "groups", REMOTE, CONF_KEY_LIST },
	{ "cert_policy", REMOTE, CONF_KEY_LIST },
	{ "revocation", REMOTE, CONF_KEY_CHOICE, "strict|ifuri|relaxed" },

	{ "mode", CHILD, CONF_KEY_CHOICE, "transport|tunnel" },
	{ "esp_proposals", CHILD, CONF_KEY_LIST },
	{ "sha256_96", CHILD, CONF_KEY_CHOICE, bools },
	{ "life_time", CHILD, CONF_KEY_TIME },
	{ "rekey_bytes", CHILD, CONF_KEY_NUMBER },
	{ "life_bytes", CHILD, CONF_KEY_NUMBER },
	{ "rand_bytes", CHILD, CONF_KEY_NUMBER },
	{ "rekey_packets", CHILD, CONF_KEY_NUMBER },
	{ "life_packets", CHILD, CONF_KEY_NUMBER },
	{ "rand_packets", CHILD, CONF_KEY_NUMBER },
	{ "updown", CHILD, CONF_KEY_TEXT },
	{ "hostaccess", CHILD, CONF_KEY_CHOICE, bools },
	{ "ipcomp", CHILD, CONF_KEY_CHOICE, bools },
	{ "tfc_padding", CHILD, CONF_KEY_TEXT },
	{ "replay_window", CHILD, CONF_KEY_NUMBER },
	{ "hw_offload", CHILD, CONF_KEY_CHOICE, "yes|no|auto|crypto|packet" },
	{ "copy_df", CHILD, CONF_KEY_CHOICE, bools },
	{ "copy_ecn", CHILD, CONF_KEY_CHOICE, bools },
	{ "copy_dscp", CHILD, CONF_KEY_CHOICE, "out|in|yes|no" },

	{ "local_addrs", CONN, CONF_KEY_OWNED, addresses },
	{ "remote_addrs", CONN, CONF_KEY_OWNED, addresses },
	{ "unique", CONN, CONF_KEY_OWNED, "nhrpd decides which of two SAs stays" },
	{ "mobike", CONN, CONF_KEY_OWNED, "nhrpd follows a peer that moves" },
	{ "keyingtries", CONN, CONF_KEY_OWNED, "nhrpd tries again by itself" },
	{ "childless", CONN, CONF_KEY_OWNED, "an SA without a child carries nothing" },
	{ "vips", CONN, CONF_KEY_OWNED, inside },
	{ "pools", CONN, CONF_KEY_OWNED, inside },
	{ "aggressive", CONN, CONF_KEY_OWNED, ikev1 },
	{ "pull", CONN, CONF_KEY_OWNED, ikev1 },
	{ "dpd_timeout", CONN, CONF_KEY_OWNED, ikev1 },
	{ "xauth_id", LOCAL, CONF_KEY_OWNED, ikev1 },
	{ "mediation", CONN, CONF_KEY_OWNED, mediation },
	{ "mediated_by", CONN, CONF_KEY_OWNED, mediation },
	{ "mediation_peer", CONN, CONF_KEY_OWNED, mediation },
	{ "round", ENDS, CONF_KEY_OWNED, "there is one round of authentication" },
	{ "local_ts", CHILD, CONF_KEY_OWNED, selectors },
	{ "remote_ts", CHILD, CONF_KEY_OWNED, selectors },
	{ "start_action", CHILD, CONF_KEY_OWNED, when },
	{ "close_action", CHILD, CONF_KEY_OWNED, when },
	{ "dpd_action", CHILD, CONF_KEY_OWNED, when },
	{ "inactivity", CHILD, CONF_KEY_OWNED, when },
	{ "if_id_in", CONN | CHILD, CONF_KEY_OWNED, device },
	{ "if_id_out", CONN | CHILD, CONF_KEY_OWNED, device },
	{ "mark_in", CHILD, CONF_KEY_OWNED, device },
	{ "mark_in_sa", CHILD, CONF_KEY_OWNED, device },
	{ "mark_out", CHILD, CONF_KEY_OWNED, device },
	{ "set_mark_in", CHILD, CONF_KEY_OWNED, device },
	{ "set_mark_out", CHILD, CONF_KEY_OWNED, device },
	{ "label", CHILD, CONF_KEY_OWNED, device },
	{ "label_mode", CHILD, CONF_KEY_OWNED, device },
	{ "policies", CHILD, CONF_KEY_OWNED, policy },
	{ "policies_fwd_out", CHILD, CONF_KEY_OWNED, policy },
	{ "priority", CHILD, CONF_KEY_OWNED, policy },
	{ "reqid", CHILD, CONF_KEY_OWNED, policy },
	{ "per_cpu_sas", CHILD, CONF_KEY_OWNED, "nhrpd counts one SA a peer" },
	{ "ah_proposals", CHILD, CONF_KEY_OWNED, "AH does not encrypt" },
	{ 0 },
};
/* clang-format on */

const struct conf_key *conf_key_find(unsigned sections, const struct conf_tok *t)
{
	for (const struct conf_key *k = conf_keys; k->name; k++)
		if ((k->sections & sections) && conf_tok_is(t, k->name))
			return k;
	return NULL;
}

const struct conf_key *conf_key_guess(unsigned sections, const struct conf_tok *t)
{
	const struct conf_key *best = NULL;
	unsigned least = conf_guess_limit(t) + 1;

	for (const struct conf_key *k = conf_keys; k->name; k++) {
		unsigned d = conf_guess_distance(t, k->name);

		if ((k->sections & sections) && k->form != CONF_KEY_OWNED &&
		    d < least) {
			least = d;
			best = k;
		}
	}
	return best;
}

const char *conf_section_str(enum conf_section s)
{
	switch (s) {
	case CONF_CONNECTION:
		break;
	case CONF_LOCAL:
		return "local";
	case CONF_REMOTE:
		return "remote";
	case CONF_CHILD:
		return "child";
	}
	return "";
}

const char *conf_key_args(const struct conf_key *k)
{
	switch (k->form) {
	case CONF_KEY_CHOICE:
		return k->note;
	case CONF_KEY_TIME:
		return "NUMBER[s|m|h|d]";
	case CONF_KEY_NUMBER:
		return "NUMBER";
	case CONF_KEY_LIST:
		return "VALUE[,VALUE...]";
	case CONF_KEY_FILES:
		return "FILE[,FILE...]";
	case CONF_KEY_TEXT:
	case CONF_KEY_OWNED:
		break;
	}
	return "VALUE";
}
