# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The mesh of lib.sh, encrypted: a charon a node, and a capture on each WAN from
# before anything starts until after everything has stopped. Sourced by scenarios.
# shellcheck source-path=SCRIPTDIR
. "$LAB/shortcut.sh"
. "$LAB/charon.sh"

SECRET=lab-pre-shared-secret

# The NHRP of an encrypted tunnel is not to be seen on the wire.
record() {
	:
}

# Who is who, in the words of a profile: $CREDENTIALS is one of these functions.
CREDENTIALS=by_secret

by_secret() { # NODE: it is NODE.lab
	printf '\t%s\n' "local auth psk id $1.lab" 'remote auth psk id *.lab' "psk $SECRET"
}

by_certificate() { # NODE: it is whoever the certificate says
	printf '\t%s\n' "local auth pubkey certs $1.pem" 'remote auth pubkey cacerts ca.pem'
}

# Words of the connection itself, in every profile.
CONNECTION=()

# profile NODE [WORDS of the child...]
profile() {
	local n=$1
	shift
	printf 'vici %s\n' "$WORK/$n.vici"
	printf 'ipsec-profile lab\n'
	printf '\t%s\n' 'proposals aes256gcm16-prfsha384-x25519' "${CONNECTION[@]}"
	$CREDENTIALS "$n"
	printf '\tchild esp_proposals aes256gcm16-x25519 %s\n' "$*"
}

# secure NODE [PROFILE-WORDS...]: its configuration so far, with `ipsec`.
secure() {
	local n=$1 text
	shift
	text=$(sed 's/^interface gre1$/&\n\tipsec lab/' "$WORK/$n.conf")
	{
		profile "$n" "$@"
		printf '%s\n' "$text"
	} > "$WORK/$n.conf"
	chmod 600 "$WORK/$n.conf"
}

# Every packet that a router on the way could read, and every one it could not.
watch_wan() { # NODE...
	local n
	for n in "$@"; do
		tap "clear-$n" core "c${index[$n]}" "$CLEAR"
		tap "esp-$n" core "c${index[$n]}" 'ip proto 50 or udp port 4500'
	done
}

# After everything has stopped: nothing was readable, and something was sent.
nothing_clear() { # NODE...
	local n
	for n in "$@"; do
		end_capture "clear-$n"
		end_capture "esp-$n"
		equal "GRE packets in clear on the WAN of $n" 0 "$(packets "clear-$n")"
		[ "$(packets "esp-$n")" -gt 0 ] || fail "no ESP on the WAN of $n"
	done
}

secured() { # NODE NBMA
	ctl "$1" -j show peers | grep "\"nbma\":\"$2\",.*\"state\":\"up\""
}

has_one_sa() { # NODE NBMA
	ctl "$1" -j show peers | grep "\"nbma\":\"$2\",.*\"sas\":1[,}]"
}

# forsake NODE: all its SAs end, in order.
forsake() {
	local ike
	for ike in $(swan "$1" --list-sas | sed -n 's/^[^ ]*: #\([0-9]*\), .*/\1/p'); do
		swan "$1" --terminate --ike-id "$ike" > /dev/null || true
	done
}

# secure_mesh: hub, s1, s2 with LANs, a summary route and shortcuts, encrypted and
# watched; nothing runs yet.
secure_mesh() {
	local n
	KEY= # who has an SA has proved more
	esp
	mesh
	hub_conf hub redirect
	edge_conf s1
	edge_conf s2
	for n in hub s1 s2; do
		secure $n "$@"
	done
	sites_routed hub s1 s2
	watch_wan hub s1 s2
}

# stop_all: every daemon, and then no packet was in clear.
stop_all() {
	stop_all_of hub s1 s2
}

# stop_all_of NODE...: the same, where these had anything to send.
stop_all_of() {
	local n
	for n in "${!pid[@]}"; do
		stop "$n" TERM
	done
	for n in "${!charon_pid[@]}"; do
		charon_stop "$n" TERM
	done
	nothing_clear "$@"
}
