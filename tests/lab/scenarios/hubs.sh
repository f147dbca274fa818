# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Two hubs, of which the spokes use one; each hub registers with the other. The first
# is killed under traffic, its daemon and its link; it is back, and has its place
# again. A site's script leads what is relayed to the hub of the moment, as a routing
# protocol would. How long does nothing pass, and is a shortcut disturbed?
. "$LAB/restart.sh"

HOLD=60
HUB2='map 10.0.0.4/24 100.64.4.1 register'

# follow NODE: all of the sites by the server that was last heard to serve.
follow() {
	cat > "$WORK/$1.hook" <<END
#!/bin/sh
case \$1 in
nhs-up)
	ip route replace 192.168.0.0/16 via "\$NHRP_DESTADDR" dev gre1 onlink
	echo "\$1 \$NHRP_DESTADDR" >> "$WORK/$1.events"
	;;
nhs-down) echo "\$1 \$NHRP_DESTADDR" >> "$WORK/$1.events" ;;
esac
END
	chmod 755 "$WORK/$1.hook"
	: > "$WORK/$1.events"
	echo "script $WORK/$1.hook" >> "$WORK/$1.conf"
}

spoke() { # NODE
	hub_conf "$1" 'nhs-group core max-connections 1 fall-back 5' \
		'map 10.0.0.1/24 100.64.1.1 register priority 10 group core probe 1' \
		"$HUB2 priority 20 group core probe 1" shortcut
	printf 'interface lan0\n\tshortcut-destination\n' >> "$WORK/$1.conf"
	follow "$1"
}

both() { # QUESTION ADDRESS
	"$1" s1 "$2" && "$1" s2 "$2"
}

# no_spoke HUB: none is registered there, or announced.
no_spoke() {
	[ -z "$(query "$1" cache 'select(.type == "dynamic") | .protocol')" ] &&
		[ -z "$(ours "$1" route)" ]
}

begin_pings() {
	ping_start relayed s1 192.168.33.1 300 -I 192.168.22.1
	ping_start direct s1-lan 192.168.3.10 300
}

mesh
wan hub2 4
gre hub2
record hub2
hub_conf hub redirect host-routes "$HUB2"
hub_conf hub2 redirect host-routes 'map 10.0.0.1/24 100.64.1.1 register'
for n in s1 s2; do
	spoke $n
	site_by $n hub hub2
done
for n in hub hub2 s1 s2; do
	start $n
done
wait_for 20 both serves 10.0.0.1
wait_for 20 both stands_by 10.0.0.4
must no_spoke hub2
equal 'routes to stations at the hub' '10.0.0.2 10.0.0.3' \
	"$(ours hub route | awk '!/via/ { print $1 }' | paste -sd ' ')"
ping_ok s1-lan 192.168.3.10
wait_for 10 shortcut s1 192.168.3.0/24 10.0.0.3
wait_for 10 shortcut s2 192.168.2.0/24 10.0.0.2

# It is lost: by the relayed packets alone that is noticed.
begin_pings
stop hub KILL
ip -n core link set c1 down
wait_for 20 both serves 10.0.0.4
ping_stop relayed
ping_stop direct
lost=$(ping_gap relayed)
equal 'packets lost by the shortcut when the hub was lost' 0 "$(ping_missed direct)"
ping_gap_below relayed $((2 + ${LAB_PATIENCE:-1}))
must shortcut s1 192.168.3.0/24 10.0.0.3

# It is back: asked again within a minute or so, then well for five seconds.
begin_pings
ip -n core link set c1 up
start hub
wait_for 120 both serves 10.0.0.1
wait_for 20 both stands_by 10.0.0.4
sleep 3 # of no change
ping_stop relayed
ping_stop direct
equal 'packets lost by the shortcut when the hub was back' 0 "$(ping_missed direct)"
equal 'packets lost through the hubs when the first was back' 0 "$(ping_missed relayed)"
for n in s1 s2; do
	equal "servers that $n followed" '10.0.0.1 10.0.0.4 10.0.0.1' \
		"$(awk '$1 == "nhs-up" { print $2 }' "$WORK/$n.events" | paste -sd ' ')"
done
wait_for 5 no_spoke hub2
consistent hub hub2 s1 s2
pass "hub killed with its link: nothing relayed for $lost s, 0 lost by the shortcut; back: 0 lost, 0 lost"
