# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Two sites speak to each other at the same instant, again and again from nothing:
# each sets up an SA, and one of them remains. $LAB_ROUNDS times.
. "$LAB/secure.sh"

ROUNDS=${LAB_ROUNDS:-20}
EACH=50 # packets a round from each site

# Both pings wait at the gate, and it opens once.
at_once() {
	local pids=() pair gate
	mkfifo "$WORK/gate"
	exec {gate}<> "$WORK/gate"
	for pair in 's1 192.168.3.10' 's2 192.168.2.10'; do
		# shellcheck disable=SC2016 # expanded inside
		ip netns exec "${pair% *}-lan" sh -c 'exec 3< "$1"
			: > "$2"
			read -r _ <&3
			exec ping -n -q -i 0.02 -c "$3" "$4"' - "$WORK/gate" \
			"$WORK/at-gate-${pair% *}" $EACH "${pair#* }" > /dev/null 2>&1 {gate}<&- &
		pids+=($!)
	done
	for pair in s1 s2; do
		wait_for 20 test -e "$WORK/at-gate-$pair"
	done
	rm "$WORK/gate" "$WORK"/at-gate-*
	exec {gate}>&-
	wait_for 20 shortcut s1 192.168.3.0/24 10.0.0.3
	wait_for 20 shortcut s2 192.168.2.0/24 10.0.0.2
	wait "${pids[@]}" || true
}

# One each, and it is the same: one end began it.
one_sa() {
	has_one_sa s1 100.64.3.1 | grep -o '"initiator":[a-z]*' > "$WORK/s1-began" &&
		has_one_sa s2 100.64.2.1 | grep -o '"initiator":[a-z]*' > "$WORK/s2-began" &&
		! cmp -s "$WORK/s1-began" "$WORK/s2-began"
}

unsecured() { # NODE NBMA
	! secured "$@"
}

forget() {
	local ike
	ike=$(query s1 peers 'select(.nbma == "100.64.3.1") | .ike_id')
	must swan s1 --terminate --ike-id "$ike"
	wait_for 20 unsecured s1 100.64.3.1
	wait_for 20 unsecured s2 100.64.2.1
	together 'hub redirect purge' 's1 flush' 's2 flush'
}

secure_mesh
for n in hub s1 s2; do
	charon $n
done
up hub s1 s2
clock s1
clock s2
twice=0
for k in $(seq "$ROUNDS"); do
	at_once
	one_sa > "$WORK/last-check" || twice=$((twice + 1))
	wait_for 30 one_sa
	[ "$k" = "$ROUNDS" ] || forget
done
# charon itself has the one with the hub, and this.
wait_for 20 has_sas s1 2
wait_for 20 has_sas s2 2
shortcut_delays s1 192.168.3.0/24 10.0.0.3 192.168.3.10 > "$WORK/delays"
shortcut_delays s2 192.168.2.0/24 10.0.0.2 192.168.2.10 >> "$WORK/delays"
equal 'shortcuts' $((2 * ROUNDS)) "$(grep -c '[0-9]' "$WORK/delays")"
reached 5 none_lost s1 || true
read -r sent lost overtaken < <(pings s1)
equal "packets lost of $sent" 0 "$lost"
stop_all
pass "$ROUNDS rounds, two SAs at first in $twice, one in the end in all, first packet to shortcut $(spread < "$WORK/delays") ms, sent/lost/overtaken $sent/$lost/$overtaken, clear 0"
