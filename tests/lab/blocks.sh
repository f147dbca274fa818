# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Certificates with address blocks of the overlay (RFC 3779), in place of a secret;
# sourced after secure.sh.

# ca: with addresses of the overlay to give.
ca() {
	(
		cd "$WORK"
		pki --gen --type ecdsa --size 256 > ca.key
		pki --self --ca --in ca.key --type ecdsa --dn 'CN=lab' \
			--addrblock 10.0.0.0/24 --addrblock 192.168.0.0/16 --outform pem > ca.pem
	) 2> "$WORK/pki" || fail "no CA: $(cat "$WORK/pki")"
}

# certify NODE BLOCKS...: a new certificate, in place of the one it had.
certify() {
	local n=$1 b blocks=()
	shift
	for b; do
		blocks+=(--addrblock "$b")
	done
	(
		cd "$WORK"
		cp ca.pem "$n.swanctl/x509ca/"
		pki --gen --type ecdsa --size 256 > "$n.swanctl/ecdsa/$n.key"
		pki --pub --in "$n.swanctl/ecdsa/$n.key" --type ecdsa > "$n.pub"
		pki --issue --cacert ca.pem --cakey ca.key --in "$n.pub" "${blocks[@]}" \
			--dn "C=CH, O=Lab, CN=$n" --san "$n.lab" --outform pem \
			> "$n.swanctl/x509/$n.pem"
	) 2> "$WORK/pki" || fail "no certificate for $n: $(cat "$WORK/pki")"
}

# In place of a secret: who has a certificate of the CA is let in.
profile() { # NODE
	printf 'vici %s\n' "$WORK/$1.vici"
	printf 'ipsec-profile lab\n'
	printf '\t%s\n' 'proposals aes256gcm16-prfsha384-ecp256' \
		"local auth pubkey id $1.lab certs $1.pem" \
		"remote auth pubkey id *.lab cacerts $WORK/ca.pem" \
		'child esp_proposals aes256gcm16-ecp256'
}
