# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A shortcut in use ends at once when it no longer holds: the route below it goes,
# or the LAN behind the station that answered, which says so by a purge.
. "$LAB/shortcut.sh"

ROUNDS=3
mesh
hub_conf hub redirect
edge_conf s1
edge_conf s2
sites_routed hub s1 s2
up hub s1 s2
clock s1

# shortened: s1 has its shortcut, and traffic goes by it.
shortened() {
	must ctl hub redirect purge
	burst s1-lan 192.168.3.10 100
	wait_for 5 shortcut s1 192.168.3.0/24 10.0.0.3
}

# ended WORDS...: runs `ip WORDS`, which has to end it.
ended() {
	date +%s.%N >> "$WORK/$1.starts"
	must ip -n "${@:2}"
	wait_for 5 no_shortcut s1 192.168.3.0/24 10.0.0.3
	burst_end
}

# The times of all these endings of a kind.
ended_delays() { # KIND
	change_times s1 '] Deleted 192.168.3.0/24 via 10.0.0.3 ' > "$WORK/ends"
	delays "$WORK/$1.starts" "$WORK/ends"
}

for _ in $(seq $ROUNDS); do
	shortened
	ended base s1 route del 192.168.0.0/16
	ip -n s1 route add 192.168.0.0/16 via 10.0.0.1 dev gre1 onlink
done
ended_delays base > "$WORK/base"
equal 'shortcuts that ended with the route below' $ROUNDS "$(grep -c '[0-9]' "$WORK/base")"

# The other side is told, and on the hub's way again.
for _ in $(seq $ROUNDS); do
	shortened
	ended lan s2 link set lan0 down
	on s1 ip route get 192.168.3.10 > "$WORK/get"
	must grep -q 'via 10.0.0.1 dev gre1' "$WORK/get"
	ip -n s2 link set lan0 up
	must ctl s1 flush
	ping_ok s1-lan 192.168.3.10 3
done
ended_delays lan > "$WORK/lan"
equal 'shortcuts that ended with the LAN' $ROUNDS "$(grep -c '[0-9]' "$WORK/lan")"
must query s2 counters "select(.name == \"answers_withdrawn\") | .value == $ROUNDS"
must query s1 counters "select(.name == \"shortcuts_purged\") | .value == $ROUNDS"
slowest=$(sort -n "$WORK/lan" | tail -n 1)
[ "$slowest" -lt $((1000 * ${LAB_PATIENCE:-1})) ] || fail "back on the hub's way after $slowest ms"
consistent s1 s2
pass "ended with the base route after $(spread < "$WORK/base") ms, with the LAN after $(spread < "$WORK/lan") ms"
