"""What lies where in a sealed folder: one capture on disk, or a whole case in a package.

Both are BagIt bags (RFC 8493), so one check serves both. In a package each capture keeps the
seal that it got when it was made: its payload lies in `data/items/NNNN/`, everything else of its
own bag in `data/items/NNNN/seal/`.
"""

from __future__ import annotations

import re

DECLARATION = "bagit.txt"
INFO = "bag-info.txt"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
SIGNATURE = "tagmanifest-sha256.txt.sig"
PUBLIC_KEY = "keys/device.pub.pem"
CERTIFICATE = "keys/device.crt"
INSTRUCTIONS = "VERIFY.txt"
PAYLOAD = "data/"
RECORD = "capture.json"
CUSTODY = "data/CUSTODY.csv"
ITEMS = "data/items/"
SEAL = "seal/"

REQUIRED = (DECLARATION, INFO, MANIFEST, TAG_MANIFEST, SIGNATURE, PUBLIC_KEY, CERTIFICATE)
UNLISTED = frozenset({TAG_MANIFEST, SIGNATURE})
"""What the tag manifest cannot list: itself and what is made from it."""

_ITEM_FOLDER = re.compile(r"data/items/[0-9]{4,6}/")


def item_folder(number: int) -> str:
    """Return the folder of a capture in a package; numbers count from 1."""
    return f"{ITEMS}{number:04}/"


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
