/* SPDX-License-Identifier: MIT */
/*
 * The control protocol between nhrpctl and nhrpd, as values.
 *
 * A frame is a 32-bit big-endian length of what follows, a type octet and a
 * body. A client sends one request; the daemon answers with rows and one end
 * frame. Bodies are counted, terminated strings and numbers, never structs of
 * C. Both programs come from one build, but a daemon survives any client: every
 * length is checked against its limit before it is believed. What is decoded
 * points into the frame, so the frame must outlive it.
 */
#ifndef NHRP_CTL_PROTO_H
#define NHRP_CTL_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nhrp/buf.h>
#include <nhrp/record.h>

#define CTL_VERSION	1
#define CTL_HEADER_LEN	5
#define CTL_REQUEST_MAX 4096 /* a request's body */
#define CTL_ROW_MAX	8192 /* an answer's body */
#define CTL_MAX_WORDS	32
#define CTL_MESSAGE_MAX 512

enum ctl_frame {
	CTL_REQUEST = 1, /* version, then the command's words */
	CTL_ROW = 2,	 /* one record */
	CTL_END = 3,	 /* status, and a message for people (may be empty) */
};

/* What nhrpctl exits with; DESIGN contract. */
enum ctl_status {
	CTL_DONE = 0,
	CTL_REFUSED = 1, /* or not found */
	CTL_USAGE = 2,
};

struct ctl_request {
	uint8_t version;
	size_t word_count;
	const char *words[CTL_MAX_WORDS]; /* into the frame, terminated */
};

struct ctl_end {
	enum ctl_status status;
	const char *message; /* into the frame */
};

/*
 * Looks at the bytes received so far. Returns the octets of the first whole
 * frame, header included, 0 when more are needed, -1 when its length is zero or
 * its body is above `max_body`. *type and *body describe a whole frame.
 */
int ctl_frame_peek(const uint8_t *bytes, size_t len, size_t max_body,
		   enum ctl_frame *type, struct rd *body) MUST_CHECK;

/*
 * Bodies. Encoders return the octets of the whole frame, 0 when `cap` is short
 * or a limit above is passed. Decoders refuse what is left over.
 */
size_t ctl_request_encode(const char *const *words, size_t count, uint8_t *buf,
			  size_t cap) MUST_CHECK;
bool ctl_request_decode(struct ctl_request *out, struct rd *body) MUST_CHECK;

/* FIELD_MONO becomes FIELD_TIME: `now_time_us` is the wall clock at `now`. */
size_t ctl_row_encode(const struct record *r, mono now, int64_t now_time_us,
		      uint8_t *buf, size_t cap) MUST_CHECK;
bool ctl_row_decode(struct record *out, struct rd *body) MUST_CHECK;

size_t ctl_end_encode(enum ctl_status status, const char *message, uint8_t *buf,
		      size_t cap) MUST_CHECK;
bool ctl_end_decode(struct ctl_end *out, struct rd *body) MUST_CHECK;

#endif
