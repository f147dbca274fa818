/* SPDX-License-Identifier: MIT */
/* What servers answer to registrations of ours (RFC 2332 5.2.3). */
#include <stdio.h>

#include "engine_int.h"

static struct station *find_asked(struct iface *i, uint32_t id)
{
	for (struct station *s = i->stations; s; s = s->next) {
		bool asked = s->state == CLIENT_ASKING ||
			     s->state == CLIENT_REFRESHING ||
			     (s->state == CLIENT_WAITING && s->tries > 0);

		if (asked && s->request_id == id)
			return s;
	}
	return NULL;
}

/* The server's address, where it was not known (5.2.3). */
static bool learn_server(struct station *s, const struct packet *p)
{
	if (addr_is_set(&s->proto))
		return true;
	if (iface_owns(s->iface, &p->dst_proto) || !addr_is_unicast(&p->dst_proto))
		return false;
	s->proto = p->dst_proto;
	return true;
}

/* One that was lost gets its place back when it is needed, or was well long enough. */
static bool has_to_wait(struct station *s, mono now)
{
	if (!s->lost || !group_is_full(s))
		return false;
	if (s->state != CLIENT_WAITING)
		s->wait_until = mono_add_s(now, group_fall_back_s(s));
	return mono_before(now, s->wait_until);
}

static void acknowledged(struct station *s, struct rx *rx)
{
	struct packet *p = rx->p;
	uint32_t hold_s = s->iface->conf->holding_s;
	char why[sizeof(s->reason)] = "registered";

	for (size_t k = 0; k < p->cie_count; k++) {
		if (p->cies[k].hold_s && p->cies[k].hold_s < hold_s)
			hold_s = p->cies[k].hold_s;
	}
	s->valid_until = mono_add_s(rx->now, hold_s);
	if (s->tries == 1)
		s->rtt_us = mono_diff_us(rx->now, s->sent);
	s->seen_as = nat_seen_as(p, &s->own_proto);
	if (linklocal_acknowledged(s, rx, hold_s, why, sizeof(why)))
		s->beside_refusals = 0;
	else
		s->beside_refusals++;
	if (has_to_wait(s, rx->now))
		client_move(s, CLIENT_EV_BACK, "registered, waits for its place",
			    rx->now);
	else
		client_move(s, CLIENT_EV_ACK, why, rx->now);
}

/* The reply tells our outside address, even when it says no. */
static void refused(struct station *s, struct rx *rx, uint8_t code)
{
	char text[sizeof(s->reason)];

	s->seen_as = nat_seen_as(rx->p, &s->own_proto);
	snprintf(text, sizeof(text), "%s", packet_cie_code_str(code));
	if (code == NHRP_CODE_NOT_UNIQUE && addr_is_set(&s->seen_as))
		snprintf(text, sizeof(text),
			 "another station is registered from %s: two behind one NAT",
			 ADDR_STR(&s->seen_as));
	client_move(s, CLIENT_EV_NAK, text, rx->now);
}

void client_reply(struct rx *rx)
{
	struct packet *p = rx->p;
	struct station *s = find_asked(rx->iface, p->request_id);
	uint8_t code = NHRP_CODE_SUCCESS;

	if (!s || !addr_eq(&p->src_proto, &s->own_proto) ||
	    !addr_eq(&p->src_nbma, &s->own_nbma)) {
		count(rx->iface, CNT_DROP_UNEXPECTED_REPLY);
		return;
	}
	for (size_t k = 0; k < p->cie_count && code == NHRP_CODE_SUCCESS; k++) {
		if (!linklocal_is(&p->cies[k].proto))
			code = p->cies[k].code;
	}
	if (code != NHRP_CODE_SUCCESS)
		refused(s, rx, code);
	else if (!learn_server(s, p))
		client_move(s, CLIENT_EV_NAK, "the server did not tell its address",
			    rx->now);
	else
		acknowledged(s, rx);
}

/* Advice only: an error indication can be forged, so the retries go on. */
void client_error(struct rx *rx, uint32_t id, uint16_t code)
{
	struct station *s = find_asked(rx->iface, id);

	if (s)
		snprintf(s->reason, sizeof(s->reason), "server reports: %s",
			 packet_error_code_str(code));
}
