# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# 1,200 stations under the kernel's default limit of 1,024 neighbours.
. "$LAB/lib.sh"

count=1200
equal 'gc_thresh3 of this kernel' 1024 "$GC_THRESH3"
core
wan hub 1
gre hub 16
record hub
hub_conf hub
wan crowd 9
ip -n core route add 100.70.0.0/16 via 100.64.9.1
ip -n crowd route add local 100.70.0.0/16 dev lo
start hub
must on crowd "$BUILD/tests/lab/nhrpgen" -a $KEY -n $count -t 600 \
	register 100.64.1.1 10.0.0.1 100.70.0.1 10.0.16.1
took=$(gojq .ms < "$WORK/last-check")

equal 'entries in the cache' $count "$(query hub cache 'select(.type == "dynamic" and .state == "up") | .protocol' | wc -l)"
equal 'neighbours' $count "$(ours hub neigh | wc -l)"
consistent hub
show=$(now)
must ctl hub show cache
show=$(($(now) - show))

# A restart keeps them all.
stop hub USR1
equal 'neighbours without a daemon' $count "$(ours hub neigh | wc -l)"
start hub
equal 'entries after a restart' $count "$(query hub cache 'select(.type == "dynamic" and .state == "up") | .protocol' | wc -l)"
consistent hub
stop hub TERM
equal 'neighbours after the end' 0 "$(ours hub neigh | wc -l)"
pass "$count registered in $took ms, show cache $show ms"
