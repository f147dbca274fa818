# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Both families on one tunnel. The neighbours of another spoke stay alive and reachable
# as long as they are used, through many holding times, and not longer; its link-local
# address comes as the second CIE of the answer; nobody asks for neighbours, or for
# duplicates of an address, by packets. LAB_IPV6_SECONDS is for how long, 90; with more
# it needs a higher LAB_LIMIT too.
. "$LAB/lib.sh"

HOLD=20
: "${LAB_IPV6_SECONDS:=90}"

# What a multicast question would be on the WAN: a solicitation in GRE with a key, to
# whatever outer address.
SOLICITATION='ip proto 47 and ip[22:2] = 0x86dd and ip[34] = 58 and ip[68] = 135'

sites
for n in hub s1 s2; do
	i=${index[$n]}
	set -- 'tunnel source eth0 key 42 mtu 1400' "address 10.0.0.$i/24" \
		"address 2001:db8:ffff::$i/64"
	tap "asked-$n" core "c$i" "$SOLICITATION"
	if [ $n = hub ]; then
		hub_conf hub "$@"
	else
		spoke_conf $n "$@" 'map 2001:db8:ffff::1/64 100.64.1.1 register'
	fi
done
up hub s1 s2
for n in s1 s2; do
	wait_for 20 registered $n 2001:db8:ffff::1
done
for n in hub s1 s2; do
	equal "tentative addresses of $n" '' "$(ip -n $n -6 addr show dev gre1 tentative)"
done
# The kernel makes it of the tunnel's own address.
local1=fe80::200:5efe:6440:101 local2=fe80::200:5efe:6440:201
local3=fe80::200:5efe:6440:301
for address in 10.0.0.2 2001:db8:ffff::2 $local2; do
	must entry hub dynamic $address 100.64.2.1
done
wait_for 5 entry s1 cached $local1 100.64.1.1

ip -n s1 -ts monitor neigh dev gre1 > "$WORK/monitor-s1" 2>&1 &
ping_start flow4 s1 10.0.0.3 $((LAB_IPV6_SECONDS + 60))
ping_start flow6 s1 2001:db8:ffff::3 $((LAB_IPV6_SECONDS + 60))
ping_start local s1 "$local3" $((LAB_IPV6_SECONDS + 60)) -I gre1
for address in 10.0.0.3 2001:db8:ffff::3 $local3; do
	must entry s1 cached $address 100.64.3.1
done
sleep "$LAB_IPV6_SECONDS" # of traffic
for flow in flow4 flow6 local; do
	ping_stop $flow
	equal "packets of $flow lost" 0 "$(ping_missed $flow)"
done
must_not grep -E '] (Deleted )?(10|2001|fe80).* FAILED' "$WORK/monitor-s1"
renewed=$(query s1 counters 'select(.name == "resolutions_learnt") | .value')
least=$((3 * (LAB_IPV6_SECONDS / HOLD - 1)))
[ "$renewed" -ge $least ] || fail "only $renewed answers in $LAB_IPV6_SECONDS s"
sent=$(grep -c 'bytes from' "$WORK/ping-flow6")

# Nobody uses them any more.
stopped=$(now)
gone() {
	! ours s1 neigh | grep -E "^(10.0.0.3|2001:db8:ffff::3|$local3) "
}
wait_for $((HOLD + 2)) gone
gone=$(($(now) - stopped))
[ $gone -le $(((HOLD + 2) * 1000)) ] || fail "gone after $gone ms"

# The answer, as it was sent: both addresses of s2, in this order, with its NBMA address
# before each.
tcpdump -n -x -r "$WORK/sent-s2-100.64.3.1.pcap" 'ip[45] = 2' 2> /dev/null |
	awk '!/^\t/ { print "" } /^\t/ { sub(/^[^:]*:/, ""); gsub(/ /, ""); printf "%s", $0 }' \
		> "$WORK/replies"
must grep -E '6440030120010db8ffff0{19}3.{24}64400301fe800{12}02005efe64400301' "$WORK/replies"

for n in hub s1 s2; do
	end_capture "asked-$n"
	equal "solicitations of $n" 0 "$(packets "asked-$n")"
done
consistent hub s1 s2
pass "lost 0 of $sent, thrice, in $LAB_IPV6_SECONDS s with $renewed answers; gone after $gone ms; solicitations 0"
