# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# FRR's nhrpd as the second hub of our spokes, which are registered with both; a site's
# script leads what is relayed to the first that serves. Ours is killed with its link
# under traffic: FRR relays, its indications make shortcuts, and what it is asked it
# answers. Then ours is back.
. "$LAB/lib.sh"
. "$LAB/frr.sh"

# follow NODE: all of the sites by the first hub, as long as it serves.
follow() {
	cat > "$WORK/$1.hook" <<- 'END'
		#!/bin/sh
		case "$1 $NHRP_DESTADDR" in
		'nhs-up 10.0.0.1') hub=10.0.0.1 ;;
		'nhs-down 10.0.0.1') hub=10.0.0.4 ;;
		*) exit 0 ;;
		esac
		ip route replace 192.168.0.0/16 via $hub dev gre1 onlink
	END
	chmod 755 "$WORK/$1.hook"
	echo "script $WORK/$1.hook" >> "$WORK/$1.conf"
}

leads() { # GATEWAY: to all sites, on each spoke
	ip -n s1 route show 192.168.0.0/16 | grep "via $1 dev gre1" &&
		ip -n s2 route show 192.168.0.0/16 | grep "via $1 dev gre1"
}

straight() {
	shortcut s1 192.168.3.0/24 10.0.0.3 && shortcut s2 192.168.2.0/24 10.0.0.2
}

# With both hubs: what each of them has of the spokes.
registered_twice() { # NODE
	local i=${index[$1]}
	registered "$1" && registered "$1" 10.0.0.4 &&
		frr_cache hub2 "10.0.0.$i" "100.64.$i.1"
}

begin_pings() {
	ping_start relayed s1 192.168.33.1 300 -I 192.168.22.1
	ping_start straight s1-lan 192.168.3.10 300
}

KEY= # its version 8.4 has no authentication
core
wan hub 1
wan s1 2
wan s2 3
wan hub2 4
for n in hub s1 s2; do
	gre $n
	record $n
done
lan s1
lan s2
frr hub2 'ip nhrp redirect' 'nhrp nflog-group 1'
frr_samples hub2 queue-threshold 1
hub_conf hub redirect
for n in s1 s2; do
	edge_conf $n 'map 10.0.0.4/24 100.64.4.1 register priority 20'
	sed -i 's/100\.64\.1\.1 register/& priority 10 probe 1/' "$WORK/$n.conf"
	follow $n
	site_by $n hub hub2
done
for n in hub s1 s2; do
	start $n
done
for n in s1 s2; do
	wait_for 20 registered_twice $n
	must entry hub dynamic "10.0.0.${index[$n]}" "100.64.${index[$n]}.1"
done
wait_for 10 leads 10.0.0.1
watch_data hub
watch_data hub2
ping_ok s1-lan 192.168.3.10
wait_for 10 straight
equal 'packets by the second hub while the first serves' 0 "$(packets data-hub2)"

begin_pings
ip -n core link set c1 down
stop hub KILL
wait_for 20 leads 10.0.0.4
ping_stop relayed
ping_stop straight
lost=$(ping_gap relayed)
ping_gap_below relayed $((2 + ${LAB_PATIENCE:-1})) # two to miss it, and the script
equal 'packets lost by the shortcut when the hub was lost' 0 "$(ping_missed straight)"
must straight

# All that is new is by FRR: what it is asked itself, and what it tells.
must ctl s1 flush
must ctl s2 flush
must on hub2 nft flush set inet samples pairs
ping_ok s1 10.0.0.3
must entry s1 cached 10.0.0.3 100.64.3.1
before=$(packets data-hub2)
ping_start again s1-lan 192.168.3.10 60
wait_for 20 straight
ping_stop again
equal 'packets lost on the way to a shortcut by FRR' 0 "$(ping_missed again)"
reached 5 seen data-hub2 $((before + 1)) || fail 'FRR relayed nothing'
must_not registered s1

# Without a group each spoke is back by itself, as its own patience has it, and its
# packets come to a hub that may not know the other one yet.
begin_pings
ip -n core link set c1 up
start hub
wait_for 120 registered_twice s1
wait_for 120 registered_twice s2
wait_for 10 leads 10.0.0.1
sleep 3 # of no change
ping_stop relayed
ping_stop straight
equal 'packets lost by the shortcut when the hub was back' 0 "$(ping_missed straight)"
consistent hub s1 s2
pass "hub killed with its link: nothing relayed for $lost s, 0 lost by the shortcut; a new shortcut by FRR lost 0; back: $(ping_missed relayed) lost relayed, 0 by the shortcut"
