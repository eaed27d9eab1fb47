"""`capture.json`: what the browser said of the page, and what the daemon added when it sealed."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from sharewise.seals.record import ClockRecord, PartRecord
from sharewise.wire.captures import CaptureRecord, Missing

SCHEMA: Final = "sharewise-capture-1"


class Stitching(msgspec.Struct, frozen=True):
    """How the full picture was put together from shots of the scrolled page."""

    tile_count: int
    width: int
    height: int
    """In device pixels."""
    has_gaps: bool


class RedactedFrom(msgspec.Struct, frozen=True):
    """What a redacted copy was made of."""

    item_id: str
    name: str
    """Of the picture in that capture."""
    sha256: str
    boxes: int
    """How many parts were blacked out."""


class OwnPicture(msgspec.Struct, frozen=True):
    """A picture on the page that is one of the person's own, as far as fingerprints tell."""

    label: str
    """What the person calls it."""
    address: str
    distance: int
    """In how many of 256 bits the fingerprints differ; 31 at most."""


class CaptureFile(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The whole record. `page` is as the browser gave it; every other field is the daemon's."""

    schema: Literal["sharewise-capture-1"]
    item_id: str
    status: Literal["COMPLETE", "INCOMPLETE"]
    page: CaptureRecord
    daemon_version: str
    daemon_operating_system: str
    clock: ClockRecord
    parts: tuple[PartRecord, ...]
    missing: tuple[Missing, ...]
    stitching: Stitching | None = None
    matches: tuple[OwnPicture, ...] = ()
    """The person's own pictures that the page shows."""
    redacted_from: RedactedFrom | None = None
    """Of a redacted copy; the rest then tells of the capture that it is a copy of."""


def build(record: CaptureFile) -> bytes:
    """Return the file's bytes; what the browser could not tell is absent, not null."""
    tree = msgspec.to_builtins(record)
    tree["page"] = {name: value for name, value in tree["page"].items() if value is not None}
    return msgspec.json.format(msgspec.json.encode(tree), indent=2) + b"\n"


def parse(untrusted: bytes) -> CaptureFile | None:
    """Return the record, or None if these bytes are none."""
    try:
        return msgspec.json.decode(untrusted, type=CaptureFile)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
