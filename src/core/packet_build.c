/* SPDX-License-Identifier: MIT */
/*
 * Building packets: the pool of CIEs is an array of lists without gaps. The
 * mandatory part's list is first; those of the extensions lie behind it in any
 * order.
 */
#include <nhrp/packet.h>

#include <string.h>

#include <nhrp/rfc2332.h>

void packet_init(struct packet *p, enum nhrp_type type, enum addr_family nbma,
		 enum addr_family proto)
{
	memset(p, 0, offsetof(struct packet, cies));
	p->type = (uint8_t)type;
	p->nbma_family = (uint8_t)nbma;
	p->proto_family = (uint8_t)proto;
	p->hops = NHRP_HOPS;
}

/* Lists that begin at `from` or behind it begin `by` entries later. */
static void lists_moved(struct packet *p, uint16_t from, int by)
{
	for (uint16_t i = 0; i < p->ext_count; i++) {
		struct ext *e = &p->exts[i];

		if (e->cie_count > 0 && e->first_cie >= from)
			e->first_cie = (uint16_t)(e->first_cie + by);
	}
}

/* A zeroed entry at `at`, between two lists or behind the last; NULL: full. */
static struct cie *pool_insert(struct packet *p, uint16_t at)
{
	struct cie *c = &p->cies[at];

	if (p->cie_used == PKT_MAX_CIES)
		return NULL;
	memmove(c + 1, c, (size_t)(p->cie_used - at) * sizeof(*c));
	lists_moved(p, at, 1);
	p->cie_used++;
	*c = (struct cie){ 0 };
	return c;
}

static void pool_remove(struct packet *p, uint16_t at, uint16_t count)
{
	struct cie *c = &p->cies[at];

	memmove(c, c + count, (size_t)(p->cie_used - at - count) * sizeof(*c));
	lists_moved(p, (uint16_t)(at + count), -count);
	p->cie_used = (uint16_t)(p->cie_used - count);
}

struct cie *packet_add_cie(struct packet *p)
{
	struct cie *c = pool_insert(p, p->cie_count);

	if (c)
		p->cie_count++;
	return c;
}

struct ext *packet_find_ext(struct packet *p, enum nhrp_ext_type type)
{
	for (uint16_t i = 0; i < p->ext_count; i++) {
		if (p->exts[i].type == type)
			return &p->exts[i];
	}
	return NULL;
}

struct ext *packet_add_ext(struct packet *p, uint16_t type, bool compulsory,
			   enum ext_form form)
{
	struct ext *e = &p->exts[p->ext_count];

	if (p->ext_count == PKT_MAX_EXTS)
		return NULL;
	*e = (struct ext){ .type = type,
			   .compulsory = compulsory,
			   .form = (uint8_t)form };
	p->ext_count++;
	p->has_exts = true;
	return e;
}

struct cie *packet_ext_add_cie(struct packet *p, struct ext *e)
{
	struct cie *c;

	if (e->cie_count == 0)
		e->first_cie = p->cie_used;
	c = pool_insert(p, (uint16_t)(e->first_cie + e->cie_count));
	if (c)
		e->cie_count++;
	return c;
}

void packet_remove_ext(struct packet *p, struct ext *e)
{
	size_t behind = (size_t)(&p->exts[p->ext_count] - (e + 1));

	if (e->cie_count > 0)
		pool_remove(p, e->first_cie, e->cie_count);
	memmove(e, e + 1, behind * sizeof(*e));
	p->ext_count--;
}
