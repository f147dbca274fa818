/* SPDX-License-Identifier: MIT */
#include "nl_nf_msg.h"

#include <arpa/inet.h>
#include <endian.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>

#include "nl_msg.h"

#define TYPE(subsystem, message) ((uint16_t)((subsystem) << 8 | (message)))

static struct nlmsghdr *put_header(void *buf, uint16_t type, uint8_t family,
				   uint16_t resource)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *nf = mnl_nlmsg_put_extra_header(h, sizeof(*nf));

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST;
	nf->nfgen_family = family;
	nf->version = NFNETLINK_V0;
	nf->res_id = htons(resource);
	return h;
}

/* NULL when the message is too short to have one. */
static const struct nfgenmsg *header_of(const struct nlmsghdr *h)
{
	return mnl_nlmsg_get_payload_len(h) < sizeof(struct nfgenmsg)
		       ? NULL
		       : mnl_nlmsg_get_payload(h);
}

/* --- the log --- */

size_t nl_nf_msg_listen(void *buf, size_t cap, uint16_t group, uint32_t range)
{
	const struct nfulnl_msg_config_cmd bind = { .command = NFULNL_CFG_CMD_BIND };
	const struct nfulnl_msg_config_mode mode = { .copy_range = htonl(range),
						     .copy_mode = NFULNL_COPY_PACKET };
	struct nlmsghdr *h;

	if (cap < NL_MSG_MAX)
		return 0;
	h = put_header(buf, TYPE(NFNL_SUBSYS_ULOG, NFULNL_MSG_CONFIG), AF_UNSPEC,
		       group);
	mnl_attr_put(h, NFULA_CFG_CMD, sizeof(bind), &bind);
	mnl_attr_put(h, NFULA_CFG_MODE, sizeof(mode), &mode);
	/* The kernel waits for no second packet. */
	mnl_attr_put_u32(h, NFULA_CFG_QTHRESH, htonl(1));
	return h->nlmsg_len;
}

/* Negative when it is none. */
static int ifindex_of(const struct nlattr *attr)
{
	return mnl_attr_validate(attr, MNL_TYPE_U32) < 0
		       ? -1
		       : (int)ntohl(mnl_attr_get_u32(attr));
}

static int take_packet_attr(const struct nlattr *attr, void *out)
{
	struct ev_sample *s = out;

	switch (mnl_attr_get_type(attr)) {
	case NFULA_IFINDEX_INDEV:
		s->in_ifindex = ifindex_of(attr);
		break;
	case NFULA_IFINDEX_OUTDEV:
		s->out_ifindex = ifindex_of(attr);
		break;
	case NFULA_PAYLOAD:
		s->packet = mnl_attr_get_payload(attr);
		s->len = mnl_attr_get_payload_len(attr);
		break;
	}
	return MNL_CB_OK;
}

bool nl_nf_msg_packet(struct ev_sample *out, const struct nlmsghdr *h)
{
	*out = (struct ev_sample){ 0 };
	if (h->nlmsg_type != TYPE(NFNL_SUBSYS_ULOG, NFULNL_MSG_PACKET) || !header_of(h))
		return false;
	mnl_attr_parse(h, sizeof(struct nfgenmsg), take_packet_attr, out);
	return out->in_ifindex >= 0 && out->out_ifindex > 0 && out->len > 0;
}

/* --- tables --- */

size_t nl_nf_msg_begin(void *buf, size_t cap)
{
	return cap < NL_MSG_MAX ? 0
				: put_header(buf, NFNL_MSG_BATCH_BEGIN, AF_UNSPEC,
					     NFNL_SUBSYS_NFTABLES)
					  ->nlmsg_len;
}

size_t nl_nf_msg_end(void *buf, size_t cap)
{
	return cap < NL_MSG_MAX ? 0
				: put_header(buf, NFNL_MSG_BATCH_END, AF_UNSPEC,
					     NFNL_SUBSYS_NFTABLES)
					  ->nlmsg_len;
}

size_t nl_nf_msg_del_table(void *buf, size_t cap, const char *name)
{
	struct nlmsghdr *h;

	if (cap < NL_MSG_MAX)
		return 0;
	h = put_header(buf, TYPE(NFNL_SUBSYS_NFTABLES, NFT_MSG_DELTABLE), NFPROTO_INET,
		       0);
	return mnl_attr_put_strz_check(h, cap, NFTA_TABLE_NAME, name) ? h->nlmsg_len
								      : 0;
}

/* Attribute 1 of a table, and of whatever is in one. */
static int take_table_name(const struct nlattr *attr, void *name)
{
	if (mnl_attr_get_type(attr) == NFTA_TABLE_NAME &&
	    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
		*(const char **)name = mnl_attr_get_str(attr);
	return MNL_CB_OK;
}

bool nl_nf_msg_is_about(const struct nlmsghdr *h, const char *table)
{
	const struct nfgenmsg *nf = header_of(h);
	const char *name = NULL;

	if (!nf || NFNL_SUBSYS_ID(h->nlmsg_type) != NFNL_SUBSYS_NFTABLES ||
	    nl_nf_msg_is_commit(h) || nf->nfgen_family != NFPROTO_INET)
		return false;
	mnl_attr_parse(h, sizeof(*nf), take_table_name, &name);
	return name && strcmp(name, table) == 0;
}

bool nl_nf_msg_is_commit(const struct nlmsghdr *h)
{
	return h->nlmsg_type == TYPE(NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWGEN);
}

/* --- counters --- */

size_t nl_nf_msg_dump_counters(void *buf, size_t cap, const char *table)
{
	struct nlmsghdr *h;

	if (cap < NL_MSG_MAX)
		return 0;
	h = put_header(buf, TYPE(NFNL_SUBSYS_NFTABLES, NFT_MSG_GETOBJ), NFPROTO_INET,
		       0);
	h->nlmsg_flags |= NLM_F_DUMP;
	mnl_attr_put_u32(h, NFTA_OBJ_TYPE, htonl(NFT_OBJECT_COUNTER));
	return mnl_attr_put_strz_check(h, cap, NFTA_OBJ_TABLE, table) ? h->nlmsg_len
								      : 0;
}

static uint64_t number_of(const struct nlattr *attr)
{
	return mnl_attr_validate(attr, MNL_TYPE_U64) < 0
		       ? 0
		       : be64toh(mnl_attr_get_u64(attr));
}

static int take_counter_data(const struct nlattr *attr, void *out)
{
	struct nl_nf_counter *c = out;

	switch (mnl_attr_get_type(attr)) {
	case NFTA_COUNTER_BYTES:
		c->octets = number_of(attr);
		break;
	case NFTA_COUNTER_PACKETS:
		c->packets = number_of(attr);
		break;
	}
	return MNL_CB_OK;
}

static int take_counter_attr(const struct nlattr *attr, void *out)
{
	struct nl_nf_counter *c = out;

	switch (mnl_attr_get_type(attr)) {
	case NFTA_OBJ_NAME:
		if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
			c->name = mnl_attr_get_str(attr);
		break;
	case NFTA_OBJ_DATA:
		if (mnl_attr_validate(attr, MNL_TYPE_NESTED) == 0)
			mnl_attr_parse_nested(attr, take_counter_data, c);
		break;
	}
	return MNL_CB_OK;
}

bool nl_nf_msg_counter(struct nl_nf_counter *out, const struct nlmsghdr *h)
{
	*out = (struct nl_nf_counter){ 0 };
	if (h->nlmsg_type != TYPE(NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWOBJ) ||
	    !header_of(h))
		return false;
	mnl_attr_parse(h, sizeof(struct nfgenmsg), take_counter_attr, out);
	return out->name != NULL;
}
