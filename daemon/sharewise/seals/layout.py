"""What lies where in a sealed folder: one capture on disk, or a whole case in a package.

Both are BagIt bags (RFC 8493), so one check serves both. In a package each capture keeps the
seal that it got when it was made: its payload lies in `data/items/NNNN/`, everything else of its
own bag in `data/items/NNNN/seal/`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DECLARATION = "bagit.txt"
INFO = "bag-info.txt"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
SIGNATURE = "tagmanifest-sha256.txt.sig"
STAMP = "tagmanifest-sha256.txt.sig.tsr"
"""A time-stamp (RFC 3161) over the signature, if `bag-info.txt` says that there is one."""
STAMP_SIGNATURE = "tagmanifest-sha256.txt.sig.tsr.sig"
"""The signer's over the time-stamp as it lies here: a token leaves some of its own bytes open."""
PUBLIC_KEY = "keys/device.pub.pem"
CERTIFICATE = "keys/device.crt"
INSTRUCTIONS = "VERIFY.txt"
PAYLOAD = "data/"
RECORD = "capture.json"
CUSTODY = "data/CUSTODY.csv"
REPORT = "data/REPORT.pdf"
INCIDENT = "data/incident.json"
ITEMS = "data/items/"
SEAL = "seal/"
CHECKPOINT = "log/checkpoint"
ENTRY = "log/entry.json"
"""The custody log's entry of this export, the last line of CUSTODY.csv."""
PROOF = "log/inclusion.txt"
ENTRIES = "log/entries/"
"""The other lines' entries and proofs, by the number of the line: 0001.json, 0001.txt."""
STAMPS = "log/stamps/"
"""For each capture that has a time-stamp a folder with the number of the capture's own."""
STAMP_ROOTS = "keys/tsa-root.pem"
CHECK_SCRIPT = "log/check_inclusion.sh"

REQUIRED = (DECLARATION, INFO, MANIFEST, TAG_MANIFEST, SIGNATURE, PUBLIC_KEY, CERTIFICATE)
UNLISTED = frozenset({TAG_MANIFEST, SIGNATURE})
"""What the tag manifest cannot list: itself and what is made from it."""
STAMP_FILES = frozenset({STAMP, STAMP_SIGNATURE})
"""What it cannot list either, of a bag that is time-stamped as a whole."""

_ITEM_FOLDER = re.compile(r"data/items/[0-9]{4,6}/")


def item_folder(number: int) -> str:
    """Return the folder of a capture in a package; numbers count from 1."""
    return f"{ITEMS}{number:04}/"


def entry_names(line: int) -> tuple[str, str]:
    """Return where the log entry of a line of CUSTODY.csv lies, and its proof; counted from 1."""
    return f"{ENTRIES}{line:04}.json", f"{ENTRIES}{line:04}.txt"


@dataclass(frozen=True, slots=True)
class StampNames:
    """Where what belongs to one capture's time-stamp lies."""

    checkpoint: str
    token: str
    entry: str
    proof: str


def stamp_names(number: int) -> StampNames:
    """Return where a capture's time-stamp lies; `number` is that of its folder."""
    folder = f"{STAMPS}{number:04}/"
    return StampNames(
        f"{folder}checkpoint",
        f"{folder}checkpoint.tsr",
        f"{folder}entry.json",
        f"{folder}inclusion.txt",
    )


def item_folder_of(name: str) -> str | None:
    """Return the capture's folder that a member of a package lies in, or None."""
    found = _ITEM_FOLDER.match(name)
    return found.group() if found else None


def name_in_package(folder: str, name: str) -> str:
    """Return where a file of a capture's own bag lies in a package."""
    if name.startswith(PAYLOAD):
        return folder + name.removeprefix(PAYLOAD)
    return folder + SEAL + name


def name_in_bag(folder: str, name: str) -> str:
    """Return the name in a capture's own bag of a member below its folder in a package."""
    rest = name.removeprefix(folder)
    if rest.startswith(SEAL):
        return rest.removeprefix(SEAL)
    return PAYLOAD + rest
