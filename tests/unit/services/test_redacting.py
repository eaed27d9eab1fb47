"""A redacted copy: one picture, linked to its original by the hash, and none of its words."""

from __future__ import annotations

import io

import pytest

from sharewise.base.codes import ErrorCode
from sharewise.base.errors import SharewiseError
from sharewise.pictures.redaction import Area
from sharewise.seals.digests import digest_of
from sharewise.seals.record import ClockRecord, PartRecord
from sharewise.services.record import CaptureFile, parse
from sharewise.services.redacting import RedactedCopy, redacted_copy
from support.evidence import page, picture

NAME = "screenshot-full.png"


def original() -> CaptureFile:
    contents = {NAME: picture(), "text.txt": b"words", "page.mhtml": b"page"}
    media = {NAME: "image/png", "text.txt": "text/plain", "page.mhtml": "multipart/related"}
    return CaptureFile(
        schema="sharewise-capture-1",
        item_id="00000000000000a1",
        status="COMPLETE",
        page=page(),
        daemon_version="0.1.0",
        daemon_operating_system="Linux",
        clock=ClockRecord("2026-03-05T10:00:00.000Z", "2026-03-05T10:00:01.000Z", 1.0, 0.0),
        parts=tuple(
            PartRecord(name, media[name], len(content), digest_of(content).sha256)
            for name, content in contents.items()
        ),
        missing=(),
    )


def made(name: str = NAME) -> RedactedCopy:
    return redacted_copy(
        original(),
        name,
        io.BytesIO(picture()),
        [Area(0, 0, 2, 2)],
        item_id="00000000000000a2",
        made_at_utc="2026-03-05T11:00:00.000Z",
    )


def test_it_is_linked_to_the_original_by_its_hash() -> None:
    source = made().told.redacted_from
    assert source is not None
    assert (source.item_id, source.name, source.boxes) == ("00000000000000a1", NAME, 1)
    assert source.sha256 == digest_of(picture()).sha256


def test_only_the_new_picture_and_its_record_are_in_it() -> None:
    copy = made()
    assert copy.files.keys() == {"redacted/screenshot-full.png", "capture.json"}
    assert parse(copy.files["capture.json"]) == copy.told
    (part,) = copy.told.parts
    assert part.sha256 == digest_of(copy.files[part.name]).sha256
    assert part.sha256 != digest_of(picture()).sha256
    assert {missing.name for missing in copy.told.missing} == {"text.txt", "page.mhtml"}


@pytest.mark.parametrize("name", ["text.txt", "absent.png", "../capture.json"])
def test_only_a_picture_of_the_capture_can_be_redacted(name: str) -> None:
    with pytest.raises(SharewiseError) as refused:
        made(name)
    assert refused.value.code is ErrorCode.BAD_PART
