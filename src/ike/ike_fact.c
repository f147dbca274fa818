/* SPDX-License-Identifier: MIT */
#include "ike_fact.h"

#include <stdio.h>
#include <string.h>

static bool read_u32(const struct vici_sec *sec, const char *key, uint32_t *out)
{
	uint64_t v;

	if (!vici_str_number(vici_value(sec, key), 10, &v) || v > UINT32_MAX)
		return false;
	*out = (uint32_t)v;
	return true;
}

bool ike_addr_read(struct addr *out, struct vici_str s)
{
	char text[sizeof(struct addr_text)];

	*out = (struct addr){ 0 };
	return vici_str_copy(s, text, sizeof(text)) && addr_parse(out, text);
}

static bool is_yes(const struct vici_sec *sec, const char *key)
{
	return vici_str_is(vici_value(sec, key), "yes");
}

/* "AES_GCM_16-256 PRF_HMAC_SHA2_384 CURVE_25519": what is there, in this order. */
static void read_suite(char out[IKE_SUITE_MAX], const struct vici_sec *sec)
{
	static const char *const keys[] = { "encr-alg", "encr-keysize", "integ-alg",
					    "prf-alg", "dh-group" };
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		struct vici_str v = vici_value(sec, keys[i]);

		if (v.len == 0 || at + v.len + 2 > IKE_SUITE_MAX)
			continue;
		if (at > 0)
			out[at++] = i == 1 ? '-' : ' ';
		if (!vici_str_copy(v, out + at, IKE_SUITE_MAX - at))
			break;
		at += v.len;
	}
	out[at] = '\0';
}

bool ike_fact_read(struct ike_fact *out, struct vici_str name,
		   const struct vici_sec *sec)
{
	*out = (struct ike_fact){ .name = name, .sec = *sec };
	if (!read_u32(sec, "uniqueid", &out->ike) ||
	    !ike_addr_read(&out->local, vici_value(sec, "local-host")) ||
	    !ike_addr_read(&out->outer, vici_value(sec, "remote-host")))
		return false;
	if (!vici_str_copy(vici_value(sec, "remote-id"), out->identity,
			   sizeof(out->identity)))
		out->identity[0] = '\0';
	if (!vici_str_number(vici_value(sec, "initiator-spi"), 16, &out->initiator_spi))
		out->initiator_spi = 0;
	if (!read_u32(sec, "established", &out->age_s))
		out->age_s = 0;
	out->initiator = is_yes(sec, "initiator");
	out->natted = is_yes(sec, "nat-remote");
	out->connecting = vici_str_is(vici_value(sec, "state"), "CONNECTING");
	out->established = vici_str_is(vici_value(sec, "state"), "ESTABLISHED");
	read_suite(out->suite, sec);
	return true;
}

bool ike_fact_find(struct ike_fact *out, const struct vici_sec *msg)
{
	struct vici_sec at = *msg;
	struct vici_item item;

	while (vici_next(&at, &item)) {
		if (item.kind == VICI_SECTION)
			return ike_fact_read(out, item.name, &item.inside);
	}
	return false;
}

/* The selector of this text, as far as it is about GRE as a whole. */
static enum child_kind read_selector(struct addr *out, struct vici_str s)
{
	struct prefix p;
	char text[sizeof(struct prefix_text) + 16];
	char *bracket;

	if (!vici_str_copy(s, text, sizeof(text)))
		return CHILD_OTHER;
	bracket = strchr(text, '[');
	if (!bracket || (strcmp(bracket, "[gre]") != 0 && strcmp(bracket, "[47]") != 0))
		return CHILD_OTHER;
	*bracket = '\0';
	if (!prefix_parse(&p, text) || p.len != addr_host_bits(&p.addr))
		return CHILD_WIDE; /* a network, or a range */
	*out = p.addr;
	return CHILD_GRE;
}

/* Of a list of selectors: of the one, or WIDE when one of several is about GRE. */
static enum child_kind read_selectors(struct addr *out, const struct vici_sec *sec,
				      const char *key)
{
	struct vici_sec at = vici_inside(sec, VICI_LIST, key);
	enum child_kind kind = CHILD_OTHER;
	struct vici_item item;
	unsigned count = 0;

	*out = (struct addr){ 0 };
	while (vici_next(&at, &item)) {
		enum child_kind k = read_selector(out, item.value);

		count++;
		if (k != CHILD_OTHER)
			kind = count > 1 ? CHILD_WIDE : k;
		else if (kind != CHILD_OTHER)
			kind = CHILD_WIDE;
	}
	return kind;
}

/* While it is rekeyed or moved it still carries packets, and no event may follow. */
static bool is_installed(struct vici_str state)
{
	return vici_str_is(state, "INSTALLED") || vici_str_is(state, "REKEYING") ||
	       vici_str_is(state, "UPDATING");
}

static uint64_t read_count(const struct vici_sec *sec, const char *key)
{
	uint64_t v;

	return vici_str_number(vici_value(sec, key), 10, &v) ? v : 0;
}

static void read_traffic(struct sa_traffic *out, const struct vici_sec *sec)
{
	out->bytes_in = read_count(sec, "bytes-in");
	out->packets_in = read_count(sec, "packets-in");
	out->bytes_out = read_count(sec, "bytes-out");
	out->packets_out = read_count(sec, "packets-out");
	if (!read_u32(sec, "install-time", &out->age_s))
		out->age_s = 0;
	if (!read_u32(sec, "use-in", &out->idle_in_s))
		out->idle_in_s = 0;
}

bool child_fact_read(struct child_fact *out, const struct vici_sec *sec)
{
	enum child_kind local, remote;

	*out = (struct child_fact){ 0 };
	if (!read_u32(sec, "uniqueid", &out->child))
		return false;
	local = read_selectors(&out->local, sec, "local-ts");
	remote = read_selectors(&out->remote, sec, "remote-ts");
	if (local == CHILD_OTHER || remote == CHILD_OTHER)
		out->kind = CHILD_OTHER;
	else
		out->kind = local == CHILD_WIDE ? local : remote;
	out->installed = is_installed(vici_value(sec, "state"));
	read_traffic(&out->traffic, sec);
	read_suite(out->suite, sec);
	return true;
}
