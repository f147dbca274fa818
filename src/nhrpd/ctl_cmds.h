/* SPDX-License-Identifier: MIT */
/*
 * What the commands of the control socket do: privilege, handler, answer.
 */
#ifndef NHRPD_CTL_CMDS_H
#define NHRPD_CTL_CMDS_H

#include <nhrp/action.h>
#include <nhrp/ctl_server.h>

#include "daemon.h"

/* For ctl_server_new(). */
struct ctl_handler ctl_cmds_handler(struct daemon *d);

/* ACT_ANSWER: the outcome of an EV_COMMAND goes back to who asked. */
void ctl_cmds_answer(struct daemon *d, const struct act_answer *answer);

#endif
