/* SPDX-License-Identifier: MIT */
/*
 * A fuzzer does not find a checksum: this puts size and checksum of a PDU right.
 */
#ifndef NHRP_TEST_FUZZ_PDU_H
#define NHRP_TEST_FUZZ_PDU_H

#include <stddef.h>
#include <stdint.h>

#include <nhrp/rfc2332.h>

/* RFC 1071, octet by octet. */
static inline uint16_t pdu_sum(const uint8_t *data, size_t size)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += i % 2 ? data[i] : (uint32_t)data[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Of NHRP_MIN_LEN octets at least. */
static inline void pdu_mend(uint8_t *pdu, size_t size)
{
	size_t said = (size_t)(pdu[10] << 8 | pdu[11]);
	uint16_t sum;

	if (said < NHRP_MIN_LEN || said > size) {
		pdu[10] = (uint8_t)(size >> 8);
		pdu[11] = (uint8_t)size;
		said = size;
	}
	pdu[12] = pdu[13] = 0;
	sum = pdu_sum(pdu, said);
	pdu[12] = (uint8_t)(sum >> 8);
	pdu[13] = (uint8_t)sum;
}

#endif
