#!/bin/bash
# SPDX-License-Identifier: MIT
# The layers as a picture, drawn from the source tree: which folders there are,
# what is in them, and which includes join them.
#
#	tests/lint/picture.sh		draws it
#	tests/lint/picture.sh --check	compares it with the one in README.md
#	tests/lint/picture.sh --write	puts it there
#
# Under make check it compares; the includes have to join the layers as drawn.
set -euo pipefail
export LC_ALL=C

mode=${1:---check}
cd "${srcdir:-$(dirname "$0")/../..}"

files() { # FOLDER: its modules, one a line
	find "src/$1" -name '*.c' -printf '%f\n' | sed 's/\.c$//' | sort
}

# Where a public header lives: the folder of the .c file of its name.
home_of() {
	case $1 in
	event | action | sa | engine) echo engine ;;
	*) find src -name "$1.c" -printf '%h\n' | sed 's|src/||' | head -1 ;;
	esac
}

# Edges: FROM TO, measured by the includes of public headers.
edges() {
	local folder header home
	for folder in core engine os ike nhrpd nhrpctl; do
		find "src/$folder" -name '*.[ch]' -exec \
			sed -n 's|^#include <nhrp/\([a-z0-9_]*\)\.h>.*|\1|p' {} + |
			sort -u | while read -r header; do
			home=$(home_of "$header")
			[ "${home:-core}" = "$folder" ] || echo "$folder ${home:-core}"
		done
	done | sort -u
}

allowed="engine core
ike core
ike os
nhrpctl core
nhrpd core
nhrpd engine
nhrpd ike
nhrpd os
os core
os engine"

box() { # WIDTH TITLE FOLDER: a box with the modules of a folder
	local width=$1 title=$2 folder=$3
	printf '+%s+\n' "$(printf '%*s' $((width - 2)) '' | tr ' ' -)"
	printf '| %-*s |\n' $((width - 4)) "$title"
	files "$folder" | tr '\n' ' ' | fold -s -w $((width - 4)) |
		while IFS= read -r line || [ -n "$line" ]; do
			printf '| %-*s |\n' $((width - 4)) "${line% }"
		done
	printf '+%s+\n' "$(printf '%*s' $((width - 2)) '' | tr ' ' -)"
}

beside() { # two boxes, padded to the same height
	paste -d '\t' "$1" "$2" | awk -F '\t' -v w="$3" '{ printf "%-*s  %s\n", w, $1, $2 }' |
		sed 's/ *$//'
}

draw() {
	local tmp
	tmp=$(mktemp -d)
	box 46 "nhrpd, the daemon" nhrpd >"$tmp/a"
	box 30 "nhrpctl" nhrpctl >"$tmp/b"
	{
		box 37 "os, adapters" os
		box 37 "ike, the adapter to strongSwan" ike
	} >"$tmp/c"
	box 39 "engine, the protocol" engine >"$tmp/d"
	box 78 "core, values in, values out" core >"$tmp/e"
	beside "$tmp/a" "$tmp/b" 46
	cat <<'ARROWS'
   |  facts of the system       | events with a time    control socket |
   v  and system calls          v in, actions out                      |
ARROWS
	beside "$tmp/c" "$tmp/d" 37
	cat <<'ARROWS'
   |  sockets, netlink, files    |  no clock, no socket, no file       |
   v                             v                                     v
ARROWS
	cat "$tmp/e"
	rm -r "$tmp"
}

begin='<!-- layers: drawn by tests/lint/picture.sh -->'
end='<!-- end of layers -->'

in_readme() {
	awk -v begin="$begin" -v end="$end" '
		$0 == end { inside = 0 }
		inside && !/^```/ { print }
		$0 == begin { inside = 1 }' README.md
}

if [ "$(edges)" != "$allowed" ]; then
	echo "the includes join other layers than the picture shows:"
	diff <(echo "$allowed") <(edges) || true
	exit 1
fi
case $mode in
--check)
	diff <(in_readme) <(draw) || {
		echo "README.md: the picture is old: tests/lint/picture.sh --write"
		exit 1
	}
	echo "README.md: the picture of the layers is the tree's"
	;;
--write)
	picture=$(draw)
	awk -v begin="$begin" -v end="$end" -v picture="$picture" '
		$0 == begin { print; print "```"; print picture; print "```"; skip = 1 }
		$0 == end { skip = 0 }
		!skip' README.md >README.md.new
	mv README.md.new README.md
	;;
*)
	draw
	;;
esac
