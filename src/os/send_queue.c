/* SPDX-License-Identifier: MIT */
#include "send_queue.h"

#include <stdlib.h>
#include <string.h>

#include <nhrp/mem.h>

struct item {
	int ifindex;
	struct addr to;
	size_t offset, len;
};

/* Both arrays are filled from their start and begin anew when all is sent. */
struct send_queue {
	size_t first, end; /* items */
	size_t used;	   /* octets */
	struct item items[SEND_QUEUE_PACKETS];
	uint8_t octets[SEND_QUEUE_OCTETS];
};

struct send_queue *send_queue_new(void)
{
	return mem_new(sizeof(struct send_queue));
}

void send_queue_free(struct send_queue *q)
{
	free(q);
}

/* Moves what waits to the start of both arrays. */
static void compact(struct send_queue *q)
{
	size_t start = q->items[q->first].offset;

	memmove(q->octets, q->octets + start, q->used - start);
	memmove(q->items, q->items + q->first, send_queue_count(q) * sizeof(*q->items));
	q->end -= q->first;
	q->first = 0;
	q->used -= start;
	for (size_t i = 0; i < q->end; i++)
		q->items[i].offset -= start;
}

static bool has_room(const struct send_queue *q, size_t len)
{
	return q->end < SEND_QUEUE_PACKETS && len <= SEND_QUEUE_OCTETS - q->used;
}

bool send_queue_push(struct send_queue *q, const struct act_send *a)
{
	if (!has_room(q, a->len) && q->first > 0)
		compact(q);
	if (!has_room(q, a->len))
		return false;
	q->items[q->end++] = (struct item){ a->ifindex, a->to, q->used, a->len };
	memcpy(q->octets + q->used, a->pdu, a->len);
	q->used += a->len;
	return true;
}

size_t send_queue_count(const struct send_queue *q)
{
	return q->end - q->first;
}

struct act_send send_queue_peek(const struct send_queue *q, size_t i)
{
	const struct item *item = &q->items[q->first + i];

	return (struct act_send){ item->ifindex, item->to, q->octets + item->offset,
				  item->len };
}

void send_queue_pop(struct send_queue *q, size_t n)
{
	q->first += n;
	if (q->first == q->end)
		q->first = q->end = q->used = 0;
}
