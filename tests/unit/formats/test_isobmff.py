"""The boxes that videos and modern pictures share: bounds, and edits that move nothing."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharewise.base.errors import Malformed
from sharewise.formats import engine, isobmff
from sharewise.formats.contract import Span
from sharewise.formats.isobmff import Box, Boxes
from sharewise.formats.plans import Cut
from sharewise.formats.reading import Reader
from support.movies import box, full


def walked(data: bytes) -> Boxes:
    reader = Reader(engine.source_of(data))
    return engine.run(isobmff.walk(reader, 0, len(data), "X"), data)


def top(data: bytes, limit: int = 99) -> Boxes:
    reader = Reader(engine.source_of(data))
    steps = isobmff.walk_top(reader, "X", (b"mdat",), limit=limit, glance_bytes=64)
    return engine.run(steps, data)


def applied(data: bytes, cuts: list[Cut]) -> bytes:
    changed = bytearray(data)
    for cut in cuts:
        assert len(cut.insert) == cut.length
        changed[cut.offset : cut.offset + cut.length] = cut.insert
    return bytes(changed)


def test_boxes_of_every_kind_of_header_are_walked() -> None:
    data = box(b"aaaa", b"12") + box(b"bbbb", b"345", large=True) + box(b"uuid", b"U" * 16, b"6")
    found = walked(data).boxes
    assert [(one.kind, one.header, one.size) for one in found] == [
        (b"aaaa", 8, 2),
        (b"bbbb", 16, 3),
        (b"uuid", 24, 1),
    ]
    assert found[2].user_type == b"U" * 16
    assert walked(data).rest == Span(len(data), 0)


@pytest.mark.parametrize(
    "broken",
    [
        b"\0\0\0",
        struct.pack(">I4s", 7, b"tiny"),
        struct.pack(">I4s", 0, b"open"),
        struct.pack(">I4s", 9, b"long"),
        struct.pack(">I4sQ", 1, b"huge", 2**63),
        struct.pack(">I4s", 1, b"half"),
        struct.pack(">I4s", 12, b"uuid") + bytes(4),
    ],
)
def test_what_is_no_box_is_the_rest(broken: bytes) -> None:
    data = box(b"good", b"1") + broken
    found = walked(data)
    assert [one.kind for one in found.boxes] == [b"good"]
    assert found.rest == Span(9, len(broken))


def test_last_box_of_a_file_may_be_open_if_it_is_known() -> None:
    known = top(box(b"good") + struct.pack(">I4s", 0, b"mdat") + b"123")
    assert known.boxes[1].is_open
    assert known.boxes[1].size == 3
    unknown = top(box(b"good") + struct.pack(">I4s", 0, b"else") + b"123")
    assert unknown.rest == Span(8, 11)


def test_box_that_breaks_off_is_malformed_where_it_is_needed() -> None:
    with pytest.raises(Malformed):
        top(box(b"good") + struct.pack(">I4s", 99, b"mdat") + b"123")
    assert top(box(b"good") + struct.pack(">I4s", 99, b"else") + b"123").rest.length == 11


def test_limit_of_boxes_holds() -> None:
    assert len(top(box(b"good") * 9, limit=4).boxes) == 4


def test_freed_box_is_of_the_same_size_and_all_zero() -> None:
    for one in (
        box(b"aaaa", b"secret"),
        box(b"aaaa", b"secret", large=True),
        box(b"uuid", b"U" * 16, b"secret"),
        box(b"aaaa", b"secret" * 50_000),
    ):
        data = box(b"good") + one + box(b"good")
        cleaned = applied(data, isobmff.freed(walked(data).boxes[1]))
        kept = walked(cleaned)
        assert [found.kind for found in kept.boxes] == [b"good", b"free", b"good"]
        assert [found.offset for found in kept.boxes] == [
            found.offset for found in walked(data).boxes
        ]
        assert not any(cleaned[kept.boxes[1].start : kept.boxes[1].end])


def test_long_stretches_of_zeros_share_their_memory() -> None:
    cuts = isobmff.blanked(Span(0, 10 * isobmff.BLANK_BYTES + 5))
    assert len({id(cut.insert) for cut in cuts}) == 2
    assert sum(cut.length for cut in cuts) == 10 * isobmff.BLANK_BYTES + 5


def test_padding_is_unwanted_unless_it_is_empty() -> None:
    data = box(b"free", bytes(9)) + box(b"skip", b"\0x") + box(b"wide") + box(b"good", b"x")
    reader = Reader(engine.source_of(data))
    boxes = engine.run(isobmff.walk(reader, 0, len(data), "X"), data).boxes
    found = engine.run(isobmff.unwanted_padding(boxes), data)
    assert [one.kind for one in found] == [b"skip"]


def test_brands_are_those_of_ftyp() -> None:
    assert isobmff.brands(box(b"ftyp", b"isom", bytes(4), b"mp42avc1")) == (
        b"isom",
        b"mp42",
        b"avc1",
    )
    assert isobmff.brands(box(b"moov", bytes(64))) == ()
    assert isobmff.brands(struct.pack(">I4s", 2**32 - 1, b"ftyp") + b"isom") == ()


def test_handler_keeps_its_type_and_loses_its_names() -> None:
    iso = full(b"hdlr", bytes(4), b"vide", bytes(12), b"VideoHandler\0")[8:]
    quicktime = full(b"hdlr", b"mhlr", b"vide", b"appl", bytes(8), b"\x04Core")[8:]
    assert isobmff.handler_name(iso) == b"VideoHandler"
    assert isobmff.handler_name(quicktime) == b"Core"
    for payload in (iso, quicktime):
        neutral = isobmff.neutral_handler(payload)
        assert len(neutral) == len(payload)
        assert neutral[8:12] == b"vide"
        assert neutral[4:8] == payload[4:8]
        assert not any(neutral[12:])
        assert isobmff.neutral_handler(neutral) == neutral


def test_times_are_read_in_both_widths() -> None:
    seconds = 3_834_000_000
    short = full(b"mvhd", struct.pack(">II", seconds, 0))[8:]
    wide = full(b"mvhd", struct.pack(">QQ", 0, seconds), version=1)[8:]
    assert isobmff.created_at(short) == isobmff.created_at(wide) == "2025-06-29T00:00:00+00:00"
    assert isobmff.created_at(full(b"mvhd", bytes(8))[8:]) is None
    assert isobmff.created_at(full(b"mvhd", struct.pack(">QQ", 2**63, 0), version=1)[8:]) is None
    # counted from 1970, as some cameras do
    unix = full(b"mvhd", struct.pack(">II", 1_751_000_000, 0))[8:]
    assert (isobmff.created_at(unix) or "").startswith("2025-06-27")


def test_names_of_boxes_are_fit_to_be_shown() -> None:
    assert isobmff.shown(b"\xa9xyz") == "©xyz"
    assert isobmff.shown(b"a\0/\xff") == "a???"


@given(st.binary(max_size=400))
def test_any_bytes_are_walked_within_bounds(data: bytes) -> None:
    found = walked(data)
    at = 0
    for one in found.boxes:
        assert isinstance(one, Box)
        assert one.offset == at
        assert one.offset + 8 <= one.start <= one.end <= len(data)
        at = one.end
    assert found.rest == Span(at, len(data) - at)
