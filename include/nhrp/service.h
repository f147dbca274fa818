/* SPDX-License-Identifier: MIT */
/*
 * What a service manager sees of the daemon: readiness, reloading, stopping, a
 * sign of life for its watchdog; and how to go to the background without one.
 */
#ifndef NHRP_SERVICE_H
#define NHRP_SERVICE_H

#include <nhrp/defs.h>

struct ev_loop;
struct service;

/*
 * The parent waits here until the child calls service_ready(), and ends with 0,
 * or with the child's status when that ends first. Returns in the child, to be
 * given to service_new(); -errno in the parent when there is no child.
 */
int service_background(void) MUST_CHECK;

#define SERVICE_FOREGROUND (-1)

struct service *service_new(struct ev_loop *loop, int background);
void service_free(struct service *s);

void service_ready(struct service *s);
void service_reloading(struct service *s);
void service_stopping(struct service *s);

#endif
