# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A wrong key: refused, counted, named on both sides and never printed; put
# right by a reload.
. "$LAB/lib.sh"

mesh
KEY=wr0ngkey
spoke_conf s1
up hub s2
start s1
wait_for 20 query s1 nhs 'select(.state != "up" and (.reason | test("authentication"; "i")))'
must grep -i authentication "$WORK/hub.log"
must grep -i authentication "$WORK/s1.log"
must query hub counters 'select(((.name // .counter) | test("auth")) and .value > 0)'
must_not query hub cache 'select(.protocol == "10.0.0.2")'
must_not on s1 ping -n -c 1 -W 1 10.0.0.1
for n in hub s1; do
	for table in cache nhs interfaces counters log; do
		must ctl $n show $table
		not_said 'wr0ngkey|labkey'
	done
	must_not grep -E 'wr0ngkey|labkey' "$WORK/$n.log"
done

KEY=labkey
spoke_conf s1
reload s1
right=$(now)
wait_for 20 registered s1
right=$(($(now) - right))
ping_ok s1 10.0.0.3
consistent hub s1 s2
pass "registered $right ms after the reload"
