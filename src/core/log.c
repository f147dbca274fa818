/* SPDX-License-Identifier: MIT */
#include <nhrp/log.h>

#include <stdarg.h>
#include <stdio.h>

void log_to(const struct log_sink *sink, enum log_level level, const char *fmt, ...)
{
	char text[LOG_LINE_MAX];
	va_list args;

	if (!sink || !sink->line || level > sink->max)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	sink->line(sink->ctx, level, text);
}

const char *log_level_str(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return "error";
	case LOG_LEVEL_WARN:
		return "warn";
	case LOG_LEVEL_INFO:
		return "info";
	case LOG_LEVEL_DEBUG:
		return "debug";
	}
	return "?";
}
