# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Faults in profiles, with charons as they are: the verdict of `explain` names each,
# `doctor` finds it, and without one all is well before, between and after.
. "$LAB/secure.sh"
. "$LAB/verdicts.sh"

secure_pair
fault s1 's/psk lab-.*/psk another-secret-than-the-hub-has/' auth_refused
fault hub 's/id \*\.lab/id *.example/' auth_refused
fault s1 's/id \*\.lab/id *.example/' auth_refused
fault s1 's/\tproposals .*/\tproposals aes128-sha256-modp2048/' ike_refused
fault s1 's/esp_proposals .*/esp_proposals aes128-sha256/' child_refused
cat "$WORK/verdicts"
pass "$named faults, each named by its verdict"
