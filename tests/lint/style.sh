#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What a reader may rely on: no function over 80 lines, no file over 1000, a
# licence line in each source, nothing left to be done later.

set -u
src=${srcdir:-.}
bad=0

fail() {
	echo "$*" >&2
	bad=1
}

# Sources: C, makefiles, and whatever says at its begin that it is a script.
sources() {
	find "$src/include" "$src/src" "$src/tests" "$src/contrib" "$src/.ci" \
		-type f ! -path '*/corpus/*' -exec awk '
			FILENAME ~ /\.(c|h|sh|py)$/ || (FNR == 1 && /^#!/) { print FILENAME }
			{ nextfile }' {} + 2>/dev/null
	ls "$src/Makefile.am" "$src/configure.ac"
}

files=$(sources)
count=$(printf '%s\n' "$files" | grep -c .)
echo "$count sources"
[ "$count" -gt 10 ] || fail "hardly a source was looked at"

# shellcheck disable=SC2086 # no file name here has a space
wrong=$(awk '
	function ended() {
		if (lines > 1000) print last ": " lines " lines, over 1000"
		if (last && !licence) print last ": no licence line at its begin"
	}
	FNR == 1 { ended(); last = FILENAME; licence = 0 }
	{ lines = FNR }
	FNR <= 3 && /SPDX-License-Identifier: MIT/ { licence = 1 }
	END { ended() }' $files)
[ -z "$wrong" ] || fail "$wrong"

later='TO''DO|FIX''ME|X''XX'
# shellcheck disable=SC2086 # no file name here has a space
grep -nwE "$later" $files >&2 && fail "what is to be done is an issue, not a comment"

# Exuberant Ctags does not know where a function ends.
if ctags --version 2>/dev/null | grep -q 'Universal Ctags'; then
	functions=$(printf '%s\n' "$files" | grep '\.[ch]$' |
		ctags -L - -f - --languages=C --map-C=+.h --kinds-C=f --fields=ne 2>/dev/null |
		sed 's/^\([^\t]*\)\t\([^\t]*\)\t.*\tline:\([0-9]*\).*\tend:\([0-9]*\).*/\1 \2 \3 \4/')
	count=$(printf '%s\n' "$functions" | grep -c .)
	echo "$count functions"
	[ "$count" -gt 10 ] || fail "hardly a function was looked at"
	long=$(printf '%s\n' "$functions" | awk 'NF != 4 { print "not understood: " $0 }
		NF == 4 && $4 - $3 + 1 > 80 { print $2 ":" $3 ": " $1 "() has " $4 - $3 + 1 " lines" }')
	[ -z "$long" ] || fail "$long"
else
	echo "not looked at without Universal Ctags: the length of functions"
fi
exit $bad
