/* SPDX-License-Identifier: MIT */
/*
 * Any octets as what arrives on the control socket, at either end: frames are
 * taken off until one is cut or bad. A row that decodes must encode to the same
 * octets; a request that decodes goes on to the command parser.
 */
#include "fuzz.h"

#include <string.h>

#include <nhrp/ctl_command.h>
#include <nhrp/ctl_proto.h>

static void try_request(struct rd body)
{
	struct ctl_request request;
	struct ctl_parsed cmd;
	char err[CTL_MESSAGE_MAX] = "";

	if (!ctl_request_decode(&request, &body))
		return;
	if (ctl_command_parse(&cmd, request.words, request.word_count, err,
			      sizeof(err)))
		MUST_HOLD(cmd.verb < CTL_VERBS);
	else
		MUST_HOLD(err[0] != '\0');
}

static void try_row(struct rd body)
{
	uint8_t frame[CTL_HEADER_LEN + CTL_ROW_MAX];
	const uint8_t *octets = body.p;
	size_t len = rd_left(&body), n;
	struct record r;

	if (!ctl_row_decode(&r, &body))
		return;
	n = ctl_row_encode(&r, (mono){ 0 }, 0, frame, sizeof(frame));
	MUST_HOLD(n == CTL_HEADER_LEN + len);
	MUST_HOLD(memcmp(frame + CTL_HEADER_LEN, octets, len) == 0);
}

static void try_end(struct rd body)
{
	struct ctl_end end;

	if (ctl_end_decode(&end, &body))
		MUST_HOLD(strlen(end.message) < CTL_ROW_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (;;) {
		enum ctl_frame type;
		struct rd body;
		int n = ctl_frame_peek(data, size, CTL_ROW_MAX, &type, &body);

		if (n <= 0)
			return 0;
		MUST_HOLD((size_t)n == CTL_HEADER_LEN + rd_left(&body));
		/* each body is tried as everything that it could be */
		try_request(body);
		try_row(body);
		try_end(body);
		data += n;
		size -= (size_t)n;
	}
}
