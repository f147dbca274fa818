# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Two spokes claim one address: the first is not disturbed, the second is
# refused and says why.
. "$LAB/lib.sh"

mesh
ip -n s2 addr flush dev gre1
ip -n s2 addr add 10.0.0.2/24 dev gre1
up hub s1
on hub ip monitor neigh > "$WORK/monitor" 2>&1 &
ping_start first hub 10.0.0.2 15
start s2
refused=$(now)
wait_for 20 query s2 nhs 'select(.state != "up" and (.reason | test("already registered")))'
refused=$(($(now) - refused))
must grep 'already registered' "$WORK/s2.log"
ping_end first
equal 'packets lost of 150 to the first' 0 "$(ping_lost first)"
must entry hub dynamic 10.0.0.2 100.64.2.1
wait_for 5 registered s1
must_not grep 100.64.3.1 "$WORK/monitor"
consistent hub s1

# When the first withdraws, the second may have it.
stop s1 TERM
wait_for 70 registered s2
must entry hub dynamic 10.0.0.2 100.64.3.1
ping_ok hub 10.0.0.2
pass "lost 0 of 150 to the first, the second refused after $refused ms"
