# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Who is let in may not claim everything: an address that its identity is not
# authorised for, one that another identity has registered, whose traffic is not
# disturbed by that, and a LAN that another spoke does not believe it. The same
# identity at another NBMA address is where it is now at once.
. "$LAB/secure.sh"

counted() { # NODE COUNTER: how often, by now
	{ query "$1" counters "select(.name == \"$2\") | .value" || true; } |
		awk '{ n += $1 } END { print n + 0 }'
}

has_counted() { # NODE COUNTER LEAST
	[ "$(counted "$1" "$2")" -ge "$3" ]
}

# What s1 lets s2 answer for.
s1_believes() { # PREFIXES
	edge_conf s1 'authorize hub.lab 0.0.0.0/0' "authorize s2.lab $*"
	secure s1
}

# s2 has a tunnel that its daemon makes, with this address.
s2_as() {
	edge_conf s2 'tunnel source eth0 key 42' "address $1/24"
	secure s2
}

nak() { # NODE REASON
	ctl "$1" -j show nhs | grep "\"state\":\"refused\",\"reason\":\"[^\"]*$2"
}

refused_as() { # NODE STATE-REASON
	ctl "$1" -j show shortcuts | grep "\"state\":\"refused\",\"reason\":\"$2\""
}

# s1 has heard that s2 is not there any more.
forgot() { # NBMA
	! entry s1 cached 10.0.0.3 "$1"
}

secure_mesh
ip -n s2 link del gre1
hub_conf hub 'redirect rate 600' 'authorize *.lab 10.0.0.0/28 192.168.0.0/16'
secure hub
s1_believes 10.0.0.3/32
s2_as 10.0.0.77
for n in hub s1 s2; do
	charon $n
done
up hub s1
ping_start victim s1-lan 192.168.1.10 300

# An address of nobody, but not for this identity.
start s2
wait_for 40 nak s2 prohibited
must grep "registration of 10\.0\.0\.77 from 100\.64\.3\.1 ('s2\.lab') refused: its identity is not authorised" "$WORK/hub.log"
must has_counted hub registrations_refused_identity 1
must_not entry hub dynamic 10.0.0.77 100.64.3.1

# The address of s1, which is allowed to any of them, and taken.
before=$(counted hub registrations_refused_identity)
s2_as 10.0.0.2
reload s2
wait_for 40 nak s2 'already registered'
must grep "registration of 10\.0\.0\.2 from 100\.64\.3\.1 ('s2\.lab') refused: it belongs to another identity" "$WORK/hub.log"
must grep "binding 10\.0\.0\.2 on gre1: held by 's1\.lab', claimed by 's2\.lab'" "$WORK/hub.log"
must has_counted hub registrations_refused_identity $((before + 1))
must entry hub dynamic 10.0.0.2 100.64.2.1
s2_as 10.0.0.3
reload s2
wait_for 40 registered s2
ip -n s2 route replace 192.168.0.0/16 via 10.0.0.1 dev gre1 onlink

# Its LAN, which s1 does not believe: the way by the hub stays.
ping_ok s1-lan 192.168.3.10 20
wait_for 20 has_counted s1 resolutions_refused_identity 1
must refused_as s1 'its identity may not answer for this'
must no_shortcut s1 192.168.3.0/24 10.0.0.3
must entry s1 cached 10.0.0.3 100.64.3.1
s1_believes 10.0.0.3/32 192.168.3.0/24
reload s1
for n in s1 hub; do
	must ctl $n redirect purge
done
burst s1-lan 192.168.3.10 100
wait_for 20 shortcut s1 192.168.3.0/24 10.0.0.3
burst_end
ping_stop victim
equal 'packets lost by the victim' 0 "$(ping_missed victim)"

# Its provider gives it another address.
before=$(counted hub registrations_refused_identity)
ip -n core addr add 100.64.13.2/30 dev c3
moved=$(now)
ip -n s2 addr del 100.64.3.1/30 dev eth0
ip -n s2 addr add 100.64.13.1/30 dev eth0
ip -n s2 route replace default via 100.64.13.2
wait_for 40 entry hub dynamic 10.0.0.3 100.64.13.1
moved=$(($(now) - moved))
wait_for 10 registered s2
equal 'registrations refused when s2 moved' "$before" "$(counted hub registrations_refused_identity)"
equal 'addresses that were asked about' 0 "$(counted hub registrations_refused_already_registered)"
wait_for 10 forgot 100.64.3.1
ping_ok s1-lan 192.168.3.10 5
stop_all
pass "refused: not authorised, another's, a LAN; lost by the victim 0 of $(awk '/transmitted/ { print $1 }' "$WORK/ping-victim"), at another address after $moved ms, clear 0"
