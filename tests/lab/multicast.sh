# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What leaves a tunnel for more than one: sent, looked for where it should arrive, and
# on the WAN, where nothing goes to the group's own address. Sourced by scenarios.
# shellcheck source-path=SCRIPTDIR
. "$LAB/secure.sh"

# Both families, and a way for programs that ask the routing table.
groups() { # NODE
	local n=$1 i=${index[$1]}
	ip -n "$n" addr add "fd00::$i/64" dev gre1 nodad
	ip -n "$n" route add 224.0.0.0/4 dev gre1
}

# Inside of the tunnel: what came, and what left.
watch_groups() { # NODE...
	local n
	for n in "$@"; do
		tap "in-$n" "$n" gre1 -Q in
		tap "out-$n" "$n" gre1 -Q out
		tap "wan-$n" core "c${index[$n]}" 'ip proto 47 and dst net 224.0.0.0/4'
	done
}

# send NODE GROUP [COUNT]: no error, whatever becomes of it; nobody answers.
send() {
	on "$1" ping -n -q -b -I gre1 -t 1 -i 0.05 -W 0.1 -c "${3:-1}" "$2" \
		> "$WORK/last-send" 2>&1 || true
	grep -q "^${3:-1} packets transmitted" "$WORK/last-send" ||
		fail "$1 could not send to $2: $(cat "$WORK/last-send")"
	! grep -q 'not permitted' "$WORK/last-send" ||
		fail "$1 was told an error: $(cat "$WORK/last-send")"
}

# arrived NODE GROUP COUNT: so many, not more, each with the time to live it was sent
# with.
arrived() {
	captured "packets to $2 at $1" "$3" "in-$1" "dst $2"
}

# departed NODE GROUP COUNT: the same of what it sent into the tunnel.
departed() {
	captured "packets to $2 from $1" "$3" "out-$1" "dst $2"
}

# The field of a row of `show multicast`.
multicast() { # NODE SELECT FIELD
	ctl "$1" -j show multicast | gojq -r ".multicast[] | select($2) | .$3"
}

# multicast_is NODE SELECT FIELD VALUE, by now.
multicast_is() {
	[ "$(multicast "$1" "$2" "$3")" = "$4" ]
}

copies_to() { # NODE NBMA...: these and nobody else
	[ "$(multicast "$1" '.nbma' nbma | sort | paste -sd ' ')" = "${*:2}" ]
}

# After all: nothing went to a group's address outside of the tunnel.
nothing_outside() { # NODE...
	local n
	for n in "$@"; do
		equal "packets to a group on the WAN of $n" 0 "$(packets "wan-$n")"
	done
}
