# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Garbage, truncated and hostile packets, at a hub and at a spoke, from a
# stranger and in the name of a registered spoke. Everything is counted,
# nothing stops. Without the key, nothing changes either.
. "$LAB/lib.sh"

seeds=("$LAB"/../fuzz/corpus/packet/*)
total=0

# Dropped for a reason that has a counter; an Error Indication is let in without
# a key, and changes nothing.
refused() { # NODE
	ctl "$1" -j show counters | gojq '[.counters[] |
		select(.name | test("^drop_|^rx_error_indication$")) | .value] | add'
}

# attack TO-NODE AS-NBMA SEED
attack() {
	must on crowd "$BUILD/tests/lab/nhrpgen" -n 1500 -s "$3" \
		hostile "100.64.${index[$1]}.1" "$2" "${seeds[@]}"
	total=$((total + $(cat "$WORK/last-check")))
}

storm() {
	attack hub 100.64.9.1 "$1"
	attack hub 100.64.2.1 "$1"
	attack s1 100.64.9.1 "$1"
	attack s1 100.64.1.1 "$1"
}

HOLD=600
mesh
wan crowd 9
up hub s1 s2
relay
ping_ok s1 10.0.0.3
before=$(for n in hub s1 s2; do cache_pairs $n; done)
ping_start during s1-lan 192.168.3.10 60
storm 1
kill -INT "${ping_pid[during]}"
ping_end during
equal 'packets lost while under attack' 0 "$(ping_lost during)"
counted=$(($(refused hub) + $(refused s1)))
[ $counted -ge $total ] || fail "of $total hostile packets $counted were counted"
equal 'caches after it' "$before" "$(for n in hub s1 s2; do cache_pairs $n; done)"
consistent hub s1 s2

# Without authentication more of it is looked at, and some of it is valid.
KEY=
hub_conf hub
spoke_conf s1
spoke_conf s2
for n in hub s1 s2; do
	reload $n
done
wait_for 20 registered s1
storm 2
for n in hub s1 s2; do
	must answers $n
done
wait_for 30 registered s1
wait_for 30 registered s2
must ctl s1 purge
wait_for 30 on s1 ping -n -c 1 -W 1 10.0.0.3
wait_for 30 on s1-lan ping -n -c 1 -W 1 192.168.3.10
pass "$total packets, 0 pings lost while authenticated"
