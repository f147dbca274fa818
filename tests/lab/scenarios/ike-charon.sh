# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The adapter to charon, alone, when things go wrong: charon ends in each way, at
# each end, both call each other at once, secrets differ; and with certificates.
. "$LAB/lib.sh"
. "$LAB/charon.sh"

pair
for n in hub s1; do
	charon $n
	secret_profile $n labsecret
	probe $n
	wait_for 20 fact $n 'READY'
	wait_for 20 has_conns $n dmvpn-gre1
done

call() { # the spoke, the hub, and both know
	mark hub
	tell s1 start 100.64.1.1
	wait_for 40 fact s1 "$HUB_UP"
	wait_for 10 fact hub "$S1_UP"
}

# Each calls the other: one SA or two, both told, and traffic by either.
mark hub
mark s1
send hub start 100.64.2.1
send s1 start 100.64.1.1
wait_for 40 fact s1 'UP 100\.64\.1\.1 '
wait_for 40 fact hub 'UP 100\.64\.2\.1 '
wait_for 10 has_conns s1 dmvpn-gre1
wait_for 10 has_conns hub dmvpn-gre1
at_once=$(swan s1 --list-sas | grep -c INSTALLED)
ping_ok s1 10.0.0.1 3
for ike in $(fact s1 UP | sed 's/.* ike \([0-9]*\) .*/\1/' | sort -u); do
	send s1 stop "$ike"
done
wait_for 20 has_sas s1 0
wait_for 20 has_sas hub 0

# The hub's charon is stopped: it says goodbye, and all is loaded when it is back.
call
mark s1
mark hub
charon_stop hub TERM
wait_for 10 fact hub 'GONE'
wait_for 10 fact s1 'DOWN 100\.64\.1\.1 '
charon hub
wait_for 20 fact hub 'READY'
must_not fact hub 'UP'
wait_for 20 has_conns hub dmvpn-gre1
call

# It is killed: no word of it, and the kernel goes on alone.
mark s1
mark hub
charon_stop hub KILL
wait_for 10 fact hub 'GONE'
ping_ok s1 10.0.0.1 5
must_not fact s1 'DOWN'
charon hub
wait_for 20 fact hub 'READY'
wait_for 20 has_conns hub dmvpn-gre1
ping_ok s1 10.0.0.1 5
tell s1 kill "$(last_ike s1)"
wait_for 10 fact s1 'DOWN 100\.64\.1\.1 '
call
ping_ok s1 10.0.0.1 3

# The spoke's is killed: it calls anew, beside what the hub still has of it.
mark s1
charon_stop s1 KILL
wait_for 10 fact s1 'GONE'
must_not fact s1 'DOWN'
charon s1
wait_for 20 fact s1 'READY'
call
ping_ok s1 10.0.0.1 3

# A probe that is started again is told what is there.
probe_end s1
mark s1
probe s1
wait_for 20 fact s1 'READY'
must fact s1 "$HUB_UP"

# Another secret: refused, and no SA comes of it.
tell s1 kill "$(last_ike s1)"
wait_for 10 fact s1 'DOWN'
secret_profile s1 othersecret
tell s1 conf "$WORK/s1.conf"
tell s1 start 100.64.1.1
wait_for 40 fact s1 'FAILED 100\.64\.1\.1: refused while authenticating'
wait_for 10 has_conns s1 dmvpn-gre1

# Certificates, by the names of their files.
certificates hub s1
for n in hub s1; do
	must swan $n --load-creds --noprompt
	cert_profile $n
	tell $n conf "$WORK/$n.conf"
done
wait_for 20 has_cert_conn s1
wait_for 20 has_cert_conn hub
call
ping_ok s1 10.0.0.1 3

# Nothing of ours stays behind but the SA.
for n in hub s1; do
	tell $n withdraw
	wait_for 10 has_conns $n
done
must has_sas s1 1
must_not grep -lE "(lab|other)secret" "$WORK/hub.log" "$WORK/s1.log"
pass "SAs when both call at once: $at_once"
