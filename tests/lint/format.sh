#!/bin/sh
# SPDX-License-Identifier: MIT
#
# clang-format 14 would change nothing. Another version has another opinion, so
# without this one there is nothing to say.

set -u
src=${srcdir:-.}

for tool in clang-format-14 clang-format; do
	case $($tool --version 2>/dev/null) in
	*' 14.'*) break ;;
	esac
	tool=
done
if [ -z "$tool" ]; then
	echo "skipped: clang-format-14 is not installed"
	exit 77
fi

files=$(find "$src/include" "$src/src" "$src/tests" -name '*.[ch]')
count=$(printf '%s\n' "$files" | grep -c .)
echo "$count files"
[ "$count" -gt 0 ] || { echo "no file was looked at" >&2; exit 1; }
# shellcheck disable=SC2086 # no file name here has a space
$tool --style=file --dry-run -Werror $files
