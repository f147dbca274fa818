# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# How long shortcuts take to come and to go; sourced by the scenarios about them.
# Packets have the kernel's time, routes that of `ip -ts monitor`: what it takes
# that program to wake up is counted as ours.
# shellcheck source-path=SCRIPTDIR
. "$LAB/lib.sh"

# together 'NODE WORDS'...: nhrpctl at several nodes at about the same time.
together() {
	local words pids=()
	for words; do
		# shellcheck disable=SC2086 # words
		ctl $words > /dev/null &
		pids+=($!)
	done
	for words in "${pids[@]}"; do
		wait "$words" || fail "one of: $*"
	done
}

# --- times -------------------------------------------------------------------

# clock NODE: from now on its routes, and the pings of its LAN and their answers, are
# noted with the time.
clock() {
	local n=$1
	tap "lan-$n" "$n" lan0 icmp
	ip -n "$n" -ts monitor route neigh > "$WORK/$n.changes" 2>&1 &
	wait_for 20 notes "$n"
}

# The program listens, and has read all that it needs to print a route via another.
notes() { # NODE
	ip -n "$1" route replace 192.0.2.1 via 10.0.0.254 dev gre1 onlink proto $PROTO_NUMBER metric 1
	ip -n "$1" route del 192.0.2.1
	grep -q ' 192.0.2.1 ' "$WORK/$1.changes"
}

# change_times NODE PATTERN: when such a change was noted, in seconds, a line each.
change_times() {
	awk -v "pattern=$2" '$0 ~ pattern {
		t = substr($1, 2, 26)
		fraction = substr(t, 20)
		gsub(/[-T:.]/, " ", t)
		printf "%d%s\n", mktime(substr(t, 1, 19)), fraction
	}' "$WORK/$1.changes"
}

# ping_times NODE [ADDRESS]: when the first packet of each ping of its LAN came, of
# those to this address.
ping_times() {
	tcpdump -n -tt -r "$WORK/lan-$1.pcap" 2> /dev/null |
		awk "/> ${2:-.*}: ICMP echo request, id [0-9]*, seq 1,/ { print \$1 }"
}

# delays STARTS ENDS: of the times in these files, from each start to the next end
# before the next start, in milliseconds, a line each; a start without one: "-".
delays() {
	awk 'NR == FNR { start[++n] = $1; next }
	{
		while (k < n && start[k + 1] <= $1) k++
		if (k && !(k in delay)) delay[k] = ($1 - start[k]) * 1000
	}
	END { for (i = 1; i <= n; i++) print (i in delay) ? sprintf("%.0f", delay[i]) : "-" }' \
		"$1" "$2"
}

# shortcut_delays NODE PREFIX VIA [ADDRESS]: from the first packet of each ping to the
# route.
shortcut_delays() {
	ping_times "$1" "${@:4}" > "$WORK/$1.starts"
	change_times "$1" "^\\\\[[^]]*\\\\] $2 .*via $3 " > "$WORK/$1.ends"
	delays "$WORK/$1.starts" "$WORK/$1.ends"
}

# led_astray NODE PREFIX VIA: how often the neighbour went before the route to it.
led_astray() {
	awk -v "route=$2 via $3 " -v "via=$3" '
		index($0, "] " route) { there = 1 }
		index($0, "] Deleted " route) { there = 0 }
		there && $2 == via && / FAILED / { astray++ }
		END { print astray + 0 }' "$WORK/$1.changes"
}

# spread < NUMBERS: their least, middle and greatest, as min/median/max.
spread() {
	sort -n | awk '{ v[NR] = $1 } END { print v[1] "/" v[int((NR + 1) / 2)] "/" v[NR] }'
}

median() {
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# --- traffic -----------------------------------------------------------------

# burst NODE ADDRESS COUNT: a hundred pings a second, in the background.
burst_pid=
burst() {
	ip netns exec "$1" ping -n -q -i 0.01 -c "$3" "$2" > /dev/null 2>&1 &
	burst_pid=$!
}

burst_end() {
	wait "$burst_pid" || true
}

# pings NODE: of its LAN, since clock: how many were sent, how many were never
# answered, and how many answers came behind that to a later one.
pings() {
	tcpdump -n -r "$WORK/lan-$1.pcap" 2> /dev/null | awk '
		/ICMP echo request/ { sent[$10 $12] }
		/ICMP echo reply/ && ($10 $12) in sent && !(($10 $12) in back) {
			back[$10 $12]
			if ($12 + 0 < last[$10]) overtaken++; else last[$10] = $12 + 0
		}
		END { print length(sent), length(sent) - length(back), overtaken + 0 }'
}

# An answer may have waited for an address.
none_lost() { # NODE
	[[ $(pings "$1") == *' 0 '* ]]
}

# rounds: ROUNDS times what the scenario has for a round(), with traffic from s1's LAN
# to that of s2. Each had a shortcut, and none of $sent packets was lost.
rounds() {
	local lost
	clock s1
	for _ in $(seq "$ROUNDS"); do
		round
	done
	shortcut_delays s1 192.168.3.0/24 10.0.0.3 > "$WORK/delays"
	equal 'rounds with a shortcut' "$ROUNDS" "$(grep -c '[0-9]' "$WORK/delays")"
	reached 5 none_lost s1 || true
	# shellcheck disable=SC2034 # of the scenario
	read -r sent lost overtaken < <(pings s1)
	equal "packets lost of $sent" 0 "$lost"
}
