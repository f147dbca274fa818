/* SPDX-License-Identifier: MIT */
/*
 * What many worlds did in all: cells of the state tables, counters, and the faults
 * that were played, by a table of whoever plays them. Several processes add to one that they share.
 */
#ifndef NHRP_TEST_TOTALS_H
#define NHRP_TEST_TOTALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct world;

struct world_totals *totals_new(void);
void totals_free(struct world_totals *t);
void totals_add(struct world_totals *t, const struct world *w, const uint64_t *faults,
		size_t fault_count);
/* The world was of this kind, too. */
void totals_add_kind(struct world_totals *t, size_t kind);
uint64_t totals_worlds(const struct world_totals *t);
/*
 * Prints how many cells were taken and which were not. False when one was not of
 * which the list in totals.c does not say why.
 */
bool totals_print(const struct world_totals *t);
/* How many worlds were of each kind, and how often each fault was played; who is
 * asked knows what that is called, NULL: the end. */
void totals_print_played(const struct world_totals *t, const char *(*kind)(size_t k),
			 const char *(*fault)(size_t k));

#endif
