/* SPDX-License-Identifier: MIT */
/*
 * Who a peer is, as IKE authenticated it. It stays when its SAs end: what it
 * registered is its own, and nobody else who comes from its address gets it. After a
 * restart only a digest is known, until it calls again.
 */
#include <stdlib.h>
#include <string.h>

#include <nhrp/mem.h>

#include "engine_int.h"

struct identity {
	struct digest digest;
	char text[]; /* "": known by its digest alone */
};

const char *identity_of(const struct peer *p)
{
	return p && p->identity ? p->identity->text : "";
}

bool identity_known(const struct peer *p)
{
	return p && p->identity;
}

bool identity_is(const struct peer *p, const char *text)
{
	struct digest d;

	if (!identity_known(p))
		return text[0] == '\0';
	if (p->identity->text[0])
		return strcmp(p->identity->text, text) == 0;
	d = digest_of(text);
	return digest_eq(&d, &p->identity->digest);
}

struct digest identity_digest(const struct peer *p)
{
	return identity_known(p) ? p->identity->digest : digest_of("");
}

static void set(struct peer *p, const struct digest *d, const char *text)
{
	size_t size = strlen(text) + 1;

	identity_drop(p);
	if (!digest_is_set(d))
		return;
	p->identity = mem_new(sizeof(*p->identity) + size);
	p->identity->digest = *d;
	memcpy(p->identity->text, text, size);
}

void identity_set(struct peer *p, const char *text)
{
	struct digest d;

	if (text == identity_of(p) || strcmp(identity_of(p), text) == 0)
		return;
	d = digest_of(text);
	set(p, &d, text);
}

void identity_restore(struct peer *p, const struct digest *d)
{
	if (!identity_known(p))
		set(p, d, "");
}

void identity_drop(struct peer *p)
{
	free(p->identity);
	p->identity = NULL;
}
