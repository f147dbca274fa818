# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Faults made on purpose, one after the other: the verdict of `explain` names each,
# and a machine without one has a way that is "ok" before, between and after them.
. "$LAB/lib.sh"
. "$LAB/verdicts.sh"

new_conf() { # WORDS...: of s1
	spoke_conf s1 "$@"
	reload s1
}

mesh
hub_conf hub redirect
up hub s1 s2
relay
names s1 10.0.0.1 ok

# What was given to it.
printf 'interface gre1\n\tholding-time %s\n\tauthentication %s\n\tmap 10.0.0.1/24 100.64.1.2 register\n' \
	$HOLD $KEY | conf s1
reload s1
names s1 10.0.0.1 server_silent
printf 'interface gre1\n\tholding-time %s\n\tauthentication another\n\tmap 10.0.0.1/24 100.64.1.1 register\n' \
	$HOLD | conf s1
reload s1
names s1 10.0.0.1 server_error
printf 'interface gre1\n\tholding-time %s\n\tauthentication %s\n\tmap 10.0.0.1/24 hub.example register\n' \
	$HOLD $KEY | conf s1
reload s1
names s1 10.0.0.1 name_unresolved
new_conf
names s1 10.0.0.1 ok

# The device: another key, down, gone.
ip -n s1 link set gre1 type gre key 43 ttl 64 local 100.64.2.1
must ctl s1 purge
names s1 10.0.0.1 server_silent
ip -n s1 link set gre1 type gre key 42 ttl 64 local 100.64.2.1
must ctl s1 purge
names s1 10.0.0.1 ok
ip -n s1 link set gre1 down
names s1 10.0.0.1 interface_down
ip -n s1 link set gre1 up
names s1 10.0.0.1 ok

# The routes below and above.
ip -n s1 route del default
names s1 10.0.0.1 underlay_unreachable
ip -n s1 route add 100.64.1.1 dev gre1
ip -n s1 route add default via 100.64.2.2
names s1 10.0.0.1 underlay_loops
ip -n s1 route del 100.64.1.1 dev gre1
must ctl s1 purge
names s1 10.0.0.1 ok
ip -n s1 route add 10.0.0.3 via 100.64.2.2
names s1 10.0.0.3 routed_elsewhere
ip -n s1 route del 10.0.0.3
ip -n s1 route add prohibit 192.168.77.0/24
names s1 192.168.77.1 no_route

# The other station: not there, written over by somebody.
must_not on s1 ping -c 1 -W 1 10.0.0.99
names s1 10.0.0.99 refused
must ctl s1 resolve 10.0.0.3
names s1 10.0.0.3 ok
ip -n s1 neigh replace 10.0.0.3 lladdr 100.64.9.9 dev gre1
names s1 10.0.0.3 neighbour_differs
must ctl s1 flush
must ctl s1 resolve 10.0.0.3
names s1 10.0.0.3 ok

# The policy: what a hub offers is not taken. (The route of before went with the link.)
ip -n s1 route add 192.168.0.0/16 via 10.0.0.1 dev gre1 onlink
new_conf shortcut 'shortcut-filter 172.16.0.0/12'
ping_start offered s1-lan 192.168.3.10 3
names s1 192.168.3.10 shortcut_refused
ping_end offered

# An address that is somebody else's.
ip -n s1 addr flush dev gre1
ip -n s1 addr add 10.0.0.3/24 dev gre1
names s1 10.0.0.1 server_refuses
ip -n s1 link del gre1
names s1 10.0.0.1 interface_missing
cat "$WORK/verdicts"
pass "$named faults, each named by its verdict"
