#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The samples for strongSwan, and the recipes: nhrpd finds no fault in any, nor
# anything to warn of, and the README beside them names each file; that of the tree
# names each recipe, and the lab runs it.

set -u
top=${srcdir:-.}
[ -x ./nhrpd ] || {
	echo "skipped: nhrpd is not built"
	exit 77
}
copy=$(mktemp) || exit 1
trap 'rm -f "$copy"' EXIT
bad=0

# With the rights that they are to have: some hold a secret.
look_at() { # SAMPLE
	cat "$1" >"$copy"
	said=$(./nhrpd -nv -c "$copy" 2>&1 >/dev/null) && [ -z "$said" ] || {
		echo "$1: $said" >&2
		bad=1
	}
	count=$((count + 1))
}

all_named() { # FOLDER
	for f in "$1"/*; do
		name=${f##*/}
		[ "$name" = README.md ] || grep -q "\`$name\`" "$1/README.md" || {
			echo "$1/README.md: '$name' is not named" >&2
			bad=1
		}
	done
}

count=0
for sample in "$top"/contrib/strongswan/*-hub.conf "$top"/contrib/strongswan/*-spoke.conf; do
	look_at "$sample"
done
echo "$count samples"
[ "$count" = 6 ] || { echo "there are not six" >&2; bad=1; }
all_named "$top/contrib/strongswan"

count=0
for recipe in "$top"/contrib/recipes/*/; do
	recipe=${recipe%/}
	for conf in "$recipe"/*.nhrpd.conf; do
		look_at "$conf"
	done
	all_named "$recipe"
	grep -qF "](contrib/recipes/${recipe##*/}/README.md) |" "$top/README.md" || {
		echo "README.md: no link to the recipe ${recipe##*/}" >&2
		bad=1
	}
	[ -e "$top/tests/lab/scenarios/recipe-${recipe##*/}.sh" ] || {
		echo "tests/lab/scenarios: nothing runs the recipe ${recipe##*/}" >&2
		bad=1
	}
done
echo "$count configurations in recipes"
[ "$count" -ge 3 ] || { echo "there are hardly any" >&2; bad=1; }
exit $bad
