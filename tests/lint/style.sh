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
		-type f 2>/dev/null |
		while read -r f; do
			case $f in
			*.c | *.h | *.sh | *.py) echo "$f" ;;
			*/corpus/*) ;;
			*) [ "$(head -c 2 "$f" | tr -d '\0')" = '#!' ] && echo "$f" ;;
			esac
		done
	ls "$src/Makefile.am" "$src/configure.ac"
}

files=$(sources)
count=$(printf '%s\n' "$files" | grep -c .)
echo "$count sources"
[ "$count" -gt 10 ] || fail "hardly a source was looked at"

for f in $files; do
	lines=$(wc -l <"$f")
	[ "$lines" -le 1000 ] || fail "$f: $lines lines, over 1000"
	head -n 3 "$f" | grep -q 'SPDX-License-Identifier: MIT' ||
		fail "$f: no licence line at its begin"
done

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
