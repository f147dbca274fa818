#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The hub's tunnel, and a route to each site. To be run before nhrpd starts.
set -eu

sysctl -qw net.ipv4.ip_forward=1

# No `remote`: one device for all peers. 1400 octets pass nearly everywhere.
ip link add gre1 type gre key 42 ttl 64 local 100.64.1.1
ip address add 10.0.0.1/24 dev gre1
ip link set gre1 mtu 1400 up

# A spoke more is a line more, here and nowhere else.
ip route add 192.168.2.0/24 via 10.0.0.2 dev gre1
ip route add 192.168.3.0/24 via 10.0.0.3 dev gre1
