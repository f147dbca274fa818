#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What comes from the address at the second provider leaves by that one; the default
# route is the first one's. At each start of the machine, before nhrpd.
set -eu

sysctl -qw net.ipv4.ip_forward=1
ip rule add from 100.65.3.1 lookup 2
ip route add default via 100.65.3.2 dev eth1 table 2
