#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The tunnel of spoke s2, and one route for all other sites. To be run before nhrpd
# starts.
set -eu

sysctl -qw net.ipv4.ip_forward=1
ip link add gre1 type gre key 42 ttl 64 local 100.64.3.1
ip address add 10.0.0.3/24 dev gre1
ip link set gre1 mtu 1400 up

# By the hub; where there is a shortcut it is more specific, and goes first.
ip route add 192.168.0.0/16 via 10.0.0.1 dev gre1
