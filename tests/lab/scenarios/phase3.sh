# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Two sites with a summary route to the hub each: traffic between them begins
# through the hub and goes straight after a moment, with no route of the other site
# configured. Nothing is lost when it changes over, twenty times.
. "$LAB/lib.sh"

mesh
hub_conf hub 'redirect rate 600'
for n in s1 s2; do
	spoke_conf $n shortcut
	printf 'interface lan0\n\tshortcut-destination\n' >> "$WORK/$n.conf"
	ip -n $n route add 192.168.0.0/16 via 10.0.0.1 dev gre1 onlink
done
relay
ip -n s1 route del 192.168.3.0/24
ip -n s2 route del 192.168.2.0/24
up hub s1 s2
must on hub nft list table inet nhrpd
said 'gre1'

shortcut() { # NODE PREFIX VIA: the kernel has it, marked as ours
	ip -n "$1" route show "$2" proto $PROTO_NUMBER | grep -q "via $3 dev gre1"
}

no_shortcut() {
	! shortcut "$@"
}

# Milliseconds from the first data packet on the WAN to the route in the kernel.
ip -n s1 -ts monitor route > "$WORK/s1.routes" 2>&1 &
monitor=$!
ip netns exec s1-lan ping -n -D -i 0.01 -c 300 192.168.3.10 > "$WORK/first" 2>&1 &
first=$!
wait_for 10 shortcut s1 192.168.3.0/24 10.0.0.3
wait_for 10 shortcut s2 192.168.2.0/24 10.0.0.2
wait $first || fail "the first packets: $(grep received "$WORK/first")"
kill $monitor
sent=$(sed -n 's/^\[\([0-9]*\)\.\([0-9]\{3\}\).*icmp_seq=1 .*time=\([0-9]*\).*/\1\2 \3/p' "$WORK/first")
routed=$(awk '/^\[20/ { t = $1 } /192.168.3.0\/24 via 10.0.0.3/ { print t; exit }' "$WORK/s1.routes" |
	tr -d '[]')
began_ms=$((${sent% *} - ${sent#* }))
routed_ms=$(date -d "${routed/T/ }" +%s%3N)
first_ms=$((routed_ms - began_ms))
grep -q ' 0% packet loss' "$WORK/first" || fail "lost: $(grep received "$WORK/first")"

# None goes through the hub any more.
watch_data hub
ping_ok s1-lan 192.168.3.10 5
equal 'packets relayed by the hub' 0 "$(packets data-hub)"
must query s1 shortcuts 'select(.prefix == "192.168.3.0/24" or .protocol == "192.168.3.0") | .state'
consistent s1 s2

# Again and again: forgotten on both sides under traffic, nothing lost.
lost=0
for _ in $(seq 20); do
	ctl s1 flush > /dev/null
	ctl s2 flush > /dev/null
	on s1-lan ping -n -i 0.02 -c 50 -W 2 192.168.3.10 > "$WORK/again" || true
	got=$(sed -n 's/.* \([0-9]*\) received.*/\1/p' "$WORK/again")
	lost=$((lost + 50 - got))
	wait_for 5 shortcut s1 192.168.3.0/24 10.0.0.3
done
equal 'packets lost in twenty changes' 0 "$lost"

# Somebody flushes the ruleset: it is back.
must on hub nft flush ruleset
wait_for 5 on hub nft list table inet nhrpd

# The LAN behind the other end goes: back to the hub's path, by purge.
began_down=$(now)
ip -n s2 link set lan0 down
wait_for 5 no_shortcut s1 192.168.3.0/24 10.0.0.3
down_ms=$(($(now) - began_down))
ip -n s2 link set lan0 up
ip -n s2-lan route replace default via 192.168.3.1

# The base route goes: so does what lies over it.
on s1-lan ping -n -i 0.05 -c 20 -W 2 192.168.3.10 > /dev/null
wait_for 20 shortcut s1 192.168.3.0/24 10.0.0.3
ip -n s1 route del 192.168.0.0/16
wait_for 5 no_shortcut s1 192.168.3.0/24 10.0.0.3
pass "first packet to shortcut $first_ms ms, lost 0 of 1000 in 20 changes, withdrawn after $down_ms ms"
