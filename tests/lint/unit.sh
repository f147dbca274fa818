#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The unit file: systemd knows every word of it, and nobody loosened it.

set -u
limit=26 # tenths, of systemd-analyze's exposure; what the job needs
command -v systemd-analyze >/dev/null || {
	echo "skipped: systemd-analyze is not installed"
	exit 77
}

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
# The programs need not be installed for this.
sed 's|^\(Exec[A-Za-z]*=\)[^ ]*|\1/bin/true|' contrib/nhrpd.service \
	>"$dir/nhrpd.service" || exit 1
said=$(systemd-analyze verify --man=no "$dir/nhrpd.service" 2>&1) &&
	[ -z "$said" ] || { echo "systemd-analyze verify: $said" >&2; exit 1; }
exposure=$(systemd-analyze security --offline=yes "$dir/nhrpd.service" |
	sed -n 's/.*exposure level for nhrpd.service: \([0-9]*\)\.\([0-9]\).*/\1\2/p')
echo "exposure ${exposure:?not found} tenths"
[ "$exposure" -le "$limit" ] || { echo "exposure is above $limit tenths" >&2; exit 1; }
