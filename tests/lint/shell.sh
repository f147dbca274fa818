#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Scripts: no error and no warning by shellcheck.

set -u
cd "${srcdir:-.}" || exit 1
command -v shellcheck >/dev/null || {
	echo "skipped: shellcheck is not installed"
	exit 77
}

files=$(
	find contrib tests .ci -type f ! -path '*/corpus/*' | while read -r f; do
		case $f in
		*.sh) echo "$f" ;;
		*) head -n 1 "$f" | tr -d '\0' | grep -q '^#!/bin/\(ba\)\?sh' && echo "$f" ;;
		esac
	done
)
count=$(printf '%s\n' "$files" | grep -c .)
echo "$count scripts"
[ "$count" -gt 10 ] || { echo "hardly a script was looked at" >&2; exit 1; }
# shellcheck disable=SC2086 # no file name here has a space
shellcheck -S warning $files
