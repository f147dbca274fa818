/* SPDX-License-Identifier: MIT */
/* To whom a node copies multicast: the list that its adapter would keep. */
#include "world_int.h"

#include <stdlib.h>

#include "../unit/unit.h"

static struct copied *find(const struct node *n, const struct addr *nbma)
{
	struct copied *c;

	HASH_FIND(hh, n->copied, nbma, sizeof(*nbma), c);
	return c;
}

void world_copy_add(struct node *n, const struct act_copy *a)
{
	struct copied *c = find(n, &a->nbma);

	if (c)
		fail_msg("%s copies to %s twice", n->name, ADDR_STR(&a->nbma));
	assert_int_equal(a->ifindex, n->ifindex);
	c = mem_new(sizeof(*c));
	c->nbma = a->nbma;
	c->ifindex = a->ifindex;
	HASH_ADD(hh, n->copied, nbma, sizeof(c->nbma), c);
}

void world_copy_del(struct node *n, const struct act_copy *a)
{
	struct copied *c = find(n, &a->nbma);

	if (!c || c->ifindex != a->ifindex)
		fail_msg("%s does not copy to %s by %d", n->name, ADDR_STR(&a->nbma),
			 a->ifindex);
	HASH_DEL(n->copied, c);
	free(c);
}

void world_forget_copies(struct node *n)
{
	struct copied *c, *next;

	HASH_ITER (hh, n->copied, c, next) {
		HASH_DEL(n->copied, c);
		free(c);
	}
}

bool world_copies_to(const struct world *w, int node, const char *nbma)
{
	struct addr a = unit_addr(nbma);

	return find(world_node(w, node), &a) != NULL;
}

unsigned world_copies(const struct world *w, int node)
{
	return HASH_COUNT(world_node(w, node)->copied);
}
