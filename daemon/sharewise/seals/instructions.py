"""`VERIFY.txt`: how a stranger checks a package with unzip, sha256sum and openssl alone.

Lines that begin with two spaces and "$ " are commands for a shell; a test runs every one of them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from sharewise.seals import container_script, layout
from sharewise.seals.problems import limits_of

PROMPT = "  $ "
MAC_DATE = """For the time-stamp write, in place of what stands between "$(" and ")" behind -attime:
    date -j -u -f '%b %e %T %Y %Z' "$at" +%s
"""

_DIGEST = "sha256sum --check --strict --quiet"
_SIGNED = (
    f"-signature {layout.SIGNATURE} {layout.TAG_MANIFEST}"  # relative to the folder it stands in
)


@dataclass(frozen=True, slots=True)
class StampToCheck:
    """A time-stamp in the package."""

    number: int
    """Of the capture's folder."""
    at: int
    """When it was given, in seconds since 1970: its certificate was valid then."""


def build(
    *,
    package: str,
    key: str,
    has_captures: bool,
    has_zip_check: bool = False,
    has_log: bool = False,
    stamps: Sequence[StampToCheck] = (),
    is_stamped: bool = False,
) -> bytes:
    """Return the text for a package called `package` (without ".zip"), signed by this key.

    `key` is the fingerprint of the public key: SHA-256, hexadecimal; `is_stamped`: the package as
    a whole is time-stamped.
    """
    # Nothing that came in the package is run before its hash and the signature are checked.
    steps = [_unpacking(package), _files(is_stamped=is_stamped), _signature(key)]
    if is_stamped:
        steps.append(_package_stamp())
    if has_zip_check:
        steps.append(_zip(package))
    if has_captures:
        steps.append(_captures())
    if has_log:
        steps.append(_log())
    if stamps:
        steps.append(_stamps(stamps))
    sections = [
        _opening(package),
        *(_numbered(number, *step) for number, step in enumerate(steps, start=1)),
        _other_systems(is_stamped=is_stamped),
        _meaning(is_stamped=is_stamped or bool(stamps)),
    ]
    return "\n".join(sections).encode()


def _numbered(number: int, title: str, text: str) -> str:
    heading = f"{number}. {title}"
    return f"{heading}\n{'-' * len(heading)}\n{text}"


def commands(text: str) -> tuple[str, ...]:
    """Return the commands of a VERIFY.txt, in order."""
    return tuple(line.removeprefix(PROMPT) for line in text.splitlines() if line.startswith(PROMPT))


def _opening(package: str) -> str:
    return f"""HOW TO CHECK THIS PACKAGE
=========================

You need no special program and no connection: only unzip, gzip, sha256sum and openssl, which
every Linux has. Type the lines that begin with "$ " (without the "$ ") in a terminal, in the folder
where this zip lies:
{package}.zip
A step went well if it prints what is said below it. If anything else appears, the package was
changed or damaged: keep it as it is and ask for it again.

With Sharewise installed one line does it all:
sharewise verify {package}.zip
"""


def _unpacking(package: str) -> tuple[str, str]:
    return (
        "Unpack",
        f"""{PROMPT}unzip -q {package}.zip
{PROMPT}cd {package}

Both print nothing. If you got a folder and no zip, go into that folder.
If you were told the SHA-256 of the zip itself, it is what this prints:
sha256sum ../{package}.zip
""",
    )


def _files(*, is_stamped: bool) -> tuple[str, str]:
    stamp = f"echo {layout.STAMP}; echo {layout.STAMP_SIGNATURE}; " if is_stamped else ""
    everything = (
        f"cut -c 67- {layout.MANIFEST} {layout.TAG_MANIFEST}; "
        f"echo {layout.TAG_MANIFEST}; echo {layout.SIGNATURE}; {stamp}"
        "find . ! -type d | cut -c 3-"
    )
    return (
        "Is every file there and unchanged?",
        f"""{PROMPT}{_DIGEST} {layout.TAG_MANIFEST}
{PROMPT}{_DIGEST} {layout.MANIFEST}

Both print nothing. A file that was changed or lost is named with "FAILED".

{PROMPT}! {{ {everything}; }} | LC_ALL=C sort | LC_ALL=C uniq -u | grep .

Prints nothing. A file that was added, and is in no list, is named.
""",
    )


def _signature(key: str) -> tuple[str, str]:
    return (
        "Who signed the list of files?",
        f"""{PROMPT}openssl dgst -sha384 -verify {layout.PUBLIC_KEY} {_SIGNED}

Prints "Verified OK". The signature is ECDSA on the curve P-384 with SHA-384, in DER.

{PROMPT}openssl x509 -in {layout.CERTIFICATE} -noout -pubkey | diff - {layout.PUBLIC_KEY}

Prints nothing: the certificate is one of the same key.

{PROMPT}openssl pkey -pubin -in {layout.PUBLIC_KEY} -outform DER | openssl dgst -sha256

Prints the fingerprint of the key. When the package was made it was
{key}
This line could be forged together with the key: compare the fingerprint with one that the
person gave you another way, on paper or by telephone.

Did all of this go well? Then go on: what follows also runs short scripts that came in the package,
and now you know that they are the signer's. With a signer you do not trust, read them first.
""",
    )


def _package_stamp() -> tuple[str, str]:
    ours = f"openssl dgst -sha384 -verify {layout.PUBLIC_KEY} -signature {layout.STAMP_SIGNATURE}"
    told = f"openssl ts -reply -in {layout.STAMP} -text 2>/dev/null | sed -n 's/^Time stamp: //p'"
    theirs = f"openssl ts -verify -data {layout.SIGNATURE} -in {layout.STAMP}"
    trusted = f'-CAfile {layout.STAMP_ROOTS} -attime "$(date -u -d "$at" +%s)"'
    return (
        "Since when is the package as it is?",
        f"""Somebody else, a time-stamping authority, confirmed when the signature was there.

{PROMPT}{ours} {layout.STAMP}

Prints "Verified OK": the signer put this time-stamp in, and not one bit of it was changed.

{PROMPT}at=$({told}); echo "$at"; {theirs} {trusted}

Prints the time and "Verification: OK": by the word of that authority the package existed then. What
openssl says of its configuration does not matter. The authority's certificate came with the
package, and anybody can make one: compare its SHA-256 with what the authority publishes. This
prints it:

{PROMPT}openssl x509 -in {layout.STAMP_ROOTS} -noout -subject -fingerprint -sha256
""",
    )


def _zip(package: str) -> tuple[str, str]:
    return (
        "The zip itself",
        f"""{PROMPT}( cd .. && sh {package}/{container_script.NAME} {package}.zip )

Prints "Same": the zip holds what was unpacked and nothing else, to the last bit. The script needs
only sh, unzip and gzip. If you got a folder and no zip, leave this step out.
""",
    )


def _captures() -> tuple[str, str]:
    payload = f"sed 's/  data[/]/  /' {layout.SEAL}{layout.MANIFEST} | {_DIGEST} -"
    seal = f"cd {layout.SEAL[:-1]} && {_DIGEST} {layout.TAG_MANIFEST}"
    signed = f"openssl dgst -sha384 -verify {layout.PUBLIC_KEY} {_SIGNED}"
    one = f'( cd "$one" && {payload} && {seal} && {signed} )'
    return (
        "Each capture's own seal",
        f"""Every capture was sealed by itself on the day it was made. Its seal lies beside it.

{PROMPT}( for one in {layout.ITEMS}*/; do {one} || exit 1; done )

Prints "Verified OK" once for each folder in {layout.ITEMS[:-1]}.
""",
    )


def _log() -> tuple[str, str]:
    check = f"sh {layout.CHECK_SCRIPT}"
    pair = '"$one" "${one%.json}.txt"'
    return (
        "The custody log",
        f"""Everything that was done with the case is an entry in a log that can only grow. Each
line of {layout.CUSTODY} is one; the proofs show that they are in the log. {layout.CHECK_SCRIPT}
is a short script for sh and openssl: read it first if you like.

{PROMPT}{check} {layout.ENTRY} {layout.PROOF} {layout.CHECKPOINT}

Prints "Included": the entry of this export is in the log whose state in {layout.CHECKPOINT}
is signed with the same key.

{PROMPT}( for one in {layout.ENTRIES}*.json; do {check} {pair} {layout.CHECKPOINT} || exit 1; done )

Prints "Included" once for each other line of {layout.CUSTODY}.
""",
    )


def _stamps(stamps: Sequence[StampToCheck]) -> tuple[str, str]:
    lines = []
    for stamp in stamps:
        where = layout.stamp_names(stamp.number)
        over = f"-data {where.checkpoint} -in {where.token}"
        trusted = f"-CAfile {layout.STAMP_ROOTS} -attime {stamp.at}"
        lines += [
            f"{PROMPT}openssl ts -verify {over} {trusted}",
            f"{PROMPT}sh {layout.CHECK_SCRIPT} {where.entry} {where.proof} {where.checkpoint}",
        ]
    commands_text = "\n".join(lines)
    return (
        "Time-stamps",
        f"""Somebody else confirmed when these states of the log were there, each with the capture
of the same number in {layout.ITEMS} in it. {layout.STAMP_ROOTS} came with the package: compare it
with what the time-stamping authority publishes.

{commands_text}

Prints "Verification: OK" and "Included" for each. What openssl says of its configuration does not
matter.
""",
    )


def _other_systems(*, is_stamped: bool) -> str:
    date = MAC_DATE if is_stamped else ""
    return f"""On other systems
----------------
macOS: write "shasum -a 256" where "sha256sum" stands; the rest is the same. A file that is
called .DS_Store is a note of the system's own.
{date}Windows has no one line for it. For a single file, PowerShell prints its SHA-256 with
    Get-FileHash -Algorithm SHA256 {layout.MANIFEST}
and the command line with
    certutil -hashfile {layout.MANIFEST} SHA256
Compare it with the file's line in {layout.TAG_MANIFEST} or {layout.MANIFEST}
(capitals do not matter). For the signature Windows needs openssl; Git for Windows brings it,
and sha256sum and unzip too: in its "Git Bash" all lines above can be used.
"""


def _meaning(*, is_stamped: bool) -> str:
    limits = "\n".join(
        textwrap.fill(limit, 94, initial_indent="- ", subsequent_indent="  ")
        for limit in limits_of(is_stamped=is_stamped)
    )
    return f"""What this proves
----------------
- The files are, byte for byte, those that the holder of the key signed.
- None was added, removed or changed since.

What this does not prove
------------------------
{limits}

What is in here
---------------
{layout.ITEMS}NNNN/     one capture: {layout.RECORD} says where, when and how it was made and
                     what is missing; a capture with "INCOMPLETE" in it lacks a part
{layout.REPORT}      the report for people: begin there
{layout.CUSTODY}     what happened to this case, and when
{layout.INCIDENT}   what the person recorded of the incident, if they did
{layout.MANIFEST}  SHA-256 of every file in data/
{layout.TAG_MANIFEST}  SHA-256 of every other file, {layout.MANIFEST} too
The folder is a BagIt bag (RFC 8493).
"""
