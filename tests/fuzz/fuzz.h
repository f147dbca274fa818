/* SPDX-License-Identifier: MIT */
/*
 * What the fuzz targets share: an entry point, and a way to say that the program
 * is wrong, whatever the input was.
 */
#ifndef NHRP_TEST_FUZZ_H
#define NHRP_TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST_HOLD(fact)                                                         \
	do {                                                                    \
		if (!(fact)) {                                                  \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, \
				__LINE__, #fact);                               \
			abort();                                                \
		}                                                               \
	} while (0)

#endif
