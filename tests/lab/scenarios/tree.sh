# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Three levels: a top hub, a hub of each of two regions below it, a spoke below each
# of those, and nothing but summary routes. Traffic between the spokes' LANs begins
# by way of all three hubs and ends with none. Each hub makes shortcuts too, and is
# told of traffic that only passes it: it leaves that to its ends.
. "$LAB/shortcut.sh"

ROUNDS=3
core
wan top 1
wan left 2
wan right 3
wan s1 4
wan s2 5
lan s1
lan s2
for n in top left right s1 s2; do
	gre $n
	record $n
done
hub_conf top redirect shortcut
hub_conf left 'map 10.0.0.1/24 100.64.1.1 register' redirect shortcut
hub_conf right 'map 10.0.0.1/24 100.64.1.1 register' redirect shortcut
hub_conf s1 'map 10.0.0.2/24 100.64.2.1 register' shortcut
hub_conf s2 'map 10.0.0.3/24 100.64.3.1 register' shortcut
printf 'interface lan0\n\tshortcut-destination\n' | tee -a "$WORK/s1.conf" >> "$WORK/s2.conf"

way() { # NODE PREFIX INDEX
	ip -n "$1" route add "$2" via "10.0.0.$3" dev gre1 onlink
}

way s1 192.168.0.0/16 2
way s2 192.168.0.0/16 3
way left 192.168.4.0/24 4
way left 192.168.0.0/16 1
way right 192.168.5.0/24 5
way right 192.168.0.0/16 1
way top 192.168.4.0/24 2
way top 192.168.5.0/24 3
for n in top left right s1 s2; do
	start $n
done
for n in left right; do
	wait_for 20 registered $n
done
wait_for 20 registered s1 10.0.0.2
wait_for 20 registered s2 10.0.0.3
clock s1

both_direct() {
	shortcut s1 192.168.5.0/24 10.0.0.5 && shortcut s2 192.168.4.0/24 10.0.0.4
}

round() {
	together 'top redirect purge' 'left redirect purge' 'right redirect purge'
	burst s1-lan 192.168.5.10 100
	wait_for 10 both_direct
	together 's1 flush' 's2 flush'
	burst_end
}

for _ in $(seq $ROUNDS); do
	round
done
shortcut_delays s1 192.168.5.0/24 10.0.0.5 > "$WORK/delays"
equal 'rounds with a shortcut' $ROUNDS "$(grep -c '[0-9]' "$WORK/delays")"
reached 5 none_lost s1 || true
read -r sent lost overtaken < <(pings s1)
equal "packets lost of $sent" 0 "$lost"

# Through no hub, once it is there.
together 'top redirect purge' 'left redirect purge' 'right redirect purge'
on s1-lan ping -n -c 1 192.168.5.10 > /dev/null
wait_for 10 both_direct
watch_data left
watch_data top
ping_ok s1-lan 192.168.5.10 5
equal 'packets that passed a hub' '0 0' "$(packets data-left) $(packets data-top)"

# Told of what passes them, the hubs did nothing about it.
for n in top left right; do
	must query $n counters 'select(.name == "indications_about_transit_traffic") | .value > 0'
	equal "shortcuts of $n" '[]' "$(ctl $n -j show shortcuts | gojq -c .shortcuts)"
	equal "routes of $n" '' "$(ours $n route)"
done
consistent top left right s1 s2
pass "first packet to shortcut $(spread < "$WORK/delays") ms of $ROUNDS, lost 0 of $sent, overtaken $overtaken"
