# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The hub by name: as the station of a map, and as a dynamic-map that learns the
# hub's tunnel address from its reply. A name that does not resolve yet is tried again.
. "$LAB/lib.sh"

mesh
hub_conf s1 'map 10.0.0.1/24 hub.example.net register'
hub_conf s2 'dynamic-map 10.0.0.0/24 hubs.example.net'
echo '100.64.1.1 hub.example.net' >> "$WORK/s1.hosts"
up hub s1
start s2
must_not registered s2
must query s2 nhs 'select(.reason != "" and .state != "up")'
echo '100.64.1.1 hubs.example.net' >> "$WORK/s2.hosts"
later=$(now)
wait_for 60 registered s2
later=$(($(now) - later))
must entry s1 nhs 10.0.0.1 100.64.1.1
must entry s2 nhs 10.0.0.1 100.64.1.1
ping_ok s1 10.0.0.3
ping_ok s2 10.0.0.1
consistent hub s1 s2
pass "a name that appears later: registered after $(seconds $later) s"
