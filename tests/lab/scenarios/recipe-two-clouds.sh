# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# contrib/recipes/two-clouds as it stands: through the hub, then straight, by the first
# provider. It fails, and all traffic is by the second one; it is back. Then the line
# of one site to it fails, to which another has a shortcut. And no packet that others
# can read, at either provider.
LIMIT=$((LIMIT + 100))
. "$LAB/secure.sh"
. "$LAB/recipe.sh"

# provider2: another network than core, with everybody in it.
provider2() {
	local n i
	ip netns add core2
	on core2 sysctl -qw net.ipv4.ip_forward=1
	for n in hub s1 s2; do
		i=${index[$n]}
		ip link add "c$i" netns core2 type veth peer name eth1 netns $n
		ip -n core2 addr add "100.65.$i.2/30" dev "c$i"
		ip -n core2 link set "c$i" up
		ip -n $n addr add "100.65.$i.1/30" dev eth1
		ip -n $n link set eth1 up
		tap "clear-$n-2" core2 "c$i" "$CLEAR"
		tap "esp-$n-2" core2 "c$i" 'ip proto 50'
	done
}

line() { # up|down INDEX...: to the first provider
	local i
	for i in "${@:2}"; do
		ip -n core link set "c$i" "$1"
	done
}

# leads NODE PREFIX DEVICE GATEWAY
leads() {
	ip -n "$1" route show "$2" | grep "via $4 dev $3 "
}

by_hub() { # CLOUD: what a spoke has for all sites, and the hub for a spoke
	leads s1 192.168.0.0/16 "gre$1" "10.$(($1 - 1)).0.1" &&
		leads s2 192.168.0.0/16 "gre$1" "10.$(($1 - 1)).0.1" &&
		leads hub 192.168.2.0/24 "gre$1" "10.$(($1 - 1)).0.2" &&
		leads hub 192.168.3.0/24 "gre$1" "10.$(($1 - 1)).0.3"
}

by_shortcut() { # CLOUD
	leads s1 192.168.3.0/24 "gre$1" "10.$(($1 - 1)).0.3" &&
		leads s2 192.168.2.0/24 "gre$1" "10.$(($1 - 1)).0.2"
}

recipe two-clouds
esp
core
wan hub 1
wan s1 2
wan s2 3
provider2
watch_wan hub s1 s2
for n in hub s1 s2; do
	lan $n
done
recipe_up hub s1 s2
for n in s1 s2; do
	wait_for 60 registered $n 10.0.0.1
	wait_for 60 registered $n 10.1.0.1
done
wait_for 60 by_hub 1
ping_ok s1-lan 192.168.1.10
ping_start first s1-lan 192.168.3.10 300
wait_for 60 by_shortcut 1
ping_stop first
equal 'lost before the shortcut was there' 0 "$(ping_missed first)"

# The first provider fails, for all.
ping_start failed s1-lan 192.168.3.10 300
line down 1 2 3
wait_for 20 by_hub 2
wait_for 60 by_shortcut 2
ping_stop failed
ping_gap_below failed $((2 + ${LAB_PATIENCE:-1}))

# It is back.
ping_start back s1-lan 192.168.3.10 300
line up 1 2 3
wait_for 120 by_hub 1
wait_for 60 by_shortcut 1
ping_stop back
ping_gap_below back $((2 + ${LAB_PATIENCE:-1}))

# The line of one site fails: the other one has a shortcut to there that is dead, until
# the hub misses the registration.
ping_start line s1-lan 192.168.3.10 300
line down 3
wait_for 20 leads s2 192.168.0.0/16 gre2 10.1.0.1
wait_for 20 leads hub 192.168.3.0/24 gre2 10.1.0.3
wait_for 40 ping_answers line $(($(grep -c 'bytes from' "$WORK/ping-line") + 1))
ping_stop line
ping_gap_below line 35
must leads s1 192.168.0.0/16 gre1 10.0.0.1
ping_ok s1-lan 192.168.3.10
stop_all_of hub s1 s2 hub-2 s1-2 s2-2
pass "provider failed: silence $(ping_gap failed) s; back: $(ping_missed back) lost, silence $(ping_gap back) s; one line failed: silence $(ping_gap line) s; in clear 0"
