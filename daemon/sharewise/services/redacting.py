"""Makes a redacted copy of a capture: one picture with parts blacked out, and a record of its own.

The original is never changed. The copy's record says of which picture it was made, by its hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import msgspec

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.pictures.redaction import Area, redacted
from sharewise.seals.digests import digest_of
from sharewise.seals.record import ClockRecord, PartRecord
from sharewise.services import record
from sharewise.services.record import CaptureFile, RedactedFrom
from sharewise.wire.captures import Missing

FOLDER = "redacted/"
LEFT_OUT = "It is not in the redacted copy."


@dataclass(frozen=True, slots=True)
class RedactedCopy:
    """What is sealed: files by their names in the payload, without `data/`."""

    files: Mapping[str, bytes]
    told: CaptureFile


def redacted_copy(
    original: CaptureFile,
    name: str,
    picture: BinaryIO,
    areas: Sequence[Area],
    *,
    item_id: str,
    made_at_utc: str,
) -> RedactedCopy:
    """Return a copy of a capture with one picture only, parts of it in black.

    Raises SharewiseError: BAD_PART if the capture has no such picture, and as `redacted`.
    """
    parts = {part.name: part for part in original.parts if part.media_type == "image/png"}
    source = parts.get(name)
    if source is None:
        raise SharewiseError(ErrorCode.BAD_PART, "This capture has no such picture.")
    content = redacted(picture, areas)
    target = FOLDER + name.removeprefix(FOLDER).replace("/", "-")
    digest = digest_of(content)
    # The page's own words could give away what was blacked out: only what leads to it stays.
    others = [part.name for part in original.parts if part.name != name]
    told = msgspec.structs.replace(
        original,
        item_id=item_id,
        clock=ClockRecord(made_at_utc, made_at_utc, 0.0, 0.0),
        parts=(PartRecord(target, "image/png", digest.size_bytes, digest.sha256),),
        missing=tuple(Missing(other, LEFT_OUT) for other in others),
        stitching=None,
        matches=(),
        redacted_from=RedactedFrom(original.item_id, name, source.sha256, len(areas)),
    )
    return RedactedCopy({target: content, "capture.json": record.build(told)}, told)
