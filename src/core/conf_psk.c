/* SPDX-License-Identifier: MIT */
#include <nhrp/conf.h>

#include <string.h>

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

static const char too_long[] = "is too long";

/* `bits` of each character; what is left over at the end is padding. */
static const char *decode(struct conf_psk *psk, const char *s, size_t len,
			  unsigned bits, int (*value)(char c))
{
	unsigned held = 0, count = 0;

	for (size_t n = 0; n < len; n++) {
		int v = value(s[n]);

		if (v < 0)
			return bits == 4
				       ? "has characters that are no hexadecimal digits"
				       : "has characters that are not of base64";
		held = held << bits | (unsigned)v;
		count += bits;
		if (count < 8)
			continue;
		if (psk->len == CONF_PSK_MAX)
			return too_long;
		count -= 8;
		psk->bytes[psk->len++] = (uint8_t)(held >> count);
		held &= (1u << count) - 1;
	}
	if (count >= bits || held)
		return bits == 4 ? "has an odd number of hexadecimal digits"
				 : "is cut within its base64";
	return NULL;
}

static const char *decode_base64(struct conf_psk *psk, const char *s, size_t len)
{
	for (int n = 0; n < 2 && len && s[len - 1] == '='; n++)
		len--;
	return decode(psk, s, len, 6, base64_value);
}

static const char *take_text(struct conf_psk *psk, const char *s, size_t len)
{
	if (len > CONF_PSK_MAX)
		return too_long;
	memcpy(psk->bytes, s, len);
	psk->len = len;
	return NULL;
}

const char *conf_psk_set(struct conf_psk *psk, const char *text, size_t len)
{
	const bool coded = len >= 2 && text[0] == '0';
	const char *fault;

	*psk = (struct conf_psk){ 0 };
	if (coded && (text[1] == 'x' || text[1] == 'X'))
		fault = decode(psk, text + 2, len - 2, 4, hex_value);
	else if (coded && (text[1] == 's' || text[1] == 'S'))
		fault = decode_base64(psk, text + 2, len - 2);
	else
		fault = take_text(psk, text, len);
	if (!fault && psk->len == 0)
		fault = "is empty";
	if (fault)
		*psk = (struct conf_psk){ 0 };
	return fault;
}
