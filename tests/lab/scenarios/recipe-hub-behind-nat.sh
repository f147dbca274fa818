# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# contrib/recipes/hub-behind-nat as it stands: the hub behind a router that forwards
# two ports of UDP, s1 in public, s2 behind one that masquerades. From LAN to LAN
# through the hub, then straight; and no packet that others can read.
. "$LAB/secure.sh"
. "$LAB/recipe.sh"

recipe hub-behind-nat
esp
core
natted hub 1
wan s1 2
natted s2 3
nat_masquerade s2
for n in hub s1 s2; do
	lan $n
done
watch_wan hub s1 s2
prepare hub-nat
recipe_up hub s1 s2
wait_for 60 registered s1
wait_for 60 registered s2
must entry hub dynamic 10.0.0.2 100.64.2.1
must entry hub dynamic 10.0.0.3 100.64.3.1
must query hub peers 'select(.identity == "s2.example" and .state == "up")'
ping_ok s1-lan 192.168.1.10
tap relayed hub gre1 icmp
straight s1 s2 60
wait_for 5 seen relayed 1 # the first one, by the hub
tap beside hub gre1 icmp
ping_ok s1-lan 192.168.3.10
ping_ok s2-lan 192.168.2.10
end_capture beside
equal 'packets relayed beside the shortcut' 0 "$(packets beside)"
equal 'lost before the shortcut was there' 0 "$(ping_missed straight-s1-s2)"

# Longer than the routers remember: nobody is forgotten.
sleep $((NAT_FORGETS + 5)) # nobody speaks
ping_ok hub-lan 192.168.2.10
ping_ok hub-lan 192.168.3.10
stop_all_of hub s1 s2
pass 'through the hub, then straight: lost 0; in clear 0'
