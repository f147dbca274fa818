/* SPDX-License-Identifier: MIT */
#include "cert_block.h"

static bool put(struct cert_facts *f, const struct prefix *p)
{
	if (f->count == CERT_PREFIXES_MAX)
		return false;
	f->prefixes[f->count++] = *p;
	return true;
}

/* The widest prefix that begins at this address and ends not after `last`. */
static struct prefix widest(const struct addr *first, const struct addr *last)
{
	struct prefix p = prefix_host(first);

	while (p.len > 0) {
		struct prefix wider = { *first, (uint8_t)(p.len - 1) };
		struct prefix begin = prefix_masked(&wider);
		struct addr end = prefix_last(&wider);

		if (!addr_eq(&begin.addr, first) || addr_cmp(&end, last) > 0)
			break;
		p = wider;
	}
	return p;
}

/* False behind the last address of its family. */
static bool next_address(struct addr *a)
{
	size_t at = addr_family_len((enum addr_family)a->family);

	while (at > 0 && ++a->bytes[at - 1] == 0)
		at--;
	return at > 0;
}

bool cert_block_add(struct cert_facts *f, const struct addr *first,
		    const struct addr *last)
{
	struct addr at = *first;

	while (addr_cmp(&at, last) <= 0) {
		struct prefix p = widest(&at, last);

		if (!put(f, &p))
			return false;
		at = prefix_last(&p);
		if (!next_address(&at))
			break;
	}
	return true;
}

static bool is_inside(const struct prefix *p, const struct prefix *of)
{
	return of->len <= p->len && prefix_contains(of, &p->addr);
}

bool cert_block_meet(struct cert_facts *f, const struct cert_facts *other)
{
	struct cert_facts both = { .until_s = f->until_s };

	if (other->until_s < both.until_s)
		both.until_s = other->until_s;
	for (size_t k = 0; k < f->count; k++) {
		for (size_t n = 0; n < other->count; n++) {
			const struct prefix *a = &f->prefixes[k];
			const struct prefix *b = &other->prefixes[n];

			if (is_inside(a, b) ? !put(&both, a)
					    : is_inside(b, a) && !put(&both, b))
				return false;
		}
	}
	*f = both;
	return true;
}
