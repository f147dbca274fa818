/* SPDX-License-Identifier: MIT */
#include <nhrp/selector.h>

#include <stdio.h>
#include <string.h>

static bool set_protocol(struct selector *s, const char *text)
{
	return prefix_parse(&s->protocol, text);
}

static bool set_nbma(struct selector *s, const char *text)
{
	return addr_parse(&s->nbma, text);
}

static bool set_local_nbma(struct selector *s, const char *text)
{
	return addr_parse(&s->local_nbma, text);
}

static bool set_local_protocol(struct selector *s, const char *text)
{
	return addr_parse(&s->local_protocol, text);
}

static bool set_ifname(struct selector *s, const char *text)
{
	size_t n = strlen(text);

	if (n == 0 || n >= sizeof(s->ifname))
		return false;
	memcpy(s->ifname, text, n + 1);
	return true;
}

static const struct part {
	const char *word;
	bool (*set)(struct selector *s, const char *text);
	const char *wants;
} parts[] = {
	{ "protocol", set_protocol, "an address or prefix" },
	{ "nbma", set_nbma, "an address" },
	{ "local-nbma", set_local_nbma, "an address" },
	{ "local-protocol", set_local_protocol, "an address" },
	{ "interface", set_ifname, "a device name of 1 to 15 characters" },
	{ "iface", set_ifname, "a device name of 1 to 15 characters" },
	{ "dev", set_ifname, "a device name of 1 to 15 characters" },
};

static const struct part *find_part(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (strcmp(parts[i].word, word) == 0)
			return &parts[i];
	}
	return NULL;
}

bool selector_is_word(const char *word)
{
	return find_part(word) != NULL;
}

/* Two words of one meaning share a setter; each meaning is given once. */
static bool given_before(const struct part *part, const char *const *words,
			 size_t before)
{
	for (size_t i = 0; i < before; i += 2) {
		if (find_part(words[i])->set == part->set)
			return true;
	}
	return false;
}

static bool parse_part(struct selector *out, const char *const *words, size_t count,
		       size_t at, char *err, size_t err_cap)
{
	const struct part *part = find_part(words[at]);

	if (!part)
		snprintf(err, err_cap,
			 "\"%s\" is no selector: use protocol, nbma, local-nbma, "
			 "local-protocol or interface",
			 words[at]);
	else if (given_before(part, words, at))
		snprintf(err, err_cap, "\"%s\" is given a second time", words[at]);
	else if (at + 1 == count)
		snprintf(err, err_cap, "%s needs %s after it", words[at], part->wants);
	else if (!part->set(out, words[at + 1]))
		snprintf(err, err_cap, "%s \"%s\": not %s", words[at], words[at + 1],
			 part->wants);
	else
		return true;
	return false;
}

bool selector_parse(struct selector *out, const char *const *words, size_t count,
		    char *err, size_t err_cap)
{
	*out = (struct selector){ 0 };
	for (size_t i = 0; i < count; i += 2) {
		if (!parse_part(out, words, count, i, err, err_cap))
			return false;
	}
	out->has_protocol = addr_is_set(&out->protocol.addr);
	return true;
}
