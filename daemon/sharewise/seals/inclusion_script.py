"""`check_inclusion.sh`: shows with sh and openssl alone that an entry is in the custody log."""

from __future__ import annotations

TEXT = rb"""#!/bin/sh
# Shows that an entry is in a custody log (RFC 6962) whose state was signed.
# Needs only sh, sed, od and openssl. In the folder of the package:
#   sh log/check_inclusion.sh ENTRY PROOF CHECKPOINT [KEY]
# Prints "Included" and ends with 0, or says what does not fit and ends with 1.
set -eu
LC_ALL=C
export LC_ALL

entry=$1
proof=$2
checkpoint=$3
key=${4:-keys/device.pub.pem}

fail() {
    echo "NOT INCLUDED: $1 ($entry)"
    exit 1
}

# Writes hexadecimal digits as bytes.
bytes() {
    rest=$1
    while [ -n "$rest" ]; do
        others=${rest#??}
        printf "\\$(printf '%03o' "0x${rest%"$others"}")"
        rest=$others
    done
}

# Hashes what it reads: SHA-256 in hexadecimal.
hash() {
    openssl dgst -sha256 | sed 's/.*= *//'
}

# 1. From the entry to the root: each line of the proof has the other half of the next hash.
reached=
root=
while read -r word value more; do
    [ -z "$more" ] && [ "${#value}" -eq 64 ] || fail "a line of the proof is broken"
    case $value in *[!0-9a-f]*) fail "a line of the proof is broken" ;; esac
    [ -z "$root" ] || fail "the proof goes on behind its root"
    case $word in
        leaf)
            [ -z "$reached" ] || fail "the proof has two leaves"
            reached=$({ printf '\000'; cat "$entry"; } | hash)
            [ "$reached" = "$value" ] || fail "the proof is of another entry"
            ;;
        left) reached=$({ printf '\001'; bytes "$value$reached"; } | hash) ;;
        right) reached=$({ printf '\001'; bytes "$reached$value"; } | hash) ;;
        root) root=$value ;;
        *) fail "a line of the proof is broken" ;;
    esac
done < "$proof"
[ -n "$root" ] && [ "$reached" = "$root" ] || fail "the proof leads to another root"

# 2. The root is that of the checkpoint (C2SP tlog-checkpoint).
said=$(sed -n 3p "$checkpoint" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
[ "$said" = "$root" ] || fail "the checkpoint has another root"

# 3. The checkpoint is signed with the key: text, empty line, name, 4 bytes of key id, signature.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sed '/^$/,$d' "$checkpoint" > "$work/text"
sed -n '$s/^[^ ]* [^ ]* //p' "$checkpoint" | openssl base64 -d -A | tail -c +5 > "$work/signature"
openssl dgst -sha256 -verify "$key" -signature "$work/signature" "$work/text" > "$work/told" 2>&1 ||
    fail "the checkpoint is not signed with the key"

echo "Included"
"""
"""ASCII; `LC_ALL=C` so that the dash in the checkpoint's last line is just three bytes."""
