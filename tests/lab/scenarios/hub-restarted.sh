# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# USR1 of the hub's daemon under traffic, and a new one 10 s later.
. "$LAB/restart.sh"

restart_mesh
survives hub USR1
pass 'lost 0 of 200 relayed, 0 of 200 direct; cache complete at once'
