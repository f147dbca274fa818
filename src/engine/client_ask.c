/* SPDX-License-Identifier: MIT */
/*
 * What servers are asked (RFC 2332 5.2.3): the registration itself, at which address
 * of a name, how long an answer is waited for and when there have been too many
 * without one. What then becomes of a station is client.c's, what is answered
 * client_answer.c's.
 */
#include <assert.h>
#include <stdio.h>

#include "engine_int.h"

#define ASK_FIRST_MS	 1000 /* doubled at each try, five times */
#define TRIES_A_HOLDING	 10   /* at least so many in a holding time, once a second */
#define TRIES_AN_ADDRESS 3    /* unanswered, before a name's next address */
#define TRIES_SILENT	 3    /* ... before a server of a group is given up */

/* The same of one that is probed, a second in all. */
#define PROBE_TRIES    4
#define PROBE_AGAIN_MS 250
#define PROBES_AWAY    10 /* that a lost one is left alone for, at most */

/* The id a Cisco server wants to see again in a purge: the same for ever. */
static uint32_t fixed_id(const struct addr *own)
{
	uint32_t id = 0;

	for (size_t k = 0; k < sizeof(own->bytes); k++)
		id = id * 31 + own->bytes[k];
	return id;
}

static void send_registration(struct station *s, const struct addr *own)
{
	struct iface *i = s->iface;
	const struct addr any = { .family = own->family };
	const struct addr *beside;
	bool known = addr_is_set(&s->proto);
	struct packet *p = tx_request(i, NHRP_REGISTRATION_REQUEST, own,
				      known ? &s->proto : own, s->request_id);
	struct cie *c = packet_add_cie(p);

	p->flags = NHRP_FLAG_NAT;
	if (!s->map.no_unique)
		p->flags |= NHRP_REG_UNIQUE;
	assert(c); /* the packet is new */
	c->prefix_len = addr_host_bits(own);
	c->mtu = iface_mtu(i);
	c->hold_s = i->conf->holding_s;
	c->preference = 255;
	beside = linklocal_add(i, p);
	s->own_beside = beside ? *beside : (struct addr){ ADDR_NONE };
	packet_add_ext(p, NHRP_EXT_NAT, false, EXT_CIES);
	nat_add_dialled(i, p, &s->nbma, known ? &s->proto : &any);
	tx_send(i, p, &s->nbma);
}

void client_next_choice(struct station *s, mono now)
{
	if (addr_is_set(&s->map.nbma.addr) || s->choice_count == 0)
		return;
	s->choice = (s->choice + 1) % s->choice_count;
	if (s->choice == 0)
		name_ask(s->iface, s->map.nbma.name);
	s->nbma = s->choices[s->choice];
	client_place(s, now);
}

void client_say_unanswered(struct station *s)
{
	snprintf(s->reason, sizeof(s->reason), "no answer to %u request%s", s->tries,
		 s->tries > 1 ? "s" : "");
}

/* Who is to be missed soon is asked again soon. */
static int64_t patience_max_ms(const struct station *s)
{
	int64_t ms = s->iface->conf->holding_s * 1000 / TRIES_A_HOLDING;

	if (s->map.probe_s && ms > s->map.probe_s * PROBES_AWAY * 1000)
		ms = s->map.probe_s * PROBES_AWAY * 1000;
	return ms > ASK_FIRST_MS ? ms : ASK_FIRST_MS;
}

/* Doubled at each try, but for one that was well a moment ago and is probed. */
static int64_t patience_ms(const struct station *s)
{
	int64_t ms = (int64_t)ASK_FIRST_MS << (s->tries < 5 ? s->tries : 5);
	int64_t most = patience_max_ms(s);

	if (s->map.probe_s && s->state != CLIENT_ASKING)
		return PROBE_AGAIN_MS;
	return ms < most ? ms : most;
}

void client_send_try(struct station *s, mono now)
{
	struct iface *i = s->iface;
	const struct addr *own =
		iface_own_addr(i, (enum addr_family)s->map.proto.addr.family,
			       &s->map.proto.addr);

	if (s->tries > 0 && s->state == CLIENT_ASKING)
		client_say_unanswered(s);
	client_arm_ms(s, patience_ms(s), now);
	s->tries++;
	if (!own) {
		snprintf(s->reason, sizeof(s->reason),
			 "no own protocol address of this family");
		return;
	}
	s->own_proto = *own;
	s->own_nbma = i->nbma;
	if (s->tries == 1)
		s->sent = now;
	send_registration(s, own);
}

/* Not before the script has said yes: client_permitted() goes on then. */
static bool waits_for_script(struct station *s, mono now)
{
	const struct binding *b = client_binding(s);

	if (!b || !b->held)
		return false;
	snprintf(s->reason, sizeof(s->reason), SCRIPT_IS_ASKED);
	client_arm_ms(s, ASK_FIRST_MS, now);
	return true;
}

void client_ask(struct station *s, mono now)
{
	if (waits_for_script(s, now))
		return;
	if (s->tries > 0 && s->tries % TRIES_AN_ADDRESS == 0)
		client_next_choice(s, now);
	if (!waits_for_script(s, now))
		client_send_try(s, now);
}

/* With a new id: what was sent before may still be answered, and is old. */
void client_ask_first(struct station *s, mono now)
{
	struct engine *e = s->iface->engine;

	s->tries = 0;
	s->request_id =
		s->map.cisco ? fixed_id(&s->iface->addrs[0].addr) : e->next_id++;
	client_place(s, now);
	client_ask(s, now);
}

bool client_is_silent(const struct station *s)
{
	bool watched = s->map.probe_s > 0 && s->state != CLIENT_ASKING;

	if (s->state != CLIENT_ASKING && s->state != CLIENT_REFRESHING &&
	    s->state != CLIENT_WAITING)
		return false;
	return (watched && s->tries >= PROBE_TRIES) ||
	       (group_has(s) && !watched && s->tries >= TRIES_SILENT);
}
