/* SPDX-License-Identifier: MIT */
/*
 * A bounded queue of packets to send, oldest first. It copies what it takes and
 * allocates nothing after its creation.
 */
#ifndef NHRP_OS_SEND_QUEUE_H
#define NHRP_OS_SEND_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/action.h>
#include <nhrp/defs.h>

#define SEND_QUEUE_PACKETS 1024
#define SEND_QUEUE_OCTETS  (512u << 10)

struct send_queue;

struct send_queue *send_queue_new(void);
void send_queue_free(struct send_queue *q);

/* False when there is no room. */
bool send_queue_push(struct send_queue *q, const struct act_send *a) MUST_CHECK;

size_t send_queue_count(const struct send_queue *q);

/* The i-th packet, valid until the next push or pop. */
struct act_send send_queue_peek(const struct send_queue *q, size_t i);

/* Drops the first n. */
void send_queue_pop(struct send_queue *q, size_t n);

#endif
