# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# contrib/recipes/static as it stands: through the hub, then straight; and what is for
# another site does not leave by the WAN when the tunnel's route is gone.
. "$LAB/lib.sh"
. "$LAB/recipe.sh"

recipe static
sites
recipe_up hub s1 s2
wait_for 20 registered s1
wait_for 20 registered s2
ping_ok s1-lan 192.168.1.10
tap relayed hub gre1 icmp
straight s1 s2 20
equal 'lost before the shortcut was there' 0 "$(ping_missed straight-s1-s2)"
wait_for 5 seen relayed 1 # the first one, by the hub
tap beside hub gre1 icmp
ping_ok s1-lan 192.168.3.10
end_capture beside
equal 'packets relayed beside the shortcut' 0 "$(packets beside)"
consistent hub s1 s2

# s3 is no site: its addresses are the tunnel's all the same.
tap wan-s1 core c2 'dst net 192.168.0.0/16'
ip -n s1 route del 192.168.0.0/16 via 10.0.0.1
must_not on s1-lan ping -n -c 2 -i 0.2 -W 1 192.168.4.10
equal 'packets for other sites on the WAN' 0 "$(packets wan-s1)"
pass 'through the hub, then straight: lost 0; without its route 0 on the WAN'
