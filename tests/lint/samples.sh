#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The samples for strongSwan: nhrpd finds no fault in any, nor anything to warn of,
# and the README beside them names each.

set -u
dir=${srcdir:-.}/contrib/strongswan
[ -x ./nhrpd ] || {
	echo "skipped: nhrpd is not built"
	exit 77
}
copy=$(mktemp) || exit 1
trap 'rm -f "$copy"' EXIT
bad=0

# With the rights that they are to have: some hold a secret.
count=0
for sample in "$dir"/*-hub.conf "$dir"/*-spoke.conf; do
	cat "$sample" >"$copy"
	said=$(./nhrpd -n -c "$copy" 2>&1) && [ -z "$said" ] || {
		echo "$sample: $said" >&2
		bad=1
	}
	count=$((count + 1))
done
echo "$count samples"
[ "$count" = 6 ] || { echo "there are not six" >&2; bad=1; }
for f in "$dir"/*; do
	name=${f##*/}
	[ "$name" = README.md ] || grep -q "\`$name\`" "$dir/README.md" || {
		echo "$dir/README.md: '$name' is not named" >&2
		bad=1
	}
done
exit $bad
