/* SPDX-License-Identifier: MIT */
#include <nhrp/ctl_command.h>

#include <stdio.h>
#include <string.h>

/* clang-format off */
const struct ctl_command ctl_commands[CTL_VERBS] = {
	[CTL_SHOW_CACHE] = { "show cache", CTL_ARGS_SELECTOR, false, "cache",
		"every address known, and how packets reach it" },
	[CTL_SHOW_NHS] = { "show nhs", CTL_ARGS_INTERFACE, false, "nhs",
		"next hop servers and the registrations with them" },
	[CTL_SHOW_PEERS] = { "show peers", CTL_ARGS_SELECTOR, false, "peers",
		"NBMA peers, and the SAs that protect what goes there" },
	[CTL_SHOW_SHORTCUTS] = { "show shortcuts", CTL_ARGS_SELECTOR, false, "shortcuts",
		"direct ways to networks behind other stations" },
	[CTL_SHOW_ROUTES] = { "show routes", CTL_ARGS_INTERFACE, false, "routes",
		"routes over the tunnels, and whose they are" },
	[CTL_SHOW_INTERFACES] = { "show interfaces", CTL_ARGS_INTERFACE, false, "interfaces",
		"tunnels, their addresses and state" },
	[CTL_SHOW_COUNTERS] = { "show counters", CTL_ARGS_INTERFACE, false, "counters",
		"packets by type and by why they were dropped" },
	[CTL_SHOW_MULTICAST] = { "show multicast", CTL_ARGS_INTERFACE, false, "multicast",
		"groups that are copied or not, and who gets a copy" },
	[CTL_SHOW_LOG] = { "show log", CTL_ARGS_NONE, false, "log",
		"the last lines the daemon logged" },
	[CTL_EXPLAIN] = { "explain", CTL_ARGS_ADDRESS, false, "explain",
		"the way a packet takes here and now, and a verdict" },
	[CTL_DOCTOR] = { "doctor", CTL_ARGS_NONE, false, "doctor",
		"what is wrong with this machine; says nothing when all is well" },
	[CTL_FLUSH] = { "flush", CTL_ARGS_SELECTOR, true, "result",
		"drop what is not permanent" },
	[CTL_PURGE] = { "purge", CTL_ARGS_SELECTOR, true, "result",
		"drop what was learnt, register anew" },
	[CTL_LOWERDOWN] = { "lowerdown", CTL_ARGS_SELECTOR, true, "result",
		"as purge, because the layer below failed" },
	[CTL_REDIRECT_PURGE] = { "redirect purge", CTL_ARGS_PREFIX, true, "result",
		"drop shortcuts, and what was refused or told" },
	[CTL_RESOLVE] = { "resolve", CTL_ARGS_TARGET, true, "resolve",
		"ask the servers for an address now" },
	[CTL_RELOAD] = { "reload", CTL_ARGS_NONE, true, "result",
		"read the configuration again, apply what changed" },
};

/* opennhrpctl's, and a bare `show` after all else that begins with it. */
static const struct spelling {
	const char *words;
	enum ctl_verb verb;
} spellings[] = {
	{ "cache show", CTL_SHOW_CACHE },
	{ "cache flush", CTL_FLUSH },
	{ "cache purge", CTL_PURGE },
	{ "cache lowerdown", CTL_LOWERDOWN },
	{ "interface show", CTL_SHOW_INTERFACES },
	{ "route show", CTL_SHOW_ROUTES },
	{ "show", CTL_SHOW_CACHE },
};
/* clang-format on */

/* How many of the words the spelling takes up; 0 when they are not it. */
static size_t match(const char *spelling, const char *const *words, size_t count)
{
	size_t taken = 0;

	for (;; taken++, spelling++) {
		size_t n = strcspn(spelling, " ");

		if (taken == count || strlen(words[taken]) != n ||
		    memcmp(words[taken], spelling, n) != 0)
			return 0;
		spelling += n;
		if (*spelling == '\0')
			return taken + 1;
	}
}

static size_t find_verb(enum ctl_verb *out, const char *const *words, size_t count)
{
	size_t taken = 0;

	for (enum ctl_verb v = 0; v < CTL_VERBS && taken == 0; v++) {
		*out = v;
		taken = match(ctl_commands[v].words, words, count);
	}
	for (size_t i = 0; i < ARRAY_SIZE(spellings) && taken == 0; i++) {
		*out = spellings[i].verb;
		taken = match(spellings[i].words, words, count);
	}
	return taken;
}

static bool no_command(const char *const *words, size_t count, char *err,
		       size_t err_cap)
{
	if (count == 0)
		snprintf(err, err_cap, "a command is missing");
	else if (count > 1 && strcmp(words[0], "show") == 0)
		snprintf(err, err_cap, "there is no table \"%s\" to show", words[1]);
	else
		snprintf(err, err_cap, "\"%s\" is no command", words[0]);
	return false;
}

static bool is_only_interface(const struct selector *s)
{
	return !s->has_protocol && !addr_is_set(&s->nbma) &&
	       !addr_is_set(&s->local_nbma) && !addr_is_set(&s->local_protocol);
}

static bool parse_interface(struct ctl_parsed *out, const char *const *words,
			    size_t count, char *err, size_t err_cap)
{
	if (!selector_parse(&out->selector, words, count, err, err_cap))
		return false;
	if (is_only_interface(&out->selector))
		return true;
	snprintf(err, err_cap, "%s is limited by nothing but interface NAME",
		 ctl_commands[out->verb].words);
	return false;
}

static bool parse_target(struct ctl_parsed *out, const char *const *words, size_t count,
			 char *err, size_t err_cap)
{
	if (count == 0)
		snprintf(err, err_cap, "%s needs an address after it",
			 ctl_commands[out->verb].words);
	else if (!addr_parse(&out->target, words[0]))
		snprintf(err, err_cap, "\"%s\" is not an address", words[0]);
	else if (count > 1 && ctl_commands[out->verb].args == CTL_ARGS_ADDRESS)
		snprintf(err, err_cap, "%s takes one address after it",
			 ctl_commands[out->verb].words);
	else if (count == 1)
		return true;
	else
		return parse_interface(out, words + 1, count - 1, err, err_cap);
	return false;
}

static bool parse_prefix(struct ctl_parsed *out, const char *const *words, size_t count,
			 char *err, size_t err_cap)
{
	if (count > 1)
		snprintf(err, err_cap, "%s takes one prefix after it, or none",
			 ctl_commands[out->verb].words);
	else if (count == 1 && !prefix_parse(&out->selector.protocol, words[0]))
		snprintf(err, err_cap, "\"%s\" is not an address or prefix", words[0]);
	else
		out->selector.has_protocol = count == 1;
	return count == 0 || out->selector.has_protocol;
}

bool ctl_command_parse(struct ctl_parsed *out, const char *const *words, size_t count,
		       char *err, size_t err_cap)
{
	size_t taken;

	*out = (struct ctl_parsed){ 0 };
	taken = find_verb(&out->verb, words, count);
	/* what follows a bare `show` is a selector, or a table's name misspelt */
	if (taken == 0 || (taken == 1 && out->verb == CTL_SHOW_CACHE && count > 1 &&
			   !selector_is_word(words[1])))
		return no_command(words, count, err, err_cap);
	words += taken;
	count -= taken;
	switch (ctl_commands[out->verb].args) {
	case CTL_ARGS_SELECTOR:
		return selector_parse(&out->selector, words, count, err, err_cap);
	case CTL_ARGS_INTERFACE:
		return parse_interface(out, words, count, err, err_cap);
	case CTL_ARGS_TARGET:
	case CTL_ARGS_ADDRESS:
		return parse_target(out, words, count, err, err_cap);
	case CTL_ARGS_PREFIX:
		return parse_prefix(out, words, count, err, err_cap);
	case CTL_ARGS_NONE:
		break;
	}
	if (count > 0)
		snprintf(err, err_cap, "%s takes nothing after it",
			 ctl_commands[out->verb].words);
	return count == 0;
}

const char *ctl_args_str(enum ctl_args args)
{
	switch (args) {
	case CTL_ARGS_SELECTOR:
		return "[SELECTOR]...";
	case CTL_ARGS_INTERFACE:
		return "[interface NAME]";
	case CTL_ARGS_TARGET:
		return "ADDRESS [interface NAME]";
	case CTL_ARGS_ADDRESS:
		return "ADDRESS";
	case CTL_ARGS_PREFIX:
		return "[ADDRESS[/LENGTH]]";
	case CTL_ARGS_NONE:
		break;
	}
	return "";
}
