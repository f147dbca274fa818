# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# TERM withdraws: a spoke from its hub and from those it answered; a hub's
# entries and routes leave the kernel. Both come back when started again.
. "$LAB/lib.sh"

nothing_left() { # NODE
	equal "neighbours of $1 after TERM" '' "$(ours "$1" neigh)"
	equal "routes of $1 after TERM" '' "$(ours "$1" route)"
}

lacks() { # NODE PROTOCOL
	! query "$1" cache "select(.protocol == \"$2\" and .type != \"negative\")"
}

mesh
up hub s1 s2
ping_ok s2 10.0.0.2
must entry s2 cached 10.0.0.2 100.64.2.1
stop s1 TERM
nothing_left s1
wait_for 3 lacks hub 10.0.0.2
wait_for 3 lacks s2 10.0.0.2
consistent hub s2
up s1
ping_ok s1 10.0.0.3

stop hub TERM
nothing_left hub
must_not on s1 ping -n -c 2 -W 1 10.0.0.1
back=$(now)
up hub
wait_for 70 on s1 ping -n -c 1 -W 1 10.0.0.1
back=$(($(now) - back))
wait_for 70 entry hub dynamic 10.0.0.2 100.64.2.1
wait_for 70 entry hub dynamic 10.0.0.3 100.64.3.1
consistent hub s1 s2
pass "a stopped hub answers $(seconds $back) s after its start"
