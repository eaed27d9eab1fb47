"""`check_zip.sh`: shows with sh, unzip and gzip alone that no bit of the zip's own was changed.

What a zip holds besides its files (dates, modes, offsets) is nothing that sha256sum sees, and
unzip does not look at all of it. In a package it follows from the files (`container`), so the
script writes the zip anew from what was unpacked and compares the two byte for byte. The sums that
a zip wants are at the end of what gzip writes (RFC 1952, 2.3.1).
"""

from __future__ import annotations

NAME = "check_zip.sh"

TEXT = rb"""#!/bin/sh
# Shows that a zip holds the unpacked files and nothing else: writes it anew and compares.
# Needs only sh, unzip, gzip and cmp. Where the zip was unpacked:
#   sh NAME/check_zip.sh NAME.zip
# Prints "Same" and ends with 0, or says what differs and ends with 1.
set -eu
LC_ALL=C
export LC_ALL

zip=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Writes a number in two bytes, or in four, the lowest first.
two() {
    printf "\\$(printf '%03o' $(($1 % 256)))\\$(printf '%03o' $(($1 / 256 % 256)))"
}
four() {
    two $(($1 % 65536))
    two $(($1 / 65536))
}

unzip -Z1 "$zip" > "$work/names"
: > "$work/directory"
: > "$work/new"
at=0
count=0
while IFS= read -r name; do
    size=$(($(wc -c < "$name")))
    gzip -1 -c < "$name" | tail -c 8 > "$work/sums"
    tail -c 4 "$work/sums" >> "$work/sums"
    {
        printf 'PK\003\004\024\000\000\000\000\000\000\000\041\000'
        cat "$work/sums"
        two ${#name}
        printf '\000\000%s' "$name"
        cat "$name"
    } >> "$work/new"
    {
        printf 'PK\001\002\024\003\024\000\000\000\000\000\000\000\041\000'
        cat "$work/sums"
        two ${#name}
        printf '\000\000\000\000\000\000\000\000\000\000\244\201'
        four "$at"
        printf '%s' "$name"
    } >> "$work/directory"
    at=$((at + 30 + ${#name} + size))
    count=$((count + 1))
done < "$work/names"
{
    cat "$work/directory"
    printf 'PK\005\006\000\000\000\000'
    two "$count"
    two "$count"
    four "$(($(wc -c < "$work/directory")))"
    four "$at"
    printf '\000\000'
} >> "$work/new"

cmp "$work/new" "$zip" || exit 1
echo "Same"
"""
