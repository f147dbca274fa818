/* SPDX-License-Identifier: MIT */
/*
 * A hub sees traffic come in by a tunnel and leave by it again, and tells the
 * node it came from: a Traffic Indication (Cisco; draft-detienne-dmvpn 4.3, 5.1).
 *
 * The kernel samples; the sample's outer source is not known, so the node is
 * found by routing the packet's source address back into the tunnel.
 */
#include <nhrp/inner.h>

#include "engine_int.h"

/* Of the data packet beyond its IP header: as ICMP errors and Cisco quote it. */
#define QUOTED_PAYLOAD 8

static size_t quoted_len(const struct lookup *l)
{
	size_t header =
		l->src.family == ADDR_IP6 ? 40 : (size_t)(l->bytes[0] & 0xf) * 4;
	size_t want = header + QUOTED_PAYLOAD;

	return want < l->len ? want : l->len;
}

static void indicate(struct iface *i, const struct lookup *l, const struct binding *to)
{
	const struct addr *own =
		iface_own_addr(i, (enum addr_family)to->proto.family, &to->proto);
	struct packet *p;

	if (!own || own->family != l->src.family)
		return;
	p = tx_indication(i, own, &l->src);
	p->payload = l->bytes;
	p->payload_len = (uint16_t)quoted_len(l);
	if (tx_send(i, p, &to->nbma))
		count(i, CNT_REDIRECTS_SENT);
}

/* The node itself, or the one that the source lies behind. */
static struct binding *sender(struct iface *i, const struct addr *src,
			      const struct addr *gateway)
{
	struct binding *b = binding_find(i, addr_is_set(gateway) ? gateway : src);

	return b && binding_is_up(b) ? b : NULL;
}

void redirect_forget(struct iface *i)
{
	i->redirects = limit_init(i->redirects.per_s, i->redirects.burst);
}

void redirect_routed(struct iface *i, const struct lookup *l,
		     const struct ev_lookup *route, mono now)
{
	struct binding *b = NULL;

	if (route->kind == LOOKUP_UNICAST && route->ifindex == i->ifindex)
		b = sender(i, &l->src, &route->gateway);
	if (!b) {
		count(i, CNT_REDIRECTS_NO_SENDER);
		return;
	}
	if (!limit_take(&i->redirects, now)) {
		count(i, CNT_REDIRECTS_LIMITED);
		return;
	}
	indicate(i, l, b);
}

void redirect_sample(struct engine *e, const struct ev_sample *ev, mono now)
{
	struct iface *i = engine_find_iface(e, ev->in_ifindex);
	struct lookup l = { .purpose = LOOKUP_FOR_SAMPLE };
	struct inner in;

	if (!i || !i->usable || !i->conf->redirect || ev->out_ifindex != ev->in_ifindex)
		return;
	if (!inner_decode(&in, ev->packet, ev->len) || !addr_is_unicast(&in.src) ||
	    !addr_is_unicast(&in.dst)) {
		count(i, CNT_REDIRECTS_NO_SENDER);
		return;
	}
	l.src = in.src;
	l.dst = in.dst;
	l.len = ev->len < 128 ? ev->len : 128;
	lookup_start(i, &l, ev->packet, now);
}
