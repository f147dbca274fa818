# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Who may come in: certificates, in the words of README, from registration to an SA
# between two sites; then one of these sites with a certificate that has expired,
# with a wrong secret and with a name that the hub does not know. It is refused, it
# shows why and tries again, each time later; right words and a reload let it in
# again. All the time another site and the hub speak undisturbed.
. "$LAB/secure.sh"

wrong_secret() {
	SECRET='a-wrong-secret-of-this-spoke' by_secret "$1"
}

stranger() {
	by_secret "$1" | sed "s/$1\.lab/$1.elsewhere/"
}

expired() {
	by_certificate "$1" | sed "s/$1\.pem/$1-expired.pem/"
}

# with CREDENTIALS NODE: by a reload.
with() {
	CREDENTIALS=$1
	case $2 in
	hub) hub_conf hub redirect ;;
	*) edge_conf "$2" ;;
	esac
	secure "$2"
	reload "$2"
}

REFUSED='"reason":"refused while authenticating: secret, certificate or identity'

# Why there is no SA with the hub, as a peer and as a server.
shows_refused() { # NODE
	ctl "$1" -j show peers | grep "\"nbma\":\"100.64.1.1\",\"state\":\"back-off\",$REFUSED" &&
		ctl "$1" -j show nhs | grep "\"state\":\"securing\",$REFUSED"
}

refusals() { # NODE
	grep -c 'peer 100.64.1.1 on gre1: initiating -> back-off' "$WORK/$1.log"
}

refused_again() { # NODE COUNT
	[ "$(refusals "$1")" -ge "$2" ]
}

# refused CREDENTIALS: s2 comes with these and is not let in, nor is the hub unwell.
refused() {
	with "$1" s2
	forsake s2
	wait_for 40 shows_refused s2
	must_not secured s2 100.64.1.1
	must secured hub 100.64.2.1
	must entry hub dynamic 10.0.0.2 100.64.2.1
}

# let_in CREDENTIALS: and how many milliseconds that took.
let_in() {
	let_in_ms=$(now)
	with "$1" s2
	wait_for 60 registered s2
	let_in_ms=$(($(now) - let_in_ms))
}

CREDENTIALS=by_certificate
secure_mesh
for n in hub s1 s2; do
	charon_conf $n
done
certificates hub s1 s2
# Its own alone: charon goes by a better one that it has seen.
rm "$WORK/s2.swanctl/x509/s2.pem"
certificate s2 s2-expired --not-before '01.01.26 00:00:00' --not-after '01.02.26 00:00:00'
for n in hub s1 s2; do
	charon $n
done
began_up=$(now)
up hub s1
up_ms=$(($(now) - began_up))
equal 'identity of s1 at the hub' CN=s1.lab \
	"$(query hub cache 'select(.protocol == "10.0.0.2") | .identity')"
ping_start others s1-lan 192.168.1.10 300
start s2
refused expired
certificate s2 s2
let_in by_certificate
expired_ms=$let_in_ms

burst s1-lan 192.168.3.10 100
wait_for 20 shortcut s1 192.168.3.0/24 10.0.0.3
wait_for 20 shortcut s2 192.168.2.0/24 10.0.0.2
burst_end
wait_for 20 has_one_sa s1 100.64.3.1
equal 'identity of s2 at s1' CN=s2.lab \
	"$(query s1 peers 'select(.nbma == "100.64.3.1") | .identity')"

# The hub takes secrets from now on. Who has an SA keeps it.
with by_secret hub
before=$(refusals s2)
refused wrong_secret
wait_for 40 refused_again s2 $((before + 3))
let_in by_secret
secret_ms=$let_in_ms
equal 'identity of s2 at the hub' s2.lab \
	"$(query hub cache 'select(.protocol == "10.0.0.3") | .identity')"
refused stranger
let_in by_secret
ping_stop others
equal 'packets lost between others' 0 "$(ping_missed others)"
must_not grep -lE "$SECRET|a-wrong-secret" "$WORK/hub.log" "$WORK/s2.log"
consistent hub s1 s2
stop_all
pass "registered by certificates after $up_ms ms, let in after an expired one $expired_ms, after a wrong secret $secret_ms, after a wrong name $let_in_ms ms, lost between others 0, clear 0"
