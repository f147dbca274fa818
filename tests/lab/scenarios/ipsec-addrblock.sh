# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Why the manual has charon's plug-in for address blocks turned off: it takes those of
# the overlay for outer addresses, and lets nobody in.
. "$LAB/secure.sh"
. "$LAB/blocks.sh"

blocked() { # NODE
	grep 'not contained in any address block constraint' "$WORK/$1.charon.log"
}

secure_mesh
ca
for n in hub s1; do
	charon_conf $n
done
certify hub 10.0.0.1/32
certify s1 10.0.0.2/32 192.168.2.0/24
charon hub
charon s1
start hub
start s1
wait_for 40 blocked hub
must_not registered s1

# shellcheck disable=SC2034 # for charon_conf
PLUGINS='addrblock { load = no }'
for n in hub s1; do
	charon_stop $n TERM
	charon_conf $n
	charon $n
done
wait_for 60 registered s1
stop_all_of hub s1
pass 'with addrblock loaded no SA, without it registered, clear 0'
