/* SPDX-License-Identifier: MIT */
/* What may happen to a world: a table of accidents, each as often as it says. */
#include "explore.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "../unit/unit.h"

#include "world_int.h"

#define STRANGERS 3 /* ways to speak of one in a configuration */

static struct site *any_site(struct play *p)
{
	return &p->sites[rng_below(&p->rng, (uint32_t)p->count)];
}

/* A spoke; hubs stay where they are when their addresses are configured. */
static struct site *any_spoke(struct play *p)
{
	return &p->sites[p->hubs +
			 (int)rng_below(&p->rng, (uint32_t)(p->count - p->hubs))];
}

static struct site *other_site(struct play *p, const struct site *but)
{
	struct site *s;

	do
		s = any_site(p);
	while (s == but);
	return s;
}

bool explore_is_on(const struct site *s)
{
	return !s->link_down && !s->no_device;
}

/* --- the network ------------------------------------------------------------------------ */

static struct faults any_faults(struct play *p)
{
	struct faults f = { .loss = rng_below(&p->rng, 40),
			    .dup = rng_below(&p->rng, 30),
			    .late = rng_below(&p->rng, 30),
			    .delay_min_ms = rng_below(&p->rng, 50) };

	f.delay_max_ms = f.delay_min_ms + rng_below(&p->rng, 400);
	return f;
}

static void storm(struct play *p)
{
	struct faults f = any_faults(p);

	explore_say(p, "the network loses %u %%", f.loss);
	world_faults(p->w, &f);
	world_ike_loss(p->w, f.loss);
}

static void bad_link(struct play *p)
{
	struct site *a = any_site(p), *b = other_site(p, a);
	struct faults f = any_faults(p);

	explore_say(p, "from %s to %s: loses %u %%", a->name, b->name, f.loss);
	world_faults_between(p->w, a->node, b->node, &f);
}

static void cut(struct play *p)
{
	struct site *a = any_site(p), *b = other_site(p, a);
	bool cuts = explore_chance(p, 60), one_way = explore_chance(p, 30);

	explore_say(p, "%s %s %s: %s", a->name, one_way ? "to" : "and", b->name,
		    cuts ? "cut" : "joined");
	if (one_way)
		world_cut_one_way(p->w, a->node, b->node, cuts);
	else
		world_cut(p->w, a->node, b->node, cuts);
}

static void calm(struct play *p)
{
	explore_say(p, "the network is well");
	world_heal_network(p->w);
	world_ike_loss(p->w, 0);
}

/* --- where it is -------------------------------------------------------------------------- */

/* An address that nobody else has, now or ever. */
static void fresh_address(struct play *p, char *out, size_t room)
{
	unsigned net = p->given / 250 % 250, at = 1 + p->given % 250;

	p->given++;
	if (p->underlay6)
		snprintf(out, room, "2001:db8:a:%u::%u", net, at);
	else
		snprintf(out, room, "198.18.%u.%u", net, at);
}

static void move(struct play *p)
{
	struct site *s = p->named ? any_site(p) : any_spoke(p);

	if (s->natted) {
		fresh_address(p, s->nat, sizeof(s->nat));
		explore_say(p, "%s: its NAT is at %s now", s->name, s->nat);
		world_rebind(p->w, s->node, s->nat);
		return;
	}
	fresh_address(p, s->nbma, sizeof(s->nbma));
	explore_say(p, "%s: moves to %s", s->name, s->nbma);
	world_move(p->w, s->node, s->nbma);
	if (s->hub && explore_chance(p, 70))
		world_name(p->w, s->name, s->nbma);
}

/* A name of a server that is no more, or leads elsewhere. */
static void rename_hub(struct play *p)
{
	struct site *s = &p->sites[rng_below(&p->rng, (uint32_t)p->hubs)];
	static const char *const any[][4] = {
		{ "", "", "203.0.113.99", "203.0.113.98 203.0.113.99" },
		{ "", "203.0.113.99", "2001:db8:1::99",
		  "2001:db8:1::98 2001:db8:1::99" },
	};
	size_t k = rng_below(&p->rng, ARRAY_SIZE(any[0]));

	if (!p->named)
		return;
	explore_say(p, "%s: its name leads to '%s'", s->name, any[p->underlay6][k]);
	world_name(p->w, s->name, any[p->underlay6][k]);
}

/* DHCP: what was one's is the other's. */
static void swap(struct play *p)
{
	struct site *a = any_spoke(p), *b = any_spoke(p);
	char was[sizeof(a->nbma)], nowhere[sizeof(a->nbma)];

	if (a == b || a->natted || b->natted)
		return;
	explore_say(p, "%s and %s: change places", a->name, b->name);
	memcpy(was, a->nbma, sizeof(was));
	memcpy(a->nbma, b->nbma, sizeof(was));
	memcpy(b->nbma, was, sizeof(was));
	explore_outside(p, 2, 1, nowhere, sizeof(nowhere));
	world_move(p->w, a->node, nowhere);
	world_move(p->w, b->node, b->nbma);
	world_move(p->w, a->node, a->nbma);
}

/* --- the process ------------------------------------------------------------------------------ */

static void die(struct play *p)
{
	struct site *s = any_site(p);

	if (s->dead) {
		explore_say(p, "%s: starts", s->name);
		world_ike_is_early(p->w, s->node, explore_chance(p, 50));
		world_start(p->w, s->node);
		s->dead = false;
		return;
	}
	s->dead = true;
	if (explore_chance(p, 30)) {
		explore_say(p, "%s: stops", s->name);
		world_stop(p->w, s->node);
		return;
	}
	explore_say(p, "%s: crashes", s->name);
	world_kill(p->w, s->node);
	if (explore_chance(p, 30)) {
		explore_say(p, "%s: loses its state file", s->name);
		world_lose_state(p->w, s->node);
	}
}

static void restart(struct play *p)
{
	struct site *s = any_site(p);

	if (s->dead)
		return;
	explore_say(p, "%s: crashes and is back", s->name);
	world_kill(p->w, s->node);
	world_run_ms(p->w, rng_below(&p->rng, 3000));
	world_ike_is_early(p->w, s->node, explore_chance(p, 50));
	world_start(p->w, s->node);
}

static void freeze(struct play *p)
{
	struct site *s = any_site(p);
	int ms = (int)rng_below(&p->rng, 20000);

	if (s->dead)
		return;
	explore_say(p, "%s: stands still for %d ms", s->name, ms);
	world_freeze(p->w, s->node, ms);
}

static void jump(struct play *p)
{
	struct site *s = any_site(p);
	int by = (int)rng_below(&p->rng, explore_chance(p, 20) ? 4000 : 60);

	explore_say(p, "%s: its clock jumps by %d s", s->name, by);
	world_jump(p->w, s->node, by);
}

/* About stations that are nowhere. */
static void map_stranger(struct play *p, size_t k, char *words, size_t room)
{
	static const char *const protos[] = { "10.0.0.7", "fd00::7" };
	const char *proto = protos[p->is6[explore_net(p)]];
	char at[24];

	explore_outside(p, 0, 77 + (unsigned)k, at, sizeof(at));
	if (k == 0)
		snprintf(words, room, " map %s7 %s", proto, at);
	else if (k == 1)
		snprintf(words, room, " map %s8/%d %s register", proto,
			 strchr(proto, ':') ? 128 : 32, at);
	else
		snprintf(words, room, " multicast %s7", proto);
}

static void reload(struct play *p)
{
	static const char *const more[] = { "", " holding-time 45", " max-bindings 2",
					    " max-bindings 50",
					    " shortcut-filter 192.168.0.0/17 "
					    "shortcut-filter fd01::/17" };
	struct site *s = any_site(p);
	size_t k = rng_below(&p->rng, ARRAY_SIZE(more) + STRANGERS);
	char words[120];

	if (s->dead)
		return;
	if (k < ARRAY_SIZE(more))
		snprintf(words, sizeof(words), "%s", more[k]);
	else
		map_stranger(p, k - ARRAY_SIZE(more), words, sizeof(words));
	explore_words(p, s, words);
	explore_say(p, "%s: reloads with%s", s->name, words);
	world_reload(p->w, s->node, s->words);
}

static void command(struct play *p)
{
	static const enum command drops[] = { CMD_FLUSH, CMD_PURGE, CMD_LOWERDOWN,
					      CMD_REDIRECT_PURGE };
	struct site *s = any_site(p), *o = any_site(p);
	size_t k = rng_below(&p->rng, ARRAY_SIZE(drops) + 1);
	const struct net *n = &o->nets[explore_net(p)];

	if (s->dead)
		return;
	explore_say(p, "%s: command %zu about %s", s->name, k, n->addr);
	if (k == ARRAY_SIZE(drops))
		world_command(p->w, s->node, CMD_RESOLVE, n->addr);
	else
		world_drop(p->w, s->node, drops[k],
			   explore_chance(p, 50) ? n->host_route : NULL);
}

/* --- the kernel ---------------------------------------------------------------------------------- */

static void flap(struct play *p)
{
	struct site *s = any_site(p);

	if (s->no_device)
		return;
	s->link_down = !s->link_down;
	explore_say(p, "%s: link %s", s->name, s->link_down ? "down" : "up");
	world_link(p->w, s->node, !s->link_down);
	if (s->link_down)
		s->routed = false;
	else
		explore_route(p, s);
}

static void device(struct play *p)
{
	struct site *s = any_site(p);

	s->no_device = !s->no_device;
	explore_say(p, "%s: device %s", s->name, s->no_device ? "deleted" : "made");
	if (s->no_device)
		world_delete_device(p->w, s->node);
	else
		world_create_device(p->w, s->node);
	s->routed = false;
	if (explore_is_on(s))
		explore_route(p, s);
}

static void deafen(struct play *p)
{
	struct site *s = any_site(p);

	explore_say(p, "%s: notifications are lost", s->name);
	world_deafen(p->w, s->node, rng_below(&p->rng, 2000));
}

/* Somebody removes one of our entries, or the kernel those of no use. */
static void forget(struct play *p)
{
	struct site *s = any_site(p);
	const struct node *n = world_node(p->w, s->node);

	if (!n->neighs || explore_chance(p, 40)) {
		explore_say(p, "%s: the kernel collects", s->name);
		world_collect(p->w, s->node);
		return;
	}
	explore_say(p, "%s: somebody removes %s", s->name, ADDR_STR(&n->neighs->proto));
	world_kernel_forgets(p->w, s->node, ADDR_STR(&n->neighs->proto));
}

static void forget_route(struct play *p)
{
	struct site *s = any_site(p);
	const struct node *n = world_node(p->w, s->node);
	size_t k = rng_below(&p->rng, 8);

	if (!n->routes[k].used)
		return;
	explore_say(p, "%s: somebody removes the route %s", s->name,
		    PREFIX_STR(&n->routes[k].dst));
	world_forget_route(p->w, s->node, PREFIX_STR(&n->routes[k].dst));
}

/* Memory is short, or a table full, and then there is room again. */
static void full(struct play *p)
{
	struct site *s = any_site(p);
	unsigned percent = explore_chance(p, 50) ? 100 : 10 + rng_below(&p->rng, 80);
	int64_t ms = rng_below(&p->rng, 30000);

	explore_say(p, "%s: its kernel refuses %u %% for %lld ms", s->name, percent,
		    (long long)ms);
	world_kernel_refuses(p->w, s->node, percent, ms);
}

/* Its device, with the networks of all families. */
static void lan_down(struct play *p, struct site *s)
{
	for (int net = 0; net < p->nets; net++)
		world_lan_down(p->w, s->node, s->nets[net].lan);
}

static void lan_up(struct play *p, struct site *s)
{
	for (int net = 0; net < p->nets; net++)
		world_lan_up(p->w, s->node, s->nets[net].lan);
}

static void lan(struct play *p)
{
	struct site *s = any_site(p);

	s->lan_down = !s->lan_down;
	explore_say(p, "%s: LAN %s", s->name, s->lan_down ? "down" : "up");
	if (s->lan_down)
		lan_down(p, s);
	else
		lan_up(p, s);
}

static void mtu(struct play *p)
{
	struct site *s = any_site(p);

	explore_say(p, "%s: another MTU", s->name);
	world_mtu(p->w, s->node, 1300 + rng_below(&p->rng, 200));
}

/* --- the IKE daemon ----------------------------------------------------------------------------- */

static void charon(struct play *p)
{
	struct site *s = any_site(p);

	if (!p->secret)
		return;
	s->no_charon = !s->no_charon;
	if (s->no_charon && explore_chance(p, 50)) {
		explore_say(p, "%s: charon stops", s->name);
		world_charon_stops(p->w, s->node);
		return;
	}
	explore_say(p, "%s: charon %s", s->name, s->no_charon ? "is killed" : "starts");
	world_charon(p->w, s->node, !s->no_charon);
}

static void refuse(struct play *p)
{
	struct site *s = any_site(p);
	bool refuses = explore_chance(p, 50);

	explore_say(p, "%s: charon refuses: %d", s->name, refuses);
	world_ike_refuses(p->w, s->node, refuses);
}

static void delete_sas(struct play *p)
{
	struct site *a = any_site(p), *b = other_site(p, a);

	explore_say(p, "%s and %s: SAs deleted", a->name, b->name);
	world_delete_sas(p->w, a->node, b->node);
}

static void rekey(struct play *p)
{
	struct site *a = any_site(p), *b = other_site(p, a);

	explore_say(p, "%s and %s: rekey", a->name, b->name);
	world_rekey(p->w, a->node, b->node);
}

static void opinion(struct play *p)
{
	static const enum hook_outcome any[] = { HOOK_YES, HOOK_NO, HOOK_LATE,
						 HOOK_BROKEN };
	struct site *s = any_site(p);
	const char *event = explore_chance(p, 50) ? "peer-up" : "peer-register";
	int64_t ms = explore_chance(p, 10) ? SCRIPT_SILENT
					   : (int64_t)rng_below(&p->rng, 8000);

	if (!p->scripted)
		return;
	explore_say(p, "%s: another opinion about %s", s->name, event);
	world_script(p->w, s->node, event, NULL, any[rng_below(&p->rng, 4)], ms);
}

/* --- the table ------------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	unsigned weight;
	void (*happens)(struct play *p);
} accidents[] = {
	{ "storm", 6, storm },
	{ "bad link", 6, bad_link },
	{ "cut", 8, cut },
	{ "calm", 4, calm },
	{ "name", 2, rename_hub },
	{ "move", 6, move },
	{ "swap", 2, swap },
	{ "death", 8, die },
	{ "restart", 4, restart },
	{ "freeze", 3, freeze },
	{ "clock", 2, jump },
	{ "reload", 4, reload },
	{ "command", 4, command },
	{ "link", 4, flap },
	{ "device", 2, device },
	{ "deafness", 4, deafen },
	{ "entry removed", 3, forget },
	{ "LAN", 2, lan },
	{ "route removed", 3, forget_route },
	{ "MTU", 1, mtu },
	{ "full kernel", 4, full },
	{ "charon", 4, charon },
	{ "refusal of IKE", 3, refuse },
	{ "SAs deleted", 3, delete_sas },
	{ "rekey", 3, rekey },
	{ "script", 4, opinion },
	{ "tampering", 5, explore_tamper },
	{ "replay", 4, explore_replay },
	{ "forgery", 6, explore_forge },
};

static_assert(ARRAY_SIZE(accidents) <= FAULTS_MAX, "each has its count");

const char *explore_fault_name(size_t k)
{
	return k < ARRAY_SIZE(accidents) ? accidents[k].name : NULL;
}

void explore_fault(struct play *p)
{
	unsigned sum = 0, at;

	for (size_t k = 0; k < ARRAY_SIZE(accidents); k++)
		sum += accidents[k].weight;
	at = rng_below(&p->rng, sum);
	for (size_t k = 0; k < ARRAY_SIZE(accidents); k++) {
		if (at < accidents[k].weight) {
			accidents[k].happens(p);
			p->happened[k]++;
			return;
		}
		at -= accidents[k].weight;
	}
}

void explore_traffic(struct play *p)
{
	struct site *a = any_site(p), *b = other_site(p, a);
	int net = explore_net(p);

	if (!explore_is_on(a))
		return;
	if (explore_chance(p, 50))
		world_data(p->w, a->node, a->nets[net].host, b->nets[net].host);
	else if (p->topology != TREE)
		world_traffic(p->w, a->node, b->nets[net].addr);
	else
		world_data(p->w, a->node, a->nets[net].addr, b->nets[net].addr);
}

/* --- the end of it ----------------------------------------------------------------------------------- */

static void heal_site(struct play *p, struct site *s)
{
	if (s->no_charon)
		world_charon(p->w, s->node, true);
	world_ike_refuses(p->w, s->node, false);
	if (s->no_device)
		world_create_device(p->w, s->node);
	if (s->link_down)
		world_link(p->w, s->node, true);
	if (s->lan_down)
		lan_up(p, s);
	s->no_charon = s->no_device = s->link_down = s->lan_down = false;
	if (!s->routed)
		explore_route(p, s);
	world_kernel_refuses(p->w, s->node, 0, 0);
	world_script(p->w, s->node, "peer-up", NULL, HOOK_YES, 10);
	world_script(p->w, s->node, "peer-register", NULL, HOOK_YES, 10);
	if (s->dead)
		world_start(p->w, s->node);
	s->dead = false;
	explore_words(p, s, "");
	world_reload(p->w, s->node, s->words);
}

void explore_heal(struct play *p)
{
	explore_say(p, "all faults end");
	calm(p);
	for (int k = 0; k < p->hubs; k++)
		world_name(p->w, p->sites[k].name, p->sites[k].nbma);
	for (int k = 0; k < p->count; k++)
		heal_site(p, &p->sites[k]);
}
