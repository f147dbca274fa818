# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The same encrypted: copies go to who has an SA, by that SA; who has lost it gets
# none, and nothing leaves in clear meanwhile.
. "$LAB/multicast.sh"

secure_mesh
for n in hub s1 s2; do
	groups $n
done
sed -i 's/^interface gre1$/&\n\tmulticast dynamic/' "$WORK/hub.conf"
sed -i 's/^interface gre1$/&\n\tmulticast nhs/' "$WORK"/s[12].conf
watch_groups hub s1 s2
for n in hub s1 s2; do
	charon $n
	start $n
done
for n in s1 s2; do
	wait_for 30 registered $n
done
wait_for 10 copies_to hub 100.64.2.1 100.64.3.1
for group in 224.0.0.5 ff02::5; do
	send hub $group 5
	arrived s1 $group 5
	arrived s2 $group 5
	send s1 $group 5
	arrived hub $group 5
done

# s2 is gone without a word to charon's peer but that its SAs end.
stop s2 KILL
forsake s2
wait_for 10 copies_to hub 100.64.2.1
send hub 224.0.0.6 5
arrived s1 224.0.0.6 5
start s2
wait_for 60 copies_to hub 100.64.2.1 100.64.3.1
send hub 224.0.0.6 5
arrived s2 224.0.0.6 5
arrived s1 224.0.0.6 10

for n in hub s1 s2; do
	end_capture "wan-$n"
done
nothing_outside hub s1 s2
stop_all
pass 'to each station by its SA, to none without one, clear 0'
