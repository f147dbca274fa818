# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A hub with 300 stations: each hello of a routing protocol reaches each of them, once.
# Then a hundred packets a second for 20 s, more than an emulated machine copies: each
# copy is made or counted as lost, and the hub goes on answering.
. "$LAB/multicast.sh"

STATIONS=300
HELLOS=10

register_all() {
	must on crowd "$BUILD/tests/lab/nhrpgen" -a "$KEY" -n $STATIONS -t 600 \
		register 100.64.1.1 10.0.0.1 100.70.0.1 10.0.16.1
}

group_has() { # GROUP FIELD
	multicast hub ".group == \"$1\" and .nbma == null" "$2"
}

# Each packet that was taken is accounted for, for each station.
balanced() { # GROUP
	[ $(($(group_has "$1" packets) * STATIONS)) = \
		$(($(group_has "$1" copies) + $(group_has "$1" lost))) ]
}

copied() { # GROUP
	group_has "$1" copies | grep -v '^0$'
}

# once_each CAPTURE GROUP: each station got each hello, and no more.
once_each() {
	wait_for 20 seen "$1" $((STATIONS * HELLOS))
	end_capture "$1"
	equal "stations that got $HELLOS packets to $2" "$STATIONS" \
		"$(tcpdump -n -r "$WORK/$1.pcap" 2> /dev/null |
			awk '{ sub(":", "", $5); had[$5]++ }
				END { for (s in had) n += had[s] == '$HELLOS'; print n + 0 }')"
	equal "copies to $2" $((STATIONS * HELLOS)) "$(group_has "$2" copies)"
}

core
wan hub 1
gre hub 16
groups hub
hub_conf hub 'multicast dynamic'
wan crowd 9
ip -n core route add 100.70.0.0/16 via 100.64.9.1
ip -n crowd route add local 100.70.0.0/16 dev lo
# Nobody there unpacks what comes, or says that it cannot.
on crowd nft 'table inet mute { chain in { type filter hook input priority 0;
	ip protocol gre @th,16,16 != 0x2001 drop; }; }'
start hub
register_all

# The inner packet stands behind a header with a key.
tap four crowd eth0 -Q in 'ip proto 47 and ip[22:2] = 0x0800 and ip[44:4] = 0xe0000005'
send hub 224.0.0.5 $HELLOS
once_each four 224.0.0.5
tap six crowd eth0 -Q in 'ip proto 47 and ip[22:2] = 0x86dd and ip[52:4] = 0xff020000 and ip[64:4] = 5'
send hub ff02::5 $HELLOS
once_each six ff02::5

ip netns exec hub ping -q -n -f -I gre1 -t 1 -w 20 224.0.0.9 > "$WORK/flood" 2>&1 &
flood=$!
wait_for 20 copied 224.0.0.9
register_all
took=$(gojq .ms < "$WORK/last-check")
wait $flood || true
wait_for 20 balanced 224.0.0.9
packets=$(group_has 224.0.0.9 packets)
lost=$(group_has 224.0.0.9 lost)
equal 'packets that were taken, of those sent' \
	"$(awk '/transmitted/ { print $1 }' "$WORK/flood")" "$packets"
equal "stations that are not well" "" "$(query hub cache 'select(.type == "dynamic" and .state != "up") | .protocol' || true)"
pass "each hello once at each of $STATIONS; then $packets packets in 20 s:" \
	"$((packets * STATIONS - lost)) copies, $lost lost, $STATIONS refreshed in $took ms meanwhile"
