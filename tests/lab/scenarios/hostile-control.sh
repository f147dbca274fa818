# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Clients of the control socket that send garbage or half a request, never read,
# or say nothing, a crowd of them: others are served, the protocol goes on.
. "$LAB/lib.sh"

mesh
up hub s1 s2
relay
ping_start during s1-lan 192.168.3.10 10
mkfifo "$WORK/hold"
"$BUILD/tests/lab/badctl" "$WORK/hub.sock" 10 < "$WORK/hold" > "$WORK/badctl" 2>&1 &
badctl=$!
exec 7> "$WORK/hold"
wait_for 20 grep -q ready "$WORK/badctl"
asked=$(now)
must ctl hub show cache
asked=$(($(now) - asked))
stop s2 USR1
up s2 7>&- # the clients' input ends with this shell's hold on it alone
consistent hub s1 s2
exec 7>&-
wait $badctl || true
must ctl hub show counters
ping_end during
equal 'packets lost of 100' 0 "$(ping_lost during)"
pass "show cache beside 40 of them: $asked ms"
