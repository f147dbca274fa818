/* SPDX-License-Identifier: MIT */
/*
 * What is true of every node of every world, after each event: a table of
 * sentences, each with the function that knows whether it holds.
 *
 * The world calls this; a test never has to. A sentence that does not hold ends
 * the test with the seed, the time, the node and what it is about.
 */
#ifndef NHRP_TEST_INVARIANT_H
#define NHRP_TEST_INVARIANT_H

#include <stddef.h>
#include <stdint.h>

#include <nhrp/action.h>

struct node;

/* Before an event is handled: what the engine believes now may be gone after it. */
void invariant_before(struct node *n);
/* After an event that was handled, with all that came of it. */
void invariant_check(struct node *n);
/* A packet that comes in; one that goes out. Which nodes it has passed by then. */
void invariant_received(struct node *n, const void *pdu, size_t len);
uint64_t invariant_sent(struct node *n, const struct act_send *s);
/* Ends the test: a sentence does not hold. */
void invariant_broken(const struct node *n, const char *sentence, const char *why);
/* Its engine is gone, and what it owed. */
void invariant_forget(struct node *n);

#endif
