# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Addresses out of certificates: a CA says which tunnel address and which LAN a site
# has, and no node has a list. What it did not say is registered by nobody and no
# shortcut leads there; none of it goes in clear.
. "$LAB/secure.sh"
. "$LAB/blocks.sh"

by_certificate() { # NODE
	sed -i 's/^\tipsec lab$/&\n\tauthorize hub.lab 0.0.0.0\/0\n\tauthorize s*.lab certificate/' \
		"$WORK/$1.conf"
}

gives() { # NODE NBMA
	query "$1" peers "select(.nbma == \"$2\") | .authority"
}

counted() { # NODE COUNTER
	[ "$(query "$1" counters "select(.name == \"$2\") | .value")" -gt 0 ]
}

said_no() { # NODE: to a shortcut
	query "$1" shortcuts "select(.state == \"refused\") | .reason" |
		grep 'certificate does not cover'
}

refused() { # NODE
	query "$1" nhs 'select(.state == "refused") | .reason'
}

# shellcheck disable=SC2034 # for charon_conf
PLUGINS='addrblock { load = no }'
secure_mesh
ca
for n in hub s1 s2; do
	by_certificate $n
	charon_conf $n
done
certify hub 10.0.0.1/32
certify s1 10.0.0.2/32 192.168.2.0/24
certify s2 10.0.0.3/32 192.168.4.0/24 # and has 192.168.3.0/24
for n in hub s1 s2; do
	charon $n
	start $n
done
wait_for 40 registered s1
wait_for 40 registered s2
equal 'authority of s1 at the hub' '10.0.0.2/32 192.168.2.0/24' "$(gives hub 100.64.2.1)"
equal 'authority of s2 at the hub' '10.0.0.3/32 192.168.4.0/24' "$(gives hub 100.64.3.1)"
must_not gives s1 100.64.1.1
consistent hub s1 s2

# A LAN that the certificate gives is reached straight, another one is not: what goes
# there is relayed.
burst s1-lan 192.168.3.10 300
wait_for 20 shortcut s2 192.168.2.0/24 10.0.0.2
wait_for 20 said_no s1
burst_end
must counted s1 resolutions_refused_certificate
must_not shortcut s1 192.168.3.0/24 10.0.0.3
must on s1-lan ping -c 2 -W 2 192.168.3.10
must ctl s1 show peers
cat "$WORK/last-check"
must ctl s1 show shortcuts
cat "$WORK/last-check"

# Another address is not registered. The certificates before this one hold as well,
# and nothing tells charon's list which one was shown: what all of them give counts.
stop s2 TERM
charon_stop s2 TERM
certify s2 10.0.0.9/32 192.168.3.0/24
charon s2
start s2
wait_for 40 refused s2
must counted hub registrations_refused_certificate
must grep 'refused: its certificate does not give it this address' "$WORK/hub.log"
cat "$WORK/last-check"
must grep "'s2.lab' may claim by its certificate: " "$WORK/hub.log"
cat "$WORK/last-check"
must registered s1
stop_all
pass 'registered and shortened by address blocks, another LAN and another address refused, clear 0'
