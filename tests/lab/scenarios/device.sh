# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A device made by hand goes down and up, is deleted and made again, loses its
# neighbours: on the spoke and on the hub. Traffic is back when the device is.
. "$LAB/lib.sh"

mesh
up hub s1 s2
ping_ok s1 10.0.0.3
figures=

# upset WORD NODE ADDRESS SECONDS-AWAY: s1 pings ADDRESS meanwhile.
upset() {
	ping_start "$1" s1 "$3" 8
	"$1" "$2" "$4"
	ping_end "$1"
	must on s1 ping -n -c 1 -W 2 "$3"
	wait_for 10 registered s1
	wait_for 10 entry hub dynamic 10.0.0.2 100.64.2.1
	consistent hub s1 s2
	figures="$figures $2-$1 $(ping_gap "$1")"
}

flap() {
	ip -n "$1" link set gre1 down
	sleep "$2" # the time it is down
	ip -n "$1" link set gre1 up
}

remake() {
	ip -n "$1" link del gre1
	sleep "$2"
	gre "$1"
}

flush() {
	# It gives up when entries come back faster than it deletes them.
	ip -n "$1" neigh flush dev gre1 nud all || true
}

upset flap s1 10.0.0.1 2
upset flap hub 10.0.0.1 2
upset remake s1 10.0.0.1 2
upset remake hub 10.0.0.1 2
upset flush s1 10.0.0.1 0
upset flush hub 10.0.0.1 0
pass "seconds without answer, 2 of them without the device:$figures"
