#!/bin/sh
# SPDX-License-Identifier: MIT
# A router in both families. The tunnel's device is nhrpd's to make.
set -e

sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
