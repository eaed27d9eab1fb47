"""Raw files of cameras: what develops them stays, and everything else goes."""

from __future__ import annotations

import struct

import pytest

from fuzz.invariant import hold
from sharewise.formats import engine, judge
from sharewise.formats.contract import Depth, Kind, Plan, Refused, Report, Wish
from support.formats import clean, examine
from support.images import SECRET
from support.raws import RAWS, SERIAL, nef, noise, orf, rw2

NAMED = Wish(frozenset({Kind.DEVICE}))
NUMBERED = Wish(frozenset({Kind.DEVICE, Kind.SERIAL}))

each_raw = pytest.mark.parametrize("name", list(RAWS))


def refused(data: bytes, wish: Wish = NAMED) -> str:
    cleaning = examine(data, wish).cleaning
    assert isinstance(cleaning, Refused), cleaning
    return cleaning.reason


def enciphered() -> bytes:
    return nef(b"", b"0204" + noise(700))


@each_raw
def test_all_goes_but_the_name_of_the_camera(name: str) -> None:
    data = RAWS[name](SECRET)
    examined = examine(data, NAMED)
    assert examined.report.format == name
    assert {Kind.LOCATION, Kind.SERIAL, Kind.PERSON, Kind.TIME, Kind.MAKER_NOTE} <= {
        finding.kind for finding in examined.report.findings
    }
    assert isinstance(examined.cleaning, Plan)
    assert Kind.DEVICE.value in examined.cleaning.kept
    assert Kind.DEVICE not in examined.cleaning.removed
    cleaned = engine.apply(examined.cleaning, data)
    assert SECRET not in cleaned
    assert SERIAL not in cleaned
    assert b"2025:05:03" not in cleaned


@each_raw
def test_nothing_but_the_camera_is_found_afterwards(name: str) -> None:
    cleaned = clean(RAWS[name](SECRET), NAMED)
    for depth in Depth:
        report = engine.run(judge.inspect(engine.source_of(cleaned), depth), cleaned)
        assert isinstance(report, Report)
        assert {finding.kind for finding in report.findings} == {Kind.DEVICE}


@each_raw
def test_without_leave_to_keep_the_name_it_is_refused(name: str) -> None:
    for data in (RAWS[name](SECRET), clean(RAWS[name](SECRET), NAMED)):
        assert "--keep device" in refused(data, Wish())


@each_raw
def test_what_must_hold_for_every_file_holds(name: str) -> None:
    data = RAWS[name](SECRET)
    for one in (data, clean(data, NAMED), data[: len(data) // 2], data[:900]):
        hold(one)


@each_raw
def test_name_that_is_too_long_to_be_one_is_refused(name: str) -> None:
    data = RAWS[name](SECRET)
    count = data.index(struct.pack("<HH", 272, 2) if data[:2] == b"II" else b"\1\x10\0\2") + 4
    longer = struct.pack("<I" if data[:2] == b"II" else ">I", 99)
    assert refused(data[:count] + longer + data[count + 4 :])


def test_enciphered_colours_need_the_serial_number() -> None:
    data = enciphered()
    assert "serial" in refused(data)
    cleaned = clean(data, NUMBERED)
    assert SERIAL in cleaned
    assert {Kind.DEVICE, Kind.SERIAL} == {
        finding.kind for finding in examine(cleaned, NUMBERED).report.findings
    }


@pytest.mark.parametrize("balance", [b"0101", b"none", b"0299"])
def test_white_balance_of_unknown_kind_is_refused(balance: bytes) -> None:
    assert refused(nef(SECRET, balance))


def test_words_among_the_needed_numbers_are_refused() -> None:
    data = orf(SECRET)
    black = struct.pack("<4H", 64, 64, 64, 64)
    assert data.count(black) == 1
    kept = clean(data, NAMED)
    assert black in kept
    assert "unusual" in refused(nef(SECRET, b"0204" + noise(300) + SECRET * 30), NUMBERED)


def test_words_behind_the_pixels_of_a_panasonic_are_refused() -> None:
    assert "unusual" in refused(rw2(SECRET) + 2 * SECRET)


def test_needed_value_that_lies_elsewhere_is_refused() -> None:
    data = RAWS["CR2"](SECRET)
    row = data.index(struct.pack("<HHI", 0x4001, 3, 582))
    (at,) = struct.unpack_from("<I", data, row + 8)
    assert "unusual" in refused(data[: row + 8] + struct.pack("<I", at + 9000) + data[row + 12 :])


def test_notes_of_an_unknown_kind_are_refused() -> None:
    data = orf(SECRET).replace(b"OLYMPUS\0II", b"OLYMPIA\0II")
    assert "maker's notes" in refused(data)


def test_a_sony_is_refused() -> None:
    data = nef(SECRET).replace(b"NIKON CORPORATION\0", b"SONY\0" + bytes(13))
    assert examine(data, NAMED).report.format == "ARW"
    assert "maker's notes" in refused(data)
