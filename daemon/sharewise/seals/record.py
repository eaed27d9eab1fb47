"""`capture.json` as far as a check relies on it; `services.record` has the whole of it."""

from __future__ import annotations

from typing import Literal

import msgspec


class PartRecord(msgspec.Struct, frozen=True):
    """One file of the capture."""

    name: str
    media_type: str
    size_bytes: int
    sha256: str


class ClockRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of the clocks, so that differing times can be explained."""

    begun_at_utc: str
    """The computer's clock when the first message of the capture arrived."""
    sealed_at_utc: str
    elapsed_s: float
    """Between the two by a clock that never jumps."""
    jump_s: float
    """How far the wall clock moved away from `elapsed_s`; far from 0: somebody set it."""
    server_difference_s: float | None = None
    """The click by this computer's clock minus the server's `Date`."""


class SealedRecord(msgspec.Struct, frozen=True):
    """What of the record is held against the files beside it; other fields are not looked at."""

    status: Literal["COMPLETE", "INCOMPLETE"]
    clock: ClockRecord
    parts: tuple[PartRecord, ...]
    item_id: str = ""


def parse(untrusted: bytes) -> SealedRecord | None:
    """Return the record, or None if these bytes are none."""
    try:
        return msgspec.json.decode(untrusted, type=SealedRecord)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
