# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# `if-state nhrp`: a spoke's tunnel works as long as its hub answers. FRR's zebra has
# a static route over it and a backup by another way, and goes by IFF_RUNNING; the
# kernel's own routes do not. NHRP and data pass all the time.
. "$LAB/frr.sh"
. "$LAB/lib.sh"

HOLD=60

flagged() { # STATE
	prints " state $1 mode DORMANT " ip -n s1 link show gre1
}

runs() {
	! prints NO-CARRIER ip -n s1 link show gre1
}

routed() { # WHERE: what leads to the other sites
	prints "$1" ip -n s1 route get 192.168.9.1
}

in_kernel() { # the route that somebody wrote by hand is as it was
	prints 'via 10.0.0.1 dev gre1' ip -n s1 route get 192.0.2.1
}

# zebra and staticd, with two ways to one place.
static_routes() {
	mkdir -p /run/frr/s1
	chown -R frr:frr /run/frr/s1
	frr_daemon s1 zebra
	frr_daemon s1 staticd
	must on s1 vtysh -N s1 -d staticd -c 'configure terminal' \
		-c 'ip route 192.168.0.0/16 10.0.0.1 gre1 10' \
		-c 'ip route 192.168.0.0/16 100.64.2.2 eth0 50'
}

# What zebra thinks, for whoever has to find out.
zebra_routed() { # WHERE
	on s1 vtysh -N s1 -d zebra -c 'show ip route 192.168.0.0/16' \
		-c 'show interface gre1' > "$WORK/zebra-says" 2>&1
	routed "$1"
}

core
wan hub 1
wan s1 2
gre hub
gre s1
record s1
hub_conf hub
spoke_conf s1 'if-state nhrp'
sed -i 's/register/register probe 1/' "$WORK/s1.conf"
start hub
static_routes
ip -n s1 route add 192.0.2.1 via 10.0.0.1 dev gre1
start s1
wait_for 20 flagged UP
must runs
wait_for 20 zebra_routed gre1

# The hub is gone: so is the tunnel, for those who look.
stop hub KILL
lost=$(now)
wait_for 10 flagged DORMANT
must_not runs
wait_for 10 zebra_routed eth0
lost=$(($(now) - lost))
must in_kernel
equal 'what it says of itself' down "$(query s1 interfaces '.if_state')"

# The successor's silence changes nothing; data passes, should there be any.
stop s1 USR1
must flagged DORMANT
start s1
must flagged DORMANT
ping_ok s1 10.0.0.1

start hub
wait_for 120 flagged UP
wait_for 10 zebra_routed gre1

# Down and up again, by hand.
ip -n s1 link set gre1 down
wait_for 10 zebra_routed eth0
ip -n s1 link set gre1 up
wait_for 10 flagged UP
wait_for 10 zebra_routed gre1

# Set free by a reload, and by a stop.
sed -i '/if-state/d' "$WORK/s1.conf"
reload s1
must_not flagged UP
must runs
echo '	if-state nhrp' >> "$WORK/s1.conf"
reload s1
wait_for 10 flagged UP
stop s1 TERM
must_not flagged UP
must runs
pass "hub killed: the backup route after $(seconds $lost) s; a kernel route stays"
