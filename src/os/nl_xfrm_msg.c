/* SPDX-License-Identifier: MIT */
#include "nl_xfrm_msg.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/filter.h>
#include <linux/xfrm.h>

#include "nl_msg.h"

bool nl_block_eq(const struct nl_block *a, const struct nl_block *b)
{
	return a->out == b->out && a->key == b->key && prefix_eq(&a->local, &b->local);
}

/* --- building --- */

static struct nlmsghdr *start(void *buf, size_t cap, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *h;

	if (cap < NL_MSG_MAX)
		return NULL;
	h = mnl_nlmsg_put_header(buf);
	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | flags;
	return h;
}

static uint8_t dir_of(const struct nl_block *b)
{
	return b->out ? XFRM_POLICY_OUT : XFRM_POLICY_IN;
}

static struct xfrm_selector selector_of(const struct nl_block *b)
{
	struct xfrm_selector sel = {
		.family = b->local.addr.family == ADDR_IP6 ? AF_INET6 : AF_INET,
		.proto = IPPROTO_GRE,
		.sport = htons((uint16_t)(b->key >> 16)),
		.dport = htons((uint16_t)b->key),
		.sport_mask = UINT16_MAX,
		.dport_mask = UINT16_MAX,
	};

	memcpy(b->out ? &sel.saddr : &sel.daddr, b->local.addr.bytes,
	       addr_family_len(b->local.addr.family));
	*(b->out ? &sel.prefixlen_s : &sel.prefixlen_d) = b->local.len;
	return sel;
}

/* Of whatever use and age it is, it stays. */
size_t nl_xfrm_msg_set(void *buf, size_t cap, const struct nl_block *b)
{
	struct nlmsghdr *h = start(buf, cap, XFRM_MSG_UPDPOLICY, 0);
	struct xfrm_userpolicy_info *p;

	if (!h || !addr_is_set(&b->local.addr))
		return 0;
	p = mnl_nlmsg_put_extra_header(h, sizeof(*p));
	p->sel = selector_of(b);
	p->lft.soft_byte_limit = p->lft.hard_byte_limit = XFRM_INF;
	p->lft.soft_packet_limit = p->lft.hard_packet_limit = XFRM_INF;
	p->priority = NL_BLOCK_PRIORITY;
	p->dir = dir_of(b);
	p->action = XFRM_POLICY_BLOCK;
	return h->nlmsg_len;
}

static struct xfrm_userpolicy_id *put_id(struct nlmsghdr *h, uint8_t dir)
{
	struct xfrm_userpolicy_id *id = mnl_nlmsg_put_extra_header(h, sizeof(*id));

	id->dir = dir;
	return id;
}

size_t nl_xfrm_msg_get(void *buf, size_t cap, const struct nl_block *b)
{
	struct nlmsghdr *h = start(buf, cap, XFRM_MSG_GETPOLICY, 0);

	if (!h || !addr_is_set(&b->local.addr))
		return 0;
	put_id(h, dir_of(b))->sel = selector_of(b);
	return h->nlmsg_len;
}

size_t nl_xfrm_msg_dump(void *buf, size_t cap)
{
	struct nlmsghdr *h = start(buf, cap, XFRM_MSG_GETPOLICY, NLM_F_DUMP);

	if (!h)
		return 0;
	put_id(h, 0);
	return h->nlmsg_len;
}

size_t nl_xfrm_msg_del(void *buf, size_t cap, const struct nl_policy *p)
{
	struct nlmsghdr *h = start(buf, cap, XFRM_MSG_DELPOLICY, 0);

	if (!h)
		return 0;
	put_id(h, p->dir)->index = p->index;
	return h->nlmsg_len;
}

/* --- parsing --- */

static int find_policy(const struct nlattr *attr, void *out)
{
	if (mnl_attr_get_type(attr) == XFRMA_POLICY &&
	    mnl_attr_get_payload_len(attr) >= sizeof(struct xfrm_userpolicy_info))
		*(const void **)out = mnl_attr_get_payload(attr);
	return MNL_CB_OK;
}

/* The policy stands at the beginning, or where it is gone in an attribute. */
static const void *policy_in(const struct nlmsghdr *h)
{
	const void *p = NULL;

	switch (h->nlmsg_type) {
	case XFRM_MSG_NEWPOLICY:
	case XFRM_MSG_UPDPOLICY:
	case XFRM_MSG_POLEXPIRE:
		if (mnl_nlmsg_get_payload_len(h) >= sizeof(struct xfrm_userpolicy_info))
			p = mnl_nlmsg_get_payload(h);
		break;
	case XFRM_MSG_DELPOLICY:
		if (mnl_nlmsg_get_payload_len(h) >= sizeof(struct xfrm_userpolicy_id))
			mnl_attr_parse(h, sizeof(struct xfrm_userpolicy_id),
				       find_policy, &p);
		break;
	default:
		break;
	}
	return p;
}

static bool read_block(struct nl_block *out, const struct xfrm_userpolicy_info *p)
{
	const struct xfrm_selector *sel = &p->sel;
	const bool leaves = p->dir == XFRM_POLICY_OUT;
	const size_t len = sel->family == AF_INET6 ? 16 : 4;

	if (sel->proto != IPPROTO_GRE || sel->sport_mask != UINT16_MAX ||
	    sel->dport_mask != UINT16_MAX || sel->ifindex != 0 ||
	    (leaves ? sel->prefixlen_d : sel->prefixlen_s) != 0 ||
	    (!leaves && p->dir != XFRM_POLICY_IN))
		return false;
	out->out = leaves;
	out->key = (uint32_t)ntohs(sel->sport) << 16 | ntohs(sel->dport);
	out->local.len = leaves ? sel->prefixlen_s : sel->prefixlen_d;
	return addr_from_bytes(&out->local.addr,
			       (const void *)(leaves ? &sel->saddr : &sel->daddr), len);
}

/* Alignment in a message is that of four octets, so it is copied. */
bool nl_xfrm_msg_parse(struct nl_policy *out, const struct nlmsghdr *h)
{
	const void *at = policy_in(h);
	struct xfrm_userpolicy_info p;

	if (!at)
		return false;
	memcpy(&p, at, sizeof(p));
	*out = (struct nl_policy){
		.dir = p.dir,
		.index = p.index,
		.own = p.priority == NL_BLOCK_PRIORITY &&
		       p.action == XFRM_POLICY_BLOCK && p.sel.proto == IPPROTO_GRE,
		.used = (int64_t)p.curlft.use_time,
	};
	out->is_block = read_block(&out->block, &p);
	return true;
}

bool nl_xfrm_msg_is_flush(const struct nlmsghdr *h)
{
	return h->nlmsg_type == XFRM_MSG_FLUSHPOLICY;
}

/* --- hearing of no others --- */

#define HEADER(field)	     offsetof(struct nlmsghdr, field)
#define FIRST(field)	     (NLMSG_HDRLEN + offsetof(struct xfrm_selector, field))
#define DELETED(field)	     (FIRST(field) + sizeof(struct xfrm_userpolicy_id) + NLA_HDRLEN)
#define LOAD(size, at)	     BPF_STMT(BPF_LD | (size) | BPF_ABS, (uint32_t)(at))
#define IF(test, k, yes, no) BPF_JUMP(BPF_JMP | (test) | BPF_K, k, yes, no)

/*
 * Whatever is told of a policy begins with its selector, but for the end of one: that
 * has it in its first attribute, and in front only if it was asked for by selector.
 */
size_t nl_xfrm_msg_filter(struct sock_filter *code)
{
	const struct sock_filter all[] = {
		LOAD(BPF_H, HEADER(nlmsg_flags)),
		IF(BPF_JSET, htons(NLM_F_MULTI), 12, 0),
		LOAD(BPF_H, HEADER(nlmsg_type)),
		IF(BPF_JEQ, htons(NLMSG_ERROR), 10, 0),
		IF(BPF_JEQ, htons(XFRM_MSG_FLUSHPOLICY), 9, 0),
		IF(BPF_JEQ, htons(XFRM_MSG_DELPOLICY), 4, 0),
		LOAD(BPF_B, FIRST(proto)),
		IF(BPF_JEQ, IPPROTO_GRE, 0, 7),
		LOAD(BPF_H, FIRST(sport_mask)),
		IF(BPF_JEQ, UINT16_MAX, 4, 5),
		LOAD(BPF_B, DELETED(proto)),
		IF(BPF_JEQ, IPPROTO_GRE, 0, 3),
		LOAD(BPF_H, DELETED(sport_mask)),
		IF(BPF_JEQ, UINT16_MAX, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	memcpy(code, all, sizeof(all));
	return ARRAY_SIZE(all);
}
