# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Two sites and a hub, encrypted with a pre-shared key: registered, relayed, and
# then straight from site to site by an SA of its own, with no packet lost and none
# in clear.
. "$LAB/secure.sh"

has_one_sa() { # NODE NBMA
	[ "$(query "$1" peers "select(.nbma == \"$2\") | .sas")" = 1 ]
}

secure_mesh
# Traffic, and nhrpd, before there is anybody to make SAs.
start hub
start s1
must_not on s1-lan ping -c 2 -W 1 192.168.1.10
must query s1 nhs 'select(.state == "securing") | .reason'
for n in hub s1 s2; do
	charon $n
done
start s2
began_charon=$(now)
wait_for 30 registered s1
wait_for 30 registered s2
registered_ms=$(($(now) - began_charon))
equal 'identity of s1 at the hub' s1.lab \
	"$(query hub cache 'select(.protocol == "10.0.0.2") | .identity')"
consistent hub s1 s2

# From the first packet on.
clock s1
burst s1-lan 192.168.3.10 300
wait_for 10 shortcut s1 192.168.3.0/24 10.0.0.3
wait_for 10 shortcut s2 192.168.2.0/24 10.0.0.2
burst_end
wait_for 10 secured s1 100.64.3.1
wait_for 10 has_one_sa s1 100.64.3.1
must ctl s1 show peers
cat "$WORK/last-check"
must ctl s1 explain 192.168.3.10
cat "$WORK/last-check"
wait_for 5 none_lost s1
delay=$(shortcut_delays s1 192.168.3.0/24 10.0.0.3)
pings=$(pings s1)
stop_all
pass "registered after $registered_ms ms, first packet to encrypted shortcut $delay ms, sent/lost/overtaken ${pings// //}, clear 0"
