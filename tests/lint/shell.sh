#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Scripts: no error and no warning by shellcheck. What a script sources is read with
# it, but for the lab's scenarios: to read the lab's functions anew for each of them
# would take minutes. So a variable of one that is set or used nowhere is not found
# here; it ends the scenario, which runs with set -u. Nor does the lab ask by a grep -q
# at the end of a pipe: lib.sh says at prints() why.

set -u
cd "${srcdir:-.}" || exit 1
command -v shellcheck >/dev/null || {
	echo "skipped: shellcheck is not installed"
	exit 77
}

scenarios='tests/lab/scenarios tests/lab/bench'
files=$(
	find contrib tests .ci -type f ! -path '*/corpus/*' ! -path 'tests/lab/scenarios/*' \
		! -path 'tests/lab/bench/*' -exec \
		awk 'FNR == 1 && (/^#!\/bin\/(ba)?sh/ || FILENAME ~ /\.sh$/) { print FILENAME }
			{ nextfile }' {} +
)
# shellcheck disable=SC2086 # no file name here has a space
alone=$(find $scenarios -name '*.sh')
count=$(printf '%s\n' "$files" "$alone" | grep -c .)
echo "$count scripts"
[ "$(printf '%s\n' "$files" | grep -c .)" -gt 10 ] &&
	[ "$(printf '%s\n' "$alone" | grep -c .)" -gt 10 ] ||
	{ echo "hardly a script was looked at" >&2; exit 1; }
bad=0
# shellcheck disable=SC2086
shellcheck -S warning $files || bad=1
# shellcheck disable=SC2086
shellcheck -S warning --norc -e SC1091,SC2317,SC2154,SC2034 $alone || bad=1
if grep -rn '| *grep -[a-zA-Z]*q' tests/lab; then
	echo "grep -q at the end of a pipe; use prints()" >&2
	bad=1
fi
exit $bad
