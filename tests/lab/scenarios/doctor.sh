# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A sound machine has no findings; each fault made on purpose has its own, with
# what to do about it, and is gone when it is mended.
. "$LAB/lib.sh"

found=0

sound() { # NODE
	[ -z "$(ctl "$1" doctor)" ]
}

finding() { # NODE FAULT
	{ ctl "$1" -j doctor || true; } | gojq -e --arg fault "$2" \
		'[.doctor[] | select(.fault == $fault and (.fix | length) > 0)] != []'
}

# finds NODE FAULT: exit status 1 says that there is something.
finds() {
	wait_for 20 finding "$@"
	must_not ctl "$1" doctor
	found=$((found + 1))
}

mesh
hub_conf hub redirect
up hub s1 s2
wait_for 10 sound hub
wait_for 10 sound s1

on hub sysctl -qw net.ipv4.conf.gre1.forwarding=0
finds hub forwarding_off
on hub sysctl -qw net.ipv4.conf.gre1.forwarding=1
on hub sysctl -qw net.ipv4.conf.gre1.send_redirects=1 net.ipv4.conf.all.send_redirects=1
finds hub send_redirects
on hub sysctl -qw net.ipv4.conf.gre1.send_redirects=0 net.ipv4.conf.all.send_redirects=0
ip -n hub link set gre1 mtu 1500
finds hub mtu
ip -n hub link set gre1 mtu 1400
wait_for 20 sound hub

on s1 sysctl -qw net.ipv4.conf.gre1.rp_filter=1 net.ipv4.conf.all.rp_filter=1
relay
ip -n s1 route del 192.168.3.0/24
must_not on s2-lan ping -c 1 -W 1 192.168.2.10
finds s1 rp_filter
on s1 sysctl -qw net.ipv4.conf.gre1.rp_filter=0 net.ipv4.conf.all.rp_filter=0
ip -n s1 link set gre1 down
finds s1 interface_unusable
ip -n s1 link set gre1 up
wait_for 20 sound s1
ip -n s1 route del default
finds s1 nbma_unreachable
ip -n s1 route add default via 100.64.2.2
ip -n s1 route add 100.64.1.1 dev gre1
finds s1 nbma_in_tunnel
ip -n s1 route del 100.64.1.1 dev gre1
must ctl s1 purge
wait_for 20 sound s1
stop hub KILL
must ctl s1 purge
finds s1 server
start hub
wait_for 30 sound s1
wait_for 10 sound hub
pass "$found faults, each found"
