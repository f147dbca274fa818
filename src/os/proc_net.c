/* SPDX-License-Identifier: MIT */
#include "proc_net.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <nhrp/rfc2332.h>

#define LINE_CAP 8192 /* netstat has lines of 3000 */

bool proc_net_other_nhrp(FILE *packet, uint64_t own, const int *ifindexes, size_t count)
{
	char line[LINE_CAP];
	unsigned protocol;
	uint64_t inode;
	bool found = false;
	int ifindex;

	while (fgets(line, sizeof(line), packet)) {
		if (sscanf(line, "%*s %*s %*s %x %d %*s %*s %*s %" SCNu64, &protocol,
			   &ifindex, &inode) != 3 ||
		    protocol != NHRP_GRE_PROTOCOL || inode == own)
			continue;
		found |= ifindex == 0;
		for (size_t k = 0; k < count; k++)
			found |= ifindexes[k] == ifindex;
	}
	return found;
}

/* The number of the word in a line of words, or -1. */
static int find_word(char *line, const char *name)
{
	char *rest = line, *word;

	for (int n = 0; (word = strtok_r(rest, " \n", &rest)); n++) {
		if (strcmp(word, name) == 0)
			return n;
	}
	return -1;
}

static uint64_t nth_number(char *line, int n, int base)
{
	char *rest = line, *word = NULL;

	for (int k = 0; k <= n; k++)
		word = strtok_r(rest, " \n", &rest);
	return word ? strtoull(word, NULL, base) : 0;
}

/* A line of names, then one of numbers, for each group. */
uint64_t proc_net_counter(FILE *netstat, const char *name)
{
	char line[LINE_CAP];

	while (fgets(line, sizeof(line), netstat)) {
		int n = find_word(line, name);

		if (!fgets(line, sizeof(line), netstat))
			break;
		if (n >= 0)
			return nth_number(line, n, 10);
	}
	return 0;
}

/* A line of names, then one of hexadecimal numbers for each processor. */
uint64_t proc_net_table_full(FILE *stat)
{
	char line[LINE_CAP];
	uint64_t sum = 0;
	int n;

	if (!fgets(line, sizeof(line), stat))
		return 0;
	n = find_word(line, "table_fulls");
	while (n >= 0 && fgets(line, sizeof(line), stat))
		sum += nth_number(line, n, 16);
	return sum;
}

/* A line for each: its name, and its number. */
uint64_t proc_net_xfrm_counter(FILE *xfrm_stat, const char *name)
{
	char line[LINE_CAP], word[64];
	uint64_t value, found = 0;

	while (fgets(line, sizeof(line), xfrm_stat))
		if (sscanf(line, "%63s %" SCNu64, word, &value) == 2 &&
		    strcmp(word, name) == 0)
			found = value;
	return found;
}
