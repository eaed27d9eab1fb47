"""MP4 and QuickTime: what a person wishes to keep, and files that are broken or lie."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewise.base.errors import Malformed
from sharewise.formats import engine, judge
from sharewise.formats.contract import AlreadyClean, Depth, Kind, Plan, Report, Wish
from support.formats import Traffic, clean, converse, examine, is_clean
from support.movies import (
    MADE,
    Movie,
    box,
    full,
    keyed_notes,
    movie,
    picture,
    played,
    sound,
    text_note,
)

PLACE = "+45.7640+004.8357/"


def values(data: bytes, kind: Kind) -> list[str | None]:
    return [one.value for one in examine(data).report.findings if one.kind is kind]


# --- wishes -------------------------------------------------------------------------------------


def test_kept_facts_stand_in_the_place_of_the_notes() -> None:
    notes = keyed_notes(location_ISO6709=PLACE, make="Example", model="Phone 7", comment="x" * 200)
    data = movie(moov_boxes=notes).build()
    wish = Wish(frozenset({Kind.DEVICE, Kind.LOCATION}))
    plan = examine(data, wish).cleaning
    assert isinstance(plan, Plan)
    assert plan.kept == ("device", "location")
    cleaned = engine.apply(plan, data)
    assert len(cleaned) == len(data)
    assert values(cleaned, Kind.DEVICE) == ["Example Phone 7"]
    assert values(cleaned, Kind.LOCATION) == ["45.764,4.8357"]
    assert b"comment" not in cleaned
    assert isinstance(examine(cleaned, wish).cleaning, AlreadyClean)
    assert isinstance(examine(cleaned).cleaning, Plan)


def test_coarse_place_is_rounded() -> None:
    data = movie(moov_boxes=keyed_notes(location_ISO6709=PLACE, comment="x" * 99)).build()
    wish = Wish(has_coarse_location=True)
    assert values(clean(data, wish), Kind.LOCATION) == ["45.8,4.8"]


def test_what_has_no_room_is_not_claimed() -> None:
    data = Movie([picture(made=MADE)], made=MADE).build()
    plan = examine(data, Wish(frozenset({Kind.TIME}))).cleaning
    assert isinstance(plan, Plan)
    assert plan.kept == ()


# --- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        box(b"ftyp", b"isom", bytes(4)),
        box(b"ftyp", b"isom", bytes(4)) + struct.pack(">I4sQ", 1, b"mdat", 2**63),
        box(b"ftyp", b"isom", bytes(4)) + struct.pack(">I4s", 2**31, b"moov") + bytes(64),
        movie().build()[:-100],
        box(b"ftyp", b"isom", bytes(4)) + box(b"moov", full(b"mvhd", b"short")),
        box(b"ftyp", b"isom", bytes(4)) + box(b"moov", box(b"cmov", bytes(16))),
    ],
)
def test_broken_film_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        examine(data)


def test_count_of_a_thousand_million_samples_is_not_believed() -> None:
    data = movie().build()
    for kind, at in ((b"stsz", 12), (b"stco", 8), (b"stsc", 8), (b"stts", 8)):
        place = data.index(kind) + at
        bomb = data[:place] + struct.pack(">I", 10**9) + data[place + 4 :]
        try:
            judged = examine(bomb).cleaning
        except Malformed:
            continue
        assert not isinstance(judged, Plan) or is_clean(engine.apply(judged, bomb))


def test_samples_in_every_chunk_without_end_are_not_believed() -> None:
    data = bytearray(movie().build())
    at = data.index(b"stsc") + 12
    data[at + 4 : at + 8] = struct.pack(">I", 2**32 - 1)
    examine(bytes(data))


def test_quick_look_does_not_read_the_tables() -> None:
    long = picture(chunks=[[b"x"]] * 60_000)
    data = Movie([long, sound()], moov_boxes=box(b"udta", text_note(b"\xa9xyz", PLACE))).build()
    traffic = Traffic()
    steps = judge.inspect(engine.source_of(data), Depth.QUICK)
    report = converse(steps, data, traffic)
    assert isinstance(report, Report)
    assert Kind.LOCATION in {one.kind for one in report.findings}
    assert traffic.bytes < 64 * 1024 < len(data)


@settings(max_examples=40, deadline=None)
@given(
    secret=st.binary(min_size=8, max_size=300).filter(any),
    kind=st.binary(min_size=4, max_size=4),
)
def test_unknown_box_anywhere_leaves_nothing_behind(secret: bytes, kind: bytes) -> None:
    hidden = box(kind, b"\xfe\xfd" + secret + b"\xfd\xfe")
    known = {
        b"moov",
        b"mdat",
        b"trak",
        b"mvhd",
        b"moof",
        b"pssh",
        b"sidx",
        b"ssix",
        b"styp",
        b"pdin",
    }
    if kind in known | {b"cmov", b"rmra", b"mvex", b"pdin"}:
        return
    for data in (
        movie(before=hidden).build(),
        movie(moov_boxes=hidden).build(),
        Movie([picture(extra=hidden)]).build(),
    ):
        cleaned = clean(data)
        assert b"\xfe\xfd" + secret + b"\xfd\xfe" not in cleaned
        assert played(cleaned) == played(data)
