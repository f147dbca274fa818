/* SPDX-License-Identifier: MIT */
#include <nhrp/log_out.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <nhrp/mem.h>

struct line {
	int64_t time_s;
	enum log_level level;
	char *text;
};

struct log_out {
	struct log_sink sink;
	int fd;
	bool journal, syslog;
	struct line ring[LOG_OUT_LINES];
	size_t first, count;
};

/* systemd's way: DEVICE:INODE of the stream that it reads. */
static bool is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
	       fstat(fd, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
}

static int priority(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return 3;
	case LOG_LEVEL_WARN:
		return 4;
	case LOG_LEVEL_INFO:
		return 6;
	case LOG_LEVEL_DEBUG:
		break;
	}
	return 7;
}

static char *printable(const char *text)
{
	char *copy = mem_strdup(text);

	for (char *c = copy; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	}
	return copy;
}

static void keep(struct log_out *out, const struct line *line)
{
	size_t slot = (out->first + out->count) % LOG_OUT_LINES;

	if (out->count == LOG_OUT_LINES) {
		free(out->ring[slot].text);
		out->first = (out->first + 1) % LOG_OUT_LINES;
	} else {
		out->count++;
	}
	out->ring[slot] = *line;
}

static size_t head_str(const struct log_out *out, char *buf, size_t cap,
		       const struct line *line)
{
	time_t t = (time_t)line->time_s;
	char when[32] = "";
	struct tm tm;

	if (out->journal)
		return (size_t)snprintf(buf, cap, "<%d>", priority(line->level));
	if (localtime_r(&t, &tm))
		strftime(when, sizeof(when), "%F %T", &tm);
	return (size_t)snprintf(buf, cap, "%s %-5s ", when, log_level_str(line->level));
}

/* One write a line; when it fails there is nobody left to tell. */
static void print(const struct log_out *out, const struct line *line)
{
	char buf[LOG_LINE_MAX + 64];
	size_t n;

	if (out->syslog) {
		syslog(priority(line->level), "%s", line->text);
		return;
	}
	n = head_str(out, buf, sizeof(buf), line);
	n += (size_t)snprintf(buf + n, sizeof(buf) - n, "%s\n", line->text);
	if (write(out->fd, buf, n) < 0)
		return;
}

static void take_line(void *ctx, enum log_level level, const char *text)
{
	struct line line = { .time_s = time(NULL), .level = level };

	line.text = printable(text);
	print(ctx, &line);
	keep(ctx, &line);
}

struct log_out *log_out_new(int fd, enum log_level max)
{
	struct log_out *out = mem_new(sizeof(*out));

	out->fd = fd;
	out->journal = is_journal(fd);
	out->sink = (struct log_sink){ .ctx = out, .max = max, .line = take_line };
	return out;
}

void log_out_to_syslog(struct log_out *out)
{
	openlog("nhrpd", LOG_PID, LOG_DAEMON);
	out->syslog = true;
}

void log_out_free(struct log_out *out)
{
	if (!out)
		return;
	for (size_t i = 0; i < out->count; i++)
		free(out->ring[i].text);
	free(out);
}

const struct log_sink *log_out_sink(const struct log_out *out)
{
	return &out->sink;
}

size_t log_out_kept(const struct log_out *out)
{
	return out->count;
}

struct log_kept log_out_line(const struct log_out *out, size_t i)
{
	const struct line *l = &out->ring[(out->first + i) % LOG_OUT_LINES];

	return (struct log_kept){ l->time_s, l->level, l->text };
}
