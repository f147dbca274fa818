# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Completion of nhrpctl for bash.

_nhrpctl()
{
	local word=$2 before=$3 words='' w line=' '

	for w in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		[[ $w = -* ]] || line+="$w "
	done
	case $before in
	-s)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	interface | iface | dev)
		[[ $line = ' interface ' ]] ||
			words=$(ip -br link show type gre 2>/dev/null | sed 's/[@ ].*//')
		;;
	protocol | nbma | local-nbma | local-protocol | resolve | explain) ;;
	show) words='cache peers nhs shortcuts routes interfaces counters multicast log' ;;
	nhrpctl | -j | -v)
		[[ $line != ' ' ]] ||
			words='show explain doctor flush purge lowerdown redirect resolve reload -j -v -s --help'
		;;
	nhs | routes | interfaces | counters | multicast) words=interface ;;
	redirect) words=purge ;;
	log | doctor | reload) ;;
	purge)
		[[ $line = ' redirect '* ]] ||
			words='interface protocol nbma local-nbma local-protocol'
		;;
	*)
		words='interface'
		[[ $line = *' '@(cache|peers|shortcuts|flush|purge|lowerdown)' '* ]] &&
			words+=' protocol nbma local-nbma local-protocol'
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _nhrpctl nhrpctl
