/* SPDX-License-Identifier: MIT */
/* Three hubs, and a spoke that knows them. */
#ifndef NHRP_TEST_STORY_HUBS_H
#define NHRP_TEST_STORY_HUBS_H

#include "story.h"

#define SEED 20261130

#define HUB2	  "10.0.0.9"
#define HUB2_NBMA "203.0.113.9"
#define HUB3	  "10.0.0.8"
#define HUB3_NBMA "203.0.113.8"

#define FIRST	"map 10.0.0.1/24 203.0.113.1 register priority 10 group g"
#define SECOND	"map 10.0.0.9/24 203.0.113.9 register priority 20 group g"
#define THIRD	"map 10.0.0.8/24 203.0.113.8 register priority 30 group g"
#define ONE_OF	"nhs-group g max-connections 1 "
#define TWO_OF	"nhs-group g max-connections 2 "
#define HOLDING " holding-time 60"

struct hubs {
	struct world *w;
	int hub, hub2, hub3, a, b;
};

static inline int add_hub(struct world *w, const char *name, const char *nbma,
			  const char *addr, const char *words)
{
	char prefix[24];

	snprintf(prefix, sizeof(prefix), "%s/24", addr);
	return world_add(w, &(struct node_spec){ .name = name,
						 .nbma = nbma,
						 .addr = prefix,
						 .words = words });
}

static inline struct hubs begin_with(const char *hub_words, const char *words)
{
	struct hubs h = { .w = world_new(SEED) };

	h.hub = story_hub(h.w, hub_words);
	h.hub2 = add_hub(h.w, "hub9", HUB2_NBMA, HUB2, hub_words);
	h.hub3 = add_hub(h.w, "hub8", HUB3_NBMA, HUB3, hub_words);
	h.a = story_spoke(h.w, 2, words);
	h.b = story_spoke(h.w, 3, words);
	world_run_s(h.w, 2);
	return h;
}

static inline struct hubs begin(const char *words)
{
	return begin_with("holding-time 600", words);
}

static inline const char *nhs(const struct hubs *h, const char *proto, const char *key)
{
	return world_show(h->w, h->a, SHOW_NHS, "protocol", proto, key);
}

static inline bool is(const struct hubs *h, const char *proto, const char *state)
{
	return strcmp(nhs(h, proto, "state"), state) == 0;
}

static inline bool serves(const struct hubs *h, const char *proto)
{
	return is(h, proto, "up") || is(h, proto, "refreshing");
}

static inline bool until(const struct hubs *h, int64_t ms, const char *proto,
			 const char *state)
{
	for (int64_t t = 0; t < ms && !is(h, proto, state); t += 50)
		world_run_ms(h->w, 50);
	return is(h, proto, state);
}

#define assert_nhs(h, proto, key, value) assert_string_equal(nhs(h, proto, key), value)

static inline void lose_first(struct hubs *h)
{
	assert_nhs(h, HUB, "state", "up");
	world_kill(h->w, h->hub);
	assert_true(until(h, 40000, HUB2, "up"));
}

#endif
