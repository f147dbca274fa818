/* SPDX-License-Identifier: MIT */
#include "neigh_filter.h"

#include <arpa/inet.h>
#include <string.h>

#include <linux/filter.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#define TYPE  offsetof(struct nlmsghdr, nlmsg_type)
#define PORT  offsetof(struct nlmsghdr, nlmsg_pid)
#define STATE (NLMSG_HDRLEN + offsetof(struct ndmsg, ndm_state))

/* A filter reads numbers in network order, while those of netlink are in the host's. */
void neigh_filter_build(struct sock_filter *code, uint32_t port)
{
	const struct sock_filter built[NEIGH_FILTER_CODE] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, TYPE),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_GETNEIGH), 11, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELNEIGH), 8, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWNEIGH), 0, 10),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PORT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(port), 7, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, STATE),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(NUD_FAILED), 4, 5),
		/* RTM_NEWNEIGH of the kernel's own */
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, STATE),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(NUD_REACHABLE), 2, 3),
		/* RTM_DELNEIGH */
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, STATE),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(NUD_FAILED), 1, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	memcpy(code, built, sizeof(built));
}
