/* SPDX-License-Identifier: MIT */
/*
 * What many worlds did in all: cells of the state tables, counters. Several
 * processes add to one that they share.
 */
#ifndef NHRP_TEST_TOTALS_H
#define NHRP_TEST_TOTALS_H

#include <stdbool.h>
#include <stdint.h>

struct world;

struct world_totals *totals_new(void);
void totals_free(struct world_totals *t);
void totals_add(struct world_totals *t, const struct world *w);
uint64_t totals_worlds(const struct world_totals *t);
/*
 * Prints how many cells were taken and which were not. False when one was not of
 * which the list in totals.c does not say why.
 */
bool totals_print(const struct world_totals *t);

#endif
